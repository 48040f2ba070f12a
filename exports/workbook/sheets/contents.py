"""Contents: every sheet by the question that it answers, with a link to each."""

from __future__ import annotations

from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import CONTENTS, FIRST, STUDIES_HINT, ScreenBook
from exports.workbook.writer.sheet_list import OF_MINING, REGISTRY, SheetInfo, present
from exports.workbook.writer.texts import paragraphs

WIDTHS = (24, 84, 40)
HEADS = ("Sheet", "Question that it answers", "Added by")


def written(book: ScreenBook) -> tuple[SheetInfo, ...]:
    """The sheets of this workbook that a reader sees, in order."""
    sheets = present(
        studies=book.screen.studies is not None,
        nav=book.screen.nav is not None,
        changes=book.changes is not None,
        mining=book.screen.sector.mining,
    )
    return tuple(sheet for sheet in sheets if not sheet.hidden)


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet = book.sheet(CONTENTS)
    book.heading(sheet, CONTENTS, "Every sheet by the question that it answers. Cell A4 of each leads back to Brief.")
    sheet.set_widths(WIDTHS)
    for col, title in enumerate(HEADS):
        sheet.label(FIRST - 1, col, title, "header_left")
    here = {info.name for info in written(book)}
    row, part = FIRST, ""
    for info in REGISTRY:
        if info.hidden or (info.name in OF_MINING and not book.screen.sector.mining):
            continue
        if info.part != part:
            sheet.label(row, 0, info.part, "section")
            row, part = row + 1, info.part
        _line(sheet, row, info, there=info.name in here)
        row += 1
    last = sheet.notes(row + 1, paragraphs(f"- {STUDIES_HINT}\n- Net asset values: run with --nav."))
    book.finish(sheet, freeze=(FIRST, 1), repeat=(0, 3), last=(last, len(WIDTHS) - 1), pages=1)


def _line(sheet: Sheet, row: int, info: SheetInfo, *, there: bool) -> None:
    if there:
        sheet.internal(row, 0, info.name)
    else:
        sheet.text(row, 0, info.name, "small", colour="#7F7F7F")
    sheet.text(row, 1, info.question)
    sheet.text(row, 2, f"{info.option}{'' if there else ', not in this workbook'}" if info.option else "", "small")
