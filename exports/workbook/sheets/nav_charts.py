"""Waterfall and tornado of the company whose ticker is chosen on the sheet NAV."""

from __future__ import annotations

from typing import Any

from exports.workbook.sheets.choice import choose, chosen
from exports.workbook.sheets.nav_common import analysis, by_company
from exports.workbook.sheets.nav_parts import PART_METRICS, restricted_usd
from exports.workbook.writer import charts
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import NAV, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import BITCOIN_COLOUR, PIVOT_COLOUR
from exports.workbook.writer.values import MILLION, is_unknown, steady
from valuation.nav.monte_carlo import tornados

STEPS = (
    ("Leases", "leases"), ("GPU cloud", "cloud"), ("Income tax on contracts", "tax"),
    ("Approved power, unleased", "approved"), ("Power in use for mining", "in_use"), ("Pipeline", "pipeline"),
    ("Mining", "mining"), ("Bitcoin", "bitcoin"), ("Other coins", "coins"), ("Cash", "cash"),
    ("Restricted cash", "restricted"), ("Capex to complete", "capex"), ("Overhead, capitalised", "overhead"),
    ("Debt not converted", "debt"), ("Finance leases", "finance_leases"), ("Preferred", "preferred"),
    ("Minority interest", "minority"), ("Prepayments", "prepayments"),
)  # fmt: skip
DRIVERS = (
    ("Cap rates and costs of capital", "cap_rate"), ("Probability of future leases", "probability"), ("Capex", "capex"),
    ("Bitcoin price", "bitcoin"), ("Hashprice", "hashprice"), ("Delay of starts", "delay"),
)  # fmt: skip
ENDS = ("low", "high")
WATERFALL = (
    Column("part", "Part", "small"), Column("label", "", "small"), Column("value", "Value ($m)", "money"),
    Column("sum", "Cumulative ($m)", "money"), Column("base", "Base of the bar ($m)", "money"),
    Column("up", "Increase ($m)", "money"), Column("down", "Decrease ($m)", "money"),
)  # fmt: skip
TORNADO = (
    Column("driver", "Driver", "small"), Column("label", "", "small"),
    Column("low", "Input low (USD per share)", "price"), Column("high", "Input high (USD per share)", "price"),
    Column("span", "Range (USD per share)", "price"), Column("rank", "Rank (n)", "count"),
    Column("sorted", "Widest last", "small"), Column("blank", "", "small"), Column("blank2", "", "small"),
    Column("d_low", "Low less value (USD per share)", "price"),
    Column("d_high", "High less value (USD per share)", "price"),
)  # fmt: skip
FIXED_TORNADO = (
    Column("ticker", "Ticker"), Column("label", "", "small"),
    *(Column(f"{key}_{end}", f"{key.replace('_', ' ').capitalize()} {end} (USD per share)", "price")
      for _, key in DRIVERS for end in ENDS),
)  # fmt: skip
CHART = 20  # rows that a chart takes


def ranges(book: ScreenBook, first: int) -> dict[str, TableRange]:
    """Waterfall and tornado of the chosen company, and the tornado of every company, fixed at run time."""
    waterfall = TableRange(NAV, WATERFALL, first + 3, len(STEPS) + 1)
    bars = TableRange(NAV, TORNADO, waterfall.last + 4, len(DRIVERS))
    return {
        "waterfall": waterfall,
        "tornado": bars,
        "tornado_run": TableRange(NAV, FIXED_TORNADO, bars.last + 4, book.n),
    }


def write(book: ScreenBook, sheet: Sheet) -> None:
    """Write selector, tables and both charts."""
    waterfall, companies = book.ranges["waterfall"], book.ranges["nav"]
    top = waterfall.first - 3
    sheet.label(top, 0, "One company: choose its ticker in the yellow cell", "section")
    place = choose(book, sheet, (top, 4), companies.span("ticker"), "row")
    _waterfall(book, sheet, place)
    _tornado(book, sheet, place)


