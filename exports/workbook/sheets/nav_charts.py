"""One company at a time on the sheet NAV: pick a ticker, and waterfall and tornado follow."""

from __future__ import annotations

from exports.workbook.sheets.nav_common import by_company, worth
from exports.workbook.sheets.nav_parts import OF_PARTS, prepayments_usd, restricted_usd
from exports.workbook.writer import charts
from exports.workbook.writer.cells import Column, Grid, Sheet, cell, is_unknown, steady
from exports.workbook.writer.context import NAV, Book
from exports.workbook.writer.style import ASSUMPTION_FILL, BITCOIN_COLOUR, PIVOT_COLOUR
from valuation.nav.monte_carlo import tornado

STEPS = (
    ("Leases", "leases"), ("GPU cloud", "cloud"), ("Approved power, no lease", "approved"),
    ("Power in use for mining", "in_use"),
    ("Pipeline", "pipeline"), ("Mining", "mining"), ("Bitcoin", "bitcoin"), ("Other coins", "coins"), ("Cash", "cash"),
    ("Restricted cash", "restricted"), ("Capex to spend", "capex"), ("Debt not converted", "debt"),
    ("Finance leases", "finance_leases"), ("Preferred", "preferred"), ("Minorities", "minority"),
    ("Prepayments", "prepayments"),
)  # fmt: skip
DRIVERS = (
    ("Cap rates", "cap_rate"), ("Chance of leases not signed", "probability"), ("Capex", "capex"),
    ("Bitcoin price", "bitcoin"),
    ("Hashprice", "hashprice"), ("Slip of starts", "delay"),
)  # fmt: skip
WATERFALL = (
    Column("part", "Part", "small"), Column("label", "", "small"), Column("value", "Worth ($m)", "money"),
    Column("sum", "Sum so far ($m)", "money"), Column("base", "Under the bar ($m)", "money"),
    Column("up", "Adds ($m)", "money"),
    Column("down", "Takes ($m)", "money"),
)  # fmt: skip
TORNADO = (
    Column("driver", "Driver", "small"), Column("label", "", "small"), Column("low", "Input low (USD a share)", "price"),
    Column("high", "Input high (USD a share)", "price"), Column("span", "Span (USD a share)", "price"),
    Column("rank", "Rank (n)", "count"), Column("blank", "", "small"), Column("sorted", "Widest last", "small"),
    Column("d_low", "Low against the value (USD a share)", "price"),
    Column("d_high", "High against the value (USD a share)", "price"),
)  # fmt: skip
RUN = (
    Column("ticker", "Ticker"), Column("label", "", "small"),
    *(c for _, key in DRIVERS for c in (Column(f"{key}_low", f"{key.replace('_', ' ')} low (USD a share)", "price"),
                                        Column(f"{key}_high", f"{key.replace('_', ' ')} high (USD a share)", "price"))),
)  # fmt: skip
CHART = 20  # rows that a chart takes


def grids(book: Book, first: int) -> dict[str, Grid]:
    """The chosen company's waterfall and tornado, and every company's tornado of the run."""
    waterfall = Grid(NAV, WATERFALL, first + 3, len(STEPS) + 1)
    bars = Grid(NAV, TORNADO, waterfall.last + 4, len(DRIVERS))
    return {"waterfall": waterfall, "tornado": bars, "tornado_run": Grid(NAV, RUN, bars.last + 4, book.n)}


def chosen(book: Book) -> int:
    """The company that the sheet opens with: the first of the screen that has a net asset value."""
    value = by_company(book, worth(book).nav.table)["nav_cap_rate_usd"]
    status = by_company(book, worth(book).nav.status)["nav_cap_rate_usd"]
    good = (i for i, v in enumerate(value) if not is_unknown(v) and status[i] != "not_meaningful")
    return next(good, 0)


def write(book: Book, sheet: Sheet) -> None:
    """Write selector, tables and both charts."""
    waterfall, companies = book.grids["waterfall"], book.grids["nav"]
    top = waterfall.first - 3
    sheet.words(top, 0, "One company: choose its ticker in the yellow cell", "section")
    sheet.input(top, 4, book.tickers[chosen(book)], "text", fill=ASSUMPTION_FILL)
    sheet.page.data_validation(top, 4, top, 4, {"validate": "list", "source": f"={companies.span('ticker')}"})
    match = f"MATCH({cell(top, 4)},{companies.span('ticker')},0)"
    sheet.words(top, 5, "row", "note")
    sheet.formula(top, 6, match, float(chosen(book) + 1), "count")
    _waterfall(book, sheet, cell(top, 6))
    _tornado(book, sheet, cell(top, 6))


