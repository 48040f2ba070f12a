"""Arithmetic of one contract: first-year rent under an escalator, and what has been earned by a day."""

from __future__ import annotations

import numpy as np

AI_KINDS = ("colocation_lease", "jv_lease", "gpu_cloud")
DAYS_PER_YEAR = 365.25


def first_year_revenue(total_value: np.ndarray, term_years: np.ndarray, escalator: np.ndarray) -> np.ndarray:
    """Revenue of the first contract year, USD: TCV * g / ((1+g)^n - 1), the average where g is zero or unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        escalated = total_value * escalator / np.expm1(term_years * np.log1p(escalator))
        return np.where(escalator > 0, escalated, total_value / term_years)


def earned(
    total_value: np.ndarray, term_years: np.ndarray, escalator: np.ndarray, elapsed_years: np.ndarray
) -> np.ndarray:
    """The part of the total value that has elapsed, USD, the rent stepping up once a contract year.

    Zero before the start, the whole value from the end on; straight-line where the escalator is unknown.
    """
    growth = np.nan_to_num(escalator)
    elapsed = np.clip(elapsed_years, 0.0, term_years)
    first = first_year_revenue(total_value, term_years, escalator)
    whole = np.floor(elapsed)
    with np.errstate(divide="ignore", invalid="ignore"):
        compounded = np.expm1(whole * np.log1p(growth)) / growth
    years_paid = np.where(growth > 0, compounded, whole)
    stepped = first * (years_paid + (elapsed - whole) * (1 + growth) ** whole)
    # A term of 2.53 years ends inside a contract year: the formula for the first year spreads the value over
    # whole and part years a little differently, so the end is pinned.
    return np.where(elapsed >= term_years, total_value, np.minimum(stepped, total_value))


def gross_mw(stated: np.ndarray, critical_it: np.ndarray, ratio: float) -> np.ndarray:
    """Gross MW of contracts: as stated, else critical IT MW x the assumed ratio; NaN unknown."""
    return np.where(np.isnan(stated), critical_it * ratio, stated)
