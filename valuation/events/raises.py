"""Excess returns around capital raises, by instrument."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from valuation._words import usd
from valuation.events.mean_tests import (
    MeanReturnTest,
    allow_for_correlation,
    cross_sectional_t,
    described,
    mean_pair_correlation,
    outcomes,
)
from valuation.events.result import EventStudy
from valuation.events.timing import (
    AFTER_CLOSE,
    EVENT_COLUMNS,
    LEAST_COMMON,
    LEAST_PEERS,
    LEFT_OUT_COLUMNS,
    Window,
    flag,
    label,
    others_mean,
    place,
    simple_returns,
    span_of,
    timing_of,
)

AT_THE_MARKET = "at-the-market"
# Instrument -> how the kind of an announcement or of a transaction begins; the order is that of precedence on one day.
INSTRUMENTS = {
    "convertible": ("convertible",),
    "equity": ("equity", "pref"),
    AT_THE_MARKET: ("at_the_market", "atm"),
    "project and other debt": ("project_debt", "term_loan", "loan", "senior_notes", "debt", "facility"),
}
# Shares sold over a quarter under a programme: known from the accounts, announced on no day.
SOLD_OVER_TIME = "atm_used"
NO_ANNOUNCEMENT = "day of the announcement not on file"
CLOSING_WITHIN = 45  # days from an announcement to the closing of the same raise, at most


def instrument(kind: str, evidence: str = "") -> str:
    """Instrument of a capital raise by how its kind begins; empty for anything else.

    An equity issue whose evidence begins with "ATM" was sold at the market over weeks, which is another thing than a
    priced deal.
    """
    if kind.startswith("equity_issue") and evidence.lstrip().upper().startswith("ATM"):
        return AT_THE_MARKET
    return next((group for group, starts in INSTRUMENTS.items() if kind.startswith(starts)), "")


def raises(announced: pd.DataFrame) -> pd.DataFrame:
    """Announced capital raises as events: ticker, date, kind (the instrument), headline, after_close.

    One event per company and day: a convertible before equity before debt, where several are announced together.

    Parameters
    ----------
    announced : DataFrame
        ticker, announced_on, kind, size_usd, after_close (`yes`, `no` or unknown).

    Notes
    -----
    A day on which one announcement came before the close is before the close; of a day without a known time `after_close`
    is False, and day 0 the day itself. Use of an at-the-market programme (`atm_used`) is announced on no day and no event.
    """
    kinds = announced["kind"].map(instrument).where(announced["kind"] != SOLD_OVER_TIME, "")
    named = announced.assign(date=announced["announced_on"], kind=kinds)
    named["headline"] = [
        _headline(kind, size) for kind, size in zip(announced["kind"], announced["size_usd"], strict=True)
    ]
    named = named[named["kind"] != ""]
    by_day = named.groupby(["ticker", "date"])["after_close"]
    late = by_day.transform(lambda told: (told == "yes").any() and not (told == "no").any())
    named = named.assign(order=named["kind"].map(list(INSTRUMENTS).index), after_close=late.astype(bool))
    named = named.sort_values(["date", "ticker", "order"], kind="stable").drop_duplicates(["ticker", "date"])
    return named[[*EVENT_COLUMNS, AFTER_CLOSE]].reset_index(drop=True)


def _headline(kind: str, size: float) -> str:
    return kind.replace("_", " ") if np.isnan(size) else f"{kind.replace('_', ' ')}, {usd(size)}"


def without_announcement(transactions: pd.DataFrame, announced: pd.DataFrame) -> pd.DataFrame:
    """Raises whose money moved with no announcement of the company on file in the 45 days before: no study can date them.

    Parameters
    ----------
    transactions : DataFrame
        ticker, date, kind, evidence.
    announced : DataFrame
        Of `raises`.

    Returns
    -------
    DataFrame
        ticker, date (of the closing), kind (the instrument), headline, reason.
    """
    kinds = [
        instrument(kind, evidence if isinstance(evidence, str) else "")
        for kind, evidence in zip(transactions["kind"], transactions["evidence"], strict=True)
    ]
    named = transactions.assign(headline=transactions["kind"].str.replace("_", " "), kind=kinds)
    named = named[named["kind"] != ""].sort_values(["date", "ticker"], kind="stable")
    pairs = (
        named[["ticker", "date"]]
        .reset_index()
        .merge(announced[["ticker", "date"]].rename(columns={"date": "told"}), on="ticker")
    )
    apart = (pairs["date"] - pairs["told"]).dt.days
    known = named.index.isin(pairs.loc[apart.between(0, CLOSING_WITHIN), "index"])
    return named[~known].assign(reason=NO_ANNOUNCEMENT)[LEFT_OUT_COLUMNS].reset_index(drop=True)


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
        window n, mean, median, share positive, mean_correlation and the cross-sectional t(n - 1) that allows for it.

    Raises
    ------
    InvalidInput, NotEstimable
        As `study`.
    """
    timing = timing_of(frequency, closes.index)
    placed = place(events, closes.index, closes.columns, timing)
    out = placed[placed["reason"] == ""].reset_index(drop=True)
    prices = closes.to_numpy(dtype=float)
    position, column = out["position"].to_numpy(), out["column"].to_numpy()
    names = [f"excess{label(window)}" for window in timing.raise_windows]
    for name, (first, last) in zip(names, timing.raise_windows, strict=True):
        start, end = position + first - 1, position + last
        inside = np.flatnonzero((start >= 0) & (end < len(prices)))
        held = prices[end[inside]] / prices[start[inside]] - 1
        excess = (held - others_mean(held))[np.arange(len(inside)), column[inside]]
        out[name] = pd.Series(excess, index=out.index[inside])
    none = out[names].isna().all(axis=1).to_numpy()
    out["reason"] = np.where(none, f"no close of it, or of {LEAST_PEERS} other miners, around the event", "")
    left = pd.concat([placed[placed["reason"] != ""], out[none]])
    out = out[~none].drop(columns=["reason", "column"]).reset_index(drop=True)
    out = flag(out, confounders, closes.index, timing, span_of(timing.raise_windows))
    late = int(out[AFTER_CLOSE].sum())
    step = simple_returns(prices)
    between = pd.DataFrame(step - others_mean(step), columns=closes.columns).corr(min_periods=LEAST_COMMON)
    correlation = between.loc[out["ticker"], out["ticker"]].to_numpy()
    weeks = " Weeks +1, +3 and +6 stand for +5, +15 and +30 trading days." if frequency == "weekly" else ""
    return EventStudy(
        title="Excess returns around capital raises",
        frequency=frequency,
        method=(
            "Buy-and-hold simple returns less the mean of the other miners (equal-weighted) between the same closes; "
            "t over events with n - 1 degrees of freedom, shrunk where windows overlap by the correlation of the "
            f"companies' excess returns (Kolari-Pynnonen).{weeks}"
        ),
        events=out.drop(columns="position"),
        tests=_excess_tests(out, correlation, timing.raise_windows),
        left_out=left[LEFT_OUT_COLUMNS].reset_index(drop=True),
        caveats=(
            f"Raises are dated by their announcement; {late} of {len(out)} came after the close, and their {timing.step} 0 "
            "is the next session's. Where no time is on file day 0 is the day itself.",
            "A company raises when it can: a run-up before the raise is part of the choice, not an effect of it.",
        ),
    )