def _part(book: ScreenBook, table: dict[str, list[Any]], key: str, i: int) -> float:
    """A part of company i's net asset value as the switches count it, $m; 0 where it is unknown."""
    switched = {"restricted": restricted_usd}
    value = switched[key](book, i) if key in switched else table[PART_METRICS[key]][i]
    return 0.0 if value is None or is_unknown(value) else value / MILLION


def _waterfall(book: ScreenBook, sheet: Sheet, row_cell: str) -> None:
    area, companies, i = book.ranges["waterfall"], book.ranges["nav"], chosen(book)
    table = by_company(book, analysis(book).nav.table)
    sheet.header(area, widths=False, section=False)
    total = 0.0
    for k, (title, key) in enumerate(STEPS):
        record = sheet.record(area, k)
        record.text("part", title, "small")
        amount, before = _part(book, table, key, i), "0" if k == 0 else area.at("sum", k - 1)
        was, total, here = total, total + amount, record.at("sum")
        record.formula("value", f"N(INDEX({companies.span(key)},{row_cell}))", amount)
        record.formula("sum", f"{before}+{record.at('value')}", total)
        record.formula("base", f"MAX(0,MIN({before},{here}))", max(0.0, min(was, total)))
        record.formula("up", f"MAX(0,{here}-MAX(0,{before}))", max(0.0, total - max(0.0, was)))
        record.formula("down", f"MAX(0,{before}-MAX(0,{here}))", max(0.0, was - max(0.0, total)))
    end, last = area.at("sum", len(STEPS) - 1), sheet.record(area, len(STEPS))
    last.text("part", "Net asset value", "small", bold=True)
    last.formula("value", end, total, bold=True)
    last.formula("sum", end, total, bold=True)
    last.formula("base", "0*1", 0.0)
    last.formula("up", f"MAX(0,{end})", max(0.0, total))
    last.formula("down", f"MAX(0,-{end})", max(0.0, -total))
    above = f"INDEX({companies.span('nav')},{row_cell})"
    value = table["nav_dcf_usd"][i]
    difference = None if is_unknown(value) else round(total - value / MILLION, 6) + 0.0
    sheet.label(last.row + 1, 0, "Less the net asset value above ($m; zero where it ties)", "note")
    tie = f'IF(ISNUMBER({above}),ROUND({end}-{above},6),"n/a")'
    sheet.formula(last.row + 1, area.index("value"), tie, difference, "money")
    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    for key, name, fill in (
        ("base", "", {"none": True}), ("up", "increase", {"color": PIVOT_COLOUR}),
        ("down", "decrease", {"color": BITCOIN_COLOUR}),
    ):  # fmt: skip
        chart.add_series(
            {"name": name, "categories": charts.cells(area, "part"), "values": charts.cells(area, key), "fill": fill,
             "border": {"none": True}, "gap": 30}
        )  # fmt: skip
    chart.set_x_axis(charts.axis("part", num_font={"name": "Arial", "size": 8, "rotation": -45}))
    chart.set_y_axis(charts.axis("$m", area=True, num_format="#,##0"))
    title = "Net asset value (DCF) by parts: the chosen company ($m)"
    charts.insert(sheet, chart, (area.first - 1, 10), (900, CHART * 20), title, legend="")


