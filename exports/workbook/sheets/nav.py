"""NAV: every company's parts, live, with floor, price, spread and what the price implies."""

from __future__ import annotations

from typing import Any

from exports.workbook.sheets import nav_charts, nav_contracts, nav_parts
from exports.workbook.sheets.nav_common import by_company, worth
from exports.workbook.sheets.nav_parts import LET_COLUMN, LET_ROW, OF_PARTS, Line
from exports.workbook.writer.cells import MILLION, Column, Grid, Sheet, is_unknown
from exports.workbook.writer.context import FIRST, NAV, Book
from valuation.contracts.credit import RULES
from valuation.nav.parts import value_of_let_mw
from valuation.nav.sum_of_parts import NOT_IN_IT, VALUES

SIGNED, POWER = "Signed ($m)", "Power without a lease (gross MW)"
UNSIGNED, HELD = "Worth of power without a lease ($m)", "Mining and holdings ($m)"
OWED, BY_CAP, BY_DCF, FLOOR = "Claims ($m)", "By cap rate", "By DCF", "Floor: nothing more signed"
DRAWS, IMPLIED = "Draws of the run (USD per share)", "Implied by the price, of the run"
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("company", "Company", width=26),
    Column("counted", "Own business (1 = yes)", "flag", 8),
    Column("price", "Price (USD per share)", "price", 9),
    Column("shares", "Diluted shares (m)", "shares", 9),
    Column("leases", "Leases: NOI / cap rate ($m)", "money", 9.5, SIGNED),
    Column("cloud", "GPU cloud: DCF ($m)", "money", 9.5, SIGNED),
    Column("capex", "Capex to spend ($m)", "money", 9.5, SIGNED),
    Column("let", "Let, of the run (MW)", "mw", 8.5, POWER),
    Column("approved_mw", "Approved (MW)", "mw", 10, POWER),
    Column("use_mw", "In use for mining (MW)", "mw", 8.5, POWER),
    Column("pipeline_mw", "Pipeline (MW)", "mw", 8.5, POWER),
    Column("approved", "Approved ($m)", "money", 9, UNSIGNED),
    Column("in_use", "In use ($m)", "money", 9, UNSIGNED),
    Column("pipeline", "Pipeline ($m)", "money", 9, UNSIGNED),
    Column("mining", "Mining ($m)", "money", 9, HELD),
    Column("bitcoin", "Bitcoin ($m)", "money", 9, HELD),
    Column("coins", "Other coins ($m)", "money", 8.5, HELD),
    Column("cash", "Cash ($m)", "money", 9, HELD),
    Column("restricted", "Restricted cash ($m)", "money", 9, HELD),
    Column("debt", "Debt not converted ($m)", "money", 10, OWED),
    Column("finance_leases", "Finance leases ($m)", "money", 9, OWED),
    Column("preferred", "Preferred ($m)", "money", 9, OWED),
    Column("minority", "Minorities ($m)", "money", 9, OWED),
    Column("prepayments", "Prepayments ($m)", "money", 9, OWED),
    Column("nav", "Net asset value ($m)", "money", 10, BY_CAP),
    Column("nav_share", "A share (USD)", "price", 8.5, BY_CAP),
    Column("p_nav", "Price / NAV (x)", "ratio", 8, BY_CAP),
    Column("dcf_leases", "Leases, DCF ($m)", "money", 9.5, BY_DCF),
    Column("dcf", "Net asset value, DCF ($m)", "money", 10, BY_DCF),
    Column("dcf_share", "A share, DCF (USD)", "price", 8.5, BY_DCF),
    Column("p_dcf", "Price / NAV, DCF (x)", "ratio", 8, BY_DCF),
    Column("base_leases", "Leases, base term ($m)", "money", 9.5, FLOOR),
    Column("base_cloud", "GPU cloud, base term ($m)", "money", 9.5, FLOOR),
    Column("floor", "Floor ($m)", "money", 10, FLOOR),
    Column("floor_share", "Floor a share (USD)", "price", 8.5, FLOOR),
    Column("over", "Price over floor (USD)", "price", 8.5, FLOOR),
    Column("p5", "5% of draws (USD)", "price", 8, DRAWS),
    Column("p50", "Middle (USD)", "price", 8, DRAWS),
    Column("p95", "95% of draws (USD)", "price", 8, DRAWS),
    Column("cap_rate", "Cap rate of leases (%)", "percent", 8, IMPLIED),
    Column("chance", "Chance of leases on approved power (%)", "whole_percent", 9, IMPLIED),
    Column("conversion", "Secured power taken for leased (%)", "whole_percent", 9, IMPLIED),
    Column("status", "Status of the net asset value", "small", 45),
)
KEY_OF = {part: key for key, part in OF_PARTS.items()}


