"""Leave-one-tenant-out: the headline, and the line where it leads, without the companies of each tenant or guarantor."""

from __future__ import annotations

from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import GAP, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from valuation.gap.hodges_lehmann import LEAST_MEMBERS

# Stands over the columns of the members.
TENANTS = (
    Column("part", "Part"),
    Column("party", "Tenant or guarantor of signed leases"),
    Column("companies", "n excluded", "count"),
    Column("blank", ""),
    Column("ratio", "Headline gap without them, fixed at run (x)", "ratio"),
    Column("p", "p, exact rank-sum test, fixed at run", "p_value"),
    Column("n_pivot", "n pivot", "count"),
    Column("n_bitcoin", "n bitcoin", "count"),
    Column("line", "Line without them, share 0 to 100%, fixed at run (x)", "ratio"),
    Column("line_p", "p of the line, wild bootstrap, fixed at run", "p_value"),
    Column("n_line", "n on the line", "count"),
    Column("excluded", "Excluded", "small"),
    *(Column(f"blank{k}", "") for k in range(2, 5)),
    Column("role", "Role", "small"),
    Column("blank5", ""),
    Column("note", "Note", "small"),
)
FIGURES = (
    ("companies", "companies"), ("ratio", "ratio"), ("p", "p_value"), ("n_pivot", "n_pivot"), ("n_bitcoin", "n_bitcoin"),
)  # fmt: skip
OF_LINE = (("line", "line"), ("line_p", "line_p"), ("n_line", "n_line"))


def table_range(book: ScreenBook, first: int) -> TableRange:
    """Where the table stands."""
    return TableRange(GAP, TENANTS, first, len(book.screen.tenants.frame))


def write(book: ScreenBook, sheet: Sheet) -> None:
    """One row per tenant or guarantor; without an estimate the note has the reason."""
    area, found = book.ranges["tenants"], book.screen.tenants
    title = "Leave one tenant out: without all companies that share a named tenant or guarantor, fixed at run time"
    sheet.label(area.first - 2, 0, title, "section")
    sheet.header(area, widths=False, height=58)
    for k, row in enumerate(found.frame.to_dict("records")):
        record = sheet.record(area, k)
        record.text("part", "Without")
        record.text("party", row["party"], "name")
        for key in ("excluded", "role"):
            record.text(key, row[key], "small")
        for key, name in FIGURES:
            record.static(key, float(row[name]), unknown="n/a")
        for key, name in OF_LINE:
            # Where the groups lead there is no line without a tenant: not unknown, but not computed.
            record.static(key, float(row[name]), unknown="n/a" if row["line_note"] else "")
        record.text("note", "; ".join(text for text in (_note(row["note"]), row["line_note"]) if text), "small")
    if found.frame.empty:
        sheet.label(area.first, 1, "No named tenant or guarantor of a company in the sample.", "warning")


def _note(text: str) -> str:
    return f"{text}, an estimate needs {LEAST_MEMBERS}" if text else ""
