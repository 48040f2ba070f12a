"""Mining economics: hashprice, fleets, hashprice path, AI against mining revenue per MW, network scenario."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from exports.workbook.sheets.nav_common import BUSINESSES, analysis, by_company
from exports.workbook.writer import charts, input_register
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import FIRST, MINING, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange, cell
from exports.workbook.writer.style import PIVOT_COLOUR
from exports.workbook.writer.texts import paragraphs, wrapped
from exports.workbook.writer.values import MILLION, cause_text, is_unknown, scaled
from valuation.mining.economics import DAYS_PER_YEAR, HOURS_PER_YEAR, NEXT_HALVING, network_scenario, path
from valuation.replaceable import FACT
from valuation.replaceable import MARKET as MARKET_INPUT

FLEET, YEAR = "Fleet", "Per year at the current hashprice"
COLUMNS = (
    Column("ticker", "Ticker", width=10),
    Column("company", "Company", width=26),
    Column("once", "In sums (1 = yes)", "flag", 7),
    Column("hashrate", "Operating (EH/s)", "years", 9, FLEET),
    Column("j", "Efficiency (J/TH)", "years", 9, FLEET),
    Column("power", "Power (USD per kWh)", "coefficient", 9.5, FLEET),
    Column("mw", "Fleet (MW)", "mw", 8.5, FLEET),
    Column("revenue", "Revenue ($m)", "money", 10, YEAR),
    Column("cost", "Power cost ($m)", "money", 10, YEAR),
    Column("margin", "Margin ($m)", "money", 10, YEAR),
    Column("share", "Margin (%)", "percent", 8, YEAR),
    Column("per_mw", "Revenue ($m per MW)", "per_mw", 9.5, YEAR),
    Column("breakeven", "Breakeven hashprice (USD per PH/s per day)", "years", 10.5),
    Column("most", "Breakeven power price (USD per kWh)", "coefficient", 10),
    Column("status", "Status of margin", "small_wrap", 60),
)
PATH = (
    Column("year", "Year ahead (n)", "flag"),
    Column("label", "", "small"),
    Column("blank", "", "small"),
    Column("factor", "Hashprice over current (x)", "coefficient"),
    Column("hashprice", "Hashprice (USD per PH/s per day)", "years"),
    Column("discount", "Discount factor (x)", "coefficient"),
    Column("later", "Part after leases on this power start (%)", "percent"),
)
NETWORK = (
    Column("leaving", "Hashrate leaving (%)", "percent"),
    Column("label", "", "small"),
    Column("blank", "", "small"),
    Column("hashprice", "Hashprice (USD per PH/s per day)", "years"),
    Column("margin", "Margin of all fleets ($m)", "money"),
    Column("off", "Unprofitable fleets (n)", "flag"),
    Column("after", "Margin after the halving ($m)", "money"),
    Column("off_after", "Unprofitable fleets then (n)", "flag"),
)
RATIO = (
    Column("business", "Business"),
    Column("label", "", "small"),
    Column("contracts", "Contracts", "count"),
    Column("ai", "AI ($m per IT MW)", "per_mw"),
    Column("mining", "Mining ($m per MW)", "per_mw"),
    Column("ratio", "Ratio (x)", "multiple"),
    Column("low", "Lowest (x)", "multiple"),
    Column("high", "Highest (x)", "multiple"),
    Column("gross", "Per gross MW (x)", "multiple"),
)
WEEKS = (Column("date", "Week (date)", "date"), Column("label", "", "small"), Column("blank", "", "small"),
         Column("hashprice", "Hashprice, fixed at run (USD per PH/s per day)", "years"))  # fmt: skip
PATH_YEARS = 10
LEAVING = (0.0, 0.1, 0.2, 0.3)
CHART_ROWS = 18
MARKET = 4  # row of hashprice and its components


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of fleets, path, network, compute ratio and, under chart and notes, the weeks of hashprice."""
    fleets = TableRange(MINING, COLUMNS, FIRST + 1, book.n)
    ahead = TableRange(MINING, PATH, fleets.last + 4, PATH_YEARS)
    network = TableRange(MINING, NETWORK, ahead.last + 4, len(LEAVING))
    ratio = TableRange(MINING, RATIO, network.last + 4, max(len(analysis(book).compute_ratio), 1))
    top = ratio.last + 3 + CHART_ROWS + len(wrapped(_notes())) + 5
    weeks = TableRange(MINING, WEEKS, top, max(len(analysis(book).mining.weekly), 1))
    return {"fleets": fleets, "path": ahead, "network": network, "compute_ratio": ratio, "hashprice_weeks": weeks}


