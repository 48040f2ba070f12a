"""Windows, closes and peers of an event study at their bounds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.valuation.events.planted import FRIDAYS, announced, prices
from valuation import events
from valuation.errors import NotEstimable
from valuation.events.timing import TIMINGS, flag, label, others_mean, timing_of


def test_windows_are_those_of_the_methods():
    weekly, daily = TIMINGS["weekly"], TIMINGS["daily"]
    assert (weekly.length, weekly.gap, weekly.least) == (52, 4, 26)
    assert (daily.length, daily.gap, daily.least) == (120, 11, 60)
    assert weekly.windows == ((0, 0), (0, 1))
    assert daily.windows == ((-1, 1), (0, 1), (0, 5))
    assert weekly.raise_windows == ((-1, 0), (0, 0), (0, 1), (0, 3), (0, 6))
    assert daily.raise_windows == ((-5, 0), (0, 0), (0, 5), (0, 15), (0, 30))
    assert (weekly.confounded_within, weekly.usual_days, weekly.most_days) == (0, 7, 10)
    assert (daily.confounded_within, daily.usual_days, daily.most_days) == (1, 1, 6)
    assert list(map(label, [(0, 0), (0, 1), (-1, 1), (-5, 0)])) == ["[0]", "[0,+1]", "[-1,+1]", "[-5,0]"]


@pytest.mark.parametrize(
    ("frequency", "hours", "fits"),
    [("weekly", 84, True), ("weekly", 83, False), ("weekly", 252, True), ("weekly", 253, False),
     ("daily", 12, True), ("daily", 11, False), ("daily", 36, True), ("daily", 37, False)],
)  # fmt: skip
def test_closes_are_half_to_one_and_a_half_times_as_far_apart_as_usual(frequency, hours, fits):
    dates = pd.DatetimeIndex([FRIDAYS[0] + k * pd.Timedelta(hours=hours) for k in range(2)])
    if fits:
        assert timing_of(frequency, dates) is TIMINGS[frequency]
    else:
        with pytest.raises(NotEstimable, match=f"a {frequency} study needs {frequency} closes"):
            timing_of(frequency, dates)
    assert timing_of(frequency, dates[:1]) is TIMINGS[frequency]  # one close tells nothing


def test_the_others_are_five_at_least_and_not_the_company_itself():
    values = np.array([[1.0, 2.0, 4.0, 8.0, 16.0, 32.0], [1.0, 2.0, 4.0, 8.0, 16.0, np.nan]])
    found = others_mean(values)
    assert found[0].tolist() == pytest.approx([62 / 5, 61 / 5, 59 / 5, 55 / 5, 47 / 5, 31 / 5])
    assert found[1].tolist() == pytest.approx([np.nan] * 5 + [31 / 5], nan_ok=True)


def test_a_split_is_in_the_close_of_its_first_day():
    closes = pd.DataFrame({"A": [10.0, 10.0, 5.0, 5.0]}, index=FRIDAYS[:4])
    splits = pd.DataFrame({"ticker": ["A"], "first_day_on_new_basis": [FRIDAYS[2]], "shares_multiplier": [2.0]})
    assert events.adjust_for_splits(closes, splits)["A"].tolist() == [5.0, 5.0, 5.0, 5.0]


@pytest.mark.parametrize(("days", "waits"), [(10, True), (11, False)])
def test_an_event_waits_ten_days_for_a_weekly_close(days, waits):
    closes, coin = prices()
    late = FRIDAYS[100] - pd.Timedelta(days=days)
    out = events.study(closes.drop(FRIDAYS[98:100]), coin, announced(("A", f"{late:%Y-%m-%d}")))
    assert (len(out.events) == 1) == waits
    if not waits:
        assert out.left_out["reason"].tolist() == ["no close within 10 days of it"]


def placed(*places: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(places, columns=["ticker", "position"])


@pytest.mark.parametrize(
    ("frequency", "apart", "confounded"),
    [("weekly", 0, True), ("weekly", 1, False), ("weekly", -1, False), ("daily", 1, True), ("daily", -1, True),
     ("daily", 2, False), ("daily", -2, False)],
)  # fmt: skip
def test_other_news_confounds_up_to_so_many_steps_before_or_after(frequency, apart, confounded):
    other = announced(("A", f"{FRIDAYS[10 + apart]:%Y-%m-%d}"), ("B", f"{FRIDAYS[10]:%Y-%m-%d}")).assign(kind="results")
    out = flag(placed(("A", 10)), other, FRIDAYS, TIMINGS[frequency], (0, 1))
    assert out["confounded"].tolist() == ([f"results {FRIDAYS[10 + apart]:%Y-%m-%d}"] if confounded else [""])
    for nothing in (None, other[:0]):
        assert flag(placed(("A", 10)), nothing, FRIDAYS, TIMINGS[frequency], (0, 1))["confounded"].tolist() == [""]


def test_windows_of_one_company_overlap_up_to_their_length():
    rows = placed(("B", 7), ("A", 20), ("A", 3), ("B", 5), ("A", 12), ("A", 11), ("C", 4))
    assert flag(rows, None, FRIDAYS, TIMINGS["weekly"], (-1, 1))["overlaps"].tolist() == [
        True, False, False, True, True, True, False
    ]  # fmt: skip
    assert flag(rows, None, FRIDAYS, TIMINGS["weekly"], (0, 1))["overlaps"].tolist() == [
        False, False, False, False, True, True, False
    ]  # fmt: skip
    assert flag(rows[1:3], None, FRIDAYS, TIMINGS["weekly"], (0, 16))["overlaps"].tolist() == [False, False]
    assert flag(rows[1:3], None, FRIDAYS, TIMINGS["weekly"], (0, 17))["overlaps"].tolist() == [True, True]
