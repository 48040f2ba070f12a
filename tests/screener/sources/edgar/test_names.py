"""Names, addresses and instruments of filings: each rule with what it holds for and what it does not."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.edgar import addresses
from screener.sources.edgar.filed import Document
from screener.sources.edgar.found import bare, one_dimension
from screener.sources.edgar.identity import plain, refusal
from screener.sources.edgar.instruments import INSTRUMENT_COLUMNS, instruments
from tests.screener.sources.edgar.stated import day, facts

AXIS = "us-gaap:DebtInstrumentAxis"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CLEANSPARK, INC.", "cleanspark"),
        ("Core Scientific, Inc./tx", "core scientific"),
        ("NEBIUS GROUP N.V.", "nebius group"),
        ("Bitfarms Ltd/CN/", "bitfarms"),
        ("AT&T Corp", "at&t"),
        ("The Inc", "the inc"),
        ("", ""),
        ("  Hut 8 Corp.  ", "hut 8"),
    ],
)
def test_a_name_without_its_legal_form(name, expected):
    assert plain(name) == expected


CLSK = {"ticker": "CLSK", "name": "CleanSpark, Inc.", "cik": "827876", "former_names": "SmartData Corp;Stratean Inc"}


@pytest.mark.parametrize(
    ("cik", "name", "company", "former", "reason"),
    [
        ("0000827876", "Cleanspark Inc", CLSK, (), ""),
        ("CIK0000827876", "STRATEAN, INC", CLSK, (), ""),
        ("0000827876", "Data443", CLSK, ("Data443 Inc",), ""),
        (
            "0000827876",
            "Data443",
            CLSK | {"former_names": None},
            (),
            "the document names Data443, companies.csv names CleanSpark, Inc.; if CLSK was renamed, add the name to "
            "former_names "
            "in companies.csv",
        ),
        (
            "0000827876",
            "",
            CLSK,
            (),
            "the document names nobody, companies.csv names CleanSpark, Inc.; if CLSK was renamed, add "
            "the name to former_names in companies.csv",
        ),
        ("0001436229", "BTCS Inc.", CLSK, (), "the document is of BTCS Inc. (CIK 0001436229), CLSK is CIK 0000827876"),
        ("", "", CLSK, (), "the document is of an unnamed filer (CIK unknown), CLSK is CIK 0000827876"),
        (
            "",
            "",
            CLSK | {"cik": None},
            (),
            "CLSK has no CIK in companies.csv; add it, or filings cannot be told from another company's",
        ),
    ],
)
def test_whose_document_it_is(cik, name, company, former, reason):
    assert refusal(cik, name, company, former) == reason


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0000950170-25-104236", True),
        ("0000950170-25-10423", False),
        ("x0000950170-25-104236", False),
        (None, False),
        (5, False),
    ],
)
def test_an_accession_number(text, is_one):
    assert addresses.is_accession(text) is is_one


def test_addresses():
    folder = "https://www.sec.gov/Archives/edgar/data/827876/000095017025104236"
    assert addresses.submissions(827876) == "https://data.sec.gov/submissions/CIK0000827876.json"
    assert addresses.older_part("a/b.json") == "https://data.sec.gov/submissions/a%2Fb.json"
    assert addresses.folder("0000827876", "0000950170-25-104236") == folder
    assert addresses.index(827876, "0000950170-25-104236") == f"{folder}/0000950170-25-104236-index.htm"
    assert addresses.document(827876, "0000950170-25-104236", "r.htm") == f"{folder}/r.htm"


def test_the_only_dimension_of_a_fact():
    assert one_dimension(((AXIS, "core:NoteMember"),)) == ("DebtInstrumentAxis", "NoteMember")
    assert one_dimension(()) == one_dimension(((AXIS, "a:B"), ("us-gaap:TypeAxis", "c:D"))) == ("", "")
    assert (bare("us-gaap:Cash"), bare("Cash")) == ("Cash", "Cash")


NOTE = ((AXIS, "core:ConvertibleSeniorNotesDue2029Member"),)
FACE, COUPON = "DebtInstrumentFaceAmount", "DebtInstrumentInterestRateStatedPercentage"
PRICE, RATIO = "DebtInstrumentConvertibleConversionPrice1", "DebtInstrumentConvertibleConversionRatio1"


def named(*told: dict) -> pd.DataFrame:
    made = Document(cik="", name="", facts=facts(*told, dimensions=NOTE), form="10-Q", period_end=pd.NaT, fiscal_year_end="",
                    faults=())  # fmt: skip
    found = instruments(made, {"ticker": "CORZ"})
    assert list(found.columns) == INSTRUMENT_COLUMNS
    assert (found["ticker"] == "CORZ").all()
    assert (found["needs"] == "terms of an instrument are always for a person").all()
    return found


def test_the_newest_term_of_each_kind_stands():
    found = named(
        {"concept": FACE, "value": 460.0, "end": "2024-08-19"}, {"concept": COUPON, "value": 0.03, "end": "2025-06-30"},
        {"concept": FACE, "value": 450.0, "end": "2025-03-31"}, {"concept": FACE, "value": 470.0, "end": "2024-12-31"},
        {"concept": RATIO, "value": 90.9, "end": "2024-08-19"},
        {"concept": "DebtInstrumentTerm", "value": 5.0, "end": "2025-07-31"},
    ).iloc[0]  # fmt: skip
    assert (found["instrument"], found["as_of"], found["principal_usd"], found["coupon_pct"], found["matures"]) == (
        "ConvertibleSeniorNotesDue2029", day("2025-06-30"), 450.0, 3.0, "2029",
    )  # fmt: skip
    assert found["price_usd"] == pytest.approx(1000 / 90.9, rel=1e-12)
    assert found["evidence"] == f"{FACE} 450; {COUPON} 0.03; {RATIO} 90.9"
    assert (found["accession"], found["filed"]) == ("a1", day("2025-08-07"))


@pytest.mark.parametrize(
    ("terms", "price"),
    [
        ([(PRICE, 11.0), (RATIO, 50.0)], 11.0),
        ([(RATIO, 0.0909091)], 11.0),
        ([(RATIO, 90.909091)], 11.0),
        ([(RATIO, 1.0)], 1000.0),
        ([(RATIO, 0.5)], 2.0),
    ],
)
def test_a_conversion_price_is_stated_or_out_of_the_rate(terms, price):
    found = named(*({"concept": tag, "value": value} for tag, value in terms))
    assert found["price_usd"].tolist() == [pytest.approx(price, rel=1e-6)]
    assert found["principal_usd"].isna().all()


def test_an_instrument_without_a_term_is_none_and_a_rate_of_zero_no_price():
    assert named({"concept": "DebtInstrumentTerm", "value": 5.0}, {"concept": RATIO, "value": 0.0}).empty
    assert named({"concept": RATIO, "value": -2.0}).empty
    assert named({"concept": FACE, "value": 5.0}, {"concept": RATIO, "value": -2.0})["price_usd"].isna().all()
    assert len(named({"concept": COUPON, "value": 0.0})) == 1


def test_instruments_stand_by_name_of_their_own_dimension_alone():
    kind = ("us-gaap:LongtermDebtTypeAxis", "us-gaap:ConvertibleDebtMember")
    other = ("us-gaap:SubsequentEventTypeAxis", "us-gaap:SubsequentEventMember")
    found = named(
        {"concept": FACE, "value": 2.0},
        {"concept": FACE, "value": 1.0, "dimensions": (kind, (AXIS, "core:BridgeLoanMember"))},
        {"concept": FACE, "value": 3.0, "dimensions": (*NOTE, other)},
        {"concept": FACE, "value": 4.0, "dimensions": (kind,)},
        {"concept": FACE, "value": 5.0, "taxonomy": "core", "dimensions": ((AXIS, "core:OwnTagMember"),)},
        {"concept": FACE, "value": 6.0, "dimensions": ((AXIS, "core:Notes2030Member"),)},
    )
    assert found[["instrument", "principal_usd", "matures"]].to_numpy().tolist() == [
        ["BridgeLoan", 1.0, ""], ["ConvertibleSeniorNotesDue2029", 2.0, "2029"], ["Notes2030", 6.0, "2030"],
    ]  # fmt: skip
