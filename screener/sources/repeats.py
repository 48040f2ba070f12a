"""Repeats of a request whose failure may pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screener.sources.refused import Refused

if TYPE_CHECKING:
    import stamina


def attempts(most: int, wait: tuple[float, float]) -> Iterator[stamina.Attempt]:
    """Attempts at a request: another after a short wait for each `Refused` that a repeat may help.

    Parameters
    ----------
    most : int
        Attempts in all.
    wait : (float, float)
        First and longest wait, in seconds.
    """
    import stamina

    first, longest = wait
    return iter(
        stamina.retry_context(
            on=lambda error: isinstance(error, Refused) and error.again,
            attempts=most, wait_initial=first, wait_max=longest, wait_jitter=first, timeout=None,
        )
    )  # fmt: skip
