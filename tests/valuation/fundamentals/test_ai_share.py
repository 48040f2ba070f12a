"""AI revenue shares on hand-made quarters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.fundamentals.ai_share import shares

AS_OF = pd.Timestamp("2026-01-16")
LINES = ["total_usd", "mining_usd", "ai_hpc_usd", "ai_hpc_one_off_usd", "hosting_usd", "other_usd"]
UNKNOWN = np.nan


def measured(quarters: dict[str, list[float]], contracted: float = 0.0) -> pd.Series:
    rows = [["X", pd.Timestamp(day), *values] for day, values in quarters.items()]
    frame = pd.DataFrame(rows, columns=["ticker", "period_end", *LINES])
    frame.insert(0, "as_of", AS_OF)
    index = pd.MultiIndex.from_product([[AS_OF], ["X"]], names=["as_of", "ticker"])
    return shares(frame, pd.Series([contracted], index=index)).iloc[0]


def test_applied_digital_fit_out_is_one_off():
    out = measured({"2025-11-30": [126.6, 0.0, 85.0, 73.0, 41.6, UNKNOWN]})
    assert out["ai_share_trailing"] == pytest.approx(12.0 / 53.6)
    assert out["ai_run_rate_usd"] == pytest.approx(48.0)


def test_ai_unknown_in_the_latest_quarter_is_unknown_never_zero():
    out = measured({"2025-09-30": [83.5, 64.2, 5.8, UNKNOWN, 5.1, 8.4], "2025-12-31": [90.0, 70.0] + [UNKNOWN] * 4})
    assert np.isnan(out["ai_share_trailing"])
    assert bool(out["ai_is_older"])
    assert out["ai_share_contracted"] == pytest.approx(4 * 5.8 / (4 * 5.8 + 4 * 70.0))


def test_contracted_share_takes_the_larger_of_signed_and_earned():
    quarter = {"2025-09-30": [100.0, 80.0, 20.0, UNKNOWN, UNKNOWN, UNKNOWN]}
    assert measured(quarter, contracted=10.0)["ai_share_contracted"] == pytest.approx(80 / (80 + 320))
    assert measured(quarter, contracted=680.0)["ai_share_contracted"] == pytest.approx(680 / (680 + 320))


def test_mining_unknown_is_the_total_less_the_known_parts():
    out = measured({"2025-09-30": [100.0, UNKNOWN, 20.0, UNKNOWN, 5.0, UNKNOWN]}, contracted=300.0)
    assert bool(out["mining_is_proxy"])
    assert out["ai_share_contracted"] == pytest.approx(300 / (300 + 4 * 75))


def test_nothing_signed_and_nothing_earned_is_zero_even_without_mining():
    out = measured({"2025-09-30": [UNKNOWN, UNKNOWN, 0.0, UNKNOWN, UNKNOWN, UNKNOWN]})
    assert out["ai_share_contracted"] == 0.0


def test_nothing_signed_and_ai_never_reported_is_unknown():
    out = measured({"2025-09-30": [8.4] + [UNKNOWN] * 5})
    assert np.isnan(out["ai_share_contracted"])


def test_signed_but_mining_and_total_unknown_is_unknown():
    out = measured({"2025-09-30": [UNKNOWN, UNKNOWN, 1.0, UNKNOWN, UNKNOWN, UNKNOWN]}, contracted=50.0)
    assert np.isnan(out["ai_share_contracted"])


def test_twelve_months_need_four_consecutive_quarters():
    days = ["2024-12-31", "2025-03-31", "2025-06-30", "2025-09-30"]
    year = {day: [100.0, 90.0, 10.0 * i, UNKNOWN, UNKNOWN, UNKNOWN] for i, day in enumerate(days)}
    assert measured(year)["ai_share_ttm"] == pytest.approx(60 / 400)
    del year["2025-03-31"]
    assert np.isnan(measured({"2024-09-30": year["2024-12-31"]} | year)["ai_share_ttm"])
