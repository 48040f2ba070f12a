"""Price indices of the two groups against a plain loop over closes, splits and members."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.screen import value
from tests.valuation.indicators.world import miners
from valuation.indicators.divergence import BASE, divergence, index_of

PARTIAL = pd.Timestamp("2026-07-13")


@pytest.fixture(scope="module")
def world():
    data = InputData.of(miners())
    config = resolve_config(miners())
    # Across the splits of July 2026, across mining companies that become AI companies, and across 13 July 2026, a day on
    # which one company alone has a close: it is no week, and valued all the same it adds no return.
    weeks = data.weeks(pd.Timestamp("2026-03-06"), pd.Timestamp("2026-10-05"))
    assert PARTIAL not in weeks
    return data, value(config, data, weeks.union([PARTIAL])), weeks


def plain_returns(data, table, weeks):
    """Equal- and value-weighted return of each group in each week, company by company.

    A week's close is the last one after the week before: GREE traded for the last time on a Monday.
    """
    closes = {}
    for row in data.closes.sort_values("date").itertuples():
        closes.setdefault(row.ticker, []).append((row.date, row.close_usd))

    def last_in(ticker, after, upto):
        inside = [(day, close) for day, close in closes.get(ticker, []) if after < day <= upto]
        return inside[-1] if inside else (None, None)

    out = {}
    earlier = weeks[0] - pd.Timedelta(days=7)
    for before, now in pairwise(weeks):
        for group, key in (("pivot", "ai"), ("bitcoin", "mining")):
            gains, values = [], []
            for ticker in table.loc[before].index:
                row = table.loc[(before, ticker)]
                (old_day, old), (new_day, new) = last_in(ticker, earlier, before), last_in(ticker, before, now)
                if row["excluded"] or row["group"] != group or old is None or new is None:
                    continue
                for split in data.splits.itertuples():
                    if split.ticker == ticker and old_day < split.first_day_on_new_basis <= new_day:
                        new *= split.shares_multiplier
                gains.append(new / old - 1)
                values.append(row["equity_value_usd"])
            equal = sum(gains) / len(gains) if gains else np.nan
            known = [(g, v) for g, v in zip(gains, values, strict=True) if v > 0]
            weighted = sum(g * v for g, v in known) / sum(v for _, v in known) if known else np.nan
            out[now, f"{key}_equal"], out[now, f"{key}_value"], out[now, f"n_{key}"] = equal, weighted, len(gains)
        earlier = before
    return out


def test_returns_are_those_of_a_plain_loop_over_closes_and_splits(world):
    data, valued, weeks = world
    found = divergence(valued.inputs, valued.valuation, data.splits)
    plain = plain_returns(data, valued.valuation.table, weeks)
    assert len(plain) == 6 * (len(weeks) - 1)
    for (week, name), expected in plain.items():
        got = found.frame.loc[week, name] if name.startswith("n_") else found.returns.loc[week, name]
        assert got == pytest.approx(expected, rel=1e-12, nan_ok=True), (week, name)
    # The splits are in the span, so a loop that forgets them would fail.
    inside = data.splits["first_day_on_new_basis"].between(weeks[0], weeks[-1])
    assert inside.any()


def test_the_index_is_the_product_of_its_returns(world):
    data, valued, _ = world
    found = divergence(valued.inputs, valued.valuation, data.splits)
    for name in ("ai_equal", "mining_equal", "ai_value", "mining_value", "bitcoin"):
        level = BASE
        for week, gain in found.returns[name].iloc[1:].items():
            level *= 1 + gain
            assert found.frame.loc[week, name] == pytest.approx(level, rel=1e-12)


def test_the_first_week_has_no_return_and_the_ratio_starts_at_one(world):
    data, valued, weeks = world
    found = divergence(valued.inputs, valued.valuation, data.splits)
    assert found.returns.iloc[0].isna().all()
    assert found.frame.loc[weeks[0], ["ratio_equal", "ratio_value", "ratio_hindsight"]].tolist() == [1.0, 1.0, 1.0]
    level = found.frame["ai_equal"] / found.frame["mining_equal"]
    np.testing.assert_allclose(found.frame["ratio_equal"], level / level.iloc[0])


def test_members_of_a_week_are_those_of_the_week_before(world):
    data, valued, weeks = world
    found = divergence(valued.inputs, valued.valuation, data.splits)
    group = valued.valuation.table["group"].where(valued.valuation.table["excluded"] == "")
    moved = 0
    for before, week in pairwise(weeks):
        mine = found.members.loc[week, "group"]
        assert (mine == group.loc[before].reindex(mine.index)).all()
        moved += (group.loc[week].reindex(mine.index) != mine).sum()
    assert moved > 0
    assert PARTIAL not in found.returns.index
    assert found.frame.loc[PARTIAL].equals(found.frame.loc[pd.Timestamp("2026-07-10")])
    weights = found.members["value_weight"].groupby(
        [found.members.index.get_level_values("as_of"), found.members["group"]]
    )
    np.testing.assert_allclose(weights.sum(), 1.0)


def test_volatility_and_beta_are_those_of_numpy_over_full_weeks():
    data, config = InputData.of(miners()), resolve_config(miners())
    weeks = data.weeks(pd.Timestamp("2025-03-28"), pd.Timestamp("2026-06-12"))
    valued = value(config, data, weeks)
    found = divergence(valued.inputs, valued.valuation, data.splits)
    steps = pd.Series(weeks, index=weeks).diff().dt.days
    coin = data.network.set_index("date")["btc_usd"]
    mine, market = [], []
    for before, week in pairwise(weeks):
        if 5 <= steps[week] <= 10:
            mine.append(found.returns.loc[week, "ai_equal"])
            # A week whose coin price is of another day stands in no beta.
            there = before in coin.index and week in coin.index
            market.append(coin[week] / coin[before] - 1 if there else np.nan)
    mine, market = np.array(mine[-52:]), np.array(market[-52:])
    last = found.frame.iloc[-1]
    assert last["ai_volatility"] == pytest.approx(mine.std(ddof=1) * np.sqrt(52))
    both = ~np.isnan(market)
    slope = np.polyfit(market[both], mine[both], 1)[0]
    assert last["ai_beta_bitcoin"] == pytest.approx(slope)
    assert last["ai_weeks"] == 52


@given(st.lists(st.floats(-0.9, 3.0), min_size=1, max_size=20), st.integers(0, 4))
def test_an_index_starts_at_100_the_week_before_its_first_return(gains, unknown):
    returns = pd.Series([np.nan] * (unknown + 1) + gains)
    index = index_of(returns)
    assert index.iloc[:unknown].isna().all()
    assert index.iloc[unknown] == 100.0
    assert index.iloc[-1] == pytest.approx(100.0 * np.prod(1 + np.array(gains)))


def test_an_index_without_any_return_is_unknown():
    assert index_of(pd.Series([np.nan, np.nan])).isna().all()
