"""What stands beside the regression's line: placebo, controls, robust lines, influence, power, panel; of the run."""

from __future__ import annotations

from typing import Any

from exports.workbook.writer.cells import Column, Grid, Sheet
from exports.workbook.writer.context import REGRESSION, Book
from valuation.regression.study import CONTROLS, RegressionStudy

COLUMNS = (
    Column("blank", ""),
    Column("name", "Beside the line, of the run (unit)"),
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
    Column("cooks_distance", "Cook's distance, of the run", "statistic"),
    Column("slope_without", "Slope without it, of the run (ln)", "statistic"),
)


def grid(book: Book, first: int) -> Grid:
    """Where the table stands; empty without a study."""
    return Grid(REGRESSION, COLUMNS, first, len(rows(book)))


def write_beside(book: Book, sheet: Sheet) -> None:
    """A row a check; one that cannot be made says why and has no number."""
    where, found = book.grids["beside"], rows(book)
    if not found:
        return
    sheet.header(where, widths=False)
    for k, row in enumerate(found):
        r = where.first + k
        sheet.text(r, 1, row["name"])
        for key in ("value", "low", "high", "p", "n"):
            kind = row.get("kind", "statistic") if key in ("value", "low", "high") else where.kind(key)
            value = row.get(key)
            blank = "n/a" if key == "value" else ""
            sheet.static(r, where.index(key), None if value is None else float(value), kind, unknown=blank)
        sheet.text(r, where.index("method"), row["method"], "small")


def rows(book: Book) -> list[dict[str, Any]]:
    """Everything that `valuation.regression.study` puts beside the line."""
    study = None if book.screen.studies is None else book.studies.line
    if study is None:
        return []
    return [*_placebo(study), *_controls(study), *_robust(study), *_panel(study)]


def _placebo(study: RegressionStudy) -> list[dict[str, Any]]:
    name = "Placebo: slope of the trailing share (ln)"
    if study.placebo is None:
        return [{"name": name, "method": study.notes["placebo"]}]
    line, wild = study.placebo.line, study.placebo.wild
    drawn = f"all {wild.draws:,} sign vectors" if wild.exact else f"B = {wild.draws:,}, seed {wild.seed}"
    return [
        {"name": name, "value": line.slope, "low": wild.low, "high": wild.high, "p": wild.p_value, "n": line.n}
        | {"method": f"{wild.method}, {drawn}; R squared {line.r_squared:.2f}"}
    ]


def _controls(study: RegressionStudy) -> list[dict[str, Any]]:
    out = []
    for control, row in study.controls.iterrows():
        name = f"Slope beside {CONTROLS[str(control)]} (ln)"
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
        {"name": f"Slope by {name} (ln)", "value": row["slope"], "n": n, "method": "resists single companies"}
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
        {"name": "R squared on companies left out", "value": study.leave_one_out_r2, "n": n}
        | {"method": "leave one out, against the mean of the others"}
    )
    return [
        *out,
        {"name": "Smallest premium found reliably (%)", "value": power.detectable_premium, "n": power.n}
        | {"kind": "whole_percent"}
        | {"method": f"in {power.target:.0%} of samples, two-sided {power.size:.0%}, noise as estimated and constant"},
    ]


def _panel(study: RegressionStudy) -> list[dict[str, Any]]:
    name, panel = "Panel of quarter ends: slope within companies (ln)", study.panel
    if panel is None:
        return [{"name": name, "method": study.notes.get("panel", "not asked for")}]
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
