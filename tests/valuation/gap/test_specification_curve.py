"""The specification curve and the gap study on the bundled universe, against one specification at a time."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from screener import pipeline, point_in_time, universes
from screener.gathering import InputData
from screener.run_config import RunConfig, resolve_config
from screener.studies import gap_history, gap_study
from valuation.assumptions import Assumptions, Bridge
from valuation.gap import estimate, specification_curve
from valuation.gap.specification import Specification

DAY = pd.Timestamp("2026-01-16")
FEW = replace(Assumptions(), bootstrap_draws=199)


@pytest.fixture(scope="module")
def miners():
    return universes.load("miners")


@pytest.fixture(scope="module")
def curve(miners):
    inputs, _ = point_in_time.as_of_view(InputData.of(miners), [DAY], FEW)
    return specification_curve.curve(specification_curve.cross_sections(inputs, FEW), FEW)


@pytest.fixture(scope="module")
def config(miners) -> RunConfig:
    return resolve_config(miners, assumptions=FEW)


@pytest.fixture(scope="module")
def data(miners) -> InputData:
    return InputData.of(miners)


def test_every_combination_stands_once_and_one_is_the_headline(curve):
    assert len(curve.frame) == 3 * 2**4 * 5 * 4
    assert not curve.frame.duplicated(list(specification_curve.AXES)).any()
    head = curve.frame[curve.frame["is_headline"]].iloc[0]
    assert head[["denominator", "rule", "statistic"]].tolist() == ["secured", "share20", "hodges_lehmann"]
    assert head[list(specification_curve.VARIED)].to_dict() == {
        k: getattr(Bridge(), k) for k in specification_curve.VARIED
    }


@pytest.mark.parametrize(
    ("rule", "switches"),
    [
        ("share20", {}),
        ("signed", {"net_bitcoin": False}),
        ("mw25", {"if_converted": False, "net_restricted_cash": False}),
    ],
)
def test_a_row_equals_a_whole_run_under_its_definition(miners, curve, rule, switches):
    run = pipeline.run(miners, DAY, source="bundled", rule=rule, assumptions=FEW, switches=Bridge(**switches))
    frame = curve.frame[curve.frame["rule"] == rule]
    for name in specification_curve.VARIED:
        frame = frame[frame[name] == getattr(Bridge(**switches), name)]
    for row in frame.itertuples(index=False):
        mine = run.gap.frame
        theirs = mine[(mine["metric"] == f"ev_per_mw_{row.denominator}") & (mine["statistic"] == row.statistic)].iloc[0]
        few = min(row.n_pivot, row.n_bitcoin) < 3
        found = [row.ratio, row.low, row.high, row.n_pivot, row.n_bitcoin]
        expected = theirs[["ratio", "low", "high", "n_pivot", "n_bitcoin"]].tolist()
        assert found == pytest.approx(expected, rel=1e-9, nan_ok=True)
        if row.statistic == "hodges_lehmann":
            assert row.p_value == pytest.approx(theirs["p_value"], nan_ok=True)
        assert np.isnan(row.p_value) == few


def test_the_p_of_the_other_statistics_is_that_of_every_labelling(miners, curve):
    run = pipeline.run(miners, DAY, source="bundled", assumptions=FEW)
    members = run.table[run.gap.members["ev_per_mw_secured"]]
    values, is_pivot = members["ev_per_mw_secured"].to_numpy(), (members["group"] == "pivot").to_numpy()
    apart = []
    for chosen in itertools.combinations(range(len(values)), int(is_pivot.sum())):
        first = np.isin(np.arange(len(values)), chosen)
        apart.append(abs(np.log(np.median(values[first]) / np.median(values[~first]))))
    observed = abs(np.log(np.median(values[is_pivot]) / np.median(values[~is_pivot])))
    head = curve.frame[curve.frame["is_headline"]].iloc[0]
    same = (curve.frame[["denominator", "rule", *specification_curve.VARIED]] == head[
        ["denominator", "rule", *specification_curve.VARIED]]).all(axis=1)  # fmt: skip
    p = curve.frame.loc[same & (curve.frame["statistic"] == "median"), "p_value"].item()
    assert p == pytest.approx(np.mean(np.array(apart) >= observed - 1e-9))


def test_shares_are_counts_of_the_measured_rows(curve):
    done = curve.frame.dropna(subset="p_value")
    row = curve.shares().loc[DAY]
    assert row["measured"] == len(done)
    assert row["share_ratio_above_one"] == pytest.approx(np.mean([ratio > 1 for ratio in done["ratio"]]))
    significant = [ratio > 1 and p <= 0.05 for ratio, p in zip(done["ratio"], done["p_value"], strict=True)]
    assert row["share_significant"] == pytest.approx(np.mean(significant))


def test_a_switch_of_a_line_that_nobody_reports_makes_no_distinct_specification(data):
    inputs, _ = point_in_time.as_of_view(data, [DAY], FEW)
    silent = replace(inputs, items=inputs.items.assign(deferred_revenue=np.nan))
    both = [Bridge(), Bridge(prepayments_as_debt=True)]
    assert specification_curve.cross_sections(silent, FEW, rules=["share20"], settings=both).n_distinct == 3
    told = replace(inputs, items=inputs.items.assign(deferred_revenue=1e8))
    assert specification_curve.cross_sections(told, FEW, rules=["share20"], settings=both).n_distinct == 6


def test_the_study_of_the_headline(config, data):
    run, study = gap_study(config, data, DAY)
    assert study.chosen.equals(run.gap.headline)
    assert study.declared["ratio"] == pytest.approx(study.chosen["ratio"])
    assert study.tested.equals(study.chosen)
    row = study.chosen
    assert row["low"] < row["ratio"] < row["high"]
    assert (row["low"] > 1) == (row["p_value"] <= 0.05)
    assert (row["low"] <= 2 <= row["high"]) == (study.p_claimed > 0.05)
    members = run.table[run.gap.members["ev_per_mw_secured"]]
    by_group = {name: part.to_numpy() for name, part in members.groupby("group")["ev_per_mw_secured"]}
    halved = stats.mannwhitneyu(by_group["pivot"] / 2, by_group["bitcoin"], method="exact")
    assert study.p_claimed == pytest.approx(halved.pvalue)
    pd.testing.assert_series_equal(study.sensitivity.sort_index(), run.gap.sensitivity.sort_index(), check_names=False)
    assert study.n_distinct <= len(study.curve.measured)
    parts = study.oaxaca_blinder.loc["ln_secured_mw"]
    geometric = run.gap.frame.set_index(["metric", "statistic"]).at[("ev_per_mw_secured", "geometric_mean"), "ratio"]
    assert np.exp(parts["difference"]) == pytest.approx(geometric)
    assert parts["explained"] + parts["unexplained"] == pytest.approx(parts["difference"])


def test_the_study_of_another_definition_keeps_the_declared_headline_beside_it(miners, config, data):
    definition = Specification.parse(["denominator=operating,statistic=geometric_mean,rule=signed,net_bitcoin=no"])
    run, study = gap_study(config, data, DAY, definition)
    assert run.switches == definition.switches
    assert study.chosen[["metric", "statistic"]].tolist() == ["ev_per_mw_operating", "geometric_mean"]
    headline = pipeline.run(miners, DAY, source="bundled", assumptions=FEW).gap.headline
    assert study.declared["ratio"] == pytest.approx(headline["ratio"])
    members = run.table[run.gap.members["ev_per_mw_operating"]]
    ln = np.log(members["ev_per_mw_operating"])
    first = members["group"] == "pivot"
    assert study.chosen["ratio"] == pytest.approx(np.exp(ln[first].mean() - ln[~first].mean()))
    assert study.tested[["metric", "statistic"]].tolist() == ["ev_per_mw_operating", "hodges_lehmann"]
    test = stats.mannwhitneyu(ln[first], ln[~first], method="exact")
    assert study.tested["p_value"] == pytest.approx(test.pvalue)


def test_history_weeks_equal_runs_of_those_days(miners, config, data):
    since, until = pd.Timestamp("2025-12-19"), DAY
    history = gap_history(config, data, since, until)
    for day in history.frame.index:
        head = pipeline.run(miners, day, source="bundled", assumptions=FEW).gap.headline
        row = history.frame.loc[day]
        found = row[["ratio", "low", "high", "n_pivot", "n_bitcoin"]].tolist()
        assert found == pytest.approx(head[["ratio", "low", "high", "n_pivot", "n_bitcoin"]].tolist())
    assert "a trend needs 30" in history.note


def test_history_follows_the_definition(miners, config, data):
    definition = Specification.parse(["denominator=weighted,statistic=aggregate,rule=signed,if_converted=no"])
    day = pd.Timestamp("2026-01-09")
    row = gap_history(config, data, day, day, definition).frame.loc[day]
    run = pipeline.run(miners, day, source="bundled", assumptions=FEW, rule="signed", switches=definition.switches)
    frame = run.gap.frame.set_index(["metric", "statistic"])
    assert row["ratio"] == pytest.approx(frame.at[("ev_per_mw_weighted", "aggregate"), "ratio"])


def test_the_gap_names_its_headline_first():
    assert (Specification().metric, Specification().statistic) == estimate.HEADLINE
