"""The remaining term of one contract runs down from its start, and not below zero."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.valuation.contracts.test_book import AS_OF, signed


@pytest.mark.parametrize(("years_ago", "left"), [(-2, 10.0), (0, 10.0), (4, 6.0), (30, 0.0)])
def test_the_term_left(years_ago, left):
    start = AS_OF - pd.Timedelta(days=round(365.25 * years_ago))
    found = signed({"start_on": f"{start:%Y-%m-%d}", "term_years": 10.0}).iloc[0]
    assert found["remaining_term_years"] == pytest.approx(left, abs=2e-3)
