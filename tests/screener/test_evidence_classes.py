"""The order of evidence: newer period, then class, then publication; held against a plain loop and hand-made cases."""

from __future__ import annotations

import csv
from dataclasses import replace
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import point_in_time, universes
from screener.gathering import InputData
from screener.known.flows import quarters_on
from screener.known.rule import select
from screener.universes.evidence_class import (
    AGGREGATOR,
    CITED,
    COMPANYFACTS,
    FILING,
    HOSTS,
    RELEASE,
    REVIEWED,
    VENDOR,
    cites_primary,
    evidence_class,
    in_order,
)
from valuation.assumptions import Assumptions

SMALL = st.integers(0, 6)
ROWS = st.lists(st.tuples(st.integers(0, 2), SMALL, st.integers(0, 3), st.integers(0, 8)), max_size=25)
CASH = "https://www.sec.gov/Archives/edgar/data/1/0000000001-26-000001.htm"
NOTES = "https://github.com/somebody/notes/blob/main/data.json"


def plainly(rows: list[tuple[int, int, int, int]], key: int, t: int) -> int:
    """The row in force by a loop: drop the unpublished, keep the newest period, the best class, the last published."""
    known = [i for i, row in enumerate(rows) if row[0] == key and row[3] <= t]
    for part in (1, 2, 3):
        best = max((rows[i][part] for i in known), default=None)
        known = [i for i in known if rows[i][part] == best]
    return known[-1] if known else -1


@settings(max_examples=400, deadline=None)
@given(ROWS, st.lists(st.integers(-1, 10), min_size=1, max_size=6))
def test_select_with_classes_equals_a_plain_loop(rows, dates):
    key, period, evidence, published = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    found = select(key, 3, period, published, np.array(dates), evidence)
    assert found.tolist() == [[plainly(rows, key, t) for key in range(3)] for t in dates]


@settings(max_examples=200, deadline=None)
@given(ROWS, st.integers(0, 8), st.randoms())
def test_rows_published_later_change_nothing_whatever_their_class(rows, day, random):
    def chosen(every):
        key, period, evidence, published = np.array(every, dtype=np.int64).reshape(-1, 4).T
        return select(key, 3, period, published, np.array([day]), evidence).ravel().tolist()

    # Rows of the future come last, so that positions of the known ones stay.
    known = [row for row in rows if row[3] <= day]
    future = [(row[0], random.randint(0, 99), random.randint(0, 6), row[3]) for row in rows if row[3] > day]
    assert chosen([*known, *future]) == chosen(known)


def facts(*rows: tuple[str, str, str, float, str, str]) -> pd.DataFrame:
    """(item, period_end, published_on, value, source_url, file)."""
    out = pd.DataFrame(rows, columns=["item", "period_end", "published_on", "value", "source_url", "file"])
    for name in ("period_end", "published_on"):
        out[name] = pd.to_datetime(out[name])
    return out.assign(ticker="AAA", unit="usd", evidence="", confidence="high", line=range(2, 2 + len(out)))


def test_classes_by_file_and_link():
    rows = facts(
        ("cash", "2026-03-31", "2026-05-01", 1.0, NOTES, "overlay/financials.csv"),
        ("cash", "2026-03-31", "2026-05-01", 1.0, CASH, "filing"),
        ("cash", "2026-03-31", "2026-05-01", 1.0, CASH, "companyfacts"),
        ("cash", "2026-03-31", "2026-05-01", 1.0, CASH, "EX-99.1"),
        ("cash", "2026-03-31", "2026-05-01", 1.0, CASH, "financials.csv"),
        ("cash", "2026-03-31", "2026-05-01", 1.0, NOTES, "financials.csv"),
        ("cash", "2026-03-31", "2026-05-01", 1.0, CASH, "yahoo"),
    )
    expected = [REVIEWED, FILING, COMPANYFACTS, RELEASE, CITED, AGGREGATOR, VENDOR]
    assert evidence_class(rows).tolist() == expected
    assert expected == sorted(expected, reverse=True)
    kinds = ["", np.nan, "filing", "companyfacts", "EX-99.1", "filing", ""]
    assert evidence_class(rows.assign(kind=kinds)).tolist() == [
        REVIEWED, FILING, FILING, COMPANYFACTS, RELEASE, FILING, VENDOR,
    ]  # fmt: skip


