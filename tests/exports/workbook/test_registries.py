"""A metric, a denominator, a group rule and an assumption added to their registries reach the workbook, recalculated."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from exports.workbook import write
from tests.exports import recalculate as calc
from tests.exports.conftest import screened
from tests.exports.test_registries import added  # noqa: F401 one of each stands in its registry
from valuation.assumptions import Assumptions
from valuation.report import Report


@pytest.fixture
def made(miners, tmp_path) -> tuple[Report, Path]:
    few = replace(Assumptions(), bootstrap_draws=99)  # made anew: the added assumption is part of it
    result = screened(miners, "2026-01-16", assumptions=few, rule="mw100", studies=True, nav=True)
    write(result, tmp_path / "added.xlsx")
    return result, tmp_path / "added.xlsx"


def column(path: Path, sheet: str, header: str) -> dict[str, object]:
    """The cells under a header by the ticker in the first column."""
    page = calc.load(path, values=True)[sheet]
    (head,) = [c for row in page.iter_rows() for c in row if c.value == header]
    below = range(head.row + 1, page.max_row + 1)
    return {page.cell(row, 1).value: page.cell(row, head.column).value for row in below if page.cell(row, 1).value}


@pytest.mark.long
def test_one_of_each_reaches_the_workbook_and_recalculates_without_error(made, tmp_path):
    result, path = made
    anew = calc.recalculate(path, tmp_path / "anew")
    assert calc.differences(path, anew) == []
    cells = calc.values(anew)
    assert [place for place, value in cells.items() if str(value).startswith(("#", "Err:"))] == []
    riot = result.table.loc["RIOT"]
    assert column(anew, "Screen", "Net debt ($m)")["RIOT"] == pytest.approx(riot["net_debt_usd"] / 1e6)
    multiple = column(anew, "Multiples", "EV / pipeline MW ($m per MW)")
    known = result.status["ev_per_mw_pipeline"].isin(["ok", "stale", "proxy"])
    assert known.sum() >= 3
    for ticker in result.table.index[known]:
        assert multiple[ticker] == pytest.approx(result.table.at[ticker, "ev_per_mw_pipeline"], rel=1e-9)
    shown = defaultdict(set)
    for (sheet, _), value in cells.items():
        shown[sheet].add(value)
    assert {"Pivot: EV / pipeline MW ($m per MW)", "EV / pipeline MW ($m per MW)"} <= shown["Gap"]
    assert {"EV / pipeline MW", "Group: mw100"} <= shown["Specification curve"]
    assert {"Share of power resold", "fixed at run time; run again to change it"} <= shown["Assumptions"]
    assert any("mw100" in str(value) for value in shown["Assumptions"])
