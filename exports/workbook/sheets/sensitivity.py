"""Sensitivity: price over NAV and NAV per share of a chosen company by bitcoin price and cap rate, as live formulas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from exports.workbook.sheets import sensitivity_contracts as signed
from exports.workbook.sheets.choice import choose, chosen
from exports.workbook.sheets.nav_common import analysis
from exports.workbook.sheets.nav_parts import mining_ahead, position_of
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import SENSITIVITY, ScreenBook
from exports.workbook.writer.input_register import AXIS
from exports.workbook.writer.ranges import Column, TableRange, cell
from exports.workbook.writer.style import ASSUMPTION_FILL
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import MILLION
from valuation.contracts.terms import CLOUD
from valuation.nav.parts import mining_value, value_of_let_mw

MULTIPLES = (0.5, 0.7, 0.85, 1.0, 1.15, 1.3, 1.5)
POINTS = (-0.015, -0.01, -0.005, 0.0, 0.005, 0.01, 0.015)
CHOICE, WIDE = 4, 15.0
PICK = (CHOICE, 3)  # the yellow cell of the ticker
METHODS = {"nav": "DCF", "cap": "cap rate"}
GRIDS = tuple((method, what) for method in METHODS for what in ("p", "share"))
# Parts that the two axes move; the rest of a net asset value stays.
MOVED = ("bitcoin", "mining", "approved", "in_use", "pipeline")
TITLES = {
    "price": ("Price", "USD per share"), "shares": ("Diluted shares", "m"),
    "nav": ("Net asset value, DCF", "$m"), "cap": ("Net asset value, cap rate", "$m"),
    "bitcoin": ("Bitcoin", "$m"), "mining": ("Mining", "$m"), "approved": ("Approved power", "$m"),
    "in_use": ("Power in use for mining", "$m"), "pipeline": ("Pipeline", "$m"),
    "cap_leases": ("Leases, NOI / cap rate", "$m"), "unearned": ("Prepaid rent, not earned", "$m"),
    "first_mw": ("First deal", "MW"), "approved_mw": ("Approved", "MW"), "use_mw": ("In use for mining", "MW"),
    "displaced": ("Part of the mining on it", "fraction"), "pipeline_mw": ("Pipeline", "MW"),
}  # fmt: skip
FURTHER = {
    "revenue": ("Mining revenue a year", "$m"), "cost": ("Mining power cost a year", "$m"),
    "after": ("Contracts after their base terms", "$m"), "after_cloud": ("of which GPU cloud", "$m"),
    "rest_nav": ("All other parts, DCF", "$m"), "rest_cap": ("All other parts, cap rate", "$m"),
}  # fmt: skip
DRIVERS = (
    Column("item", "Input of the chosen company", "small", 24), Column("unit", "", "small", 12),
    Column("value", "Value (own unit)", "plain", 11),
)  # fmt: skip
PRICES = (
    Column("name", "By bitcoin price", "small"), Column("multiple", "Bitcoin over current (x)", "ratio"),
    Column("price", "Bitcoin (USD)", "count"), Column("bitcoin", "Bitcoin ($m)", "money"),
    Column("mining", "Mining ($m)", "money"), Column("given", "Mining given up to leases ($m)", "money"),
)  # fmt: skip
RATES = (
    Column("name", "By cap rate", "small"), Column("shift", "Change of every cap rate (%)", "percent"),
    Column("leased", "Leased MW, from its start ($m)", "coefficient"), Column("approved", "Approved ($m)", "money"),
    Column("pipeline", "Pipeline ($m)", "money"), Column("in_use", "Power in use, leased ($m)", "money"),
    Column("leases", "Leases, NOI / cap rate ($m)", "money"), Column("unearned", "Prepaid rent ($m)", "money"),
    Column("after", "Change after base terms ($m)", "money"),
    Column("after_cloud", "of which GPU cloud ($m)", "money"),
)  # fmt: skip


def _grid_columns(method: str, what: str) -> tuple[Column, ...]:
    kind = "ratio" if what == "p" else "price"
    # The header holds the bitcoin prices, as formulas.
    return (
        Column("shift", "", "percent", 30), Column("exit", "", "percent", 15),
        *(Column(f"b{j}", "", kind, WIDE) for j in range(len(MULTIPLES))),
    )  # fmt: skip


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the grids and of the tables behind them, from top to bottom."""
    out, first = {}, CHOICE + 4
    for method, what in GRIDS:
        out[f"grid_{method}_{what}"] = TableRange(SENSITIVITY, _grid_columns(method, what), first, len(POINTS))
        first += len(POINTS) + 4
    out["two_way_rates"] = TableRange(SENSITIVITY, RATES, first + 1, len(POINTS))
    out["two_way_prices"] = TableRange(SENSITIVITY, PRICES, out["two_way_rates"].last + 4, len(MULTIPLES))
    count = len(TITLES) + len(FURTHER)
    out["two_way_inputs"] = TableRange(SENSITIVITY, DRIVERS, out["two_way_prices"].last + 4, count)
    out["two_way_leases"] = TableRange(
        SENSITIVITY, signed.COLUMNS, out["two_way_inputs"].last + 4, max(len(signed.leases(book)), 1)
    )
    return out


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, companies = book.sheet(SENSITIVITY), book.ranges["nav"]
    about = "Two-way tables of one company by bitcoin price and cap rate; every cell is a formula."
    book.heading(sheet, SENSITIVITY, about)
    sheet.set_widths([column.width for column in _grid_columns("nav", "p")] + [WIDE])
    sheet.label(CHOICE, 0, "Choose a ticker in the yellow cell", "section")
    place = choose(book, sheet, PICK, companies.link_span("ticker"), "row on NAV")
    name = f"INDEX({companies.link_span('company')},{place})"
    sheet.formula(CHOICE, 6, name, str(book.companies["name"][chosen(book)]))
    signed.write(book, sheet)
    inputs = _inputs(book, sheet)
    prices, rates = _prices(book, sheet, inputs), _rates(book, sheet, inputs)
    for method, what in GRIDS:
        _grid(book, sheet, method, what, inputs, prices, rates)
    last = sheet.notes(book.ranges["two_way_leases"].last + 2, _notes())
    sheet.page.set_h_pagebreaks([book.ranges["grid_cap_p"].first - 3, book.ranges["two_way_rates"].first - 3])
    book.finish(sheet, freeze=(CHOICE + 1, 2), repeat=(0, 3), last=(last, len(RATES) - 1))


