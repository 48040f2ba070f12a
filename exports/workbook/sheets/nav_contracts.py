"""Net asset value by contract: income over cap rate, discounted base term, residual value and capex to complete."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from exports.workbook.sheets.backlog import MID_YEAR_ROW
from exports.workbook.sheets.nav_common import (
    BUSINESSES,
    CLASS_LABELS,
    analysis,
    of_class,
    scheduled,
    serial,
    start,
)  # fmt: skip
from exports.workbook.writer.cells import MILLION, Column, Record, Sheet, TableRange, cell, is_unknown, scaled
from exports.workbook.writer.context import NAV, ScreenBook
from valuation.contracts.arithmetic import DAYS_PER_YEAR
from valuation.contracts.terms import CLOUD

CREDIT, TIME, VALUE, COST = "Credit", "Time (years)", "Present value, after the delay ($m)", "Capex ($m)"
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("contract", "Contract"),
    Column("held", "Held through, or why not valued", "small"),
    Column("own", "Own contract (1 = yes)", "flag"),
    Column("valued", "Valued (1 = yes)", "flag"),
    Column("business", "Business", "small"),
    Column("own_class", "Credit class of the tenant", "small", section=CREDIT),
    Column("backed_class", "Credit class of the guarantor", "small", section=CREDIT),
    Column("backed", "Guaranteed (%)", "percent", section=CREDIT),
    Column("start", "Start", "date", section=TIME),
    Column("to_start", "To start (years)", "years", section=TIME),
    Column("slip", "Delay (years)", "years", section=TIME),
    Column("noi", "NOI, next twelve months ($m)", "money"),
    Column("cap_own", "Cap rate, tenant (%)", "percent"),
    Column("cap_backed", "Cap rate, guaranteed (%)", "percent"),
    Column("rate_own", "Cost of capital, tenant (%)", "percent"),
    Column("rate_backed", "Cost of capital, guaranteed (%)", "percent"),
    Column("lasting", "NOI / cap rate ($m)", "money", section=VALUE),
    Column("term", "Remaining base term ($m)", "money", section=VALUE),
    Column("after", "Residual after the base term ($m)", "money", section=VALUE),
    Column("cash_on", "Date of the cash figure", "date", section=COST),
    Column("announced", "Announced, owner's share ($m)", "money", section=COST),
    Column("tenant", "Tenant pays most (1 = yes)", "flag", section=COST),
    Column("building", "Building ($m)", "money", section=COST),
    Column("gpus", "GPUs ($m)", "money", section=COST),
    Column("spend", "To complete ($m)", "money", section=COST),
)


def rows(book: ScreenBook) -> list[dict[str, Any]]:
    """Contracts by holder, valued or not, in the order of the companies."""
    frame = analysis(book).nav.contracts
    frame = frame.assign(_row=frame["ticker"].map(book.row_of), _at=np.arange(len(frame))).dropna(subset="_row")
    ordered = frame.sort_values(["_row", "start_used", "contract_id"], kind="stable")
    return ordered.astype(object).to_dict("records")


def table_range(book: ScreenBook, first: int) -> TableRange:
    """Where the table stands."""
    return TableRange(NAV, COLUMNS, first, len(book.once(rows)))


def write(book: ScreenBook, sheet: Sheet) -> None:
    """Write the table."""
    table = book.ranges["nav_contracts"]
    title = "Contracts: present value and capex to complete, owner's share, by holder"
    sheet.label(table.first - 3, 0, title, "section")
    sheet.header(table, widths=False, height=46)
    position = {r["contract_id"]: k for k, r in enumerate(scheduled(book).rows)}
    flows = _flows(book)
    for k, contract in enumerate(book.once(rows)):
        record, link = sheet.record(table, k), book.contract_row[contract["contract_id"]]
        _identity(book, record, contract, link)
        _cost(book, record, contract, link)
        _value(book, record, contract, position.get(contract["contract_id"]), flows.get(contract["_at"]))


def _identity(book: ScreenBook, record: Record, contract: dict[str, Any], link: int) -> None:
    at, through, excluded = record.at, contract["held_through"], contract["left_out"]
    record.company(contract["ticker"], contract["contract_id"])
    how = [f"through {through}" if through else "", f"not valued: {excluded}" if excluded else ""]
    record.text("held", "; ".join(filter(None, how)), "small")
    record.input("own", float(not through))
    record.input("valued", float(not excluded))
    record.text("business", BUSINESSES[contract["business"]], "small")
    record.text("own_class", CLASS_LABELS[contract["own_class"]], "small")
    record.text("backed_class", CLASS_LABELS[contract["guarantor_class"]], "small")
    record.input("backed", contract["supported_share"])
    status = "proxy" if contract["start_is_assumed"] else "ok"
    record.formula("start", start(book, contract, link), serial(contract["start_used"]), status=status)
    ahead = f"({at('start')}-{book.assumption('as_of')})/{DAYS_PER_YEAR}"
    record.formula("to_start", ahead, contract["years_to_start"])
    delay = analysis(book).assumptions.delay_years if contract["years_to_start"] > 0 else 0.0
    record.formula("slip", f"IF({at('to_start')}>0,{book.assumption('delay_years')},0)", delay)


def _cost(book: ScreenBook, record: Record, contract: dict[str, Any], link: int) -> None:
    at, a, as_of = record.at, book.assumption, book.screen.as_of
    holder = contract["held_through"] or contract["ticker"]
    cash_on = analysis(book).basis.inputs.periods["cash"].get((as_of, holder))
    record.input("cash_on", as_of if is_unknown(cash_on) or cash_on > as_of else pd.Timestamp(cash_on))
    announced = None if is_unknown(contract["capex_usd"]) else contract["capex_usd"] * contract["owner_share"]
    record.input("announced", scaled(announced))
    record.input("tenant", float(bool(contract["tenant_builds"])))
    cloud = contract["business"] == CLOUD
    mw = book.ranges["contracts"].link("mw", link)
    per = a("capex_gpu_cloud_usd_per_mw") if cloud else a("capex_lease_usd_per_mw")
    stated = f"ISNUMBER({at('announced')})"
    own = f"IF(AND({at('tenant')}=1,NOT({stated})),1-{a('tenant_paid_share')},1)"
    overrun = f"N({mw})*{a('capex_overrun_usd_per_mw')}/10^6*{own}"
    assumed = f'IF(ISNUMBER({mw}),MAX(0,{mw}*{per}/10^6*{own}+{overrun}),"n/a")'
    formula = assumed if cloud else f"IF({stated},MAX(0,{at('announced')}+{overrun}),{assumed})"
    basis = "ok" if contract["capex_basis"] == "announced" else "proxy"
    record.formula("building", formula, scaled(contract["building_capex_usd"]), status=basis)
    per_mw = f'IF(ISNUMBER({mw}),{mw}*{a("capex_gpus_usd_per_mw")}/10^6,"n/a")' if cloud else ""
    gpus = f"IF({stated},{at('announced')},{per_mw})" if cloud else "0"
    status = "proxy" if cloud and announced is None else "ok"
    record.formula("gpus", gpus, scaled(contract["gpu_capex_usd"]), status=status)
    ahead = f"MAX(0,({at('start')}-{at('cash_on')})/{DAYS_PER_YEAR})"
    left = f"{at('building')}*MIN({ahead}/{a('build_years')},1)+{at('gpus')}*MIN({ahead}/{a('gpu_purchase_years')},1)"
    known = f'IF(COUNT({at("building")},{at("gpus")})=2,{left},"n/a")'
    spend = f"IF({at('start')}<={at('cash_on')},0,{known})"
    record.formula("spend", spend, scaled(contract["capex_to_spend_usd"]), status=basis)


def _value(
    book: ScreenBook, record: Record, contract: dict[str, Any], position: int | None, flows: np.ndarray | None
) -> None:
    at, a = record.at, book.assumption
    assumptions, cloud = analysis(book).assumptions, contract["business"] == CLOUD
    for key, name in (("own", "own_class"), ("backed", "guarantor_class")):
        here = at(f"{key}_class")
        record.formula(f"cap_{key}", of_class(book, here, "cap_rate"), assumptions.cap_rate(contract[name]))
        premium = f"+{a('cost_of_capital_cloud_premium')}" if cloud else ""
        rate = assumptions.cost_of_capital(contract[name], cloud=cloud)
        record.formula(f"rate_{key}", f"{of_class(book, here, 'cost_of_capital')}{premium}", rate)
    if contract["left_out"] or position is None:
        for key in ("noi", "lasting", "term", "after"):
            record.sheet.label(record.row, record.area.index(key), "n/a", "unknown")
        return
    there = book.ranges["backlog"]
    values = _delayed(flows, assumptions.delay_years if contract["years_to_start"] > 0 else 0.0)
    noi = f"{there.link('forward', position)}*{there.link('margin', position)}"
    record.formula("noi", noi, values["forward"])
    wait = f"(MAX(0,{at('to_start')})+IF({at('to_start')}>0,{assumptions.ramp_years / 2:g},0)+{at('slip')})"

    def blended(value_at: Any) -> str:
        return f"{at('backed')}*{value_at('backed')}+(1-{at('backed')})*{value_at('own')}"

    lasting = blended(lambda key: f"{at('noi')}/{at(f'cap_{key}')}*(1+{at(f'rate_{key}')})^-{wait}")
    record.formula("lasting", "0" if cloud else lasting, values["perpetuity"])
    years = scheduled(book).years
    first, last = there.index(f"y{years[0]}"), there.index(f"y{years[-1]}")
    paid = f"{there.link(f'y{years[0]}', position)}:{there.at(f'y{years[-1]}', position)}"
    mid_year = f"{cell(MID_YEAR_ROW, first, sheet=there.sheet)}:{cell(MID_YEAR_ROW, last)}"
    margin = there.link("margin", position)
    term = blended(lambda key: f"SUMPRODUCT({paid}*(1+{at(f'rate_{key}')})^-({mid_year}+{at('slip')}))")
    record.formula("term", f"{margin}*({term})", values["term"])
    gone = f"MAX(0,-{at('to_start')})"
    left = f"MAX(0,{there.link('term', position)}-{gone})"
    mw = book.ranges["contracts"].link("mw", book.contract_row[contract["contract_id"]])
    goes_on = f"N({mw})*{a('market_noi_usd_per_mw')}/10^6" if cloud else f"{there.link('last', position)}*{margin}"
    after = blended(lambda key: f"(1+{at(f'rate_{key}')})^-({left}+{wait})")
    formula = f"IF({left}>0,{goes_on}*{a('residual_share')}/{a('cap_rate_exit')}*({after}),0)"
    record.formula("after", formula, values["residual"])


FLOWS = ("perpetuity", "term", "residual")


def _flows(book: ScreenBook) -> dict[Any, np.ndarray]:
    """Value by credit class of each contract: rows of (cost of capital, perpetuity, term, residual, forward NOI)."""
    found = analysis(book).nav.by_class
    names = ["cost_of_capital", *(f"{name}_usd" for name in FLOWS), "forward_noi_usd"]
    values, position = found[names].to_numpy(dtype=float), found.index.get_level_values("row").to_numpy()
    return {row: values[position == row] for row in set(position.tolist())}


def _delayed(flows: np.ndarray | None, delay: float) -> dict[str, float]:
    """Value by flow of one contract over its credit classes after the delay, $m."""
    flows = np.zeros((0, 5)) if flows is None else flows
    late = (1 + flows[:, 0]) ** -delay
    out = {name: float((flows[:, k] * late).sum()) for k, name in enumerate(FLOWS, start=1)}
    return {name: value / MILLION for name, value in (out | {"forward": float(flows[:, 4].sum())}).items()}
