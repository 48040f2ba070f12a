"""The signing study of the bundled universe: against plain loops, point in time, its page and command."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from exports.tables.signing import signing_page
from screener import universes
from screener.cli import cli
from screener.errors import NotKnown
from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.studies.signing import first_contracts, signing_study
from tests.screener.test_point_in_time import with_another_future
from tests.valuation.signing import plain

DAY = pd.Timestamp("2026-01-16")


@pytest.fixture(scope="module")
def universe():
    return universes.load("miners")


@pytest.fixture(scope="module")
def study(universe):
    return signing_study(resolve_config(universe), InputData.of(universe), DAY)


def test_first_contracts_are_those_of_the_file(universe):
    found = first_contracts(InputData.of(universe), DAY)
    # Read by hand from contracts.csv; BTBT's is WYFI's, which it consolidates; SLNH has hosting alone.
    assert found.loc["HUT", "announced_on"] == pd.Timestamp("2024-09-26")
    assert found.loc["WULF", "announced_on"] == pd.Timestamp("2024-12-23")
    assert found.loc["CIFR", "announced_on"] == pd.Timestamp("2025-09-25")
    assert found.loc["RIOT", "announced_on"] == pd.Timestamp("2026-01-16")
    assert found.loc["BTBT", "announced_on"] == found.loc["WYFI", "announced_on"] == pd.Timestamp("2025-02-28")
    assert {"SLNH", "MARA", "KEEL", "CLSK", "HIVE"}.isdisjoint(found.index)
    assert found.loc["CORZ", "day_unsure"]
    assert not found.loc["CIFR", "day_unsure"]


def test_prices_are_those_of_plain_loops_over_the_files(universe, study):
    """From prices.csv, splits.csv and the events alone: no EV, no status, no point-in-time view."""
    closes = universe.prices[universe.prices["date"] <= DAY].pivot(index="date", columns="ticker", values="close_usd")
    for split in universe.splits.itertuples():
        if split.first_day_on_new_basis <= DAY and split.ticker in closes:
            closes.loc[closes.index < split.first_day_on_new_basis, split.ticker] /= split.shares_multiplier
    tickers = [*study.used.index, *study.never]
    closes = closes.loc["2024-01-05":, tickers]
    # Dates on which most companies have a close.
    closes = closes[closes.notna().sum(axis=1) >= 0.5 * len(tickers)]
    first = [
        int((closes.index < study.used.loc[name, "announced_on"]).sum()) if name in study.used.index else len(closes)
        for name in tickers
    ]
    logs = np.log(closes.to_numpy(dtype=float))
    for week in (-13, -5, 0, 4, 13, 26):
        by_hand = plain.estimate(logs, first, week)
        assert np.log(study.weeks.loc[("price", week), "ratio"]) == pytest.approx(by_hand, abs=1e-10)


def test_what_is_known_of_the_window_of_january_2026(study):
    # The event of the last close has a week 0 and no week 1.
    assert study.as_of == DAY
    assert study.used.loc["RIOT", "first_close"] == DAY
    events = study.weeks.loc["price", "events"]
    assert events[0] == len(study.used) == events[1] + 1
    assert (study.permutations, study.seed, study.level) == (999, 20260116, 0.95)


@pytest.mark.parametrize("fate", ["shuffled", "deleted"])
def test_no_figure_moves_when_the_future_is_another(universe, study, fate):
    other = with_another_future(universe, DAY, np.random.default_rng(3), fate)
    for name in ("phases", "contract_terms"):
        frame = getattr(other, name)
        other = replace(other, **{name: frame[frame["published_on"] <= DAY].reset_index(drop=True)})
    moved = signing_study(resolve_config(other), InputData.of(other), DAY)
    for name in ("events", "weeks", "windows", "change", "medians"):
        pd.testing.assert_frame_equal(getattr(moved, name), getattr(study, name), obj=name)


def test_another_past_moves_it_so_the_test_above_could_fail(universe, study):
    past = universe.prices.copy()
    past.loc[(past["ticker"] == "CIFR") & (past["date"] > "2025-10-01"), "close_usd"] *= 2
    moved = signing_study(resolve_config(universe), InputData.of(replace(universe, prices=past)), DAY)
    assert moved.weeks.loc[("price", 4), "ratio"] > study.weeks.loc[("price", 4), "ratio"]


def test_a_span_without_a_contract_is_told(universe):
    with pytest.raises(NotKnown, match="no first AI contract"):
        signing_study(resolve_config(universe), InputData.of(universe), "2024-02-02")


def test_the_page_holds_every_week_and_every_finding(study):
    page = signing_page(study)
    assert len(page.files["weeks"]) == 4 * 40
    assert [one["text"] for one in page.content["findings"]] == [one.text for one in study.findings]
    assert {table.name for table in page.tables} == {
        "events", "windows_price", "windows_price_matched", "windows_ev", "windows_ev_per_mw", "weeks", "medians", "change",
    }  # fmt: skip


def test_the_command_writes_what_it_prints(tmp_path):
    asked = ["signing", "--as-of", f"{DAY:%Y-%m-%d}", "--source", "bundled", "--since", "2025-01-03"]
    done = CliRunner().invoke(cli, [*asked, "--format", "json,csv", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "Does signing lift the value?" in done.output
    assert max(map(len, done.output.split("Written")[0].splitlines())) <= 80
    written = json.loads(next(tmp_path.glob("*signing*.json")).read_text())
    assert written["permutations"] == 999
    assert written["since"].startswith("2025-01-03")
    late = CliRunner().invoke(cli, [*asked[:-1], "2026-02-01"])
    assert late.exit_code == 2
    assert "is after" in late.output
