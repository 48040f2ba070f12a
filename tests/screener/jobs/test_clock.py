"""Clocks that are wrong, forwards and backwards, and what a weekly or stored run, the ledger and doctor make of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from screener import run_config, screen, universes
from screener.config.alerts import AlertSettings
from screener.errors import WrongDate
from screener.gathering import InputData
from screener.jobs import doctor, weekly
from screener.ledger import Ledger
from screener.schedule import When, sessions
from screener.sources import clocks
from screener.sources.told import Outcome, Told
from screener.store import Record, Store, dating, record
from tests import commands

FRIDAY = When.of("fri 18:30", "America/New_York")
# Friday 2 October 2026: the session closes at 16:00 in New York, 20:00 UTC; the run is due at 22:30 UTC.
DAY, CLOSE, DUE = date(2026, 10, 2), datetime(2026, 10, 2, 20, tzinfo=UTC), datetime(2026, 10, 2, 22, 30, tzinfo=UTC)
# After the last of the universe's own closes.
LATER = DUE + timedelta(days=7)


@dataclass
class Place:
    """An empty folder, the record of a real run whose first line others are made of, and means to change things."""

    folder: Path
    made: Record
    patch: pytest.MonkeyPatch

    @property
    def history(self) -> Path:
        return self.folder / "history.sqlite"

    def keep(self, *days: str, done: bool = True) -> None:
        """Store weekly runs of some days, made to their end."""
        with Store.open(self.history, DUE) as store, store.exclusive() as writer:
            for day in days:
                run_id = f"run-of-{day}"
                one = {**self.made.run, "run_id": run_id, "as_of": date.fromisoformat(day)}
                writer.save(Record(one, *[[]] * 6), "weekly", DUE)
                if done:
                    store.mark_delivered(run_id, weekly.STEP, DUE)

    def screener(self, *arguments: str, now: datetime | None = None, code: int = 0) -> str:
        """`screener` at a time; what it printed on both streams."""
        done = commands.screener(
            *arguments, "--database", str(self.history), cwd=self.folder,
            environment={name: str(self.folder / name) for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")},
            settings={} if now is None else {"now": now.isoformat()},
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def weekly(self, *arguments: str, now: datetime = DUE, code: int = 0) -> str:
        return self.screener("weekly", "--source", "bundled", "--log", "w.log", *arguments, now=now, code=code)

    def alerts(self, now: datetime = DUE) -> list[str]:
        """What a start of the weekly run says of the dates of the history."""
        plan = weekly.Plan("bundled", self.folder / "out")
        with Store.open(self.history, DUE) as store:
            return [str(one) for one in weekly.check_dates(store, "miners", plan, AlertSettings(), lambda: now)]

    def runs(self) -> list[str]:
        with Store.open(self.history, DUE) as store:
            return [str(run.as_of) for run in store.runs()]

    def history_check(self, now: datetime = DUE) -> doctor.Check:
        return doctor._history(str(self.history), now)

    def last_run_check(self, now: datetime = DUE) -> doctor.Check:
        return doctor._last_run(str(self.history), "miners", FRIDAY, now)


def due(now: datetime, *done: str, catch_up: int = 8) -> list[str]:
    return [str(day) for day in sessions.due(now, FRIDAY, {date.fromisoformat(day) for day in done}, catch_up=catch_up)]


def a_screen(as_of: date = DAY, age: int | None = 0, **manifest: object) -> SimpleNamespace:
    """What the rule reads of a screen."""
    told = {"price_age_days": age, "price_source": "yahoo", "fell_back": "", **manifest}
    told["price_date"] = "unknown" if age is None else f"{as_of - timedelta(days=age)}"
    return SimpleNamespace(as_of=pd.Timestamp(as_of), manifest=told)


def stored(screen: SimpleNamespace, kind: str = "weekly", now: datetime = DUE) -> bool:
    """Whether a screen may be stored; a refusal says that nothing was."""
    try:
        dating.require_right(screen, kind, now)
    except WrongDate as error:
        return error.exit_code != 4 or "Nothing was stored" not in str(error)
    return True


def hear(at: datetime, source: str = "yahoo", age: str | None = None) -> None:
    clocks.hear(source, format_datetime(at, usegmt=True), age)


def run_of_2036_is_in_the_history(place: Place) -> None:
    assert due(DUE, "2026-09-25", "2036-01-04") == ["2026-10-02"]


def run_of_tomorrow_is_in_the_history(place: Place) -> None:
    assert due(DUE, "2026-09-25", "2026-10-03") == ["2026-10-02"]
    assert due(DUE, "2026-09-25", "2026-10-02") == []


def clock_went_back_to_1970(place: Place) -> None:
    assert due(datetime(1970, 1, 10, tzinfo=UTC), "2026-09-25", "2026-10-02") == ["1970-01-09"]


def clock_shows_no_possible_year(place: Place) -> None:
    for year in (1, 1969, 2201, 2300, 9999):
        with pytest.raises(WrongDate, match=f"the year {year}: correct it"):
            due(datetime(year, 6, 1, tzinfo=UTC))


def machine_moves_to_another_zone(place: Place) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "UTC"):
        place.patch.setenv("TZ", zone)
        time.tzset()
        assert due(DUE, "2026-09-25") == ["2026-10-02"]
        assert due(DUE - timedelta(seconds=1), "2026-09-25") == []
        assert stored(a_screen())


def closes_are_a_week_old(place: Place) -> None:
    assert stored(a_screen(age=7))
    assert not stored(a_screen(age=8))
    assert not stored(a_screen(age=8), kind="run")


def no_close_is_known(place: Place) -> None:
    assert not stored(a_screen(age=None))


def closes_fell_back_too_far(place: Place) -> None:
    with pytest.raises(WrongDate, match=r"53 days before \(no answer of Yahoo\)"):
        dating.require_right(a_screen(age=53, fell_back="no answer of Yahoo"), "weekly", DUE)


def run_is_dated_after_the_machine(place: Place) -> None:
    # The day begins at UTC+14 at 10:00 UTC of the day before.
    begins = datetime(2026, 10, 1, 10, tzinfo=UTC)
    assert stored(a_screen(), "run", begins)
    assert not stored(a_screen(), "run", begins - timedelta(seconds=1))


def clock_is_a_day_ahead_of_the_source(place: Place) -> None:
    hear(DUE - timedelta(days=1))
    assert not stored(a_screen())
    assert stored(a_screen(), "run")  # in Kiribati that day had begun


def clock_is_two_days_ahead_of_the_source(place: Place) -> None:
    hear(DUE - timedelta(days=2))
    assert not stored(a_screen())
    assert not stored(a_screen(), "run")


def source_is_minutes_before_the_close(place: Place) -> None:
    hear(CLOSE - timedelta(minutes=9))
    assert stored(a_screen())
    clocks.forget()
    hear(CLOSE - timedelta(minutes=12))
    assert not stored(a_screen())


def clock_is_hours_fast_on_a_half_day(place: Place) -> None:
    # The day after Thanksgiving closes at 13:00 in New York, 18:00 UTC.
    half = date(2026, 11, 27)
    hear(datetime(2026, 11, 27, 18, 0, tzinfo=UTC))
    assert stored(a_screen(half), now=datetime(2026, 11, 28, 1, tzinfo=UTC))


def day_is_named_before_its_close(place: Place) -> None:
    noon = CLOSE - timedelta(hours=4)
    hear(noon)
    assert stored(a_screen(age=1), now=noon)


def clock_is_behind_the_source(place: Place) -> None:
    hear(DUE + timedelta(days=40))
    assert stored(a_screen())


def answer_out_of_a_cache(place: Place) -> None:
    hear(DUE - timedelta(days=3), age=str(3 * 24 * 3600))
    assert stored(a_screen())


def header_that_is_no_date(place: Place) -> None:
    for text in (None, "", "yesterday", "Fri, 99 Oct 2026 99:00:00 GMT", "Fri, 02 Oct 99999 22:30:00 GMT"):
        clocks.hear("yahoo", text)
    assert clocks.latest() is None
    assert stored(a_screen())


def one_of_two_sources_is_behind(place: Place) -> None:
    hear(DUE - timedelta(days=400), "mempool.space")
    hear(DUE, "yahoo")
    assert stored(a_screen())


def clock_is_set_after_the_answer(place: Place) -> None:
    hear(DUE)
    place.patch.setattr("screener.clock.now", lambda: DUE + timedelta(days=3650))
    heard = clocks.latest()
    assert heard is not None
    assert abs(heard.now() - DUE) < timedelta(minutes=5)


def ledger_is_added_to_under_2036(place: Place) -> None:
    hear(DUE)
    with Ledger.open(place.folder / "ledger.sqlite") as ledger:
        with pytest.raises(WrongDate, match=r"2036-10-02.*yahoo 2026-10-02.*correct the clock"):
            ledger.add(Told("yahoo", outcomes=(Outcome("closes", "RIOT"),)), DUE.replace(year=2036))
        assert ledger.asked().empty
        ledger.add(Told("yahoo", outcomes=(Outcome("closes", "RIOT"),)), DUE + timedelta(hours=23))
        assert len(ledger.asked()) == 1


def ledger_was_asked_in_2036(place: Place) -> None:
    with Ledger.open(place.folder / "ledger.sqlite") as ledger:
        ledger.add(Told("yahoo", outcomes=(Outcome("closes", "RIOT"),)), DUE.replace(year=2036))
        assert ledger.asked("yahoo", by=DUE).empty  # so it is asked again
        ledger.add(Told("yahoo", outcomes=(Outcome("closes", "RIOT"),)), DUE)
        assert list(ledger.asked("yahoo", by=DUE)["good"]) == [pd.Timestamp(DUE)]


def source_was_paused_in_2036(place: Place) -> None:
    later = DUE.replace(year=2036)
    with Ledger.open(place.folder / "ledger.sqlite") as ledger:
        ledger.pause("yahoo", later + timedelta(hours=1), "too many requests", later)
        assert ledger.paused("yahoo", DUE) is None
        ledger.pause("yahoo", DUE + timedelta(hours=1), "too many requests", DUE)
        assert ledger.paused("yahoo", DUE) is not None


def weekly_under_2036(place: Place) -> None:
    said = place.weekly(now=DUE.replace(year=2036), code=4)
    assert "its newest close is of 2026-10-05 (bundled)" in said
    assert "which shows 2036-10-02 22:30 UTC" in said
    assert not list(place.folder.rglob("*.xlsx"))
    assert place.runs() == []
    with Store.open(place.history, DUE) as store:  # nothing stands in the way of the week once the clock is right
        assert due(DUE, *map(str, weekly.done(store, "miners"))) == ["2026-10-02"]


def weekly_under_1970(place: Place) -> None:
    said = place.weekly(now=datetime(1970, 1, 10, tzinfo=UTC), code=4)
    assert "no close of any company is known by then" in said
    assert place.runs() == []


def weekly_named_a_day_to_come(place: Place) -> None:
    assert "is in the future" in place.weekly("--as-of", "2026-10-09", code=2)
    assert not place.history.exists()


def weekly_after_a_run_of_2036(place: Place) -> None:
    place.keep("2026-09-25", "2026-10-02", "2036-01-04")
    said = place.weekly(code=5)
    assert "Nothing is due" in said
    ahead = "1 run is dated after this machine's clock, 2026-10-02 22:30 UTC: 2036-01-04"
    assert ahead in said
    (again,) = place.alerts()
    assert again.startswith(ahead)
    assert ahead in place.screener("history", "list", now=DUE).replace("\n", " ")
    assert place.history_check().state == doctor.FAILED
    with Store.open(place.history, DUE) as store:
        store.mark(store.find("latest", "miners"), DUE, void=True, person="Ann", why="the clock was wrong")
    assert place.alerts() == []
    assert place.history_check().state == doctor.OK


def weeks_have_no_run(place: Place) -> None:
    place.keep("2026-08-28", "2026-09-11", "2026-10-02")
    line = (
        "3 weeks have no run: 2026-09-04, 2026-09-18, 2026-09-25. Make them with: screener backfill --since 2026-09-04"
    )
    assert place.alerts() == [line]
    assert place.alerts() == []  # told once
    check = place.last_run_check()
    assert (check.state, line in check.found) == (doctor.FAILED, True)
    place.keep("2026-09-04", "2026-09-18")
    place.keep("2026-09-25", done=False)  # as a backfill keeps it
    assert place.last_run_check().state == doctor.OK


def weeks_are_missed_and_the_machine_is_off(place: Place) -> None:
    place.keep("2026-08-28")
    assert place.last_run_check(datetime(2026, 9, 6, tzinfo=UTC)).state == doctor.OK
    check = place.last_run_check(datetime(2026, 9, 7, tzinfo=UTC))
    assert (check.state, "2026-09-04" in check.found) == (doctor.FAILED, True)


def a_week_was_kept_on_stored_closes_alone(place: Place) -> None:
    place.keep("2026-09-18")
    place.keep("2026-09-25", done=False)
    check = place.last_run_check(datetime(2026, 9, 30, tzinfo=UTC))
    assert (check.state, "2026-09-25 was not completed" in check.found) == (doctor.FAILED, True)


def doctor_hears_another_time(place: Place) -> None:
    def state(apart: timedelta) -> tuple[str, str]:
        clocks.forget()
        hear(LATER - apart)
        check = doctor._clock("miners", LATER)
        return check.state, check.found

    assert state(timedelta(minutes=3))[0] == doctor.OK
    assert state(timedelta(minutes=30))[0] == doctor.WARNING
    assert state(timedelta(hours=-5)) == (doctor.FAILED, "2026-10-09 22:30 UTC, 5 hours behind Yahoo")
    assert state(timedelta(days=3650)) == (doctor.FAILED, "2026-10-09 22:30 UTC, 3,650 days ahead of Yahoo")


def universe_is_ahead_of_the_clock(place: Place) -> None:
    check = doctor._clock("miners", datetime(2026, 1, 20, tzinfo=UTC))
    assert (check.state, "the universe holds closes of 2026-10-05" in check.found) == (doctor.FAILED, True)


def plain_run_under_2036(place: Place) -> None:
    said = place.screener("run", "--source", "bundled", "--format", "csv", now=DUE.replace(year=2036))
    first = " ".join(said.splitlines()[1:3])
    assert first.startswith("Prices: bundled, last close 2026-10-05, 3,650 days before 2036-10-02")
    assert not place.history.exists()


def stored_run_under_2036(place: Place) -> None:
    said = place.screener(
        "run", "--source", "bundled", "--store", "--format", "csv", now=DUE.replace(year=2036), code=4
    )
    assert "Prices: bundled, last close 2026-10-05" in said
    assert "Nothing was stored: correct the clock of this machine" in said
    assert (place.folder / "screens" / "miners_2036-10-02.csv").exists()
    assert place.runs() == []


def void_week_is_due_again(place: Place) -> None:
    place.keep("2026-09-25", "2026-10-02")
    with Store.open(place.history, DUE) as store:
        store.mark(store.find("latest", "miners"), DUE, void=True, person="Ann", why="a wrong close")
        assert weekly.done(store, "miners") == {date(2026, 9, 25)}
        assert due(DUE, *map(str, weekly.done(store, "miners"))) == ["2026-10-02"]


@dataclass(frozen=True)
class Case:
    """A fault, its outcome in words, and what tries it."""

    fault: str
    outcome: str
    tried: Callable[[Place], None]

    @property
    def id(self) -> str:
        return self.tried.__name__


REFUSED = "the run is not stored, exit code 4, and the sentence names both times"
CASES = [
    Case("a run of 2036 is in the history", "it stands for no week: this week is due", run_of_2036_is_in_the_history),
    Case("a run of tomorrow is in the history", "it stands for no week until then", run_of_tomorrow_is_in_the_history),
    Case("the clock went back to 1970, with runs of 2026", "runs to come stand for no week", clock_went_back_to_1970),
    Case("the clock shows the year 1, 1969, 2201 or 9999", "refused: correct the clock", clock_shows_no_possible_year),
    Case("the machine's time zone changes", "what is due and what may be stored stays", machine_moves_to_another_zone),
    Case("the newest close is more than a week before the run", REFUSED, closes_are_a_week_old),
    Case("no close is known by the date of the run", REFUSED, no_close_is_known),
    Case("no live prices, and stored closes too old", f"{REFUSED}, and why", closes_fell_back_too_far),
    Case("the run is dated after the machine's clock", REFUSED, run_is_dated_after_the_machine),
    Case("the clock is a day ahead of an answering source", REFUSED, clock_is_a_day_ahead_of_the_source),
    Case("the clock is two days ahead of an answering source", f"{REFUSED}; of `run --store` too",
         clock_is_two_days_ahead_of_the_source),
    Case("by the source's clock the session has not closed", REFUSED, source_is_minutes_before_the_close),
    Case("a half day: the session closes early", "stored from its own close on", clock_is_hours_fast_on_a_half_day),
    Case("`weekly --as-of` names today before the close, and the clocks agree", "stored, as it is asked for",
         day_is_named_before_its_close),
    Case("the clock is behind an answering source", "stored: the run is of a session that has closed",
         clock_is_behind_the_source),
    Case("the source's answer comes out of a cache", "its age counts", answer_out_of_a_cache),
    Case("a Date header that is no date", "it says nothing", header_that_is_no_date),
    Case("one of two sources is behind", "the later one counts", one_of_two_sources_is_behind),
    Case("the clock is set after the answer", "the source's time goes on by itself", clock_is_set_after_the_answer),
    Case("the ledger is added to under a clock of 2036", "nothing is kept, and both times are named",
         ledger_is_added_to_under_2036),
    Case("the ledger holds answers of 2036", "they are not new: the source is asked", ledger_was_asked_in_2036),
    Case("the ledger holds a pause noted in 2036", "it does not count", source_was_paused_in_2036),
    Case("the weekly run under a clock of 2036", f"{REFUSED}; no file; the week stays due", weekly_under_2036),
    Case("the weekly run under a clock of 1970", REFUSED, weekly_under_1970),
    Case("`weekly --as-of` names a day to come", "refused, exit code 2", weekly_named_a_day_to_come),
    Case("the weekly run after a run of 2036", "exit code 5 and doctor fails until it is void or the clock is right",
         weekly_after_a_run_of_2036),
    Case("weeks between weekly runs have no run", "an alert once; doctor fails until they are made", weeks_have_no_run),
    Case("the week's run was due two days ago", "doctor fails", weeks_are_missed_and_the_machine_is_off),
    Case("the week's run was kept on stored closes and never made again", "doctor fails",
         a_week_was_kept_on_stored_closes_alone),
    Case("doctor hears another time from a source", "warns from 10 minutes, fails from an hour on",
         doctor_hears_another_time),
    Case("the universe holds closes of days to come", "doctor fails: the clock is behind", universe_is_ahead_of_the_clock),
    Case("a plain run under a clock of 2036", "made; the age of its closes stands first", plain_run_under_2036),
    Case("`run --store` under a clock of 2036", "the screen is written and not stored, exit code 4",
         stored_run_under_2036),
    Case("the run of a week is void", "the week is due again", void_week_is_due_again),
]  # fmt: skip


@pytest.fixture(scope="module")
def made() -> Record:
    """The record of a real run."""
    agreed = run_config.resolve_config(universes.load("miners"))
    terms = replace(agreed, assumptions=replace(agreed.assumptions, bootstrap_draws=99))
    (one,) = screen.screens(terms, InputData.of(terms.universe), [pd.Timestamp("2026-09-25")])
    return record(one)


@pytest.fixture
def place(tmp_path: Path, made: Record, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    zone = os.environ.get("TZ")
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    yield Place(tmp_path, made, monkeypatch)
    monkeypatch.undo()
    assert os.environ.get("TZ") == zone
    time.tzset()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_wrong_clock_has_its_outcome(case: Case, place: Place) -> None:
    case.tried(place)
