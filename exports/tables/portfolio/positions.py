"""What is held and what moved, as tables."""

from __future__ import annotations

import pandas as pd

from exports.tables.formats import day
from exports.tables.portfolio.words import short
from exports.tables.spec import Block, Column, TableSpec, note
from valuation.portfolio.kinds import CASH, DERIVATIVES, QUOTED_BY_UNIT
from valuation.portfolio.report import PortfolioReport

SHOWN = 40


def positions(report: PortfolioReport, shown: int = SHOWN) -> TableSpec:
    """Quantity, price, value, weight, profit and loss of each position; exposure where it is not the value."""
    rows = report.portfolio.positions
    frame = rows.head(shown)
    cash = frame["kind"] == CASH
    table = frame.assign(
        account=frame["account"].map(lambda text: short(text, 9)),
        name=[short(f"{r.ticker} {r.currency}" if r.kind == CASH else str(r.ticker), 14) for r in frame.itertuples()],
        quantity=[_quantity(q) for q in frame["quantity"]],
        price_usd=(frame["price_usd"] / frame["unit"]).where(frame["kind"].isin(QUOTED_BY_UNIT), frame["price_usd"]),
    )
    columns = (
        Column("account", "Account", priority=1), Column("name", "Name"), Column("kind", "Kind", priority=2),
        Column("quantity", "Quantity", "figures"),
        Column("price_usd", "Price", "usd_per_share"), Column("value_usd", "Value", "usd_whole"),
        Column("exposure_usd", "Exposure", "usd_whole", priority=2),
        Column("weight", "Weight", "fraction_fine"), Column("pnl_usd", "P&L", "usd_change"), Column("pnl", "P&L", "change"),
    )  # fmt: skip
    status = pd.DataFrame({"price_usd": frame["status"].where(~cash & frame["status"].isin(["stale", "proxy"]), "ok")})
    more = len(rows) - len(frame)
    notes: tuple[str, ...] = (
        "s stale, p the file's own price or a proxy, n/a unknown. Cost at today's exchange rates: no currency gain in P&L.",
    )
    if more > 0:
        notes = (f"{more} smaller positions are in the workbook.", *notes)
    return TableSpec("positions", table, columns, status=status, notes=notes, data=rows)


def derivatives(report: PortfolioReport) -> list[Block]:
    """Options, futures and CFDs with what they expose to; nothing where none is held."""
    rows = report.portfolio.positions
    rows = rows[rows["kind"].isin(DERIVATIVES)]
    if rows.empty:
        return []
    frame = rows.assign(name=[short(str(ticker), 22) for ticker in rows["ticker"]])
    columns = (
        Column("name", "Derivative"), Column("exposure_to", "On"),
        Column("underlying_usd", "Its close", "usd_per_share"),
        Column("delta", "Delta", "number"),
        Column("implied_volatility", "Implied volatility", "fraction", "Implied\nvolat."),
        Column("value_usd", "Value", "usd_whole"), Column("exposure_usd", "Exposure", "usd_whole"),
    )  # fmt: skip
    return [TableSpec("derivatives", frame, columns)]


def moved(report: PortfolioReport, shown: int = SHOWN) -> list[Block]:
    """Change of each position since the earlier close, the largest in size first."""
    found = report.moves
    if found is None:
        return []
    held = report.portfolio.positions
    rows = found.positions[(held["kind"] != CASH) & found.positions["pnl_usd"].notna()]
    if rows.empty:
        return []
    rows = rows.sort_values("pnl_usd", ascending=False, key=abs, kind="stable").head(shown)
    frame = rows.assign(name=[short(str(held.at[at, "ticker"]), 20) for at in rows.index])
    columns = (
        Column("name", f"Since {day(found.since)}", short="Name"), Column("price_before_usd", "Then", "usd_per_share"),
        Column("price_now_usd", "Now", "usd_per_share"), Column("change", "Change", "change_fine"),
        Column("pnl_usd", "P&L", "usd_change"), Column("contribution", "Contribution", "change_fine", "Contri-\nbution"),
    )  # fmt: skip
    blocks: list[Block] = [TableSpec("moves", frame, columns)]
    unknown = found.positions[(held["kind"] != CASH) & found.positions["pnl_usd"].isna()]
    if len(unknown):
        why: dict[str, list[str]] = {}
        for at, row in unknown.iterrows():
            why.setdefault(row["why"], []).append(str(held.at[at, "ticker"]))
        told = "; ".join(f"{', '.join(dict.fromkeys(names))} ({reason})" for reason, names in why.items())
        blocks.append(note(f"Change unknown: {told}. Derivatives move by exposure."))
    return blocks


def _quantity(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1e5 else f"{value:,.2f}"
