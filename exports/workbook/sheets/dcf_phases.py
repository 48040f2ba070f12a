"""Phases of valued contracts on the sheet DCF: discounted revenue, tax, residual and perpetuity of each."""

from __future__ import annotations

import numpy as np

from exports.workbook.sheets.dcf_flows import Flow, ahead, cells_of, to_come, year_cells, years
from exports.workbook.sheets.nav_common import analysis
from exports.workbook.sheets.phase_parts import parts
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.context import ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from valuation.contracts.arithmetic import DAYS_PER_YEAR
from valuation.contracts.terms import CLOUD

TIME, DISCOUNTED, VALUE = "Time (years)", "Discounted, whole phase ($m)", "Present value, after the delay ($m)"
COLUMNS = (
    Column("ticker", "Ticker"),
    Column("contract", "Contract"),
    Column("basis", "Basis of the date", "small"),
    Column("delivered", "In service (1 = yes)", "flag"),
    Column("share", "Share of MW (%)", "percent"),
    Column("to_start", "To start (years)", "years", section=TIME),
    Column("gone", "Elapsed (years)", "years", section=TIME),
    Column("year", "Contract years completed", "count", section=TIME),
    Column("left", "Left of the year in progress (years)", "years", section=TIME),
    Column("slip", "Delay (years)", "years", section=TIME),
    Column("wait", "To start, with delay (years)", "years", section=TIME),
    Column("part", "Part of the year left (%)", "percent", section=TIME),
    Column("due", "Revenue to come ($m)", "money"),
    Column("credits_due", "Rent credits to come ($m)", "money"),
    Column("forward", "NOI, twelve months ($m)", "money"),
    Column("revenue_own", "Revenue, tenant ($m)", "money", section=DISCOUNTED),
    Column("revenue_backed", "Revenue, guaranteed ($m)", "money", section=DISCOUNTED),
    Column("credits_own", "Rent credits, tenant ($m)", "money", section=DISCOUNTED),
    Column("credits_backed", "Rent credits, guaranteed ($m)", "money", section=DISCOUNTED),
    Column("tax_own", "Tax, tenant ($m)", "money", section=DISCOUNTED),
    Column("tax_backed", "Tax, guaranteed ($m)", "money", section=DISCOUNTED),
    Column("lasting", "NOI / cap rate ($m)", "money", section=VALUE),
    Column("before", "The same, no delay ($m)", "money", section=VALUE),
    Column("term", "Base term, before tax ($m)", "money", section=VALUE),
    Column("after", "After the base term ($m)", "money", section=VALUE),
    Column("tax", "Income tax ($m)", "money", section=VALUE),
)


def values(book: ScreenBook, flow: Flow, place: int) -> dict[str, float]:
    """Figures of one phase, $m, as the sheet computes them."""
    part, contract, a = parts(book)[place], flow.contract, analysis(book).assumptions
    start, n = part.starts_in_years, float(contract["term_years"])
    cloud, backed = contract["business"] == CLOUD, float(contract["supported_share"])
    gone, soon_in = max(0.0, -start), max(0.0, start)
    slip = 0.0 if part.delivered else a.delay_years
    year = float(np.floor(gone))
    lasts = min(1.0, n - year)
    left = max(0.0, lasts - (gone - year))
    runs = gone < n
    rates = {
        key: (a.cost_of_capital(contract[name], cloud=cloud), a.cap_rate(contract[name]))
        for key, name in (("own", "own_class"), ("backed", "guarantor_class"))
    }
    parts_ahead, middle = ahead(flow.lasts, start)
    out = {"to_start": start, "gone": gone, "year": year, "left": left, "slip": slip, "wait": soon_in + slip}
    out["part"] = left / lasts if runs else 0.0
    out["due"] = part.share * to_come(flow.lasts, flow.revenue, start)
    out["credits_due"] = part.share * to_come(flow.lasts, flow.credits, start)
    following = 0.0
    if n > year + 1 and runs:
        following = flow.revenue[int(year) + 1] * min(1.0, (gone - year) / min(1.0, n - year - 1))
    now = flow.revenue[int(year)] * out["part"] if runs else 0.0
    out["forward"] = float(part.share * contract["margin_used"] * (now + following))
    for key, (rate, _) in rates.items():
        factor = parts_ahead * (1 + rate) ** -(middle + slip)
        out[f"revenue_{key}"] = float(part.share * (flow.revenue * factor).sum())
        out[f"credits_{key}"] = float(part.share * (flow.credits * factor).sum())
        out[f"tax_{key}"] = float(part.share * (flow.tax * factor).sum())

    def blended(of: dict[str, float]) -> float:
        return backed * of["backed"] + (1 - backed) * of["own"]

    late = {key: (1 + rate) ** -out["wait"] for key, (rate, _) in rates.items()}
    soon = {key: (1 + rate) ** -soon_in for key, (rate, _) in rates.items()}
    for key, discount in (("lasting", late), ("before", soon)):
        worth = {k: out["forward"] / rates[k][1] * discount[k] for k in rates}
        out[key] = 0.0 if cloud else blended(worth)
    out["term"] = flow.cash_margin * blended({k: out[f"revenue_{k}"] for k in rates})
    out["term"] -= blended({k: out[f"credits_{k}"] for k in rates})
    out["tax"] = -blended({k: out[f"tax_{k}"] for k in rates}) + 0.0
    ends = {k: (1 + rate) ** -(start + n + slip) for k, (rate, _) in rates.items()}
    goes_on = part.share * flow.last_noi(a) * a.residual_share / a.cap_rate_exit
    out["after"] = goes_on * blended(ends) if runs else 0.0
    return out


