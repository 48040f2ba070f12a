"""Verdicts on items of filings, each against a hand-made case; confirmations; the future stays outside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from screener import universes
from screener.proposals.columns import COLUMNS, ID, number, proposal_id
from screener.proposals.verdicts import compare, with_confirmations
from screener.sources.fetched import FACT_COLUMNS
from tests.screener.proposals.filings import ACCESSION, URL, item, items

DAY, SINCE = pd.Timestamp("2026-11-01"), pd.Timestamp("2024-01-01")
SHEET = "2026-05-31"


@pytest.fixture(scope="module")
def loaded():
    return universes.load(universes.HOME / "miners")


def with_facts(loaded, *rows: dict):
    """The universe with these facts on APLD alone: (period_end, published_on, value) and what differs from cash."""
    frame = pd.DataFrame(
        [
            {"ticker": "APLD", "item": "cash", "unit": "usd", "source_url": URL, "evidence": "", "confidence": "high",
             "file": "financials.csv", "line": 2 + at} | row
            for at, row in enumerate(rows)
        ]
    )  # fmt: skip
    if frame.empty:
        frame = loaded.facts.iloc[:0]
    for name in ("period_end", "published_on"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[ns]")
    return replace(loaded, facts=frame.astype({"value": float}))


def fact(value: float, period_end: str = SHEET, published_on: str = "2026-07-27", **more) -> dict:
    return {"value": value, "period_end": period_end, "published_on": published_on} | more


def verdicts(universe, *rows: dict) -> list[tuple[str, str]]:
    table = compare(universe, items(*rows), DAY, SINCE).table
    return list(zip(table["verdict"], table["checks"], strict=True))


@pytest.mark.parametrize(
    ("known", "row", "verdict"),
    [
        ([], {}, "new"),
        ([fact(1e9, "2026-02-28", "2026-04-08")], {}, "newer period"),
        ([fact(1e9, "2026-08-31", "2026-10-08")], {}, "new"),  # a period between those of the universe
        ([fact(1.5e9)], {}, "restates"),
        ([fact(1.5e9, published_on="2026-07-28")], {}, "conflicts"),
        ([fact(1.5e9, published_on="2026-09-01")], {}, "conflicts"),
        ([fact(1.5e9)], {"value": 1.4955e9}, "confirms"),  # 1.5 is 1.4955 rounded to two digits
        ([fact(1.5e9)], {"value": 1.56e9}, "restates"),
        ([fact(1e9)], {"value": 1.04e9}, "restates"),  # one digit rounds anything
        ([], {"item": "goodwill"}, "unmapped"),
        ([], {"unit": "eur"}, "unmapped"),
        ([], {"ticker": "XXXX"}, "unmapped"),
        ([], {"needs": "two groups clash"}, "needs a person"),
        ([], {"value": -1.0}, "needs a person"),
        ([], {"item": "net_income", "value": -1.0}, "new"),
        ([fact(1.6e6, "2026-02-28", "2026-04-08")], {}, "needs a person"),  # thousands read as dollars
        ([fact(1.6e12, "2026-02-28", "2026-04-08")], {}, "needs a person"),
        ([fact(0, "2026-02-28", "2026-04-08")], {}, "newer period"),
    ],
)
def test_verdict(loaded, known, row, verdict):
    assert [found for found, _ in verdicts(with_facts(loaded, *known), item(**row))] == [verdict]


@pytest.mark.parametrize(
    ("name", "unit", "before", "now", "said"),
    [
        ("cash", "usd", 458e6, 0, "cash falls to zero from 458000000"),
        ("debt_total", "usd", 650e6, 19.5e6, "debt_total is 0.03 times the previous one"),  # -97%
        ("debt_total", "usd", 100e6, 20e6, ""),  # by a factor of 5, not more
        ("debt_total", "usd", 100e6, 19.9e6, "a change by a factor of more than 5"),
        ("total_assets", "usd", 1e9, 5.1e9, "a change by a factor of more than 5"),
        ("total_assets", "usd", 1e9, 4.9e9, ""),
        ("btc_held", "btc", 12_000, 0, "btc_held falls to zero from 12000"),
        ("preferred_equity", "usd", 2e3, 0, "preferred_equity falls to zero from 2000"),
        ("shares_outstanding", "shares", 1e8, 0, "shares_outstanding falls to zero"),
        ("capex", "usd", 1e8, 0, ""),  # a flow, not a balance
    ],
)
def test_a_balance_that_falls_to_zero_or_leaps_needs_a_person(loaded, name, unit, before, now, said):
    universe = with_facts(loaded, fact(before, "2026-02-28", "2026-04-08", item=name, unit=unit))
    verdict, checks = verdicts(universe, item(item=name, unit=unit, value=now))[0]
    assert verdict == ("needs a person" if said else "newer period")
    assert said in checks if said else checks == ""


@pytest.mark.parametrize(
    ("count", "times"),
    [(79e6, "0.79"), (80e6, ""), (81e6, ""), (299e6, ""), (300e6, ""), (301e6, "3.01"), (399e6, "3.99"), (5e8, "5.00")],
)
def test_a_share_count_is_held_against_the_previous_one(loaded, count, times):
    shares = {"item": "shares_outstanding", "unit": "shares"}
    universe = with_facts(loaded, fact(100e6, "2026-02-28", "2026-04-08", **shares))
    said = ("needs a person", f"the share count is {times} times the previous one after splits")
    assert verdicts(universe, item(value=count, **shares)) == [said if times else ("newer period", "")]


def test_the_previous_count_is_brought_over_a_split_between(loaded):
    shares = {"item": "shares_outstanding", "unit": "shares", "ticker": "ABTC"}
    universe = with_facts(loaded, fact(1_063e6, "2026-05-04", "2026-05-06", **shares))
    # One for fifteen on 2026-07-07.
    after = item(value=72.8e6, period_end="2026-07-30", published_on="2026-08-05", **shares)
    assert [found for found, _ in verdicts(universe, after)] == ["newer period"]
    without = replace(universe, splits=universe.splits.iloc[:0])
    verdict, checks = verdicts(without, after)[0]
    assert (verdict, checks) == ("needs a person", "the share count is 0.07 times the previous one after splits")
    # What a feed knows before the universe does is used where it is given.
    table = compare(without, items(after), DAY, SINCE, universe.splits).table
    assert table["verdict"].tolist() == ["newer period"]


def test_a_figure_within_a_thousandth_confirms_the_row_and_is_not_proposed(loaded):
    universe = with_facts(loaded, fact(1.5991e9, published_on="2026-07-27"), fact(1.7e9, published_on="2026-08-10"))
    found = compare(universe, items(item()), DAY, SINCE)
    assert found.table.empty
    row = found.confirmations.iloc[0]
    assert (row["value"], row["published_on"]) == (1.5991e9, pd.Timestamp("2026-07-27"))
    assert (row["checked_on"], row["checked_against"]) == (pd.Timestamp("2026-07-28"), f"10-Q {ACCESSION}")
    assert len(compare(with_facts(loaded, fact(1.5983e9)), items(item()), DAY, SINCE).confirmations) == 0
    doubted = compare(universe, items(item(needs="two groups clash")), DAY, SINCE)
    assert (len(doubted.table), len(doubted.confirmations)) == (0, 0)


def test_a_figure_repeated_by_later_filings_is_proposed_once_from_the_first(loaded):
    later = item(published_on="2026-10-08", accession="0001144879-26-000200")
    facts = item(published_on="2026-07-28", kind="companyfacts", accession=ACCESSION)
    table = compare(with_facts(loaded), items(later, facts, item()), DAY, SINCE).table
    assert table[["accession", "verdict"]].values.tolist() == [[ACCESSION, "new"]]
    near = compare(with_facts(loaded), items(item(), item(value=1.6001e9, published_on="2026-10-08")), DAY, SINCE).table
    assert len(near) == 1


def test_a_restatement_in_a_later_filing_follows_the_first_figure(loaded):
    later = item(value=1.45e9, published_on="2026-10-08", accession="0001144879-26-000200")
    table = compare(with_facts(loaded), items(later, item()), DAY, SINCE).table
    assert table["verdict"].tolist() == ["new", "restates"]
    assert table["previous_value"].tolist()[1] == 1.6e9
    assert table["change"].tolist()[1] == round(1.45 / 1.6 - 1, 4)


def test_nothing_published_later_and_no_older_period_is_proposed(loaded):
    universe = with_facts(loaded, fact(5e9, published_on="2026-11-02"))
    rows = items(item(), item(period_end="2023-12-31"), item(item="debt_total", published_on="2026-11-02"))
    table = compare(universe, rows, DAY, SINCE).table
    # The universe's own row is of the day after: on the day it has nothing to compare.
    assert table[["item", "verdict"]].values.tolist() == [["cash", "new"]]
    assert np.isnan(table["previous_value"].iloc[0])


def test_columns_and_ids(loaded):
    table = compare(with_facts(loaded), items(item()), DAY, SINCE).table
    assert list(table.columns) == COLUMNS
    assert COLUMNS[:9] == FACT_COLUMNS
    row = table.iloc[0]
    assert ID.fullmatch(row["proposal_id"])
    key = ("APLD", "cash", pd.Timestamp(SHEET), 1.6e9, ACCESSION)
    assert row["proposal_id"] == proposal_id(*key)
    others = [("CORZ", *key[1:]), (key[0], "debt_total", *key[2:]), (*key[:2], pd.Timestamp("2026-06-01"), *key[3:]),
              (*key[:3], 1.6e9 + 1, key[4]), (*key[:4], "0001144879-26-000101")]  # fmt: skip
    assert len({proposal_id(*other) for other in [key, *others]}) == 6
    assert row["evidence"] == f"10-Q {ACCESSION}: Cash 1600000000"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (820337000.0, "820337000"),
        (-5.0, "-5"),
        (0.0525, "0.0525"),
        (1e-7, "0.0000001"),
        (1.5e15, "1500000000000000"),
        (np.nan, ""),
    ],
)
def test_numbers_have_all_their_digits(value, text):
    assert number(value) == text


def test_confirmed_facts_carry_the_link_of_the_filing_and_keep_their_own(loaded):
    universe = with_facts(
        loaded, fact(1.6e9, source_url="https://example.com/page"), fact(2e9, "2026-02-28", "2026-04-08")
    )
    found = compare(universe, items(item()), DAY, SINCE)
    out = with_confirmations(universe.facts, found.confirmations)
    assert out["source_url"].tolist() == [URL, URL]
    assert out["cited_url"].tolist() == ["https://example.com/page", URL]
    assert out["checked_on"].tolist() == [pd.Timestamp("2026-07-28"), pd.NaT]
    assert out["checked_against"].tolist() == [f"10-Q {ACCESSION}", ""]
    pd.testing.assert_frame_equal(
        out[universe.facts.columns].drop(columns="source_url"), universe.facts.drop(columns="source_url")
    )
    none = with_confirmations(universe.facts, found.confirmations.iloc[:0])
    assert none["checked_on"].isna().all()
    assert none["source_url"].tolist() == universe.facts["source_url"].tolist()
