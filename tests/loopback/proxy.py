"""A proxy on 127.0.0.1 that answers for other people's hosts, over TLS with a certificate of its own authority.

A client is led here by HTTPS_PROXY and trusts it by CURL_CA_BUNDLE, REQUESTS_CA_BUNDLE and SSL_CERT_FILE. It asks to
CONNECT to a host; the proxy says yes, speaks TLS as that host, and hands each request to the host's function. It opens
no connection itself: a host without a function is refused, and told in `strangers`.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import trustme


@dataclass(frozen=True)
class Request:
    """One request as the host would see it."""

    host: str
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def cookies(self) -> dict[str, str]:
        parts = [part.strip().partition("=") for part in self.headers.get("cookie", "").split(";")]
        return {name: value for name, _, value in parts if name}


@dataclass(frozen=True)
class Answer:
    """What the host says; `cut` of the body's bytes are kept back before the connection is closed; `dribble_seconds`
    pass between any two of its bytes. `endless` sends the body again and again, without a length; `header_seconds` pass
    between headers without end."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    wait_seconds: float = 0.0
    cut: int = 0
    drop: bool = False
    dribble_seconds: float = 0.0
    endless: bool = False
    header_seconds: float = 0.0


class Proxy:
    """The running proxy; a context manager that leaves no thread behind.

    Parameters
    ----------
    hosts : mapping
        Host name to a function from Request to Answer.
    folder : Path
        Where the authority's certificate is written.
    """

    def __init__(self, hosts: Mapping[str, Callable[[Request], Answer]], folder: Path) -> None:
        self.hosts = hosts
        self.requests: list[Request] = []
        self.strangers: list[str] = []
        self.black_hole = False
        self.now: datetime | None = None  # the time that answers carry; the clock's where it is None
        self.closing = threading.Event()
        self.open: set[socket.socket] = set()
        authority = trustme.CA()
        self.authority = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.authority))
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*hosts).configure_cert(self.tls)
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.proxy = self
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Proxy:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        for connection in list(self.open):
            # Wakes the handler that waits for the next request of a client that keeps its connection.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What leads a client here and makes it trust the answers."""
        bundle = str(self.authority)
        trust = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"), bundle)
        lead = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), self.address)
        return {**trust, **lead, "NO_PROXY": "", "no_proxy": ""}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: Proxy

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is none of our concern."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    host = ""

    def setup(self) -> None:
        super().setup()
        self.server.proxy.open.add(self.request)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The header Date."""
        now = self.server.proxy.now
        return super().date_time_string(timestamp if now is None else now.timestamp())

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_CONNECT(self) -> None:
        proxy = self.server.proxy
        self.host = self.path.rpartition(":")[0]
        if proxy.black_hole:
            proxy.closing.wait()
            self.close_connection = True
            return
        if self.host not in proxy.hosts:
            proxy.strangers.append(self.host)
            self.send_error(502, "this proxy knows no such host")
            self.close_connection = True
            return
        self.send_response(200, "Connection established")
        self.end_headers()
        self.connection = proxy.tls.wrap_socket(self.connection, server_side=True)
        proxy.open.add(self.connection)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.close_connection = False

    def do_GET(self) -> None:
        proxy, parts = self.server.proxy, urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        request = Request(self.host, self.command, parts.path, parse_qs(parts.query), headers, body)
        proxy.requests.append(request)
        if self.host not in proxy.hosts:
            proxy.strangers.append(self.host or self.path)
            self.send_error(502, "this proxy knows no such host")
            return
        answer = proxy.hosts[self.host](request)
        if answer.wait_seconds:
            proxy.closing.wait(answer.wait_seconds)
        if answer.drop:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in {"Content-Type": answer.kind, **answer.headers}.items():
            self.send_header(name, value)
        if answer.header_seconds:
            self.flush_headers()
            while not proxy.closing.wait(answer.header_seconds):
                self.wfile.write(b"X-More: yes\r\n")
            self.close_connection = True
            return
        if not answer.endless and "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        while answer.endless and not proxy.closing.is_set():
            self.wfile.write(answer.body)
        sent = answer.body[: len(answer.body) - answer.cut]
        for byte in sent if answer.dribble_seconds else ():
            self.wfile.write(bytes([byte]))
            if proxy.closing.wait(answer.dribble_seconds):
                return
        self.wfile.write(b"" if answer.dribble_seconds else sent)
        if answer.cut:
            self.close_connection = True

    do_POST = do_GET

    def finish(self) -> None:
        super().finish()
        self.server.proxy.open -= {self.request, self.connection}
        # The wrapped socket is ours to close: the server knows only the plain one.
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.close()
