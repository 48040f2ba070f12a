"""NAV: net asset value by parts, execution floor, simulated range, and what the share price implies."""

from __future__ import annotations

from statistics import median
from typing import Any

from exports.commentary.labels import plain
from exports.workbook.sheets import nav_charts, nav_parts
from exports.workbook.sheets.nav_common import analysis, by_company
from exports.workbook.sheets.nav_parts import LEASED_COLUMN, LEASED_ROW, MEDIAN_COLUMN, PART_METRICS, Line
from exports.workbook.writer.cells import Record
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import FIRST, NAV, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import MILLION, cause_text, is_unknown, meaning, scaled
from valuation.contracts.credit import RULES
from valuation.contracts.terms import CLOUD
from valuation.nav.names import HEADLINE, NOT_IN_IT, VALUES
from valuation.nav.parts import value_of_let_mw

SIGNED, POWER = "Signed contracts, DCF ($m)", "Unleased power (gross MW)"
UNSIGNED, HELD = "Value of unleased power ($m)", "Mining and holdings ($m)"
OWED, BY_DCF, BY_CAP = (
    "Overhead and claims ($m)",
    "Net asset value by DCF: headline",
    "Beside it: by cap rate, before tax",
)
FLOOR, DRAWS, IMPLIED = (
    "Execution floor: no further leases", "Simulated (USD per share)", "Implied by the share price",
)  # fmt: skip
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("company", "Company", width=26),
    Column("counted", "Own business (1 = yes)", "flag", 8),
    Column("price", "Price (USD per share)", "price", 9),
    Column("shares", "Diluted shares (m)", "shares", 9),
    Column("leases", "Leases ($m)", "money", 9.5, SIGNED),
    Column("cloud", "GPU cloud ($m)", "money", 9.5, SIGNED),
    Column("tax", "Income tax ($m)", "money", 9, SIGNED),
    Column("capex", "Capex to complete ($m)", "money", 9.5, SIGNED),
    Column("let", "Leased (MW)", "mw", 8.5, POWER),
    Column("ai_mw", "In AI service, fixed at run (MW)", "mw", 8.5, POWER),
    Column("approved_mw", "Approved (MW)", "mw", 10, POWER),
    Column("first_mw", "of which first deal (MW)", "mw", 8.5, POWER),
    Column("use_mw", "In use for mining (MW)", "mw", 8.5, POWER),
    Column("displaced", "Part of the mining on it (%)", "whole_percent", 8.5, POWER),
    Column("pipeline_mw", "Pipeline (MW)", "mw", 8.5, POWER),
    Column("approved", "Approved ($m)", "money", 9, UNSIGNED),
    Column("in_use", "In use ($m)", "money", 9, UNSIGNED),
    Column("pipeline", "Pipeline ($m)", "money", 9, UNSIGNED),
    Column("mining", "Mining ($m)", "money", 9, HELD),
    Column("bitcoin", "Bitcoin ($m)", "money", 9, HELD),
    Column("coins", "Other coins ($m)", "money", 8.5, HELD),
    Column("cash", "Cash ($m)", "money", 9, HELD),
    Column("restricted", "Restricted cash ($m)", "money", 9, HELD),
    Column("overhead_year", "Cash overhead a year, fixed at run ($m)", "money", 9.5, OWED),
    Column("overhead", "Overhead, capitalised ($m)", "money", 9.5, OWED),
    Column("debt", "Debt not converted ($m)", "money", 10, OWED),
    Column("finance_leases", "Finance leases ($m)", "money", 9, OWED),
    Column("preferred", "Preferred ($m)", "money", 9, OWED),
    Column("minority", "Minority interest ($m)", "money", 9, OWED),
    Column("loose", "Prepaid, on no contract, fixed at run ($m)", "money", 9.5, OWED),
    Column("prepayments", "Prepayments ($m)", "money", 9.5, OWED),
    Column("nav", "Net asset value ($m)", "money", 10, BY_DCF),
    Column("nav_share", "NAV per share (USD)", "price", 8.5, BY_DCF),
    Column("p_nav", "Price / NAV (x)", "ratio", 8, BY_DCF),
    Column("cap_leases", "Leases: NOI / cap rate ($m)", "money", 9.5, BY_CAP),
    Column("unearned", "Prepaid rent, not earned ($m)", "money", 9, BY_CAP),
    Column("cap", "Net asset value, cap rate ($m)", "money", 10, BY_CAP),
    Column("cap_share", "NAV per share, cap rate (USD)", "price", 8.5, BY_CAP),
    Column("p_cap", "Price / NAV, cap rate (x)", "ratio", 8, BY_CAP),
    Column("apart", "By cap rate over DCF (%)", "whole_percent", 8.5, BY_CAP),
    Column("base_leases", "Leases, base term ($m)", "money", 9.5, FLOOR),
    Column("base_cloud", "GPU cloud, base term ($m)", "money", 9.5, FLOOR),
    Column("floor", "Floor ($m)", "money", 10, FLOOR),
    Column("floor_share", "Floor per share (USD)", "price", 8.5, FLOOR),
    Column("over", "Price over floor (USD)", "price", 8.5, FLOOR),
    Column("p5", "5th percentile (USD)", "price", 8, DRAWS),
    Column("p50", "Median (USD)", "price", 8, DRAWS),
    Column("p95", "95th percentile (USD)", "price", 8, DRAWS),
    Column("cap_rate", "Cap rate of leases (%)", "percent", 8, IMPLIED),
    Column("chance", "Probability of leases on approved power (%)", "whole_percent", 9, IMPLIED),
    Column("conversion", "Leased share of secured power (%)", "whole_percent", 9, IMPLIED),
    Column("status", "Status of net asset value", "small", 14),
)
PERCENTILES = ("p5", "p50", "p95")
KEY_OF = {part: key for key, part in PART_METRICS.items()}


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of companies, and of the charts of the chosen company."""
    companies = TableRange(NAV, COLUMNS, FIRST + 1, book.n)
    return {"nav": companies, **nav_charts.ranges(book, companies.last + 4)}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area = book.sheet(NAV), book.ranges["nav"]
    book.heading(
        sheet,
        NAV,
        f"Net asset value by parts; {NOT_IN_IT}. Yellow cells of Assumptions drive the figures.",
    )
    sheet.label(LEASED_ROW, 0, "Leased gross MW, net of construction cost, after the delay ($m per MW)", "note")
    sheet.formula(LEASED_ROW, LEASED_COLUMN, _leased(book), _leased_value(book), "per_mw")
    sheet.label(LEASED_ROW, LEASED_COLUMN + 1, "Median gross MW of leases signed: most of a first deal (MW)", "note")
    sizes = book.ranges["contracts"].link_span("lease_mw")
    sheet.formula(LEASED_ROW, MEDIAN_COLUMN, f"IF(COUNT({sizes})=0,0,MEDIAN({sizes}))", _median_lease(book), "mw")
    sheet.header(area, height=58)
    found = analysis(book).nav
    table, status, causes = (by_company(book, f) for f in (found.table, found.status, found.causes))
    basis = [_basis(status[f"{HEADLINE}_usd"][i], causes[f"{HEADLINE}_usd"][i]) for i in range(book.n)]
    for i in range(book.n):
        record = sheet.record(area, i)
        nav_parts.write(Line(book, record, i, table, status))
        _values(book, record, i, table, status)
        _fixed_figures(book, record, i, table, status)
    sheet.filter(area)
    nav_charts.write(book, sheet)
    below = book.ranges["tornado_run"].last + 2
    reasons = [f"{ticker}: {why}" for ticker, why in zip(book.tickers, basis, strict=True)]
    last = sheet.notes(below, reasons, head="Status of each net asset value, fixed at run time")
    last = sheet.notes(last + 1, _notes(book))
    sheet.page.set_h_pagebreaks([book.ranges["waterfall"].first - 4])
    book.finish(sheet, freeze=(area.first, 2), repeat=(0, 3), last=(last, len(COLUMNS) - 1))


def _leased(book: ScreenBook) -> str:
    a = book.assumption
    income = f"{a('market_noi_usd_per_mw')}/{a('cap_rate_exit')}"
    cost = f"{a('capex_lease_usd_per_mw')}-{a('capex_overrun_usd_per_mw')}"
    late = f"(1+{a('cost_of_capital_other')})^-{a('delay_years')}"
    return f"MAX(0,{income}-{cost})/{a('gross_mw_per_critical_it_mw')}/10^6*{late}"


def _leased_value(book: ScreenBook) -> float:
    a = analysis(book).assumptions
    return float(value_of_let_mw(a)) / MILLION * (1 + a.cost_of_capital_other) ** -a.delay_years


def _median_lease(book: ScreenBook) -> float:
    sizes = [
        c["owned_gross_mw"] for c in book.contracts
        if c["is_ai"] and c["kind"] != CLOUD and not is_unknown(c["owned_gross_mw"])
    ]  # fmt: skip
    return float(median(sizes)) if sizes else 0.0


def _values(
    book: ScreenBook, record: Record, i: int, table: dict[str, list[Any]], status: dict[str, list[Any]]
) -> None:
    """Net asset values, per share, and price to net asset value."""
    at = record.at
    names = {"nav": HEADLINE, "cap": "nav_cap_rate", "floor": "floor"}
    required = f"COUNT({at('bitcoin')},{at('cash')},{at('debt')})<3"

    def put(column: str, formula: str, metric: str, unit: float = 1.0, *, bold: bool = False) -> None:
        record.formula(column, formula, scaled(table[metric][i], unit), status=status[metric][i], bold=bold)

    def priced(share: str, formula: str) -> str:
        known = f'IF(ISNUMBER({at("price")}),{formula},"n/a")'
        return f"IF(ISNUMBER({at(share)}),{known},{at(share)})"

    for key, name in names.items():
        parts = ",".join(at(KEY_OF[part]) for part in VALUES[name])
        total = f'IF(OR({required},{at("minority")}="n/a"),"n/a",IF({at("counted")}=0,"n.m.",SUM({parts})))'
        put(key, total, f"{name}_usd", MILLION, bold=True)
        share = f"{key}_share"
        divided = f'IF(ISNUMBER({at("shares")}),{at(key)}/{at("shares")},"n/a")'
        put(share, f"IF(ISNUMBER({at(key)}),{divided},{at(key)})", f"{name}_per_share")
        if key == "floor":
            put("over", priced(share, f"{at('price')}-{at(share)}"), "price_over_floor_usd")
        else:
            put(f"p_{key}", priced(share, f'IF({at(share)}>0,{at("price")}/{at(share)},"n.m.")'), f"p_{name}")
    apart = f'IF({at("nav")}>0,{at("cap")}/{at("nav")}-1,"n.m.")'
    put("apart", f"IF(COUNT({at('nav')},{at('cap')})=2,{apart},{at('nav')})", "cap_rate_over_dcf")


def _fixed_figures(
    book: ScreenBook, record: Record, i: int, table: dict[str, list[Any]], status: dict[str, list[Any]]
) -> None:
    """Simulated percentiles, figures implied by the share price, and the status."""
    drawn = book.once(_percentiles).get(book.tickers[i], {})
    for key in PERCENTILES:
        record.static(key, drawn.get(key))
    for key, name in (
        ("cap_rate", "implied_cap_rate"), ("chance", "implied_probability"), ("conversion", "implied_conversion_share"),
    ):  # fmt: skip
        record.static(key, table[name][i], status=meaning(status[name][i]))
    record.text("status", status[f"{HEADLINE}_usd"][i].replace("_", " "), "small")


def _basis(status: str, causes: str) -> str:
    """A status with its causes in words; several contracts behind one are counted: their names stand on the sheet DCF."""
    out = []
    for cause in causes.split("; "):
        head, _, names = cause.partition(": ")
        several = names.count(", ") + 1
        out.append(f"{head} ({several} contracts)" if several > 1 and "-" in names else cause)
    return plain(cause_text(status, "; ".join(dict.fromkeys(out))))


def _percentiles(book: ScreenBook) -> dict[str, dict[str, float]]:
    return analysis(book).simulation.table[list(PERCENTILES)].to_dict("index")


def _notes(book: ScreenBook) -> list[str]:
    drawn, value = analysis(book).simulation, analysis(book).nav.value_per_let_mw_usd
    leased = "none signed" if is_unknown(value) else f"${value / MILLION:.2f}m"
    return paragraphs(f"""
        - Net asset value = contracts - income tax - capex to complete + unleased power + mining + bitcoin, other coins and
          cash - capitalised overhead - claims. By DCF, the headline: cash receipts of the remaining base term by phase, and
          a share of the income after it (sheet DCF). Beside it, by cap rate: first-year NOI over the cap rate of the credit
          class, before tax, less rent that customers have prepaid.
        - Unleased power: approved MW x value of a leased MW x probability. A first deal is that of a company without a
          signed lease, up to the median size of the leases signed; power in use for mining is valued net of the mining that
          a lease would replace. Pipeline follows each company's own definition; hosted power is not valued.
        - Overhead: cash overhead of four quarters, or the latest x 4, times the assumed multiple; where it is not reported
          the median per secured MW of those that report it (blue fill). Customers' prepayments count once.
        - Execution floor: base terms alone, no renewal, no further leases. Price over floor: the part of the share
          price that reflects leases not yet signed.
        - Credit classes: {RULES}
        - Capex counts from the date of the cash figure, which capex spent later has not reduced yet. Blue fill: partly
          assumed.
        - Simulation: {drawn.method}; {drawn.draws:,} draws, seed {drawn.seed}; probabilities of leases are not drawn.
        - Implied figures change one input each, all else as assumed. The leased share uses the sector's value of a MW
          under signed leases, net of all construction cost ({leased} per gross MW); above 100% the price implies more
          than the secured power.
        - Statuses, percentiles and implied figures are fixed at run time. Method: {section(10)}.
    """)
