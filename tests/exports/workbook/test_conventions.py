"""The conventions of a bank's workbook, held cell by cell."""

from __future__ import annotations

import re
import zipfile

import openpyxl
import pytest
from openpyxl.formula import Tokenizer
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from exports.tables.record import RECORD_SHEET
from exports.workbook import write
from exports.workbook.sheets import scatter
from exports.workbook.writer.input_register import REGISTER
from exports.workbook.writer.sheet_list import EARLIER, NAV_SHEETS, REGISTRY, STUDY_SHEETS
from tests.exports import recalculate as calc

SHEETS = tuple(sheet.name for sheet in REGISTRY if sheet.option != EARLIER)
BLUE, BLACK, GREEN = "0000FF", "000000", "008000"
PRESENTED = "Summary"  # a page to be presented is in house style, and holds no hard-coded number at all
# Counts, dates, test statistics and flags have none.
UNITLESS = (
    "n ", "p", "t", "R ", "ln(", "Fitted ln", "Leverage", "Degrees of freedom", "HC3 std. error", "Contracts",
    "Announced", "Start", "Published", "Period end", "Op. IT", "Con. IT", "Sec. IT", "Pip. IT", "Rank", "Cook's distance",
    "BMP t", "Kolari-Pynnonen t", "Corrado rank z", "Beta", "Week", "Date", "Close", "Quarter reported to",
    "AI contracts signed", "Own earlier events", "of them without", "Companies with", "For the lower chart", "Line",
)  # fmt: skip


def colour(cell: openpyxl.cell.Cell) -> str:
    found = cell.font.color
    return "" if found is None or not isinstance(found.rgb, str) else found.rgb[-6:]


def refers(formula: str | ArrayFormula) -> tuple[bool, bool]:
    """Whether a formula, or an array formula, reads cells of its own sheet, and of others."""
    formula = getattr(formula, "text", formula)
    ranges = [t.value for t in Tokenizer(formula).items if t.type == "OPERAND" and t.subtype == "RANGE"]
    return any("!" not in r for r in ranges), any("!" in r for r in ranges)


@pytest.mark.parametrize(
    "name",
    [
        "january", "no_pivots", "october_2026_studied",
        *(pytest.param(name, marks=pytest.mark.long) for name in ("june_2024", "one_company")),
    ],
)  # fmt: skip
def test_every_number_is_blue_every_calculation_black_and_every_link_green(shelf, name):
    wrong, counted = [], {BLUE: 0, BLACK: 0, GREEN: 0}
    for sheet in calc.load(shelf[name].path, values=False):
        for cell in (c for row in sheet.iter_rows() for c in row if c.value is not None):
            if cell.data_type in ("n", "d"):
                expected = BLUE
            elif cell.data_type == "f":
                own, other = refers(cell.value)
                expected = GREEN if other and not own else BLACK
            else:
                continue
            if sheet.title == PRESENTED:
                if cell.data_type != "f":
                    wrong.append((sheet.title, cell.coordinate, "a hard-coded number"))
                continue
            if colour(cell) == "006100" and "CHECK" in str(cell.value):  # a verdict, in the colour of verdicts
                continue
            counted[expected] += 1
            if colour(cell) != expected:
                wrong.append((sheet.title, cell.coordinate, colour(cell), expected, cell.value))
    assert wrong == []
    assert min(counted.values()) > 20


def test_hard_coded_figures_of_the_run_are_told_from_inputs_by_italics(opened):
    sheet = opened["Gap"]
    titles = {c.column: str(c.value) for c in sheet[6] if c.value}
    for column, title in titles.items():
        cell = sheet.cell(7, column)
        if cell.data_type == "n":
            assert cell.font.italic, title
            assert "fixed at run" in title
    assert not opened["EV bridge"]["C7"].font.italic


@pytest.fixture(scope="module")
def whole(studied):
    """The workbook of January with every sheet that there is. Nobody may change it."""
    return calc.load(studied.path, values=False)


def test_the_sheets_of_studies_and_worth_are_there_where_they_were_asked_for(opened, whole):
    assert tuple(whole.sheetnames) == (*SHEETS, REGISTER, RECORD_SHEET)
    plain = tuple(name for name in SHEETS if name not in (*STUDY_SHEETS, *NAV_SHEETS))
    assert tuple(opened.sheetnames) == (*plain, REGISTER, RECORD_SHEET)


@pytest.mark.parametrize("title", SHEETS)
def test_every_sheet_prints_as_a_page(whole, title):
    sheet = whole[title]
    assert sheet.page_setup.orientation == "landscape"
    assert int(sheet.page_setup.paperSize) == 1  # Letter, unless A4 is asked for
    if sheet.sheet_properties.pageSetUpPr is not None and sheet.sheet_properties.pageSetUpPr.fitToPage:
        assert sheet.page_setup.fitToWidth in (None, 1)  # one page wide is what the file format takes for granted
        # The curve and Contents are one page; everything else as many as it takes.
        assert sheet.page_setup.fitToHeight in ((None, 1) if title in ("Specification curve", "Contents") else (0,))
    else:
        assert int(sheet.page_setup.scale) >= 60
    assert sheet.freeze_panes is not None
    assert sheet.print_area
    assert sheet.oddHeader.left.text == "Listed bitcoin miners and the AI infrastructure they build"
    assert "As of 2026-01-16" in sheet.oddHeader.right.text
    assert "Run " in sheet.oddFooter.left.text
    assert "&P" in sheet.oddFooter.center.text
    assert "Notes" in [sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1)]
    assert not sheet.merged_cells.ranges


