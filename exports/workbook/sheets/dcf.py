"""DCF: signed contracts by contract year, and their value by phase at the cost of capital of who pays."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from exports.workbook.sheets import dcf_phases
from exports.workbook.sheets.dcf_flows import YEAR_ROW, Flow, flows, rows, years
from exports.workbook.sheets.nav_common import BUSINESSES, CLASS_LABELS, analysis, of_class
from exports.workbook.writer.cells import Record
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import DCF, FIRST, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange, cell
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import MILLION, scaled
from valuation.contracts.terms import CLOUD

CREDIT, TERMS, PREPAID, RATES, COST, VALUE = (
    "Credit", "Contract, owner's share", "Paid ahead by the customer", "Rates", "Cost ($m)",
    "Present value, after the delay ($m)",
)  # fmt: skip
BY_YEAR = {
    "revenue": "Revenue by contract year ($m)",
    "credits": "Rent credits by contract year ($m)",
    "taxable": "Taxable income so far ($m)",
    "tax": "Income tax by contract year ($m)",
}
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("contract", "Contract", width=41),
    Column("held", "Held through, or why not valued", "small", 31),
    Column("own", "Own contract (1 = yes)", "flag", 8),
    Column("valued", "Valued (1 = yes)", "flag", 7.5),
    Column("business", "Business", "small", 10),
    Column("own_class", "Credit class of the tenant", "small", 15, CREDIT),
    Column("backed_class", "Credit class of the guarantor", "small", 15, CREDIT),
    Column("backed", "Guaranteed (%)", "percent", 9, CREDIT),
    Column("value", "Value used ($m)", "money", 9.5, TERMS),
    Column("term", "Term (years)", "years", 7, TERMS),
    Column("growth", "Escalator used (%)", "percent", 8, TERMS),
    Column("margin", "NOI or EBITDA margin (%)", "percent", 8.5, TERMS),
    Column("rent", "Rent of the first contract year ($m)", "money", 9.5, TERMS),
    Column("due", "Revenue still to come ($m)", "money", 9.5, TERMS),
    Column("last", "NOI after the base term, before the share that goes on ($m)", "money", 11, TERMS),
    Column("prepaid", "Prepaid, not earned, fixed at run ($m)", "money", 9, PREPAID),
    Column("credited", "Set against revenue ($m)", "money", 9, PREPAID),
    Column("cash_margin", "Margin after prepaid revenue (%)", "percent", 9, PREPAID),
    Column("owed", "Rent credits, whole ($m)", "money", 8.5, PREPAID),
    Column("credits_due", "Rent credits to come ($m)", "money", 8.5, PREPAID),
    Column("cap_own", "Cap rate, tenant (%)", "percent", 8, RATES),
    Column("cap_backed", "Cap rate, guaranteed (%)", "percent", 9, RATES),
    Column("rate_own", "Cost of capital, tenant (%)", "percent", 8, RATES),
    Column("rate_backed", "Cost of capital, guaranteed (%)", "percent", 9, RATES),
    Column("building", "Building ($m)", "money", 9, COST),
    Column("gpus", "GPUs ($m)", "money", 9, COST),
    Column("spend", "To complete ($m)", "money", 9, COST),
    Column("lasting", "NOI / cap rate ($m)", "money", 9.5, VALUE),
    Column("before", "The same, no delay ($m)", "money", 9.5, VALUE),
    Column("term_value", "Base term, before tax ($m)", "money", 9.5, VALUE),
    Column("after", "After the base term ($m)", "money", 9.5, VALUE),
    Column("tax_value", "Income tax ($m)", "money", 9, VALUE),
    Column("unearned", "Prepaid rent, at most its value ($m)", "money", 9.5, VALUE),
)


# What only a valued contract has.
COMPUTED = (
    "rent", "due", "last", "credited", "cash_margin", "credits_due", "lasting", "before", "term_value", "after",
    "tax_value", "unearned",
)  # fmt: skip


@lru_cache(maxsize=4)
def _columns(count: int) -> tuple[Column, ...]:
    # One year more than the longest term: twelve months from a day may end in it.
    by_year = (
        Column(f"{key}_{k}", f"{key.capitalize()}, year {k + 1} ($m)", "money", 8, title)
        for key, title in BY_YEAR.items()
        for k in range(count + (key == "revenue"))
    )
    return (*COLUMNS, *by_year)


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the contracts and of their phases."""
    contracts = TableRange(DCF, _columns(years(book)), FIRST + 1, len(rows(book)))
    count = sum(len(flow.phases) for flow in flows(book).values())
    return {"dcf": contracts, "dcf_phases": TableRange(DCF, dcf_phases.COLUMNS, contracts.last + 5, count)}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, table = book.sheet(DCF), book.ranges["dcf"]
    book.heading(
        sheet,
        DCF,
        "Signed contracts by holder, owner's share: cash receipts by contract year, discounted phase by phase.",
    )
    sheet.header(table, height=58)
    count = years(book)
    for key in BY_YEAR:
        for k in range(count + (key == "revenue")):
            sheet.input(YEAR_ROW, table.index(f"{key}_{k}"), float(k), "count")
    if not rows(book):
        sheet.label(table.first, 1, "no contract signed", "note")
    for k, contract in enumerate(rows(book)):
        record, link = sheet.record(table, k), book.contract_row[contract["contract_id"]]
        _identity(book, record, contract, link)
        _rates(book, record, contract)
        flow = flows(book).get(k)
        if flow is None:
            for key in COMPUTED:
                sheet.label(record.row, table.index(key), "n/a", "unknown")
            continue
        _terms(book, record, flow)
        _by_year(book, record, flow)
        _sums(book, record, flow)
    sheet.filter(table)
    dcf_phases.write(book, sheet, table, flows(book))
    # The contract years behind the values are grouped and hidden; they are not printed.
    sheet.page.set_column(table.index("revenue_0"), len(table.columns) - 1, 9, None, {"level": 1, "hidden": True})
    phases = book.ranges["dcf_phases"]
    sheet.page.set_h_pagebreaks([phases.first - 3])
    last = sheet.notes(phases.last + 2, _notes())
    book.finish(sheet, freeze=(table.first, 2), repeat=(0, 3), last=(last, len(table.columns) - 1))


