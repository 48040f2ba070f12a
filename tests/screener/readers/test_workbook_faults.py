"""Every fault of a workbook is one problem with file, sheet or part, and exit code 2; what is harmless is read."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from screener import workbooks
from screener.errors import InputError
from screener.readers import archive
from tests.screener.readers import books
from tests.screener.readers.books import HEAD, MAIN, book


@dataclass(frozen=True)
class Case:
    """A fault, what is told of it, and the file with it."""

    id: str
    fault: str
    outcome: str
    made: Callable[[], bytes]
    told: str


def _row(cells: str) -> str:
    return f'<row r="1">{cells}</row>'


def _encrypted() -> bytes:
    """The flag of a password set for each part, as ZIP tools do."""
    held = bytearray(book())
    at = 0
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = 0
        while (at := held.find(mark, at)) >= 0:
            held[at + place] |= 1
            at += 4
    return bytes(held)


def _many_parts() -> bytes:
    return books.packed({f"part{number}.xml": "<a/>" for number in range(archive.MOST_PARTS + 1)})


def _says_larger() -> bytes:
    """A part whose directory entry says that it unpacks to 4 GB."""
    held = bytearray(book())
    at = held.find(b"PK\x01\x02")
    held[at + 24 : at + 28] = struct.pack("<I", 0xFFFFFFF0)
    return bytes(held)


def _flipped() -> bytes:
    """A bit of a sheet's packed bytes turned over."""
    held = bytearray(book())
    with zipfile.ZipFile(io.BytesIO(bytes(held))) as opened:
        at = opened.getinfo(books.SHEET).header_offset
    held[at + 30 + len(books.SHEET) + 20] ^= 0xFF
    return bytes(held)


def _method() -> bytes:
    held = bytearray(book())
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = 0
        while (at := held.find(mark, at)) >= 0:
            held[at + place : at + place + 2] = struct.pack("<H", 99)
            at += 4
    return bytes(held)


BILLION = (
    f'{HEAD}<!DOCTYPE x [<!ENTITY a "{"ha" * 50}"><!ENTITY b "{"&a;" * 50}"><!ENTITY c "{"&b;" * 50}">]>'
    f'<sst xmlns="{MAIN}"><si><t>&c;</t></si></sst>'
)
OUTSIDE = f'{HEAD}<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><sst xmlns="{MAIN}"><si><t>&a;</t></si></sst>'
REFUSED = "Refused before a cell is read"

