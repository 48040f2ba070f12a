"""Checks of the gap's history: the path without each company, a simultaneous band, and a trend against a unit root.

Weekly values are close to random walks, and a walk wanders far without any trend: a test that takes the weeks for stationary
finds a trend in 15 to 20 of 100 walks. Here the null is the walk itself (METHODS section 7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._words import SIGNIFICANT
from valuation.errors import InvalidInput, NotEstimable
from valuation.gap.band import bootstrap_critical, jackknife_error, leave_one_out_critical
from valuation.gap.hodges_lehmann import LEAST_MEMBERS
from valuation.gap.pairwise_median import drawn_medians
from valuation.gap.trend import DAYS_PER_YEAR, LEAST_DATES, detrended_autocorrelation, sup_f

PATHS = 999
PAIRS_AT_ONCE = 1_000_000  # differences held in memory
STILL = 1e-12  # a log ratio that moves by less is one that never moves
STATISTICS = ("hodges_lehmann", "median", "geometric_mean")
NULL = "random walks that resample whole weeks of the companies' demeaned log changes, membership as observed"


@dataclass(frozen=True)
class HistoryChecks:
    """The weekly gap with what may be said of it.

    Attributes
    ----------
    path : DataFrame
        Indexed by date, weeks with at least 3 companies in each group: log of the Hodges-Lehmann ratio, of the ratio of
        medians and of geometric means, n_pivot, n_bitcoin.
    without : DataFrame
        (dates, companies) log of the Hodges-Lehmann ratio without each company; where it is in no group, that of all.
    band : DataFrame
        Same dates: low, high (logs; from the leave-one-out paths), low_bootstrap, high_bootstrap (from resampled
        companies), std_error (jackknife over companies).
    critical, critical_bootstrap : float
        Half-widths of the two bands in standard errors.
    slope : float
        Of the log of the Hodges-Lehmann ratio, per year, least squares.
    p : float
        Share of `paths` walks without a drift whose slope is at least as large in size, (b + 1) / (B + 1).
    slopes_without : Series
        The slope without each company that is ever in a group, by company.
    slopes_by_statistic : Series
        The slope by statistic.
    break_on : Timestamp
        First week of the most likely new level.
    break_before, break_after : float
        Mean log ratio before it and from it on.
    break_p : float
        Share of the same walks with a break at least as large (sup-F, Andrews 1993).
    independent_weeks : float
        Effective number of independent weeks behind the slope, n (1 - rho) / (1 + rho), rho the first autocorrelation of the
        residuals corrected for its bias; at least one.
    claimed : bool
        Whether a trend may be claimed; `objections` say why not.
    objections : tuple of str
        Of `slope changes its sign without TICKER, ...`, `p = ...`, `statistics disagree`.
    level : float
        Of the band.
    paths, seed : int
    method : str
    """

    path: pd.DataFrame
    without: pd.DataFrame
    band: pd.DataFrame
    critical: float
    critical_bootstrap: float
    slope: float
    p: float
    slopes_without: pd.Series
    slopes_by_statistic: pd.Series
    break_on: pd.Timestamp
    break_before: float
    break_after: float
    break_p: float
    independent_weeks: float
    claimed: bool
    objections: tuple[str, ...]
    level: float
    paths: int
    seed: int
    method: str = NULL

    @property
    def growth(self) -> float:
        """Growth of the ratio in a year, a fraction."""
        return float(np.expm1(self.slope))

    @property
    def growth_range(self) -> tuple[float, float]:
        """The smallest and largest growth in a year without any one company."""
        return float(np.expm1(self.slopes_without.min())), float(np.expm1(self.slopes_without.max()))


def history_checks(
    logs: pd.DataFrame, is_pivot: pd.DataFrame, *, level: float = 0.95, paths: int = PATHS, seed: int = 0
) -> HistoryChecks:
    """Path, leave-one-company-out paths, simultaneous band and trend of a weekly gap.

    Parameters
    ----------
    logs : DataFrame (dates, companies)
        ln of each company's multiple in the weeks in which it is in a group, NaN elsewhere; dates ascending.
    is_pivot : bool DataFrame, same index and columns
        Whether a company with a value is in the first group; it is in the second otherwise.
    level : float
        Of the band.
    paths, seed : int
        Of the null.

    Raises
    ------
    NotEstimable
        Fewer than 30 weeks with 3 companies in each group, or a ratio that never moves.
    InvalidInput
        Frames of different axes, or dates that do not ascend.

    Notes
    -----
    Bands: path +- c x jackknife standard error of the week, c by `band.leave_one_out_critical` (METHODS section 7) and by
    `band.bootstrap_critical`; `band` says how often each holds the truth. Trend claimed: p <= 0.05, every
    leave-one-company-out slope has the slope's sign, and the slopes of the Hodges-Lehmann ratio, of medians and of geometric
    means have one sign.
    """
    if not (logs.index.equals(is_pivot.index) and logs.columns.equals(is_pivot.columns)):
        raise InvalidInput("values and groups have different dates or companies")
    if not logs.index.is_monotonic_increasing or not logs.index.is_unique:
        raise InvalidInput("dates do not ascend")
    values, pivots = logs.to_numpy(dtype=float), is_pivot.to_numpy(dtype=bool)
    known = ~np.isnan(values)
    sizes = np.column_stack([(known & pivots).sum(axis=1), (known & ~pivots).sum(axis=1)])
    weeks = np.flatnonzero(sizes.min(axis=1) >= LEAST_MEMBERS)
    if len(weeks) < LEAST_DATES:
        raise NotEstimable(
            f"{len(weeks)} weeks with {LEAST_MEMBERS} companies in each group; a trend needs {LEAST_DATES}"
        )
    dates = pd.DatetimeIndex(logs.index[weeks])
    years = (dates - dates[0]).days.to_numpy() / DAYS_PER_YEAR
    groups = [(np.flatnonzero(known[t] & pivots[t]), np.flatnonzero(known[t] & ~pivots[t])) for t in weeks]
    path = pd.DataFrame({name: _path(values, weeks, groups, name) for name in STATISTICS}, index=dates)
    path["n_pivot"], path["n_bitcoin"] = sizes[weeks, 0], sizes[weeks, 1]
    without = _without_each(values, weeks, groups, logs.columns, dates)
    member = known[weeks]
    middle = path["hodges_lehmann"].to_numpy()
    if np.ptp(middle) < STILL:
        raise NotEstimable(f"the gap is the same in all {len(weeks)} weeks")
    error = jackknife_error(without.to_numpy(), member)
    critical = leave_one_out_critical(without.to_numpy(), member, error, level)
    redrawn = bootstrap_critical(values[weeks], groups, middle, error, draws=paths, level=level, seed=seed)
    band = {
        "low": middle - critical * error, "high": middle + critical * error,
        "low_bootstrap": middle - redrawn * error, "high_bootstrap": middle + redrawn * error, "std_error": error,
    }  # fmt: skip
    slopes = {name: float(_slopes(path[name].to_numpy(), years)) for name in STATISTICS}
    slope = slopes["hodges_lehmann"]
    ever = member.any(axis=0)
    slopes_without = pd.Series(_slopes(without.to_numpy().T[ever], years), index=logs.columns[ever], name="slope")
    walks = walks_without_drift(values, paths, seed)
    null = _path(walks, weeks, groups, "hodges_lehmann")
    p = float((1 + (np.abs(_slopes(null, years)) >= abs(slope)).sum()) / (paths + 1))
    (f,), (first_new,) = sup_f(middle[None])
    objections = _objections(slope, p, slopes_without, slopes)
    return HistoryChecks(
        path=path,
        without=without,
        band=pd.DataFrame(band, index=dates),
        critical=critical,
        critical_bootstrap=redrawn,
        slope=slope,
        p=p,
        slopes_without=slopes_without,
        slopes_by_statistic=pd.Series(slopes, name="slope"),
        break_on=dates[first_new],
        break_before=float(middle[:first_new].mean()),
        break_after=float(middle[first_new:].mean()),
        break_p=float((1 + (sup_f(null)[0] >= f).sum()) / (paths + 1)),
        independent_weeks=_independent(path["hodges_lehmann"].to_numpy(), years, slope),
        claimed=not objections,
        objections=objections,
        level=level,
        paths=paths,
        seed=seed,
    )


def walks_without_drift(values: np.ndarray, paths: int, seed: int) -> np.ndarray:
    """Random walks of the companies from their first known values, (paths, dates, companies).

    Parameters
    ----------
    values : (dates, companies) array
        Logs; NaN where unknown.
    paths, seed : int

    Notes
    -----
    A drawn week is a whole row of changes, so companies move together as they did. A company whose change of a week is
    unknown takes that week's mean change of the others plus a deviation from the mean of another week of its own.
    """
    rng = np.random.default_rng(seed)
    changes = np.diff(values, axis=0)
    changes = changes - _mean(changes, axis=0)
    common = np.nan_to_num(_mean(changes, axis=1))
    own = changes - common[:, None]
    for column in range(values.shape[1]):
        missing = np.isnan(own[:, column])
        seen = own[~missing, column]
        # A company without two weeks in a row has no change of its own to draw: it moves with the others.
        own[missing, column] = rng.choice(seen, missing.sum()) if len(seen) else 0.0
    filled = own + common[:, None]
    # One large array, changed in place: 500 companies take 0.6 GB.
    walks = np.zeros((paths, *values.shape))
    np.cumsum(filled[rng.integers(0, len(filled), (paths, len(filled)))], axis=1, out=walks[:, 1:])
    first = np.argmax(~np.isnan(values), axis=0)
    columns = np.arange(values.shape[1])
    start = np.nan_to_num(values[first, columns])
    walks -= walks[:, first, columns][:, None, :]
    walks += start
    return walks


def _mean(array: np.ndarray, axis: int) -> np.ndarray:
    """Mean of the known values along an axis, NaN where there is none."""
    known = ~np.isnan(array)
    count = known.sum(axis=axis, keepdims=True)
    total = np.where(known, array, 0.0).sum(axis=axis, keepdims=True)
    return np.squeeze(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0), axis=axis)


def _difference(first: np.ndarray, second: np.ndarray, statistic: str) -> np.ndarray:
    """Log ratio of the first group to the second over the last axis."""
    if statistic == "hodges_lehmann":
        out = np.empty(first.shape[:-1])
        a, b = first.reshape(-1, first.shape[-1]), second.reshape(-1, second.shape[-1])
        flat = out.reshape(-1)
        step = max(1, PAIRS_AT_ONCE // (a.shape[1] * b.shape[1]))
        for start in range(0, len(a), step):
            some = slice(start, start + step)
            pairs = a[some, :, None] - b[some, None, :]
            flat[some] = np.median(pairs.reshape(len(pairs), -1), axis=-1, overwrite_input=True)
        return out
    if statistic == "median":
        return np.asarray(np.log(np.median(np.exp(first), axis=-1) / np.median(np.exp(second), axis=-1)))
    return np.asarray(first.mean(axis=-1) - second.mean(axis=-1))


def _path(
    values: np.ndarray, weeks: np.ndarray, groups: list[tuple[np.ndarray, np.ndarray]], statistic: str
) -> np.ndarray:
    """The log ratio of each week, (..., weeks); `values` are (..., dates, companies)."""
    out = np.empty((*values.shape[:-2], len(weeks)))
    for place, (week, (first, second)) in enumerate(zip(weeks, groups, strict=True)):
        out[..., place] = _difference(values[..., week, first], values[..., week, second], statistic)
    return out


def _without_each(
    values: np.ndarray,
    weeks: np.ndarray,
    groups: list[tuple[np.ndarray, np.ndarray]],
    columns: pd.Index,
    dates: pd.DatetimeIndex,
) -> pd.DataFrame:
    """The log Hodges-Lehmann ratio without each company; a group of three is one of two then."""
    out = np.empty((len(weeks), len(columns)))
    for place, (week, (first, second)) in enumerate(zip(weeks, groups, strict=True)):
        a, b = values[week, first], values[week, second]
        # A draw without each company of the first group, of the second, and the last with all.
        size, members = len(first), np.concatenate([first, second])
        kept = ~np.eye(len(members), len(members) + 1, dtype=bool)
        medians = drawn_medians(a, b, kept[:size], kept[size:])
        out[place] = medians[-1]
        out[place, members] = medians[:-1]
    return pd.DataFrame(out, index=dates, columns=columns)


def _slopes(series: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Least-squares slopes per year, along the last axis."""
    x = years - years.mean()
    return np.asarray(series @ x / (x @ x))


def _independent(path: np.ndarray, years: np.ndarray, slope: float) -> float:
    n = len(path)
    residual = path - path.mean() - slope * (years - years.mean())
    if residual @ residual == 0:
        return float(n)
    # Weeks that swing back tell no less than independent ones; at an autocorrelation of -1 the formula has no value.
    rho = max(0.0, detrended_autocorrelation(residual))
    return float(np.clip(n * (1 - rho) / (1 + rho), 1.0, n))


def _objections(slope: float, p: float, without: pd.Series, by_statistic: dict[str, float]) -> tuple[str, ...]:
    sign = np.sign(slope)
    turned = [str(name) for name, one in without.items() if np.sign(one) != sign]
    found = []
    if turned:
        found.append(f"the slope changes its sign without {', '.join(turned)}")
    if p > SIGNIFICANT:
        found.append(f"p = {p:.2f}" if p >= 0.0995 else f"p = {p:.3f}")
    other = [name for name, one in by_statistic.items() if np.sign(one) != sign]
    if other:
        found.append("the slope of " + " and ".join(name.replace("_", " ") for name in other) + " has the other sign")
    return tuple(found)
