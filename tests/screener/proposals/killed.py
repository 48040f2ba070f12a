"""Accept a file of proposals, killed at the n-th call that touches the disk, for every n; prints what was left each time.

    python -m tests.screener.proposals.killed HOME OVERLAYS FILE

A process of its own forks a child a point; each child kills itself with SIGKILL. For every point the overlay is printed
as it was left, and after the same call was repeated to its end.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from screener import universes
from screener.proposals import decide

NOW = datetime(2026, 10, 9, 9, tzinfo=UTC)
CALLS = ("fsync", "replace", "write", "chmod")


def state(folder: Path) -> dict[str, str]:
    """The CSV files of the overlay, as loading sees them."""
    return {path.name: path.read_text() for path in sorted(folder.glob("*.csv"))}


def child(path: Path, point: int) -> None:
    """Accept all, killed at the call number `point`."""
    count = 0

    def dying(call):
        def with_death(*arguments, **more):
            nonlocal count
            count += 1
            if count == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **more)

        return with_death

    for name in CALLS:
        setattr(os, name, dying(getattr(os, name)))
    decide.accept(path, "Ann", NOW)
    os._exit(0)


def main(home: str, overlays: str, file: str) -> None:
    """Every point in turn, until a child comes to its end."""
    universes.HOME = Path(home)
    universes.load("miners")  # everything is imported before the forks
    folder, path, left = Path(overlays) / "miners", Path(file), []
    for point in range(1, 100):
        shutil.rmtree(folder, ignore_errors=True)
        process = os.fork()
        if not process:
            child(path, point)
        _, status = os.waitpid(process, 0)
        was = state(folder)
        if os.WIFEXITED(status):
            break
        loads = not universes.check("miners")
        decide.accept(path, "Ann", NOW)
        left.append({"left": was, "loads": loads, "after": state(folder), "names": sorted(os.listdir(folder))})
    print(json.dumps({"killed": left, "whole": was}))


if __name__ == "__main__":
    main(*sys.argv[1:])