def hashprice_cell(book: ScreenBook) -> str:
    """Address of hashprice, for formulas on any sheet."""
    return cell(MARKET, 3, sheet=MINING)


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area = book.sheet(MINING), book.ranges["fleets"]
    book.heading(
        sheet,
        MINING,
        "Revenue less power cost by fleet at the current hashprice; yellow cells of Assumptions drive the figures.",
    )
    _market(book, sheet)
    sheet.header(area, height=46)
    table, status = (by_company(book, f) for f in (analysis(book).mining.table, analysis(book).mining.status))
    causes = by_company(book, analysis(book).mining.causes)
    for i in range(book.n):
        _fleet(book, sheet.record(area, i), i, table, status, causes["margin_usd"][i])
    sheet.filter(area)
    _path(book, sheet)
    _network(book, sheet)
    _ratio(book, sheet)
    chart_row = book.ranges["compute_ratio"].last + 2
    _chart(book, sheet, chart_row)
    last = sheet.notes(chart_row + CHART_ROWS + 1, _notes())
    _weeks(book, sheet)
    book.finish(sheet, freeze=(area.first, 1), repeat=(0, 3), last=(last, len(COLUMNS) - 1))


def _market(book: ScreenBook, sheet: Sheet) -> None:
    """Hashprice from the bitcoin price, the daily reward and the network hashrate."""
    mining = analysis(book).mining
    market = analysis(book).basis.inputs.market.iloc[0]
    sheet.label(MARKET, 0, "Hashprice (USD per PH/s per day)", "section")
    btc, rewards, rate = book.assumption("btc_usd"), cell(MARKET, 8), cell(MARKET, 11)
    formula = f'IF(COUNT({btc},{rewards},{rate})=3,{rewards}*{btc}/({rate}*1000),"n/a")'
    state = mining.status["hashprice_usd"].iloc[0]
    sheet.formula(MARKET, 3, formula, mining.table["hashprice_usd"].iloc[0], "per_mw", status=state, bold=True)
    sheet.label(MARKET, 5, "Reward and fees (BTC a day)", "note")
    paid, network = (input_register.of(MARKET_INPUT, "", name) for name in ("reward_btc_per_day", "network_eh_per_s"))
    sheet.input(MARKET, 8, market["reward_btc_per_day"], "per_mw", means=paid, words="Reward and fees (BTC a day)")
    sheet.label(MARKET, 9, "Network (EH/s)", "note")
    sheet.input(MARKET, 11, market["network_eh_per_s"], "years", means=network, words="Network hashrate (EH/s)")
    day = market["network_date"]
    sheet.label(MARKET, 12, "week of" if not is_unknown(day) else "week unknown", "note")
    if not is_unknown(day):
        sheet.input(MARKET, 13, day, "date")


def _fleet(
    book: ScreenBook, record: Record, i: int, table: dict[str, list[Any]], status: dict[str, list[Any]], cause: str
) -> None:
    at, price, ticker = record.at, cell(MARKET, 3), book.tickers[i]
    record.company(ticker, book.companies["name"][i])
    outside = str(book.table["excluded"][i]).startswith("consolidated")
    record.input("once", float(not outside))
    rate, mines = table["hashrate_eh"][i], not is_unknown(table["hashrate_eh"][i]) and table["hashrate_eh"][i] > 0
    means = input_register.of(FACT, ticker, "hashrate_operating_eh")
    record.input("hashrate", rate, status=status["hashrate_eh"][i], means=means)

    def put(key: str, formula: str, name: str, unit: float = 1.0, *, ratio: bool = False) -> None:
        value, state = table[name][i], status[name][i]
        state = "not_meaningful" if ratio and not is_unknown(rate) and not mines else state
        record.formula(key, formula, None if state == "missing" else scaled(value, unit), status=state)

    for key, name, item in (
        ("j", "j_per_th", "fleet_efficiency_j_per_th"),
        ("power", "power_usd_per_kwh", "power_cost_usd_per_kwh"),
    ):
        reported = analysis(book).basis.inputs.items[item].get((book.screen.as_of, ticker))
        if is_unknown(reported):
            record.formula(key, book.assumption(item), table[name][i], status="proxy" if mines else "ok")
        else:
            state, note = status[name][i] if mines else "ok", book.source(ticker, item)
            record.input(key, reported, status=state, note=note, means=input_register.of(FACT, ticker, item))
    h, j, p = at("hashrate"), at("j"), at("power")

    def mining(formula: str) -> str:
        return f'IF(ISNUMBER({h}),IF({h}=0,"n.m.",{formula}),"n/a")'

    def priced(formula: str) -> str:
        return mining(f'IF(ISNUMBER({price}),{formula},"n/a")')

    put("mw", f'IF(ISNUMBER({h}),{h}*{j},"n/a")', "fleet_mw")
    earned = f"{h}*{price}*{DAYS_PER_YEAR}/1000"
    revenue = f'IF(COUNT({h},{price})=2,{earned},"n/a")'
    if is_unknown(table["hashprice_usd"][i]):  # who mines nothing earns nothing, without a hashprice too
        revenue = f'IF(ISNUMBER({h}),IF({h}=0,0,IF(ISNUMBER({price}),{earned},"n/a")),"n/a")'
    put("revenue", revenue, "revenue_usd", MILLION)
    put("cost", f'IF(ISNUMBER({at("mw")}),{at("mw")}*{p}*{HOURS_PER_YEAR}/1000,"n/a")', "power_cost_usd", MILLION)
    margin = f'IF(COUNT({at("revenue")},{at("cost")})=2,{at("revenue")}-{at("cost")},"n/a")'
    put("margin", margin, "margin_usd", MILLION)
    put("share", priced(f"{at('margin')}/{at('revenue')}"), "margin_share", ratio=True)
    put("per_mw", priced(f"{price}*1000/{j}*{DAYS_PER_YEAR}/10^6"), "revenue_usd_per_mw", MILLION, ratio=True)
    put("breakeven", mining(f"24*{j}*{p}"), "breakeven_hashprice_usd", ratio=True)
    put("most", priced(f"{price}/(24*{j})"), "breakeven_power_usd_per_kwh", ratio=True)
    record.text("status", cause_text(status["margin_usd"][i], cause.replace("_", " ")), "small_wrap", fit=True)


