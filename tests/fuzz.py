"""Mutated files, rules, addresses and paths through the entry points that a user's files and arguments meet.

`python -m tests.fuzz --cases 100000` prints how many ended how. Every case ends in a result or in an error raised on
purpose; no case prints the canary, a password that stands in the environment and in addresses; no text of a case begins
a line of its own in a schedule entry.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import re
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from screener import holdings, scenarios, secrets, universes, workbooks
from screener.cli import COMMANDS, cli
from screener.config import assumptions_file, limits, user_file
from screener.errors import EXPECTED
from screener.overrides import file as overrides
from screener.proposals import file as proposals
from screener.proposals import items_file
from screener.records.find import find_run
from screener.rules import screens
from screener.rules.check import NUMBER, TRUTH, expression
from screener.schedule import When, cron, elsewhere, entry, systemd
from screener.store import database
from screener.studies.claims.check import read_claims
from screener.universes import overlay, reading
from screener.universes.schema import FILES, File
from tests.screener.readers import books
from valuation.assumptions import Assumptions, Bridge

ROOT = Path(__file__).resolve().parent
CANARY = "c4naRy-8d1f"
ADDRESS = f"postgresql+psycopg://screener:{CANARY}@127.0.0.1:1/history"
ENVIRONMENT = {
    secrets.DATABASE_URL: ADDRESS,
    secrets.SMTP_PASSWORD: CANARY,
    secrets.WEBHOOK_TOKEN: CANARY,
    secrets.WEBHOOK_URL: f"https://hooks.example/services/{CANARY}",
}
WHEN = When.of("fri 18:30", "America/New_York")
NOW = datetime(2026, 10, 7, 12, 0, tzinfo=UTC)
SLOWEST_SECONDS = 20.0  # a case that takes longer hangs, on however busy a machine

# What a mutation puts in: numbers, marks and characters that readers stumble over.
ODD = (
    b"", b"0", b"-1", b"1e999", b"-inf", b"nan", b"9" * 30, b"9" * 5_000, b"0x1F", b"1_000", b"1.234.567,89", b"(1,234)",
    b"1e-400", b"\x00", b"\x1b[31m", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe9", b"\r", b"\n", b"\r\n", b"\n\n", b"\t", b'"',
    b'""', b"'", b"'''", b'"""', b",", b";", b"|", b"=", b"[", b"]", b"[[", b"]]", b"{", b"}", b"(", b")", b"<", b">", b"&",
    b"#", b"%", b"$", b"\\", b"/", b"..", b"=1+1", b"@SUM(A1)", b"2026-02-30", b"0001-01-01", b"9999-12-31", b"25:00:00",
    b"true", b"null", b"[" * 2_000, b"{a=" * 800, b"a." * 500 + b"a=1", b"x" * 3_000, "\u202e".encode(), "\u2028".encode(),
    "\u0661\u0662".encode(), "\u00bd".encode(), b"&amp;", b"&#0;", b"<!DOCTYPE x>", b"<!ENTITY a 'b'>", b"A1:XFD1048576",
    b"XFD1048576", b"#REF!", b"\nlive = line\n",
)  # fmt: skip


@dataclass
class Found:
    """How the cases ended, and what was wrong: tracebacks, leaks, injected lines, hangs."""

    cases: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    tracebacks: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    injected: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        """Cases with anything wrong."""
        return sum(map(len, (self.tracebacks, self.leaks, self.injected, self.slow)))

    def lines(self) -> Iterator[str]:
        for kind, count in self.cases.items():
            yield f"{kind:16} {count:7,} cases, {self.refused[kind]:7,} refused, {self.seconds[kind]:7.1f} s"
        yield (
            f"{sum(self.cases.values()):,} cases: {len(self.tracebacks)} tracebacks, {len(self.leaks)} leaks, "
            f"{len(self.injected)} injected lines, {len(self.slow)} hangs"
        )
        for what, some in (
            ("traceback", self.tracebacks),
            ("leak", self.leaks),
            ("injected", self.injected),
            ("hang", self.slow),
        ):
            yield from (f"--- {what}: {one}" for one in some[:10])


class Injected(Exception):
    """A text of a case stands where only the program's own lines stand."""


