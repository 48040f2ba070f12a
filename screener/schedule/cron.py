"""The crontab entry: one line, found again by its marker; all other lines stay as they are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import datetime, tzinfo

from screener.errors import ScreenerError, UniverseError
from screener.schedule.entry import Entry, slug

SECONDS = 30
# A line as `line` writes it. What a person changed into a comment, or wrote beside it, is not ours.
OURS = re.compile(r"[\d,]+ [\d,]+ \* \* \* set -a; .* # miner-screener:weekly:(?P<name>.+)")
LONGEST = 998  # bytes of a command that cron reads; it cuts off the rest without a word


class CrontabError(ScreenerError):
    """The crontab could not be read or written; it is unchanged."""


def line(entry: Entry, now: datetime, zone: tzinfo | None = None) -> str:
    """The crontab line of an entry, without newline.

    Cron knows the machine's own clock only, so the line holds every hour that the weekly time falls on over a year;
    and it starts each day, so that a week that failed or found the machine switched off is caught up the day after. A
    start with nothing due ends within a second or two.

    Raises
    ------
    UniverseError
        The command is longer than cron reads, or holds backslashes that crons read differently.
    """
    times = entry.when.clock_times(now, zone)
    minutes = ",".join(str(m) for m in sorted({minute for _, minute in times}))
    hours = ",".join(str(h) for h in sorted({hour for hour, _ in times}))
    if re.search(r"\\[\\%]", entry.shell):
        # Some crons take two backslashes for one, others for two, and so disagree on whether a % after them is bare.
        raise UniverseError(
            "a path holds a backslash before % or another one, which crons read differently: use another"
        )
    command = f"{entry.shell} # {entry.marker}".replace("%", r"\%")  # cron turns a bare % into a newline
    if len(command.encode()) > LONGEST:
        raise UniverseError(
            f"the line has {len(command.encode()):,} bytes, and cron reads {LONGEST}: use shorter paths, or --as systemd"
        )
    return f"{minutes} {hours} * * * {command}"


def installed(name: str = "") -> list[str]:
    """Our lines in the crontab, of one universe or of all."""
    return [text for text in _read().split("\n") if _is_ours(text, name)]


def install(entry: Entry, now: datetime) -> bool:
    """Install the entry in place of an older one of the same name; whether anything changed.

    Raises
    ------
    CrontabError
    """
    before = _read()
    wanted = line(entry, now)
    kept = [text for text in _lines(before) if not _is_ours(text, entry.name)]
    if [text.removesuffix("\n") for text in _lines(before) if _is_ours(text, entry.name)] == [wanted]:
        return False
    # At the top: what stands above a line, such as another SHELL or MAILTO, would hold for it too.
    _write(f"{wanted}\n" + "".join(kept))
    return True


def remove(name: str = "") -> int:
    """Remove our lines, of one universe or of all; returns how many there were."""
    before = _lines(_read())
    kept = [text for text in before if not _is_ours(text, name)]
    if len(kept) != len(before):
        _write("".join(kept))
    return len(before) - len(kept)


def available() -> bool:
    """Whether this machine has cron."""
    return shutil.which("crontab") is not None


def _lines(text: str) -> list[str]:
    """The lines with their ends; a carriage return or a form feed is part of a line, as cron reads it."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _is_ours(text: str, name: str) -> bool:
    found = OURS.fullmatch(text.removesuffix("\n"))
    if found is None or not name:
        return found is not None
    earlier = found["name"] == name and "\\" not in name  # as versions before 0.5.0 wrote it
    return found["name"] == slug(name) or earlier


def _read() -> str:
    done = _crontab(["-l"], None)
    if done.returncode == 0:
        return _text(done.stdout)
    said = _text(done.stderr)
    if "no crontab for" in said:
        return ""
    raise CrontabError(f"crontab -l: {said.strip() or 'failed'}; the crontab is unchanged")


def _text(content: bytes) -> str:
    """Bytes that are no UTF-8, and every kind of line end, pass through unchanged, both ways."""
    return content.decode("utf-8", "surrogateescape")


def _write(text: str) -> None:
    done = _crontab(["-"], text) if text else _crontab(["-r"], None)
    if done.returncode != 0:
        raise CrontabError(f"crontab: {_text(done.stderr).strip() or 'failed'}; the crontab is unchanged")


def _crontab(arguments: list[str], text: str | None) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("crontab")
    if program is None:
        raise CrontabError("this machine has no crontab: install cron, or use --as systemd")
    content = None if text is None else text.encode("utf-8", "surrogateescape")
    try:
        return subprocess.run(
            [program, *arguments], input=content, capture_output=True, timeout=SECONDS, check=False,
            env=os.environ | {"LC_ALL": "C"},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise CrontabError(f"crontab gave no answer in {SECONDS} seconds; look at it with: crontab -l") from error
