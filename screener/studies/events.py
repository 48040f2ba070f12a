"""Event studies of contract announcements and capital raises, from what was public on a day."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from screener.days import Day, as_day
from screener.errors import NotKnown
from screener.gathering import BITCOIN, InputData
from screener.loading import add_daily_closes
from valuation import events
from valuation.contracts.arithmetic import AI_KINDS
from valuation.errors import NotEstimable
from valuation.events import AFTER_CLOSE, EVENT_COLUMNS, EventStudies, EventStudy

MILLION = 1e6
BILLION = 1e9
# Headlines and contract rows of one company this close together are about the same announcement.
SAME_NEWS_DAYS = 10
NO_DAYS = np.array([], dtype="datetime64[ns]")
# How a row says that the day of the announcement is not known; such a day would blur the window around it.
UNSURE_DAY = r"placeholder|approximate|first sight|dated by|article date|day inferred|day of the announcement not read"
DAYS_BEFORE = 250  # 130 trading days of estimation and its gap before the first event
BTC_HELD = "btc_held"
BITCOIN_WITHIN = pd.Timedelta(days=2)  # a week that ends on Thursday takes Friday's bitcoin
KINDS = ("contracts", "raises")
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
    bitcoin: pd.Series | None
    notes: tuple[str, ...]


def event_studies(
    data: InputData,
    as_of: Day,
    *,
    frequency: str = "weekly",
    kinds: tuple[str, ...] = KINDS,
    progress: Callable[[str], None] | None = None,
) -> EventStudies:
    """What contracts and capital raises did to prices, for everything public by a day.

    Parameters
    ----------
    frequency : {"weekly", "daily"}
        Daily closes are asked of the data's live source; without one a daily study is not possible.
    kinds : of `contracts` and `raises`

    Raises
    ------
    NotKnown
        No closes, no events, or closes further apart than `frequency`.
    SourceError
        The live source could not be reached.
    """
    as_of = as_day(as_of)
    found = announcements(data, as_of)
    raised = capital_raises(data, as_of)
    wanted = {"contracts": found.events, "raises": raised}
    asked = pd.concat([wanted[kind] for kind in kinds], ignore_index=True)
    if asked.empty:
        raise NotKnown(f"no {' or '.join(kinds)} known on or before {as_of:%Y-%m-%d}")
    if frequency == "daily":
        data = add_daily_closes(data, [*data.miners, BITCOIN], since_first(asked), as_of, progress)
    closes = closes_around(data, as_of, frequency)
    results: dict[str, EventStudy | None] = dict.fromkeys(KINDS)
    try:
        if "contracts" in kinds:
            around = confounders(data, as_of, "contracts", found.events, raised)
            results["contracts"] = events.study(
                closes.miners, closes.bitcoin, found.events, frequency=frequency, confounders=around
            )
        if "raises" in kinds:
            around = confounders(data, as_of, "raises", found.events, raised)
            study = events.excess_around(closes.miners, raised, frequency=frequency, confounders=around)
            undated = events.without_announcement(_transactions(data, as_of), raised)
            left_out = pd.concat([study.left_out, undated], ignore_index=True)
            results["raises"] = replace(study, left_out=left_out)
    except NotEstimable as error:
        raise NotKnown(f"{error}; see --source and --frequency") from error
    return EventStudies(
        **results, unsure=found.unsure, source=data.source, frequency=frequency,
        last_close=closes.miners.index[-1], notes=closes.notes,
    )  # fmt: skip


def announcements(data: InputData, as_of: pd.Timestamp) -> Announcements:
    """AI and HPC contracts of miners, from the contract book and from the headlines that it does not explain."""
    owners = data.miners
    book = data.contracts
    book = book[book["ticker"].isin(owners) & book["kind"].isin(AI_KINDS) & (book["announced_on"] <= as_of)]
    news = _events(data, as_of, ("contract",))
    news = news[news["ticker"].isin(owners)]
    first = news.drop_duplicates(["ticker", "date"])
    headlines = dict(zip(zip(first["ticker"], first["date"], strict=True), first["headline"], strict=True))
    announced = {ticker: days.to_numpy() for ticker, days in book.groupby("ticker")["announced_on"]}
    rows = []
    for row in book.itertuples(index=False):
        known = (row.ticker, row.announced_on)
        headline = headlines[known] if known in headlines else _describe(row)
        rows.append((row.ticker, row.announced_on, headline, _says_unsure(row.evidence)))
    for row in news.itertuples(index=False):
        apart = np.abs(announced.get(row.ticker, NO_DAYS) - np.datetime64(row.date))
        if not (apart <= np.timedelta64(SAME_NEWS_DAYS, "D")).any():
            rows.append((row.ticker, row.date, row.headline, _says_unsure(row.headline)))
    frame = pd.DataFrame(rows, columns=["ticker", "date", "headline", "unsure"]).assign(kind="contract")
    frame["date"] = pd.to_datetime(frame["date"])
    frame = frame.sort_values(["date", "ticker", "unsure"], kind="stable").drop_duplicates(["ticker", "date"])
    unsure = frame["unsure"].astype(bool)
    return Announcements(
        frame.loc[~unsure, EVENT_COLUMNS].reset_index(drop=True),
        frame.loc[unsure, EVENT_COLUMNS].reset_index(drop=True),
    )


def capital_raises(data: InputData, as_of: pd.Timestamp) -> pd.DataFrame:
    """Capital raises of miners announced by a day, by instrument."""
    told = data.raises
    return events.raises(told[(told["announced_on"] <= as_of) & told["ticker"].isin(data.miners)])


def confounders(
    data: InputData, as_of: pd.Timestamp, kind: str, signed: pd.DataFrame, raised: pd.DataFrame
) -> pd.DataFrame:
    """What else moved the company around an event.

    Parameters
    ----------
    kind : {"contracts", "raises"}
        Around contracts: financings (by their announcement; the day the money moved where none is on file), results and
        m&a; around raises: results, m&a and contracts.
    signed, raised : DataFrame
        From `announcements` and `capital_raises` of the same day.
    """
    if kind == "contracts":
        moved = events.without_announcement(_transactions(data, as_of), raised)
        parts = [_events(data, as_of, CONFOUND_CONTRACTS), *(one.assign(kind="financing") for one in (raised, moved))]
    else:
        parts = [_events(data, as_of, CONFOUND_RAISES), signed]
    every = pd.concat(parts, ignore_index=True)
    every[AFTER_CLOSE] = every[AFTER_CLOSE].eq(True) if AFTER_CLOSE in every else False
    # One that is known to come before the close stands before one that is not.
    every = every.sort_values(AFTER_CLOSE, kind="stable")
    return every.drop_duplicates(["ticker", "date", "kind"])[[*EVENT_COLUMNS, AFTER_CLOSE]]


def closes_around(data: InputData, as_of: pd.Timestamp, frequency: str) -> Closes:
    """Closes of the miners and of bitcoin up to a day, on one share basis: at each week's end, or daily, as the live
    source gave them where there is one.

    Raises
    ------
    NotKnown
        No close of a miner by then, or no bitcoin price near them.
    """
    coins = BTC_HELD not in data.none_of
    if frequency == "daily" and data.live is not None:
        wide = data.daily.pivot(index="date", columns="ticker", values="close_usd").sort_index()
        coin = wide.pop(BITCOIN).dropna() if BITCOIN in wide else pd.Series(dtype=float, index=pd.DatetimeIndex([]))
        notes = tuple(f"{data.live.title}: {failure}" for failure in data.daily_failures)
        return _closes(wide.dropna(how="all"), coin if coins else None, notes)
    closes = data.adjusted_closes(as_of, data.miners)
    if closes.empty:
        raise NotKnown(f"no close of a miner is known on or before {as_of:%Y-%m-%d}")
    return _closes(
        events.week_ends(closes) if frequency == "weekly" else closes, data.bitcoin(as_of) if coins else None, ()
    )


def since_first(found: pd.DataFrame) -> pd.Timestamp:
    """The first daily close that a study of these events can use."""
    return found["date"].min() - pd.Timedelta(days=DAYS_BEFORE)


def _closes(miners: pd.DataFrame, bitcoin: pd.Series | None, notes: tuple[str, ...]) -> Closes:
    if bitcoin is None:
        return Closes(miners, None, notes)
    near = bitcoin.reindex(miners.index, method="nearest", tolerance=BITCOIN_WITHIN) if len(bitcoin) else bitcoin
    near = near.reindex(miners.index)
    if near.isna().all():
        raise NotKnown("no bitcoin price on the days of the closes: the market model cannot be estimated")
    return Closes(miners, near, notes)


def _events(data: InputData, as_of: pd.Timestamp, kinds: tuple[str, ...]) -> pd.DataFrame:
    found = data.events
    return found.loc[(found["date"] <= as_of) & found["kind"].isin(kinds), EVENT_COLUMNS]


def _transactions(data: InputData, as_of: pd.Timestamp) -> pd.DataFrame:
    """Transactions of miners that had happened and were public."""
    deals = data.transactions
    return deals[(deals["date"] <= as_of) & (deals["published_on"] <= as_of) & deals["ticker"].isin(data.miners)]


def _says_unsure(text: object) -> bool:
    return isinstance(text, str) and re.search(UNSURE_DAY, text.lower()) is not None


def _describe(contract: Any) -> str:
    """A contract in a few words: counterparty, MW, value; what is not announced is left out."""
    parts = [str(contract.counterparty) if pd.notna(contract.counterparty) else "undisclosed tenant"]
    if pd.notna(contract.critical_it_mw):
        parts.append(f"{contract.critical_it_mw:.0f} MW")
    if pd.notna(contract.total_value_usd):
        value = contract.total_value_usd
        parts.append(f"{value / BILLION:.1f}bn USD" if value >= BILLION else f"{value / MILLION:.0f}m USD")
    return ", ".join(parts)
