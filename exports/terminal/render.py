"""A page in a terminal: 80 columns, more where the terminal is wider; a number is never clipped."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment
from rich.table import Table
from rich.text import Text as Line

from exports.commentary.wording import in_force
from exports.tables.charts import ChartSpec
from exports.tables.spec import ALWAYS, Brief, Column, Links, Page, Points, TableSpec, Terms, Text
from exports.tables.worded import worded
from exports.terminal.stream import clean

WIDTH = 80
PROSE_WIDTH = 100
HEADER = 13  # characters of a header's line, before it is broken
LEAST_TEXT, SHORT_TEXT = 28, 12  # a column of text may be folded to these widths
STYLES = {"warn": "yellow", "bad": "bold red", "good": "green", "heading": "bold"}
CELL_STYLES = {"pivot": "green", "bitcoin": "yellow", "breach": "bold red", "unknown": "yellow", "within": "green"}


def console(*, quiet: bool = False, errors: bool = False) -> Console:
    """The standard output: 80 columns in a pipe, the terminal's own width where that is more.

    Parameters
    ----------
    quiet : bool
        Print nothing.
    errors : bool
        The standard error in place of the standard output, for progress.
    """
    stream = sys.stderr if errors else sys.stdout
    out = Console(highlight=False, soft_wrap=False, quiet=quiet, stderr=errors, file=getattr(stream, "styled", None))
    out.push_render_hook(_Cleaning())
    if not errors:
        out.width = max(WIDTH, out.width) if out.is_terminal else WIDTH
    return out


class _Cleaning(RenderHook):
    """Texts of data lose their control characters before they are laid out; the renderer's own are not texts."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Cleaned(one) for one in renderables]


class _Cleaned:
    def __init__(self, inner: ConsoleRenderable) -> None:
        self.inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self.inner, options):
            yield segment if segment.control else Segment(clean(segment.text), segment.style)


def print_page(page: Page, to: Console) -> None:
    """Title and blocks, in order, in the words in force."""
    page = worded(page, in_force())
    if page.title:
        to.print(Line(page.title, "bold"), width=min(to.width, PROSE_WIDTH))
    gap = False
    for block in page.blocks:
        if isinstance(block, (ChartSpec, Links, Terms)) or (isinstance(block, Points) and not block.lines):
            continue
        if gap or isinstance(block, Points) or (isinstance(block, Text) and block.style == "heading"):
            to.print()
        gap = isinstance(block, (TableSpec, Points))
        if isinstance(block, TableSpec):
            print_table(block, to)
        elif isinstance(block, Points):
            _points(block, to)
        elif isinstance(block, Brief):
            for line in block.lines:
                print_text(Text(line), to)
        else:
            print_text(block, to)


def print_text(block: Text, to: Console) -> None:
    """A line of prose, in the words in force."""
    block = replace(block, text=in_force().text(block.text))
    style = STYLES.get(block.style, block.style)
    line = Line(style=style)
    if block.lead:
        line.append(block.lead, "bold")
        line.append(" " if block.text and block.text[0] not in ",.;:" else "")
    to.print(line.append(block.text), width=min(to.width, PROSE_WIDTH))


def _points(block: Points, to: Console) -> None:
    to.print(Line(block.title, "bold"))
    for text in block.lines:
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_row("-", Line(text, STYLES.get(block.style, block.style)))
        to.print(grid, width=min(to.width, PROSE_WIDTH))


def print_table(spec: TableSpec, to: Console) -> None:
    """A table, in as many blocks beside its first column as the width needs."""
    if spec.title:
        to.print(Line(spec.title, "bold"))
    if len(spec.frame):
        for rows in _fitted(spec, to.width):
            to.print(rows)
    for text in spec.notes:
        to.print(Line(text, "dim"), width=min(to.width, PROSE_WIDTH))


def _fitted(spec: TableSpec, width: int) -> list[Table]:
    """The table with long titles if they fit, then with short ones, folded text, fewer columns, in blocks."""
    cells = spec.cells()
    keep = list(range(len(spec.columns)))
    for short, least in ((False, 0), (True, 0), (True, LEAST_TEXT)):
        if fit := _widths(spec.columns, cells, keep, width, short, least):
            return [_table(spec, cells, keep, fit, short)]
    while any(spec.columns[i].priority > ALWAYS for i in keep):
        lowest = max(spec.columns[i].priority for i in keep)
        keep.remove(max(i for i in keep if spec.columns[i].priority == lowest))
        if fit := _widths(spec.columns, cells, keep, width, True, LEAST_TEXT):
            return [_table(spec, cells, keep, fit, True)]
    if fit := _widths(spec.columns, cells, keep, width, True, SHORT_TEXT):
        return [_table(spec, cells, keep, fit, True)]
    return _blocks(spec, cells, keep, width)


def _blocks(spec: TableSpec, cells: list[list[str]], keep: Sequence[int], width: int) -> list[Table]:
    """The columns in blocks, each beside the first column."""
    first, *others = keep

    def fit(block: list[int]) -> dict[int, int] | None:
        return _widths(spec.columns, cells, block, width, True, LEAST_TEXT)

    blocks: list[list[int]] = [[first]]
    for i in others:
        if len(blocks[-1]) > 1 and not fit([*blocks[-1], i]):
            blocks.append([first])
        blocks[-1].append(i)
    return [_table(spec, cells, block, fit(block) or {}, True) for block in blocks]


def _widths(
    columns: Sequence[Column], cells: list[list[str]], keep: Sequence[int], width: int, short: bool, least: int
) -> dict[int, int] | None:
    """The width of each column, text folded down to `least` where it is given; None where they do not fit."""
    room = width - (len(keep) - 1)
    wide = {i: max(map(len, [*_head(columns[i], short, cells[i]).split("\n"), *cells[i]])) for i in keep}
    while least and sum(wide.values()) > room:
        texts = [i for i in keep if not columns[i].right and wide[i] > least]
        if not texts:
            return None
        wide[max(texts, key=lambda i: wide[i])] -= 1
    return wide if sum(wide.values()) <= room else None


def _head(column: Column, short: bool, cells: Sequence[str]) -> str:
    title = column.short or column.title if short else column.title
    words = column.words
    width = max(HEADER, *(HEADER if column.right else min(len(cell), LEAST_TEXT) for cell in cells))
    lines = title.split("\n") if "\n" in title else wrapped(title, width).split("\n")
    if words and words not in title:
        lines += textwrap.wrap(words, HEADER)
    return "\n".join(lines)


def wrapped(text: str, width: int = HEADER) -> str:
    """A header on as many lines as it needs, broken between words and after underscores, long words too."""
    return "\n".join(textwrap.wrap(text.replace("_", "_ "), width)).replace("_ ", "_")


def _table(spec: TableSpec, cells: list[list[str]], keep: Sequence[int], fit: dict[int, int], short: bool) -> Table:
    out = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    heads = {i: _head(spec.columns[i], short, cells[i]) for i in keep}
    lines = max(head.count("\n") for head in heads.values())
    for i, head in heads.items():
        right = spec.columns[i].right
        out.add_column(
            Line("\n" * (lines - head.count("\n")) + head), justify="right" if right else "left", no_wrap=right,
            width=fit.get(i), overflow="fold",
        )  # fmt: skip
    for row, style in zip(zip(*(cells[i] for i in keep), strict=True), spec.row_styles(), strict=True):
        out.add_row(*(Line(text, CELL_STYLES.get(text, "")) for text in row), style=STYLES.get(style, style))
    return out
