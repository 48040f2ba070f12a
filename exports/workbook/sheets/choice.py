"""The yellow cell in which a reader chooses the company that a sheet's charts and tables show."""

from __future__ import annotations

from exports.workbook.sheets.nav_common import net_asset_values
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import ScreenBook
from exports.workbook.writer.input_register import CHOICE
from exports.workbook.writer.ranges import cell
from exports.workbook.writer.style import ASSUMPTION_FILL
from exports.workbook.writer.values import is_unknown


def chosen(book: ScreenBook) -> int:
    """The company shown first: the first of the screen with a net asset value."""
    values, statuses = net_asset_values(book)
    value, status = values["nav_dcf_usd"], statuses["nav_dcf_usd"]
    good = (i for i, v in enumerate(value) if not is_unknown(v) and status[i] != "not_meaningful")
    return next(good, 0)


def choose(book: ScreenBook, sheet: Sheet, at: tuple[int, int], tickers: str, about: str) -> str:
    """Write the yellow cell with its list, and beside it the place of the ticker in `tickers`; the address of that place.

    Parameters
    ----------
    at : row and column of the yellow cell
    tickers : the cells that hold the tickers
    about : what the place counts, in small print before it
    """
    row, col = at
    sheet.input(row, col, book.tickers[chosen(book)], "text", fill=ASSUMPTION_FILL, means=CHOICE)
    sheet.page.data_validation(row, col, row, col, {"validate": "list", "source": f"={tickers}"})
    sheet.label(row, col + 1, about, "note")
    sheet.formula(row, col + 2, f"MATCH({cell(row, col)},{tickers},0)", float(chosen(book) + 1), "count")
    return cell(row, col + 2)
