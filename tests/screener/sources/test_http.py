"""Polite requests: each fault has its kind and words, is repeated only where that may help, and stops where asked to."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import pytest

from screener.sources.http import Http
from screener.sources.pace import Pace
from screener.sources.refused import MOST_PAUSE_SECONDS, PAUSE_SECONDS, Refused
from tests.loopback.faults import Failing, held
from tests.loopback.proxy import Answer, Proxy

HOST = "api.example"
URL = f"https://{HOST}/figures"
GOOD = b'{"figure": 12.5, "text": "' + b"x" * 400 + b'"}'


@dataclass(frozen=True)
class Case:
    """One fault of an answer: what is told, how many requests it takes, and how long the source is left alone."""

    fault: str
    answer: str
    kind: str
    outcome: str
    requests: int = 1
    pause: float = 0.0


CASES = [
    Case("HTTP 403", "403", "rate_limited", "requests of this client are refused (HTTP 403)", 1, PAUSE_SECONDS),
    Case("HTTP 429 without a time", "429", "rate_limited", "too many requests (HTTP 429)", 1, PAUSE_SECONDS),
    Case("HTTP 429, wait 120 seconds", "429 with seconds", "rate_limited", "too many requests (HTTP 429)", 1, 120.0),
    Case("HTTP 429, wait until a time", "429 with a date", "rate_limited", "too many requests (HTTP 429)", 1, 3600.0),
    Case("HTTP 429, wait a year", "429 for a year", "rate_limited", "too many requests", 1, MOST_PAUSE_SECONDS),
    Case("HTTP 429, wait 'soon'", "429 with nonsense", "rate_limited", "too many requests", 1, PAUSE_SECONDS),
    Case("HTTP 503 with a time", "503 with seconds", "rate_limited", "limits requests for now (HTTP 503)", 1, 90.0),
    Case("HTTP 503", "503", "bad_answer", "an error of the server (HTTP 503)", 3),
    Case("HTTP 500", "500", "bad_answer", "an error of the server (HTTP 500)", 3),
    Case("HTTP 404", "404", "empty", "nothing at this address (HTTP 404)"),
    Case("HTTP 418", "418", "bad_answer", "HTTP 418"),
    Case("sent on to another host", "redirect", "bad_answer", "sent on to another address (HTTP 302); not followed"),
    Case("a page in place of JSON", "page", "bad_answer", "a page (HTML) in place of JSON", 3),
    Case("an empty answer", "nothing", "bad_answer", "an answer without content", 3),
    Case("half the JSON", "half", "bad_answer", "an answer that is not JSON, or not all of it", 3),
    Case("bytes that are no text", "bytes", "bad_answer", "an answer that is not JSON, or not all of it", 3),
    Case("the connection ends in the answer", "cut", "unreachable", "the connection ended before the answer did", 3),
    Case("the connection ends before it", "dropped", "unreachable", "the connection ended before an answer came", 3),
    Case("no answer in time", "hanging", "unreachable", "no answer in 0.5 seconds", 3),
    Case("an answer byte by byte", "dribbling", "unreachable", "an answer not finished after 0.5 seconds", 3),
    Case("HTTP 204", "204", "bad_answer", "an answer without content (HTTP 204)"),
    Case("HTTP 400", "400", "bad_answer", "the source does not understand the question (HTTP 400)"),
    Case("HTTP 401", "401", "bad_answer", "a login is asked for (HTTP 401)"),
    Case("HTTP 407", "407", "bad_answer", "the proxy asks for a login (HTTP 407)"),
    Case("HTTP 408", "408", "bad_answer", "the source waited too long for the question (HTTP 408)", 3),
    Case("HTTP 451", "451", "bad_answer", "not available in this country (HTTP 451)"),
    Case("HTTP 511", "511", "bad_answer", "this network asks for a login first (HTTP 511)"),
    Case("HTTP 502", "502", "bad_answer", "an error of the server (HTTP 502)", 3),
    Case("HTTP 504", "504", "bad_answer", "an error of the server (HTTP 504)", 3),
    Case("HTTP 429, wait for a digit that is none", "429 with digits", "rate_limited", "too many", 1, PAUSE_SECONDS),
    Case("HTTP 429, wait 400 digits", "429 with a long number", "rate_limited", "too many", 1, PAUSE_SECONDS),
    Case(
        "HTTP 429, wait until a date that is none",
        "429 with a wrong date",
        "rate_limited",
        "too many",
        1,
        PAUSE_SECONDS,
    ),
    Case(
        "the login page of a hotel",
        "portal",
        "bad_answer",
        "a page (HTML) in place of JSON, titled 'Hotel & Spa: log in'",
        3,
    ),
    Case("a figure that is none (NaN)", "nan", "bad_answer", "an answer that is not JSON, or not all of it", 3),
    Case("a figure beyond a double", "beyond", "bad_answer", "an answer that is not JSON, or not all of it", 3),
    Case("a figure of 5,000 digits", "digits", "bad_answer", "an answer that is not JSON, or not all of it", 3),
    Case("lists a hundred thousand deep", "deep", "bad_answer", "an answer that is not JSON, or not all of it", 3),
    Case("Latin-1", "latin", "bad_answer", "an answer that is not JSON, or not all of it", 3),
    Case("an answer without end", "endless", "bad_answer", "an answer of more than 1,000,000 bytes"),
    Case("headers without end", "endless headers", "unreachable", "no answer in 0.5 seconds", 3),
    Case("a length of a terabyte", "long", "bad_answer", "an answer of more than 1,000,000 bytes"),
    Case("a length that is no number", "length", "unreachable", "an answer not finished after 0.5 seconds", 3),
    Case("64 MB packed into 64 kB", "bomb", "bad_answer", "an answer of more than 1,000,000 bytes"),
    Case("that packed again", "bomb twice", "bad_answer", "packed in a way that was not asked for ('gzip, gzip')"),
    Case("packed in another way", "other packing", "bad_answer", "packed in a way that was not asked for ('br')"),
    Case("the end of what is packed is missing", "half packed", "bad_answer", "its end is missing", 3),
    Case("packed wrongly", "not packed", "bad_answer", "an answer that cannot be unpacked", 3),
]


class Api(Failing):
    def __call__(self, request) -> Answer:
        return self.faulty(request.path, Answer(200, GOOD))


@pytest.fixture
def api(tmp_path, monkeypatch):
    """A host that gives `GOOD`, with this process led to it."""
    host = Api()
    with Proxy({HOST: host}, tmp_path) as proxy:
        for name, value in proxy.environment.items():
            monkeypatch.setenv(name, value)
        host.proxy = proxy
        yield host
        assert proxy.strangers == []


def connection(**more) -> Http:
    return Http(
        "example",
        agent="tests",
        **{"pace_seconds": 0.0, "timeout": 0.5, "most_bytes": 1_000_000, "wait": (0.01, 0.02), **more},
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
def test_every_fault_has_its_kind_words_and_number_of_requests(api, case):
    api.fail("/figures", case.answer)
    with connection() as http, pytest.raises(Refused) as raised:
        http.json(URL)
    refused = raised.value
    assert (refused.kind, refused.requests) == (case.kind, case.requests)
    assert case.outcome in refused.message
    assert "\n" not in refused.message
    assert held(refused) < 10_000  # what had arrived is let go of, whoever keeps the refusal
    assert refused.pause_seconds == pytest.approx(case.pause, abs=5.0)
    assert len(api.proxy.requests) == case.requests


def test_an_answer_comes_with_its_bytes_its_address_and_its_requests(api):
    with connection() as http:
        got = http.json(URL, {"currency": "USD"})
    assert (got.url, got.body, got.content["figure"], got.requests) == (f"{URL}?currency=USD", GOOD, 12.5, 1)
    assert api.proxy.requests[0].headers["user-agent"] == "tests"
    assert api.proxy.requests[0].query == {"currency": ["USD"]}


def test_a_failure_that_passes_costs_a_second_request(api):
    api.fail("/figures", "500", first=1)
    with connection() as http:
        assert http.json(URL).requests == 2


def test_a_source_that_wants_to_be_left_alone_is_not_asked_again(api):
    api.fail("/figures", "429")
    with connection() as http:
        for _ in range(3):
            with pytest.raises(Refused) as raised:
                http.json(URL)
    assert len(api.proxy.requests) == 1
    assert (raised.value.requests, raised.value.message) == (0, "not asked: too many requests (HTTP 429)")


def test_an_answer_beyond_the_size_is_not_read_to_its_end(api):
    with connection(most_bytes=100) as http, pytest.raises(Refused, match="more than 100 bytes"):
        http.get(URL)
    assert len(api.proxy.requests) == 1


def test_a_run_that_has_used_up_its_time_stops_asking(api):
    now = [0.0]
    with connection(budget=10.0, clock=lambda: now[0]) as http:
        http.json(URL)
        now[0] = 10.5
        with pytest.raises(Refused, match="the 10 seconds of the run were used up") as raised:
            http.json(URL)
    assert raised.value.requests == 0
    assert len(api.proxy.requests) == 1


def test_where_nothing_listens_it_is_told_as_unreachable(monkeypatch, tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed.getsockname()[1]}")
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{closed.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")
    with connection(attempts=1) as http, pytest.raises(Refused, match="the connection was refused") as raised:
        http.json(URL)
    assert raised.value.kind == "unreachable"


def test_a_certificate_that_is_not_trusted_is_named(api, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name)
    with connection(attempts=1) as http, pytest.raises(Refused, match="the certificate is not trusted"):
        http.json(URL)


def test_requests_start_no_closer_than_the_pace():
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 9))
        now[0] += seconds

    pace = Pace(2.0, lambda: now[0], sleep)
    for elapsed in (0.0, 0.5, 5.0, 0.0):
        now[0] += elapsed
        pace.wait()
    # The second waits out its two seconds, the third has them behind it, the fourth waits in full.
    assert slept == [1.5, 2.0]
