"""Abnormal returns around announcements: the market model.

r = a + b1 peers + b2 bitcoin over simple returns, peers being the equal-weighted mean of the other miners. The event's
close is the first on or after its date: day (or week) 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from valuation.events.mean_tests import (
    NOTHING,
    bmp,
    corrado,
    described,
    kolari_pynnonen,
    mean_pair_correlation,
    outcomes,
)
from valuation.events.result import EventStudy
from valuation.events.timing import (
    LEAST_COMMON,
    LEFT_OUT_COLUMNS,
    Timing,
    Window,
    flag,
    label,
    others_mean,
    place,
    simple_returns,
    span_of,
    timing_of,
)


def study(
    closes: pd.DataFrame,
    bitcoin: pd.Series | None,
    events: pd.DataFrame,
    *,
    frequency: str = "weekly",
    confounders: pd.DataFrame | None = None,
) -> EventStudy:
    """Abnormal returns of the market model around events, and the three tests of their mean.

    Parameters
    ----------
    closes : DataFrame (dates, tickers)
        USD, adjusted for splits, ascending dates a week or a trading day apart; every column is a miner. NaN where
        a company had no close: a return needs both of its closes.
    bitcoin : Series or None
        USD on the dates of `closes`; None for companies that hold no coins: their peers alone explain their returns.
    events : DataFrame
        ticker, date, kind, headline. Events of one company that share a close are one event.
    frequency : {"weekly", "daily"}
    confounders : DataFrame, optional
        ticker, date, kind: what else moves a price.

    Returns
    -------
    EventStudy
        `events` adds n_estimation, own_events (steps of the estimation window that are windows of the company's own earlier
        events, left out of it), alpha, beta_peers, beta_bitcoin, sigma and per window car, se (forecast error included) and
        t (with n_estimation - 3 degrees of freedom, - 2 without bitcoin). `tests`: mean, median, share positive, BMP,
        Kolari-Pynnonen and rank test.

    Raises
    ------
    InvalidInput
        An unknown frequency.
    NotEstimable
        The closes are not as close together as the frequency says.

    Notes
    -----
    Pairs of events correlate as their estimation residuals do on the dates they share (`mean_pair_correlation`).
    The rank test ranks abnormal returns over their standard errors, so that forecasts compare with residuals.
    """
    timing = timing_of(frequency, closes.index)
    placed = place(events, closes.index, closes.columns, timing)
    usable = placed[placed["reason"] == ""].reset_index(drop=True)
    lo, hi = span_of(timing.windows)
    offsets = np.r_[np.arange(-timing.gap - timing.length + 1, -timing.gap + 1), np.arange(lo, hi + 1)]
    own = simple_returns(closes.to_numpy(dtype=float))
    peers = others_mean(own)
    factors = (
        [] if bitcoin is None else [simple_returns(bitcoin.reindex(closes.index).to_numpy(dtype=float)[:, None])[:, 0]]
    )

    at = usable["position"].to_numpy()[:, None] + offsets
    inside = (at >= 0) & (at < len(closes))
    at = np.clip(at, 0, len(closes) - 1)
    column = usable["column"].to_numpy()[:, None]
    y = np.where(inside, own[at, column], np.nan)
    estimation = np.arange(len(offsets)) < timing.length
    eventful = _windows_of(placed, own.shape, (lo, hi))[at, column] & estimation
    dropped = (eventful & np.isfinite(y)).sum(axis=1)
    y = np.where(eventful, np.nan, y)
    design = np.stack([np.ones(at.shape), peers[at, column], *(factor[at] for factor in factors)], axis=-1)
    fit = _fit(y, design, timing.length)
    out = usable.drop(columns=["column", "reason"]).assign(
        n_estimation=fit.n,
        own_events=dropped,
        alpha=fit.beta[:, 0],
        beta_peers=fit.beta[:, 1],
        beta_bitcoin=fit.beta[:, 2] if factors else np.nan,
        sigma=fit.sigma,
    )
    for first, last in timing.windows:
        steps = timing.length + np.arange(first - lo, last - lo + 1)
        summed = design[:, steps].sum(axis=1)
        car = fit.abnormal[:, steps].sum(axis=1)
        extra = np.einsum("ei,eij,ej->e", summed, fit.inverse, summed)
        name = label((first, last))
        out[f"car{name}"] = car
        out[f"se{name}"] = fit.sigma * np.sqrt(len(steps) + extra)
        out[f"t{name}"] = car / out[f"se{name}"]
    cars = [f"car{label(window)}" for window in timing.windows]
    reason = np.full(len(out), "", dtype=object)
    reason[out[cars].isna().all(axis=1)] = "no return in any event window: not over yet, or no close"
    reason[~fit.estimable] = (
        f"it{', its peers or bitcoin' if factors else ' or its peers'} did not move in the {timing.step}s before"
    )
    short = fit.n < timing.least
    reason[short] = [
        f"{n} {timing.step}s known before it"
        f"{f' without the {m} of its own earlier events' if m else ''}, {timing.least} needed"
        for n, m in zip(fit.n[short], dropped[short], strict=True)
    ]
    kept = reason == ""
    left = pd.concat([placed[placed["reason"] != ""], out.assign(reason=reason)[~kept]])
    out = flag(out[kept].reset_index(drop=True), confounders, closes.index, timing, (lo, hi))
    tests = _tests(out, fit.scaled[kept], at[kept], len(closes), timing, (lo, hi))
    return EventStudy(
        title="Abnormal returns around announcements",
        frequency=frequency,
        method=(
            f"Simple returns on the other miners (equal-weighted){' and bitcoin' if factors else ''}; estimated over "
            f"{timing.length} {timing.step}s ending {timing.gap} before the event, without the windows of the company's own "
            f"earlier events ({_left_out(out['own_events'], timing)}), at least {timing.least}; standard errors with the "
            "forecast error. BMP and Kolari-Pynnonen: t(n - 1); Corrado rank: normal."
        ),
        events=out.drop(columns="position"),
        tests=tests,
        left_out=left[LEFT_OUT_COLUMNS].reset_index(drop=True),
        caveats=(
            "Peers often gain from one miner's contract: what the basket gains is taken off the abnormal return.",
            "Clean: no financing, results or m&a of the company "
            + (f"in the same {timing.step}" if timing.confounded_within == 0 else f"within a {timing.step}")
            + ", and no other event of its own inside the longest window.",
        ),
    )


def _windows_of(placed: pd.DataFrame, shape: tuple[int, int], span: Window) -> np.ndarray:
    """Which steps of each company lie in the window of one of its events, bool (dates, tickers).

    Every event with a close counts, whether or not it can be studied itself.
    """
    out = np.zeros(shape, dtype=bool)
    there = placed[(placed["column"] >= 0) & (placed["position"] < shape[0])]
    steps = there["position"].to_numpy()[:, None] + np.arange(span[0], span[1] + 1)
    inside = (steps >= 0) & (steps < shape[0])
    columns = np.broadcast_to(there["column"].to_numpy()[:, None], steps.shape)
    out[steps[inside], columns[inside]] = True
    return out


def _left_out(dropped: pd.Series, timing: Timing) -> str:
    """How many steps of own earlier events the estimation windows leave out, in words."""
    some = dropped[dropped > 0]
    if some.empty:
        return "none had one"
    low, high = int(some.min()), int(some.max())
    return f"{low if low == high else f'{low} to {high}'} {timing.step}s of {len(some)} of {len(dropped)} events"


@dataclass(frozen=True)
class _Fit:
    beta: np.ndarray
    inverse: np.ndarray
    sigma: np.ndarray
    n: np.ndarray
    estimable: np.ndarray
    abnormal: np.ndarray
    scaled: np.ndarray


def _fit(y: np.ndarray, design: np.ndarray, length: int) -> _Fit:
    """Least squares for every event at once over its first `length` steps; the later ones are forecast.

    Shapes: y (events, steps), design (events, steps, factors with the constant). `abnormal` is NaN where a return is
    missing, `scaled` is it over its standard error: sigma sqrt(1 - leverage) inside the estimation window,
    sqrt(1 + leverage) after it.
    """
    known = np.isfinite(y) & np.isfinite(design).all(axis=2)
    used = known & (np.arange(y.shape[1]) < length)
    x = np.where(known[:, :, None], design, 0.0)
    past = x * used[:, :, None]
    inverse = np.linalg.pinv(np.einsum("eti,etj->eij", past, past), hermitian=True)
    beta = np.einsum("eij,etj,et->ei", inverse, past, np.nan_to_num(y))
    abnormal = np.where(known, y - np.einsum("eti,ei->et", x, beta), np.nan)
    n = used.sum(axis=1)
    squares = np.where(used, abnormal, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sigma = np.sqrt((squares**2).sum(axis=1) / (n - design.shape[2]))
    leverage = np.einsum("eti,eij,etj->et", x, inverse, x)
    sign = np.where(np.arange(y.shape[1]) < length, -1.0, 1.0)
    estimable = (sigma > NOTHING) & (np.linalg.matrix_rank(past) == design.shape[2])
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = abnormal / (sigma[:, None] * np.sqrt(np.maximum(1 + sign * leverage, NOTHING)))
    return _Fit(beta, inverse, sigma, n, estimable, abnormal, scaled)


def _tests(
    out: pd.DataFrame, scaled: np.ndarray, at: np.ndarray, dates: int, timing: Timing, span: Window
) -> pd.DataFrame:
    correlation = _residual_correlation(scaled[:, : timing.length], at[:, : timing.length], dates)
    position = out["position"].to_numpy()
    clean = ((out["confounded"] == "") & ~out["overlaps"]).to_numpy()
    rows = []
    for first, last in timing.windows:
        name, width = label((first, last)), last - first + 1
        inside = np.zeros(scaled.shape[1], dtype=bool)
        inside[timing.length + np.arange(first - span[0], last - span[0] + 1)] = True
        ranked = np.r_[: timing.length, np.flatnonzero(inside)]
        known = out[f"car{name}"].notna().to_numpy()
        for sample, chosen in (("all", known), ("clean", known & clean)):
            car, t = out.loc[chosen, f"car{name}"].to_numpy(), out.loc[chosen, f"t{name}"].to_numpy()
            r = mean_pair_correlation(correlation[np.ix_(chosen, chosen)], position[chosen], width)
            row = described(car) | {"mean_correlation": r}
            row |= outcomes(
                bmp=partial(bmp, t),
                kp=partial(kolari_pynnonen, t, r),
                rank=partial(corrado, scaled[chosen][:, ranked], inside[ranked]),
            )
            rows.append({"window": name, "sample": sample, "df": len(car) - 1} | row)
    columns = ["window", "sample", "n", "mean", "median", "positive", "bmp", "bmp_p", "mean_correlation", "kp", "kp_p",
               "df", "rank", "rank_p", "note"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _residual_correlation(residual: np.ndarray, at: np.ndarray, dates: int) -> np.ndarray:
    """Correlation of two events' residuals on the dates they share, (events, events); NaN under ten of them."""
    events = len(residual)
    on_dates = np.full((events, dates), np.nan)
    rows = np.broadcast_to(np.arange(events)[:, None], at.shape)
    known = np.isfinite(residual)
    on_dates[rows[known], at[known]] = residual[known]
    there = np.isfinite(on_dates).astype(float)
    values = np.nan_to_num(on_dates)
    both = (values**2) @ there.T
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = values @ values.T / np.sqrt(both * both.T)
    return np.where(there @ there.T >= LEAST_COMMON, correlation, np.nan)
