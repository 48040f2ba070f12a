"""Times and rows of the network's sources, as their tests write them."""

from __future__ import annotations

import pandas as pd

from screener.sources.told import NETWORK_COLUMNS

NOW = pd.Timestamp("2026-10-05 09:00")
FRIDAY = pd.Timestamp("2026-10-02")
NAN = float("nan")


def seconds(told: str) -> int:
    """The Unix time of a moment."""
    return int(pd.Timestamp(told).timestamp())


def rows(*lines: tuple) -> pd.DataFrame:
    """Weeks as sources told them: the source, then the columns of the network."""
    frame = pd.DataFrame(lines, columns=["source", *NETWORK_COLUMNS])
    return frame.assign(date=pd.to_datetime(frame["date"]))
