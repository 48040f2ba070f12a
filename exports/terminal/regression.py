"""The regression in a terminal of 80 columns: every method side by side, then what they allow to say."""

from __future__ import annotations

import math

from rich.console import Console
from rich.table import Table

from exports.commentary.numbers import number, p_number, p_text, span
from exports.terminal.layout import said, small, table, warn
from valuation.findings import can_and_cannot
from valuation.regression.study import CONTROLS, Inference, RegressionStudy

UNSURE = 0.05
TEN_POINTS = 0.1


def print_study(console: Console, study: RegressionStudy, raw_gap: float) -> None:
    """The primary regression, its checks, findings and limitations.

    Parameters
    ----------
    raw_gap : float
        The headline gap of the same date, NaN where there is none.
    """
    line = study.primary.line
    console.print(
        f"[bold]ln(EV per secured MW) on contracted AI share[/], OLS, n = {line.n}, R2 = {line.r_squared:.2f}"
    )
    console.print(_methods(study.primary))
    _premium(console, study.primary, raw_gap)
    _placebo(console, study)
    _controls(console, study)
    _beside(console, study)
    console.print(
        f"{study.panel}." if study.panel else f"Panel of quarters: {study.notes.get('panel', 'not asked for')}."
    )
    said(console, *can_and_cannot(study.findings))


def _methods(main: Inference) -> Table:
    shown = table("Method", "Slope", "t", "df", "p", "Low", "High")
    for name, row in main.frame.iterrows():
        shown.add_row(
            str(name).replace("restricted wild bootstrap, HC3-t", "wild bootstrap, HC3-t").replace(" (", "\n("),
            number(row["slope"]), number(row["t"]), number(row["df"], "{:.1f}"),
            p_number(row["p"]), number(row["low"]), number(row["high"]),
        )  # fmt: skip
    return shown


def _premium(console: Console, main: Inference, raw_gap: float) -> None:
    line, wild = main.line, main.wild
    small(
        console,
        f"First row: the headline. {line.level:.0%} intervals. No test is exact here: at n = 15 they reject a true null "
        "in 5 to 7%, 5 to 9% and 4 to 7% of simulations at a nominal 5% (benchmarks/size.py).",
    )
    console.print(
        f"[bold]Premium {line.premium:+.0%}[/] per MW from 0 to 100% contracted share "
        f"({span(math.expm1(wild.low), math.expm1(wild.high), '{:+.0%}')}), p {p_text(wild.p_value)}."
    )
    if line.implied_gap is not None:
        console.print(
            f"Gap implied between the groups' mean shares {line.implied_gap:.2f}:1; the raw gap is {number(raw_gap)}:1."
        )


def _placebo(console: Console, study: RegressionStudy) -> None:
    if study.placebo is None:
        warn(console, f"Placebo, trailing share: {study.notes['placebo']}.")
        return
    line, wild = study.placebo.line, study.placebo.wild
    share = line.sample["share"]
    console.print(
        f"Placebo, trailing share ({span(share.min(), share.max(), '{:.0%}')} of revenue): "
        f"{math.expm1(TEN_POINTS * line.slope):+.0%} per 10 points, p {p_text(wild.p_value)}, R2 = {line.r_squared:.2f}, "
        f"n = {line.n}."
    )


def _controls(console: Console, study: RegressionStudy) -> None:
    shown = table("Share beside one control", "Slope", "HC3 p", "Permutation p", "n")
    for name, row in study.controls.iterrows():
        cells = [number(row["slope"]), p_number(row["p_hc3"]), p_number(row["p_permutation"])]
        if row["note"]:
            cells = ["n/a"] * len(cells)
        shown.add_row(CONTROLS[str(name)], *cells, str(row["n"]))
    console.print(shown)
    for name, row in study.controls.iterrows():
        if row["note"]:
            warn(console, f"{CONTROLS[str(name)]}: {row['note']}.")
    draws = study.controls["draws"].max()
    if draws > 0:
        small(console, f"Permutation: Freedman-Lane, studentised, B = {draws:.0f}, seed {study.seed}; size 5 to 11%.")


def _beside(console: Console, study: RegressionStudy) -> None:
    slopes = ", ".join(f"{name} {row['slope']:.2f}" for name, row in study.lines.iterrows())
    console.print(
        f"Slope by method: {slopes}. Spearman {study.spearman[0]:.2f} (p {p_text(study.spearman[1])}, t(n - 2))."
    )
    frame = study.influence.frame
    console.print(
        f"Without one company: slope {span(*study.influence.slope_range)}; most influential "
        f"{study.influence.most_influential} (Cook's distance {frame['cooks_distance'].max():.2f})."
    )
    console.print(f"Leave-one-out R2 against the mean of the others: {study.leave_one_out_r2:.2f}.")
    power = study.power
    console.print(
        f"A sample like this finds a premium of {power.detectable_premium:+.0%} or more in {power.target:.0%} of cases "
        f"(two-sided {power.size:.0%}, noise as estimated and constant, n = {power.n})."
    )
