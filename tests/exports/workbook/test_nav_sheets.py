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
from exports.workbook.writer.context import DCF
from exports.workbook.writer.input_register import FIRST, REGISTER
from exports.workbook.writer.sheet_list import NAV_SHEETS
from screener import pipeline, scenarios, universes
from tests.exports import recalculate as calc
from tests.exports.reading import cell, labelled, values
from tests.exports.workbook.test_conventions import BLACK, BLUE, GREEN, colour, refers
from tests.valuation.worlds import miners
from valuation.assumptions import Assumptions, Bridge
from valuation.nav.monte_carlo import tornado
from valuation.screen import Screen

DAYS = {"january": "2026-01-16", "before_any_contract": "2024-01-12", "june_2025": "2025-06-27", "autumn": "2026-10-05"}
# Label on Assumptions, name and new value; the bitcoin price and the switch stand in their own registries.
ASSUMED = (
    ("Cap rate, every other tenant", "cap_rate_other", 0.10),
    ("Cap rate after the base term, and of power not yet leased", "cap_rate_exit", 0.08),
    ("Cost of capital, hyperscaler pays or backs", "cost_of_capital_hyperscaler", 0.09),
    ("Cost of capital, every other tenant, and power not yet leased", "cost_of_capital_other", 0.12),
    ("Expected delay of every start still ahead", "delay_years", 1.0),
    ("Building cost of leased critical IT MW where not announced", "capex_lease_usd_per_mw", 9e6),
    ("Part of the building cost that the tenant pays where the source says it pays most of it", "tenant_paid_share", 0.5),
    ("The building cost is spent evenly over this time before the start", "build_years", 1.0),
    ("Announcement to start of a lease that states no start", "start_lag_lease_years", 2.0),
    ("Yearly step of the rent of a lease of seven years or more that discloses none", "escalator_unknown", 0.03),
    ("NOI margin of a lease that states none (modified gross)", "noi_margin_lease", 0.82),
    ("Mining goes on for this long", "mining_life_years", 5.5),
    ("Growth a year of hashprice between halvings", "hashprice_growth", 0.1),
    ("Power cost of mining where not reported", "power_cost_usd_per_kwh", 0.07),
    ("First deal: probability of a lease on approved power of a company that has signed none", "probability_first_deal",
     0.6),
    ("Other approved power, not in use and not leased: probability of a lease", "probability_approved", 0.3),
    ("Power in use for mining: probability of a lease that takes the place of mining", "probability_operating", 0.4),
    ("NOI a year of a critical IT MW leased today", "market_noi_usd_per_mw", 1.7e6),
    ("Part of the income that goes on after the base term (DCF)", "residual_share", 0.8),
    ("Income tax on contracts after depreciation (DCF)", "tax_rate", 0.30),
    ("Part of each year's rent that a tenant's rent credits may take until they are used up", "rent_credit_share", 0.35),
    ("Straight-line life of buildings, for tax", "building_life_years", 25.0),
    ("Cash overhead is capitalised at this many years of it", "overhead_multiple", 8.0),
)  # fmt: skip
EDITS = {label: value for label, _, value in ASSUMED} | {"Bitcoin price": 60_000, "Net restricted cash": 0}


EDITED = ("january", "autumn")
LONG = {"june_2025", "ramped"}  # tried before a release


