"""A source's closes against the universe's of the same days: on another share basis they are held back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.sources.fetched import SPLIT_COLUMNS, Fetched
from screener.sources.gate import limits
from screener.sources.gate.closes import ITEMS, REMEDY
from screener.sources.gate.held import PRICE, Held


def same_days(closes: pd.DataFrame, live: Fetched) -> pd.DataFrame:
    """Closes of the same ticker and day in a universe and an answer: date, ticker, close_usd, close_usd_universe, ratio."""
    both = live.closes.merge(closes[["date", "ticker", "close_usd"]], on=["date", "ticker"], suffixes=("", "_universe"))
    return both.assign(ratio=both["close_usd"] / both["close_usd_universe"]).sort_values(["ticker", "date"])


def on_our_basis(closes: pd.DataFrame, live: Fetched) -> tuple[pd.DataFrame, list[Held]]:
    """The closes of an answer that are on the share basis of the universe's, and what is held back.

    Closes after the answer's latest split need no adjustment, so they are right whatever was wrong before it.

    Parameters
    ----------
    closes : DataFrame
        The universe's, as judged.
    live : Fetched
    """
    both = same_days(closes, live)
    apart = both[(both["ratio"] > limits.SAME_DAY) | (both["ratio"] < 1 / limits.SAME_DAY)]
    kept, held = live.closes, []
    for row in apart.groupby("ticker").tail(1).itertuples():
        later = live.splits.loc[
            (live.splits["ticker"] == row.ticker) & (live.splits["first_day_on_new_basis"] > row.date),
            "first_day_on_new_basis",
        ]
        out = (kept["ticker"] == row.ticker) & (kept["date"] < (later.min() if len(later) else pd.Timestamp.max))
        last = kept.loc[out].sort_values("date").iloc[-1]
        until = f"its closes before {later.min():%Y-%m-%d} are" if len(later) else "its closes are"
        held.append(
            Held(
                ticker=row.ticker,
                item=ITEMS.get(row.ticker, PRICE),
                date=last["date"],
                value=float(last["close_usd"]),
                place=str(last.get("file", live.source)),
                reason=f"{row.close_usd:,.2f} on {row.date:%Y-%m-%d} against {row.close_usd_universe:,.2f} in the universe: "
                f"another split basis or another security; {until} not used",
                remedy=REMEDY,
                known_on=row.date,
            )
        )
        kept = kept[~out]
    return kept.reset_index(drop=True), held


def same_splits(one: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """True for each split of `one` that `other` has within `SAME_SPLIT_DAYS`; both in `SPLIT_COLUMNS`."""
    left = one[SPLIT_COLUMNS].assign(row=np.arange(len(one)))
    both = left.merge(other[SPLIT_COLUMNS], on="ticker", suffixes=("", "_other"))
    distance = (both["first_day_on_new_basis"] - both["first_day_on_new_basis_other"]).abs()
    return np.isin(np.arange(len(one)), both.loc[distance <= pd.Timedelta(days=limits.SAME_SPLIT_DAYS), "row"])
