"""`screener contracts`, `screener mining`, `screener nav`: what is signed, what mining earns, what it is worth."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.cli import output
from screener.cli.options import as_of_option, assumptions_option, source_option, the_day, universe_option

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from valuation.report import Report


@click.command()
@click.argument("ticker", required=False)
@universe_option
@as_of_option
@source_option
@assumptions_option
@output.machine_options
def contracts(
    ticker: str | None,
    universe: str,
    as_of: datetime | None,
    source: str,
    assumptions: Path | None,
    out: Path | None,
    wanted: str | None,
) -> None:
    """What is signed: value, years, credit, cost still to spend, funding gap, concentration; leases and GPU cloud apart.

    \b
    screener contracts --as-of 2026-01-16
    screener contracts HUT
    """
    from exports.tables import nav as worth_tables
    from exports.terminal import contracts as contract_page

    kinds = output.check(out, wanted)
    screen, console = assessed(universe, as_of, source, assumptions)
    name = None if ticker is None else known_ticker(screen, ticker)
    if name is None:
        contract_page.print_book(console, screen.nav.book, screen.as_of)
    else:
        contract_page.print_company(console, screen.nav.book, name)
    if kinds:
        stem = f"{screen.universe}_{screen.as_of:%Y-%m-%d}_contracts" + (f"_{name}" if name else "")
        output.write(worth_tables.of_contracts(screen.nav, name), out, stem, kinds)


@click.command()
@universe_option
@as_of_option
@source_option
@assumptions_option
@click.option("--site-mw", type=click.FloatRange(min=0, min_open=True), metavar="MW", help="Split a site of this size.")
@click.option("--firm-mw", type=click.FloatRange(min=0), metavar="MW", help="Its firm part.  [default: half]")
@click.option(
    "--power-prices",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Hourly prices for the site, a column usd_per_mwh.  [default: a made-up path, said so]",
)
@output.machine_options
def mining(
    universe: str,
    as_of: datetime | None,
    source: str,
    assumptions: Path | None,
    site_mw: float | None,
    firm_mw: float | None,
    power_prices: Path | None,
    out: Path | None,
    wanted: str | None,
) -> None:
    """Hashprice, each fleet's margin and breakeven, what AI earns on the same MW, and the network when hashrate leaves.

    \b
    screener mining --as-of 2026-01-16
    screener mining --site-mw 100 --firm-mw 60 --power-prices hours.csv
    """
    if site_mw is None and (firm_mw is not None or power_prices is not None):
        raise click.UsageError("--firm-mw and --power-prices need --site-mw")
    if site_mw is not None and firm_mw is not None and firm_mw > site_mw:
        raise click.BadParameter(f"{firm_mw:g} is more than the site's {site_mw:g} MW", param_hint="--firm-mw")

    from exports.tables import nav as worth_tables
    from exports.terminal import mining as mining_page

    kinds = output.check(out, wanted)
    screen, console = assessed(universe, as_of, source, assumptions)
    mining_page.print_mining(console, screen.nav)
    if site_mw is not None:
        from valuation.mining import flexible_load

        site = flexible_load.example_site(screen.nav.assumptions, screen.nav.mining, site_mw, firm_mw)
        prices = flexible_load.example_prices(screen.assumptions) if power_prices is None else hourly(power_prices)
        split = flexible_load.best_split(site, prices)
        mining_page.print_site(console, site, split, prices, power_prices.name if power_prices else "")
    if kinds:
        stem = f"{screen.universe}_{screen.as_of:%Y-%m-%d}_mining"
        output.write(worth_tables.of_mining(screen.nav), out, stem, kinds)


@click.command()
@click.argument("ticker", required=False)
@universe_option
@as_of_option
@source_option
@assumptions_option
@click.option("--draws", type=click.IntRange(1, 10_000_000), metavar="N", help="Draws of the simulation.")
@output.machine_options
def nav(
    ticker: str | None,
    universe: str,
    as_of: datetime | None,
    source: str,
    assumptions: Path | None,
    draws: int | None,
    out: Path | None,
    wanted: str | None,
) -> None:
    """Net asset value by parts, two methods side by side, the floor, what the price implies, and what to doubt.

    \b
    screener nav --as-of 2026-01-16
    screener nav CIFR
    screener nav --assumptions last_week.xlsx
    """
    from exports.tables import nav as worth_tables
    from exports.terminal import nav as nav_page
    from valuation.nav.monte_carlo import simulate

    kinds = output.check(out, wanted)
    screen, console = assessed(universe, as_of, source, assumptions)
    simulation = screen.nav.simulation if draws is None else simulate(screen.nav.nav, draws=draws)
    if ticker is None:
        nav_page.print_all(console, screen.nav, simulation)
    else:
        nav_page.print_company(console, screen.nav, simulation, known_ticker(screen, ticker))
    if kinds:
        stem = f"{screen.universe}_{screen.as_of:%Y-%m-%d}_nav"
        output.write(worth_tables.of_nav(screen.nav, simulation), out, stem, kinds)


def assessed(universe: str, as_of: datetime | None, source: str, assumptions: Path | None) -> tuple[Report, Console]:
    """The screen with contracts, mining and net assets, and a console to answer on."""
    from rich.console import Console

    from exports.terminal.screen import WIDTH
    from screener import pipeline
    from screener.cli.options import assumed, tell_changes

    console = Console(width=WIDTH, highlight=False)
    loaded, read = assumed(universe, assumptions)
    result = pipeline.run(
        loaded, the_day(as_of), source=source, assumptions=read.assumptions, switches=read.switches, nav=True
    )
    console.print(result.price_line, style="bold red" if result.prices_are_old else "dim")
    tell_changes(console, read)
    return result, console


def known_ticker(screen: Report, ticker: str) -> str:
    """The ticker in capitals; NotKnown with the nearest where the universe does not have it."""
    import difflib

    from screener.errors import NotKnown

    name = ticker.upper()
    if name in screen.table.index:
        return name
    near = difflib.get_close_matches(name, list(screen.table.index), n=3)
    raise NotKnown(f"no company {ticker!r} in {screen.universe}; nearest: {', '.join(near) or 'none'}")


def hourly(path: Path) -> pd.Series:
    """Hourly power prices from a CSV file with a column usd_per_mwh."""
    import pandas as pd

    from screener.errors import InputError, NotKnown

    if not path.is_file():
        raise NotKnown(f"no file {str(path)!r}")
    try:
        frame = pd.read_csv(path)
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: expected a CSV file with a column usd_per_mwh ({error})") from error
    if "usd_per_mwh" not in frame:
        raise InputError(f"{path.name}: expected a column usd_per_mwh, found {', '.join(map(str, frame.columns))}")
    prices = pd.to_numeric(frame["usd_per_mwh"], errors="coerce")
    bad = prices.index[prices.isna()]
    if len(bad):
        value = frame["usd_per_mwh"].iloc[bad[0]]
        raise InputError(f"{path.name}:{bad[0] + 2}: usd_per_mwh {value!r}: expected a number")
    if prices.empty:
        raise InputError(f"{path.name}: expected hourly prices, found none")
    return prices
