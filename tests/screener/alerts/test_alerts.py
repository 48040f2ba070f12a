"""Rules on hand-made weeks; e-mail and webhook against servers on loopback: once, again on failure, never a password."""

from __future__ import annotations

import email
import json
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pandas as pd
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session

from screener import logs, pipeline, secrets
from screener.alerts import message, rules
from screener.alerts.channels import ChannelError, send_email
from screener.alerts.delivery import deliver
from screener.config import user_file
from screener.config.alerts import AlertSettings, Email
from screener.errors import UniverseError
from screener.store import Store
from tests.screener import january
from valuation.comparison.changes import Snapshot, compare

NOW = datetime(2026, 1, 16, 23, 31, tzinfo=UTC)
PASSWORD = "correct horse+battery/staple"


@pytest.fixture(scope="module")
def weeks() -> tuple[Snapshot, Snapshot]:
    made = [pipeline.run("miners", pd.Timestamp(day), source="bundled") for day in ("2026-01-09", "2026-01-16")]
    return Snapshot.of(made[0]), Snapshot.of(made[1])


def met(settings: AlertSettings, before: Snapshot, after: Snapshot) -> list[tuple[str, str]]:
    found = rules.met(settings, after, compare(before, after))
    return [(alert.rule, alert.ticker) for alert in found]


def with_gap(snapshot: Snapshot, ratio: float | None) -> Snapshot:
    return replace(snapshot, headline={**snapshot.headline, "ratio": ratio})


def test_the_gap_is_told_when_it_leaves_the_band_and_not_each_week_outside(weeks):
    before, after = weeks
    quiet = AlertSettings(group_change=False, goes_stale=False)
    banded = quiet.model_copy(update={"gap_band": (2.0, 3.5)})
    for was, now, expected in (
        (3.0, 3.6, 1),
        (3.6, 3.7, 0),
        (3.6, 3.0, 0),
        (3.0, 1.9, 1),
        (None, 3.6, 1),
        (3.0, None, 0),
    ):
        found = met(banded, with_gap(before, was), with_gap(after, now))
        assert len(found) == expected, (was, now)
    assert met(quiet, with_gap(before, 3.0), with_gap(after, 99.0)) == []
    first = rules.met(banded, with_gap(after, 3.6), None)
    assert [str(alert) for alert in first] == ["the gap is 3.60x, outside 2x to 3.5x"]


def test_ev_per_mw_that_moves_by_more_than_x_is_told_with_what_moved_it(weeks):
    found = rules.met(AlertSettings(ev_per_mw_move=0.25, goes_stale=False), weeks[1], compare(*weeks))
    # From the screens of the two Fridays: RIOT as in january.py, BTDR 1.49 to 1.91, IREN 5.47 to 7.02; CIFR is at 15%.
    assert [alert.ticker for alert in found] == ["RIOT", "BTDR", "IREN"]
    assert str(found[0]) == (
        f"RIOT: EV per secured MW from ${january.RIOT_BEFORE:.2f}m to ${january.RIOT:.2f}m "
        f"({january.RIOT / january.RIOT_BEFORE - 1:+.0%}), mostly price"
    )


def test_group_changes_and_items_that_go_stale_are_told_once(weeks):
    before, after = weeks
    table = after.table.copy()
    table.loc["CLSK", "group"] = "pivot"
    facts, was = after.facts.copy(), before.facts.copy()
    for frame in (facts, was):
        assert frame["period_end"].notna().all()
    cash = facts["item"].eq("cash") & facts["ticker"].isin(["KEEL", "ABTC"])
    facts.loc[cash, "period_end"] = pd.Timestamp("2025-06-29")  # 201 days before; ABTC is consolidated by HUT
    power = facts["item"].eq("mw_secured") & facts["ticker"].isin(["KEEL", "RIOT"])
    facts.loc[power, "period_end"] = pd.Timestamp("2025-04-20")  # 271 days
    riot = facts["item"].eq("cash") & facts["ticker"].eq("RIOT")
    facts.loc[riot, "period_end"] = pd.Timestamp("2025-06-30")  # 200 days: not older than the limit
    assert (cash.sum(), power.sum(), riot.sum()) == (2, 2, 1)
    now = replace(after, table=table, facts=facts)
    found = [str(alert) for alert in rules.met(AlertSettings(), now, compare(before, now))]
    mine = [text for text in found if "KEEL" in text or "CLSK" in text]
    assert mine == [
        "CLSK: group changed from bitcoin to pivot",
        "secured MW of 20 April 2025 is older than 270 days: RIOT, KEEL",
        "cash of 29 June 2025 is older than 200 days: KEEL",
    ]
    assert not any("ABTC" in text or ("cash" in text and "RIOT" in text) for text in found)
    assert met(AlertSettings(), now, now) == []
    assert met(AlertSettings(group_change=False, goes_stale=False), before, now) == []