def full(day: str, **options) -> Screen:
    named = [scenarios.load(name) for name in ("bitcoin-half", "gap-closes", "coreweave-defaults")]
    return pipeline.run("miners", pd.Timestamp(day), source="bundled", scenarios=named, **options)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory, pytestconfig) -> dict[str, tuple[Screen, Path, Path]]:
    """Workbooks as written and as LibreOffice recalculates them, and one of January with a committee's edits."""
    folder = tmp_path_factory.mktemp("worth")
    left_out = LONG if "not long" in pytestconfig.option.markexpr else set()
    made = {name: (full(day), folder / f"{name}.xlsx") for name, day in DAYS.items() if name not in left_out}
    for result, path in made.values():
        write(result, path)
    if "ramped" not in left_out:
        ramped = replace(Assumptions(), ramp_years=1.0)
        made["ramped"] = full(DAYS["january"], assumptions=ramped), folder / "ramped.xlsx"
        write(*made["ramped"])
    for name in EDITED:
        book = openpyxl.load_workbook(made[name][1])
        for words, value in EDITS.items():
            labelled(book, "Assumptions", words).value = value
        book["NAV"][chooser(book)].value = "MARA"
        made[f"edited_{name}"] = made[name][0], folder / f"edited_{name}.xlsx"
        book.save(made[f"edited_{name}"][1])
    anew = calc.recalculate_all([path for _, path in made.values()], folder)
    return {name: (*both, out) for (name, both), out in zip(made.items(), anew, strict=True)}


def chooser(book: openpyxl.Workbook) -> str:
    sheet = book["NAV"]
    row = next(r for r in range(1, sheet.max_row) if str(sheet.cell(r, 1).value).startswith("One company"))
    return sheet.cell(row, 5).coordinate


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.long) if n in LONG else n for n in (*DAYS, "ramped")]
)
def test_every_formula_equals_its_stored_value_and_none_is_an_error(shelf, name):
    _, path, anew = shelf[name]
    found = calc.values(anew)
    assert {k: v for k, v in found.items() if isinstance(v, str) and v.startswith("#")} == {}
    assert calc.differences(path, anew) == []
    # Before the first contract there is nothing to discount.
    expected = set(NAV_SHEETS) - ({DCF} if name == "before_any_contract" else set())
    assert expected <= {sheet for sheet, _ in calc.formulas(path)}


def test_a_screen_without_worth_has_none_of_the_sheets(tmp_path):
    result = pipeline.run("miners", pd.Timestamp("2026-01-16"), source="bundled")
    write(result, tmp_path / "plain.xlsx")
    assert not set(NAV_SHEETS) & set(openpyxl.load_workbook(tmp_path / "plain.xlsx", read_only=True).sheetnames)


@pytest.mark.parametrize("name", EDITED)
def test_what_a_committee_changes_moves_the_sheet_as_it_moves_python(shelf, name):
    changed = replace(Assumptions(), **{field: value for _, field, value in ASSUMED})
    day = pd.Timestamp(DAYS[name])
    network = miners().network
    week = network.loc[network["date"] <= day, "date"].max()
    network = network.assign(btc_usd=network["btc_usd"].where(network["date"] != week, 60_000.0))
    expected = pipeline.run(
        replace(miners(), network=network), day, source="bundled", assumptions=changed,
        switches=Bridge(net_restricted_cash=False), nav=True,
    )  # fmt: skip
    book = calc.load(shelf[f"edited_{name}"][2], values=True)
    table = expected.nav.nav.table.droplevel("as_of")
    # Hashrate told by revenue rests on past weeks' hashprice, which no cell of the sheet holds. The prepaid amounts of
    # single contracts are fixed at run time, as the sheet says: a millionth of all parts covers what they would move.
    parts = expected.nav.nav.parts.abs().sum(axis=1).droplevel("as_of")
    shares = table["diluted_shares"]
    near = {1e6: parts / 1e12, 1.0: parts / 1e6 / shares}
    compared = 0
    for header, column, unit in (
        ("Leases ($m)", "leases_dcf_usd", 1e6), ("Income tax ($m)", "contract_taxes_usd", 1e6),
        ("Net asset value ($m)", "nav_dcf_usd", 1e6), ("Net asset value, cap rate ($m)", "nav_cap_rate_usd", 1e6),
        ("NAV per share (USD)", "nav_dcf_per_share", 1.0),
        ("Floor ($m)", "floor_usd", 1e6), ("Capex to complete ($m)", "capex_to_spend_usd", 1e6),
        ("Mining ($m)", "mining_usd", 1e6), ("Approved ($m)", "approved_power_usd", 1e6),
        ("In use ($m)", "mining_power_usd", 1e6), ("Overhead, capitalised ($m)", "overhead_usd", 1e6),
    ):  # fmt: skip
        shown = values(book, "NAV", header)
        for ticker in table.index:
            if isinstance(shown[ticker], (int, float)) and ticker not in ("ABTC",):
                expected_value = pytest.approx(table.loc[ticker, column] / unit, rel=1e-6, abs=near[unit][ticker])
                assert shown[ticker] == expected_value, (ticker, header)
                compared += 1
    # Every company whose business the parts describe and whose coins, cash and debt are known.
    known = table.index[
        table["nav_dcf_usd"].notna() & expected.nav.nav.status.droplevel("as_of")["nav_dcf_usd"].ne("not_meaningful")
    ]
    shown = values(book, "NAV", "Net asset value ($m)")
    assert {t for t, v in shown.items() if isinstance(v, (int, float))} == set(known)
    assert compared > 150
    funded = expected.nav.funding.table.droplevel("as_of")
    for header, column, unit in (
        ("Funding gap ($m)", "funding_gap_usd", 1e6), ("0% in new shares (USD)", "nav_per_share_equity_0", 1.0),
        ("30% in new shares (USD)", "nav_per_share_equity_30", 1.0),
        ("100% in new shares (USD)", "nav_per_share_equity_100", 1.0),
    ):  # fmt: skip
        shown = {
            t: v for t, v in values(book, "Funding", header).items() if isinstance(v, (int, float)) and t != "ABTC"
        }
        assert shown == pytest.approx({t: funded.loc[t, column] / unit for t in shown}, rel=1e-6, abs=1e-4), header
        assert len(shown) >= 14


