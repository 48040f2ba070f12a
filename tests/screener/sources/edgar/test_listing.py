"""The filings of a span as a list: which are left out, their order, and the words of each kind."""

from __future__ import annotations

import pandas as pd

from screener.sources.edgar.listing import COLUMNS, listed
from screener.sources.told import FILING_COLUMNS

BLANK = {
    "ticker": "CLSK",
    "form": "8-K",
    "filed": "2026-08-10",
    "accepted_at": "2026-08-10 12:00",
    "items": "",
    "is_xbrl": True,
    "description": "FORM 8-K",
    "url": "https://x",
}


def filings(*told: dict) -> pd.DataFrame:
    frame = pd.DataFrame(
        [dict.fromkeys(FILING_COLUMNS, "") | BLANK | {"accession": f"a{at}"} | one for at, one in enumerate(told)],
        columns=FILING_COLUMNS,
    )
    return frame.assign(filed=pd.to_datetime(frame["filed"]), accepted_at=pd.to_datetime(frame["accepted_at"], utc=True),
                        is_xbrl=frame["is_xbrl"].astype(object))  # fmt: skip


def of(*told: dict, since: str = "2026-08-01", until: str = "2026-08-31") -> tuple[list[tuple], int]:
    found, left = listed(filings(*told), pd.Timestamp(since), pd.Timestamp(until))
    assert list(found.columns) == COLUMNS
    return list(found[["accession", "kind", "what"]].itertuples(index=False, name=None)), left


def test_each_kind_has_its_words():
    told, left = of(
        {"items": "2.02,9.01"}, {"items": "1.01"}, {"form": "10-Q", "description": "QUARTERLY REPORT"},
        {"form": "10-K/A", "description": None}, {"form": "6-K", "is_xbrl": False}, {"form": "6-K/A", "is_xbrl": False},
        {"form": "6-K"}, {"form": "DEF 14A", "description": "PROXY"}, {"items": "2.01,5.03"},
    )  # fmt: skip
    assert left == 0
    assert sorted(told) == [
        ("a0", "results", "results"), ("a1", "contract or financing", "material agreement"),
        ("a2", "report", "QUARTERLY REPORT"), ("a3", "report", ""), ("a4", "to be read by a person", "FORM 8-K"),
        ("a5", "to be read by a person", "FORM 8-K"), ("a6", "", "FORM 8-K"), ("a7", "", "PROXY"),
        ("a8", "m&a; status", "acquisition or sale completed; charter or fiscal year changed"),
    ]  # fmt: skip


def test_filings_of_insiders_and_holders_are_counted_and_left_out():
    told, left = of(
        {"form": "4"}, {"form": "144"}, {"form": "SC 13G/A"}, {"form": "424B5"}, {"form": "3", "filed": "2026-09-01"}
    )
    assert ([one[0] for one in told], left) == (["a3"], 3)


def test_the_first_and_the_last_day_count():
    days = ("2026-07-31", "2026-08-01", "2026-08-31", "2026-09-01")
    assert [one[0] for one in of(*({"filed": day} for day in days))[0]] == ["a2", "a1"]


def test_the_newest_stands_first_and_at_one_time_by_ticker():
    told = of(
        {"filed": "2026-08-10"}, {"filed": "2026-08-12"}, {"accepted_at": "2026-08-10 13:00"}, {"ticker": "AAA"},
        {"ticker": "ZZZ"},
    )[0]  # fmt: skip
    assert [one[0] for one in told] == ["a1", "a2", "a3", "a0", "a4"]


def test_after_the_close_is_told_of_events_alone():
    found, _ = listed(filings({"items": "2.02", "accepted_at": "2026-08-10 20:30"}, {"form": "DEF 14A"}),
                      pd.Timestamp("2026-08-01"), pd.Timestamp("2026-08-31"))  # fmt: skip
    late = dict(zip(found["accession"], found["after_close"].astype(object), strict=True))
    assert late["a0"] is True
    assert pd.isna(late["a1"])
