"""The gap, the regression and the revenue mix in a terminal of 80 columns: numbers first, then what they allow to say."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from exports.terminal import p_text
from valuation.decomposition import Decomposition
from valuation.gap import Gap
from valuation.mix import Projection
from valuation.specification import SpecificationCurve
from valuation.study import CONTROLS, Inference, Study

BARS = "▁▂▃▄▅▆▇█"
QUARTERS_SHOWN = 10


def number(value: Any, shape: str = "{:.2f}") -> str:
    """A number in `shape`, or n/a where it is unknown."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NaT:
        return "n/a"
    if isinstance(value, float) and math.isinf(value):
        return "unbounded"
    return shape.format(value)


def table(*headers: str, left: int = 1) -> Table:
    """A plain table; the first `left` columns are text, the others numbers."""
    out = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for i, header in enumerate(headers):
        out.add_column(header, justify="left" if i < left else "right")
    return out


def print_gap(console: Console, gap: Gap) -> None:
    """Every definition of the gap with its interval, p-value and n."""
    shown = table("EV per MW of", "Statistic", "Gap", "Low", "High", "p", "Pivots", "Bitcoin", left=2)
    for row in gap.frame.itertuples(index=False):
        name = row.metric.removeprefix("ev_per_mw_").replace("ev_to_", "EV over ").replace("_", " ")
        p = "n/a" if math.isnan(row.p_value) else p_text(row.p_value).removeprefix("= ")
        cells = [number(v) for v in (row.ratio, row.low, row.high)]
        shown.add_row(name, row.statistic.replace("_", " "), *cells, p, str(row.n_pivot), str(row.n_bitcoin))
    console.print(shown)
    console.print(
        Text(
            f"First row: the headline, declared before looking. Pivot = {gap.rule.title}. {gap.level:.0%} intervals: "
            f"{gap.method}, B = {gap.draws}, seed {gap.seed}. p: permutation of the group labels.",
            "dim",
        )
    )
    for note in dict.fromkeys(n for n in gap.frame["note"] if n):
        console.print(Text(f"Not measured: {note}.", "yellow"))


def print_left_out(console: Console, gap: Gap) -> None:
    """Who is not in the headline, and why."""
    out = gap.left_out[gap.left_out["metric"] == gap.frame["metric"].iloc[0]]
    names = [f"{row.ticker} ({row.reason.removeprefix('ev_per_mw_secured ')})" for row in out.itertuples(index=False)]
    console.print(Text("Left out: " + "; ".join(names) + ".", "dim"))


def print_curve(console: Console, curve: SpecificationCurve) -> None:
    """How the gap spreads over every definition."""
    shares = curve.shares()
    if shares.empty:
        console.print(Text("Specification curve: no definition can be measured on this date.", "yellow"))
        return
    row = shares.iloc[-1]
    console.print(
        f"[bold]{int(row['measured'])} definitions[/] (denominator x bridge switches x group rule x statistic): gap from "
        f"{row['smallest_ratio']:.2f} to {row['largest_ratio']:.2f}, middle {row['median_ratio']:.2f}; "
        f"[bold]{row['share_above_one']:.0%}[/] have an interval above 1 : 1, "
        f"[bold]{row['share_containing_two']:.0%}[/] an interval that contains 2 : 1."
    )


def print_sensitivity(console: Console, sensitivity: pd.Series, ratio: float) -> None:
    """What the headline would be without each company."""
    low, high = sensitivity.idxmin(), sensitivity.idxmax()
    console.print(
        f"Without one company the headline of {ratio:.2f} moves between {sensitivity[low]:.2f} (without {low}) and "
        f"{sensitivity[high]:.2f} (without {high})."
    )


def print_decomposition(console: Console, parts: Decomposition | str) -> None:
    """How much of the mean log gap other traits explain."""
    if isinstance(parts, str):
        console.print(Text(f"Oaxaca-Blinder: not estimable, {parts}.", "yellow"))
        return
    console.print(f"Oaxaca-Blinder: {parts}.")


