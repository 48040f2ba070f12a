"""Folders and files that only their owner may read: the history, its lock, the ledger and the log."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def make_folder(path: Path) -> None:
    """Make a folder and those above it; what is there keeps its permissions.

    Raises
    ------
    OSError
    """
    for folder in reversed([place for place in (path, *path.parents) if not place.exists()]):
        folder.mkdir(FOLDER, exist_ok=True)
    path.mkdir(exist_ok=True)  # an OSError where a file stands in its place


def make_file(path: Path) -> None:
    """Make an empty file where there is none: what a library then opens has these permissions from its first byte.

    Raises
    ------
    OSError
    """
    if not path.exists():
        os.close(open_file(str(path), os.O_RDWR | os.O_CREAT))


def open_file(path: str, flags: int) -> int:
    """A descriptor of a file, which is made for its owner alone; an opener for `open`."""
    return os.open(path, flags, FILE)
