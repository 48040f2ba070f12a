"""Cash overhead: four quarters, the latest times four, or the median of those that report."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.fundamentals.overhead import overhead

DAY = pd.Timestamp("2026-01-16")
ENDS = ("2024-09-30", "2024-12-31", "2025-03-31", "2025-06-30", "2025-09-30")
ROLES = {"A": "miner", "B": "miner", "C": "miner", "D": "miner", "E": "comparable", "F": "miner"}


def test_what_is_reported_and_what_stands_in():
    paid = {"A": [9.0, 1.0, 2.0, 3.0, 4.0], "B": [np.nan, np.nan, np.nan, 5.0, 6.0], "C": [np.nan] * 5,
            "E": [100.0] * 5, "D": [0.0, 2.0, 3.0, np.nan, 4.0], "F": [np.nan] * 4 + [0.1]}  # fmt: skip
    index = pd.MultiIndex.from_product([[DAY], list(ROLES)], names=["as_of", "ticker"])
    quarters = pd.DataFrame([
        {"as_of": DAY, "ticker": ticker, "period_end": pd.Timestamp(end), "sga_cash_usd": usd}
        for ticker, row in paid.items() for end, usd in zip(ENDS, row, strict=True)
    ]).sample(frac=1, random_state=3)  # fmt: skip
    inputs = SimpleNamespace(index=index, quarters=quarters, company=lambda _: pd.Series(list(ROLES.values()), index))
    out = overhead(inputs, pd.Series([100.0, 0.0, 50.0, 80.0, 10.0, 1.0], index)).droplevel("as_of")
    # A: 1 + 2 + 3 + 4. B: 6 x 4. D: four known quarters, but a year apart and more: 4 x 4. C: the middle of A's 0.1, D's 0.2
    # and F's 0.4 a MW; B has no MW to divide by, and E is no miner.
    expected = {"A": 10.0, "B": 24.0, "C": 10.0, "D": 16.0, "E": 400.0, "F": 0.4}
    assert out["overhead_usd"].to_dict() == pytest.approx(expected)
    assert out.index[out["is_latest_x4"]].tolist() == ["B", "D", "F"]
    assert out.index[out["is_stand_in"]].tolist() == ["C"]
    assert out.at["B", "quarter"] == pd.Timestamp("2025-09-30")
    assert pd.isna(out.at["C", "quarter"])
