"""`screener signing`: does signing a first AI contract lift the value?"""

from __future__ import annotations

from datetime import datetime

import click

from screener.cli.options import Asked, screening_options


@click.command()
@screening_options()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Start of the changes within companies.  [default: a year before the as-of date]",
)
def signing(asked: Asked, since: datetime | None) -> None:
    """Price, EV and EV per secured MW around each miner's first AI contract, against miners that have not signed.

    Staggered difference-in-differences from 13 weeks before to 26 weeks after, with permutation intervals, the run-up, the
    range without each event and an imputation estimator; then the change within companies since a date, by group.

    \b
    screener signing --as-of 2026-10-05 --source bundled
    screener signing --since 2026-01-16
    screener signing --format json,csv
    """
    import pandas as pd

    from exports.tables.signing import signing_page
    from screener.cli.context import Context
    from screener.studies.signing import signing_study

    context = Context.of(asked)
    start = None if since is None else pd.Timestamp(since)
    if start is not None and start > context.as_of:
        raise click.BadParameter(f"{start:%Y-%m-%d} is after {context.as_of:%Y-%m-%d}", param_hint="--since")
    with context.working() as data:
        context.progress("valuing every week")
        result = signing_study(context.config, data, context.as_of, since=start)
    context.answer(signing_page(result), "signing")
    context.finish()
