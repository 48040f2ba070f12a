"""`screener contracts`, `screener mining`, `screener nav`: signed contracts, mining economics, net asset value."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.cli.options import Asked, Number, screening_options

if TYPE_CHECKING:
    import pandas as pd

    from valuation.report import Report


@click.command()
@click.argument("ticker", required=False)
@screening_options()
def contracts(asked: Asked, ticker: str | None) -> None:
    """Signed contracts: value, term, credit, capex to complete, funding gap, concentration; leases and GPU cloud apart.

    \b
    screener contracts --as-of 2026-01-16 --source bundled
    screener contracts HUT
    """
    from exports.tables.contracts import contracts_page
    from screener.cli.context import Context

    context = Context.of(asked)
    screen, analysis = context.assessed()
    name = None if ticker is None else known_ticker(screen, ticker)
    context.answer(contracts_page(analysis, name), "contracts" + (f"_{name}" if name else ""), screen)
    context.finish(screen)


@click.command()
@screening_options()
@click.option(
    "--site-mw",
    type=Number(min=0, min_open=True),
    metavar="MW",
    help="Split a site of this size between lease and mining.",
)
@click.option("--firm-mw", type=Number(min=0), metavar="MW", help="Firm part of the site.  [default: half]")
@click.option(
    "--power-prices",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Hourly power prices for the site, in a column usd_per_mwh.  [default: an example path, marked as such]",
)
def mining(asked: Asked, site_mw: float | None, firm_mw: float | None, power_prices: Path | None) -> None:
    """Mining economics: hashprice, margin and breakeven per fleet, AI revenue on the same MW, hashrate scenarios.

    \b
    screener mining --as-of 2026-01-16 --source bundled
    screener mining --site-mw 100 --firm-mw 60 --power-prices hours.csv
    """
    if site_mw is None and (firm_mw is not None or power_prices is not None):
        raise click.UsageError("--firm-mw and --power-prices need --site-mw")
    if site_mw is not None and firm_mw is not None and firm_mw > site_mw:
        raise click.BadParameter(f"{firm_mw:g} is more than the site's {site_mw:g} MW", param_hint="--firm-mw")

    from exports.tables.mining import mining_page
    from screener.cli.context import Context, require_mining

    context = Context.of(asked)
    require_mining(context, "mining")
    screen, analysis = context.assessed()
    found = None
    if site_mw is not None:
        from valuation.mining import flexible_load

        site = flexible_load.example_site(analysis.assumptions, analysis.mining, site_mw, firm_mw)
        prices = flexible_load.example_prices(screen.assumptions) if power_prices is None else hourly(power_prices)
        found = site, flexible_load.best_split(site, prices), prices, power_prices.name if power_prices else ""
    context.answer(mining_page(analysis, found), "mining", screen)
    context.finish(screen)


@click.command()
@click.argument("ticker", required=False)
@screening_options()
@click.option("--draws", type=click.IntRange(1, 10_000_000), metavar="N", help="Number of draws of the simulation.")
def nav(asked: Asked, ticker: str | None, draws: int | None) -> None:
    """Net asset value by parts (DCF, and by cap rate), execution floor, what the price implies, funding, cautions.

    \b
    screener nav --as-of 2026-01-16 --source bundled
    screener nav CIFR
    screener nav --assumptions last_week.xlsx
    """
    from exports.tables.nav import nav_page
    from screener.cli.context import Context
    from valuation.nav.monte_carlo import simulate

    context = Context.of(asked)
    screen, analysis = context.assessed()
    simulation = analysis.simulation if draws is None else simulate(analysis.nav, draws=draws)
    name = None if ticker is None else known_ticker(screen, ticker)
    context.answer(nav_page(analysis, simulation, name), "nav", screen)
    context.finish(screen)


def known_ticker(screen: Report, ticker: str) -> str:
    """The ticker in capitals; NotKnown with the nearest where the universe does not have it."""
    return known_in(ticker, screen.table.index, screen.universe)


def known_in(ticker: str, tickers: Iterable[str], universe: str, renames: pd.DataFrame | None = None) -> str:
    """The ticker in capitals where it is one of `tickers`; NotKnown with a renamed or the nearest one where it is not."""
    from screener.errors import NotKnown, did_you_mean

    name, known = ticker.upper(), list(tickers)
    if name in known:
        return name
    hint = did_you_mean(name, known)
    if renames is not None:
        import pandas as pd

        from screener.renames import Renames

        hint = Renames.of(pd.DataFrame({"ticker": known}), renames).hint(name) or hint
    raise NotKnown(f"no company {ticker!r} in {universe}{hint}")


def hourly(path: Path) -> pd.Series:
    """Hourly power prices from a CSV file with a column usd_per_mwh."""
    import pandas as pd

    from screener.errors import InputError
    from screener.readers import content
    from screener.universes.reading import read
    from screener.universes.schema import NUMBER, Column, File

    column = Column(NUMBER, required=True, about="power price of an hour, USD per MWh")
    table = read(File(path.name, {"usd_per_mwh": column}, key=(), required=True), content.read(path))
    if table.problems:
        raise InputError.of(path.name, table.problems)
    if table.frame.empty:
        raise InputError(f"{path.name}: expected hourly prices, found none")
    return pd.Series(table.frame["usd_per_mwh"])
