"""Scenarios: change of net asset value per share and of price by company and scenario.

A scenario of bitcoin price and hashprice alone is live; one that changes contracts, assumptions or prices by group is
fixed at run time.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from statistics import median
from typing import Any

from exports.workbook.sheets.nav_common import analysis, by_company
from exports.workbook.sheets.nav_parts import LEASED_COLUMN, LEASED_ROW, mining_ahead
from exports.workbook.writer import charts
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import FIRST, NAV, SCENARIOS, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange, cell
from exports.workbook.writer.style import ASSUMPTION_FILL, PIVOT_COLOUR
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import is_unknown, meaning
from valuation.nav.analysis import ScenarioResult
from valuation.nav.scenarios import Scenario

VALUE, PRICE = "Change in NAV per share (%)", "Change in price (%)"
FIXED = "fixed at run"
LIST = (
    Column("name", "Scenario"), Column("title", "Description"), Column("basis", "Basis", "small"),
    Column("bitcoin", "Bitcoin over current (x)", "ratio"), Column("hashprice", "Hashprice over current (x)", "ratio"),
    Column("median", "Median change in NAV (%)", "percent"), Column("least", "Worst change in NAV (%)", "percent"),
    Column("price", "Median change in price (%)", "percent"), Column("words", "Changed inputs", "small"),
)  # fmt: skip
WIDE = 11


def _names(book: ScreenBook) -> list[str]:
    return [outcome.scenario.name for outcome in book.screen.scenarios]


def _columns(book: ScreenBook) -> tuple[Column, ...]:
    names = _names(book)
    return (
        Column("ticker", "Ticker", width=24),
        Column("company", "Company", width=30),
        Column("nav", "NAV per share (USD)", "price", 11),
        *(Column(f"v_{name}", _titled(book, name), "percent", WIDE, VALUE) for name in names),
        *(Column(f"p_{name}", _titled(book, name, ", price"), "percent", WIDE, PRICE) for name in names),
    )


def live(scenario: Scenario) -> bool:
    """Whether a scenario changes the bitcoin price and hashprice alone, so that formulas can follow it."""
    others = (scenario.set, scenario.add, scenario.multiply, scenario.defaulting, scenario.places)
    return scenario.gap is None and not any(others)


def _titled(book: ScreenBook, name: str, of: str = "") -> str:
    scenario = next(one.scenario for one in book.screen.scenarios if one.scenario.name == name)
    return f"{name}{of}" if live(scenario) else f"{name}{of}, {FIXED}"


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of companies by scenario, and of the scenarios."""
    companies = TableRange(SCENARIOS, _columns(book), FIRST, book.n)
    return {
        "outcomes": companies,
        "scenarios": TableRange(SCENARIOS, LIST, companies.last + 4, max(len(_names(book)), 1)),
    }


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area = book.sheet(SCENARIOS), book.ranges["outcomes"]
    about = "Scenarios for contracts, mining and net asset value; `screener scenario run NAME` shows one in full."
    book.heading(sheet, SCENARIOS, about)
    sheet.header(area, height=46)
    known = book.once(_known)
    changes = {s.scenario.name: s.table[["change", "price_change"]].to_dict("index") for s in book.screen.scenarios}
    for i, ticker in enumerate(book.tickers):
        record = sheet.record(area, i)
        record.company(ticker, book.companies["name"][i])
        value, status = known[ticker]
        record.formula("nav", book.ranges["nav"].link("nav_share", i), value, status=status)
        for k, outcome in enumerate(book.screen.scenarios):
            name = outcome.scenario.name
            change = changes[name][ticker] if status == "ok" and not is_unknown(value) else {}
            if live(outcome.scenario):
                _live(book, record, i, k, change)
                continue
            record.static(f"v_{name}", change.get("change"))
            record.static(f"p_{name}", change.get("price_change"))
    sheet.filter(area)
    _list(book, sheet)
    last = sheet.notes(max(book.ranges["scenarios"].last, book.ranges["scenarios"].last + 22), _notes())
    book.finish(sheet, freeze=(area.first, 2), repeat=(0, 3), last=(last, max(len(area.columns) - 1, len(LIST) - 1)))


def _live(book: ScreenBook, record: Record, i: int, k: int, change: dict[Hashable, Any]) -> None:
    """Change of company i's NAV per share and price in scenario k: bitcoin, mining and power in use for mining move."""
    companies, fleets, listed = book.ranges["nav"], book.ranges["fleets"], book.ranges["scenarios"]
    name, a = book.screen.scenarios[k].scenario.name, book.assumption
    times, rate = (_across(listed.at(key, k)) for key in ("bitcoin", "hashprice"))
    coins, mining, use, total = (companies.link(key, i) for key in ("bitcoin", "mining", "in_use", "nav"))
    revenue, cost = f"{rate}*{fleets.link('revenue', i)}", fleets.link("cost", i)
    both = f"COUNT({fleets.link('revenue', i)},{cost})=2"
    leased = (
        f"{cell(LEASED_ROW, LEASED_COLUMN, sheet=NAV)}*(1+{a('cost_of_capital_other')})^-{a('approved_start_years')}"
    )
    given = f"{companies.link('displaced', i)}*IF({both},{mining_ahead(book, revenue, cost, later=True)},0)"
    gain = f"{a('probability_operating')}*MAX(0,{companies.link('use_mw', i)}*{leased}-{given})"
    moved = f"N({coins})*({times}-1)+IF(ISNUMBER({mining}),{mining_ahead(book, revenue, cost)}-{mining},0)"
    moved += f"+IF(ISNUMBER({use}),{gain}-{use},0)"
    # Without a share count there is a value and none per share.
    known = f"COUNT({total},{companies.link('nav_share', i)})=2"
    value = f'IF({known},IF({total}>0,({moved})/{total},"n/a"),"n/a")'
    record.formula(f"v_{name}", value, change.get("change"))
    here = record.at(f"v_{name}")
    # Without a positive value no price follows, unless nothing that the company holds moves.
    still = f'IF({known},IF(ABS({moved})<10^-9,0,"n/a"),"n/a")'
    price = f'IF(ISNUMBER({book.ranges["bridge"].link("price", i)}),IF(ISNUMBER({here}),MAX(-1,{here}),{still}),"n/a")'
    record.formula(f"p_{name}", price, change.get("price_change"))


