"""A file held against itself: a contradiction is told with both figures, or accepted if asked; what is left open."""

# ruff: noqa: E501  a table: a case a line or two

from __future__ import annotations

from dataclasses import dataclass

import openpyxl
import pytest

from screener.errors import HoldingsError
from screener.holdings import Choices, parse_accept, parse_currency, parse_kinds, read
from tests.screener.holdings.written import holdings


@dataclass(frozen=True)
class Case:
    """A fault put into a file, and the words of the message."""

    id: str
    fault: str
    text: str
    outcome: str


CASES = [
    Case("value x 100", "a value a hundred times quantity x price", "Symbol,Quantity,Price,Value\nRIOT,100,19.32,193200\n",
         "mine.csv:2: Value '193200': RIOT: quantity x price is 1,932.00, the file's value 193,200.00 (100 times: pence"),
    Case("value x 1000", "a decimal mark read as thousands", "Symbol;Quantity;Price;Value\nRIOT;100;19.32;1932000.00\n",
         "quantity x price is 1,932.00, the file's value 1,932,000.00 (1,000 times: a decimal mark"),
    Case("value x 10", "a digit too many", "Symbol,Quantity,Price,Value\nRIOT,1000,19.32,1932.00\n",
         "quantity x price is 19,320.00, the file's value 1,932.00 (10 times: a digit"),
    Case("other currency", "a value in another currency", "Symbol,Quantity,Price,Value\nRIOT,100,19.32,1680.00\n",
         "(perhaps another currency or another day); --accept 2 takes the quantity"),
    Case("zero value", "a price with a value of zero", "Symbol,Quantity,Price,Value\nRIOT,100,19.32,0\n",
         "quantity x price is 1,932.00, the file's value 0.00"),
    Case("zero quantity", "no quantity with a value", "Symbol,Quantity,Price,Value\nRIOT,0,19.32,1932\n",
         "quantity x price is 0.00, the file's value 1,932.00"),
    Case("option without its size", "an option valued as one share",
         "Symbol,Quantity,Price,Value\nIREN 15JAN27 60 C,2,1.20,2.40\n", "quantity x price x 100 is 240.00, the file's value 2.40"),
    Case("bond at 100 times", "a bond valued at its price in money times 100",
         "Symbol,Quantity,Price,Value\n565788AL8,10000,98.5,98500000\n", "quantity x price x 0.01 is 9,850.00"),
    Case("pounds named pence", "pence in a column that says pounds", "Symbol,Quantity,Price,Value,Currency\nVOD.L,1000,72.5,725,GBP\n",
         "quantity x price is 72,500.00, the file's value 725.00 (100 times: pence"),
    Case("sign", "a negative value of a positive quantity", "Symbol,Quantity,Price,Value\nRIOT,100,19.32,-1932\n",
         "a quantity of 100 with a value of -1,932.00: a short position has a negative quantity"),
    Case("side", "a long position with a negative quantity", "Symbol,Quantity,Price,Side\nRIOT,-100,19.32,Long\n",
         "a long position with a quantity of -100"),
    Case("cash", "cash whose amount is not its value", "Symbol,Quantity,Price,Value\nCASH,1000,1,100000\n",
         "cash of 1,000.00, the file's value 100,000.00"),
    Case("cost", "a cost in pence beside a unit cost in pounds", "Symbol,Quantity,Average Cost,Cost Basis\nRIOT,100,10,100000\n",
         "quantity x unit cost is 1,000.00, the file's cost 100,000.00 (100 times"),
    Case("cost in pence, value in pounds", "a price in pounds times 100",
         "Symbol,Quantity,Price,Value,Unit Cost,Cost,Currency\nVOD.L,1000,7250,72500,70,70000,GBX\n",
         "mine.csv:2: Cost '70000': VOD.L: the value of 72,500.00 is in GBP, the cost of 70,000.00 in GBX, by price and unit cost"),
    Case("cost in pounds, value in pence", "a price of a hundredth",
         "Symbol,Quantity,Price,Value,Unit Cost,Cost,Currency\nVOD.L,1000,0.725,725,70,700,GBX\n",
         "the value of 725.00 is in GBX, the cost of 700.00 in GBP"),
    Case("total", "a total that is not the sum", "Symbol,Quantity,Price,Value\nRIOT,100,19.32,1932\nIREN,10,40,400\nTotal,,,23320\n",
         "mine.csv:4: Value '23,320.00': the total of 23,320.00 is not the sum of the lines, 2,332.00 (10 times"),
    Case("total first", "a total above the lines", "Symbol,Quantity,Price,Value\nTotal,,,5000\nRIOT,100,19.32,1932\n",
         "mine.csv:2: Value '5,000.00': the total of 5,000.00"),
    Case("rate", "a value in euros at an impossible rate",
         "Symbol,Quantity,Price,Currency,Value in EUR\nRIOT,100,19.32,USD,168000\n", "a rate of 86.96"),
    Case("rates that differ", "two rates in one file",
         "Symbol,Quantity,Price,Currency,Value in EUR\nRIOT,100,20,USD,1740\nIREN,10,40,USD,348\nWULF,10,15,USD,300\n", "a rate of 2"),
    Case("surplus", "a cell more than names", "Symbol,Shares,Price,Value\nIREN,1,250,40.48,50600.00\n", "a thousands comma without quotes"),
    Case("surplus at the end", "a note outside the header", "Symbol,Shares\nIREN,1,check this\n", "mine.csv:2: 'check this'"),
    Case("two habits", "figures of two habits", "Symbol;Quantity;Price\nRIOT;10,5;19,32\nIREN;10.5;40.48\n",
         "figures with a decimal point and with a decimal comma: --decimal"),
    Case("two quantities", "two columns that may be the quantity", "Symbol,Quantity,Shares\nRIOT,10,25\n",
         "Quantity '10': two columns of quantities, this one and Shares with 25"),
    Case("two of one name", "two columns of one name", "Symbol,Quantity,Quantity\nRIOT,10,25\n",
         "Quantity '10': two columns of quantities, this one and Quantity in column 3 with 25"),
    Case("two prices of one name", "two columns of one name in a broker's table",
         "Local value,,Closing,Closing,Quantity,Product,Symbol/ISIN\nUSD,193.20,19.32,19.40,10,RIOT,US7672921050\n",
         "Closing '19.32': two columns of Closing, this one and Closing in column 4 with 19.40"),
    Case("two prices", "a value under the name of a price", "Symbol,Quantity,Kurs,Price\nVTI,12,301.25,3615.00\n",
         "Price '3615.00': two columns of a price, Price and Kurs with 301.25"),
    Case("two values", "a price under the name of a value", "Symbol,Quantity,Value,Market Value\nVTI,12,301.25,3615.00\n",
         "Market Value '3615.00': two columns of a value, Market Value and Value with 301.25"),
    Case("shifted header", "a header with a cell too many",
         "\tInvestment Name\tSymbol\tAccount Number\tTotal Value\tShares\tShare Price\tDay Change\n"
         "WULF HOLDINGS INC\tWULF\tU123\t-1,441.00\t-100\t14.41\t\n", "the rows have fewer: its names are shifted"),
    Case("open habit", "nothing but groups of three", "Symbol;Quantity\nRIOT;1.234\n", "a number with two readings"),
    Case("open day", "7/1/2026", "Holdings as of 7/1/2026\nSymbol,Quantity\nRIOT,1\n", "--date-order mdy or --date-order dmy"),
    Case("day not understood", "a day in words that no month has", "Positions as of the ides of Martius 2026\nSymbol,Quantity\nRIOT,1\n",
         "a day that is not understood; --holdings-date YYYY-MM-DD"),
    Case("trades", "a history without a known layout", "Date,Symbol,Action,Quantity,Price\n2026-01-02,RIOT,Buy,10,15\n2026-01-05,RIOT,Sell,10,16\n",
         "a history of trades"),
    Case("trades by type", "a history whose type buys and sells", "Trade Date,Ticker,Type,Shares\n2026-01-02,RIOT,BUY,10\n2026-01-05,RIOT,SELL,10\n",
         "a history of trades"),
    Case("trades by side", "a history whose side buys and sells",
         "Date,Symbol,Side,Qty,Price\n2026-07-01,IREN,Buy,100,40\n2026-08-01,RIOT,Buy,5,19\n2026-08-01,IREN,Sell,100,50\n", "a history of trades"),
    Case("trades by sign", "a history whose sales are below zero",
         "Trade Date,Settlement Date,Symbol,Quantity,Price\n2026-07-01,2026-07-02,IREN,100,40\n2026-08-01,2026-08-03,IREN,(60),50\n",
         "a history of trades"),
    Case("yahoo sales", "lots with a sale", "Symbol,Current Price,Date,Time,Change,Open,High,Low,Volume,Trade Date,Purchase Price,Quantity,"
         "Commission,High Limit,Low Limit,Comment,Transaction Type\nRIOT,19.32,2026/10/05,16:00 EDT,,,,,,20250303,10,5,,,,,BUY\n"
         "RIOT,19.32,2026/10/05,16:00 EDT,,,,,,20250403,12,5,,,,,SELL\n", "lots with sales"),
    Case("gains", "realised gains", "Symbol,Quantity,Date Acquired,Date Sold,Proceeds\nRIOT,10,2025-01-02,2026-01-05,160\n",
         "a list of realised gains, not what is held"),
    Case("dividends", "dividends", "Symbol,Ex-Date,Pay Date,Amount\nRIOT,2026-01-02,2026-01-05,1.60\n", "a list of dividends, not what is held"),
    Case("json", "Ghostfolio's export", '{"meta":{},"activities":[{"symbol":"RIOT"}]}', "Ghostfolio activities: a history of trades"),
    Case("hundredths", "London without a currency", "Symbol,Quantity,Price\nVOD.L,10,72.5\n", "--currency GBX or --currency GBP"),
    Case("isin only", "ISINs with prices of no currency", "ISIN,Quantity,Price\nDE0007164600,10,72.5\n", "--currency CODE"),
    Case("columns", "a table of something else", "What,Where,When\nRIOT,here,now\n", "(seen: What, Where, When)"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_contradiction_or_an_ambiguity_refuses_the_file(tmp_path, case):
    with pytest.raises(HoldingsError) as error:
        holdings(tmp_path, case.text)
    assert case.outcome in str(error.value)


@pytest.mark.parametrize("accept", ["2", "mine.csv:2", "RIOT", "riot"])
def test_what_is_accepted_is_noted(tmp_path, accept):
    text = "Symbol,Quantity,Price,Value\nRIOT,100,19.32,193200\n"
    found = holdings(tmp_path, text, accept=parse_accept([accept]))
    assert found.frame["quantity"].iloc[0] == 100
    assert any(note.startswith("Accepted: mine.csv:2: RIOT: quantity x price is 1,932.00") for note in found.notes)
    with pytest.raises(HoldingsError):
        holdings(tmp_path, text, accept=("3",))


AGREE = [
    ("Symbol,Quantity,Price,Value\nRIOT,1250.5,14.79,18494.90\n", [18_494.90]),  # rounded cents
    ("Symbol,Quantity,Price,Value\nRIOT,3,10.33,31.00\n", [31.00]),  # the price is shown with two decimals
    ("Symbol,Quantity,Price,Value\nRIOT,1000000,0.01,14000\n", [14_000]),  # 0.014 shown as 0.01
    ("Symbol,Quantity,Price,Value\nRIOT,-100,19.32,1932\n", [-1932]),  # a short's value without its sign
    ("Symbol,Quantity,Price,Value,Side\nRIOT,100,19.32,-1932,Short\n", [-1932]),
    ("Symbol,Quantity,Price,Value\nRIOT,100,0,0\n", [0]),
    ("Symbol,Quantity,Price,Value\nRIOT,100,19.32,1932\nIREN,-10,40,-400\nTotal,,,1532\n", [1932, -400]),
    (
        "Symbol,Quantity,Price,Value\nRIOT,100,19.32,1932\nSubtotal,,,1932\nIREN,10,40,400\nSubtotal,,,400\nTotal,,,2332\n",
        [1932, 400],
    ),
    ("Symbol,Quantity,Price,Value\nTotal,,,2332\nRIOT,100,19.32,1932\nIREN,10,40,400\n", [1932, 400]),
    ("Symbol;Quantity;Price;Value\nRIOT;23,000;40,454;930,442\n", [930.442]),  # only the comma makes the value
]


@pytest.mark.parametrize(("text", "values"), AGREE)
def test_rounding_is_no_contradiction(tmp_path, text, values):
    found = holdings(tmp_path, text)
    assert found.frame["value"].tolist() == pytest.approx(values)
    assert found.left_out == ()


@pytest.mark.parametrize(
    "text",
    [
        "Symbol,Quantity,Last,Close\nVTI,12,301.25,298.10\n",
        "Symbol,Quantity,Value,Price,Close\nVTI,12,3615,301.25,28.10\n",
    ],
)
def test_two_prices_of_one_size_and_one_that_the_value_confirms(tmp_path, text):
    assert holdings(tmp_path, text).frame[["ticker", "quantity", "price"]].to_numpy().tolist() == [["VTI", 12, 301.25]]


WIDE = "Symbol,Quantity,Price,Value,Note\nRIOT,100,19.32,1932.00,\n"


@pytest.mark.parametrize(
    ("text", "out", "noted"),
    [
        (WIDE + "CLSK,4000\n0,12.98,519200,\n", True, False),  # broken within a figure; the rest has no quantity
        (WIDE + "CLSK,4000,12.98,51920\n", False, False),  # nothing is lacking
        (WIDE.replace(",\n", ",x\n") + "CLSK,4000\n", False, True),
        (WIDE.replace(",\n", ",x\n") + "CLSK,4000,12.98,51920\n", False, False),
        (
            "Symbol,Quantity,Price,Value,Note\nRIOT,100,,,\nCLSK,4000\n",
            False,
            False,
        ),  # the whole row has no price either
        ("Symbol,Quantity\nRIOT,100\nCLSK,4000\n", False, False),
        ("Symbol,Quantity,Note\nRIOT,100\nCLSK,4000\n", False, False),  # no row has the note
    ],
)
def test_a_row_that_ends_before_the_others(tmp_path, text, out, noted):
    found = holdings(tmp_path, text)
    words = "mine.csv:3: Symbol 'CLSK': the row ends after"
    assert any(str(problem).startswith(words) for problem in found.left_out) == out
    assert any(note.startswith("mine.csv:3: the row ends after 2 of 5 cells") for note in found.notes) == noted


def test_the_values_decide_a_habit_that_the_figures_leave_open(tmp_path):
    found = holdings(tmp_path, "Symbol;Quantity;Price;Value\nRIOT;23,000;40,454;930,442\n")
    assert tuple(found.frame[["quantity", "price"]].iloc[0]) == (23, 40.454)
    assert "decimal comma (1.234,50, quantity x price is the value)" in found.notes[0]
    for decimal, quantity in ((",", 1.234), (".", 1234)):
        assert (
            holdings(tmp_path, "Symbol;Quantity\nRIOT;1,234\n", decimal=decimal).frame["quantity"].iloc[0] == quantity
        )


@pytest.mark.parametrize(
    ("delimiter", "figure", "quantity"),
    [(",", '"16,98"', 1250), (",", "16.98", 1.25), (";", "16,98", 1250), ("\t", "16.98", 1.25)],
)
def test_columns_that_are_not_read_decide_a_habit_that_the_others_leave_open(tmp_path, delimiter, figure, quantity):
    text = (
        delimiter.join(["Symbol", "Quantity", "What it is"]) + "\n" + delimiter.join(["RIOT", "1.250", figure]) + "\n"
    )
    found = holdings(tmp_path, text)
    assert found.frame["quantity"].iloc[0] == quantity
    assert "as figures of other columns are written" in found.notes[0]


def test_a_row_that_cannot_be_read_is_left_out_and_told(tmp_path):
    text = "Symbol,Quantity,Security Type\nRIOT,ten,Stock\nIREN,5,Stock\nXYZ,3,Warrant\n"
    found = holdings(tmp_path, text)
    assert list(found.frame["ticker"]) == ["IREN"]
    assert found.rows_left_out == "2 of 3 rows left out"
    assert found.notes[:3] == (
        "2 of 3 rows left out; they are in no total",
        "Left out: mine.csv:2: Quantity 'ten': expected a number",
        "Left out: mine.csv:4: Security Type 'Warrant': expected a kind such as stock, ETF, option, bond, crypto, cash; "
        "--kind TICKER=KIND says it",
    )
    assert list(holdings(tmp_path, text, kinds={"XYZ": "equity"}).frame["ticker"]) == ["IREN", "XYZ"]


def test_nothing_is_dropped_without_a_count(tmp_path):
    text = "Symbol,Quantity\nRIOT,10\nIREN,0\nTotal,10\nThese figures are of no day in particular and no advice.\n"
    (reading,) = holdings(tmp_path, text).readings
    assert (reading.lines, reading.positions) == (4, 1)
    assert reading.counts == {"totals": 1, "of text": 1, "of a quantity of zero": 1}


def test_a_second_table_ends_the_first_and_is_told(tmp_path):
    text = (
        "Symbol,Quantity\nRIOT,10\n\nSymbol,Ex-Date,Pay Date,Amount\nIREN,2026-01-02,2026-01-05,1.60\n\n"
        "Name,Region,Analyst\nCIFR,Texas,Smith\n"
    )
    found = holdings(tmp_path, text)
    assert list(found.frame["ticker"]) == ["RIOT"]
    assert "mine.csv:4: a list of dividends, not read" in found.notes
    assert "mine.csv:7: a table of Name, Region, Analyst, not read" in found.notes


def test_hidden_and_further_sheets_are_told(tmp_path):
    book = openpyxl.Workbook()
    first, old, notes = book.active, book.create_sheet("Old"), book.create_sheet("Notes")
    first.title = "Now"
    for sheet, quantity in ((first, 10), (old, 99)):
        sheet.append(["Symbol", "Quantity"])
        sheet.append(["RIOT", quantity])
    notes.append(["read me"])
    old.sheet_state = "hidden"
    path = tmp_path / "book.xlsx"
    book.save(path)
    found = read([path])
    assert list(found.frame["quantity"]) == [10]
    assert "book.xlsx: the hidden sheet 'Old' holds positions and was not read; --sheet reads it" in found.notes
    assert "book.xlsx: no holdings on the sheet 'Notes'" in found.notes
    assert list(read([path], Choices(sheet="Old")).frame["quantity"]) == [99]
    with pytest.raises(HoldingsError, match=r"--sheet 'Gone': expected one of Now, Old, Notes"):
        read([path], Choices(sheet="Gone"))


def test_a_sheet_that_repeats_another_is_refused(tmp_path):
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("Last week")):
        sheet.append(["Symbol", "Quantity"])
        for ticker in ("RIOT", "IREN", "WULF"):
            sheet.append([ticker, 10])
    path = tmp_path / "book.xlsx"
    book.save(path)
    with pytest.raises(HoldingsError, match="hold the same positions: --sheet NAME reads one"):
        read([path])
    assert len(read([path], Choices(sheet="Sheet")).frame) == 3


def test_numbers_of_a_workbook_keep_their_point_beside_text_with_a_comma(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Symbol", "Quantity", "Price"])
    book.active.append(["RIOT", 40.454, "19,32"])
    path = tmp_path / "book.xlsx"
    book.save(path)
    assert tuple(read([path]).frame[["quantity", "price"]].iloc[0]) == (40.454, 19.32)


@pytest.mark.parametrize(
    ("parse", "text"),
    [(parse_kinds, ["BTC=coins"]), (parse_kinds, ["coin"]), (parse_currency, "DOLLAR")],
)
def test_a_wrong_option_is_told(parse, text):
    with pytest.raises(HoldingsError, match=r"--kind|--currency"):
        parse(text)
