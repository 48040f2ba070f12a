"""The confidence band of the line against statsmodels' own prediction of the mean under HC3."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from valuation.regression.band import confidence_band


@pytest.fixture
def sample() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    share = np.r_[0.0, 0.0, rng.random(11)]
    ln_value = 0.6 + 0.9 * share + rng.normal(0, 0.2 + 0.4 * share)
    fit = OLS(ln_value, np.column_stack([np.ones(13), share])).fit()
    return pd.DataFrame({"share": share, "ln_value": ln_value, "residual": fit.resid})


def test_it_is_statsmodels_interval_of_the_mean(sample):
    at = np.array([0.0, 0.3, 1.0])
    design = np.column_stack([np.ones(13), sample["share"]])
    fit = OLS(sample["ln_value"], design).fit(cov_type="HC3", use_t=True)
    told = fit.get_prediction(np.column_stack([np.ones(3), at])).summary_frame(alpha=0.1)
    band = confidence_band(sample, 0.9, at)
    assert band["fitted"].to_numpy() == pytest.approx(np.exp(told["mean"].to_numpy()), rel=1e-12)
    assert band["low"].to_numpy() == pytest.approx(np.exp(told["mean_ci_lower"].to_numpy()), rel=1e-12)
    assert band["high"].to_numpy() == pytest.approx(np.exp(told["mean_ci_upper"].to_numpy()), rel=1e-12)


def test_it_goes_from_the_smallest_to_the_largest_share(sample):
    band = confidence_band(sample, 0.95)
    assert (band["share"].iloc[0], band["share"].iloc[-1]) == (0.0, sample["share"].max())
    assert (band["low"] < band["fitted"]).all()
    assert (band["fitted"] < band["high"]).all()


def test_it_is_drawn_at_23_shares(sample):
    assert len(confidence_band(sample, 0.95)) == 23
