"""Entries to install by hand: launchd, the Windows task scheduler, GitHub Actions."""

from __future__ import annotations

import plistlib
import subprocess
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from screener import secrets
from screener.schedule.entry import Entry


def launchd(entry: Entry, now: datetime) -> str:
    """A property list for ~/Library/LaunchAgents; launchd starts a missed run when the machine wakes."""
    label = f"org.miner-screener.jobs.weekly.{entry.name}"
    times = [{"Hour": hour, "Minute": minute} for hour, minute in entry.when.clock_times(now)]
    content = {
        "Label": label,
        "ProgramArguments": ["/bin/sh", "-c", entry.shell],
        "StartCalendarInterval": times,
        "RunAtLoad": False,
    }
    comment = (
        f"<!-- {entry.marker}: save as ~/Library/LaunchAgents/{label}.plist, then\n"
        f"     launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/{label}.plist -->\n"
    )
    head, rest = plistlib.dumps(content).decode().split("\n", 1)
    return f"{head}\n{comment}{rest}"


def schtasks(entry: Entry, now: datetime) -> str:
    """A task for the Windows task scheduler; StartWhenAvailable starts a missed run later."""
    program, *arguments = entry.command
    triggers = "".join(
        f"""
    <CalendarTrigger>
      <StartBoundary>{now:%Y-%m-%d}T{hour:02}:{minute:02}:00</StartBoundary>
      <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>
    </CalendarTrigger>"""
        for hour, minute in entry.when.clock_times(now)
    )
    return f"""<?xml version="1.0"?>
<!-- {escape(entry.marker)}: save as weekly.xml, then
     schtasks /Create /TN "miner-screener {escape(entry.name)}" /XML weekly.xml
     Secrets: set SCREENER_... as environment variables of the user. -->
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
      <Command>{escape(program)}</Command>
      <Arguments>{escape(subprocess.list2cmdline(arguments))}</Arguments>
    </Exec>
  </Actions>
</Task>
"""


def github_actions(entry: Entry, now: datetime) -> str:
    """A workflow; its runner keeps no files, so the history must be on a PostgreSQL server that it can reach."""
    crons = "\n".join(f'    - cron: "{minute} {hour} * * *"' for hour, minute in entry.when.clock_times(now, UTC))
    keys = "\n".join(f"          {name}: ${{{{ secrets.{name} }}}}" for name in secrets.NAMES)
    universe = entry.command[entry.command.index("--universe") + 1]
    return f"""# {entry.marker}: save as .github/workflows/weekly.yml
# The runner keeps no files: set the secret {secrets.DATABASE_URL} to a PostgreSQL address for the history.
name: weekly screen
on:
  schedule:  # UTC; {entry.when}, and each day any missed run
{crons}
  workflow_dispatch:
concurrency: weekly-screen
jobs:
  weekly:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install ".[postgres]"
      - run: >-
          python -m screener weekly --universe {universe} --at "{entry.when.text}" --tz {entry.when.zone.key}
          --out screens --log weekly.log
        env:
{keys}
      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: screens
          path: |
            screens/
            weekly.log
          if-no-files-found: ignore
"""
