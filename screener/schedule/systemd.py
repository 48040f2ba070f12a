"""The systemd timer of a user and the service that it starts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from exports.tables.machine import write_whole
from screener.schedule.entry import Entry

SECONDS = 30
PREFIX = "miner-screener-weekly-"


def units(entry: Entry) -> dict[str, str]:
    """The two unit files by name.

    The timer handles time zones and summer time. It starts each day, so that a failed or missed run is made up for, and
    Persistent starts it at once where the machine was off at the time.
    """
    name = _name(entry.name)
    service = f"""# {entry.marker}
[Unit]
Description=Weekly screen of {_escape(entry.name)} ({entry.when})
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
EnvironmentFile=-{_escape(str(entry.environment))}
ExecStart={" ".join(_quote(part) for part in entry.command)}
# 5: done, and an alert was raised. 6: another run was in progress.
SuccessExitStatus=5 6
"""
    timer = f"""# {entry.marker}
[Unit]
Description=Weekly screen of {_escape(entry.name)}: {entry.when}, and each day any missed run

[Timer]
OnCalendar=*-*-* {entry.when.at:%H:%M}:00 {entry.when.zone.key}
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {f"{name}.service": service, f"{name}.timer": timer}


def folder() -> Path:
    """The user's own units."""
    import platformdirs

    return platformdirs.user_config_path("systemd") / "user"


def installed(name: str = "") -> list[Path]:
    """Our timers, of one universe or of all."""
    return sorted(folder().glob(f"{_name(name)}.timer" if name else f"{PREFIX}*.timer"))


def install(entry: Entry) -> tuple[list[Path], str]:
    """Write the units and start the timer; returns the files and the error (empty where it started)."""
    paths = []
    for name, text in units(entry).items():
        path = folder() / name
        write_whole(path, text.encode())
        paths.append(path)
    timer = paths[-1].name
    return paths, _systemctl("daemon-reload") or _systemctl("enable", "--now", timer)


def remove(name: str = "") -> int:
    """Stop our timers and remove their units; returns how many there were."""
    timers = installed(name)
    for timer in timers:
        _systemctl("disable", "--now", timer.name)
        timer.with_suffix(".service").unlink(missing_ok=True)
        timer.unlink()
    if timers:
        _systemctl("daemon-reload")
    return len(timers)


def _systemctl(*arguments: str) -> str:
    """The error message of systemctl; empty where it succeeded."""
    program = shutil.which("systemctl")
    if program is None:
        return "this machine has no systemctl"
    done = subprocess.run([program, "--user", *arguments], capture_output=True, text=True, timeout=SECONDS, check=False)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["systemctl failed"])[0]


def _name(universe: str) -> str:
    return PREFIX + "".join(c if c.isalnum() or c in "_-." else "-" for c in universe)


def _escape(text: str) -> str:
    return text.replace("%", "%%")


def _quote(part: str) -> str:
    """One argument of ExecStart: systemd expands % and $, and knows double quotes and backslashes."""
    escaped = _escape(part).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"' if not part or any(c in part for c in " \t\"'\\;") else escaped
