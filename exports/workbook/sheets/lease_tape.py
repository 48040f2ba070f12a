"""Lease tape and credit ladder: every signed AI contract by rent per MW, medians by year of signing, and who pays."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import FIRST, TAPE, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import MILLION, is_unknown
from valuation.contracts.credit import RULES
from valuation.contracts.tape import credit_ladder, lease_tape, medians
from valuation.contracts.terms import CLOUD, LEASE

RENT = "A year per critical IT MW ($m per MW)"
BUSINESSES = {LEASE: "lease", CLOUD: "GPU cloud"}
TAPE_COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("contract_id", "Contract", width=41),
    Column("tenant", "Tenant", "small_wrap", 26),
    Column("business", "Business", "small", 12),
    Column("tenant_class", "Credit class", "small", 18),
    Column("announced_on", "Announced", "date", 10),
    Column("critical_it_mw", "Critical IT, at 100% (MW)", "mw", 9),
    Column("term_years", "Term (years)", "years", 8),
    Column("escalator", "Escalator used (%)", "percent", 9),
    Column("assumed", "Escalator assumed (1 = yes)", "flag", 9),
    Column("rent", "Average rent ($m per MW)", "per_mw", 9, RENT),
    Column("first", "First-year rent ($m per MW)", "per_mw", 9, RENT),
    Column("noi", "NOI or EBITDA ($m per MW)", "per_mw", 9, RENT),
)
MEDIANS = (
    Column("business", "Business"),
    Column("label", "", "small"),
    Column("vintage", "Signed in (year)", "year"),
    Column("contracts", "Contracts", "count"),
    Column("blank", "", "small"),
    Column("rent", "Average rent ($m per MW)", "per_mw"),
    Column("first", "First-year rent ($m per MW)", "per_mw"),
    Column("noi", "NOI or EBITDA ($m per MW)", "per_mw"),
)
LADDER = (
    Column("ticker", "Ticker"),
    Column("contract_id", "Contract"),
    Column("tenant", "Tenant", "small_wrap", 26),
    Column("own_class", "Class of the tenant", "small"),
    Column("guarantor", "Guarantor", "small"),
    Column("guarantor_class", "Class of the guarantor", "small"),
    Column("covered", "Covered (%)", "percent"),
    Column("critical_it_mw", "Critical IT (MW)", "mw"),
    Column("rent", "Rent a year ($m)", "money"),
    Column("starts_on", "Start", "date"),
    Column("expires_on", "Expiry (date)", "date"),
    Column("break_on", "Break option (date)", "date"),
)


def _signed(book: ScreenBook) -> pd.DataFrame:
    """AI contracts of the companies on the sheets."""
    rows = book.screen.contracts
    return rows[rows["is_ai"].astype(bool) & rows["ticker"].isin(book.tickers)]


def _tape(book: ScreenBook) -> pd.DataFrame:
    return lease_tape(_signed(book))


def _medians(book: ScreenBook) -> pd.DataFrame:
    return medians(book.once(_tape))


def _ladder(book: ScreenBook) -> pd.DataFrame:
    return credit_ladder(_signed(book))


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of tape, medians and ladder."""
    tape = TableRange(TAPE, TAPE_COLUMNS, FIRST, len(book.once(_tape)))
    middle = TableRange(TAPE, MEDIANS, tape.last + 4, max(len(book.once(_medians)), 1))
    ladder = TableRange(TAPE, LADDER, middle.last + 4, len(book.once(_ladder)))
    return {"tape": tape, "tape_medians": middle, "ladder": ladder}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area = book.sheet(TAPE), book.ranges["tape"]
    book.heading(
        sheet, TAPE, "Signed AI and HPC contracts by rent, newest first, and by who pays; figures computed by the run."
    )
    sheet.header(area, height=36)
    rows = book.once(_tape)
    if rows.empty:
        sheet.label(area.first, 1, "no contract signed", "note")
    sheet.static_table(area, map(_tape_row, rows.to_dict("records")))
    sheet.filter(area)
    middle, ladder = book.ranges["tape_medians"], book.ranges["ladder"]
    _head(sheet, middle, "Medians by business and year of signing, contracts with a known rent, fixed at run time")
    sheet.static_table(middle, map(_median_row, book.once(_medians).to_dict("records")))
    _head(
        sheet,
        ladder,
        "Credit ladder: who pays, who guarantees how much, and until when; owner's share, best credit first",
    )
    sheet.static_table(ladder, map(_ladder_row, book.once(_ladder).to_dict("records")))
    last = sheet.notes(ladder.last + 2, _notes())
    book.finish(sheet, freeze=(area.first, 2), repeat=(0, 3), last=(last, len(area.columns) - 1))


def _head(sheet: Sheet, area: TableRange, title: str) -> None:
    sheet.label(area.first - 2, 0, title, "section")
    sheet.header(area, widths=False, height=36, section=False)


def _words(value: Any) -> str:
    return "" if is_unknown(value) else str(value).replace("_", " ")


def _rents(row: dict[str, Any]) -> dict[str, Any]:
    names = {"rent": "rent_usd_per_mw", "first": "first_year_usd_per_mw", "noi": "noi_usd_per_mw"}
    return {key: row[name] / MILLION for key, name in names.items()}


def _tape_row(row: dict[str, Any]) -> dict[str, Any]:
    words = {"business": BUSINESSES[row["business"]], "tenant_class": _words(row["tenant_class"])}
    return {**row, **words, "assumed": float(row["escalator_is_assumed"]), **_rents(row)}


def _median_row(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "business": BUSINESSES[row["business"]], **_rents(row)}


def _ladder_row(row: dict[str, Any]) -> dict[str, Any]:
    backed = bool(row["guarantor"])
    return {
        **row,
        "own_class": _words(row["own_class"]),
        "guarantor_class": _words(row["guarantor_class"]) if backed else "",
        "covered": row["covered"] if backed else 0.0,
        "rent": row["rent_usd"] / MILLION,
    }


def _notes() -> list[str]:
    return paragraphs(f"""
        - Rent per critical IT MW and year: average over the term, the first year with its escalator, and operating income
          (EBITDA of GPU cloud, before GPU depreciation). Leases and GPU cloud are never pooled. n/a: value, term or MW
          unknown.
        - Credit class: {RULES}
        - Start and expiry: of the base term, extension options aside; the expiry is that of the MW on average where phases
          start on different days. Break option: the day from which the tenant may leave without a fee.
        - Every figure of this sheet is computed by the run and does not follow a changed cell. Method: {section(5)}.
    """)
