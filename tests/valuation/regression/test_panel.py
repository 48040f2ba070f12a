"""The panel against linearmodels, its bootstrap against a plain loop."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from valuation.errors import NotEstimable
from valuation.inference.wild import WEBB
from valuation.regression.panel import _weights, fixed_effects


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


def panel(firms: int, dates: int = 4, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    days = pd.date_range("2024-03-31", periods=dates, freq="QE")
    index = pd.MultiIndex.from_product([days, [f"T{k:02d}" for k in range(firms)]], names=["as_of", "ticker"])
    share = rng.uniform(size=len(index))
    return pd.DataFrame({"share": share, "y": 0.4 * share + rng.normal(size=len(index))}, index=index)


@pytest.mark.parametrize(("firms", "exact", "draws"), [(14, True, 2**14), (15, False, 9999)])
def test_all_signs_up_to_fourteen_companies(firms, exact, draws):
    out = fixed_effects(panel(firms), "y", "share")
    assert (out.exact, out.draws, out.level, out.seed) == (exact, draws, 0.95, 0)
    assert ("all 16384 sign vectors" in str(out)) == exact
    assert ("Webb, B = 9999, seed 0" in str(out)) != exact


def test_five_companies_are_enough_and_those_seen_once_do_not_count():
    frame = panel(5)
    once = panel(6).xs("T05", level="ticker", drop_level=False).iloc[:1]
    out = fixed_effects(pd.concat([frame, once]), "y", "share")
    assert (out.firms, out.n, out.dates) == (5, 20, 4)
    assert out.slope == pytest.approx(fixed_effects(frame, "y", "share").slope)
    twice = panel(6).xs("T05", level="ticker", drop_level=False).iloc[:2]
    assert fixed_effects(pd.concat([frame, twice]), "y", "share").n == 22
    with pytest.raises(NotEstimable, match="there are 4"):
        fixed_effects(panel(4), "y", "share")


def test_the_interval_ends_where_the_test_turns():
    frame = panel(8)
    out = fixed_effects(frame, "y", "share", level=0.75)
    for end, inwards in ((out.low, 1.0), (out.high, -1.0)):
        for step, rejected in ((inwards * 1e-5, False), (-inwards * 1e-5, True)):
            moved = frame.assign(y=frame["y"] - (end + step) * frame["share"])
            assert (fixed_effects(moved, "y", "share").p_value <= 0.25) == rejected


@pytest.mark.parametrize(
    ("y", "told"), [(lambda f: f["share"] * 0 + 2, "without residual noise"),
                    (lambda f: 1000 * f["share"] + 1e-3 * f["y"], "without residual noise")]
)  # fmt: skip
def test_a_panel_without_noise_of_its_own_has_no_test(y, told):
    frame = panel(6)
    with pytest.raises(NotEstimable, match=told):
        fixed_effects(frame.assign(y=y(frame)), "y", "share")


def test_a_share_that_moves_by_less_than_a_hundred_thousandth_does_not_move():
    frame = panel(6)
    fixed_effects(frame.assign(share=1e-3 * frame["share"]), "y", "share")
    with pytest.raises(NotEstimable, match="does not move"):
        fixed_effects(frame.assign(share=5e-6 * frame["share"]), "y", "share")


def test_weights_come_in_blocks_and_each_once():
    every = np.concatenate(list(_weights(12, 0, 0, exact=True)))
    assert every.shape == (4096, 12)
    assert len(np.unique(every, axis=0)) == 4096
    assert set(np.unique(every)) == {-1.0, 1.0}
    drawn = np.concatenate(list(_weights(16, 5000, 3, exact=False)))
    assert drawn.shape == (5000, 16)
    assert set(np.unique(drawn)) == set(WEBB)