def _value(book: ScreenBook, name: str) -> str:
    return book.ranges["two_way_inputs"].at("value", [*TITLES, *FURTHER].index(name)).replace("$C", "$C$")


def _inputs(book: ScreenBook, sheet: Sheet) -> dict[str, Any]:
    """Figures of the chosen company by INDEX, and what no axis moves; their values by name."""
    area, companies, fleets = book.ranges["two_way_inputs"], book.ranges["nav"], book.ranges["fleets"]
    contracts, i, row = book.ranges["dcf"], chosen(book), cell(CHOICE, 5)
    sheet.header(area, widths=False, height=24, section=False)
    found: dict[str, Any] = {}

    def put(name: str, title: tuple[str, str], formula: str, value: Any) -> None:
        record = sheet.record(area, len(found))
        record.text("item", title[0], "small")
        record.text("unit", title[1], "small")
        record.formula("value", formula, value, unknown=value if isinstance(value, str) else "n/a")
        found[name] = value

    for name, title in TITLES.items():
        put(name, title, f"INDEX({companies.link_span(name)},{row})", book.stored(companies, name, i))
    for name in ("revenue", "cost"):
        put(name, FURTHER[name], f"INDEX({fleets.link_span(name)},{row})", book.stored(fleets, name, i))
    of = f"{contracts.link_span('ticker')},{cell(*PICK)},{contracts.link_span('valued')},1"
    for name, more in (("after", ""), ("after_cloud", f',{contracts.link_span("business")},"GPU cloud"')):
        value = signed.after(book, book.tickers[i], CLOUD if more else "")
        put(name, FURTHER[name], f"SUMIFS({contracts.link_span('after')},{of}{more})", value)
    for method, moved in (("nav", MOVED), ("cap", (*MOVED, "cap_leases", "unearned"))):
        total = found[method]
        rest = total if isinstance(total, str) else total - sum(_number(found[name]) for name in moved)
        less = "-".join([_value(book, method), *(f"N({_value(book, name)})" for name in moved)])
        formula = f"IF(ISNUMBER({_value(book, method)}),{less},{_value(book, method)})"
        put(f"rest_{method}", FURTHER[f"rest_{method}"], formula, rest)
    return found


def _number(value: Any) -> float:
    return 0.0 if isinstance(value, str) else float(value)


