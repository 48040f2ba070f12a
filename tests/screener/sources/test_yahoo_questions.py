"""Questions to Yahoo with answers made here: what each error means, how often it is tried, and when no more is asked."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest
import yfinance

from screener.errors import UniverseError
from screener.sources.fetched import Failure
from screener.sources.http import Refused
from screener.sources.yahoo import asking, timing

FEW = ["A", "B", "C", "D", "E"]
WAIT_SECONDS = asking.WAIT_SECONDS  # before a test shortens it


class Coded(Exception):
    """An error that carries the answer's status, as those of HTTP clients do."""

    def __init__(self, status: int) -> None:
        self.response = SimpleNamespace(status_code=status)
        super().__init__(f"status {status}")


@pytest.fixture
def yf(monkeypatch):
    """yfinance's exceptions, and a memory that counts how often it is cleared; one worker, and no wait."""
    monkeypatch.setattr(asking, "WORKERS", 1)
    monkeypatch.setattr(asking, "WAIT_SECONDS", (0.0001, 0.0002))
    monkeypatch.setenv(timing.PACE_PLACE, "0")
    cleared: list[int] = []
    memory = SimpleNamespace(cache_get=SimpleNamespace(cache_clear=lambda: cleared.append(1)))
    return SimpleNamespace(exceptions=yfinance.exceptions, data=SimpleNamespace(YfData=memory), cleared=cleared)


def asked(
    yf: SimpleNamespace, answers: dict, symbols: list[str] | None = None, **more: Any
) -> tuple[dict, list[Failure], list[str]]:
    """What came of the symbols, each of whose answers is a value or an error; and the symbols that were asked, in order."""
    calls: list[str] = []

    def ask(symbol: str) -> object:
        calls.append(symbol)
        answer = answers.get(symbol, 1)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    told, failures, counted = asking.ask_each(
        yf, symbols or list(answers), ask, "closes", more.pop("progress", lambda _: None), **more
    )
    assert counted == []  # no request went through a session
    assert {failure.what for failure in failures} <= {"closes"}
    return told, failures, calls


LONG = "x" * 300


@pytest.mark.parametrize(
    ("error", "kind", "message", "tries"),
    [
        (yfinance.exceptions.YFRateLimitError(), "rate_limited", "too many requests", 1),
        (Coded(429), "rate_limited", "too many requests", 1),
        (Coded(500), "bad_answer", "HTTP 500", 2),
        (Coded(503), "bad_answer", "HTTP 503", 2),
        (Coded(404), "empty", "Yahoo knows nothing under this symbol", 1),
        (yfinance.exceptions.YFTickerMissingError("A", "delisted"), "empty", "$A: possibly delisted; delisted", 1),
        (ValueError("Empty fundamentals of A"), "empty", "Empty fundamentals of A", 1),
        (Coded(400), "bad_answer", "HTTP 400", 1),
        (Coded(418), "bad_answer", "HTTP 418", 1),
        (OSError("Failed to perform, curl: (7) no route. See https://curl.se/libcurl first"), "unreachable",
         "curl: (7) no route", 2),
        (ValueError("no\n  such thing"), "bad_answer", "an answer that cannot be read: ValueError: no such thing", 2),
        (ValueError(), "bad_answer", "an answer that cannot be read: ValueError: ValueError", 2),
        (ValueError(LONG), "bad_answer", f"an answer that cannot be read: ValueError: {LONG[:200]}", 2),
        (json.JSONDecodeError("Expecting value", "", 0), "bad_answer", "an answer that is not JSON, or not all of it", 2),
        (Refused("empty", "no close since 2026-01-02"), "empty", "no close since 2026-01-02", 1),
        (Refused("bad_answer", "half", again=True), "bad_answer", "half", 2),
    ],
)  # fmt: skip
def test_each_error_has_its_kind_its_words_and_whether_it_is_tried_again(yf, error, kind, message, tries):
    told, failures, calls = asked(yf, {"A": error, "B": 2})
    assert told == {"B": 2}
    assert failures == [Failure("A", "closes", kind, message)]
    assert calls == ["A"] * tries + ["B"]
    assert len(yf.cleared) == tries - 1  # a repeat starts without yfinance's memory of the first


NO_PRICES = yfinance.exceptions.YFTickerMissingError("A", "delisted")


@pytest.mark.parametrize(
    ("error", "status", "kind", "message"),
    [
        (NO_PRICES, 499, "empty", "$A: possibly delisted; delisted"),
        (NO_PRICES, 500, "bad_answer", "HTTP 500"),
        (NO_PRICES, 502, "bad_answer", "HTTP 502"),
        (OSError("no route"), 502, "unreachable", "no route"),  # the request after the one that the server failed at
        (ValueError("odd"), 502, "bad_answer", "an answer that cannot be read: ValueError: odd"),
    ],
)
def test_a_symbol_without_prices_is_an_error_of_the_server_where_the_server_said_so(yf, error, status, kind, message):
    def ask(symbol: str) -> object:
        asking.counted.status = status
        raise error

    _, failures, _ = asking.ask_each(yf, ["A"], ask, "closes", lambda _: None)
    assert failures == [Failure("A", "closes", kind, message)]