def grids(book: Book) -> dict[str, Grid]:
    """Companies, the chosen company's charts, contracts."""
    companies = Grid(NAV, COLUMNS, FIRST + 1, book.n)
    chosen = nav_charts.grids(book, companies.last + 4)
    below = max(g.last for g in chosen.values()) + 5
    return {"nav": companies, **chosen, "nav_contracts": nav_contracts.grid(book, below + 2)}


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, grid = book.sheet(NAV), book.grids["nav"]
    book.top(sheet, NAV, f"Net asset value by parts; {NOT_IN_IT}. Yellow cells of Assumptions are live.")
    sheet.words(LET_ROW, 0, "A let gross MW less its building, after the slip (m USD per MW)", "note")
    sheet.formula(LET_ROW, LET_COLUMN, _let(book), _let_value(book), "per_mw")
    sheet.header(grid, height=58)
    found = worth(book).nav
    table, status, causes = (by_company(book, f) for f in (found.table, found.status, found.causes))
    for i in range(book.n):
        nav_parts.write(Line(book, sheet, grid, i, table, status))
        _values(book, sheet, grid, i, table, status)
        _of_the_run(book, sheet, grid, i, table, status, causes)
    sheet.page.autofilter(grid.first - 1, 0, grid.last, len(COLUMNS) - 1)
    nav_charts.write(book, sheet)
    nav_contracts.write(book, sheet)
    last = sheet.lines(book.grids["nav_contracts"].last + 2, _notes(book))
    # The contracts have a header of their own: the companies' must not stand over them on a second page.
    sheet.page.set_h_pagebreaks([book.grids["nav_contracts"].first - 3])
    book.finish(sheet, freeze=(grid.first, 2), repeat=(0, 3), last=(last, len(COLUMNS) - 1))


def _let(book: Book) -> str:
    a = book.assumption
    income = f"{a('market_noi_usd_per_mw')}/{a('cap_rate_exit')}"
    cost = f"{a('capex_lease_usd_per_mw')}-{a('capex_overrun_usd_per_mw')}"
    late = f"(1+{a('cost_of_capital_other')})^-{a('delay_years')}"
    return f"MAX(0,{income}-{cost})/{a('gross_mw_per_critical_it_mw')}/10^6*{late}"


def _let_value(book: Book) -> float:
    a = worth(book).assumptions
    return float(value_of_let_mw(a)) / MILLION * (1 + a.cost_of_capital_other) ** -a.delay_years


