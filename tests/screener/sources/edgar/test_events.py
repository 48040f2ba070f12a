"""Candidates for events out of filings: kinds by 8-K item, and the day the market knew."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.edgar.events import CANDIDATE_COLUMNS, FORMS, ITEMS, KINDS, candidates
from screener.sources.told import FILING_COLUMNS


def filings(*rows: dict) -> pd.DataFrame:
    base = dict.fromkeys(FILING_COLUMNS, "") | {
        "ticker": "CLSK", "form": "8-K", "filed": "2025-08-07", "accepted_at": "2025-08-07 12:00", "url": "https://x",
        "accession": "0000827876-25-000001",
    }  # fmt: skip
    frame = pd.DataFrame([base | row for row in rows], columns=FILING_COLUMNS)
    return frame.assign(
        filed=pd.to_datetime(frame["filed"]), accepted_at=pd.to_datetime(frame["accepted_at"], utc=True)
    )


def test_kinds_are_of_the_one_vocabulary():
    told = {kind for kind, *_ in [*ITEMS.values(), *FORMS.values()]} | {
        other for _, other, _ in ITEMS.values() if other
    }
    assert told <= set(KINDS)


@pytest.mark.parametrize(
    ("form", "items", "kinds"),
    [
        ("8-K", "2.02,9.01", ["results"]),
        ("8-K", "1.01", ["contract"]),
        ("8-K", "1.01,2.03,9.01", ["financing"]),
        ("8-K", "1.01,3.02,8.01", ["financing", "guidance"]),
        ("8-K", "1.02", ["contract"]),
        ("8-K", "2.01,5.03", ["m&a", "status"]),
        ("8-K/A", "4.02", ["alert"]),
        ("8-K", "2.02,7.01", ["results"]),
        ("8-K", "5.02,5.07,9.01", []),
        ("424B5", "", ["financing"]),
        ("25-NSE", "", ["status"]),
        ("15-12G", "", ["status"]),
        ("10-Q", "", []),
    ],
)
def test_kind_of_a_filing(form, items, kinds):
    assert sorted(candidates(filings({"form": form, "items": items}))["kind"]) == kinds


def test_the_other_kind_is_offered():
    found = candidates(filings({"items": "1.01"}, {"items": "8.01", "accession": "0000827876-25-000002"}))
    assert list(found["or_kind"]) == ["financing", "results"]


def test_after_the_close_and_unknown_times():
    found = candidates(
        filings(
            {"items": "2.02", "accepted_at": "2025-08-07 20:05", "accession": "0000827876-25-000001"},
            {"items": "2.02", "accepted_at": "2025-08-07 12:05", "accession": "0000827876-25-000002"},
            {"items": "2.02", "accepted_at": None, "accession": "0000827876-25-000003"},
            # 17:45 in New York: EDGAR's filing day is the next, the event is this evening's.
            {
                "items": "2.02",
                "accepted_at": "2025-08-07 21:45",
                "filed": "2025-08-08",
                "accession": "0000827876-25-000004",
            },
        )
    )
    assert list(found.columns) == CANDIDATE_COLUMNS
    assert list(found["date"]) == [pd.Timestamp("2025-08-07")] * 4
    assert list(found["after_close"].astype(object)) == [True, False, pd.NA, True]


def test_candidates_stand_by_company_day_and_filing_with_their_words():
    found = candidates(
        filings(
            {"ticker": "RIOT", "items": "1.01,2.03", "accession": "3"}, {"items": "8.01,2.02,7.01", "accession": "2"},
            {"form": "424B5", "items": None, "accession": "1"}, {"form": "10-Q", "items": "2.02", "accession": "4"},
            {"items": None, "accession": "5"}, {"items": "1.02, 1.01", "filed": "2025-08-06", "accepted_at": None,
                                                "accession": "6"},
        ).set_axis([9, 8, 7, 6, 5, 4])
    )  # fmt: skip
    assert found[["ticker", "accession", "kind", "or_kind", "what", "items"]].to_numpy().tolist() == [
        ["CLSK", "6", "contract", "financing", "material agreement ended; material agreement", "1.02, 1.01"],
        ["CLSK", "1", "financing", "", "prospectus for a sale of securities", ""],
        ["CLSK", "2", "results", "guidance",
         "other event; results; disclosure to investors, such as monthly production", "8.01,2.02,7.01"],
        ["RIOT", "3", "financing", "contract", "material agreement; debt incurred", "1.01,2.03"],
    ]  # fmt: skip
    assert found.index.tolist() == [0, 1, 2, 3]
    assert list(found.columns) == CANDIDATE_COLUMNS
    assert set(found["source_url"]) == {"https://x"}


def test_no_filings_no_candidates():
    assert candidates(filings()).empty
