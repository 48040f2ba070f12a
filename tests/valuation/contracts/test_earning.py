"""Whether something is in service that nobody counted: recurring AI revenue of the latest quarter, with and without."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.contracts.in_service import _earns

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan


def earns(*quarters: tuple[str, float, float, float]) -> bool:
    rows = pd.DataFrame(quarters, columns=["period_end", "total_usd", "ai_hpc_usd", "ai_hpc_one_off_usd"])
    rows = rows.assign(as_of=DAY, ticker="A", period_end=pd.to_datetime(rows["period_end"]))
    index = pd.MultiIndex.from_tuples([(DAY, "A")], names=["as_of", "ticker"])
    return bool(_earns(SimpleNamespace(quarters=rows, index=index))[0])


@pytest.mark.parametrize(
    ("ai", "one_off", "expected"),
    [(5.0, NAN, True), (5.0, 0.0, True), (5.0, 4.0, True), (5.0, 5.0, False), (0.0, NAN, False), (NAN, NAN, False)],
)
def test_recurring_revenue_is_more_than_the_one_off(ai, one_off, expected):
    assert earns(("2025-09-30", 100.0, ai, one_off)) is expected


def test_the_latest_quarter_with_a_total_decides_whatever_the_order_of_the_rows():
    old, new, empty = ("2025-06-30", 100.0, 0.0, NAN), ("2025-09-30", 100.0, 5.0, NAN), ("2025-12-31", NAN, NAN, NAN)
    assert earns(new, old)
    assert earns(new, empty, old)
    assert not earns(("2025-12-31", 100.0, 0.0, NAN), new)
    assert not earns(empty)
