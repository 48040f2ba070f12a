"""AI revenue shares on hand-made quarters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.fundamentals.ai_share import shares

AS_OF = pd.Timestamp("2026-01-16")
LINES = ["total_usd", "mining_usd", "ai_hpc_usd", "ai_hpc_one_off_usd", "hosting_usd", "other_usd"]
UNKNOWN = np.nan


def measured(quarters: dict[str, list[float]], contracted: float = 0.0, reviewed: bool = False) -> pd.Series:
    rows = [["X", pd.Timestamp(day), *values] for day, values in quarters.items()]
    frame = pd.DataFrame(rows, columns=["ticker", "period_end", *LINES])
    frame.insert(0, "as_of", AS_OF)
    index = pd.MultiIndex.from_product([[AS_OF], ["X"]], names=["as_of", "ticker"])
    return shares(frame, pd.Series([contracted], index=index), pd.Series([reviewed], index=index)).iloc[0]


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


def test_the_remainder_is_no_mining_revenue_where_the_ai_part_of_the_quarter_is_unknown():
    out = measured({"2025-09-30": [100.0, UNKNOWN, UNKNOWN, UNKNOWN, 5.0, UNKNOWN]}, contracted=300.0)
    assert np.isnan(out["mining_run_rate_usd"])
    assert np.isnan(out["ai_share_contracted"])


def test_a_newer_total_is_split_by_the_last_reported_mix():
    # 60 of 80 recurring (100 less 20 of fit-out) was mining: 75% of a total of 120 is 90, x 4 = 360.
    old, new = [100.0, 60.0, 30.0, 20.0, 10.0, UNKNOWN], [120.0] + [UNKNOWN] * 5
    out = measured({"2025-09-30": old, "2025-12-31": new}, contracted=360.0)
    assert out["mining_run_rate_usd"] == pytest.approx(360.0)
    assert out["ai_share_contracted"] == pytest.approx(0.5)
    assert (bool(out["mining_is_mix"]), bool(out["mining_is_proxy"])) == (True, False)
    assert out["mining_quarter"] == pd.Timestamp("2025-12-31")
    assert bool(out["ai_is_older"])


def test_a_newer_total_without_a_mix_to_split_it_leaves_the_older_mining_revenue_marked():
    out = measured(
        {"2025-09-30": [UNKNOWN, 60.0] + [UNKNOWN] * 4, "2025-12-31": [120.0] + [UNKNOWN] * 5}, contracted=240.0
    )
    assert out["ai_share_contracted"] == pytest.approx(0.5)
    assert (bool(out["mining_is_mix"]), bool(out["mining_is_older"])) == (False, True)


def test_without_a_newer_total_the_last_reported_mining_stands():
    quarter = {"2025-06-30": [100.0, 60.0, 30.0, UNKNOWN, 10.0, UNKNOWN]}
    ai_alone = {"2025-09-30": [UNKNOWN, UNKNOWN, 50.0, UNKNOWN, UNKNOWN, UNKNOWN]}
    out = measured(quarter | ai_alone)
    assert out["mining_run_rate_usd"] == pytest.approx(240.0)
    assert out["mining_quarter"] == pd.Timestamp("2025-06-30")
    assert not out["mining_is_mix"]
    assert out["ai_share_run_rate"] == pytest.approx(200 / 440)


def test_nothing_listed_is_zero_where_somebody_looked_and_unknown_where_nobody_did():
    silent = {"2025-09-30": [8.4] + [UNKNOWN] * 5}
    looked, not_looked = measured(silent, reviewed=True), measured(silent)
    assert looked["ai_share_contracted"] == 0.0
    assert bool(looked["none_found"])
    assert np.isnan(not_looked["ai_share_contracted"])
    # A row that says none needs no review; revenue without a review is what is known, and marked.
    none = {"2025-09-30": [8.4, 8.4, 0.0, UNKNOWN, UNKNOWN, UNKNOWN]}
    assert measured(none)["ai_share_contracted"] == 0.0
    assert not measured(none)["none_found"]
    some = {"2025-09-30": [10.0, 8.0, 2.0, UNKNOWN, UNKNOWN, UNKNOWN]}
    assert measured(some)["ai_share_contracted"] == pytest.approx(0.2)
    assert bool(measured(some)["not_reviewed"])
    assert not measured(some, reviewed=True)["not_reviewed"]


def test_a_review_says_nothing_of_revenue_that_was_reported():
    some = {"2025-09-30": [10.0, 8.0, 2.0, UNKNOWN, UNKNOWN, UNKNOWN]}
    assert measured(some, reviewed=True)["ai_share_contracted"] == pytest.approx(0.2)
    # A contract without an announced value: what is already earned is the least that A can be, as without a review.
    unvalued = measured(some, contracted=UNKNOWN, reviewed=True)
    assert unvalued["ai_share_contracted"] == pytest.approx(0.2)
    assert bool(unvalued["no_value"])
    little = measured({"2025-09-30": [10.0, 8.0, 0.2, UNKNOWN, UNKNOWN, UNKNOWN]}, contracted=UNKNOWN, reviewed=True)
    assert little["ai_revenue_for_share_usd"] == pytest.approx(0.8)
    nothing_earned = {"2025-09-30": [10.0, 8.0, 0.0, UNKNOWN, UNKNOWN, UNKNOWN]}
    assert np.isnan(measured(nothing_earned, contracted=UNKNOWN, reviewed=True)["ai_share_contracted"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.one_of(st.just(UNKNOWN), st.floats(0.1, 1e3)), min_size=6, max_size=6), min_size=1, max_size=3
    ),
    st.sampled_from([0.0, 50.0, UNKNOWN]),
    st.booleans(),
)
def test_a_share_is_a_fraction_or_unknown_and_a_review_only_fills_in_zeros(rows, contracted, reviewed):
    days = ["2025-03-31", "2025-06-30", "2025-09-30"]
    # One-offs are part of AI revenue, and the parts add up to the total at most.
    for row in rows:
        row[3] = min(row[3], row[2]) if row[2] == row[2] else UNKNOWN
        row[0] = row[0] + np.nansum(row[1:3] + row[4:])
    quarters = dict(zip(days, rows, strict=False))
    out, blind = measured(quarters, contracted, reviewed), measured(quarters, contracted)
    for name in ("ai_share_contracted", "ai_share_run_rate", "ai_share_trailing"):
        assert np.isnan(out[name]) or -1e-9 <= out[name] <= 1 + 1e-9
        if not np.isnan(blind[name]):
            assert out[name] == blind[name]
    assert not out["none_found"] or out["ai_share_contracted"] == 0.0


def test_nothing_signed_and_nothing_earned_is_zero_even_without_mining():
    out = measured({"2025-09-30": [UNKNOWN, UNKNOWN, 0.0, UNKNOWN, UNKNOWN, UNKNOWN]})
    assert out["ai_share_contracted"] == 0.0


def test_nothing_signed_and_ai_never_reported_is_unknown():
    out = measured({"2025-09-30": [8.4] + [UNKNOWN] * 5})
    assert np.isnan(out["ai_share_contracted"])


def test_signed_but_mining_and_total_unknown_is_unknown():
    out = measured({"2025-09-30": [UNKNOWN, UNKNOWN, 1.0, UNKNOWN, UNKNOWN, UNKNOWN]}, contracted=50.0)
    assert np.isnan(out["ai_share_contracted"])


@pytest.mark.parametrize(("first", "known"), [("2024-12-04", True), ("2024-12-03", False)])
def test_four_quarters_span_at_most_300_days_from_end_to_end(first, known):
    days = [first, "2025-03-31", "2025-06-30", "2025-09-30"]
    year = {day: [100.0, 90.0, 10.0, UNKNOWN, UNKNOWN, UNKNOWN] for day in days}
    assert np.isnan(measured(year)["ai_share_ttm"]) == (not known)


def test_twelve_months_need_four_consecutive_quarters():
    days = ["2024-12-31", "2025-03-31", "2025-06-30", "2025-09-30"]
    year = {day: [100.0, 90.0, 10.0 * i, UNKNOWN, UNKNOWN, UNKNOWN] for i, day in enumerate(days)}
    assert measured(year)["ai_share_ttm"] == pytest.approx(60 / 400)
    del year["2025-03-31"]
    assert np.isnan(measured({"2024-09-30": year["2024-12-31"]} | year)["ai_share_ttm"])


def test_parts_above_the_total_leave_no_mining_and_not_less_than_none():
    out = measured({"2025-09-30": [100.0, UNKNOWN, 90.0, UNKNOWN, 30.0, 5.0]})
    assert out["mining_run_rate_usd"] == 0.0
    assert out["ai_share_contracted"] == 1.0
    reported = measured({"2025-09-30": [100.0, 40.0, 90.0, UNKNOWN, 30.0, 5.0]})
    assert (reported["mining_run_rate_usd"], bool(reported["mining_is_proxy"])) == (160.0, False)


QUARTERS = ("2024-09-30", "2024-12-31", "2025-03-31", "2025-06-30", "2025-09-30")


def test_twelve_months_are_four_quarters_in_a_row_that_all_know_the_part():
    def year(drop: str = "", unknown: str = "") -> float:
        rows = {
            day: [100.0, 50.0, 10.0 * (k + 1), UNKNOWN, UNKNOWN, UNKNOWN]
            for k, day in enumerate(QUARTERS)
            if day != drop
        }
        if unknown:
            rows[unknown][2] = UNKNOWN
        return measured(rows)["ai_share_ttm"]

    assert year() == pytest.approx((20 + 30 + 40 + 50) / 400)  # the last four of five
    rows = {day: [100.0, 50.0, 10.0 * (k + 1), UNKNOWN, UNKNOWN, UNKNOWN] for k, day in enumerate(QUARTERS)}
    backwards = measured(dict(reversed(rows.items())))  # whatever the order of the rows
    assert backwards["ai_share_ttm"] == pytest.approx(140 / 400)
    assert backwards[["ai_share_trailing", "ai_run_rate_usd"]].tolist() == [0.5, 200.0]
    assert year(drop="2024-09-30") == pytest.approx(140 / 400)
    assert np.isnan(year(drop="2025-03-31"))  # four known, 365 days apart
    assert np.isnan(year(unknown="2025-03-31"))
    assert np.isnan(
        measured({day: [100.0, 50.0, 10.0, UNKNOWN, UNKNOWN, UNKNOWN] for day in QUARTERS[:3]})["ai_share_ttm"]
    )


def test_a_total_that_is_zero_gives_no_share():
    assert np.isnan(measured({"2025-09-30": [0.0, 0.0, 5.0, UNKNOWN, UNKNOWN, UNKNOWN]})["ai_share_trailing"])
    out = measured({"2025-09-30": [0.0, 0.0, 0.0, UNKNOWN, UNKNOWN, UNKNOWN]})
    assert np.isnan(out["ai_share_trailing"])
    assert out["ai_share_contracted"] == 0.0


@pytest.mark.parametrize(
    ("row", "contracted", "reviewed", "marks"),
    [
        ([100.0, 90.0, UNKNOWN], 0.0, True, {"none_found"}),
        ([100.0, 90.0, UNKNOWN], 0.0, False, set()),
        ([100.0, 90.0, 10.0], 0.0, True, set()),
        ([100.0, 90.0, 10.0], 0.0, False, {"not_reviewed"}),
        ([100.0, 90.0, 0.0], 0.0, False, set()),
        ([100.0, 90.0, 0.2], 0.0, False, {"not_reviewed"}),
        ([100.0, 90.0, 0.2], UNKNOWN, True, {"no_value"}),
        ([100.0, 90.0, 0.0], UNKNOWN, True, set()),
        ([100.0, 90.0, 10.0], 50.0, False, set()),
        ([100.0, 90.0, UNKNOWN], 50.0, True, set()),
        ([100.0, 90.0, 10.0], UNKNOWN, True, {"no_value"}),
        ([100.0, 90.0, UNKNOWN], UNKNOWN, True, set()),
        ([100.0, UNKNOWN, 10.0], 50.0, True, {"mining_is_proxy"}),
    ],
)
def test_each_mark_of_the_contracted_share(row, contracted, reviewed, marks):
    out = measured({"2025-09-30": [*row, UNKNOWN, UNKNOWN, UNKNOWN]}, contracted, reviewed)
    names = (
        "none_found",
        "not_reviewed",
        "no_value",
        "mining_is_proxy",
        "mining_is_mix",
        "mining_is_older",
        "ai_is_older",
    )
    assert {name for name in names if out[name]} == marks