def write(book: ScreenBook, sheet: Sheet, contracts: TableRange, flows: dict[int, Flow]) -> None:
    """Write the table."""
    table = book.ranges["dcf_phases"]
    sheet.label(table.first - 3, 0, "Phases of the valued contracts, by holder", "section")
    sheet.header(table, widths=False, height=46)
    for k, flow in flows.items():
        for j, place in enumerate(flow.phases):
            _phase(book, sheet.record(table, flow.first + j), contracts, k, flow, place)


def _phase(book: ScreenBook, record: Record, contracts: TableRange, k: int, flow: Flow, place: int) -> None:
    at, a, there, part = record.at, book.assumption, book.ranges["phases"], parts(book)[place]
    value, count = values(book, flow, place), years(book)
    record.company(flow.contract["ticker"], flow.contract["contract_id"])
    record.text("basis", part.basis, "small")
    record.formula("delivered", there.link("delivered", place), float(part.delivered))
    record.formula("share", there.link("share", place), part.share)

    def of(key: str) -> str:
        return contracts.at(key, k)

    n = of("term")
    put = {key: lambda formula, key=key: record.formula(key, formula, value[key]) for key in value}
    put["to_start"](f"({there.link('start', place)}-{a('as_of')})/{DAYS_PER_YEAR}")
    put["gone"](f"MAX(0,-{at('to_start')})")
    put["year"](f"INT({at('gone')})")
    put["left"](f"MAX(0,MIN(1,{n}-{at('year')})-({at('gone')}-{at('year')}))")
    put["slip"](f"IF({at('delivered')}=1,0,{a('delay_years')})")
    put["wait"](f"MAX(0,{at('to_start')})+{at('slip')}")
    put["part"](f"IF({at('gone')}<{n},{at('left')}/MIN(1,{n}-{at('year')}),0)")
    cells, year = year_cells(contracts, count), at("year")
    revenue, credits, tax = (cells_of(contracts, k, key, count) for key in ("revenue", "credits", "tax"))
    wide = cells_of(contracts, k, "revenue", count + 1)

    def now(row: str) -> str:
        # With row and column: of a single place in one row Gnumeric makes the row.
        return f"INDEX({row},1,MIN({year}+1,{count}))*{at('part')}"

    put["due"](f"{at('share')}*(SUMPRODUCT(({cells}>{year})*{revenue})+{now(revenue)})")
    put["credits_due"](f"{at('share')}*(SUMPRODUCT(({cells}>{year})*{credits})+{now(credits)})")
    following = f"INDEX({wide},1,MIN({year}+2,{count + 1}))*MIN(1,({at('gone')}-{year})/MIN(1,{n}-{year}-1))"
    following = f"IF(AND({at('gone')}<{n},{n}>{year}+1),{following},0)"
    put["forward"](f"{at('share')}*{of('margin')}*({now(revenue)}+{following})")
    middle = f"({cells}+0.5-({cells}+1>{n})*({cells}+1-{n})/2)"
    for key in ("own", "backed"):
        rate = of(f"rate_{key}")
        for what, row in (("revenue", revenue), ("credits", credits), ("tax", tax)):
            later = f"(1+{rate})^{at('gone')}*SUMPRODUCT(({cells}>{year})*{row}*(1+{rate})^-{middle})"
            first = f"{now(row)}*(1+{rate})^-({at('left')}/2)"
            put[f"{what}_{key}"](f"{at('share')}*({later}+{first})*(1+{rate})^-{at('wait')}")

    backed = of("backed")

    def blended(own: str, guaranteed: str) -> str:
        return f"{backed}*{guaranteed}+(1-{backed})*{own}"

    for key, delay in (("lasting", at("wait")), ("before", f"MAX(0,{at('to_start')})")):
        worth = [f"{at('forward')}/{of(f'cap_{who}')}*(1+{of(f'rate_{who}')})^-{delay}" for who in ("own", "backed")]
        put[key](f"0*{at('forward')}" if flow.contract["business"] == CLOUD else blended(*worth))
    earned = f"{of('cash_margin')}*({blended(at('revenue_own'), at('revenue_backed'))})"
    put["term"](f"{earned}-({blended(at('credits_own'), at('credits_backed'))})")
    put["tax"](f"-({blended(at('tax_own'), at('tax_backed'))})")
    ends = [f"(1+{of(f'rate_{who}')})^-({at('to_start')}+{n}+{at('slip')})" for who in ("own", "backed")]
    goes_on = f"{at('share')}*{of('last')}*{a('residual_share')}/{a('cap_rate_exit')}*({blended(*ends)})"
    put["after"](f"IF({at('gone')}<{n},{goes_on},0)")
