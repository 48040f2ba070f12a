"""`screener gap`: is it really 2:1?"""

from __future__ import annotations

from datetime import datetime

import click

from screener.cli.options import Asked, RegistryOption, screening_options


def _describe_axes() -> str:
    from valuation.gap.specification import axes

    listed = "; ".join(f"{name}={'|'.join(values)}" for name, values in axes().items())
    return f"Another definition than the declared headline. Axes: {listed}."


@click.command()
@screening_options()
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Add the gap's weekly history from this day."
)
@click.option(
    "--spec",
    "settings",
    metavar="AXIS=VALUE[,...]",
    multiple=True,
    cls=RegistryOption,
    describe=_describe_axes,
)
def gap(asked: Asked, since: datetime | None, settings: tuple[str, ...]) -> None:
    """The valuation gap under every definition: interval, p-value, n, specification curve, history, findings.

    \b
    screener gap --as-of 2026-01-16 --source bundled
    screener gap --since 2024-01-05
    screener gap --spec denominator=operating,net_bitcoin=no
    screener gap --format json,csv
    """
    import pandas as pd

    from exports.tables.gap import gap_page
    from screener.cli.context import Context
    from screener.studies import gap_study
    from valuation.gap.specification import Specification

    context = Context.of(asked)
    try:
        definition = Specification.parse(settings, context.config.rule.name, context.config.switches)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--spec") from error
    with context.working() as data:
        start = None if since is None else pd.Timestamp(since)
        screen, study = gap_study(context.config, data, context.as_of, definition, since=start)
    context.answer(gap_page(study), "gap", screen)
    context.finish(screen)
