"""Backtests on the bundled miners: a month by hand, the future shuffled, and the page a reader gets."""

from __future__ import annotations

import csv
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from screener import rules, universes
from screener.cli import cli
from screener.errors import NotKnown, ScreenerError
from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.studies import backtest
from tests.screener.test_point_in_time import with_another_future
from valuation.screening import backtest as study

UNTIL = pd.Timestamp("2026-10-05")


@pytest.fixture(scope="module")
def miners():
    return universes.load("miners")


def given(universe):
    return resolve_config(universe), InputData.of(universe)


@pytest.fixture(scope="module")
def monthly(miners):
    asked = rules.define(where="equity_value_usd > 1bn", rank_by="price_usd", top=3)
    return backtest.run(*given(miners), asked, UNTIL, every="month", cost=0.01)


def raw_closes() -> dict[tuple[str, str], float]:
    """Closes as the file has them, by date and ticker; no code of the program."""
    with open(universes.HOME / "miners" / "prices.csv", encoding="utf-8") as file:
        return {(row["date"], row["ticker"]): float(row["close_usd"]) for row in csv.DictReader(file)}


def test_one_month_by_hand(monthly):
    """Decided on the last Friday of July 2026, bought a week later, held until a week after the last one of August."""
    closes = raw_closes()
    decisions = monthly.result.decisions
    row = decisions.loc["2026-07-31"]
    assert (f"{row['traded_on']:%Y-%m-%d}", row["held"], row["names"]) == ("2026-08-07", 3, "APLD, HUT, IREN")
    names = row["names"].split(", ")
    weeks = ["2026-08-07", "2026-08-14", "2026-08-21", "2026-08-28", "2026-09-04"]
    worth = [sum(closes[week, name] / closes[weeks[0], name] for name in names) / 3 for week in weeks]
    expected = [later / earlier - 1 for earlier, later in pairwise(worth)]
    found = monthly.result.returns.loc["2026-08-08":"2026-09-04"]
    assert found[study.GROSS].to_numpy() == pytest.approx(expected)
    assert found[study.NET].iloc[0] == pytest.approx((1 + expected[0]) * (1 - row["cost"]) - 1)
    fund = [closes[b, "WGMI"] / closes[a, "WGMI"] - 1 for a, b in pairwise(weeks)]
    assert found["fund WGMI (price)"].to_numpy() == pytest.approx(fund)


def test_the_universe_of_that_month_by_hand(monthly):
    closes = raw_closes()
    outside = {"ABTC", "WYFI", "CRWV", "NBIS", "GLXY", "SPY", "QQQ", "WGMI"}
    start, end = "2026-08-07", "2026-09-04"
    names = sorted({t for d, t in closes if d == start} - outside)
    growth = [closes[end, name] / closes[start, name] for name in names]
    found = monthly.result.returns.loc["2026-08-08":"2026-09-04", study.UNIVERSE]
    assert np.prod(1 + found) == pytest.approx(sum(growth) / len(growth))


def test_a_reverse_split_is_no_return(miners):
    """CANG, 1 for 10 on 2026-07-21: from 0.14 to 1.4 is nothing."""
    closes = InputData.of(miners).weekly_closes(UNTIL)["CANG"]
    raw = raw_closes()
    before, after = raw["2026-07-17", "CANG"] * 10, raw["2026-07-24", "CANG"]
    assert closes["2026-07-17"] == pytest.approx(before)
    assert closes["2026-07-24"] == pytest.approx(after)
    earlier = InputData.of(miners).weekly_closes(pd.Timestamp("2026-07-17"))["CANG"]
    assert earlier.iloc[-1] == pytest.approx(raw["2026-07-17", "CANG"])  # a split to come is not known


def test_decisions_fall_on_the_last_close_of_a_month_that_has_ended(miners):
    calendar = InputData.of(miners).weekly_closes(UNTIL).index
    dates = backtest.decision_dates(calendar, pd.Timestamp("2026-05-01"), "month")
    assert [f"{d:%Y-%m-%d}" for d in dates] == ["2026-05-29", "2026-06-26", "2026-07-31", "2026-08-28", "2026-09-25"]
    assert calendar[-1] == pd.Timestamp("2026-10-02")  # Monday the 5th ends no week


