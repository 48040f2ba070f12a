"""The log of unattended runs: one file that is rotated, times in UTC, secrets struck out."""

from __future__ import annotations

import logging
import logging.handlers
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from exports.terminal.stream import clean
from screener import secrets

BYTES, FILES = 1_000_000, 5


class _Masked(logging.Formatter):
    """One line an event; whatever a library puts into a message, no secret leaves with it."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """The line, with a traceback where one is attached; further lines stand in, so that none looks like an event."""
        return clean(secrets.mask(super().format(record))).replace("\n", "\n    ")


def default_path() -> Path:
    """The log in the user's own folder for logs."""
    import platformdirs

    return platformdirs.user_log_path("miner-screener") / "weekly.log"


@contextmanager
def to_file(path: Path) -> Iterator[None]:
    """Log the toolkit's events, and warnings of the libraries, to `path` while the block lasts.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = _Quiet(path, maxBytes=BYTES, backupCount=FILES, encoding="utf-8")
    handler.setFormatter(_Masked())
    handler.addFilter(lambda record: record.name != "stamina")  # each failed try is logged where it is known why
    ours, root = logging.getLogger("screener"), logging.getLogger()
    level = ours.level
    ours.setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        ours.setLevel(level)
        handler.close()


class _Quiet(logging.handlers.RotatingFileHandler):
    """A log that cannot be written (a full disk) must not end the run, nor fill the terminal with tracebacks."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing: the run itself says what it could not write."""

    def close(self) -> None:
        """Close, whatever of the last lines could not be written."""
        with suppress(OSError):
            super().close()
