"""The next report expected: the same quarter's lag, a stated n, and unknown where there is no pattern."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.edgar.calendar import expected
from screener.sources.told import FILING_COLUMNS

ENDS = pd.to_datetime(
    ["2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31", "2025-03-31", "2025-06-30", "2025-09-30"]
)


def filings(ends=ENDS, lags=(40, 38, 42, 60, 44, 36, 40), forms=None) -> pd.DataFrame:
    forms = forms or ["10-K" if end.month == 12 else "10-Q" for end in ends]
    frame = pd.DataFrame({"ticker": "CLSK", "form": forms, "report_date": ends})
    frame["filed"] = [end + pd.Timedelta(days=lag) for end, lag in zip(ends, lags, strict=True)]
    return frame.reindex(columns=FILING_COLUMNS)


def one(frame: pd.DataFrame, as_of: str) -> pd.Series:
    return expected(frame, pd.Timestamp(as_of)).iloc[0]


def test_the_same_quarter_of_earlier_years():
    row = one(filings(), "2025-06-10")  # the quarter to June has one earlier year: every 10-Q counts
    assert row["period_end"] == pd.Timestamp("2025-06-30")
    assert (row["n"], row["status"]) == (4, "expected")
    assert row["expected_on"] == pd.Timestamp("2025-06-30") + pd.Timedelta(days=41)  # the median of 40, 38, 42, 44
    later = one(filings([*ENDS, pd.Timestamp("2025-12-31")], (40, 38, 42, 60, 44, 36, 40, 58)), "2026-03-05")
    assert later["period_end"] == pd.Timestamp("2026-03-31")
    assert later["n"] == 2
    assert later["expected_on"] == pd.Timestamp("2026-03-31") + pd.Timedelta(days=42)
    assert "same quarter" in later["basis"]


def test_what_was_filed_later_is_not_read():
    assert one(filings(), "2025-05-01")["period_end"] == pd.Timestamp("2025-03-31")
    assert one(filings(), "2025-05-01")["status"] == "expected"


def test_an_annual_report_with_one_before_it_is_unknown():
    row = one(filings(), "2025-11-20")
    assert (row["form"], row["n"], row["status"]) == ("10-K", 1, "unknown")
    assert pd.isna(row["expected_on"])


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_reports_are_no_pattern(n):
    frame = filings().iloc[:n] if n else filings().iloc[:1].assign(form="8-K")
    row = one(frame, "2025-11-20")
    assert row["status"] == "unknown"
    assert row["n"] == n


def test_a_passed_day_is_overdue_and_an_annual_filer_gets_a_year():
    assert one(filings().iloc[:5], "2025-09-30")["status"] == "overdue"
    years = pd.to_datetime(["2022-12-31", "2023-12-31", "2024-12-31"])
    row = one(filings(years, (100, 110, 120), ["20-F"] * 3), "2025-06-01")
    assert (row["period_end"], row["expected_on"]) == (pd.Timestamp("2025-12-31"), pd.Timestamp("2026-04-20"))
    assert row["n"] == 3


def test_a_52_week_year():
    ends = pd.to_datetime(["2024-03-30", "2024-06-29", "2024-09-28", "2024-12-28", "2025-03-29"])
    row = one(filings(ends, (40, 40, 40, 60, 40)), "2025-05-20")
    assert row["period_end"] == pd.Timestamp("2025-06-29")
    assert row["status"] == "expected"


def reports(*told: tuple[str, int, str], ticker: str = "CLSK") -> pd.DataFrame:
    """Filings in any order: (period end, days to filing, form)."""
    ends = [pd.Timestamp(end) for end, _, _ in told]
    return filings(ends, [lag for _, lag, _ in told], [form for _, _, form in told]).assign(ticker=ticker)


THREE = (("2024-09-30", 42, "10-Q"), ("2024-03-31", 40, "10-Q"), ("2024-06-30", 38, "10-Q"))


@pytest.mark.parametrize(("as_of", "period_end"), [("2025-05-13", "2025-03-31"), ("2025-05-14", "2025-06-30")])
def test_a_report_counts_from_the_day_of_its_filing(as_of, period_end):
    assert one(filings(), as_of)["period_end"] == pd.Timestamp(period_end)


def test_of_two_reports_on_a_period_the_first_filed_counts():
    row = one(reports(("2024-06-30", 90, "10-Q"), *THREE), "2024-12-01")
    assert (row["n"], row["expected_on"]) == (3, pd.Timestamp("2025-02-09"))  # 40 days after 2024-12-31
    assert row["basis"] == "every 10-Q of earlier periods, median 40 days after the period's end"


def test_two_reports_are_a_pattern_and_companies_stand_by_name():
    two = reports(*THREE[:2])
    found = expected(
        pd.concat([two, two.assign(ticker="AAA"), two.iloc[:1].assign(ticker="BBB")]), pd.Timestamp("2024-12-01")
    )
    assert found[["ticker", "n", "status"]].to_numpy().tolist() == [
        ["AAA", 2, "expected"], ["BBB", 1, "unknown"], ["CLSK", 2, "expected"],
    ]  # fmt: skip
    assert found["expected_on"].tolist()[0] == pd.Timestamp("2025-02-10")  # the median of 40 and 42


@pytest.mark.parametrize(
    ("last", "period_end"),
    [
        ("2025-02-28", "2025-05-31"),
        ("2025-11-30", "2026-02-28"),
        ("2025-03-31", "2025-06-30"),
        ("2025-02-27", "2025-05-27"),
    ],
)
def test_a_quarter_that_ends_with_a_month_is_followed_by_one_that_does(last, period_end):
    assert one(reports(("2024-08-31", 40, "10-Q"), (last, 40, "10-Q")), "2026-02-01")["period_end"] == pd.Timestamp(
        period_end
    )


@pytest.mark.parametrize(("earlier", "n"), [("2022-06-15", 2), ("2022-06-14", 1), ("2022-07-15", 2), ("2022-07-16", 1)])
def test_a_quarter_within_fifteen_days_of_the_same_day_of_an_earlier_year_is_the_same(earlier, n):
    told = ((earlier, 30, "10-Q"), ("2009-06-30", 34, "10-Q"), ("2026-03-31", 50, "10-Q"))
    row = one(reports(*told), "2026-06-01")
    assert (row["period_end"], row["basis"][:12]) == (
        pd.Timestamp("2026-06-30"),
        "same quarter" if n == 2 else "every 10-Q o",
    )
    assert row["n"] == (2 if n == 2 else 3)
    assert (row["expected_on"] - row["period_end"]).days == (32 if n == 2 else 34)


def test_the_form_is_that_of_the_same_period_a_year_ago():
    told = (("2023-12-31", 100, "20-F"), ("2024-12-31", 60, "10-K"), ("2025-09-30", 40, "10-Q"))
    row = one(reports(*told), "2025-12-01")
    assert (row["form"], row["n"], row["expected_on"]) == ("10-K", 2, pd.Timestamp("2026-03-21"))  # 80 days
    only_annual = one(reports(("2023-12-31", 100, "20-F"), ("2024-12-31", 60, "10-K")), "2025-12-01")
    assert (only_annual["form"], only_annual["n"]) == ("10-K", 2)


def test_a_report_is_overdue_the_day_after_it_was_expected():
    assert one(reports(*THREE), "2025-02-09")["status"] == "expected"
    assert one(reports(*THREE), "2025-02-10")["status"] == "overdue"
