"""Whether a run may be stored under its date, by hand: beyond its closes, beyond this clock, beyond a source's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

from screener.errors import WrongDate
from screener.sources import clocks
from screener.store import dating

FRIDAY = "2026-10-02"  # its session closes at 20:00 UTC
EVENING = datetime(2026, 10, 2, 22, 30, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


def judge(
    day: str = FRIDAY, age: int | None = 0, kind: str = "weekly", now: datetime = EVENING, fell_back: str = ""
) -> str:
    """Why a run of a day cannot be stored; empty where it can."""
    manifest = {"price_age_days": age, "price_source": "bundled", "price_date": "2026-09-25", "fell_back": fell_back}
    try:
        dating.require_right(SimpleNamespace(as_of=pd.Timestamp(day), manifest=manifest), kind, now)
    except WrongDate as error:
        return str(error)
    return ""


@pytest.fixture
def heard(monkeypatch):
    """What a source's clock shows at this moment."""

    def say(there: datetime | None, source: str = "yahoo") -> None:
        told = None if there is None else clocks.Heard(source, there, 0.0)
        monkeypatch.setattr(time, "monotonic", lambda: 0.0)
        monkeypatch.setattr(clocks, "latest", lambda: told)

    say(None)
    return say


@pytest.mark.parametrize(("days", "right"), [((1,), True), ((2,), True), ((2, 9), True), ((3,), False), ((), False)])
def test_a_run_needs_a_close_of_a_company_by_its_date(days, right):
    closes = pd.DataFrame({"ticker": "RIOT", "date": pd.to_datetime([f"2026-10-{day:02d}" for day in days])})
    other = pd.DataFrame({"ticker": ["BTC-USD"], "date": pd.to_datetime(["2026-10-01"])})
    data = SimpleNamespace(
        closes=pd.concat([closes, other]).astype({"date": "datetime64[ns]"}), companies=pd.DataFrame({"ticker": ["RIOT"]}),
        source="yahoo",
    )  # fmt: skip
    if right:
        dating.require_closes(data, pd.Timestamp(FRIDAY), EVENING)
        return
    with pytest.raises(
        WrongDate, match=r"^the run is dated 2026-10-02, and no close of any company is known by then \(yahoo\)"
    ):
        dating.require_closes(data, pd.Timestamp(FRIDAY), EVENING)


@pytest.mark.parametrize(
    ("age", "fell_back", "said"),
    [
        (0, "", ""),
        (7, "", ""),
        (8, "", "its newest close is of 2026-09-25 (bundled), 8 days before; a stored run"),
        (8, "no answer", "its newest close is of 2026-09-25 (bundled), 8 days before (no answer); a stored run"),
        (None, "", "no close of any company is known by then (bundled); a stored run"),
    ],
)
def test_a_run_is_dated_at_most_seven_days_after_its_newest_close(heard, age, fell_back, said):
    told = judge(age=age, fell_back=fell_back)
    assert told.startswith(f"the run is dated 2026-10-02, and {said}") if said else told == ""
    assert ("may be dated at most 7 days after its newest close" in told) is bool(said)


def test_a_run_of_a_day_that_has_begun_nowhere_by_this_clock_is_refused(heard):
    assert judge("2026-10-03") == ""  # begun in the Line Islands
    assert judge("2026-10-04").startswith(
        "the run is dated 2026-10-04, and this machine's clock shows 2026-10-02 22:30 UTC. Nothing was stored"
    )


@pytest.mark.parametrize(
    ("there", "kind", "day", "now", "said"),
    [
        (at(22), "weekly", FRIDAY, EVENING, ""),
        (
            at(9, 49, day=1),
            "run",
            FRIDAY,
            EVENING,
            "shows 2026-10-01 09:49 UTC.",
        ),  # not begun anywhere, ten minutes allowed
        (at(9, 50, day=1), "run", FRIDAY, EVENING, ""),
        (at(9, 49, day=1), "weekly", FRIDAY, EVENING, "shows 2026-10-01 09:49 UTC."),
        (at(19, 49), "weekly", FRIDAY, EVENING, "shows 2026-10-02 19:49 UTC, before the close of that day's session."),
        (at(19, 50), "weekly", FRIDAY, EVENING, ""),
        (at(19, 49), "run", FRIDAY, EVENING, ""),
        (at(19, 49), "weekly", FRIDAY, at(19, 55), ""),  # by this clock too the session is open
        (at(19, 49), "weekly", FRIDAY, at(20), "shows 2026-10-02 19:49 UTC, before the close of that day's session."),
        (at(1, day=3), "weekly", "2026-10-03", at(22, day=3), ""),  # a Saturday has no session
    ],
)
def test_a_run_is_held_against_the_clock_of_the_source(heard, there, kind, day, now, said):
    heard(there)
    told = judge(day, kind=kind, now=now)
    if said:
        assert told.startswith(f"the run is dated {day}, and the clock of Yahoo {said} Nothing was stored")
    else:
        assert told == ""


def test_the_clock_of_a_source_goes_on(monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: 160.0)
    assert clocks.Heard("yahoo", EVENING, 100.0).now() == EVENING + timedelta(seconds=60)
