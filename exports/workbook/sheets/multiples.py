"""Multiples: megawatts by status, four denominators, EV per MW and multiples of contracts."""

from __future__ import annotations

from exports.workbook.writer.cells import Column, Grid, Sheet
from exports.workbook.writer.context import FIRST, MULTIPLES, Book, definition

REPORTED, DENOMINATORS = "Power as reported (MW; 1 in the column beside it: critical IT)", "Denominators"
PER_MW, CONTRACTED = "EV per MW (m USD per MW)", "Multiples of revenue and of signed contracts (x)"
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("company", "Company", width=30),
    Column("group", "Group", width=8),
    Column("ev", "Enterprise value ($m)", "money", 10.5),
    Column("operating_in", "Operating (MW)", "mw", 9, REPORTED),
    Column("operating_it", "Op. IT", "flag", 4.5, REPORTED),
    Column("construction_in", "Under construction (MW)", "mw", 10, REPORTED),
    Column("construction_it", "Con. IT", "flag", 4.5, REPORTED),
    Column("secured_in", "Secured (MW)", "mw", 9, REPORTED),
    Column("secured_it", "Sec. IT", "flag", 4.5, REPORTED),
    Column("pipeline_in", "Pipeline (MW)", "mw", 9, REPORTED),
    Column("pipeline_it", "Pip. IT", "flag", 4.5, REPORTED),
    Column("operating", "Operating (gross MW)", "mw", 9.5, DENOMINATORS),
    Column("secured", "Secured (gross MW)", "mw", 9.5, DENOMINATORS),
    Column("weighted", "Weighted (gross MW)", "mw", 9.5, DENOMINATORS),
    Column("ai_contracted_it", "Contracted AI (critical IT MW)", "mw", 10.5, DENOMINATORS),
    Column("per_secured", "EV / secured MW", "per_mw", 9, PER_MW),
    Column("per_operating", "EV / operating MW", "per_mw", 9.5, PER_MW),
    Column("per_weighted", "EV / weighted MW", "per_mw", 9.5, PER_MW),
    Column("per_ai_contracted_it", "EV / contracted AI IT MW", "per_mw", 10.5, PER_MW),
    Column("to_forward", "EV / AI and mining revenue (x)", "multiple", 9.5, CONTRACTED),
    Column("to_revenue", "EV / contracted revenue (x)", "multiple", 9.5, CONTRACTED),
    Column("to_noi", "EV / contracted NOI (x)", "multiple", 9.5, CONTRACTED),
    Column("to_backlog", "EV / backlog (x)", "multiple", 9.5, CONTRACTED),
    Column("equity_to_backlog", "Equity value / backlog (x)", "multiple", 9.5, CONTRACTED),
    Column("status", "Status of EV / secured MW", "small", 14),
)
REPORTED_ITEMS = {
    "operating": "mw_operating",
    "construction": "mw_under_construction",
    "secured": "mw_secured",
    "pipeline": "mw_pipeline",
}
PER = ("secured", "operating", "weighted", "ai_contracted_it")
CRITICAL_IT = "mw_critical_it"


def grids(book: Book) -> dict[str, Grid]:
    """Where the table stands."""
    return {"multiples": Grid(MULTIPLES, COLUMNS, FIRST, book.n)}


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, grid = book.sheet(MULTIPLES), book.grids["multiples"]
    book.top(
        sheet,
        MULTIPLES,
        "What a megawatt and a dollar of signed revenue cost at the enterprise value of the bridge.",
    )
    sheet.header(grid, height=46)
    for i in range(book.n):
        _power(book, sheet, grid, i)
        _ratios(book, sheet, grid, i)
    sheet.page.autofilter(grid.first - 1, 0, grid.last, len(COLUMNS) - 1)
    last = sheet.lines(grid.last + 2, _notes())
    book.finish(sheet, freeze=(grid.first, 1), repeat=(0, grid.first - 1), last=(last, len(COLUMNS) - 1))


