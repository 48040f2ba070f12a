"""Check whether this installation is ready for unattended runs: one line a question, each with its remedy."""

from __future__ import annotations

import importlib.metadata
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from screener import secrets
from screener._version import __version__
from screener.clock import ahead_line, is_ahead
from screener.errors import NotKnown, ScreenerError
from screener.schedule import When, cron, sessions, systemd
from screener.schedule.entry import environment_file, read_by_others
from screener.sources import clocks, registry
from screener.sources.registry import PROBE_SECONDS
from screener.sources.source import Source
from screener.store import Store
from valuation._words import count, is_unknown

OK, WARNING, FAILED = "ok", "warning", "failed"
PACKAGES = ("pandas", "numpy", "SQLAlchemy", "XlsxWriter", "exchange_calendars")
OVERDUE_DAYS = 9
LOOKS_BACK = 8  # weeks, as the weekly run does by default
# A clock that differs by so much is named; by more than the second it dates runs wrongly around a close.
CLOCK_MINUTES, CLOCK_FAILS_MINUTES = 10, 60


@dataclass(frozen=True)
class Check:
    """One question answered: how it stands, what was found, and what to do where it is not ok."""

    name: str
    state: str
    found: str
    remedy: str = ""


def examine(
    *,
    universe: str,
    database: str | None,
    out: Path,
    log: Path,
    config: Path | None,
    when: When,
    now: datetime,
    reachable: Callable[[float], bool] | None = None,
) -> list[Check]:
    """Every check, none of which stops another.

    Parameters
    ----------
    reachable : callable, optional
        In place of asking the live sources.
    """
    clocks.forget()
    questions: list[tuple[str, Callable[[], Check]]] = [
        ("versions", _versions),
        ("output folder", lambda: _writable("output folder", out)),
        ("log", lambda: _writable("log", log.parent)),
        ("universe", lambda: _universe(universe)),
        ("facts", lambda: _facts(universe, now)),
        ("figures", lambda: _figures(universe, now)),
        ("ledger", lambda: _ledger(now)),
        ("proposals", lambda: _proposals(universe, config, now)),
        ("settings", lambda: _settings(universe, config)),
        ("history", lambda: _history(database, now)),
        ("last weekly run", lambda: _last_run(database, universe, when, now)),
        *((source.title, partial(_live, source, reachable)) for source in registry.LIVE.values()),
        ("clock", lambda: _clock(universe, now)),
        ("calendar", lambda: _calendar(when, now)),
        ("schedule", lambda: _schedule(universe)),
        ("secrets", _secrets),
    ]
    found = []
    for name, ask in questions:
        try:
            found.append(ask())
        except ScreenerError as error:
            found.append(Check(name, FAILED, str(error).splitlines()[0], "see the message"))
        except Exception as error:  # one check that fails must not hide the others
            found.append(Check(name, FAILED, f"{type(error).__name__}: {error}", "report it with this line"))
    # Masked here, before a table folds a long text: a secret on two lines would not be found.
    return [replace(check, found=secrets.mask(check.found), remedy=secrets.mask(check.remedy)) for check in found]


def _versions() -> Check:
    names = [*PACKAGES, *(name for source in registry.LIVE for name in registry.packages(source))]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    return Check("versions", OK, f"miner-screener {__version__}, Python {sys.version.split()[0]}, {versions}")


def _writable(name: str, folder: Path) -> Check:
    """By writing: permissions alone say nothing of a full disk or of a file system mounted read-only."""
    nearest = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    try:
        with tempfile.TemporaryFile(dir=nearest) as file:
            file.write(b"\0" * 65536)
            file.flush()
    except OSError as error:
        return Check(name, FAILED, f"{folder}: {error.strerror}", "make it writable, free some space, or name another")
    made = "" if nearest == folder else " (made at the first run)"
    return Check(name, OK, f"{folder}{made}")


def _universe(universe: str) -> Check:
    from screener import universes

    loaded = universes.load(universe)
    last = loaded.prices["date"].max()
    return Check(
        "universe",
        OK,
        f"{loaded.name}: {count(len(loaded.companies), 'company', 'companies')}, own closes to {last:%Y-%m-%d}",
    )


