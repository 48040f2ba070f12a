"""The Changes sheet recalculated by LibreOffice, and the change of two runs as text, CSV and JSON."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pandas as pd
import pytest
from rich.console import Console

from exports.tables import changes as page
from exports.tables.machine import csv_text, jsonable
from exports.terminal.render import WIDTH, print_page
from exports.workbook.book import write
from screener import pipeline
from tests.exports.recalculate import differences, formulas, recalculate, values
from valuation.comparison.attribution import FACTORS
from valuation.comparison.changes import Changes, Snapshot, compare
from valuation.screen import Screen


@pytest.fixture(scope="module")
def screens() -> list[Screen]:
    return [pipeline.run("miners", pd.Timestamp(day), source="bundled") for day in ("2026-08-07", "2026-08-14")]


@pytest.fixture(scope="module")
def changes(screens) -> Changes:
    return compare(*map(Snapshot.of, screens))


@pytest.mark.long
def test_libreoffice_finds_the_same_differences_and_that_the_parts_add_up(screens, changes, tmp_path):
    path = tmp_path / "changes.xlsx"
    write(screens[1], path, changes)
    anew = recalculate(path, tmp_path)
    assert [d for d in differences(path, anew) if d.sheet == "Changes"] == []
    live = {cell: formula for (sheet, cell), formula in formulas(path).items() if sheet == "Changes"}
    assert len(live) > 40
    after = values(anew)
    flags = [after["Changes", cell] for cell, formula in live.items() if "CHECK" in formula]
    assert flags == ["OK"]
    assert not [v for (sheet, _), v in after.items() if sheet == "Changes" and str(v).startswith(("#", "Err:"))]


@pytest.mark.long
def test_the_check_of_the_sheet_can_fail(screens, changes, tmp_path):
    frame = changes.attribution.frame.copy()
    frame.loc["RIOT", "price"] += 0.001
    wrong = replace(changes, attribution=replace(changes.attribution, frame=frame))
    path = tmp_path / "wrong.xlsx"
    write(screens[1], path, wrong)
    after = values(recalculate(path, tmp_path))
    assert "CHECK" in {v for (sheet, _), v in after.items() if sheet == "Changes"}


def test_the_same_changes_give_the_same_bytes(screens, changes, tmp_path):
    for name in ("a", "b"):
        write(screens[1], tmp_path / f"{name}.xlsx", changes)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_formula_in_a_name_stays_text(screens, changes, tmp_path):
    facts = changes.facts.copy()
    facts.loc[0, ["item", "source"]] = ["=1+1", "+cmd|'/c calc'!A1"]
    path = tmp_path / "odd.xlsx"
    write(screens[1], path, replace(changes, facts=facts))
    assert "=1+1" in {v for (sheet, _), v in values(path).items() if sheet == "Changes"}
    assert "=1+1" not in formulas(path).values()
    companies = changes.companies.copy()
    companies.loc[companies.index[0], "name"] = "=HYPERLINK()"
    assert "'=HYPERLINK()" in csv_text(page.changes_page(replace(changes, companies=companies)).files["companies"])


def test_the_terminal_page_fits_80_columns_and_says_what_moved(changes):
    out = io.StringIO()
    print_page(page.changes_page(changes), Console(file=out, width=WIDTH))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= WIDTH
    row = next(line for line in lines if line.startswith("IREN")).split()
    part = changes.attribution.frame.loc["IREN"]
    assert row[3] == f"{part['change']:+.2f}"
    assert row[4] == f"{part['price']:+.2f}"


def test_json_and_csv_hold_the_attribution_and_null_for_unknown(changes):
    told = json.loads(json.dumps(jsonable(page.changes_page(changes).content), allow_nan=False))
    rows = {row["ticker"]: row for row in told["companies"]}
    for row in rows.values():
        parts = [row[f"attribution_{name}"] for name in FACTORS]
        if row["per_mw_change"] is None:
            assert parts == [None] * len(FACTORS)
        else:
            assert sum(parts) == pytest.approx(row["per_mw_change"], abs=1e-12)
    # Read as text: pandas' own reader of numbers is off in the last digit on some versions.
    frame = pd.read_csv(
        io.StringIO(csv_text(page.changes_page(changes).files["companies"])), index_col="ticker", dtype=str
    )
    assert float(frame.at["RIOT", "attribution_price"]) == rows["RIOT"]["attribution_price"]
    assert "Shapley" in told["method"]


def test_a_convertible_that_flips_is_told_as_one_event():
    # IREN's close passed the conversion price of its notes between these two Fridays.
    pair = [pipeline.run("miners", pd.Timestamp(day), source="bundled") for day in ("2026-01-09", "2026-01-16")]
    lines = page.in_words(compare(*map(Snapshot.of, pair)))
    assert any(line.startswith("IREN: $2.3bn of convertibles") and "as shares, not debt" in line for line in lines)
    back = page.in_words(compare(*map(Snapshot.of, reversed(pair))))
    assert any(line.startswith("IREN: $2.3bn of convertibles") and "as debt again" in line for line in back)
