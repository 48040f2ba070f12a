"""Balance sheets out of Yahoo: share count, cash and debt in the universe's items and units.

yfinance passes on {period: value} alone: no filing date, no restatement flag, no currency. So a figure counts as
published on the day it was fetched, and a sheet counts only where Yahoo says that the company reports in USD.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pandas as pd

from screener.sources.fetched import FACT_COLUMNS, Failure
from screener.sources.refused import Refused

CASH, DEBT, LEASES = "CashAndCashEquivalents", "TotalDebt", "CapitalLeaseObligations"
RESTRICTED, SHARES = "RestrictedCash", "OrdinarySharesNumber"


@dataclass(frozen=True)
class Sheets:
    """The quarterly balance sheets of a company: lines by period end, in USD and single shares, newest first.

    `enterprise_value_usd` is Yahoo's own, to compare with: NaN where it gives none.
    """

    symbol: str
    lines: pd.DataFrame
    enterprise_value_usd: float = float("nan")


def ask(yf: ModuleType, symbol: str) -> Sheets:
    """The quarterly balance sheets of a symbol.

    Raises
    ------
    Refused
        No sheet, the figures of another symbol, or one in another or an unknown currency.
    """
    ticker = yf.Ticker(symbol)
    lines = ticker.get_balance_sheet(freq="quarterly")
    if lines is None or lines.empty:
        raise Refused("empty", "no quarterly balance sheet")
    info = ticker.get_info()
    echoed = str(info.get("symbol") or symbol)
    if echoed.upper() != symbol.upper():
        raise Refused("bad_answer", f"the figures of {echoed} in place of {symbol}: not used")
    currency = info.get("financialCurrency")
    if currency != "USD":
        reason = f"reported in {currency}, not in USD" if currency else "Yahoo does not say in which currency"
        raise Refused("bad_answer", f"{reason}: not converted, not used")
    lines.columns = pd.DatetimeIndex(lines.columns).normalize()
    value = info.get("enterpriseValue")
    known = isinstance(value, (int, float)) and info.get("currency") == "USD"
    return Sheets(symbol, lines.sort_index(axis=1, ascending=False), float(value) if known else float("nan"))


def facts(sheets: Sheets, splits: pd.Series | None, published_on: pd.Timestamp) -> tuple[pd.DataFrame, list[Failure]]:
    """Facts of every period, and what the newest period does not say.

    Parameters
    ----------
    sheets : Sheets
    splits : Series or None
        By first day on the new basis; None where they are not known.
    published_on : Timestamp
        The day of retrieval.

    Returns
    -------
    facts : DataFrame
        `FACT_COLUMNS`.
    failures : list of Failure

    Notes
    -----
    Cash and debt count only together: a financing moves both, and the new cash beside the old debt understates EV by
    its size. Yahoo's total debt includes lease obligations, which are not debt here: they are taken out where a line
    gives them. A share count from before a split is left out, since Yahoo does not say on which basis it stands.
    """
    rows: list[dict[str, Any]] = []
    failures: list[Failure] = []
    for period in sheets.lines.columns:
        newest = period == sheets.lines.columns[0]
        if period > published_on:
            failures.append(_failure(sheets, "statements", "bad_answer", f"a period that ends on {period:%Y-%m-%d}"))
            continue
        line = sheets.lines[period].dropna()
        absent = [name for name in (CASH, DEBT) if name not in line]
        if not absent:
            leases = float(line.get(LEASES, 0.0))
            less = f" less {LEASES} {leases:,.0f}" if LEASES in line else "; no line for leases"
            rows += [
                _row("cash", period, line[CASH], "usd", f"Yahoo's {CASH}"),
                _row("debt_total", period, line[DEBT] - leases, "usd", f"Yahoo's {DEBT} (carrying value){less}"),
            ]
            if RESTRICTED in line:
                rows.append(_row("restricted_cash", period, line[RESTRICTED], "usd", f"Yahoo's {RESTRICTED}"))
        elif newest:
            without = " and ".join(absent)
            message = f"the sheet of {period:%Y-%m-%d} has no {without}; cash and debt are used together or not at all"
            failures.append(_failure(sheets, "statements", "partial", message))
        later = None if splits is None else splits[splits.index > period]
        if SHARES in line and later is not None and later.empty:
            rows.append(_row("shares_outstanding", period, line[SHARES], "shares", f"Yahoo's {SHARES}"))
        elif newest:
            failures.append(_failure(sheets, "shares_outstanding", "partial", _no_shares(period, later)))
    frame = pd.DataFrame(rows, columns=["item", "period_end", "value", "unit", "evidence"])
    frame = frame.assign(
        ticker=sheets.symbol,
        published_on=published_on,
        source_url=f"https://finance.yahoo.com/quote/{sheets.symbol}/balance-sheet",
        confidence="medium",
    )
    return frame[FACT_COLUMNS], failures


def _row(item: str, period: pd.Timestamp, value: float, unit: str, evidence: str) -> dict[str, Any]:
    return {"item": item, "period_end": period, "value": float(value), "unit": unit, "evidence": evidence}


def _no_shares(period: pd.Timestamp, later: pd.Series | None) -> str:
    if later is None:
        return f"the count of {period:%Y-%m-%d} is not used: the splits since are not known"
    if len(later):
        return f"the count of {period:%Y-%m-%d} is from before the split of {later.index[-1]:%Y-%m-%d}: basis unknown"
    return f"the sheet of {period:%Y-%m-%d} has no {SHARES}"


def _failure(sheets: Sheets, what: str, kind: str, message: str) -> Failure:
    return Failure(sheets.symbol, what, kind, message)
