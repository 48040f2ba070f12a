"""Stress tests of a small portfolio by hand: who moves, who stays, and who cannot be revalued and why."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.valuation.portfolio.test_positions import DAY, NAN, holdings, quotes
from valuation.portfolio.positions import value
from valuation.portfolio.stress import OUTSIDE, bitcoin_by_beta, from_changes

WHICH = "the file does not say which contract it is: underlying, right, strike, expiry"

ROWS = holdings(
    ("M", "AAA", "equity", 100, 1, NAN, NAN, "USD"), ("M", "BBB", "equity", -50, -1, NAN, NAN, "USD"),
    ("M", "ETF", "equity", 30, 1, 2.0, NAN, "USD"), ("M", "QQQ", "equity", 5, 1, 2.0, NAN, "USD"),
    ("M", "AAA C", "option", 1, 1, 4.0, NAN, "USD"), ("M", "UUU", "equity", 9, 1, NAN, NAN, "USD"),
    ("M", "CASH", "cash", 1000, NAN, NAN, NAN, "USD"),
)  # fmt: skip
QUOTES = quotes(AAA=("AAA", 10.0, "ok"), BBB=("BBB", 8.0, "ok"), **{"AAA C": ("AAA", NAN, "ok")})
WHY = pd.Series({"AAA": "", "BBB": "net asset value unknown"})


@pytest.fixture(scope="module")
def portfolio():
    return value(ROWS, QUOTES, {}, DAY)


def by_ticker(portfolio, found) -> pd.DataFrame:
    return found.positions.set_index(portfolio.positions["ticker"])


def test_changes_of_companies_and_of_names_beside_them(portfolio):
    found = from_changes("x", "X", "m", portfolio, pd.Series({"AAA": -0.2, "BBB": 0.5}), WHY, {"ETF": -0.1, "AAA": 9.0})
    rows = by_ticker(portfolio, found)
    known = {"AAA": (8.0, -200.0), "BBB": (12.0, -200.0), "ETF": (1.8, -6.0), "CASH": (1.0, 0.0)}
    for ticker, expected in known.items():
        assert rows.loc[ticker, ["price_after", "pnl_usd"]].tolist() == pytest.approx(expected), ticker
        assert rows.at[ticker, "why"] == ""
    assert rows["why"].to_dict() == {"AAA": "", "BBB": "", "ETF": "", "QQQ": OUTSIDE, "AAA C": WHICH, "UUU": "no price",
                                     "CASH": ""}  # fmt: skip
    # 1,000 - 400 + 60 + 10 + 4 + 1,000 of cash.
    assert (found.pnl_usd, found.pnl) == pytest.approx((-406.0, -406 / 1_674))
    assert set(found.untold.index.map(portfolio.positions["ticker"])) == {"QQQ", "AAA C", "UUU"}


def test_a_company_without_a_change_says_why(portfolio):
    rows = by_ticker(portfolio, from_changes("x", "X", "m", portfolio, pd.Series({"AAA": 0.1, "BBB": np.nan}), WHY))
    assert (rows.at["BBB", "why"], np.isnan(rows.at["BBB", "pnl_usd"])) == ("net asset value unknown", True)
    assert rows.at["ETF", "why"] == OUTSIDE


def test_bitcoin_moves_each_name_by_its_beta_and_no_price_below_zero(portfolio):
    betas = pd.Series({"AAA": 2.0, "BBB": 5.0, "ETF": -0.5, "AAA C": 3.0, "CASH": 1.0})
    rows = by_ticker(portfolio, bitcoin_by_beta(portfolio, betas))
    assert rows["change"].to_dict() == pytest.approx(
        {"AAA": -0.6, "BBB": -1.0, "ETF": 0.15, "QQQ": NAN, "AAA C": NAN, "UUU": NAN, "CASH": 0.0}, nan_ok=True
    )
    assert (rows.at["QQQ", "why"], rows.at["AAA C", "why"]) == ("no returns, so no beta", WHICH)
    assert rows.at["UUU", "why"] == "no price"
    assert by_ticker(portfolio, bitcoin_by_beta(portfolio, betas, 0.1)).at["AAA", "change"] == pytest.approx(0.2)


def test_a_portfolio_worth_half_a_dollar_has_a_fraction():
    rows = holdings(
        ("M", "AAA", "equity", 1, 1, NAN, NAN, "USD"), ("M", "CASH", "cash", -9.5, NAN, NAN, NAN, "USD")
    )  # fmt: skip
    found = from_changes("x", "X", "m", value(rows, QUOTES, {}, DAY), pd.Series({"AAA": 0.1}), WHY)
    assert (found.pnl_usd, found.pnl) == pytest.approx((1.0, 2.0))


def test_a_portfolio_worth_nothing_has_no_fraction():
    short = value(ROWS[ROWS["ticker"] == "BBB"], QUOTES, {}, DAY)
    assert np.isnan(from_changes("x", "X", "m", short, pd.Series({"BBB": 0.1}), WHY).pnl)
