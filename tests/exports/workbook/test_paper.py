"""The workbook on paper: no sheet prints below 60%, no chart or text is cut by the edge of a page, links lead both ways."""

from __future__ import annotations

import math
import re
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries

from exports.commentary.glossary import terms
from exports.tables.record import RECORD_SHEET
from exports.workbook import write
from exports.workbook.writer.input_register import REGISTER
from exports.workbook.writer.paper import PAPERS, _areas, _stretches, plan
from exports.workbook.writer.sheet_list import REGISTRY, present
from exports.workbook.writer.widths import ADVANCES, lines, text_digits
from exports.workbook.writer.worksheet import PlainWorksheet
from tests.exports import recalculate as calc

pytestmark = pytest.mark.long
INCHES = {"letter": (11.0, 8.5, 1), "a4": (11.69, 8.27, 9)}
SIDES = 0.8  # inches, both margins


@pytest.fixture(scope="module", params=["letter", "a4"])
def printed(request, studied, tmp_path_factory) -> tuple[str, openpyxl.Workbook, Path]:
    """The whole workbook for one paper."""
    path = tmp_path_factory.mktemp("paper") / f"{request.param}.xlsx"
    write(studied.screen, path, paper=request.param)
    book = openpyxl.load_workbook(path)
    for name in (REGISTER, RECORD_SHEET):  # neither shown nor printed
        assert book[name].sheet_state == "veryHidden"
        del book[name]
    return request.param, book, path


def pixels(sheet) -> dict[int, int]:
    """Width of each column as Excel draws it: 7 pixels a digit; the file counts 5 pixels beside them in."""
    out = {}
    for shape in sheet.column_dimensions.values():
        for col in range(shape.min, shape.max + 1):
            out[col] = 0 if shape.hidden else round(7 * shape.width)
    return out


def areas(sheet) -> list[tuple[int, int, int, int]]:
    parts = sheet.print_area if isinstance(sheet.print_area, list) else str(sheet.print_area).split(",")
    return [range_boundaries(part.rpartition("!")[2].replace("$", "")) for part in parts]


def test_every_sheet_prints_at_60_percent_or_more_and_fits_its_page(printed):
    paper, book, _ = printed
    width, _, number = INCHES[paper]
    for sheet in book:
        assert int(sheet.page_setup.paperSize) == number
        wide, page = pixels(sheet), (width - SIDES) * 96
        across = [sum(wide.get(col, 64) for col in range(a, b + 1)) for a, _, b, _ in areas(sheet)]
        if sheet.sheet_properties.pageSetUpPr is not None and sheet.sheet_properties.pageSetUpPr.fitToPage:
            assert len(across) == 1
            assert page / across[0] >= 0.60, sheet.title
            continue
        scale = int(sheet.page_setup.scale) / 100
        assert 0.60 <= scale <= 1
        repeated = column_index_from_string(re.findall(r"[A-Z]+", sheet.print_title_cols)[-1])
        titles = sum(wide.get(col, 64) for col in range(1, repeated + 1))
        for (first, *_), used in zip(areas(sheet), across, strict=True):
            # The title columns stand before every block that does not begin with them.
            assert (used + (titles if first > 1 else 0)) * scale <= page, sheet.title


def test_every_cell_is_on_paper_once(printed):
    _, book, _ = printed
    for sheet in book:
        found: dict[tuple[int, int], int] = {}
        for left, top, right, bottom in areas(sheet):
            for row in range(top, bottom + 1):
                for col in range(left, right + 1):
                    found[row, col] = found.get((row, col), 0) + 1
        written = [(c.row, c.column) for row in sheet.iter_rows() for c in row if c.value not in (None, "")]
        if sheet.title in ("Specification curve", "Mining"):  # the figures of each point of a chart are for the screen
            written = [(row, col) for row, col in written if row <= max(row for row, _ in found)]
        assert [place for place in written if found.get(place, 0) != 1] == [], sheet.title