def test_proposals_that_wait_for_longer_than_the_setting_are_told(weeks):
    def waiting(limit: int, *ages: int) -> list[str]:
        settings = AlertSettings(proposals_wait_days=limit)
        return [str(alert) for alert in rules.met(settings, weeks[1], None, ages) if alert.rule == "proposals_wait"]

    assert AlertSettings().proposals_wait_days == 14
    assert waiting(14) == waiting(14, 14, 3) == []
    assert waiting(14, 15, 3, 40) == [
        "2 proposed facts waiting for review for more than 14 days, the oldest for 40 days"
    ]
    assert waiting(0, 1) == ["1 proposed fact waiting for review for more than 0 days, the oldest for 1 day"]


def test_on_old_closes_alert_message_and_subject_name_the_day_of_the_closes(weeks):
    banded = AlertSettings(gap_band=(2.0, 2.5))
    fresh = message.of_run(weeks[1], None, rules.met(banded, weeks[1], None), None)
    assert "on the closes" not in fresh.subject + fresh.text
    late = replace(weeks[1], as_of=weeks[1].as_of + pd.Timedelta(days=8))
    alerts_of = rules.met(banded, late, None)
    assert str(alerts_of[0]).startswith("On the closes of 16 January 2026, the gap was 2.")
    made = message.of_run(late, None, alerts_of, None)
    assert "on the closes of 16 January 2026" in made.subject
    assert "rest on stale facts" in made.text
    assert (made.payload["data"]["last_close"], made.payload["data"]["closes_old"]) == ("2026-01-16", True)


def test_settings_of_the_user_are_laid_over_those_of_the_universe(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[alerts]\nev_per_mw_move = 0.1\n[alerts.email]\nhost = "h"\nsender = "a@b.c"\nto = ["d@e.f"]\n')
    made = user_file.alerts({"alerts": {"ev_per_mw_move": 0.5, "gap_band": [2, 5]}}, file)
    assert (made.ev_per_mw_move, made.gap_band) == (0.1, (2.0, 5.0))
    assert made.email == Email(host="h", to=("d@e.f",), sender="a@b.c", port=587)


def test_every_wrong_setting_is_told_at_once_and_a_password_is_not_repeated(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text(
        "other = 1\n[alerts]\ngap_band = [5, 2]\nev_per_mw_move = 0\ngroup_changes = true\nrun_fails = 1\n"
        f'webhook = "https://hooks/x"\n[alerts.email]\nhost = "h"\npassword = "{PASSWORD}"\nto = "me"\nport = true\n'
    )
    with pytest.raises(UniverseError) as caught:
        user_file.alerts({}, file)
    told = [problem.column for problem in caught.value.problems]
    assert sorted(told) == sorted(["other", "alerts.gap_band", "alerts.ev_per_mw_move", "alerts.group_changes",
                                   "alerts.run_fails", "alerts.webhook", "alerts.email.password", "alerts.email.to",
                                   "alerts.email.port", "alerts.email.sender"])  # fmt: skip
    assert "settings.toml:5: alerts.group_changes: expected one of gap_band" in str(caught.value)
    assert "did you mean group_change?" in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert secrets.SMTP_PASSWORD in str(caught.value)


@dataclass
class Mailbox:
    """What an SMTP server on loopback took; it refuses the first `refusals` messages with `code`."""

    refusals: int = 0
    code: str = "451 try again later"
    taken: list[Envelope] = field(default_factory=list)

    async def handle_DATA(self, server: object, session: Session, envelope: Envelope) -> str:
        if self.refusals:
            self.refusals -= 1
            return self.code
        self.taken.append(envelope)
        return "250 taken"

    @property
    def mails(self) -> list[email.message.EmailMessage]:
        return [email.message_from_bytes(one.content, policy=default) for one in self.taken]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, Email]]:
    box = Mailbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield (
        box,
        Email(
            host="127.0.0.1",
            to=("ic@example.com", "pm@example.com"),
            sender="screen@example.com",
            security="none",
            port=port,
        ),
    )
    controller.stop()


