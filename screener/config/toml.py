"""TOML files with the line of every key, so that a problem can name its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screener.errors import InputError, Problem

Key = tuple[str | int, ...]
HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
ENTRY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
PART = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'")


@dataclass(frozen=True)
class Document:
    """A TOML file: its name, its table, and the line on which each key stands.

    Attributes
    ----------
    file : str
    table : dict
    lines : dict
        Line by key, a key being the path to it, such as ("alerts", "email", "host") or ("place", 0, "noi").
    """

    file: str
    table: dict[str, Any]
    lines: dict[Key, int]

    def line(self, key: Key) -> int | None:
        """The line of a key, or of the nearest section around it."""
        return next((self.lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self.lines), None)


def read(path: Path, error: type[InputError], *, what: str = "valid TOML in UTF-8") -> Document:
    """Read a TOML file.

    Parameters
    ----------
    path : Path
    error : type
        Raised, with one problem, where the file cannot be read or is not TOML.
    what : str
        What the file should have been, for the message.
    """
    try:
        return parse(path.name, path.read_bytes())
    except OSError as fault:
        raise error(f"{path}: expected a TOML file that can be read ({fault.strerror})") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        place = re.search(r"line (\d+)", str(fault))
        line = int(place[1]) if place else None
        raise error.of(path, [Problem(path.name, line, "", "", f"{what} ({fault})")]) from fault


def parse(file: str, content: bytes) -> Document:
    """A TOML file from its bytes.

    Raises
    ------
    TOMLDecodeError, UnicodeDecodeError
    """
    text = content.decode("utf-8-sig")
    return Document(file, tomllib.loads(text.replace("\r\n", "\n")), _lines(text.splitlines()))


def _lines(text: Iterable[str]) -> dict[Key, int]:
    """Line of every key, the first where one seems to stand twice (text of several lines can look like a key)."""
    found: dict[Key, int] = {}
    tables: dict[Key, int] = {}
    section: Key = ()
    for number, line in enumerate(text, start=1):
        if header := HEADER.match(line):
            section = _parts(header[2])
            if header[1] == "[[":
                tables[section] = tables.get(section, -1) + 1
                section = (*section, tables[section])
            found.setdefault(section, number)
        elif entry := ENTRY.match(line):
            found.setdefault((*section, *_parts(entry[1])), number)
    return found


def _parts(key: str) -> Key:
    return tuple(part.strip("\"'") for part in PART.findall(key))
