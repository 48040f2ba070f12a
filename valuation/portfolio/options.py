"""European options by Black & Scholes (1973): price, delta, no-arbitrage bounds, implied volatility (Brent 1973)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

CALL, PUT = "call", "put"
DAYS_A_YEAR = 365.0
# A quote is rounded to a cent: a price that far outside its bounds is at them.
ROUNDING_USD = 0.005
LOWEST, HIGHEST = 1e-6, 20.0  # volatility a year that is looked for
# How exposures are computed, in a sentence.
METHOD = (
    "Delta of options by Black-Scholes at the volatility that the option's own price implies, without interest and "
    "dividends: interest of 4% would move the delta of a one-year at-the-money option by 0.01 (call) or 0.03 (put) at a "
    "volatility of 90%."
)


@dataclass(frozen=True)
class Quoted:
    """What an option's own price implies.

    Attributes
    ----------
    delta : float
        Change of the option's price for one dollar of the underlying; NaN where the price allows none.
    volatility : float
        A year; 0 where the option is at its exercise value, NaN where there is none.
    why : str
        Why there is no delta; empty where there is one.
    """

    delta: float
    volatility: float
    why: str = ""


def price(spot: float, strike: float, years: float, volatility: float, right: str, rate: float = 0.0) -> float:
    """Price of one option on one share, in the units of spot and strike.

    Parameters
    ----------
    years : float
        To expiry; at 0, or at a volatility of 0, the price is the exercise value of the forward.
    volatility, rate : float
        A year; the rate is continuously compounded.
    right : {"call", "put"}
    """
    sign = _sign(right)
    paid = strike * np.exp(-rate * years)
    if not volatility * years > 0 or not spot > 0:
        return float(max(sign * (spot - paid), 0.0))
    d1, d2 = _d(spot, paid, years, volatility)
    return float(sign * (spot * ndtr(sign * d1) - paid * ndtr(sign * d2)))


def delta(spot: float, strike: float, years: float, volatility: float, right: str, rate: float = 0.0) -> float:
    """Derivative of `price` by the spot; 0 to 1 for a call, -1 to 0 for a put."""
    sign = _sign(right)
    paid = strike * np.exp(-rate * years)
    if not volatility * years > 0 or not spot > 0:
        return float(sign * (sign * (spot - paid) > 0))
    return float(sign * ndtr(sign * _d(spot, paid, years, volatility)[0]))


def bounds(spot: float, strike: float, years: float, right: str, rate: float = 0.0) -> tuple[float, float]:
    """Least and most that an option can cost without arbitrage."""
    paid = strike * float(np.exp(-rate * years))
    low = max(_sign(right) * (spot - paid), 0.0)
    return low, spot if _sign(right) > 0 else paid


def implied_volatility(
    premium: float, spot: float, strike: float, years: float, right: str, rate: float = 0.0
) -> float:
    """Volatility a year at which `price` is the premium; NaN outside the bounds and above 2,000%."""
    from scipy.optimize import brentq

    low, high = bounds(spot, strike, years, right, rate)
    if not (low < premium < high and years > 0):
        return float("nan")

    def miss(volatility: float) -> float:
        return price(spot, strike, years, volatility, right, rate) - premium

    if miss(LOWEST) > 0:  # at its bound to the last digit
        return LOWEST
    return float("nan") if miss(HIGHEST) < 0 else float(brentq(miss, LOWEST, HIGHEST, xtol=1e-12, rtol=1e-12))


def quoted(premium: float, spot: float, strike: float, years: float, right: str) -> Quoted:
    """Delta and volatility that the price of one option on one share implies, or why it implies none.

    Parameters
    ----------
    premium, spot, strike : float, in one currency
    years : float
        To expiry; below 0 the option is over.
    """
    why = _not_known(premium, spot, strike, years, right) or _arbitrage(premium, spot, strike, years, right)
    if why:
        return Quoted(np.nan, np.nan, why)
    low, high = bounds(spot, strike, years, right)
    if years == 0 or premium <= low + ROUNDING_USD * (low > 0) or premium <= 0:
        return Quoted(delta(spot, strike, years, 0.0, right), 0.0)
    volatility = implied_volatility(min(premium, high), spot, strike, years, right)
    if np.isnan(volatility):
        return Quoted(np.nan, np.nan, f"its price of ${premium:,.2f} implies a volatility above {HIGHEST:,.0%}")
    return Quoted(delta(spot, strike, years, volatility, right), volatility)


def _not_known(premium: float, spot: float, strike: float, years: float, right: str) -> str:
    """Which of the figures there is not, or that the option is over; empty where there is every one."""
    if years < 0:
        return "expired"
    figures = {
        "no price of its own": premium,
        "no close of the underlying": spot,
        "no strike": strike,
        "no expiry": years,
    }
    missing = [words for words, figure in figures.items() if not np.isfinite(figure)]
    return ", ".join([*missing, *([] if right in (CALL, PUT) else ["neither a call nor a put"])])


def _arbitrage(premium: float, spot: float, strike: float, years: float, right: str) -> str:
    """Which bound a price is outside of; empty where it is within."""
    low, high = bounds(spot, strike, years, right)
    if premium < low - ROUNDING_USD:
        return f"its price of ${premium:,.2f} is below its exercise value of ${low:,.2f}"
    if premium > high + ROUNDING_USD:
        most = "the underlying's price" if right == CALL else "its strike"
        return f"its price of ${premium:,.2f} is above {most} of ${high:,.2f}"
    return ""


def _sign(right: str) -> int:
    """1 for a call, -1 for a put.

    Raises
    ------
    ValueError
        Neither.
    """
    if right not in (CALL, PUT):
        raise ValueError(f"right {right!r}: expected {CALL} or {PUT}")
    return 1 if right == CALL else -1


def _d(spot: float, paid: float, years: float, volatility: float) -> tuple[float, float]:
    spread = volatility * np.sqrt(years)
    d1 = np.log(spot / paid) / spread + spread / 2
    return d1, d1 - spread