def test_a_choice_of_what_is_shown_is_no_changed_input(shelf):
    book = calc.load(shelf["january"][1], values=False)
    columns = [cell.value for cell in book[REGISTER][FIRST]]
    rows = [
        dict(zip(columns, row, strict=False)) for row in book[REGISTER].iter_rows(min_row=FIRST + 1, values_only=True)
    ]
    shown = [row for row in rows if row["sheet"] in ("Football field", "Sensitivity") and row["what"]]
    assert len(shown) == 2 + 2 * 7  # both yellow tickers, and the points of both axes
    assert [row for row in shown if row["changed"] is not None] == []


def test_the_waterfall_ties_and_follows_the_chosen_company(shelf):
    # WULF is the first of the screen that has a net asset value.
    for name, ticker in (("january", "WULF"), ("edited_january", "MARA")):
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
    spans = [abs(sheet.cell(r, 11).value - sheet.cell(r, 10).value) for r in range(top + 1, top + 7)]
    assert spans == sorted(spans)
    # Most of WULF's value is capex that is still to be spent: a sixth more or less of it moves a share by $2.05.
    assert sheet.cell(top + 6, 7).value == "Capex"
    assert spans[-1] == pytest.approx(tornado(shelf["january"][0].nav.nav, "WULF").loc["capex", "span"], rel=1e-6)


def test_the_years_of_the_backlog_add_up_and_tie_to_the_contracts(shelf):
    result, _, anew = shelf["january"]
    book = calc.load(anew, values=True)
    sheet = book["Backlog"]
    heads = {sheet.cell(6, c).value: c for c in range(1, sheet.max_column + 1) if sheet.cell(6, c).value}
    last = 6 + len(result.nav.book.calendar.contracts)
    ties = [sheet.cell(r, heads["Less backlog ($m)"]).value for r in range(7, last + 1)]
    assert [t for t in ties if isinstance(t, (int, float))] == pytest.approx(
        [0.0] * sum(isinstance(t, (int, float)) for t in ties)
    )
    assert sum(isinstance(t, (int, float)) for t in ties) > 10
    microsoft = cell(book, "Backlog", "IREN", "2027", also="IREN-MICROSOFT-202511").value
    assert microsoft == pytest.approx(1_940 * 365 / 365.25, rel=1e-3)
    total = labelled(book, "Backlog", "GPU cloud, revenue", heads["Sum of years ($m)"])
    # IREN-Microsoft, and 9.2 a year for five years of HUT-Highrise, whose start is assumed and whose MW nobody reports.
    assert total.value == pytest.approx(9_700 + 46, rel=1e-9)


