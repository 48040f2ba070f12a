"""The portfolio's workbook: recalculated it is what is stored, users' text never runs, edits follow through."""

from __future__ import annotations

import math
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist

import openpyxl
import pandas as pd
import pytest

from exports.workbook import portfolio as portfolio_book
from screener import portfolio
from screener.loading import load_inputs
from screener.portfolio import Settings
from screener.run_config import resolve_config
from tests.exports import gnumeric
from tests.exports.recalculate import differences, formulas, recalculate, recalculate_all, values
from tests.screener.portfolio.made import holdings
from valuation.portfolio.limits import LIMITS
from valuation.portfolio.liquidity import liquidity

HERE = Path(__file__).parents[2] / "screener" / "holdings"
BUNDLED = Settings(fx={"CAD": 0.72})
ODD = {
    "cash": "Symbol,Quantity\nCASH,100\n",
    "stranger": "Symbol,Quantity,Price\nXYZQ,5,10\n",
    "underwater": "Symbol,Quantity\nRIOT,-100\n",
    "unpriced": "Symbol,Quantity\nXYZQ,5\nCANG,10\nABTC,20\nGREE,5\n",
    "unknown": "Symbol,Quantity\nXYZQ,5\n",
}
NASTY = [
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    "\tx",
    "https://evil.example",
    "1e5",
]


