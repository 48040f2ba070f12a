"""A backfill stores what single runs would, byte for byte: many dates at once, in processes, on a Dask cluster."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from screener import loading, pipeline, screen
from screener.errors import Busy, StoreError, Unreachable
from screener.jobs import backfill
from screener.schedule import sessions
from screener.store import Store, keep
from tests.commands import screener
from tests.screener.store.conftest import NOW, dump, empty

SINCE, UNTIL = pd.Timestamp("2025-12-01"), pd.Timestamp("2026-02-10")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def address(request, tmp_path) -> str:
    return empty(request, tmp_path)


@pytest.fixture(scope="module")
def dates() -> pd.DatetimeIndex:
    return sessions.last_of_each("week", SINCE, UNTIL)


@pytest.fixture(scope="module")
def expected(tmp_path_factory, terms, dates) -> dict[str, list[tuple]]:
    """The history that as many single runs write, one after the other."""
    place = str(tmp_path_factory.mktemp("single") / "single.sqlite")
    with Store.open(place, NOW) as store, store.exclusive() as writer:
        for day in dates:
            gathered = loading.load_inputs(terms.universe, day, "bundled", lambda _: None)
            one = pipeline.run(terms.universe, day, source="bundled", assumptions=terms.assumptions)
            keep(writer, terms.universe, one, gathered, "backfill", NOW)
    return dump(place)


def test_equals_single_runs_whatever_works_on_it(address, expected, terms, gathered, dates):
    with Store.open(address, NOW) as store:
        done = backfill.fill(store, terms, gathered, dates, NOW)
    assert (done.added, done.present) == (len(dates), 0)
    assert dump(address) == expected


@pytest.mark.long
def test_equals_single_runs_in_two_processes_and_on_two_dask_workers(tmp_path, expected, terms, gathered, dates):
    from distributed import LocalCluster

    for name, how in (("joblib", {"workers": 2}), ("dask", {"scheduler": "there"})):
        place = str(tmp_path / f"{name}.sqlite")
        with Store.open(place, NOW) as store:
            if name == "dask":
                with LocalCluster(
                    n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
                ) as cluster:
                    backfill.fill(store, terms, gathered, dates, NOW, scheduler=cluster.scheduler_address)
            else:
                backfill.fill(store, terms, gathered, dates, NOW, **how)
        assert dump(place) == expected, name


@pytest.mark.long
def test_goes_on_where_it_was_stopped(address, expected, terms, gathered, dates, monkeypatch):
    real, taken = backfill.work, itertools.count()

    def dies_in_the_second_chunk(*arguments):
        if next(taken):
            raise KeyboardInterrupt
        return real(*arguments)

    with Store.open(address, NOW) as store:
        with monkeypatch.context() as patched:
            patched.setattr(backfill, "work", dies_in_the_second_chunk)
            with pytest.raises(KeyboardInterrupt):
                backfill.fill(store, terms, gathered, dates, NOW)
        assert len(store.runs()) == backfill.DATES_AT_ONCE
        told = []
        done = backfill.fill(store, terms, gathered, dates, NOW, progress=lambda *now: told.append(now))
        assert (done.added, done.present) == (len(dates) - backfill.DATES_AT_ONCE, backfill.DATES_AT_ONCE)
        assert told[0] == (backfill.DATES_AT_ONCE, len(dates))
        assert told[-1] == (len(dates), len(dates))
        assert backfill.fill(store, terms, gathered, dates, NOW).added == 0
    assert dump(address) == expected


def test_a_worker_of_another_version_is_found_out(store, terms, gathered, dates, monkeypatch):
    monkeypatch.setattr(screen, "manifests", lambda *_: [{"as_of": f"{d:%Y-%m-%d}", "run_id": "other"} for d in dates])
    with pytest.raises(StoreError, match="same versions"):
        backfill.fill(store, terms, gathered, dates[:2], NOW)
    assert store.runs() == []


def test_one_at_a_time(address, store, terms, gathered, dates):
    with store.exclusive(), Store.open(address, NOW) as second, pytest.raises(Busy):
        backfill.fill(second, terms, gathered, dates[:1], NOW)


def test_no_scheduler_there_is_one_clear_line(store, terms, gathered, dates, monkeypatch):
    monkeypatch.setattr(backfill, "CONNECT_SECONDS", 0.5)
    with pytest.raises(Unreachable, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        backfill.fill(store, terms, gathered, dates[:1], NOW, scheduler="tcp://127.0.0.1:1")
    assert store.runs() == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--since", "2024-13"], "does not match"),
        (["--since", "2030-01"], "no session with closes"),
        (["--since", "2024-01", "--backend", "dask"], "belong together"),
        (["--since", "2024-01", "--groups", "rich"], "share20"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(arguments, told, tmp_path):
    done = screener("backfill", *arguments, "--database", str(tmp_path / "h.sqlite"), cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert list(tmp_path.iterdir()) == []
