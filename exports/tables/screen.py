"""The screen as CSV and JSON, for machines and for notebooks."""

from __future__ import annotations

import json
import math
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from valuation.gap.estimate import Gap
from valuation.inference import Test
from valuation.regression.ols import Regression
from valuation.report import Report
from valuation.screen import Screen

# A spreadsheet runs a cell that starts with one of these; a leading apostrophe keeps it text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def as_dict(screen: Screen) -> dict[str, Any]:
    """One JSON-ready object: manifest, table, status, causes, gap, regression, issues.

    `table` is a list of rows keyed by metric name (and `ticker`, `name`); unknown values are null, never zero.
    """
    table = screen.table.drop(columns="excluded")
    table.insert(0, "name", screen.companies["name"])
    return {
        "manifest": screen.manifest,
        "table": records(table),
        "status": records(screen.status.drop(columns="excluded")),
        "causes": records(screen.causes.drop(columns="excluded")),
        "excluded": {t: r for t, r in screen.table["excluded"].items() if r},
        "gap": gap_as_dict(screen.gap),
        "regression": regression_as_dict(screen.regression, screen.regression_note),
        "issues": records(screen.issues, index=False),
        **(_nav(screen) if isinstance(screen, Report) else {}),
    }


def _nav(screen: Report) -> dict[str, Any]:
    """Net asset value with its statuses, and what each scenario does, where the screen holds them."""
    if screen.nav is None:
        return {}
    nav = screen.nav.nav
    return {
        "nav": records(nav.table.droplevel("as_of")),
        "nav_status": records(nav.status.droplevel("as_of")),
        "scenarios": {outcome.scenario.name: records(outcome.table) for outcome in screen.scenarios},
    }


def write_json(screen: Screen, path: Path) -> None:
    """Write `as_dict` to `path`, whole or not at all."""
    write_object(as_dict(screen), path)


def write_object(content: dict[str, Any], path: Path) -> None:
    """Write a JSON-ready object to `path`, whole or not at all."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(path, (text + "\n").encode())


def write_csv(screen: Screen, path: Path) -> None:
    """Write the table with a status column beside each metric to `path`, whole or not at all."""
    write_whole(path, csv_of(screen.table, screen.status, screen.companies["name"]).encode())


def csv_of(table: pd.DataFrame, status: pd.DataFrame, names: pd.Series) -> str:
    """The table of a run as CSV, a status column beside each metric."""
    columns: dict[str, pd.Series] = {"name": names}
    for metric in table.columns.drop("excluded"):
        columns[metric] = table[metric]
        if metric in status:
            columns[f"{metric}_status"] = status[metric]
    columns["excluded"] = table["excluded"]
    return csv_text(pd.DataFrame(columns, index=table.index.rename("ticker")).reset_index())


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame without its index as CSV to `path`, whole or not at all."""
    write_whole(path, csv_text(frame).encode())


def csv_text(frame: pd.DataFrame) -> str:
    """A frame without its index as CSV, texts kept from running as formulas in a spreadsheet."""
    out = frame.copy()
    texts = out.select_dtypes(include=["object", "string"]).columns
    out[texts] = out[texts].map(escape_formula)
    return out.to_csv(index=False, lineterminator="\n")


def escape_formula(value: Any) -> Any:
    """Keep a text from running as a formula in a spreadsheet."""
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def write_whole(path: Path, content: bytes) -> None:
    """Write to a temporary name in the same folder, then rename: a reader never meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def plain(value: Any) -> Any:
    """A value as JSON takes it: unknown and infinite are null, dates and quarters are text."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)) or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, pd.Period):
        return str(value)
    return value.item() if hasattr(value, "item") else value


def records(frame: pd.DataFrame, *, index: bool = True) -> list[dict[str, Any]]:
    """The rows of a frame as JSON takes them."""
    rows = frame.reset_index() if index else frame
    return [{k: plain(v) for k, v in row.items()} for row in rows.to_dict("records")]


def gap_as_dict(gap: Gap) -> dict[str, Any]:
    """Every row of a gap, how it was made, and who is left out."""
    return {
        "rule": gap.rule.name,
        "rule_title": gap.rule.title,
        "method": gap.method,
        "draws": gap.draws,
        "level": gap.level,
        "seed": gap.seed,
        "headline": {k: plain(v) for k, v in gap.headline.items()},
        "rows": records(gap.frame, index=False),
        "left_out": records(gap.left_out, index=False),
    }


def inference_as_dict(test: Test) -> dict[str, Any]:
    """A test with its method, n, draws and seed."""
    return {name: plain(value) for name, value in asdict(test).items()}


def regression_as_dict(line: Regression | None, note: str = "") -> dict[str, Any]:
    """A regression with its headline test and sample, or why there is none."""
    if line is None:
        return {"estimable": False, "note": note}
    fields = ("slope", "slope_se", "intercept", "intercept_se", "t_value", "p_value", "low", "high")
    more = ("level", "df", "r_squared", "n", "premium", "implied_gap")
    return {
        "estimable": True,
        "response": f"ln({line.response})",
        "regressor": line.regressor,
        "method": "OLS, HC3 standard errors, t(n - 2)",
        **{name: plain(getattr(line, name)) for name in fields + more},
        "headline": inference_as_dict(line.wild),
        "sample": records(line.sample),
    }
