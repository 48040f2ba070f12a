"""`screener schedule` and `screener doctor`: the entry in the operating system's scheduler, and whether all is well."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.cli.options import Command, database_option, now, paper_option, source_option, universe_option

if TYPE_CHECKING:
    from screener.schedule.entry import Entry

PRINTED = ("cron", "systemd", "launchd", "schtasks", "github-actions")
INSTALLED = ("cron", "systemd")


def _entry_options(command: Command) -> Command:
    """What both `install` and `print` take."""
    for option in reversed(
        (
            universe_option,
            click.option("--weekly", "when", default="fri 18:30", show_default=True, metavar='"DAY HH:MM"'),
            click.option("--tz", default="America/New_York", show_default=True, metavar="ZONE"),
            source_option,
            # Not from SCREENER_DATABASE_URL: an entry can be read by others, and that address may hold a password.
            click.option(
                "--database",
                default="",
                metavar="FILE|URL",
                help="History.  [default: SCREENER_DATABASE_URL of --environment, else your own]",
            ),
            click.option(
                "--out",
                type=click.Path(path_type=Path),
                metavar="FOLDER",
                help="Folder of the workbooks.  [default: screens in your documents]",
            ),
            click.option(
                "--keep", type=click.IntRange(1), default=104, show_default=True, help="Weeks of files to keep."
            ),
            click.option("--studies", is_flag=True, help="Add the studies to the workbook."),
            click.option("--nav", is_flag=True, help="Add net asset values and scenarios to the workbook."),
            paper_option,
            click.option("--log", type=click.Path(path_type=Path), metavar="FILE", help="[default: user's log folder]"),
            click.option(
                "--config", type=click.Path(path_type=Path), metavar="FILE.toml", help="Settings file with [alerts]."
            ),
            click.option(
                "--environment",
                type=click.Path(path_type=Path),
                metavar="FILE",
                help="File of KEY=value lines with secrets, read at each run.",
            ),
        )
    ):
        command = option(command)
    return command


@click.group()
def schedule() -> None:
    """The weekly run in the operating system's scheduler: install, show, remove, print."""


@schedule.command()
@_entry_options
@click.option("--as", "kind", type=click.Choice(INSTALLED), help="[default: cron where there is one, else systemd]")
def install(kind: str | None, **chosen: object) -> None:
    """Add one entry to your scheduler; an older one of the same universe is replaced.

    It starts every day and does what is due: the run after Friday's close, or one that was missed.

    \b
    screener schedule install --weekly "fri 18:30" --tz America/New_York
    """
    from shlex import quote

    from screener.schedule import cron, systemd
    from screener.schedule import entry as entries

    entry = _entry(**chosen)  # type: ignore[arg-type]
    if (kind or ("cron" if cron.available() else "systemd")) == "cron":
        changed = cron.install(entry, now())
        click.echo(f"{'Installed' if changed else 'Already installed'} in cron: {entry.name}, {entry.when}.")
    else:
        paths, why = systemd.install(entry)
        for path in paths:
            click.echo(f"Written: {path}")
        if why:
            click.echo(f"screener: the timer could not be started: {why}", err=True)
            click.echo(f"screener: start it with: systemctl --user enable --now {quote(paths[-1].name)}", err=True)
            raise click.exceptions.Exit(1)
        click.echo(f"Started: {paths[-1].name}. To run while nobody is logged in: loginctl enable-linger")
    click.echo(f"Secrets (SCREENER_SMTP_PASSWORD, SCREENER_DATABASE_URL, ...) are read from {entry.environment}")
    if entries.read_by_others(entry.environment):
        click.echo(
            f"screener: other users can read that file; run: chmod 600 {quote(str(entry.environment))}", err=True
        )


@schedule.command()
def show() -> None:
    """Show this toolkit's entries. Exit code 2 if there is none."""
    from screener.schedule import cron, systemd

    lines = cron.installed() if cron.available() else []
    for line in lines:
        click.echo(f"cron: {line}")
    timers = systemd.installed()
    for timer in timers:
        click.echo(f"systemd: {timer}")
    if not lines and not timers:
        click.echo("no entry; make one with: screener schedule install", err=True)
        raise click.exceptions.Exit(2)


