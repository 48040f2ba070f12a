"""Secrets in every spelling are masked, and no byte that a command writes holds one: a canary is searched for."""

from __future__ import annotations

import io
import logging
import os
import random
import sys
import time
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener import cli, errors, logs, secrets
from screener.alerts.message import Message
from screener.errors import StoreError
from screener.jobs.doctor import Check
from screener.store import database
from tests import commands

# Letters, digits and a case of its own; and one with every character that ends something in an address.
CANARY = "Kanarie77x"
ODD = "Kan@rie/77:#?&x=y z%'\"\\"


@dataclass(frozen=True)
class Case:
    """A secret in one spelling: the text that would leave, what must not be in it then, and what must still be."""

    id: str
    fault: str
    text: str
    outcome: str
    hidden: tuple[str, ...] = (CANARY,)
    kept: str = ""
    environment: dict[str, str] = field(default_factory=dict)


def place(name: str, fault: str, text: str, kept: str = "", hidden: tuple[str, ...] = (CANARY,)) -> Case:
    """A secret that the process was not given: found by its place alone."""
    return Case(name, fault, text, "masked by its place", hidden, kept)


def given_as(name: str, fault: str, text: str, hidden: tuple[str, ...] = (CANARY,), kept: str = "", **env: str) -> Case:
    """A secret of the environment, in a text that does not say what it is."""
    return Case(name, fault, text, "masked as a value that the program was given", hidden, kept, env)


