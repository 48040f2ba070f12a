"""One company's sheet on three printed pages: value, net asset value, contracts and history."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from exports.tables.company import page_blocks, title
from exports.tables.spec import Block, TableSpec, Text
from exports.tables.spec import Column as Shown
from exports.workbook.companies import live, weeks
from exports.workbook.companies.lanes import FIGURE_WIDTH, LABEL_WIDTH, LANE, LINE, Lane
from exports.workbook.sheets import football_field
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import LEGEND, MIX, ScreenBook
from exports.workbook.writer.style import page_setup
from valuation.company_profile import CompanyProfile

ROWS, SCALE, PAGES = 54, 70, 3
RIGHT = LANE + 1
ACROSS = 190  # characters of the headline across the page
TOP = 5  # rows of title, prices, headline and legend
LIVE = ("bridge", "power", "parts")  # tables that stand as links instead
EVENTS_SHOWN, QUARTERS_SHOWN = 6, 6
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
LONGEST_NAME = 31


def names(tickers: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Name of each company's sheet: its ticker, made fit for a sheet, and marked where a sheet has that name already."""
    used, out = {name.casefold() for name in taken}, {}
    for ticker in tickers:
        base = FORBIDDEN.sub("-", ticker)[: LONGEST_NAME - 12] or "-"
        # Excel keeps the name History for itself.
        name, k = base, 2
        while name.casefold() in used or name.casefold() == "history":
            name, k = f"{base} company {k - 1 or ''}".strip(), k + 1
        used.add(name.casefold())
        out[ticker] = name
    return out


def write(book: ScreenBook, found: CompanyProfile, name: str) -> None:
    """Write one company's sheet."""
    sheet, i = book.sheet(name), book.row_of[found.ticker]
    sheet.page.set_default_row(LINE)
    for start in (0, RIGHT):
        sheet.page.set_column(start, start, LABEL_WIDTH)
        sheet.page.set_column(start + 1, start + LANE - 1, FIGURE_WIDTH)
    sheet.page.set_column(LANE, LANE, 2)
    sections = _sections(page_blocks(found))
    sheet.label(0, 0, title(found), "title")
    sheet.label(1, 0, book.screen.price_line, "warning" if book.screen.prices_are_old else "subtitle")
    head = Lane(book, sheet, 0, 2, TOP - 1, {})
    (first, *_) = sections[""]
    assert isinstance(first, Text)
    _wide(head, f"{found.ticker} {first.text}")
    sheet.label(TOP - 1, 0, LEGEND, "note")
    _value(book, sheet, found, sections, i)
    _worth(book, sheet, found, sections, i)
    _past(book, sheet, found, sections)
    sheet.page.set_h_pagebreaks([ROWS, 2 * ROWS])
    sheet.grey_out((TOP, 0), (PAGES * ROWS - 1, RIGHT + LANE - 1))
    page_setup(
        sheet.page, title=f"{found.name}: {book.screen.title}", as_of=book.as_of,
        run_id=str(book.screen.manifest["run_id"]), freeze=(TOP, 0), repeat=(0, 0),
        last=(PAGES * ROWS - 1, RIGHT + LANE - 1), scale=SCALE,
    )  # fmt: skip


def _lanes(book: ScreenBook, sheet: Sheet, first: int, end: int) -> tuple[Lane, Lane]:
    """Both lanes of a page."""
    heights: dict[int, float] = {}
    return Lane(book, sheet, 0, first, end, heights), Lane(book, sheet, RIGHT, first, end, heights)


def _wide(lane: Lane, text: str) -> None:
    """A sentence across both lanes."""
    words = text.split()
    line = ""
    for word in words:
        if len(line) + len(word) + 1 > ACROSS and lane.left > 1:
            lane.sheet.label(lane.row, 0, line, "answer")
            lane.row, line = lane.row + 1, ""
        line = f"{line} {word}".strip()
    lane.sheet.label(lane.row, 0, line, "answer")
    lane.row += 1


def _sections(blocks: Iterable[Block]) -> dict[str, list[Block]]:
    """Blocks of a page by heading; those before the first under the empty name."""
    out: dict[str, list[Block]] = {"": []}
    last = ""
    for block in blocks:
        if isinstance(block, Text) and block.style == "heading":
            last = block.text
            out[last] = []
        else:
            out[last].append(block)
    return out


def _others(blocks: Iterable[Block]) -> list[Block]:
    """Blocks that do not stand as links already."""
    return [one for one in blocks if not (isinstance(one, TableSpec) and one.name in LIVE)]