def print_history(console: Console, history: Any) -> None:
    """The gap's path: one bar a quarter, then trend and break."""
    known = history.frame[history.frame["low"].notna()]
    if known.empty:
        console.print(Text("History: no week with two companies in each group.", "yellow"))
        return
    shown = table("Quarter", "Last week", "Gap", "Low", "High", "Pivots", "Bitcoin")
    last = known.groupby(known.index.to_period("Q")).tail(1)
    for day, row in last.iterrows():
        cells = [number(row[c]) for c in ("ratio", "low", "high")]
        shown.add_row(
            str(day.to_period("Q")), f"{day:%Y-%m-%d}", *cells, str(int(row["n_pivot"])), str(int(row["n_bitcoin"]))
        )
    console.print(shown)
    console.print(f"{known['ratio'].iloc[0]:.2f} {spark(known['ratio'])} {known['ratio'].iloc[-1]:.2f}")
    if history.trend is None:
        console.print(Text(f"No trend: {history.note}.", "yellow"))
    else:
        console.print(str(history.trend) + ".")
        console.print(str(history.level_break) + ".")


def spark(values: pd.Series, width: int = 60) -> str:
    """A line of bars, at most `width` of them."""
    step = max(1, math.ceil(len(values) / width))
    points = values.to_numpy()[::-step][::-1]
    low, high = points.min(), points.max()
    span = (high - low) or 1.0
    return "".join(BARS[int((v - low) / span * (len(BARS) - 1))] for v in points)


def gap_in_words(gap: Gap) -> list[str]:
    """What can and what cannot be said, from the numbers alone."""
    head = gap.headline
    if math.isnan(head["ratio"]):
        return [f"No gap can be told: {head['note']}."]
    lines = [
        f"Can be said: the middle pivot trades at {head['ratio']:.1f} times the middle bitcoin miner per secured MW."
    ]
    if math.isnan(head["low"]):
        return [*lines, "Cannot be said: how sure that is; a group has too few companies."]
    if head["low"] > 1:
        lines.append(f"A gap above 1 : 1 is supported: the interval starts at {head['low']:.2f}.")
    else:
        lines.append(f"A gap above 1 : 1 is not secure: the interval starts at {head['low']:.2f}.")
    if head["low"] <= 2 <= head["high"]:
        lines.append("2 : 1 cannot be ruled out, nor singled out: the interval contains it and much else.")
    else:
        lines.append(f"2 : 1 lies outside the interval ({head['low']:.2f} to {head['high']:.2f}).")
    smallest = min(head["n_pivot"], head["n_bitcoin"])
    lines.append(
        f"Cannot be said: that AI contracts cause it ({head['n_pivot']} against {head['n_bitcoin']} companies, chosen by "
        "nobody), or what one more company would do to it."
    )
    if smallest < 4:
        lines.append(f"A group of {smallest} makes any interval a rough one.")
    return lines


