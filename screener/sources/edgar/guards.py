"""What must hold between the items of one balance sheet; where it does not, a person decides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from screener.sources.edgar.found import Left, Stock, bare
from screener.sources.edgar.groups import SAME, Choice, near
from screener.sources.edgar.item_map import STANDARD, Group
from screener.sources.edgar.statements import Statement, plain, which
from screener.universes.items import FINANCIAL_ITEMS

_CASH_FLOW_TOTALS = (
    "us-gaap:CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents",
    "us-gaap:CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalentsIncludingDisposalGroupAndDiscontinuedOperations",
)
_LIABILITIES = ("us-gaap:Liabilities", "ifrs-full:Liabilities")
_DEBT = re.compile(r"Debt|Borrowing|Loan|Notes")
# An own tag that names a line of debt on the balance sheet.
_OWN_DEBT = re.compile(
    r"(Debt|Borrowing|Loan|Notes|Bond|CreditFacility|Financing).*(Current|Noncurrent|LongTerm|Payable)"
)
_NO_DEBT = re.compile(
    r"Receivable|Matur|Payment|Repa[iy]|Issuance|Cost|Discount|Fee|Gross|Portion|Fair|Interest|Due|Face|Gain|Loss|Proceeds|"
    r"Asset|Securities|Income|Expense|Accrued|Deferred"
)
_REDEEMABLE = "us-gaap:RedeemableNoncontrollingInterest"


def of_balance(
    chosen: Mapping[str, Choice], statement: Statement, day: pd.DataFrame
) -> tuple[dict[str, Choice], list[Left]]:
    """The items of a balance sheet after the guards between them, and what was refused.

    Cash and restricted cash are the cash flow statement's total; debt is not above all liabilities and misses no own tag;
    finance leases inside debt are refused; a redeemable minority may be a preferred.
    """
    kept = dict(chosen)
    left: list[Left] = []
    _cash(kept, statement)
    _debt(kept, statement, day)
    if reason := _leases_in_debt(kept, statement):
        choice = kept.pop("lease_liabilities_finance")
        left.append(Left("lease_liabilities_finance", statement.end, choice.derivation, "USD", choice.value, reason,
                         statement.accession))  # fmt: skip
    minority = kept.get("noncontrolling_interest")
    if minority is not None and any(tag.startswith(_REDEEMABLE) for tag in minority.counted):
        kept["noncontrolling_interest"] = _doubted(minority, "a redeemable interest may be a preferred; read its terms")
    return kept, left


def _doubted(choice: Choice, reason: str) -> Choice:
    return replace(choice, needs=(*choice.needs, reason))


def _cash(kept: dict[str, Choice], statement: Statement) -> None:
    total = next((statement.values[tag, "USD"] for tag in _CASH_FLOW_TOTALS if (tag, "USD") in statement.values), None)
    cash, restricted = kept.get("cash"), kept.get("restricted_cash")
    if total is None or cash is None or restricted is None:
        return
    said = f"{plain(cash.value)} and restricted {plain(restricted.value)}, the cash-flow total is {plain(total)}"
    for item in ("cash", "restricted_cash"):
        if near(cash.value + restricted.value, total, SAME):
            kept[item] = replace(kept[item], checks=(*kept[item].checks, f"cash {said}"))
        else:
            kept[item] = _doubted(kept[item], f"cash {said}")


def _debt(kept: dict[str, Choice], statement: Statement, day: pd.DataFrame) -> None:
    debt = kept.get("debt_total")
    if debt is None:
        return
    liabilities = next((statement.values[tag, "USD"] for tag in _LIABILITIES if (tag, "USD") in statement.values), None)
    if liabilities is not None and debt.value > liabilities * (1 + SAME):
        debt = _doubted(debt, f"more than all liabilities, {plain(liabilities)}")
    counted = {statement.values[tag, "USD"] for tag in debt.counted if (tag, "USD") in statement.values} | {debt.value}
    own = day[
        ~day["taxonomy"].isin(STANDARD) & (day["unit"] == "USD") & which(day["dimensions"], lambda dims: not dims)
    ]
    for row in own.sort_values(["concept"]).itertuples():
        is_line = _OWN_DEBT.search(row.concept) and not _NO_DEBT.search(row.concept) and row.value
        if is_line and not any(near(abs(row.value), abs(one), SAME) for one in counted):
            debt = _doubted(debt, f"the own tag {row.taxonomy}:{row.concept} {plain(row.value)} may be debt, not in it")
    kept["debt_total"] = replace(debt, checks=("carrying amount, not principal", *debt.checks))


def _leases_in_debt(kept: Mapping[str, Choice], statement: Statement) -> str:
    """Why finance leases are already in the debt; empty where nothing says so."""
    debt, leases = kept.get("debt_total"), kept.get("lease_liabilities_finance")
    if debt is None or leases is None or not leases.value > 0:
        return ""
    if debt.group.name.startswith("with finance leases"):
        return f"already in debt_total {plain(debt.value)} by its tag"
    without = debt.value - leases.value
    # Leases of less than the roundings of the debt fit any figure.
    if leases.value > 2 * SAME * debt.value:
        for (tag, unit), value in sorted(statement.values.items()):
            if unit == "USD" and _DEBT.search(tag) and "Lease" not in tag and near(value, without, SAME):
                return f"already in debt_total {plain(debt.value)}, which less the leases is {bare(tag)} {plain(value)}"
    return ""


def other_units(groups: Mapping[str, tuple[Group, ...]], statement: Statement) -> list[Left]:
    """Tags of the map in a unit that it does not take, such as another currency."""
    units = {line.name: (item, line.unit) for item, ways in groups.items() for group in ways for line in group.lines}
    return [
        Left(
            units[tag][0],
            statement.end,
            tag,
            unit,
            value,
            f"the unit is {unit}, not {units[tag][1]}",
            statement.accession,
        )
        for (tag, unit), value in sorted(statement.values.items())
        if tag in units and unit != units[tag][1]
    ]


def signed(row: Stock) -> tuple[str, ...]:
    """The needs of a row, and that its value is negative where its item cannot be."""
    if row.value < 0 and not FINANCIAL_ITEMS[row.item].signed:
        return (*row.needs, f"{plain(row.value)} is negative")
    return row.needs
