"""Mining: hashprice and every fleet live, its path, what AI earns on the same MW, and the network when hashrate leaves."""

from __future__ import annotations

from typing import Any

import numpy as np

from exports.workbook.sheets.nav_common import WORDS, by_company, worth
from exports.workbook.writer import charts
from exports.workbook.writer.cells import MILLION, Column, Grid, Sheet, cell, is_unknown
from exports.workbook.writer.context import FIRST, MINING, Book
from exports.workbook.writer.style import PIVOT_COLOUR
from valuation.mining.economics import DAYS_PER_YEAR, HOURS_PER_YEAR, NEXT_HALVING, network_scenario, path

FLEET, YEAR = "Fleet", "A year at today's hashprice"
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
    Column("per_mw", "Revenue (m USD per MW)", "per_mw", 9.5, YEAR),
    Column("breakeven", "Breakeven (USD per PH/s per day)", "years", 10.5),
    Column("most", "Power at most (USD per kWh)", "coefficient", 10),
    Column("status", "Status of the margin", "small", 60),
)
PATH = (
    Column("year", "Year ahead (n)", "count"),
    Column("label", "", "small"),
    Column("blank", "", "small"),
    Column("factor", "Hashprice over today's (x)", "coefficient"),
    Column("hashprice", "Hashprice (USD per PH/s per day)", "years"),
    Column("discount", "Worth of a dollar (x)", "coefficient"),
)
NETWORK = (
    Column("leaving", "Leaves (%)", "percent"),
    Column("label", "", "small"),
    Column("blank", "", "small"),
    Column("hashprice", "Hashprice (USD per PH/s per day)", "years"),
    Column("margin", "Margin of all ($m)", "money"),
    Column("off", "Fleets off (n)", "count"),
    Column("after", "Margin after halving ($m)", "money"),
    Column("off_after", "Fleets off then (n)", "count"),
)
RATIO = (
    Column("business", "Business"),
    Column("label", "", "small"),
    Column("contracts", "Contracts", "count"),
    Column("ai", "AI (m USD per IT MW)", "per_mw"),
    Column("mining", "Mining (m USD per MW)", "per_mw"),
    Column("ratio", "Ratio (x)", "multiple"),
    Column("low", "Lowest (x)", "multiple"),
    Column("high", "Highest (x)", "multiple"),
    Column("gross", "Per gross MW (x)", "multiple"),
)
WEEKS = (Column("date", "Week (date)", "date"), Column("label", "", "small"), Column("blank", "", "small"),
         Column("hashprice", "Hashprice of the run (USD per PH/s per day)", "years"))  # fmt: skip
PATH_YEARS = 10
LEAVING = (0.0, 0.1, 0.2, 0.3)
MARKET = 4  # the row of hashprice and what it is made of


def grids(book: Book) -> dict[str, Grid]:
    """Fleets, path, network, ratio and weeks, one under another."""
    fleets = Grid(MINING, COLUMNS, FIRST + 1, book.n)
    ahead = Grid(MINING, PATH, fleets.last + 4, PATH_YEARS)
    network = Grid(MINING, NETWORK, ahead.last + 4, len(LEAVING))
    ratio = Grid(MINING, RATIO, network.last + 4, max(len(worth(book).compute_ratio), 1))
    weeks = Grid(MINING, WEEKS, ratio.last + 4, max(len(worth(book).mining.weekly), 1))
    return {"fleets": fleets, "path": ahead, "network": network, "compute_ratio": ratio, "hashprice_weeks": weeks}


def hashprice_cell(book: Book) -> str:
    """Address of hashprice, for any sheet."""
    return cell(MARKET, 3, sheet=MINING)


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, grid = book.sheet(MINING), book.grids["fleets"]
    book.top(
        sheet, MINING, "Revenue less power of every fleet at the day's hashprice; yellow cells of Assumptions are live."
    )
    _market(book, sheet)
    sheet.header(grid, height=46)
    table, status = (by_company(book, f) for f in (worth(book).mining.table, worth(book).mining.status))
    causes = by_company(book, worth(book).mining.causes)
    for i in range(book.n):
        _fleet(book, sheet, grid, i, table, status, causes)
    sheet.page.autofilter(grid.first - 1, 0, grid.last, len(COLUMNS) - 1)
    _path(book, sheet)
    _network(book, sheet)
    _ratio(book, sheet)
    _weeks(book, sheet)
    last = sheet.lines(book.grids["hashprice_weeks"].last + 2, _notes())
    sheet.page.set_h_pagebreaks([book.grids["network"].first - 2, book.grids["hashprice_weeks"].first - 2])
    book.finish(sheet, freeze=(grid.first, 1), repeat=(0, 3), last=(last, len(COLUMNS) - 1))


