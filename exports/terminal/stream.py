"""The standard streams, so that no text can do more than be read: no control characters, no crash over a code page."""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
import unicodedata
from collections.abc import Callable
from typing import Any, TextIO, cast

# Controls (a newline and a tab are text), marks of direction and of nothing, separators of lines, tags.
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
STAND_IN = "\ufffd"
REPLACING = "screener.plain"
# What a code page lacks most often, in characters that every page has.
PLAIN = {
    "–": "-", "—": "-", "−": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "×": "x", "·": ".", "•": "*",
    "≤": "<=", "≥": ">=", "≈": "~", "→": "->", "←": "<-", "±": "+/-", "€": "EUR", "£": "GBP", "─": "-", "│": "|",
    STAND_IN: "?",
}  # fmt: skip


def clean(text: str) -> str:
    """The text with what a terminal would obey, or would show in another order, replaced by a visible mark."""
    return UNSAFE.sub(STAND_IN, text)


def encodable(error: UnicodeError) -> tuple[str, int]:
    """Handler of encoding errors: each character in plain letters where it has such, else a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(map(_plain, missing)), error.end


def _plain(character: str) -> str:
    if character in PLAIN:
        return PLAIN[character]
    base = unicodedata.normalize("NFKD", character)
    letters = "".join(one for one in base if one.isascii() and one.isprintable())
    return letters or "?"


codecs.register_error(REPLACING, encodable)


class Guarded(io.TextIOBase):
    """A standard stream whose texts are masked and cleaned as they are written.

    Where nobody reads any more (`| head`) the rest is not written, and the command goes on to its end: what it keeps
    and sends does not depend on who watches.

    Attributes
    ----------
    styled : TextIO
        The same stream for a renderer of our own, whose control sequences pass.
    """

    def __init__(self, stream: TextIO, mask: Callable[[str], str], title: str) -> None:
        self._stream, self._mask, self._title = stream, mask, title
        self.left = False
        self.styled = cast(TextIO, _Styled(self))

    def write(self, text: str) -> int:
        """Write the text without secrets and control characters."""
        self.put(clean(self._mask(text)))
        return len(text)

    def put(self, text: str) -> None:
        """Write a text as it is; nothing where nobody reads any more.

        Raises
        ------
        OSError
            It cannot be written for another reason, such as a full disk.
        """
        self._unless_left(lambda: self._stream.write(text))

    def flush(self) -> None:
        """Hand on what is buffered."""
        self._unless_left(self._stream.flush)

    def mask(self, text: str) -> str:
        """The text without secrets."""
        return self._mask(text)

    def _unless_left(self, work: Callable[[], object]) -> None:
        if self.left:
            return
        try:
            work()
        except BrokenPipeError:
            self.left = True
            to_nowhere(self._stream)
        except OSError as error:
            raise OSError(error.errno, error.strerror or str(error), self._title) from error

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Its number in the operating system."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """Always."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Its code page."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """What is done with characters that the code page lacks."""
        return self._stream.errors


class _Styled(io.TextIOBase):
    """The guarded stream with its control sequences, for a renderer that cleans the texts which it is given."""

    def __init__(self, guarded: Guarded) -> None:
        self._guarded = guarded

    def write(self, text: str) -> int:
        self._guarded.put(self._guarded.mask(text))
        return len(text)

    def flush(self) -> None:
        self._guarded.flush()

    def isatty(self) -> bool:
        return self._guarded.isatty()

    def fileno(self) -> int:
        return self._guarded.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._guarded.encoding


def guard(mask: Callable[[str], str]) -> None:
    """Put guards on the standard output and the standard error of this process."""
    for name, title in (("stdout", "standard output"), ("stderr", "standard error")):
        stream = getattr(sys, name)
        if isinstance(stream, Guarded):
            continue
        if stream is None:  # closed by who started us: its number must not become that of a file of ours
            stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=REPLACING)
        setattr(sys, name, Guarded(stream, mask, title))


def finish() -> OSError | None:
    """Hand on what the streams still hold; the error where the standard output could not be written."""
    fault = None
    for stream in (sys.stderr, sys.stdout):
        try:
            if stream is not None:
                stream.flush()
        except OSError as error:
            fault = error if stream is sys.stdout else fault
            to_nowhere(stream)
    return fault


def to_nowhere(stream: Any) -> None:
    """Lead a stream to the null device, so that what it still holds fails nowhere else."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
