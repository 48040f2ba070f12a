"""A market screened: 3,000 names x 520 weeks x 6 metrics, winsorised, z-scored, combined, the best 30 of each week.

    python benchmarks/screening.py        (needs the [parity] extra)

The rivals are pandas' groupby.transform with its compiled reducers, and polars' window expressions on all cores. All three
give the members of each week, which are compared. The limits: six times pandas, and no slower than polars.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import polars as pl

from screener.rules import Panel, ScreenRules, define, select

DATES, NAMES, BEST, TAIL, COVERAGE = 520, 3000, 30, 0.05, 0.6
METRICS = (
    "ev_per_mw_secured",
    "ev_to_backlog",
    "ev_to_contracted_noi",
    "backlog_usd",
    "secured_mw",
    "ai_share_contracted",
)
SIGNS = (-1, -1, -1, 1, 1, 1)
RUNS = 5


def market(seed: int = 20260116) -> dict[str, np.ndarray]:
    """Heavy-tailed metrics, a tenth of them unknown."""
    rng = np.random.default_rng(seed)
    out = {}
    for name in METRICS:
        x = rng.standard_t(4, size=(DATES, NAMES))
        x[rng.random(x.shape) < 0.1] = np.nan
        out[name] = x
    return out


def by_pandas(frame: pd.DataFrame) -> np.ndarray:
    """groupby.transform, metric by metric."""
    date = frame["date"]
    grouped = frame.groupby("date")
    parts, known = [], []
    for name, sign in zip(METRICS, SIGNS, strict=True):
        low, high = (grouped[name].transform("quantile", q=q) for q in (TAIL, 1 - TAIL))
        pulled = frame[name].clip(low, high)
        again = pulled.groupby(date)
        parts.append(sign * (pulled - again.transform("mean")) / again.transform("std"))
        known.append(frame[name].notna())
    score = pd.concat(parts, axis=1).mean(axis=1)
    score = score.where(pd.concat(known, axis=1).mean(axis=1) >= COVERAGE)
    place = score.groupby(date).rank(ascending=False, method="first")
    return (place <= BEST).to_numpy().reshape(DATES, NAMES)


def by_polars(frame: pl.DataFrame) -> np.ndarray:
    """Window expressions over the date, lazily, on every core."""
    columns = [pl.col(name) for name in METRICS]  # the sign comes last: a literal in front would name the column
    pulled = [
        c.clip(c.quantile(TAIL, interpolation="linear"), c.quantile(1 - TAIL, interpolation="linear")).over("date")
        for c in columns
    ]
    scores = [((c - c.mean()) / c.std() * s).over("date") for s, c in zip(SIGNS, columns, strict=True)]
    known = pl.sum_horizontal([c.is_not_null() for c in columns]) / len(METRICS)
    place = pl.col("score").rank("ordinal", descending=True).over("date")
    query = (
        frame.lazy()
        .with_columns(pulled)
        .with_columns(scores)
        .with_columns(score=pl.when(known >= COVERAGE).then(pl.mean_horizontal(METRICS)))
        .select((place <= BEST).fill_null(False))
    )
    return query.collect().to_numpy().reshape(DATES, NAMES)


def by_rules(panel: Panel, rules: ScreenRules) -> np.ndarray:
    """The engine of `screener screen` and `screener backtest`."""
    return select(panel, rules).member


def race(runners: dict[str, Callable[[], np.ndarray]]) -> dict[str, tuple[float, np.ndarray]]:
    """Fastest of some runs of each, in turn so that a busy moment hits all, and the answers."""
    found: dict[str, tuple[float, np.ndarray]] = {}
    for _ in range(RUNS):
        for name, run in runners.items():
            start = time.perf_counter()
            answer = run()
            seconds = time.perf_counter() - start
            found[name] = (min(seconds, found.get(name, (seconds,))[0]), answer)
    return found


def main() -> None:
    data = market()
    keys = {"date": np.repeat(np.arange(DATES), NAMES)}
    frame = pd.DataFrame(keys | {name: x.ravel() for name, x in data.items()})
    table = pl.from_pandas(frame).with_columns([pl.col(name).fill_nan(None) for name in METRICS])
    panel = Panel(pd.RangeIndex(DATES), pd.RangeIndex(NAMES), data)
    asked = define(weights=", ".join(f"{name}=1" for name in METRICS), top=BEST)
    found = race(
        {
            "ours": lambda: by_rules(panel, asked),
            "pandas": lambda: by_pandas(frame),
            "polars": lambda: by_polars(table),
        }
    )
    mine, members = found["ours"]
    print(f"{DATES} weeks x {NAMES:,} names x {len(METRICS)} metrics, best {BEST}: {members.sum():,} members")
    for name, (seconds, answer) in found.items():
        same = np.array_equal(members, answer)
        print(f"{name:7} {seconds * 1e3:7.0f} ms, {seconds / mine:5.1f} times ours, masks identical: {same}")


if __name__ == "__main__":
    main()