def mutated(seed: bytes, chance: random.Random) -> bytes:
    """A seed with one to four changes: bytes turned, cut, doubled, moved, or something odd put in or in place of a word."""
    content = bytearray(seed)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        at = chance.randrange(len(content) + 1)
        end = min(len(content), at + chance.choice((1, 2, 8, 40)))
        how = chance.randrange(7)
        if how == 0 and at < len(content):
            content[at] = chance.randrange(256)
        elif how == 1:
            del content[at:end]
        elif how == 2:
            content[at:at] = content[at:end] * chance.choice((1, 2, 50))
        elif how == 3:
            content[at:at] = chance.choice(ODD)
        elif how == 4 and content:
            words = list(re.finditer(rb"[\w.+-]+", content))
            if words:
                word = chance.choice(words)
                content[word.start() : word.end()] = chance.choice(ODD)
        elif how == 5:
            content = content[:at]
        else:
            lines = content.split(b"\n")
            chance.shuffle(lines)
            content = bytearray(b"\n".join(lines))
    return bytes(content)


# ---------------------------------------------------------------- the kinds: each makes a case and runs it, in a folder

Run = Callable[[random.Random, Path], object]


def _in_file(seeds: Sequence[bytes], name: str, read: Callable[[Path], object]) -> Run:
    def run(chance: random.Random, folder: Path) -> object:
        path = folder / name
        path.write_bytes(mutated(chance.choice(seeds), chance))
        return read(path)

    return run


def toml() -> list[Run]:
    alerts = (
        b'[alerts]\ngap_band = [2.0, 5.0]\n[alerts.email]\nhost = "localhost"\nport = 25\nfrom = "a@b.example"\n'
        b'to = ["c@d.example"]\n[sec]\ncontact = "a@b.example"\n'
    )
    replayed = (
        b'universe = "miners"\nas_of = 2026-07-24\n[[override]]\ncell = "EV bridge!S7"\nmeaning = "cash"\nwhat = "fact"\n'
        b'subject = "RIOT"\nitem = "cash_usd"\nscale = 1e6\nold = 1.5\nnew = "n/a"\n'
    )
    scenario = [path.read_bytes() for path in Path(scenarios.__file__).parent.glob("*.toml")]
    screen = [path.read_bytes() for path in screens.HOME.glob("*.toml")]
    template = assumptions_file.template(Assumptions(), Bridge()).encode()
    parts = [b"\n".join(template.split(b"\n")[at : at + 30]) for at in range(0, template.count(b"\n"), 30)]
    return [
        _in_file(parts, "a.toml", lambda path: assumptions_file.read(path, Assumptions())),
        _in_file([b"[limits]\nlargest_position = 0.2\nlargest_theme = false\n"], "l.toml", limits.load_limits),
        _in_file(scenario, "s.toml", lambda path: scenarios.load(str(path))),
        _in_file(screen, "r.toml", lambda path: screens.load(str(path))),
        _in_file([alerts], "u.toml", user_file.read),
        _in_file([replayed], "o.toml", overrides.read),
    ]


def _book(rows: Sequence[Sequence[str]]) -> bytes:
    cells = "".join(
        f'<row r="{n}">' + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in row) + "</row>"
        for n, row in enumerate(rows, start=1)
    )
    return books.book(cells)


def xlsx() -> list[Run]:
    held = _book([["Symbol", "Quantity", "Price", "Value"], ["RIOT", "10", "12.5", "125"], ["CASH", "", "", "50"]])
    formulas = books.book(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Symbol</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>Quantity</t></is></c></row>'
        '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2"><f>2+3</f><v>5</v></c><c r="C2" t="b"><v>1</v></c>'
        '<c r="D2" t="e"><v>#N/A</v></c><c r="E2" t="d"><v>2026-01-02</v></c></row>'
    )
    assumed = _book([["Assumption", "Value"], ["Discount rate", "0.1"]])
    seeds = [held, formulas, assumed, books.book()]
    contents = []
    for seed in seeds:
        with zipfile.ZipFile(io.BytesIO(seed)) as archive:
            contents.append({name: archive.read(name) for name in archive.namelist()})

    def made(chance: random.Random) -> bytes:
        at = chance.randrange(len(seeds))
        if chance.random() < 0.3:
            return mutated(seeds[at], chance)
        parts = dict(contents[at])
        name = chance.choice([books.SHEET, books.SHEET, *parts])
        parts[name] = mutated(parts[name], chance)
        if chance.random() < 0.1:
            del parts[chance.choice(list(parts))]
        return books.packed(dict(parts))

    def runner(name: str, read: Callable[[Path], object]) -> Run:
        def run(chance: random.Random, folder: Path) -> object:
            path = folder / name
            path.write_bytes(made(chance))
            return read(path)

        return run

    return [
        runner("h.xlsx", lambda path: holdings.read([path])),
        runner("w.xlsx", lambda path: workbooks.read_sheets(path, formulas=True)),
        runner("a.xlsx", lambda path: assumptions_file.read(path, Assumptions())),
        runner("o.xlsx", overrides.read),
        runner("r.xlsx", lambda path: find_run(str(path), str)),  # type: ignore[arg-type]
    ]


