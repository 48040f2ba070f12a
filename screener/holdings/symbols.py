"""Tickers in one spelling: BRK/B is BRK.B, NASDAQ:RIOT and RIOT US Equity are RIOT, LON:VOD is VOD.L."""

from __future__ import annotations

import re
from functools import lru_cache

# Exchanges that stand before a ticker (Google, TradingView) or after it (Bloomberg), as the ending that Yahoo writes.
_BEFORE = {
    "NASDAQ": "", "NYSE": "", "NYSEARCA": "", "NYSEAMERICAN": "", "AMEX": "", "ARCA": "", "BATS": "", "CBOE": "", "OTC": "",
    "TSX": ".TO", "TSE": ".TO", "TSXV": ".V", "CVE": ".V", "NEO": ".NE", "CSE": ".CN", "LON": ".L", "LSE": ".L",
    "ETR": ".DE", "XETR": ".DE", "XETRA": ".DE", "FRA": ".F", "AMS": ".AS", "EPA": ".PA", "BIT": ".MI", "ASX": ".AX",
    "HKG": ".HK",
    "SWX": ".SW", "JSE": ".JO", "TASE": ".TA",
}  # fmt: skip
_AFTER = {
    "US": "", "UN": "", "UW": "", "UQ": "", "CN": ".TO", "CT": ".TO", "CV": ".V", "LN": ".L", "GY": ".DE", "GR": ".DE",
    "GF": ".F", "FP": ".PA", "NA": ".AS", "IM": ".MI", "AU": ".AX", "HK": ".HK", "SJ": ".JO", "IT": ".TA", "SW": ".SW",
}  # fmt: skip
_PREFIXED = re.compile(r"([A-Z]{3,12}):([A-Z0-9.\-]{1,12})")
_BLOOMBERG = re.compile(r"([A-Z0-9/]{1,8}) ([A-Z]{2}) EQUITY")


@lru_cache(maxsize=50_000)
def spelled(text: str) -> str:
    """A ticker in the spelling of this program: upper case, endings of exchanges as Yahoo has them."""
    symbol = text.strip().upper()
    match = _PREFIXED.fullmatch(symbol)
    if match and match[1] in _BEFORE:
        return match[2] + _BEFORE[match[1]]
    match = _BLOOMBERG.fullmatch(symbol)
    if match and match[2] in _AFTER:
        return match[1].replace("/", ".") + _AFTER[match[2]]
    if re.fullmatch(r"[A-Z]{1,5}[ .]US", symbol):
        return symbol[:-3]
    return re.sub(r"(?<=[A-Z])[ /](?=[A-Z]{1,2}$)", ".", symbol)
