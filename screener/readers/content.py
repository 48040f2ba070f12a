"""The bytes of a file that a user names: a plain file within a size, whatever its name turns out to stand for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from screener.errors import InputError, NotKnown

MOST_BYTES = 64 * 2**20


def read(
    path: Path, error: type[InputError] = InputError, *, most_bytes: int = MOST_BYTES, name: str | None = None
) -> bytes:
    """The bytes of a plain file.

    Parameters
    ----------
    path : Path
    error : type
        Of the error raised, a kind of InputError.
    most_bytes : int
        A larger file is refused before it is read.
    name : str, optional
        What the file is called in the message; the name in the path by default.

    Raises
    ------
    NotKnown
        No such file.
    InputError
        Of the type `error`: a folder, a device, a pipe, a file without permission, gone while it was read, or too large.
    """
    name = path.name or str(path) if name is None else name
    try:
        # A pipe is told by its kind and not opened: opening one waits for somebody to write.
        _require_plain(os.stat(path), name, error, most_bytes)
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            # Again of what was opened: the name may stand for something else by now.
            _require_plain(os.fstat(descriptor), name, error, most_bytes)
            content = file.read(most_bytes + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise NotKnown(f"no file {str(path)!r}") from None
    except OSError as fault:
        raise error.one(name, f"a file that can be read ({fault.strerror or fault})") from None
    except InputError:  # a ValueError too
        raise
    except ValueError:  # a NUL in the name
        raise NotKnown(f"no file {str(path)!r}: a name cannot hold this character") from None
    if len(content) > most_bytes:
        raise _too_large(name, error, most_bytes)
    return content


def is_folder(path: Path) -> bool:
    """Whether a name is that of a folder; no name, however odd, is an error."""
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a name too long, a folder on the way that may not be searched
        return False


def _require_plain(status: os.stat_result, name: str, error: type[InputError], most_bytes: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise error.one(name, "a file; it is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise error.one(name, "a file; it is a device, a pipe or a socket")
    if status.st_size > most_bytes:
        raise _too_large(name, error, most_bytes, status.st_size)


def _too_large(name: str, error: type[InputError], most_bytes: int, size: int | None = None) -> InputError:
    found = f"; it has {_megabytes(size)}" if size is not None else ""
    return error.one(name, f"a file of at most {_megabytes(most_bytes)}{found}")


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MB" if size >= 2**20 else f"{size:,} bytes"