def _identity(book: ScreenBook, record: Record, contract: dict[str, Any], link: int) -> None:
    through, excluded, there = contract["held_through"], contract["left_out"], book.ranges["contracts"]
    record.company(contract["ticker"], contract["contract_id"])
    how = [f"through {through}" if through else "", f"not valued: {excluded}" if excluded else ""]
    record.text("held", "; ".join(filter(None, how)), "small")
    record.input("own", float(not through))
    record.input("valued", float(not excluded))
    record.text("business", BUSINESSES[contract["business"]], "small")
    record.text("own_class", CLASS_LABELS[contract["own_class"]], "small")
    record.text("backed_class", CLASS_LABELS[contract["guarantor_class"]], "small")
    record.input("backed", contract["supported_share"])
    for key, column, name, mark in (
        ("value", "used", "value_used_usd", ""), ("term", "term", "term_years", ""),
        ("growth", "growth", "escalator_used", "escalator_is_assumed"),
        ("margin", "margin_used", "margin_used", "margin_is_assumed"),
        ("building", "building", "building_capex_usd", "building_is_assumed"),
        ("gpus", "gpus", "gpu_capex_usd", "gpus_are_assumed"), ("spend", "spend", "capex_to_spend_usd", ""),
    ):  # fmt: skip
        value = scaled(contract[name], MILLION if name.endswith("_usd") else 1.0)
        status = "proxy" if mark and contract[mark] else "ok"
        record.formula(key, there.link(column, link), value, status=status)


def _rates(book: ScreenBook, record: Record, contract: dict[str, Any]) -> None:
    assumed, cloud = analysis(book).assumptions, contract["business"] == CLOUD
    for key, name in (("own", "own_class"), ("backed", "guarantor_class")):
        here = record.at(f"{key}_class")
        record.formula(f"cap_{key}", of_class(book, here, "cap_rate"), assumed.cap_rate(contract[name]))
        premium = f"+{book.assumption('cost_of_capital_cloud_premium')}" if cloud else ""
        rate = assumed.cost_of_capital(contract[name], cloud=cloud)
        record.formula(f"rate_{key}", f"{of_class(book, here, 'cost_of_capital')}{premium}", rate)


def _terms(book: ScreenBook, record: Record, flow: Flow) -> None:
    at, a, contract, assumed = record.at, book.assumption, flow.contract, analysis(book).assumptions
    v, n, g = at("value"), at("term"), at("growth")
    whole = f"IF({g}>0,((1+{g})^INT({n})-1)/{g},INT({n}))"
    rent = float(flow.revenue[0] / flow.lasts[0])
    record.formula("rent", f"{v}/({whole}+({n}-INT({n}))*(1+{g})^INT({n}))", rent)
    phases = book.ranges["dcf_phases"]
    spread = f"{phases.at('due', flow.first)}:{phases.at('due', flow.first + len(flow.phases) - 1)}"
    record.formula("due", f"SUM({spread})", flow.due)
    if contract["business"] == CLOUD:
        mw = book.ranges["contracts"].link("mw", book.contract_row[contract["contract_id"]])
        after = f"N({mw})*{a('market_noi_usd_per_mw')}/10^6"
    else:
        part = f"({n}-INT({n}))"
        twelve = f"{at('rent')}*((1-{part})*(1+{g})^(INT({n})-1)+{part}*(1+{g})^INT({n}))"
        after = f"{at('margin')}*IF({n}<1,{v},{twelve})"
    record.formula("last", after, flow.last_noi(assumed))
    credited = float(contract["credited_usd"]) / MILLION
    record.static("prepaid", credited)
    own = f"IF({a('prepayments_as_debt')}=1,0,{at('prepaid')})"
    record.formula("credited", f"MIN({at('due')},{own})", credited)
    record.input("owed", float(contract["owned_rent_credits_usd"]) / MILLION)
    taken = f"{phases.at('credits_due', flow.first)}:{phases.at('credits_due', flow.first + len(flow.phases) - 1)}"
    record.formula("credits_due", f"SUM({taken})", flow.credits_due)
    cash = f"{at('margin')}-IF({at('due')}>0,{at('credited')}/{at('due')},0)"
    record.formula("cash_margin", cash, flow.cash_margin)


