"""`screener claims`: what was said in public, checked against what is known."""

from __future__ import annotations

from pathlib import Path

import click

from screener.cli.options import Asked, screening_options


@click.command()
@screening_options()
@click.option(
    "--file",
    "own",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Your own claims in place of the universe's, with the columns of its claims.csv.",
)
@click.option("--measures", "list_measures", is_flag=True, help="List what a claim may be about, and stop.")
def claims(asked: Asked, own: Path | None, list_measures: bool) -> None:
    """Claims made in public, each measured on the day of which it speaks and today, with a verdict by one rule.

    Verdicts: holds, holds in part, does not hold, not determinable, not yet due. The files hold the source of every figure.

    \b
    screener claims --as-of 2026-10-05 --source bundled
    screener claims --file my_claims.csv --format csv
    screener claims --measures
    """
    from exports.tables.claims import claims_page, measures_page
    from screener.cli.context import Context
    from screener.studies.claims import MEASURES, check_claims, read_claims

    if list_measures:
        from exports.terminal.render import console, print_page

        listed = {name: (one.units, one.subject, one.about) for name, one in MEASURES.items()}
        print_page(measures_page(listed), console())
        return
    context = Context.of(asked)
    rows = None if own is None else read_claims(own)
    with context.working() as data:
        context.progress("checking claims")
        checked = check_claims(context.config, data, context.as_of, rows)
    context.answer(claims_page(checked), "claims")
    context.finish()
