"""One process at a time: a lock on an open file, which the operating system gives free when its holder dies."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from screener import private
from screener.errors import Busy


class Lock:
    """The lock at a path, held from construction on.

    The file stays behind, empty of meaning: it is the lock on it that counts, never its being there.

    Raises
    ------
    Busy
        Another process holds it; says which.
    OSError
        The file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = private.open_file(str(path), os.O_RDWR | os.O_CREAT)
        if not _try(self._descriptor):
            holder = os.read(self._descriptor, 32).decode(errors="replace").strip()
            os.close(self._descriptor)
            who = f" (process {holder})" if holder.isdigit() else ""
            raise Busy(f"another run is at work{who}; this one did nothing")
        with suppress(OSError):  # who holds it is a courtesy: a full disk must not cost the lock
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, f"{os.getpid()}\n".encode())

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)


if os.name == "nt":
    import msvcrt

    FAR = 1 << 30  # a byte beyond the text: Windows refuses to read what is locked

    def _try(descriptor: int) -> bool:
        os.lseek(descriptor, FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _try(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
