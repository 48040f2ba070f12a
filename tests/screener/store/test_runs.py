"""Runs of a history by hand: their order, by what they are found, and what a void mark changes."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import insert

from screener.errors import InputError, NotKnown, VoidRun
from screener.store import Store, database, schema
from screener.store.voids import Void
from tests.screener.store.conftest import NOW

BLANK = {"universe": "miners", "title": "Miners", "kind": "run", "version": "1", "price_source": "bundled", "fell_back": "",
         "group_rule": "share20", "n_pivot": 3, "n_bitcoin": 2, "result_sha256": "x", "manifest": {}, "gap": {},
         "regression": {"estimable": False}, "recorded_at": NOW}  # fmt: skip


@pytest.fixture
def history(tmp_path):
    """`history((run id, day), ...)`: a store with these runs, in the order in which they were recorded."""
    opened: list[Store] = []

    def made(*runs: tuple[str, str], **figures: dict[str, float]) -> Store:
        store = Store.open(tmp_path / "history.sqlite", NOW)
        opened.append(store)
        with database.writing(store._engine) as connection:
            for number, (run_id, day, *universe) in enumerate(runs, 1):
                row = BLANK | {"run_no": number, "run_id": run_id, "as_of": date.fromisoformat(day)}
                connection.execute(insert(schema.runs).values(row | ({"universe": universe[0]} if universe else {})))
                for ticker, value in figures.get(run_id, {}).items():
                    connection.execute(insert(schema.figures).values(
                        run_no=number, ticker=ticker, metric="ev", value=value, status="ok", causes=""))  # fmt: skip
        return store

    yield made
    for store in opened:
        store.close()


FOUR = (
    ("b2", "2026-01-16"),
    ("a1", "2026-01-09"),
    ("b3", "2026-01-16"),
    ("c4", "2026-01-12", "other"),
    ("ab5", "2026-01-23"),
)


def void(store: Store, *ids: str, again: bool = False) -> None:
    for run in store.runs(void=True):
        if run.run_id in ids:
            store.mark(run, NOW + timedelta(hours=1), void=not again, person=" Ann ", why=" a wrong close ")


def test_runs_stand_by_date_and_then_as_they_were_recorded(history):
    store = history(*FOUR)
    assert [run.run_id for run in store.runs()] == ["a1", "c4", "b2", "b3", "ab5"]
    assert [run.run_id for run in store.runs("miners")] == ["a1", "b2", "b3", "ab5"]
    assert store.run_ids() == {"a1", "b2", "b3", "c4", "ab5"}
    run = store.runs()[0]
    assert (run.as_of, run.recorded_at, run.n_pivot, run.n_bitcoin, run.gap_ratio, run.void) == (
        date(2026, 1, 9), NOW, 3, 2, None, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("latest", "ab5"),
        ("previous", "b3"),
        ("2026-01-16", "b3"),
        ("2026-01-09", "a1"),
        ("b2", "b2"),
        ("ab", "ab5"),
        ("b3", "b3"),
    ],
)
def test_a_run_is_found_by_its_date_or_the_start_of_its_id(history, named, found):
    assert history(*FOUR).find(named, "miners").run_id == found


@pytest.mark.parametrize(
    ("named", "universe", "words"),
    [
        (
            "c4",
            "miners",
            r"no run 'c4' of miners; name a run id, a date with a run \(2026-01-09 to 2026-01-23\), latest or",
        ),
        ("a", "miners", r"'a' is the start of 2 runs: a1, ab5"),
        ("2026-01-12", "miners", "no run '2026-01-12' of miners"),
        ("latest", "nobody", "the history holds no run of nobody yet"),
        ("previous", "other", "the history of other holds one date only, 2026-01-12"),
    ],
)
def test_what_goes_by_no_run_or_by_several_is_told(history, named, universe, words):
    with pytest.raises(NotKnown, match=words):
        history(*FOUR).find(named, universe)


def test_of_many_runs_with_one_start_five_are_named(history):
    store = history(*((f"x{number}", "2026-01-09") for number in range(7)))
    with pytest.raises(NotKnown, match=r"'x' is the start of 7 runs: x0, x1, x2, x3, x4$"):
        store.find("x", "miners")


def test_the_run_before_a_date(history):
    store = history(*FOUR)
    found = {
        day: store.before("miners", date.fromisoformat(day))
        for day in ("2026-01-09", "2026-01-10", "2026-01-23", "2027-01-01")
    }
    assert {day: run and run.run_id for day, run in found.items()} == {
        "2026-01-09": None, "2026-01-10": "a1", "2026-01-23": "b3", "2027-01-01": "ab5",
    }  # fmt: skip


def test_a_void_run_is_passed_over_and_shown_where_it_is_asked_for(history):
    store = history(*FOUR)
    void(store, "ab5", "b3")
    assert [run.run_id for run in store.runs("miners")] == ["a1", "b2"]
    every = {run.run_id: run.void for run in store.runs("miners", void=True)}
    assert every["b2"] is None
    assert every["b3"] == Void(NOW + timedelta(hours=1), "Ann", "a wrong close")
    assert str(every["b3"]) == "void since 2026-10-09 23:30 UTC by Ann: a wrong close"
    assert (store.find("latest", "miners").run_id, store.find("previous", "miners").run_id) == ("b2", "a1")
    assert store.find("2026-01-16", "miners").run_id == "b2"
    assert store.before("miners", date(2027, 1, 1)).run_id == "b2"
    for named in ("ab5", "2026-01-23"):
        with pytest.raises(
            VoidRun, match="run ab5 of 2026-01-23 is void since 2026-10-09 23:30 UTC by Ann: a wrong close; a void"
        ):
            store.find(named, "miners")
        assert store.find(named, "miners", void=True).run_id == "ab5"
    assert [store.find_void(named, "miners").run_id for named in ("2026-01-16", "2026-01-23", "b3")] == [
        "b3",
        "ab5",
        "b3",
    ]
    assert store.find_void("2026-01-09", "miners").run_id == "a1"
    void(store, "a1", "b2")
    for named in ("latest", "previous"):
        with pytest.raises(NotKnown, match="every run of miners in the history is void"):
            store.find(named, "miners")
    void(store, "b3", again=True)
    assert [run.run_id for run in store.runs("miners")] == ["b3"]
    void(store, "b3")
    assert store.runs("miners") == []


def test_of_two_void_runs_of_a_day_the_last_is_found(history):
    store = history(*FOUR)
    void(store, "b2", "b3")
    assert store.find_void("2026-01-16", "miners").run_id == "b3"
    assert store.find("2026-01-16", "miners", void=True).run_id == "b3"


@pytest.mark.parametrize(
    ("person", "why", "named"),
    [
        ("Ann", "x" * 500, ""),
        ("Ann", "x" * 501, "--why"),
        ("", "x", "--by"),
        (" ", "x", "--by"),
        ("Ann", "two\nlines", "--why"),
        ("A" * 501, "x", "--by"),
    ],
)
def test_a_mark_has_a_name_and_a_reason_of_one_line(history, person, why, named):
    store = history(*FOUR)
    run = store.find("b2", "miners")
    if not named:
        store.mark(run, NOW, void=True, person=person, why=why)
        assert store.find("b2", "miners", void=True).void.why == why
        return
    with pytest.raises(InputError, match=f"^{named}: expected one line of at most 500 printable characters"):
        store.mark(run, NOW, void=True, person=person, why=why)
    assert store.find("b2", "miners").void is None


def test_a_run_is_marked_once(history):
    store = history(*FOUR)
    run = store.find("b2", "miners")
    with pytest.raises(VoidRun, match="run b2 is not void; nothing was changed"):
        store.mark(run, NOW, void=False, person="Ann", why="x")
    store.mark(run, NOW, void=True, person="Ann", why="x")
    with pytest.raises(VoidRun, match="run b2 is void since 2026-10-09 22:30 UTC by Ann: x; nothing was changed"):
        store.mark(run, NOW, void=True, person="Ann", why="y")


def test_a_metric_through_time_is_that_of_the_last_run_of_each_date_that_counts(history):
    store = history(
        *FOUR,
        b2={"RIOT": 1.0, "MARA": 2.0},
        b3={"RIOT": 3.0},
        a1={"RIOT": 4.0, "MARA": None},
        ab5={"RIOT": 5.0},
        c4={"RIOT": 9.0},
    )
    found = store.series("ev", "miners")
    assert found.index.tolist() == [pd.Timestamp(day) for day in ("2026-01-09", "2026-01-16", "2026-01-23")]
    assert found["RIOT"].tolist() == [4.0, 3.0, 5.0]
    assert found["MARA"].isna().all()
    void(store, "b3")
    assert store.series("ev", "miners")["MARA"].fillna(0.0).tolist() == [0.0, 2.0, 0.0]
    with pytest.raises(NotKnown, match="no run of miners holds a metric 'eps'"):
        store.series("eps", "miners")
