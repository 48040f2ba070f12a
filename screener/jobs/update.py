"""The update: prices, Bitcoin network and filings asked for where due, kept in the ledger, one table of outcomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from screener import loading
from screener.errors import Busy, ScreenerError, SourceError
from screener.ledger import Ledger
from screener.sources import registry
from screener.sources.edgar import update as edgar
from screener.sources.network import update as network
from screener.sources.network import weeks
from screener.sources.registry import PARTS
from screener.sources.told import FAILED
from screener.universes import Universe

ROW_COLUMNS = ["source", "company", "outcome", "age", "failed"]


@dataclass(frozen=True)
class Updated:
    """An update, made to its end.

    Attributes
    ----------
    rows : DataFrame
        `ROW_COLUMNS`: how the last question about each company ended in words, and how long ago it was last answered
        (NaT: never); whether it failed.
    requests : dict
        Requests made now, by source.
    faults : dict
        By part (`PARTS`): why nothing was got from it at all.
    """

    rows: pd.DataFrame
    requests: dict[str, int]
    faults: dict[str, ScreenerError]


def update(
    universe: Universe,
    now: datetime,
    progress: Callable[[str], None] | None = None,
    *,
    parts: tuple[str, ...] = PARTS,
) -> Updated:
    """Ask every source for what is due; what fails stops nothing else.

    A source is asked one question after another. The Bitcoin network's two want a second between questions: these pass
    while the other sources are asked.

    Parameters
    ----------
    now : datetime
        Aware.
    progress : callable, optional
        Called with a few words on each step.
    parts : tuple of str
        Of `PARTS`.

    Raises
    ------
    Busy
        Another update of this ledger is at work.
    StoreError
        The ledger cannot be opened.
    """
    progress = progress or (lambda _: None)
    faults: dict[str, ScreenerError] = {}
    with Ledger.open() as ledger, ledger.updating():
        weekly = network.Update(ledger, now, progress, own=universe.network)
        steps: tuple[tuple[str, Callable[[], object]], ...] = (
            ("network", weekly.begin),
            ("prices", lambda: _prices(universe, now, progress)),
            ("filings", lambda: edgar.update(universe, ledger, now, progress)),
            ("network", weekly.keep),
        )
        for part, step in steps:
            if part not in parts:
                continue
            try:
                step()
            except Busy:
                raise
            except ScreenerError as error:
                faults[part] = error
        rows = [_rows(universe, ledger, now, part) for part in parts]
        requests = ledger.requests(now)
    table = pd.concat([part for part in rows if len(part)] or rows, ignore_index=True)
    return Updated(table, requests, faults)


def _prices(universe: Universe, now: datetime, progress: Callable[[str], None]) -> None:
    clock = pd.Timestamp(now)
    today = clock.tz_convert("America/New_York").tz_localize(None).normalize()
    problems = []
    for source in registry.LIVE.values():
        try:
            loading.ask_source(universe, source, today, progress, now=clock.tz_convert("UTC"))
            return
        except SourceError as error:
            problems.append(error)
    if problems:
        raise problems[0]


def _rows(universe: Universe, ledger: Ledger, now: datetime, part: str) -> pd.DataFrame:
    if part == "prices":
        return _price_rows(universe, ledger, now)
    if part == "network":
        return _network_rows(ledger, now)
    return edgar.status(universe, ledger, now)


def _price_rows(universe: Universe, ledger: Ledger, now: datetime) -> pd.DataFrame:
    """The last close of each company, and what was not got."""
    companies = list(universe.companies["ticker"])
    last = ledger.closes(companies).groupby("ticker")["date"].max()
    asked = ledger.asked()
    asked = asked[asked["source"].isin(registry.LIVE)]
    rows = []
    for ticker in companies:
        mine = asked[asked["subject"] == ticker]
        words = [f"closes to {last[ticker]:%Y-%m-%d}"] if ticker in last else ["no close yet"]
        words += [f"{row.what}: {row.message}" for row in mine.itertuples(index=False) if row.message]
        good = mine["good"].max() if len(mine) else pd.NaT
        rows.append(
            (_source(mine), ticker, "; ".join(words), pd.Timestamp(now) - good, bool((mine["ended"] == FAILED).any()))
        )
    return pd.DataFrame(rows, columns=ROW_COLUMNS)


def _source(asked: pd.DataFrame) -> str:
    return str(asked["source"].iloc[0]) if len(asked) else next(iter(registry.LIVE))


def _network_rows(ledger: Ledger, now: datetime) -> pd.DataFrame:
    """The last week of each source of the Bitcoin network, and what was not got."""
    held, rows = ledger.network(), []
    for source in weeks.ORDER:
        asked = ledger.asked(source)
        mine = held[held["source"] == source]
        words = [f"weeks to {mine['date'].max():%Y-%m-%d}"] if len(mine) else ["no week needed yet"]
        failed = asked[asked["ended"] == FAILED]
        words += [f"{row.what}: {row.message}" for row in failed.itertuples(index=False)]
        good = asked["good"].max() if len(asked) else pd.NaT
        rows.append((source, "", "; ".join(words), pd.Timestamp(now) - good, len(failed) > 0))
    return pd.DataFrame(rows, columns=ROW_COLUMNS)