def _market(book: Book, sheet: Sheet) -> None:
    """Hashprice from the bitcoin price, the day's reward and the network's hashrate."""
    mining = worth(book).mining
    market = worth(book).basis.inputs.market.iloc[0]
    sheet.words(MARKET, 0, "Hashprice (USD per PH/s per day)", "section")
    btc, rewards, rate = book.assumption("btc_usd"), cell(MARKET, 8), cell(MARKET, 11)
    formula = f'IF(COUNT({btc},{rewards},{rate})=3,{rewards}*{btc}/({rate}*1000),"n/a")'
    state = mining.status["hashprice_usd"].iloc[0]
    sheet.formula(MARKET, 3, formula, mining.table["hashprice_usd"].iloc[0], "per_mw", status=state, bold=True)
    sheet.words(MARKET, 5, "Reward and fees (BTC a day)", "note")
    sheet.input(MARKET, 8, market["reward_btc_per_day"], "per_mw")
    sheet.words(MARKET, 9, "Network (EH/s)", "note")
    sheet.input(MARKET, 11, market["network_eh_per_s"], "years")
    day = market["network_date"]
    sheet.words(MARKET, 12, "week of" if not is_unknown(day) else "no week known", "note")
    if not is_unknown(day):
        sheet.input(MARKET, 13, day, "date")


def _fleet(
    book: Book, sheet: Sheet, grid: Grid, i: int, table: dict[str, list[Any]], status: dict[str, list[Any]],
    causes: dict[str, list[Any]],
) -> None:  # fmt: skip
    row, at, price = grid.first + i, lambda key: grid.at(key, i), cell(MARKET, 3)
    sheet.text(row, 0, book.tickers[i], bold=True)
    sheet.text(row, 1, book.companies["name"][i], "name")
    outside = str(book.table["excluded"][i]).startswith("consolidated")
    sheet.input(row, grid.index("once"), float(not outside), "flag")
    rate, mines = table["hashrate_eh"][i], not is_unknown(table["hashrate_eh"][i]) and table["hashrate_eh"][i] > 0
    sheet.input(row, grid.index("hashrate"), rate, "years", status=status["hashrate_eh"][i])

    def put(key: str, formula: str, name: str, unit: float = 1.0, *, ratio: bool = False) -> None:
        value, state = table[name][i], status[name][i]
        state = "not_meaningful" if ratio and not is_unknown(rate) and not mines else state
        known = not is_unknown(value) and state != "missing"
        sheet.formula(row, grid.index(key), formula, value / unit if known else None, grid.kind(key), status=state)

    for key, name, item in (
        ("j", "j_per_th", "fleet_efficiency_j_per_th"),
        ("power", "power_usd_per_kwh", "power_cost_usd_per_kwh"),
    ):
        reported = worth(book).basis.inputs.items[item].get((book.screen.as_of, book.tickers[i]))
        if is_unknown(reported):
            state = "proxy" if mines else "ok"
            sheet.formula(row, grid.index(key), book.assumption(item), table[name][i], grid.kind(key), status=state)
        else:
            note = book.source(book.tickers[i], item)
            sheet.input(
                row, grid.index(key), reported, grid.kind(key), status=status[name][i] if mines else "ok", note=note
            )
    h, j, p = at("hashrate"), at("j"), at("power")
    put("mw", f'IF(ISNUMBER({h}),{h}*{j},"n/a")', "fleet_mw")
    put("revenue", f'IF(COUNT({h},{price})=2,{h}*{price}*{DAYS_PER_YEAR}/1000,"n/a")', "revenue_usd", MILLION)
    put("cost", f'IF(ISNUMBER({at("mw")}),{at("mw")}*{p}*{HOURS_PER_YEAR}/1000,"n/a")', "power_cost_usd", MILLION)
    put(
        "margin", f'IF(COUNT({at("revenue")},{at("cost")})=2,{at("revenue")}-{at("cost")},"n/a")', "margin_usd", MILLION
    )
    idle = lambda formula: f'IF(ISNUMBER({h}),IF({h}=0,"n.m.",{formula}),"n/a")'  # noqa: E731
    number = f"ISNUMBER({price})"
    put("share", idle(f'IF({number},{at("margin")}/{at("revenue")},"n/a")'), "margin_share", ratio=True)
    put(
        "per_mw",
        idle(f'IF({number},{price}*1000/{j}*{DAYS_PER_YEAR}/10^6,"n/a")'),
        "revenue_usd_per_mw",
        MILLION,
        ratio=True,
    )
    put("breakeven", idle(f"24*{j}*{p}"), "breakeven_hashprice_usd", ratio=True)
    put("most", idle(f'IF({number},{price}/(24*{j}),"n/a")'), "breakeven_power_usd_per_kwh", ratio=True)
    state, cause = status["margin_usd"][i], causes["margin_usd"][i]
    sheet.text(row, grid.index("status"), f"{state}{': ' if cause else ''}{cause.replace('_', ' ')}", "small")