def _facts(universe: str, now: datetime) -> Check:
    """How many of the core items of the universe's companies are stale today, on its own files and the ledger."""
    from screener import freshness

    found = freshness.today(universe, now)
    stale = found[found["stale"]]
    told = f"{len(stale)} of {len(found)} core items stale on {now:%Y-%m-%d}"
    if stale.empty:
        return Check("facts", OK, told)
    oldest = stale.sort_values(["period_end", "ticker"], kind="stable").iloc[0]
    told += f", the oldest: {oldest['ticker']} {oldest['title']} of {oldest['period_end']:%Y-%m-%d}"
    return Check("facts", WARNING, told, "screener update, then screener facts propose")


def _figures(universe: str, now: datetime) -> Check:
    """Whether a figure of today is held back as out of proportion, on the universe's own files and the ledger."""
    from screener import freshness

    held = freshness.held_today(universe, now)
    if not held:
        return Check("figures", OK, f"none held back on {now:%Y-%m-%d}")
    names = ", ".join(f"{one['ticker']} {one['title']}".strip() for one in held)
    told = f"{count(len(held), 'figure')} held back: {names}; {held[0]['reason'].partition('. To use it')[0]}"
    return Check("figures", FAILED, told, "look at the figure; confirm or correct it as the data checks of a run say")


def _ledger(now: datetime) -> Check:
    """When each source last answered, as the ledger holds it."""
    from screener.ledger import Ledger

    try:
        with Ledger.open(create=False) as ledger:
            last = ledger.asked().groupby("source")["good"].max()
    except NotKnown as error:
        return Check("ledger", WARNING, str(error).partition(": `")[0], "screener update")
    if last.empty:
        return Check("ledger", WARNING, f"{ledger.path}: no source was asked yet", "screener update")
    told, late = [], False
    for source, at in last.items():
        days = None if is_unknown(at) else (now - at.to_pydatetime()).days
        late |= days is None or days > OVERDUE_DAYS
        told.append(f"{source} " + ("never" if days is None else f"{at:%Y-%m-%d}, {count(days, 'day')} ago"))
    found = f"last answer: {'; '.join(told)}"
    return Check("ledger", WARNING if late else OK, found, "screener update" if late else "")


def _proposals(universe: str, config: Path | None, now: datetime) -> Check:
    """How many figures of filings wait for review, and for how long."""
    import pandas as pd

    from screener import universes
    from screener.config import user_file
    from screener.ledger import Ledger
    from screener.proposals.matching import waiting_days
    from screener.sources.told import EDGAR

    loaded = universes.load(universe)
    try:
        with Ledger.open(create=False) as ledger:
            items = ledger.items(list(loaded.companies["ticker"]), EDGAR)
    except NotKnown:
        return Check("proposals", OK, "no filing was read yet")
    ages = waiting_days(loaded, items, pd.Timestamp(now).tz_convert(None).normalize())
    if not ages:
        return Check("proposals", OK, "none waits for review")
    limit = user_file.alerts(loaded.settings, config).proposals_wait_days
    told = f"{count(len(ages), 'proposed fact')} waiting for review, the oldest for {count(max(ages), 'day')}"
    late = max(ages) > limit
    return Check(
        "proposals", WARNING if late else OK, told, "screener facts propose, then accept or reject" if late else ""
    )


def _settings(universe: str, config: Path | None) -> Check:
    from screener import universes
    from screener.config import user_file

    chosen = user_file.alerts(universes.load(universe).settings, config)
    email = f"e-mail to {', '.join(chosen.email.to)} by {chosen.email.host}" if chosen.email else "no e-mail"
    hook = "webhook" if secrets.get(secrets.WEBHOOK_URL) else "no webhook"
    place = config or user_file.user_file()
    there = place if place.exists() else f"no {place}"
    return Check("settings", OK, f"{there}; {email}, {hook}")


def _history(database: str | None, now: datetime) -> Check:
    try:
        with Store.open(database, now, create=False) as store:
            runs = store.runs(void=True)
            fault = store.fault()
            if fault:
                return Check("history", FAILED, f"{store.place}: {fault}", "restore it from a backup")
            void = sum(run.void is not None for run in runs)
            told = f"{store.place}: {count(len(runs), 'run')}" + (f", {void} of them void" if void else "")
            ahead = [run.as_of for run in runs if run.void is None and is_ahead(run.as_of, now)]
            if ahead:
                return Check("history", FAILED, f"{told}; {ahead_line(ahead, now)}", "see the message")
            return Check("history", OK, told)
    except NotKnown as error:
        return Check("history", WARNING, str(error).partition(": `")[0], "screener weekly begins one")


