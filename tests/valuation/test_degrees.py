"""No test is reported on fewer than three degrees of freedom, whatever the size of the sample."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation import inference
from valuation.degrees import require_degrees
from valuation.errors import NotEstimable
from valuation.events import bmp, cross_sectional_t, kolari_pynnonen
from valuation.regression import diagnostics
from valuation.regression.ols import primary
from valuation.regression.panel import fixed_effects
from valuation.screening.newey_west import mean_test

SEEDS = st.integers(0, 10**6)


def outcome(test, *arguments, **options):
    """The result of a test, or why there is none."""
    try:
        return test(*arguments, **options)
    except NotEstimable as error:
        return str(error)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(0, 4), SEEDS)
def test_a_coefficient_is_tested_on_three_degrees_or_not_at_all(n, controls, seed):
    rng = np.random.default_rng(seed)
    given_ = np.column_stack([np.ones(n), rng.normal(size=(n, controls))])
    x, y = rng.normal(size=n), rng.normal(size=n)
    full = np.column_stack([given_, x])
    k = full.shape[1] - 1
    tests = {
        "hc3": outcome(inference.hc3_t, y, full, k),
        "hc2": outcome(inference.hc2_bell_mccaffrey, y, full, k),
        "wild": outcome(inference.wild_bootstrap, y, full, k, draws=19),
        "freedman-lane": outcome(inference.permutation_freedman_lane, y, x, given_, draws=19),
    }
    enough = n - full.shape[1] >= 3
    for name, found in tests.items():
        if not enough:
            assert found.startswith("not meaningful"), name
        elif name == "hc2" and not isinstance(found, str):
            assert (found.df >= 3) == np.isfinite(found.p_value) == (found.note == "")
        else:
            assert np.isfinite(found.p_value)


def test_a_small_bell_mccaffrey_df_has_no_p():
    """All but one share alike: one observation carries nearly all of the slope's variance."""
    x = np.array([0.0, 0.01, -0.01, 0.02, 0.0, 1.0])
    y = np.array([1.0, 1.2, 0.9, 1.1, 1.3, 2.0])
    found = inference.hc2_bell_mccaffrey(y, np.column_stack([np.ones(6), x]), 1)
    assert found.df < 3
    assert np.isnan([found.p_value, found.low, found.high]).all()
    assert found.note.startswith("not meaningful: ")
    assert np.isfinite(found.estimate)


@given(st.integers(1, 9), SEEDS)
@settings(max_examples=40, deadline=None)
def test_events_of_any_number(n, seed):
    values = np.random.default_rng(seed).normal(size=n)
    for found in (outcome(cross_sectional_t, values), outcome(bmp, values), outcome(kolari_pynnonen, values, 0.1)):
        if n < 4:
            assert found.startswith("not meaningful")
        else:
            assert found.df == n - 1 >= 3


@given(st.integers(1, 80), st.integers(1, 40), SEEDS)
@settings(max_examples=80, deadline=None)
def test_a_mean_over_dates_that_share_data(n, overlap, seed):
    found = outcome(mean_test, np.random.default_rng(seed).normal(size=n), overlap=overlap)
    if not isinstance(found, str):
        assert found.df == n // overlap - 1 >= 3


@given(st.integers(3, 8), SEEDS)
@settings(max_examples=20, deadline=None)
def test_the_primary_line_and_the_rank_correlation(n, seed):
    rng = np.random.default_rng(seed)
    sample = pd.DataFrame(
        {"ev_per_mw_secured": np.exp(rng.normal(size=n)), "ai_share_contracted": np.linspace(0, 1, n), "group": "pivot"},
        index=[f"C{i}" for i in range(n)],
    )  # fmt: skip
    found = outcome(primary, sample, draws=19)
    assert isinstance(found, str) == (n < 5)
    _, p = diagnostics.spearman(sample["ai_share_contracted"].to_numpy(), rng.normal(size=n))
    assert np.isnan(p) == (n < 5)


@given(st.integers(1, 8), SEEDS)
@settings(max_examples=20, deadline=None)
def test_a_panel_needs_clusters(firms, seed):
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2024-03-31", periods=6, freq="QE")
    index = pd.MultiIndex.from_product([dates, [f"C{i}" for i in range(firms)]], names=["as_of", "ticker"])
    sample = pd.DataFrame({"y": rng.normal(size=len(index)), "x": rng.normal(size=len(index))}, index=index)
    found = outcome(fixed_effects, sample, "y", "x", draws=19)
    assert isinstance(found, str) if firms < 4 else isinstance(found, str) or found.firms - 1 >= 3


def test_the_message_counts():
    with pytest.raises(NotEstimable, match=r"^not meaningful: 5 weeks leave 1 degree of freedom, at least 3 needed$"):
        require_degrees(1, "5 weeks")
    for df in (0, -4):
        with pytest.raises(NotEstimable, match="leave 0 degrees of freedom"):
            require_degrees(df, "1 week")
    with pytest.raises(NotEstimable, match="leave 2 degrees of freedom"):
        require_degrees(2, "1 week")
    require_degrees(3, "5 weeks")