def _of_schema(file: File, seed: bytes) -> Run:
    return lambda chance, _: reading.read(file, mutated(seed, chance))


def csv() -> list[Run]:
    runs: list[Run] = []
    for name, file in FILES.items():
        path = universes.HOME / "miners" / name
        if not path.exists():
            continue
        seed = b"".join(path.read_bytes().splitlines(keepends=True)[:6])
        runs.append(_of_schema(file, seed))
    decisions = (
        ",".join(overlay.DECISION_COLUMNS)
        + "\nP0123456789,RIOT,cash_usd,2026-06-30,1.5,accept,me,2026-07-01,why,f.csv,1\n"
    ).encode()
    proposed = (",".join([*proposals.COLUMNS, proposals.CHECKSUM]) + "\n" + "RIOT,1.5," * 12 + "\n").encode()
    claims = b"".join((universes.HOME / "miners" / "claims.csv").read_bytes().splitlines(keepends=True)[:4])
    record = b'{"manifest": {"run_id": "x"}, "table": [{"ticker": "RIOT"}], "universe": "miners", "btc_usd": 1.5}'
    runs += [
        lambda chance, _: overlay.decisions({overlay.DECISIONS: mutated(decisions, chance)}),
        _in_file([proposed], "p.csv", proposals.read),
        _in_file([claims], "c.csv", read_claims),
        _in_file([claims, proposed], "i.csv", items_file.read),
        _in_file([record], "r.json", lambda path: find_run(str(path), str)),  # type: ignore[arg-type]
    ]
    return runs


def rules() -> list[Run]:
    seeds = [
        b"ev_per_mw_secured < 4m and ai_share_contracted > 30%", b"not (group in ('ai', \"mixed\")) or stale(cash_usd)",
        b"1 < rank(ev_per_mw_secured, group) and leased_share <= 0.5", b"-(cash_usd / backlog_usd) between 0.5 and 1.5bn",
        b"zscore(ev_per_mw_secured) + 2 * pct_rank(backlog_usd) > 0 and ticker != 'x'", b"((((1)))) < 2",
        b"min(cash_usd, 3m) / max(backlog_usd, 1) < abs(-1) and missing(price_usd)",
        b"group == 'ai' and not proxy(secured_mw)",
    ]  # fmt: skip

    def one(chance: random.Random, _: Path) -> object:
        return str(
            expression(mutated(chance.choice(seeds), chance).decode("utf-8", "replace"), chance.choice((TRUTH, NUMBER)))
        )

    def options(chance: random.Random, _: Path) -> object:
        text = mutated(chance.choice((b"ev_per_mw_secured=1, backlog_usd=-2", b"cash_usd, secured_mw")), chance)
        return screens.define(
            None, **{chance.choice(("weights", "columns", "rank_by", "sort", "within")): text.decode("latin-1")}
        )

    return [one, one, one, options]


def positions() -> list[Run]:
    seeds = [path.read_bytes() for path in sorted((ROOT / "screener" / "holdings").glob("*.csv"))]
    return [_in_file(seeds, "h.csv", lambda path: holdings.read([path]))]