def _by_year(book: ScreenBook, record: Record, flow: Flow) -> None:
    """Revenue, taxable income so far, and tax of each contract year."""
    at, a, table = record.at, book.assumption, record.area
    n, g = at("term"), at("growth")
    for k in range(years(book) + 1):
        year = cell(YEAR_ROW, table.index(f"revenue_{k}"))
        lasts = f"MAX(0,MIN(1,{n}-{year}))"
        value = float(flow.revenue[k]) if k < len(flow.revenue) else 0.0
        record.formula(f"revenue_{k}", f"{at('rent')}*(1+{g})^{year}*{lasts}", value)
        if k == years(book):
            break
        worn = "+".join(
            f"N({at(cost)})/{a(life)}*MAX(0,MIN({lasts},{a(life)}-{year}))"
            for cost, life in (("building", "building_life_years"), ("gpus", "gpu_life_years"))
        )
        so_far = f"{at('revenue_0')}:{at(f'revenue_{k}')}"
        used = [f"MIN({at('owed')},{a('rent_credit_share')}*SUM({so_far}))"]
        used += (
            [f"MIN({at('owed')},{a('rent_credit_share')}*SUM({at('revenue_0')}:{at(f'revenue_{k - 1}')}))"] if k else []
        )
        record.formula(f"credits_{k}", "-".join(used), float(flow.credits[k]))
        before = f"{at(f'taxable_{k - 1}')}+" if k else ""
        taxable = float(flow.taxable[k])
        record.formula(
            f"taxable_{k}", f"{before}{at(f'revenue_{k}')}*{at('cash_margin')}-{at(f'credits_{k}')}-({worn})", taxable
        )
        first = at("taxable_0")
        most, earlier = f"MAX(0,{first}:{at(f'taxable_{k}')})", f"MAX(0,{first}:{at(f'taxable_{k - 1}')})" if k else "0"
        tax = f"{a('cash_taxes')}*{a('tax_rate')}*({most}-{earlier})"
        record.formula(f"tax_{k}", tax, float(flow.tax[k]))


def _sums(book: ScreenBook, record: Record, flow: Flow) -> None:
    """Values of the contract: sums over its phases."""
    phases = book.ranges["dcf_phases"]
    values = [dcf_phases.values(book, flow, k) for k in flow.phases]
    for key, column in (("lasting", "lasting"), ("before", "before"), ("term_value", "term"), ("after", "after"),
                        ("tax_value", "tax")):  # fmt: skip
        spread = f"{phases.at(column, flow.first)}:{phases.at(column, flow.first + len(flow.phases) - 1)}"
        total = sum(value[column] for value in values)
        record.formula(key, f"SUM({spread})", total)
    paid = float(flow.contract["credited_usd"]) / MILLION + flow.credits_due
    least = min(paid, sum(value["before"] for value in values))
    at = record.at
    record.formula("unearned", f"MIN({at('credited')}+{at('credits_due')},{at('before')})", least)


def _notes() -> list[str]:
    return paragraphs(f"""
        - Each phase runs its own full base term from its own start. A contract year's rent counts in its middle, a year in
          progress for what is left of it. Base term: revenue x margin after prepaid revenue, less rent credits, discounted
          at the cost of capital of the guarantor for the guaranteed part and of the tenant for the rest.
        - Margin after prepaid revenue: NOI or EBITDA margin less what customers paid ahead, as a part of the revenue still
          to come. Rent credits (the tenant paid for the building) take a part of the first rents until they are used up.
          Income tax: on cash less depreciation, losses carried forward within the contract.
        - After the base term: leases, the last twelve months' NOI; GPU cloud, market NOI of its MW; x the share that goes on
          / exit cap rate, before tax.
        - NOI / cap rate: NOI of the first twelve months from today or from the start, before tax. MW not in service take the
          expected delay. Contract years are in hidden columns to the right.
        - Prepaid amounts by contract are computed by the run from each company's reported customer prepayments, and do not
          follow a changed cell. Method: {section(10)}.
    """)
