"""The systemd timer of a user and the service that it starts."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from exports.tables.machine import write_whole
from screener.errors import UniverseError
from screener.schedule.entry import Entry, slug

SECONDS = 30
PREFIX = "miner-screener-weekly-"
MARKER = "# miner-screener:weekly:"


def units(entry: Entry) -> dict[str, str]:
    """The two unit files by name.

    The timer handles time zones and summer time. It starts each day, so that a failed or missed run is made up for, and
    Persistent starts it at once where the machine was off at the time.

    Raises
    ------
    UniverseError
        The environment file's name begins or ends with a blank, which systemd cuts off.
    """
    name = PREFIX + slug(entry.name)
    if str(entry.environment) != str(entry.environment).strip():
        raise UniverseError(f"--environment {str(entry.environment)!r}: systemd reads no name that ends with a blank")
    # In the program's own name systemd reads no $$, in what follows it does.
    command = ("/usr/bin/env", *entry.command) if "$" in entry.command[0] else entry.command
    service = f"""# {entry.marker}
[Unit]
Description=Weekly screen of {_escape(entry.name)} ({entry.when})
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
EnvironmentFile=-{_escape(_literally(str(entry.environment)))}
ExecStart={" ".join(_quote(part) for part in command)}
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
    """Our timers, of one universe or of all; a unit that only looks like one by its name is somebody else's."""
    found = [folder() / f"{PREFIX}{slug(name)}.timer"] if name else sorted(folder().glob(f"{PREFIX}*.timer"))
    return [path for path in found if path.is_file() and path.read_bytes().startswith(MARKER.encode())]


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
        link = folder() / "timers.target.wants" / timer.name
        if link.is_symlink():  # where systemctl could not be asked
            link.unlink()
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
    command = [program, "--user", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"systemctl gave no answer in {SECONDS} seconds"
    said = done.stderr.decode(errors="replace").strip()
    return "" if done.returncode == 0 else (said.splitlines() or ["systemctl failed"])[0]


def _escape(text: str) -> str:
    return text.replace("%", "%%")


def _literally(path: str) -> str:
    """A path where systemd takes a pattern of paths."""
    return re.sub(r"([\\*?\[])", r"\\\1", path)


def _quote(part: str) -> str:
    """One argument of ExecStart: systemd expands % and $, and knows quotes and backslashes (man systemd.service)."""
    escaped = _escape(part).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"' if not part or any(c.isspace() or c in "\"'\\;" for c in part) else escaped
