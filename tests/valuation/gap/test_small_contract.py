"""A company that changes group has signed where its contracted revenue rose at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.gap.membership import membership
from valuation.gap.specification_curve import CrossSections


@pytest.mark.parametrize(
    ("before", "after", "joins", "leaves"),
    [
        (0.0, 0.5, "signed", "share moved"),
        (0.5, 0.0, "share moved", "contract ended"),
        (0.5, 0.5, "share moved", "share moved"),
        (float("nan"), 0.5, "signed", "share moved"),  # nothing known of before
        (0.5, float("nan"), "share moved", "contract ended"),
    ],
)
def test_any_rise_is_a_contract_signed_and_any_fall_one_that_ended(before, after, joins, leaves):
    weeks = pd.date_range("2025-01-03", periods=2, freq="7D")
    names = ["JOINS", "LEAVES"]
    sampled = CrossSections(pd.DataFrame({"as_of": weeks}), np.ones((2, 2)), np.ones((2, 2)),
                            np.array([[False, True], [True, False]]), pd.Index(names))  # fmt: skip
    closes = pd.DataFrame(True, index=weeks, columns=names)
    revenue = pd.DataFrame({name: [before, after] for name in names}, index=weeks)
    assert membership(sampled, closes, revenue)["reason"].tolist() == [joins, leaves]
