"""The connection to the SEC with a connection made here: how each question ends, and when nothing is sent any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

from screener._version import __version__
from screener.errors import NoContact
from screener.sources.edgar import answers, client
from screener.sources.http import Got, Refused

NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)
URL = "https://data.sec.gov/submissions/CIK0000827876.json"
LIMIT = b"<html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head></html>"
HOUR_FROM_NOW = "2026-08-20 13:00 UTC"


class Connection:
    """Gives each of these answers in turn, and raises what is a refusal."""

    made: dict

    def __init__(self, title: str, **how: object) -> None:
        Connection.made = {"title": title} | how
        self.answers: list = []
        self.closed = False

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def get(self, url: str) -> Got:
        answer = self.answers.pop(0)
        if isinstance(answer, Refused):
            raise answer
        return Got(url, answer, requests=2)


class Memory:
    """A ledger's part: pauses, and one stored answer."""

    def __init__(self) -> None:
        self.pauses: list[tuple] = []
        self.until: tuple | None = None
        self.stored: SimpleNamespace | None = None

    def pause(self, source: str, until: datetime, reason: str, now: datetime) -> None:
        self.pauses.append((source, until, reason, now))

    def paused(self, source: str, now: datetime) -> tuple | None:
        return self.until

    def answer(self, url: str) -> SimpleNamespace | None:
        return self.stored if url == URL else None


@pytest.fixture
def made(monkeypatch):
    """A client with its ledger and its clock; `ask(answer)` puts one question."""
    monkeypatch.setattr(client, "Http", Connection)
    clock = [100.0]
    memory = Memory()
    own = client.Client(memory, "ann@example.com", NOW, clock=lambda: clock[0])

    def ask(*answers: bytes | Refused, what: str = "submissions", read: Callable[[bytes], object] = len) -> tuple:
        own._http.answers = list(answers)
        value, one = own.ask(what, "CLSK", URL, read)
        assert (one.what, one.subject, one.url) == (what, "CLSK", URL)
        return value, one.ended, one.kind, one.message, one.requests

    return SimpleNamespace(client=own, ledger=memory, clock=clock, ask=ask)


def unreachable(requests: int = 3) -> Refused:
    return Refused("unreachable", "no answer in 20 seconds", requests=requests)


FAILED = (None, "failed", "unreachable", "no answer in 20 seconds", 3)


def test_who_asks_is_declared_and_requests_are_half_as_many_as_allowed(made):
    assert Connection.made | {"clock": 0, "sleep": 0} == {
        "title": "the SEC", "agent": f"miner-screener/{__version__} ann@example.com", "pace_seconds": 0.2, "timeout": 20.0,
        "budget": 180.0, "most_bytes": 100_000_000, "wait": (1.0, 8.0), "clock": 0, "sleep": 0,
    }  # fmt: skip
    with pytest.raises(NoContact):
        client.Client(Memory(), "", NOW)
    with made.client as entered:
        assert entered is made.client
    assert made.client._http.closed


def test_the_time_goes_on_with_the_clock(made):
    made.clock[0] = 160.0
    assert made.client.now == NOW + timedelta(seconds=60)


def test_an_answer_is_read_and_kept_with_its_body(made):
    assert made.ask(b"four") == (4, "ok", "", "", 2)
    made.client._http.answers = [b"four"]
    assert made.client.ask("document", "a1", URL, len)[1].body == b"four"


def test_an_answer_that_cannot_be_read_is_told_and_the_next_is_asked_for(made):
    def read(body: bytes) -> int:
        raise answers.refuse("filings of CLSK", "not whole JSON")

    words = "filings of CLSK: not whole JSON; the answer was not used, ask for it again later"
    assert made.ask(b"half", read=read) == (None, "failed", "bad_answer", words, 2)
    assert made.ask(b"four")[0] == 4


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("submissions", "EDGAR has no company under this CIK; check the cik of companies.csv"),
        ("companyfacts", "no XBRL facts"),
        ("document", "EDGAR does not have this document"),
    ],
)
def test_what_edgar_does_not_have_is_no_failure(made, what, words):
    assert made.ask(Refused("empty", "HTTP 404", requests=1), what=what) == (None, "none", "", words, 1)


def test_after_three_in_a_row_without_an_answer_nothing_is_sent(made):
    assert [made.ask(unreachable()) for _ in range(3)] == [FAILED] * 3
    words = "not asked: 3 in a row without an answer, the last: no answer in 20 seconds"
    assert made.ask(b"four") == (None, "failed", "unreachable", words, 0)


@pytest.mark.parametrize(
    "between",
    [b"four", Refused("empty", "HTTP 404", requests=1), Refused("bad_answer", "HTTP 500", requests=3), unreachable(0)],
    ids=["an answer", "nothing there", "another fault", "a question that was not sent"],
)
def test_only_failures_in_a_row_count(made, between):
    for answer in (unreachable(), unreachable(), between, unreachable(), unreachable()):
        made.ask(answer)
    assert made.ask(b"four")[0] == 4


@pytest.mark.parametrize(
    ("seconds", "until"),
    [(120.0, "2026-08-20 12:03 UTC"), (3600.0, "2026-08-20 13:01 UTC"), (7200.0, "2026-08-20 13:01 UTC")],
)
def test_a_refusal_with_a_time_is_remembered_for_an_hour_at_most(made, seconds, until):
    made.clock[0] += 60.0
    refused = Refused("rate_limited", "too many requests (HTTP 429)", pause_seconds=seconds)
    message = f"too many requests (HTTP 429); next request from {until}"
    assert made.ask(refused) == (None, "failed", "rate_limited", message, 1)
    end = pd.Timestamp(until.removesuffix(" UTC"), tz="UTC")
    assert made.ledger.pauses == [("edgar", end, "too many requests (HTTP 429)", NOW + timedelta(seconds=60))]


def test_the_page_about_too_many_requests_stops_for_ten_minutes(made):
    message = "the SEC's page about too many requests; next request from 2026-08-20 12:10 UTC"
    assert made.ask(LIMIT) == (None, "failed", "rate_limited", message, 2)
    assert made.ledger.pauses == [("edgar", NOW + timedelta(minutes=10), "the SEC's page about too many requests", NOW)]
    assert made.ask(LIMIT[6:]) == (len(LIMIT) - 6, "ok", "", "", 2)  # the words alone are no page


def test_a_refusal_without_a_time_is_not_remembered(made):
    made.ask(unreachable())
    assert made.ledger.pauses == []


def test_during_a_pause_nothing_is_sent(made):
    made.ledger.until = (pd.Timestamp("2026-08-20 14:00", tz="Europe/Berlin") + pd.Timedelta(hours=1), "blocked")
    words = f"not asked: blocked; next request from {HOUR_FROM_NOW}"
    assert made.ask(b"four") == (None, "failed", "rate_limited", words, 0)


@pytest.mark.parametrize(
    ("hours", "age"),
    [(1.0, "today's"), (23.9, "today's"), (24.0, "1 day old"), (47.9, "1 day old"), (48.0, "2 days old")],
)
def test_a_failure_says_which_stored_answer_stands(made, hours, age):
    seen = pd.Timestamp(NOW) - pd.Timedelta(hours=hours)
    made.ledger.stored = SimpleNamespace(seen_at=seen)
    assert made.ask(unreachable())[3] == f"no answer in 20 seconds; the answer of {seen:%Y-%m-%d} stands ({age})"
