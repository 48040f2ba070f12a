"""Entries to install by hand: launchd, the Windows task scheduler, GitHub Actions."""

from __future__ import annotations

import plistlib
import re
import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from screener import secrets
from screener.errors import UniverseError
from screener.schedule.entry import Entry, slug

# What the Windows task scheduler replaces in a command, and knows no way to write as it is.
REPLACED = re.compile(r"%[^%]+%|\$\(")
# On a runner the universe and the settings come with the repository, and nothing else does.
CARRIED = ("--source", "--at", "--tz", "--keep", "--studies", "--nav", "--paper")


def launchd(entry: Entry, now: datetime) -> str:
    """A property list for ~/Library/LaunchAgents; launchd starts a missed run when the machine wakes."""
    label = f"org.miner-screener.jobs.weekly.{slug(entry.name)}"
    times = [{"Hour": hour, "Minute": minute} for hour, minute in entry.when.clock_times(now)]
    content = {
        "Label": label,
        "ProgramArguments": ["/bin/sh", "-c", entry.shell],
        "StartCalendarInterval": times,
        "RunAtLoad": False,
    }
    file = f"~/Library/LaunchAgents/{shlex.quote(label)}.plist"
    comment = _comment(f"{entry.marker}: save as {file}, then\n     launchctl bootstrap gui/$(id -u) {file}")
    head, rest = plistlib.dumps(content).decode().split("\n", 1)
    return f"{head}\n{comment}\n{_ascii(rest)}"


def schtasks(entry: Entry, now: datetime) -> str:
    """A task for the Windows task scheduler; StartWhenAvailable starts a missed run later.

    No shell reads the command, so & | < > ^ are characters like others; list2cmdline quotes as programs take a command
    line apart (Microsoft: "Parsing C command-line arguments").

    Raises
    ------
    UniverseError
        The command holds %NAME% or $(...), which the task scheduler replaces.
    """
    program, *arguments = entry.command
    for part in entry.command:
        if REPLACED.search(part):
            raise UniverseError(f"{part!r}: the Windows task scheduler replaces %NAME% and $(...); use another path")
    triggers = "".join(
        f"""
    <CalendarTrigger>
      <StartBoundary>{now:%Y-%m-%d}T{hour:02}:{minute:02}:00</StartBoundary>
      <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>
    </CalendarTrigger>"""
        for hour, minute in entry.when.clock_times(now)
    )
    comment = _comment(
        f'{entry.marker}: save as weekly.xml, then\n     schtasks /Create /TN "miner-screener {slug(entry.name)}" '
        "/XML weekly.xml\n     Secrets: set SCREENER_... as environment variables of the user."
    )
    return f"""<?xml version="1.0"?>
{comment}
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>Weekly screen, {escape(str(entry.when))}</Description></RegistrationInfo>
  <Triggers>{triggers}
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>true</RunOnlyIfNetworkAvailable>
  </Settings>
  <Actions>
    <Exec>
      <Command>{_ascii(escape(program))}</Command>
      <Arguments>{_ascii(escape(subprocess.list2cmdline(arguments)))}</Arguments>
    </Exec>
  </Actions>
</Task>
"""


def _comment(text: str) -> str:
    """A comment of XML, which holds no two hyphens in a row."""
    return f"<!-- {text.replace('--', '- -')} -->"


def _ascii(text: str) -> str:
    """XML in ASCII: whatever the code page of the terminal or the file it is sent to, the same is read."""
    return text.encode("ascii", "xmlcharrefreplace").decode()


def github_actions(entry: Entry, now: datetime) -> str:
    """A workflow; its runner keeps no files, so the history must be on a PostgreSQL server that it can reach."""
    crons = "\n".join(f'    - cron: "{minute} {hour} * * *"' for hour, minute in entry.when.clock_times(now, UTC))
    keys = "\n".join(f"          {name}: ${{{{ secrets.{name} }}}}" for name in secrets.NAMES)
    return f"""# {entry.marker}: save as .github/workflows/weekly.yml
# The runner keeps no files: set the secret {secrets.DATABASE_URL} to a PostgreSQL address for the history.
# It has the files of the repository alone, a universe's folder and a settings file among them.
name: weekly screen
on:
  schedule:  # UTC; {entry.when}, and each day any missed run
{crons}
  workflow_dispatch:
permissions:
  contents: read
concurrency: weekly-screen
jobs:
  weekly:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
      - run: python -m pip install ".[postgres]"
      - run: >-
          {_on_a_runner(entry)}
          --out screens --log weekly.log
        env:
{keys}
      - if: always()
        uses: actions/upload-artifact@v6
        with:
          name: screens
          path: |
            screens/
            weekly.log
          if-no-files-found: ignore
"""


def _on_a_runner(entry: Entry) -> str:
    """The command for the runner's shell, with what of the entry is not of this machine."""
    words = ["python", "-m", "screener", "weekly"]
    parts = iter(entry.command)
    for part in parts:
        if part in ("--universe", "--config"):
            words += [part, _quoted(_in_repository(next(parts)))]
        elif part in CARRIED:
            words += [part] if part in ("--studies", "--nav") else [part, _quoted(next(parts))]
    return " ".join(words).replace("${{", "${{ '${{' }}")  # an expression of the workflow, whatever quotes it


def _quoted(word: str) -> str:
    """A word for bash; a time in double quotes, as people write it."""
    return f'"{word}"' if re.fullmatch(r"[a-z]{3} \d\d:\d\d", word) else shlex.quote(word)


def _in_repository(name: str) -> str:
    """A path from the current folder on, where it is in it."""
    path = Path(name)
    return str(path.relative_to(Path.cwd())) if path.is_absolute() and path.is_relative_to(Path.cwd()) else name
