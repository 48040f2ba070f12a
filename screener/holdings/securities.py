"""The security of each row: its ticker in one spelling and its ISIN, whichever columns they stand in."""

from __future__ import annotations

import pandas as pd

from screener.holdings.identifiers import isins_by_ticker, looks_like_isin, tickers_by_isin
from screener.holdings.symbols import spelled


def identified(raw: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[str]]:
    """Tickers in one spelling, ISINs in their own column, the ticker of an ISIN where it is known (`by_isin`), and notes."""
    notes = []
    symbol, isin = raw["ticker"].map(spelled), raw["isin"].str.strip().str.upper()
    swapped = isin.ne("") & ~isin.map(looks_like_isin) & (symbol == "")
    symbol, isin = symbol.where(~swapped, isin.map(spelled)), isin.where(~swapped, "")
    misplaced = symbol.map(looks_like_isin) & (isin == "")
    symbol, isin = symbol.where(~misplaced, ""), isin.where(~misplaced, symbol)
    known = isin.map(tickers_by_isin()).fillna("")
    unknown = (symbol == "") & isin.ne("") & (known == "")
    if unknown.any():
        names = ", ".join(dict.fromkeys(isin[unknown]))
        notes.append(f"{file}: no ticker known of {names}: held under the ISIN, at the file's own price")
    own = symbol.map(isins_by_ticker()).fillna("")
    # A new ISIN follows a split or a move; another country is another company with the same ticker.
    other = isin.ne("") & own.ne("") & (isin.str.slice(0, 2) != own.str.slice(0, 2))
    for ticker, code in dict(zip(symbol[other], isin[other], strict=True)).items():
        notes.append(f"{file}: {ticker} with the ISIN {code} is another security than the US share {ticker}")
    by_isin = (symbol == "") & known.ne("")
    symbol = symbol.where(~by_isin, known)
    symbol = symbol.where(~(other | unknown), isin)
    return raw.assign(ticker=symbol, isin=isin, by_isin=by_isin), notes