def _waterfall(book: Book, sheet: Sheet, row_cell: str) -> None:
    grid, companies, i = book.grids["waterfall"], book.grids["nav"], chosen(book)
    table = by_company(book, worth(book).nav.table)
    sheet.header(grid, widths=False, section=False)
    total, so_far = 0.0, []
    for k, (title, key) in enumerate(STEPS):
        row, at = grid.first + k, lambda name, k=k: grid.at(name, k)
        sheet.text(row, 0, title, "small")
        value = table[OF_PARTS[key]][i]
        if key == "restricted":
            value = restricted_usd(book, i)
        if key == "prepayments":
            value = prepayments_usd(book, i)
        amount = 0.0 if is_unknown(value) else value / 1e6
        total += amount
        so_far.append(total)
        sheet.formula(row, grid.index("value"), f"N(INDEX({companies.span(key)},{row_cell}))", amount, "money")
        before = "0" if k == 0 else grid.at("sum", k - 1)
        sheet.formula(row, grid.index("sum"), f"{before}+{at('value')}", total, "money")
        was = 0.0 if k == 0 else so_far[k - 1]
        sheet.formula(row, grid.index("base"), f"MAX(0,MIN({before},{at('sum')}))", max(0.0, min(was, total)), "money")
        sheet.formula(
            row, grid.index("up"), f"MAX(0,{at('sum')}-MAX(0,{before}))", max(0.0, total - max(0.0, was)), "money"
        )
        sheet.formula(
            row, grid.index("down"), f"MAX(0,{before}-MAX(0,{at('sum')}))", max(0.0, was - max(0.0, total)), "money"
        )
    last = grid.first + len(STEPS)
    end = grid.at("sum", len(STEPS) - 1)
    sheet.text(last, 0, "Net asset value", "small", bold=True)
    sheet.formula(last, grid.index("value"), end, total, "money", bold=True)
    sheet.formula(last, grid.index("sum"), end, total, "money", bold=True)
    sheet.formula(last, grid.index("base"), "0*1", 0.0, "money")
    sheet.formula(last, grid.index("up"), f"MAX(0,{end})", max(0.0, total), "money")
    sheet.formula(last, grid.index("down"), f"MAX(0,-{end})", max(0.0, -total), "money")
    above = f"INDEX({companies.span('nav')},{row_cell})"
    tie = f'IF(ISNUMBER({above}),ROUND({end}-{above},6),"n/a")'
    value = table["nav_cap_rate_usd"][i]
    sheet.words(last + 1, 0, "Less the net asset value above, zero where it ties ($m)", "note")
    sheet.formula(
        last + 1, grid.index("value"), tie, None if is_unknown(value) else round(total - value / 1e6, 6) + 0.0, "money"
    )

    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    for key, colour in (("base", None), ("up", PIVOT_COLOUR), ("down", BITCOIN_COLOUR)):
        fill = {"none": True} if colour is None else {"color": colour}
        chart.add_series(
            {"name": {"base": "", "up": "adds", "down": "takes"}[key], "categories": charts.cells(grid, "part"),
             "values": charts.cells(grid, key), "fill": fill, "border": {"none": True}, "gap": 30}
        )  # fmt: skip
    chart.set_x_axis(charts.axis(num_font={"name": "Arial", "size": 8, "rotation": -45}))
    chart.set_y_axis(charts.axis("$m", grid=True, num_format="#,##0"))
    title = "Net asset value by parts: the chosen company ($m)"
    charts.insert(sheet, chart, (grid.first - 1, 10), (900, CHART * 20), title, legend="")


