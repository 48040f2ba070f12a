"""The clocks of the sources: the time that their answers carry, to hold this machine's clock against."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from screener.errors import WrongDate

# What is told within a day under a clock that is fast is kept under its own day or the next.
MOST_AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class Heard:
    """A source's own time, when its answer came."""

    source: str
    at: datetime
    since: float  # of time.monotonic, which no change of this machine's clock moves

    def now(self) -> datetime:
        """The source's time at this moment."""
        return self.at + timedelta(seconds=time.monotonic() - self.since)


_lock = threading.Lock()
_heard: dict[str, Heard] = {}


def hear(source: str, date: str | None, age: str | None = None) -> None:
    """Note the time of an answer, out of its headers Date and Age; one that cannot be read says nothing.

    Age is what an answer out of a cache on the way has waited there, in seconds.
    """
    try:
        at = parsedate_to_datetime(date or "")
        at = (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).astimezone(UTC)
        at += timedelta(seconds=int(age) if age is not None and age.strip().isdigit() else 0)
    except (ValueError, OverflowError):
        return
    with _lock:
        _heard[source] = Heard(source, at, time.monotonic())


def forget() -> None:
    """Forget what was heard: a run is held against the answers of its own questions."""
    with _lock:
        _heard.clear()


def latest() -> Heard | None:
    """The latest of the sources' times; None where none has answered.

    An answer out of a cache may be old: one source that is behind another does not stop a run.
    """
    with _lock:
        return max(_heard.values(), key=Heard.now, default=None)


def require_not_ahead(now: datetime) -> None:
    """Raise where this machine's clock is more than a day ahead of every source that answered.

    Raises
    ------
    WrongDate
    """
    heard = latest()
    if heard is not None and now - heard.now() > MOST_AHEAD:
        raise WrongDate(
            f"this machine's clock shows {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC, the clock of {heard.source} "
            f"{heard.now():%Y-%m-%d %H:%M} UTC; what was told was not kept: correct the clock of this machine"
        )
