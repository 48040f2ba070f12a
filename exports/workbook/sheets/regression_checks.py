"""Checks of the regression: placebo, leased share, controls, robust lines, influence, power and panel, fixed at run time."""

from __future__ import annotations

from typing import Any

from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import REGRESSION, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from valuation.regression.study import CONTROLS, RegressionStudy

COLUMNS = (
    Column("blank", ""),
    Column("name", "Robustness checks, fixed at run (unit)"),
    Column("blank2", ""),
    Column("value", "Figure (unit left)", "statistic"),
    Column("low", "Interval low (unit left)", "statistic"),
    Column("high", "Interval high (unit left)", "statistic"),
    Column("p", "p, two-sided", "p_value"),
    Column("n", "n used", "count"),
    Column("method", "Method", "small"),
    *(Column(f"blank_{k}", "") for k in range(3, 6)),
)
INFLUENCE = (
    Column("cooks_distance", "Cook's distance, fixed at run", "statistic"),
    Column("slope_without", "Slope without the company, fixed at run (ln)", "statistic"),
)


def table_range(book: ScreenBook, first: int) -> TableRange:
    """Where the table stands; empty without a study."""
    return TableRange(REGRESSION, COLUMNS, first, len(rows(book)))


def write_checks(book: ScreenBook, sheet: Sheet) -> None:
    """One row per check; a check that is not available has the reason and no number."""
    where, found = book.ranges["checks"], rows(book)
    if not found:
        return
    sheet.header(where, widths=False)
    for k, row in enumerate(found):
        record = sheet.record(where, k)
        record.text("name", row["name"])
        for key in ("value", "low", "high", "p", "n"):
            kind = row.get("kind", "statistic") if key in ("value", "low", "high") else where.kind(key)
            value, blank = row.get(key), "n/a" if key == "value" else ""
            sheet.static(record.row, where.index(key), None if value is None else float(value), kind, unknown=blank)
        record.text("method", row["method"], "small")


def rows(book: ScreenBook) -> list[dict[str, Any]]:
    """Rows of all checks of the study."""
    study = None if book.screen.studies is None else book.studies.line
    if study is None:
        return []
    return [*_beside(study), *_controls(study), *_robust(study), *_panel(study)]


def _beside(study: RegressionStudy) -> list[dict[str, Any]]:
    """The other shares, each in a line of its own."""
    out: list[dict[str, Any]] = []
    for key, name, one in (
        ("placebo", "Placebo: slope of the trailing share (ln)", study.placebo),
        ("leased", "Second regressor: slope of the leased share (ln)", study.leased),
    ):
        if one is None:
            out.append({"name": name, "method": study.notes[key]})
            continue
        line, wild = one.line, one.wild
        drawn = f"all {wild.draws:,} sign vectors" if wild.exact else f"B = {wild.draws:,}, seed {wild.seed}"
        how = f"{wild.method}, {drawn}; R squared {line.r_squared:.2f}"
        out.append(
            {"name": name, "value": line.slope, "low": wild.low, "high": wild.high, "p": wild.p_value, "n": line.n}
            | {"method": how}
        )
    return out


def _controls(study: RegressionStudy) -> list[dict[str, Any]]:
    out = []
    for control, row in study.controls.iterrows():
        name = f"Slope controlling for {CONTROLS[str(control)]} (ln)"
        if row["note"]:
            out.append({"name": name, "n": row["n"], "method": row["note"]})
            continue
        how = f"Freedman-Lane permutation, studentised, B = {row['draws']:,.0f}, seed {study.seed}; HC3 p {row['p_hc3']:.3f}"
        out.append({"name": name, "value": row["slope"], "p": row["p_permutation"], "n": row["n"], "method": how})
    return out


def _robust(study: RegressionStudy) -> list[dict[str, Any]]:
    n, power = study.primary.line.n, study.power
    frame = study.influence.frame["slope_without"]
    out = [
        {"name": f"Slope by {name} (ln)", "value": row["slope"], "n": n, "method": "robust to outliers"}
        for name, row in study.lines.iterrows()
        if name != "least squares"
    ]
    out += [
        {"name": f"{word} slope without one company (ln)", "value": frame[at], "n": n - 1, "method": f"without {at}"}
        for word, at in (("Smallest", frame.idxmin()), ("Largest", frame.idxmax()))
    ]
    rho, p = study.spearman
    out.append({"name": "Spearman's rank correlation", "value": rho, "p": p, "n": n, "method": f"t({n - 2})"})
    out.append(
        {"name": "Leave-one-out R squared", "value": study.leave_one_out_r2, "n": n}
        | {"method": "against the mean of the other companies"}
    )
    return [
        *out,
        {"name": "Smallest detectable premium (%)", "value": power.detectable_premium, "n": power.n}
        | {"kind": "whole_percent"}
        | {"method": f"power {power.target:.0%}, two-sided {power.size:.0%}, noise as estimated and constant"},
    ]


def _panel(study: RegressionStudy) -> list[dict[str, Any]]:
    name, panel = "Panel of quarter ends: slope within companies (ln)", study.panel
    if panel is None:
        return [{"name": name, "method": study.notes.get("panel", "not computed")}]
    drawn = f"all {panel.draws:,} sign vectors" if panel.exact else f"Webb, B = {panel.draws:,}, seed {panel.seed}"
    how = f"{panel.firms} companies, {panel.dates} dates, effects of both; wild cluster bootstrap, {drawn}"
    return [
        {
            "name": name,
            "value": panel.slope,
            "low": panel.low,
            "high": panel.high,
            "p": panel.p_value,
            "n": panel.n,
            "method": how,
        }
    ]