def print_study(console: Console, study: Study) -> None:
    """The primary regression with all that stands beside it."""
    main = study.primary
    line = main.line
    console.print(
        f"[bold]ln(EV per secured MW) on contracted AI share[/], OLS, n = {line.n}, R2 = {line.r_squared:.2f}"
    )
    console.print(_methods(main))
    low, high = math.expm1(main.wild.low), math.expm1(main.wild.high)
    console.print(
        f"[bold]Premium {line.premium:+.0%}[/] from 0 to 100% share (headline interval {number(low, '{:+.0%}')} to "
        f"{number(high, '{:+.0%}')}), p {p_text(main.wild.p_value)}."
    )
    if line.implied_gap is not None:
        console.print(f"Gap implied between the groups' mean shares: {line.implied_gap:.2f} : 1.")
    if study.placebo is None:
        console.print(Text(f"Placebo (trailing share): {study.notes['placebo']}.", "yellow"))
    else:
        other = study.placebo
        console.print(
            f"Placebo, trailing share: premium {other.line.premium:+.0%}, p {p_text(other.wild.p_value)}, "
            f"R2 = {other.line.r_squared:.2f}, n = {other.line.n}."
        )
    shown = table("Beside one control", "Slope", "HC3 p", "Permutation p", "n")
    for name, row in study.controls.iterrows():
        if row["note"]:
            shown.add_row(CONTROLS[str(name)], row["note"], "", "", str(row["n"]))
            continue
        shown.add_row(
            CONTROLS[str(name)], number(row["slope"]), number(row["p_hc3"], "{:.3f}"),
            number(row["p_permutation"], "{:.3f}"), str(row["n"]),
        )  # fmt: skip
    console.print(shown)
    slopes = ", ".join(f"{name} {row['slope']:.2f}" for name, row in study.lines.iterrows())
    low_slope, high_slope = study.influence.slope_range
    frame = study.influence.frame
    console.print(f"Slope by method: {slopes}. Spearman {study.spearman[0]:.2f} (p {p_text(study.spearman[1])}).")
    console.print(
        f"Without one company: {low_slope:.2f} to {high_slope:.2f}; most influential "
        f"{study.influence.most_influential} (Cook's distance {frame['cooks_distance'].max():.2f})."
    )
    console.print(f"Leave-one-out R2 against the mean: {study.leave_one_out_r2:.2f}.")
    power = study.power
    console.print(
        f"This sample finds a premium of {power.detectable_premium:+.0%} or more in {power.target:.0%} of cases "
        f"(two-sided {power.size:.0%}, noise as estimated, taken as constant)."
    )
    console.print(str(study.panel) + "." if study.panel else f"Panel: {study.notes.get('panel', 'not asked for')}.")
    console.print(Text("Association, not cause.", "dim"))


def _methods(main: Inference) -> Table:
    shown = table("Method", "Slope", "t", "df", "p", "Low", "High")
    for name, row in main.frame.iterrows():
        shown.add_row(
            str(name).replace("restricted wild bootstrap, HC3-t", "wild bootstrap, HC3-t").replace(" (", "\n("),
            number(row["slope"]), number(row["t"]), number(row["df"], "{:.1f}"),
            p_text(row["p"]).removeprefix("= "), number(row["low"]), number(row["high"]),
        )  # fmt: skip
    return shown


def print_mix(console: Console, sector: pd.DataFrame, crossover: pd.DataFrame, projection: Projection) -> None:
    """The sector's shares by quarter, and when AI passes mining company by company."""
    shown = table("Quarter", "Bitcoin share", "of n", "AI share", "of n", "With revenue")
    for quarter, row in sector.tail(QUARTERS_SHOWN).iterrows():
        shown.add_row(
            str(quarter), number(row["bitcoin_share"], "{:.0%}"), str(int(row["n_bitcoin"])),
            number(row["ai_share"], "{:.0%}"), str(int(row["n_ai"])), str(int(row["n_total"])),
        )  # fmt: skip
    console.print(shown)
    known = sector["bitcoin_share"].dropna()
    if len(known):
        console.print(
            f"Claim: bitcoin falls from 85% of revenue to below 20% by the end of 2026. Measured: {known.iloc[0]:.0%} in "
            f"{known.index[0]}, {known.iloc[-1]:.0%} in {known.index[-1]}, the latest quarter with three companies."
        )
    shown = table("Company", "AI passed mining", "Projected", "Early", "Late", "Latest quarter")
    for ticker, row in crossover.iterrows():
        cells = [
            _quarter(row[c]) for c in ("actual", "projected", "projected_early", "projected_late", "latest_quarter")
        ]
        if row["note"]:
            cells = [row["note"], "", "", "", ""]
        shown.add_row(str(ticker), *cells)
    console.print(shown)
    console.print(
        Text(
            f"Projected: contracts from their start dates at a quarter of their annual revenue, mining held; early: mining "
            f"at {projection.early_mining:.0%}; late: mining at {projection.late_mining:.0%} and every start "
            f"{projection.late_delay_quarters} quarters later. Contracts without a start date or a value are left out.",
            "dim",
        )
    )


def _quarter(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
