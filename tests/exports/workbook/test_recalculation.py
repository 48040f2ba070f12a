"""LibreOffice as an independent calculator: what is stored is what the formulas say, on every date and for every rule."""

from __future__ import annotations

import pandas as pd
import pytest
import xlsxwriter

from tests.exports import recalculate as calc
from tests.exports.conftest import EVERY
from tests.exports.reading import labelled, values
from valuation.regression import study

CHECKS_THAT_FAIL = {
    "june_2024": {"Both groups have companies"},
    "old_prices": {"Prices are current and from the requested source"},
    "one_company": {"Both groups have companies"},
    "one_without_price": {
        "Both groups have companies", "Prices are current and from the requested source",
    },
    "no_pivots": {"Both groups have companies"},
    "only_pivots": {"Both groups have companies"},
}  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_every_formula_equals_its_stored_value_and_none_is_an_error(shelf, name):
    volume = shelf[name]
    anew = calc.values(volume.recalculated)
    errors = {place: value for place, value in anew.items() if isinstance(value, str) and value.startswith("#")}
    assert errors == {}
    assert len(calc.formulas(volume.path)) > 60 * len(volume.screen.table)
    assert calc.differences(volume.path, volume.recalculated) == []


def test_the_comparison_notices_a_stored_value_that_is_wrong(tmp_path):
    path = tmp_path / "wrong.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_number("A1", 3.0)
        sheet.write_formula("B1", "=A1/7", None, 3 / 7)
        sheet.write_formula("B2", "=A1/7", None, 3 / 7 * (1 + 1e-8))
        sheet.write_formula("B3", "=IF(A1>0,1,0)", None, "n/a")
        sheet.write_formula("B4", "=A1/0", None, 0)
    anew = calc.recalculate(path, tmp_path)
    found = {d.cell: (d.stored, d.recalculated) for d in calc.differences(path, anew)}
    assert set(found) == {"B2", "B3", "B4"}
    assert found["B4"][1] == "#DIV/0!"


@pytest.mark.parametrize("name", EVERY)
def test_the_cover_says_which_check_fails_and_flags_it(shelf, name):
    sheet = calc.load(shelf[name].recalculated, values=True)["Summary"]
    said = {
        sheet.cell(c.row, c.column + 1).value: c.value
        for row in sheet.iter_rows() for c in row if c.value in ("OK", "CHECK") and c.row > 8
    }  # fmt: skip
    assert len(said) == 10
    failing = CHECKS_THAT_FAIL.get(name.removesuffix("_studied"), set())
    assert {words for words, value in said.items() if value == "CHECK"} == failing
    flags = [c.value for row in sheet.iter_rows(max_row=8) for c in row if c.value in ("OK", "CHECK")]
    assert flags == ["CHECK" if failing else "OK"]


def test_pandas_reads_numbers_in_formula_cells(january):
    frame = pd.read_excel(january.path, sheet_name="EV bridge", header=5).head(len(january.screen.table))
    frame = frame.set_index("Ticker")
    for header, metric, unit in (
        ("Enterprise value ($m)", "enterprise_value_usd", 1e6),
        ("Equity value ($m)", "equity_value_usd", 1e6),
        ("Diluted shares (m)", "diluted_shares", 1e6),
    ):
        expected = (january.screen.table[metric] / unit).dropna()
        read = pd.to_numeric(frame[header], errors="coerce").dropna()
        pd.testing.assert_series_equal(read, expected, check_names=False, check_index_type=False, rtol=1e-11)
        assert len(read) > 10


