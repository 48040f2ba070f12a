"""Scenarios: what each named what-if does to every company, of the run."""

from __future__ import annotations

from statistics import median

from exports.workbook.sheets.nav_common import worth
from exports.workbook.writer import charts
from exports.workbook.writer.cells import Column, Grid, Sheet, is_unknown
from exports.workbook.writer.context import FIRST, SCENARIOS, Book
from exports.workbook.writer.style import PIVOT_COLOUR
from valuation.nav.analysis import ScenarioResult

VALUE, PRICE = "Change of the net asset value a share (%)", "Change of the price (%)"
LIST = (
    Column("name", "Scenario"), Column("title", "What happens"), Column("blank", "", "small"),
    Column("median", "Middle change of value (%)", "percent"), Column("least", "Worst change of value (%)", "percent"),
    Column("price", "Middle change of price (%)", "percent"), Column("words", "What it changes", "small"),
)  # fmt: skip
WIDE = 11


def _names(book: Book) -> list[str]:
    return [outcome.scenario.name for outcome in book.screen.scenarios]


def _columns(book: Book) -> tuple[Column, ...]:
    names = _names(book)
    return (
        Column("ticker", "Ticker", width=24),
        Column("company", "Company", width=30),
        Column("nav", "Net asset value a share, of the run (USD)", "price", 11),
        *(Column(f"v_{name}", name, "percent", WIDE, VALUE) for name in names),
        *(Column(f"p_{name}", f"{name}, price", "percent", WIDE, PRICE) for name in names),
    )


def grids(book: Book) -> dict[str, Grid]:
    """Companies by scenario, and the scenarios with their middle."""
    companies = Grid(SCENARIOS, _columns(book), FIRST, book.n)
    return {"outcomes": companies, "scenarios": Grid(SCENARIOS, LIST, companies.last + 4, max(len(_names(book)), 1))}


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, grid = book.sheet(SCENARIOS), book.grids["outcomes"]
    about = "What-ifs over contracts, mining and net asset value; `screener scenario run NAME` shows one in full."
    book.top(sheet, SCENARIOS, about)
    sheet.header(grid, height=46)
    base = worth(book).nav.table.droplevel("as_of")["nav_cap_rate_per_share"]
    status = worth(book).nav.status.droplevel("as_of")["nav_cap_rate_usd"]
    for i, ticker in enumerate(book.tickers):
        row = grid.first + i
        sheet.text(row, 0, ticker, bold=True)
        sheet.text(row, 1, book.companies["name"][i], "name")
        meaningless = status[ticker] == "not_meaningful"
        sheet.static(row, grid.index("nav"), None if meaningless else base[ticker], "price",
                         unknown="n.m." if meaningless else "n/a")  # fmt: skip
        for outcome in book.screen.scenarios:
            name, found = outcome.scenario.name, outcome.table.loc[ticker]
            value, price = (
                (None, None) if meaningless or is_unknown(base[ticker]) else (found["change"], found["price_change"])
            )
            sheet.static(row, grid.index(f"v_{name}"), value, "percent")
            sheet.static(row, grid.index(f"p_{name}"), price, "percent")
    sheet.page.autofilter(grid.first - 1, 0, grid.last, len(grid.columns) - 1)
    _list(book, sheet)
    last = sheet.lines(max(book.grids["scenarios"].last, book.grids["scenarios"].last + 22), _notes(book))
    book.finish(
        sheet,
        freeze=(grid.first, 2),
        repeat=(0, 3),
        last=(last, max(len(grid.columns) - 1, len(LIST) - 1)),
    )


def _list(book: Book, sheet: Sheet) -> None:
    """Each scenario with the middle and the worst change, live over the table above, and a chart."""
    grid, above = book.grids["scenarios"], book.grids["outcomes"]
    sheet.words(grid.first - 2, 0, "Scenarios", "section")
    sheet.header(grid, widths=False, section=False)
    if not book.screen.scenarios:
        sheet.words(grid.first, 0, "none asked for", "note")
        return
    for k, outcome in enumerate(book.screen.scenarios):
        row, name = grid.first + k, outcome.scenario.name
        sheet.text(row, 0, name, bold=True)
        sheet.text(row, 1, outcome.scenario.title, "name")
        sheet.text(row, grid.index("words"), "; ".join([*outcome.scenario.words(), *outcome.notes]), "small")
        for key, column, of, pick in (
            ("median", f"v_{name}", "MEDIAN", median), ("least", f"v_{name}", "MIN", min),
            ("price", f"p_{name}", "MEDIAN", median),
        ):  # fmt: skip
            values = _shown(book, outcome, "change" if column.startswith("v_") else "price_change")
            formula = f'IF(COUNT({above.span(column)})>0,{of}({above.span(column)}),"n/a")'
            sheet.formula(row, grid.index(key), formula, pick(values) if values else None, "percent")
    chart = book.workbook.add_chart({"type": "bar"})
    for key, name, colour in (("median", "middle company", PIVOT_COLOUR), ("least", "worst company", "#A5A5A5")):
        chart.add_series(
            {"name": name, "categories": charts.cells(grid, "name"), "values": charts.cells(grid, key),
             "fill": {"color": colour}, "gap": 60}
        )  # fmt: skip
    chart.set_x_axis(charts.axis(grid=True, num_format="0%"))
    chart.set_y_axis(charts.axis(label_position="low", reverse=True))
    charts.insert(sheet, chart, (grid.last + 2, 0), (900, 400), "Change of the net asset value a share (%)")


def _shown(book: Book, outcome: ScenarioResult, column: str) -> list[float]:
    base = worth(book).nav.table.droplevel("as_of")["nav_cap_rate_per_share"]
    status = worth(book).nav.status.droplevel("as_of")["nav_cap_rate_usd"]
    good = [t for t in book.tickers if not is_unknown(base[t]) and status[t] != "not_meaningful"]
    return [float(v) for v in outcome.table.loc[good, column] if not is_unknown(v)]


def _notes(book: Book) -> list[str]:
    return [
        "Value: net asset value by cap rates. Price: it keeps its distance in USD to the net asset value, which is no "
        "forecast; in gap-closes, EV per secured MW of pivots falls to the gap given and values stay.",
        "A defaulting tenant's contract without a guarantor is gone and its MW can be let again; a guarantor pays the "
        "part that it covers. A rule in a place works by where contracts and listed MW lie.",
        "Figures are of the run; middle and worst are live over them. Scenarios are small files of changed assumptions.",
    ]
