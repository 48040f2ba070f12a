"""The weekly run on live answers: an unmodified yfinance against the local Yahoo, stored in the history as they came."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tests.loopback.yahoo import EVERY

TODAY = pd.Timestamp.now().normalize()
SESSION = TODAY - pd.Timedelta(days=2)


@pytest.fixture
def fresh(live):
    """Yahoo with a session of two days ago."""
    live.yahoo.traded["ETH-USD"] = pd.Series([4_100.0], index=[SESSION - pd.Timedelta(days=1)])
    live.yahoo.closes_on(SESSION, {"RIOT": 20.0, "BTC-USD": 90_000.0, "ETH-USD": 4_000.0})
    return live


def weekly(live, folder: Path, *more: str):
    return live.screener(
        "weekly", "--source", "yahoo", "--as-of", f"{TODAY:%Y-%m-%d}", "--database", "history.sqlite", "--out", "out",
        "--log", "weekly.log", "--tries", "1", "--config", "settings.toml", *more, cwd=folder,
    )  # fmt: skip


def rows(folder: Path, query: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(folder / "history.sqlite")) as connection:
        return connection.execute(query, values).fetchall()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "settings.toml").write_text("[alerts]\nexit_code = false\n")
    return tmp_path


@pytest.mark.long
def test_the_same_answers_an_hour_later_are_the_same_run_and_another_close_is_kept_beside_the_first(fresh, folder):
    quarter = f"{TODAY - pd.Timedelta(days=40):%Y-%m-%d}"
    fresh.yahoo.sheet("RIOT", quarter, cash=400e6, debt=900e6, leases=10e6, shares=390e6)
    first, second = weekly(fresh, folder), weekly(fresh, folder)
    assert (first.returncode, first.stderr) == (second.returncode, second.stderr) == (0, "")
    assert "stored in the history" in first.stdout
    assert "already in the history" in second.stdout
    query = "SELECT value FROM facts WHERE origin = 'yahoo' AND ticker = 'RIOT' AND item = 'cash' AND period_end = ?"
    assert rows(folder, query, quarter) == [(400e6,)]

    fresh.yahoo.traded["RIOT"].iloc[-1] = 21.0
    fresh.yahoo.sheet("RIOT", quarter, cash=410e6, debt=900e6, leases=10e6, shares=390e6)
    third = weekly(fresh, folder)
    assert "stored in the history" in third.stdout, third.stderr
    assert [price for (price,) in rows(
        folder, "SELECT value FROM figures WHERE ticker = 'RIOT' AND metric = 'price_usd' ORDER BY run_no")
    ] == [20.0, 21.0]  # fmt: skip
    closes = "SELECT close_usd FROM closes WHERE origin = 'yahoo' AND ticker = 'RIOT' AND date = ? ORDER BY seen_at"
    assert rows(folder, closes, f"{SESSION:%Y-%m-%d}") == [(20.0,), (21.0,)]
    assert rows(folder, query + " ORDER BY fact_no", quarter) == [(400e6,), (410e6,)]


@pytest.mark.long
def test_live_prices_after_a_backfilled_week_are_compared_and_the_source_is_named(fresh, folder):
    arguments = ["backfill", "--since", "2026-10-02", "--until", "2026-10-02", "--database", "history.sqlite"]
    assert fresh.screener(*arguments, cwd=folder).returncode == 0
    done = weekly(fresh, folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Not a market move: price source: bundled before, yahoo now." in done.stdout
    (book,) = (folder / "out").iterdir()
    assert openpyxl.load_workbook(book).sheetnames[:2] == ["Brief", "Changes"]


def test_a_yahoo_that_refuses_is_exit_3_one_line_and_due_again(fresh, folder):
    fresh.yahoo.fail(EVERY, "429")
    done = weekly(fresh, folder)
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert rows(folder, "SELECT count(*) FROM runs") == [(0,)]
    assert not (folder / "out").exists()
    assert "failed" in (folder / "weekly.log").read_text()
    fresh.yahoo.faults.clear()
    assert weekly(fresh, folder).returncode == 0
