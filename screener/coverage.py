"""Which outputs of a universe will be n/a, and why: told by `screener universe check`, before anybody waits for them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from exports.commentary.labels import plain_reason
from screener.errors import ScreenerError
from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.screen import screen_on, value_dates
from screener.universes import Universe
from valuation.errors import ValuationError
from valuation.gap.estimate import LEAST_MEMBERS
from valuation.screen import Screen

EV, EV_PER_MW = "enterprise_value_usd", "ev_per_mw_secured"
# What somebody can do about a cause, by a part of it.
REMEDIES = {
    "btc_held unknown": "state btc_held in financials.csv (0 where none is held), or coins = false in [sector]",
    "bitcoin price unknown": "give btc_usd in network.csv",
    "ether price unknown": "state eth_fair_value in financials.csv",
    "shares_outstanding unknown": "state shares_outstanding in financials.csv",
    "debt_total unknown": "state debt_total in financials.csv (0 where there is none)",
    "cash unknown": "state cash in financials.csv",
    "price_usd unknown": "give a close in prices.csv",
    "secured_mw unknown": "state mw_secured in capacity.csv",
    "hashrate and mining revenue unknown": "state hashrate_operating_eh in capacity.csv (0 where nothing is mined), or "
    "mining = false in [sector]",
    "hashprice_usd unknown": "give hashrate and reward in network.csv",
}
WEEKS_OF_HISTORY = 8
MOST_NAMED = 6


def unavailable(universe: Universe) -> list[str]:
    """What will be n/a on the day of the universe's last close, an output and its reason a line; empty where all is there.

    The universe is screened on that day, so that what is said here is what a run will say.
    """
    closes = universe.prices.loc[universe.prices["ticker"].isin(universe.companies["ticker"]), "date"].dropna()
    if closes.empty:
        return ["every output: no close of a company in prices.csv"]
    as_of = closes.max()
    try:
        config, data = resolve_config(universe), InputData.of(universe)
        screen = screen_on(config, data, value_dates(config, data, as_of), as_of)
    except (ScreenerError, ValuationError) as error:
        return [f"every output: {error}"]
    return [*_values(screen), *_group(screen), *_files(universe, data, as_of), *_sector(universe)]


def _values(screen: Screen) -> Iterator[str]:
    """Enterprise values, and EV per MW, that will be unknown."""
    inside = screen.table["excluded"] == ""
    for metric, title in ((EV, "enterprise value"), (EV_PER_MW, "EV per secured MW")):
        missing = screen.status.index[inside & (screen.status[metric] == "missing")]
        if metric == EV_PER_MW:
            missing = [one for one in missing if screen.status.at[one, EV] != "missing"]
        by_cause: dict[str, list[str]] = {}
        for ticker in missing:
            causes = [one for one in screen.causes.at[ticker, metric].split("; ") if one.endswith(" unknown")]
            by_cause.setdefault("; ".join(causes) or screen.causes.at[ticker, metric], []).append(str(ticker))
        for cause, tickers in by_cause.items():
            remedy = "; ".join(said for part, said in REMEDIES.items() if part in cause)
            words = plain_reason(f"{metric} missing: {cause}", metric)
            yield f"{title} of {_named(tickers)}: {words}" + (f"; {remedy}" if remedy else "")


def _group(screen: Screen) -> Iterator[str]:
    """The comparison of the groups, and the regression."""
    row = screen.gap.headline
    sizes = {screen.sector.names["pivot"]: row["n_pivot"], screen.sector.names["bitcoin"]: row["n_bitcoin"]}
    small = [f"{int(n)} in the {name}" for name, n in sizes.items() if n < LEAST_MEMBERS]
    if small:
        yield f"gap: {' and '.join(small)} with a known EV per secured MW, {LEAST_MEMBERS} needed in each group ([groups])"
    if screen.regression is None:
        yield f"regression: {screen.regression_note}"


def _files(universe: Universe, data: InputData, as_of: pd.Timestamp) -> Iterator[str]:
    """Outputs whose file is not there or has no row."""
    weeks = len(data.weeks(as_of - pd.Timedelta(days=3650), as_of))
    if weeks < WEEKS_OF_HISTORY:
        yield f"gap history, indicators, backtest and risk of a portfolio: {weeks} weekly closes in prices.csv"
    if universe.contracts.empty:
        yield "contracts, backlog, DCF and NAV of leases, events and signing: no row in contracts.csv"
    elif universe.events.empty and universe.raises.empty:
        yield "events of headlines and capital raises: no row in events.csv and raises.csv"
    if universe.claims.empty:
        yield "claims: no row in claims.csv"
    if universe.comparables.empty and universe.deals.empty:
        yield "comparables: no row in comparables.csv and deals.csv"
    if "market" not in universe.settings.get("benchmarks", {}):
        yield "beta of a portfolio to the market: no market in [benchmarks] of universe.toml"


def _sector(universe: Universe) -> Iterator[str]:
    """What does not apply since the companies hold no coins or do not mine, and how that is known."""
    stated = universe.settings.get("sector", {})
    for has, key, commands, why in (
        (universe.sector.mining, "mining", "mining, mix and scenarios of the network", "no company mines"),
        (universe.sector.coins, "coins", "coins of the EV bridge and of NAV", "no company holds coins"),
    ):
        if not has:
            known = (
                f"{key} = false in [sector]"
                if key in stated
                else f"no row states any; {key} = true in [sector] if one may"
            )
            yield f"{commands}: {why} ({known})"


def _named(tickers: list[str]) -> str:
    more = len(tickers) - MOST_NAMED
    return ", ".join(tickers[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
