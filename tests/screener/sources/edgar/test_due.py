"""What is due of EDGAR by hand: each question before and after its hour, and which report is read next."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from screener.sources.edgar import due
from screener.sources.told import FILING_COLUMNS

NOW = pd.Timestamp("2026-08-20 12:00", tz="UTC")
QUARTER = {"accession": "q2", "form": "10-Q", "filed": "2026-08-10", "accepted_at": "2026-08-10 20:00", "is_xbrl": True}


def ago(**span: float) -> pd.Timestamp:
    return NOW - pd.Timedelta(**span)


def history(*asked: tuple) -> due.History:
    """Of (what, subject, at, ended, kind, good)."""
    columns = ["what", "subject", "at", "ended", "kind", "good"]
    frame = pd.DataFrame(list(asked), columns=columns)
    return due.History.of(frame.assign(**{name: pd.to_datetime(frame[name], utc=True) for name in ("at", "good")}))


def filings(*told: dict) -> pd.DataFrame:
    frame = pd.DataFrame([dict.fromkeys(FILING_COLUMNS, "") | QUARTER | one for one in told], columns=FILING_COLUMNS)
    frame["filed"] = pd.to_datetime(frame["filed"])
    return frame.assign(
        accepted_at=pd.to_datetime(frame["accepted_at"], utc=True), is_xbrl=frame["is_xbrl"].astype(object)
    )


@pytest.mark.parametrize(
    ("last", "is_due"),
    [
        (None, True),
        ((ago(hours=1), "ok", "", ago(hours=1)), False),
        ((ago(hours=19.99), "ok", "", ago(hours=19.99)), False),
        ((ago(hours=20), "ok", "", ago(hours=20)), True),
        ((ago(hours=21), "ok", "", ago(hours=21)), True),
        ((ago(hours=1), "failed", "unreachable", ago(hours=2)), True),
        ((ago(hours=1), "none", "", pd.NaT), True),  # never answered
    ],
)
def test_the_list_of_filings_is_asked_for_once_in_twenty_hours(last, is_due):
    known = history(
        *([] if last is None else [("submissions", "RIOT", *last)]), ("submissions", "WULF", NOW, "ok", "", NOW)
    )
    assert known.submissions_due("RIOT", NOW) is is_due
    assert known.submissions_due("WULF", NOW) is False


@pytest.mark.parametrize(
    ("last", "filed", "is_due"),
    [
        (None, "2026-08-10 20:00", True),
        ((ago(days=1), "none", "", pd.NaT), "2026-08-10 20:00", True),
        ((ago(days=1), "ok", "", ago(days=1)), None, False),  # no report is known
        ((ago(days=1), "ok", "", ago(days=1)), "2026-08-19 12:01", True),  # a report came since
        ((ago(days=1), "ok", "", ago(days=1)), "2026-08-19 12:00", False),
        ((ago(hours=19), "ok", "partial", ago(hours=19)), "2026-08-10 20:00", False),  # not yet out, asked for today
        ((ago(hours=20), "ok", "partial", ago(hours=20)), "2026-08-10 20:00", True),
        ((ago(hours=20), "ok", "", ago(hours=20)), "2026-08-10 20:00", False),
        ((ago(hours=1), "failed", "unreachable", ago(hours=2)), "2026-08-10 20:00", True),
        ((ago(hours=20), "ok", "partial", ago(hours=20)), "2026-08-06 12:01", True),
        ((ago(hours=20), "ok", "partial", ago(hours=20)), "2026-08-06 12:00", False),  # two weeks late: no longer
    ],
)
def test_the_facts_are_asked_for_after_a_report_and_until_they_hold_it(last, filed, is_due):
    known = history(*([] if last is None else [("companyfacts", "RIOT", *last)]))
    own = filings({"accepted_at": filed}) if filed else filings({"is_xbrl": False})
    assert known.companyfacts_due("RIOT", own, NOW) is is_due


def test_an_answer_of_now_takes_the_place_of_the_last_one():
    known = history(("submissions", "RIOT", ago(days=9), "failed", "unreachable", ago(days=10)),
                    ("submissions", "WULF", ago(days=9), "ok", "", ago(days=9)))  # fmt: skip
    after = known.answered("submissions", "RIOT", NOW)
    assert (after.good("submissions", "RIOT"), after.good("submissions", "WULF")) == (NOW, ago(days=9))
    assert after.last("submissions", "RIOT").tolist() == [NOW, "ok", "", NOW]
    assert history().answered("submissions", "RIOT", NOW).good("submissions", "RIOT") == NOW
    assert pd.isna(history().good("document", "q2"))
    assert history().last("document", "q2") is None


OTHERS = (
    QUARTER | {"accession": "q1", "filed": "2026-05-11", "accepted_at": "2026-05-11 20:00"},
    QUARTER | {"accession": "q1a", "form": "10-Q/A", "filed": "2026-06-01", "accepted_at": "2026-06-01 20:00"},
    QUARTER | {"accession": "q2a", "form": "10-Q/A", "filed": "2026-08-19", "accepted_at": "2026-08-19 20:00"},
)


def read(*which: tuple[str, pd.Timestamp], lists: pd.Timestamp = NOW) -> due.History:
    """The list of filings answered at `lists`, and documents read at a time each."""
    return history(
        ("submissions", "RIOT", lists, "ok", "", lists), *(("document", one, at, "ok", "", at) for one, at in which)
    )


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ((), "q2"),  # at first the newest that is no amendment
        ((("q1", ago(days=90)),), "q2a"),  # then what came since, the newest first
        ((("q1", ago(days=90)), ("q2a", ago(days=1))), "q2"),
        ((("q1", ago(days=90)), ("q2a", ago(days=1)), ("q2", ago(days=2))), "q1a"),
        ((("q1a", ago(days=90)), ("q2a", ago(days=1)), ("q2", ago(days=2))), None),  # what is older than the first read
        ((("q1", ago(days=90)), ("q2a", NOW)), None),  # one for each list of filings
    ],
)
def test_which_report_s_document_is_read_next(which, expected):
    found = read(*which).document_due("RIOT", filings(*OTHERS, QUARTER), NOW)
    assert (None if found is None else found.accession) == expected


def test_another_report_of_the_day_of_the_first_one_read_is_read_too():
    same_day = QUARTER | {"accession": "q1b", "filed": OTHERS[0]["filed"], "accepted_at": "2026-05-11 21:00"}
    found = read(("q1", ago(days=90))).document_due("RIOT", filings(OTHERS[0], same_day), NOW)
    assert found.accession == "q1b"


def test_amendments_alone_are_read_and_without_reports_none():
    assert read().document_due("RIOT", filings(*OTHERS[1:]), NOW).accession == "q2a"
    assert read().document_due("RIOT", filings(QUARTER | {"is_xbrl": False}), NOW) is None


@pytest.mark.parametrize(
    ("ended", "kind", "at", "expected"),
    [
        ("failed", "bad_answer", ago(hours=19), "q1"),  # what could not be read is not asked for again at once
        ("failed", "bad_answer", ago(hours=20), "q2"),
        ("failed", "unreachable", ago(hours=1), "q2"),
        ("none", "bad_answer", ago(hours=1), "q2"),
    ],
)
def test_a_document_that_could_not_be_read_waits_for_twenty_hours(ended, kind, at, expected):
    known = history(("submissions", "RIOT", NOW, "ok", "", NOW), ("document", "q2", at, ended, kind, pd.NaT),
                    ("document", "q0", ago(days=200), "ok", "", ago(days=200)))  # fmt: skip
    own = filings(QUARTER, OTHERS[0], QUARTER | {"accession": "q0", "filed": "2026-02-11"})
    assert known.document_due("RIOT", own, NOW).accession == expected


def test_reports_have_xbrl_and_stand_newest_first():
    told = filings(
        {"accession": "a"},
        {"accession": "c", "accepted_at": "2026-08-10 20:01"},
        {"accession": "b"},
        {"accession": "d", "filed": "2026-08-11"},
        {"accession": "e", "form": "8-K"},
        {"accession": "f", "is_xbrl": False},
        {"accession": "g", "form": "20-F/A", "filed": "2026-08-12"},
        {"accession": "h", "form": "10-KT", "filed": "2026-08-01"},
    )
    assert due.reports(told)["accession"].tolist() == ["g", "d", "c", "b", "a", "h"]
    assert due.newest_report(told).accession == "d"
    assert due.newest_report(told.iloc[[4, 5, 6]]) is None


def test_a_6k_without_xbrl_is_to_be_read_newest_first():
    plain = {"form": "6-K", "is_xbrl": False}
    told = filings(
        plain | {"accession": "a"}, plain | {"accession": "b", "form": "6-K/A", "accepted_at": "2026-08-10 20:01"},
        plain | {"accession": "c", "filed": "2026-08-11"}, plain | {"accession": "d", "is_xbrl": True},
        plain | {"accession": "e", "form": "8-K"},
    )  # fmt: skip
    assert due.to_be_read(told)["accession"].tolist() == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("accepted", "since"),
    [
        (pd.Timestamp("2026-08-10 20:00", tz="UTC"), "2026-08-10 20:00"),
        (pd.NaT, "2026-08-11 04:00"),  # the end of the filing day in New York, summer
    ],
)
def test_a_filing_without_a_time_was_there_by_the_end_of_its_day_in_new_york(accepted, since):
    filing = SimpleNamespace(accepted_at=accepted, filed=pd.Timestamp("2026-08-10"))
    assert due._since(filing) == pd.Timestamp(since, tz="UTC")
