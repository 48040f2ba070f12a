"""Brief: the first sheet, on two pages: verdict, the line, who stands out, what moved, caution, links to every sheet."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from exports.workbook.sheets import checks, summary
from exports.workbook.sheets.contents import written
from exports.workbook.sheets.gap_history import insert_history
from exports.workbook.sheets.scatter import insert_scatter
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.charts import PIXELS_A_ROW
from exports.workbook.writer.context import BACK, BRIEF, NAV, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import FILLS, PIVOT_COLOUR, RED, page_setup
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import is_unknown
from exports.workbook.writer.widths import broken
from valuation.brief import LIMITS, MOVERS, NO_EARLIER_RUN, Brief, brief
from valuation.comparison.attribution import TITLES
from valuation.status import USABLE

STANDING = (
    Column("ticker", "Ticker", width=10),
    Column("company", "Company", width=26),
    Column("group", "Group", width=11),
    Column("per_mw", "EV / secured MW ($m per MW)", "per_mw", 12),
    Column("share", "AI share, contracted (%)", "whole_percent", 12),
    Column("to_line", "To the line, fixed at run (%)", "whole_percent", 12),
    Column("low", "Interval low, fixed at run (%)", "whole_percent", 12),
    Column("high", "Interval high, fixed at run (%)", "whole_percent", 12),
    Column("price_to_nav", "Price / NAV (x)", "ratio", 12),
    Column("unleased", "NAV in unleased power, fixed at run (%)", "whole_percent", 12),
    Column("doubt", "Doubt, fixed at run", "small", 15),
    Column("blank", "", "small", 15),
    Column("blank2", "", "small", 15),
)
TEXT_SIZE, FIRST_LINE = 10, 6
CHART_ROWS = 21
CHART = (595, CHART_ROWS * PIXELS_A_ROW - 8)
SECOND_CHART = 6  # its column
LINKS_A_ROW, MASTER = 6, 5
MOVED = (
    "Ticker",
    "Company",
    "",
    "Before ($m)",
    "Now ($m)",
    "Change (%)",
    "Effect of the main factor ($m)",
    "Main factor",
)
KEPT = {"to_line": "to_line", "low": "low", "high": "high", "unleased": "unleased_share"}


def told(book: ScreenBook) -> Brief:
    """The brief of the report."""
    return brief(book.screen, book.changes)


def verdict(book: ScreenBook) -> list[tuple[str, str]]:
    """Lines of the verdict and their styles; what cannot be said stands in the caution box."""
    out: list[tuple[str, str]] = []
    for point in book.once(told).points:
        if point.name != LIMITS:
            out.append((f"{point.title}.", "point"))
            out += [(line, "answer") for line in _lines(point.text)]
    return out


def _lines(text: str) -> list[str]:
    return broken(text, sum(column.width for column in STANDING) - 4, TEXT_SIZE)


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Where who stands out is, under verdict and charts."""
    first = FIRST_LINE + len(book.once(verdict)) + 1 + CHART_ROWS + 4
    return {"standing": TableRange(BRIEF, STANDING, first, len(book.once(told).standing))}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area = book.sheet(BRIEF), book.ranges["standing"]
    screen = book.screen
    summary.first_lines(book, sheet)
    sheet.label(
        2, 0, "Text is fixed at run time; EV per MW, share and price to NAV follow a changed input.", "subtitle"
    )
    sheet.set_widths([column.width for column in STANDING])
    _master(book, sheet)
    lines = book.once(verdict)
    for k, (line, style) in enumerate(lines):
        sheet.label(FIRST_LINE + k, 0, line, style)
    _charts(book, sheet, FIRST_LINE + len(lines) + 1)
    _standing(book, sheet, area)
    row = _moved(book, sheet, area.last + 2)
    row = _caution(book, sheet, row + 1)
    row = _links(book, sheet, row + 1)
    last = sheet.notes(row + 1, _notes())
    sheet.page.set_h_pagebreaks([area.first - 2])
    page_setup(
        sheet.page,
        title=screen.title,
        as_of=book.as_of,
        run_id=str(screen.manifest["run_id"]),
        freeze=(1, 0),
        repeat=(0, 0),
        last=(last, len(STANDING) - 1),
        tab=PIVOT_COLOUR,
    )


def _master(book: ScreenBook, sheet: Sheet) -> None:
    """OK where every check of Summary holds (sample, prices, age of the facts) and the inputs are as run."""
    row = BACK[0]
    sheet.label(row, 1, "Master check: the sample is large enough, the facts are fresh, the inputs are as run", "note")
    flag, as_run = summary.flag_cell(), summary.as_run_cell(book)
    good = checks.all_hold(book)
    formula = f'IF(AND({flag}="{checks.GOOD}",{as_run}="{checks.AS_RUN}"),"{checks.GOOD}","{checks.BAD}")'
    style = book.styles.named("ok")
    sheet.formula(row, MASTER, formula, checks.GOOD if good else checks.BAD, style=style)
    failing = {"type": "cell", "criteria": "==", "value": f'"{checks.BAD}"', "format": book.styles.font_colour(RED)}
    sheet.page.conditional_format(row, MASTER, row, MASTER, failing)
    failed = "; ".join(title for title, _, holds in checks.of(book) if not holds)
    sheet.label(row + 1, 1, f"At run time failed: {failed}." if failed else "At run time every check held.", "note")