def _prices(book: ScreenBook, sheet: Sheet, inputs: dict[str, Any]) -> list[dict[str, float]]:
    """Bitcoin, mining and the mining that leases would replace at each bitcoin price."""
    area, a = book.ranges["two_way_prices"], analysis(book).assumptions
    sheet.header(area, widths=False, height=36, section=False)
    position, out = position_of(book, chosen(book)), []
    mines = not isinstance(inputs["revenue"], str) and not isinstance(inputs["cost"], str)
    for j, multiple in enumerate(MULTIPLES):
        record = sheet.record(area, j)
        times = record.at("multiple")
        record.input("multiple", multiple, fill=ASSUMPTION_FILL, means=AXIS)
        known = f"ISNUMBER({book.assumption('btc_usd')})"
        spot = book.screen.btc_usd
        price = None if np.isnan(spot) else multiple * spot
        record.formula("price", f'IF({known},{times}*{book.assumption("btc_usd")},"n/a")', price)
        value = {"bitcoin": multiple * _number(inputs["bitcoin"]), "mining": 0.0, "given": 0.0}
        record.formula("bitcoin", f"{times}*N({_value(book, 'bitcoin')})", value["bitcoin"])
        revenue, cost = f"{times}*{_value(book, 'revenue')}", _value(book, "cost")
        both = f"COUNT({_value(book, 'revenue')},{cost})=2"
        if mines:
            value["mining"] = float(mining_value(position, multiple)) / MILLION
            years = a.approved_start_years + a.delay_years
            value["given"] = float(position.mining_displaced * mining_value(position, multiple, years)) / MILLION
        record.formula("mining", f"IF({both},{mining_ahead(book, revenue, cost)},0)", value["mining"])
        given = f"{_value(book, 'displaced')}*{mining_ahead(book, revenue, cost, later=True)}"
        record.formula("given", f"IF({both},{given},0)", value["given"])
        out.append(value)
    return out


def _rates(book: ScreenBook, sheet: Sheet, inputs: dict[str, Any]) -> list[dict[str, float]]:
    """Power without a lease and signed contracts at each change of the cap rates."""
    area, a, assumed = book.ranges["two_way_rates"], book.assumption, analysis(book).assumptions
    sheet.label(area.first - 2, 0, "Behind the tables", "section")
    sheet.header(area, widths=False, height=46, section=False)
    out = []
    sizes = {name: _number(inputs[name]) for name in ("first_mw", "approved_mw", "use_mw", "pipeline_mw")}
    for j, points in enumerate(POINTS):
        record = sheet.record(area, j)
        shift, leased = record.at("shift"), record.at("leased")
        record.input("shift", points, fill=ASSUMPTION_FILL, means=AXIS)
        # The exit cap rate, as each cap rate of the contracts, stays above a tenth of a percent.
        rate, moved = f"MAX(0.001,{a('cap_rate_exit')}+{shift})", max(0.001, assumed.cap_rate_exit + points)
        net = f"{a('market_noi_usd_per_mw')}/{rate}-{a('capex_lease_usd_per_mw')}-{a('capex_overrun_usd_per_mw')}"
        late = f"(1+{a('cost_of_capital_other')})^-{a('delay_years')}"
        discount = 1 + assumed.cost_of_capital_other
        worth = float(value_of_let_mw(replace(assumed, cap_rate_exit=moved))) / MILLION * discount**-assumed.delay_years
        record.formula("leased", f"MAX(0,{net})/{a('gross_mw_per_critical_it_mw')}/10^6*{late}", worth)
        soon, far = (
            f"(1+{a('cost_of_capital_other')})^-{a(y)}" for y in ("approved_start_years", "pipeline_start_years")
        )
        at_start, at_pipeline = discount**-assumed.approved_start_years, discount**-assumed.pipeline_start_years
        first, approved, use, pipeline = (f"N({_value(book, name)})" for name in sizes)
        likely = f"({first}*{a('probability_first_deal')}+({approved}-{first})*{a('probability_approved')})"
        share = sizes["first_mw"] * assumed.probability_first_deal
        share += (sizes["approved_mw"] - sizes["first_mw"]) * assumed.probability_approved
        value = {
            "approved": share * worth * at_start,
            "pipeline": sizes["pipeline_mw"] * assumed.probability_pipeline * worth * at_pipeline,
            "in_use": sizes["use_mw"] * worth * at_start,
        }
        record.formula("approved", f"{likely}*{leased}*{soon}", value["approved"])
        record.formula("pipeline", f"{pipeline}*{a('probability_pipeline')}*{leased}*{far}", value["pipeline"])
        record.formula("in_use", f"{use}*{leased}*{soon}", value["in_use"])
        ticker = book.tickers[chosen(book)]
        value["leases"], value["unearned"] = signed.values(book, ticker, points)
        for key, formula in zip(("leases", "unearned"), signed.formulas(book, cell(*PICK), shift), strict=True):
            record.formula(key, formula, value[key])
        for key in ("after", "after_cloud"):
            value[key] = float(inputs[key]) * (assumed.cap_rate_exit / moved - 1)
            record.formula(key, f"{_value(book, key)}*({a('cap_rate_exit')}/{rate}-1)", value[key])
        out.append(value)
    return out


