"""Questions waited for no longer than a time, in threads that keep neither the caller nor the process from ending.

Names are resolved, headers sent byte by byte and whole requests of curl made in calls that no time-out reaches and that
nothing from outside breaks off. What such a call gives after its time is lost, and its thread ends with the process.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
# What a call may take beyond its time: a time-out of its own comes first, and says more.
GRACE_SECONDS = 0.5


def in_time(ask: Callable[[], T], seconds: float) -> T:
    """What `ask` gives or raises, waited for no longer than so many seconds.

    Raises
    ------
    TimeoutError
        It has not come back.
    """
    ended = next(each(("",), lambda _: ask(), workers=1, left=lambda: seconds, over=lambda: True), None)
    if ended is None:
        raise TimeoutError(f"no answer in {seconds:g} seconds")
    _, answer, error = ended
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]


def each(
    names: Sequence[str],
    ask: Callable[[str], T],
    *,
    workers: int,
    left: Callable[[], float],
    over: Callable[[], object],
) -> Iterator[tuple[str, T | None, BaseException | None]]:
    """(name, answer, error) of each question in the order in which they end, until all have or the time is over.

    Parameters
    ----------
    workers : int
        Threads at once.
    left : callable
        Seconds to wait for the next to end.
    over : callable
        Asked when none has ended in that time: whether to wait no longer. What has not ended then is not given.
    """
    waiting = deque(names)
    ended: queue.SimpleQueue[tuple[str, T | None, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        while True:
            try:
                name = waiting.popleft()
            except IndexError:
                return
            try:
                ended.put((name, ask(name), None))
            except BaseException as error:
                ended.put((name, None, error))

    threads = [
        threading.Thread(target=work, daemon=True, name=f"source-{number}")
        for number in range(min(workers, len(names)))
    ]
    for thread in threads:
        thread.start()
    given = 0
    try:
        while given < len(names):
            try:
                one = ended.get(timeout=left())
            except queue.Empty:
                if over():
                    return
                continue
            given += 1
            yield one
        for thread in threads:
            thread.join()
    finally:
        waiting.clear()
