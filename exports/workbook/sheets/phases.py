"""Phases: the tranches in which the MW of each contract come into service, with backlog, revenue and capex of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from exports.workbook.sheets.phase_parts import (
    AFTER_ASSUMED,
    AFTER_PHASES,
    AFTER_START,
    DATED,
    OVERDUE,
    Part,
    parts,
)
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import CONTRACTS, FIRST, PHASES, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange, cell
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import is_unknown, scaled, serial
from valuation.contracts.arithmetic import DAYS_PER_YEAR

WHEN, LINKED = "When", "This part of the contract, owner's share"
REVENUE, COST = "Revenue at the owner's share", "Capex to spend"
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("contract", "Contract", width=41),
    Column("basis", "Basis of the date", "small", 30),
    Column("after", "After the start (days)", "years", 8, WHEN),
    Column("day", "Date", "date", 10, WHEN),
    Column("delivered", "In service (1 = yes)", "flag", 7.5, WHEN),
    Column("start", "Start used", "date", 10, WHEN),
    Column("share", "Share of the contract's MW (%)", "percent", 9, LINKED),
    Column("mw", "Critical IT (MW)", "mw", 8, LINKED),
    Column("value", "Total value ($m)", "money", 9.5, LINKED),
    Column("term", "Term (years)", "years", 7, LINKED),
    Column("escalator", "Escalator used (%)", "percent", 8, LINKED),
    Column("first", "First-year revenue ($m)", "money", 9, LINKED),
    Column("gone", "Elapsed (years)", "years", 7.5, REVENUE),
    Column("earned", "Earned so far ($m)", "money", 9, REVENUE),
    Column("backlog", "Backlog ($m)", "money", 9.5, REVENUE),
    Column("gone_next", "Elapsed in a year (years)", "years", 8, REVENUE),
    Column("earned_next", "Earned in a year ($m)", "money", 9, REVENUE),
    Column("ntm", "Next twelve months ($m)", "money", 9, REVENUE),
    Column("ahead", "Cash date to start (years)", "years", 8.5, COST),
    Column("building", "Building ($m)", "money", 9, COST),
    Column("gpus", "GPUs ($m)", "money", 9, COST),
)
OVERDUE_ROW, OVERDUE_COLUMN = 4, 6
STEPS = "Revenue earned by the first day of the year"


def years(book: ScreenBook) -> Sequence[int]:
    """Calendar years whose first day gets a column of revenue earned: those of the sheet Backlog, where it is written."""
    if book.screen.nav is None:
        return ()
    from exports.workbook.sheets.nav_common import scheduled

    plan = scheduled(book).years
    return [*plan[1:], plan[-1] + 1]


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the tranches."""
    steps = (Column(f"by_{year}", f"By {year} ($m)", "money", 8, STEPS) for year in years(book))
    return {"phases": TableRange(PHASES, (*COLUMNS, *steps), FIRST + 1, len(parts(book)))}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area = book.sheet(PHASES), book.ranges["phases"]
    book.heading(
        sheet,
        PHASES,
        "Parts of contracts by the day on which their MW are in service; each runs its own full base term.",
    )
    sheet.label(OVERDUE_ROW, 0, "A date that has passed without a delivery moves to the as-of date plus (days)", "note")
    sheet.static(OVERDUE_ROW, OVERDUE_COLUMN, book.screen.assumptions.ramp_years / 2 * DAYS_PER_YEAR, "years")
    sheet.header(area, height=46)
    for year in years(book):
        sheet.input(OVERDUE_ROW, area.index(f"by_{year}"), pd.Timestamp(year=year, month=1, day=1), "date")
    if not parts(book):
        sheet.label(area.first, 1, "no contract in force", "note")
    for k, part in enumerate(parts(book)):
        record = sheet.record(area, k)
        _when(book, sheet, record, part)
        _revenue(book, record, part)
        _cost(book, record, part)
        if years(book):
            _steps(book, record, part)
    sheet.filter(area)
    if years(book):
        # The steps behind the calendar years are grouped and hidden; they are not printed.
        first, last_column = area.index(f"by_{years(book)[0]}"), len(area.columns) - 1
        sheet.page.set_column(first, last_column, 9, None, {"level": 1, "hidden": True})
    last = sheet.notes(area.last + 2, _notes())
    book.finish(sheet, freeze=(area.first, 2), repeat=(0, area.first - 1), last=(last, len(area.columns) - 1))