def test_no_chart_is_cut_by_the_edge_of_a_block(printed):
    _, book, _ = printed
    count = 0
    for sheet in book:
        wide = pixels(sheet)
        for chart in sheet._charts:
            start = chart.anchor._from
            left, col = chart.anchor.ext.width / 9525 if hasattr(chart.anchor, "ext") else None, start.col + 1
            end = chart.anchor.to.col + 1 if left is None else col
            inside = [a for a in areas(sheet) if a[0] <= col <= end <= a[2] and a[1] <= start.row + 1 <= a[3]]
            assert inside, f"{sheet.title}: chart at {get_column_letter(col)}{start.row + 1}"
            count += 1
        assert wide is not None
    assert count >= 15


def test_no_sheet_begins_with_a_page_that_is_nearly_empty(printed):
    """The rows of the first page against the room between its margins, at the scale of the sheet."""
    paper, book, _ = printed
    seen = 0
    for sheet in book:
        wide, (width, height, _) = pixels(sheet), INCHES[paper]
        left, top, right, bottom = areas(sheet)[0]
        first = min([row.id for row in sheet.row_breaks.brk if top <= row.id < bottom], default=bottom)
        if first == bottom:
            continue
        fitted = min(1.0, (width - SIDES) * 96 / sum(wide.get(col, 64) for col in range(left, right + 1)))
        fits = sheet.sheet_properties.pageSetUpPr is not None and sheet.sheet_properties.pageSetUpPr.fitToPage
        scale = fitted if fits else int(sheet.page_setup.scale) / 100
        room = (height - sheet.page_margins.top - sheet.page_margins.bottom) * 72
        used = sum(sheet.row_dimensions[row].height or 15 for row in range(top, first + 1)) * scale
        assert used > room / 5, f"{sheet.title}: {used / room:.0%} of the first page"
        seen += 1
    assert seen > 10


def headers(sheet) -> list:
    """Cells of headers: white on navy, upright."""
    cells = (cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str) and cell.value)
    return [c for c in cells if c.fill.fgColor.rgb == "FF1F3864" and not c.alignment.textRotation]


def test_the_words_of_headers_fit_their_columns_and_their_lines_fit_their_rows(printed):
    """Measured with the advance widths of Arial, 5/9 of the size a digit."""
    _, book, _ = printed
    seen = 0
    for sheet in book:
        wide = pixels(sheet)
        for cell in headers(sheet):
            width, size, bold = (wide.get(cell.column, 64) - 5) / 7, cell.font.size, bool(cell.font.bold)
            where = f"{sheet.title} {cell.coordinate} {cell.value}"
            words = cell.value.replace("-", "- ").split()
            assert all(text_digits(word, size, bold=bold) <= max(width, 16) for word in words), where
            height = sheet.row_dimensions[cell.row].height or 15
            assert lines(cell.value, width, size, bold=bold) * size * 1.15 <= height + 1, where
            seen += 1
    assert seen > 300


def test_every_sheet_leads_back_and_brief_and_contents_lead_to_every_sheet(printed):
    _, book, _ = printed
    shown = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    for sheet in book:
        target = sheet["A4"].hyperlink.location
        assert target == ("'Contents'!A1" if sheet.title == "Brief" else "'Brief'!A1"), sheet.title
    for name in ("Brief", "Contents"):
        linked = {c.hyperlink.location for row in book[name].iter_rows() for c in row if c.hyperlink is not None}
        missing = {f"'{title}'!A1" for title in shown if title != name} - linked
        assert missing == set()


def test_sheets_stand_in_the_order_of_the_registry_with_helpers_hidden_at_the_end(printed):
    _, book, _ = printed
    expected = present(studies=True, nav=True, changes=False)
    assert book.sheetnames == [sheet.name for sheet in expected]
    assert [sheet.sheet_state for sheet in book] == ["hidden" if sheet.hidden else "visible" for sheet in expected]
    hidden = [sheet.hidden for sheet in REGISTRY]
    assert hidden == sorted(hidden)
    assert book.sheetnames[0] == "Brief"
    assert all(sheet.question.endswith(("?", ".")) for sheet in REGISTRY)