def _charts(book: ScreenBook, sheet: Sheet, row: int) -> None:
    """The line with its band and the companies; beside it the gap by week, or the headline figures."""
    line, history = book.screen.regression, None if book.screen.studies is None else book.studies.gap.history
    if line is None:
        sheet.label(row, 0, f"Regression not available: {book.screen.regression_note}.", "note")
    else:
        insert_scatter(book, sheet, line, at=(row, 0), size=CHART, band=book.ranges["band"])
    if history is not None and not history.measured.empty:
        insert_history(book, sheet, book.ranges["weeks"], history, (row, SECOND_CHART), size=CHART)
    else:
        for k, (formula, kind, value, head, foot) in enumerate(summary.figures(book)):
            sheet.text(row + k, SECOND_CHART + 1, f"{head} ({foot})")
            sheet.formula(row + k, SECOND_CHART, formula, value, kind)


def _standing(book: ScreenBook, sheet: Sheet, area: TableRange) -> None:
    sheet.label(
        area.first - 2, 0, "Who stands out: against the line of the other companies, and against NAV", "section"
    )
    sheet.header(area, widths=False, height=36)
    nav = book.ranges.get("nav")
    for k, (ticker, row) in enumerate(book.once(told).standing.iterrows()):
        record, i = sheet.record(area, k), book.row_of[str(ticker)]
        record.company(str(ticker), book.companies["name"][i])
        record.formula("group", book.ranges["screen"].link("group", i), book.table["group"][i])
        per_mw, share = (
            book.ranges["multiples"].link("ev_per_mw_secured", i),
            book.ranges["screen"].link("contracted", i),
        )
        for key, link, metric in (("per_mw", per_mw, "ev_per_mw_secured"), ("share", share, "ai_share_contracted")):
            record.formula(key, link, book.metric(metric, i), status=book.status[metric][i])
        for key, name in KEPT.items():
            record.static(key, None if is_unknown(row[name]) else float(row[name]))
        if nav is not None:
            record.formula("price_to_nav", nav.link("p_nav", i), _price_to_nav(book, i), status=_nav_status(book, i))
        else:
            record.static("price_to_nav", None)
        record.text("doubt", row["doubt"], "small")


def _price_to_nav(book: ScreenBook, i: int) -> Any:
    """What the sheet NAV shows."""
    from exports.workbook.sheets.nav_common import net_asset_values

    return net_asset_values(book)[0]["p_nav_dcf"][i]


def _nav_status(book: ScreenBook, i: int) -> str:
    from exports.workbook.sheets.nav_common import net_asset_values

    status = str(net_asset_values(book)[1]["p_nav_dcf"][i])
    return status if status in (*USABLE, "not_meaningful") else "ok"


def _moved(book: ScreenBook, sheet: Sheet, row: int) -> int:
    """The largest moves in EV per MW with their main factor; the row after the last."""
    changes = book.changes
    if changes is None:
        sheet.label(row, 0, "What moved", "section")
        sheet.label(row + 1, 0, NO_EARLIER_RUN, "answer")
        return row + 2
    since = f"What moved since {changes.before.as_of:%Y-%m-%d}: EV per secured MW ($m per MW), fixed at run time"
    sheet.label(row, 0, since, "section")
    for col, title in enumerate(MOVED):
        sheet.label(row + 1, col, title, "header_left" if col < 3 else "header")
    row += 2
    for move in changes.movers.head(2 * MOVERS).itertuples():
        sheet.text(row, 0, move.Index, bold=True)
        sheet.text(row, 1, changes.after.names[move.Index], "name")
        for col, value, kind in ((3, move.before, "per_mw"), (4, move.after, "per_mw"), (5, move.relative, "percent"),
                                 (6, getattr(move, str(move.main)), "per_mw")):  # fmt: skip
            sheet.static(row, col, float(value), kind)
        sheet.text(row, 7, TITLES[str(move.main)], "small")
        row += 1
    return row


def _caution(book: ScreenBook, sheet: Sheet, row: int) -> int:
    """What cannot be said, in a box; the row after the last."""
    for line in ("Caution: what cannot be said", *_lines(book.once(told)[LIMITS].text)):
        bold = line.startswith("Caution: ")
        for col in range(len(STANDING)):
            sheet.text(row, col, line if col == 0 else "", fill=FILLS["stale"], bold=bold)
        row += 1
    return row


def _links(book: ScreenBook, sheet: Sheet, row: int) -> int:
    """A link to every sheet, by part; the row after the last."""
    sheet.label(row, 0, "Every sheet", "section")
    row += 1
    for part, infos in groupby(written(book), key=lambda info: info.part):
        names = [info.name for info in infos if info.name != BRIEF]
        sheet.text(row, 0, part, "small", bold=True)
        for start in range(0, len(names), LINKS_A_ROW):
            for k, name in enumerate(names[start : start + LINKS_A_ROW]):
                sheet.internal(row, 3 + 2 * k if k < 5 else 12, name)
            row += 1
    return row


def _notes() -> list[str]:
    return paragraphs(f"""
        - To the line: EV per secured MW over what the line of the other companies predicts, less 1, with its prediction
          interval (normal noise of equal variance). NAV: sheet {NAV}, where the run has it (--nav).
        - Band in the chart: confidence band of the line, HC3, fixed at run time; it holds the line, not the companies.
    """)
