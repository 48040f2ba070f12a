"""Backlog, NAV, Mining and Scenarios: LibreOffice computes what Python stored, and follows what a committee flexes."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from exports.workbook import write
from exports.workbook.writer.context import NAV_SHEETS
from screener import pipeline, scenarios
from tests.exports import recalculate as calc
from tests.exports.reading import cell, labelled, values
from tests.exports.workbook.test_conventions import BLACK, BLUE, GREEN, colour, refers
from valuation.assumptions import Assumptions, Bridge
from valuation.screen import Screen

DAYS = {"january": "2026-01-16", "before_any_contract": "2024-01-12", "june_2025": "2025-06-27", "autumn": "2026-10-05"}
EDITS = {"Cap rate, every other tenant": 0.10, "Expected delay of every start still ahead": 1.0, "Bitcoin price": 60_000,
         "Building cost of leased critical IT MW where not announced": 9e6, "Mining goes on for this long": 5.5,
         "Approved power, not in use and not leased: probability of a lease": 0.3,
         "Growth a year of hashprice between halvings": 0.1,
         "Cost of capital, hyperscaler pays or backs": 0.09,
         "Part of the income that goes on after the base term (DCF)": 0.8,
         "Announcement to start of a lease that states no start": 2.0, "Net restricted cash": 0,
         "Power cost of mining where not reported": 0.07, "Part of the building cost that the tenant pays where the source "
         "says it pays most of it": 0.5}  # fmt: skip


def full(day: str, **options) -> Screen:
    named = [scenarios.load(name) for name in ("bitcoin-half", "gap-closes", "coreweave-defaults")]
    return pipeline.run("miners", pd.Timestamp(day), source="bundled", scenarios=named, **options)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> dict[str, tuple[Screen, Path, Path]]:
    """Workbooks as written and as LibreOffice recalculates them, and one of January with a committee's edits."""
    folder = tmp_path_factory.mktemp("worth")
    made = {name: (full(day), folder / f"{name}.xlsx") for name, day in DAYS.items()}
    for result, path in made.values():
        write(result, path)
    ramped = replace(Assumptions(), ramp_years=1.0)
    made["ramped"] = full(DAYS["january"], assumptions=ramped), folder / "ramped.xlsx"
    write(*made["ramped"])
    book = openpyxl.load_workbook(made["january"][1])
    for words, value in EDITS.items():
        labelled(book, "Assumptions", words).value = value
    book["NAV"][chooser(book)].value = "MARA"
    made["edited"] = made["january"][0], folder / "edited.xlsx"
    book.save(made["edited"][1])
    anew = calc.recalculate_all([path for _, path in made.values()], folder)
    return {name: (*both, out) for (name, both), out in zip(made.items(), anew, strict=True)}


def chooser(book: openpyxl.Workbook) -> str:
    sheet = book["NAV"]
    row = next(r for r in range(1, sheet.max_row) if str(sheet.cell(r, 1).value).startswith("One company"))
    return sheet.cell(row, 5).coordinate


@pytest.mark.parametrize("name", [*DAYS, "ramped"])
def test_every_formula_equals_its_stored_value_and_none_is_an_error(shelf, name):
    _, path, anew = shelf[name]
    found = calc.values(anew)
    assert {k: v for k, v in found.items() if isinstance(v, str) and v.startswith("#")} == {}
    assert calc.differences(path, anew) == []
    assert set(NAV_SHEETS) <= {sheet for sheet, _ in calc.formulas(path)}


def test_a_screen_without_worth_has_none_of_the_sheets(tmp_path):
    result = pipeline.run("miners", pd.Timestamp("2026-01-16"), source="bundled")
    write(result, tmp_path / "plain.xlsx")
    assert not set(NAV_SHEETS) & set(openpyxl.load_workbook(tmp_path / "plain.xlsx", read_only=True).sheetnames)


def test_what_a_committee_changes_moves_the_sheet_as_it_moves_python(shelf):
    changed = replace(
        Assumptions(), cap_rate_other=0.10, delay_years=1.0, capex_lease_usd_per_mw=9e6, probability_approved=0.3,
        hashprice_growth=0.1, mining_life_years=5.5, cost_of_capital_hyperscaler=0.09, residual_share=0.8,
        start_lag_lease_years=2.0, power_cost_usd_per_kwh=0.07, tenant_paid_share=0.5,
    )  # fmt: skip
    from tests.valuation.worlds import miners

    network = miners().network
    network = network.assign(btc_usd=network["btc_usd"].where(network["date"] != "2026-01-16", 60_000.0))
    expected = pipeline.run(
        replace(miners(), network=network), pd.Timestamp("2026-01-16"), source="bundled", assumptions=changed,
        switches=Bridge(net_restricted_cash=False), nav=True,
    )  # fmt: skip
    book = calc.load(shelf["edited"][2], values=True)
    table = expected.nav.nav.table.droplevel("as_of")
    # Hashrate that is told by revenue rests on past weeks' hashprice, which no cell of the sheet holds.
    for header, name, unit in (
        ("Net asset value ($m)", "nav_cap_rate_usd", 1e6), ("Net asset value, DCF ($m)", "nav_dcf_usd", 1e6),
        ("Floor ($m)", "floor_usd", 1e6), ("Capex to complete ($m)", "capex_to_spend_usd", 1e6),
        ("Mining ($m)", "mining_usd", 1e6), ("Approved ($m)", "approved_power_usd", 1e6),
    ):  # fmt: skip
        shown = values(book, "NAV", header)
        for ticker in table.index:
            if isinstance(shown[ticker], (int, float)) and ticker not in ("ABTC",):
                assert shown[ticker] == pytest.approx(table.loc[ticker, name] / unit, rel=1e-6), (ticker, header)
    assert sum(isinstance(v, (int, float)) for v in values(book, "NAV", "Net asset value ($m)").values()) == 15


