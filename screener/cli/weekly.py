"""`screener weekly` and `screener backfill`: the job that runs by itself, and history written after the event."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.cli.options import (
    Number,
    assumptions_option,
    database_option,
    groups_option,
    now,
    paper_option,
    source_option,
    the_day,
    universe_option,
)

if TYPE_CHECKING:
    from screener.jobs.weekly import WeeklyRun
    from screener.run_config import RunConfig
    from screener.store import Store

ALERTS_SHOWN = 5
DAY = click.DateTime(["%Y-%m-%d"])
MONTH_OR_DAY = click.DateTime(["%Y-%m", "%Y-%m-%d"])


@click.command()
@universe_option
@source_option
@groups_option
@assumptions_option
@database_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder of the workbooks.  [default: screens/weekly]",
)
@click.option("--keep", type=click.IntRange(1), default=104, show_default=True, help="Weeks of files to keep in --out.")
@click.option("--at", default="fri 18:30", show_default=True, help="When the week's run is due.")
@click.option("--tz", default="America/New_York", show_default=True, metavar="ZONE", help="Time zone of --at.")
@click.option("--as-of", type=DAY, metavar="DATE", help="Do the run of this date now, whatever is due.")
@click.option(
    "--catch-up", type=click.IntRange(1, 52), default=8, show_default=True, help="Weeks to look back for missed runs."
)
@click.option(
    "--tries", type=click.IntRange(1), default=4, show_default=True, help="Attempts to reach the source per run."
)
@click.option("--wait", type=Number(0), default=60.0, show_default=True, help="Seconds between attempts, doubling.")
@click.option("--log", type=click.Path(path_type=Path), metavar="FILE", help="[default: in the user's log folder]")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE.toml", help="Settings file with [alerts].")
@click.option("--studies", is_flag=True, help="Add the studies to the workbook, as `screener run --studies` does.")
@click.option("--nav", is_flag=True, help="Add net asset values and scenarios to the workbook.")
@paper_option
@click.option("--site", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
              help="Also write the history as a folder of pages; see `screener site`.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print only errors.")
def weekly(
    universe: str,
    source: str,
    groups: str | None,
    assumptions: Path | None,
    database: str | None,
    out: Path | None,
    keep: int,
    at: str,
    tz: str,
    as_of: datetime | None,
    catch_up: int,
    tries: int,
    wait: float,
    log: Path | None,
    config: Path | None,
    studies: bool,
    nav: bool,
    paper: str,
    site: Path | None,
    quiet: bool,
) -> None:
    """Do the week's run if it is due: screen, store, compare with the previous run, write the workbook, send alerts.

    A run is of the last session closed by the due time: Friday's, or Thursday's where Friday is a holiday. With
    nothing due it ends at once, so it can be started as often as one likes; missed weeks are caught up. With --source
    auto a live source is tried --tries times; bundled closes then stand in, and the week stays due. Exit code 4: not
    stored, since it would be dated more than a week after its newest close, or ahead of a clock. 5: done, and a rule of
    [alerts] was met, or the history has a run ahead of the clock or lacks a week. 6: another run is at work.

    \b
    screener weekly --source bundled --as-of 2026-10-02
    screener weekly --database postgresql://user@host/screens
    """
    from screener import logs
    from screener.config import user_file
    from screener.errors import AlertsRaised, ScreenerError
    from screener.jobs import weekly as work
    from screener.schedule import When
    from screener.store import Store

    plan = work.Plan(
        source, out or Path("screens/weekly"), studies=studies, nav=nav, paper=paper, keep=keep, when=When.of(at, tz),
        catch_up=catch_up, tries=tries, wait_seconds=wait,
    )  # fmt: skip
    run_config = _resolved(universe, groups, assumptions)
    settings = user_file.alerts(run_config.universe.settings, config)
    day = the_day(as_of).date() if as_of else None
    with ExitStack() as held:
        try:
            held.enter_context(logs.to_file(log or logs.default_path()))
        except OSError as error:  # no reason not to run; said where cron will mail it
            click.echo(f"screener: no log: {error.filename}: {error.strerror}", err=True)
        try:
            store = held.enter_context(Store.open(database, now()))
        except ScreenerError as error:
            work.log.error("%s", error)
            work.report_failure(None, run_config.universe.name, str(day or now().date()), error, settings, now)
            raise
        # Who names a day asks for that run alone.
        wrong = [] if day else work.check_dates(store, run_config.universe.name, plan, settings, now)
        outcomes = work.run(store, run_config, plan, settings, now, as_of=day)
        index = _site(store, run_config, site) if site is not None and outcomes else None
    if not outcomes and not quiet:
        click.echo(f"Nothing is due; next: {plan.when.next(now()):%a %Y-%m-%d %H:%M %Z}.")
    for outcome in outcomes:
        _print(outcome, quiet)
    if index is not None and not quiet:
        click.echo(f"Written: {index}")
    raised = wrong + [alert for outcome in outcomes for alert in outcome.alerts]
    if raised and settings.exit_code:
        more = f"; and {len(raised) - ALERTS_SHOWN} more, see the log" if len(raised) > ALERTS_SHOWN else ""
        named = "; ".join(map(str, raised[:ALERTS_SHOWN]))
        raise AlertsRaised(f"{len(raised)} alert{'s' if len(raised) > 1 else ''}: {named}{more}")


def _site(store: Store, run_config: RunConfig, folder: Path) -> Path:
    from screener import site as pages

    index, _ = pages.build(store, run_config, folder)
    return index


def _print(outcome: WeeklyRun, quiet: bool) -> None:
    from screener.alerts import message

    for failure in outcome.undelivered:
        click.echo(f"screener: {failure}", err=True)
    if quiet:
        return
    screen = outcome.screen
    kept = "stored in the history" if outcome.added else "already in the history"
    click.echo(f"{screen.title}, as of {screen.as_of:%Y-%m-%d}: run {screen.manifest['run_id']}, {kept}.")
    for line in message.summary(outcome.changes):
        click.echo(line)
    for path in outcome.paths:
        click.echo(f"Written: {path}")


@click.command()
@universe_option
@click.option("--since", type=MONTH_OR_DAY, required=True, metavar="DATE", help="First month (2024-01) or day.")
@click.option("--until", type=DAY, metavar="DATE", help="[default: the last close known]")
@click.option("--every", type=click.Choice(["week", "month", "quarter"]), default="week", show_default=True,
              help="One run per week, month or quarter, on its last session.")  # fmt: skip
@source_option
@groups_option
@assumptions_option
@database_option
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Processes (joblib).  [default: one a core]")
@click.option("--backend", type=click.Choice(["joblib", "dask"]), default="joblib", show_default=True)
@click.option("--scheduler", default="", metavar="tcp://HOST:PORT", help="Address of the Dask cluster.")
@click.option("--quiet", is_flag=True, help="Print only errors.")
def backfill(
    universe: str,
    since: datetime,
    until: datetime | None,
    every: str,
    source: str,
    groups: str | None,
    assumptions: Path | None,
    database: str | None,
    workers: int | None,
    backend: str,
    scheduler: str,
    quiet: bool,
) -> None:
    """Write the history of a universe point in time, and continue where an interrupted backfill stopped.

    Dates up to the universe's last reviewed close are screened on the bundled data, so that they are the same runs
    whenever they are written; later dates, on the live source where one is asked for and answers.

    \b
    screener backfill --since 2024-01 --every week --source bundled
    screener backfill --since 2024-01 --backend dask --scheduler tcp://127.0.0.1:8786
    """
    if (backend == "dask") != bool(scheduler):
        raise click.UsageError("--backend dask and --scheduler tcp://HOST:PORT belong together")
    import os
    import time

    import pandas as pd

    from screener.errors import NotKnown
    from screener.jobs import backfill as work
    from screener.store import Store

    begun = time.perf_counter()
    config = _resolved(universe, groups, assumptions)
    parts = work.parts(config, source, pd.Timestamp(since), None if until is None else pd.Timestamp(until), every)
    dates = parts[0][1].append([later for _, later in parts[1:]])
    if dates.empty:
        end = f" to {until:%Y-%m-%d}" if until else ""
        raise NotKnown(f"no session with closes from {since:%Y-%m-%d}{end}")
    added = present = 0
    with Store.open(database, now()) as store, _bar(quiet) as progress:
        for data, some in parts:
            done = work.fill(
                store, config, data, some, now(),
                workers=workers or os.cpu_count() or 1, scheduler=scheduler, progress=progress,
            )  # fmt: skip
            added, present = added + done.added, present + done.present
        place = store.place
    if not quiet:
        click.echo(
            f"{added} runs added, {present} already stored: {config.universe.name}, {dates[0]:%Y-%m-%d} to "
            f"{dates[-1]:%Y-%m-%d}, every {every}, in {time.perf_counter() - begun:.1f} s."
        )
        click.echo(f"History: {place}")


def _resolved(universe: str, groups: str | None, assumptions: Path | None) -> RunConfig:
    from screener.cli.context import load_assumed
    from screener.cli.speaking import speak
    from screener.run_config import resolve_config

    loaded, assumed = load_assumed(universe, assumptions)
    speak(loaded)
    return resolve_config(loaded, rule=groups, assumptions=assumed.assumptions, switches=assumed.switches)


@contextmanager
def _bar(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """How to show progress: a bar on a terminal, else nothing."""
    from rich.progress import Progress

    from exports.terminal.render import console as terminal

    console = terminal(errors=True)
    if quiet or not console.is_terminal:
        yield None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("weeks", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
