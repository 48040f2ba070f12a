"""`screener mix`: the miners' revenue mix, and when AI revenue exceeds mining revenue."""

from __future__ import annotations

import click

from screener.cli.options import Asked, screening_options


@click.command()
@screening_options()
def mix(asked: Asked) -> None:
    """Revenue mix by quarter, the sector's bitcoin share, and when AI revenue exceeds mining revenue.

    \b
    screener mix --as-of 2026-10-05 --source bundled
    screener mix --format csv
    """
    from exports.tables.mix import mix_page
    from screener.cli.context import Context, require_mining
    from screener.studies import revenue_mix

    context = Context.of(asked)
    require_mining(context, "mix")
    with context.working() as data:
        result = revenue_mix(context.config, data, context.as_of)
    context.answer(mix_page(result, context.as_of), "mix")
    context.finish()
