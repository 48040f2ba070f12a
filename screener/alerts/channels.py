"""Delivery channels: e-mail by SMTP with the workbook attached, and a webhook that receives JSON.

Whatever a server does, the outcome is a `ChannelError` with a sentence, never another exception: the run is done by then.
"""

from __future__ import annotations

import http.client
import json
import smtplib
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from screener import secrets
from screener.alerts.attempt import ChannelError, TooLong, in_words, is_loopback, short, within
from screener.alerts.message import Message

if TYPE_CHECKING:
    from screener.config.alerts import AlertSettings, Email

SECONDS = 20  # that a server may be silent
LONGEST = 60  # seconds that one attempt may take in all, however busily a server answers
READ = 4096  # bytes of a webhook's answer that are looked at
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
REFUSALS = range(400, 500)  # answers of a webhook that a retry does not change, except these
TRY_AGAIN = (408, 425, 429)
REDIRECTS = (301, 302, 303, 307, 308)


Channel = Callable[[Message, datetime], None]


def channels(settings: AlertSettings, message: Message) -> Iterator[tuple[str, Channel]]:
    """Name and sender of each channel that wants this message."""
    email = settings.email
    if email is not None and (email.send == "always" or message.has_alerts):
        yield "email", lambda one, now: send_email(email, one, now)
    if secrets.get(secrets.WEBHOOK_URL) and (settings.webhook == "always" or message.has_alerts):
        yield "webhook", post_webhook