def _value(book: ScreenBook, sheet: Sheet, found: CompanyProfile, sections: dict[str, list[Block]], i: int) -> None:
    """First page: price to EV, power and multiples, value per share by method, changes."""
    left, right = _lanes(book, sheet, TOP, ROWS)
    left.heading("From share price to EV")
    live.bridge(book, left, found, i)
    left.row += 1
    left.blocks(_others(sections[""][1:]), leave=10)
    left.heading("What changed")
    left.blocks(sections["What changed"])
    right.heading("Power")
    live.power(book, right, found, i)
    right.blocks(_others(sections["Power"]), leave=18)
    right.row += 1
    area, first, last = football_field.bars_of(book, i)

    def field(at: tuple[int, int], size: tuple[int, int]) -> None:
        heading = f"{found.ticker}: value per share by method; dark mark: share price (USD)"
        football_field.draw(book, sheet, area, first, last, at, size, heading)

    right.chart(field, 20)


def _worth(book: ScreenBook, sheet: Sheet, found: CompanyProfile, sections: dict[str, list[Block]], i: int) -> None:
    """Second page: net asset value by parts, its waterfall, what the price implies, funding, revenue mix."""
    left, right = _lanes(book, sheet, ROWS, 2 * ROWS)
    left.heading("Net asset value")
    steps = live.parts(book, left, found, i)
    blocks = _others(sections["Net asset value"])
    at = next((k for k, one in enumerate(blocks) if isinstance(one, Text) and one.lead == "Funding gap"), len(blocks))
    left.row += 1
    left.blocks(blocks[:at])
    right.heading("Parts, funding and revenue")
    if steps is not None:
        column = 0

        def parts(where: tuple[int, int], size: tuple[int, int]) -> None:
            live.waterfall(book, sheet, steps, column, where, size)

        right.chart(parts, 20)
        right.row += 1
    right.blocks(blocks[at:], leave=9)
    _mix(book, right, found.ticker)


def _mix(book: ScreenBook, lane: Lane, ticker: str) -> None:
    """Revenue by part of the last quarters reported."""
    lane.heading("Revenue by part ($m a quarter)")
    if book.screen.studies is None:
        lane.sentence("Not part of this run: the revenue mix comes with --studies.")
        return
    mixed = book.studies.mix.mixed
    mine = mixed[(mixed["ticker"] == ticker) & mixed["total_usd"].notna()].sort_values("period_end", kind="stable")
    if mine.empty:
        lane.sentence("No quarter with a known total.")
        return
    columns = (
        Shown("quarter", f"Quarter (sheet {MIX})"), Shown("total_usd", "Total", "usd_m"),
        Shown("mining_usd", "Mining", "usd_m"), Shown("ai_recurring_usd", "AI, recurring", "usd_m"),
        Shown("hosting_usd", "Hosting", "usd_m"), Shown("other_usd", "Other", "usd_m"),
        Shown("period_end", "Quarter to", "date"),
    )  # fmt: skip
    mine = mine.assign(quarter=mine["quarter"].astype(str))
    lane.table(TableSpec("mix", mine.tail(QUARTERS_SHOWN), columns), most=max(0, lane.left - 2))


def _past(book: ScreenBook, sheet: Sheet, found: CompanyProfile, sections: dict[str, list[Block]]) -> None:
    """Third page: contracts and phases, weekly history, events, sources."""
    left, right = _lanes(book, sheet, 2 * ROWS, PAGES * ROWS)
    left.heading("Contracts and phases")
    left.blocks(sections["Contracts and phases"], leave=19)
    left.heading("History, fixed at run time")
    left.blocks(_history(sections["History"]))
    right.heading("History and sources")
    for key in ("per_mw", "price"):
        right.chart(lambda at, size, key=key: weeks.draw(book, sheet, found.ticker, key, at, size), 12)  # type: ignore[misc]
    _events(right, found)
    right.heading("Newest facts and their sources")
    right.blocks([_compact(one) for one in sections["Sources"][:-1]])


def _history(blocks: list[Block]) -> list[Block]:
    """Without the line of marks, which the charts replace, and with the columns that a lane holds."""
    out: list[Block] = []
    for block in blocks:
        if isinstance(block, Text) and "highest" in block.text:
            block = Text(block.text.rpartition(":")[0] + ".")  # noqa: PLW2901
        out.append(block)
    return out


def _events(lane: Lane, found: CompanyProfile) -> None:
    lane.heading("Events")
    rows = found.events.sort_values("date", ascending=False, kind="stable").head(EVENTS_SHOWN)
    if rows.empty:
        lane.sentence("No event is listed.")
    for row in rows.to_dict("records"):
        lane.sheet.label(lane.row, lane.col, f"{pd.Timestamp(row['date']):%Y-%m-%d} {row['kind']}", "note")
        text = str(row["headline"])
        lane.sheet.label(lane.row, lane.col + 1, text if len(text) <= 76 else f"{text[:75]}…", "note")
        lane.row += 1


def _compact(block: Block) -> Block:
    """The facts with fewer columns, so that the link has room."""
    if not isinstance(block, TableSpec):
        return block
    keep = [c for c in block.columns if c.key in ("title", "figure", "published_on", "source_url")]
    return TableSpec(block.name, block.frame, keep)
