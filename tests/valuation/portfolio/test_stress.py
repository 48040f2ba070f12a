"""Stress of derivatives: options are revalued whole, futures and CFDs move by their notional, and unknown is no zero."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.valuation.portfolio.made import DAY, NAN, ONE_YEAR, holdings, quotes, row
from tests.valuation.portfolio.test_options import by_integral
from valuation.portfolio.positions import value
from valuation.portfolio.stress import bitcoin_by_beta, from_changes

CALL = {"unit": 100.0, "underlying": "AAA", "right": "call", "strike": 25.0, "expiry": ONE_YEAR}
CLOSES = quotes(AAA=20.0, BBB=8.0)
CLOSES.loc["BTC-USD"] = ["", "Bitcoin", 100_000.0, "ok", ""]


def scenario(*rows, change=-0.5, others=None):
    held = value(holdings(*rows), CLOSES, {}, DAY)
    companies = pd.Series({"AAA": change, "BBB": NAN})
    why = pd.Series({"AAA": "", "BBB": "no net asset value"})
    found = from_changes("s", "S", "net asset value", held, companies, why, others)
    return found, found.positions.set_axis(held.positions["ticker"])


def test_an_option_is_revalued_at_its_own_volatility():
    premium = by_integral(20, 25, 1.0, 0.8, "call", 0.0)
    _, rows = scenario(row("O", "option", 3, NAN, 100 * premium, **CALL))
    after = by_integral(10, 25, 1.0, 0.8, "call", 0.0)
    assert rows.at["O", "price_after"] == pytest.approx(100 * after, rel=1e-4)
    assert rows.at["O", "change"] == pytest.approx(after / premium - 1, rel=1e-4)
    assert rows.at["O", "pnl_usd"] == pytest.approx(300 * (after - premium), rel=1e-6)


def test_what_does_not_change_costs_nothing():
    _, rows = scenario(row("O", "option", 3, NAN, 250.0, **CALL), row("AAA", "equity", 5), change=0.0)
    assert set(rows["pnl_usd"]) == {0.0}


def test_futures_and_cfds_lose_on_their_notional():
    found, rows = scenario(
        row("CFD", "cfd", 100, NAN, 20.0, value=30.0, underlying="AAA"),
        row("MBT", "future", -5, NAN, 10_000.0, unit=0.1, underlying="BTC-USD"), row("CASH", "cash", 1_000),
        others={"BTC-USD": -0.3},
    )  # fmt: skip
    assert rows["pnl_usd"].to_dict() == pytest.approx({"CFD": -1_000, "MBT": 15_000, "CASH": 0})
    assert found.pnl_usd == pytest.approx(14_000)


def test_an_option_that_is_worth_nothing_can_become_worth_something():
    _, rows = scenario(row("O", "option", 1, NAN, 0.0, **{**CALL, "right": "put", "strike": 15.0}))
    assert rows.at["O", "pnl_usd"] == pytest.approx(500)  # 15 less 10, at no volatility


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (row("BBB", "equity", 10), "no net asset value"),
        (row("ZZZ", "equity", 10, NAN, 5.0), "not in the universe: cannot be revalued"),
        (row("O", "option", 1, NAN, NAN, **CALL), "no price of its own"),
        (row("QQQ", "equity", 10), "no price"),
    ],
)
def test_without_a_single_result_there_is_no_total(given, why):
    found, rows = scenario(given, row("CASH", "cash", 1_000))
    assert rows.iloc[0]["why"] == why
    assert np.isnan(found.pnl_usd)
    assert len(found.untold) == 1


def test_a_fund_with_the_ticker_of_a_coin_does_not_move_as_the_coin():
    closes = pd.concat([CLOSES, quotes(BTC=40.0)])
    held = value(holdings(row("BTC", "fund", 10), row("BTC-USD", "coin", 1)), closes, {}, DAY)
    empty = pd.Series(dtype=float)
    found = from_changes("s", "S", "net asset value", held, empty, empty, {"BTC-USD": -0.3, "BTC": -0.3}).positions
    rows = found.set_axis(held.positions["ticker"])
    assert rows.at["BTC-USD", "pnl_usd"] == pytest.approx(-30_000)
    assert np.isnan(rows.at["BTC", "pnl_usd"])


def test_bitcoin_by_beta_revalues_options_too():
    premium = by_integral(20, 25, 1.0, 0.8, "call", 0.0)
    held = value(holdings(row("O", "option", 1, NAN, 100 * premium, **CALL)), CLOSES, {}, DAY)
    found = bitcoin_by_beta(held, pd.Series({"AAA": 2.0}), -0.25).positions.iloc[0]
    assert found["pnl_usd"] == pytest.approx(100 * (by_integral(10, 25, 1.0, 0.8, "call", 0.0) - premium), rel=1e-6)