def test_every_chart_has_titled_axes_and_names_source_and_date(printed):
    _, _, path = printed
    with zipfile.ZipFile(path) as file:
        names = [name for name in file.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", name)]
        charts = [file.read(name).decode() for name in names]
    assert len(charts) >= 15
    for xml in charts:
        title = "".join(re.findall(r"<a:t>(.*?)</a:t>", xml.split("<c:plotArea>")[0]))
        assert "closes to 2026-01-16" in title
        axes = re.findall(r"<c:(?:catAx|valAx|dateAx)>.*?</c:(?:catAx|valAx|dateAx)>", xml)
        # The second pair of axes of the history is drawn without marks over the first.
        titled = [axis for axis in axes if "<c:title>" in axis]
        assert len(titled) >= 2, title


def test_printed_pages_of_brief_are_two(printed, tmp_path):
    _, _, path = printed
    text = calc.read(calc.convert([path], tmp_path, "pdf")[0])
    assert "###" not in text
    pages = [page for page in text.split("\f") if re.search(r"\s\sBrief\s+As of ", page)]
    assert len(pages) == 2
    assert "Who stands out" in pages[1]
    assert 60 <= text.count("\f") <= 220


def test_the_documentation_lists_every_sheet_in_order():
    text = (Path(__file__).parents[3] / "docs" / "workbook.md").read_text()
    rows = re.findall(r"^\| (?!sheet|---)(.*?) \| .* \|(.*)\|$", text, re.MULTILINE)
    of_companies = ["Company weeks", "one sheet a company"]
    assert [name for name, _ in rows] == [*(sheet.name for sheet in REGISTRY if not sheet.hidden), *of_companies]
    options = dict(rows)
    assert all(sheet.option in options[sheet.name] for sheet in REGISTRY if not sheet.hidden)


def test_glossary_says_what_the_documentation_says():
    text = (Path(__file__).parents[3] / "docs" / "glossary.md").read_text().split("## How we write")[0]
    rows = [tuple(found) for found in re.findall(r"^\| (?!term|---)(.*?) \| (.*) \|$", text, re.MULTILINE)]
    plain = [tuple(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell).replace("`", "") for cell in row) for row in rows]
    assert [(one.term, one.meaning) for one in terms()] == plain


def test_widths_of_characters_are_those_of_a_font_with_arials_measures():
    """Liberation Sans has the measures of Arial; its hmtx table is read here without any library."""
    files = calc.fonts("Liberation Sans")
    regular = [file for file in files if file.name == "LiberationSans-Regular.ttf"]
    if not regular:
        raise RuntimeError("Liberation Sans is not on this machine (apt-get install fonts-liberation2)")
    read = advances(regular[0].read_bytes())
    assert {character: round(read[character]) for character in ADVANCES} == ADVANCES


def advances(data: bytes) -> dict[str, float]:
    """Advance width of each character below 127 in thousandths of the size (format 4 of cmap)."""
    tables = {data[12 + 16 * i : 16 + 16 * i]: struct.unpack(">II", data[20 + 16 * i : 28 + 16 * i])
              for i in range(struct.unpack(">H", data[4:6])[0])}  # fmt: skip
    em = struct.unpack(">H", data[tables[b"head"][0] + 18 :][:2])[0]
    count = struct.unpack(">H", data[tables[b"hhea"][0] + 34 :][:2])[0]
    at = tables[b"hmtx"][0]
    widths = [struct.unpack(">H", data[at + 4 * i :][:2])[0] for i in range(count)]
    cmap = tables[b"cmap"][0]
    for i in range(struct.unpack(">H", data[cmap + 2 :][:2])[0]):
        start = cmap + struct.unpack(">I", data[cmap + 8 + 8 * i :][:4])[0]
        if struct.unpack(">H", data[start:][:2])[0] == 4:
            break
    n = struct.unpack(">H", data[start + 6 :][:2])[0] // 2
    ends = struct.unpack(f">{n}H", data[start + 14 :][: 2 * n])
    base = start + 16 + 2 * n
    starts = struct.unpack(f">{n}H", data[base:][: 2 * n])
    deltas = struct.unpack(f">{n}h", data[base + 2 * n :][: 2 * n])
    offsets = struct.unpack(f">{n}H", data[base + 4 * n :][: 2 * n])
    out = {}
    for j, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, min(last, 126) + 1):
            glyph = code + deltas[j]
            if offsets[j]:
                place = base + 4 * n + 2 * j + offsets[j] + 2 * (code - first)
                glyph = struct.unpack(">H", data[place:][:2])[0] + deltas[j]
            out[chr(code)] = widths[min(glyph & 0xFFFF, count - 1)] * 1000 / em
    return out


