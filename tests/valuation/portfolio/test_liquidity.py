"""Days to liquidate, worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.valuation.portfolio.made import DAY, NAN, holdings, quotes, row
from valuation.portfolio.liquidity import HORIZONS, PARTICIPATION, liquidity
from valuation.portfolio.positions import value

CLOSES = quotes(AAA=20.0, BBB=8.0, FFF=50.0)


def held(*rows):
    return value(holdings(*rows), CLOSES, {}, DAY)


def test_days_by_hand():
    """A fifth of 1,000 shares a day: 500 take 2.5 days; 100 short of 500 a day take 1; no volume, no days."""
    portfolio = held(
        row("AAA", "equity", 300), row("AAA", "equity", 200, account="B"), row("BBB", "equity", -100), row("FFF", "fund", 5),
        row("O", "option", 1, NAN, 100.0, unit=100.0, underlying="AAA"),
    )  # fmt: skip
    found = liquidity(portfolio, pd.Series({"AAA": 1_000.0, "BBB": 500.0}), 20, "Yahoo")
    assert found.names["days"].to_dict() == pytest.approx({"AAA": 2.5, "BBB": 1.0, "FFF": NAN}, nan_ok=True)
    assert list(found.names.index)[:2] == ["AAA", "BBB"]
    assert found.unknown == ("FFF",)
    # 10,000 and 800 with a volume: in one day 4,000 and 800.
    assert found.within(1) == pytest.approx(4_800 / 10_800)
    assert found.within(2.5) == 1
    assert found.within(0.5) == pytest.approx((2_000 + 400) / 10_800)
    flat = (row("BBB", "equity", 100), row("BBB", "equity", -100, account="B"), row("AAA", "equity", 400))
    known = liquidity(held(*flat), pd.Series({"AAA": 1_000.0, "BBB": 500.0}), 20, "Yahoo")
    assert known.names["days"].to_dict() == {"AAA": 2.0, "BBB": 0.0}
    assert known.within(1) == 0.5
    tiny = liquidity(held(row("AAA", "equity", 0.02)), pd.Series({"AAA": 0.01}), 20, "Yahoo")  # 0.40 USD
    assert tiny.within(5) == pytest.approx(0.5)


def test_a_fifth_of_the_volume_over_a_day_a_week_and_a_month_of_trading():
    assert (PARTICIPATION, HORIZONS) == (0.2, (1, 5, 20))


@pytest.mark.parametrize("volume", [0.0, NAN])
def test_nothing_traded_is_unknown_and_not_at_once(volume):
    found = liquidity(held(row("AAA", "equity", 10)), pd.Series({"AAA": volume}), 20, "Yahoo")
    assert found.unknown == ("AAA",)
    assert pd.isna(found.within(5))