URL = f"postgresql://me:{quote(ODD, safe='')}@db.example/screens"
RAW = f"postgresql://me:{ODD}@db.example/screens"
FRAGMENTS = ("rie/77", "77:#", "x=y z")
CASES = [
    place(
        "address",
        "address with a password",
        f"at postgresql://me:{CANARY}@db:5432/x now",
        "postgresql://me:***@db:5432/x",
    ),
    place("at", "@ in the password", f"postgresql://me:a@{CANARY}@db/x", "@db/x"),
    place("slash", "/ in the password", f"postgresql://me:a/{CANARY}@db/x", "@db/x"),
    place("colon", ": in the password", f"postgresql://me:a:{CANARY}@db/x", "@db/x"),
    place("hash", "# and ? in the password", f"postgresql://me:a#b?{CANARY}@db/x", "@db/x"),
    place("no scheme", "the scheme forgotten", f"no file me:{CANARY}@db/x here", "@db/x here"),
    place("slashes", "the scheme forgotten, the slashes not", f"//me:{CANARY}@db/x", "@db/x"),
    place("one slash", "one slash in place of two", f"postgresql:/me:{CANARY}@db/x", "@db/x"),
    place(
        "query",
        "password in the query",
        f"postgresql://db/x?user=me&password={CANARY}&sslmode=require",
        "&sslmode=require",
    ),
    place("sslpassword", "sslpassword in the query", f"postgresql://db/x?sslpassword={CANARY}", "postgresql://db/x"),
    place("options", "options in the query", f"postgresql://db/x?options=-c%20x.y%3D{CANARY}", "postgresql://db/x"),
    place("encoded", "an address within an address", f"?next=postgresql%3A%2F%2Fme%3A{CANARY}%40db", "%40db"),
    place("keywords", "keywords of libpq", f"host=db user=me password={CANARY} dbname=x", "host=db user=me"),
    place("quoted", "keywords, the password quoted", f"host=db password='a b {CANARY}' dbname=x", "dbname=x"),
    place("escaped", "keywords, blanks escaped", rf"host=db password=a\ b\ {CANARY} dbname=x", "dbname=x"),
    place("repr", "printed as a Python object", f"{{'user': 'me', 'password': '{CANARY}'}}", "'user': 'me'"),
    place("json", "printed as JSON", f'{{"password": "{CANARY}", "port": 1}}', '"port": 1'),
    place("shell", "a variable in a command", f"env PGPASSWORD={CANARY} psql", " psql"),
    place("proxy", "a proxy's password", f"Cannot connect to proxy http://u:{CANARY}@10.0.0.1:3128", "@10.0.0.1:3128"),
    place("token user", "a token in place of a user", f"https://{CANARY}@git.example/x", "git.example"),
    place("bearer", "a bearer token", f"sent Authorization: Bearer {CANARY}", "sent "),
    place("basic", "a basic authorization", f"'Authorization': 'Basic {CANARY}'", "Authorization"),
    place(
        "slack", "a Slack webhook", f"POST https://hooks.slack.com/services/T0/B0/{CANARY} failed", "hooks.slack.com"
    ),
    place("discord", "a Discord webhook", f"https://discord.com/api/webhooks/12/{CANARY}", "https://discord.com/"),
    place(
        "teams", "a Teams webhook", f"https://x.webhook.office.com/webhookb2/{CANARY}/IncomingWebhook/1", "office.com"
    ),
    place("flow", "a signature in a query", f"https://p.logic.azure.com/workflows/1?sig={CANARY}", "p.logic.azure.com"),
    place("path", "the path of a Slack webhook alone", f"url: /services/T0AB/B0CD/{CANARY}", "url: /"),
    place("github", "a token of GitHub", f"got ghp_{CANARY}0123456789 back", "got "),
    given_as(
        "smtp",
        "the password of the mail server",
        f"535 {CANARY} is wrong",
        kept=" is wrong",
        SCREENER_SMTP_PASSWORD=CANARY,
    ),
    given_as(
        "case",
        "in another case, as host names are",
        f"no host {CANARY.lower()}",
        (CANARY.lower(),),
        SCREENER_SMTP_PASSWORD=CANARY,
    ),
    given_as("another name", "of a variable with another name", f"so {CANARY}", MY_SERVICE_TOKEN=CANARY),
    given_as("pgpassword", "PGPASSWORD", f"so {CANARY}", PGPASSWORD=CANARY),
    given_as("all proxies", "the password in HTTPS_PROXY", f"so {CANARY}", HTTPS_PROXY=f"http://u:{CANARY}@p:1"),
    given_as(
        "percent",
        "percent-encoded, though given plain",
        f"so {quote(ODD, safe='')}",
        (quote(ODD, safe="")[:20],),
        SCREENER_SMTP_PASSWORD=ODD,
    ),
    given_as("plus", "encoded as a form", f"so {quote_plus(ODD)}", ("%2F77",), SCREENER_SMTP_PASSWORD=ODD),
    given_as(
        "decoded",
        "plain, though given percent-encoded",
        f"so {ODD} it is",
        FRAGMENTS,
        " it is",
        SCREENER_DATABASE_URL=URL,
    ),
    given_as("in repr", "escaped by repr", f"so {ODD!r}", FRAGMENTS, SCREENER_DATABASE_URL=URL),
    given_as(
        "base64",
        "in base64",
        f"so {b64encode(CANARY.encode()).decode()}",
        (b64encode(CANARY.encode()).decode()[:10],),
        X_TOKEN=CANARY,
    ),
    given_as(
        "cut",
        "cut at a character that should be encoded",
        'no host "rie"/"77x", port "zzz7"',
        ("rie", "77x", "zzz7"),
        SCREENER_DATABASE_URL="postgresql://me:Kan@rie/77x:zzz7@db/x",
    ),
    given_as(
        "blank",
        "a blank in the password of an address",
        "so open sesame7 it",
        ("sesame7",),
        SCREENER_DATABASE_URL="postgresql://me:open sesame7@db/x",
    ),
    given_as(
        "hook",
        "the path of the webhook",
        f"GET /in/{CANARY} failed",
        kept=" failed",
        SCREENER_WEBHOOK_URL=f"https://h.example/in/{CANARY}",
    ),
    given_as(
        "word",
        "a password that is a word",
        "postgres of postgresql",
        ("postgres ",),
        "postgresql",
        PGPASSWORD="postgres",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_secret_is_masked_in_every_spelling(case):
    masked = secrets.mask(case.text, case.environment)
    assert [part for part in case.hidden if part in masked] == []
    assert [part for part in case.hidden if part not in case.text] == []
    assert secrets.STRUCK in masked
    assert case.kept in masked
    assert secrets.mask(masked, case.environment) == masked


@pytest.mark.parametrize("text", [
    "see https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&CIK=1&type=10-K for it",
    "settings.toml:5: alerts.email.password: expected the password in the environment, SCREENER_SMTP_PASSWORD",
    "postgresql://screen@db.example/screens", "mailto:committee@example.com", r"C:\Users\me@corp\screens", "miners 18:30",
    "RIOT: EV per secured MW from $2.44m to $3.34m (+37%), mostly price", "bearer of bad news", "history /a/b: 3 runs",
    "https://github.com/x/y/blob/main/a.py#L1", "fri 18:30 America/New_York", "file.csv:12: ticker 'A': expected B",
])  # fmt: skip
def test_what_is_no_secret_stands(text):
    assert (
        secrets.mask(text, {"PWD": "/a", "X_TOKEN": "1", "TOKENIZERS_PARALLELISM": "false", "KEY_FILE": "/a"}) == text
    )


@given(st.text(st.characters(codec="ascii", exclude_characters="\n"), min_size=12, max_size=30))
def test_any_password_is_masked_plain_and_encoded(password):
    whole = "zq" + password.strip() + "7k"
    environment = {secrets.SMTP_PASSWORD: whole}
    for text in (whole, quote(whole, safe=""), quote_plus(whole), repr(whole)):
        assert whole.lower() not in secrets.mask(f"so: {text}.", environment).lower()
        assert quote(whole, safe="").lower() not in secrets.mask(f"so: {text}.", environment).lower()


@given(st.text(min_size=0, max_size=60))
def test_any_text_can_be_masked(text):
    assert secrets.mask(secrets.mask(text, {}), {}) == secrets.mask(text, {})


JUNK = "abzAZ09@/:#?&=%+'\"\\()[]{}<>,;!$*|^~`_-.é矿"


def spellings(rng: random.Random) -> str:
    """A sentence with a secret of any characters but blanks, in a random one of the ways in which secrets are written."""
    before, after = ("".join(rng.choices(JUNK, k=rng.randrange(6))) for _ in range(2))
    word, scheme = before + CANARY + after, rng.choice(["postgresql", "https", "smtp", "mysql", "socks5", "POSTGRES"])
    value = word.replace("&", "")
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return "error: " + rng.choice([
        f"{scheme}://me:{word}@db.example:5432/x?sslmode=require", f"{scheme}://me:{quote(word, safe='')}@db/x",
        f"me:{word}@db.example/x", f"{scheme}:/me:{word}@db", f"//me:{word}@db/x", f"PGPASSWORD={value} psql",
        f"postgresql://db/x?user=me&password={value}&a=b", f"host=db password='{escaped}' user=me",
        f"{{'password': {word!r}, 'a': 1}}",
    ]) + rng.choice(["", " and more", ", then", ". See x@y.z"])  # fmt: skip


def test_two_thousand_random_spellings_are_masked_by_their_place_alone():
    rng = random.Random(20261130)
    texts = [spellings(rng) for _ in range(2000)]
    assert [text for text in texts if CANARY in secrets.mask(text, {})] == []
    assert [text for text in texts if CANARY not in text] == []


@pytest.mark.parametrize(
    "piece", ["x:", "/", "-", "a-", "http://", '"', "'", "\\", "a:b@", "password=", "%3A%2F%2F", "a."]
)
def test_a_long_text_costs_no_more_than_its_length(piece):
    """Where a pattern begins anew at each of 30,000 characters this takes minutes of the processor."""
    text = piece * (30_000 // len(piece))
    begun = time.process_time()
    secrets.mask(text + "@", {})
    assert time.process_time() - begun < 5.0


@pytest.mark.parametrize("named", [
    f"me:{CANARY}@db/screens", f"postgresql:/me:{CANARY}@db/x", f"postgresql//me:{CANARY}@db/x",
    f"host=db user=me password={CANARY}", "host=db dbname=screens", f"postgresql://me:a@{CANARY}@db/x",
    f"mysql://me:{CANARY}@db/x", f"postgresql://me:{CANARY}@db:port/x", f"//me:{CANARY}@db/x",
])  # fmt: skip
def test_an_address_that_is_none_makes_no_file_and_is_not_repeated(named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="--database") as caught:
        database.address(named)
    assert CANARY not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_password_in_a_query_is_not_shown():
    url = database.address(f"postgresql://db/x?user=me&password={CANARY}&sslpassword={CANARY}2")
    assert url.query["password"] == CANARY
    assert CANARY not in database.shown(url)
    assert database.shown(database.address("postgresql://me:a%40b@db/x")) == "postgresql://me:***@db/x"


def test_errors_messages_and_logs_hold_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", CANARY)
    told = [str(kind(f"no: {CANARY}")) for kind in (errors.InputError, errors.SourceError, errors.StoreError)]
    told.append(str(errors.InputError("x", [errors.Problem("f", 1, "c", CANARY, "another")])))
    message = Message(
        "k", f"a\n{CANARY}", f"b {CANARY}\x1b[31m", {"a": [{"b": CANARY, "c": float("nan")}]}, None, False
    )
    told += [message.subject, message.text, repr(message.payload)]
    path = tmp_path / "weekly.log"
    with logs.to_file(path):
        try:
            try:
                raise ValueError(f"inner {CANARY}")
            except ValueError as error:
                raise OSError(f"outer postgresql://me:{CANARY}@db") from error
        except OSError:
            logging.getLogger("screener").exception("went wrong\n2026-01-01T00:00:00Z ERROR screener: forged")
    text = path.read_text()
    assert CANARY not in "".join([*told, text])
    assert message.payload == {"a": [{"b": "***", "c": None}]}
    assert "\n" not in message.subject
    assert "\x1b" not in message.text
    assert "inner ***" in text
    assert [line for line in text.splitlines() if line.startswith("2026-01-01")] == []


def test_a_fault_of_the_program_ends_with_1_and_a_traceback_without_secrets(monkeypatch):
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("MY_TOKEN", CANARY)

    def broken(**_: object) -> None:
        print(f"printed {CANARY}")
        raise RuntimeError(f"password=\x1b[31m{CANARY}") from ValueError(f"//me:{CANARY}@db")

    monkeypatch.setattr(cli, "cli", broken)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    written = out.buffer.getvalue() + err.buffer.getvalue()
    assert CANARY.encode() not in written
    assert b"\x1b" not in written
    assert b"RuntimeError" in written
    assert b"a fault of the program" in written


HIDING = {
    "SCREENER_SMTP_PASSWORD": f"{CANARY}-smtp", "SCREENER_WEBHOOK_TOKEN": f"{CANARY}-hook", "PGPASSWORD": f"{CANARY}-pg",
    "SCREENER_WEBHOOK_URL": f"http://127.0.0.1:1/in/{CANARY}", "MY_API_KEY": f"{CANARY}-key",
    "HTTPS_PROXY": f"http://u:{CANARY}@127.0.0.1:1", "HTTP_PROXY": f"u:{CANARY}@127.0.0.1:1",
}  # fmt: skip
ADDRESS = f"postgresql://me:{CANARY}@127.0.0.1:1/screens?connect_timeout=2"
SPELLINGS = (
    ADDRESS, f"postgresql://127.0.0.1:1/x?user=me&password={CANARY}", f"postgresql://me:a@{CANARY}@127.0.0.1:1/x",
    f"postgresql://me:a/{CANARY}@127.0.0.1:1/x", f"me:{CANARY}@127.0.0.1/x", f"host=127.0.0.1 password='{CANARY} 1'",
    f"postgres://me:%4b{CANARY[1:]}@127.0.0.1:1/x", f"postgresql://me:{CANARY}@127.0.0.1:1/x?options=-c%20a%3D{CANARY}",
)  # fmt: skip


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A user's home in which every byte is searched, with a crontab program that keeps its file there."""
    program = tmp_path / "bin" / "crontab"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n[ "$1" = - ] && exec cat > {tmp_path}/spool\nexec cat {tmp_path}/spool\n')
    program.chmod(0o755)
    (tmp_path / "spool").write_text("")
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    return tmp_path


def searched(home: Path, asked: list[tuple[str, ...]]) -> dict[str, str]:
    """What each command printed, by its arguments, after every byte of it and of the home's files was searched."""
    quick = {"screener.jobs.weekly:MAIL_TRIES": 1, "screener.jobs.doctor:PROBE_SECONDS": 0.2}
    written = {}
    for arguments in asked:
        done = commands.screener(*arguments, cwd=home, environment={**HIDING, "HOME": str(home)}, settings=quick)
        written[" ".join(arguments)] = done.stdout + done.stderr
    assert [name for name, text in written.items() if CANARY.lower() in text.lower()] == []
    files = [path for path in home.rglob("*") if path.is_file()]
    assert [path.name for path in files if CANARY.lower().encode() in path.read_bytes().lower()] == []
    return written


def test_no_byte_that_a_command_writes_holds_the_canary(home):
    config = home / "settings.toml"
    config.write_text(
        '[alerts.email]\nhost="127.0.0.1"\nport=1\nsecurity="none"\nuser="u"\nsender="a@b.c"\nto=["d@e.f"]\n'
    )
    weekly = ("--source", "bundled", "--as-of", "2026-01-16", "--log", "w.log", "--config", str(config), "--out", "o")
    asked = [("history", "list", "--database", text) for text in SPELLINGS]
    asked += [("schedule", "install", "--as", "cron", "--database", text) for text in SPELLINGS[1:6:2]]
    asked += [("schedule", "print", "--as", kind, "--database", SPELLINGS[1]) for kind in ("systemd", "github-actions")]
    asked += [
        ("schedule", "install", "--as", "cron"), ("schedule", "show"), ("doctor", "--database", ADDRESS),
        ("weekly", "--database", ADDRESS, *weekly), ("run", f"--{CANARY}"), ("run", "--universe", f"me:{CANARY}@db/x"),
        ("schedule", "print", "--out", f"x?password={CANARY}"),
    ]  # fmt: skip
    written = searched(home, asked)
    assert {"w.log", "spool"} <= {path.name for path in home.rglob("*")}
    assert (home / "spool").read_text().count("\n") == 1  # the entry without a secret alone
    assert "127.0.0.1:1" in written[" ".join(asked[0])]  # what was wrong is still said
    assert "not delivered" in (home / "w.log").read_text()


@pytest.mark.long
def test_no_byte_of_an_update_through_a_proxy_with_a_password_holds_the_canary(home):
    written = searched(home, [("update", "--universe", "miners"), ("run", "--source", "yahoo")])
    assert all("proxy" in text for text in written.values())


def test_checks_of_the_doctor_are_masked_before_a_table_folds_them(monkeypatch):
    from screener.jobs import doctor

    monkeypatch.setenv("MY_TOKEN", CANARY)
    monkeypatch.setattr(doctor, "_versions", lambda: Check("versions", doctor.OK, f"so {CANARY}", f"do {CANARY}"))
    monkeypatch.setattr(doctor, "registry", type("Empty", (), {"LIVE": {}}))
    for name in ("_universe", "_facts", "_proposals", "_settings", "_schedule", "_ledger", "_history", "_last_run"):
        monkeypatch.setattr(doctor, name, lambda *_: Check("x", doctor.OK, ""))
    monkeypatch.setattr(doctor, "_calendar", lambda *_: Check("x", doctor.OK, ""))
    found = doctor.examine(
        universe="miners", database="", out=Path("."), log=Path("x"), config=None, when=None, now=None
    )  # type: ignore[arg-type]
    assert (found[0].found, found[0].remedy) == ("so ***", "do ***")
