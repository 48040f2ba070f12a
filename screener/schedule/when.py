"""A weekly time in a time zone: `fri 18:30` in America/New_York, whatever the machine's own clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from screener.errors import UniverseError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
A_YEAR = 53  # weeks: every offset between the two zones occurs


@dataclass(frozen=True)
class When:
    """Each week on `weekday` (0 is Monday) at `at` by the clock of `zone`."""

    weekday: int
    at: time
    zone: ZoneInfo

    @classmethod
    def of(cls, text: str, zone: str) -> When:
        """From `fri 18:30` and an IANA zone name.

        Raises
        ------
        UniverseError
            Not a day and a time, or no such zone.
        """
        found = re.fullmatch(r"\s*([a-z]{3})[a-z]*\s+(\d{1,2}):(\d{2})\s*", text.lower())
        if not found or found[1] not in DAYS or int(found[2]) > 23 or int(found[3]) > 59:
            raise UniverseError(f'--weekly {text!r}: expected a day and a time, e.g. "fri 18:30"')
        try:
            known = ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise UniverseError(f"--tz {zone!r}: expected an IANA zone, e.g. America/New_York") from error
        return cls(DAYS.index(found[1]), time(int(found[2]), int(found[3])), known)

    def __str__(self) -> str:
        return f"{DAYS[self.weekday]} {self.at:%H:%M} {self.zone.key}"

    @property
    def text(self) -> str:
        """Day and time alone, as `of` reads them."""
        return f"{DAYS[self.weekday]} {self.at:%H:%M}"

    def before(self, now: datetime, weeks: int) -> list[datetime]:
        """The last `weeks` such instants up to `now`, earliest first, in the zone's own time."""
        local = now.astimezone(self.zone)
        day = local.date() - timedelta(days=(local.weekday() - self.weekday) % 7)
        instant = datetime.combine(day, self.at, self.zone)
        if instant > now:
            instant = datetime.combine(day - timedelta(weeks=1), self.at, self.zone)
        days = [instant.date() - timedelta(weeks=k) for k in reversed(range(weeks))]
        return [datetime.combine(day, self.at, self.zone) for day in days]

    def next(self, now: datetime) -> datetime:
        """The first such instant after `now`."""
        last = self.before(now, 1)[0]
        return datetime.combine(last.date() + timedelta(weeks=1), self.at, self.zone)

    def clock_times(self, now: datetime, zone: tzinfo | None = None) -> list[tuple[int, int]]:
        """Hours and minutes that it falls on by another clock, over a year; by this machine's where none is given.

        New York and Berlin change to summer time on different days, New York and UTC never agree: two times each.
        """
        instants = [datetime.combine(self.next(now).date() + timedelta(weeks=k), self.at, self.zone)
                    for k in range(A_YEAR)]  # fmt: skip
        return sorted({(there.hour, there.minute) for there in (i.astimezone(zone) for i in instants)})