def _path(book: Book, sheet: Sheet) -> None:
    """Hashprice of the years ahead and what a dollar in the middle of each is worth."""
    grid, a, assumed = book.grids["path"], book.assumption, worth(book).assumptions
    sheet.words(grid.first - 2, 0, "Path of hashprice; next halving", "section")
    sheet.header(grid, widths=False, section=False)
    halving = cell(grid.first - 2, 5)
    sheet.input(grid.first - 2, 5, NEXT_HALVING, "date")
    factor, _ = path(book.screen.as_of, _longer(assumed))
    price = worth(book).mining.table["hashprice_usd"].iloc[0]
    for k in range(PATH_YEARS):
        row, at = grid.first + k, lambda key, k=k: grid.at(key, k)
        sheet.input(row, 0, float(k), "flag")
        after = f"MAX(0,MIN(1,{at('year')}+1-({halving}-{a('as_of')})/{DAYS_PER_YEAR}))"
        grown = f"(1+{a('hashprice_growth')})^({at('year')}+0.5)"
        formula = f"{grown}*(1-{after}*0.5*(1-{a('halving_recovery')}))"
        sheet.formula(row, grid.index("factor"), formula, factor[k], "coefficient")
        priced = f'IF(ISNUMBER({cell(MARKET, 3)}),{at("factor")}*{cell(MARKET, 3)},"n/a")'
        sheet.formula(row, grid.index("hashprice"), priced,
                   None if is_unknown(price) else factor[k] * price, "years")  # fmt: skip
        part = f"MAX(0,MIN(1,{a('mining_life_years')}-{at('year')}))"
        value = float(np.clip(assumed.mining_life_years - k, 0.0, 1.0)) * (1 + assumed.cost_of_capital_mining) ** -(
            k + 0.5
        )
        sheet.formula(
            row,
            grid.index("discount"),
            f"{part}*(1+{a('cost_of_capital_mining')})^-({at('year')}+0.5)",
            value,
            "coefficient",
        )


def _longer(assumed: Any) -> Any:
    from dataclasses import replace

    return replace(assumed, mining_life_years=float(PATH_YEARS))


def _network(book: Book, sheet: Sheet) -> None:
    """Hashprice and margins of those who stay, now and after the halving."""
    grid, fleets, a = book.grids["network"], book.grids["fleets"], book.assumption
    mining, assumed = worth(book).mining, worth(book).assumptions
    sheet.words(
        grid.first - 2,
        0,
        "Network: part of the hashrate leaves for AI, difficulty follows, others refill a part",
        "section",
    )
    sheet.header(grid, widths=False, height=36, section=False)
    once = ~worth(book).book.excluded.str.startswith("consolidated").to_numpy(dtype=bool)
    for k, leaving in enumerate(LEAVING):
        row, at = grid.first + k, lambda key, k=k: grid.at(key, k)
        sheet.input(row, 0, leaving, "percent")
        rise = f"(1-{at('leaving')}*(1-{a('hashrate_refill')}))"
        number = f"ISNUMBER({cell(MARKET, 3)})"
        now = network_scenario(mining, leaving=leaving, refill=assumed.hashrate_refill)[once]
        later = network_scenario(
            mining,
            leaving=leaving,
            refill=assumed.hashrate_refill,
            halving=True,
            halving_recovery=assumed.halving_recovery,
        )[once]
        price = now["hashprice_usd"].iloc[0]
        sheet.formula(row, grid.index("hashprice"), f'IF({number},{cell(MARKET, 3)}/{rise},"n/a")', price, "years")
        for key, off, factor, frame in (
            ("margin", "off", f"(1/{rise})", now),
            ("after", "off_after", f"((1-0.5*(1-{a('halving_recovery')}))/{rise})", later),
        ):
            margin = _summed(fleets, factor)
            sheet.formula(row, grid.index(key), margin[0], frame["margin_usd"].sum() / MILLION, "money")
            sheet.formula(row, grid.index(off), margin[1], float(frame["switched_off"].sum()), "flag")


