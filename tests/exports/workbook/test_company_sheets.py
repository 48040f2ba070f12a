"""Football field, two-way tables, live scenarios and a sheet for each company: recalculated, flexed and compared."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from exports.tables.record import RECORD_SHEET
from exports.workbook import write
from exports.workbook.companies.page import names
from exports.workbook.writer.context import CHART_DATA, COMPANY_WEEKS
from exports.workbook.writer.input_register import REGISTER
from exports.workbook.writer.sheet_list import SHEETS
from screener import pipeline, scenarios, universes
from screener.company import profiles
from screener.loading import load_inputs
from screener.run_config import resolve_config
from screener.screen import screen_on, value_dates
from screener.universes import Universe
from tests.exports import gnumeric
from tests.exports import recalculate as calc
from tests.exports.conftest import FEW_DRAWS
from tests.exports.reading import labelled
from tests.exports.workbook.test_safety import HOSTILE, with_texts
from valuation.company_profile import CompanyProfile
from valuation.nav.analysis import compare
from valuation.nav.scenarios import Scenario
from valuation.report import Report

pytestmark = [pytest.mark.takes(60), pytest.mark.long]
DAYS = {"january": "2026-01-16", "autumn": "2026-10-05", "before_any_contract": "2024-01-12"}
LONG_DAYS = ["before_any_contract", *(pytest.param(name, marks=pytest.mark.long) for name in ("january", "autumn"))]
CAP_RATES = ("cap_rate_hyperscaler", "cap_rate_investment_grade", "cap_rate_other", "cap_rate_exit")
PICKED = "RIOT"
BITCOIN = 60_000.0


def made(universe: Universe, day: str, studies: bool = False) -> tuple[Report, tuple[CompanyProfile, ...]]:
    """A report with every scenario, and a profile of each of its companies."""
    config = resolve_config(universe, assumptions=FEW_DRAWS)
    when = pd.Timestamp(day)
    data = load_inputs(config.universe, when, "bundled", lambda _: None)
    dates = pipeline.stage_dates(data, when, studies=studies, companies=True)
    valued = value_dates(config, data, when, dates)
    every = [scenarios.load(name) for name in scenarios.names()]
    report = pipeline.add_stages(
        config, data, screen_on(config, data, valued, when), valued, studies=studies, nav=True, scenarios=every
    )
    return report, profiles(config, data, report, valued, [str(ticker) for ticker in report.table.index])


@dataclass(frozen=True)
class Shelved:
    """A workbook, as recalculated, and what it shows."""

    report: Report
    found: tuple[CompanyProfile, ...]
    path: Path
    anew: Path


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> dict[str, Shelved]:
    folder = tmp_path_factory.mktemp("companies")
    miners = universes.load("miners")
    volumes = {name: made(miners, day, studies=name == "january") for name, day in DAYS.items()}
    paths = {name: folder / f"{name}.xlsx" for name in volumes}
    for name, (report, found) in volumes.items():
        write(report, paths[name], profiles=found)
    book = openpyxl.load_workbook(paths["autumn"])
    for title in ("Sensitivity", "Football field"):
        book[title]["D5"].value = PICKED
    labelled(book, "Assumptions", "Bitcoin price").value = BITCOIN
    paths["edited"] = folder / "edited.xlsx"
    book.save(paths["edited"])
    volumes["edited"] = volumes["autumn"]
    anew = calc.recalculate_all(list(paths.values()), folder)
    return {
        name: Shelved(*volumes[name], path, out) for (name, path), out in zip(paths.items(), anew, strict=True)
    }  # fmt: skip


@pytest.mark.parametrize("name", LONG_DAYS)
def test_every_formula_equals_its_stored_value_and_none_is_an_error(shelf, name):
    found = calc.values(shelf[name].anew)
    assert {k: v for k, v in found.items() if isinstance(v, str) and v.startswith(("#", "Err:"))} == {}
    assert calc.differences(shelf[name].path, shelf[name].anew) == []
    live = [place for place in calc.formulas(shelf[name].path) if place[0] in {one.ticker for one in shelf[name].found}]
    assert len(live) > 20 * len(shelf[name].found)


@pytest.mark.parametrize("name", DAYS)
def test_gnumeric_says_of_every_formula_what_is_stored_and_what_libreoffice_says(shelf, name, tmp_path):
    anew = gnumeric.recalculate(shelf[name].path, tmp_path)
    assert gnumeric.differences(shelf[name].path, anew) == []
    assert gnumeric.apart(shelf[name].path, shelf[name].anew, anew) == []


def test_tables_and_charts_of_a_chosen_company_follow_the_yellow_cells_in_gnumeric(shelf, tmp_path):
    """Both tickers and the bitcoin price changed: Gnumeric's cells move, and to where LibreOffice's do."""
    before, edited = shelf["autumn"], shelf["edited"]
    anew = gnumeric.recalculate(edited.path, tmp_path)
    assert gnumeric.apart(edited.path, edited.anew, anew) == []
    stored, now = calc.values(before.path), gnumeric.values(anew)
    moved = Counter(
        sheet for sheet, cell in calc.formulas(edited.path) if stored.get((sheet, cell)) != now.get((sheet, cell))
    )
    for sheet, least in {"Sensitivity": 4 * 49, "Football field": 100, "NAV": 100, "Scenarios": 10, PICKED: 20}.items():
        assert moved[sheet] > least, moved


def grid(path: Path, title: str) -> tuple[list[float], list[float], list[list[object]]]:
    """Steps of the cap rates, bitcoin prices and values of the table under a title of the sheet Sensitivity."""
    sheet = calc.load(path, values=True)["Sensitivity"]
    (head,) = [row for row in range(1, sheet.max_row) if str(sheet.cell(row, 1).value).startswith(title)]
    prices = [sheet.cell(head + 2, c).value for c in range(3, 10)]
    rows = range(head + 3, head + 10)
    values = [[sheet.cell(row, c).value for c in range(3, 10)] for row in rows]
    return [sheet.cell(row, 1).value for row in rows], prices, values


def expected(report: Report, ticker: str, points: float, bitcoin: float) -> pd.Series:
    """The engine's own row: cap rates changed by points, bitcoin and hashprice by a multiple."""
    scenario = Scenario("point", "A point", bitcoin=bitcoin, add=dict.fromkeys(CAP_RATES, points))
    return compare(report.nav, scenario).table.loc[ticker]


