"""The gap in a terminal of 80 columns: numbers first, then what they allow to say."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from rich.console import Console

from exports.commentary.gap import REVENUE, not_rejected
from exports.commentary.labels import COVERAGE, UNSURE, plain_reason
from exports.commentary.numbers import number, p_number, p_text, span
from exports.terminal.layout import said, small, spark, table, warn
from valuation.findings import can_and_cannot
from valuation.gap.estimate import Gap
from valuation.gap.specification_curve import AXES
from valuation.gap.study import GapHistory, GapStudy


def print_gap(console: Console, study: GapStudy) -> None:
    """One definition of the gap on one date, every other beside it, findings and limitations."""
    _head(console, study)
    _definitions(console, study.gap)
    _curve(console, study)
    _beside(console, study)
    if study.history is not None:
        _history(console, study.history)
    said(console, *can_and_cannot(study.findings))
    _left_out(console, study)


def _head(console: Console, study: GapStudy) -> None:
    row, level = study.chosen, f"{study.gap.level:.0%}"
    console.print(
        f"[bold]The gap on {study.as_of:%Y-%m-%d}[/]: what the market pays per MW, pivots over bitcoin miners"
    )
    title = "Headline, declared before looking" if study.definition.is_headline else "Definition asked for"
    small(console, f"{title}: {study.definition}.")
    if math.isnan(row["ratio"]):
        warn(console, f"No gap: {row['note']}.")
    else:
        console.print(
            f"[bold]{row['ratio']:.2f}:1[/], {level} interval {span(row['low'], row['high'])}, p "
            f"{p_text(row['p_value'])}; pivots {row['pivot_value']:.2f} (n = {row['n_pivot']}), bitcoin miners "
            f"{row['bitcoin_value']:.2f} m USD per MW (n = {row['n_bitcoin']})."
        )
        console.print(
            f"Ratios that the permutation test does not reject: {not_rejected(study)}. A gap of exactly 2:1: p "
            f"{p_text(study.p_claimed)}."
        )
    if not study.definition.is_headline:
        other = study.declared
        small(
            console,
            f"The declared headline says {number(other['ratio'])} ({span(other['low'], other['high'])}, p "
            f"{p_number(other['p_value'])}).",
        )


def _definitions(console: Console, gap: Gap) -> None:
    shown = table("Denominator", "Statistic", "Gap", "Low", "High", "p", "Pivots", "Bitcoin", left=2)
    for row in gap.frame.itertuples(index=False):
        if row.metric == REVENUE and row.statistic == "median":
            shown.add_section()
        name = "EV over revenue" if row.metric == REVENUE else row.metric.removeprefix("ev_per_mw_") + " MW"
        cells = [number(v) for v in (row.ratio, row.low, row.high)]
        shown.add_row(
            name, row.statistic.replace("_", " "), *cells, p_number(row.p_value), str(row.n_pivot), str(row.n_bitcoin)
        )
    console.print(shown)
    small(
        console,
        f"Pivot = {gap.rule.title}. {gap.level:.0%} intervals: BCa bootstrap within groups, B = {gap.draws}; p: "
        f"permutation of the group labels; seed {gap.seed}. Simulated at 6 against 6, such intervals hold the truth in 94% "
        "(medians) and 82 to 89% (means). EV over revenue: contracted AI and mining a year.",
    )
    for note in dict.fromkeys(n for n in gap.frame["note"] if n and not n.startswith("no company")):
        warn(console, f"{note}." if "rough" not in note else f"{note}: {COVERAGE}.")


def _curve(console: Console, study: GapStudy) -> None:
    shares = study.curve.shares()
    if shares.empty:
        warn(console, "Specification curve: no definition has two companies in each group on this date.")
        return
    row, done = shares.iloc[-1], study.curve.measured
    console.print(
        f"[bold]All {int(row['measured'])} definitions[/] (denominator x 4 bridge switches x group rule x statistic; "
        f"{study.n_distinct} distinct on this date): gap {span(row['smallest_ratio'], row['largest_ratio'])}, middle "
        f"{row['median_ratio']:.2f}. [bold]{row['share_above_one']:.0%}[/] have an interval above 1:1, "
        f"[bold]{row['share_containing_two']:.0%}[/] one that contains 2:1, "
        f"{(done['p_value'] <= UNSURE).mean():.0%} a permutation p of at most 5%."
    )
    if study.joint is not None:
        console.print(
            f"The curve as a whole, companies handed out to the groups at random {study.joint.draws} times: p "
            f"{p_text(study.joint.p_value)} (n = {study.joint.companies} companies, seed {study.joint.seed})."
        )
    axis, middles = _widest_axis(done)
    named = ", ".join(f"{_value(name)} {value:.2f}" for name, value in middles.items())
    console.print(f"The choice that moves it most is the {axis.replace('_', ' ')}: middle gap {named}.")


def _widest_axis(done: pd.DataFrame) -> tuple[str, pd.Series]:
    """The axis over whose settings the middle gap varies most."""
    middles = {axis: done.groupby(axis)["ratio"].median() for axis in AXES if len(done[axis].unique()) > 1}
    axis = max(middles, key=lambda name: np.ptp(np.log(middles[name].to_numpy())))
    return axis, middles[axis]


def _value(name: object) -> str:
    if isinstance(name, (bool, np.bool_)):
        return "yes" if name else "no"
    return str(name).replace("_", " ")


def _beside(console: Console, study: GapStudy) -> None:
    moved = study.sensitivity.dropna()
    if len(moved):
        low, high = moved.idxmin(), moved.idxmax()
        console.print(
            f"Without one company: from {moved[low]:.2f} (without {low}) to {moved[high]:.2f} (without {high})."
        )
    parts = study.oaxaca_blinder[study.oaxaca_blinder["note"] == ""]
    if parts.empty:
        small(console, f"Oaxaca-Blinder: {study.oaxaca_blinder['note'].iloc[0]}.")
        return
    shown = table("Oaxaca-Blinder, one trait", "Mean ln gap", "Explained", "Rest", "Pivots", "Bitcoin")
    for row in parts.itertuples(index=False):
        cells = [number(v, "{:+.2f}") for v in (row.difference, row.explained, row.unexplained)]
        shown.add_row(row.title, *cells, str(row.n_pivot), str(row.n_bitcoin))
    console.print(shown)


def _history(console: Console, history: GapHistory) -> None:
    known, every = history.measured, history.frame
    if known.empty:
        warn(console, "History: no week with two companies in each group.")
        return
    missing = len(every) - len(known)
    shown = table("Quarter", "Last week", "Gap", "Low", "High", "Pivots", "Bitcoin")
    for day, row in known.groupby(known.index.to_period("Q")).tail(1).iterrows():
        cells = [number(row[c]) for c in ("ratio", "low", "high")]
        sizes = (str(int(row["n_pivot"])), str(int(row["n_bitcoin"])))
        shown.add_row(str(day.to_period("Q")), f"{day:%Y-%m-%d}", *cells, *sizes)
    console.print(f"\n[bold]Week by week[/] since {every.index[0]:%Y-%m-%d}, each with what was known then")
    console.print(shown)
    console.print(f"{known['ratio'].iloc[0]:.2f} {spark(known['ratio'])} {known['ratio'].iloc[-1]:.2f}")
    small(
        console,
        f"{len(known)} weeks measured, {missing} left out with fewer than two companies in a group. {history.level:.0%} "
        f"intervals: BCa bootstrap, B = {history.draws}, seed {history.seed}.",
    )
    if history.trend is None:
        warn(console, f"No trend: {history.note}.")
    else:
        console.print(f"{history.trend}.")
        console.print(f"{history.level_break}.")
        small(console, "Simulated without trend or break: p below 5% in 5 to 14% and in 2 to 4% of series.")
    if history.change is not None:
        console.print(f"{history.change}.")


def _left_out(console: Console, study: GapStudy) -> None:
    metric = study.definition.metric
    out = study.gap.left_out[study.gap.left_out["metric"] == metric]
    by_reason: dict[str, list[str]] = {}
    for row in out.itertuples(index=False):
        by_reason.setdefault(plain_reason(row.reason, metric), []).append(row.ticker)
    named = [f"{', '.join(tickers)} ({reason})" for reason, tickers in by_reason.items()]
    console.print("")
    small(console, f"Left out: {'; '.join(named) or 'nobody'}.")
