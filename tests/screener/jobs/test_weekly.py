"""The weekly job from end to end: due, missed, failed, repeated, compared, kept so long, told."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from screener import files, loading, run_config, universes
from screener.config.alerts import AlertSettings
from screener.errors import Unreachable
from screener.gathering import InputData
from screener.jobs import backfill, weekly
from screener.run_config import RunConfig
from screener.schedule import When
from screener.store import Store
from tests import commands
from valuation.comparison.attribution import FACTORS

QUIET = AlertSettings(exit_code=False, goes_stale=False, group_change=False)


@pytest.fixture(scope="module")
def terms() -> RunConfig:
    agreed = run_config.resolve_config(universes.load("miners"))
    return replace(agreed, assumptions=replace(agreed.assumptions, bootstrap_draws=99))


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    with Store.open(tmp_path / "history.sqlite", at("2026-01-01")) as opened:
        yield opened


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def plan(tmp_path: Path, **other) -> weekly.Plan:
    return weekly.Plan("bundled", tmp_path / "out", wait_seconds=0.0, **other)


def go(store: Store, terms: RunConfig, made: weekly.Plan, now: str, **other) -> list[weekly.WeeklyRun]:
    return weekly.run(store, terms, made, other.pop("settings", QUIET), lambda: at(now), **other)


def test_two_weeks_apart_give_a_changes_sheet_whose_parts_sum_to_the_change_for_every_company(store, terms, tmp_path):
    made = plan(tmp_path)
    (first,) = go(store, terms, made, "2026-01-10T01:00:00")
    assert first.changes is None
    (second,) = go(store, terms, made, "2026-01-17T01:00:00")
    book = openpyxl.load_workbook(second.paths[0], data_only=True)
    assert book.sheetnames[:2] == ["Brief", "Changes"]
    assert "Changes" not in openpyxl.load_workbook(first.paths[0]).sheetnames
    sheet = book["Changes"]
    rows = list(sheet.iter_rows(values_only=True))
    head = next(i for i, row in enumerate(rows) if row[0] == "Ticker")
    columns = rows[head]
    change = [i for i, name in enumerate(columns) if name == "Change"][1]
    parts = range(change + 1, change + 1 + len(FACTORS))
    summed = 0
    for row in rows[head + 1 : head + 1 + len(second.screen.table)]:
        if row[change] == "n/a":
            assert all(row[i] == "n/a" for i in parts)
            continue
        # Stored figures of formulas have twelve digits, in the file of every make of processor the same.
        assert sum(row[i] for i in parts) == pytest.approx(row[change], rel=1e-11, abs=1e-12)
        before, after = first.screen.table, second.screen.table
        expected = after.at[row[0], "ev_per_mw_secured"] - before.at[row[0], "ev_per_mw_secured"]
        assert row[change] == pytest.approx(expected, rel=1e-11, abs=1e-12)
        summed += 1
    # 13 companies in the gap of 16 January and WYFI, which BTBT consolidates: each has EV per secured MW in both weeks.
    assert summed == 14


@pytest.mark.long
def test_studies_and_net_asset_values_stand_in_the_workbook_and_the_run_is_the_same(store, terms, tmp_path):
    (whole,) = go(store, terms, plan(tmp_path, studies=True, nav=True), "2026-01-17T01:00:00")
    sheets = set(openpyxl.load_workbook(whole.paths[0], read_only=True).sheetnames)
    assert {"NAV", "Scenarios", "Specification curve", "Signing"} <= sheets
    (plain,) = go(store, terms, plan(tmp_path), "2026-01-18T01:00:00", as_of=date(2026, 1, 16))
    assert (whole.added, plain.added) == (True, False)


def test_the_same_week_twice_is_stored_once_and_not_due_again(store, terms, tmp_path):
    made = plan(tmp_path)
    (first,) = go(store, terms, made, "2026-01-17T01:00:00")
    content = first.paths[0].read_bytes()
    assert go(store, terms, made, "2026-01-17T01:00:01") == []
    (again,) = go(store, terms, made, "2026-01-18T01:00:00", as_of=date(2026, 1, 16))
    assert (first.added, again.added) == (True, False)
    assert again.paths[0].read_bytes() == content
    assert len(store.runs()) == 1


@pytest.mark.long
def test_weeks_missed_are_made_up_each_as_of_its_own_close(store, terms, tmp_path):
    made = plan(tmp_path)
    go(store, terms, made, "2025-12-13T01:00:00")
    outcomes = go(store, terms, made, "2026-01-09T12:00:00")  # a Friday noon: its own run is not due yet
    assert [f"{o.screen.as_of:%F}" for o in outcomes] == ["2025-12-19", "2025-12-26", "2026-01-02"]
    assert [o.changes.before.as_of.date() for o in outcomes] == [date(2025, 12, d) for d in (12, 19, 26)]


def test_a_backfill_does_not_count_as_the_weekly_run_and_what_it_stored_is_compared_with(store, terms, tmp_path):
    gathered = InputData.of(terms.universe)
    backfill.fill(store, terms, gathered, [pd.Timestamp("2026-01-09"), pd.Timestamp("2026-01-16")], at("2026-01-20"))
    (outcome,) = go(store, terms, plan(tmp_path), "2026-01-17T01:00:00")
    assert outcome.added is False
    assert outcome.changes.before.as_of == pd.Timestamp("2026-01-09")
    assert go(store, terms, plan(tmp_path), "2026-01-17T02:00:00") == []


def yahoo_that_fails(monkeypatch, times: int, *, under_auto: bool) -> list[str]:
    """A source that gives no answer so many times, and the bundled closes afterwards."""
    asked: list[str] = []
    real = loading.load_inputs

    def gather(universe, as_of, source, progress):
        asked.append(source)
        if len(asked) > times:
            return replace(real(universe, as_of, "bundled", progress), source="yahoo")
        if not under_auto:
            raise Unreachable("no route to Yahoo", source="yahoo")
        return replace(real(universe, as_of, "bundled", progress), fell_back="no route to Yahoo")

    monkeypatch.setattr(loading, "load_inputs", gather)
    return asked


@pytest.mark.parametrize(("source", "under_auto"), [("yahoo", False), ("auto", True)])
def test_a_source_that_fails_is_asked_again(store, terms, tmp_path, monkeypatch, source, under_auto):
    asked = yahoo_that_fails(monkeypatch, 2, under_auto=under_auto)
    (outcome,) = go(store, terms, replace(plan(tmp_path, tries=4), source=source), "2026-01-17T01:00:00")
    assert asked == [source] * 3
    assert outcome.screen.manifest["price_source"] == "yahoo"


def test_waits_double_from_try_to_try(terms, tmp_path, monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    yahoo_that_fails(monkeypatch, 99, under_auto=False)
    made = weekly.Plan("yahoo", tmp_path, tries=4, wait_seconds=60.0)
    with pytest.raises(Unreachable):
        weekly.gather(terms, pd.Timestamp("2026-01-16"), made, lambda _: None)
    assert len(waits) == 3
    for wait, least in zip(waits, (60, 120, 240), strict=True):
        assert least <= wait <= least + 15


def test_with_yahoo_named_and_dead_the_run_fails_is_told_and_due_again(store, terms, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(weekly, "deliver", lambda message, *_, **__: told.append(message) or [])
    with monkeypatch.context() as patched:
        yahoo_that_fails(patched, 99, under_auto=False)
        with pytest.raises(Unreachable):
            go(store, terms, replace(plan(tmp_path, tries=2), source="yahoo"), "2026-01-17T01:00:00")
    assert [message.payload["event"] for message in told] == ["failure"]
    assert "no route to Yahoo" in told[0].text
    assert store.runs() == []
    (outcome,) = go(store, terms, plan(tmp_path), "2026-01-18T01:00:00")
    assert outcome.screen.as_of == pd.Timestamp("2026-01-16")


def test_a_run_on_bundled_prices_that_was_to_be_live_is_kept_marked_and_made_again(store, terms, tmp_path, monkeypatch):
    auto = replace(plan(tmp_path, tries=1), source="auto")
    yahoo_that_fails(monkeypatch, 1, under_auto=True)
    (fallen,) = go(store, terms, auto, "2026-01-17T01:00:00", settings=QUIET.model_copy(update={"goes_stale": True}))
    assert [alert.rule for alert in fallen.alerts] == ["goes_stale"]
    assert store.runs()[0].fell_back == "no route to Yahoo"
    (live,) = go(store, terms, auto, "2026-01-18T01:00:00")
    assert live.added
    assert [run.price_source for run in store.runs()] == ["bundled", "yahoo"]
    assert go(store, terms, auto, "2026-01-19T01:00:00") == []


def test_old_files_go_and_only_those_that_the_run_itself_names(tmp_path):
    days = ("2026-01-02", "2026-01-09", "2026-01-16")
    ours = [tmp_path / f"miners_{day}.{kind}" for day in days for kind in ("xlsx", "csv")]
    half_old, half_new = (tmp_path / f".miners_2026-01-16.xlsx.{end}" for end in ("abcd1234", "efgh5678"))
    strangers = [tmp_path / name for name in (
        "miners_2026-01-02.xlsx.bak", "miners_2026-1-2.xlsx", "other_2026-01-02.xlsx", "miners_2026-01-02_final.xlsx",
        "my miners_2026-01-02.xlsx", ".miners_notes")]  # fmt: skip
    for path in (*ours, half_old, half_new, *strangers):
        path.write_text("x")
    long_ago = time.time() - 2 * files.LEFT_OVER_SECONDS
    os.utime(half_old, (long_ago, long_ago))
    (tmp_path / "miners_2020-01-03.xlsx").mkdir()
    gone = files.prune(tmp_path, "miners", 2)
    assert gone == sorted([*ours[:2], half_old])
    assert {*ours[2:], half_new, *strangers} < set(tmp_path.iterdir())


@pytest.mark.long
def test_files_beyond_the_kept_weeks_go_and_the_history_keeps_them(store, terms, tmp_path):
    made = plan(tmp_path, keep=2)
    for now in ("2026-01-03", "2026-01-10", "2026-01-17"):
        go(store, terms, made, f"{now}T01:00:00")
    assert sorted(path.name for path in made.out.iterdir()) == ["miners_2026-01-09.xlsx", "miners_2026-01-16.xlsx"]
    assert len(store.runs()) == 3


def test_another_time_of_the_week(store, terms, tmp_path):
    monday = plan(tmp_path, when=When.of("mon 08:00", "Europe/London"))
    (outcome,) = go(store, terms, monday, "2026-01-19T08:00:00")
    assert outcome.screen.as_of == pd.Timestamp("2026-01-16")


def screener(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return commands.screener(*arguments, cwd=cwd, environment=environment)


def january(*more: str) -> list[str]:
    return ["weekly", "--source", "bundled", "--database", "history.sqlite", "--out", "out", "--log", "w.log", *more]


def test_two_started_at_the_same_time_one_works_and_one_says_so(tmp_path):
    results: list[subprocess.CompletedProcess[str]] = []
    start = threading.Barrier(2)

    def one() -> None:
        start.wait()
        arguments = ["--since", "2026-03", "--source", "bundled", "--database", "history.sqlite", "--workers", "1"]
        results.append(screener("backfill", *arguments, cwd=tmp_path))

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = sorted(result.returncode for result in results)
    assert codes == [0, 6]
    loser = next(result for result in results if result.returncode == 6)
    assert "another run is at work (process " in loser.stderr
    assert len(loser.stderr.splitlines()) == 1


def test_a_weekly_run_leaves_a_backfill_alone_and_does_its_work_after_it(tmp_path):
    with Store.open(tmp_path / "history.sqlite", at("2026-01-01")) as store, store.exclusive():
        result = screener(*january("--as-of", "2026-01-16"), cwd=tmp_path)
    assert (result.returncode, result.stdout) == (6, "")
    assert f"another run is at work (process {os.getpid()}); this one did nothing" in result.stderr
    assert not (tmp_path / "out").exists()
    assert screener(*january("--as-of", "2026-01-16"), cwd=tmp_path).returncode == 0


def test_the_command_line_tells_the_week_and_ends_with_5_where_an_alert_was_raised(tmp_path):
    settings = tmp_path / "settings.toml"
    settings.write_text("[alerts]\nev_per_mw_move = 0.35\ngoes_stale = false\n")
    first = screener(*january("--as-of", "2026-01-09", "--config", "settings.toml", "--paper", "a4"), cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    book = openpyxl.load_workbook(tmp_path / "out" / "miners_2026-01-09.xlsx")
    assert {int(sheet.page_setup.paperSize) for sheet in book.worksheets if sheet.sheet_state == "visible"} == {
        9
    }  # Excel's number of A4
    second = screener(*january("--as-of", "2026-01-16", "--config", "settings.toml"), cwd=tmp_path)
    assert second.returncode == 5  # tests/screener/january.py has both figures by hand
    assert second.stderr == "screener: 1 alert: RIOT: EV per secured MW from $2.44m to $3.34m (+37%), mostly price\n"
    assert "Contract signed: RIOT, Advanced Micro Devices" in second.stdout
    log = (tmp_path / "w.log").read_text()
    assert "alert ev_per_mw_move: RIOT" in log
    settings.write_text("[alerts]\nev_per_mw_move = 0.35\ngoes_stale = false\nexit_code = false\n")
    third = screener(*january("--as-of", "2026-01-16", "--config", "settings.toml", "--quiet"), cwd=tmp_path)
    assert (third.returncode, third.stdout, third.stderr) == (0, "", "")


def test_a_dead_channel_is_told_and_does_not_fail_the_run(tmp_path):
    (tmp_path / "settings.toml").write_text(
        '[alerts]\nexit_code = false\n[alerts.email]\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\n'
        'sender = "a@b.c"\nto = ["d@e.f"]\n'
    )
    result = screener(*january("--as-of", "2026-01-16", "--config", "settings.toml", "--wait", "0"), cwd=tmp_path,
                      SCREENER_SMTP_PASSWORD="open-sesame")  # fmt: skip
    assert result.returncode == 0
    assert result.stderr.startswith("screener: email: not delivered: 127.0.0.1:1:")
    assert "open-sesame" not in result.stderr + (tmp_path / "w.log").read_text()
    assert (tmp_path / "out" / "miners_2026-01-16.xlsx").exists()


def test_a_log_that_cannot_be_written_is_told_and_does_not_fail_the_run(tmp_path):
    (tmp_path / "w.log").mkdir()
    result = screener(*january("--as-of", "2026-01-09"), cwd=tmp_path)
    assert result.returncode == 0
    assert result.stderr.startswith("screener: no log: ")


@pytest.mark.long
def test_a_run_kept_by_hand_opens_with_the_brief_and_what_changed(tmp_path):
    run = ["run", "--source", "bundled", "--store", "--database", "history.sqlite", "--quiet"]
    for day in ("2026-01-09", "2026-01-16"):
        result = screener(*run, "--as-of", day, cwd=tmp_path)
        assert (result.returncode, result.stderr) == (0, "")
    assert openpyxl.load_workbook(tmp_path / "screens" / "miners_2026-01-16.xlsx").sheetnames[:2] == [
        "Brief",
        "Changes",
    ]


def test_without_store_a_run_touches_no_history(tmp_path):
    result = screener(
        "run", "--source", "bundled", "--as-of", "2026-01-16", "--database", "history.sqlite", cwd=tmp_path
    )
    assert result.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["screens"]
