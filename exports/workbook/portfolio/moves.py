"""Moves: change of each position's value since the close before, at today's quantities."""

from __future__ import annotations

from exports.tables.formats import day
from exports.workbook.portfolio.context import HOLDINGS, MOVES, TOP, PortfolioBook, guarded, known, plain
from exports.workbook.writer.ranges import Column, TableRange, cell
from valuation.portfolio.kinds import CASH
from valuation.portfolio.moves import BY_CLOSE, BY_EXPOSURE

COLUMNS = (
    Column("account", "Account", width=15),
    Column("ticker", "Ticker", width=22),
    Column("counts_as", "Counts as", width=12),
    Column("before", "Close before (USD)", "price", 12),
    Column("now", "Close now (USD)", "price", 12),
    Column("change", "Change", "percent", 9),
    Column("pnl", "Change of value (USD)", "count", 13),
    Column("contribution", "Contribution (of net value before)", "percent", 12),
    Column("why", "Why it is unknown", "small", 44),
)


def place(book: PortfolioBook) -> None:
    """Cell addresses: totals above, positions below."""
    book.ranges["moves"] = TableRange(MOVES, COLUMNS, TOP + 5, len(book.positions))
    for at, name in enumerate(("moved", "moved_of")):
        book.cells[name] = cell(TOP + at, 6, sheet=MOVES)


def write(book: PortfolioBook) -> None:
    """Write the sheet."""
    sheet, area, found = book.sheet(MOVES), book.ranges["moves"], book.report.moves
    since = "" if found is None else f" since the close of {day(found.since)}"
    book.heading(sheet, MOVES, f"Change of value{since} at today's quantities; trades in between are not in it.")
    sheet.set_widths([c.width for c in COLUMNS])
    if found is None:
        sheet.label(TOP, 0, "No earlier close is known.", "warning")
        book.finish(sheet, freeze=(TOP, 1), last=(TOP, len(COLUMNS) - 1))
        return
    pnl, net = area.span("pnl"), book.cells["net"]
    moved = book.cells["moved"].partition("!")[2]
    sheet.text(TOP, 0, "Change of value (USD)", bold=True)
    kinds = book.ranges["positions"].link_span("kind")
    no_move = f'COUNT({pnl})=COUNTIF({kinds},"{CASH}")'
    sheet.formula(
        TOP, 6, f'IF({no_move},"n/a",SUM({pnl}))', found.pnl_usd if found.known[0] else None, "count", bold=True
    )
    sheet.text(TOP + 1, 0, "of net value before")
    before = f"({net}-{moved})"
    change = f'IF({known(net, moved)},IF({before}>0,{moved}/{before},"n/a"),"n/a")'
    sheet.formula(TOP + 1, 6, change, found.change if found.known[0] else None, "percent")
    sheet.header(area, widths=False)
    for i, held in enumerate(book.positions):
        _position(book, i, held)
    last = sheet.notes(area.last + 2, _notes())
    book.finish(sheet, freeze=(area.first, 2), last=(last, len(COLUMNS) - 1), repeat=(area.first - 1, area.first - 1))


def _position(book: PortfolioBook, i: int, held: dict) -> None:
    found, positions = book.report.moves, book.ranges["positions"]
    assert found is not None
    row, record = found.positions.iloc[i], book.sheet(MOVES).record(book.ranges["moves"], i)
    at, put, link = record.at, record.formula, positions.link
    for key, name in (("account", "account"), ("ticker", "ticker"), ("counts_as", "exposure_to")):
        record.text(key, held[name], "name")
    record.text("why", row["why"], "small")
    net, moved = book.cells["net"], book.cells["moved"].partition("!")[2]
    if held["kind"] == CASH:
        record.static("pnl", 0.0)
    elif row["how"] == BY_CLOSE and row["pnl_usd"] == row["pnl_usd"]:
        record.static("before", row["price_before_usd"], exact=True)
        put("now", link("price_usd", i), row["price_now_usd"])
        put(
            "pnl",
            guarded(f"{link('quantity', i)}*({at('now')}-{at('before')})", at("now"), at("before")),
            plain(row["pnl_usd"]),
        )
    elif row["how"] == BY_EXPOSURE and row["pnl_usd"] == row["pnl_usd"]:
        record.static("before", row["price_before_usd"], exact=True)
        put("now", link("underlying", i), row["price_now_usd"])
        formula = f"{link('exposure', i)}*(1-{at('before')}/{at('now')})"
        put("pnl", guarded(formula, link("exposure", i), at("before"), at("now")), plain(row["pnl_usd"]))
    else:
        for key in ("before", "now", "pnl"):
            record.sheet.label(record.row, record.area.index(key), "n/a", "unknown")
    put("change", guarded(f"{at('now')}/{at('before')}-1", at("now"), at("before")), _change(held, row))
    part = f'IF({known(net, moved)},IF({net}-{moved}>0,{at("pnl")}/({net}-{moved}),"n/a"),"n/a")'
    contribution = row["contribution"] if found.known[0] else None
    put("contribution", f'IF(ISNUMBER({at("pnl")}),{part},"n/a")', contribution)


def _change(held: dict, row) -> float | None:  # type: ignore[no-untyped-def]
    return None if held["kind"] == CASH or row["pnl_usd"] != row["pnl_usd"] else row["change"]


def _notes() -> list[str]:
    return [
        "Shares, funds and coins move by their closes; options, futures and CFDs by their exposure of "
        "today times the change of the underlying. Positions at the file's own price have no earlier close.",
        f"Quantities, prices and exposures: sheet {HOLDINGS}. The close before is on the share basis of today.",
    ]
