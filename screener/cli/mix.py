"""`screener mix`: the miners' revenue mix, and when AI revenue exceeds mining revenue."""

from __future__ import annotations

import click

from screener.cli.options import Asked, screening_options


@click.command()
@screening_options()
def mix(asked: Asked) -> None:
    """Revenue mix by quarter, the sector's bitcoin share, and when AI passes mining, actual and projected.

    \b
    screener mix --as-of 2026-10-05 --source bundled
    screener mix --format csv
    """
    from exports.tables import studies as research_tables
    from exports.terminal.mix import print_mix
    from screener.cli.context import Context
    from screener.studies import revenue_mix

    context = Context.of(asked)
    with context.working() as data:
        result = revenue_mix(context.config, data, context.as_of)
    console, day = context.console, context.as_of
    console.print(f"[bold]Revenue mix as known on {day:%Y-%m-%d}[/]: the universe's own miners, calendar quarters")
    context.print_notes()
    print_mix(
        console, result.mixed, result.sector, result.crossover, result.ahead, result.projection,
        (result.hashprice_usd, result.hashprice_on),
    )  # fmt: skip
    if context.kinds:
        tables = research_tables.of_mix(
            result.mixed, result.sector, result.crossover, result.ahead, result.projection, day
        )
        context.write(tables, "mix")
    context.finish()
