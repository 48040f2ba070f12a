"""The regression as a page: every method side by side, its checks and findings."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from exports.tables.formats import day, multiple, p_value, percent
from exports.tables.screen import premium_line, regression_content
from exports.tables.spec import Block, Column, Page, TableSpec, Text, findings, note, warning
from valuation.regression.prediction import assumptions_of_interval
from valuation.regression.study import CONTROLS, Inference, RegressionStudy

TEN_POINTS = 0.1


def regression_page(study: RegressionStudy, raw_gap: float, as_of: pd.Timestamp) -> Page:
    """The primary regression, its checks, findings and limitations.

    Parameters
    ----------
    raw_gap : float
        The headline gap of the same date, NaN where there is none.
    """
    line = study.primary.line
    blocks: list[Block] = [
        Text(f"on contracted AI share, OLS, n = {line.n}, R2 = {line.r_squared:.2f}.", lead="ln(EV per secured MW)"),
        _methods(study.primary),
        premium_line(line),
    ]
    if line.implied_gap is not None:
        blocks.append(
            Text(
                f"Gap implied from no share to the AI group's mean share: {multiple(line.implied_gap)}; measured gap: "
                f"{multiple(raw_gap)}."
            )
        )
    blocks += [_placebo(study), _leased(study), *_controls(study), *_checks(study)]
    blocks.append(note(assumptions_of_interval(line.n, line.level)))
    panel = f"{study.panel}." if study.panel else f"Panel of quarters: {study.notes.get('panel', 'not requested')}."
    blocks += [
        Text(panel),
        *findings(study.findings),
    ]
    content, files = _content(study, as_of)
    return Page(f"Regression of value per MW on contracted AI share, {day(as_of)}", blocks, content, files)


def _methods(main: Inference) -> TableSpec:
    frame = main.frame.rename(
        index=lambda name: str(name).replace("restricted wild bootstrap, HC3-t", "wild bootstrap, HC3-t")
    ).rename_axis("method")
    columns = (
        Column("method", "Method"), Column("slope", "Slope", "number"), Column("t", "t", "number"),
        Column("df", "df", "number_fine"), Column("p", "p", "p"), Column("low", "Low", "number"),
        Column("high", "High", "number"),
    )  # fmt: skip
    method = (
        f"The first row is the headline. {main.line.level:.0%} confidence intervals. No test is exact in small samples: "
        "in simulations with n = 15 the three reject a true null hypothesis in 5% to 7%, 5% to 9% and 4% to 7% of cases "
        "at a nominal 5% (benchmarks/size.py)."
    )
    why = (f"{main.hc2.method}: {main.hc2.note}.",) if main.hc2.note else ()
    return TableSpec("methods", frame, columns, notes=(method, *why))


def _placebo(study: RegressionStudy) -> Text:
    if study.placebo is None:
        return warning(f"Placebo (trailing AI share): estimate not available ({study.notes['placebo']}).")
    return _beside(study.placebo, "Placebo, trailing AI share", "revenue")


def _leased(study: RegressionStudy) -> Text:
    if study.leased is None:
        return warning(f"Second regressor (leased share of secured MW): not available ({study.notes['leased']}).")
    return _beside(study.leased, "Second regressor, leased share", "secured MW")


def _beside(one: Inference, name: str, of: str) -> Text:
    """Another share in a line of its own: its range, slope, p and fit."""
    line, share = one.line, one.line.sample["share"]
    return Text(
        f"{name} ({percent(share.min())} to {percent(share.max())} of {of}): "
        f"{math.expm1(TEN_POINTS * line.slope):+.0%} per 10 percentage points, {p_value(one.wild.p_value)}, "
        f"R2 = {line.r_squared:.2f}, n = {line.n}."
    )


def _controls(study: RegressionStudy) -> list[Block]:
    absent = study.controls["note"] != ""
    frame = study.controls.assign(control=[CONTROLS[str(name)] for name in study.controls.index])
    frame.loc[absent, ["slope", "p_hc3", "p_permutation"]] = math.nan
    columns = (
        Column("control", "Slope of share with one control", short="With one control"),
        Column("slope", "Slope", "number"), Column("p_hc3", "HC3 p", "p"),
        Column("p_permutation", "Permutation p", "p"), Column("n", "n", "count"),
    )  # fmt: skip
    draws = study.controls["draws"].max()
    how = f"Permutation: Freedman-Lane, studentised, B = {draws:.0f}, seed {study.seed}; simulated size 5% to 11%."
    return [
        TableSpec("controls", frame, columns, notes=(how,) if draws > 0 else ()),
        *(warning(f"{row.control}: {row.note}.") for row in frame[absent].itertuples()),
    ]


def _checks(study: RegressionStudy) -> list[Block]:
    slopes = ", ".join(f"{name} {row['slope']:.2f}" for name, row in study.lines.iterrows())
    influence, power = study.influence, study.power
    low, high = influence.slope_range
    return [
        Text(
            f"Slope by method: {slopes}. Spearman correlation {study.spearman[0]:.2f} "
            f"({p_value(study.spearman[1])}, t(n - 2))."
        ),
        Text(
            f"Excluding any single company, the slope ranges from {low:.2f} to {high:.2f}; most influential: "
            f"{influence.most_influential} (Cook's distance {influence.frame['cooks_distance'].max():.2f})."
        ),
        Text(f"Leave-one-out R2 against the mean of the other companies: {study.leave_one_out_r2:.2f}."),
        Text(
            f"Power: a sample of this size detects a premium of {power.detectable_premium:+.0%} or more in "
            f"{power.target:.0%} of cases (two-sided {power.size:.0%}, constant noise as estimated, n = {power.n})."
        ),
    ]


def _content(study: RegressionStudy, as_of: pd.Timestamp) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """The primary line, placebo and leased share under every method, controls, robust lines, influence, power, panel."""
    named = {"contracted": study.primary, "placebo, trailing": study.placebo, "leased": study.leased}
    methods = pd.concat(
        {name: one.frame.rename_axis("method") for name, one in named.items() if one is not None}, names=["share"]
    )
    influence = study.influence.frame.rename_axis("ticker")
    content = {
        "as_of": as_of,
        "seed": study.seed,
        "primary": _inference(study.primary),
        "placebo": None if study.placebo is None else _inference(study.placebo),
        "leased_share": None if study.leased is None else _inference(study.leased),
        "controls": study.controls,
        "lines": study.lines.rename_axis("method"),
        "spearman": {"rho": study.spearman[0], "p_value": study.spearman[1]},
        "influence": influence,
        "leave_one_out_r2": study.leave_one_out_r2,
        "power": study.power,
        "panel": study.panel,
        "notes": study.notes,
    }
    sample = study.primary.line.sample.rename_axis("ticker").join(influence.drop(columns="leverage"))
    files = {"methods": methods, "controls": study.controls, "sample": sample}
    return content, {name: frame.reset_index() for name, frame in files.items()}


def _inference(one: Inference) -> dict[str, Any]:
    return regression_content(one.line) | {"hc2_bell_mccaffrey": one.hc2}
