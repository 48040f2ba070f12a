"""The message of a weekly run: a text for people and an object for programs."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from exports.commentary.wording import in_force
from exports.tables.changes import in_words
from exports.tables.worded import machine
from exports.terminal.stream import clean
from screener import secrets
from screener.alerts.rules import Alert
from valuation.comparison.changes import Changes, Snapshot


@dataclass(frozen=True)
class Message:
    """A message for every channel; the same run always has the same `key`."""

    key: str
    subject: str
    text: str
    payload: dict[str, Any]
    attachment: Path | None
    has_alerts: bool

    def __post_init__(self) -> None:
        """Neither secrets nor control characters leave in a message; a subject is one line."""
        object.__setattr__(self, "subject", clean(" ".join(secrets.mask(self.subject).split())))
        object.__setattr__(self, "text", clean(secrets.mask(self.text)))
        object.__setattr__(self, "payload", _sendable(secrets.mask_all(self.payload)))


def of_run(now: Snapshot, changes: Changes | None, alerts: list[Alert], workbook: Path | None) -> Message:
    """The message of a completed run."""
    gap = now.headline["ratio"]
    headline = f"gap {gap:.2f}x" if gap is not None else "gap not available"
    if now.basis.closes_old:
        headline += f" on the closes of {now.basis.closes}"
    count = f", {len(alerts)} alert{'s' if len(alerts) > 1 else ''}" if alerts else ""
    lines = [f"{now.title}, as of {now.as_of:%Y-%m-%d}", ""]
    lines += [f"ALERT  {alert}" for alert in alerts] + ([""] if alerts else [])
    lines += summary(changes)
    lines += [
        "",
        freshness_line(now),
        f"Run {now.run_id}, prices {now.manifest['price_source']} of {now.manifest['price_date']}.",
    ]
    if workbook is not None:
        lines.append("The workbook is attached; its first sheet lists what changed.")
    payload = {
        "event": "run",
        "universe": now.universe,
        "as_of": f"{now.as_of:%Y-%m-%d}",
        "run_id": now.run_id,
        "previous_run_id": changes.before.run_id if changes else None,
        "headline": now.headline,
        "data": {
            **asdict(now.basis),
            "first_close": _iso(now.basis.first_close),
            "last_close": _iso(now.basis.last_close),
        },
        "alerts": [asdict(alert) for alert in alerts],
        "summary": summary(changes),
    }
    wording = in_force()
    payload = machine(payload, wording)
    lines = [wording.text(line) for line in lines]
    subject = f"{now.universe} {now.as_of:%Y-%m-%d}: {headline}{count}"
    return Message(now.run_id, subject, "\n".join(lines) + "\n", payload, workbook, bool(alerts))


def freshness_line(now: Snapshot) -> str:
    """How old the data of a run's headline are, in one line."""
    basis = now.basis
    return basis.stale_data or f"No EV per secured MW of the {basis.n} in the sample rests on stale data."


def _sendable(content: Any) -> Any:
    """The content as JSON holds it: what is no number is null, so that one unknown figure does not cost the message."""
    if isinstance(content, dict):
        return {key: _sendable(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_sendable(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def _iso(day: pd.Timestamp | None) -> str | None:
    return None if day is None else f"{day:%Y-%m-%d}"


def of_failure(universe: str, as_of: str, alert: Alert) -> Message:
    """The message of a run that failed."""
    payload = {"event": "failure", "universe": universe, "as_of": as_of, "alerts": [asdict(alert)]}
    text = f"{alert.text}\n\nThe next scheduled start tries again. `screener doctor` shows what is wrong.\n"
    return Message(
        f"failed-{universe}-{as_of}", f"{universe} {as_of}: the weekly run failed", text, payload, None, True
    )


def of_dates(universe: str, alerts: list[Alert], days: Sequence[date], now: datetime) -> Message:
    """The message of what is wrong with some dates of a history: runs ahead of the clock, weeks without a run."""
    lines = [f"ALERT  {alert}" for alert in alerts]
    payload = {
        "event": "dates",
        "universe": universe,
        "as_of": f"{now:%Y-%m-%d}",
        "alerts": [asdict(a) for a in alerts],
    }
    named = hashlib.sha256(" ".join(map(str, days)).encode()).hexdigest()[:12]
    text = "\n".join(lines) + "\n\n`screener doctor` shows what is wrong.\n"
    return Message(f"dates-{universe}-{named}", f"{universe}: dates of the history", text, payload, None, True)


def summary(changes: Changes | None) -> list[str]:
    """The changes of the week in a few lines."""
    if changes is None:
        return ["First run in the history: there is no earlier run to compare with."]
    lines = [f"Since {changes.before.as_of:%Y-%m-%d} (run {changes.before.run_id}):", *in_words(changes)]
    return in_force().texts(lines)