def page(tmp_path: Path, fill, *, last: tuple[int, int], columns: int = 1) -> PlainWorksheet:
    """A sheet filled by a function, as `lay_out` finds it."""
    book = xlsxwriter.Workbook(tmp_path / "sheet.xlsx", {"in_memory": True})
    sheet = book.add_worksheet("Sheet", worksheet_class=PlainWorksheet)
    fill(book, sheet)
    sheet.printing = {"columns": columns, "header": None, "last": last, "pages": 0}
    return sheet


def test_a_narrow_sheet_is_one_page_wide(tmp_path):
    sheet = page(tmp_path, lambda book, sheet: sheet.write_row(0, 0, range(10)), last=(0, 9))
    assert plan(sheet, PAPERS["letter"]).fit


@pytest.mark.parametrize(
    ("rows", "scale", "pages_at_full_size"),
    [
        (34, 100, 1),  # one page of Letter: 7.25 inches at 96 pixels hold 34 rows of 20
        (38, 86, 2),  # 3 rows on a second page; at 86%, with room for a wider font, the first page holds 40
        (42, 100, 2),  # 7 rows on a second page, which smaller print would not save
        (50, 100, 2),  # 15 rows on a second page, which is not almost empty
    ],
)
def test_smaller_print_saves_a_last_page_that_would_be_almost_empty(tmp_path, rows, scale, pages_at_full_size):
    def fill(book, sheet):
        for row in range(rows):
            sheet.write_row(row, 0, range(5))

    layout = plan(page(tmp_path, fill, last=(rows - 1, 4)), PAPERS["letter"])
    assert math.ceil(rows * 20 / (7.25 * 96)) == pages_at_full_size
    assert (layout.scale, layout.fit) == (scale, scale == 100)
    assert layout.areas == ((0, 0, rows - 1, 4),)


def test_totals_of_contracts_stand_under_the_header_of_their_columns_on_paper(printed):
    _, book, _ = printed
    sheet = book["Contracts"]
    first, last = map(int, re.findall(r"\d+", sheet.print_title_rows))
    assert [cell.value for cell in sheet[last]][:2] == ["Ticker", "Contract, or company"]
    totals = next(
        row for row in range(1, sheet.max_row) if str(sheet.cell(row, 1).value).startswith("Totals by company")
    )
    assert first <= last < totals
    assert totals - 1 in {one.id for one in sheet.row_breaks.brk}


def test_a_wide_table_is_split_and_a_text_that_runs_over_columns_is_not_cut(tmp_path):
    def fill(book, sheet):
        sheet.set_column(0, 39, 12)
        for row in range(6, 10):
            sheet.write_row(row, 0, range(40))
        # 60 characters over the cells 11 to 16: no block may end among them.
        sheet.write_string(5, 11, "a" * 60, book.add_format())

    sheet = page(tmp_path, fill, last=(9, 39))
    layout = plan(sheet, PAPERS["letter"])
    assert not layout.fit
    assert layout.scale >= 60
    starts = {area[1] for area in layout.areas}
    assert starts.isdisjoint(range(12, 16))
    covered = sorted(col for top, left, _, right in layout.areas if top <= 7 for col in range(left, right + 1))
    assert covered == list(range(40))


def test_a_text_longer_than_a_page_does_not_stop_the_workbook(tmp_path):
    def fill(book, sheet):
        sheet.set_column(0, 39, 12)
        sheet.write_row(6, 0, range(40))
        sheet.write_string(7, 0, "long " * 400, book.add_format())

    layout = plan(page(tmp_path, fill, last=(7, 39)), PAPERS["letter"])
    assert layout.scale >= 60


def test_no_way_to_cut_is_noticed(tmp_path):
    def fill(book, sheet):
        sheet.set_column(0, 3, 250)
        sheet.write_row(6, 0, range(4))

    sheet = page(tmp_path, fill, last=(6, 3))
    lefts = [0, *(1755 * k for k in range(1, 5))]
    assert _areas(tuple(_stretches(sheet, lefts, 6, 3)), lefts, 1000, 1) is None