def compose(email: Email, message: Message, now: datetime) -> EmailMessage:
    """The e-mail of a message; its Message-ID is the same when it is sent again, so that mail readers drop duplicates."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = email.sender, ", ".join(email.to), message.subject
    mail["Date"] = format_datetime(now)
    domain = email.sender.rpartition("@")[2].strip("<> ") or "miner-screener"
    mail["Message-ID"] = f"<{quote(message.key)}@{domain}>"
    mail.set_content(message.text)
    if message.attachment is not None:
        mail.add_attachment(
            message.attachment.read_bytes(), maintype=XLSX[0], subtype=XLSX[1], filename=message.attachment.name
        )
    return mail


def send_email(email: Email, message: Message, now: datetime) -> None:
    """Send by SMTP; the password, where one is set, goes over TLS alone, but for a server on this machine.

    Raises
    ------
    ChannelError
    """
    password = secrets.get(secrets.SMTP_PASSWORD)
    if email.user and password and email.security == "none" and not is_loopback(email.host):
        raise ChannelError(f"{email.host}: a password is never sent without TLS; set security", final=True)
    place = f"{email.host}:{email.port}"
    try:
        mail = compose(email, message, now)
    except OSError as error:
        raise ChannelError(f"the workbook cannot be read: {error.strerror or error}", final=True) from None
    except (ValueError, LookupError, MessageError) as error:  # an address that no message can carry
        raise ChannelError(f"the message cannot be written: {error}", final=True) from None
    opened: list[smtplib.SMTP] = []
    try:
        refused = within(LONGEST, lambda: _sent(email, password, mail, opened), lambda: _cut(opened))
    except TooLong:
        raise ChannelError(f"{place}: no end of its answers within {LONGEST} seconds", final=False) from None
    except smtplib.SMTPRecipientsRefused as error:
        raise ChannelError(f"{email.host} refused every recipient", final=_all_final(error)) from None
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        if error.smtp_code < 0:
            raise ChannelError(f"{place}: an answer that is not SMTP ({short(text)})", final=False) from None
        raise ChannelError(f"{email.host}: {error.smtp_code} {short(text)}", final=error.smtp_code >= 500) from None
    except (OSError, smtplib.SMTPException, ValueError) as error:
        # A retry helps neither a server that lacks something nor a name or a login that cannot be sent.
        final = isinstance(error, (smtplib.SMTPNotSupportedError, ValueError))
        raise ChannelError(f"{place}: {in_words(error, SECONDS)}", final=final) from None
    if refused:
        raise ChannelError(f"{email.host} accepted it, but refused {', '.join(refused)}", final=True)


def _sent(email: Email, password: str, mail: EmailMessage, opened: list[smtplib.SMTP]) -> dict[str, tuple[int, bytes]]:
    """Recipients that the server refused, each with code and text, after it accepted the mail."""
    context = ssl.create_default_context()
    if email.security == "tls":
        server = _kept(smtplib.SMTP_SSL, opened)(email.host, email.port, timeout=SECONDS, context=context)
    else:
        server = _kept(smtplib.SMTP, opened)(email.host, email.port, timeout=SECONDS)
    try:
        if email.security == "starttls":
            server.starttls(context=context)
        if email.user and password:
            server.login(email.user, password)
        refused: dict[str, tuple[int, bytes]] = server.send_message(mail, email.sender, list(email.to))
        return refused
    finally:
        with suppress(OSError, smtplib.SMTPException, ValueError):  # the mail is taken or not, whatever the goodbye is
            server.quit()
        server.close()


def _kept(kind: type[smtplib.SMTP], opened: list[smtplib.SMTP]) -> Any:
    """A connection that is in `opened` before it connects: a greeting may never end."""

    class Kept(kind):  # type: ignore[valid-type,misc]
        def connect(self, *place: Any, **more: Any) -> tuple[int, bytes]:
            opened.append(self)
            answer: tuple[int, bytes] = super().connect(*place, **more)
            return answer

    return Kept


def _cut(opened: list[smtplib.SMTP]) -> None:
    """End the connections, so that who waits for an answer waits no longer."""
    for server in opened:
        if server.sock is not None:
            with suppress(OSError):
                server.sock.shutdown(socket.SHUT_RDWR)


def _all_final(error: smtplib.SMTPRecipientsRefused) -> bool:
    return all(code >= 500 for code, _ in error.recipients.values())


def post_webhook(message: Message, now: datetime) -> None:
    """POST the payload to SCREENER_WEBHOOK_URL, with SCREENER_WEBHOOK_TOKEN as bearer where it is set.

    Address and token let whoever sees them post, so they go over TLS alone, but for a server on this machine.

    Raises
    ------
    ChannelError
    """
    address = secrets.get(secrets.WEBHOOK_URL)
    _check_address(address)
    body = {"sent_at": now.isoformat(), "subject": message.subject, "text": message.text, **message.payload}
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "miner-screener",
        "Idempotency-Key": quote(message.key),
    }
    token = secrets.get(secrets.WEBHOOK_TOKEN)
    if token and not (token.isascii() and token.isprintable() and token == token.strip()):
        raise ChannelError(f"{secrets.WEBHOOK_TOKEN}: expected one line of printable ASCII without blanks", final=True)
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        content = json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise ChannelError(f"the message cannot be written as JSON: {error}", final=True) from None
    request = urllib.request.Request(address, content, headers, method="POST")
    answers: list[http.client.HTTPResponse] = []
    try:
        within(LONGEST, lambda: _posted(request, answers), lambda: _close(answers))
    except TooLong:
        raise ChannelError(f"no end of its answer within {LONGEST} seconds", final=False) from None
    except urllib.error.HTTPError as error:
        final = error.code < 400 or (error.code in REFUSALS and error.code not in TRY_AGAIN)
        error.close()
        redirect = "; a redirect is not followed" if error.code in REDIRECTS else ""
        raise ChannelError(f"webhook answered {error.code} {short(error.reason)}{redirect}", final=final) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ChannelError(in_words(error, SECONDS), final=False) from None


def _check_address(address: str) -> None:
    """Refuse an address that is none, or over which a token would go in the clear.

    Raises
    ------
    ChannelError
    """
    wrong = f"{secrets.WEBHOOK_URL}: expected an address that starts with https://"
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ChannelError(f"{wrong}, with a host and a port", final=True) from None
    if parts.scheme not in ("https", "http") or not host or not address.isascii() or not address.isprintable():
        raise ChannelError(wrong, final=True)
    if " " in address or "@" in parts.netloc:
        raise ChannelError(f"{wrong}, without blanks, user or password", final=True)
    if parts.scheme == "http" and not is_loopback(host):
        raise ChannelError(f"{secrets.WEBHOOK_URL}: a token is never sent without TLS; use https://", final=True)


def _posted(request: urllib.request.Request, answers: list[http.client.HTTPResponse]) -> None:
    """Nothing, where the webhook accepted the message.

    Raises
    ------
    ChannelError
        A page for people came, or Microsoft Teams' sentence of a failure under a status of success.
    """
    with _opener(request).open(request, timeout=SECONDS) as answer:
        answers.append(answer)
        with suppress(OSError, http.client.HTTPException):  # the status says that it was accepted
            said = answer.read1(READ).lstrip().lower()
            if said.startswith((b"<!doctype", b"<html")):
                raise ChannelError(
                    "webhook answered with a page (HTML), such as a sign-in, in place of a receipt", final=False
                )
            if b"delivery failed" in said:
                raise ChannelError(
                    f"webhook answered {answer.status}: {short(said.decode(errors='replace'))}", final=False
                )


def _close(answers: list[http.client.HTTPResponse]) -> None:
    for answer in answers:
        with suppress(OSError, ValueError):
            answer.close()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another host and turn the POST into a GET: it is an error like others."""

    def http_error_302(self, *_: object) -> None:
        """Nothing, wherever it leads."""
        return

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302  # type: ignore[assignment]


def _opener(request: urllib.request.Request) -> urllib.request.OpenerDirector:
    """What opens an address, past the proxy where it is this machine's: through one it would leave in the clear."""
    direct = [urllib.request.ProxyHandler({})] if is_loopback(urlsplit(request.full_url).hostname or "") else []
    return urllib.request.build_opener(_NoRedirect, *direct)
