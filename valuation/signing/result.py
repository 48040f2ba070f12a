"""The signing study: excess changes around first AI contracts by measure and week, and what became of each company since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation._words import day
from valuation.errors import NotEstimable
from valuation.findings import Finding, texts
from valuation.signing import findings
from valuation.signing.imputation import imputed
from valuation.signing.staggered import BEFORE, HORIZONS, Staggered, staggered
from valuation.signing.within import change_since, medians

MEASURES = {"price": "Price", "ev": "EV", "ev_per_mw": "EV per secured MW"}
# Price where EV per secured MW is known: the two differ by what they measure alone, not by whom.
MATCHED = "price_matched"
STUDIED = {
    "price": MEASURES["price"],
    MATCHED: "Price where EV per MW is known",
    "ev": "EV",
    "ev_per_mw": "EV per secured MW",
}
RUN_UP = "run-up"
# Name -> the week h in which the window ends; the run-up is the change from week -13 to week -1, the last close before.
WINDOWS = {RUN_UP: BEFORE, "week": 0, "month": 4, "quarter": 13, "half-year": 26}
PERMUTATIONS = 999
METHOD = (
    "staggered difference-in-differences against companies that have not signed by the week, joint permutation of the "
    "first-contract dates; imputation estimator of Borusyak, Jaravel & Spiess beside it"
)


@dataclass(frozen=True, repr=False)
class SigningStudy(ResultMixin):
    """Whether price, EV and EV per secured MW move when a miner signs its first AI contract.

    Attributes
    ----------
    as_of, since : Timestamp
        The last weekly close, and the close from which `change` counts.
    events : DataFrame
        Indexed by ticker: announced_on, first_close, close_before, day_unsure, reason (why it is no event; empty where it is
        one).
    weeks : DataFrame
        Indexed by (measure, week), measures of `STUDIED`: ratio (company over controls, week -1 = 1), low, high, p,
        events, controls, imputation, permutations.
    windows : DataFrame
        Indexed by (measure, window): from_week, to_week, ratio, low, high, p, events, controls, imputation (NaN for the
        run-up), lowest and highest ratio without one event, lowest_without, highest_without (tickers), and
        permutations.
    change : DataFrame
        `within.change_since`.
    medians : DataFrame
        `within.medians`.
    never : tuple of str
        Companies without a contract by the last close.
    level : float
    permutations, seed : int
    method : str
    """

    as_of: pd.Timestamp
    since: pd.Timestamp
    events: pd.DataFrame
    weeks: pd.DataFrame
    windows: pd.DataFrame
    change: pd.DataFrame
    medians: pd.DataFrame
    never: tuple[str, ...]
    level: float
    permutations: int
    seed: int
    method: str = METHOD

    @property
    def frame(self) -> pd.DataFrame:
        """The windows, a row a measure and window."""
        return self.windows

    @property
    def used(self) -> pd.DataFrame:
        """The first contracts that the study rests on."""
        return self.events[self.events["reason"] == ""]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What each measure did around first contracts, and the limits of the comparison."""
        return (
            *findings.of_windows(self.windows, STUDIED, self.level),
            *findings.of_change(self.medians, self.since, self.as_of),
            *findings.limits(self.used, self.windows),
        )

    def _summary(self) -> Summary:
        shown = self.windows[["ratio", "low", "high", "p", "events", "imputation", "lowest", "highest"]]
        title = f"First AI contracts up to {day(self.as_of)}: {len(self.used)} events, {len(self.never)} never signed"
        note = f"{self.method}; B = {self.permutations:,}, seed {self.seed}, {self.level:.0%} intervals."
        return Summary(
            title, tables=(small(shown, rows=len(shown)),), notes=(*texts(self.findings), note[0].upper() + note[1:])
        )