def _power(book: Book, sheet: Sheet, grid: Grid, i: int) -> None:
    row, ticker, at = grid.first + i, book.tickers[i], lambda key: grid.at(key, i)
    sheet.text(row, 0, ticker, bold=True)
    sheet.text(row, 1, book.companies["name"][i], "name")
    sheet.formula(row, grid.index("group"), book.grids["screen"].link("group", i), book.table["group"][i])
    sheet.formula(
        row,
        grid.index("ev"),
        book.grids["bridge"].link("ev", i),
        _million(book, "enterprise_value_usd", i),
        "money",
        status=book.status["enterprise_value_usd"][i],
    )
    ratio = book.assumption("gross_mw_per_critical_it_mw")
    for key, item in REPORTED_ITEMS.items():
        status = book.status[f"{key}_mw"][i] if key in ("operating", "secured") else "ok"
        value = book.inputs[item][i]
        sheet.input(row, grid.index(f"{key}_in"), value, "mw", note=book.source(ticker, item), status=status)
        sheet.input(row, grid.index(f"{key}_it"), float(book.units(ticker, item) == CRITICAL_IT), "flag")

    def gross(key: str) -> str:
        return f"{at(f'{key}_in')}*IF({at(f'{key}_it')}=1,{ratio},1)"

    def put(key: str, formula: str) -> None:
        name = f"{key}_mw"
        sheet.formula(row, grid.index(key), formula, book.table[name][i], "mw", status=book.status[name][i])

    put("operating", f'IF(ISNUMBER({at("operating_in")}),{gross("operating")},"n/a")')
    put("secured", f"IF(ISNUMBER({at('secured_in')}),{gross('secured')},{at('operating')})")
    weight = book.assumption
    building = f"N({at('construction_in')})*IF({at('construction_it')}=1,{ratio},1)"
    waiting = f"N({at('pipeline_in')})*IF({at('pipeline_it')}=1,{ratio},1)"
    on_line = f"N({at('operating')})"
    terms = (
        f"{weight('weight_operating')}*{on_line}+{weight('weight_construction')}*{building}"
        f"+{weight('weight_secured')}*MAX(0,{at('secured')}-{on_line}-{building})+{weight('weight_pipeline')}*{waiting}"
    )
    put("weighted", f'IF(ISNUMBER({at("secured")}),{terms},"n/a")')
    put("ai_contracted_it", book.grids["totals"].link("mw", i))


def _ratios(book: Book, sheet: Sheet, grid: Grid, i: int) -> None:
    row, totals = grid.first + i, book.grids["totals"]
    ev = grid.at("ev", i)

    def put(key: str, metric: str, top: str, below: str, *, positive: bool = True) -> None:
        empty = f"OR({top}<=0,{below}=0)" if positive else f"{below}=0"
        formula = f'IF(COUNT({top},{below})=2,IF({empty},"n.m.",{top}/{below}),"n/a")'
        value, status = book.table[metric][i], book.status[metric][i]
        sheet.formula(row, grid.index(key), formula, value, grid.kind(key), status=status)

    for short in PER:
        put(f"per_{short}", f"ev_per_mw_{short}", ev, grid.at(short, i))
    put("to_forward", "ev_to_revenue", ev, book.grids["screen"].link("forward", i))
    put("to_revenue", "ev_to_contracted_revenue", ev, totals.link("revenue", i))
    put("to_noi", "ev_to_contracted_noi", ev, totals.link("noi", i))
    put("to_backlog", "ev_to_backlog", ev, totals.link("backlog", i))
    equity = book.grids["bridge"].link("equity", i)
    put("equity_to_backlog", "equity_value_to_backlog", equity, totals.link("backlog", i), positive=False)
    sheet.text(row, grid.index("status"), book.status["ev_per_mw_secured"][i].replace("_", " "), "small")


def _million(book: Book, metric: str, i: int) -> float:
    return book.table[metric][i] / 1e6


def _notes() -> list[str]:
    names = (
        "operating_mw",
        "secured_mw",
        "weighted_mw",
        "ai_contracted_it_mw",
        "ev_per_mw_secured",
        "ev_to_revenue",
        "ev_to_contracted_revenue",
        "ev_to_contracted_noi",
        "ev_to_backlog",
        "equity_value_to_backlog",
    )
    return [
        *(definition(name) for name in names),
        "Secured MW is each company's own idea of approved or contracted power, and the ideas differ: read "
        "the ratio "
        "over several denominators.",
        "n.m.: nothing signed to divide by, or an enterprise value that is not positive. Leases and GPU "
        "cloud are "
        "different businesses: see their split on Contracts before comparing multiples.",
    ]
