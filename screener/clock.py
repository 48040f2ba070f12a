"""The clock of this machine: the one place where the time is read, and the days that lie ahead of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

# Where a day begins first: UTC+14, the Line Islands.
FIRST_TO_BEGIN = timedelta(hours=14)


def now() -> datetime:
    """The time, aware, read here and passed on."""
    return datetime.now(UTC)


def is_ahead(day: date, clock: datetime) -> bool:
    """Whether a day has begun nowhere on Earth by a clock."""
    return day > (clock.astimezone(UTC) + FIRST_TO_BEGIN).date()


def ahead_line(days: Sequence[date], clock: datetime) -> str:
    """That stored runs are dated ahead of a clock, and what to do."""
    dates = ", ".join(f"{day}" for day in sorted(set(days))[:3]) + (" ..." if len(set(days)) > 3 else "")
    runs = "1 run is" if len(days) == 1 else f"{len(days)} runs are"
    return (
        f"{runs} dated after this machine's clock, {clock.astimezone(UTC):%Y-%m-%d %H:%M} UTC: {dates}. Correct the "
        'clock; or, where the date of the run is wrong: screener history void RUN --why "..."'
    )
