"""The portfolio's workbook: recalculated it is what is stored, users' text never runs, edits follow through."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from exports.workbook import portfolio as portfolio_book
from screener import portfolio
from screener.loading import load_inputs
from screener.portfolio import Settings
from screener.run_config import resolve_config
from tests.exports.recalculate import differences, formulas, recalculate, values

HERE = Path(__file__).parents[2] / "screener" / "holdings"
BUNDLED = Settings(fx={"CAD": 0.72})
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


def report(*paths: Path, day: str = "2026-10-05", settings: Settings = BUNDLED):
    config, as_of = resolve_config("miners"), pd.Timestamp(day)
    data = load_inputs(config.universe, as_of, "bundled")
    return portfolio.report(config, data, portfolio.read(list(paths)), as_of, settings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("books")


@pytest.fixture(scope="module")
def october(folder):
    path = folder / "october.xlsx"
    found = report(HERE / "fidelity.csv", HERE / "schwab.csv", HERE / "interactive_brokers.csv")
    portfolio_book.write(found, path)
    return found, path


def test_recalculated_it_is_what_is_stored(october, folder):
    _, path = october
    again = recalculate(path, folder)
    assert differences(path, again) == []
    assert len(formulas(path)) > 900
    errors = {
        place: value for place, value in values(again).items() if isinstance(value, str) and value.startswith("#")
    }
    assert errors == {}


def test_the_sheets_of_the_issue_read_as_numbers(october):
    found, path = october
    assert openpyxl.load_workbook(path).sheetnames == [
        "Holdings",
        "Look-through",
        "Risk",
        "Scenarios",
        "Limits",
        "Returns",
    ]
    cells = values(path)
    assert cells["Holdings", "L7"] == pytest.approx(found.portfolio.net)
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
    other = tmp_path / "schwab.csv"
    other.write_text(text)
    expected = report(
        HERE / "fidelity.csv", other, HERE / "interactive_brokers.csv", settings=replace(BUNDLED, fx={"CAD": 0.80})
    )
    found = values(recalculate(edited, folder))
    assert found["Holdings", "L7"] == pytest.approx(expected.portfolio.net)
    risk = {found["Risk", f"A{r}"]: found["Risk", f"C{r}"] for r in range(7, 12)}
    assert risk["Volatility (annual)"] == pytest.approx(expected.risk.volatility)
    assert risk["Expected shortfall, 95%"] == pytest.approx(expected.risk.losses.at[0.95, "es"])
    assert risk["Value at risk, 99%"] == pytest.approx(expected.risk.losses.at[0.99, "var"])
    limits = {found["Limits", f"A{r}"]: (found["Limits", f"D{r}"], found["Limits", f"F{r}"]) for r in range(7, 20)}
    for row in expected.limits.itertuples():
        assert limits[row.title] == (pytest.approx(row.used), row.state)
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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cash", "Symbol,Quantity\nCASH,100\n"),
        ("stranger", "Symbol,Quantity,Price\nXYZQ,5,10\n"),
        ("underwater", "Symbol,Quantity\nRIOT,-100\n"),
        ("unpriced", "Symbol,Quantity\nXYZQ,5\nCANG,10\nABTC,20\nGREE,5\n"),
    ],
)
def test_small_and_odd_portfolios_recalculate_too(folder, name, text):
    holdings, path = folder / f"{name}.csv", folder / f"{name}.xlsx"
    holdings.write_text(text)
    portfolio_book.write(report(holdings), path)
    again = recalculate(path, folder)
    assert differences(path, again) == []


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