@pytest.mark.parametrize("name", ["january", "autumn"])
def test_nine_points_of_the_two_way_tables_are_the_engines(shelf, name):
    report = shelf[name].report
    sheet = calc.load(shelf[name].anew, values=True)["Sensitivity"]
    _nine(report, str(sheet["D5"].value), shelf[name].anew, 1.0)


def _nine(report: Report, ticker: str, path: Path, market: float) -> None:
    price = report.table.at[ticker, "price_usd"]
    for title, column in (("by DCF", "nav_after"), ("by cap rate", "cap_rate_after")):
        points, prices, shares = grid(path, f"NAV per share (USD) {title}")
        _, _, ratios = grid(path, f"Price / NAV (x) {title}")
        seen = set()
        for k in (0, 3, 6):
            for j in (0, 3, 6):
                bitcoin = prices[j] / report.btc_usd
                value = expected(report, ticker, points[k], bitcoin)[column]
                assert shares[k][j] == pytest.approx(value, rel=1e-9), (title, k, j)
                ratio = pytest.approx(price / value, rel=1e-9) if value > 0 else "n.m."
                assert ratios[k][j] == ratio, (title, k, j)
                seen.add(round(value, 6))
        assert prices[3] == pytest.approx(report.btc_usd * market, rel=1e-12)
        assert len(seen) == 9


def test_the_two_way_tables_follow_the_ticker_and_the_bitcoin_price(shelf):
    """RIOT instead of the first company, at 60,000 USD: hashprice follows, as in a scenario of the engine."""
    report = shelf["edited"].report
    _nine(report, PICKED, shelf["edited"].anew, BITCOIN / report.btc_usd)
    before, after = (grid(shelf[name].anew, "Price / NAV (x) by DCF")[2] for name in ("autumn", "edited"))
    assert before != after


def table(path: Path, name: str) -> dict[str, dict[str, object]]:
    """Rows of the football field by ticker: `low` and `high` by the method above them."""
    sheet = calc.load(path, values=True)["Football field"]
    (head,) = [r for r in range(1, sheet.max_row) if [sheet.cell(r, c).value for c in (1, 2)] == ["Ticker", "Company"]]
    sections, out = {}, {}
    last = ""
    for c in range(4, sheet.max_column + 1):
        last = str(sheet.cell(head - 1, c).value or last)
        title = str(sheet.cell(head, c).value or "")
        if title.startswith(("Low", "High")):
            sections[c] = f"{last} {title.split(',', maxsplit=1)[0].lower()}"
    for row in range(head + 1, sheet.max_row):
        if not sheet.cell(row, 1).value:
            break
        out[str(sheet.cell(row, 1).value)] = {key: sheet.cell(row, c).value for c, key in sections.items()}
    return out


