"""The prices, exchange rates and split factors of a day, for everything that is held."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from screener import point_in_time
from screener.errors import HoldingsError, Problem, SourceError
from screener.holdings import Holdings
from screener.holdings.cleaning import CURRENCIES
from screener.universes import Universe
from valuation.screen import Screen

CANADIAN = (".TO", ".V", ".NE", ".CN", ".TSX")
RATE_WITHIN_DAYS = 7
COINS = ("BTC-USD", "BTC")
CLASS_OF_SHARES = re.compile(r"^([A-Z]{1,5})\.([A-C])$")  # BRK.B is BRK-B at Yahoo


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


def currency_rates(holdings: Holdings, as_of: pd.Timestamp, given: Mapping[str, float], *, live: bool) -> pd.DataFrame:
    """USD per unit of every currency held: as given, else Yahoo's last close of e.g. CADUSD=X.

    Raises
    ------
    HoldingsError
        A currency without a rate: the first line that needs it, and how to give one.
    """
    needed = [c for c in dict.fromkeys(holdings.frame["currency"]) if c != "USD"]
    rows: dict[str, tuple[float, str]] = {"USD": (1.0, "base")}
    rows |= {c: (given[c], "--fx") for c in needed if c in given}
    asked = [c for c in needed if c not in rows]
    if asked and live:
        closes = live_closes([f"{c}USD=X" for c in asked], as_of - pd.Timedelta(days=RATE_WITHIN_DAYS), as_of)
        for code in asked:
            mine = closes[closes["ticker"] == f"{code}USD=X"].sort_values("date")
            if len(mine):
                last = mine.iloc[-1]
                rows[code] = (float(last["close_usd"]), f"Yahoo, close of {last['date']:%Y-%m-%d}")
    lacking = [c for c in needed if c not in rows]
    if lacking:
        why = "Yahoo gave none" if live else "the bundled data hold no exchange rates"
        first = holdings.frame[holdings.frame["currency"].isin(lacking)].drop_duplicates("currency")
        remedy = "a rate, as in --fx {}=0.72 (USD per unit)"
        problems = [
            Problem(row.file, int(row.line), "currency", row.currency, remedy.format(row.currency))
            for row in first.itertuples(index=False)
        ]
        raise HoldingsError(f"no exchange rate for {', '.join(lacking)}: {why}", problems)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["usd", "source"])


def quotes_of(
    holdings: Holdings, universe: Universe, screened: Screen, *, live: bool, notes: list[str]
) -> pd.DataFrame:
    """The last close of every ticker held: the screen's companies, other names of the price file, and, live, Yahoo.

    Returns
    -------
    DataFrame
        Indexed by ticker as in the holdings: company, name, price_usd, status, cause.
    """
    held = holdings.frame[holdings.frame["kind"] == "equity"]
    tickers = list(dict.fromkeys(held["ticker"]))
    former = {
        old.strip(): new
        for new, texts in screened.companies["former_tickers"].dropna().items()
        for old in texts.split(";")
    }
    rows: dict[str, list[Any]] = {}
    others = []
    for ticker in tickers:
        base = us_line(ticker)
        company = base if base in screened.table.index else former.get(base, "")
        if not company:
            others.append(ticker)
            continue
        price, status = screened.table.at[company, "price_usd"], screened.status.at[company, "price_usd"]
        cause = screened.causes.at[company, "price_usd"]
        if base != ticker and status != "missing":
            status, cause = "proxy", f"the close of {company}'s US line"
        if base not in (company,):
            notes.append(f"{ticker} is {company} today")
        rows[ticker] = [company, screened.companies.at[company, "name"], price, status, cause]
    for ticker, price, day in _other_closes(others, universe, screened.as_of, live=live):
        old = (screened.as_of - day).days > screened.assumptions.max_age_price_days
        cause = f"close of {day:%Y-%m-%d}, older than its maximum age" if old else ""
        rows[ticker] = ["", ticker, price, "stale" if old else "ok", cause]
    unknown = ", ".join(t for t in others if t not in rows)
    if unknown:
        notes.append(
            f"Yahoo has no close in USD of {unknown}"
            if live
            else f"No close known of {unknown}; with a network --source yahoo asks for it"
        )
    return pd.DataFrame.from_dict(rows, orient="index", columns=["company", "name", "price_usd", "status", "cause"])


def _other_closes(
    tickers: list[str], universe: Universe, as_of: pd.Timestamp, *, live: bool
) -> Iterator[tuple[str, float, pd.Timestamp]]:
    """(ticker, close in USD, its day) of names outside the universe."""
    own = universe.prices[universe.prices["ticker"].isin(tickers) & (universe.prices["date"] <= as_of)]
    closes = own[["date", "ticker", "close_usd"]]
    coin = universe.network.dropna(subset="btc_usd")
    coin = coin.loc[coin["date"] <= as_of, ["date", "btc_usd"]].rename(columns={"btc_usd": "close_usd"})
    for name in COINS:
        if name in tickers:
            closes = pd.concat([closes, coin.assign(ticker=name)], ignore_index=True)
    lacking = [t for t in tickers if t not in set(closes["ticker"]) and not t.endswith(CANADIAN)]
    if live and tickers:
        fetched = live_closes(lacking, as_of - pd.Timedelta(days=RATE_WITHIN_DAYS), as_of) if lacking else closes[:0]
        closes = pd.concat([closes, fetched[["date", "ticker", "close_usd"]]], ignore_index=True)
    for ticker, rows in closes.groupby("ticker"):
        last = rows.sort_values("date").iloc[-1]
        yield str(ticker), float(last["close_usd"]), last["date"]


def live_closes(
    symbols: list[str], since: pd.Timestamp, until: pd.Timestamp, *, adjusted: bool = False
) -> pd.DataFrame:
    """Daily closes from Yahoo; empty, and no error, where it has none of them."""
    from screener.sources import yahoo

    asked = {CLASS_OF_SHARES.sub(r"\1-\2", symbol): symbol for symbol in symbols}
    try:
        closes = yahoo.daily_closes(list(asked), since, until, split_adjusted=adjusted).closes
        return closes.assign(ticker=closes["ticker"].map(asked))
    except SourceError:
        return pd.DataFrame({"date": pd.to_datetime([]), "ticker": [], "close_usd": []})


def us_line(ticker: str) -> str:
    """The ticker without the ending of a Canadian exchange: HUT.TO is HUT."""
    return next((ticker.removesuffix(end) for end in CANADIAN if ticker.endswith(end)), ticker)


def split_factors(
    holdings: Holdings, universe: Universe, screened: Screen, told: pd.Timestamp | None, notes: list[str]
) -> pd.Series:
    """Shares on the price's basis that one share of the file has become, by ticker as in the holdings."""
    counted = told or holdings.date or screened.as_of
    if counted != screened.as_of:
        notes.append(f"Quantities are of {counted:%Y-%m-%d}, prices of {screened.as_of:%Y-%m-%d}")
    prices = screened.facts[screened.facts["item"] == "price_usd"].drop_duplicates("ticker").set_index("ticker")
    out: dict[str, float] = {}
    for ticker in dict.fromkeys(holdings.frame.loc[holdings.frame["kind"] == "equity", "ticker"]):
        base = us_line(ticker)
        if base not in set(universe.splits["ticker"]):
            continue
        quoted = prices["period_end"].get(base, screened.as_of)
        names = np.array([base], dtype=object)
        days = [point_in_time.days(pd.Series([day])) for day in (counted, quoted)]
        forth = point_in_time.split_factor(universe.splits, names, days[0], days[1])[0]
        back = point_in_time.split_factor(universe.splits, names, days[1], days[0])[0]
        out[ticker] = float(forth / back)
        if out[ticker] != 1.0:
            notes.append(f"{ticker}: one share of the file is {out[ticker]:g} on the basis of the price (split)")
    return pd.Series(out, dtype=float)
