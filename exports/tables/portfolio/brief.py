"""The brief of a portfolio: value, what moved, what it owns, risk, liquidity and limits, and the caveats behind them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from exports.tables.formats import day, money, multiple, number, per_mw, percent, several
from exports.tables.portfolio.words import dollars, power
from valuation._words import listed
from valuation.portfolio.kinds import AT_NOTIONAL, CASH, OPTION
from valuation.portfolio.limits import BREACH, HOW_TO_SET, NOT_SET, UNKNOWN
from valuation.portfolio.look_through import PER_MW, PRICE_TO_NAV
from valuation.portfolio.loss_intervals import LEVEL
from valuation.portfolio.options import METHOD
from valuation.portfolio.report import PortfolioReport

MOVERS = 4  # positions named
SLOW_DAYS = 5.0
PERIODS = {"weekly": "week", "daily": "day"}


@dataclass(frozen=True)
class Line:
    """One point of the brief: its answer in a few words, the sentences behind it, and whether it stands out."""

    name: str
    title: str
    text: str
    warn: bool = False


def brief(report: PortfolioReport) -> tuple[Line, ...]:
    """The points in order."""
    return _value(report), _moved(report), _owned(report), _risk(report), _liquidity(report), _limits(report)


def profit(report: PortfolioReport) -> str:
    """Profit and loss with the positions that it covers: `+$70,435 (+60.2% of cost), of 13 of 14 positions`."""
    held = report.portfolio
    known, every = held.pnl_known
    if not known:
        return "n/a (no position has both a value and a cost)" if every else "n/a (nothing but cash)"
    counted = held.positions[held.positions["pnl_usd"].notna()]
    cost = counted["cost_usd"].abs().sum()
    # The cost of a future or a CFD is its notional, of which nothing was paid.
    paid = cost > 0 and not counted["kind"].isin(AT_NOTIONAL).any()
    over = f" ({held.pnl / cost:+.1%} of cost)" if paid else ""
    rest = "" if known == every else "; of the others value or cost is unknown"
    return f"{dollars(held.pnl, '+')}{over}, of {known} of {several(every, 'position')}{rest}"


def _value(report: PortfolioReport) -> Line:
    held = report.portfolio
    text = (
        f"Long {dollars(held.long)}, short {dollars(held.short)}, cash {dollars(held.cash)}. "
        f"Gross exposure {_of_net(held.gross_exposure, held.net)}, net exposure {_of_net(held.net_exposure, held.net)}, "
        f"leverage {number(held.leverage, '{:.2f}x')}. Profit and loss {profit(report)}."
    )
    return Line("value", f"Net value {dollars(held.net)}", text)


def _of_net(value: float, net: float) -> str:
    return f"{dollars(value)} ({percent(value / net)} of net value)" if net > 0 else dollars(value)


def _moved(report: PortfolioReport) -> Line:
    found = report.moves
    if found is None or found.known[0] == 0:
        return Line("moves", "What moved: not known", "No position has an earlier close.")
    known, every = found.known
    part = "" if known == every else f" Known of {known} of {several(every, 'position')}."
    names = movers(report).head(MOVERS)
    told = ", ".join(f"{name} {dollars(value, '+')}" for name, value in names.items())
    return Line(
        "moves",
        f"Since the close of {day(found.since)}: {dollars(found.pnl_usd, '+')} ({number(found.change, '{:+.1%}')})",
        f"Largest: {told}.{part} At today's quantities; trades since are not in it.",
    )


def movers(report: PortfolioReport) -> pd.Series:
    """Change of value by name since the earlier close, the largest in size first."""
    if report.moves is None:
        return pd.Series(dtype=float)
    moved = report.moves.positions["pnl_usd"].dropna()
    held = report.portfolio.positions.loc[moved.index]
    sums = moved[held["kind"] != CASH].groupby(held["exposure_to"]).sum()
    return sums.sort_values(ascending=False, key=abs, kind="stable")


def _owned(report: PortfolioReport) -> Line:
    through = report.look_through
    if through.companies.empty:
        return Line("look_through", "Look-through: not available", "No share of a company of the universe is held.")
    total = through.totals
    text = (
        f"Contracted critical IT {power(total['ai_contracted_it_mw'])}, contracted revenue "
        f"{money(total['contracted_revenue_usd'])} a year, backlog {money(total['backlog_usd'])}, bitcoin "
        f"{number(total['bitcoin'], '{:,.4f}')} BTC; short positions count negative. {means(report)}"
    )
    return Line("look_through", f"Owned through the shares: secured power {power(total['secured_mw'])}", text)


def means(report: PortfolioReport) -> str:
    """EV per secured MW and price to NAV of the longs, both means and what they cover, in sentences."""
    table, parts = report.look_through.means, []
    for name, title, show in ((PER_MW, "EV per secured MW", per_mw), (PRICE_TO_NAV, "P/NAV", _multiple)):
        row = table.loc[name]
        covered = (
            ""
            if row["n"] == row["of"]
            else f", over {percent(row['covered'])} of their value (without {row['excluded']})"
        )
        parts.append(f"{title} {show(row['harmonic'])} harmonic, {show(row['arithmetic'])} arithmetic{covered}")
    return f"Long positions: {'; '.join(parts)}."


def _multiple(value: float) -> str:
    return "n/a" if pd.isna(value) else multiple(value)


def _risk(report: PortfolioReport) -> Line:
    found = report.risk
    if found is None:
        return Line("risk", "Risk: estimate not available", f"{report.risk_note[:1].upper()}{report.risk_note[1:]}.")
    row, period = found.losses.loc[0.95], PERIODS[found.periods]
    betas = ", ".join(f"{b.factor} {number(b.beta)}" for b in found.betas)
    left = "" if not found.left_out else f" Covers {found.covered:.1%} of gross exposure."
    text = (
        f"Value at risk 95%, one {period}: {row['var']:.1%}{_interval(row, 'var')}; expected shortfall {row['es']:.1%}"
        f"{_interval(row, 'es')}, {found.n} {found.periods} returns. Betas: {betas}.{left}"
    )
    return Line("risk", f"Volatility {percent(found.volatility)} a year", text)


def _interval(row: pd.Series, name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if pd.isna(low):
        return " (interval n.m.)"
    return f" ({LEVEL:.0%} block-bootstrap interval {low:.1%} to {high:.1%})"


def _liquidity(report: PortfolioReport) -> Line:
    found = report.liquidity
    if found is None:
        return Line(
            "liquidity", "Days to liquidate", f"{report.liquidity_note[:1].upper()}{report.liquidity_note[1:]}."
        )
    slow = found.names[found.names["days"] > SLOW_DAYS]
    told = ", ".join(f"{name} {_days(row['days'])}" for name, row in slow.head(MOVERS).iterrows())
    unknown = "" if not found.unknown else f" No volume known: {', '.join(found.unknown)}."
    return Line(
        "liquidity",
        f"Days to liquidate: {_days(found.names['days'].max())} for the slowest name",
        f"{percent(found.within(1))} of the shares and funds within one trading day, {percent(found.within(SLOW_DAYS))} "
        f"within {SLOW_DAYS:.0f}, at {found.participation:.0%} of the average volume of {found.sessions} sessions "
        f"({found.source}).{f' Slowest: {told}.' if told else ''}{unknown}",
    )


def _days(value: float) -> str:
    return "n/a" if pd.isna(value) else "under 0.1 days" if value < 0.1 else f"{value:,.1f} days"


def _limits(report: PortfolioReport) -> Line:
    judged = report.limits[report.limits["state"] != NOT_SET]
    if judged.empty:
        return Line("limits", "No limit is set", HOW_TO_SET)
    breaches, unknown = judged[judged["state"] == BREACH], judged[judged["state"] == UNKNOWN]
    rest = f" Unknown: {'; '.join(unknown['title'])}." if len(unknown) else ""
    if breaches.empty:
        title = f"{several(len(judged) - len(unknown), 'limit')} of {len(judged)} kept, none in breach"
        return Line("limits", title, rest.strip() or "The table of limits shows the room left.", warn=bool(rest))
    told = "; ".join(f"{row.title}{f' ({row.detail})' if row.detail else ''}" for row in breaches.itertuples())
    return Line("limits", f"{len(breaches)} of {several(len(judged), 'limit')} in breach", f"{told}.{rest}", warn=True)


def caveats(report: PortfolioReport) -> list[str]:
    """What the figures leave out or rest on, a sentence each."""
    held, lines = report.portfolio, []
    if len(held.unpriced):
        lines.append(f"Without a price, excluded from all totals: {_names(held.unpriced)}.")
    without = held.unexposed[held.unexposed["value_usd"].notna()]
    if len(without):
        told = "; ".join(
            f"{row.ticker} ({row.exposure_cause})" for row in without.drop_duplicates("ticker").itertuples()
        )
        lines.append(f"Exposure unknown, excluded from exposure and risk: {told}.")
    for status, words in (("proxy", "At the file's own price or a proxy"), ("stale", "At a stale close")):
        rows = held.positions[held.positions["status"] == status]
        if len(rows):
            size = rows["value_usd"].abs().sum()
            share = f", {percent(size / held.gross)} of gross value" if held.gross > 0 else ""
            lines.append(f"{words}: {_names(rows)} ({dollars(size)}{share}).")
    through = report.look_through
    if through.optional:
        lines.append(
            f"Held through options alone, owning nothing yet: {', '.join(through.optional)}; not in the look-through."
        )
    if (held.positions["kind"] == OPTION).any():
        lines.append(METHOD)
    return lines


def _names(rows: pd.DataFrame) -> str:
    return listed(dict.fromkeys(rows["ticker"]))