# Printed are words and charts; the figures of each point are for the screen.
NOT_PRINTED = {"Specification curve": "Every specification, fixed at run time", "Mining": "Weeks of the chart above"}


@pytest.mark.parametrize("title", SHEETS)
def test_nothing_is_written_outside_the_print_area(whole, title):
    sheet = whole[title]
    ends = re.findall(r":\$?([A-Z]+)\$?(\d+)", str(sheet.print_area))
    last = (
        max((letter for letter, _ in ends), key=lambda letter: (len(letter), letter)),
        max(int(row) for _, row in ends),
    )
    used = [c for row in sheet.iter_rows() for c in row if c.value is not None]
    if title in NOT_PRINTED:
        used = [c for c in used if c.row <= int(last[1])]
        assert NOT_PRINTED[title] in [c.value for c in sheet["A"] if c.row > int(last[1])]
    assert max(c.row for c in used) <= int(last[1])
    assert max(c.column for c in used) <= openpyxl.utils.column_index_from_string(last[0])


def test_no_names_but_those_of_printing(opened):
    assert list(opened.defined_names) == []


def headers(sheet: Worksheet) -> list[openpyxl.cell.Cell]:
    """White on navy."""
    return [c for row in sheet.iter_rows() for c in row if c.value and c.fill.fgColor.rgb == "FF1F3864"]


@pytest.mark.parametrize("title", [s for s in SHEETS if s not in ("Quality", "Assumptions")])
def test_every_header_over_numbers_has_its_unit(whole, title):
    sheet, missing = whole[title], []
    for head in headers(sheet):
        below = sheet.cell(head.row + 1, head.column)
        if below.data_type not in ("n", "f", "d") or "General" in below.number_format or "■" in below.number_format:
            continue
        spanners = [sheet.cell(head.row - 1, c).value for c in range(1, head.column + 1)]
        spanner = next((s for s in reversed(spanners) if s), "")
        text = str(head.value)
        if "(" not in text and "(" not in str(spanner) and not text.startswith(UNITLESS):
            missing.append(text)
    assert missing == []
    assert headers(sheet)


@pytest.mark.parametrize("title", SHEETS)
def test_headers_of_one_table_are_unique(whole, title):
    rows: dict[int, list[str]] = {}
    for head in headers(whole[title]):
        rows.setdefault(head.row, []).append(str(head.value))
    assert [names for names in rows.values() if len(names) != len(set(names))] == []


def test_blue_cells_of_the_bridge_carry_their_source(opened, january):
    sheet = opened["EV bridge"]
    inputs = [
        c for row in sheet.iter_rows(min_row=7, max_row=6 + len(january.screen.table))
        for c in row if c.data_type == "n"
    ]  # fmt: skip
    unsourced = [c.coordinate for c in inputs if c.comment is None or "published" not in c.comment.text]
    assert unsourced == []
    assert "financials.csv:" in sheet["D7"].comment.text


def test_unknown_turns_grey_by_rule_so_that_a_filled_cell_has_its_right_colour(opened):
    for title in ("EV bridge", "Multiples", "Screen", "Gap"):
        rules = [r for rs in opened[title].conditional_formatting for r in rs.rules if r.type == "expression"]
        assert any('"n/a"' in r.formula[0] and r.dxf.font.color.rgb[-6:] == "7F7F7F" for r in rules)


def test_a_failing_check_turns_red(opened):
    rules = [r for rs in opened["Summary"].conditional_formatting for r in rs.rules if r.type == "cellIs"]
    assert len(rules) == 12  # eleven checks and the flag for all
    assert {r.dxf.font.color.rgb[-6:] for r in rules} == {"C00000"}
    assert {r.formula[0] for r in rules} == {'"CHECK"'}


def test_the_charts_are_native_and_name_their_companies(january):
    with zipfile.ZipFile(january.path) as archive:
        charts = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/charts/chart")]
    scatters = [c for c in charts if "<c:scatterChart>" in c and "fitted line" in c]
    assert len(scatters) == 2  # on Brief, there with the confidence band, and on Regression
    assert ["confidence band" in drawn for drawn in scatters].count(True) == 1
    for drawn in scatters:
        for ticker in january.screen.regression.sample.index:
            assert f"<a:t>{ticker}</a:t>" in drawn
        assert '<c:logBase val="2"/>' in drawn
    assert any("<c:barChart>" in c for c in charts)


@pytest.mark.long
def test_more_companies_than_have_room_for_a_ticker_are_one_series_of_the_scatter(january, tmp_path, monkeypatch):
    """Excel draws 255 series at most: with one a company, the rest of a large universe would be missing."""
    n = january.screen.regression.n
    monkeypatch.setattr(scatter, "MOST_NAMED", n - 1)
    write(january.screen, tmp_path / "many.xlsx")
    with zipfile.ZipFile(tmp_path / "many.xlsx") as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    scatters = [c for c in charts if "<c:scatterChart>" in c and "fitted line" in c]
    assert [c.count("<c:ser>") for c in scatters] in ([2, 4], [4, 2])
    for chart in scatters:
        points = chart.rpartition("<c:ser>")[2]
        first, last = (int(row) for row in re.findall(r"<c:yVal>.*?\$(\d+):\$[A-Z]+\$(\d+)</c:f>", points)[0])
        assert last - first + 1 == n
        assert "companies" in points
