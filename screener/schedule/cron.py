"""The crontab entry: one line, found again by its marker; all other lines stay as they are."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime, tzinfo

from screener.errors import ScreenerError
from screener.schedule.entry import Entry

MARKER = "# miner-screener:weekly:"
SECONDS = 30


class CrontabError(ScreenerError):
    """The crontab could not be read or written; it is unchanged."""


def line(entry: Entry, now: datetime, zone: tzinfo | None = None) -> str:
    """The crontab line of an entry, without newline.

    Cron knows the machine's own clock only, so the line holds every hour that the weekly time falls on over a year;
    and it starts each day, so that a week that failed or found the machine switched off is caught up the day after. A
    start with nothing due ends within a second or two.
    """
    times = entry.when.clock_times(now, zone)
    minutes = ",".join(str(m) for m in sorted({minute for _, minute in times}))
    hours = ",".join(str(h) for h in sorted({hour for hour, _ in times}))
    command = entry.shell.replace("%", r"\%")  # cron turns a bare % into a newline
    return f"{minutes} {hours} * * * {command} # {entry.marker}"


def installed(name: str = "") -> list[str]:
    """Our lines in the crontab, of one universe or of all."""
    return [text for text in _read().splitlines() if _is_ours(text, name)]


def install(entry: Entry, now: datetime) -> bool:
    """Install the entry in place of an older one of the same name; whether anything changed.

    Raises
    ------
    CrontabError
    """
    before = _read()
    wanted = line(entry, now)
    kept = [text for text in before.splitlines(keepends=True) if not _is_ours(text, entry.name)]
    if [t for t in before.splitlines() if _is_ours(t, entry.name)] == [wanted]:
        return False
    # At the top: what stands above a line, such as another SHELL or MAILTO, would hold for it too.
    _write(f"{wanted}\n" + "".join(kept))
    return True


def remove(name: str = "") -> int:
    """Remove our lines, of one universe or of all; returns how many there were."""
    before = _read().splitlines(keepends=True)
    kept = [text for text in before if not _is_ours(text, name)]
    if len(kept) != len(before):
        _write("".join(kept))
    return len(before) - len(kept)


def available() -> bool:
    """Whether this machine has cron."""
    return shutil.which("crontab") is not None


def _is_ours(text: str, name: str) -> bool:
    found, mark, rest = text.rstrip("\r\n").rpartition(MARKER)
    return bool(mark) and bool(found) and (not name or rest == name)


def _read() -> str:
    done = _crontab(["-l"], None)
    if done.returncode == 0:
        return done.stdout
    if "no crontab for" in done.stderr:
        return ""
    raise CrontabError(f"crontab -l: {done.stderr.strip() or 'failed'}; the crontab is unchanged")


def _write(text: str) -> None:
    done = _crontab(["-"], text) if text else _crontab(["-r"], None)
    if done.returncode != 0:
        raise CrontabError(f"crontab: {done.stderr.strip() or 'failed'}; the crontab is unchanged")


def _crontab(arguments: list[str], text: str | None) -> subprocess.CompletedProcess[str]:
    program = shutil.which("crontab")
    if program is None:
        raise CrontabError("this machine has no crontab: install cron, or use --as systemd")
    # Bytes that are no UTF-8 pass through unchanged, both ways.
    return subprocess.run(
        [program, *arguments], input=text, capture_output=True, encoding="utf-8", errors="surrogateescape",
        timeout=SECONDS, check=False,
    )  # fmt: skip