def _when(book: ScreenBook, sheet: Sheet, record: Record, part: Part) -> None:
    at, as_of, now = record.at, book.assumption("as_of"), serial(book.screen.as_of)
    there, link = book.ranges["contracts"], book.contract_row[part.contract["contract_id"]]
    record.company(part.contract["ticker"], part.contract["contract_id"])
    record.text("basis", part.basis, "small")
    status = "proxy" if part.is_proxy else "ok"
    col = record.area.index("day")
    if part.basis in (AFTER_START, AFTER_ASSUMED, AFTER_PHASES):
        record.input("after", part.after_days)
        base, value = there.link("begin", link), float(serial(part.contract["start_used"]))
        if part.base:
            last = ",".join(record.area.at("start", k) for k in part.base)
            base, value = f"MAX({base},{last})", max(value, *(now + parts(book)[k].days for k in part.base))
        record.formula("day", f"{base}+{at('after')}", value + part.after_days, status=status)
    elif part.basis == OVERDUE:
        sheet.label(record.row, col, "n/a", "unknown")
    else:
        # With a fraction of a day where parts of the MW follow a dated phase.
        days = float(round(part.days)) if part.basis == DATED else part.days
        sheet.input(record.row, col, pd.Timestamp(book.screen.as_of) + pd.Timedelta(days=days), "date", status=status)
    if part.basis == AFTER_START:
        record.formula("delivered", f"IF({at('day')}<={as_of},1,0)", float(part.delivered))
    else:
        record.input("delivered", float(part.delivered))
    late = cell(OVERDUE_ROW, OVERDUE_COLUMN)
    if part.basis == OVERDUE:
        formula = f"{as_of}+{late}"
    else:
        formula = f"IF(OR({at('delivered')}=1,{at('day')}>{as_of}),{at('day')},{as_of}+{late})"
    record.formula("start", formula, now + part.days, status=status)


def _revenue(book: ScreenBook, record: Record, part: Part) -> None:
    at, contract, as_of = record.at, part.contract, book.assumption("as_of")
    there, link = book.ranges["contracts"], book.contract_row[contract["contract_id"]]
    record.input("share", part.share)
    term = contract["term_years"]
    for key, column, value in (
        ("mw", "mw", contract["owned_it_mw"]),
        ("value", "used", scaled(contract["value_used_usd"])),
        ("first", "first_year", scaled(contract["owned_first_year_revenue_usd"])),
    ):
        linked = there.link(column, link)
        amount = None if is_unknown(value) else float(value) * part.share
        record.formula(key, f'IF(ISNUMBER({linked}),{linked}*{at("share")},"n/a")', amount)
    record.formula("term", there.link("term", link), term)
    status = "proxy" if contract["escalator_is_assumed"] else "ok"
    record.formula("escalator", there.link("growth", link), contract["escalator_used"], status=status)
    n, v = at("term"), at("value")
    so_far, in_a_year = part.earned_usd((0.0, 1.0))
    for key, money, later, amount in (("gone", "earned", 0, so_far), ("gone_next", "earned_next", 1, in_a_year)):
        more = "+1" if later else ""
        elapsed = f"MAX(0,MIN({n},({as_of}-{at('start')})/{DAYS_PER_YEAR}{more}))"
        t = None if is_unknown(term) else float(np.clip(later - part.starts_in_years, 0.0, term))
        record.formula(key, f'IF(ISNUMBER({n}),{elapsed},"n/a")', t)
        paid = f"IF(ISNUMBER({at(key)}),{_stepped(record, at(key))},0)"
        record.formula(money, f'IF(ISNUMBER({v}),{paid},"n/a")', scaled(amount))
    record.formula("backlog", f'IF(ISNUMBER({v}),{v}-{at("earned")},"n/a")', scaled(part.value_usd - so_far))
    annual = there.link("revenue", link)
    running = f"{annual}*{at('share')}*MAX(0,MIN(1,1-({at('start')}-{as_of})/{DAYS_PER_YEAR}))"
    running = f'IF(ISNUMBER({annual}),{running},"n/a")'
    both = f'IF(ISNUMBER({v}),{at("earned_next")}-{at("earned")},"n/a")'
    record.formula("ntm", f"IF(ISNUMBER({n}),{both},{running})", scaled(_next_year(part, in_a_year - so_far)))


def _stepped(record: Record, t: str) -> str:
    """Formula: revenue after `t` contract years, the rent stepping up once a year."""
    at = record.at
    n, v, g, f = at("term"), at("value"), at("escalator"), at("first")
    paid = f"IF({g}>0,((1+{g})^INT({t})-1)/{g},INT({t}))"
    return f"IF({t}>={n},{v},MIN({v},{f}*({paid}+({t}-INT({t}))*(1+{g})^INT({t}))))"


def _next_year(part: Part, by_term: float) -> float:
    """Revenue of the next twelve months: by the term, or without one at the average for the months in service."""
    if is_unknown(part.contract["term_years"]):
        annual = float(part.contract["owned_annual_revenue_usd"])
        return annual * part.share * float(np.clip(1 - max(part.starts_in_years, 0.0), 0.0, 1.0))
    return by_term


