"""An answer of a source before the ledger keeps it: closes that cannot be, and days told twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from screener.sources.fetched import Failure, Fetched


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
        words = " and ".join(f"{one:,.10g}" for one in rows["close_usd"].unique())
        place = closes.index.get_indexer(rows.index)
        if len(rows) == 1:
            continue
        if rows["close_usd"].nunique() == 1:
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
