"""Positions at market: values, exposures, weights, profit and loss in US dollars, each with the status of its price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation._words import count, day
from valuation.portfolio.exposure import exposures
from valuation.portfolio.kinds import AT_CLOSE, AT_NOTIONAL, CASH, CFD, EQUITY, FUTURE, OPTION

__all__ = ["CASH", "OPTION", "Portfolio", "value"]

KEYS = ["account", "ticker", "kind", "currency", "underlying", "right", "strike", "expiry", "unit"]
FROM_CLOSE, FROM_FILE, FROM_CASH = "close", "file", "cash"
# What a file need not say, and what stands for it; `unit` is what one point of price of one unit of quantity is worth.
OPTIONAL = {
    "isin": "",
    "unit": 1.0,
    "underlying": "",
    "right": "",
    "strike": np.nan,
    "expiry": pd.NaT,
    "notional": np.nan,
}
# A cost so far from the notional is of another kind (margin paid, per contract): no profit is computed from it.
COST_WITHIN = 10.0
CAUSES = {
    "close": "no close known, valued at the price in the file",
    "file": "valued at the price in the file",
    "profit": "valued at the profit in the file",
    "settled": "profit is settled in cash each day",
    "none": "no close and no price in the file",
    "no_profit": "neither a profit nor price and cost in the file",
    "expired": "expired on {:%Y-%m-%d}: neither the premium nor shares from an exercise are in the totals",
}


@dataclass(frozen=True, repr=False)
class Portfolio(ResultMixin):
    """Positions held on one date, valued in US dollars.

    Attributes
    ----------
    positions : DataFrame
        A row an (account, ticker, contract, currency), largest first, cash last: account, ticker, company (ticker in the
        universe, empty outside it), name, kind, currency, quantity (on the day's split basis; of cash the amount), price (of
        one unit of quantity) in price_currency, price_fx and cost_fx (USD per unit of price_currency and of currency),
        price_usd, value_usd, weight (of net value), cost (in currency), cost_usd, pnl_usd, pnl (fraction of cost), status,
        cause, source (close, file or cash), file and lines; isin, underlying, right, strike, expiry, unit, notional_usd;
        exposure_to, underlying_usd, delta, implied_volatility, exposure_usd and exposure_cause of `exposures`. NaN unknown.
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
        """Value of everything that has one: longs, cash, less shorts; NaN where nothing has one."""
        return float(self.positions["value_usd"].sum(min_count=1))

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
        """Value of longs plus the size of shorts; cash is not in it."""
        return self.long - self.short

    @property
    def exposure_long(self) -> float:
        return float(self.positions["exposure_usd"].clip(lower=0).sum())

    @property
    def exposure_short(self) -> float:
        """At or below zero."""
        return float(self.positions["exposure_usd"].clip(upper=0).sum())

    @property
    def gross_exposure(self) -> float:
        """Long exposure plus the size of short exposure, over the positions whose exposure is known."""
        return self.exposure_long - self.exposure_short

    @property
    def net_exposure(self) -> float:
        return self.exposure_long + self.exposure_short

    @property
    def leverage(self) -> float:
        """Gross exposure over net value; NaN where that is not positive."""
        return self.gross_exposure / self.net if self.net > 0 else np.nan

    @property
    def unexposed(self) -> pd.DataFrame:
        """Positions whose exposure is unknown; they are in no exposure and in no risk."""
        return self.positions[self.positions["exposure_usd"].isna()]

    @property
    def pnl(self) -> float:
        """Over the positions whose value and cost are known; NaN where there is none."""
        return float(self.positions["pnl_usd"].sum(min_count=1))

    @property
    def pnl_known(self) -> tuple[int, int]:
        """Positions with a profit or loss, of how many but cash."""
        held = self.positions[self.positions["kind"] != CASH]
        return int(held["pnl_usd"].notna().sum()), len(held)

    @property
    def _risky(self) -> pd.Series:
        return self.positions.loc[self.positions["kind"] != CASH, "value_usd"]

    @property
    def unpriced(self) -> pd.DataFrame:
        """Positions without a value; they are in no total."""
        return self.positions[self.positions["value_usd"].isna()]

    def by_company(self) -> pd.DataFrame:
        """Shares owned of each company of the universe and their value over all accounts, indexed by its ticker."""
        own = self.positions[(self.positions["company"] != "") & (self.positions["kind"] == EQUITY)]
        return own.groupby("company")[["quantity", "value_usd"]].sum(min_count=1)

    def by_name(self) -> pd.Series:
        """Exposure to each name over all accounts, listings, options, futures and CFDs; unknown ones left out."""
        risky = self.positions[(self.positions["kind"] != CASH) & self.positions["exposure_usd"].notna()]
        return risky.groupby("exposure_to")["exposure_usd"].sum().rename_axis("name").rename("exposure_usd")

    def _summary(self) -> Summary:
        columns = ["account", "quantity", "price_usd", "value_usd", "exposure_usd", "weight", "pnl_usd", "status"]
        line = (
            f"Net {self.net:,.0f} USD, long {self.long:,.0f}, short {self.short:,.0f}, cash {self.cash:,.0f}, "
            f"gross exposure {self.gross_exposure:,.0f}, {count(len(self.unpriced), 'position')} without a price"
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
        account, ticker, kind (of `kinds`), description, quantity, cost (of the line, signed as the quantity), price (worth
        of one unit of quantity, in currency, from the file), value, currency, file, line; where the file has them isin,
        unit, underlying, right, strike, expiry, notional. NaN unknown.
    quotes : DataFrame
        Indexed by ticker as in holdings, underlyings of derivatives among them: company, name, price_usd, status, cause. A
        ticker without one is valued at the file's own price (status `proxy`), and without that has no value (`missing`).
    fx : USD per unit of a currency; USD itself need not be in it
    split_factors : Series by ticker, optional
        Shares that one share of the file has become by `as_of`.

    Notes
    -----
    A future's value is zero, since its profit is settled in cash each day; of a CFD it is the profit so far. Both count at
    their notional as exposure. An option past its expiry has no value: what became of it is not in the file.

    Costs are translated at the day's rate, so profit and loss carries no currency gain. Profit and loss of a short is
    value less cost with both negative; of a future notional less cost.
    """
    out = _lots_added(holdings)
    splits = pd.Series(dtype=float) if split_factors is None else split_factors
    factor = out["ticker"].map(splits).fillna(1.0).where(out["kind"] == EQUITY, 1.0)
    out["quantity"], out["file_price"] = out["quantity"] * factor, out["file_price"] / factor
    quotes = quotes.astype({"price_usd": float})
    found = quotes.reindex(out["ticker"]).set_axis(out.index)
    kind = out["kind"]
    cash, at_notional = kind == CASH, kind.isin(AT_NOTIONAL)
    over = (kind == OPTION) & (out["expiry"] < as_of)
    closed = found["price_usd"].notna() & kind.isin(AT_CLOSE)
    filed = ~closed & ~cash & ~over & out["file_price"].notna()
    out["company"] = found["company"].fillna("").where(kind.isin(AT_CLOSE), "")
    out["name"] = found["name"].where(found["name"].notna() & kind.isin(AT_CLOSE), out["description"])
    out["source"] = np.select([cash, closed, filed], [FROM_CASH, FROM_CLOSE, FROM_FILE], "")
    out["price"] = np.select([cash, closed, filed], [1.0, found["price_usd"], out["file_price"]], np.nan)
    out["price_currency"] = out["currency"].where(~closed, "USD")
    rates = {"USD": 1.0, **fx}
    out["price_fx"], out["cost_fx"] = out["price_currency"].map(rates), out["currency"].map(rates)
    out["price_usd"] = out["price"] * out["price_fx"]
    out["cost_usd"] = out["cost"] * out["cost_fx"]
    notional = out["notional"].where(out["notional"].notna(), out["quantity"] * out["file_price"])
    out["notional_usd"] = (notional * out["cost_fx"]).where(at_notional)
    gained = (out["notional_usd"] - out["cost_usd"]).where(_of_a_size(out["notional_usd"], out["cost_usd"]))
    profit = (out["file_value"] * out["cost_fx"]).where(out["file_value"].notna(), gained)
    out["value_usd"] = np.select(
        [kind == FUTURE, kind == CFD], [0.0, profit], out["quantity"] * out["price_usd"]
    )  # fmt: skip
    net = out["value_usd"].sum(min_count=1)
    out["weight"] = out["value_usd"] / net if net > 0 else np.nan
    out["pnl_usd"] = np.select(
        [kind == FUTURE, kind == CFD], [gained, profit], out["value_usd"] - out["cost_usd"]
    )  # fmt: skip
    out["pnl"] = out["pnl_usd"] / out["cost_usd"].abs().where(out["cost_usd"] != 0)
    _statuses(out, found, {"cash": cash, "closed": closed, "filed": filed, "over": over})
    below = out["underlying"].map(splits).fillna(1.0) != 1.0
    out = out.join(exposures(out, quotes, as_of, below & kind.isin((OPTION, *AT_NOTIONAL))))
    order = (
        pd.DataFrame({"cash": cash, "size": -out["value_usd"].abs()}).sort_values(["cash", "size"], kind="stable").index
    )
    columns = ["account", "ticker", "company", "name", "kind", "currency", "quantity", "price", "price_currency", "price_fx",
               "price_usd", "value_usd", "weight", "cost", "cost_fx", "cost_usd", "pnl_usd", "pnl", "status", "cause",
               "source", "file", "lines", "isin", "underlying", "right", "strike", "expiry", "unit", "notional_usd",
               "exposure_to", "underlying_usd", "delta", "implied_volatility", "exposure_usd", "exposure_cause"]  # fmt: skip
    return Portfolio(out.loc[order, columns].reset_index(drop=True), as_of)


def _lots_added(holdings: pd.DataFrame) -> pd.DataFrame:
    """One row a position: quantity and cost summed, unknown where one lot's is; price, file and name of the first lot."""
    lots = holdings.assign(**{name: blank for name, blank in OPTIONAL.items() if name not in holdings})
    lots = lots.assign(
        lines=lots["line"].astype(str),
        expiry=pd.to_datetime(lots["expiry"]),
        _worth=lots["price"].where(
            lots["price"].notna(), lots["value"] / lots["quantity"].where(lots["quantity"] != 0)
        ),
    )
    for name in ("strike", "unit", "notional", "value", "cost", "price"):
        lots[name] = lots[name].astype(float)
    grouped = lots.groupby(KEYS, sort=False, dropna=False)
    out = grouped.agg(
        quantity=("quantity", "sum"), description=("description", "first"), file=("file", "first"),
        lines=("lines", ", ".join), file_price=("_worth", "first"), isin=("isin", "first"),
    )  # fmt: skip
    code = grouped.ngroup()
    out = out.reset_index()
    for name, source in (("cost", "cost"), ("file_value", "value"), ("notional", "notional")):
        unknown = lots[source].isna().groupby(code).any()
        out[name] = lots[source].groupby(code).sum().where(~unknown)
    # `price` of a CFD whose file gives the profit alone cannot come from that profit.
    given = grouped["price"].first().to_numpy()
    out["file_price"] = out["file_price"].where(~out["kind"].isin(AT_NOTIONAL), given)
    return out


def _of_a_size(notional: pd.Series, cost: pd.Series) -> pd.Series:
    """Whether a cost can be the notional at which a position was opened."""
    ratio = notional / cost
    return (ratio > 1 / COST_WITHIN) & (ratio < COST_WITHIN)


def _statuses(out: pd.DataFrame, found: pd.DataFrame, is_: Mapping[str, pd.Series]) -> None:
    """Status and cause of each position's price."""
    kind, known = out["kind"], out["value_usd"].notna()
    future, cfd = kind == FUTURE, kind == CFD
    out["status"] = np.select(
        [is_["cash"] | future, is_["closed"], known], ["ok", found["status"].fillna("ok"), "proxy"], "missing"
    )
    over = out["expiry"].map(CAUSES["expired"].format, na_action="ignore").astype(object)
    filed = pd.Series(CAUSES["file"], index=out.index).where(~kind.isin(AT_CLOSE), CAUSES["close"])
    none = pd.Series(CAUSES["none"], index=out.index).where(~cfd, CAUSES["no_profit"])
    out["cause"] = np.select(
        [is_["cash"], future, is_["over"], is_["closed"], cfd & known, known],
        ["", CAUSES["settled"], over, found["cause"].fillna(""), CAUSES["profit"], filed],
        none,
    )