def _excess_tests(out: pd.DataFrame, correlation: np.ndarray, windows: tuple[Window, ...]) -> pd.DataFrame:
    clean = ((out["confounded"] == "") & ~out["overlaps"]).to_numpy()
    position = out["position"].to_numpy()
    rows = []
    for kind in (*INSTRUMENTS, "all"):
        mine = np.ones(len(out), dtype=bool) if kind == "all" else (out["kind"] == kind).to_numpy()
        for window in windows:
            excess = out[f"excess{label(window)}"].to_numpy(dtype=float)
            for sample, wanted in (("all", mine), ("clean", mine & clean)):
                chosen = wanted & np.isfinite(excess)
                width = window[1] - window[0] + 1
                r = mean_pair_correlation(correlation[np.ix_(chosen, chosen)], position[chosen], width)
                row = {"instrument": kind, "window": label(window), "sample": sample} | described(excess[chosen])
                row |= {"mean_correlation": r, "df": max(int(chosen.sum()) - 1, 0)}
                rows.append(row | outcomes(t=partial(_shrunk_t, excess[chosen], r)))
    columns = ["instrument", "window", "sample", "n", "mean", "median", "positive", "mean_correlation", "t", "df", "t_p",
               "note"]  # fmt: skip
    return pd.DataFrame(rows)[columns]


def _shrunk_t(excess: np.ndarray, mean_correlation: float) -> MeanReturnTest:
    return allow_for_correlation(cross_sectional_t(excess), mean_correlation)
