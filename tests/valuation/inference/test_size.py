"""The size of every reported test at n = 15, homoskedastic and not, by the benchmark's own simulations in small."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

PLACE = Path(__file__).resolve().parents[3] / "benchmarks" / "size.py"


@pytest.fixture(scope="module")
def size():
    spec = importlib.util.spec_from_file_location("benchmark_size", PLACE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def within(rates, low: float, high: float, runs: int) -> bool:
    """Rates within [low, high] up to three binomial standard errors."""
    slack = 3 * np.sqrt(high * (1 - high) / runs)
    return bool(((np.asarray(rates) >= low - slack) & (np.asarray(rates) <= high + slack)).all())


@pytest.mark.long
def test_slope_tests(size):
    runs = 1000
    rates = size.regression(runs, draws=199)
    assert rates["wild bootstrap"].between(0.03, 0.10).all(), rates  # the headline, without slack
    for name in ("HC2-BM", "HC3 t(n-2)", "Spearman"):
        assert within(rates[name], 0.03, 0.10, runs), rates
    assert within(rates["Freedman-Lane"], 0.03, 0.13, runs), rates


def test_the_permutation_of_labels_is_exact_between_equal_groups_and_not_between_unequal_ones(size):
    runs = 2000
    rates = size.gap(runs, draws=199)
    sizes = rates[[c for c in rates.columns if c.endswith("size")]]
    assert within(sizes.xs("equal", level="spread"), 0.0, 0.05, runs), rates
    assert within(sizes.loc["6 v 6"], 0.03, 0.08, runs), rates
    # What the page warns of: two dispersed bitcoin miners, and intervals that are too short with them.
    assert (sizes.loc[("10 v 2", "bitcoin twice")] > 0.12).all()
    assert rates.at[("6 v 6", "equal"), "median cover"] > 0.90
    assert rates.at[("10 v 2", "equal"), "median cover"] < 0.85


def test_event_tests(size):
    runs = 800
    rates = size.event_tests(runs)
    assert within(rates.loc[["as estimated", "twice the variance"], ["BMP", "Kolari-Pynnonen"]], 0.04, 0.06, runs), (
        rates
    )
    assert within(rates.at["as estimated", "Corrado rank"], 0.04, 0.06, runs), rates
    assert rates.at["correlated by 0.2", "BMP"] > 0.2
    assert within(rates.at["correlated by 0.2", "Kolari-Pynnonen"], 0.03, 0.06, runs), rates


def test_trend_and_break_know_that_weeks_overlap_and_the_textbook_t_does_not(size):
    runs = 150
    rates = size.through_time(runs, draws=99, weeks=(92,))
    assert within(rates["trend"], 0.03, 0.10, runs), rates
    assert within(rates["break"], 0.0, 0.05, runs), rates
    assert rates.at[(92, 0.9), "its t from t(n-2)"] > 0.2


def test_the_panel(size):
    runs = 250
    assert within(size.company_panel(runs)["wild cluster bootstrap"], 0.03, 0.08, runs)


def test_the_rank_sum_interval_keeps_its_level_and_few_of_the_wider_group_break_it(size):
    runs = 600
    rates = size.rank_sum(runs)
    equal = rates.loc[(slice(None), ["normal", "heavy tails", "common factor"]), :]
    slack = 3 * np.sqrt(0.05 * 0.95 / runs)
    assert (equal["cover"] >= equal["level"] - slack).all(), rates
    assert (equal["size"] <= 0.05 + slack).all(), rates
    assert (rates.loc["3 v 4", "size"] == 0).all()  # no data are significant at 5% there
    assert rates.at[("10 v 3", "bitcoin twice"), "cover"] < 0.93


def test_tenant_clusters_reject_a_true_null_more_often_and_at_the_rates_that_the_pages_print(size):
    runs = 2000
    found = size.tenant_clusters(runs)
    kept = {(one.test, one.name): (one.independent, *one.clustered) for one in size.dependence.DESIGNS}
    assert list(found.index) == list(kept)
    for design, rates in kept.items():
        for measured, rate in zip(found.loc[design], rates, strict=True):
            assert abs(measured - rate) <= 4 * np.sqrt(rate * (1 - rate) / runs), (design, measured, rate)
    half = found[0.5]
    assert (half > found[0.25]).all()
    assert (found[0.25] > found[0.0]).all()
    assert within(found[0.0], 0.03, 0.08, runs), found


def test_signing_and_walks_without_an_effect(size):
    runs = 400
    signing = size.first_contracts(runs, permutations=99)
    assert within(signing.loc["equal"], 0.03, 0.08, runs), signing
    found = size.walks(40, paths=99, weeks=(53,))
    # At a true 6% of 40 histories more than 8 have a probability of 0.1%.
    assert (found["trend"] <= 8 / 40).all(), found
    assert (found["band, a week"] > 0.85).all(), found
