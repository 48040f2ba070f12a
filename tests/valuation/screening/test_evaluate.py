"""What a backtest says of its decisions, by plain loops over a market in which closes are missing."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pandas as pd
import pytest

from valuation.errors import NotEstimable
from valuation.screening import backtest
from valuation.screening.information_coefficient import effective_names

NAN = np.nan
DATES = pd.date_range("2025-01-03", periods=60, freq="W-FRI")
NAMES = list("ABCDEFGH")
DECIDED = list(range(3, 58, 2))  # every second close
LAG = 1


@cache
def market() -> pd.DataFrame:
    """Eight names; H has no close at all before the 20th, A none from the 30th to the 33rd."""
    steps = np.random.default_rng(7).normal(0, 0.06, (60, 8))
    closes = pd.DataFrame(10 * np.exp(np.cumsum(steps, axis=0)), index=DATES, columns=NAMES)
    closes.iloc[:20, 7], closes.iloc[30:34, 0] = NAN, NAN
    return closes


@cache
def frames() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Who is chosen (nobody on the first two decisions), the scores, and who could have been (never G)."""
    rng = np.random.default_rng(11)
    score = pd.DataFrame(rng.normal(size=(len(DECIDED), 8)), index=DATES[DECIDED], columns=NAMES)
    score.iloc[5, :2] = NAN
    could = pd.DataFrame(True, index=score.index, columns=NAMES)
    could["G"], could.iloc[4, 5] = False, False
    member = (score.rank(axis=1, ascending=False) <= 3) | (score.columns == "A")[None, :]
    member.iloc[:2] = False
    return member, score, could


def gapped() -> pd.Series:
    """A benchmark without a close on the 10th and 11th date, and none before the first two."""
    made = pd.Series(100 * 1.01 ** np.arange(60.0), index=DATES)
    return made.drop(DATES[[0, 1, 10, 11]])


@cache
def evaluated() -> backtest.Backtest:
    member, score, could = frames()
    return backtest.evaluate(market(), member, score, could, benchmarks={"index": gapped()}, horizons=(4, 1), trials=3,
                             lag=LAG, cost=0.001)  # fmt: skip


def ahead(trade: int, name: str, horizon: int) -> float:
    """Return over the closes after a trade; a name without a close keeps its last."""
    closes = market()[name].tolist()
    if trade + horizon >= 60 or math.isnan(closes[trade]):
        return NAN
    end = next(closes[k] for k in range(trade + horizon, -1, -1) if not math.isnan(closes[k]))
    return end / closes[trade] - 1


# The decision on the last date but one is traded on the last close: nothing follows it.
HELD = [at for at in DECIDED if at + LAG < 59][2:]


def spearman(a: list[float], b: list[float]) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(a, b).statistic)


def test_each_decision_by_plain_loops():
    member, score, could = frames()
    found = evaluated().decisions
    assert found.index.tolist() == DATES[HELD].tolist()
    assert found["traded_on"].tolist() == DATES[[at + LAG for at in HELD]].tolist()
    for at, row in zip(HELD, found.itertuples(), strict=True):
        day, trade = DATES[at], at + LAG
        held = [n for n in NAMES if member.at[day, n] and not math.isnan(market()[n].iloc[trade])]
        assert (row.held, row.names) == (len(held), ", ".join(held))
        known = [n for n in NAMES if could.at[day, n] and not math.isnan(score.at[day, n])
                 and not math.isnan(ahead(trade, n, 4))]  # fmt: skip
        assert row.scored == len(known)
        expected = (
            spearman([score.at[day, n] for n in known], [ahead(trade, n, 4) for n in known]) if len(known) >= 5 else NAN
        )
        assert row.ic == pytest.approx(expected, nan_ok=True)