def test_a_confirmed_row_keeps_the_class_of_its_own_link():
    """The filing that confirmed it may have been published later than the day of a screen."""
    row = facts(("cash", "2026-03-31", "2026-05-01", 1.0, CASH, "financials.csv"))
    assert evidence_class(row.assign(cited_url=NOTES)).tolist() == [AGGREGATOR]
    assert evidence_class(row.assign(cited_url=np.nan)).tolist() == [CITED]


@pytest.mark.parametrize(
    ("url", "primary"),
    [
        ("https://www.sec.gov/Archives/edgar/data/1755953/", True),
        ("https://sec.gov/x", True),
        ("https://notsec.gov.example.com/x", False),
        ("https://ir.mara.com/sec-filings/content/x", True),
        ("https://mirror.example.com/filing/827876/0000950170-25-015470/doc", True),
        ("https://mirror.example.com/document?u=data%2F1167419%2F000155837025006119%2F", True),
        ("https://mirror.example.com/data/1167419/000155837025006119/", True),
        ("https://github.com/a/b/0000950170-25-015470.json", False),
        ("https://raw.githubusercontent.com/a/b/0000950170-25-015470.json", False),
        ("https://example.com/5e107fd3d9f4de6398bdac1b4dd8000950170250154701a", False),
        ("HUT 8-K 2025-06-30", False),
        ("", False),
    ],
)
def test_what_a_link_cites(url, primary):
    assert cites_primary(url) is primary


def test_every_host_of_the_list_has_a_kind_and_a_reason_and_none_is_there_twice():
    with HOSTS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["cites"] for row in rows} == {"filing", "release", "aggregator"}
    assert all(len(row["reason"]) > 10 for row in rows)
    names = [row["host"] for row in rows]
    assert len(set(names)) == len(names)
    assert all(urlsplit(f"https://{name}").hostname == name for name in names)


def test_the_last_in_order_is_the_row_in_force():
    rows = facts(
        ("cash", "2025-12-31", "2026-06-01", 1.0, CASH, "overlay/financials.csv"),
        ("cash", "2026-03-31", "2026-05-01", 2.0, CASH, "financials.csv"),
        ("cash", "2026-03-31", "2026-05-20", 3.0, NOTES, "financials.csv"),
    )
    assert in_order(rows)["value"].tolist() == [1.0, 3.0, 2.0]


def test_a_total_stays_on_the_basis_of_its_parts_within_the_best_class():
    """A later page of an aggregator does not displace the filing's total, nor does a total restated after the parts."""
    rows = facts(
        ("revenue_total", "2026-03-31", "2026-05-01", 10.0, CASH, "financials.csv"),
        ("revenue_total", "2026-03-31", "2026-05-02", 11.0, NOTES, "financials.csv"),
        ("revenue_mining", "2026-03-31", "2026-05-03", 4.0, CASH, "financials.csv"),
        ("revenue_total", "2026-03-31", "2026-08-01", 9.0, CASH, "financials.csv"),
    )
    dates = pd.DatetimeIndex(["2026-05-01", "2026-05-02", "2026-09-01"])
    wide, _, _ = quarters_on(rows, pd.Index(["AAA"]), dates)
    assert wide["total_usd"].tolist() == [10.0, 10.0, 10.0]


def test_a_restatement_displaces_a_reviewed_row_only_where_it_is_reviewed_too():
    loaded = universes.load("miners")
    day = pd.Timestamp("2026-10-05")

    def cash(*rows: tuple[str, float, str, str]) -> float:
        added = facts(*(("cash", "2026-07-31", on, value, url, file) for on, value, url, file in rows))
        both = pd.concat([loaded.facts, added.assign(ticker="APLD")], ignore_index=True)
        inputs, _ = point_in_time.as_of_view(InputData.of(replace(loaded, facts=both)), [day], Assumptions())
        return inputs.items.loc[(day, "APLD"), "cash"]

    reviewed = ("2026-09-01", 1e9, CASH, "overlay/financials.csv")
    base = cash(reviewed)
    assert cash(reviewed, ("2026-09-20", 7e9, CASH, "filing")) == base
    assert cash(reviewed, ("2026-09-20", 7e9, CASH, "overlay/financials.csv")) == base + 6e9
    assert cash(reviewed, ("2026-10-06", 7e9, CASH, "overlay/financials.csv")) == base
