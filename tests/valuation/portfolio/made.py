"""Holdings and quotes as frames, for small portfolios worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

NAN = np.nan
DAY = pd.Timestamp("2026-07-24")
ONE_YEAR = pd.Timestamp("2027-07-24")
COLUMNS = ["account", "ticker", "kind", "quantity", "cost", "price", "value", "currency", "unit", "underlying", "right",
           "strike", "expiry", "notional"]  # fmt: skip


def row(
    ticker: str, kind: str, quantity: float, cost: float = NAN, price: float = NAN, **more: object
) -> dict[str, object]:
    """A row of holdings; what is not given is what a file need not say."""
    blank = {"account": "M", "value": NAN, "currency": "USD", "unit": 1.0, "underlying": "", "right": "", "strike": NAN,
             "expiry": pd.NaT, "notional": NAN}  # fmt: skip
    return {**blank, "ticker": ticker, "kind": kind, "quantity": quantity, "cost": cost, "price": price, **more}


def holdings(*rows: dict[str, object]) -> pd.DataFrame:
    """The rows as a reader of files gives them."""
    frame = pd.DataFrame(list(rows), columns=COLUMNS)
    return frame.assign(description="", isin="", file="mine.csv", line=range(2, len(rows) + 2))


def quotes(**prices: float) -> pd.DataFrame:
    """Closes by ticker; AAA and BBB are companies of the universe."""
    rows = {t: [t if t in ("AAA", "BBB") else "", t, price, "ok", ""] for t, price in prices.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["company", "name", "price_usd", "status", "cause"])
