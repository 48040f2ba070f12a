"""What each contract is worth, live: rent over cap rate, the rest of the term, what goes on after it, cost to spend."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from exports.workbook.sheets.backlog import MIDDLE_ROW
from exports.workbook.sheets.nav_common import (
    CLASS_WORDS,
    WORDS,
    contract_row,
    of_class,
    scheduled,
    serial,
    start,
    worth,
)
from exports.workbook.writer.cells import MILLION, Column, Grid, Sheet, cell, is_unknown
from exports.workbook.writer.context import NAV, Book
from valuation.contracts.terms import CLOUD
from valuation.fundamentals.contract_schedule import DAYS_PER_YEAR

CREDIT, TIME, WORTH, COST = "Credit", "Time (years)", "Worth today, after the slip ($m)", "Cost ($m)"
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("contract", "Contract"),
    Column("held", "Held through, or why not valued", "small"),
    Column("own", "Own contract (1 = yes)", "flag"),
    Column("valued", "Valued (1 = yes)", "flag"),
    Column("business", "Business", "small"),
    Column("own_class", "Own class", "small", section=CREDIT),
    Column("backed_class", "Class of the guarantor", "small", section=CREDIT),
    Column("backed", "Backed (%)", "percent", section=CREDIT),
    Column("start", "Start", "date", section=TIME),
    Column("to_start", "To start (years)", "years", section=TIME),
    Column("slip", "Slip (years)", "years", section=TIME),
    Column("noi", "NOI of twelve months ($m)", "money"),
    Column("cap_own", "Cap rate, own (%)", "percent"),
    Column("cap_backed", "Cap rate, backed (%)", "percent"),
    Column("rate_own", "Cost of capital, own (%)", "percent"),
    Column("rate_backed", "Cost of capital, backed (%)", "percent"),
    Column("lasting", "Lasting: NOI / cap rate ($m)", "money", section=WORTH),
    Column("term", "Rest of the base term ($m)", "money", section=WORTH),
    Column("after", "After the base term ($m)", "money", section=WORTH),
    Column("cash_on", "Cash counted on (date)", "date", section=COST),
    Column("announced", "Announced, owner's share ($m)", "money", section=COST),
    Column("tenant", "Tenant pays most (1 = yes)", "flag", section=COST),
    Column("building", "Building ($m)", "money", section=COST),
    Column("gpus", "GPUs ($m)", "money", section=COST),
    Column("spend", "Still to spend ($m)", "money", section=COST),
)


def rows(book: Book) -> list[dict[str, Any]]:
    """Contracts by who holds them, valued or not, in the order of the companies."""
    frame = worth(book).nav.contracts
    frame = frame.assign(_row=frame["ticker"].map(book.row_of), _at=np.arange(len(frame))).dropna(subset="_row")
    ordered = frame.sort_values(["_row", "start_used", "contract_id"], kind="stable")
    return ordered.astype(object).to_dict("records")


def grid(book: Book, first: int) -> Grid:
    """Where the table stands."""
    return Grid(NAV, COLUMNS, first, len(rows(book)))


def write(book: Book, sheet: Sheet) -> None:
    """Write the table."""
    table, records = book.grids["nav_contracts"], rows(book)
    sheet.words(
        table.first - 3, 0, "Contracts: what each is worth and still costs, owner's share, by who holds it", "section"
    )
    sheet.header(table, widths=False, height=46)
    links = contract_row(book)
    position = {r["contract_id"]: k for k, r in enumerate(scheduled(book).rows)}
    for k, record in enumerate(records):
        _identity(book, sheet, table, k, record, links[record["contract_id"]])
        _cost(book, sheet, table, k, record, links[record["contract_id"]])
        _worth(book, sheet, table, k, record, position.get(record["contract_id"]))


def _identity(book: Book, sheet: Sheet, table: Grid, k: int, record: dict[str, Any], link: int) -> None:
    row, at = table.first + k, lambda key: table.at(key, k)
    through = record["held_through"]
    sheet.text(row, 0, record["ticker"], bold=True)
    sheet.text(row, 1, record["contract_id"], "name")
    told = [f"through {through}" if through else "", f"not valued: {record['left_out']}" if record["left_out"] else ""]
    sheet.text(row, 2, "; ".join(filter(None, told)), "small")
    sheet.input(row, table.index("own"), float(not through), "flag")
    sheet.input(row, table.index("valued"), float(not record["left_out"]), "flag")
    sheet.text(row, table.index("business"), WORDS[record["business"]], "small")
    sheet.text(row, table.index("own_class"), CLASS_WORDS[record["own_class"]], "small")
    sheet.text(row, table.index("backed_class"), CLASS_WORDS[record["guarantor_class"]], "small")
    sheet.input(row, table.index("backed"), record["supported_share"], "percent")
    status = "proxy" if record["start_is_assumed"] else "ok"
    sheet.formula(
        row, table.index("start"), start(book, record, link), serial(record["start_used"]), "date", status=status
    )
    ahead = f"({at('start')}-{book.assumption('as_of')})/{DAYS_PER_YEAR}"
    sheet.formula(row, table.index("to_start"), ahead, record["years_to_start"], "years")
    delay = worth(book).assumptions.delay_years
    value = delay if record["years_to_start"] > 0 else 0.0
    sheet.formula(
        row, table.index("slip"), f"IF({at('to_start')}>0,{book.assumption('delay_years')},0)", value, "years"
    )


def _cost(book: Book, sheet: Sheet, table: Grid, k: int, record: dict[str, Any], link: int) -> None:
    row, at, a = table.first + k, lambda key: table.at(key, k), book.assumption
    cash_on = (
        worth(book)
        .basis.inputs.periods["cash"]
        .get((book.screen.as_of, record["ticker"] if not record["held_through"] else record["held_through"]))
    )
    counted = book.screen.as_of if is_unknown(cash_on) or cash_on > book.screen.as_of else pd.Timestamp(cash_on)
    sheet.input(row, table.index("cash_on"), counted, "date")
    announced = record["capex_usd"] * record["owner_share"] if not is_unknown(record["capex_usd"]) else None
    sheet.input(row, table.index("announced"), None if announced is None else announced / MILLION, "money")
    sheet.input(row, table.index("tenant"), float(bool(record["tenant_builds"])), "flag")
    cloud = record["business"] == CLOUD
    mw = book.grids["contracts"].link("mw", link)
    per = a("capex_gpu_cloud_usd_per_mw") if cloud else a("capex_lease_usd_per_mw")
    stated = f"ISNUMBER({at('announced')})"
    own = f"IF(AND({at('tenant')}=1,NOT({stated})),1-{a('tenant_paid_share')},1)"
    overrun = f"N({mw})*{a('capex_overrun_usd_per_mw')}/10^6*{own}"
    assumed = f'IF(ISNUMBER({mw}),MAX(0,{mw}*{per}/10^6*{own}+{overrun}),"n/a")'
    formula = assumed if cloud else f"IF({stated},MAX(0,{at('announced')}+{overrun}),{assumed})"
    basis = "ok" if record["capex_basis"] == "announced" else "proxy"

    def put(key: str, formula: str, value: Any, status: str = "ok") -> None:
        sheet.formula(
            row, table.index(key), formula, None if is_unknown(value) else value / MILLION, "money", status=status
        )

    put("building", formula, record["building_capex_usd"], basis)
    gpus = (
        f'IF({stated},{at("announced")},IF(ISNUMBER({mw}),{mw}*{a("capex_gpus_usd_per_mw")}/10^6,"n/a"))'
        if cloud
        else "0"
    )
    put("gpus", gpus, record["gpu_capex_usd"], "proxy" if cloud and announced is None else "ok")
    ahead = f"MAX(0,({at('start')}-{at('cash_on')})/{DAYS_PER_YEAR})"
    left = f"{at('building')}*MIN({ahead}/{a('build_years')},1)+{at('gpus')}*MIN({ahead}/{a('gpu_purchase_years')},1)"
    put("spend", f'IF({at("start")}<={at("cash_on")},0,IF(COUNT({at("building")},{at("gpus")})=2,{left},"n/a"))',
        record["capex_to_spend_usd"], basis)  # fmt: skip


def _worth(book: Book, sheet: Sheet, table: Grid, k: int, record: dict[str, Any], position: int | None) -> None:
    row, at, a = table.first + k, lambda key: table.at(key, k), book.assumption
    assumptions, cloud = worth(book).assumptions, record["business"] == CLOUD
    rates = {}
    for key, name in (("own", "own_class"), ("backed", "guarantor_class")):
        here = at(f"{key}_class")
        cap = assumptions.cap_rate(record[name])
        rates[key] = assumptions.cost_of_capital(record[name], cloud=cloud)
        sheet.formula(row, table.index(f"cap_{key}"), of_class(book, here, "cap_rate"), cap, "percent")
        premium = f"+{a('cost_of_capital_cloud_premium')}" if cloud else ""
        formula = f"{of_class(book, here, 'cost_of_capital')}{premium}"
        sheet.formula(row, table.index(f"rate_{key}"), formula, rates[key], "percent")
    if record["left_out"] or position is None:
        for key in ("noi", "lasting", "term", "after"):
            sheet.words(row, table.index(key), "n/a", "unknown")
        return
    there = book.grids["backlog"]
    values = _slipped(book, record, assumptions.delay_years if record["years_to_start"] > 0 else 0.0)
    noi = f"{there.link('forward', position)}*{there.link('margin', position)}"
    sheet.formula(row, table.index("noi"), noi, values["forward"] / MILLION, "money")
    wait = f"(MAX(0,{at('to_start')})+IF({at('to_start')}>0,{assumptions.ramp_years / 2:g},0)+{at('slip')})"

    def blended(worth_at: Any) -> str:
        backed, own = worth_at("backed"), worth_at("own")
        return f"{at('backed')}*{backed}+(1-{at('backed')})*{own}"

    lasting = blended(lambda key: f"{at('noi')}/{at(f'cap_{key}')}*(1+{at(f'rate_{key}')})^-{wait}")
    sheet.formula(row, table.index("lasting"), "0" if cloud else lasting, values["perpetuity"] / MILLION, "money")
    years = scheduled(book).years
    first, last = there.index(f"y{years[0]}"), there.index(f"y{years[-1]}")
    paid = f"{there.link(f'y{years[0]}', position)}:{there.at(f'y{years[-1]}', position)}"
    middle = f"{cell(MIDDLE_ROW, first, sheet=there.sheet)}:{cell(MIDDLE_ROW, last)}"
    margin = there.link("margin", position)
    term = blended(lambda key: f"SUMPRODUCT({paid}*(1+{at(f'rate_{key}')})^-({middle}+{at('slip')}))")
    sheet.formula(row, table.index("term"), f"{margin}*({term})", values["term"] / MILLION, "money")
    gone = f"MAX(0,-{at('to_start')})"
    left = f"MAX(0,{there.link('term', position)}-{gone})"
    mw = book.grids["contracts"].link("mw", contract_row(book)[record["contract_id"]])
    goes_on = f"N({mw})*{a('market_noi_usd_per_mw')}/10^6" if cloud else f"{there.link('last', position)}*{margin}"
    after = blended(lambda key: f"(1+{at(f'rate_{key}')})^-({left}+{wait})")
    formula = f"IF({left}>0,{goes_on}*{a('residual_share')}/{a('cap_rate_exit')}*({after}),0)"
    sheet.formula(row, table.index("after"), formula, values["residual"] / MILLION, "money")


def _slipped(book: Book, record: dict[str, Any], delay: float) -> dict[str, float]:
    """Value by flow of one contract over its credit classes after the slip, USD."""
    found = worth(book).nav.by_class
    mine = found[found.index.get_level_values("row") == record["_at"]]
    late = (1 + mine["cost_of_capital"]) ** -delay
    out = {name: float((mine[f"{name}_usd"] * late).sum()) for name in ("perpetuity", "term", "residual")}
    return out | {"forward": float(mine["forward_noi_usd"].sum())}
