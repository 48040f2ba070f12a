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
    assert abs((row["period_end"] - pd.Timestamp("2025-06-28")).days) <= 3
    assert row["status"] == "expected"
