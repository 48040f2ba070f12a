"""An answer of a source before it is kept or used: closes that cannot be, days told twice, closes out of proportion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from screener.sources.fetched import SPLIT_COLUMNS, Failure, Fetched, stack
from screener.sources.gate import closes as of_closes


def sound(answer: Fetched) -> Fetched:
    """The answer without closes that cannot be and without days told twice differently; each told as a failure.

    A day told twice with one close stands once, and is told too. What is left out here is in no ledger.
    """
    closes = answer.closes
    value = closes["close_usd"].to_numpy(dtype=float)
    impossible = ~(np.isfinite(value) & (value > 0))
    twice = closes.duplicated(["ticker", "date"], keep=False).to_numpy()
    if not (impossible | twice).any():
        return answer
    faults: dict[str, list[str]] = {}
    drop = impossible.copy()
    for (ticker, day), rows in closes[twice & ~impossible].groupby(["ticker", "date"]):
        told = rows["close_usd"].unique()
        words = " and ".join(f"{one:,.10g}" for one in told)
        place = closes.index.get_indexer(rows.index)
        if len(rows) == 1:
            continue
        if len(told) == 1:
            drop[place[:-1]] = True
            faults.setdefault(str(ticker), []).append(f"{day:%Y-%m-%d} told {len(rows)} times, {words}")
        else:
            drop[place] = True
            message = f"{day:%Y-%m-%d} told {len(rows)} times, {words}: held back, the close before stands"
            faults.setdefault(str(ticker), []).append(message)
    for ticker, rows in closes[impossible].groupby("ticker"):
        last = rows.sort_values("date").iloc[-1]
        message = f"{last['close_usd']:g} on {last['date']:%Y-%m-%d}: no close can be that; held back"
        faults.setdefault(str(ticker), []).append(message)
    return replace(answer, closes=closes[~drop].reset_index(drop=True), failures=_with(answer.failures, faults))


def proportionate(answer: Fetched, until: pd.Timestamp) -> Fetched:
    """A sound answer without the closes that are out of proportion by a day; each company's told as a failure.

    For closes that go into a study or a portfolio without the ledger; their symbols are each other's peers. An unadjusted
    close across a split is out of proportion, and held back.
    """
    answer = sound(answer)
    rows = answer.closes.assign(file=answer.source, line=np.nan)
    used, held = of_closes.judge(rows, stack([], SPLIT_COLUMNS), set(rows["ticker"]))
    faults: dict[str, list[str]] = {}
    for one in held:
        if not one.used and one.known_on <= until and not one.until <= until:
            faults.setdefault(one.ticker, []).append(one.reason)
    kept = of_closes.known(used, until)[list(answer.closes.columns)].reset_index(drop=True)
    return replace(answer, closes=kept, failures=_with(answer.failures, faults))


def _with(failures: tuple[Failure, ...], faults: dict[str, list[str]]) -> tuple[Failure, ...]:
    """The failures with these faults of closes; a question has one failure, so they join what is told of it already."""
    before = {one.symbol: one for one in failures if one.what == "closes"}
    rest = [one for one in failures if one.what != "closes" or one.symbol not in faults]
    for ticker, words in faults.items():
        told = before.get(ticker)
        kind = "partial" if told is None else told.kind
        message = "; ".join(words if told is None else [told.message, *words])
        rest.append(Failure(ticker, "closes", kind, message))
    return tuple(sorted(rest))
