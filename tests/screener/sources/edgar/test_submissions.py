"""A company's filings: the arrays as rows, older parts, addresses, and answers that are none."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.errors import BadAnswer, EdgarFault
from screener.sources.edgar import addresses, submissions
from screener.sources.told import FILING_COLUMNS
from tests.edgar_documents import Filing, older
from tests.edgar_documents import submissions as answer

QUARTER = Filing(
    "0000950170-25-104236", "10-Q", "2025-08-07", "2025-06-30", "2025-08-07T20:06:12.000Z", document="clsk-20250630.htm"
)
RESULTS = Filing(
    "0000950170-25-104227", "8-K", "2025-08-07", "2025-08-07", "2025-08-07T20:01:40.000Z", "2.02,9.01", "clsk-8k.htm",
    xbrl=False,
)  # fmt: skip


def test_a_company_and_its_filings_are_read():
    part = "CIK0000827876-submissions-001.json"
    read = submissions.read(answer([QUARTER, RESULTS], former=["SMARTDATA CORP"], older_parts=[part]), "CLSK")
    assert (read.cik, read.name, read.former_names) == ("0000827876", "CLEANSPARK, INC.", ("SMARTDATA CORP",))
    assert (read.tickers, read.fiscal_year_end, read.older) == (("CLSK",), "09-30", (part,))
    assert list(read.filings.columns) == FILING_COLUMNS
    quarter, results = (row for _, row in read.filings.iterrows())
    assert quarter["filed"] == pd.Timestamp("2025-08-07")
    assert quarter["report_date"] == pd.Timestamp("2025-06-30")
    assert quarter["accepted_at"] == pd.Timestamp("2025-08-07 20:06:12", tz="UTC")
    assert (quarter["ticker"], quarter["cik"], quarter["form"], quarter["is_xbrl"]) == (
        "CLSK",
        "0000827876",
        "10-Q",
        True,
    )
    assert quarter["url"] == "https://www.sec.gov/Archives/edgar/data/827876/000095017025104236/clsk-20250630.htm"
    assert (results["items"], results["is_xbrl"]) == ("2.02,9.01", False)


def test_an_older_part_has_its_arrays_at_the_top():
    frame = submissions.read_older(older([QUARTER]), "CLSK", 827876)
    assert frame.equals(submissions.read(answer([QUARTER]), "CLSK").filings)


def test_an_unknown_acceptance_time_or_report_date_is_not_guessed():
    frame = submissions.read_older(older([Filing("0000950170-25-104236", "4", "2025-08-07")]), "CLSK", 827876)
    assert frame[["accepted_at", "report_date"]].isna().all(axis=None)
    assert str(frame["accepted_at"].dtype) == "datetime64[ns, UTC]"


def test_no_filings_are_a_frame_of_the_same_types():
    empty, full = (submissions.read(answer(rows), "CLSK").filings for rows in ([], [QUARTER]))
    assert len(empty) == 0
    assert empty.dtypes.equals(full.dtypes)


def test_a_filing_without_a_document_leads_to_its_index():
    frame = submissions.read_older(
        older([Filing("0000950170-25-104236", "10-Q", "2025-08-07", document="")]), "CLSK", 827876
    )
    folder = "https://www.sec.gov/Archives/edgar/data/827876/000095017025104236"
    assert frame["url"].tolist() == [f"{folder}/0000950170-25-104236-index.htm"]
    assert addresses.document(827876, "0000950170-25-104236", "a b/c?.htm") == f"{folder}/a%20b/c%3F.htm"


@pytest.mark.parametrize("cik", [827876, "827876", "0000827876", "CIK0000827876", " 827876 "])
def test_a_cik_is_ten_digits(cik):
    assert addresses.padded(cik) == "0000827876"
    assert addresses.companyfacts(cik) == "https://data.sec.gov/api/xbrl/companyfacts/CIK0000827876.json"


@pytest.mark.parametrize("cik", [None, "", "abc", 0, True, 12_345_678_901, "-5", 1.5])
def test_what_is_no_cik_is_empty(cik):
    assert addresses.padded(cik) == ""


def changed(**arrays: object) -> bytes:
    content = json.loads(answer([QUARTER]))
    content["filings"]["recent"] |= arrays
    return json.dumps(content).encode()


@settings(max_examples=150)
@given(
    name=st.sampled_from(["filingDate", "reportDate", "acceptanceDateTime", "items", "isXBRL", "primaryDocument", "size"]),
    value=st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.just([1]),
                    st.just({}), st.sampled_from(["0001-01-01", "9999-12-31", "9999-12-31T00:00:00Z", "2025-02-30"])),
)  # fmt: skip
def test_any_value_gives_filings_or_a_plain_error(name, value):
    try:
        read = submissions.read(changed(**{name: [value]}), "CLSK")
    except EdgarFault:
        return
    assert len(read.filings) == 1
    assert str(read.filings["accepted_at"].dtype) == "datetime64[ns, UTC]"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the answer is empty"),
        (b"{}", "does not say whose it is"),
        (b"[]", "expected a JSON object, found list"),
        (b'{"cik": 827876, "name": "A"}', "no filings.recent"),
        (answer([QUARTER])[:400], "not whole JSON"),
        (b"<html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head></html>", "too many requests"),
        (
            b"<!DOCTYPE html>\n<html><title>Site &amp; Maintenance</title></html>",
            'an HTML page titled "Site & Maintenance"',
        ),
        (b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "EDGAR has no such file"),
        (changed(form=[]), "form: another number of values than the 1 of accessionNumber"),
        (changed(filingDate=None), "the answer has no filingDate"),
        (changed(filingDate=["7 August"]), "filingDate '7 August' is not a date"),
        (changed(accessionNumber=["../../etc"]), "accessionNumber '../../etc' is not of the form"),
    ],
)
def test_what_is_no_answer_is_refused_in_plain_words(content, why):
    with pytest.raises(EdgarFault, match=why) as raised:
        submissions.read(content, "CLSK")
    assert str(raised.value).startswith("filings of CLSK: ")
    assert "ask for it again later" in str(raised.value)
    assert isinstance(raised.value, BadAnswer)


def test_columns_that_an_answer_does_not_have_are_unknown_for_every_filing():
    told = json.loads(answer([QUARTER, RESULTS]))
    arrays = told["filings"]["recent"]
    kept = ("accessionNumber", "filingDate", "form")
    told["filings"]["recent"] = {name: arrays[name] for name in kept}
    frame = submissions.read(json.dumps(told).encode(), "CLSK").filings
    assert frame["form"].tolist() == ["10-Q", "8-K"]
    assert frame[["accepted_at", "report_date"]].isna().all(axis=None)
    assert frame["is_xbrl"].tolist() == [False, False]
    assert frame["items"].tolist() == ["", ""]


def test_names_and_symbols_that_are_none_are_passed_over():
    told = json.loads(answer([QUARTER]))
    told["formerNames"] = [{"from": "2016"}, "SMARTDATA", {"name": ""}, {"name": "STRATEAN INC"}]
    told |= {"tickers": ["", None, "CLSK"], "fiscalYearEnd": "9-30", "name": "  CLEANSPARK,\n INC. "}
    read = submissions.read(json.dumps(told).encode(), "CLSK")
    assert (read.former_names, read.tickers, read.fiscal_year_end, read.name) == (
        ("STRATEAN INC",),
        ("CLSK",),
        "",
        "CLEANSPARK, INC.",
    )
    for wrong in ({}, None, "x"):
        assert submissions.read(json.dumps(told | {"formerNames": wrong}).encode(), "CLSK").former_names == ()