@dataclass
class Hook:
    """What a webhook on loopback was posted; it answers with `answers` first, then 204."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    posts: list[tuple[dict[str, str], dict]] = field(default_factory=list)


@pytest.fixture
def hook(monkeypatch) -> Iterator[Hook]:
    told = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = told.answers.pop(0) if told.answers else 204
            if answer == 204:
                told.posts.append((dict(self.headers), body))
            self.send_response(answer)
            if answer == 302:
                self.send_header("Location", told.url)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/services/T0/SECRETPATH"
    monkeypatch.setenv(secrets.WEBHOOK_URL, told.url)
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def told(weeks, tmp_path) -> message.Message:
    workbook = tmp_path / "miners_2026-01-16.xlsx"
    workbook.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 40)
    changes = compare(*weeks)
    return message.of_run(weeks[1], changes, rules.met(AlertSettings(ev_per_mw_move=0.25), weeks[1], changes), workbook)


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    with Store.open(tmp_path / "history.sqlite", NOW) as opened:
        yield opened


def send(told: message.Message, settings: AlertSettings, store: Store | None) -> list[str]:
    return deliver(told, settings, store, lambda: NOW, tries=3, wait_seconds=0.0)


def test_an_email_arrives_once_with_the_workbook_and_leads_with_what_changed(mailbox, told, store):
    box, address = mailbox
    for _ in range(2):
        assert send(told, AlertSettings(email=address), store) == []
    (mail,) = box.mails
    assert mail["Subject"] == "miners 2026-01-16: gap 2.69x, 3 alerts"  # january.GAP
    assert mail["To"] == "ic@example.com, pm@example.com"
    assert box.taken[0].rcpt_tos == ["ic@example.com", "pm@example.com"]
    assert mail["Message-ID"] == f"<{told.key}@example.com>"
    assert mail["Date"].datetime == NOW
    text = mail.get_body().get_content()
    assert text.splitlines()[2].startswith("ALERT  RIOT: EV per secured MW from $2.44m to $3.34m")
    assert "RIOT-AMD-202601" in text
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "miners_2026-01-16.xlsx"
    assert attached.get_content() == told.attachment.read_bytes()


def test_a_server_that_is_busy_is_asked_again_and_takes_it_once(mailbox, told, store):
    box, address = mailbox
    box.refusals = 2
    assert send(told, AlertSettings(email=address), store) == []
    assert len(box.taken) == 1
    assert store.delivered(told.key) == {"email"}


def test_a_final_refusal_is_not_repeated_and_is_told(mailbox, told, store):
    box, address = mailbox
    box.refusals, box.code = 2, "554 no such luck"
    assert send(told, AlertSettings(email=address), store) == ["email: not delivered: 127.0.0.1: 554 no such luck"]
    assert box.refusals == 1
    assert store.delivered(told.key) == set()


def test_a_dead_server_is_told_and_the_other_channel_is_served(hook, told, store, caplog):
    dead = Email(host="127.0.0.1", to=("a@b.c",), sender="d@e.f", security="none", port=1)
    (failure,) = send(told, AlertSettings(email=dead), store)
    assert failure.startswith("email: not delivered: 127.0.0.1:1:")
    assert len(hook.posts) == 1
    assert store.delivered(told.key) == {"webhook"}


def test_mail_is_sent_always_or_with_alerts_only(mailbox, told, store):
    box, address = mailbox
    seldom = AlertSettings(email=address.model_copy(update={"send": "alerts"}))
    assert send(replace(told, has_alerts=False), seldom, store) == []
    assert box.taken == []
    assert send(told, seldom, store) == []
    assert len(box.taken) == 1


def test_over_starttls_with_a_password_that_the_mail_does_not_hold(told, monkeypatch, tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(server_side)
    seen: list[tuple[str, str]] = []

    def check(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        seen.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)

    box = Mailbox()
    port = free_port()
    controller = Controller(
        box, hostname="127.0.0.1", port=port, tls_context=server_side, require_starttls=True,
        authenticator=check, auth_required=True,
    )  # fmt: skip
    controller.start()
    try:
        address = Email(host="localhost", to=("a@b.c",), sender="d@e.f", user="screen", security="starttls", port=port)
        monkeypatch.setenv(secrets.SMTP_PASSWORD, PASSWORD)
        with pytest.raises(ChannelError, match="certificate verify failed"):
            send_email(address, told, NOW)  # a certificate that nobody vouches for gets no password
        assert seen == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        send_email(address, told, NOW)
        assert seen == [("screen", PASSWORD)]
        assert PASSWORD.encode() not in box.taken[0].content
        monkeypatch.setenv(secrets.SMTP_PASSWORD, "guess")
        with pytest.raises(ChannelError, match="535") as caught:
            send_email(address, told, NOW)
        assert caught.value.final
        assert "guess" not in str(caught.value)
    finally:
        controller.stop()


def test_a_password_is_not_sent_in_the_clear_to_another_machine(told, monkeypatch):
    monkeypatch.setenv(secrets.SMTP_PASSWORD, PASSWORD)
    with pytest.raises(ChannelError, match="without TLS"):
        send_email(
            Email(host="mail.example.com", to=("a@b.c",), sender="d@e.f", user="me", security="none", port=25),
            told,
            NOW,
        )


def test_a_webhook_is_posted_json_once_with_its_token_in_a_header(hook, told, store, monkeypatch):
    monkeypatch.setenv(secrets.WEBHOOK_TOKEN, PASSWORD)
    for _ in range(2):
        assert send(told, AlertSettings(), store) == []
    ((headers, body),) = hook.posts
    assert headers["Authorization"] == f"Bearer {PASSWORD}"
    assert headers["Idempotency-Key"] == told.key == body["run_id"]
    assert (body["event"], body["universe"], body["as_of"]) == ("run", "miners", "2026-01-16")
    assert body["headline"]["ratio"] == pytest.approx(january.GAP)
    assert [one["ticker"] for one in body["alerts"]] == ["RIOT", "BTDR", "IREN"]
    assert PASSWORD not in json.dumps(body)


@pytest.mark.parametrize(("answers", "posts", "fails"), [
    ([500, 429], 1, False), ([503, 503, 503], 0, True), ([403], 0, True), ([302], 0, True),
])  # fmt: skip
def test_a_webhook_that_fails_is_asked_again_unless_it_refuses(hook, told, store, answers, posts, fails):
    hook.answers = list(answers)
    failures = send(told, AlertSettings(), store)
    assert len(hook.posts) == posts
    assert bool(failures) == fails
    assert hook.answers == []
    assert "SECRETPATH" not in "".join(failures)


def test_secrets_are_struck_out_of_the_log_whatever_says_them(tmp_path, monkeypatch):
    environment = {
        secrets.SMTP_PASSWORD: PASSWORD,
        secrets.DATABASE_URL: "postgresql://me:s%2Fecret@db/screens",
        secrets.WEBHOOK_URL: "https://hooks.example.com/T0/SECRETPATH",
        secrets.WEBHOOK_TOKEN: "tok-123",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "log" / "weekly.log"
    with logs.to_file(path):
        for name, value in environment.items():
            logging.getLogger("some.library").error("%s is %s", name, value)
        try:
            raise OSError(f"cannot connect with s/ecret and {PASSWORD}")
        except OSError:
            logging.getLogger("screener").exception("went wrong")
    text = path.read_text()
    for secret in (PASSWORD, "s%2Fecret", "s/ecret", "SECRETPATH", "tok-123"):
        assert secret not in text
    assert text.count(secrets.STRUCK) >= 6
    assert "me:***@db/screens" in text


def test_the_log_is_rotated(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "BYTES", 2_000)
    with logs.to_file(tmp_path / "weekly.log"):
        for number in range(400):
            logging.getLogger("screener").info("line %d", number)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["weekly.log", *(f"weekly.log.{i}" for i in range(1, logs.FILES + 1))]
    assert all(path.stat().st_size <= 2_000 for path in tmp_path.iterdir())
    assert (tmp_path / "weekly.log").read_text().endswith("line 399\n")


def test_a_log_on_a_full_disk_does_not_end_the_run(tmp_path, capsys):
    with logs.to_file(Path("/dev/full")):
        logging.getLogger("screener").error("nobody will read this")
    assert capsys.readouterr().err == ""
