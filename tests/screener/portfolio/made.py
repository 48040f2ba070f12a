"""Holdings of every kind as a frame, without a file: what a reader of brokers' exports gives."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.holdings import Holdings

NAN = np.nan
COLUMNS = ["account", "ticker", "kind", "description", "quantity", "cost", "price", "unit", "value", "currency",
           "underlying", "right", "strike", "expiry", "notional"]  # fmt: skip
JANUARY, PAST = pd.Timestamp("2027-01-15"), pd.Timestamp("2026-01-16")
PLAIN = ("", "", NAN, pd.NaT, NAN)
EVERY_KIND = (
    ("Main", "RIOT", "equity", "Riot Platforms", 60_000, 750_000, 19.32, 1, 1_159_200, "USD", *PLAIN),
    ("Main", "IREN", "equity", "IREN", 25_000, NAN, 40.48, 1, 1_012_000, "USD", *PLAIN),
    ("Main", "WULF", "equity", "TeraWulf", 70_000, 350_000, 14.79, 1, 1_035_300, "USD", *PLAIN),
    ("Main", "MARA", "equity", "MARA Holdings", -40_000, -560_000, 11.17, 1, -446_800, "USD", *PLAIN),
    ("Main", "SPY", "fund", "SPDR S&P 500", 300, 150_000, NAN, 1, NAN, "USD", *PLAIN),
    ("Main", "BTC-USD", "coin", "Bitcoin", 2.5, 150_000, NAN, 1, NAN, "USD", *PLAIN),
    ("Main", "IREN 270115C00045000", "option", "IREN Jan 27 45 call", 120, 60_000, 520.0, 100, 62_400, "USD",
     "IREN", "call", 45.0, JANUARY, NAN),
    ("Main", "RIOT 270115P00018000", "option", "RIOT Jan 27 18 put", -80, -20_000, 190.0, 100, -15_200, "USD",
     "RIOT", "put", 18.0, JANUARY, NAN),
    ("Main", "CORZ 260116C00020000", "option", "CORZ Jan 26 20 call", 2, 400, 35.0, 100, 70, "USD",
     "CORZ", "call", 20.0, PAST, NAN),
    ("Main", "CIFR 270115C00010000", "option", "CIFR Jan 27 10 call", 10, 2_000, 100.0, 100, 1_000, "USD",
     "CIFR", "call", 10.0, JANUARY, NAN),  # below its exercise value
    ("Futures", "MBTV6", "future", "Micro Bitcoin Oct 26", -5, -41_000, 8_500.0, 0.1, NAN, "USD",
     "BTC-USD", "", NAN, pd.NaT, -42_500.0),
    ("Futures", "CLSK CFD", "cfd", "CleanSpark CFD", 5_000, 60_000, 12.48, 1, 2_400, "USD",
     "CLSK", "", NAN, pd.NaT, 62_400.0),
    ("Main", "565788AL8", "bond", "MARA 0% 2030 convertible", 100_000, 99_000, 0.985, 0.01, 98_500, "USD", *PLAIN),
    ("Main", "XYZQ", "equity", "Nobody knows", 100, 500, NAN, 1, NAN, "USD", *PLAIN),
    ("Main", "CASH", "cash", "", 250_000, NAN, NAN, 1, NAN, "USD", *PLAIN),
    ("Main", "CASH", "cash", "", -40_000, NAN, NAN, 1, NAN, "CAD", *PLAIN),
)  # fmt: skip


def holdings(rows=EVERY_KIND, date: pd.Timestamp | None = None) -> Holdings:
    """The rows as a reader gives them, a line each."""
    frame = pd.DataFrame(list(rows), columns=COLUMNS)
    frame = frame.assign(isin="", file="every_kind.csv", line=range(2, len(frame) + 2))
    return Holdings(frame, date, (), {"every_kind.csv": "0" * 64})
