"""The weekly job: what is due is screened, kept, compared, written and reported; what failed is tried again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from screener import files, loading, pipeline, scenarios
from screener.alerts import message, rules
from screener.alerts.delivery import deliver
from screener.alerts.rules import Alert
from screener.clock import ahead_line, is_ahead
from screener.config.alerts import AlertSettings
from screener.errors import ScreenerError, SourceError, Unreachable
from screener.gathering import InputData
from screener.jobs import update
from screener.renames import Renames, in_tickers_of
from screener.run_config import RunConfig
from screener.schedule import When, sessions
from screener.screen import screen_on, value_dates
from screener.sources import clocks
from screener.sources.registry import BUNDLED, LEDGER
from screener.store import Store, Writer, dating, keep
from valuation._words import count
from valuation.comparison.changes import Changes, Snapshot, compare
from valuation.screen import Screen

log = logging.getLogger(__name__)

STEP = "weekly"  # kept beside the channels: the week is done, workbook and all
MAIL_TRIES = 3


@dataclass(frozen=True)
class Plan:
    """How the weekly job is to be done.

    Attributes
    ----------
    source : of `screener.sources.registry.choices`
    out : Path
        Folder of the workbooks.
    formats : tuple of str
    studies, nav : bool
        Parts added to the files; what is stored and compared is the screen, with or without them.
    paper : `letter` or `a4`, of the workbooks
    keep : int
        Dates whose files stay in `out`; the history keeps them all.
    when : When
    catch_up : int
        Weeks to look back for runs that were missed.
    tries, wait_seconds : of the source; the wait doubles from try to try
    """

    source: str
    out: Path
    formats: tuple[str, ...] = ("xlsx",)
    studies: bool = False
    nav: bool = False
    paper: str = files.LETTER
    keep: int = 104
    when: When = field(default_factory=lambda: When.of("fri 18:30", "America/New_York"))
    catch_up: int = 8
    tries: int = 4
    wait_seconds: float = 60.0

    @property
    def renews(self) -> bool:
        """Whether network and filings are asked for what is due: where a live source may be asked at all."""
        return self.source not in (BUNDLED, LEDGER)


@dataclass(frozen=True)
class WeeklyRun:
    """One week done: the screen, whether it was new to the history, files, changes, alerts, undelivered messages."""

    screen: Screen
    added: bool
    paths: list[Path]
    changes: Changes | None
    alerts: list[Alert]
    undelivered: list[str]


def run(
    store: Store,
    config: RunConfig,
    plan: Plan,
    settings: AlertSettings,
    clock: Callable[[], datetime],
    *,
    as_of: date | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[WeeklyRun]:
    """Do every week that is due, or the one that is named; empty where nothing is.

    Raises
    ------
    Busy
        Another run is at work on this history.
    ScreenerError, OSError
        A week failed; every channel got a message, and the next start tries it again.

    Notes
    -----
    A run that is killed anywhere is done over by the next start: the history takes the same inputs once, a file gets
    its name when it is whole, and a channel that took the message is not asked again.
    """
    progress = progress or (lambda _: None)
    universe = config.universe.name
    outcomes = []
    with store.exclusive() as writer:
        days = [as_of] if as_of else sessions.due(clock(), plan.when, done(store, universe), catch_up=plan.catch_up)
        for day in days:
            log.info("%s as of %s: begun", universe, day)
            try:
                outcomes.append(_week(store, writer, config, plan, settings, clock, day, progress))
            except (ScreenerError, OSError) as error:
                log.error("%s as of %s failed: %s", universe, day, error)
                report_failure(store, universe, str(day), error, settings, clock)
                raise
        if outcomes:
            for path in files.prune(plan.out, universe, plan.keep):
                log.info("removed %s", path)
    return outcomes


def check_dates(
    store: Store, universe: str, plan: Plan, settings: AlertSettings, clock: Callable[[], datetime]
) -> list[Alert]:
    """Alerts of a history whose dates are wrong: at every start while runs are dated ahead of the clock; once of weeks
    without a run that no start makes up any more.

    Every channel gets a message once for the same dates.
    """
    if not settings.run_fails:
        return []
    now, made = clock(), done(store, universe)
    stored = [run.as_of for run in store.runs(universe)]
    due = sessions.due(now, plan.when, made, catch_up=plan.catch_up)
    missed = [day for day in sessions.missed(now, plan.when, made, stored) if day not in due]
    ahead = [day for day in stored if is_ahead(day, now)]
    alerts = []
    for days, text, stands in ((ahead, ahead_line(ahead, now), True), (missed, missed_line(missed), False)):
        if not days:
            continue
        alert = Alert("run_fails", "", text)
        told = message.of_dates(universe, [alert], days, now)
        log.warning("alert %s: %s", alert.rule, alert)
        deliver(told, settings, store, clock, tries=MAIL_TRIES, wait_seconds=1.0)
        if STEP not in store.delivered(told.key):
            store.mark_delivered(told.key, STEP, now)
            alerts.append(alert)
        elif stands:
            alerts.append(alert)
    return alerts


def missed_line(days: list[date]) -> str:
    """That weeks have no run, and what to do; empty where there are none."""
    if not days:
        return ""
    dates = ", ".join(map(str, days[:3])) + (" ..." if len(days) > 3 else "")
    have = f"{count(len(days), 'week')} {'has' if len(days) == 1 else 'have'}"
    return f"{have} no run: {dates}. Make them with: screener backfill --since {days[0]}"


def done(store: Store, universe: str) -> set[date]:
    """As-of dates of the weekly runs that were made to their end and are not void."""
    finished = store.finished(STEP)
    return {run.as_of for run in store.runs(universe) if run.run_id in finished}


def report_failure(
    store: Store | None,
    universe: str,
    as_of: str,
    error: Exception,
    settings: AlertSettings,
    clock: Callable[[], datetime],
) -> list[str]:
    """Send every channel that a run failed, once for each date; returns what could not be delivered."""
    if not settings.run_fails:
        return []
    text = message.of_failure(universe, as_of, rules.failed(str(error)))
    try:
        return deliver(text, settings, store, clock, tries=MAIL_TRIES, wait_seconds=1.0)
    except ScreenerError:  # the history is what failed: send without it
        return deliver(text, settings, None, clock, tries=MAIL_TRIES, wait_seconds=1.0)


def _week(
    store: Store,
    writer: Writer,
    config: RunConfig,
    plan: Plan,
    settings: AlertSettings,
    clock: Callable[[], datetime],
    day: date,
    progress: Callable[[str], None],
) -> WeeklyRun:
    as_of = pd.Timestamp(day)
    clocks.forget()
    renew(config, plan, clock(), progress)
    data = gather(config, as_of, plan, progress)
    dating.require_closes(data, as_of, clock())
    progress(f"valuing as of {day}")
    valued = value_dates(config, data, as_of, pipeline.stage_dates(data, as_of, studies=plan.studies))
    screen = screen_on(config, data, valued, as_of)
    now = Snapshot.of(screen)
    saved = keep(writer, config.universe, screen, data, "weekly", clock())
    log.info("run %s %s", saved.run_id, "added to the history" if saved.added else "stood in the history")
    before = store.before(screen.universe, day)
    renames = Renames.of_universe(config.universe)
    changes = compare(in_tickers_of(store.snapshot(before), now, renames), now) if before else None
    paths = [plan.out / f"{files.stem(screen)}.{kind}" for kind in plan.formats]
    report = pipeline.add_stages(
        config, data, screen, valued, studies=plan.studies, nav=plan.nav,
        scenarios=scenarios.every(config.universe.sector) if plan.nav else (), progress=progress,
    )  # fmt: skip
    for kind, path in zip(plan.formats, paths, strict=True):
        progress(f"writing {path}")
        files.write(report, kind, path, changes, paper=plan.paper)
        log.info("written %s", path)
    log.info("%s", message.freshness_line(now))
    alerts = rules.met(settings, now, changes, data.waiting_days)
    for alert in alerts:
        log.warning("alert %s: %s", alert.rule, alert)
    workbook = next((path for path in paths if path.suffix == ".xlsx"), None)
    text = message.of_run(now, changes, alerts, workbook)
    undelivered = deliver(text, settings, store, clock, tries=MAIL_TRIES, wait_seconds=min(plan.wait_seconds, 5.0))
    # A run on bundled prices that was to be on live ones is still to be made: the next start tries again.
    if not data.fell_back and STEP not in store.delivered(saved.run_id):
        store.mark_delivered(saved.run_id, STEP, clock())
    return WeeklyRun(screen, saved.added, paths, changes, alerts, undelivered)


def renew(config: RunConfig, plan: Plan, now: datetime, progress: Callable[[str], None]) -> None:
    """Ask the Bitcoin network's sources and EDGAR for what is due; prices are asked for with the run's own data.

    What fails is logged and costs no run: the ledger holds what was told before.
    """
    if not plan.renews:
        return
    try:
        found = update.update(config.universe, now, progress, parts=("network", "filings"))
    except (ScreenerError, OSError) as error:
        log.warning("not renewed: %s", error)
        return
    for part, fault in found.faults.items():
        log.warning("%s not renewed: %s", part, str(fault).splitlines()[0])
    failed = found.rows.loc[found.rows["failed"].astype(bool), ["source", "company", "outcome"]]
    for row in failed.itertuples(index=False):
        log.warning("%s %s: %s", row.source, row.company, row.outcome)
    log.info("renewed: requests %s", found.requests or "none")


def gather(config: RunConfig, as_of: pd.Timestamp, plan: Plan, progress: Callable[[str], None]) -> InputData:
    """What the source gives, tried again with growing waits; under auto the bundled closes are the last resort.

    Raises
    ------
    SourceError
        The source was named and failed every time.
    """
    import stamina

    last: InputData | None = None
    try:
        for attempt in stamina.retry_context(
            on=SourceError,
            attempts=plan.tries,
            timeout=None,
            wait_initial=plan.wait_seconds,
            wait_max=plan.wait_seconds * 16,
            wait_jitter=plan.wait_seconds / 4,
        ):
            with attempt:
                last = loading.load_inputs(config.universe, as_of, plan.source, progress)
                if last.fell_back:
                    log.warning("try %d: %s", attempt.num, last.fell_back)
                    raise Unreachable(last.fell_back)
    except SourceError:
        if last is None or not last.fell_back:
            raise
    assert last is not None
    return last
