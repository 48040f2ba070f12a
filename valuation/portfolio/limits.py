"""Portfolio limits and their use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.portfolio.look_through import LookThrough
from valuation.portfolio.positions import Portfolio
from valuation.portfolio.risk import Risk

MOST, LEAST = "at most", "at least"
PASS, BREACH, UNKNOWN = "within", "BREACH", "unknown"


@dataclass(frozen=True)
class Limit:
    """One limit: `kind` says whether `value` is the most or the least; all but counts are fractions of net value."""

    name: str
    title: str
    kind: str
    value: float
    unit: str = "fraction"


# Starting points for a committee to change; no source fixes them.
DEFAULTS: dict[str, Limit] = {
    limit.name: limit
    for limit in (
        Limit("largest_long", "Largest long position", MOST, 0.25),
        Limit("largest_short", "Largest short position", MOST, 0.10),
        Limit("gross_exposure", "Gross exposure", MOST, 1.50),
        Limit("net_exposure", "Net exposure, longs less shorts", MOST, 1.00),
        Limit("least_cash", "Cash", LEAST, 0.00),
        Limit("unpriced", "Positions without a price", MOST, 0, "count"),
        Limit("proxy_priced", "Value at the broker's own price, of gross", MOST, 0.10),
        Limit("largest_counterparty", "Largest counterparty, of backlog looked through", MOST, 0.50),
        Limit("bitcoin_exposure", "Bitcoin owned through companies", MOST, 0.30),
        Limit("beta_bitcoin", "Beta to bitcoin", MOST, 1.50, "number"),
        Limit("volatility", "Volatility a year", MOST, 1.00),
        Limit("var_95", "Value at risk, 95%, one week", MOST, 0.15),
        Limit("es_95", "Expected shortfall, 95%, one week", MOST, 0.20),
    )
}


def measure(
    portfolio: Portfolio, through: LookThrough, risk: Risk | None, limits: Mapping[str, Limit], *, btc_usd: float
) -> pd.DataFrame:
    """Use of each limit, and the room left.

    Returns
    -------
    DataFrame
        Indexed by name: title, kind, limit, used (NaN unknown), room (to the limit, negative in breach), state (within,
        BREACH, unknown), detail (the name concerned), unit.
    """
    used = _used(portfolio, through, risk, btc_usd)
    rows = {}
    for name, limit in limits.items():
        value, detail = used[name]
        room = (limit.value - value) if limit.kind == MOST else (value - limit.value)
        state = UNKNOWN if np.isnan(value) else PASS if room >= -1e-12 else BREACH
        rows[name] = [limit.title, limit.kind, limit.value, value, room, state, detail, limit.unit]
    columns = ["title", "kind", "limit", "used", "room", "state", "detail", "unit"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _used(
    portfolio: Portfolio, through: LookThrough, risk: Risk | None, btc_usd: float
) -> dict[str, tuple[float, str]]:
    net = portfolio.net if portfolio.net > 0 else np.nan
    by_name = portfolio.by_name() / net
    longs, shorts = by_name[by_name > 0], -by_name[by_name < 0]
    proxies = portfolio.positions[portfolio.positions["status"] == "proxy"]
    parties = through.counterparties["share"].dropna()
    biggest = parties.max() if len(parties) else np.nan
    coins = through.totals["bitcoin"]
    beta = next((b.beta for b in risk.betas if b.factor == "bitcoin"), np.nan) if risk else np.nan
    return {
        "largest_long": (longs.max(), str(longs.idxmax())) if len(longs) else (0.0, ""),
        "largest_short": (shorts.max(), str(shorts.idxmax())) if len(shorts) else (0.0, ""),
        "gross_exposure": (portfolio.gross / net, ""),
        "net_exposure": ((portfolio.long + portfolio.short) / net, ""),
        "least_cash": (portfolio.cash / net, ""),
        "unpriced": (float(len(portfolio.unpriced)), ", ".join(portfolio.unpriced["ticker"])),
        "proxy_priced": (
            (proxies["value_usd"].abs().sum() / portfolio.gross) if portfolio.gross > 0 else 0.0,
            ", ".join(proxies["ticker"]),
        ),
        "largest_counterparty": (biggest, str(parties.idxmax()) if len(parties) else "no backlog"),
        "bitcoin_exposure": (coins * btc_usd / net if not np.isnan(coins) else 0.0, ""),
        "beta_bitcoin": (beta, ""),
        "volatility": (risk.volatility if risk else np.nan, ""),
        "var_95": (float(risk.losses.at[0.95, "var"]) if risk else np.nan, ""),
        "es_95": (float(risk.losses.at[0.95, "es"]) if risk else np.nan, ""),
    }
