"""The panel against linearmodels, its bootstrap against a plain loop."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from valuation.errors import NotEstimable
from valuation.inference.wild import WEBB
from valuation.regression.panel import fixed_effects


@pytest.fixture
def sample() -> pd.DataFrame:
    rng = np.random.default_rng(21)
    dates = pd.date_range("2024-03-31", periods=6, freq="QE")
    index = pd.MultiIndex.from_product([dates, list("ABCDEFG")], names=["as_of", "ticker"])
    frame = pd.DataFrame({"share": rng.uniform(0, 1, 42)}, index=index)
    firm = index.get_level_values("ticker").map(dict(zip("ABCDEFG", rng.normal(0, 1, 7), strict=True))).to_numpy()
    frame["y"] = 0.6 * frame["share"] + firm + rng.normal(0, 0.5, 42)
    return frame.drop(index=[(dates[0], "A"), (dates[3], "C")])


def test_slope_and_clustered_error_agree_with_linearmodels(sample):
    from linearmodels.panel import PanelOLS

    mine = fixed_effects(sample, "y", "share")
    theirs = PanelOLS(
        sample["y"].swaplevel(), sample[["share"]].swaplevel(), entity_effects=True, time_effects=True
    ).fit(
        cov_type="clustered",
        cluster_entity=True,
        debiased=True,
        group_debias=True,
        auto_df=False,
        count_effects=True,
    )
    assert mine.slope == pytest.approx(theirs.params["share"], rel=1e-10)
    assert mine.std_error == pytest.approx(theirs.std_errors["share"], rel=1e-8)
    assert mine.within_r_squared == pytest.approx(theirs.rsquared, rel=1e-8)


def test_exact_bootstrap_equals_a_plain_loop_over_every_sign(sample):
    mine = fixed_effects(sample, "y", "share")
    firm = pd.factorize(sample.index.get_level_values("ticker"))[0]
    date = pd.factorize(sample.index.get_level_values("as_of"))[0]
    dummies = np.column_stack([np.eye(7)[firm], np.eye(6)[date][:, 1:]])
    full = np.column_stack([sample["share"], dummies])

    def t_of(y: np.ndarray) -> float:
        b = np.linalg.lstsq(full, y, rcond=None)[0]
        residual = y - full @ b
        bread = np.linalg.inv(full.T @ full)
        meat = sum(
            np.outer(full[firm == f].T @ residual[firm == f], full[firm == f].T @ residual[firm == f]) for f in range(7)
        )
        n, k = full.shape
        return b[0] / np.sqrt((bread @ meat @ bread)[0, 0] * 7 / 6 * (n - 1) / (n - k))

    y = sample["y"].to_numpy()
    restricted = dummies @ np.linalg.lstsq(dummies, y, rcond=None)[0]
    actual = t_of(y)
    drawn = [abs(t_of(restricted + (y - restricted) * np.array(signs)[firm])) for signs in product([1, -1], repeat=7)]
    assert mine.t_value == pytest.approx(actual, rel=1e-9)
    assert mine.p_value == pytest.approx(np.mean(np.array(drawn) >= abs(actual) * (1 - 1e-9)))
    assert mine.exact
    assert mine.draws == 128


def test_too_few_companies_or_a_share_that_never_moves_are_told(sample):
    with pytest.raises(NotEstimable, match="at least 5"):
        fixed_effects(sample.loc[(slice(None), list("AB")), :], "y", "share")
    still = sample.assign(share=sample.index.get_level_values("ticker").map(ord))
    with pytest.raises(NotEstimable, match="does not move"):
        fixed_effects(still, "y", "share")


def test_a_panel_in_two_parts_that_share_no_date_keeps_the_dense_fit():
    rng = np.random.default_rng(9)
    dates = pd.date_range("2024-03-31", periods=8, freq="QE")
    early = pd.MultiIndex.from_product([dates[:3], list("ABCD")], names=["as_of", "ticker"])
    late = pd.MultiIndex.from_product([dates[3:], list("EFGH")], names=["as_of", "ticker"])
    index = early.append(late)
    frame = pd.DataFrame({"share": rng.uniform(size=len(index)), "y": rng.normal(size=len(index))}, index=index)
    mine = fixed_effects(frame, "y", "share", draws=99)
    firm, date = (pd.factorize(index.get_level_values(level))[0] for level in ("ticker", "as_of"))
    dummies = np.column_stack([np.eye(8)[firm], np.eye(8)[date][:, 1:]])
    full = np.column_stack([frame["share"], dummies])
    b = np.linalg.lstsq(full, frame["y"], rcond=None)[0]
    assert mine.slope == pytest.approx(b[0], rel=1e-10)
    x = frame["share"] - dummies @ np.linalg.lstsq(dummies, frame["share"], rcond=None)[0]
    residual = frame["y"] - full @ b
    score = pd.Series(x * residual).groupby(firm).sum()
    n, k = len(frame), np.linalg.matrix_rank(full)
    variance = (score**2).sum() / (x @ x) ** 2 * 8 / 7 * (n - 1) / (n - k)
    assert mine.std_error == pytest.approx(np.sqrt(variance), rel=1e-10)


def test_draws_by_company_are_those_of_the_dense_projection():
    rng = np.random.default_rng(31)
    names = [f"T{k:02d}" for k in range(16)]
    index = pd.MultiIndex.from_product([pd.date_range("2024-03-31", periods=5, freq="QE"), names])
    frame = pd.DataFrame(
        {"share": rng.uniform(size=80), "y": rng.normal(size=80)}, index=index.set_names(["as_of", "ticker"])
    )
    frame = frame[rng.random(80) < 0.8]
    mine = fixed_effects(frame, "y", "share", draws=499, seed=3)
    kept = frame[frame.groupby("ticker")["y"].transform("size") > 1]
    firm, date = (pd.factorize(kept.index.get_level_values(level))[0] for level in ("ticker", "as_of"))
    dummies = np.column_stack([np.eye(firm.max() + 1)[firm], np.eye(date.max() + 1)[date][:, 1:]])
    maker = np.eye(len(kept)) - dummies @ np.linalg.pinv(dummies)
    x, y = maker @ kept["share"].to_numpy(), maker @ kept["y"].to_numpy()

    def t_of(outcome: np.ndarray) -> float:
        inside = maker @ outcome
        slope = inside @ x / (x @ x)
        return slope / np.linalg.norm(np.bincount(firm, weights=(inside - slope * x) * x))

    weights = np.random.default_rng(3).choice(WEBB, size=(499, firm.max() + 1))
    drawn = np.array([t_of(row[firm] * y) for row in weights])
    assert mine.p_value == pytest.approx((1 + (np.abs(drawn) >= abs(t_of(y))).sum()) / 500)