def test_the_sheets_show_the_screen(january):
    book = calc.load(january.recalculated, values=True)
    table = january.screen.table
    for sheet, header, metric, unit in (
        ("Screen", "EV / secured MW ($m per MW)", "ev_per_mw_secured", 1.0),
        ("Screen", "AI share, contracted (%)", "ai_share_contracted", 1.0),
        ("Screen", "Backlog ($m)", "backlog_usd", 1e6),
        ("Multiples", "Weighted (gross MW)", "weighted_mw", 1.0),
        ("Screen", "Leased share of secured MW (%)", "leased_share", 1.0),
        ("Multiples", "EV / NTM revenue (x)", "ev_to_ntm_revenue", 1.0),
        ("Multiples", "EV / NTM EBITDA (x)", "ev_to_ntm_ebitda", 1.0),
        ("Multiples", "Completed EV ($m)", "completed_ev_usd", 1e6),
        ("Multiples", "Completed EV / contracted AI MW ($m per MW)", "ev_per_mw_ai_contracted_it", 1.0),
        ("Multiples", "EV / consensus revenue (x)", "ev_to_consensus_revenue", 1.0),
        ("Summary", "Contracted AI revenue a year ($m)", "contracted_revenue_usd", 1e6),
    ):
        shown = {t: v for t, v in values(book, sheet, header).items() if isinstance(v, (int, float))}
        assert shown == pytest.approx((table[metric] / unit).dropna().to_dict(), rel=1e-9), (sheet, header)
    assert values(book, "Screen", "Group") == table["group"].fillna("n/a").to_dict()


def test_the_worked_example_of_riot_stands_in_the_file(january):
    """The issue's own arithmetic, by hand, from the filings' figures."""
    book = calc.load(january.recalculated, values=True)
    equity = 19.24 * (371.807186 + 594.4 / 14.86)
    assert values(book, "EV bridge", "Equity value ($m)")["RIOT"] == pytest.approx(equity, rel=1e-9)
    assert values(book, "EV bridge", "Debt not converted ($m)")["RIOT"] == pytest.approx(871.8 - 594.4, abs=0.1)
    assert values(book, "EV bridge", "Bitcoin counted ($m)")["RIOT"] == pytest.approx(
        16_925 * 95_491.29 / 1e6, rel=1e-9
    )
    # capacity.csv on the day: 1.7 GW approved in Texas and about 0.1 GW in Kentucky.
    assert values(book, "Multiples", "Secured (gross MW)")["RIOT"] == 1800


def test_the_gap_of_the_run_and_its_p_values_are_shown_for_every_definition(shelf):
    for volume in shelf.values():
        frame = volume.screen.gap.frame
        book = calc.load(volume.recalculated, values=True)
        sheet = book["Gap"]
        titles = [c.value for c in sheet[6]]
        rows = [dict(zip(titles, [c.value for c in sheet[7 + k]], strict=True)) for k in range(len(frame))]
        assert [row["Part"] for row in rows] == ["Headline", *["Per MW"] * 8, *["Other"] * 3]
        for row, record in zip(rows, frame.to_dict("records"), strict=True):
            for header, key in (
                ("Gap: ratio (x)", "ratio"), ("Gap, fixed at run (x)", "ratio"), ("p, fixed at run", "p_value"),
                ("Interval low, fixed at run (x)", "low"), ("Interval high, fixed at run (x)", "high"),
            ):  # fmt: skip
                expected = "n/a" if pd.isna(record[key]) else pytest.approx(record[key], rel=1e-9)
                assert row[header] == expected, (record["metric"], record["statistic"], header)
            assert (row["n pivot"], row["n bitcoin"]) == (record["n_pivot"], record["n_bitcoin"])


def test_the_regression_and_its_small_sample_methods_are_shown(january):
    book = calc.load(january.recalculated, values=True)
    line = january.screen.regression
    assert labelled(book, "Regression", "Slope: from share 0 to 100%", 4).value == pytest.approx(line.slope, rel=1e-9)
    assert labelled(book, "Regression", "R squared", 4).value == pytest.approx(line.r_squared, rel=1e-9)
    premium = labelled(book, "Regression", "Premium per MW, share 0 to 100% (%)", 4).value
    assert premium == pytest.approx(line.premium, rel=1e-9)
    frame = study.with_hc2(line).frame
    for method, p in frame["p"].items():
        assert labelled(book, "Regression", str(method), 7).value == pytest.approx(p, rel=1e-11)
    assert frame["p"].iloc[0] == line.wild.p_value


def test_where_there_is_no_line_no_number_stands_for_it(shelf):
    book = calc.load(shelf["no_regression"].recalculated, values=True)
    assert labelled(book, "Regression", "Slope: from share 0 to 100%", 4).value == "n/a"
    assert labelled(book, "Regression", "Premium per MW, share 0 to 100% (%)", 4).value == "n/a"
    text = " ".join(str(c.value) for row in book["Summary"].iter_rows() for c in row)
    assert "Regression not available: a regression needs at least 4 companies, the sample has 3." in text
