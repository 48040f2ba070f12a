"""Every fault of a CSV file is a problem with its line, in a universe and in holdings; no row is lost in silence."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from screener.errors import HoldingsError, InputError
from screener.holdings import grid
from screener.readers import csv_rows
from screener.universes import reading
from screener.universes.schema import FILES

PRICES = replace(FILES["prices.csv"], name="mine.csv")
HEAD = b"date,ticker,close_usd\n2026-01-02,AAA,1.5\n"


@dataclass(frozen=True)
class Case:
    """A fault, what is told of it, the lines after two good ones, the line that is named, and the rows that stand."""

    id: str
    fault: str
    outcome: str
    content: bytes
    told: str
    line: int | None = 3
    rows: int = 1


CELL = "Its line and column are named; the other rows are checked too"
ROW = "Its line is named; the other rows are checked too"
WHOLE = "Its line is named; nothing of the file is used"
CASES = [
    Case("open quote", "a quote that is never closed", "The line where it opens is named", b'"2026-01-09,AAA,2\nx,y,z\n',
         "quotes in pairs; the rest of the file could not be read"),
    Case("inner quote", "a quote within a quoted cell", "Its line is named", b'2026-01-09,"A"A,2\n', "quotes in pairs"),
    Case("long row", "a cell too many", ROW, b"2026-01-09,AAA,2,3\n", "3 fields as in the header, there are 4"),
    Case("short row", "a cell too few", ROW, b"2026-01-09,AAA\n", "3 fields as in the header, there are 2"),
    Case("thousands", "a comma in a number", ROW, b"2026-01-09,AAA,1,234.5\n", "3 fields as in the header, there are 4"),
    Case("words", "a word for a number", CELL, b"2026-01-09,AAA,lots\n", "close_usd 'lots': expected a number", rows=2),
    Case("infinite", "infinity", CELL, b"2026-01-09,AAA,inf\n", "close_usd 'inf': expected a number", rows=2),
    Case("nan", "no number (nan)", CELL, b"2026-01-09,AAA,nan\n", "close_usd 'nan': expected a number", rows=2),
    Case("beyond", "a number beyond a double", CELL, b"2026-01-09,AAA,1e999\n", "'1e999': expected a number", rows=2),
    Case("digits", "a number of 5,000 digits", CELL, b"2026-01-09,AAA," + b"9" * 5_000, "expected a number", rows=2),
    Case("hex", "a hexadecimal number", CELL, b"2026-01-09,AAA,0x10\n", "'0x10': expected a number", rows=2),
    Case("under", "a number with underscores", CELL, b"2026-01-09,AAA,1_000\n", "'1_000': expected a number", rows=2),
    Case("arabic", "digits of another script", CELL, "2026-01-09,AAA,\u0661\u0662\n".encode(), "expected a number", rows=2),
    Case("percent", "a percent sign", CELL, b"2026-01-09,AAA,12%\n", "'12%': expected a number", rows=2),
    Case("slashes", "a date with slashes", CELL, b"01/09/2026,AAA,2\n", "date '01/09/2026': expected a date", rows=2),
    Case("february", "the 30th of February", CELL, b"2026-02-30,AAA,2\n", "date '2026-02-30': expected a date", rows=2),
    Case("year", "a date in the year 9999", CELL, b"9999-01-01,AAA,2\n", "expected a date", rows=2),
    Case("no date", "a blank where a value must be", CELL, b",AAA,2\n", "date: expected a value", rows=2),
    Case("nul", "a NUL within a text", CELL, b"2026-01-09,A\x00A,2\n", r"ticker 'A\x00A': expected a text", rows=2),
    Case("escape", "a terminal's command within a text", CELL, b"2026-01-09,\x1b[31mA,2\n", r"ticker '\x1b[31mA'", rows=2),
    Case("long cell", "a cell of 40,000 characters", CELL, b"2026-01-09," + b"A" * 40_000 + b",2\n",
         "at most 32,767 characters", rows=2),
    Case("latin", "Latin-1", WHOLE, b"2026-01-09,caf\xe9,2\n", "'byte 0xe9': expected UTF-8", rows=0),
    Case("long line", "one line of two million characters", WHOLE, b"2026-01-09," + b"A" * 2_000_000 + b",2\n",
         "lines of at most 1,000,000 characters", rows=0),
    Case("wide", "a row of 20,000 cells", ROW, b"1," * 20_000 + b"\n", "at most 500 columns"),
    Case("many rows", "two million lines", WHOLE, b"\n" * 2_000_000, "at most 1,000,000 rows", None, 0),
    Case("many cells", "nine million cells", WHOLE, (b"," * 90_000 + b"\n") * 100, "at most 8,000,000 cells", None, 0),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_fault_of_a_csv_file_is_told_with_its_line(case):
    table = reading.read(PRICES, HEAD + case.content)
    assert case.told in str(table.problems[0])
    assert table.problems[0].line == case.line
    assert len(table.frame) == case.rows
    assert len(table.problems) == 1
    assert len(str(table.problems[0])) < 400


HEADERS = {
    b"": "a header row; the file is empty",
    b"\n\n\n": "a header row; the file is empty",
    b"# a comment alone\n": "a header row",
    b"date,date,ticker,close_usd\n2026-01-02,2026-01-02,AAA,1\n": "the column once, it is there twice",
    b"date;ticker;close_usd\n2026-01-02;AAA;1\n": "a column of this name",
    "date,ticker,close_usd\n2026-01-02,AAA,1\n".encode("utf-16"): "this is UTF-16; save the file as CSV UTF-8",
    b"PK\x03\x04" + bytes(300): "UTF-8",
    b"x," * 600 + b"\n": "at most 500 columns",
}


@pytest.mark.parametrize("content", HEADERS)
def test_a_file_without_a_header_that_can_be_read_is_told(content):
    assert HEADERS[content] in "\n".join(map(str, reading.read(PRICES, content).problems)) or content[:2] == b"PK"
    assert reading.read(PRICES, content).problems


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\n\n"])
def test_lines_end_in_any_way(end):
    content = HEAD + b"2026-01-09,AAA,2\nx,AAA,3\n"
    table = reading.read(PRICES, content.replace(b"\n", end))
    assert table.frame["close_usd"].tolist() == [1.5, 2.0, 3.0]
    assert [problem.line for problem in table.problems] == [7 if end == b"\r\n\n" else 4]


def test_a_column_of_one_fault_is_told_a_thousand_times_and_the_rest_is_counted():
    table = reading.read(PRICES, HEAD + b"2026-01-09,AAA,x\n" * 1_500)
    assert len(table.problems) == 1_001
    assert str(table.problems[-1]) == "mine.csv: close_usd: 500 further rows with the same fault"
    short = reading.read(PRICES, HEAD + b"2026-01-09\n" * 1_500).problems
    assert (len(short), short[-1].message) == (1_001, "500 further rows with the same fault")


def test_an_error_lists_a_thousand_problems_and_says_how_many_more():
    problems = reading.read(PRICES, HEAD + b"y,AAA,x\n" * 900).problems
    said = str(InputError.of("mine.csv", problems)).splitlines()
    assert (said[0], len(said), said[-1]) == ("mine.csv: 1,800 problems", 1_002, "and 800 more")


def test_a_row_begins_where_its_first_cell_does():
    rows = list(csv_rows.rows("x", 'a,"b\nb"\n\nc,d\r\n"e\r\ne",f'))
    assert [(row.line, row.cells) for row in rows] == [
        (1, ["a", "b\nb"]), (3, []), (4, ["c", "d"]), (5, ["e\r\ne", "f"])
    ]  # fmt: skip


# In holdings other encodings and quotes within cells are what brokers write; what swallows rows is a fault there too.
HELD = b"Symbol,Quantity,Description\nAAA,1,x\n"


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        (HELD, ["AAA", "1", "x"]),
        (b"\xef\xbb\xbf" + HELD, ["AAA", "1", "x"]),
        (HELD.decode().encode("utf-16"), ["AAA", "1", "x"]),
        (HELD.replace(b"x", b"caf\xe9"), ["AAA", "1", "caf\u00e9"]),
        (HELD.replace(b"x", b'say "x" now'), ["AAA", "1", 'say "x" now']),
        (HELD.replace(b",x", b',5" pipe'), ["AAA", "1", '5" pipe']),
        (HELD.replace(b"\n", b"\r"), ["AAA", "1", "x"]),
    ],
    ids=["plain", "marked", "utf-16", "latin", "quotes", "inches", "old mac"],
)
def test_holdings_are_read_as_brokers_write_them(tmp_path, content, cells):
    (tmp_path / "mine.csv").write_bytes(content)
    (table,) = grid.grids(tmp_path / "mine.csv")
    assert (table.rows[1], table.line) == (cells, [1, 2])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'"AAA,1,x\nBBB,2,y\n', "mine.csv:3: expected quotes in pairs"),
        (b'BBB,2,"y\nCCC,3,z\n', "mine.csv:3: expected quotes in pairs"),
        (b"\x00\n", "it is not text"),
        (b"A," * 600 + b"\n", "mine.csv:3: expected at most 500 columns"),
        (b'"' + b"x" * 200_000 + b'"\n', "mine.csv:3: expected cells of at most"),
    ],
    ids=["first cell", "last cell", "nul", "wide", "long"],
)
def test_what_swallows_rows_of_holdings_is_told(tmp_path, content, told):
    (tmp_path / "mine.csv").write_bytes(HELD + content)
    with pytest.raises(HoldingsError) as raised:
        list(grid.grids(tmp_path / "mine.csv"))
    assert told in str(raised.value)