def test_the_charts_are_native(shelf):
    with zipfile.ZipFile(shelf["january"][1]) as archive:
        charts = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/charts/chart")]
    titles = " ".join(t for c in charts for t in re.findall(r"<a:t>([^<]*)</a:t>", c))
    for title in ("Backlog of miners by year and counterparty, leases and GPU cloud together",
                  "Net asset value (DCF) by parts", "Tornado of the chosen company", "Hashprice by week",
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


@pytest.mark.long
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


def test_a_contract_discounted_by_hand_is_what_the_sheet_says(shelf):
    """RIOT-AMD of January 2026: one phase ahead, a tenant of investment grade, no step of the rent known or assumed."""
    result, _, anew = shelf["january"]
    book = calc.load(anew, values=True)
    contract = result.nav.nav.contracts.set_index("contract_id").loc["RIOT-AMD-202601"]
    part = result.tranches.set_index("contract_id").loc["RIOT-AMD-202601"]
    term, value, margin = contract["term_years"], contract["value_used_usd"] / 1e6, contract["margin_used"]
    growth, rate = contract["escalator_used"], 0.085 if contract["own_class"] == "investment_grade" else 0.11
    first = value * growth / ((1 + growth) ** term - 1) if growth else value / term
    wait = part["starts_in_years"] + 0.25
    rents = [first * (1 + growth) ** k for k in range(round(term))]
    worth = margin * sum(rent * (1 + rate) ** -(k + 0.5 + wait) for k, rent in enumerate(rents))
    assert term == round(term)
    assert contract["supported_share"] == 0
    assert contract["credited_usd"] == 0
    shown = cell(book, "DCF", "RIOT", "Base term, before tax ($m)", also="RIOT-AMD-202601").value
    assert shown == pytest.approx(worth, rel=1e-9)
    building = contract["building_capex_usd"] / 1e6
    losses, tax = 0.0, 0.0
    for k, rent in enumerate(rents):
        income = rent * margin - (building / 20 if k < 20 else 0.0)
        taxed = max(0.0, income - losses)
        losses = max(0.0, losses - income)
        tax += 0.25 * taxed * (1 + rate) ** -(k + 0.5 + wait)
    assert cell(book, "DCF", "RIOT", "Income tax ($m)", also="RIOT-AMD-202601").value == pytest.approx(-tax, rel=1e-9)
    after = margin * rents[-1] * 0.5 / 0.075 * (1 + rate) ** -(term + wait)
    assert cell(book, "DCF", "RIOT", "After the base term ($m)", also="RIOT-AMD-202601").value == pytest.approx(after)


def test_debt_falls_due_in_the_years_that_debt_csv_says(shelf):
    anew = shelf["autumn"][2]
    sheet = calc.load(anew, values=True)["Funding"]
    heads = {str(c.value): c.column for row in sheet.iter_rows() for c in row if str(c.value) in ("2030", "Sum ($m)")}
    top = next(r for r in range(10, sheet.max_row) if sheet.cell(r, heads["2030"]).value == "2030")
    shown = {sheet.cell(r, 1).value: sheet.cell(r, heads["2030"]).value for r in range(top + 1, top + 20)}
    rows = universes.load("miners").debt
    rows = rows[(rows["known_on"] <= "2026-10-05") & rows["matures_on"].astype(str).str.startswith("2030")]
    plain = rows[rows["drawn"].isna()].drop_duplicates(["ticker", "instrument"], keep="last")
    only = set(rows["ticker"]) - set(rows.loc[rows["drawn"].notna(), "ticker"])
    sums = (plain.groupby("ticker")["principal_usd"].sum() / 1e6).to_dict()
    assert len(only) >= 3
    for ticker in only:
        assert shown[ticker] == pytest.approx(sums[ticker]), ticker
