"""A sheet on paper: which cells go on which page, so that no sheet prints smaller than 60% and no chart or text is cut.

A sheet that is wider than a page at 60% is printed in blocks of columns, each with the title columns before it. The rows
are taken in stretches that blank rows separate (a table, a chart, notes); a block ends where no text and no chart of its
stretch is cut.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from xlsxwriter.utility import xl_range_abs

from exports.workbook.writer.style import LAST_OF_HEADING, SIDES, TOP_AND_BOTTOM
from exports.workbook.writer.widths import text_digits
from exports.workbook.writer.worksheet import CENTRED_ACROSS, PlainWorksheet

PIXELS_AN_INCH, PIXELS_A_DIGIT = 96, 6.7
LEAST_SCALE = 60
# Where Arial is missing, columns can be this much wider (DejaVu Sans): blocks leave room for it.
WIDER_FONT = 1.15
SPARSE = 0.25  # part of a last page that is filled, below which smaller print saves the page where it can
CHART_OFFSET = 4  # pixels from the corner of its cell
LEFT = (0, 1)  # alignments of a text that runs over the blank cells to its right


@dataclass(frozen=True)
class Paper:
    """A paper in landscape: Excel's number of it, width and height in inches."""

    number: int
    width: float
    height: float

    @property
    def across(self) -> float:
        """Printable width in pixels at full size."""
        return (self.width - sum(SIDES)) * PIXELS_AN_INCH

    @property
    def down(self) -> float:
        """Printable height in pixels at full size."""
        return (self.height - sum(TOP_AND_BOTTOM)) * PIXELS_AN_INCH


PAPERS = {"letter": Paper(1, 11.0, 8.5), "a4": Paper(9, 11.69, 8.27)}
LETTER = "letter"
Area = tuple[int, int, int, int]  # first row, first column, last row, last column


@dataclass(frozen=True)
class Stretch:
    """Rows without a blank row between them, and the cells that belong together on each."""

    rows: tuple[int, int]
    spans: tuple[tuple[int, int, int], ...]

    # Each scale that is tried asks for both again.
    @cached_property
    def right(self) -> int:
        """The last column."""
        return max(last for _, _, last in self.spans)

    @cached_property
    def cuts(self) -> frozenset[int]:
        """Columns before which a block can end."""
        cut = {col for _, first, last in self.spans for col in range(first + 1, last + 1)}
        return frozenset(range(1, self.right + 1)) - cut

    def loose(self) -> Stretch:
        """The same with a text in its own cell alone."""
        return Stretch(self.rows, tuple((row, first, first) for row, first, _ in self.spans))


@dataclass(frozen=True)
class Layout:
    """Pages of a sheet: ranges in print order, and the scale in percent.

    `fit` where the sheet is one page wide and Excel finds the scale; `breaks` are rows that begin a page; `header` are the
    rows repeated on each page, where a table is longer than a page: over tables of other columns they would be wrong.
    """

    areas: tuple[Area, ...]
    scale: int
    fit: bool
    breaks: tuple[int, ...] = ()
    header: tuple[int, int] | None = None


def lay_out(page: PlainWorksheet, paper: str) -> None:
    """Set paper, print ranges, scale and page breaks of a sheet whose cells are all written."""
    asked, size = page.printing, PAPERS[paper]
    if not asked:
        return
    page.set_paper(size.number)
    if asked["scale"]:
        # With "fit to" a spreadsheet would not keep the page breaks.
        page.set_print_scale(asked["scale"])
        page.print_area(0, 0, *asked["last"])
        return
    layout = plan(page, size)
    if layout.fit:
        page.fit_to_pages(1, asked["pages"])
    else:
        page.set_print_scale(layout.scale)
        page.repeat_columns(0, asked["columns"] - 1)
    if layout.header is not None:
        page.repeat_rows(*layout.header)
    name = page.get_name().replace("'", "''")
    page.print_area_range = ",".join(f"'{name}'!{xl_range_abs(*area)}" for area in layout.areas)
    page.set_h_pagebreaks(sorted({*page.hbreaks, *layout.breaks}))