def _last_run(database: str | None, universe: str, when: When, now: datetime) -> Check:
    from screener.jobs import weekly
    from screener.universes import find

    name = find(universe).name
    begin = "screener weekly, or screener schedule install"
    try:
        with Store.open(database, now, create=False) as store:
            made, stored = weekly.done(store, name), [run.as_of for run in store.runs(name)]
    except NotKnown:
        made, stored = set(), []
    made = {day for day in made if not is_ahead(day, now)}
    if not made:
        return Check("last weekly run", WARNING, f"none of {name}", begin)
    found = f"{name} as of {max(made)}"
    missed = sessions.missed(now, when, made, stored)
    over = when.before(now - sessions.GRACE, 1)[0].date()
    late = [day for day in sessions.due(now, when, made, catch_up=LOOKS_BACK) if day <= over]
    if late and not missed:
        told = f"{found}; the run of {late[0]} was not completed"
        return Check("last weekly run", FAILED, told, "screener weekly, and see its log")
    if missed:
        return Check(
            "last weekly run", FAILED, f"{found}; {weekly.missed_line(missed)}", "screener weekly, or backfill"
        )
    return Check("last weekly run", OK, found)


def _live(source: Source, reachable: Callable[[float], bool] | None) -> Check:
    if (reachable or source.reachable)(PROBE_SECONDS):
        return Check(source.title, OK, "answers")
    return Check(
        source.title,
        WARNING,
        f"no answer within {PROBE_SECONDS:.0f} s",
        "look at network and proxy; bundled closes stand in",
    )


def _clock(universe: str, now: datetime) -> Check:
    """This machine's clock against the answers of the sources, and against the universe's own closes."""
    from screener import universes

    last = None
    with suppress(ScreenerError):  # the question about the universe says what is wrong with it
        last = universes.load(universe).prices["date"].max().date()
    shown, remedy = f"{now:%Y-%m-%d %H:%M} UTC", "set the clock of this machine, or let it follow a time server"
    if last is not None and not is_unknown(last) and is_ahead(last, now):
        return Check("clock", FAILED, f"{shown}, and the universe holds closes of {last}", remedy)
    heard = clocks.latest()
    if heard is None:
        return Check("clock", OK, f"{shown}; no source answered to hold it against")
    apart = now - heard.now()
    minutes = round(abs(apart.total_seconds()) / 60)
    if minutes <= CLOCK_MINUTES:
        return Check("clock", OK, f"{shown}, as {registry.title(heard.source)} shows")
    words = f"{count(minutes, 'minute')}" if minutes < 120 else f"{count(minutes // 60, 'hour')}"
    words = words if minutes < 2880 else count(minutes // 1440, "day")
    side = "ahead of" if apart.total_seconds() > 0 else "behind"
    found = f"{shown}, {words} {side} {registry.title(heard.source)}"
    return Check("clock", FAILED if minutes > CLOCK_FAILS_MINUTES else WARNING, found, remedy)


def _calendar(when: When, now: datetime) -> Check:
    closed = sessions.closes(now.date() - timedelta(days=14), now.date())
    last = closed[closed <= now].index[-1]
    return Check("calendar", OK, f"last session {last:%Y-%m-%d}; next run {when.next(now):%a %Y-%m-%d %H:%M %Z}")


def _schedule(universe: str) -> Check:
    lines = cron.installed() if cron.available() else []
    timers = systemd.installed()
    if not lines and not timers:
        return Check("schedule", WARNING, "no entry", "screener schedule install")
    kinds = [f"{len(lines)} in cron"] * bool(lines) + [f"{len(timers)} systemd timer"] * bool(timers)
    if lines and timers:
        return Check("schedule", WARNING, " and ".join(kinds), "one is enough: screener schedule remove --as cron")
    return Check("schedule", OK, kinds[0])


def _secrets() -> Check:
    there = [name for name in secrets.NAMES if secrets.get(name)]
    file = environment_file()
    found = f"set: {', '.join(there)}" if there else "none set"
    if read_by_others(file):
        return Check("secrets", WARNING, f"{file} can be read by others", f"chmod 600 {file}")
    where = f"{file}" if file.exists() else f"no {file}"
    return Check("secrets", OK, f"{found}; for unattended runs: {where}")
