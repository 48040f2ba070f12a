"""The verdict on a claim, by the rule as it is stated: expected verdicts are read off the rule, not off the code."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.claims.claimed import parse
from valuation.claims.verdict import VERDICTS, Measured, judge


def judged(text: str, unit: str = "ratio", statement: str = "", *, due: bool = True, **measured: object) -> str:
    return judge(parse(text, unit, statement), Measured(**measured), unit, due=due).verdict


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (1.9, 1.5, 2.4, "holds"),  # contains 2, excludes 1, 2.4 / 1.5 is below 2
        (3.1, 1.7, 6.4, "not determinable"),  # contains 2, a factor of 3.8
        (1.4, 0.8, 1.55, "does not hold"),  # 2 is outside, and 1.4 is 30% off
        (1.6, 1.3, 1.9, "holds in part"),  # 2 is outside, and 1.6 is 20% off
        (1.5, 0.99, 2.0, "not determinable"),  # contains 2 and 1
        (1.0, -0.5, 3.0, "not determinable"),  # a factor cannot be told below zero
        (2.0, 1.2, 2.4, "holds"),  # a factor of exactly 2 is not wider than 2
    ],
)
def test_a_ratio_with_an_interval(value, low, high, expected):
    assert judged("2", value=value, low=low, high=high) == expected


def test_an_interval_of_another_unit_need_not_exclude_one():
    assert judged("1", "usd", value=1.0, low=0.8, high=1.2) == "holds"
    assert judged("1", "ratio", value=1.0, low=0.8, high=1.2) == "not determinable"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (66.051e9, "holds"), (71.5e9, "holds"), (71.6e9, "holds in part"), (58.5e9, "holds"), (58.4e9, "holds in part"),
        (81.25e9, "holds in part"), (81.3e9, "does not hold"), (48.7e9, "does not hold"),
    ],
)  # fmt: skip
def test_a_figure_without_an_interval_within_a_tenth_and_a_quarter(value, expected):
    assert judged("65000000000", "usd", value=value) == expected


def test_a_bound_holds_on_the_claimed_side_however_far():
    statement = "MARA holds more than 20,000 BTC"
    assert judged("20000", "btc", statement, value=52_850) == "holds"
    assert judged("20000", "btc", statement, value=18_100) == "holds"  # 9.5% short: within a tenth
    assert judged("20000", "btc", statement, value=15_500) == "holds in part"
    assert judged("20000", "btc", statement, value=14_000) == "does not hold"
    assert judged("20", "percent", "below 20%", value=0.13) == "holds"
    assert judged("20", "percent", "below 20%", value=0.6) == "does not hold"
    reason = judge(parse("20000", "btc", statement), Measured(52_850), "btc").reason
    assert "far off: 2.6 times" in reason


def test_a_bound_on_an_interval():
    assert judged(">0", "per year", value=0.3, low=0.1, high=0.5) == "holds"
    assert judged(">0", "per year", value=-0.6, low=-0.7, high=-0.3) == "does not hold"
    assert judged(">0", "per year", value=0.1, low=-0.2, high=0.4) == "not determinable"
    assert judged("<0", "per year", value=-0.6, low=-0.7, high=-0.3) == "holds"


def test_a_measured_range_is_as_far_off_as_its_worse_end():
    # 57.82 is 15.6% above 50 and 42.70 is 0.7% below 43.
    assert judged("43-50", "usd", value=57.82, first=42.70, last=57.82) == "holds in part"
    assert judged("43-50", "usd", value=50, first=42.70, last=54.99) == "holds"
    assert judged("43-50", "usd", value=50, first=30.0, last=50.0) == "does not hold"


@pytest.mark.parametrize(
    ("quarter", "expected"),
    [("2026Q3", "holds"), ("2026Q4", "holds"), ("2026Q2", "holds in part"), ("2027Q1", "holds in part"),
     ("2026Q1", "does not hold"), ("2027Q2", "does not hold")],
)  # fmt: skip
def test_quarters(quarter, expected):
    assert judged("2026Q3-2026Q4", "quarter", value=parse(quarter, "quarter").low) == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [((True, True), "holds"), ((True, False), "holds in part"), ((True, None), "holds in part"),
     ((False, False), "does not hold"), ((False, None), "not determinable"), ((None, None), "not determinable")],
)  # fmt: skip
def test_a_claim_without_a_figure_by_what_it_says(answers, expected):
    points = [(f"point {i}", answer) for i, answer in enumerate(answers)]
    assert judged("", "share", value=0.3, points=points) == expected


def test_a_claim_is_due_unless_it_is_said_not_to_be():
    assert judge(parse("5", "mw"), Measured(5.0), "mw").verdict == "holds"


def test_the_day_still_to_come_is_not_yet_due_and_the_figure_so_far_is_told():
    early = judge(parse("20", "percent", "below 20%"), Measured(0.13), "percent", due=False)
    assert (early.verdict, early.reason) == ("not yet due", "already so by the figures known so far")
    late = judge(parse("0", "mw"), Measured(341.0), "mw", due=False)
    assert (late.verdict, late.reason) == ("not yet due", "not so by the figures known so far")


def test_an_unknown_figure_is_not_determinable_and_never_zero():
    found = judge(parse("0", "mw"), Measured(why="operating MW unknown"), "mw")
    assert (found.verdict, found.reason) == ("not determinable", "operating MW unknown")


positive = st.floats(0.01, 100)


@given(positive, positive, st.floats(1.0, 10.0), st.floats(1.0, 10.0))
def test_a_ratio_holds_only_if_its_interval_excludes_one_and_contains_the_claim(claim, value, below, above):
    low, high = value / below, value * above
    found = judged(repr(claim), value=value, low=low, high=high)
    assert found in VERDICTS
    if found == "holds":
        assert low <= claim <= high
        assert not low <= 1 <= high
        assert high / low <= 2
    if not low <= claim <= high:
        assert found in ("holds in part", "does not hold")


@given(st.floats(0.01, 1e6), st.floats(0.0, 3.0))
def test_nearer_is_never_worse(claim, off):
    order = ["holds", "holds in part", "does not hold"]
    near = judged(repr(claim), "usd", value=claim * (1 + off / 2))
    far = judged(repr(claim), "usd", value=claim * (1 + off))
    assert order.index(near) <= order.index(far)
    assert not math.isnan(claim)
