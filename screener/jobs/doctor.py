"""Check whether this installation is ready for unattended runs: one line a question, each with its remedy."""

from __future__ import annotations

import importlib.metadata
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from screener import secrets
from screener._version import __version__
from screener.errors import NotKnown, ScreenerError
from screener.schedule import When, cron, sessions, systemd
from screener.schedule.entry import environment_file, read_by_others
from screener.sources import registry
from screener.sources.registry import PROBE_SECONDS
from screener.sources.source import Source
from screener.store import Store
from valuation._words import count, is_unknown

OK, WARNING, FAILED = "ok", "warning", "failed"
PACKAGES = ("pandas", "numpy", "SQLAlchemy", "XlsxWriter", "exchange_calendars")
OVERDUE_DAYS = 9


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
    questions: list[tuple[str, Callable[[], Check]]] = [
        ("versions", _versions),
        ("output folder", lambda: _writable("output folder", out)),
        ("log", lambda: _writable("log", log.parent)),
        ("universe", lambda: _universe(universe)),
        ("facts", lambda: _facts(universe, now)),
        ("ledger", lambda: _ledger(now)),
        ("proposals", lambda: _proposals(universe, config, now)),
        ("settings", lambda: _settings(universe, config)),
        ("history", lambda: _history(database, now)),
        ("last weekly run", lambda: _last_run(database, universe, now)),
        *((source.title, partial(_live, source, reachable)) for source in registry.LIVE.values()),
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
            runs = store.runs()
            fault = store.fault()
            if fault:
                return Check("history", FAILED, f"{store.place}: {fault}", "restore it from a backup")
            return Check("history", OK, f"{store.place}: {count(len(runs), 'run')}")
    except NotKnown as error:
        return Check("history", WARNING, str(error).partition(": `")[0], "screener weekly begins one")


def _last_run(database: str | None, universe: str, now: datetime) -> Check:
    from screener.jobs import weekly
    from screener.universes import find

    name = find(universe).name
    begin = "screener weekly, or screener schedule install"
    try:
        with Store.open(database, now, create=False) as store:
            made = weekly.done(store, name)
    except NotKnown:
        made = set()
    if not made:
        return Check("last weekly run", WARNING, f"none of {name}", begin)
    last = max(made)
    late = now.date() - last > timedelta(days=OVERDUE_DAYS)
    return Check("last weekly run", WARNING if late else OK, f"{name} as of {last}", "screener weekly" if late else "")


def _live(source: Source, reachable: Callable[[float], bool] | None) -> Check:
    if (reachable or source.reachable)(PROBE_SECONDS):
        return Check(source.title, OK, "answers")
    return Check(
        source.title,
        WARNING,
        f"no answer within {PROBE_SECONDS:.0f} s",
        "look at network and proxy; bundled closes stand in",
    )


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
