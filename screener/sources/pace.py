"""The pace of requests to a source: a least time between the starts of two, over all threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pace:
    """A least time between the starts of requests, over all threads."""

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.seconds = seconds
        self._clock, self._sleep = clock, sleep
        self._next = float("-inf")
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may start."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next)
            self._next = start + self.seconds
        if start > now:
            self._sleep(start - now)
