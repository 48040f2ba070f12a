"""A screen from universe and ledger beside the bundled screen, whole processes in turn; and adding to a ledger.

python benchmarks/ledger.py [--repeat N]

Makes a ledger of three years of daily closes of every symbol of the universe (the last bundled close, walking at
random), then times `screener run` with `--source bundled` and `--source ledger` in turn, processor time of each.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from screener import universes
from screener.ledger import Ledger, Told
from screener.sources.fetched import COINS

YEARS = 3


def fill(place: Path) -> tuple[int, float, float]:
    """Rows of a ledger of `YEARS`, seconds to add them, and seconds to add the same again."""
    universe = universes.load("miners")
    last = universe.prices.groupby("ticker")["close_usd"].last()
    symbols = [*universe.companies["ticker"], *COINS, *universe.settings.get("benchmarks", {}).values()]
    end = universe.prices["date"].max() + pd.Timedelta(days=45)
    days = pd.bdate_range(end - pd.DateOffset(years=YEARS), end)
    rng = np.random.default_rng(20261130)
    reviewed = universe.prices.pivot(index="date", columns="ticker", values="close_usd")
    parts = []
    for name in dict.fromkeys(symbols):
        known = reviewed[name].reindex(days, method="ffill") if name in reviewed else pd.Series(np.nan, days)
        level = float(last.get(name, 100.0))
        later = level * np.exp(np.cumsum(rng.normal(0, 0.03, len(days))))
        closes = known.where(days <= universe.prices["date"].max()).fillna(pd.Series(later, days))
        parts.append(pd.DataFrame({"date": days, "ticker": name, "close_usd": closes.to_numpy()}))
    told = Told("yahoo", closes=pd.concat(parts, ignore_index=True))
    with Ledger.open(place) as ledger:
        begun = time.perf_counter()
        rows = ledger.add(told, datetime.now(UTC)).new
        added = time.perf_counter()
        ledger.add(told, datetime.now(UTC))
    return rows, added - begun, time.perf_counter() - added


def seconds(source: str, place: Path, folder: Path, as_of: str) -> float:
    """Processor time of one run in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    order = [
        sys.executable,
        "-m",
        "screener",
        "run",
        "--source",
        source,
        "--as-of",
        as_of,
        "--out",
        str(folder),
        "--quiet",
    ]
    subprocess.run(order, check=True, env={**os.environ, "SCREENER_LEDGER": str(place)}, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=5)
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory() as home:
        place, folder = Path(home) / "ledger.sqlite", Path(home) / "screens"
        rows, first, again = fill(place)
        print(f"ledger of {rows:,} closes: added in {first:.2f} s, the same answer again in {again:.2f} s")
        print(f"file: {place.stat().st_size / 1e6:.1f} MB")
        as_of = f"{universes.load('miners').prices['date'].max():%Y-%m-%d}"
        times: dict[str, list[float]] = {"bundled": [], "ledger": []}
        for source in times:
            seconds(source, place, folder, as_of)  # compiled files and disk cache
        for _ in range(repeat):
            for source, taken in times.items():
                taken.append(seconds(source, place, folder, as_of))
        bundled, ledger = (median(times[source]) for source in times)
        print(f"screener run, median of {repeat}, processor time: bundled {bundled:.2f} s, ledger {ledger:.2f} s")
        print(f"ledger over bundled: {ledger / bundled:.2f} (limit 1.2)")


if __name__ == "__main__":
    main()