def urls() -> list[Run]:
    def whole(chance: random.Random) -> str:
        """An address of a form that holds a password, every other part of it changed."""
        form = chance.choice((
            "{0}://{1}:{canary}@{2}/{3}", "{0}://{1}:{canary}@{2}:5432/{3}?sslmode={4}", "{0}://{2}/{3}?password={canary}",
            "{0}://{1}@{2}/{3}?user={4}&password={canary}&x={1}", "{1}:{canary}@{2}/{3}", "//{1}:{canary}@{2}/{3}",
            "{0}:/{1}:{canary}@{2}/{3}", "host={2} user={1} password={canary} dbname={3}", "password='{canary}' host={2}",
            "https://hooks.{2}/services/{canary}", "{0}:///{3}?password={canary}", "smtp://{1}:{canary}@{2}:25",
        ))  # fmt: skip
        words = [b"postgresql+psycopg", b"screener", b"127.0.0.1", b"history", b"require"]
        parts = [
            re.sub(r"[\s/?#@:&='\"\\]", "", mutated(word, chance)[:80].decode("utf-8", "replace")) for word in words
        ]
        scheme = re.sub(r"[^A-Za-z0-9+.-]", "", parts[0])[:30]
        # A name and a host as they can be; what holds neither is no address of anybody.
        parts[1] = re.sub(r"[^\w.%+-]", "", parts[1])
        parts[2] = re.sub(r"[^A-Za-z0-9.-]", "", parts[2]).lstrip(".-") or "h"
        scheme = scheme if scheme[:1].isalpha() else f"x{scheme}"
        return form.format(scheme, *(part or "x" for part in parts[1:]), canary=CANARY)

    def said(chance: random.Random, _: Path) -> object:
        text = whole(chance)
        with _given({secrets.DATABASE_URL: text}):
            return secrets.mask(f"cannot reach {text}: refused\n{text!r}")

    def said_of_others(chance: random.Random, _: Path) -> object:
        """Of a password that is nowhere in the environment, known by its place alone."""
        with _given(dict.fromkeys(ENVIRONMENT, "")):
            return secrets.mask(f"cannot reach {whole(chance)}: refused")

    def scheduled(chance: random.Random, folder: Path) -> object:
        return _entries(_entry(folder, database=whole(chance)))

    def stored(chance: random.Random, _: Path) -> object:
        text = whole(chance)
        with _given({secrets.DATABASE_URL: text}):
            return secrets.mask(database.shown(database.address(text)))

    return [said, said_of_others, scheduled, stored]


def paths() -> list[Run]:
    seeds = [
        b"screens",
        b"/srv/my screens",
        b"C:\\screens",
        b"a'b\"c",
        b"100%",
        b"$HOME/x",
        b"a;b|c",
        b"# x",
        "b\u00f6rse".encode(),
    ]
    lines = (
        b"\n* * * * * touch /tmp/live #",
        b"\r\nExecStart=/bin/live",
        b"</string><string>live",
        b"\nlive: true",
        b"%live",
        b"\x00",
    )

    def run(chance: random.Random, folder: Path) -> object:
        def path() -> str:
            text = mutated(chance.choice(seeds), chance)[:600]
            at = chance.randrange(len(text) + 1)
            return (text[:at] + chance.choice((b"", b"", *lines)) + text[at:]).decode("utf-8", "surrogateescape")

        names = ("out", "log", "config", "database", "environment", "universe")
        return _entries(_entry(folder, **{name: path() for name in names if chance.random() < 0.5}))

    return [run]


def _entry(folder: Path, **given: str) -> entry.Entry:
    chosen: dict[str, Any] = {
        "database": "",
        "out": "out",
        "log": "log",
        "config": "",
        "environment": "environment",
    } | given
    where = {name: folder / chosen[name] for name in ("out", "log", "environment")}
    config = folder / chosen["config"] if chosen["config"] else None
    return entry.make(
        chosen.get("universe", "miners"),
        WHEN,
        source="auto",
        database=chosen["database"],
        config=config,
        keep=8,
        **where,
    )


SCHEDULERS: tuple[Callable[[entry.Entry], str], ...] = (
    lambda one: cron.line(one, NOW),
    lambda one: "".join(systemd.units(one).values()),
    lambda one: elsewhere.launchd(one, NOW),
    lambda one: elsewhere.schtasks(one, NOW),
    lambda one: elsewhere.github_actions(one, NOW),
)


def _entries(one: entry.Entry) -> str:
    """All five entries as text; each has the lines that the program wrote and no other."""
    plain = _entry(Path("/srv"))
    found = []
    for render in SCHEDULERS:
        text = render(one)
        # Settings that the plain entry has not, such as a config, stand on the same lines.
        if len(text.splitlines()) != len(render(plain).splitlines()):
            raise Injected(f"{len(text.splitlines())} lines in place of {len(render(plain).splitlines())}:\n{text}")
        found.append(text)
    return "\n".join(found)