def test_the_football_field_holds_the_values_of_the_run(shelf):
    volume = shelf["autumn"]
    rows, nav = table(volume.anew, "autumn"), volume.report.nav.nav.table.droplevel("as_of")
    drawn = volume.report.nav.simulation.table
    line = volume.report.regression
    width = math.sqrt(sum(line.sample["residual"] ** 2) / (line.n - 2))
    by_ticker = {one.ticker: one for one in volume.found}
    counted = 0
    for ticker, row in rows.items():
        mine = nav.loc[ticker]
        if isinstance(row["NAV, two methods low"], str):
            continue
        counted += 1
        pair = sorted([mine["nav_dcf_per_share"], mine["nav_cap_rate_per_share"]])
        assert [row["NAV, two methods low"], row["NAV, two methods high"]] == pytest.approx(pair, rel=1e-9)
        assert row["Floor to NAV (DCF) low"] == pytest.approx(mine["floor_per_share"], rel=1e-9)
        assert row["Simulated, fixed high"] == pytest.approx(drawn.at[ticker, "p95"], rel=1e-9)
        outcomes = [one.table.at[ticker, "nav_after"] for one in volume.report.scenarios]
        # Where NAV is not positive a change in percent means nothing, and there is no range.
        if mine["nav_dcf_per_share"] > 0:
            ends = min([mine["nav_dcf_per_share"], *outcomes]), max([mine["nav_dcf_per_share"], *outcomes])
            shown = row["Scenarios, part fixed low"], row["Scenarios, part fixed high"]
            assert shown == pytest.approx(ends, abs=1e-6)
        if ticker in line.sample.index:
            screen = volume.report.table.loc[ticker]
            at = (
                math.exp(line.intercept + line.slope * screen["ai_share_contracted"] + width)
                * screen["secured_mw"]
                * 1e6
            )
            equity = at - (screen["enterprise_value_usd"] - screen["equity_value_usd"])
            assert row["Regression line high"] == pytest.approx(equity / screen["diluted_shares"], rel=1e-9)
        closes = by_ticker[ticker].closes.loc["2025-10-06":"2026-10-05"]
        assert row["52 weeks, fixed low"] == pytest.approx(closes.min(), rel=1e-9)
    assert counted > 12


def test_the_bars_of_the_chosen_company_follow_the_ticker(shelf):
    def labels(name: str) -> list[str]:
        sheet = calc.load(shelf[name].anew, values=True)["Football field"]
        (head,) = [r for r in range(1, sheet.max_row) if str(sheet.cell(r, 2).value).startswith("Chosen company")]
        return [str(sheet.cell(head + k, 2).value) for k in range(1, 7)]

    row = table(shelf["edited"].anew, "edited")[PICKED]
    low, high = row["NAV, two methods low"], row["NAV, two methods high"]
    assert f"NAV: cap rate and DCF: {low:,.2f} to {high:,.2f}" in labels("edited")
    assert labels("autumn") != labels("edited")


def test_scenarios_of_the_market_follow_a_changed_bitcoin_price(shelf):
    """Half of 60,000 USD: the engine's change from a base case at 60,000."""
    report = shelf["edited"].report
    sheet = calc.load(shelf["edited"].anew, values=True)["Scenarios"]
    (head,) = [r for r in range(1, 12) if sheet.cell(r, 1).value == "Ticker"]
    titles = {str(sheet.cell(head, c).value): c for c in range(1, sheet.max_column + 1) if sheet.cell(head, c).value}
    assert {"bitcoin-half", "bitcoin-30", "hashrate-leaves"} <= set(titles)
    assert "ai-cools, fixed at run" in titles
    level = BITCOIN / report.btc_usd
    base, half = (compare(report.nav, Scenario("x", "x", bitcoin=level * part)).table for part in (1.0, 0.5))
    seen = 0
    for row in range(head + 1, head + 1 + len(report.table)):
        ticker, shown = sheet.cell(row, 1).value, sheet.cell(row, titles["bitcoin-half"]).value
        before, after = base.at[ticker, "nav_after"], half.at[ticker, "nav_after"]
        if isinstance(shown, str):
            assert not before > 0
            continue
        seen += 1
        assert shown == pytest.approx(after / before - 1, rel=1e-9, abs=1e-12)
        assert sheet.cell(row, titles["bitcoin-half, price"]).value == pytest.approx(max(-1.0, shown), rel=1e-12)
    assert seen > 12