def _tornado(book: Book, sheet: Sheet, row_cell: str) -> None:
    grid, run, i = book.grids["tornado"], book.grids["tornado_run"], chosen(book)
    found = _of_every(book)
    sheet.header(run, widths=False, height=46, section=False)
    sheet.words(
        run.first - 2, 0, "Tornado of every company, of the run: one driver moves by one standard deviation", "section"
    )
    for j, ticker in enumerate(book.tickers):
        sheet.text(run.first + j, 0, ticker)
        for _, key in DRIVERS:
            for end in ("low", "high"):
                sheet.static(run.first + j, run.index(f"{key}_{end}"), found.get((ticker, key, end)), "price")
    sheet.header(grid, widths=False, height=46, section=False)
    mine = {key: tuple(found.get((book.tickers[i], key, end)) for end in ("low", "high")) for _, key in DRIVERS}
    point = by_company(book, worth(book).nav.table)["nav_cap_rate_per_share"][i]
    known = not is_unknown(point) and all(v is not None for pair in mine.values() for v in pair)
    spans = [abs(mine[key][1] - mine[key][0]) if known else 0.0 for _, key in DRIVERS]
    ranks = [1 + sum(s > spans[k] for s in spans) + sum(s == spans[k] for s in spans[:k]) for k in range(len(spans))]
    of_run = f"INDEX({book.grids['nav'].span('nav_share')},{row_cell})"
    for k, (title, key) in enumerate(DRIVERS):
        row, at = grid.first + k, lambda name, k=k: grid.at(name, k)
        sheet.text(row, 0, title, "small")
        for j, end in enumerate(("low", "high")):
            sheet.formula(
                row,
                grid.index(end),
                f"N(INDEX({run.span(f'{key}_{end}')},{row_cell}))",
                mine[key][j] if known else 0.0,
                "price",
            )
        sheet.formula(row, grid.index("span"), f"ABS({at('high')}-{at('low')})", spans[k], "price")
        above = "" if k == 0 else f"+COUNTIF({grid.at('span', 0)}:{grid.at('span', k - 1)},{at('span')})"
        sheet.formula(
            row, grid.index("rank"), f'COUNTIF({grid.span("span")},">"&{at("span")})+1{above}', float(ranks[k]), "count"
        )
    for k in range(len(DRIVERS)):
        # A bar chart draws its first row lowest: the widest stands last.
        place = len(DRIVERS) - k
        row, where = grid.first + k, f"MATCH({place},{grid.span('rank')},0)"
        at_rank = ranks.index(place)
        title, key = DRIVERS[at_rank]
        sheet.formula(row, grid.index("sorted"), f"INDEX({grid.span('driver')},{where})", title)
        for j, (column, end) in enumerate((("d_low", "low"), ("d_high", "high"))):
            value = round(mine[key][j] - point, 8) + 0.0 if known else 0.0
            # The value above is computed anew, the drivers' are of the run: noise of the last digits is none of theirs.
            formula = f"IF(ISNUMBER({of_run}),ROUND(INDEX({grid.span(end)},{where})-{of_run},8),0)"
            sheet.formula(row, grid.index(column), formula, value, "price")
    chart = book.workbook.add_chart({"type": "bar"})
    for key, colour, name in (("d_low", BITCOIN_COLOUR, "input low"), ("d_high", PIVOT_COLOUR, "input high")):
        chart.add_series(
            {"name": name, "categories": charts.cells(grid, "sorted"), "values": charts.cells(grid, key),
             "fill": {"color": colour}, "gap": 40, "overlap": 100}
        )  # fmt: skip
    chart.set_x_axis(charts.axis("USD a share against the net asset value", grid=True, num_format="0.0"))
    chart.set_y_axis(charts.axis(label_position="low"))
    title = "Tornado of the chosen company, of the run (USD a share)"
    charts.insert(sheet, chart, (book.grids["waterfall"].first - 1, 24), (620, CHART * 20), title)


def _of_every(book: Book) -> dict[tuple[str, str, str], float]:
    """Value a share by ticker, driver and end of the driver's range."""
    found, nav = {}, worth(book).nav
    status = nav.status.droplevel("as_of")["nav_cap_rate_usd"]
    value = nav.table.droplevel("as_of")["nav_cap_rate_per_share"]
    for ticker in book.tickers:
        if is_unknown(value[ticker]) or status[ticker] == "not_meaningful":
            continue
        for driver, row in tornado(nav, ticker).iterrows():
            # As it stands in the cell, so that what is computed from it is the same.
            found |= {(ticker, str(driver), end): steady(row[end]) for end in ("low", "high")}
    return found
