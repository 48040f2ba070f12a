"""The wording that outputs are written in (`valuation.wording`): set for a command or a file, read where texts leave."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from valuation.wording import Wording

_MINERS = Wording()
_IN_FORCE: ContextVar[Wording | None] = ContextVar("wording", default=None)


def in_force() -> Wording:
    """The wording that outputs are written in: the miners' unless `speaking` says otherwise."""
    return _IN_FORCE.get() or _MINERS


@contextmanager
def speaking(wording: Wording) -> Iterator[None]:
    """Write every output of the block in a sector's words."""
    before = _IN_FORCE.set(wording)
    try:
        yield
    finally:
        _IN_FORCE.reset(before)