def _path(book: ScreenBook, sheet: Sheet) -> None:
    """Hashprice of the years ahead, and the discount factor at the midpoint of each."""
    area, a, assumed = book.ranges["path"], book.assumption, analysis(book).assumptions
    sheet.label(area.first - 2, 0, "Hashprice path; next halving", "section")
    sheet.header(area, widths=False, section=False)
    halving = cell(area.first - 2, 5)
    sheet.input(area.first - 2, 5, NEXT_HALVING, "date")
    factor, _ = path(book.screen.as_of, replace(assumed, mining_life_years=float(PATH_YEARS)))
    price = analysis(book).mining.table["hashprice_usd"].iloc[0]
    for k in range(PATH_YEARS):
        record = sheet.record(area, k)
        year = record.at("year")
        record.input("year", float(k))
        after = f"MAX(0,MIN(1,{year}+1-({halving}-{a('as_of')})/{DAYS_PER_YEAR}))"
        grown = f"(1+{a('hashprice_growth')})^({year}+0.5)"
        record.formula("factor", f"{grown}*(1-{after}*0.5*(1-{a('halving_recovery')}))", factor[k])
        priced = f'IF(ISNUMBER({cell(MARKET, 3)}),{record.at("factor")}*{cell(MARKET, 3)},"n/a")'
        record.formula("hashprice", priced, None if is_unknown(price) else factor[k] * price)
        part = f"MAX(0,MIN(1,{a('mining_life_years')}-{year}))"
        value = (1 + assumed.cost_of_capital_mining) ** -(k + 0.5)
        value *= float(np.clip(assumed.mining_life_years - k, 0.0, 1.0))
        record.formula("discount", f"{part}*(1+{a('cost_of_capital_mining')})^-({year}+0.5)", value)
        ends, leases = f"MIN({year}+1,{a('mining_life_years')})", f"{a('approved_start_years')}+{a('delay_years')}"
        later = f"IF({ends}>{year},MAX(0,({ends}-MAX({leases},{year}))/({ends}-{year})),0)"
        until, start = min(k + 1.0, assumed.mining_life_years), assumed.approved_start_years + assumed.delay_years
        record.formula("later", later, max(0.0, (until - max(start, k)) / (until - k)) if until > k else 0.0)


def _network(book: ScreenBook, sheet: Sheet) -> None:
    """Hashprice and margins of the remaining miners, now and after the halving."""
    area, fleets, a = book.ranges["network"], book.ranges["fleets"], book.assumption
    mining, assumed = analysis(book).mining, analysis(book).assumptions
    title = "Network scenario: part of the hashrate leaves for AI, difficulty adjusts, others refill a part"
    sheet.label(area.first - 2, 0, title, "section")
    sheet.header(area, widths=False, height=36, section=False)
    once = ~analysis(book).book.excluded.str.startswith("consolidated").to_numpy(dtype=bool)
    for k, leaving in enumerate(LEAVING):
        record = sheet.record(area, k)
        record.input("leaving", leaving)
        rise = f"(1-{record.at('leaving')}*(1-{a('hashrate_refill')}))"
        number, refill = f"ISNUMBER({cell(MARKET, 3)})", assumed.hashrate_refill
        now = network_scenario(mining, leaving=leaving, refill=refill)[once]
        later = network_scenario(
            mining, leaving=leaving, refill=refill, halving=True, halving_recovery=assumed.halving_recovery
        )[once]
        record.formula("hashprice", f'IF({number},{cell(MARKET, 3)}/{rise},"n/a")', now["hashprice_usd"].iloc[0])
        for key, off, factor, frame in (
            ("margin", "off", f"(1/{rise})", now),
            ("after", "off_after", f"((1-0.5*(1-{a('halving_recovery')}))/{rise})", later),
        ):
            margin, unprofitable = _summed(fleets, factor)
            record.formula(key, margin, frame["margin_usd"].sum() / MILLION)
            record.formula(off, unprofitable, float(frame["switched_off"].sum()))


