"""Event studies: abnormal returns around contract announcements, excess returns around capital raises.

Market model r = a + b1 peers + b2 bitcoin over simple returns, peers being the equal-weighted mean of the other miners.
The event's close is the first on or after its date: day (or week) 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr

from valuation.errors import NotEstimable

LEAST_EVENTS = 3
LEAST_PEERS = 5
LEAST_COMMON = 10  # observations that two events must share for a correlation of their residuals
NOTHING = 1e-9  # a daily standard deviation below this is a price that does not move
INSTRUMENTS = {
    "convertible": ("convertible_issue",),
    "equity": ("equity_issue", "preferred_issue"),
    "project and other debt": ("project_debt", "term_loan", "loan", "senior_notes"),
}
Window = tuple[int, int]


@dataclass(frozen=True)
class Timing:
    """How a study counts time, in steps from one close to the next.

    Attributes
    ----------
    length, gap, least : int
        The estimation window: `length` steps, the last one `gap` before the event, `least` of them known.
    windows : event windows, first and last step included
    raise_windows : windows of excess returns around capital raises; 5, 15 and 30 trading days are 1, 3 and 6 weeks
    confounded_within : int
        Another event this many steps away or nearer confounds.
    most_days : int
        Two closes further apart than this are not neighbours: an event waits no longer for its close.
    """

    name: str
    step: str
    length: int
    gap: int
    least: int
    windows: tuple[Window, ...]
    raise_windows: tuple[Window, ...]
    confounded_within: int
    most_days: int


TIMINGS = {
    "weekly": Timing(
        "weekly", "week", 52, 4, 26, ((0, 0), (0, 1)), ((-1, 0), (0, 0), (0, 1), (0, 3), (0, 6)), 0, 10
    ),
    "daily": Timing(
        "daily", "day", 120, 11, 60, ((-1, 1), (0, 1), (0, 5)), ((-5, 0), (0, 0), (0, 5), (0, 15), (0, 30)), 1, 6
    ),
}


def label(window: Window) -> str:
    """A window as print shows it: [0], [0,+1], [-1,+1]."""
    first, last = window
    return f"[{first}]" if first == last else f"[{first},{last:+d}]"


def adjust_for_splits(closes: pd.DataFrame, splits: pd.DataFrame) -> pd.DataFrame:
    """Closes on the share basis of the last day: those before a split are divided by its shares_multiplier.

    Parameters
    ----------
    closes : DataFrame (dates, tickers)
        USD as traded on that day, ascending dates.
    splits : DataFrame
        ticker, first_day_on_new_basis, shares_multiplier (one old share became this many).
    """
    out = closes.copy()
    for row in splits[splits["ticker"].isin(closes.columns)].itertuples(index=False):
        before = out.index < row.first_day_on_new_basis
        out.loc[before, row.ticker] /= row.shares_multiplier
    return out


def week_ends(closes: pd.DataFrame) -> pd.DataFrame:
    """The last close date of each week that has one on Thursday or Friday; a week still running has no end."""
    dates = closes.index
    last = ~dates.to_period("W-SUN").duplicated(keep="last")
    return closes[last & (dates.day_of_week >= 3)]


@dataclass(frozen=True)
class Test:
    """A two-sided test that the mean abnormal return of `n` events is zero; df is None for the normal distribution."""

    method: str
    statistic: float
    p_value: float
    df: int | None
    n: int

    def __str__(self) -> str:
        law = "normal" if self.df is None else f"t({self.df})"
        return f"{self.method}: {self.statistic:.2f}, p = {self.p_value:.3f} ({law}, n = {self.n})"


def bmp(standardised: np.ndarray) -> Test:
    """Standardised cross-sectional t of Boehmer, Musumeci & Poulsen (1991): mean over sd/sqrt(n), t(n - 1).

    Parameters
    ----------
    standardised : float array (events,)
        Cumulative abnormal returns over their forecast standard errors, no NaN.

    Raises
    ------
    NotEstimable
        Fewer than three events, or all of them alike.
    """
    n = _enough(len(standardised))
    spread = standardised.std(ddof=1)
    if spread < NOTHING:
        raise NotEstimable(f"all {n} standardised abnormal returns are alike: no t can be told")
    t = float(standardised.mean() / (spread / np.sqrt(n)))
    return Test("BMP", t, float(2 * stdtr(n - 1, -abs(t))), n - 1, n)


def kolari_pynnonen(standardised: np.ndarray, mean_correlation: float) -> Test:
    """BMP's t times sqrt((1 - r) / (1 + (n - 1) r)), r the mean correlation between events (Kolari & Pynnonen 2010).

    A negative mean correlation would make the test more eager; it is taken as zero.

    Raises
    ------
    NotEstimable
        As `bmp`.
    """
    plain = bmp(standardised)
    n, r = plain.n, min(max(mean_correlation, 0.0), 1.0)
    t = plain.statistic * float(np.sqrt((1 - r) / (1 + (n - 1) * r)))
    return Test("Kolari-Pynnonen", t, float(2 * stdtr(n - 1, -abs(t))), n - 1, n)


def corrado(abnormal: np.ndarray, window: np.ndarray) -> Test:
    """Rank test of Corrado (1989), normal in large samples.

    Parameters
    ----------
    abnormal : float array (events, steps)
        Abnormal returns of estimation and event window, NaN where missing.
    window : bool array (steps,)
        Which steps are the event window; several are summed as in Cowan (1992).

    Notes
    -----
    Ties take their mean rank and ranks are divided by one plus the number of returns known, which is how Corrado &
    Zivney (1992) let returns be missing; with none missing it is the test of 1989.

    Raises
    ------
    NotEstimable
        Fewer than three events.
    """
    n = _enough(len(abnormal))
    ranks = pd.DataFrame(abnormal).rank(axis=1).to_numpy()
    known = ~np.isnan(ranks)
    scores = np.where(known, ranks / (known.sum(axis=1, keepdims=True) + 1) - 0.5, 0.0)
    count = known.sum(axis=0)
    some = count > 0
    mean = scores[:, some].sum(axis=0) / np.sqrt(count[some])
    spread = np.sqrt((mean**2).mean())
    if spread < NOTHING:
        raise NotEstimable("all ranks are alike: no rank test can be told")
    inside = window[some]
    z = float(mean[inside].sum() / np.sqrt(inside.sum()) / spread)
    return Test("Corrado rank", z, float(2 * ndtr(-abs(z))), None, n)


def _enough(n: int) -> int:
    if n < LEAST_EVENTS:
        raise NotEstimable(f"a test needs at least {LEAST_EVENTS} events, there are {n}")
    return n


@dataclass(frozen=True)
class EventStudy:
    """Returns around events, each event and their mean.

    Attributes
    ----------
    title, method : str
    frequency : {"weekly", "daily"}
    events : DataFrame
        A row an event used: ticker, date, kind, headline, close_date, confounded (what else happened, empty where
        nothing), overlaps (bool: another event of the company within the longest window), and the returns by window.
    tests : DataFrame
        A row a window and sample: all events, and clean ones (neither confounded nor overlapping).
    left_out : DataFrame
        ticker, date, kind, headline, reason.
    caveats : tuple of str
    """

    title: str
    frequency: str
    method: str
    events: pd.DataFrame
    tests: pd.DataFrame
    left_out: pd.DataFrame
    caveats: tuple[str, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """The tests, a row a window and sample; fractions, not percent."""
        return self.tests

    def __str__(self) -> str:
        shown = self.tests.to_string(index=False, float_format=lambda v: f"{v:.3f}", na_rep="")
        head = f"{self.title}, {self.frequency}: {len(self.events)} events, {len(self.left_out)} left out"
        return "\n".join([head, self.method, shown, *self.caveats])


def study(
    closes: pd.DataFrame,
    bitcoin: pd.Series,
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
    bitcoin : Series
        USD on the dates of `closes`.
    events : DataFrame
        ticker, date, kind, headline. Events of one company that share a close are one event.
    frequency : {"weekly", "daily"}
    confounders : DataFrame, optional
        ticker, date, kind: what else moves a price.

    Returns
    -------
    EventStudy
        `events` adds n_estimation, alpha, beta_peers, beta_bitcoin, sigma and per window car, se (forecast error
        included) and t (with n_estimation - 3 degrees of freedom). `tests`: mean, median, share positive, BMP,
        Kolari-Pynnonen and rank test.

    Raises
    ------
    ValueError
        An unknown frequency.
    NotEstimable
        The closes are not as close together as the frequency says.

    Notes
    -----
    The mean correlation of Kolari & Pynnonen is over pairs of events, each pair's correlation of estimation residuals
    (over the dates they share) times the part of the event window that they share: events months apart do not move
    together in their windows (Kolari, Pape & Pynnonen 2018). With one event date for all it is the formula of 2010.
    The rank test ranks abnormal returns over their standard errors, so that forecasts compare with residuals.
    """
    timing = _timing(frequency, closes.index)
    placed = _place(events, closes.index, closes.columns, timing)
    usable = placed[placed["reason"] == ""].reset_index(drop=True)
    lo, hi = _span(timing.windows)
    offsets = np.r_[np.arange(-timing.gap - timing.length + 1, -timing.gap + 1), np.arange(lo, hi + 1)]
    own, peers = _returns(closes.to_numpy(dtype=float)), None
    peers = _others_mean(own)
    coin = _returns(bitcoin.reindex(closes.index).to_numpy(dtype=float)[:, None])[:, 0]

    at = usable["position"].to_numpy()[:, None] + offsets
    inside = (at >= 0) & (at < len(closes))
    at = np.clip(at, 0, len(closes) - 1)
    column = usable["column"].to_numpy()[:, None]
    y = np.where(inside, own[at, column], np.nan)
    design = np.stack([np.ones(at.shape), peers[at, column], coin[at]], axis=-1)
    fit = _fit(y, design, timing.length)
    out = usable.drop(columns=["column", "reason"]).assign(
        n_estimation=fit.n, alpha=fit.beta[:, 0], beta_peers=fit.beta[:, 1], beta_bitcoin=fit.beta[:, 2], sigma=fit.sigma
    )
    for first, last in timing.windows:
        steps = timing.length + np.arange(first - lo, last - lo + 1)
        summed = design[:, steps].sum(axis=1)
        car = fit.abnormal[:, steps].sum(axis=1)
        extra = np.einsum("ei,eij,ej->e", np.nan_to_num(summed), fit.inverse, np.nan_to_num(summed))
        name = label((first, last))
        out[f"car{name}"] = car
        out[f"se{name}"] = fit.sigma * np.sqrt(len(steps) + extra)
        out[f"t{name}"] = car / out[f"se{name}"]
    names = [label(window) for window in timing.windows]
    out["reason"] = np.select(
        [fit.n < timing.least, ~fit.estimable, out[[f"car{name}" for name in names]].isna().all(axis=1)],
        [
            pd.Series(fit.n).map(lambda n: f"{n} {timing.step}s known before the event, {timing.least} needed"),
            f"the company, its peers or bitcoin did not move in the {timing.step}s before",
            "no return in any event window: not over yet, or no close",
        ],
        "",
    )
    kept = (out["reason"] == "").to_numpy()
    left = pd.concat([placed[placed["reason"] != ""], out[~kept]])
    out = _flag(out[kept].drop(columns="reason").reset_index(drop=True), confounders, closes.index, timing)
    tests = _tests(out, fit.scaled[kept], at[kept], timing, (lo, hi))
    return EventStudy(
        title="Abnormal returns around announcements",
        frequency=frequency,
        method=(
            f"Simple returns on the other miners (equal-weighted) and bitcoin; estimated over {timing.length} "
            f"{timing.step}s ending {timing.gap} before the event, at least {timing.least}; standard errors with the "
            "forecast error. BMP and Kolari-Pynnonen: t(n - 1); Corrado rank: normal."
        ),
        events=out.drop(columns="position"),
        tests=tests,
        left_out=_left_out(left),
        caveats=(
            "Peers often gain from one miner's contract: what the basket gains is taken off the abnormal return.",
            "Clean: no financing, results or m&a of the company "
            + (f"in the same {timing.step}" if timing.confounded_within == 0 else f"within a {timing.step}")
            + ", and no other event of its own inside the longest window.",
        ),
    )


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

    Shapes: y (events, steps), design (events, steps, 3). `abnormal` is NaN where a return is missing, `scaled` is it
    over its standard error: sigma sqrt(1 - leverage) inside the estimation window, sqrt(1 + leverage) after it.
    """
    known = np.isfinite(y) & np.isfinite(design).all(axis=2)
    used = known & (np.arange(y.shape[1]) < length)
    x = np.where(known[:, :, None], design, 0.0)
    past = x * used[:, :, None]
    inverse = np.linalg.pinv(np.einsum("eti,etj->eij", past, past), hermitian=True)
    beta = np.einsum("eij,etj,et->ei", inverse, past, np.where(used, y, 0.0))
    abnormal = np.where(known, y - np.einsum("eti,ei->et", x, beta), np.nan)
    n = used.sum(axis=1)
    squares = np.where(used, abnormal, 0.0)
    sigma = np.sqrt((squares**2).sum(axis=1) / np.maximum(n - 3, 1))
    leverage = np.einsum("eti,eij,etj->et", x, inverse, x)
    sign = np.where(np.arange(y.shape[1]) < length, -1.0, 1.0)
    estimable = (sigma > NOTHING) & (np.linalg.matrix_rank(past) == 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = abnormal / (sigma[:, None] * np.sqrt(np.maximum(1 + sign * leverage, NOTHING)))
    return _Fit(beta, inverse, sigma, n, estimable, abnormal, scaled)


def _tests(out: pd.DataFrame, scaled: np.ndarray, at: np.ndarray, timing: Timing, span: Window) -> pd.DataFrame:
    correlation = _residual_correlation(scaled[:, : timing.length], at[:, : timing.length])
    position = out["position"].to_numpy()
    clean = ((out["confounded"] == "") & ~out["overlaps"]).to_numpy()
    rows = []
    for first, last in timing.windows:
        name, width = label((first, last)), last - first + 1
        shared = np.clip(1 - np.abs(position[:, None] - position) / width, 0.0, 1.0)
        inside = np.zeros(scaled.shape[1], dtype=bool)
        inside[timing.length + np.arange(first - span[0], last - span[0] + 1)] = True
        ranked = np.r_[: timing.length, np.flatnonzero(inside)]
        known = out[f"car{name}"].notna().to_numpy()
        for sample, chosen in (("all", known), ("clean", known & clean)):
            car, t = out.loc[chosen, f"car{name}"].to_numpy(), out.loc[chosen, f"t{name}"].to_numpy()
            pairs = np.triu_indices(len(car), 1)
            each = (np.where(shared > 0, correlation, 0.0) * shared)[np.ix_(chosen, chosen)][pairs]
            r = float(np.nanmean(each)) if np.isfinite(each).any() else 0.0
            row = _described(car) | {"mean_correlation": r}
            row |= _outcome("bmp", lambda t=t: bmp(t))
            row |= _outcome("kp", lambda t=t, r=r: kolari_pynnonen(t, r))
            row |= _outcome("rank", lambda c=chosen, i=inside, k=ranked: corrado(scaled[c][:, k], i[k]))
            rows.append({"window": name, "sample": sample, "df": len(car) - 1} | row)
    columns = ["window", "sample", "n", "mean", "median", "positive", "bmp", "bmp_p", "mean_correlation", "kp", "kp_p",
               "df", "rank", "rank_p", "note"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _described(values: np.ndarray) -> dict[str, object]:
    if len(values) == 0:
        return {"n": 0, "mean": np.nan, "median": np.nan, "positive": np.nan}
    return {"n": len(values), "mean": values.mean(), "median": np.median(values), "positive": (values > 0).mean()}


def _outcome(name: str, test: Callable[[], Test]) -> dict[str, object]:
    try:
        result = test()
    except NotEstimable as error:
        return {name: np.nan, f"{name}_p": np.nan, "note": str(error)}
    return {name: result.statistic, f"{name}_p": result.p_value, "note": ""}


def _residual_correlation(residual: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Correlation of two events' residuals on the dates they share, (events, events); NaN under ten of them."""
    events = len(residual)
    width = int(at.max(initial=0)) + 1
    on_dates = np.full((events, width), np.nan)
    rows = np.broadcast_to(np.arange(events)[:, None], at.shape)
    known = np.isfinite(residual)
    on_dates[rows[known], at[known]] = residual[known]
    there = np.isfinite(on_dates).astype(float)
    values = np.nan_to_num(on_dates)
    both = (values**2) @ there.T
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = values @ values.T / np.sqrt(both * both.T)
    return np.where(there @ there.T >= LEAST_COMMON, correlation, np.nan)


def instrument(kind: str) -> str:
    """The group of a kind of transaction by its beginning; empty for what raises no capital."""
    return next((group for group, starts in INSTRUMENTS.items() if kind.startswith(starts)), "")


def raises(transactions: pd.DataFrame) -> pd.DataFrame:
    """Transactions that raise capital as events: ticker, date, kind (the instrument), headline (the kind as filed).

    Equity beside a convertible on one day is counted once, as the convertible.
    """
    kind = transactions["kind"].map(instrument)
    found = transactions.assign(headline=transactions["kind"], kind=kind, order=kind.map(list(INSTRUMENTS).index, "ignore")
                                if False else kind)  # fmt: skip
    return found


def excess_around(
    closes: pd.DataFrame,
    events: pd.DataFrame,
    *,
    frequency: str = "weekly",
    confounders: pd.DataFrame | None = None,
) -> EventStudy:
    """Buy-and-hold returns around capital raises in excess of the other miners, equal-weighted, by instrument."""
    raise NotImplementedError
