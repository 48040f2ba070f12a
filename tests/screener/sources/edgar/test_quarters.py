"""Quarters out of the spans that filings state, against a plain ledger of quarters."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.sources.edgar.quarters import Flow, is_quarter, quarters

YEAR = [
    ("2024-10-01", "2024-12-31"),
    ("2025-01-01", "2025-03-31"),
    ("2025-04-01", "2025-06-30"),
    ("2025-07-01", "2025-09-30"),
]


def flow(start: str, end: str, value: float, filing: int = 0, **more) -> Flow:
    return Flow(
        "revenue_total", pd.Timestamp(start), pd.Timestamp(end), value, "Revenues", f"a{filing}", (filing,), **more
    )


def told(flows: list[Flow]) -> list[tuple]:
    return [(f"{one.end:%Y-%m-%d}", one.value, one.accession, one.derivation.startswith("derived")) for one in flows]


def test_the_year_less_nine_months_is_the_fourth_quarter_and_is_marked():
    found = quarters([flow("2024-10-01", "2025-06-30", 540.0, 1), flow("2024-10-01", "2025-09-30", 766.0, 2)])
    assert told(found) == [("2025-09-30", 226.0, "a2", True)]
    assert "2024-10-01..2025-09-30 766 less 2024-10-01..2025-06-30 540" in found[0].derivation


def test_the_year_to_date_of_a_report_is_not_its_quarter():
    found = quarters([flow("2025-04-01", "2025-06-30", 198.644, 1), flow("2024-10-01", "2025-06-30", 542.662, 1)])
    assert told(found) == [("2025-06-30", 198.644, "a1", False)]


def test_six_months_alone_give_no_quarter():
    assert quarters([flow("2025-01-01", "2025-06-30", 10.0)]) == []


@pytest.mark.parametrize(
    ("start", "nine", "year"),
    [("2023-10-01", "2024-06-29", "2024-09-28"), ("2023-01-01", "2023-09-30", "2023-12-31"),
     ("2023-01-02", "2023-10-01", "2024-01-07")],
    ids=["52 weeks", "months", "53 weeks"],
)  # fmt: skip
def test_weeks_and_months(start, nine, year):
    found = quarters([flow(start, nine, 30.0, 1), flow(start, year, 42.0, 2)])
    assert told(found) == [(year, 12.0, "a2", True)]


def test_a_stated_quarter_is_held_against_the_spans():
    spans = [flow("2025-01-01", "2025-03-31", 10.0, 1), flow("2025-01-01", "2025-06-30", 22.0, 2)]
    agrees = quarters([*spans, flow("2025-04-01", "2025-06-30", 12.0, 2)])[-1]
    assert agrees.checks == ("the spans of the year to date agree",)
    assert agrees.needs == ()
    differs = quarters([*spans, flow("2025-04-01", "2025-06-30", 15.0, 2)])[-1]
    assert differs.value == 15.0
    assert "the year to date leaves 12" in differs.needs[0]


def test_a_year_stated_anew_less_old_nine_months_is_for_a_person():
    found = quarters(
        [flow("2024-01-01", "2024-09-30", 30.0, 1), flow("2024-01-01", "2024-12-31", 42.0, 2),
         flow("2024-01-01", "2024-12-31", 60.0, 3)]
    )  # fmt: skip
    assert [one.value for one in found] == [12.0, 30.0]
    assert found[0].needs == ()
    assert "restated" in found[1].needs[0]


def test_needs_of_a_part_go_with_the_difference():
    found = quarters(
        [flow("2024-01-01", "2024-09-30", 30.0, 1, needs=("clash",)), flow("2024-01-01", "2024-12-31", 42.0, 2)]
    )
    assert found[0].needs == ("clash",)


def span(days: int, value: float, filing: int = 0, after: int = 0, **more: Any) -> Flow:
    """A flow over so many days, that begins some days after New Year of 2024."""
    start = pd.Timestamp("2024-01-01") + pd.Timedelta(days=after)
    return flow(f"{start:%Y-%m-%d}", f"{start + pd.Timedelta(days=days - 1):%Y-%m-%d}", value, filing, **more)


@pytest.mark.parametrize(("days", "quarter"), [(79, False), (80, True), (100, True), (101, False)])
def test_a_quarter_has_eighty_to_a_hundred_days(days, quarter):
    assert is_quarter(days) is quarter
    assert span(days, 1.0).days == days
    assert len(quarters([span(days, 1.0)])) == quarter
    left = quarters([span(182, 10.0, 1), span(182 + days, 17.0, 2)])
    assert [one.value for one in left] == ([7.0] if quarter else [])


@pytest.mark.parametrize(("days", "counts"), [(380, True), (381, False)])
def test_a_year_has_at_most_380_days(days, counts):
    assert len(quarters([span(days - 90, 10.0, 1), span(days, 17.0, 2)])) == counts


@pytest.mark.parametrize(("days", "counts"), [(80, True), (79, False)])
def test_what_is_taken_off_is_a_quarter_at_least(days, counts):
    found = quarters([span(days, 10.0, 1), span(days + 90, 17.0, 2)])
    assert [one.value for one in found if one.derivation.startswith("derived")] == ([7.0] if counts else [])


@pytest.mark.parametrize(("after", "same"), [(-7, True), (-8, False), (7, True), (8, False), (0, True)])
def test_spans_begin_within_a_week_of_each_other(after, same):
    found = quarters([span(182, 10.0, 1, after=20 + after), span(273, 17.0, 2, after=20)])
    assert [one.value for one in found] == ([7.0] if same else [])


def test_a_derived_quarter_has_its_own_days_and_what_was_checked_and_needed_of_both():
    nine = flow("2024-01-01", "2024-09-30", 30.0, 1, checks=("a", "b"), needs=("x",))
    year = flow("2024-01-01", "2024-12-31", 42.0, 2, checks=("b", "c"), needs=("y", "x"))
    (found,) = quarters([nine, year])
    assert (found.item, found.start, found.end, found.value, found.accession, found.known) == (
        "revenue_total", pd.Timestamp("2024-10-01"), pd.Timestamp("2024-12-31"), 12.0, "a2", (2,),
    )  # fmt: skip
    assert (found.checks, found.needs) == (("b", "c", "a"), ("y", "x"))
    assert found.derivation == (
        "derived: 2024-01-01..2024-12-31 42 less 2024-01-01..2024-09-30 30 (Revenues; Revenues)"
    )  # fmt: skip


@pytest.mark.parametrize(("again", "restated"), [(30.02, False), (30.1, True)])
def test_a_span_stated_anew_within_a_thousandth_is_the_same(again, restated):
    found = quarters([flow("2024-01-01", "2024-09-30", 30.0, 1), flow("2024-01-01", "2024-09-30", again, 2),
                      flow("2024-01-01", "2024-12-31", 42.0, 3)])  # fmt: skip
    told = ("2024-01-01..2024-09-30 was restated; the other span may be on another basis",) if restated else ()
    assert [(one.value, one.needs) for one in found] == [(42.0 - again, told)]


def test_a_quarter_that_was_stated_before_is_not_derived_and_those_stated_come_first():
    stated = flow("2024-10-01", "2024-12-31", 12.0, 1)
    later = [flow("2024-01-01", "2024-09-30", 30.0, 2), flow("2024-01-01", "2024-12-31", 50.0, 2)]
    assert told(quarters([stated, *later])) == [("2024-12-31", 12.0, "a1", False)]
    both = quarters([flow("2024-01-01", "2024-12-31", 50.0, 3), flow("2024-01-01", "2024-09-30", 30.0, 3),
                     flow("2024-01-01", "2024-06-30", 18.0, 3), flow("2024-01-01", "2024-03-31", 8.0, 3)])  # fmt: skip
    assert told(both) == [
        ("2024-03-31", 8.0, "a3", False),
        ("2024-06-30", 10.0, "a3", True),
        ("2024-09-30", 12.0, "a3", True),
        ("2024-12-31", 20.0, "a3", True),
    ]


amounts = st.lists(st.integers(-500, 500), min_size=4, max_size=4)


@given(amounts, st.randoms())
def test_every_quarter_is_found_from_years_to_date_in_any_order_of_rows(values, random):
    # Each report states its year to date alone, as cash flow statements do; the ledger is the plain answer.
    flows = [flow(YEAR[0][0], YEAR[i][1], float(sum(values[: i + 1])), i) for i in range(4)]
    random.shuffle(flows)
    found = {f"{one.end:%Y-%m-%d}": one.value for one in quarters(flows)}
    assert found == {YEAR[i][1]: float(values[i]) for i in range(4)}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 99), st.integers(0, 5)), max_size=12))
def test_a_later_filing_never_changes_what_an_earlier_day_knew(rows):
    once = {(min(a, b), max(a, b), filing): value for a, b, value, filing in rows}
    flows = [flow(YEAR[a][0], YEAR[b][1], float(value), filing) for (a, b, filing), value in once.items()]
    for day in range(6):
        known = [one for one in flows if one.known <= (day,)]
        assert quarters(known) == [one for one in quarters(flows) if one.known <= (day,)]
