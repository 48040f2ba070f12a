"""Rows quoted in hundredths of a currency, such as pence: which securities are, and what confirms it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.holdings import currencies
from screener.holdings.choices import Choices
from screener.holdings.kinds import BOND, CASH, COIN, EQUITY, FUND, OPTION
from screener.holdings.numbers import Numbers
from screener.holdings.reconciliation import agrees
from screener.holdings.rows import MONEY
from screener.holdings.tables import Table

COSTS = ("cost", "unit_cost")
# Options quoted in pence (ICE Futures Europe) deliver 1,000 shares; contracts of 100 are quoted in dollars.
OPTION_SIZE = 1000.0


def in_hundredths(currency: pd.Series) -> pd.Series:
    """Whether the code of each row is a part of a currency."""
    return currency.map(lambda code: code in currencies.PARTS).astype(bool)


def lone_marks(
    raw: pd.DataFrame, numbers: dict[str, Numbers], kind: pd.Series, table: Table, choices: Choices
) -> dict[str, pd.Series]:
    """Rows whose currency only one figure says, by the column of that figure.

    `72.50p` in a column of `19.32`, in a row whose other figures have no sign, is more often a damaged cell than a price in
    pence. It counts where the ticker's exchange, the table's or the user's currency, or the file's value confirms it.
    Signs of other currencies are doubted on a cost alone: beside a price without a sign they say nothing of the price.
    """
    if not any(numbers[name].currency.any() for name in MONEY):
        return {}
    marks = {name: numbers[name].currency.map(currencies.main) for name in MONEY}
    filled = {name: numbers[name].value.notna() for name in MONEY}
    usual = {
        currencies.main(code) for code in (choices.currency, table.header.layout.currency, table.header.value_currency)
    }
    exchange = raw["ticker"].map(
        lambda one: currencies.main(currencies.EXCHANGES.get(currencies.ending(one), ("", ""))[1])
    )
    decided = raw["currency"].map(currencies.spelled) != ""
    priced = filled["price"] | filled["value"]
    quantity, price, value = (numbers[name].value for name in ("quantity", "price", "value"))
    value_in_main = kind.isin((EQUITY, FUND)) & agrees(quantity * price * 0.01, value)
    out = {}
    for name in MONEY:
        mark = marks[name]
        rest = [other for other in MONEY if other != name]
        beside = pd.concat([filled[other] for other in rest], axis=1).any(axis=1)
        repeated = pd.concat([(marks[other] == mark) for other in rest], axis=1).any(axis=1)
        in_column = mark.map(mark[mark != ""].value_counts())
        alone = (in_column == 1) & (int(filled[name].sum()) > 1)
        lone = (mark != "") & beside & ~repeated & alone & ~decided & ~mark.isin(usual) & (mark != exchange)
        part = in_hundredths(numbers[name].currency)
        doubted = (part & ~value_in_main) | (priced if name in COSTS else False)
        out[name] = lone & doubted
    return out


def impossible(raw: pd.DataFrame, multiplier: pd.Series, kind: pd.Series, currency: pd.Series) -> dict[int, str]:
    """Why a row cannot be quoted in the hundredths that its currency says, by row."""
    out: dict[int, str] = {}
    for at in np.flatnonzero(in_hundredths(currency) & ~kind.isin((BOND, CASH))).tolist():
        code, ticker = currency.iloc[at], raw["ticker"].iloc[at]
        main = currencies.main(code)
        end = currencies.ending(ticker)
        exchange, own = currencies.EXCHANGES.get(end, ("", ""))
        if own and currencies.main(own) != main:
            out[at] = f"{ticker}: {exchange} quotes in {currencies.main(own)}, not in hundredths of {main}"
        elif kind.iloc[at] == OPTION and multiplier.iloc[at] != OPTION_SIZE:
            out[at] = f"{ticker}: only options on {OPTION_SIZE:,.0f} shares are quoted in hundredths of {main}"
        elif kind.iloc[at] == COIN:
            out[at] = f"{ticker}: coins are not quoted in hundredths of {main}"
    return out


def unconfirmed(raw: pd.DataFrame, kind: pd.Series, currency: pd.Series, value_part: pd.Series) -> pd.Series:
    """Rows in hundredths that neither the ticker's exchange, nor an ISIN, nor a value in the main currency confirms."""
    ended = raw["ticker"].map(lambda ticker: currencies.ending(ticker) != "").astype(bool)
    return in_hundredths(currency) & ~ended & (raw["isin"] == "") & (value_part < 1) & kind.isin((EQUITY, FUND))
