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
PASS, BREACH, UNKNOWN, NOT_SET = "within", "BREACH", "unknown", "not set"
HOW_TO_SET = (
    "Only limits that somebody set are judged: --limits FILE.toml, under [limits] lines such as largest_long = 0.25."
)


@dataclass(frozen=True)
class Limit:
    """A figure that can be limited: `kind` says whether a limit is the most or the least; all but counts and numbers are
    fractions of net value. `value` is the limit, NaN where nobody set one."""

    name: str
    title: str
    kind: str
    value: float = float("nan")
    unit: str = "fraction"


GROSS, WEEKLY = "gross_exposure", "weekly"
# Figures that a position of unknown exposure makes incomplete.
ON_EXPOSURE = (GROSS, "net_exposure", "largest_long", "largest_short")
# What can be limited. No source fixes a level, so none is set.
LIMITS: dict[str, Limit] = {
    limit.name: limit
    for limit in (
        Limit("largest_long", "Largest long exposure to one name", MOST),
        Limit("largest_short", "Largest short exposure to one name", MOST),
        Limit("gross_exposure", "Gross exposure", MOST),
        Limit("net_exposure", "Net exposure, longs less shorts", MOST),
        Limit("least_cash", "Cash", LEAST),
        Limit("unpriced", "Positions without a price", MOST, unit="count"),
        Limit("proxy_priced", "Value at the broker's own price, of gross value", MOST),
        Limit("largest_counterparty", "Largest counterparty, of backlog looked through", MOST),
        Limit("bitcoin_exposure", "Bitcoin owned through companies", MOST),
        Limit("beta_bitcoin", "Beta to bitcoin", MOST, unit="number"),
        Limit("volatility", "Volatility a year", MOST),
        Limit("var_95", "Value at risk, 95%, one week", MOST),
        Limit("es_95", "Expected shortfall, 95%, one week", MOST),
    )
}


def measure(
    portfolio: Portfolio, through: LookThrough, risk: Risk | None, chosen: Mapping[str, Limit], *, btc_usd: float
) -> pd.DataFrame:
    """Use of every figure that can be limited, and the room left where a limit is set.

    Parameters
    ----------
    chosen : Mapping by name
        The limits that somebody set; empty where nobody set one.

    Returns
    -------
    DataFrame
        Indexed by name, those set first: title, kind, limit (NaN not set), used (NaN unknown), room (to the limit, negative
        in breach), state (within, BREACH, unknown, not set), detail (the name concerned, or what `used` leaves out), unit.

    Notes
    -----
    A position of unknown exposure leaves a limit on exposure unknown, but for what it cannot undo: gross exposure above
    its limit, and a name above it that the position does not move.
    """
    used = _used(portfolio, through, risk, btc_usd)
    rows = {}
    for name in sorted(LIMITS, key=lambda name: name not in chosen):
        limit, (figure, detail) = chosen.get(name, LIMITS[name]), used[name]
        room = (limit.value - figure) if limit.kind == MOST else (figure - limit.value)
        state = NOT_SET if name not in chosen else UNKNOWN if np.isnan(room) else PASS if room >= -1e-12 else BREACH
        if name in ON_EXPOSURE and len(portfolio.unexposed):
            without = f"without {', '.join(dict.fromkeys(portfolio.unexposed['ticker']))}"
            detail = "; ".join(filter(None, [detail, without]))
            certain = state == BREACH and _certain(name, limit, portfolio)
            state = UNKNOWN if state in (PASS, BREACH) and not certain else state
        rows[name] = [limit.title, limit.kind, limit.value, figure, room, state, detail, limit.unit]
    columns = ["title", "kind", "limit", "used", "room", "state", "detail", "unit"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _certain(name: str, limit: Limit, portfolio: Portfolio) -> bool:
    """Whether a breach stands whatever the unknown exposures are."""
    if name == GROSS:
        return True
    sign = {"largest_long": 1, "largest_short": -1}.get(name, 0)
    others = portfolio.by_name().drop(list(portfolio.unexposed["exposure_to"]), errors="ignore")
    return bool((sign * others / portfolio.net > limit.value).any())


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
        GROSS: (portfolio.gross_exposure / net, ""),
        "net_exposure": (portfolio.net_exposure / net, ""),
        "least_cash": (portfolio.cash / net, ""),
        "unpriced": (float(len(portfolio.unpriced)), ", ".join(portfolio.unpriced["ticker"])),
        "proxy_priced": (
            (proxies["value_usd"].abs().sum() / portfolio.gross) if portfolio.gross > 0 else 0.0,
            ", ".join(proxies["ticker"]),
        ),
        "largest_counterparty": (biggest, str(parties.idxmax()) if len(parties) else "no backlog"),
        "bitcoin_exposure": (coins * btc_usd / net if len(through.companies) else 0.0, ""),
        "beta_bitcoin": (beta, ""),
        "volatility": (risk.volatility if risk else np.nan, ""),
        "var_95": _weekly(risk, "var"),
        "es_95": _weekly(risk, "es"),
    }


def _weekly(risk: Risk | None, name: str) -> tuple[float, str]:
    """A loss of one week at 95%; unknown where the returns are of another period."""
    if risk is None:
        return np.nan, ""
    if risk.periods != WEEKLY:
        return np.nan, f"{risk.periods} returns measure no loss of a week"
    return float(
        risk.losses.at[0.95, name]
    ), "" if not risk.left_out else f"covers {risk.covered:.0%} of gross exposure"