@schedule.command()
@click.option("--universe", default="", metavar="NAME", help="Only this universe.  [default: all]")
@click.option("--as", "kind", type=click.Choice(INSTALLED), help="[default: both]")
def remove(universe: str, kind: str | None) -> None:
    """Remove this toolkit's entries; everything else stays as it is.

    \b
    screener schedule remove
    """
    from screener.schedule import cron, systemd
    from screener.schedule.entry import name_of

    universe = universe and name_of(universe)
    gone = 0
    if kind in (None, "cron") and cron.available():
        gone += cron.remove(universe)
    if kind in (None, "systemd"):
        gone += systemd.remove(universe)
    click.echo(f"{gone} entr{'y' if gone == 1 else 'ies'} removed.")


@schedule.command("print")
@_entry_options
@click.option("--as", "kind", type=click.Choice(PRINTED), default="cron", show_default=True)
def print_(kind: str, **chosen: object) -> None:
    """Print the entry for a scheduler, to be added by hand.

    \b
    screener schedule print --as github-actions > .github/workflows/weekly.yml
    """
    import sys

    from screener.errors import UniverseError
    from screener.schedule import cron, elsewhere, systemd

    entry = _entry(**chosen)  # type: ignore[arg-type]
    if kind == "cron":
        text = cron.line(entry, now()) + "\n"
    elif kind == "systemd":
        text = "\n".join(f"# --- {name}\n{unit}" for name, unit in systemd.units(entry).items())
    else:
        made = {
            "launchd": elsewhere.launchd,
            "schtasks": elsewhere.schtasks,
            "github-actions": elsewhere.github_actions,
        }
        text = made[kind](entry, now())
    page = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(page)
    except UnicodeEncodeError as error:  # a stand-in is good for a reader, and another path for a scheduler
        raise UniverseError(
            f"the entry holds U+{ord(error.object[error.start]):04X}, which {page} cannot carry; set PYTHONIOENCODING=utf-8"
        ) from error
    click.echo(text, nl=False)


def _entry(
    universe: str,
    when: str,
    tz: str,
    source: str,
    database: str,
    out: Path | None,
    keep: int,
    studies: bool,
    nav: bool,
    paper: str,
    log: Path | None,
    config: Path | None,
    environment: Path | None,
) -> Entry:
    import os

    import platformdirs

    from screener import logs, universes
    from screener.schedule import When
    from screener.schedule import entry as entries
    from screener.store import database as databases

    universes.find(universe)
    return entries.make(
        universe,
        When.of(when, tz),
        source=source,
        # Named, it would win over SCREENER_DATABASE_URL of the environment file; the user's own folder is found again
        # unless it was moved.
        database=database or (str(databases.default_path()) if os.environ.get("XDG_DATA_HOME") else ""),
        out=out or platformdirs.user_documents_path() / "screens",
        log=log or logs.default_path(),
        config=config,
        environment=environment or entries.environment_file(),
        keep=keep,
        parts=[name for name, there in (("studies", studies), ("nav", nav)) if there],
        paper=paper,
    )


@click.command()
@universe_option
@database_option
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="[default: screens/weekly]")
@click.option("--log", type=click.Path(path_type=Path), metavar="FILE", help="[default: in the user's log folder]")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE.toml", help="Settings file with [alerts].")
@click.option("--at", default="fri 18:30", show_default=True, help="When the week's run is due.")
@click.option("--tz", default="America/New_York", show_default=True, metavar="ZONE", help="Time zone of --at.")
def doctor(
    universe: str, database: str | None, out: Path | None, log: Path | None, config: Path | None, at: str, tz: str
) -> None:
    """Check whether this installation is ready for unattended runs: versions, folders, history, sources, schedule, secrets.

    Each problem comes with its remedy. Exit code 1 if a check failed.
    """
    from rich.table import Table
    from rich.text import Text

    from exports.terminal.render import console
    from screener import logs
    from screener.jobs import doctor as work
    from screener.schedule import When

    checks = work.examine(
        universe=universe, database=database, out=out or Path("screens/weekly"), log=log or logs.default_path(),
        config=config, when=When.of(at, tz), now=now(),
    )  # fmt: skip
    styles = {work.OK: "green", work.WARNING: "yellow", work.FAILED: "bold red"}
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        remedy = f"\n-> {check.remedy}" if check.remedy else ""
        table.add_row(*map(Text, (check.state, check.name, check.found + remedy), (styles[check.state], "", "")))
    console().print(table)
    if any(check.state == work.FAILED for check in checks):
        raise click.exceptions.Exit(1)