def plan(page: PlainWorksheet, size: Paper) -> Layout:
    """The pages of a sheet at the largest scale that takes no more of them than the smallest does.

    A sheet one page wide is as wide as the page, or in print as much smaller as a wider font needs where that saves an
    almost empty last page.
    """
    last_row, last_col = page.printing["last"]
    lefts = [0, *accumulate(page.pixels(last_col + 1))]
    heights = page.heights(last_row + 1)
    for _, col, chart in page.placed_charts():
        # A chart that reaches beyond the columns of the tables is printed whole.
        while lefts[min(col, last_col)] + chart.width + CHART_OFFSET > lefts[-1]:
            last_col += 1
            lefts = [0, *accumulate(page.pixels(last_col + 1))]
    # So is a text of a narrow sheet, as far as the page goes.
    longest = max((_text_end(page, row, col, lefts) for row, col in page.texts if row <= last_row), default=0.0)
    while lefts[-1] < min(longest, size.across * 100 / LEAST_SCALE - page.pixels(last_col + 2)[-1]):
        last_col += 1
        lefts = [0, *accumulate(page.pixels(last_col + 1))]
    stretches = tuple(_stretches(page, lefts, last_row, last_col))
    scale = math.floor(min(1.0, size.across / max(lefts[-1], 1)) * 100)
    if scale >= LEAST_SCALE or page.printing["pages"]:
        whole = (0, 0, last_row, last_col)
        down, smaller = size.down * 100 / scale, math.floor(scale / WIDER_FONT)
        if page.printing["pages"]:
            return Layout((whole,), scale, True, (), _header(page, stretches, heights, down))
        breaks = _breaks(stretches, heights, down, page.hbreaks)
        count, filled = _pages(heights, {*breaks, *page.hbreaks}, down)
        if filled < SPARSE and smaller >= LEAST_SCALE:
            further = size.down * 100 / smaller
            closer = _breaks(stretches, heights, further, page.hbreaks)
            if _pages(heights, {*closer, *page.hbreaks}, further)[0] < count:
                return Layout((whole,), smaller, False, closer, _header(page, stretches, heights, further))
        return Layout((whole,), scale, True, breaks, _header(page, stretches, heights, down))
    blocks = _largest(stretches, lefts, heights, size, page.printing["columns"])
    if blocks is None:
        # A text of a source that is longer than a page is cut between two of them.
        loose = tuple(one.loose() for one in stretches)
        blocks = _largest(loose, lefts, heights, size, page.printing["columns"])
    if blocks is None:  # a column, or a chart, is wider than a page at 60%
        return Layout(((0, 0, last_row, last_col),), scale, True)
    scale, areas = blocks
    down = size.down * 100 / scale
    breaks = _breaks(stretches, heights, down, page.hbreaks)
    return Layout(tuple(areas), scale, False, breaks, _header(page, stretches, heights, down))


def _pages(heights: Sequence[int], breaks: Iterable[int], down: float) -> tuple[int, float]:
    """Number of pages in height, and the part of the last one that is filled."""
    tops = [0, *accumulate(heights)]
    count, filled = 0, 1.0
    for first, after in pairwise([0, *sorted(breaks), len(heights)]):
        height = tops[after] - tops[first]
        here = max(1, math.ceil(height / down))
        count, filled = count + here, height / down - here + 1
    return count, filled


def _header(
    page: PlainWorksheet, stretches: Sequence[Stretch], heights: Sequence[int], down: float
) -> tuple[int, int] | None:
    """The rows of the header that the sheet asked to repeat, where its table is longer than a page or all tables have its
    columns."""
    asked: tuple[int, int] | None = page.printing["header"]
    if asked is None or page.printing["same_columns"]:
        return asked
    table = next((one for one in stretches if one.rows[0] <= asked[1] <= one.rows[1]), None)
    long = table is not None and sum(heights[table.rows[0] : table.rows[1] + 1]) > down
    return asked if long else None


def _largest(
    stretches: Sequence[Stretch], lefts: Sequence[int], heights: Sequence[int], size: Paper, columns: int
) -> tuple[int, list[Area]] | None:
    """The largest scale that takes no more pages than the smallest, and its ranges; None where nothing fits."""
    best: tuple[int, list[Area]] | None = None
    fewest = math.inf
    for scale in range(LEAST_SCALE, 101, 2):
        areas = _areas(stretches, lefts, size.across * 100 / scale / WIDER_FONT, columns)
        if areas is None:
            break
        pages = sum(math.ceil(sum(heights[a[0] : a[2] + 1]) * scale / 100 / size.down) for a in areas)
        if pages > fewest:
            break
        best, fewest = (scale, areas), pages
    return best