def _cost(book: ScreenBook, record: Record, part: Part) -> None:
    at, contract, as_of = record.at, part.contract, book.assumption("as_of")
    there, link = book.ranges["contracts"], book.contract_row[contract["contract_id"]]
    cash_on = there.link("cash_on", link)
    spent = f"MAX(0,({at('start')}-{as_of})/{DAYS_PER_YEAR})+MAX(0,({as_of}-{cash_on})/{DAYS_PER_YEAR})"
    ahead = 0.0 if part.delivered else max(part.starts_in_years, 0.0) + since_cash(book, contract)
    record.formula("ahead", f"IF({at('delivered')}=1,0,{spent})", ahead)
    a = book.screen.assumptions
    for key, column, whole, time in (
        ("building", "building", contract["building_capex_usd"], a.build_years),
        ("gpus", "gpus", contract["gpu_capex_usd"], a.gpu_purchase_years),
    ):
        cost = there.link(column, link)
        name = "build_years" if key == "building" else "gpu_purchase_years"
        left = f'IF(ISNUMBER({cost}),{cost}*{at("share")}*MIN({at("ahead")}/{book.assumption(name)},1),"n/a")'
        value = 0.0 if part.delivered else scaled(float(whole) * part.share * min(ahead / time, 1.0))
        record.formula(key, f"IF({at('delivered')}=1,0,{left})", value)


def cash_date(book: ScreenBook, ticker: str) -> pd.Timestamp:
    """Day of the company's cash figure; the as-of date where there is none or it is later."""
    known = book.screen.periods["cash"].get(ticker)
    return book.screen.as_of if is_unknown(known) or known > book.screen.as_of else pd.Timestamp(known)


def since_cash(book: ScreenBook, contract: dict[str, Any]) -> float:
    """Years from the day of the owner's cash figure to the as-of date."""
    return (book.screen.as_of - cash_date(book, contract["ticker"])).days / DAYS_PER_YEAR


def _first_days(book: ScreenBook) -> dict[int, float]:
    """Years from the as-of date to the first day of each later year."""
    now = book.screen.as_of
    return {year: (pd.Timestamp(year=year, month=1, day=1) - now).days / DAYS_PER_YEAR for year in years(book)}


def _steps(book: ScreenBook, record: Record, part: Part) -> None:
    """Revenue earned by the first day of each later year."""
    at, n, v, until = record.at, record.at("term"), record.at("value"), book.once(_first_days)
    known = not is_unknown(part.contract["term_years"])
    for year, amount in zip(until, part.earned_usd(list(until.values())), strict=True):
        day = cell(OVERDUE_ROW, record.area.index(f"by_{year}"))
        t = f"MAX(0,MIN({n},({day}-{at('start')})/{DAYS_PER_YEAR}))"
        formula = f'IF(COUNT({n},{v})=2,{_stepped(record, t)},"n/a")'
        record.formula(f"by_{year}", formula, scaled(amount) if known else None)


def of_contract(book: ScreenBook, column: str, contract: str, *also: str) -> str:
    """Formula: sum of a column over the tranches of the contract in a cell, under further conditions."""
    area = book.ranges["phases"]
    return f"SUMIFS({area.link_span(column)},{','.join((area.link_span('contract'), contract, *also))})"


def in_service(book: ScreenBook) -> str:
    """Condition: delivered tranches alone."""
    return f"{book.ranges['phases'].link_span('delivered')},1"


def subsidiaries(book: ScreenBook, i: int) -> list[int]:
    """Rows of the listed companies that company i consolidates."""
    return [k for k, parent in enumerate(book.companies["consolidated_by"]) if parent == book.tickers[i]]


def total_of(book: ScreenBook, name: str, i: int) -> float | None:
    """Sum of a column over the AI contracts that company i holds, 0 where it has none; None where all are unknown."""
    held = [book.tickers[k] for k in (i, *subsidiaries(book, i))]
    mine = [c[name] for c in book.contracts if c["ticker"] in held and c["is_ai"]]
    known = [v for v in mine if not is_unknown(v)]
    return float(sum(known)) if known or not mine else None


def _notes() -> list[str]:
    return paragraphs(f"""
        - Basis of the date: a published phase (phases.csv, the latest plan less what was delivered since); equal monthly
          parts after the contract's start where no phase dates the MW; the start is assumed where none is stated
          (Assumptions). A date that has passed without a delivery is not in service. Blue fill: stand-in (proxy).
        - In service and shares are inputs: reported AI MW in service, where newer than 120 days, limit what was
          delivered, latest starts first, and were applied at run time. The ramp is fixed at run time.
        - Elapsed: from the start, at most the term. Earned: first-year revenue x (((1 + g)^whole years - 1) / g + part of
          a year x (1 + g)^whole years), g the escalator. Backlog: value less earned. Next twelve months: earned in a year
          less earned so far; without a term, the average revenue for the months in service.
        - Capex to spend: cost of the part x years from the day of the cash figure to the start / years over which it is
          spent, at most the whole cost; zero once in service. Contracts, costs and values: sheet {CONTRACTS}. Method:
          {section(5)}.
    """)


__all__ = ["cash_date", "in_service", "of_contract", "ranges", "since_cash", "subsidiaries", "total_of", "write"]