def commands() -> list[Run]:
    """The command line itself, with what a user types."""
    prices = b"date,ticker,close_usd\n2026-01-02,AAA,1.5\n"
    books_of = [books.book(), _book([["Symbol", "Quantity"], ["RIOT", "10"]])]

    def invoked(*arguments: str) -> str:
        result = CliRunner().invoke(cli, [text.replace("\x00", "") for text in arguments])
        if result.exception is not None and not isinstance(result.exception, (*EXPECTED, SystemExit, OSError)):
            raise result.exception
        return secrets.mask(result.output + (str(result.exception) if result.exception else ""))

    def universe(chance: random.Random, folder: Path) -> object:
        place = folder / "mine"
        place.mkdir(exist_ok=True)
        (place / "universe.toml").write_bytes(mutated(b'title = "Mine"\n[groups]\nrule = "contracted"\n', chance))
        (place / "prices.csv").write_bytes(mutated(prices, chance))
        return invoked("universe", "check", str(place))

    def read_back(chance: random.Random, folder: Path) -> object:
        (folder / "edited.xlsx").write_bytes(mutated(chance.choice(books_of), chance))
        return invoked("overrides", "read", str(folder / "edited.xlsx"))

    def compared(chance: random.Random, folder: Path) -> object:
        (folder / "run.json").write_bytes(mutated(b'{"manifest": {}, "table": []}', chance))
        return invoked("compare", str(folder / "run.json"), str(folder / "edited.xlsx"))

    def printed(chance: random.Random, folder: Path) -> object:
        kinds = ("cron", "systemd", "launchd", "schtasks", "github-actions")
        text = mutated(b"/srv/screens of us", chance)[:300].decode("utf-8", "surrogateescape")
        return invoked("schedule", "print", chance.choice(kinds), f"--{chance.choice(('out', 'log', 'config'))}", text)

    def arguments(chance: random.Random, _: Path) -> object:
        names = [*COMMANDS["Keep and compare"], "metrics", "explain", "nonsense"]
        words = [
            mutated(word, chance)[:200].decode("utf-8", "replace") for word in (b"--as-of", b"2026-01-16", b"RIOT")
        ]
        return invoked(chance.choice(names), *words, "--no-such-option")

    return [universe, read_back, compared, printed, arguments]


KINDS: dict[str, Callable[[], list[Run]]] = {
    "TOML": toml, "xlsx": xlsx, "CSV": csv, "rules": rules, "holdings": positions, "URLs": urls, "paths": paths,
    "commands": commands,
}  # fmt: skip
# Which part of the cases is of a kind.
SHARES = {
    "TOML": 0.2, "xlsx": 0.05, "CSV": 0.15, "rules": 0.25, "holdings": 0.02, "URLs": 0.15, "paths": 0.15, "commands": 0.03,
}  # fmt: skip


@contextlib.contextmanager
def _given(more: dict[str, str]) -> Iterator[None]:
    """These variables in the environment; of a text that no environment holds, what it can hold."""
    before = dict(os.environ)
    try:
        clean = {name: value.replace("\x00", "").encode("utf-8", "replace").decode() for name, value in more.items()}
        os.environ.update(clean)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def fuzz(folder: Path, cases: int, seed: int, kinds: Sequence[str] = tuple(KINDS)) -> Found:
    """Run so many cases, in shares of `SHARES`; a case is made of the seed, its kind and its number alone."""
    found = Found()
    total = sum(SHARES[kind] for kind in kinds)
    with _given(ENVIRONMENT | {"SCREENER_OVERLAYS": os.devnull}), warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind in kinds:
            runs = KINDS[kind]()
            begun = time.process_time()
            for number in range(round(cases * SHARES[kind] / total)):
                _case(found, kind, runs[number % len(runs)], f"{seed} {kind} {number}", folder)
            found.seconds[kind] = time.process_time() - begun
    return found


def _case(found: Found, kind: str, run: Run, name: str, folder: Path) -> None:
    printed = io.StringIO()
    begun = time.monotonic()
    said = ""
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            result = run(random.Random(name), folder)
        said = result if isinstance(result, str) else ""
    except EXPECTED as error:
        found.refused[kind] += 1
        said = str(error)
        if len(said) > 500_000:
            found.tracebacks.append(f"{name}: a message of {len(said):,} characters")
    except Injected as error:
        found.injected.append(f"{name}: {error}")
    except Exception:
        found.tracebacks.append(f"{name}: {traceback.format_exc(limit=-6)}")
    found.cases[kind] += 1
    if time.monotonic() - begun > SLOWEST_SECONDS:
        found.slow.append(f"{name}: {time.monotonic() - begun:.0f} s")
    if CANARY.lower() in (said + printed.getvalue()).lower():
        found.leaks.append(f"{name}: {said[:500]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = fuzz(Path(folder), asked.cases, asked.seed, asked.kinds)
    print(*found.lines(), sep="\n")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
