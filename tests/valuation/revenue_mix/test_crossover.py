"""The crossover of many companies against one company after another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener import point_in_time, universes
from screener.gathering import InputData
from valuation.assumptions import Assumptions
from valuation.contracts.schedule import schedule
from valuation.revenue_mix.crossover import CASES, Projection, bitcoin_share_ahead, crossover
from valuation.revenue_mix.mix import mix

CLAIM = pd.Period("2026Q4")


def one(mixed: pd.DataFrame, contracts: pd.DataFrame, ticker: str, scale: float) -> dict | None:
    """A company's latest quarter and its AI revenue ahead, from its own rows alone."""
    rows = mixed[mixed["ticker"] == ticker]
    own = rows[rows["mining_usd"].notna() | (rows["mining_or_rest_usd"].notna() & rows["ai_recurring_usd"].notna())]
    if own.empty:
        return None
    last, ai = own.iloc[-1], rows["ai_recurring_usd"].dropna()
    split = own[own["total_usd"].notna() & own["ai_recurring_usd"].notna()]
    parts = split[["mining_or_rest_usd", "ai_recurring_usd", "ai_hpc_one_off_usd"]]
    signed = contracts[(contracts["ticker"] == ticker) & contracts["is_ai"]]
    dated = signed[~signed["start_is_assumed"] & signed["owned_annual_revenue_usd"].notna()]
    earned = ai.iloc[-1] if len(ai) else np.nan

    def ahead(quarter: pd.Period, delay: int) -> float:
        started = [r for s, r in zip(dated["start_on"], dated["owned_annual_revenue_usd"], strict=True)
                   if s.to_period("Q") + delay < quarter]  # fmt: skip
        return float(np.fmax(earned, sum(started) / 4))

    return {
        "latest": last["quarter"],
        "mining": last["mining_or_rest_usd"] * scale,
        "unscaled": last["mining_or_rest_usd"],
        "earned": earned,
        "rest": max(split["total_usd"].iloc[-1] - parts.iloc[-1].sum(), 0.0) if len(split) else 0.0,
        "silent": np.isnan(earned) and dated.empty,
        "passed": own.loc[own["ai_recurring_usd"] > own["mining_or_rest_usd"], "quarter"],
        "ai": ahead,
    }


@pytest.mark.parametrize(("day", "hidden"), [("2026-01-16", 0.0), ("2026-01-16", 0.3), ("2026-10-05", 0.2)])
def test_many_companies_are_each_as_by_itself(day, hidden):
    data, rng = InputData.of(universes.load("miners")), np.random.default_rng(2)
    inputs, _ = point_in_time.as_of_view(data, [pd.Timestamp(day)], Assumptions())
    mixed, contracts = mix(inputs.quarters), schedule(inputs, Assumptions()).by_tranche()
    for column in ("mining_usd", "ai_recurring_usd", "total_usd"):
        mixed.loc[rng.random(len(mixed)) < hidden, column] = np.nan
    tickers = inputs.index.get_level_values("ticker").unique()
    scale = pd.Series(rng.uniform(0.5, 1.5, 8), index=tickers[:8])
    found = crossover(mixed, contracts, tickers, mining_scale=scale)
    share = bitcoin_share_ahead(mixed, contracts, tickers, mining_scale=scale, quarter=CLAIM)
    assumed, counted = Projection(), []
    for ticker in tickers:
        alone, row = one(mixed, contracts, ticker, scale.get(ticker, 1.0)), found.loc[ticker]
        if alone is None:
            assert row["note"]
            continue
        assert row["latest_quarter"] == alone["latest"]
        assert row["mining_usd"] == pytest.approx(alone["mining"])
        if alone["silent"]:
            assert row["note"].startswith("AI revenue never reported")
            continue
        counted.append(alone)
        ahead = len(alone["passed"]) > 0 and alone["earned"] > alone["unscaled"]
        assert row["ahead"] == ahead
        for case in CASES:
            factor, delay = assumed.case(case)
            quarters = [alone["latest"] + k for k in range(1, assumed.horizon_quarters + 1)]
            above = [q for q in quarters if alone["ai"](q, delay) > alone["mining"] * factor]
            assert row[case] == above[0] if above and not ahead else pd.isna(row[case])
    assert share["n"] == len(counted)
    mining, rest, ai = (sum(c[key] for c in counted) for key in ("mining", "rest", "mining"))
    ai = sum(c["ai"](CLAIM, 0) for c in counted)
    assert share["projected"] == pytest.approx(mining / (mining + rest + ai))
