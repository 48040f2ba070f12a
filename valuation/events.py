"""Event studies: abnormal returns around contract announcements, excess returns around capital raises.

Market model r = a + b1 peers + b2 bitcoin over simple returns, peers being the equal-weighted mean of the other miners.
The event's close is the first on or after its date: day (or week) 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

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
EVENT_COLUMNS = ["ticker", "date", "kind", "headline"]
LEFT_OUT_COLUMNS = [*EVENT_COLUMNS, "reason"]
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
    usual_days, most_days : float
        Calendar days from one close to the next; an event waits no longer than the second for its close.
    """

    name: str
    step: str
    length: int
    gap: int
    least: int
    windows: tuple[Window, ...]
    raise_windows: tuple[Window, ...]
    confounded_within: int
    usual_days: float
    most_days: int


TIMINGS = {
    "weekly": Timing(
        "weekly", "week", 52, 4, 26, ((0, 0), (0, 1)), ((-1, 0), (0, 0), (0, 1), (0, 3), (0, 6)), 0, 7, 10
    ),
    "daily": Timing(
        "daily", "day", 120, 11, 60, ((-1, 1), (0, 1), (0, 5)), ((-5, 0), (0, 0), (0, 5), (0, 15), (0, 30)), 1, 1, 6
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


def cross_sectional_t(values: np.ndarray) -> Test:
    """Mean over sd/sqrt(n), t(n - 1).

    Raises
    ------
    NotEstimable
        Fewer than three events, or all of them alike.
    """
    n = len(values)
    if n < LEAST_EVENTS:
        raise NotEstimable(f"a test needs at least {LEAST_EVENTS} events, there are {n}")
    spread = values.std(ddof=1)
    if spread < NOTHING:
        raise NotEstimable(f"all {n} events have the same return: no t can be told")
    t = float(values.mean() / (spread / np.sqrt(n)))
    return Test("cross-sectional t", t, float(2 * stdtr(n - 1, -abs(t))), n - 1, n)


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
    return replace(cross_sectional_t(standardised), method="BMP")


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
    n = len(abnormal)
    if n < LEAST_EVENTS:
        raise NotEstimable(f"a test needs at least {LEAST_EVENTS} events, there are {n}")
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
    own = _returns(closes.to_numpy(dtype=float))
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
        n_estimation=fit.n,
        alpha=fit.beta[:, 0],
        beta_peers=fit.beta[:, 1],
        beta_bitcoin=fit.beta[:, 2],
        sigma=fit.sigma,
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
    cars = [f"car{label(window)}" for window in timing.windows]
    reason = np.full(len(out), "", dtype=object)
    reason[out[cars].isna().all(axis=1)] = "no return in any event window: not over yet, or no close"
    reason[~fit.estimable] = f"it, its peers or bitcoin did not move in the {timing.step}s before"
    short = fit.n < timing.least
    reason[short] = [f"{n} {timing.step}s known before it, {timing.least} needed" for n in fit.n[short]]
    kept = reason == ""
    left = pd.concat([placed[placed["reason"] != ""], out.assign(reason=reason)[~kept]])
    out = _flag(out[kept].reset_index(drop=True), confounders, closes.index, timing, (lo, hi))
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
        left_out=left[LEFT_OUT_COLUMNS].reset_index(drop=True),
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
    """The group of a kind of transaction, by how it begins; empty for one that raises no capital."""
    return next((group for group, starts in INSTRUMENTS.items() if kind.startswith(starts)), "")


def raises(transactions: pd.DataFrame) -> pd.DataFrame:
    """Transactions that raise capital, as events: ticker, date, kind (the instrument), headline (the kind as filed).

    One event per company and day: a convertible before equity before debt, where several close together.
    """
    named = transactions.assign(headline=transactions["kind"], kind=transactions["kind"].map(instrument))
    named = named[named["kind"] != ""]
    rank = named["kind"].map({group: order for order, group in enumerate(INSTRUMENTS)})
    named = named.assign(rank=rank).sort_values(["date", "ticker", "rank"], kind="stable")
    return named.drop_duplicates(["ticker", "date"])[EVENT_COLUMNS].reset_index(drop=True)


def excess_around(
    closes: pd.DataFrame,
    events: pd.DataFrame,
    *,
    frequency: str = "weekly",
    confounders: pd.DataFrame | None = None,
) -> EventStudy:
    """Buy-and-hold returns in excess of the equal-weighted other miners, by kind of event.

    Parameters
    ----------
    closes, events, frequency, confounders
        As `study`; the kinds of `events` are the instruments.

    Returns
    -------
    EventStudy
        `events` adds per window excess: the company's return from the close before the window to the window's last
        close, less the mean of the other miners' returns between the same two closes. `tests`: by instrument and
        window n, mean, median, share positive, std_error and the cross-sectional t(n - 1).

    Raises
    ------
    ValueError, NotEstimable
        As `study`.
    """
    timing = _timing(frequency, closes.index)
    placed = _place(events, closes.index, closes.columns, timing)
    out = placed[placed["reason"] == ""].reset_index(drop=True)
    prices = closes.to_numpy(dtype=float)
    position, column = out["position"].to_numpy(), out["column"].to_numpy()
    names = [f"excess{label(window)}" for window in timing.raise_windows]
    for name, (first, last) in zip(names, timing.raise_windows, strict=True):
        start, end = position + first - 1, position + last
        inside = (start >= 0) & (end < len(prices))
        held = prices[np.where(inside, end, 0)] / prices[np.where(inside, start, 0)] - 1
        excess = (held - _others_mean(held))[np.arange(len(out)), column]
        out[name] = np.where(inside, excess, np.nan)
    none = out[names].isna().all(axis=1).to_numpy()
    out["reason"] = np.where(none, f"no close of it, or of {LEAST_PEERS} other miners, around the event", "")
    left = pd.concat([placed[placed["reason"] != ""], out[none]])
    out = out[~none].drop(columns=["reason", "column"]).reset_index(drop=True)
    out = _flag(out, confounders, closes.index, timing, _span(timing.raise_windows))
    weeks = " Weeks +1, +3 and +6 stand for +5, +15 and +30 trading days." if frequency == "weekly" else ""
    return EventStudy(
        title="Excess returns around capital raises",
        frequency=frequency,
        method=(
            "Buy-and-hold simple returns less the mean of the other miners (equal-weighted) between the same closes; "
            f"t over events with n - 1 degrees of freedom.{weeks}"
        ),
        events=out.drop(columns="position"),
        tests=_excess_tests(out, timing.raise_windows),
        left_out=left[LEFT_OUT_COLUMNS].reset_index(drop=True),
        caveats=(
            "Raises are dated by the day the money moved; pricing comes some days before, which "
            f"{label(timing.raise_windows[0])} takes in.",
            "The t takes events as independent; raises come in clusters and long windows overlap, so it is too large.",
        ),
    )


def _excess_tests(out: pd.DataFrame, windows: tuple[Window, ...]) -> pd.DataFrame:
    clean = ((out["confounded"] == "") & ~out["overlaps"]).to_numpy()
    rows = []
    for kind in (*INSTRUMENTS, "all"):
        mine = np.ones(len(out), dtype=bool) if kind == "all" else (out["kind"] == kind).to_numpy()
        for window in windows:
            excess = out[f"excess{label(window)}"].to_numpy(dtype=float)
            for sample, chosen in (("all", mine), ("clean", mine & clean)):
                values = excess[chosen & np.isfinite(excess)]
                row = {"instrument": kind, "window": label(window), "sample": sample} | _described(values)
                rows.append(row | _outcome("t", lambda v=values: cross_sectional_t(v)))
    columns = ["instrument", "window", "sample", "n", "mean", "median", "positive", "t", "df", "t_p", "note"]
    return pd.DataFrame(rows).assign(df=lambda f: (f["n"] - 1).clip(lower=0))[columns]


def _timing(frequency: str, dates: pd.DatetimeIndex) -> Timing:
    if frequency not in TIMINGS:
        raise ValueError(f"frequency {frequency!r} is not one of {', '.join(TIMINGS)}")
    timing = TIMINGS[frequency]
    apart = np.median(np.diff(dates.to_numpy()) / np.timedelta64(1, "D")) if len(dates) > 1 else timing.usual_days
    if not 0.5 * timing.usual_days <= apart <= 3 * timing.usual_days / 2:
        raise NotEstimable(f"a {frequency} study needs {frequency} closes; these are {apart:g} days apart")
    return timing


def _span(windows: tuple[Window, ...]) -> Window:
    return min(first for first, _ in windows), max(last for _, last in windows)


def _returns(prices: np.ndarray) -> np.ndarray:
    """Simple returns from one row to the next, the first row NaN."""
    out = np.full(prices.shape, np.nan)
    out[1:] = prices[1:] / prices[:-1] - 1
    return out


def _others_mean(values: np.ndarray) -> np.ndarray:
    """For each column the mean of the known others in its row; NaN under five of them."""
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    others = known.sum(axis=1, keepdims=True) - known
    total = filled.sum(axis=1, keepdims=True) - filled
    return np.where(others >= LEAST_PEERS, total / np.maximum(others, 1), np.nan)


def _at_or_after(dates: pd.Series, calendar: pd.DatetimeIndex) -> np.ndarray:
    """Position of the first close on or after each date; len(calendar) where there is none."""
    return calendar.to_numpy().astype("datetime64[ns]").searchsorted(dates.to_numpy().astype("datetime64[ns]"))


def _place(events: pd.DataFrame, calendar: pd.DatetimeIndex, tickers: pd.Index, timing: Timing) -> pd.DataFrame:
    """Each event with its close, position and column, and the reason why it cannot be used (empty where it can)."""
    out = events[EVENT_COLUMNS].sort_values(["date", "ticker"], kind="stable").reset_index(drop=True)
    position = _at_or_after(out["date"], calendar)
    there = position < len(calendar)
    out["position"] = position
    out["column"] = tickers.get_indexer(out["ticker"])
    out["close_date"] = pd.Series(calendar[np.where(there, position, 0)]).where(there)
    waited = (out["close_date"] - out["date"]).dt.days.to_numpy(dtype=float)
    first = out[there].groupby(["ticker", "position"])["date"].transform("min").reindex(out.index)
    again = there & out.duplicated(["ticker", "position"]).to_numpy()
    reason = np.full(len(out), "", dtype=object)
    reason[again] = [f"same close as the event of {day:%Y-%m-%d}" for day in first[again]]
    reason[~there | (waited > timing.most_days)] = f"no close within {timing.most_days} days of it"
    reason[out["column"].to_numpy() < 0] = "no closes of this ticker"
    out["reason"] = reason
    return out


def _flag(
    out: pd.DataFrame, confounders: pd.DataFrame | None, calendar: pd.DatetimeIndex, timing: Timing, span: Window
) -> pd.DataFrame:
    """Add `confounded`, what else happened to the company around the event, and `overlaps`."""
    confounded = pd.Series("", index=out.index, dtype=object)
    if confounders is not None and len(confounders):
        other = confounders[["ticker", "date", "kind"]].assign(
            other_position=_at_or_after(confounders["date"], calendar)
        )
        pairs = out[["ticker", "position"]].reset_index().merge(other, on="ticker")
        near = pairs[(pairs["position"] - pairs["other_position"]).abs() <= timing.confounded_within]
        named = near.assign(what=near["kind"] + near["date"].dt.strftime(" %Y-%m-%d"))
        confounded.update(named.groupby("index")["what"].agg("; ".join))
    by_ticker = out.sort_values(["ticker", "position"])
    distance = by_ticker.groupby("ticker")["position"].diff()
    close = distance <= span[1] - span[0]
    # The nearer neighbour decides: before (diff of this row) or after (diff of the next row, which is of the same
    # company or NaN).
    overlaps = (close | close.shift(-1, fill_value=False)).reindex(out.index)
    return out.assign(confounded=confounded, overlaps=overlaps.astype(bool))
