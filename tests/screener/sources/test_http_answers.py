"""Answers over HTTPS made here: what each status, header and length means, at the edge of each limit; no socket."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from requests.structures import CaseInsensitiveDict

from screener import clock
from screener.sources import http
from screener.sources.body import parsed
from screener.sources.http import Http
from screener.sources.refused import Refused, pause_of

URL = "https://api.example/figures"
NOW = datetime(2026, 10, 2, 22, 30, tzinfo=UTC)


class Raw:
    """A body in pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces, self.given = list(pieces), 0

    def read1(self, _: int, decode_content: bool) -> bytes:
        piece = self.pieces.pop(0) if self.pieces else b""
        self.given += len(piece)
        return piece

    def tell(self) -> int:
        return self.given


class Answer:
    def __init__(self, body: bytes | list[bytes] = b"[1]", status: int = 200, **headers: str) -> None:
        self.body, self.status_code, self.url = [body] if isinstance(body, bytes) else body, status, URL
        self.headers = CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()})

    def __enter__(self):
        self.raw = Raw(self.body)
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def host(monkeypatch):
    """`host(answer, ...)` gives a connection to a host that gives these answers, the last one again and again."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    asked: list[dict] = []

    def connection(*answers: Answer, **more: Any) -> Http:
        left = list(answers)

        def get(session: requests.Session, url: str, **options: Any) -> Answer:
            asked.append(options | {"url": url, "headers": dict(session.headers)})
            return left.pop(0) if len(left) > 1 else left[0]

        monkeypatch.setattr(requests.Session, "get", get)
        asked.clear()
        return Http("example", agent="tests", **{"pace_seconds": 0.0, "wait": (0.0001, 0.0002), "timeout": 20.0} | more)

    connection.asked = asked
    return connection


def refused(host: Callable[..., Http], *answers: Answer, **more: Any) -> tuple[str, str, int, float]:
    with pytest.raises(Refused) as raised:
        host(*answers, **more).get(URL)
    error = raised.value
    assert error.requests == len(host.asked)
    return error.kind, error.message, error.requests, error.pause_seconds


@pytest.mark.parametrize(
    ("status", "kind", "message", "requests_"),
    [
        (300, "bad_answer", "sent on to another address (HTTP 300); not followed", 1),
        (399, "bad_answer", "sent on to another address (HTTP 399); not followed", 1),
        (299, "bad_answer", "HTTP 299", 1),
        (400, "bad_answer", "the source does not understand the question (HTTP 400)", 1),
        (404, "empty", "nothing at this address (HTTP 404)", 1),
        (410, "empty", "nothing at this address (HTTP 410)", 1),
        (418, "bad_answer", "HTTP 418", 1),
        (499, "bad_answer", "HTTP 499", 1),
        (408, "bad_answer", "the source waited too long for the question (HTTP 408)", 3),
        (500, "bad_answer", "an error of the server (HTTP 500)", 3),
        (599, "bad_answer", "an error of the server (HTTP 599)", 3),
        (503, "bad_answer", "an error of the server (HTTP 503)", 3),
        (511, "bad_answer", "this network asks for a login first (HTTP 511)", 1),
    ],
)
def test_what_a_status_means_and_whether_it_is_asked_again(host, status, kind, message, requests_):
    assert refused(host, Answer(status=status)) == (kind, message, requests_, 0.0)


@pytest.mark.parametrize(
    ("status", "message"),
    [(403, "requests of this client are refused (HTTP 403)"), (429, "too many requests (HTTP 429)"),
     (503, "limits requests for now (HTTP 503)")],
)  # fmt: skip
def test_a_source_that_limits_requests_is_left_alone(host, status, message):
    own = host(Answer(status=status, Retry_After="120"))
    for requests_, words in ((1, message), (0, f"not asked: {message}")):
        with pytest.raises(Refused) as raised:
            own.get(URL)
        error = raised.value
        assert (error.kind, error.message, error.requests) == ("rate_limited", words, requests_)
    assert len(host.asked) == 1


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (None, 600.0),
        ("", 600.0),
        ("soon", 600.0),
        ("0", 60.0),
        ("59", 60.0),
        ("61", 61.0),
        (" 120 ", 120.0),
        ("86399", 86_399.0),
        ("86401", 86_400.0),
        ("1" * 19, 86_400.0),
        ("1" * 20, 600.0),
        ("-5", 600.0),
        ("1.5", 600.0),
        ("٣", 600.0),
        (format_datetime(datetime(2026, 10, 2, 22, 40, tzinfo=UTC), usegmt=True), 600.0),
        (format_datetime(datetime(2026, 10, 2, 23, 30, tzinfo=UTC), usegmt=True), 3600.0),
        ("Fri, 02 Oct 2026 23:30:00", 3600.0),
        (format_datetime(datetime(2026, 10, 2, 22, 0, tzinfo=UTC), usegmt=True), 60.0),
        (format_datetime(datetime(2026, 10, 9, 22, 0, tzinfo=UTC), usegmt=True), 86_400.0),
    ],
)
def test_how_long_a_source_asks_to_be_left_alone(monkeypatch, told, seconds):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert pause_of(told) == seconds


def test_a_question_is_declared_and_takes_no_longer_than_the_run_has_left(host):
    now = [0.0]
    own = host(Answer(), budget=180.0, clock=lambda: now[0])
    for moment, seconds in ((0.0, 20.0), (165.0, 15.0), (180.0, 0.001)):
        now[0] = moment
        assert own.get(URL, {"a": "b"}).body == b"[1]"
        assert host.asked[-1]["timeout"] == pytest.approx(seconds)
    now[0] = 180.1
    with pytest.raises(Refused, match="not asked: the 180 seconds of the run were used up"):
        own.get(URL)
    first = host.asked[0]
    assert (first["url"], first["params"], first["stream"], first["allow_redirects"]) == (URL, {"a": "b"}, True, False)
    assert (first["headers"]["User-Agent"], first["headers"]["Accept-Encoding"]) == ("tests", "gzip, deflate")


def test_a_body_is_read_while_its_time_lasts(host):
    now = [0.0]

    class Slow(Answer):
        def __enter__(self):
            answer = super().__enter__()
            read1 = answer.raw.read1

            def slowly(*arguments, **options):
                now[0] += 10.0
                return read1(*arguments, **options)

            answer.raw.read1 = slowly
            return answer

    got = host(Slow([b"a", b"b"]), clock=lambda: now[0], attempts=1).get(URL)
    assert got.body == b"ab"  # twenty seconds, and no more
    assert refused(host, Slow([b"a", b"b", b"c"]), clock=lambda: now[0], attempts=1) == (
        "unreachable", "an answer not finished after 20 seconds", 1, 0.0,
    )  # fmt: skip


TOO_LARGE = ("bad_answer", "an answer of more than 5 bytes", 1, 0.0)
CUT = ("unreachable", "the connection ended before the answer did", 3, 0.0)


@pytest.mark.parametrize(
    ("body", "headers", "outcome"),
    [
        (b"12345", {}, b"12345"), (b"123456", {}, TOO_LARGE), ([b"123", b"456"], {}, TOO_LARGE),
        (b"12345", {"Content_Length": "5"}, b"12345"), (b"", {"Content_Length": "6"}, TOO_LARGE),
        (b"1234", {"Content_Length": "5"}, CUT), (b"1234", {"Content_Length": "3"}, b"1234"),
        (b"1234", {"Content_Length": "five"}, b"1234"), (b"1234", {"Content_Length": "9" * 20}, b"1234"),
        (gzip.compress(b"12345"), {"Content_Encoding": "gzip"}, b"12345"),
        (gzip.compress(b"12345"), {"Content_Encoding": " X-GZIP "}, b"12345"),
        (zlib.compress(b"12345"), {"Content_Encoding": "deflate"}, b"12345"),
        ([gzip.compress(b"12"), gzip.compress(b"345")], {"Content_Encoding": "gzip"}, b"12345"),
        (gzip.compress(b"12") + gzip.compress(b"345"), {"Content_Encoding": "gzip"}, b"12345"),
        (gzip.compress(b"123456"), {"Content_Encoding": "gzip"}, TOO_LARGE),
        (gzip.compress(b"123") + gzip.compress(b"456"), {"Content_Encoding": "gzip"}, TOO_LARGE),
        (b"12345", {"Content_Encoding": "identity"}, b"12345"),
        (b"", {"Content_Encoding": "gzip"}, b""),
        (gzip.compress(b"12345")[:-1], {"Content_Encoding": "gzip"},
         ("bad_answer", "an answer that cannot be unpacked: its end is missing", 3, 0.0)),
        (b"12345", {"Content_Encoding": "gzip"}, ("bad_answer", "an answer that cannot be unpacked", 3, 0.0)),
        (b"12345", {"Content_Encoding": "br"},
         ("bad_answer", "an answer packed in a way that was not asked for ('br')", 1, 0.0)),
    ],
)  # fmt: skip
def test_a_body_of_at_most_so_many_bytes_whole_and_unpacked(host, body, headers, outcome):
    if isinstance(outcome, bytes):
        assert host(Answer(body, **headers), most_bytes=5).get(URL).body == outcome
    else:
        assert refused(host, Answer(body, **headers), most_bytes=5) == outcome


@pytest.mark.parametrize(
    ("failures", "attempts", "good"), [(2, None, True), (3, None, False), (1, 2, True), (2, 2, False)]
)
def test_a_failure_that_may_pass_is_tried_three_times(host, failures, attempts, good):
    own = host(*[Answer(status=500)] * failures, Answer(), attempts=attempts)
    if good:
        assert (own.json(URL).requests, own.json(URL).content) == (failures + 1, [1])
    else:
        with pytest.raises(Refused, match="an error of the server"):
            own.json(URL)


def test_what_is_not_told_otherwise_is_the_module_s():
    own = Http("example", agent="tests")
    assert (own.timeout, own.budget, own.most_bytes, own.attempts, own.wait, own.pace.seconds) == (
        20.0, 180.0, 67_108_864, 3, (0.5, 4.0), 0.2,
    )  # fmt: skip
    none = Http(
        "example", agent="tests", timeout=0.0, budget=0.0, most_bytes=0, attempts=0, wait=(0.0, 0.0), pace_seconds=0.0
    )
    assert (none.timeout, none.budget, none.most_bytes, none.attempts, none.wait, none.pace.seconds) == (
        0.0, 0.0, 0, 0, (0.0, 0.0), 0.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (requests.Timeout("slow"), "no answer in 20 seconds"),
        (requests.ConnectionError("[SSL: CERTIFICATE_VERIFY_FAILED] x"), "the certificate is not trusted"),
        (requests.ConnectionError("Tunnel connection failed: 407"), "the proxy refused the connection"),
        (requests.ConnectionError("NameResolutionError: x"), "its name is not found"),
        (requests.ConnectionError("Connection reset by peer"), "the connection was reset"),
        (OSError("odd\n  thing"), "odd thing"),
        (ValueError(), "ValueError"),
        (OSError("x" * 300), "x" * 200),
    ],
)
def test_what_a_failed_connection_means(host, error, message):
    class Failing(Answer):
        def __enter__(self):
            raise error

    assert refused(host, Failing()) == ("unreachable", message, 3, 0.0)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b" <!DOCTYPE html><title>Log &amp;\n in</title>",
            "a page (HTML) in place of JSON, titled 'Log & in': a login, a consent or an error",
        ),
        (
            b"<html>" + b" " * 99_977 + b"<title>in</title>",
            "a page (HTML) in place of JSON, titled 'in': a login, a consent or an error",
        ),
        (b"<html>" + b" " * 99_978 + b"<title>in</title>", "a page (HTML) in place of JSON"),
        (
            b"<title>" + b"t" * 90 + b"</title>",
            f"a page (HTML) in place of JSON, titled '{'t' * 80}': a login, a consent or an error",
        ),
        (b"<title>\x00</title>", "a page (HTML) in place of JSON"),
        (b" \n ", "an answer without content"),
        (b"", "an answer without content"),
        (b'{"a": 1', "an answer that is not JSON, or not all of it"),
        (b"[NaN]", "an answer that is not JSON, or not all of it"),
        (b"[1e999]", "an answer that is not JSON, or not all of it"),
    ],
)
def test_what_is_no_json_is_told(body, message):
    with pytest.raises(Refused) as raised:
        parsed(body)
    assert (raised.value.kind, raised.value.message, raised.value.again) == ("bad_answer", message, True)


def test_json_is_read_with_its_numbers():
    assert parsed(b' {"a": [1, 2.5, -1e3, null, "x"]}') == {"a": [1, 2.5, -1000.0, None, "x"]}
    assert isinstance(parsed(b"[1.0]")[0], float)
    assert http.MOST_BYTES == 64 * 1024 * 1024