def test_a_repeat_comes_after_half_a_second_to_a_second(yf, monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr(asking, "WAIT_SECONDS", WAIT_SECONDS)
    monkeypatch.setattr(time, "sleep", waited.append)
    asked(yf, {"A": Coded(500)})
    assert len(waited) == 1
    assert 0.5 <= waited[0] <= 1.0


def test_an_interruption_is_no_failure_of_yahoo(yf):
    with pytest.raises(KeyboardInterrupt):
        asked(yf, {"A": 1, "B": KeyboardInterrupt()})


DOWN = OSError("no route")


def test_after_three_in_a_row_nothing_more_is_asked_and_each_is_told(yf):
    told, failures, calls = asked(yf, {"A": 1, "B": DOWN, "C": Coded(429), "D": DOWN, "E": 5, "F": 6})
    assert told == {"A": 1}
    assert calls == ["A", "B", "B", "C", "D", "D"]
    assert [(one.symbol, one.kind, one.message) for one in failures] == [
        ("B", "unreachable", "no route"), ("C", "rate_limited", "too many requests"), ("D", "unreachable", "no route"),
        ("E", "unreachable", "not asked after 3 in a row: no route"),
        ("F", "unreachable", "not asked after 3 in a row: no route"),
    ]  # fmt: skip


@pytest.mark.parametrize("between", [1, Coded(404), Coded(418)], ids=["an answer", "nothing there", "another fault"])
def test_only_failures_in_a_row_stop_the_questions(yf, between):
    told, _, calls = asked(yf, {"A": DOWN, "B": DOWN, "C": between, "D": DOWN, "E": DOWN, "F": 6})
    assert told["F"] == 6
    assert calls[-1] == "F"


@pytest.mark.parametrize(
    ("answers", "seconds"),
    [
        ({"A": Coded(429), "B": Coded(429)}, 600.0),  # all that were asked
        ({"A": Coded(429), "B": 1}, None),
        ({"A": Coded(429), "B": DOWN}, None),
        (
            {"A": 1, "B": Coded(429), "C": Refused("rate_limited", "x", pause_seconds=900.0), "D": Coded(429), "E": 1},
            900.0,
        ),
        ({"A": 1, "B": DOWN, "C": DOWN, "D": DOWN}, None),
        ({"A": 1}, None),
    ],
)
def test_where_yahoo_limits_requests_it_is_left_alone(yf, answers, seconds):
    pauses: list[tuple] = []
    asked(yf, answers, pause=lambda *told: pauses.append(told))
    assert pauses == ([] if seconds is None else [(seconds, "Yahoo rate-limited the requests (HTTP 429)")])
    asked(yf, answers)  # nobody to be told


def test_how_far_it_is_is_told_after_each(yf):
    said: list[str] = []
    asked(yf, {"A": 1, "B": DOWN, "C": 3}, progress=said.append)
    assert said == [f"Yahoo: closes, {done} of 3" for done in range(4)]


def test_when_the_time_is_over_the_rest_is_not_asked(yf, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    clock = timing.Clock()

    def late(symbol: str) -> str:
        now[0] += 50.0
        clock.answered()
        return symbol

    told, failures, _ = asking.ask_each(yf, FEW, late, "closes", lambda _: None, clock=clock)
    assert told == {"A": "A", "B": "B", "C": "C"}
    assert [(one.symbol, one.kind, one.message) for one in failures] == [
        (symbol, "unreachable", "not asked: 120 seconds were used up") for symbol in ("D", "E")
    ]


@pytest.mark.parametrize(
    ("outcome", "all_asked"),
    [
        (1, True),
        (Refused("empty", "no close"), True),
        (Refused("bad_answer", "HTTP 500"), True),
        (Refused("unreachable", "no route"), False),
    ],
    ids=lambda one: getattr(one, "kind", None),
)
def test_whatever_yahoo_gives_is_an_answer_and_a_failure_to_reach_it_is_none(yf, monkeypatch, outcome, all_asked):
    """Each question takes 20 seconds: the session ends after 30 without an answer, thus after the second of none."""
    now, calls = [0.0], []
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def slow(symbol: str) -> object:
        calls.append(symbol)
        now[0] += 20.0
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    _, failures, _ = asking.ask_each(yf, FEW, slow, "closes", lambda _: None, clock=timing.Clock())
    assert calls == (FEW if all_asked else ["A", "B"])
    assert [one.symbol for one in failures if "not asked" in one.message] == ([] if all_asked else ["C", "D", "E"])
    assert all_asked or failures[-1].message == "not asked: no answer in 30 seconds"


def test_the_time_of_a_session(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setenv(timing.PACE_PLACE, "2.5")
    clock = timing.Clock()  # 120 seconds in all, 30 and four times the pace without an answer
    assert (clock.left(), clock.over()) == (40.0, "")
    now[0] = 1040.0
    assert (clock.left(), clock.over()) == (0.001, "")
    now[0] = 1040.5
    assert clock.over() == "no answer in 40 seconds"
    clock.answered()
    assert (clock.left(), clock.over()) == (40.0, "")
    now[0] = 1080.0
    clock.answered()
    now[0] = 1100.0
    assert clock.left() == 20.0  # until the end of all
    now[0] = 1120.0
    assert clock.over() == ""
    now[0] = 1120.5
    assert (clock.left(), clock.over()) == (0.001, "120 seconds were used up")


@pytest.mark.parametrize(
    ("named", "seconds"),
    [("", 0.1), ("0", 0.0), ("2.5", 2.5), ("60", 60.0), ("60.1", None), ("-1", None), ("soon", None), ("nan", None)],
)
def test_the_pace_of_requests_is_between_none_and_a_minute(monkeypatch, named, seconds):
    monkeypatch.setenv(timing.PACE_PLACE, named)
    if seconds is not None:
        assert timing.pace_seconds() == seconds
        return
    with pytest.raises(UniverseError, match=rf"SCREENER_YAHOO_PACE: '{named}': expected seconds"):
        timing.pace_seconds()
