"""A live answer held against the reviewed universe: what cannot be the same security is not used but listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from screener.sources.fetched import SPLIT_COLUMNS, Failure, Fetched, stack
from screener.splits import days, split_factor
from screener.universes import Universe
from screener.universes.evidence_class import in_order

# Closes of one day agree to the rounding of the file; a missed split is off by a factor of at least 1.5.
OTHER_BASIS = 1.25
# A count shrinks by buy-backs, which are small; far below the reviewed count it leaves out a class of shares. A count
# grows with every raise, but a company that trebles it between two reviews has more likely a split not taken in.
FEWEST_SHARES, MOST_SHARES = 0.8, 3.0
SAME_SPLIT_DAYS = 10


def plausible(universe: Universe, live: Fetched) -> Fetched:
    """`live` without closes on another split basis and without share counts that cannot be; each listed as a failure."""
    closes, found = live.closes, []
    for ticker, first_good, message in _closes_on_another_basis(universe, live):
        mine = closes["ticker"] == ticker
        closes = closes[~mine | (closes["date"] >= first_good)]
        found.append(Failure(ticker, "closes", "bad_answer", message))
    wrong = dict(_impossible_counts(universe, live))
    found += [
        Failure(str(live.facts.at[row, "ticker"]), "shares_outstanding", "bad_answer", message)
        for row, message in wrong.items()
    ]
    return replace(
        live,
        closes=closes.reset_index(drop=True),
        facts=live.facts.drop(index=list(wrong)).reset_index(drop=True),
        failures=tuple(sorted([*live.failures, *found])),
    )


def same_days(universe: Universe, live: Fetched) -> pd.DataFrame:
    """Closes of the same ticker and day in both: date, ticker, close_usd, close_usd_universe, ratio."""
    both = live.closes.merge(universe.prices, on=["date", "ticker"], suffixes=("", "_universe"))
    return both.assign(ratio=both["close_usd"] / both["close_usd_universe"]).sort_values(["ticker", "date"])


def _closes_on_another_basis(universe: Universe, live: Fetched) -> Iterator[tuple[str, pd.Timestamp, str]]:
    """(ticker, first day that may be used, why) where the live closes are a multiple of the universe's.

    Closes after the latest live split need no adjustment, so they are right whatever was wrong before it.
    """
    both = same_days(universe, live)
    apart = both[(both["ratio"] > OTHER_BASIS) | (both["ratio"] < 1 / OTHER_BASIS)]
    for row in apart.groupby("ticker").tail(1).itertuples(index=False):
        later = live.splits.loc[
            (live.splits["ticker"] == row.ticker) & (live.splits["first_day_on_new_basis"] > row.date),
            "first_day_on_new_basis",
        ]
        first_good = later.min() if len(later) else pd.Timestamp.max
        until = f"closes before {first_good:%Y-%m-%d} are" if len(later) else "its closes are"
        yield (
            row.ticker,
            first_good,
            f"{row.close_usd:,.2f} on {row.date:%Y-%m-%d} against {row.close_usd_universe:,.2f} in the universe: another "
            f"split basis or another security; {until} not used",
        )


def _impossible_counts(universe: Universe, live: Fetched) -> Iterator[tuple[int, str]]:
    """(row of live.facts, why) for counts newer than the universe's that are out of all proportion to it."""
    own = universe.facts[universe.facts["item"] == "shares_outstanding"]
    own = in_order(own).groupby("ticker").tail(1)
    counts = live.facts[live.facts["item"] == "shares_outstanding"].reset_index(names="row")
    both = counts.merge(own, on="ticker", suffixes=("", "_universe"))
    both = both[both["period_end"] > both["period_end_universe"]]
    splits = stack([universe.splits, live.splits[~same_splits(live.splits, universe.splits)]], SPLIT_COLUMNS)
    factor = split_factor(
        splits, both["ticker"].to_numpy(), days(both["period_end_universe"]), days(both["period_end"])
    )
    expected = both["value_universe"].to_numpy() * factor
    ratio = both["value"].to_numpy() / expected
    for at in np.flatnonzero((ratio < FEWEST_SHARES) | (ratio > MOST_SHARES)):
        line = both.iloc[at]
        yield (
            int(line["row"]),
            f"{line['value']:,.0f} at {line['period_end']:%Y-%m-%d} against {expected[at]:,.0f} in the universe at "
            f"{line['period_end_universe']:%Y-%m-%d}: a class of shares or a split left out; the universe's is used",
        )


def same_splits(one: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """True for each split of `one` that `other` has within `SAME_SPLIT_DAYS`; both in `SPLIT_COLUMNS`."""
    left = one[SPLIT_COLUMNS].reset_index(drop=True).reset_index(names="row")
    both = left.merge(other[SPLIT_COLUMNS], on="ticker", suffixes=("", "_other"))
    distance = (both["first_day_on_new_basis"] - both["first_day_on_new_basis_other"]).abs()
    return np.isin(np.arange(len(one)), both.loc[distance <= pd.Timedelta(days=SAME_SPLIT_DAYS), "row"])