def test_the_coefficients_of_each_horizon_and_how_many_decisions_share_data():
    _, score, could = frames()
    found = evaluated().information
    assert list(found) == [4, 1]
    for horizon, overlap in ((4, 2), (1, 1)):  # trades are two closes apart
        each = []
        for at in HELD:
            known = [n for n in NAMES if could.at[DATES[at], n] and not math.isnan(score.at[DATES[at], n])
                     and not math.isnan(ahead(at + LAG, n, horizon))]  # fmt: skip
            if len(known) >= 5:
                each.append(
                    spearman([score.at[DATES[at], n] for n in known], [ahead(at + LAG, n, horizon) for n in known])
                )
        assert found[horizon].mean == pytest.approx(np.mean(each))
        assert (found[horizon].n, found[horizon].df) == (len(each), len(each) // overlap - 1)


def test_three_closes_ahead_of_trades_two_apart_share_data_with_the_next():
    member, score, could = frames()
    found = backtest.evaluate(market(), member, score, could, benchmarks={}, horizons=(3,), trials=None, lag=LAG)
    assert found.information[3].df == found.information[3].n // 2 - 1


def test_returns_begin_at_the_first_purchase_and_a_benchmark_keeps_its_last_close():
    found = evaluated().returns
    first = HELD[0] + LAG
    assert found.index.tolist() == DATES[first + 1 :].tolist()
    expected = [1.01**3 - 1 if k == 12 else 0.0 if k in (10, 11) else 0.01 for k in range(first + 1, 60)]
    assert found["index"].tolist() == pytest.approx(expected)
    late = gapped().iloc[20:]
    member, score, could = frames()
    short = backtest.evaluate(
        market(), member, score, could, benchmarks={"late": late}, horizons=(1,), trials=1, lag=LAG
    )
    assert short.returns["late"].notna().sum() == len(late) - 1 == short.performance["late"].n


def test_the_excess_over_the_universe_shares_no_data_between_closes():
    found = evaluated()
    excess = found.returns[backtest.NET] - found.returns[backtest.UNIVERSE]
    assert (found.excess.n, found.excess.df) == (len(excess), len(excess) - 1)
    assert found.excess.mean == pytest.approx(excess.mean())


def test_measuring_starts_on_the_day_of_the_first_purchase():
    member, score, could = frames()
    falling = pd.DataFrame(np.linspace(20, 5, 60)[:, None] * np.ones(8), index=DATES, columns=NAMES)
    found = backtest.evaluate(falling, member, score, could, benchmarks={}, horizons=(1,), trials=1, lag=LAG, cost=0.0)
    net = found.performance[backtest.NET]
    assert (net.peak, net.trough) == (DATES[HELD[0] + LAG], DATES[-1])
    assert net.total == pytest.approx(5 / falling.iloc[HELD[0] + LAG, 0] - 1)


def test_bets_by_the_returns_between_the_closes():
    member, *_ = frames()
    returns = market().pct_change(fill_method=None).iloc[HELD[0] + LAG + 1 :]
    away = returns.sub(returns.drop(columns="G").mean(axis=1), axis=0).to_numpy()
    each, absolute = [], []
    for at in HELD:
        held = [member.at[DATES[at], n] and not math.isnan(market()[n].iloc[at + LAG]) for n in NAMES]
        each.append(effective_names(away[:, held]))
        absolute.append(effective_names(returns.to_numpy()[:, held]))
    bets = evaluated().bets
    assert bets.breadth == pytest.approx(np.mean(each))
    assert bets.absolute == pytest.approx(np.mean(absolute))
    assert bets.counted == evaluated().decisions["held"].sum()
    assert bets.replaced == pytest.approx(evaluated().decisions["turnover"].sum())


def few(decisions: int, empty: int = 0, after: int = 2) -> backtest.Backtest:
    """Decisions on each of the first closes of a market that ends `after` the last of them; the first `empty` hold none."""
    closes = market().iloc[: decisions + after, 1:6]
    member = pd.DataFrame(True, index=closes.index[:decisions], columns=closes.columns)
    member.iloc[:empty] = False
    return backtest.evaluate(
        closes, member, member.astype(float), member | True, benchmarks={}, horizons=(1,), trials=1
    )


def test_twelve_decisions_that_can_be_held_are_enough():
    assert len(few(12).decisions) == 12
    assert (few(12).lag, few(12).cost) == (1, 0.0025)
    assert few(12).decisions["cost"].iloc[0] == 0.0025
    assert len(few(13, after=1).decisions) == 12  # the last would be traded on the last close
    assert len(few(15, empty=3).decisions) == 12
    with pytest.raises(NotEstimable, match="11 decisions can be held"):
        few(11)
    with pytest.raises(NotEstimable, match="11 decisions can be held"):
        few(12, after=1)
    with pytest.raises(NotEstimable, match="on the last 11 decisions only"):
        few(15, empty=4)


def test_a_rule_that_never_holds_anybody_is_measured_from_the_first_decision_on():
    found = few(14, empty=14)
    assert len(found.decisions) == found.empty == 14
    assert (found.returns[backtest.NET] == 0).all()
    assert (found.decisions["turnover"] == 0).all()


def test_a_name_without_any_close_yet_does_not_spoil_what_is_held():
    closes = np.array([[10.0, NAN], [11.0, NAN], [12.0, 5.0]])
    path = backtest.simulate(closes, np.array([[True, False]]), np.array([0]), cost=0.0)
    assert path.gross == pytest.approx([0.1, 12 / 11 - 1])


def test_cash_counts_as_turnover_on_the_way_in_and_out():
    closes = np.ones((4, 2))
    member = np.array([[True, True], [False, False], [True, False]])
    path = backtest.simulate(closes, member, np.array([0, 1, 2]), cost=0.02)
    assert path.turnover.tolist() == [1.0, 1.0, 1.0]
    assert path.costs.tolist() == pytest.approx([0.02, 0.02, 0.02])