def test_the_waterfall_ties_and_follows_the_chosen_company(shelf):
    for name, ticker in (("january", "APLD"), ("edited", "MARA")):
        book = calc.load(shelf[name][2], values=True)
        sheet = book["NAV"]
        assert sheet[chooser(book)].value == ticker
        rows = {sheet.cell(r, 1).value: r for r in range(1, sheet.max_row) if sheet.cell(r, 1).value}
        end, tie = rows["Net asset value"], rows["Less the net asset value above ($m; zero where it ties)"]
        assert sheet.cell(end, 3).value == pytest.approx(values(book, "NAV", "Net asset value ($m)")[ticker])
        assert sheet.cell(tie, 3).value == 0
        first = rows["Leases"]
        parts = [sheet.cell(r, 3).value for r in range(first, end)]
        assert sum(parts) == pytest.approx(sheet.cell(end, 3).value)
        for row in range(first, end):
            base, up, down = (sheet.cell(row, c).value for c in (5, 6, 7))
            assert min(base, up, down) >= 0
            assert up == 0 or down == 0


def test_the_tornado_is_sorted_by_span(shelf):
    book = calc.load(shelf["january"][2], values=True)
    sheet = book["NAV"]
    top = next(r for r in range(1, sheet.max_row) if sheet.cell(r, 1).value == "Driver")
    spans = [abs(sheet.cell(r, 10).value - sheet.cell(r, 9).value) for r in range(top + 1, top + 7)]
    assert spans == sorted(spans)
    assert sheet.cell(top + 6, 8).value == "Cap rates"


def test_the_years_of_the_backlog_add_up_and_tie_to_the_contracts(shelf):
    result, _, anew = shelf["january"]
    book = calc.load(anew, values=True)
    sheet = book["Backlog"]
    heads = {sheet.cell(8, c).value: c for c in range(1, sheet.max_column + 1) if sheet.cell(8, c).value}
    last = 8 + len(result.nav.book.calendar.contracts)
    ties = [sheet.cell(r, heads["Less backlog ($m)"]).value for r in range(9, last + 1)]
    assert [t for t in ties if isinstance(t, (int, float))] == pytest.approx(
        [0.0] * sum(isinstance(t, (int, float)) for t in ties)
    )
    assert sum(isinstance(t, (int, float)) for t in ties) > 10
    microsoft = cell(book, "Backlog", "IREN", "2027", also="IREN-MICROSOFT-202511").value
    assert microsoft == pytest.approx(1_940 * 365 / 365.25, rel=1e-3)
    total = labelled(book, "Backlog", "GPU cloud, revenue", heads["Sum of years ($m)"])
    assert total.value == pytest.approx(
        9_700 + 46 - 9.2 * (pd.Timestamp("2026-01-16") - pd.Timestamp("2025-01-14")).days / 365.25, rel=1e-4
    )


def test_the_charts_are_native(shelf):
    with zipfile.ZipFile(shelf["january"][1]) as archive:
        charts = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/charts/chart")]
    titles = " ".join(t for c in charts for t in re.findall(r"<a:t>([^<]*)</a:t>", c))
    for title in ("Backlog of miners by year and counterparty, leases and GPU cloud together", "Net asset value by parts",
                  "Tornado of the chosen company", "Hashprice by week",
                  "Change in NAV per share"):  # fmt: skip
        assert title in titles
    (backlog,) = [c for c in charts if "Backlog of miners" in c]
    assert '<c:grouping val="stacked"/>' in backlog
    assert backlog.count("<c:ser>") == 8


@pytest.fixture(scope="module")
def opened(shelf) -> openpyxl.Workbook:
    return calc.load(shelf["january"][1], values=False)


@pytest.mark.parametrize("title", NAV_SHEETS)
def test_numbers_are_blue_calculations_black_and_links_green(opened, title):
    wrong = []
    for item in (c for row in opened[title].iter_rows() for c in row if c.value is not None):
        if item.data_type in ("n", "d"):
            expected = BLUE
        elif item.data_type == "f":
            own, other = refers(item.value)
            expected = GREEN if other and not own else BLACK
        else:
            continue
        if colour(item) != expected:
            wrong.append((item.coordinate, colour(item), expected, item.value))
    assert wrong == []


def test_the_same_screen_gives_the_same_bytes(tmp_path):
    result = full("2026-01-16")
    for name in ("a", "b"):
        write(result, tmp_path / f"{name}.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_leases_and_cloud_are_labelled_where_they_stand_together(opened):
    text = " ".join(str(c.value) for row in opened["Backlog"].iter_rows() for c in row if isinstance(c.value, str))
    assert "leases and GPU cloud together" in text
    assert {"Leases, revenue", "Leases, NOI", "GPU cloud, revenue", "GPU cloud, EBITDA"} <= {
        c.value for row in opened["Backlog"].iter_rows() for c in row
    }
