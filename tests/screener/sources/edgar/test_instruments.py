"""Terms of notes and loans by hand: which dimensions name an instrument, and which of several terms is the newest."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.edgar.filed import Document
from screener.sources.edgar.instruments import INSTRUMENT_COLUMNS, instruments
from tests.screener.sources.edgar.stated import day, facts

AXIS, KIND = "us-gaap:DebtInstrumentAxis", "us-gaap:LongtermDebtTypeAxis"
NOTES = ((AXIS, "x:NotesDue2029Member"),)
FACE, COUPON = "DebtInstrumentFaceAmount", "DebtInstrumentInterestRateStatedPercentage"
PRICE, RATIO = "DebtInstrumentConvertibleConversionPrice1", "DebtInstrumentConvertibleConversionRatio1"


def read(*told: dict) -> list[dict]:
    document = Document("0000000001", "X", facts(*told, dimensions=NOTES), "10-Q", day("2025-06-30"), "12-31")
    found = instruments(document, {"ticker": "X"})
    assert list(found.columns) == INSTRUMENT_COLUMNS
    assert set(found["needs"]) <= {"terms of an instrument are always for a person"}
    return found.to_dict("records")


def term(concept: str, value: float, end: str = "2025-06-30", **more: object) -> dict:
    return {"concept": concept, "value": value, "end": end} | more


def test_the_newest_of_each_term_stands_in_whatever_order_they_are_told():
    (row,) = read(
        term(FACE, 400.0), term(COUPON, 0.05, "2025-03-31"), term(FACE, 460.0, "2024-08-19"),
        term(COUPON, 0.03, start="2025-04-01"),
        term(COUPON, 0.04, "2024-12-31"), term("DebtInstrumentTerm", 7.0, "2025-07-31"),
    )  # fmt: skip
    assert (row["ticker"], row["instrument"], row["matures"]) == ("X", "NotesDue2029", "2029")
    assert (row["principal_usd"], row["coupon_pct"]) == (400.0, pytest.approx(3.0))
    assert row["evidence"] == f"{FACE} 400; {COUPON} 0.03"
    assert row["as_of"] == day("2025-06-30")  # of the terms that are read
    assert (row["accession"], row["filed"]) == ("a1", day("2025-08-07"))
    assert pd.isna(row["price_usd"])


@pytest.mark.parametrize(
    ("terms", "price"),
    [
        ((term(PRICE, 12.5), term(RATIO, 0.1)), 12.5),
        ((term(RATIO, 0.08),), 12.5),  # shares a dollar
        ((term(RATIO, 80.0),), 12.5),  # shares for each 1,000 dollars
        ((term(RATIO, 1.0),), 1000.0),
        ((term(RATIO, 0.0), term(FACE, 5.0)), None),
        ((term(RATIO, -80.0), term(FACE, 5.0)), None),
    ],
)
def test_the_conversion_price_is_stated_or_follows_from_the_rate(terms, price):
    (row,) = read(*terms)
    assert pd.isna(row["price_usd"]) if price is None else row["price_usd"] == pytest.approx(price)


@pytest.mark.parametrize(
    ("dimensions", "is_one"),
    [
        (NOTES, True),
        ((*NOTES, (KIND, "us-gaap:ConvertibleDebtMember")), True),
        ((*NOTES, (KIND, "a"), ("us-gaap:ShortTermDebtTypeAxis", "b"), ("us-gaap:CreditFacilityAxis", "c")), True),
        ((*NOTES, ("us-gaap:SubsequentEventTypeAxis", "us-gaap:SubsequentEventMember")), False),
        (((KIND, "us-gaap:ConvertibleDebtMember"),), False),
        ((), False),
    ],
)
def test_an_instrument_is_named_by_its_axis_and_kinds_of_debt_alone(dimensions, is_one):
    assert len(read(term(FACE, 5.0, dimensions=dimensions))) == is_one


def test_each_instrument_has_a_row_and_what_states_no_term_has_none():
    other = ((AXIS, "x:A2031BondsMember"),)
    rows = read(
        term(FACE, 5.0), term(COUPON, 0.02, dimensions=other), term(FACE, 9.0, taxonomy="x", dimensions=other),
        term("DebtInstrumentTerm", 7.0, dimensions=((AXIS, "x:LoanMember"),)),
        term(PRICE, 3.0, dimensions=((AXIS, "x:LoanBMember"),)),
    )  # fmt: skip
    assert [(row["instrument"], row["matures"]) for row in rows] == [
        ("A2031Bonds", "2031"), ("LoanB", ""), ("NotesDue2029", "2029"),
    ]  # fmt: skip
    assert pd.isna(rows[0]["principal_usd"])
    assert rows[0]["coupon_pct"] == pytest.approx(2.0)
