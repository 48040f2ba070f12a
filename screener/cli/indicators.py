"""`screener indicators`: revenue mix, signed contracts, power by use and price divergence, week by week."""

from __future__ import annotations

from datetime import datetime

import click

from screener.cli.options import Asked, screening_options

NAMES = ("revenue-mix", "contracts", "power", "price-divergence")


@click.command()
@click.argument("name", required=False, type=click.Choice(NAMES), metavar="[" + "|".join(NAMES) + "]")
@screening_options()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2024-01-05",
    show_default="2024-01-05",
    metavar="DATE",
    help="First week of the series.",
)
def indicators(asked: Asked, name: str | None, since: datetime) -> None:
    """Four indicators week by week, each week with what was then known: one of them, or all.

    revenue-mix: bitcoin's and AI's share of recurring revenue. contracts: signed value, MW and tenants. power: secured GW
    by use, and the share of network hashrate. price-divergence: price indices of the two groups. The page shows the last
    week of each quarter; the files hold every week.

    \b
    screener indicators --as-of 2026-10-05 --source bundled
    screener indicators power --since 2025-01-03
    screener indicators price-divergence --format csv,json
    """
    import pandas as pd

    from exports.tables.indicators import indicators_page
    from screener.cli.context import Context
    from screener.studies.indicators import indicators as measured

    context = Context.of(asked)
    start = pd.Timestamp(since)
    if start > context.as_of:
        raise click.BadParameter(f"{start:%Y-%m-%d} is after {context.as_of:%Y-%m-%d}", param_hint="--since")
    with context.working() as data:
        context.progress("valuing every week")
        result = measured(context.config, data, context.as_of, since=start)
    names = NAMES if name is None else (name,)
    context.answer(indicators_page(result, names), "indicators" if name is None else f"indicators_{name}")
    context.finish()
