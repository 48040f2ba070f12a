"""Point-in-time selection against the plain pandas way and merge_asof: 25 names x 20 items x 480 dates.

    python benchmarks/selection.py

The plain way filters, sorts and takes the last row for each date. merge_asof needs the running best first, which it
cannot make itself: it is given it. All three answers are compared.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from screener.known.rule import select, take

NAMES, ITEMS, DATES, QUARTERS = 25, 20, 480, 12


def facts(seed: int = 1) -> pd.DataFrame:
    """Quarterly facts with publication lags and late restatements of old quarters."""
    rng = np.random.default_rng(seed)
    keys = np.repeat(np.arange(NAMES * ITEMS), QUARTERS)
    period = np.tile(np.arange(QUARTERS) * 91, NAMES * ITEMS)
    first = pd.DataFrame({"key": keys, "period": period, "published": period + rng.integers(20, 70, len(keys))})
    again = first.sample(frac=0.2, random_state=seed)
    again = again.assign(published=again["published"] + rng.integers(60, 400, len(again)))
    out = pd.concat([first, again], ignore_index=True)
    return out.assign(value=rng.normal(size=len(out))).sample(frac=1, random_state=seed, ignore_index=True)


def plainly(frame: pd.DataFrame, dates: np.ndarray) -> np.ndarray:
    """Date by date: what was published, sorted, the last row of each key."""
    out = np.full((len(dates), NAMES * ITEMS), np.nan)
    for i, t in enumerate(dates):
        known = frame[frame["published"] <= t].sort_values(["period", "published"]).groupby("key")["value"].last()
        out[i, known.index.to_numpy()] = known.to_numpy()
    return out


def by_merge_asof(frame: pd.DataFrame, dates: np.ndarray) -> np.ndarray:
    """The running best of each key, then one merge_asof."""
    ranked = frame.sort_values(["key", "period", "published"]).assign(rank=np.arange(len(frame)))
    value_of = ranked["value"].to_numpy()
    events = ranked.sort_values(["key", "published", "rank"])
    events = events.assign(best=events.groupby("key")["rank"].cummax()).sort_values("published", kind="stable")
    grid = pd.DataFrame(
        {"published": np.repeat(dates, NAMES * ITEMS), "key": np.tile(np.arange(NAMES * ITEMS), len(dates))}
    )
    best = pd.merge_asof(grid, events[["published", "key", "best"]], on="published", by="key")["best"].to_numpy()
    found = np.where(np.isnan(best), np.nan, value_of[np.nan_to_num(best).astype(int)])
    return found.reshape(len(dates), -1)


def ours(frame: pd.DataFrame, dates: np.ndarray) -> np.ndarray:
    """The project's own selection."""
    columns = (frame[c].to_numpy() for c in ("key", "period", "published"))
    key, period, published = columns
    return take(frame["value"].to_numpy(), select(key, NAMES * ITEMS, period, published, dates), np.nan)


def best_of(function, *arguments, times: int = 15) -> tuple[float, np.ndarray]:
    """Fastest of some runs in processor time, which other work on the machine does not lengthen, and the answer."""
    seconds = []
    for _ in range(times):
        start = time.process_time()
        answer = function(*arguments)
        seconds.append(time.process_time() - start)
    return min(seconds), answer


def main() -> None:
    frame, dates = facts(), np.linspace(10, QUARTERS * 91 + 200, DATES).astype(np.int64)
    mine, answer = best_of(ours, frame, dates)
    print(f"ours       {mine * 1e3:8.1f} ms")
    for name, rival, times in (("merge_asof", by_merge_asof, 15), ("plain", plainly, 3)):
        seconds, other = best_of(rival, frame, dates, times=times)
        equal = np.array_equal(answer, other, equal_nan=True)
        print(f"{name:10} {seconds * 1e3:8.1f} ms, {seconds / mine:6.1f} times ours, answers equal: {equal}")


if __name__ == "__main__":
    main()
