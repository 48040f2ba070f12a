"""Hosting in the next twelve months: the latest quarter times four, while it is no older than a year."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.worlds import JANUARY, basis, few, of
from valuation.assumptions import Assumptions, Bridge
from valuation.fundamentals import company_metrics
from valuation.groups import RULES

DAY = pd.Timestamp(JANUARY)


def revenue(quarters: dict[str, float]) -> float:
    """Next twelve months of RIOT with these quarters of hosting, USD."""
    start = basis(few("RIOT")).inputs
    plain = dict.fromkeys(start.quarters, np.nan) | {"as_of": DAY, "ticker": "RIOT"}
    more = [plain | {"period_end": pd.Timestamp(end), "hosting_usd": usd} for end, usd in quarters.items()]
    kept = start.quarters.assign(hosting_usd=np.nan)
    inputs = replace(start, quarters=pd.concat([kept, pd.DataFrame(more, columns=kept.columns)]) if more else kept)
    valued = company_metrics.value(inputs, Assumptions(), Bridge(), RULES["share20"])
    return float(of(valued.table, "RIOT")["ntm_revenue_usd"])


def test_hosting_is_added_four_times_from_its_latest_quarter_of_the_last_year():
    without = revenue({})
    for quarters, added in (
        ({"2025-09-29": 10e6}, 40e6),
        ({"2025-09-29": 10e6, "2025-06-29": 99e6}, 40e6),
        ({"2025-01-16": 10e6}, 40e6),  # 365 days ago
        ({"2025-01-15": 10e6}, 0.0),
    ):
        assert revenue(quarters) - without == pytest.approx(added), quarters