def study(
    values: Mapping[str, pd.DataFrame],
    group: pd.DataFrame,
    signed: pd.DataFrame,
    since: pd.Timestamp,
    *,
    level: float,
    seed: int,
    permutations: int = PERMUTATIONS,
) -> SigningStudy:
    """Excess changes of each measure around first contracts, and changes since a date.

    Parameters
    ----------
    values : mapping of measure to DataFrame (dates, tickers)
        Of `MEASURES`, weekly, on equal axes; values that are not positive count as unknown.
    group : DataFrame (dates, tickers)
        `pivot`, `bitcoin` or None.
    signed : DataFrame
        Indexed by ticker: announced_on (first contract), day_unsure (bool). Companies without a row never signed.
    since : Timestamp
        Changes count from the last close on or before it, else from the first.

    Raises
    ------
    NotEstimable
        No first contract between two weekly closes.
    """
    dates, tickers = group.index, group.columns
    events = _events(signed.reindex([name for name in signed.index if name in tickers]), dates)
    early = events.index[events["reason"] != ""]
    sample = tickers.difference(early)
    used = events[events["reason"] == ""]
    if used.empty:
        raise NotEstimable("no first AI contract was announced between two weekly closes of this span")
    first = pd.Series(len(dates), index=sample)
    first.update(pd.Series(dates.get_indexer(used["first_close"]), index=used.index))
    weeks, windows = {}, {}
    known = {name: values[name].where(values[name] > 0) for name in MEASURES}
    measured = known | {MATCHED: known["price"].where(known["ev_per_mw"].notna())}
    for name in STUDIED:
        positive = measured[name][sample]
        logs, at = np.log(positive.to_numpy(dtype=float)), first.to_numpy(dtype=int)
        found = staggered(logs, at, permutations=permutations, level=level, seed=seed)
        beside = imputed(logs, at)
        weeks[name] = _by_week(found, beside)
        windows[name] = _by_window(found, beside, sample)
    earlier = dates[dates <= since]
    start = earlier[-1] if len(earlier) else dates[0]
    change = change_since(known, group, start, dates[-1])
    return SigningStudy(
        as_of=dates[-1],
        since=start,
        events=events,
        weeks=pd.concat(weeks, names=["measure"]),
        windows=pd.concat(windows, names=["measure"]),
        change=change,
        medians=medians(change),
        never=tuple(sample.difference(used.index)),
        level=level,
        permutations=permutations,
        seed=seed,
    )


def _events(signed: pd.DataFrame, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """First contracts with the closes around them; a contract of the day of a close is known at that close."""
    place = dates.searchsorted(pd.DatetimeIndex(signed["announced_on"]), side="left")
    # Without a close since, a company is one that has not signed in the span.
    closed = place < len(dates)
    frame, place = signed.loc[closed, ["announced_on", "day_unsure"]], place[closed]
    early = place < 1
    frame["first_close"] = dates[place].where(~early)
    frame["close_before"] = dates[place - 1].where(~early)
    frame["reason"] = np.where(early, "signed before the first weekly close", "")
    return frame.sort_values(["announced_on"], kind="stable").rename_axis("ticker")


def _by_week(found: Staggered, beside: np.ndarray) -> pd.DataFrame:
    columns = {
        "ratio": np.exp(found.estimate), "low": np.exp(found.low), "high": np.exp(found.high), "p": found.p,
        "events": found.events, "controls": found.controls, "imputation": np.exp(beside),
        "permutations": found.permutations,
    }  # fmt: skip
    return pd.DataFrame(columns, index=pd.Index(found.horizons, name="week"))


def _by_window(found: Staggered, beside: np.ndarray, sample: pd.Index) -> pd.DataFrame:
    without = found.without_each()
    rows = {}
    for name, week in WINDOWS.items():
        (h,) = np.flatnonzero(week == HORIZONS)
        # The run-up is what led to week -1, so the change from -1 back to -13 with the other sign.
        sign = -1.0 if name == RUN_UP else 1.0
        ends = sign * np.array([found.low[h], found.high[h]])
        row: dict[str, object] = {"from_week": BEFORE if name == RUN_UP else -1}
        row |= {"to_week": -1 if name == RUN_UP else week, "ratio": np.exp(sign * found.estimate[h])}
        row |= {"low": np.exp(ends.min()), "high": np.exp(ends.max()), "p": found.p[h]}
        row |= {"events": int(found.events[h]), "controls": found.controls[h], "imputation": np.exp(beside[h])}
        own = pd.Series(sign * without[:, h], index=sample[found.owners])[~np.isnan(found.each[:, h])].dropna()
        for end, pick in (("lowest", own.idxmin), ("highest", own.idxmax)):
            row[end] = np.exp(own[pick()]) if len(own) else np.nan
            row[f"{end}_without"] = pick() if len(own) else ""
        rows[name] = row | {"permutations": int(found.permutations[h])}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("window")
