"""The cover of a report as filers write it: dates, the end of the fiscal year, and whether it is an amendment."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.edgar import inline
from screener.sources.edgar.filed import Document
from tests.edgar_documents import Fact, report


def told(name: str, text: str, shape: str = "", **more: str) -> str:
    said = {"contextRef": "c-cover", "name": f"dei:{name}"} | ({"format": f"ixt:{shape}"} if shape else {}) | more
    shown = " ".join(f'{key}="{value}"' for key, value in said.items())
    return f"<ix:nonNumeric {shown}>{text}</ix:nonNumeric>"


WHOSE = told("EntityRegistrantName", "CleanSpark, Inc.") + told("EntityCentralIndexKey", "0000827876")
WHEN = told("DocumentPeriodEndDate", "2025-06-30")
WHAT = told("DocumentType", "10-Q")


def read(*parts: str) -> Document:
    return inline.read(report([], cover=False, body="".join(parts)))


@pytest.mark.parametrize(
    ("text", "shape", "day"),
    [
        ("2025-6-5", "", "2025-06-05"),
        ("January 1, 2025", "", "2025-01-01"),
        ("Dec. 31 2025", "", "2025-12-31"),
        ("december 31st, 2025", "", "2025-12-31"),
        ("3rd March 2025", "", "2025-03-03"),
        ("2nd Feb. 2025", "", "2025-02-02"),
        ("12/31/2025", "", "2025-12-31"),
        ("31-12-2025", "date-day-month-year", "2025-12-31"),
        ("7.4.1999", "", "1999-07-04"),
        ("30 June 2199", "", "2199-06-30"),
        ("May 5, 2025", "", "2025-05-05"),
        ("Nov 30,2025", "", "2025-11-30"),
        ("31/12/2025", "", None),
        ("February 30, 2025", "", None),
        ("June 30, 1825", "", None),
        ("June 30", "", None),
        ("Ju 30, 2025", "", None),
        ("Septembers 30, 2025", "", None),
        ("2025-06-31", "", None),
        ("June 123, 2025", "", None),
    ],
)
def test_the_day_of_the_period(text, shape, day):
    document = read(WHOSE, WHAT, told("DocumentPeriodEndDate", text, shape))
    if day is None:
        assert pd.isna(document.period_end)
        assert document.faults == (f"dei:DocumentPeriodEndDate {text!r} is not a date",)
    else:
        assert (document.period_end, document.faults) == (pd.Timestamp(day), ())


@pytest.mark.parametrize(
    ("text", "shape", "day"),
    [
        ("--12-31", "", "12-31"),
        ("--01-01", "", "01-01"),
        ("Dec 31", "", "12-31"),
        ("1st January", "", "01-01"),
        ("01/02", "", "01-02"),
        ("01/02", "date-day-month", "02-01"),
        ("Aug. 3", "", "08-03"),
        ("--13-01", "", ""),
        ("--00-10", "", ""),
        ("--12-32", "", ""),
        ("--06-00", "", ""),
        ("Brumaire 5", "", ""),
    ],
)
def test_the_end_of_the_fiscal_year(text, shape, day):
    document = read(WHOSE, WHAT, WHEN, told("CurrentFiscalYearEndDate", text, shape))
    fault = () if day else (f"dei:CurrentFiscalYearEndDate {text!r} is not a month and day",)
    assert (document.fiscal_year_end, document.faults) == (day, fault)


@pytest.mark.parametrize(
    ("text", "shape", "amended"),
    [
        ("true", "", True),
        ("TRUE", "", True),
        ("1", "", True),
        ("Yes", "", True),
        ("\u2612", "", True),
        ("\u2611", "", True),
        ("X", "", True),
        ("false", "", False),
        ("no", "", False),
        ("0", "", False),
        ("\u2610", "", False),
        ("no", "fixed-true", True),
        ("no", "booleantrue", True),
        ("yes", "fixed-false", False),
        ("yes", "boolean-false", False),
    ],
)
def test_whether_it_is_an_amendment(text, shape, amended):
    document = read(WHOSE, WHAT, WHEN, told("AmendmentFlag", text, shape))
    assert (document.form, document.faults) == ("10-Q/A" if amended else "10-Q", ())


def test_what_is_missing_is_named():
    assert read(WHOSE, WHAT, WHEN).fiscal_year_end == ""
    document = read(WHOSE, told("AmendmentFlag", "true"))
    assert (document.form, document.faults) == (
        "", ("dei:DocumentPeriodEndDate is missing", "dei:DocumentType is missing"),
    )  # fmt: skip
    assert read(told("EntityCentralIndexKey", "0000827876"), WHAT, WHEN).faults == (
        "dei:EntityRegistrantName is missing",
    )


def test_of_several_statements_the_first_of_the_whole_company_counts():
    part = (("dei:LegalEntityAxis", "clsk:SubsidiaryMember"),)
    two = (
        told("EntityRegistrantName", "Sub Ltd", contextRef="c-1")
        + told("EntityRegistrantName", "Gone Ltd", contextRef="c-99")
        + told("EntityRegistrantName", "  ")
        + told("EntityRegistrantName", "Other Target", target="ifrs")
        + WHOSE
        + told("EntityRegistrantName", "Later Inc.")
        + told("EntityRegistrantName", "Sub 2 Ltd", contextRef="c-1")
        + told("EntityRegistrantName", "Own Inc.").replace("dei:", "clsk:")
        + told("EntityRegistrantName", "No Prefix Inc.").replace("dei:", "gone:")
    )
    document = inline.read(report([Fact("Cash", 1, "2025-06-30", dims=part)], cover=False, body=two + WHAT + WHEN))
    assert (document.name, document.faults) == ("CleanSpark, Inc.", ())
    only_parts = two.replace(WHOSE, told("EntityCentralIndexKey", "0000827876")).replace("Later Inc.", " ")
    document = inline.read(
        report([Fact("Cash", 1, "2025-06-30", dims=part)], cover=False, body=only_parts + WHAT + WHEN)
    )
    assert document.name == "Sub Ltd"
