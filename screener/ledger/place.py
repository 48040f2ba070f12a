"""Where the ledger stands, and what is wrong with its file in words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screener.errors import StoreError

PLACE = "SCREENER_LEDGER"
# Words of SQLite of a file that is not what it was when it was written.
DAMAGED = ("malformed", "not a database")


def default_path() -> Path:
    """The user's own ledger: SCREENER_LEDGER, else in the user's data folder."""
    named = os.environ.get(PLACE, "")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_data_path("miner-screener") / "ledger.sqlite"


@contextmanager
def faults_of(path: Path, *, writing: bool = False) -> Iterator[None]:
    """Every fault of the file as one StoreError: which file, what, and what to do.

    Only of a write that failed on a sound file is it known that what the file held is intact: the addition was undone.
    """
    try:
        yield
    except sqlite3.Error as error:
        reason = str(error)
        intact = "; what it held is intact" if writing and not any(word in reason for word in DAMAGED) else ""
        raise StoreError(f"ledger {path}: {reason}; {_remedy(reason)}{intact}") from error
    except OSError as error:
        raise StoreError(f"ledger {path}: {error.strerror or error}; {_remedy(str(error))}") from error


def _remedy(reason: str) -> str:
    remedies = {
        "full": "free some space",
        "No space": "free some space",
        "disk I/O": "free some space, or look at the disk",
        "readonly": f"make the file and its folder writable, or name another in {PLACE}",
        "ermission": f"make the file and its folder writable, or name another in {PLACE}",
        "unable to open": f"make its folder exist and be writable, or name another in {PLACE}",
        "not a database": f"it is another kind of file: name another in {PLACE}",
        "malformed": f"restore it from a backup, or name another in {PLACE}: `screener update` fills it again",
        "locked": "another program holds it: try again",
    }
    return next(
        (remedy for word, remedy in remedies.items() if word in reason), f"see the file, or name another in {PLACE}"
    )