CASES = [
    Case("empty", "an empty file", REFUSED, lambda: b"", "the file is empty"),
    Case("blank", "a file of blanks", REFUSED, lambda: b" \n" * 9, "the file is empty"),
    Case("text", "a CSV file with the name of a workbook", REFUSED, lambda: b"a,b\n1,2\n", "it is text"),
    Case("page", "a web page with the name of a workbook", REFUSED, lambda: b"<html>Log in</html>", "a web page"),
    Case("xml", "a spreadsheet of XML (2003)", REFUSED, lambda: b"<?xml version='1.0'?><Workbook/>", "it is XML"),
    Case("old", "an old .xls, or a workbook with a password", REFUSED, lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "old .xls"),
    Case("noise", "bytes of no format", REFUSED, lambda: bytes(range(128, 256)) * 4, "expected a workbook"),
    Case("head", "a zip's first bytes alone", REFUSED, lambda: b"PK\x03\x04 and no more", "damaged (BadZipFile"),
    Case("half", "half a workbook", REFUSED, lambda: book()[: len(book()) // 2], "damaged (BadZipFile"),
    Case("empty zip", "a zip without a part", REFUSED, lambda: books.packed({}), "a zip without a workbook"),
    Case("other zip", "a zip of something else", REFUSED, lambda: books.packed({"readme": "x"}), "[Content_Types].xml"),
    Case("password", "a zip with a password", REFUSED, _encrypted, "is encrypted"),
    Case("flipped", "a bit turned over in a sheet", "The part is named", _flipped, books.SHEET),
    Case("method", "packed in an unknown way", "The part is named", _method, "[Content_Types].xml"),
    Case("many parts", "thousands of parts", REFUSED, _many_parts, "at most 5,000 parts"),
    Case("says 4 GB", "a part that says it unpacks to 4 GB", REFUSED, _says_larger, "unpacks to at most"),
    Case("entities", "entities within entities", REFUSED, lambda: book(sharedStrings=BILLION), "declares some"),
    Case("outside", "an entity that reads another file", REFUSED, lambda: book(sharedStrings=OUTSIDE), "declares some"),
    Case("in sheet", "an entity in a sheet", REFUSED, lambda: book(sheet1=BILLION), "declares some"),
    Case("utf-16", "a part in UTF-16", REFUSED, lambda: book(sheet1=books.sheet("").encode("utf-16")), "no XML in UTF-8"),
    Case("no types", "no list of parts", "The missing part is named", lambda: book(types=None), "[Content_Types].xml"),
    Case("no book", "no xl/workbook.xml", "The missing part is named", lambda: book(workbook=None), "xl/workbook.xml"),
    Case("no sheet", "a sheet's part is missing", "Told as without a sheet", lambda: book(sheet1=None), "no sheet"),
    Case("cut", "a sheet's XML ends in the middle", "Line and column of the part are named",
         lambda: book(sheet1=books.sheet("<row>")[:-30]), "ParseError"),
    Case("no strings", "a text out of the range of the shared texts", "The sheet is named",
         lambda: book(_row('<c r="A1" t="s"><v>7</v></c>')), "IndexError"),
    Case("text number", "a text where a number's digits should be", "The sheet is named",
         lambda: book(_row('<c r="A1"><v>lots</v></c>')), "sheet 'S'"),
    Case("digits", "a number of ten thousand digits", "The sheet is named",
         lambda: book(_row(f"<c r='A1'><v>{'9' * 10_000}</v></c>")), "sheet 'S'"),
    Case("beyond", "a number of 400 digits", "The cell is named",
         lambda: book(_row(f"<c r='A1'><v>{'9' * 400}</v></c>")), "S!A1: expected a number"),
    Case("infinite", "a number beyond a double", "The cell is named",
         lambda: book(_row("<c r='B1'><v>1E999</v></c>")), "S!B1: expected a number"),
    Case("address", "a cell whose address is none", "The sheet is named",
         lambda: book(_row("<c r='$$'><v>1</v></c>")), "sheet 'S'"),
    Case("deep", "tags a hundred thousand deep in the list of sheets", "Refused",
         lambda: book(workbook=f'{HEAD}<workbook xmlns="{MAIN}">' + "<sheets>" * 100_000), "expected a workbook"),
    Case("last row", "a cell in the last row of all", "The sheet is named",
         lambda: book('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "S: expected at most"),
    Case("two names", "two sheets of one name", "Refused",
         lambda: book(workbook=str(books.parts()[books.BOOK]).replace(
             "</sheets>", '<sheet name="S" sheetId="2" r:id="rId1"/></sheets>')), "no other sheet has"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_fault_of_a_workbook_is_told_with_its_place(tmp_path, case):
    path = tmp_path / "mine.xlsx"
    path.write_bytes(case.made())
    with pytest.raises(InputError) as raised:
        workbooks.read_sheets(path)
    assert case.told in str(raised.value)
    assert raised.value.exit_code == 2
    assert [problem.file.startswith("mine.xlsx") for problem in raised.value.problems] == [True]
    assert len(str(raised.value)) < 700


def test_the_workbook_that_the_faults_are_put_into_is_read():
    found = workbooks.of_bytes("x.xlsx", book())["S"]
    assert (found.at("A1"), found.at("$B$1"), found.at("C9"), found.hidden) == ("text", 12.5, None, False)
    assert [[cell.address for cell in row] for row in found.rows] == [["A1", "B1"]]
    with pytest.raises(ValueError, match="'A' is no cell"):
        found.at("A")


def test_a_merged_area_of_all_cells_and_a_size_that_is_not_so_cost_nothing():
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="70000"><c r="B70000"><v>2</v></c></row>'
    merged = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    found = workbooks.of_bytes("x.xlsx", book(rows, merged))["S"]
    assert found.values == {(1, 1): 1, (70000, 2): 2}
    said = books.sheet(rows).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    assert workbooks.of_bytes("x.xlsx", book(sheet1=said))["S"].values == found.values


def test_formulas_and_their_values_are_read_apart():
    held = book(_row('<c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>A1</f></c>'))
    assert workbooks.of_bytes("x.xlsx", held, formulas=True)["S"].values == {(1, 1): "=1+1", (1, 2): "=A1"}
    assert workbooks.of_bytes("x.xlsx", held)["S"].values == {(1, 1): 2}


def test_more_tags_than_are_read_are_counted_before_anything_is_made_of_them(monkeypatch):
    monkeypatch.setattr(archive, "MOST_MARKS", 1_000)
    with pytest.raises(InputError, match="at most 1,000 XML tags"):
        workbooks.of_bytes("x.xlsx", book("<row/>" * 1_000))


def test_wide_rows_are_refused_before_their_places_fill_the_memory(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_PLACES", 16_384 * 3)
    held = book("".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 6)))
    with pytest.raises(InputError, match="S: expected at most 3,000,000 cells"):
        workbooks.of_bytes("x.xlsx", held)


def test_a_name_with_a_line_break_makes_no_second_line(tmp_path):
    if os.name == "nt":
        pytest.skip("no such names on Windows")
    path = tmp_path / "a\n* * * * * b.xlsx"
    path.write_bytes(b"x")
    with pytest.raises(InputError) as raised:
        workbooks.read_sheets(path)
    assert len(str(raised.value.problems[0]).splitlines()) == 1