def _stretches(page: PlainWorksheet, lefts: Sequence[int], last_row: int, last_col: int) -> Iterable[Stretch]:
    spans: dict[int, list[tuple[int, int]]] = {}
    written = set(page.cells())
    for row, col in written:
        if row <= last_row and col <= last_col:
            spans.setdefault(row, []).append((col, _end_of_text(page, row, col, lefts, written)))
    for row, col, chart in page.placed_charts():
        right = min(bisect_right(lefts, lefts[min(col, last_col)] + chart.width + CHART_OFFSET) - 1, last_col)
        rows, left = row, chart.height + CHART_OFFSET
        while left > 0:
            spans.setdefault(rows, []).append((col, right))
            left -= page.heights(rows + 1)[-1]
            rows += 1
    row = 0
    while row <= last_row:
        if row not in spans:
            row += 1
            continue
        end = row
        while end + 1 in spans or (end == row and row > LAST_OF_HEADING and end + 2 in spans):
            # A heading stays with what stands under it.
            end += 1 if end + 1 in spans else 2
        yield Stretch((row, end), tuple((r, a, b) for r in range(row, end + 1) for a, b in spans.get(r, ())))
        row = end + 1


def _text_end(page: PlainWorksheet, row: int, col: int, lefts: Sequence[int]) -> float:
    """Where a text ends on the sheet in pixels; 0 where it stays within its cell."""
    text, style = page.texts.get((row, col), ("", None))
    if not text or style is None or style.text_wrap or style.shrink or style.rotation or col >= len(lefts):
        return 0.0
    if style.text_h_align == CENTRED_ACROSS or style.text_h_align not in LEFT:
        return 0.0
    return lefts[col] + (text_digits(text, style.font_size, bold=style.bold) + style.indent) * PIXELS_A_DIGIT


def _end_of_text(page: PlainWorksheet, row: int, col: int, lefts: Sequence[int], written: set[tuple[int, int]]) -> int:
    """The last column that a text runs into: blank cells to its right are taken."""
    end, last, reached = _text_end(page, row, col, lefts), len(lefts) - 2, col
    while reached < last and lefts[reached + 1] < end and (row, reached + 1) not in written:
        reached += 1
    return reached


def _areas(stretches: Sequence[Stretch], lefts: Sequence[int], room: float, columns: int) -> list[Area] | None:
    """Ranges no wider than `room` pixels in print order; None where there is no way to cut."""
    areas: list[Area] = []
    taken = 0
    while taken < len(stretches):
        end, cut = taken, 0
        while end < len(stretches):
            wider = _common_cut(stretches[taken : end + 1], lefts, room)
            if not wider:
                break
            end, cut = end + 1, wider
        if not cut:
            return None
        together = stretches[taken:end]
        right = min(cut - 1, max(one.right for one in together))
        areas.append((together[0].rows[0], 0, together[-1].rows[1], right))
        for one in together:
            rest = _rest(one, cut, lefts, room, columns)
            if rest is None:
                return None
            areas += rest
        taken = end
    return areas


def _common_cut(stretches: Sequence[Stretch], lefts: Sequence[int], room: float) -> int:
    """The last column before which all of the stretches can be cut, or have ended; 0 where there is none."""
    upto = max(one.right for one in stretches) + 1
    able = set(range(1, upto + 1))
    for one in stretches:
        able &= one.cuts | set(range(one.right + 1, upto + 1))
    return max((col for col in able if lefts[col] <= room), default=0)


def _rest(one: Stretch, cut: int, lefts: Sequence[int], room: float, columns: int) -> list[Area] | None:
    """The ranges of a stretch from a column on, with room for the title columns before each."""
    areas, end = [], one.right + 1
    able = one.cuts | {end}
    while cut < end:
        left = room - lefts[columns] + lefts[cut]
        after = max((col for col in able if col > cut and lefts[col] <= left), default=0)
        if not after:
            return None
        held = [row for row, first, last in one.spans if last >= cut and first < after]
        if held:
            areas.append((min(held), cut, max(held), after - 1))
        cut = after
    return areas


def _breaks(
    stretches: Sequence[Stretch], heights: Sequence[int], down: float, declared: Sequence[int]
) -> tuple[int, ...]:
    """Rows that begin a page beside those that the sheet declares, so that no chart and no short table is cut in two."""
    tops = [0, *accumulate(heights)]
    out: list[int] = []
    top: float = 0.0
    for one in stretches:
        start, end = tops[one.rows[0]], tops[min(one.rows[1] + 1, len(tops) - 1)]
        top = max([top, *(tops[row] for row in declared if row <= one.rows[0])])
        # A table that is longer than a page begins where there is room for a third of one.
        cannot_stay = end - start <= down or start - top > down * 2 / 3
        if end - top > down and start > top and cannot_stay:
            out.append(one.rows[0])
            top = start
        # A long table runs over as many pages as it takes.
        while end - top > down:
            top += down
    return tuple(out)
