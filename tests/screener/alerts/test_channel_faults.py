"""Whatever a webhook or a mail server does is an outcome in one sentence: servers on loopback that misbehave."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
import trustme

from screener import secrets
from screener.alerts import attempt, channels
from screener.alerts.delivery import deliver
from screener.alerts.message import Message
from screener.config.alerts import AlertSettings, Email

NOW = datetime(2026, 1, 16, 23, 31, tzinfo=UTC)
CANARY = "Kanarie77x"
DELIVERED = "delivered"
TEAMS = b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def status(line: str, *headers: str, body: bytes = b"") -> bytes:
    """An answer of HTTP."""
    return "\r\n".join([f"HTTP/1.1 {line}", f"Content-Length: {len(body)}", *headers, "", ""]).encode("latin-1") + body


@dataclass(frozen=True)
class Case:
    """What a server answers, or what is asked wrongly; the outcome, and how many attempts it takes of two."""

    id: str
    fault: str
    outcome: str
    answer: bytes | str = b""
    attempts: int = 1
    url: str = ""
    token: str = ""
    settings: dict[str, object] = field(default_factory=dict)


def _hook(name: str, fault: str, outcome: str, answer: bytes | str, attempts: int = 1) -> Case:
    return Case(f"webhook {name}", f"webhook: {fault}", outcome, answer, attempts)


def _asked(name: str, fault: str, outcome: str, url: str = "", token: str = "") -> Case:
    return Case(f"webhook {name}", f"webhook: {fault}", outcome, OK, 0, url, token)


def _mail(name: str, fault: str, outcome: str, answer: bytes | str, attempts: int = 1, **settings: object) -> Case:
    return Case(f"mail {name}", f"mail server: {fault}", outcome, answer, attempts, settings=settings)


HOOKS = [
    _hook(
        "redirect",
        "HTTP 302 to another host",
        "webhook answered 302 Found; a redirect is not followed",
        status("302 Found", "Location: https://evil.example/x"),
    ),
    _hook("loop", "HTTP 307 to itself", "a redirect is not followed", status("307 Again", "Location: /in")),
    _hook("permanent", "HTTP 308", "webhook answered 308", status("308 Moved", "Location: http://127.0.0.1/")),
    _hook(
        "bad redirect", "HTTP 301 to no address", "webhook answered 301", status("301 Moved", "Location: http://[x/")
    ),
    _hook("304", "HTTP 304", "webhook answered 304 Not Modified", status("304 Not Modified")),
    _hook("401", "HTTP 401", "webhook answered 401", status("401 No", 'WWW-Authenticate: Basic realm="x"')),
    _hook("404", "HTTP 404", "webhook answered 404", status("404 Not Found")),
    _hook("429", "HTTP 429", "webhook answered 429", status("429 Slow down", "Retry-After: 9"), 2),
    _hook("500", "HTTP 500", "webhook answered 500", status("500 Oops"), 2),
    _hook("503", "HTTP 503 with a page", "webhook answered 503", status("503 Busy", body=b"<html>busy</html>"), 2),
    _hook("999", "a status that does not exist", "webhook answered 999", status("999 What"), 2),
    _hook("103", "only an early hint", "webhook answered 103", status("103 Early Hints")),
    _hook(
        "page",
        "a sign-in page under HTTP 200",
        "a page (HTML), such as a sign-in",
        status("200 OK", body=b"\n<!DOCTYPE html><html>log in"),
        2,
    ),
    _hook(
        "teams",
        "Teams' failure under HTTP 200",
        "microsoft teams endpoint returned http error 429",
        status("200 OK", body=TEAMS),
        2,
    ),
    _hook(
        "reason",
        "a status line with escape sequences and no ASCII",
        "webhook answered 400",
        status("400 \x1b[31mn\xf6\x9b"),
    ),
    _hook("secret", "the token in the status line", "webhook answered 400", status(f"400 {CANARY}")),
    _hook("no http", "another protocol", "an answer that is not HTTP", b"SSH-2.0-OpenSSH_9\r\n", 2),
    _hook("no number", "a status that is no number", "an answer that is not HTTP", b"HTTP/1.1 abc OK\r\n\r\n", 2),
    _hook("nothing", "the connection ends before an answer", "the connection ended before an answer came", b"", 2),
    _hook("half", "the connection ends in the status line", "an answer that is not HTTP", b"HTT", 2),
    _hook(
        "long header",
        "a header of 100 kB",
        "an answer whose head is too long",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
        2,
    ),
    _hook(
        "many headers",
        "300 headers",
        "an answer whose head is too long",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n",
        2,
    ),
    _hook("silent", "no answer", "no answer within 0.3 seconds", "silent", 2),
    _hook("dribbling", "an answer byte by byte, for ever", "no end of its answer within", "dribbling", 2),
    _hook("continue", "HTTP 100 for ever", "no end of its answer within", "continue", 2),
    _hook("endless", "HTTP 200 with an endless body", DELIVERED, "endless"),
    _hook("cut body", "HTTP 200, the body cut off", DELIVERED, b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nok"),
    _hook(
        "bad chunks",
        "HTTP 200, badly chunked",
        DELIVERED,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ),
    _hook("slow body", "HTTP 200, the body never", DELIVERED, "slow body"),
    _hook("bytes", "HTTP 202, a body that is no text", DELIVERED, status("202 Accepted", body=bytes(range(256)))),
    _asked("plain", "http:// to another machine", "a token is never sent without TLS", "http://hooks.example.com/in/x"),
    _asked(
        "look-alike",
        "http:// to a name that begins like this machine",
        "without TLS",
        "http://127.0.0.1.example.com/in",
    ),
    _asked(
        "user",
        "user and password in its address",
        "without blanks, user or password",
        f"https://me:{CANARY}@hooks.example.com/",
    ),
    _asked("no host", "an address without a host", "expected an address", "https:///in"),
    _asked("port", "a port that is none", "with a host and a port", "https://hooks.example.com:port/in"),
    _asked("no scheme", "an address without a scheme", "expected an address", "hooks.example.com/in"),
    _asked("newline", "a newline in its address", "expected an address", "https://hooks.example.com/in\r\nX: y"),
    _asked("blank", "a blank in its address", "without blanks", "https://hooks.example.com/a b"),
    _asked(
        "token newline", "a newline in the token", "SCREENER_WEBHOOK_TOKEN: expected one line", token=f"{CANARY}\nX: y"
    ),
    _asked(
        "token letters", "a token that is no ASCII", "SCREENER_WEBHOOK_TOKEN: expected one line", token=f"{CANARY}ö"
    ),
]
GREETING = b"220 hi\r\n"
EHLO = b"250-hi\r\n250 SIZE\r\n"
MAILS = [
    _mail("refuses", "554 in place of a greeting", "554 go away", b"554 go away\r\n", 1),
    _mail("busy", "421 in place of a greeting", "421 later", b"421 later\r\n", 2),
    _mail("garbage", "a greeting that is none", "an answer that is not SMTP", b"\x00\xff\xfe what\r\n", 2),
    _mail("nothing", "the connection ends before a greeting", "Connection unexpectedly closed", b"", 2),
    _mail("silent", "no greeting", "timed out", "silent", 2),
    _mail("dribbling", "a greeting byte by byte, for ever", "no end of its answers within", "dribbling", 2),
    _mail("endless", "lines of a greeting for ever", "no end of its answers within", "lines", 2),
    _mail("long line", "a line of 100 kB", "500 Line too long", b"220 " + b"x" * 100_000 + b"\r\n", 1),
    _mail("ends", "the connection ends after the greeting", "Connection unexpectedly closed", GREETING, 2),
    _mail(
        "no starttls",
        "STARTTLS is not offered",
        "STARTTLS extension not supported",
        GREETING + EHLO,
        1,
        security="starttls",
    ),
    _mail("no tls", "no TLS on its port", "the server speaks no TLS on this port", GREETING, 2, security="tls"),
    _mail("no login", "a login is not offered", "AUTH extension not supported", GREETING + EHLO, 1, user="me"),
    _mail(
        "challenge",
        "a challenge that cannot be read",
        "an answer that cannot be read (Incorrect padding)",
        GREETING + b"250-hi\r\n250 AUTH CRAM-MD5\r\n334 abc\r\n",
        1,
        user="me",
    ),
    _mail(
        "sender",
        "the sender refused",
        "refused the sender",
        GREETING + EHLO + b"553 refused the sender\r\n250 ok\r\n",
        1,
    ),
    _mail(
        "recipients",
        "every recipient refused",
        "refused every recipient",
        GREETING + EHLO + b"250 ok\r\n550 no\r\n550 no\r\n250 ok\r\n",
        1,
    ),
    _mail(
        "greylisted",
        "every recipient put off",
        "refused every recipient",
        GREETING + EHLO + b"250 ok\r\n450 no\r\n450 no\r\n250 ok\r\n",
        2,
    ),
    _mail(
        "some",
        "one of two recipients refused",
        "accepted it, but refused b@example.com",
        GREETING + EHLO + b"250 ok\r\n250 ok\r\n550 no\r\n354 go\r\n250 taken\r\n221 bye\r\n",
        1,
    ),
    _mail(
        "size",
        "the mail is too large",
        "552 too large",
        GREETING + EHLO + b"250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n552 too large\r\n250 ok\r\n",
        1,
    ),
    _mail(
        "letters",
        "words that are no ASCII, with an escape sequence",
        "554 ",
        b"554 \x1b[31mn\xf6\x9b\xe2\x80\xae\r\n",
        1,
    ),
    _mail("no name", "a host name that cannot be", "no host can have this name", b"", 0, host="mail..example.invalid"),
    _mail(
        "long name",
        "a part of the host name of 70 letters",
        "no host can have this name",
        b"",
        0,
        host="a" * 70 + ".example",
    ),
    _mail(
        "address",
        "a recipient that is no ASCII",
        "internationalized email support",
        GREETING + EHLO + b"250 ok\r\n",
        1,
        to=("bö@example.com",),
    ),
    _mail(
        "goodbye",
        "the mail is taken, the goodbye refused",
        DELIVERED,
        GREETING + EHLO + b"250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n500 no\r\n",
        1,
    ),
]
CASES = HOOKS + MAILS
assert len({case.id for case in CASES}) == len(CASES)


class Misbehaving:
    """A server on loopback that answers every connection alike, whatever it is asked."""

    def __init__(self, answer: bytes | str, *, speaks_first: bool, context: ssl.SSLContext | None = None) -> None:
        self.answer, self.speaks_first, self.context = answer, speaks_first, context
        self.connections = 0
        self.heard = b""
        self.stopped = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(5)
            if self.context is not None:
                client = self.context.wrap_socket(client, server_side=True)
            if not self.speaks_first:
                self.heard += client.recv(65536)
            self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        if isinstance(self.answer, str):
            self._for_ever(client, self.answer)
        elif not self.speaks_first:
            client.sendall(self.answer)
            client.shutdown(socket.SHUT_WR)
            client.recv(65536)
        else:  # an answer a line, each after a question; the lines of one answer at once
            lines = self.answer.splitlines(keepends=True)
            while lines:
                line = lines.pop(0)
                client.sendall(line)
                if line[3:4] != b"-" and not self._hears(client, line):
                    return

    def _hears(self, client: socket.socket, line: bytes) -> bool:
        """Whether the client went on, with a question or, after 354, the mail to its end."""
        heard = client.recv(65536)
        while line.startswith(b"354") and heard and not heard.endswith(b"\r\n.\r\n"):
            more = client.recv(65536)
            heard = heard + more if more else b""
        self.heard += heard
        return bool(heard)

    def _for_ever(self, client: socket.socket, how: str) -> None:
        piece, pause = {
            "silent": (b"", 0.05), "dribbling": (b"H" if not self.speaks_first else b"2", 0.02),
            "continue": (b"HTTP/1.1 100 Continue\r\n\r\n", 0.001), "lines": (b"220-hi\r\n", 0.001),
            "endless": (b"x" * 4096, 0.001), "slow body": (b"", 0.05),
        }[how]  # fmt: skip
        if how in ("endless", "slow body"):
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not self.stopped.is_set():
            client.sendall(piece)
            time.sleep(pause)

    def close(self) -> None:
        """End it and its threads."""
        self.stopped.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for thread in self.threads:
            thread.join(6)


@pytest.fixture
def serve() -> Iterator[Callable[..., Misbehaving]]:
    servers: list[Misbehaving] = []

    def begin(answer: bytes | str, **how: object) -> Misbehaving:
        servers.append(Misbehaving(answer, **how))  # type: ignore[arg-type]
        return servers[-1]

    yield begin
    for server in servers:
        server.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """Servers are waited for half a second, and no secret of the machine is used."""
    monkeypatch.setattr(channels, "SECONDS", 0.3)
    monkeypatch.setattr(channels, "LONGEST", 0.6)
    for name in secrets.NAMES:
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # past which a local server is asked
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)


def message(**other: object) -> Message:
    made = Message("k1", "gap 2.7x", "The gap is 2.7x.\n", {"event": "run"}, None, False)
    return replace(made, **other)  # type: ignore[arg-type]


def sent(told: Message, settings: AlertSettings) -> list[str]:
    return deliver(told, settings, None, lambda: NOW, tries=2, wait_seconds=0.0)


def email(port: int, **other: object) -> Email:
    given = {"host": "127.0.0.1", "to": ("a@example.com", "b@example.com"), "sender": "s@example.com"}
    return Email(**(given | {"security": "none", "port": port} | other))  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_any_answer_is_an_outcome(case, serve, monkeypatch):
    by_mail = case.id.startswith("mail")
    server = serve(case.answer, speaks_first=by_mail)
    settings = AlertSettings()
    if by_mail:
        monkeypatch.setenv(secrets.SMTP_PASSWORD, CANARY)
        settings = AlertSettings(email=email(server.port, **case.settings))
    else:
        monkeypatch.setenv(secrets.WEBHOOK_URL, case.url or f"http://127.0.0.1:{server.port}/in/{CANARY}")
        monkeypatch.setenv(secrets.WEBHOOK_TOKEN, case.token or f"{CANARY}-token")
    begun = time.monotonic()
    failures = sent(message(), settings)
    assert time.monotonic() - begun < 30.0  # 1.2, and what a busy machine adds; without an end, for ever
    assert server.connections == case.attempts
    if case.outcome == DELIVERED:
        assert failures == []
        return
    (failure,) = failures
    assert failure.startswith(("webhook: not delivered: ", "email: not delivered: "))
    assert case.outcome in failure
    assert failure.isprintable()
    assert len(failure) < 500
    assert CANARY not in failure


def test_the_token_arrives_at_a_server_of_this_machine_past_any_proxy(serve, monkeypatch):
    server = serve(OK, speaks_first=False)
    monkeypatch.setenv(secrets.WEBHOOK_URL, f"http://127.0.0.1:{server.port}/in")
    monkeypatch.setenv(secrets.WEBHOOK_TOKEN, CANARY)
    assert sent(message(), AlertSettings()) == []
    assert f"authorization: bearer {CANARY}".lower().encode() in server.heard.lower()


@pytest.mark.parametrize("by_mail", [True, False])
def test_nothing_is_sent_to_a_server_whose_certificate_nobody_vouches_for(by_mail, serve, monkeypatch):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server = serve(GREETING if by_mail else OK, speaks_first=by_mail, context=context)
    monkeypatch.setenv(secrets.SMTP_PASSWORD, CANARY)
    settings = AlertSettings(email=email(server.port, security="tls", user="me") if by_mail else None)
    if not by_mail:
        monkeypatch.setenv(secrets.WEBHOOK_URL, f"https://127.0.0.1:{server.port}/in")
    (failure,) = sent(message(), settings)
    assert "no TLS connection ([SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed" in failure
    assert server.heard == b""


def test_a_message_that_cannot_be_read_or_written_is_an_outcome(serve, tmp_path, monkeypatch):
    server = serve(GREETING, speaks_first=True)
    gone = message(attachment=tmp_path / "gone.xlsx")
    (failure,) = sent(gone, AlertSettings(email=email(server.port)))
    assert "the workbook cannot be read: No such file or directory" in failure
    monkeypatch.setenv(secrets.WEBHOOK_URL, f"http://127.0.0.1:{server.port}/in")
    (failure,) = sent(message(payload={"event": object()}), AlertSettings())
    assert "cannot be written as JSON" in failure
    assert server.connections == 0


def test_a_subject_of_two_lines_and_a_key_of_other_letters_are_sent(serve, monkeypatch):
    server = serve(OK, speaks_first=False)
    monkeypatch.setenv(secrets.WEBHOOK_URL, f"http://127.0.0.1:{server.port}/in")
    told = message(key="failed-矿 工\n-2026", subject="a\r\nBcc: b@example.com")
    assert sent(told, AlertSettings()) == []
    assert b"idempotency-key: failed-%e7%9f%bf%20%e5%b7%a5%0a-2026" in server.heard.lower()
    mail = channels.compose(email(1), told, NOW)
    assert mail["Subject"] == "a Bcc: b@example.com"
    assert mail["Message-ID"] == "<failed-%E7%9F%BF%20%E5%B7%A5%0A-2026@example.com>"
    assert mail["Bcc"] is None


def test_a_server_that_refuses_the_connection_is_told_without_numbers(monkeypatch):
    monkeypatch.setenv(secrets.WEBHOOK_URL, "http://127.0.0.1:1/in")
    failures = sent(message(), AlertSettings(email=email(1)))
    assert failures == [
        "email: not delivered: 127.0.0.1:1: Connection refused", "webhook: not delivered: Connection refused",
    ]  # fmt: skip


def test_a_fault_of_the_program_costs_no_other_channel(serve, monkeypatch):
    server = serve(OK, speaks_first=False)
    monkeypatch.setenv(secrets.WEBHOOK_URL, f"http://127.0.0.1:{server.port}/in")

    def broken(*_: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(channels, "compose", broken)
    (failure,) = sent(message(), AlertSettings(email=email(1)))
    assert failure == "email: not delivered: a fault of the program (RuntimeError: unforeseen); see the log"
    assert server.connections == 1


@pytest.mark.parametrize(("host", "expected"), [
    ("localhost", True), ("LOCALHOST", True), ("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("[::1]", True),
    ("127.0.0.1.example.com", False), ("localhost.example.com", False), ("10.0.0.1", False), ("", False),
    ("0.0.0.0", False), ("::ffff:10.0.0.1", False),
])  # fmt: skip
def test_which_hosts_are_this_machine(host, expected):
    assert attempt.is_loopback(host) is expected
