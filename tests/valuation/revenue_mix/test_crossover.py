"""The crossover of many companies against one company after another, and of one at its bounds by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener import point_in_time, universes
from screener.gathering import InputData
from tests.valuation.revenue_mix.made import contracts, quarters
from valuation.assumptions import Assumptions
from valuation.contracts.schedule import schedule
from valuation.revenue_mix.crossover import CASES, Projection, bitcoin_share_ahead, crossover, latest_quarters
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


Y = ("Y", "2025-09-30", 100, 100, 0)


def crossed(rows: tuple, *signed: tuple) -> pd.Series:
    """The crossover of the one company of these quarters, with these contracts."""
    return crossover(mix(quarters(*rows)), contracts(*signed), pd.Index([rows[0][0]])).iloc[0]


@pytest.mark.parametrize(
    ("start", "projected"),
    [("2025-07-01", "2025Q4"), ("2025-10-01", "2026Q1"), ("2031-06-30", "2031Q3"), ("2031-07-01", "NaT")],
)
def test_the_search_begins_with_the_quarter_after_the_latest_and_ends_after_six_years(start, projected):
    assert str(crossed((Y,), ("Y", "Y-1", start, 480.0))["projected"]) == projected


def test_the_late_case_is_a_year_later_and_mining_a_fifth_higher():
    late = crossed((Y,), ("Y", "Y-1", "2026-05-01", 480.4))  # 120.1 a quarter over 120
    assert (str(late["projected"]), str(late["projected_late"])) == ("2026Q3", "2027Q3")
    assert pd.isna(crossed((Y,), ("Y", "Y-1", "2026-05-01", 480.0))["projected_late"])
    early = crossed((Y,), ("Y", "Y-1", "2026-05-01", 320.4))  # 80.1 over 80
    assert str(early["projected_early"]) == "2026Q3"
    assert pd.isna(early["projected"])
    assert Projection() == Projection(0.8, 1.2, 4, 24)


def test_the_first_quarter_with_more_ai_than_mining_is_the_crossover_whatever_comes_after():
    rows = [("X", day, 100, mining, 100 - mining)
            for day, mining in (("2025-03-31", 50), ("2025-06-30", 45), ("2025-09-30", 40), ("2025-12-31", 55))]  # fmt: skip
    out = crossed(tuple(rows))
    assert str(out["actual"]) == "2025Q2"  # equal revenues are no crossover
    assert not out["ahead"]  # no longer
    ahead = crossed(tuple(rows[:3]))
    assert ahead["ahead"]
    equal = crossed((*rows[:3], ("X", "2025-12-31", 100, 50, 50)))
    assert (str(equal["actual"]), equal["ahead"]) == ("2025Q2", False)


def test_ai_revenue_of_a_quarter_without_its_mining_makes_nobody_ahead():
    out = crossed((("X", "2025-06-30", 100, 55, 45), ("X", "2025-09-30", np.nan, np.nan, 70)))
    assert not out["ahead"]
    assert pd.isna(out["actual"])
    assert (str(out["latest_quarter"]), out["ai_usd"]) == ("2025Q2", 70)
    assert str(out["projected"]) == "2025Q3"  # 70 is earned already


def test_ai_unknown_with_a_dated_contract_and_ai_known_without_one_are_both_projected():
    signed = crossed((("Q", "2025-09-30", 100, 100, np.nan),), ("Q", "Q-1", "2025-11-01", 480.0))
    assert (signed["note"], str(signed["projected"])) == ("", "2026Q1")
    assert crossed((Y,))["note"] == ""


def test_a_company_without_a_quarter_is_neither_ahead_nor_a_proxy_and_its_undated_contracts_are_sorted():
    out = crossed((("Z", "2025-09-30", 9, np.nan, np.nan),), ("Z", "Z-2", None, 5.0), ("Z", "Z-1", None, 5.0))
    assert out[["ahead", "mining_is_proxy"]].tolist() == [False, False]
    assert (out["left_out"], out["undated"], out["signed"]) == ("Z-1, Z-2", 2, 2)


def test_a_company_whose_ai_revenue_was_never_reported_counts_with_its_mining_now():
    mixed = mix(quarters(Y, ("Q", "2025-09-30", 4, 3, np.nan)))
    signed = contracts(("Q", "Q-1", "2026-05-01", 8.0))
    out = bitcoin_share_ahead(mixed, signed, pd.Index(["Y", "Q"]), quarter=CLAIM)
    # Of Q no quarter has a split, so nothing stands beside its mining but 2 a quarter from the third of 2026.
    assert (out["latest"], out["projected"]) == (1.0, pytest.approx(103 / 105))


def test_mining_is_projected_from_the_latest_quarter_that_tells_it():
    rows = (Y, ("Y", "2025-06-30", 90, 90, 0), ("Y", "2025-12-31", 90, np.nan, np.nan))
    assert latest_quarters(mix(quarters(*rows))).to_dict() == {"Y": pd.Timestamp("2025-09-30")}
