"""Positions at market: values, weights, profit and loss in US dollars, each with the status of its price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation._words import day

CASH, OPTION = "cash", "option"
KEYS = ["account", "ticker", "kind", "currency"]
FROM_CLOSE, FROM_FILE, FROM_CASH = "close", "file", "cash"


@dataclass(frozen=True, repr=False)
class Portfolio(ResultMixin):
    """Positions held on one date, valued in US dollars.

    Attributes
    ----------
    positions : DataFrame
        A row an (account, ticker, currency), largest first, cash last: account, ticker, company (ticker in the universe,
        empty outside it), name, kind, currency, quantity (on the day's split basis; of cash the amount), price (of one
        unit) in price_currency, price_fx and cost_fx (USD per unit of price_currency and of currency), price_usd,
        value_usd, weight (of net value), cost (in currency), cost_usd, pnl_usd, pnl (fraction of cost), status, cause,
        source (close, file or cash), file and lines. NaN unknown.
    as_of : Timestamp
    """

    positions: pd.DataFrame
    as_of: pd.Timestamp

    @property
    def frame(self) -> pd.DataFrame:
        """The positions."""
        return self.positions

    @property
    def net(self) -> float:
        """Value of everything that has one: longs, cash, less shorts."""
        return float(self.positions["value_usd"].sum())

    @property
    def cash(self) -> float:
        return float(self.positions.loc[self.positions["kind"] == CASH, "value_usd"].sum())

    @property
    def long(self) -> float:
        return float(self._risky.clip(lower=0).sum())

    @property
    def short(self) -> float:
        """At or below zero."""
        return float(self._risky.clip(upper=0).sum())

    @property
    def gross(self) -> float:
        """Longs plus the size of shorts; cash is not in it."""
        return self.long - self.short

    @property
    def pnl(self) -> float:
        """Over the positions whose value and cost are known."""
        return float(self.positions["pnl_usd"].sum())

    @property
    def _risky(self) -> pd.Series:
        return self.positions.loc[self.positions["kind"] != CASH, "value_usd"]

    @property
    def unpriced(self) -> pd.DataFrame:
        """Positions without a value; they are in no total."""
        return self.positions[self.positions["value_usd"].isna()]

    def by_company(self) -> pd.DataFrame:
        """Quantity and value of each company of the universe over all accounts, indexed by its ticker."""
        own = self.positions[(self.positions["company"] != "") & (self.positions["kind"] != OPTION)]
        return own.groupby("company")[["quantity", "value_usd"]].sum(min_count=1)

    def by_name(self) -> pd.Series:
        """Value of each name over all accounts and listings, cash and unpriced left out."""
        risky = self.positions[(self.positions["kind"] != CASH) & self.positions["value_usd"].notna()]
        name = risky["company"].where(risky["company"] != "", risky["ticker"])
        return risky.groupby(name)["value_usd"].sum().rename_axis("name")

    def _summary(self) -> Summary:
        columns = ["account", "quantity", "price_usd", "value_usd", "weight", "pnl_usd", "status"]
        line = (
            f"Net {self.net:,.0f} USD, long {self.long:,.0f}, short {self.short:,.0f}, cash {self.cash:,.0f}, "
            f"{len(self.unpriced)} positions without a price"
        )
        table = small(self.positions.set_index("ticker")[columns])
        return Summary(f"Portfolio on {day(self.as_of)}", (line,), (table,))


def value(
    holdings: pd.DataFrame,
    quotes: pd.DataFrame,
    fx: Mapping[str, float],
    as_of: pd.Timestamp,
    *,
    split_factors: pd.Series | None = None,
) -> Portfolio:
    """Value holdings, lots of one account added.

    Parameters
    ----------
    holdings : DataFrame
        account, ticker, kind (equity, option, cash), description, quantity, cost (of the line, signed as the quantity),
        price (of one unit, in currency, from the file), value, currency, file, line; NaN unknown.
    quotes : DataFrame
        Indexed by ticker as in holdings: company, name, price_usd, status, cause. A ticker without one is valued at the
        file's own price (status `proxy`), and without that it has no value (`missing`).
    fx : USD per unit of a currency; USD itself need not be in it
    split_factors : Series by ticker, optional
        Shares that one share of the file has become by `as_of`.

    Notes
    -----
    Costs are translated at the day's rate, so profit and loss carries no currency gain. Profit and loss of a short is
    value less cost with both negative.
    """
    lots = holdings.assign(
        lines=holdings["line"].astype(str),
        _worth=holdings["price"].where(holdings["price"].notna(), holdings["value"] / holdings["quantity"]),
    )
    grouped = lots.groupby(KEYS, sort=False, dropna=False)
    out = grouped.agg(
        quantity=("quantity", "sum"), description=("description", "first"), file=("file", "first"),
        lines=("lines", ", ".join), file_price=("_worth", "first"),
    )  # fmt: skip
    out["cost"] = grouped["cost"].agg(lambda lot: lot.sum(skipna=False))
    out = out.reset_index()
    if split_factors is not None:
        factor = out["ticker"].map(split_factors).fillna(1.0).where(out["kind"] == "equity", 1.0)
        out["quantity"], out["file_price"] = out["quantity"] * factor, out["file_price"] / factor
    found = quotes.reindex(out["ticker"]).set_axis(out.index)
    cash = out["kind"] == CASH
    closed = found["price_usd"].notna() & (out["kind"] == "equity")
    filed = ~closed & ~cash & out["file_price"].notna()
    out["company"] = found["company"].fillna("").where(out["kind"] != CASH, "")
    out["name"] = found["name"].where(found["name"].notna(), out["description"])
    out["source"] = np.select([cash, closed, filed], [FROM_CASH, FROM_CLOSE, FROM_FILE], "")
    out["price"] = np.select([cash, closed, filed], [1.0, found["price_usd"], out["file_price"]], np.nan)
    out["price_currency"] = out["currency"].where(~closed, "USD")
    rates = {"USD": 1.0, **fx}
    out["price_fx"], out["cost_fx"] = out["price_currency"].map(rates), out["currency"].map(rates)
    out["price_usd"] = out["price"] * out["price_fx"]
    out["value_usd"] = out["quantity"] * out["price_usd"]
    net = out["value_usd"].sum()
    out["weight"] = out["value_usd"] / net if net > 0 else np.nan
    out["cost_usd"] = out["cost"] * out["cost_fx"]
    out["pnl_usd"] = out["value_usd"] - out["cost_usd"]
    out["pnl"] = out["pnl_usd"] / out["cost_usd"].abs()
    out["status"] = np.select([cash, closed, filed], ["ok", found["status"].fillna("ok"), "proxy"], "missing")
    told = "no close known, valued at the price in the file"
    causes = [found["cause"].fillna(""), pd.Series(told, index=out.index)]
    out["cause"] = np.select([closed, filed], causes, np.where(cash, "", "no close and no price in the file"))
    order = (
        pd.DataFrame({"cash": cash, "size": -out["value_usd"].abs()}).sort_values(["cash", "size"], kind="stable").index
    )
    columns = ["account", "ticker", "company", "name", "kind", "currency", "quantity", "price", "price_currency", "price_fx",
               "price_usd", "value_usd", "weight", "cost", "cost_fx", "cost_usd", "pnl_usd", "pnl", "status", "cause",
               "source", "file", "lines"]  # fmt: skip
    return Portfolio(out.loc[order, columns].reset_index(drop=True), as_of)
