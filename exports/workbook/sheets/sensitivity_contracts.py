"""Signed leases on the sheet Sensitivity: NOI by who pays, discounted to today, which a cap rate turns into a value."""

from __future__ import annotations

from typing import Any

from exports.workbook.sheets import dcf_phases
from exports.workbook.sheets.dcf_flows import Flow, flows
from exports.workbook.sheets.nav_common import analysis
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import ScreenBook
from exports.workbook.writer.ranges import Column
from exports.workbook.writer.values import MILLION
from valuation.contracts.terms import CLOUD

NOW, BEFORE = "NOI a year, discounted to its start ($m)", "The same, no delay ($m)"
COLUMNS = (
    Column("ticker", "Ticker", "text"), Column("contract", "Signed lease", "small"),
    Column("cap_own", "Cap rate, tenant (%)", "percent"), Column("cap_backed", "Cap rate, guaranteed (%)", "percent"),
    Column("own", "Tenant ($m)", "money", section=NOW), Column("backed", "Guaranteed ($m)", "money", section=NOW),
    Column("own_before", "Tenant, no delay ($m)", "money", section=BEFORE),
    Column("backed_before", "Guaranteed, no delay ($m)", "money", section=BEFORE),
    Column("paid", "Prepaid and rent credits ($m)", "money"),
)  # fmt: skip
LEAST = 0.001  # a cap rate stays above a tenth of a percent


def leases(book: ScreenBook) -> dict[int, Flow]:
    """Valued leases by their position on the sheet DCF."""
    return {k: flow for k, flow in flows(book).items() if flow.contract["business"] != CLOUD}


def after(book: ScreenBook, ticker: str, business: str = "") -> float:
    """Value of a company's valued contracts after their base terms, $m."""
    return sum(
        dcf_phases.values(book, flow, place)["after"]
        for flow in flows(book).values()
        if flow.contract["ticker"] == ticker and business in ("", flow.contract["business"])
        for place in flow.phases
    )


def write(book: ScreenBook, sheet: Sheet) -> None:
    """Write the table."""
    area, contracts, phases = book.ranges["two_way_leases"], book.ranges["dcf"], book.ranges["dcf_phases"]
    sheet.header(area, widths=False, height=36)
    if not leases(book):
        sheet.label(area.first, 1, "no lease signed", "note")
    found = book.once(_pieces)
    for j, (k, flow) in enumerate(leases(book).items()):
        record, value = sheet.record(area, j), found[j]
        record.formula("ticker", contracts.link("ticker", k), str(flow.contract["ticker"]), bold=True)
        record.formula("contract", contracts.link("contract", k), str(flow.contract["contract_id"]), kind="text")
        ends = flow.first, flow.first + len(flow.phases) - 1

        def span(key: str, ends: tuple[int, int] = ends) -> str:
            return f"{phases.link(key, ends[0])}:{phases.at(key, ends[1])}"

        parts = {"own": f"(1-{contracts.link('backed', k)})", "backed": contracts.link("backed", k)}
        for who, part in parts.items():
            record.formula(f"cap_{who}", contracts.link(f"cap_{who}", k), value[f"cap_{who}"])
            rate, forward = f"(1+{contracts.link(f'rate_{who}', k)})", span("forward")
            ahead = f"({span('to_start')}>0)*{span('to_start')}"
            record.formula(who, f"{part}*SUMPRODUCT({forward}*{rate}^-{span('wait')})", value[who])
            record.formula(f"{who}_before", f"{part}*SUMPRODUCT({forward}*{rate}^-({ahead}))", value[f"{who}_before"])
        record.formula("paid", f"{contracts.link('credited', k)}+{contracts.link('credits_due', k)}", value["paid"])


def _pieces(book: ScreenBook) -> list[dict[str, Any]]:
    a, out = analysis(book).assumptions, []
    for flow in leases(book).values():
        contract, row = flow.contract, {"ticker": flow.contract["ticker"]}
        backed = float(contract["supported_share"])
        phases = [dcf_phases.values(book, flow, place) for place in flow.phases]
        for who, name, part in (("own", "own_class", 1 - backed), ("backed", "guarantor_class", backed)):
            rate = 1 + a.cost_of_capital(contract[name], cloud=False)
            row[f"cap_{who}"] = a.cap_rate(contract[name])
            row[who] = part * sum(one["forward"] * rate ** -one["wait"] for one in phases)
            row[f"{who}_before"] = part * sum(one["forward"] * rate ** -max(0.0, one["to_start"]) for one in phases)
        row["paid"] = float(contract["credited_usd"]) / MILLION + flow.credits_due
        out.append(row)
    return out


def values(book: ScreenBook, ticker: str, points: float) -> tuple[float, float]:
    """Leases at NOI over cap rate and, negative, prepaid rent not earned, with every cap rate changed, $m."""
    total = unearned = 0.0
    for row in (row for row in book.once(_pieces) if row["ticker"] == ticker):
        own, backed = (max(LEAST, row[f"cap_{who}"] + points) for who in ("own", "backed"))
        total += row["own"] / own + row["backed"] / backed
        unearned += min(row["paid"], row["own_before"] / own + row["backed_before"] / backed)
    return total, 0.0 - unearned


def formulas(book: ScreenBook, ticker: str, shift: str) -> tuple[str, str]:
    """The two figures of `values` as formulas over the table, for a ticker's cell and a cell of points."""
    area = book.ranges["two_way_leases"]
    if not leases(book):
        return "0*1", "0*1"
    mine = f"({area.span('ticker')}={ticker})"
    own, backed = (_at_least(f"({area.span(f'cap_{who}')}+{shift})") for who in ("own", "backed"))

    def worth(suffix: str) -> str:
        return f"({area.span(f'own{suffix}')}/{own}+{area.span(f'backed{suffix}')}/{backed})"

    paid, before = area.span("paid"), worth("_before")
    # The smaller of the two row by row: MIN would give one figure for all rows.
    least = f"(({paid}<={before})*{paid}+({paid}>{before})*{before})"
    return f"SUMPRODUCT({mine}*{worth('')})", f"-SUMPRODUCT({mine}*{least})"


def _at_least(rate: str) -> str:
    return f"(({rate}>{LEAST})*{rate}+({rate}<={LEAST})*{LEAST})"
