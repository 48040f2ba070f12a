"""Who is in which statistic of the gap: helper columns under the definitions, live in every input."""

from __future__ import annotations

from exports.workbook.writer.cells import Column, Grid, Sheet, scaled
from exports.workbook.writer.context import Book
from valuation.groups import BITCOIN, PIVOT

# Denominator of the gap -> (metric, its column on Multiples, the denominator's metric, where and in what unit it stands)
RATIOS = {
    "secured": ("ev_per_mw_secured", "per_secured", "secured_mw", "multiples", "secured"),
    "operating": ("ev_per_mw_operating", "per_operating", "operating_mw", "multiples", "operating"),
    "weighted": ("ev_per_mw_weighted", "per_weighted", "weighted_mw", "multiples", "weighted"),
    "revenue": ("ev_to_revenue", "to_forward", "forward_revenue_usd", "screen", "forward"),
}
SHORT = {metric: short for short, (metric, *_) in RATIOS.items()}
BASE, RATIO = "Denominators", "EV over the denominator"
P, B = "The same, pivots alone", "The same, bitcoin miners alone"


def _kind(short: str) -> str:
    return "multiple" if short == "revenue" else "per_mw"


def _columns() -> tuple[Column, ...]:
    titles = {"secured": "Secured", "operating": "Operating", "weighted": "Weighted", "revenue": "Revenue"}
    base = {**{k: f"{v} (MW)" for k, v in titles.items()}, "revenue": "AI and mining revenue ($m)"}
    out = [
        Column("ticker", "Ticker", width=10),
        Column("company", "Company", width=30),
        Column("use", "Use (1 = yes)", "flag", 8),
        Column("group", "Group", width=9),
        Column("ev", "Enterprise value ($m)", "money", 10.5),
    ]
    out += [Column(f"base_{k}", base[k], "money" if k == "revenue" else "mw", 9.5, BASE) for k in RATIOS]
    for key, words, section in (("x", "EV over", RATIO), (PIVOT, "Pivot:", P), (BITCOIN, "Bitcoin:", B)):
        for short in RATIOS:
            title = f"{words} {titles[short].lower()} ({'x' if short == 'revenue' else 'm USD per MW'})"
            out.append(Column(f"{key}_{short}", title, _kind(short), 9.5, section))
    out.append(Column("without", "Headline gap without it, of the run (x)", "ratio", 10.5, "Sensitivity"))
    return tuple(out)


MEMBERS = _columns()


def write_members(book: Book, sheet: Sheet) -> None:
    """A row a company; a helper cell is empty where the company is not in that statistic."""
    grid, screen = book.grids["members"], book.grids["screen"]
    sheet.words(
        grid.first - 3, 0, "Who is in which statistic: helper cells are empty where a company is not", "section"
    )
    sheet.header(grid, widths=False, height=46)
    without = book.screen.gap.sensitivity
    for i in range(book.n):
        row = grid.first + i
        sheet.text(row, 0, book.tickers[i], bold=True)
        sheet.text(row, 1, book.companies["name"][i], "name")
        excluded = book.table["excluded"][i]
        sheet.input(row, 2, 0.0 if excluded else 1.0, "flag", note=excluded)
        sheet.formula(row, 3, screen.link("group", i), book.table["group"][i])
        ev = scaled(book.table["enterprise_value_usd"][i])
        sheet.formula(
            row, 4, book.grids["bridge"].link("ev", i), ev, "money", status=book.status["enterprise_value_usd"][i]
        )
        for short in RATIOS:
            _ratio(book, sheet, grid, i, short)
        ticker = book.tickers[i]
        sheet.static(
            row, grid.index("without"), without[ticker] if ticker in without.index else None, "ratio", unknown=""
        )


def _ratio(book: Book, sheet: Sheet, grid: Grid, i: int, short: str) -> None:
    metric, on_multiples, base, table, column = RATIOS[short]
    row, at = grid.first + i, lambda key: grid.at(key, i)
    known = scaled(book.table[base][i]) if short == "revenue" else book.table[base][i]

    def put(key: str, formula: str, value: object, status: str = "ok") -> None:
        sheet.formula(row, grid.index(key), formula, value, grid.kind(key), status=status)

    put(f"base_{short}", book.grids[table].link(column, i), known, book.status[base][i])
    ratio = book.table[metric][i]
    put(f"x_{short}", book.grids["multiples"].link(on_multiples, i), ratio, book.status[metric][i])
    inside = bool(book.screen.gap.members[metric].iloc[i])
    for group in (PIVOT, BITCOIN):
        test = f'AND({at("use")}=1,{at("group")}="{group}",ISNUMBER({at(f"x_{short}")}))'
        mine = inside and book.table["group"][i] == group
        put(f"{group}_{short}", f'IF({test},{at(f"x_{short}")},"")', ratio if mine else "")
