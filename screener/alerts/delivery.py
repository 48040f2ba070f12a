"""Delivery of a message once by each channel: kept in the history, retried where it fails, failures reported."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from screener.alerts.channels import Channel, ChannelError, channels
from screener.alerts.message import Message
from screener.errors import StoreError
from screener.store import Store

if TYPE_CHECKING:
    from screener.config.alerts import AlertSettings

log = logging.getLogger(__name__)


def deliver(
    message: Message,
    settings: AlertSettings,
    store: Store | None,
    clock: Callable[[], datetime],
    *,
    tries: int,
    wait_seconds: float,
) -> list[str]:
    """Send by every channel that has not delivered the message yet; returns the failures as sentences.

    Parameters
    ----------
    store : Store or None
        Knows what was delivered; None where it cannot be opened, and then a failure may be reported twice.
    tries, wait_seconds : of each channel; the wait doubles
    """
    import stamina

    failures = []
    had = store.delivered(message.key) if store else set()
    for name, send in channels(settings, message):
        if name in had:
            log.info("%s: %s is already delivered", name, message.key)
            continue
        try:
            for attempt in stamina.retry_context(
                on=lambda error: isinstance(error, ChannelError) and not error.final,
                attempts=tries,
                timeout=None,
                wait_initial=wait_seconds,
                wait_max=wait_seconds * 16,
                wait_jitter=wait_seconds / 4,
            ):
                with attempt:
                    _send(name, send, message, clock())
        except ChannelError as error:
            failures.append(f"{name}: not delivered: {error}")
            log.error("%s: %s not delivered: %s", name, message.key, error)
            continue
        log.info("%s: delivered %s", name, message.key)
        if store:
            try:
                store.mark_delivered(message.key, name, clock())
            except StoreError as error:
                failures.append(
                    f"{name}: delivered, but the history could not record it, so it may be sent again: {error}"
                )
    return failures


def _send(name: str, send: Channel, message: Message, now: datetime) -> None:
    """One attempt, with its failure in the log."""
    try:
        send(message, now)
    except ChannelError as error:
        log.warning("%s: attempt failed: %s", name, error)
        raise
    except Exception as error:  # the run is done and stored: no fault in telling of it may undo that
        log.exception("%s: attempt failed", name)
        raise ChannelError(
            f"a fault of the program ({type(error).__name__}: {error}); see the log", final=True
        ) from error
