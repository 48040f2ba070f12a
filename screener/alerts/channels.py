"""Delivery channels: e-mail by SMTP with the workbook attached, and a webhook that receives JSON."""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from screener import secrets
from screener.alerts.message import Message

if TYPE_CHECKING:
    from screener.config.alerts import AlertSettings, Email

SECONDS = 20
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
REFUSALS = range(400, 500)  # answers of a webhook that a retry does not change, except these two
TRY_AGAIN = (408, 429)


class ChannelError(Exception):
    """A channel did not accept a message; `final` where a retry cannot help."""

    def __init__(self, message: str, *, final: bool) -> None:
        self.final = final
        super().__init__(secrets.mask(message))


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
    mail["Message-ID"] = f"<{message.key}@{domain}>"
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
    if email.user and password and email.security == "none" and email.host not in LOOPBACK:
        raise ChannelError(f"{email.host}: a password is never sent without TLS; set security", final=True)
    try:
        mail = compose(email, message, now)
        context = ssl.create_default_context()
        if email.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(email.host, email.port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(email.host, email.port, timeout=SECONDS)
        with server:
            if email.security == "starttls":
                server.starttls(context=context)
            if email.user and password:
                server.login(email.user, password)
            refused = server.send_message(mail, email.sender, list(email.to))
    except smtplib.SMTPRecipientsRefused as error:
        raise ChannelError(f"{email.host} refused every recipient", final=_all_final(error)) from None
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        raise ChannelError(f"{email.host}: {error.smtp_code} {text}", final=error.smtp_code >= 500) from None
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(f"{email.host}:{email.port}: {error}", final=False) from None
    if refused:
        raise ChannelError(f"{email.host} accepted it, but refused {', '.join(refused)}", final=True)


def _all_final(error: smtplib.SMTPRecipientsRefused) -> bool:
    return all(code >= 500 for code, _ in error.recipients.values())


def post_webhook(message: Message, now: datetime) -> None:
    """POST the payload to SCREENER_WEBHOOK_URL, with SCREENER_WEBHOOK_TOKEN as bearer where it is set.

    Raises
    ------
    ChannelError
    """
    address = secrets.get(secrets.WEBHOOK_URL)
    body = {"sent_at": now.isoformat(), "subject": message.subject, "text": message.text, **message.payload}
    headers = {"Content-Type": "application/json", "User-Agent": "miner-screener", "Idempotency-Key": message.key}
    token = secrets.get(secrets.WEBHOOK_TOKEN)
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if not address.startswith(("https://", "http://")):
        raise ChannelError("SCREENER_WEBHOOK_URL: expected an address that starts with https://", final=True)
    request = urllib.request.Request(address, json.dumps(body, allow_nan=False).encode(), headers, method="POST")
    try:
        with _opener().open(request, timeout=SECONDS):
            pass
    except urllib.error.HTTPError as error:
        final = error.code < 400 or (error.code in REFUSALS and error.code not in TRY_AGAIN)
        error.close()
        raise ChannelError(f"webhook answered {error.code} {error.reason}", final=final) from None
    except (OSError, ValueError) as error:
        raise ChannelError(f"webhook: {getattr(error, 'reason', error)}", final=False) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another host and turn the POST into a GET."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)
