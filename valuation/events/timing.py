"""Timing of an event study: windows, closes and the events that it can use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.errors import InvalidInput, NotEstimable

LEAST_PEERS = 5
LEAST_COMMON = 10  # steps that two series must share for their correlation
EVENT_COLUMNS = ["ticker", "date", "kind", "headline"]
# Whether an event was announced after the close of its date, optional: its day 0 is then the first close after that date.
AFTER_CLOSE = "after_close"
LEFT_OUT_COLUMNS = [*EVENT_COLUMNS, "reason"]
Window = tuple[int, int]


@dataclass(frozen=True)
class Timing:
    """Timing of an event study, in steps from one close to the next.

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
    return f"[{first}]" if first == last else f"[{first},{f'{last:+d}' if last else last}]"


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


def timing_of(frequency: str, dates: pd.DatetimeIndex) -> Timing:
    if frequency not in TIMINGS:
        raise InvalidInput(f"frequency {frequency!r} is not one of {', '.join(TIMINGS)}")
    timing = TIMINGS[frequency]
    apart = np.median(np.diff(dates.to_numpy()) / np.timedelta64(1, "D")) if len(dates) > 1 else timing.usual_days
    if not 0.5 * timing.usual_days <= apart <= 3 * timing.usual_days / 2:
        raise NotEstimable(f"a {frequency} study needs {frequency} closes; these are {apart:g} days apart")
    return timing


def span_of(windows: tuple[Window, ...]) -> Window:
    return min(first for first, _ in windows), max(last for _, last in windows)


def simple_returns(prices: np.ndarray) -> np.ndarray:
    """Simple returns from one row to the next, the first row NaN."""
    out = np.full(prices.shape, np.nan)
    out[1:] = prices[1:] / prices[:-1] - 1
    return out


def others_mean(values: np.ndarray) -> np.ndarray:
    """For each column the mean of the known others in its row; NaN under five of them."""
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    others = known.sum(axis=1, keepdims=True) - known
    total = filled.sum(axis=1, keepdims=True) - filled
    return np.divide(total, others, out=np.full(total.shape, np.nan), where=others >= LEAST_PEERS)


def at_or_after(dates: pd.Series, calendar: pd.DatetimeIndex) -> np.ndarray:
    """Position of the first close on or after each date; len(calendar) where there is none."""
    return calendar.to_numpy().astype("datetime64[ns]").searchsorted(dates.to_numpy().astype("datetime64[ns]"))


def close_of(events: pd.DataFrame, calendar: pd.DatetimeIndex) -> np.ndarray:
    """Position of each event's close: the first on or after its date, after its date where it was announced after the close;
    len(calendar) where there is none."""
    return at_or_after(events["date"] + pd.to_timedelta(_late(events).astype(int), unit="D"), calendar)


def _late(events: pd.DataFrame) -> pd.Series:
    """Whether each event was announced after the close; not, where nothing says so."""
    if AFTER_CLOSE not in events:
        return pd.Series(False, index=events.index)
    return events[AFTER_CLOSE].eq(True)


def place(events: pd.DataFrame, calendar: pd.DatetimeIndex, tickers: pd.Index, timing: Timing) -> pd.DataFrame:
    """Each event with its close, position and column, and the reason why it cannot be used (empty where it can).

    The close is the first on or after the date; of an event announced after the close, the first after it.
    """
    out = events.assign(**{AFTER_CLOSE: _late(events)})
    out = out[[*EVENT_COLUMNS, AFTER_CLOSE]].sort_values(["date", "ticker"], kind="stable").reset_index(drop=True)
    position = close_of(out, calendar)
    there = position < len(calendar)
    out["position"] = position
    out["column"] = tickers.get_indexer(out["ticker"])
    out["close_date"] = pd.Series(calendar[position[there]], index=out.index[there])
    waited = (out["close_date"] - out["date"]).dt.days.to_numpy(dtype=float)
    first = out[there].groupby(["ticker", "position"])["date"].transform("min").reindex(out.index)
    again = there & out.duplicated(["ticker", "position"]).to_numpy()
    reason = np.full(len(out), "", dtype=object)
    reason[again] = [f"same close as the event of {day:%Y-%m-%d}" for day in first[again]]
    reason[~there | (waited > timing.most_days)] = f"no close within {timing.most_days} days of it"
    reason[out["column"].to_numpy() < 0] = "no closes of this ticker"
    out["reason"] = reason
    return out


def flag(
    out: pd.DataFrame, confounders: pd.DataFrame | None, calendar: pd.DatetimeIndex, timing: Timing, span: Window
) -> pd.DataFrame:
    """Add `confounded`, other news of the company around the event, and `overlaps`."""
    confounded = pd.Series("", index=out.index, dtype=object)
    if confounders is not None and len(confounders):
        other = confounders[["ticker", "date", "kind"]].assign(other_position=close_of(confounders, calendar))
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
