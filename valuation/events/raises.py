"""Excess returns around capital raises, by instrument."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

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
# Instrument -> how a transaction's kind begins; the order is that of precedence on one day.
INSTRUMENTS = {
    "convertible": ("convertible_issue",),
    "equity": ("equity_issue", "preferred_issue"),
    AT_THE_MARKET: ("at_the_market", "atm"),
    "project and other debt": ("project_debt", "term_loan", "loan", "senior_notes"),
}


def instrument(kind: str, evidence: str = "") -> str:
    """Instrument of a capital raise by how the transaction's kind begins; empty for any other transaction.

    An equity issue whose evidence begins with "ATM" was sold at the market over weeks, which is another thing than a
    priced deal.
    """
    if kind.startswith("equity_issue") and evidence.lstrip().upper().startswith("ATM"):
        return AT_THE_MARKET
    return next((group for group, starts in INSTRUMENTS.items() if kind.startswith(starts)), "")


def raises(transactions: pd.DataFrame) -> pd.DataFrame:
    """Transactions that raise capital, as events: ticker, date, kind (the instrument), headline (the kind as filed).

    One event per company and day: a convertible before equity before debt, where several close together.

    Parameters
    ----------
    transactions : DataFrame
        ticker, date, kind, evidence.
    """
    kinds = [
        instrument(kind, evidence if isinstance(evidence, str) else "")
        for kind, evidence in zip(transactions["kind"], transactions["evidence"], strict=True)
    ]
    named = transactions.assign(headline=transactions["kind"].str.replace("_", " "), kind=kinds)
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
        inside = (start >= 0) & (end < len(prices))
        held = prices[np.where(inside, end, 0)] / prices[np.where(inside, start, 0)] - 1
        excess = (held - others_mean(held))[np.arange(len(out)), column]
        out[name] = np.where(inside, excess, np.nan)
    none = out[names].isna().all(axis=1).to_numpy()
    out["reason"] = np.where(none, f"no close of it, or of {LEAST_PEERS} other miners, around the event", "")
    left = pd.concat([placed[placed["reason"] != ""], out[none]])
    out = out[~none].drop(columns=["reason", "column"]).reset_index(drop=True)
    out = flag(out, confounders, closes.index, timing, span_of(timing.raise_windows))
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
            "Raises are dated by the day the money moved; pricing comes some days before, which "
            f"{label(timing.raise_windows[0])} takes in.",
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
