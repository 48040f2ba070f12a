"""Holdings files: broker layouts unchanged, habits of writing numbers, and every fault told with file, line and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.errors import HoldingsError
from screener.holdings import read
from screener.holdings.numbers import to_numbers

HERE = Path(__file__).parent
NAN = float("nan")
# As the files say, line by line: account, ticker, kind, quantity, cost, price of one unit, currency, line.
LAYOUTS = {
    "fidelity": [
        ("X12345678", "CASH", "cash", 12500.25, NAN, NAN, "USD", 2),
        ("X12345678", "RIOT", "equity", 1000, 12500, 19.32, "USD", 3),
        ("X12345678", "IREN", "equity", 500, 25000, 40.48, "USD", 4),
        ("X12345678", "CLSK", "equity", -400, -4400, 12.48, "USD", 5),
        ("X12345678", "CORZ260116C00020000", "option", 2, 400, 35, "USD", 6),
        ("X12345678", "CASH", "cash", -250, NAN, NAN, "USD", 7),
        ("235791113", "WULF", "equity", 1250.5, 6252.5, 14.79, "USD", 8),
    ],
    "schwab": [
        ("Individual ...123", "APLD", "equity", 1500, 22500, 24.7, "USD", 4),
        ("Individual ...123", "MARA", "equity", -800, -12000, 11.17, "USD", 5),
        ("Individual ...123", "BRK.B", "equity", 10, 4100, 498.2, "USD", 6),
        ("Individual ...123", "RIOT270115C00025000", "option", 3, 900, 210, "USD", 7),
        ("Individual ...123", "CASH", "cash", 28776.4, NAN, NAN, "USD", 8),
    ],
    "interactive_brokers": [
        ("U1234567", "HUT", "equity", 300, 16530, 123.9, "CAD", 22),
        ("U1234567", "CIFR", "equity", 2000, 8400, 15.48, "USD", 27),
        ("U1234567", "MARA", "equity", -500, -7000, 11.17, "USD", 28),
        ("U1234567", "BRK.B", "equity", 3, 1230.6, 498.2, "USD", 29),
        ("U1234567", "IREN270115C00060000", "option", 1, 410, 120, "USD", 30),
        ("U1234567", "CASH", "cash", 9250.5, NAN, NAN, "CAD", 18),
        ("U1234567", "CASH", "cash", 31760.74, NAN, NAN, "USD", 20),
    ],
    "interactive_brokers_flex": [
        ("U7654321", "CORZ", "equity", 700, 6300, 16.6, "USD", 2),
        ("U7654321", "KEEL", "equity", -1000, -3900, 4.79, "CAD", 5),
    ],
}
COLUMNS = ["account", "ticker", "kind", "quantity", "cost", "price", "currency", "line"]


@pytest.mark.parametrize("broker", LAYOUTS)
def test_a_brokers_export_loads_unchanged(broker):
    found = read([HERE / f"{broker}.csv"])
    expected = pd.DataFrame(LAYOUTS[broker], columns=COLUMNS)
    pd.testing.assert_frame_equal(found.frame[COLUMNS], expected, check_dtype=False)
    assert found.date == pd.Timestamp("2026-10-05")


def test_values_agree_with_the_brokers_own():
    for broker in LAYOUTS:
        frame = read([HERE / f"{broker}.csv"]).frame
        priced = frame[frame["price"].notna() & frame["value"].notna()]
        assert np.allclose(priced["quantity"] * priced["price"], priced["value"], rtol=1e-4), broker


def test_several_files_are_several_accounts():
    found = read([HERE / "fidelity.csv", HERE / "schwab.csv"])
    assert list(found.frame["account"].unique()) == ["X12345678", "235791113", "Individual ...123"]
    assert found.files == ("fidelity.csv", "schwab.csv")


def saved(tmp_path: Path, text: str, name: str = "mine.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


def one(tmp_path: Path, text: str, **more: object) -> pd.DataFrame:
    return read([saved(tmp_path, text)], **more).frame


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(tmp_path, encoding, delimiter):
    text = "Ticker,Shares,Description\nRIOT,100,Café\nIREN,5,x\n".replace(",", delimiter)
    found = read([saved(tmp_path, text, encoding=encoding)]).frame
    assert list(found["ticker"]) == ["RIOT", "IREN"]
    assert found["description"].iloc[0] == "Café"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("Symbol,Qty,Avg Cost", "riot,10,2.5", ("RIOT", 10, 25)),
        ("Ticker,Units,Book Value,CCY", "HUT.TO,10,250,cad", ("HUT.TO", 10, 250)),
        ("Security Symbol,Number of Shares,Total Cost", 'CLSK,"(1,200)","9,000.50"', ("CLSK", -1200, -9000.5)),
        ("Instrument,Position,Purchase Price", "WULF,-5,4", ("WULF", -5, -20)),
        ("Symbol,Quantity,Side,Cost", "WULF,5,Short,20", ("WULF", -5, -20)),
        ("Symbol,Quantity,Cost", "WULF,1e3,20", ("WULF", 1000, 20)),
        ("Symbol,Quantity,Cost", "WULF,12-,20", ("WULF", -12, -20)),
        ("Symbol,Quantity,Cost", '="WULF",+7,n/a', ("WULF", 7, NAN)),
        ("Symbol,Quantity,Cost", "WULF,1 234.5,$20", ("WULF", 1234.5, 20)),
    ],
)
def test_names_of_columns_and_habits_of_numbers(tmp_path, header, row, expected):
    frame = one(tmp_path, f"{header}\n{row}\n")
    found = tuple(frame[["ticker", "quantity", "cost"]].iloc[0])
    assert found == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    "text",
    [
        "Symbol,Side,Quantity,Open Date\nIREN,Long,100,2026-07-01\nIREN,Short,40,2026-08-01\n",
        "Symbol,Side,Quantity,Trade Date\nIREN,Long,100,2026-07-01\nIREN,Short,40,2026-08-01\n",
        "Symbol,Quantity,Date Acquired\nIREN,100,2026-07-01\nIREN,-40,2026-08-01\n",
        "Symbol,Quantity,Trade Date\nIREN,100,2026-07-01\nIREN,40,2026-08-01\nRIOT,-60,2026-08-01\n",
    ],
)
def test_lots_long_and_short_beside_each_other_are_held_and_no_trades(tmp_path, text):
    frame = one(tmp_path, text)
    assert list(frame.loc[frame["ticker"] == "IREN", "quantity"].abs()) == [100, 40]


def test_a_decimal_comma_is_the_habit_of_the_whole_file(tmp_path):
    frame = one(tmp_path, "Symbol;Quantity;Cost\nRIOT;1.234;12.500,75\nIREN;10,5;99\n")
    assert list(frame["quantity"]) == [1234, 10.5]
    assert list(frame["cost"]) == [12500.75, 99]


def test_currency_by_column_sign_and_pence(tmp_path):
    frame = one(tmp_path, "Symbol,Quantity,Price,Currency\nA,1,5,GBX\nB,1,5,eur\nC,1,C$5,\nD,1,$5,\nE,1,EUR 5,\n")
    assert list(frame["currency"]) == ["GBP", "EUR", "CAD", "USD", "EUR"]
    assert frame["price"].iloc[0] == pytest.approx(0.05)


def test_tickers_that_look_like_cash_are_companies_where_they_have_a_price(tmp_path):
    frame = one(tmp_path, "Symbol,Quantity,Price\nCASH,10,80\nUSD,5,95\nCASH,100,1\nCAD,50,\nSPAXX**,7,1\n")
    assert list(frame["kind"]) == ["equity", "equity", "cash", "cash", "cash"]
    assert list(frame["currency"]) == ["USD", "USD", "USD", "CAD", "USD"]


def test_control_characters_reach_no_terminal(tmp_path):
    frame = one(tmp_path, 'Account,Symbol,Quantity\n"\x1b[31mred\x07\nnext",RIOT,5\n')
    assert frame["account"].iloc[0] == "[31mred  next"


def test_lots_are_kept_and_zero_positions_dropped(tmp_path):
    frame = one(
        tmp_path, "Symbol,Quantity,Cost,Date Acquired\nRIOT,10,90,2025-01-02\nRIOT,5,60,2025-03-04\nIREN,0,0,\n"
    )
    assert list(frame["quantity"]) == [10, 5]


def test_titles_totals_and_footers_are_no_holdings(tmp_path):
    text = (
        "My holdings as of 2026-07-01\n\nSymbol,Quantity,Value\nRIOT,10,190\nAccount Total,,190\nGrand total,,190\n,,\n"
        '"This report is provided for information only and is no advice at all."\n'
    )
    found = read([saved(tmp_path, text)])
    assert list(found.frame["ticker"]) == ["RIOT"]
    assert found.date == pd.Timestamp("2026-07-01")


def test_a_workbook_with_dates_formulas_and_several_sheets(tmp_path):
    book = openpyxl.Workbook()
    notes, first, second = book.active, book.create_sheet("Main"), book.create_sheet("IRA")
    notes.append(["Just notes", "about it"])
    first.append(["Symbol", "Quantity", "Cost Basis", "Date Acquired"])
    first.append(["RIOT", 1000, 12500.5, pd.Timestamp("2025-03-04")])
    second.append(["Symbol", "Quantity"])
    second.append(["IREN", -25])
    path = tmp_path / "mine.xlsx"
    book.save(path)
    frame = read([path]).frame
    rows = frame[["account", "ticker", "quantity", "file", "line"]].to_numpy().tolist()
    assert rows == [["Main", "RIOT", 1000.0, "mine.xlsx [Main]", 2], ["IRA", "IREN", -25.0, "mine.xlsx [IRA]", 2]]


def test_a_formula_counts_as_the_value_stored_with_it(tmp_path):
    from xlsxwriter import Workbook

    path = tmp_path / "mine.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet("Main")
        sheet.write_row(0, 0, ["Symbol", "Quantity"])
        sheet.write_string(1, 0, "RIOT")
        sheet.write_formula(1, 1, "=500*2", None, 1000)
    found = read([path])
    assert list(found.frame["quantity"]) == [1000]
    assert "mine.xlsx [Main]: 1 cells hold formulas; the values stored with them were taken" in found.notes


def test_a_formula_without_a_stored_value_is_told(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Symbol", "Quantity"])
    book.active.append(["RIOT", "=500*2"])
    path = tmp_path / "mine.xlsx"
    book.save(path)
    with pytest.raises(
        HoldingsError, match=r"mine.xlsx \[Sheet\]:2: Quantity 'a formula without a stored value': expected a number"
    ):
        read([path])


FAULTS = [
    ("Symbol,Quantity\nRIOT,ten\n", "mine.csv:2: Quantity 'ten': expected a number"),
    ("Symbol,Quantity\nRIOT,\n", "mine.csv:2: Quantity: expected a number"),
    ("Symbol,Quantity\nRIOT,=1+1\n", "mine.csv:2: Quantity '=1+1': expected a number"),
    ("Symbol,Quantity\nRIOT,@SUM(A1)\n", "mine.csv:2: Quantity '@SUM(A1)': expected a number"),
    ("Symbol,Quantity\nRIOT,+cmd|' /C calc'!A0\n", "mine.csv:2: Quantity \"+cmd|' /C calc'!A0\": expected a number"),
    ("Symbol,Quantity\nRIOT,1e30\n", "mine.csv:2: Quantity '1e30': expected at most"),
    ("Symbol,Quantity\n=cmd|'/C calc'!A0,5\n", "mine.csv:2: Symbol \"=cmd|'/C calc'!A0\": expected a ticker"),
    ("Symbol,Quantity\n@RIOT,5\n", "mine.csv:2: Symbol '@RIOT': expected a ticker"),
    ("Symbol,Quantity\n+RIOT,5\n", "mine.csv:2: Symbol '+RIOT': expected a ticker"),
    ("Symbol,Quantity\n-RIOT,5\n", "mine.csv:2: Symbol '-RIOT': expected a ticker"),
    ("Symbol,Quantity\n,5\n", "mine.csv:2: Symbol: expected a ticker"),
    ("Symbol,Quantity\nRIOT\n", "mine.csv:2: Quantity: expected a number"),
    ("Symbol,Quantity,Currency\nRIOT,5,XXX\n", "mine.csv:2: Currency 'XXX': expected a currency code"),
    ("Symbol,Quantity,Currency\nRIOT,5,dollars\n", "mine.csv:2: Currency 'dollars': expected a currency code"),
    ("Symbol,Quantity,Cost\nRIOT,5,12.3.4\n", "mine.csv:2: Cost '12.3.4': expected a number"),
    ("Symbol,Value\nRIOT,500\n", "mine.csv:2: quantity: expected a column of quantities"),
    ("Symbol,Quantity\nRIOT,5\nIREN,3\nRIOT,5\n", "mine.csv:4: 'RIOT': expected a line other than line 2"),
    ("What,Where\nRIOT,5\n", "mine.csv: expected a header with a symbol and a quantity or market value"),
    ("Symbol,Quantity\n", "mine.csv: a header, and no holding under it"),
    ("   \n", "mine.csv: it is empty"),
    ("\x00\x01\x02", "mine.csv: it is not text"),
]


# pytest keeps a test's name in the environment, where a text with : and @ in it would be masked as a password.
@pytest.mark.parametrize(("text", "told"), FAULTS, ids=map(str, range(len(FAULTS))))
def test_a_fault_is_told_with_file_line_and_column(tmp_path, text, told):
    with pytest.raises(HoldingsError) as error:
        read([saved(tmp_path, text)])
    assert told in str(error.value)


def test_all_faults_are_told_at_once(tmp_path):
    path = saved(tmp_path, "Symbol,Quantity,Currency\nRIOT,ten,USD\n=A1,5,USD\nIREN,3,QQQ\n")
    other = saved(tmp_path, "Symbol,Quantity\nWULF,x\n", "other.csv")
    with pytest.raises(HoldingsError) as error:
        read([path, other])
    places = [(p.file, p.line, p.column) for p in error.value.problems]
    assert places == [
        ("mine.csv", 2, "Quantity"), ("mine.csv", 3, "Symbol"), ("mine.csv", 4, "Currency"), ("other.csv", 2, "Quantity"),
    ]  # fmt: skip


def test_equal_lines_are_lots_where_the_user_says_so(tmp_path):
    text = "Symbol,Quantity,Cost\nRIOT,5,50\nRIOT,5,50\n"
    assert one(tmp_path, text, allow_duplicates=True)["quantity"].sum() == 10


@pytest.mark.parametrize("content", [b"PK\x03\x04 not a zip", b"\xd0\xcf\x11\xe0 old excel"])
def test_a_broken_or_old_workbook_is_told(tmp_path, content):
    path = tmp_path / "mine.xlsx"
    path.write_bytes(content)
    with pytest.raises(HoldingsError, match=r"a workbook that can be opened|old .xls or an encrypted workbook"):
        read([path])


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(HoldingsError, match="no such file"):
        read([tmp_path / "nothing.csv"])


def test_fifty_thousand_lines(tmp_path):
    count = 50_000
    lines = [f"T{i % 500},{i + 1},{i}.5,L{i}" for i in range(count)]
    path = saved(tmp_path, "Symbol,Quantity,Cost,Lot\n" + "\n".join(lines) + "\n")
    found = read([path])
    assert len(found.frame) == count
    assert found.frame["quantity"].sum() == count * (count + 1) / 2
    assert found.frame["line"].iloc[-1] == count + 1


def test_a_wrong_file_of_ten_thousand_lines_tells_the_first_faults(tmp_path):
    path = saved(tmp_path, "Symbol,Quantity\n" + "\n".join(f"T{i},x" for i in range(10_000)) + "\n")
    with pytest.raises(HoldingsError) as error:
        read([path])
    assert "holdings: 10000 faults, the first 200" in str(error.value)
    assert len(error.value.problems) == 200


@given(st.floats(-1e9, 1e9).map(lambda v: round(v, 2)))
@settings(max_examples=200, deadline=None)
def test_a_number_is_read_however_it_is_written(value):
    size = f"{abs(value):,.2f}"
    sign = "-" if value < 0 else ""
    forms = [f"{sign}{size}", f"{sign}${size}", f"${sign}{size}", f"{value!r}"]
    forms += [f"({size})"] if value < 0 else [f"+{size}", f"USD {size}", f"{size} USD"]
    found = to_numbers(pd.Series(forms, dtype=object))
    assert not found.wrong.any()
    assert found.value.to_numpy() == pytest.approx(value)
    european = size.translate(str.maketrans(",.", ".,"))
    found = to_numbers(pd.Series([f"{sign}{european}", "0,5"], dtype=object), ",")
    assert not found.wrong.any()
    assert found.value.iloc[0] == pytest.approx(value)


@given(st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_number_nothing_or_wrong(text):
    for decimal in ".,":
        found = to_numbers(pd.Series([text], dtype=object), decimal)
        assert found.wrong.iloc[0] + np.isfinite(found.value.iloc[0]) <= 1
