"""Draws of drivers and of the values of made-up companies: percentiles by the formula of the log-normal."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.nav.toys import ASSUMED as A
from tests.valuation.nav.toys import toy
from valuation.assumptions import Assumptions
from valuation.errors import InvalidInput
from valuation.nav.flows import STREAMS
from valuation.nav.monte_carlo import DRIVERS, _correlated, _multiple, correlation, simulate, tornado, tornados


def test_draws_of_a_singular_matrix_are_finite_and_as_correlated_as_asked():
    matrix = np.array([[1.0, 1.0, 0.5], [1.0, 1.0, 0.5], [0.5, 0.5, 1.0]])
    assert np.linalg.eigvalsh(matrix).min() < 1e-12
    drawn = _correlated(np.random.default_rng(1), matrix, 20_000)
    assert np.isfinite(drawn).all()
    np.testing.assert_allclose(drawn[0], drawn[1], atol=1e-6)
    assert np.corrcoef(drawn)[0, 2] == pytest.approx(0.5, abs=0.02)
    # What rounding leaves below zero counts as zero.
    below = np.array([[1.0, 1.0 + 1e-9], [1.0 + 1e-9, 1.0]])
    assert np.isfinite(_correlated(np.random.default_rng(1), below, 10)).all()


def test_a_multiple_has_mean_one_and_none_moves_without_volatility():
    normal = np.random.default_rng(2).standard_normal(400_000)
    assert _multiple(normal, 0.4).mean() == pytest.approx(1.0, abs=0.005)
    assert (_multiple(normal, 0.0) == 1.0).all()


CALM = replace(A, volatility_bitcoin=0.0, volatility_hashprice=0.0, volatility_cap_rate=0.0, volatility_capex=0.0,
               volatility_delay=0.0, simulation_draws=300, seed=5)  # fmt: skip


def nav(*companies: dict, assumptions: Assumptions = CALM, days: tuple[str, ...] = ("2026-01-16",)) -> SimpleNamespace:
    """Companies of 1,000m and 10m shares at 100 USD: coins of 200m, and 400m to spend on construction."""
    n = len(companies)
    start = {"nav_dcf_usd": 1000e6, "nav_dcf_per_share": 100.0, "diluted_shares": 10e6, "price_usd": 100.0, "status": "ok",
             "bitcoin_usd": 200e6, "capex_usd": 400e6, "pipeline_mw": 0.0, "paid": 0.0}  # fmt: skip
    rows = pd.DataFrame([start | one for one in companies], pd.MultiIndex.from_product(
        [pd.to_datetime(list(days)), list("CABD"[: n // len(days)])], names=["as_of", "ticker"]))  # fmt: skip
    ahead = np.zeros((n, len(STREAMS), 4))
    ahead[:, STREAMS.index(("lease", "term", "other")), 3] = rows["paid"]
    zero = dict.fromkeys(("mining_revenue_usd", "mining_cost_usd", "let_mw", "approved_mw", "first_deal_mw", "operating_mw",
                          "mining_displaced", "ai_in_service_mw"), np.zeros(n))  # fmt: skip
    known = {name: rows[name].to_numpy() for name in ("bitcoin_usd", "capex_usd", "pipeline_mw")}
    position = toy(running=np.zeros_like(ahead), ahead=ahead, assumptions=assumptions, **zero, **known)
    return SimpleNamespace(table=rows, status=pd.DataFrame({"nav_dcf_usd": rows["status"]}), position=position,
                           assumptions=assumptions)  # fmt: skip


def test_who_is_drawn_and_how_often_above_the_price():
    made = nav({"price_usd": 99.9}, {"status": "not_meaningful"}, {"nav_dcf_per_share": np.nan})
    found = simulate(made)
    assert (found.table.index.tolist(), found.draws, found.seed) == (["C"], 300, 5)
    assert found.table.loc["C"].tolist() == pytest.approx([100.0, 100.0, 0.0, *[100.0] * 5, 1.0], abs=1e-9)
    assert [simulate(made, draws=7, seed=0).draws, simulate(made, seed=0).seed] == [7, 0]
    # At the price itself no draw is above it; without a price nobody knows.
    assert simulate(nav({}, {"price_usd": 0.0}, {"price_usd": np.nan}, {"price_usd": 0.5})).table[
        "above_price"
    ].tolist() == pytest.approx([0.0, np.nan, np.nan, 1.0], nan_ok=True)
    # An unknown pipeline moves nothing.
    assert simulate(nav({"pipeline_mw": np.nan})).table["mean"].tolist() == [100.0]


def test_a_simulation_is_of_one_date():
    with pytest.raises(InvalidInput, match="one as-of date"):
        simulate(nav({}, {}, days=("2026-01-16", "2026-01-23")))


def quantile(sigma: float, z: float) -> float:
    """Of a log-normal multiple with mean one."""
    return float(np.exp(sigma * z - sigma**2 / 2))


def test_percentiles_of_construction_cost_of_delay_and_of_coins():
    costs = simulate(nav({}, assumptions=replace(CALM, volatility_capex=0.4)), draws=50_000).table.loc["C"]
    # 1,000m and 400m to spend: 40 USD a share times the multiple of cost.
    for name, z in (("p5", 1.645), ("p25", 0.6745), ("p50", 0.0), ("p75", -0.6745), ("p95", -1.645)):
        assert costs[name] == pytest.approx(140 - 40 * quantile(0.4, z), abs=0.4), name
    assert costs["sd"] == pytest.approx(40 * np.sqrt(np.expm1(0.16)), rel=0.02)
    # 1,000m in three years at 10%, half a year late on average.
    late = simulate(nav({"paid": 1000e6}, assumptions=replace(CALM, volatility_delay=0.5)), draws=50_000).table.loc["C"]
    for name, z in (("p5", 1.645), ("p50", 0.0), ("p95", -1.645)):
        moved = 100 / 1.1**3 * (1.1 ** (-0.5 * quantile(0.5, z)) - 1.1**-0.5)
        assert late[name] == pytest.approx(100 + moved, abs=0.08), name
    coins = simulate(nav({}, assumptions=replace(CALM, volatility_bitcoin=0.4)), draws=50_000).table.loc["C"]
    assert coins["p95"] == pytest.approx(80 + 20 * quantile(0.4, 1.645), abs=0.3)


def test_cost_and_delay_move_together_within_a_company():
    # Both cost the company money: together they spread more than apart, by twice their covariance.
    def variance(correlated: float, common: float) -> float:
        a = replace(CALM, volatility_capex=0.4, volatility_delay=0.5, correlation_capex_delay=correlated,
                    common_share=common, correlation_cap_rate_capex=0.0)  # fmt: skip
        return simulate(nav({"paid": 4000e6}, assumptions=a), draws=30_000).table.at["C", "sd"] ** 2

    cost = 40 * np.sqrt(np.expm1(0.16))
    # A year of delay costs 9.53% of 300.5 USD a share in three years and a half; its standard deviation is 0.266 years.
    delay = 400 / 1.1**3.5 * np.log(1.1) * 0.5 * np.sqrt(np.expm1(0.25))
    for common in (0.0, 0.3, 1.0):
        assert variance(0.0, common) == pytest.approx(cost**2 + delay**2, rel=0.03)
        assert variance(0.8, common) == pytest.approx(cost**2 + delay**2 + 2 * 0.8 * cost * delay, rel=0.05)


def test_perfectly_correlated_drivers_are_consistent():
    sure = replace(Assumptions(), correlation_bitcoin_hashprice=1.0, correlation_bitcoin_cap_rate=0.5,
                   correlation_cap_rate_capex=0.2, correlation_capex_delay=0.3)  # fmt: skip
    assert correlation(sure).tolist() == [
        [1.0, 1.0, 0.5, 0.0, 0.0], [1.0, 1.0, 0.5, 0.0, 0.0], [0.5, 0.5, 1.0, 0.2, 0.0], [0.0, 0.0, 0.2, 1.0, 0.3],
        [0.0, 0.0, 0.0, 0.3, 1.0],
    ]  # fmt: skip


def test_tornados_stand_by_company_with_drivers_as_declared_and_one_company_s_bars_widest_first():
    shaken = replace(CALM, volatility_bitcoin=0.4, volatility_capex=0.1)
    made = nav({}, {"capex_usd": 4000e6}, assumptions=shaken)
    every = tornados(made)
    assert every.index.tolist() == [(ticker, name) for ticker in "AC" for name in (*DRIVERS, "probability")]
    assert every.loc[("C", "bitcoin"), ["low", "high"]].tolist() == pytest.approx(
        [80 + 20 * np.exp(-0.4), 80 + 20 * np.exp(0.4)]
    )
    assert tornado(made, "C").index[:2].tolist() == ["bitcoin", "capex"]
    assert tornado(made, "A").index[:2].tolist() == ["capex", "bitcoin"]
    assert len(tornado(made, "C")) == len(DRIVERS) + 1
