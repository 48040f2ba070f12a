"""Companyfacts: every statement with its filing, and what is left out and named."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.errors import EdgarFault
from screener.sources.edgar import companyfacts
from screener.sources.edgar.filed import FILED_COLUMNS
from tests.edgar_documents import REPORTS, Fact, Filed
from tests.edgar_documents import companyfacts as answer

Q2, Q3, FY = "0000950170-25-104236", "0000950170-25-149999", "0000950170-26-020000"
CASH = Fact("CashAndCashEquivalentsAtCarryingValue", 34_553_000, "2025-06-30")
SALES = Fact("clsk:DigitalCurrencyMiningRevenues", 198_644_000, "2025-06-30", "2025-04-01")
SHARES = Fact("dei:EntityCommonStockSharesOutstanding", 281_083_382, "2025-08-01", unit="shares")
IFRS = Fact("ifrs-full:CashAndCashEquivalents", 1_000, "2024-03-31", unit="CAD")


def filed(fact: Fact, accession: str = Q2, day: str = "2025-08-07", form: str = "10-Q") -> Filed:
    return Filed(fact, accession, form, day)


def test_every_taxonomy_and_unit_is_read_with_its_filing():
    document = companyfacts.read(answer([filed(fact) for fact in (SHARES, CASH, IFRS, SALES)]))
    assert (document.cik, document.name, document.form, document.faults) == ("0000827876", "CLEANSPARK, INC.", "", ())
    facts = document.facts
    assert list(facts.columns) == FILED_COLUMNS
    assert facts["taxonomy"].tolist() == ["dei", "us-gaap", "ifrs-full", "clsk"]
    assert facts["unit"].tolist() == ["shares", "USD", "CAD", "USD"]
    assert facts["value"].tolist() == [281_083_382.0, 34_553_000.0, 1_000.0, 198_644_000.0]
    assert facts["start"].isna().tolist() == [True, True, True, False]
    assert facts.loc[3, "start"] == pd.Timestamp("2025-04-01")
    assert set(facts["dimensions"]) == {()}
    assert facts["decimals"].isna().all()
    assert facts.loc[1, ["accession", "form", "filed"]].tolist() == [Q2, "10-Q", pd.Timestamp("2025-08-07")]


@pytest.mark.parametrize("cik", [827876, "0000827876", "827876"])
def test_a_cik_may_be_a_number_or_padded(cik):
    assert companyfacts.read(answer([filed(CASH)], cik=cik)).cik == "0000827876"


def test_figures_with_dimensions_are_absent_as_they_are_at_edgar():
    facts = companyfacts.read(
        answer([filed(fact, day="2025-11-14") for fact in REPORTS["BTBT 2025-09-30"].facts])
    ).facts
    assert facts.loc[facts["concept"] == "Revenues", "value"].tolist() == [30_464_002.0]
    units = facts.loc[facts["concept"] == "CryptoAssetNumberOfUnits", ["unit", "value"]]
    assert units.to_numpy().tolist() == [["InfiniBand", 64.0], ["ETH", 10_221.0]]


def test_a_repeated_value_keeps_all_its_rows():
    rows = [filed(CASH, FY, "2026-02-10", "10-K"), filed(CASH), filed(CASH, Q3, "2025-11-07")]
    assert companyfacts.read(answer(rows)).facts["accession"].tolist() == [FY, Q2, Q3]


def test_no_facts_are_a_frame_of_the_same_types():
    empty, full = (companyfacts.read(answer(rows)).facts for rows in ([], [filed(CASH)]))
    assert empty.dtypes.equals(full.dtypes)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("end", "30 June"), ("end", "0205-06-30"), ("end", None), ("start", "2025-13-01"), ("filed", ""), ("val", "34"),
        ("start", 5), ("end", 5), ("val", None), ("val", True), ("val", 10**400), ("accn", "1"), ("accn", None),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_left_out_and_named(key, value):
    content = json.loads(answer([filed(SALES), filed(SALES, Q3, "2025-11-07")]))
    content["facts"]["clsk"]["DigitalCurrencyMiningRevenues"]["units"]["USD"][0][key] = value
    document = companyfacts.read(json.dumps(content).encode())
    assert document.facts["accession"].tolist() == [Q3]
    assert len(document.faults) == 1
    assert document.faults[0].startswith("clsk:DigitalCurrencyMiningRevenues in USD: ")


@pytest.mark.parametrize("key", ["accn", "val"])
def test_a_row_without_a_filing_or_a_value_is_left_out_and_told_with_its_tag(key):
    content = json.loads(answer([filed(SALES), filed(SALES, Q3, "2025-11-07"), filed(CASH)]))
    del content["facts"]["clsk"]["DigitalCurrencyMiningRevenues"]["units"]["USD"][0][key]
    document = companyfacts.read(json.dumps(content).encode())
    assert document.facts[["concept", "accession"]].to_numpy().tolist() == [
        ["DigitalCurrencyMiningRevenues", Q3], ["CashAndCashEquivalentsAtCarryingValue", Q2],
    ]  # fmt: skip
    assert document.faults == ("clsk:DigitalCurrencyMiningRevenues in USD: facts without a value or a filing",)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda facts: facts.update(clsk=[]), "clsk: no concepts"),
        (
            lambda facts: facts["clsk"].update(DigitalCurrencyMiningRevenues=[]),
            "clsk:DigitalCurrencyMiningRevenues: no units",
        ),
        (
            lambda facts: facts["clsk"]["DigitalCurrencyMiningRevenues"].update(units=[]),
            "clsk:DigitalCurrencyMiningRevenues: no units",
        ),
        (
            lambda facts: facts["clsk"]["DigitalCurrencyMiningRevenues"].update(units={"USD": {}}),
            "clsk:DigitalCurrencyMiningRevenues in USD: facts without a value or a filing",
        ),
    ],
)
def test_a_part_in_another_shape_is_left_out_and_the_others_stand(change, fault):
    content = json.loads(answer([filed(SALES), filed(CASH)]))
    change(content["facts"])
    document = companyfacts.read(json.dumps(content).encode())
    assert document.facts["concept"].tolist() == ["CashAndCashEquivalentsAtCarryingValue"]
    assert document.faults == (fault,)


@pytest.mark.parametrize(("fact", "key"), [(CASH, "instant"), (SALES, "span")])
def test_a_period_that_ends_after_the_day_of_its_filing_is_left_out_and_named(fact, key):
    ahead = replace(fact, end="2025-08-08")
    document = companyfacts.read(answer([filed(SHARES), filed(replace(fact, end="2025-08-07")), filed(ahead)]))
    assert sorted(document.facts["end"]) == [pd.Timestamp("2025-08-01"), pd.Timestamp("2025-08-07")], key
    assert len(document.faults) == 1
    assert document.faults[0].endswith(f"the period ends on 2025-08-08, after filing {Q2} of 2025-08-07")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b" ", "the answer is empty"),
        (b"null", "expected a JSON object"),
        (b'{"cik": 827876}', "does not say whose it is"),
        (b'{"cik": "x", "entityName": "A", "facts": {}}', "does not say whose it is"),
        (b'{"cik": 827876, "entityName": "A", "facts": []}', "the answer of A has no facts"),
        (answer([filed(CASH)])[:-9], "not whole JSON"),
        (answer([filed(CASH)]).replace(b"34553000", b"NaN"), "NaN is not a number of JSON"),
        (b"[" * 200_000, "not JSON that can be read|not whole JSON"),
        (b"\xff\xfe{", "not JSON that can be read|not whole JSON"),
        (b"<html><body>Your Request Originates from an Undeclared Automated Tool</body></html>", "missing User-Agent"),
        (b"x" * 64_000_001, "64 MB is more than"),
    ],
)
def test_what_is_no_answer_is_refused_in_plain_words(content, why):
    with pytest.raises(EdgarFault, match=why):
        companyfacts.read(content)


@settings(max_examples=150)
@given(at=st.integers(0, 400), byte=st.integers(0, 255))
def test_one_wrong_byte_gives_an_answer_or_a_plain_error(at, byte):
    content = bytearray(answer([filed(CASH), filed(SALES)]))
    content[at % len(content)] = byte
    try:
        facts = companyfacts.read(bytes(content)).facts
    except EdgarFault:
        return
    assert len(facts) <= 2
