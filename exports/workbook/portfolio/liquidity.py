"""Liquidity: days to sell or cover each name at a part of its average volume."""

from __future__ import annotations

from exports.workbook.portfolio.context import LIQUIDITY, TOP, PortfolioBook, guarded
from exports.workbook.writer.ranges import Column, TableRange, cell
from exports.workbook.writer.style import ASSUMPTION_FILL
from exports.workbook.writer.values import is_unknown
from valuation.portfolio.kinds import EQUITY, FUND
from valuation.portfolio.liquidity import HORIZONS

COLUMNS = (
    Column("name", "Name", width=18),
    Column("shares", "Shares", "count", 12),
    Column("value", "Value (USD)", "count", 13),
    Column("volume", "Average shares a day", "count", 14),
    Column("days", "Days to liquidate", "price", 12),
    *(Column(f"within{days}", f"Sold within {days} days (USD)" if days > 1 else "Sold within 1 day (USD)", "count", 13)
      for days in HORIZONS),
)  # fmt: skip


def place(book: PortfolioBook) -> None:
    """Cell addresses: the part of the volume and totals above, names below."""
    found = book.report.liquidity
    book.ranges["volumes"] = TableRange(LIQUIDITY, COLUMNS, TOP + 5, 0 if found is None else len(found.names))
    book.cells["participation"] = cell(TOP, 4, sheet=LIQUIDITY)
    book.cells["slowest"] = cell(TOP + 1, 4, sheet=LIQUIDITY)


def write(book: PortfolioBook) -> None:
    """Write the sheet."""
    sheet, area, found = book.sheet(LIQUIDITY), book.ranges["volumes"], book.report.liquidity
    book.heading(sheet, LIQUIDITY, "Trading days to sell the longs and cover the shorts of shares and funds.")
    sheet.set_widths([c.width for c in COLUMNS])
    if found is None:
        sheet.label(TOP, 0, f"Days to liquidate {book.report.liquidity_note}.", "warning")
        book.finish(sheet, freeze=(TOP, 1), last=(TOP, len(COLUMNS) - 1))
        return
    sheet.text(TOP, 0, "Part of a day's volume that is ours", bold=True)
    sheet.input(TOP, 4, found.participation, "percent", fill=ASSUMPTION_FILL)
    sheet.text(TOP + 1, 0, "Slowest name (days)", bold=True)
    days = area.span("days")
    sheet.formula(TOP + 1, 4, f'IF(COUNT({days})=0,"n/a",MAX({days}))', found.names["days"].max(), "price", bold=True)
    sheet.text(TOP + 2, 0, "Part of the value with a known volume")
    value = area.span("value")
    sizes = f'(SUMIFS({value},{days},">=0",{value},">0")-SUMIFS({value},{days},">=0",{value},"<0"))'
    for horizon in HORIZONS:
        column = area.index(f"within{horizon}")
        formula = f'IF({sizes}>0,SUM({area.span(f"within{horizon}")})/{sizes},"n/a")'
        sheet.formula(TOP + 2, column, formula, found.within(horizon), "percent")
    sheet.header(area, widths=False)
    positions, part = book.ranges["positions"], book.cells["participation"].partition("!")[2]
    for i, (name, row) in enumerate(found.names.iterrows()):
        record = sheet.record(area, i)
        at = record.at
        record.text("name", name, bold=True)
        for key, source, figure in (("shares", "quantity", row["shares"]), ("value", "value", row["value_usd"])):
            names, kinds = positions.link_span("counts_as"), positions.link_span("kind")
            numbers = positions.link_span(source)
            fits = [f'{names},{at("name")},{kinds},"{kind}"' for kind in (EQUITY, FUND)]
            count = "+".join(f'COUNTIFS({numbers},">-1E300",{one})' for one in fits)
            total = "+".join(f"SUMIFS({numbers},{one})" for one in fits)
            record.formula(key, f'IF({count}=0,"n/a",{total})', figure)
        record.input("volume", row["volume"])
        held = f"ABS({at('shares')})/({part}*{at('volume')})"
        record.formula("days", guarded(held, at("volume"), part), row["days"])
        for horizon in HORIZONS:
            sold = f"ABS({at('value')})*IF({at('days')}>{horizon},{horizon}/{at('days')},1)"
            days_and_value = f"{at('days')},{at('value')}"
            done = abs(row["value_usd"]) * min(1.0, horizon / max(row["days"], 1e-12))
            known = not is_unknown(row["days"])
            record.formula(f"within{horizon}", f'IF(COUNT({days_and_value})=2,{sold},"n/a")', done if known else None)
    last = sheet.notes(
        area.last + 2, [f"Volumes: {found.source}, average of {found.sessions} sessions, fixed at run time."]
    )
    book.finish(sheet, freeze=(area.first, 1), last=(last, len(COLUMNS) - 1), repeat=(area.first - 1, area.first - 1))