def report(*paths: Path, day: str = "2026-10-05", settings: Settings = BUNDLED, held=None):
    config, as_of = resolve_config("miners"), pd.Timestamp(day)
    data = load_inputs(config.universe, as_of, "bundled")
    return portfolio.report(config, data, held or portfolio.read(list(paths)), as_of, settings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("books")


@pytest.fixture(scope="module")
def october(folder):
    path = folder / "october.xlsx"
    found = report(HERE / "fidelity.csv", HERE / "schwab.csv", HERE / "interactive_brokers.csv")
    portfolio_book.write(found, path)
    return found, path


@pytest.fixture(scope="module")
def every_kind(folder):
    """Options, a future, a CFD, a bond; limits of which one is in breach; volumes of some names."""
    path = folder / "every_kind.xlsx"
    limits = {name: replace(LIMITS[name], value=at) for name, at in (("largest_long", 0.25), ("gross_exposure", 1.5))}
    found = report(settings=replace(BUNDLED, limits=limits), held=holdings())
    volumes = pd.Series({"RIOT": 900_000.0, "WULF": 30_000.0, "MARA": 2_000_000.0, "SPY": float("nan")})
    found = replace(found, liquidity=liquidity(found.portfolio, volumes, 20, "a source"), liquidity_note="")
    portfolio_book.write(found, path)
    return found, path


@pytest.fixture(scope="module")
def recalculated(october, every_kind, folder, pytestconfig):
    """Every workbook computed anew in one start of LibreOffice, by name; the odd ones only where long tests run."""
    paths = {"october": october[1], "every_kind": every_kind[1]}
    for name, text in ({} if "not long" in pytestconfig.option.markexpr else ODD).items():
        held, paths[name] = folder / f"{name}.csv", folder / f"{name}.xlsx"
        held.write_text(text)
        portfolio_book.write(report(held), paths[name])
    again = recalculate_all(list(paths.values()), folder)
    return {name: (path, anew) for (name, path), anew in zip(paths.items(), again, strict=True)}


@pytest.mark.parametrize(
    "name", ["october", "every_kind", *(pytest.param(name, marks=pytest.mark.long) for name in ODD)]
)
def test_recalculated_every_book_is_what_is_stored(recalculated, name):
    path, again = recalculated[name]
    assert differences(path, again) == []
    found = values(again)
    assert {place: v for place, v in found.items() if isinstance(v, str) and v.startswith(("#", "Err:"))} == {}


@pytest.mark.parametrize("name", ["every_kind", *(pytest.param(n, marks=pytest.mark.long) for n in ("october", *ODD))])
def test_gnumeric_says_of_every_formula_what_is_stored_and_what_libreoffice_says(recalculated, name, tmp_path):
    path, again = recalculated[name]
    second = gnumeric.recalculate(path, tmp_path)
    assert gnumeric.differences(path, second) == []
    assert gnumeric.apart(path, again, second) == []


def test_the_first_page_links_to_every_sheet_and_shows_their_figures(every_kind):
    found, path = every_kind
    book = openpyxl.load_workbook(path)
    page = book["Portfolio"]
    links = {c.hyperlink.location.rpartition("!")[0].strip("'") for row in page.iter_rows() for c in row if c.hyperlink}
    assert links == set(book.sheetnames[1:])
    for name in book.sheetnames[1:]:
        back = [c for c in next(book[name].iter_rows(max_row=1)) if c.hyperlink]
        assert [c.hyperlink.location for c in back] == ["'Portfolio'!A1"], name
    cells = values(path)
    figures = {cells["Portfolio", f"{col}{row - 1}"]: cells["Portfolio", f"{col}{row}"]
               for row in (7, 10) for col in "ADGJM"}  # fmt: skip
    expected = {
        "Net value (USD)": found.portfolio.net, "Change": found.moves.change,
        "Gross exposure / net value": found.portfolio.leverage, "P&L (USD)": found.portfolio.pnl, "Limits in breach": 1,
        "Secured kW owned": 1000 * found.look_through.totals["secured_mw"], "Volatility a year": found.risk.volatility,
        "VaR 95%, one week": found.risk.losses.at[0.95, "var"],
        "Expected shortfall 95%, one week": found.risk.losses.at[0.95, "es"],
        "Days to liquidate": 70_000 / (0.2 * 30_000),
    }  # fmt: skip
    assert figures == {name: pytest.approx(value) for name, value in expected.items()}


def test_an_edited_close_moves_delta_exposure_and_what_moved(every_kind, folder, tmp_path):
    """IREN's close on Holdings from 40.48 to 44: delta by the integral of the density, exposure and moves by hand."""
    _, path = every_kind
    edited = tmp_path / "edited_close.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Holdings"]
    head = next(r for r in range(1, 60) if sheet.cell(r, 2).value == "Ticker")
    column = {sheet.cell(head, c).value: c for c in range(1, sheet.max_column + 1)}
    row = next(r for r in range(head, 80) if sheet.cell(r, 2).value == "IREN 270115C00045000")
    sheet.cell(row, column["Close of the underlying (USD)"]).value = 44.0
    book.save(edited)
    found = values(recalculate(edited, folder))
    volatility, years = (
        float(sheet.cell(row, column[name]).value) for name in ("Implied volatility", "Years to expiry")
    )
    spread = volatility * years**0.5
    delta = NormalDist().cdf(math.log(44 / 45) / spread + spread / 2)

    def at(name: str) -> str:
        return f"{openpyxl.utils.get_column_letter(column[name])}{row}"

    assert found["Holdings", at("Delta")] == pytest.approx(delta)
    assert found["Holdings", at("Exposure (USD)")] == pytest.approx(120 * 100 * delta * 44)
    moves = book["Moves"]
    line = next(r for r in range(1, 60) if moves.cell(r, 2).value == "IREN 270115C00045000")
    before = moves.cell(line, 4).value
    assert found["Moves", f"G{line}"] == pytest.approx(120 * 100 * delta * 44 * (1 - before / 44))


def test_a_limit_typed_into_the_sheet_is_judged(october, folder, tmp_path):
    found, path = october
    assert set(found.limits["state"]) == {"not set"}
    edited = tmp_path / "edited_limits.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Limits"]
    rows = {sheet.cell(r, 1).value: r for r in range(7, 20)}
    for title, limit in (("Cash", 0.9), ("Volatility a year", 0.9)):
        sheet.cell(rows[title], 3).value = limit
    book.save(edited)
    again = values(recalculate(edited, folder))
    assert again["Limits", f"F{rows['Cash']}"] == "BREACH"
    assert again["Limits", f"F{rows['Volatility a year']}"] == "within"
    assert again["Limits", f"F{rows['Beta to bitcoin']}"] == "not set"


def test_it_is_a_book_of_formulas(october):
    _, path = october
    assert len(formulas(path)) > 900


def test_the_sheets_of_the_issue_read_as_numbers(october):
    found, path = october
    assert openpyxl.load_workbook(path).sheetnames == [
        "Portfolio",
        "Holdings",
        "Moves",
        "Look-through",
        "Risk",
        "Liquidity",
        "Scenarios",
        "Limits",
        "Returns",
    ]
    cells = values(path)
    assert cells["Holdings", "M7"] == pytest.approx(found.portfolio.net)
    numbers = [v for v in cells.values() if isinstance(v, float)]
    assert len(numbers) > 1500


