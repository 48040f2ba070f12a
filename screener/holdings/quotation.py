"""The currency in which each row is quoted, hundredths of one included."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener.holdings import currencies, hundredths
from screener.holdings.choices import Choices
from screener.holdings.kinds import CASH, COIN
from screener.holdings.numbers import Numbers
from screener.holdings.rows import MONEY
from screener.holdings.tables import Table

_NAMED_CURRENCY = re.compile(r"\(([A-Z]{3})\)\s*$")


@dataclass(frozen=True)
class Quotation:
    """The code of each row, a part of a currency included; why some have none, by row; and the code that is assumed."""

    code: pd.Series
    why: Mapping[int, str]
    assumed: str = ""


def currencies_of(
    raw: pd.DataFrame, numbers: dict[str, Numbers], kind: pd.Series, table: Table, choices: Choices
) -> Quotation:
    """The currency of each row.

    The column's, else what signs say, else the exchange of the ticker's ending, else --currency, else the layout's, else
    USD for a ticker without an ending.
    """
    layout = table.header.layout
    given = raw["currency"].map(currencies.spelled)
    signs = pd.Series("", index=raw.index, dtype=object)
    for name in MONEY:
        signs = signs.where(signs != "", numbers[name].currency)
    found = given.where(given != "", signs)
    # The price says pence where the column says pounds.
    mark = numbers["price"].currency
    finer = hundredths.in_hundredths(mark) & (mark.map(currencies.main) == given)
    found = found.where(~finer, mark)
    symbol = raw["ticker"]
    cash = kind == CASH
    by_name = raw["description"].str.upper().str.extract(_NAMED_CURRENCY, expand=False).fillna("")
    named = symbol.where(symbol.isin(currencies.CURRENCIES), by_name.where(by_name.isin(currencies.CURRENCIES), ""))
    found = found.where((found != "") | ~cash, named)
    priced = pd.concat([numbers[name].value.notna() for name in MONEY], axis=1).any(axis=1)
    pair = (kind == COIN) & (found == "")
    coin_in = symbol.str.extract(r"[-/](USD|EUR|GBP|CAD|AUD|CHF|JPY)$", expand=False).fillna("USD")
    found = found.where(~pair, coin_in)
    endings = symbol.map(currencies.ending).where(~cash & (found == ""), "")
    why: dict[int, str] = {}
    for at in np.flatnonzero(endings.to_numpy() != "").tolist():
        exchange, code = currencies.EXCHANGES[endings.iloc[at]]
        main = currencies.main(code)
        if endings.iloc[at] in (".L", ".LON") and layout.london:
            code = layout.london
        elif choices.currency and (code == "" or currencies.main(choices.currency) == main):
            code = choices.currency
        elif code in currencies.PARTS and priced.iloc[at]:
            why[at] = (
                f"{exchange} quotes in {code} (hundredths) and in {main}, and the file does not say which: "
                f"--currency {code} or --currency {main}"
            )
        elif code == "" and priced.iloc[at]:
            why[at] = (
                f"lines of {exchange} trade in several currencies and the file does not say which: --currency CODE"
            )
        found.iloc[at] = main if code in currencies.PARTS and not priced.iloc[at] else code or "USD"
    if table.header.value_currency and "price" not in table.header.columns:
        found = found.where(found != "", table.header.value_currency)
    found = found.where((found != "") | ~cash, table.header.value_currency)
    fallback = choices.currency or layout.currency
    bare = found == ""
    if fallback:
        return Quotation(found.where(~bare, fallback), why)
    account_money = layout.name == "trading212-pie"
    by_isin = (raw["isin"] != "") & (symbol == raw["isin"])
    unknown = bare & (by_isin | account_money) & ~cash & priced
    for at in np.flatnonzero(unknown.to_numpy()).tolist()[:1]:
        why[at] = "the file does not say in which currency its prices and values are: --currency CODE"
    assumed = "USD" if (bare & priced).any() else ""
    return Quotation(found.where(~bare, "USD"), why, assumed)
