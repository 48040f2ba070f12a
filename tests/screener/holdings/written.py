"""Holdings out of a file whose text is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from screener.holdings import Choices, Holdings, read


def holdings(folder: Path, text: str, name: str = "mine.csv", **choices: Any) -> Holdings:
    """The file written into the folder and read, with the user's choices."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read([path], Choices(**choices))