def _across(address: str) -> str:
    """An address whose column is fixed with its row fixed too."""
    return re.sub(r"(\d+)$", r"$\1", address)


def _list(book: ScreenBook, sheet: Sheet) -> None:
    """Each scenario with the median and the worst change, as formulas over the table above, and a chart."""
    area, above = book.ranges["scenarios"], book.ranges["outcomes"]
    sheet.label(area.first - 2, 0, "Scenarios", "section")
    sheet.header(area, widths=False, section=False)
    if not book.screen.scenarios:
        sheet.label(area.first, 0, "no scenario was run", "note")
        return
    for k, outcome in enumerate(book.screen.scenarios):
        row, name = area.first + k, outcome.scenario.name
        sheet.text(row, 0, name, bold=True)
        sheet.text(row, 1, outcome.scenario.title, "name")
        moves = live(outcome.scenario)
        sheet.text(row, area.index("basis"), "live" if moves else FIXED, "small")
        _market(book, sheet.record(area, k), outcome.scenario, moves=moves)
        sheet.text(row, area.index("words"), "; ".join([*outcome.scenario.words(), *outcome.notes]), "small")
        for key, column, of, pick in (
            ("median", f"v_{name}", "MEDIAN", median), ("least", f"v_{name}", "MIN", min),
            ("price", f"p_{name}", "MEDIAN", median),
        ):  # fmt: skip
            values = _shown(book, outcome, "change" if column.startswith("v_") else "price_change")
            formula = f'IF(COUNT({above.span(column)})>0,{of}({above.span(column)}),"n/a")'
            sheet.formula(row, area.index(key), formula, pick(values) if values else None, "percent")
    chart = book.workbook.add_chart({"type": "bar"})
    for key, name, colour in (("median", "median company", PIVOT_COLOUR), ("least", "worst company", "#A5A5A5")):
        chart.add_series(
            {"name": name, "categories": charts.cells(area, "name"), "values": charts.cells(area, key),
             "fill": {"color": colour}, "gap": 60}
        )  # fmt: skip
    chart.set_x_axis(charts.axis("change (%)", area=True, num_format="0%"))
    chart.set_y_axis(charts.axis("company", label_position="low", reverse=True))
    charts.insert(sheet, chart, (area.last + 2, 0), (900, 400), "Change in NAV per share (%)")


def _market(book: ScreenBook, record: Record, scenario: Scenario, *, moves: bool) -> None:
    """Bitcoin price and hashprice over the current ones: inputs where the scenario is live."""
    assumed = analysis(book).assumptions
    multiple = scenario.hashprice_multiple(assumed)
    if not moves:
        record.static("bitcoin", scenario.bitcoin)
        record.static("hashprice", multiple)
        return
    record.input("bitcoin", scenario.bitcoin, fill=ASSUMPTION_FILL)
    if scenario.hashprice is not None:
        record.input("hashprice", multiple, fill=ASSUMPTION_FILL)
        return
    leaves = f"(1-{scenario.hashrate_leaving!r}*(1-{book.assumption('hashrate_refill')}))"
    record.formula("hashprice", f"{record.at('bitcoin')}/{leaves}", multiple)


def _known(book: ScreenBook) -> dict[str, tuple[float, str]]:
    """Net asset value per share by ticker, and whether it is meaningful."""
    table, status = (by_company(book, f) for f in (analysis(book).nav.table, analysis(book).nav.status))
    found = zip(table["nav_dcf_per_share"], map(meaning, status["nav_dcf_usd"]), strict=True)
    return dict(zip(book.tickers, found, strict=True))


def _shown(book: ScreenBook, outcome: ScenarioResult, column: str) -> list[float]:
    good = [ticker for ticker, (value, status) in book.once(_known).items() if status == "ok" and not is_unknown(value)]
    return [float(v) for v in outcome.table.loc[good, column] if not is_unknown(v)]


def _notes() -> list[str]:
    return paragraphs(f"""
        - NAV by DCF. The price follows at constant price over NAV, which is not a forecast; where NAV is not positive no
          price follows. In gap-closes, EV per secured MW of the AI group falls to the given gap and net asset values stay.
        - When a tenant defaults, its contracts without a guarantor end and their MW can be leased again; a guarantor
          pays the part that it covers. A regulatory scenario for a place applies where contracts and listed MW are
          located.
        - Live scenarios change the bitcoin price and hashprice alone: their columns are formulas, and the yellow cells of
          the list are inputs. The other scenarios are fixed at run time; medians and minima are formulas over all columns.
          A scenario is a small file of changed assumptions. Method: {section(10)}.
    """)