@pytest.mark.parametrize("name", LONG_DAYS)
def test_a_companys_sheet_shows_its_bridge_and_is_three_pages(shelf, name):
    volume = shelf[name]
    book, anew = calc.load(volume.path, values=False), calc.load(volume.anew, values=True)
    assert book.sheetnames == [
        *(n for n in SHEETS if n in book.sheetnames and n != CHART_DATA),
        *(p.ticker for p in volume.found),
        COMPANY_WEEKS,
        CHART_DATA,
        REGISTER,
        RECORD_SHEET,
    ]
    for found in volume.found:
        sheet = book[found.ticker]
        assert sheet.page_setup.scale >= 60
        assert sheet.page_setup.paperSize in ("1", 1)
        assert len(sheet.row_breaks.brk) == 2
        last = int(sheet.print_area.rpartition("$")[2])
        assert max(c.row for row in sheet.iter_rows() for c in row if c.value is not None) <= last
        ev = volume.report.table.at[found.ticker, "enterprise_value_usd"]
        (place,) = [r for r in range(1, 60) if sheet.cell(r, 1).value == "Enterprise value"]
        assert sheet.cell(place, 2).value.startswith("='EV bridge'!")
        shown = anew[found.ticker].cell(place, 2).value
        assert shown == ("n/a" if math.isnan(ev) else pytest.approx(ev / 1e6, rel=1e-9))


def test_a_companys_sheet_prints_on_three_pages(shelf, tmp_path):
    (paper,) = calc.convert([shelf["january"].path], tmp_path, "pdf")
    pages = calc.read(paper).split("\f")
    assert not [line for page in pages for line in page.splitlines() if "###" in line]
    for found in shelf["january"].found:
        heads = [line for page in pages if page.strip() for line in page.strip().splitlines()[:1]]
        own = [head for head in heads if re.search(rf"\s\s{re.escape(found.ticker)}\s+As of ", head)]
        assert len(own) == 3, found.ticker


def test_the_same_report_gives_the_same_bytes(shelf, tmp_path):
    volume = shelf["autumn"]
    write(volume.report, tmp_path / "again.xlsx", profiles=volume.found)
    assert (tmp_path / "again.xlsx").read_bytes() == volume.path.read_bytes()


def test_hostile_texts_stay_text_on_every_companys_sheet(miners, tmp_path):
    report, found = made(with_texts(miners, HOSTILE), "2026-01-16")
    write(report, tmp_path / "hostile.xlsx", profiles=found)
    book = openpyxl.load_workbook(tmp_path / "hostile.xlsx")
    seen = 0
    for one in found:
        for cell in (c for row in book[one.ticker].iter_rows() for c in row if c.value is not None):
            link = cell.hyperlink
            assert link is None or link.location or link.target.startswith("https://")
            if any(text.strip() in str(cell.value) for text in HOSTILE) and cell.data_type != "f":
                assert cell.data_type == "s"
                seen += 1
            if cell.data_type == "f":
                assert "HYPERLINK" not in str(cell.value)
    assert seen > 10


def test_names_of_sheets_are_fit_for_excel_and_never_taken_twice():
    made_of = names(["NAV", "nav", "A/B:C*D?E[F]'", "history", "x" * 40, "RIOT"], SHEETS)
    assert made_of["RIOT"] == "RIOT"
    assert made_of["NAV"] not in SHEETS
    every = [name.casefold() for name in made_of.values()]
    assert len(set(every)) == len(every)
    assert not {*every} & {name.casefold() for name in (*SHEETS, "History")}
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in made_of.values())


def test_a_report_without_profiles_has_no_such_sheet(shelf, tmp_path):
    write(shelf["autumn"].report, tmp_path / "plain.xlsx")
    assert COMPANY_WEEKS not in openpyxl.load_workbook(tmp_path / "plain.xlsx", read_only=True).sheetnames
    alone = replace(shelf["autumn"].report, scenarios=())
    write(alone, tmp_path / "one.xlsx", profiles=shelf["autumn"].found[:1])
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    assert book.active.title == shelf["autumn"].found[0].ticker