def _summed(fleets: Grid, factor: str) -> tuple[str, str]:
    """Sum of positive margins at a multiple of revenue, and the fleets that lose money."""
    once, breakeven = f"{fleets.span('once')},1", fleets.span("breakeven")
    price = f"({cell(MARKET, 3)}*{factor})"
    # A fleet runs where its breakeven is below hashprice; those that mine nothing or are unknown hold a text there.
    runs = f'{once},{breakeven},"<"&{price}'
    running = f"SUMIFS({fleets.span('revenue')},{runs})*{factor}-SUMIFS({fleets.span('cost')},{runs})"
    off = f'COUNTIFS({once},{breakeven},">"&{price})'
    number = f"ISNUMBER({cell(MARKET, 3)})"
    return f"IF({number},{running},0)", f"IF({number},{off},0)"


def _ratio(book: Book, sheet: Sheet) -> None:
    """What a MW earns for AI over mining, of the run."""
    grid = book.grids["compute_ratio"]
    sheet.words(grid.first - 2, 0, "Compute ratio: revenue a year of a MW for AI over mining, of the run", "section")
    sheet.header(grid, widths=False, section=False)
    rows = worth(book).compute_ratio
    if rows.empty:
        sheet.words(grid.first, 0, "nothing signed", "note")
    columns = (("contracts", "contracts", 1.0), ("ai", "ai_usd_per_it_mw", MILLION),
               ("mining", "mining_usd_per_mw", MILLION),
               ("ratio", "ratio", 1.0), ("low", "ratio_low", 1.0), ("high", "ratio_high", 1.0),
               ("gross", "ratio_per_gross_mw", 1.0))  # fmt: skip
    for k, (business, record) in enumerate(rows.iterrows()):
        sheet.text(grid.first + k, 0, WORDS[str(business)])
        for key, name, unit in columns:
            sheet.static(grid.first + k, grid.index(key), record[name] / unit, grid.kind(key))


def _weeks(book: Book, sheet: Sheet) -> None:
    """Hashprice by week with a chart beside."""
    grid, weekly = book.grids["hashprice_weeks"], worth(book).mining.weekly
    sheet.words(grid.first - 2, 0, "Hashprice by week", "section")
    sheet.header(grid, widths=False, section=False)
    for k, (day, value) in enumerate(weekly.items()):
        sheet.input(grid.first + k, 0, day, "date")
        sheet.static(grid.first + k, grid.index("hashprice"), value, "years")
    if weekly.empty:
        return
    chart = book.workbook.add_chart({"type": "line"})
    chart.add_series(
        {
            "name": "hashprice",
            "categories": charts.cells(grid, "date"),
            "values": charts.cells(grid, "hashprice"),
            "line": {"color": PIVOT_COLOUR, "width": 1.5},
        }
    )
    chart.set_x_axis(charts.axis(text_axis=True, num_format="mmm yy", interval_unit=13, interval_tick=13))
    chart.set_y_axis(charts.axis("USD per PH/s per day", grid=True, num_format="0"))
    charts.insert(sheet, chart, (grid.first - 1, 5), (760, 340), "Hashprice by week", legend="")


def _notes() -> list[str]:
    return [
        "Hashprice = subsidy and fees of a day x bitcoin price / network hashrate. Fleet MW = EH/s x J/TH. Breakeven: "
        "hashprice at which power is just paid; power at most: the price of a kWh at which it is. Margin is "
        "before all but power.",
        "Amber: old. Blue fill: a stand-in, as the status says (deployed hashrate x uptime; hashrate from mining revenue; "
        "an efficiency or a power cost that is assumed).",
        "In sums: a subsidiary that a listed parent consolidates is within its parent's fleet.",
        "AI revenue is rent for leases and is before the GPUs for GPU cloud: the two are never one figure.",
    ]