def _summed(fleets: TableRange, factor: str) -> tuple[str, str]:
    """Formulas: sum of positive margins at a multiple of revenue, and the number of unprofitable fleets."""
    once, breakeven = f"{fleets.span('once')},1", fleets.span("breakeven")
    price = f"({cell(MARKET, 3)}*{factor})"
    # A fleet runs where its breakeven is below hashprice; a fleet that is idle or unknown has a text there.
    runs = f'{once},{breakeven},"<"&{price}'
    running = f"SUMIFS({fleets.span('revenue')},{runs})*{factor}-SUMIFS({fleets.span('cost')},{runs})"
    off = f'COUNTIFS({once},{breakeven},">"&{price})'
    number = f"ISNUMBER({cell(MARKET, 3)})"
    return f"IF({number},{running},0)", f"IF({number},{off},0)"


def _ratio(book: ScreenBook, sheet: Sheet) -> None:
    """Compute ratio: AI revenue over mining revenue per MW."""
    area = book.ranges["compute_ratio"]
    sheet.label(
        area.first - 2, 0, "Compute ratio: AI revenue over mining revenue per MW and year, fixed at run time", "section"
    )
    sheet.header(area, widths=False, section=False)
    rows = analysis(book).compute_ratio
    if rows.empty:
        sheet.label(area.first, 0, "no contract signed", "note")
    columns = (("contracts", "contracts", 1.0), ("ai", "ai_usd_per_it_mw", MILLION),
               ("mining", "mining_usd_per_mw", MILLION),
               ("ratio", "ratio", 1.0), ("low", "ratio_low", 1.0), ("high", "ratio_high", 1.0),
               ("gross", "ratio_per_gross_mw", 1.0))  # fmt: skip
    for k, (business, record) in enumerate(rows.iterrows()):
        sheet.text(area.first + k, 0, BUSINESSES[str(business)])
        for key, name, unit in columns:
            sheet.static(area.first + k, area.index(key), record[name] / unit, area.kind(key))


def _weeks(book: ScreenBook, sheet: Sheet) -> None:
    """Weekly hashprice, the cells behind the chart."""
    area = book.ranges["hashprice_weeks"]
    sheet.label(area.first - 2, 0, "Weeks of the chart above", "section")
    sheet.header(area, widths=False, section=False)
    for k, (day, value) in enumerate(analysis(book).mining.weekly.items()):
        sheet.input(area.first + k, 0, day, "date")
        sheet.static(area.first + k, area.index("hashprice"), value, "years")


def _chart(book: ScreenBook, sheet: Sheet, row: int) -> None:
    """Hashprice by week."""
    area = book.ranges["hashprice_weeks"]
    sheet.label(row, 0, "Hashprice by week", "section")
    if analysis(book).mining.weekly.empty:
        return
    chart = book.workbook.add_chart({"type": "line"})
    chart.add_series(
        {
            "name": "hashprice",
            "categories": charts.cells(area, "date"),
            "values": charts.cells(area, "hashprice"),
            "line": {"color": PIVOT_COLOUR, "width": 1.5},
        }
    )
    chart.set_x_axis(charts.axis("week", text_axis=True, num_format="mmm yy", interval_unit=13, interval_tick=13))
    chart.set_y_axis(charts.axis("USD per PH/s per day", area=True, num_format="0"))
    size = (1100, CHART_ROWS * charts.PIXELS_A_ROW - 20)
    charts.insert(sheet, chart, (row + 1, 0), size, "Hashprice by week", legend="")


def _notes() -> list[str]:
    return paragraphs(f"""
        - Hashprice = subsidy and fees per day x bitcoin price / network hashrate. Fleet MW = EH/s x J/TH. Breakeven
          hashprice: revenue just covers power; breakeven power price: the price of a kWh at which it does. Margin is
          before all costs other than power.
        - Amber fill: stale. Blue fill: stand-in, named in the status (deployed hashrate x uptime; hashrate from mining
          revenue; assumed efficiency or power cost).
        - In sums: a subsidiary that a listed parent consolidates is part of its parent's fleet.
        - AI revenue is rent for leases and revenue before GPU depreciation for GPU cloud: the two are never pooled.
        - The weeks behind the chart of hashprice are not printed. Method: {section(9)}.
    """)
