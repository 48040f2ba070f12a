"""Settled facts of one filing in small, as the readers of coins, shares, preferred shares and segments are given them."""

from __future__ import annotations

import pandas as pd

BLANK = {
    "taxonomy": "us-gaap",
    "concept": "",
    "unit": "USD",
    "start": None,
    "end": "2025-06-30",
    "value": 0.0,
    "decimals": float("nan"),
    "dimensions": (),
    "accession": "a1",
    "form": "10-Q",
    "filed": "2025-08-07",
    "doubt": "",
}


def facts(*told: dict, **shared: object) -> pd.DataFrame:
    """One row a fact, each `BLANK` with what is told of it; `shared` holds for all."""
    out = pd.DataFrame([BLANK | shared | one for one in told], columns=list(BLANK))
    for name in ("start", "end", "filed"):
        out[name] = pd.to_datetime(out[name]).astype("datetime64[ns]")
    return out.astype({"value": "float64"})


def day(told: str) -> pd.Timestamp:
    """A day, as frames of facts have it."""
    return pd.Timestamp(told).as_unit("ns")


JUNE = day("2025-06-30")
