"""Yahoo Finance as yfinance meets it: charts, balance sheets, quotes, cookies, crumbs and the consent pages.

Figures are those of a universe's files: its closes, adjusted for later splits as Yahoo adjusts them, and the cash, debt
and share counts of its financials. Only what a test asks for by name is invented: `closes_on` and `sheet`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from screener.universes import Universe
from tests.loopback.proxy import Answer, Request

EVERY = "*"
NEW_YORK = ZoneInfo("America/New_York")
CRUMB = "c0ffee.crumb"
SHEET_LINES = {
    "cash": "CashAndCashEquivalents",
    "debt": "TotalDebt",
    "leases": "CapitalLeaseObligations",
    "restricted": "RestrictedCash",
    "shares": "OrdinarySharesNumber",
}
PERIODS_SHOWN = 5
REPORTED_AFTER = pd.Timedelta(days=45)
STILL_TRADED = pd.Timedelta(days=80)
COVER_WITHIN = pd.Timedelta(days=90)
RANGES = {"1d": 1, "5d": 5, "1mo": 31, "3mo": 92, "6mo": 183, "1y": 366, "2y": 731, "5y": 1827, "10y": 3653}


class Yahoo:
    """Answers for Yahoo's hosts.

    Attributes
    ----------
    traded : dict of Series
        By symbol: closes as traded on their day. Charts are made of them and of `splits`.
    splits : dict of Series
        By symbol and first day on the new basis: one old share becomes that many.
    sheets : dict of dict
        By symbol and period end: cash, debt, leases, restricted, shares.
    currency, quoted_in : dict
        Of the sheets and of the quotes; USD by default.
    faults : dict
        (symbol or `EVERY`, endpoint or `EVERY`) to a fault; see `fail`.
    first : dict
        (symbol, endpoint) to how many answers fail before the rest is fine; every one by default.
    alter : dict
        By symbol: a function that changes the one result of its chart before it is sent.
    header_time : dict
        By symbol: what the chart's header calls the last trade; by default that of the last bar.
    now : Timestamp or None
        A day: bars and splits of later days do not exist yet, nor sheets before `REPORTED_AFTER`; None for all.
    european : bool
        No cookie and no crumb before the consent pages have been gone through.
    """

    def __init__(self, universe: Universe) -> None:
        closes = universe.prices
        self.traded = {
            str(ticker): pd.Series(rows["close_usd"].to_numpy(), index=pd.DatetimeIndex(rows["date"]))
            for ticker, rows in closes.groupby("ticker")
        }
        coin = universe.network.dropna(subset="btc_usd")
        self.traded["BTC-USD"] = pd.Series(coin["btc_usd"].to_numpy(), index=pd.DatetimeIndex(coin["date"]))
        self.splits = {
            str(ticker): pd.Series(
                [float(_ratio(multiplier)) for multiplier in rows["shares_multiplier"]],
                index=pd.DatetimeIndex(rows["first_day_on_new_basis"]),
            )
            for ticker, rows in universe.splits.groupby("ticker")
        }
        self.still_traded = closes["date"].max() - STILL_TRADED
        self.sheets = _sheets(universe)
        self.currency: dict[str, str] = {}
        self.quoted_in: dict[str, str] = {}
        self.enterprise_value: dict[str, float] = {}
        self.faults: dict[tuple[str, str], str] = {}
        self.first: dict[tuple[str, str], int] = {}
        self.alter: dict[str, Callable[[dict[str, Any]], None]] = {}
        self.header_time: dict[str, pd.Timestamp] = {}
        self.now: pd.Timestamp | None = None
        self.european = False
        self.consented = False

    @property
    def hosts(self) -> dict[str, Callable[[Request], Answer]]:
        names = ("query1.finance.yahoo.com", "query2.finance.yahoo.com", "finance.yahoo.com", "fc.yahoo.com")
        return dict.fromkeys((*names, "guce.yahoo.com", "consent.yahoo.com"), self.answer)

    def fail(self, symbol: str, fault: str, endpoint: str = EVERY) -> None:
        """Let a symbol's endpoint (chart, sheet, summary, quote, crumb, cookie) fail: empty, 404, 429, 500, 500_json,
        truncated, cut, partial, slow, dropped, page."""
        self.faults[symbol, endpoint] = fault

    def closes_on(self, day: pd.Timestamp, closes: Mapping[str, float] | None = None) -> None:
        """Add a session: the closes given, and for every other symbol still traded its last one again."""
        given = closes or {}
        for symbol, series in list(self.traded.items()):
            if symbol in given or series.index[-1] >= self.still_traded:
                self.traded[symbol] = pd.concat([series, pd.Series([given.get(symbol, series.iloc[-1])], index=[day])])

    def sheet(self, symbol: str, period: str, **lines: float) -> None:
        """Add or replace a balance sheet."""
        self.sheets[symbol][pd.Timestamp(period)] = lines

    def answer(self, request: Request) -> Answer:
        """What Yahoo would say."""
        if request.host in ("fc.yahoo.com", "guce.yahoo.com", "consent.yahoo.com"):
            return self._cookie(request)
        parts = request.path.strip("/").split("/")
        if request.path.endswith("getcrumb"):
            return self._faulty("crumb", EVERY, self._crumb(request))
        symbol = request.query["symbols"][0] if "symbols" in request.query else parts[-1]
        endpoint, make = {
            "chart": ("chart", self._chart),
            "timeseries": ("sheet", self._timeseries),
            "quoteSummary": ("summary", self._summary),
            "quote": ("quote", self._quote),
        }[parts[-2] if parts[-1] == symbol else parts[-1]]
        if endpoint in ("summary", "quote") and (
            request.query.get("crumb") != [CRUMB] or not {"A3", "consent"} & set(request.cookies)
        ):
            error = {"code": "Unauthorized", "description": "Invalid Crumb"}
            return Answer(401, _json({"finance": {"result": None, "error": error}}))
        fault = self._fault(endpoint, symbol)
        return self._faulty(endpoint, symbol, make(symbol, request, fault))

    def _fault(self, endpoint: str, symbol: str) -> str:
        places = ((symbol, endpoint), (symbol, EVERY), (EVERY, endpoint), (EVERY, EVERY))
        return next((self.faults[place] for place in places if place in self.faults), "")

    def _faulty(self, endpoint: str, symbol: str, good: Answer) -> Answer:
        broken = {"chart": "chart", "sheet": "timeseries", "summary": "quoteSummary"}.get(endpoint, "finance")
        error = {"code": "internal-error", "description": "Internal Server Error"}
        answers = {
            "429": Answer(429, b"Too Many Requests\r\n", kind="text/plain"),
            "429_wait": Answer(429, b"Too Many Requests\r\n", {"Retry-After": "1800"}, kind="text/plain"),
            "500": Answer(500, b"<html><body>Internal Server Error</body></html>", kind="text/html"),
            "500_json": Answer(500, _json({broken: {"result": None, "error": error}})),
            "truncated": Answer(good.status, good.body[: len(good.body) // 2], good.headers),
            "cut": Answer(good.status, good.body, good.headers, cut=len(good.body) // 2),
            "slow": Answer(good.status, good.body, good.headers, wait_seconds=30.0),
            "dropped": Answer(drop=True),
            "page": Answer(200, b"<html><body>Please log in to this network</body></html>", kind="text/html"),
        }
        if (symbol, endpoint) in self.first:
            self.first[symbol, endpoint] -= 1
            if self.first[symbol, endpoint] < 0:
                return good
        return answers.get(self._fault(endpoint, symbol), good)

    def _cookie(self, request: Request) -> Answer:
        later = (datetime.now(UTC) + timedelta(days=365)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        shared = f"Expires={later}; Domain=.yahoo.com; Path=/; Secure"
        if request.host == "fc.yahoo.com":
            headers = {} if self.european else {"Set-Cookie": f"A3=d=anonymous&v=1; {shared}"}
            return self._faulty("cookie", EVERY, Answer(404, b"not found", headers, kind="text/html"))
        if request.path == "/consent":
            form = '<input name="csrfToken" value="t0ken"><input name="sessionId" value="s3ssion">'
            return Answer(200, f"<form method=post>{form}</form>".encode(), kind="text/html")
        if request.path == "/v2/collectConsent" and b"t0ken" in request.body:
            self.consented = True
        if request.path == "/copyConsent" and self.consented:
            return Answer(200, b"ok", {"Set-Cookie": f"A3=d=consented&v=1; {shared}"}, kind="text/html")
        return Answer(200, b"ok", kind="text/html")

    def _crumb(self, request: Request) -> Answer:
        if "A3" not in request.cookies:
            return Answer(401, b"<html>Unauthorized</html>", kind="text/html")
        return Answer(200, CRUMB.encode(), kind="text/plain")

    def _chart(self, symbol: str, request: Request, fault: str) -> Answer:
        if fault == "404" or symbol not in self.traded:
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            return Answer(404, _json({"chart": {"result": None, "error": error}}))
        traded = self.traded[symbol]
        splits = self.splits.get(symbol, pd.Series(dtype=float, index=pd.DatetimeIndex([])))
        if self.now is not None:
            traded, splits = traded[traded.index <= self.now], splits[splits.index <= self.now]
        adjusted = _as_yahoo_adjusts(traded, splits)
        opens, ends = _session(symbol)
        since, until = _span(request)
        stamps = pd.Series({day: _at(day, opens) for day in adjusted.index})
        shown = stamps[(stamps >= since) & (stamps < until)]
        last_bar = adjusted.index[-1]
        if fault == "partial":
            shown = shown.iloc[:-1]
        trade = self.header_time.get(symbol, last_bar)
        header = {
            "currency": self.quoted_in.get(symbol, "USD"),
            "symbol": symbol,
            "exchangeName": "CCC" if symbol.endswith("-USD") else "NMS",
            "instrumentType": "CRYPTOCURRENCY" if symbol.endswith("-USD") else "EQUITY",
            "firstTradeDate": _at(adjusted.index[0], opens),
            "regularMarketTime": _at(trade, ends),
            "hasPrePostMarketData": not symbol.endswith("-USD"),
            "gmtoffset": -18000,
            "timezone": "UTC" if symbol.endswith("-USD") else "EST",
            "exchangeTimezoneName": "UTC" if symbol.endswith("-USD") else "America/New_York",
            "regularMarketPrice": float(adjusted.iloc[-1]),
            "priceHint": 2,
            "currentTradingPeriod": {
                name: {"timezone": "EST", "start": _at(trade, opens), "end": _at(trade, ends), "gmtoffset": -18000}
                for name in ("pre", "regular", "post")
            },
            "dataGranularity": "1d",
            "range": "",
            "validRanges": [*RANGES, "ytd", "max"],
        }
        values = [float(adjusted[day]) for day in shown.index]
        result: dict[str, Any] = {"meta": header, "indicators": {"quote": [{}], "adjclose": [{}]}}
        if fault != "empty" and values:
            bars: dict[str, list[Any]] = dict.fromkeys(("open", "high", "low", "close"), values)
            bars["volume"] = [1_000_000] * len(values)
            result["timestamp"] = [int(stamp) for stamp in shown]
            result["indicators"] = {"quote": [bars], "adjclose": [{"adjclose": values}]}
        known = {str(_at(day, opens)): _split(_at(day, opens), multiplier) for day, multiplier in splits.items()}
        told = {stamp: split for stamp, split in known.items() if since <= int(stamp) < until}
        if told:
            result["events"] = {"splits": told}
        self.alter.get(symbol, lambda same: None)(result)
        return Answer(200, _json({"chart": {"result": [result], "error": None}}))

    def _timeseries(self, symbol: str, request: Request, fault: str) -> Answer:
        wanted = request.query.get("type", [""])[0].split(",")
        every = sorted(self.sheets.get(symbol, {}))
        periods = [p for p in every if self.now is None or p + REPORTED_AFTER <= self.now][-PERIODS_SHOWN:]
        if fault == "404":
            error = {"code": "Not Found", "description": f"No fundamentals data found for symbol: {symbol}"}
            return Answer(404, _json({"timeseries": {"result": None, "error": error}}))
        results = []
        for name in wanted:
            line = {f"quarterly{long}": short for short, long in SHEET_LINES.items()}.get(name)
            found = [p for p in periods if line in self.sheets[symbol][p]] if line and fault != "empty" else []
            entry: dict[str, Any] = {"meta": {"symbol": [symbol], "type": [name]}}
            if found:
                entry["timestamp"] = [int(p.tz_localize("UTC").timestamp()) for p in found]
                entry[name] = [
                    {
                        "dataId": 1,
                        "asOfDate": f"{p:%Y-%m-%d}",
                        "periodType": "3M",
                        "currencyCode": self.currency.get(symbol, "USD"),
                        "reportedValue": {"raw": self.sheets[symbol][p][line], "fmt": ""},
                    }
                    for p in found
                ]
            results.append(entry)
        return Answer(200, _json({"timeseries": {"result": results, "error": None}}))

    def _summary(self, symbol: str, request: Request, fault: str) -> Answer:
        if fault == "404" or symbol not in self.traded:
            error = {"code": "Not Found", "description": f"Quote not found for symbol: {symbol}"}
            return Answer(404, _json({"quoteSummary": {"result": None, "error": error}}))
        data = {} if fault == "empty" else {"financialCurrency": self.currency.get(symbol, "USD"), "maxAge": 86400}
        modules = {"financialData": data, "quoteType": {"symbol": symbol, "quoteType": "EQUITY"}}
        if symbol in self.enterprise_value:
            value = self.enterprise_value[symbol]
            modules["defaultKeyStatistics"] = {"enterpriseValue": {"raw": value, "fmt": f"{value / 1e9:.2f}B"}}
        return Answer(200, _json({"quoteSummary": {"result": [modules], "error": None}}))

    def _quote(self, symbol: str, request: Request, fault: str) -> Answer:
        found = [{"symbol": symbol, "currency": self.quoted_in.get(symbol, "USD")}]
        return Answer(200, _json({"quoteResponse": {"result": found, "error": None}}))


def _sheets(universe: Universe) -> dict[str, dict[pd.Timestamp, dict[str, float]]]:
    """By company and period: the universe's last word on cash and debt, and what else it knows of that day.

    The universe counts shares on the covers of reports; the first cover after a period stands in for its sheet.
    """
    items = {
        "cash": "cash",
        "debt_total": "debt",
        "lease_liabilities_finance": "leases",
        "restricted_cash": "restricted",
    }
    rows = universe.facts[universe.facts["item"].isin(items)].sort_values("published_on", kind="stable")
    sheets: dict[str, dict[pd.Timestamp, dict[str, float]]] = defaultdict(dict)
    for row in rows.itertuples(index=False):
        sheets[row.ticker].setdefault(row.period_end, {})[items[row.item]] = float(row.value)
    counts = universe.facts[universe.facts["item"] == "shares_outstanding"].sort_values("period_end")
    for ticker, periods in sheets.items():
        covers = counts[counts["ticker"] == ticker]
        for period in [p for p, lines in periods.items() if not {"cash", "debt"} <= set(lines)]:
            del periods[period]
        for period, lines in periods.items():
            lines["debt"] += lines.get("leases", 0.0)
            after = covers[covers["period_end"].between(period, period + COVER_WITHIN)]
            if len(after):
                lines["shares"] = float(after["value"].iloc[0])
    return sheets


def _as_yahoo_adjusts(traded: pd.Series, splits: pd.Series) -> pd.Series:
    """Every close divided by every later split, one split after the other, as it happens when one takes effect."""
    adjusted = traded.astype(float).copy()
    for day, multiplier in splits.items():
        adjusted[adjusted.index < day] /= multiplier
    return adjusted


def _session(symbol: str) -> tuple[timedelta, timedelta]:
    """Start and end of a session after midnight of its day."""
    if symbol.endswith("-USD"):
        return timedelta(0), timedelta(hours=23, minutes=59)
    return timedelta(hours=9, minutes=30), timedelta(hours=16)


def _at(day: pd.Timestamp, offset: timedelta) -> int:
    coin = offset in (timedelta(0), timedelta(hours=23, minutes=59))
    zone = UTC if coin else NEW_YORK
    return int((datetime(day.year, day.month, day.day, tzinfo=zone) + offset).timestamp())


def _ratio(multiplier: float) -> Fraction:
    """1/15 of the 0.066667 in a file."""
    return Fraction(multiplier).limit_denominator(100)


def _split(stamp: int, multiplier: float) -> dict[str, Any]:
    ratio = _ratio(multiplier)
    text = f"{ratio.numerator}:{ratio.denominator}"
    return {"date": stamp, "numerator": ratio.numerator, "denominator": ratio.denominator, "splitRatio": text}


def _span(request: Request) -> tuple[int, int]:
    if "period1" in request.query:
        return int(request.query["period1"][0]), int(request.query["period2"][0])
    now = datetime.now(UTC)
    days = RANGES.get(request.query["range"][0], 36500)
    return int((now - timedelta(days=days)).timestamp()), int(now.timestamp())


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()
