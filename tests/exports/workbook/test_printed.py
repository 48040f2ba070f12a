"""The workbook on paper: LibreOffice prints every sheet, and no figure is too wide for its column, whatever the font.

The workbook asks for Arial. Where it is missing, LibreOffice takes what there is: a narrow font such as Carlito, which has
the measures of Calibri, or a wide one such as DejaVu Sans, which most Linux machines come with.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import xlsxwriter

from exports.workbook import portfolio as portfolio_book
from exports.workbook.writer.sheet_list import EARLIER, REGISTRY
from tests.exports import recalculate
from tests.exports.workbook.test_portfolio import HERE as HOLDINGS
from tests.exports.workbook.test_portfolio import report

pytestmark = pytest.mark.long
FONTS = {"Carlito": "fonts-crosextra-carlito", "DejaVu Sans": "fonts-dejavu-core"}
WORKBOOKS = ("january_studied", "october_2026_studied", "portfolio")
FIGURE = re.compile(r"[(+-]?\d[\d,]*(\.\d+)?[%x]?\)?[;,.:]?")


def narrow(path: Path) -> None:
    """A workbook in whose first column a number has no room, and a figure that is text has none either."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.set_header("&C&A&RAs of 2026-01-16")
        sheet.set_column(0, 0, 6)
        sheet.write_row(0, 0, [1234567890.12, "beside it"], book.add_format({"num_format": "#,##0.00"}))
        sheet.write_row(1, 0, ["1,234,567,890.12", "beside it"])
        sheet.write_row(2, 0, [12.5, "beside it"])
        sheet.write_row(3, 0, ["12.5", "beside it"])


@pytest.fixture(scope="module", params=["Carlito", "DejaVu Sans"])
def printed(request, shelf, tmp_path_factory) -> dict[str, tuple[Path, Path]]:
    """Workbooks, and what they are on paper with one font alone; one start of LibreOffice prints them all."""
    font = request.param
    if not recalculate.fonts(font):
        raise RuntimeError(f"{font} is not on this machine (apt-get install {FONTS[font]})")
    folder = tmp_path_factory.mktemp("printed")
    paths = {name: shelf[name].path for name in WORKBOOKS[:2]}
    paths |= {name: folder / f"{name}.xlsx" for name in ("portfolio", "narrow")}
    holdings = [HOLDINGS / f"{broker}.csv" for broker in ("fidelity", "schwab", "interactive_brokers")]
    portfolio_book.write(report(*holdings), paths["portfolio"])
    narrow(paths["narrow"])
    made = recalculate.convert(list(paths.values()), folder, "pdf", font)
    return {name: (path, paper) for (name, path), paper in zip(paths.items(), made, strict=True)}


def pages(path: Path, sheets: list[str]) -> dict[str, str]:
    """What is on paper by sheet, whose name stands on top of each page between title and date."""
    found = dict.fromkeys(sheets, "")
    for page in recalculate.read(path).split("\f"):
        for sheet in sheets:
            if re.search(rf"\s\s{re.escape(sheet)}\s+As of ", page):
                found[sheet] += page
    return found


def hashed(path: Path) -> list[str]:
    """Lines with a figure that is shown as hashes."""
    return [line.strip() for line in recalculate.read(path).splitlines() if "###" in line]


def cut(workbook: Path, path: Path) -> list[str]:
    """Figures within words that are not whole on paper, or not as often as on the sheet: a cell beside them cuts them."""
    book = recalculate.load(workbook, values=True)
    found = []
    shown = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    for name, text in pages(path, shown).items():
        sheet, on_paper = book[name], Counter(text.split())
        shapes = [shape for shape in sheet.column_dimensions.values() if shape.hidden]
        hidden = {column for shape in shapes for column in range(shape.min, shape.max + 1)}
        ranges = [part.rpartition("!")[2] for part in sheet.print_area.split(",")] if sheet.print_area else []
        area = [row for one in ranges for row in sheet[one]] if ranges else sheet.iter_rows()
        cells = [cell for row in area for cell in row if isinstance(cell.value, str) and cell.column not in hidden]
        figures = Counter(word for cell in cells for word in cell.value.split() if FIGURE.fullmatch(word))
        found += [f"{name}: {figure}" for figure, count in figures.items() if on_paper[figure] < count]
    return found


@pytest.mark.parametrize("name", WORKBOOKS)
def test_no_figure_is_shown_as_hashes_or_cut_off(printed, name):
    assert hashed(printed[name][1]) == []
    assert cut(*printed[name]) == []


@pytest.mark.parametrize("name", WORKBOOKS[:2])
def test_every_sheet_is_printed(printed, name):
    assert [
        sheet
        for sheet, text in pages(
            printed[name][1], [sheet.name for sheet in REGISTRY if sheet.option != EARLIER and not sheet.hidden]
        ).items()
        if not text
    ] == []


def test_figures_without_room_are_noticed(printed):
    assert len(hashed(printed["narrow"][1])) == 1
    assert cut(*printed["narrow"]) == ["Sheet1: 1,234,567,890.12"]