def _values(
    book: Book, sheet: Sheet, grid: Grid, i: int, table: dict[str, list[Any]], status: dict[str, list[Any]]
) -> None:
    """Sums of parts, a share of them, the price over them."""
    row, at = grid.first + i, lambda key: grid.at(key, i)
    names = {"nav": "nav_cap_rate", "dcf": "nav_dcf", "floor": "floor"}
    required = f"COUNT({at('bitcoin')},{at('cash')},{at('debt')})<3"
    for key, name in names.items():
        parts = [at(KEY_OF[part]) for part in VALUES[name]]
        total = f'IF(OR({required},{at("minority")}="n/a"),"n/a",IF({at("counted")}=0,"n.m.",SUM({",".join(parts)})))'

        def put(column: str, formula: str, metric: str, unit: float = 1.0, *, bold: bool = False) -> None:
            value = table[metric][i]
            sheet.formula(row, grid.index(column), formula, None if is_unknown(value) else value / unit, grid.kind(column),
                       status=status[metric][i], bold=bold)  # fmt: skip

        put(key, total, f"{name}_usd", MILLION, bold=True)
        share = f"{key}_share"
        divided = f"{at(key)}/{at('shares')}"
        put(
            share,
            f'IF(ISNUMBER({at(key)}),IF(ISNUMBER({at("shares")}),{divided},"n/a"),{at(key)})',
            f"{name}_per_share",
        )
        if key == "floor":
            over = f"{at('price')}-{at('floor_share')}"
            known = f"ISNUMBER({at('floor_share')})"
            put(
                "over",
                f'IF({known},IF(ISNUMBER({at("price")}),{over},"n/a"),{at("floor_share")})',
                "price_over_floor_usd",
            )
            continue
        ratio = f'IF({at(share)}>0,{at("price")}/{at(share)},"n.m.")'
        known = f"ISNUMBER({at(share)})"
        put(f"p_{key}", f'IF({known},IF(ISNUMBER({at("price")}),{ratio},"n/a"),{at(share)})', f"p_{name}")


def _of_the_run(
    book: Book, sheet: Sheet, grid: Grid, i: int, table: dict[str, list[Any]], status: dict[str, list[Any]],
    causes: dict[str, list[Any]],
) -> None:  # fmt: skip
    row, drawn = grid.first + i, worth(book).simulation.table
    for key in ("p5", "p50", "p95"):
        value = drawn.loc[book.tickers[i], key] if book.tickers[i] in drawn.index else None
        sheet.static(row, grid.index(key), value, "price")
    for key, name in (
        ("cap_rate", "implied_cap_rate"), ("chance", "implied_probability"), ("conversion", "implied_conversion_share"),
    ):  # fmt: skip
        meaningless = status[name][i] == "not_meaningful"
        sheet.static(row, grid.index(key), None if meaningless else table[name][i], grid.kind(key),
                         unknown="n.m." if meaningless else "n/a")  # fmt: skip
    state, cause = status["nav_cap_rate_usd"][i], causes["nav_cap_rate_usd"][i]
    sheet.text(row, grid.index("status"), f"{state.replace('_', ' ')}{': ' if cause else ''}{cause}", "small")


def _notes(book: Book) -> list[str]:
    drawn, found = worth(book).simulation, worth(book).nav
    let = (
        "none signed" if is_unknown(found.value_per_let_mw_usd) else f"{found.value_per_let_mw_usd / MILLION:.2f} m USD"
    )
    return [
        "Net asset value = contracts - capex to spend + power without a lease (MW x worth of a let MW x chance) + mining + "
        "bitcoin, coins and cash - claims. By cap rate: leases at NOI of twelve months over the cap rate of who pays; by "
        "DCF: the rest of the base term, and a part of the rent after it. GPU cloud is a DCF in both.",
        "Floor: base terms alone, no renewal, nothing more signed. Price over floor: what a share pays for future signings.",
        f"Credit: {RULES}",
        "Capex counts from the day of the cash figure: what was spent after it is not yet out of that cash. Blue fill: "
        "assumed in part. Pipeline is each company's own count and may hold power that is counted as secured too.",
        f"Draws: {drawn.method}; {drawn.draws:,} draws, seed {drawn.seed}; chances of leases are not drawn.",
        f"Implied, each alone with all else as assumed. Conversion uses the sector's worth of a signed let MW net of its "
        f"whole building ({let} per gross MW); above 100% the price pays for more than the secured power.",
        "Statuses, draws and what the price implies are those of the run until it is run again.",
    ]
