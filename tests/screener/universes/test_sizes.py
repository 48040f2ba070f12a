"""Figures out of proportion are told with file, line, field and remedy, and the figures as they are meant are not."""

from __future__ import annotations

import csv
import shutil

import pytest

from screener import universes
from screener.universes import sizes
from tests import landlords

USD, UNIT = "write USD, not millions", "check the unit and the decimal point"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return landlords.write(tmp_path_factory.mktemp("sizes") / "landlords")


def told(folder, tmp_path, name, change):
    """The warnings of the universe after `change(rows)` of one file, and the lines that it changed."""
    mine = tmp_path / "landlords"
    shutil.copytree(folder, mine)
    with (mine / name).open() as file:
        rows = list(csv.DictReader(file))
    before = [dict(row) for row in rows]
    change(rows)
    with (mine / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    changed = [line for line, (row, old) in enumerate(zip(rows, before, strict=True), start=2) if row != old]
    universe, problems = universes.examine(mine)
    assert problems == []
    return sizes.warnings(universe), changed


def facts(ticker, item, to, *, rows=None):
    def change(table):
        mine = [row for row in table if row["ticker"] == ticker and row["item"] == item]
        for row in mine if rows is None else mine[rows]:
            row["value"] = str(to(float(row["value"])))

    return change


@pytest.mark.parametrize("name", ["miners", "landlords"])
def test_figures_as_they_are_meant_are_not_told(folder, name):
    assert sizes.warnings(universes.load(folder if name == "landlords" else name)) == []


@pytest.mark.parametrize(
    ("name", "change", "column", "says"),
    [
        ("financials.csv", facts("ALAN", "cash", lambda _: 2.0, rows=slice(-1, None)), "value", USD),
        ("financials.csv", facts("ALAN", "cash", lambda v: v / 1e6), "value", USD),
        ("financials.csv", facts("BRIX", "debt_total", lambda v: v / 1e3, rows=slice(1, 2)), "value", UNIT),
        ("financials.csv", facts("CELL", "shares_outstanding", lambda v: v * 1e3), "value", "of the other companies"),
        ("financials.csv", facts("CELL", "shares_outstanding", lambda v: v * 1e3, rows=slice(2, 3)), "value", UNIT),
        ("financials.csv", facts("CELL", "shares_outstanding", lambda v: v / 1e6), "value", "write shares, not millions"),
        ("financials.csv", facts("DOCK", "revenue_total", lambda v: v * 1e3, rows=slice(4, 5)), "value", "check the unit"),
        ("capacity.csv", facts("EDGE", "mw_secured", lambda v: v * 1e3), "value", "write MW, not kW"),
        ("capacity.csv", facts("EDGE", "mw_operating", lambda v: v * 1e3), "value", "write MW, not kW"),
    ],
)  # fmt: skip
def test_facts_out_of_proportion(folder, tmp_path, name, change, column, says):
    found, changed = told(folder, tmp_path, name, change)
    assert [(one.file, one.line, one.column) for one in found] == [(name, line, column) for line in changed]
    assert all(says in one.message for one in found)


@pytest.mark.parametrize(
    ("column", "factor", "says"),
    [
        ("critical_it_mw", 1000.0, "write MW, not kW"),
        ("total_value_usd", 1e-7, "write USD, not millions"),
        ("total_value_usd", 1e3, "a year for each critical IT MW"),
        ("total_value_usd", 1e-3, "a year for each critical IT MW"),
    ],
)
def test_contracts_in_kw_or_millions(folder, tmp_path, column, factor, says):
    def change(rows):
        rows[2][column] = str(float(rows[2][column]) * factor)

    found, changed = told(folder, tmp_path, "contracts.csv", change)
    assert [one.line for one in found if says in one.message] == changed


@pytest.mark.parametrize(("place", "factor"), [(0, 100.0), (40, 12.0), (-1, 0.01)])
def test_a_single_close_out_of_line_is_told_once(folder, tmp_path, place, factor):
    def change(rows):
        row = [row for row in rows if row["ticker"] == "DOCK"][place]
        row["close_usd"] = f"{float(row['close_usd']) * factor:.4f}"

    found, changed = told(folder, tmp_path, "prices.csv", change)
    assert [(one.line, one.column) for one in found] == [(changed[0], "close_usd")]
    assert "splits.csv" in found[0].message


def test_closes_on_a_new_basis_are_told_where_it_begins_unless_splits_say_so(folder, tmp_path):
    def change(rows):
        for row in [row for row in rows if row["ticker"] == "DOCK"][50:]:
            row["close_usd"] = f"{float(row['close_usd']) * 20:.2f}"

    found, changed = told(folder, tmp_path, "prices.csv", change)
    assert [one.line for one in found] == changed[:1]
    mine = tmp_path / "landlords"
    day = (mine / "prices.csv").read_text().split("\n")[changed[0] - 1].split(",")[0]
    (mine / "splits.csv").write_text(f"ticker,first_day_on_new_basis,shares_multiplier\nDOCK,{day},0.05\n")
    assert sizes.warnings(universes.load(mine)) == []
