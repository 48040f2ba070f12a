"""What an event study works on: announcements, capital raises, and the closes around them, as known on a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from screener.errors import NotKnown
from screener.universes import Universe
from valuation import events
from valuation.events import EVENT_COLUMNS
from valuation.fundamentals.contract_schedule import AI_KINDS

BITCOIN = "BTC-USD"
MILLION = 1e6
BILLION = 1e9
# Headlines and contract rows of one company this close together tell of the same announcement.
SAME_NEWS_DAYS = 10
# How a row says that the day of the announcement is not known; such a day would blur the window around it.
UNSURE_DAY = r"placeholder|approximate|first sight|dated by|article date|day inferred|day of the announcement not read"
DAYS_BEFORE = 250  # 130 trading days of estimation and its gap before the first event
WEEKS_BEFORE_DAYS = 420
BITCOIN_WITHIN = pd.Timedelta(days=2)  # a week that ends on Thursday takes Friday's bitcoin
CONFOUND_CONTRACTS = ("financing", "results", "m&a")
CONFOUND_RAISES = ("results", "m&a", "contract")


@dataclass(frozen=True)
class Announcements:
    """Contract announcements up to a day.

    Attributes
    ----------
    events : DataFrame
        ticker, date, kind (`contract`), headline: one a company and day.
    unsure : DataFrame
        The same for those whose day is not known, which no study can place.
    """

    events: pd.DataFrame
    unsure: pd.DataFrame


@dataclass(frozen=True)
class Closes:
    """Closes of the miners and of bitcoin on one share basis, and what is missing of them."""

    miners: pd.DataFrame
    bitcoin: pd.Series
    notes: tuple[str, ...]


def announcements(universe: Universe, as_of: pd.Timestamp) -> Announcements:
    """AI and HPC contracts of miners, from the contract book and from the headlines that it does not explain."""
    owners = _miners(universe)
    book = universe.contracts
    book = book[book["ticker"].isin(owners) & book["kind"].isin(AI_KINDS) & (book["announced_on"] <= as_of)]
    news = _events(universe, as_of, ("contract",))
    news = news[news["ticker"].isin(owners)]
    rows = []
    for row in book.itertuples(index=False):
        near = news[(news["ticker"] == row.ticker) & _within(news["date"], row.announced_on)]
        exact = near[near["date"] == row.announced_on]
        headline = exact["headline"].iloc[0] if len(exact) else _describe(row)
        rows.append((row.ticker, row.announced_on, headline, _says_unsure(row.evidence)))
    for row in news.itertuples(index=False):
        if not (book["ticker"].eq(row.ticker) & _within(book["announced_on"], row.date)).any():
            rows.append((row.ticker, row.date, row.headline, _says_unsure(row.headline)))
    frame = pd.DataFrame(rows, columns=["ticker", "date", "headline", "unsure"]).assign(kind="contract")
    frame["date"] = pd.to_datetime(frame["date"])
    frame = frame.sort_values(["date", "ticker", "unsure"], kind="stable").drop_duplicates(["ticker", "date"])
    unsure = frame["unsure"].astype(bool)
    return Announcements(
        frame.loc[~unsure, EVENT_COLUMNS].reset_index(drop=True),
        frame.loc[unsure, EVENT_COLUMNS].reset_index(drop=True),
    )


def capital_raises(universe: Universe, as_of: pd.Timestamp) -> pd.DataFrame:
    """Capital raises of miners that had happened and were public, by instrument."""
    deals = universe.transactions
    known = (deals["date"] <= as_of) & (deals["published_on"] <= as_of) & deals["ticker"].isin(_miners(universe))
    return events.raises(deals[known])


def confounders(universe: Universe, as_of: pd.Timestamp, kind: str) -> pd.DataFrame:
    """What else moved the company: financings, results and m&a around contracts; results, m&a and contracts around
    raises. `kind` is `contracts` or `raises`."""
    if kind == "contracts":
        raised = capital_raises(universe, as_of).assign(kind="financing")
        parts = [_events(universe, as_of, CONFOUND_CONTRACTS), raised]
    else:
        parts = [_events(universe, as_of, CONFOUND_RAISES), announcements(universe, as_of).events]
    return pd.concat(parts, ignore_index=True).drop_duplicates(["ticker", "date", "kind"])[EVENT_COLUMNS]


def bundled_closes(universe: Universe, as_of: pd.Timestamp, frequency: str) -> Closes:
    """The universe's own closes up to a day, on the share basis of the last one.

    Raises
    ------
    NotKnown
        No close of a miner by then.
    """
    prices = universe.prices
    mine = prices[(prices["date"] <= as_of) & prices["ticker"].isin(_miners(universe))]
    if mine.empty:
        raise NotKnown(f"no close of a miner is known on or before {as_of:%Y-%m-%d}")
    splits = universe.splits[universe.splits["first_day_on_new_basis"] <= as_of]
    wide = events.adjust_for_splits(_wide(mine), splits)
    network = universe.network[universe.network["date"] <= as_of].dropna(subset="btc_usd").set_index("date")
    return _closes(wide, network["btc_usd"].sort_index(), frequency, ())


def yahoo_closes(universe: Universe, since: pd.Timestamp, until: pd.Timestamp, frequency: str) -> Closes:
    """Daily closes from Yahoo on today's share basis, or the last ones of each week.

    Raises
    ------
    SourceError
        Yahoo gave no close at all.
    """
    from screener.sources import yahoo

    got = yahoo.daily_closes([*_miners(universe), BITCOIN], since, until, split_adjusted=True)
    wide = _wide(got.closes)
    notes = tuple(f"Yahoo: {failure}" for failure in got.failures)
    bitcoin = wide.pop(BITCOIN).dropna() if BITCOIN in wide else pd.Series(dtype=float, index=pd.DatetimeIndex([]))
    traded = wide.dropna(how="all")
    return _closes(traded, bitcoin, frequency, notes)


def since_first(found: pd.DataFrame, frequency: str) -> pd.Timestamp:
    """The first close that a study of these events can use."""
    before = DAYS_BEFORE if frequency == "daily" else WEEKS_BEFORE_DAYS
    return found["date"].min() - pd.Timedelta(days=before)


def _closes(wide: pd.DataFrame, bitcoin: pd.Series, frequency: str, notes: tuple[str, ...]) -> Closes:
    chosen = events.week_ends(wide) if frequency == "weekly" else wide
    near = bitcoin.reindex(chosen.index, method="nearest", tolerance=BITCOIN_WITHIN) if len(bitcoin) else bitcoin
    near = near.reindex(chosen.index)
    if near.isna().all():
        raise NotKnown("no bitcoin price on the days of the closes: the market model cannot be estimated")
    return Closes(chosen, near, notes)


def _wide(closes: pd.DataFrame) -> pd.DataFrame:
    return closes.pivot(index="date", columns="ticker", values="close_usd").sort_index()


def _miners(universe: Universe) -> list[str]:
    return sorted(universe.companies.loc[universe.companies["role"] == "miner", "ticker"])


def _events(universe: Universe, as_of: pd.Timestamp, kinds: tuple[str, ...]) -> pd.DataFrame:
    found = universe.events
    return found.loc[(found["date"] <= as_of) & found["kind"].isin(kinds), EVENT_COLUMNS]


def _within(dates: pd.Series, day: pd.Timestamp) -> pd.Series:
    return (dates - day).abs() <= pd.Timedelta(days=SAME_NEWS_DAYS)


def _says_unsure(text: object) -> bool:
    return isinstance(text, str) and bool(pd.Series([text.lower()]).str.contains(UNSURE_DAY).iloc[0])


def _describe(contract: Any) -> str:
    """A contract in a few words: counterparty, MW, value; what is not announced is left out."""
    parts = [str(contract.counterparty) if pd.notna(contract.counterparty) else "undisclosed tenant"]
    if pd.notna(contract.critical_it_mw):
        parts.append(f"{contract.critical_it_mw:.0f} MW")
    if pd.notna(contract.total_value_usd):
        value = contract.total_value_usd
        parts.append(f"{value / BILLION:.1f}bn USD" if value >= BILLION else f"{value / MILLION:.0f}m USD")
    return ", ".join(parts)
