"""The time of a session with Yahoo: the pace of its requests, how long one may take, and when the session is over."""

from __future__ import annotations

import os
import time

from screener.errors import UniverseError

TIMEOUT_SECONDS = 10.0
WORKERS = 4
# A session, charts and statements together, ends after so long, and before that where nothing has come for a while.
BUDGET_SECONDS = 120.0
STALLED_SECONDS = 30.0
# Least time between the starts of two requests, over all workers. Yahoo publishes no limit; a burst is what it punishes.
PACE_SECONDS = 0.1
PACE_PLACE = "SCREENER_YAHOO_PACE"


def pace_seconds() -> float:
    """The pace of requests: SCREENER_YAHOO_PACE in seconds, else `PACE_SECONDS`."""
    named = os.environ.get(PACE_PLACE, "")
    try:
        seconds = float(named) if named else PACE_SECONDS
    except ValueError:
        seconds = -1.0
    if not 0.0 <= seconds <= 60.0:
        raise UniverseError(f"{PACE_PLACE}: {named!r}: expected seconds between two requests to Yahoo, 0 to 60")
    return seconds


class Clock:
    """The time of one session: how long it may take in all, and how long without any answer."""

    def __init__(self) -> None:
        self.end = time.monotonic() + BUDGET_SECONDS
        self.stalled_after = STALLED_SECONDS + WORKERS * pace_seconds()
        self.answered()

    def answered(self) -> None:
        """Note that Yahoo gave something."""
        self.last = time.monotonic()

    def left(self) -> float:
        """Seconds until the session ends as things stand, at least a millisecond."""
        return max(min(self.end, self.last + self.stalled_after) - time.monotonic(), 0.001)

    def over(self) -> str:
        """Why the session is over; empty where it is not."""
        now = time.monotonic()
        if now > self.end:
            return f"{BUDGET_SECONDS:.0f} seconds were used up"
        return f"no answer in {self.stalled_after:.0f} seconds" if now > self.last + self.stalled_after else ""
