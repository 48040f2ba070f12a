"""The prices, exchange rates and split factors of a day, for everything that is held."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from screener.errors import HoldingsError, Problem, SourceError
from screener.gathering import BITCOIN, InputData
from screener.holdings import Holdings
from screener.holdings.currencies import CANADIAN, CURRENCIES
from screener.loading import ask_daily_closes
from screener.renames import Renames
from screener.sources.gate.closes import known
from screener.sources.registry import LIVE
from screener.sources.source import Source
from screener.splits import days, split_factor
from valuation.portfolio.kinds import AT_CLOSE, CFD, DERIVATIVES
from valuation.screen import Screen

RATE_WITHIN_DAYS = 7
COIN_NAMES = (BITCOIN,)
# Receipts on a share, of which a line holds a fraction or a multiple: Canada's CDR, Argentina's CEDEAR, Brazil's BDR, GDRs.
_RECEIPT = re.compile(r"\b(?:CDR|GDR|BDR|CEDEAR|DEPOSITARY|CAD HEDGED|CAD-HEDGED)\b", re.IGNORECASE)


def parse_fx(texts: Sequence[str]) -> dict[str, float]:
    """`CAD=0.72` as USD per unit, by currency.

    Raises
    ------
    HoldingsError
    """
    out = {}
    for text in texts:
        code, sign, number = text.partition("=")
        code = code.strip().upper()
        try:
            rate = float(number)
        except ValueError:
            rate = float("nan")
        if not sign or code not in CURRENCIES or not 0 < rate < 1e6:
            raise HoldingsError(f"--fx {text!r}: expected CODE=USD per unit, as in CAD=0.72")
        out[code] = rate
    return out


def currency_rates(
    holdings: Holdings, as_of: pd.Timestamp, given: Mapping[str, float], source: Source | None
) -> pd.DataFrame:
    """USD per unit of every currency held: as given, else the last rate of the live source.

    Raises
    ------
    HoldingsError
        A currency without a rate: the first line that needs it, and how to give one.
    """
    needed = [c for c in dict.fromkeys(holdings.frame["currency"]) if c != "USD"]
    rows: dict[str, tuple[float, str]] = {"USD": (1.0, "base")}
    rows |= {c: (given[c], "--fx") for c in needed if c in given}
    asked = [c for c in needed if c not in rows]
    if asked and source is not None and source.currency_symbol:
        pairs = {source.currency_symbol.format(code): code for code in asked}
        closes = other_closes(source, list(pairs), as_of - pd.Timedelta(days=RATE_WITHIN_DAYS), as_of)
        for pair, code in pairs.items():
            mine = closes[closes["ticker"] == pair].sort_values("date")
            if len(mine):
                last = mine.iloc[-1]
                rows[code] = (float(last["close_usd"]), f"{source.title}, close of {last['date']:%Y-%m-%d}")
    lacking = [c for c in needed if c not in rows]
    if lacking:
        why = "the bundled data hold no exchange rates" if source is None else f"{source.title} gave none"
        first = holdings.frame[holdings.frame["currency"].isin(lacking)].drop_duplicates("currency")
        remedy = "a rate, as in --fx {}=0.72 (USD per unit)"
        problems = [
            Problem(row.file, int(row.line), "currency", row.currency, remedy.format(row.currency))
            for row in first.itertuples(index=False)
        ]
        raise HoldingsError(f"no exchange rate for {', '.join(lacking)}: {why}", problems)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["usd", "source"])


def renames_of(data: InputData) -> Renames:
    """The changes of ticker of the companies of the data."""
    return Renames.of(data.companies, data.renames, data.closes)


def former_tickers(tickers: Iterable[str], named: Renames, on: pd.Timestamp) -> dict[str, str]:
    """The company that each symbol of a file stood for on its day, by the ticker of today; none left out."""
    meant = {us_line(ticker): named.company(us_line(ticker), on).ticker for ticker in tickers}
    return {symbol: company for symbol, company in meant.items() if company and company != symbol}


def quoted_tickers(frame: pd.DataFrame) -> list[str]:
    """Tickers that a close is wanted of: shares, funds and coins, and what options, futures and CFDs are on."""
    kind, below = frame["kind"], frame.get("underlying", pd.Series("", index=frame.index)).fillna("")
    own = frame["ticker"].where(kind.isin(AT_CLOSE) | ((kind == CFD) & (below == "")), "")
    wanted = own.where(~kind.isin(DERIVATIVES) | (below == ""), below)
    return [ticker for ticker in dict.fromkeys(wanted) if ticker]


def quotes_of(holdings: Holdings, data: InputData, screened: Screen, notes: list[str]) -> pd.DataFrame:
    """The last close of every ticker held: the screen's companies, other names of the data, and of the live source.

    Returns
    -------
    DataFrame
        Indexed by ticker as in the holdings: company, name, price_usd, status, cause.
    """
    tickers = quoted_tickers(holdings.frame)
    named, counted = renames_of(data), holdings.date or screened.as_of
    former = former_tickers(tickers, named, counted)
    rows: dict[str, list[Any]] = {}
    others = []
    for ticker in tickers:
        base = share_of(ticker, holdings, screened.companies, former)
        if base != us_line(ticker):
            notes.append(f"{ticker} is not the share of {us_line(ticker)} in the United States; its close is not used")
        meant = named.company(base, counted)
        company = meant.ticker
        if meant.note:
            notes.append(f"{ticker}: {meant.note}" if base != ticker or not company else meant.note)
        if not company:
            others.append(ticker)
            continue
        price, status = screened.table.at[company, "price_usd"], screened.status.at[company, "price_usd"]
        cause = screened.causes.at[company, "price_usd"]
        if base != ticker and status != "missing":
            status, cause = "proxy", f"the close of {company}'s US line"
        rows[ticker] = [company, screened.companies.at[company, "name"], price, status, cause]
    for ticker, price, day in _other_closes(others, data, screened.as_of):
        old = (screened.as_of - day).days > screened.assumptions.max_age_price_days
        cause = f"close of {day:%Y-%m-%d}, older than its maximum age" if old else ""
        rows[ticker] = ["", ticker, price, "stale" if old else "ok", cause]
    unknown = ", ".join(t for t in others if t not in rows)
    if unknown:
        notes.append(
            f"No close known of {unknown}; with a network --source {' or '.join(LIVE)} asks for it"
            if data.live is None
            else f"{data.live.title} has no close in USD of {unknown}"
        )
    return pd.DataFrame.from_dict(rows, orient="index", columns=["company", "name", "price_usd", "status", "cause"])


def _other_closes(
    tickers: list[str], data: InputData, as_of: pd.Timestamp
) -> Iterator[tuple[str, float, pd.Timestamp]]:
    """(ticker, close in USD, its day) of names outside the universe."""
    own = known(data.closes, as_of)
    own = own[own["ticker"].isin(set(tickers) - set(COIN_NAMES))]
    closes = own[["date", "ticker", "close_usd"]]
    coin = data.bitcoin(as_of).rename_axis("date").rename("close_usd").reset_index()
    for name in COIN_NAMES:
        if name in tickers:
            closes = pd.concat([closes, coin.assign(ticker=name)], ignore_index=True)
    lacking = [t for t in tickers if t not in set(closes["ticker"]) and not t.endswith(CANADIAN)]
    if data.live is not None and lacking:
        fetched = other_closes(data.live, lacking, as_of - pd.Timedelta(days=RATE_WITHIN_DAYS), as_of)
        closes = pd.concat([closes, fetched[["date", "ticker", "close_usd"]]], ignore_index=True)
    for ticker, rows in closes.groupby("ticker"):
        last = rows.sort_values("date", kind="stable").iloc[-1]
        yield str(ticker), float(last["close_usd"]), last["date"]


def other_closes(
    source: Source, tickers: list[str], since: pd.Timestamp, until: pd.Timestamp, *, adjusted: bool = False
) -> pd.DataFrame:
    """Daily closes of a live source; empty, and no error, where it has none of them."""
    if source.daily_closes is not None:
        try:
            return ask_daily_closes(source, tickers, since, until, split_adjusted=adjusted).closes
        except SourceError:
            pass
    return pd.DataFrame({"date": pd.to_datetime([]), "ticker": [], "close_usd": []})


def us_line(ticker: str) -> str:
    """The ticker without the ending of a Canadian exchange: HUT.TO is HUT."""
    return next((ticker.removesuffix(end) for end in CANADIAN if ticker.endswith(end)), ticker)


def share_of(ticker: str, holdings: Holdings, companies: pd.DataFrame, former: Mapping[str, str]) -> str:
    """The ticker in the United States of a line of the same share: HUT.TO is HUT, which Toronto lists too.

    Itself where it is another security: a depositary receipt, a line of an exchange that does not list the company (Canadian
    receipts on American companies trade there), or a share of a fund.
    """
    base = us_line(ticker)
    rows = holdings.frame[holdings.frame["ticker"] == ticker]
    receipt = rows["description"].str.contains(_RECEIPT).any() and (base != ticker or (rows["currency"] != "USD").any())
    if base == ticker:
        return f"{ticker} (receipt)" if receipt and ticker in companies.index else ticker
    company = base if base in companies.index else former.get(base, "")
    listed = str(companies["exchange"].get(company, "")) if company and "exchange" in companies else ""
    return base if "TSX" in listed.upper() and not receipt else ticker


def split_factors(
    holdings: Holdings, data: InputData, screened: Screen, counted_on: pd.Timestamp | None, notes: list[str]
) -> pd.Series:
    """Shares on the price's basis that one share of the file has become, by ticker as in the holdings."""
    counted = counted_on or holdings.date or screened.as_of
    if counted != screened.as_of:
        notes.append(f"Quantities are of {counted:%Y-%m-%d}, prices of {screened.as_of:%Y-%m-%d}")
    prices = screened.facts[screened.facts["item"] == "price_usd"].drop_duplicates("ticker").set_index("ticker")
    out: dict[str, float] = {}
    former = former_tickers(quoted_tickers(holdings.frame), renames_of(data), counted)
    for ticker in quoted_tickers(holdings.frame):
        base = share_of(ticker, holdings, screened.companies, former)
        if base not in set(data.splits["ticker"]):
            continue
        quoted = prices["period_end"].get(base, screened.as_of)
        names = np.array([base], dtype=object)
        on = [days(pd.Series([day])) for day in (counted, quoted)]
        forth = split_factor(data.splits, names, on[0], on[1])[0]
        back = split_factor(data.splits, names, on[1], on[0])[0]
        out[ticker] = float(forth / back)
        if out[ticker] != 1.0:
            notes.append(f"{ticker}: one share of the file is {out[ticker]:g} on the basis of the price (split)")
    return pd.Series(out, dtype=float)