def test_a_changed_quantity_price_and_rate_move_every_sheet(october, folder, tmp_path):
    """The workbook edited by hand and recalculated against a report on edited holdings."""
    _, path = october
    edited = tmp_path / "edited.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Holdings"]
    rows = {sheet.cell(r, 2).value: r for r in range(1, sheet.max_row + 1) if sheet.cell(r, 7).value is not None}
    sheet.cell(rows["APLD"], 7).value = 3000
    rate = next(r for r in range(1, 12) if sheet.cell(r, 1).value == "CAD")
    sheet.cell(rate, 2).value = 0.80
    book.save(edited)
    text = (HERE / "schwab.csv").read_text().replace('"1,500"', '"3,000"').replace("$37,050.00", "$74,100.00")
    text = text.replace("62,502.40", "99,552.40")
    other = tmp_path / "schwab.csv"
    other.write_text(text)
    expected = report(
        HERE / "fidelity.csv", other, HERE / "interactive_brokers.csv", settings=replace(BUNDLED, fx={"CAD": 0.80})
    )
    found = values(recalculate(edited, folder))
    assert found["Holdings", "M7"] == pytest.approx(expected.portfolio.net)
    risk = {found["Risk", f"A{r}"]: found["Risk", f"C{r}"] for r in range(7, 12)}
    assert risk["Volatility (annual)"] == pytest.approx(expected.risk.volatility)
    assert risk["Expected shortfall, 95%"] == pytest.approx(expected.risk.losses.at[0.95, "es"])
    assert risk["Value at risk, 99%"] == pytest.approx(expected.risk.losses.at[0.99, "var"])
    limits = {found["Limits", f"A{r}"]: found["Limits", f"D{r}"] for r in range(7, 20)}
    for row in expected.limits.itertuples():
        assert limits[row.title] == pytest.approx(row.used)
    scenarios = {
        (found["Scenarios", f"A{r}"], found["Scenarios", f"G{r}"]): found["Scenarios", f"D{r}"] for r in range(7, 12)
    }
    for scenario in expected.scenarios:
        assert scenarios[scenario.title, scenario.method] == pytest.approx(scenario.pnl_usd), scenario.title


def test_no_text_of_a_user_becomes_a_formula_a_link_or_a_number(folder):
    rows = "\n".join(
        f'"{text.replace(chr(34), chr(34) * 2)}",RIOT,{i + 1},"{text.replace(chr(34), chr(34) * 2)}"'
        for i, text in enumerate(NASTY)
    )
    holdings = folder / "=nasty.csv"
    holdings.write_text(f"Account,Symbol,Quantity,Description\n{rows}\n")
    path = folder / "nasty.xlsx"
    found = report(holdings)
    portfolio_book.write(found, path)
    assert set(found.portfolio.positions["account"]) == {text.strip() for text in NASTY}
    book = openpyxl.load_workbook(path)
    users = {*NASTY, *(text.strip() for text in NASTY)}
    shown = [
        c for sheet in book for row in sheet.iter_rows() for c in row if isinstance(c.value, str) and c.value in users
    ]
    assert len(shown) >= len(NASTY)
    assert {c.data_type for c in shown} == {"s"}
    assert not any(c.hyperlink for c in shown)
    ours = list(formulas(path).values())
    assert not any(bad in f for f in ours for bad in ("HYPERLINK", "cmd|", "evil"))
    with zipfile.ZipFile(path) as archive:
        assert not any("externalLink" in name or "vba" in name.lower() for name in archive.namelist())


def test_same_holdings_same_bytes(october, folder):
    _, path = october
    again = folder / "again.xlsx"
    portfolio_book.write(report(HERE / "fidelity.csv", HERE / "schwab.csv", HERE / "interactive_brokers.csv"), again)
    assert again.read_bytes() == path.read_bytes()


def test_a_folder_that_cannot_be_written_leaves_nothing(october, tmp_path):
    found, _ = october
    (tmp_path / "taken").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="taken"):
        portfolio_book.write(found, tmp_path / "taken" / "p.xlsx")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]
    assert shutil.which("soffice")
