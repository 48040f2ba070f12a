"""blockchain.info's charts: hashrate, difficulty, fees and price, a value a day.

A day's total or mean is stamped with the midnight that begins the day, a price with its instant. Hashrate is in TH/s,
fees are in BTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from screener.sources.network.days import DAY, Ask, Days, figures, member

SOURCE = "blockchain.info"
API = "https://api.blockchain.info/charts"
TERAHASHES_PER_EXAHASH = 1e6
DIFFICULTY_HOLDS = 2 * DAY
# The answer ends today and begins a timespan before.
YEAR = pd.Timedelta(days=350)
CHARTS = {"hashrate": "hash-rate", "difficulty": "difficulty", "fees": "transaction-fees", "price": "market-price"}


def ask(ask: Ask, fridays: Sequence[pd.Timestamp], now: pd.Timestamp) -> Days:
    """What blockchain.info tells of the weeks that end with the given days; `now` is UTC without a zone."""
    days = Days(SOURCE, DIFFICULTY_HOLDS)
    timespan = "1year" if min(fridays) > now - YEAR else "3years"
    params = {"timespan": timespan, "format": "json", "sampled": "false"}

    def read(content: Any) -> pd.Series:
        return figures(member(content, "values"), "values", "x", ["y"], now)["y"].dropna()

    for what, chart in CHARTS.items():
        found = days.question(ask, what, f"{API}/{chart}", params, read)
        if found is not None:
            setattr(days, what, found / TERAHASHES_PER_EXAHASH if what == "hashrate" else found)
    return days
