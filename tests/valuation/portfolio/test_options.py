"""Option prices against the textbook and against an integral, parity, implied volatilities, and what prices cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.portfolio.options import bounds, delta, implied_volatility, price, quoted

SPOTS, STRIKES = st.floats(1, 200), st.floats(1, 200)
YEARS, VOLATILITIES, RATES = st.floats(0.02, 3), st.floats(0.05, 2), st.floats(-0.02, 0.1)
RIGHTS = st.sampled_from(["call", "put"])


def by_integral(spot: float, strike: float, years: float, volatility: float, right: str, rate: float) -> float:
    """Discounted mean of the exercise value under a lognormal price, by the trapezoid rule."""
    z = np.linspace(-12, 12, 200_001)
    end = spot * np.exp((rate - volatility**2 / 2) * years + volatility * np.sqrt(years) * z)
    worth = np.maximum(end - strike, 0) if right == "call" else np.maximum(strike - end, 0)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return float(np.exp(-rate * years) * np.trapezoid(worth * density, z))


def test_the_example_of_the_textbook():
    """Hull, Options, Futures and Other Derivatives, example 15.6: c = 4.76, p = 0.81."""
    assert round(price(42, 40, 0.5, 0.2, "call", 0.1), 2) == 4.76
    assert round(price(42, 40, 0.5, 0.2, "put", 0.1), 2) == 0.81


@pytest.mark.parametrize("right", ["call", "put"])
@pytest.mark.parametrize(
    ("strike", "years", "volatility", "rate"), [(45, 0.28, 0.8, 0), (10, 1, 1.2, 0.04), (90, 2, 0.3, 0)]
)
def test_the_price_is_the_integral(right, strike, years, volatility, rate):
    found = price(40, strike, years, volatility, right, rate)
    assert found == pytest.approx(by_integral(40, strike, years, volatility, right, rate), rel=1e-6, abs=1e-9)


@given(SPOTS, STRIKES, YEARS, VOLATILITIES, RATES)
@settings(max_examples=100, deadline=None)
def test_put_call_parity_and_bounds(spot, strike, years, volatility, rate):
    call, put = (price(spot, strike, years, volatility, right, rate) for right in ("call", "put"))
    assert call - put == pytest.approx(spot - strike * np.exp(-rate * years), abs=1e-9)
    for right, premium in (("call", call), ("put", put)):
        low, high = bounds(spot, strike, years, right, rate)
        assert low - 1e-9 <= premium <= high + 1e-9


@given(SPOTS, STRIKES, YEARS, VOLATILITIES, RIGHTS)
@settings(max_examples=100, deadline=None)
def test_delta_is_the_slope_of_the_price(spot, strike, years, volatility, right):
    step = spot * 1e-5
    up, down = (price(spot + sign * step, strike, years, volatility, right) for sign in (1, -1))
    assert delta(spot, strike, years, volatility, right) == pytest.approx((up - down) / (2 * step), abs=1e-5)


@pytest.mark.parametrize("right", ["call", "put"])
@pytest.mark.parametrize(("strike", "volatility"), [(30, 0.6), (40, 0.9), (60, 1.5)])
def test_the_volatility_comes_back_from_the_integral(right, strike, volatility):
    premium = by_integral(40, strike, 0.5, volatility, right, 0.0)
    assert implied_volatility(premium, 40, strike, 0.5, right) == pytest.approx(volatility, rel=1e-5)


@given(SPOTS, STRIKES, YEARS, RIGHTS, st.floats(-5, 250))
@settings(max_examples=150, deadline=None)
def test_a_price_has_a_delta_or_a_reason(spot, strike, years, right, premium):
    found = quoted(premium, spot, strike, years, right)
    assert np.isnan(found.delta) == bool(found.why)
    low, high = bounds(spot, strike, years, right)
    if not found.why:
        assert low - 0.005 <= premium <= high + 0.005
        assert 0 <= (found.delta if right == "call" else -found.delta) <= 1
    if found.volatility > 0:
        assert price(spot, strike, years, found.volatility, right) == pytest.approx(premium, abs=1e-6 * spot)


def test_without_a_rate_there_is_no_interest():
    for right in ("call", "put"):
        assert price(40, 45, 0.5, 0.8, right) == pytest.approx(by_integral(40, 45, 0.5, 0.8, right, 0.0), rel=1e-6)
        assert (
            bounds(40, 45, 0.5, right) == bounds(40, 45, 0.5, right, 0.0) == ((0, 40) if right == "call" else (5, 45))
        )
    assert delta(40, 40, 1.0, 0.8, "call") == pytest.approx(0.6554217)  # N(0.4)
    assert implied_volatility(40 * 0.3108434832206, 40, 40, 1.0, "call") == pytest.approx(0.8)


@pytest.mark.parametrize(("volatility", "found"), [(19.5, 19.5), (20.5, float("nan"))])
def test_volatilities_are_looked_for_up_to_2000_percent(volatility, found):
    premium = price(40, 45, 0.01, volatility, "call")
    assert implied_volatility(premium, 40, 45, 0.01, "call") == pytest.approx(found, nan_ok=True)


NAN = float("nan")


@pytest.mark.parametrize(
    ("premium", "years"),
    [(4.0, 0.5), (5.0, 0.5), (15.0, 0.5), (16.0, 0.5), (7.0, 0.0), (7.0, -0.1), (NAN, 0.5)],
)
def test_no_volatility_gives_a_price_outside_its_bounds_or_without_time_left(premium, years):
    # A call at 10 on 15 costs more than 5 and less than 15.
    assert np.isnan(implied_volatility(premium, 15.0, 10.0, years, "call"))


@pytest.mark.parametrize(
    ("premium", "spot", "strike", "years", "right", "why"),
    [
        (5.47, 15.48, 10, 0.5, "call", "its price of $5.47 is below its exercise value of $5.48"),
        (15.49, 15.48, 10, 0.5, "call", "its price of $15.49 is above the underlying's price of $15.48"),
        (10.01, 15.48, 10, 0.5, "put", "its price of $10.01 is above its strike of $10.00"),
        (NAN, 15, 10, 0.5, "put", "no price of its own"),
        (1, NAN, 10, NAN, "put", "no close of the underlying, no expiry"),
        (1, 15, NAN, 0.5, "", "no strike, neither a call nor a put"),
        (1, 15, 10, -1 / 365, "call", "expired"),
        (9.9999, 10, 0.5, 0.001, "call", "its price of $10.00 implies a volatility above 2,000%"),
    ],
)
def test_why_there_is_no_delta(premium, spot, strike, years, right, why):
    found = quoted(premium, spot, strike, years, right)
    assert np.isnan(found.delta)
    assert found.why.startswith(why)


@pytest.mark.parametrize(
    ("premium", "spot", "years", "right", "expected"),
    [(5.48, 15.48, 0.5, "call", 1), (5.476, 15.48, 0.5, "call", 1), (0.0, 9, 0.5, "call", 0), (3.0, 7, 0.5, "put", -1),
     (2.0, 12, 0.0, "call", 1), (0.1, 12, 0.0, "put", 0)],
)  # fmt: skip
def test_at_its_exercise_value_and_on_its_last_day_an_option_is_shares_or_nothing(
    premium, spot, years, right, expected
):
    assert (quoted(premium, spot, 10, years, right).delta, quoted(premium, spot, 10, years, right).volatility) == (
        expected,
        0,
    )


def test_on_its_last_day_half_a_dollar_in_the_money_is_shares_and_a_share_worth_nothing_is_sold():
    assert delta(100.5, 100, 0.0, 0.5, "call") == delta(1.5, 1, 0.0, 0.5, "call") == 1
    assert delta(100, 100, 0.0, 0.5, "call") == delta(100, 100, 0.0, 0.5, "put") == 0
    assert delta(0.0, 10, 1.0, 0.5, "put") == -1
    assert delta(0.0, 10, 1.0, 0.5, "call") == 0
    assert (price(0.0, 10, 1.0, 0.5, "call"), price(0.0, 10, 1.0, 0.5, "put")) == (0.0, 10.0)
    assert price(0.5, 1, 1.0, 0.5, "put") == pytest.approx(by_integral(0.5, 1, 1.0, 0.5, "put", 0.0), rel=1e-6)


@pytest.mark.parametrize(
    ("premium", "why"), [(5 - 0.005, ""), (5 - 0.0051, "below"), (15 + 0.005, ""), (15.0051, "above")]
)
def test_half_a_cent_beyond_a_bound_is_rounding(premium, why):
    told = quoted(premium, 15, 10, 0.5, "call").why
    assert why in told
    assert bool(why) == ("exercise value" in told or "underlying's price" in told)


def test_up_to_half_a_cent_above_its_exercise_value_an_option_has_no_volatility():
    # A call at 50 on 100 is worth 50 exercised; prices are quoted to the cent.
    assert quoted(50.005, 100, 50, 1.0, "call").volatility == 0.0
    assert quoted(50.006, 100, 50, 1.0, "call").volatility > 0.0
    assert quoted(0.504, 1.5, 1, 1.0, "call").volatility == 0.0  # half a dollar in the money
    # Out of the money there is no exercise value: a price of less than half a cent is a price.
    assert quoted(0.004, 15, 20, 0.5, "call").volatility > 0.0


def test_a_right_of_another_name_is_refused():
    with pytest.raises(ValueError, match="expected call or put"):
        price(1, 1, 1, 1, "straddle")