def _grid(
    book: ScreenBook, sheet: Sheet, method: str, what: str, inputs: dict[str, Any],
    prices: list[dict[str, float]], rates: list[dict[str, float]],
) -> None:  # fmt: skip
    """One table: a row a cap rate, a column a bitcoin price."""
    area, by_price, by_rate = (
        book.ranges[f"grid_{method}_{what}"],
        book.ranges["two_way_prices"],
        book.ranges["two_way_rates"],
    )
    title = "Price / NAV (x)" if what == "p" else "NAV per share (USD)"
    sheet.label(area.first - 3, 0, f"{title} by {METHODS[method]}: change of cap rates down, bitcoin price (USD) across",
                "section")  # fmt: skip
    head = area.first - 1
    sheet.page.set_row(head, 24)
    sheet.label(head, 0, "Change of every cap rate (%)", "header")
    sheet.label(head, 1, "Exit cap rate (%)", "header")
    spot = book.screen.btc_usd
    for j, multiple in enumerate(MULTIPLES):
        at_spot = None if np.isnan(spot) else multiple * spot
        sheet.formula(head, 2 + j, _fixed(by_price, "price", j), at_spot, "count", bold=True)
    rest, chance = _value(book, f"rest_{method}"), book.assumption("probability_operating")
    share, shares = _value(book, "price"), _value(book, "shares")
    assumed = analysis(book).assumptions
    for k, points in enumerate(POINTS):
        record = sheet.record(area, k)
        record.formula("shift", by_rate.at("shift", k), points, bold=True)
        moved = max(0.001, assumed.cap_rate_exit + points)
        record.formula("exit", f"MAX(0.001,{book.assumption('cap_rate_exit')}+{record.at('shift')})", moved)
        for j in range(len(MULTIPLES)):
            value = _nav(inputs, method, prices[j], rates[k], assumed.probability_operating)
            if what == "share":
                keys = ("after",) if method == "nav" else ("leases", "unearned", "after_cloud")
                terms = [*(by_rate.at(key, k) for key in (*keys, "approved", "pipeline")),
                         *(_fixed(by_price, key, j) for key in ("bitcoin", "mining"))]  # fmt: skip
                gain = f"{chance}*MAX(0,{by_rate.at('in_use', k)}-{_fixed(by_price, 'given', j)})"
                total = "+".join([rest, *terms, gain])
                formula = f'IF(ISNUMBER({rest}),IF(ISNUMBER({shares}),({total})/{shares},"n/a"),{rest})'
                record.formula(f"b{j}", formula, value, unknown="n/a")
                continue
            there = book.ranges[f"grid_{method}_share"].at(f"b{j}", k)
            ratio = f'IF({there}>0,{share}/{there},"n.m.")'
            formula = f'IF(ISNUMBER({there}),IF(ISNUMBER({share}),{ratio},"n/a"),{there})'
            if not isinstance(value, str):
                known = not isinstance(inputs["price"], str)
                value = "n/a" if not known else inputs["price"] / value if value > 0 else "n.m."
            record.formula(f"b{j}", formula, value)


def _fixed(area: TableRange, key: str, k: int) -> str:
    """Record k's cell, column and row fixed."""
    column, row = area.at(key, k).lstrip("$"), str(area.first + k + 1)
    return f"${column.removesuffix(row)}${row}"


def _nav(
    inputs: dict[str, Any], method: str, price: dict[str, float], rate: dict[str, float], chance: float
) -> float | str:
    """Net asset value per share at one point of the grid, USD."""
    rest = inputs[f"rest_{method}"]
    if isinstance(rest, str):
        return str(rest)
    if isinstance(inputs["shares"], str):
        return "n/a"
    moved = rate["after"] if method == "nav" else rate["leases"] + rate["unearned"] + rate["after_cloud"]
    gain = chance * max(0.0, rate["in_use"] - price["given"])
    total = rest + moved + rate["approved"] + rate["pipeline"] + price["bitcoin"] + price["mining"] + gain
    return float(total / inputs["shares"])


def _notes() -> list[str]:
    return paragraphs(f"""
        - Every cap rate changes by the same percentage points: those of the three credit classes and the exit cap rate.
          Costs of capital stay as assumed. By DCF the exit cap rate moves the income after the base terms and the value of
          a leased MW; by cap rate the leases move too.
        - Hashprice changes in proportion to the bitcoin price; the network's hashrate stays. A year in which a fleet would
          lose money counts as zero. Share price and share count stay.
        - Yellow cells under "Behind the tables" hold the steps of both axes. Figures that NAV and DCF mark as fixed at run
          time stay fixed here. Method: {section(10)}.
    """)