def shuffled(miners, day: pd.Timestamp, seed: int):
    """Everything published after a day exchanged at random."""
    return with_another_future(miners, day, np.random.default_rng(seed), "shuffled")


@pytest.mark.parametrize("name", rules.bundled())
@pytest.mark.parametrize("day", ["2025-03-14", "2026-01-16"])
def test_shuffling_the_future_changes_no_decision(miners, name, day):
    day = pd.Timestamp(day)
    calendar = InputData.of(miners).weekly_closes(UNTIL).index
    dates = calendar[(calendar >= "2024-01-05") & (calendar <= day)]
    asked = rules.load(name)
    before = rules.select(backtest.history(*given(miners), dates), asked)
    after = rules.select(backtest.history(*given(shuffled(miners, day, 3)), dates), asked)
    np.testing.assert_array_equal(before.member, after.member)
    np.testing.assert_array_equal(before.unknown, after.unknown)
    np.testing.assert_array_equal(before.score, after.score)


def test_the_screens_of_the_test_above_choose_somebody(miners):
    dates = InputData.of(miners).weekly_closes(pd.Timestamp("2026-01-16")).index
    panel = backtest.history(*given(miners), dates)
    assert all(rules.select(panel, rules.load(name)).member.any() for name in rules.bundled())


def test_shuffling_the_future_changes_no_return_until_then(miners):
    day = pd.Timestamp("2026-01-16")
    asked = rules.load("cheap-power")
    before = backtest.run(*given(miners), asked, UNTIL).result
    after = backtest.run(*given(shuffled(miners, day, 5)), asked, UNTIL).result
    pd.testing.assert_frame_equal(before.returns.loc[:day], after.returns.loc[:day])
    assert not before.returns.loc[day:].equals(after.returns.loc[day:])


def test_a_later_end_changes_nothing_before_it(miners):
    asked = rules.load("pivot-laggards")
    short = backtest.run(*given(miners), asked, pd.Timestamp("2026-06-30")).result
    long = backtest.run(*given(miners), asked, UNTIL).result
    shared = short.decisions.index[:-1]  # the last trade is held shorter in the short run
    pd.testing.assert_frame_equal(short.members.loc[shared], long.members.loc[shared])
    day = short.returns.index[-1]
    pd.testing.assert_frame_equal(short.returns, long.returns.loc[:day])


def test_the_statement_says_who_is_missing(monthly):
    text = " ".join(monthly.statement)
    for words in ("Survivorship", "CANG 2026-07-31, GREE 2026-07-10", "Look-ahead", "traded 1 close later", "Costs: 1.00%",
                  "Trials: not known; state how many screens you tried"):  # fmt: skip
        assert words in text


def test_the_page_fits_and_carries_n_df_lags_and_the_statement(tmp_path):
    out = tmp_path / "decisions.csv"
    done = CliRunner().invoke(
        cli,
        [
            "backtest",
            "cheap-power",
            "--every",
            "month",
            "--source",
            "bundled",
            "--as-of",
            "2026-10-05",
            "--out",
            str(out),
        ],
    )
    assert done.exit_code == 0, done.exception
    assert max(len(line) for line in done.output.splitlines() if not line.startswith("Written")) <= 80
    text = " ".join(done.output.split())
    for words in ("independent bets", "Deflated Sharpe ratio", "Survivorship:", "Look-ahead:", "Trials:",
                  "Newey-West", "Lags", "n = "):  # fmt: skip
        assert words in text
    frame = pd.read_csv(out)
    assert list(frame.columns[:4]) == ["decided_on", "traded_on", "held", "turnover"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["backtest", "--where", "secured_mw > 900000"], "nobody is in on any of"),
        (["backtest", "cheap-power", "--since", "2026-09-01"], "at least 12 are needed"),
        (["backtest", "cheap-power", "--since", "2026-10-04"], "no weekly close between"),
    ],
)
def test_what_cannot_be_measured_is_told(arguments, told):
    done = CliRunner().invoke(cli, [*arguments, "--source", "bundled", "--as-of", "2026-10-05"])
    assert isinstance(done.exception, NotKnown)
    assert isinstance(done.exception, ScreenerError)
    assert told in str(done.exception)


def test_without_a_screen_the_command_says_what_it_needs():
    done = CliRunner().invoke(cli, ["backtest"])
    assert done.exit_code == 2
    assert "give a SCREEN, or a rule" in done.output