def _tornado(book: ScreenBook, sheet: Sheet, row_cell: str) -> None:
    area, fixed, i = book.ranges["tornado"], book.ranges["tornado_run"], chosen(book)
    found = _values_at_ends(book)
    sheet.header(fixed, widths=False, height=46, section=False)
    title = "Tornado of every company, fixed at run time: one driver moves by one standard deviation"
    sheet.label(fixed.first - 2, 0, title, "section")
    for j, ticker in enumerate(book.tickers):
        record = sheet.record(fixed, j)
        record.text("ticker", ticker)
        for _, key in DRIVERS:
            for end in ENDS:
                record.static(f"{key}_{end}", found.get((ticker, key, end)))
    sheet.header(area, widths=False, height=46, section=False)
    point = by_company(book, analysis(book).nav.table)["nav_dcf_per_share"][i]
    known = not is_unknown(point) and all((book.tickers[i], key, end) in found for _, key in DRIVERS for end in ENDS)
    mine = {key: [found[book.tickers[i], key, end] if known else 0.0 for end in ENDS] for _, key in DRIVERS}
    spans = [abs(mine[key][1] - mine[key][0]) for _, key in DRIVERS]
    ranks = [1 + sum(s > spans[k] for s in spans) + sum(s == spans[k] for s in spans[:k]) for k in range(len(spans))]
    for k, (title, key) in enumerate(DRIVERS):
        record = sheet.record(area, k)
        record.text("driver", title, "small")
        for j, end in enumerate(ENDS):
            record.formula(end, f"N(INDEX({fixed.span(f'{key}_{end}')},{row_cell}))", mine[key][j])
        span = record.at("span")
        record.formula("span", f"ABS({record.at('high')}-{record.at('low')})", spans[k])
        ties = "" if k == 0 else f"+COUNTIF({area.at('span', 0)}:{area.at('span', k - 1)},{span})"
        record.formula("rank", f'COUNTIF({area.span("span")},">"&{span})+1{ties}', float(ranks[k]))
    nav = f"INDEX({book.ranges['nav'].span('nav_share')},{row_cell})"
    for k in range(len(DRIVERS)):
        # A bar chart draws its first row lowest: the widest stands last.
        record, place = sheet.record(area, k), len(DRIVERS) - k
        where, (title, key) = f"MATCH({place},{area.span('rank')},0)", DRIVERS[ranks.index(place)]
        record.formula("sorted", f"INDEX({area.span('driver')},{where})", title, kind="text")
        for j, (column, end) in enumerate((("d_low", "low"), ("d_high", "high"))):
            value = round(mine[key][j] - point, 8) + 0.0 if known else 0.0
            # The value is computed here and the drivers' figures are fixed: rounding takes out their last digits.
            formula = f"IF(ISNUMBER({nav}),ROUND(INDEX({area.span(end)},{where})-{nav},8),0)"
            record.formula(column, formula, value)
    chart = book.workbook.add_chart({"type": "bar"})
    for key, colour, name in (("d_low", BITCOIN_COLOUR, "input low"), ("d_high", PIVOT_COLOUR, "input high")):
        chart.add_series(
            {"name": name, "categories": charts.cells(area, "sorted"), "values": charts.cells(area, key),
             "fill": {"color": colour}, "gap": 40, "overlap": 100}
        )  # fmt: skip
    chart.set_x_axis(charts.axis("USD per share less net asset value", area=True, num_format="0.0"))
    chart.set_y_axis(charts.axis("driver", label_position="low"))
    title = "Tornado of the chosen company, fixed at run time (USD per share)"
    charts.insert(sheet, chart, (book.ranges["waterfall"].first - 1, 24), (620, CHART * 20), title)


def _values_at_ends(book: ScreenBook) -> dict[tuple[str, str, str], float]:
    """Net asset value per share by ticker, driver and end of the driver's range."""
    found: dict[tuple[str, str, str], float] = {}
    nav = analysis(book).nav
    value, status = (by_company(book, f) for f in (nav.table, nav.status))
    bars = tornados(nav)
    for i, ticker in enumerate(book.tickers):
        if is_unknown(value["nav_dcf_per_share"][i]) or status["nav_dcf_usd"][i] == "not_meaningful":
            continue
        drivers = bars.loc[ticker]
        for end in ENDS:
            # As it stands in the cell, so that what is computed from it is the same.
            found |= {
                (ticker, str(d), end): steady(v) for d, v in zip(drivers.index, drivers[end].tolist(), strict=True)
            }
    return found
