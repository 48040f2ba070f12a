"""A portfolio as pages: what is held, what it owns inside its companies, what it can lose, where its limits are."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import pandas as pd

from exports.tables.formats import day as date
from exports.tables.formats import figure, money, multiple, number, per_mw, percent
from exports.tables.screen import price_line
from exports.tables.spec import Block, Column, Page, TableSpec, Text, bad, note, warning
from valuation.portfolio.limits import BREACH
from valuation.portfolio.loss_intervals import LEVEL, method
from valuation.portfolio.positions import CASH
from valuation.portfolio.report import PortfolioReport
from valuation.portfolio.risk import Risk
from valuation.portfolio.stress import BY_BETA, BY_NAV, StressResult

SHOWN_POSITIONS, SHOWN_PARTIES = 40, 8
FACTOR_NOTE = "each factor alone, OLS"
PERIODS = {"weekly": "week", "daily": "day"}
LIMIT_UNITS = {"fraction": "fraction_fine", "count": "count"}


def value_page(report: PortfolioReport) -> Page:
    """Positions, totals, look-through and limits in breach."""
    held = report.portfolio
    blocks: list[Block] = [price_line(report), _positions(report)]
    cost = held.positions.loc[held.positions["pnl_usd"].notna(), "cost_usd"].abs().sum()
    over = f" ({held.pnl / cost:+.1%} of cost)" if cost > 0 else ""
    profit = f"{_usd(held.pnl, '+')}{over}" if held.positions["pnl_usd"].notna().any() else "n/a (no cost in the file)"
    blocks.append(
        Text(
            f": long {_usd(held.long)}, short {_usd(held.short)}, cash {_usd(held.cash)}; profit and loss {profit}.",
            lead=f"Net value {_usd(held.net)}",
        )
    )
    if len(held.unpriced):
        names = ", ".join(dict.fromkeys(held.unpriced["ticker"]))
        blocks.append(bad(f"Without a price, excluded from all totals: {names}."))
    others = report.fx.drop(index="USD")
    if len(others):
        rates = "; ".join(f"{code} {row.usd:.4f} USD ({row.source})" for code, row in others.iterrows())
        blocks.append(note(f"Exchange rates: {rates}."))
    blocks += _look_through(report)
    breaches = report.limits[report.limits["state"] == BREACH]
    if len(breaches):
        blocks.append(bad(f"Limits in breach: {'; '.join(breaches['title'])}."))
    return _page(report, "", blocks)


def risk_page(report: PortfolioReport) -> Page:
    """Volatility, tail losses, betas, contributions, concentration and every limit."""
    found = report.risk
    blocks: list[Block] = [price_line(report)]
    if found is None:
        blocks.append(bad(f"Risk: estimate not available ({report.risk_note})."))
    else:
        blocks += _risk(found, report.portfolio.net)
    return _page(report, ": risk", [*blocks, *_limits(report)])


def scenario_page(report: PortfolioReport, scenarios: tuple[StressResult, ...]) -> Page:
    """Each position's change under a scenario, by each method there is for it."""
    blocks: list[Block] = [price_line(report)]
    for scenario in scenarios:
        blocks += _scenario(scenario, report.portfolio.positions)
    return _page(report, ": scenario", blocks)


def _page(report: PortfolioReport, what: str, blocks: list[Block]) -> Page:
    blocks += [warning(f"{text}.") for text in report.notes] if not what else []
    content, files = _content(report)
    return Page(f"Portfolio{what}, {date(report.as_of)}", blocks, content, files)


def _usd(value: float, sign: str = "") -> str:
    return f"{'-' if value < 0 else sign}${abs(value):,.0f}"


def _positions(report: PortfolioReport) -> TableSpec:
    rows = report.portfolio.positions
    frame = rows.head(SHOWN_POSITIONS)
    cash = frame["kind"] == CASH
    shown = frame.assign(
        account=frame["account"].map(lambda text: _short(text, 9)),
        name=[_short(f"{r.ticker} {r.currency}" if r.kind == CASH else str(r.ticker), 14) for r in frame.itertuples()],
        quantity=[_quantity(q) for q in frame["quantity"]],
    )
    columns = (
        Column("account", "Account"), Column("name", "Name"), Column("quantity", "Quantity", "figures"),
        Column("price_usd", "Price", "usd_per_share"), Column("value_usd", "Value", "usd_whole"),
        Column("weight", "Weight", "fraction_fine"), Column("pnl_usd", "P&L", "usd_change"), Column("pnl", "P&L", "change"),
    )  # fmt: skip
    status = pd.DataFrame({"price_usd": frame["status"].where(~cash & frame["status"].isin(["stale", "proxy"]), "ok")})
    more = len(rows) - len(frame)
    notes: tuple[str, ...] = (
        "s stale, p the broker's own price or a proxy. Cost at today's exchange rates: no currency gain in P&L.",
    )
    if more > 0:
        notes = (f"{more} smaller positions are in the workbook.", *notes)
    return TableSpec("positions", shown, columns, status=status, notes=notes, data=rows)


def _quantity(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1e5 else f"{value:,.2f}"


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _power(mw: float) -> str:
    """Megawatts, or kilowatts where it is little."""
    return number(mw, "{:,.1f} MW") if math.isnan(mw) or abs(mw) >= 1 else f"{mw * 1000:,.1f} kW"


def _look_through(report: PortfolioReport) -> list[Block]:
    """What the positions own inside their companies."""
    through = report.look_through
    if through.companies.empty:
        return [warning("No position is a company of the universe: look-through is not available.")]
    total = through.totals
    nav = f"{multiple(through.p_nav)}" if not math.isnan(through.p_nav) else "n/a (no net asset value computed)"
    blocks: list[Block] = [
        Text(
            f"(shorts negative): secured {_power(total['secured_mw'])}, contracted critical IT "
            f"{_power(total['ai_contracted_it_mw'])}, contracted revenue {money(total['contracted_revenue_usd'])} a year, "
            f"backlog {money(total['backlog_usd'])}, bitcoin {number(total['bitcoin'], '{:,.4f}')} BTC.",
            lead="Look-through",
        ),
        Text(
            f"Long positions: EV per secured MW {per_mw(through.ev_per_mw)} (sum over sum), "
            f"{per_mw(through.ev_per_mw_weighted)} (weighted by value); P/NAV {nav}."
        ),
    ]
    parties = through.counterparties.dropna(subset="backlog_usd").head(SHOWN_PARTIES).rename_axis("counterparty")
    if len(parties):
        columns = (
            Column("counterparty", "Backlog by counterparty"), Column("backlog_usd", "Backlog", "usd_whole"),
            Column("share", "Share", "fraction"), Column("companies", "Through"),
        )  # fmt: skip
        blocks.append(TableSpec("counterparties", parties, columns))
    if through.outside:
        blocks.append(note(f"Outside the universe, excluded from look-through: {', '.join(through.outside)}."))
    return blocks


def _risk(found: Risk, net: float) -> list[Block]:
    first, last = found.returns.index[[0, -1]]
    losses = found.losses.assign(
        level=[f"{level:.0%}" for level in found.losses.index], var_usd=found.losses["var"] * net,
        es_usd=found.losses["es"] * net,
        **{f"{name}_interval": _intervals(found.losses, name) for name in ("var", "es")},
    )  # fmt: skip
    betas = pd.DataFrame([asdict(line) for line in found.betas])
    marks = found.names["filled"].astype(bool).map({True: "*", False: ""})
    names = found.names.rename_axis("name")
    summed = ["weight", "contribution", "share", "es_contribution"]
    blocks: list[Block] = [
        Text(
            f"a year on net value of {_usd(net)}: today's weights over {found.n} {found.periods} returns, {date(first)} to "
            f"{date(last)}, historical simulation.",
            lead=f"Volatility {percent(found.volatility)}",
        ),
        TableSpec(
            "losses", losses,
            (Column("level", f"Loss in one {PERIODS[found.periods]}", short=f"One\n{PERIODS[found.periods]}"),
             Column("var", "VaR", "fraction_fine"), Column("var_interval", "VaR, interval", short="interval"),
             Column("var_usd", "VaR, USD", "usd_whole", "VaR"), Column("es", "Expected shortfall", "fraction_fine", "ES"),
             Column("es_interval", "Expected shortfall, interval", short="interval"),
             Column("es_usd", "Expected shortfall, USD", "usd_whole", "ES"),
             Column("tail", "Returns in tail", "count", "In\ntail")),
            notes=(
                "VaR: value at risk; ES: expected shortfall. "
                + method(found.n, found.periods, found.block, found.draws, found.seed),
            ),
        ),
        TableSpec(
            "betas", betas,
            (Column("factor", "Beta to"), Column("beta", "Beta", "number"), Column("std_error", "Std. error", "number"),
             Column("r_squared", "R2", "number"), Column("n", "n", "count")),
            notes=(f"Betas: {FACTOR_NOTE}, {found.periods} returns.",),
        ),
        TableSpec(
            "risk", names,
            (Column("name", "Name"), Column("weight", "Weight", "fraction_fine"),
             Column("volatility", "Volatility alone", "fraction", "Volat.\nalone"),
             Column("contribution", "Contribution to volatility", "fraction_fine", "Contrib.\nto volat."),
             Column("share", "of total", "fraction"),
             Column("es_contribution", "Contribution to ES 95%", "fraction_fine", "Contrib.\nto ES 95%"),
             Column("beta_bitcoin", "Beta to bitcoin", "number", "Beta to\nbitcoin")),
            marks=marks, footer={"name": "Sum", **names[summed].sum().to_dict()},
        ),
    ]  # fmt: skip
    if names["filled"].any():
        filled = ", ".join(f"{name} {int(count)}" for name, count in names["filled"].items() if count)
        blocks.append(warning(f"* returns proxied by the mean of the miners, own returns unavailable: {filled}."))
    largest = found.concentration
    blocks += [
        Text(
            f"Concentration: {largest['largest']} is {largest['largest_weight']:.0%} of gross exposure; Herfindahl index "
            f"{largest['hhi']:.2f}, equivalent to {largest['effective_names']:.1f} equal positions."
        ),
        Text(f"Risk covers {found.covered:.1%} of gross exposure."),
    ]
    if found.left_out:
        excluded = "; ".join(f"{name} ({why})" for name, why in found.left_out.items())
        blocks.append(warning(f"Excluded from risk: {excluded}."))
    return blocks


def _intervals(losses: pd.DataFrame, name: str) -> list[str]:
    """Bootstrap intervals of a loss; n.m. where too few returns stand in the tail."""
    ends = zip(losses[f"{name}_low"], losses[f"{name}_high"], strict=True)
    return ["n.m." if pd.isna(low) else f"{low:.1%} to {high:.1%}" for low, high in ends]


def _limits(report: PortfolioReport) -> list[Block]:
    """Each limit, its use and the room left."""
    rows = report.limits
    units = [LIMIT_UNITS.get(unit, "number") for unit in rows["unit"]]
    frame = rows.assign(
        **{
            key: [figure(v, unit) for v, unit in zip(rows[key], units, strict=True)]
            for key in ("limit", "used", "room")
        }
    )
    columns = (
        Column("title", "Limit"), Column("kind", ""), Column("limit", "Limit", "figures"), Column("used", "Used", "figures"),
        Column("room", "Room", "figures"), Column("state", "State"),
    )  # fmt: skip
    about = "Limits are the program's examples unless --limits gives yours."
    return [TableSpec("limits", frame, columns, notes=(about,), data=rows)]


def _scenario(scenario: StressResult, held: pd.DataFrame) -> list[Block]:
    moved = scenario.positions[(held["kind"] != CASH) & scenario.positions["pnl_usd"].notna()]
    own = held.loc[moved.index]
    frame = moved.assign(
        name=[_short(str(ticker), 20) for ticker in own["ticker"]], value_usd=own["value_usd"], price_usd=own["price_usd"],
        change=moved["change"] + 0.0, pnl_usd=moved["pnl_usd"] + 0.0,
    )  # fmt: skip
    columns = (
        Column("name", "Name"), Column("value_usd", "Value", "usd_whole"), Column("price_usd", "Price", "usd_per_share"),
        Column("price_after", "after", "usd_per_share"), Column("change", "Change", "change_fine"),
        Column("pnl_usd", "P&L", "usd_change"),
    )  # fmt: skip
    blocks: list[Block] = [
        Text(
            f", by {scenario.method}: {_usd(scenario.pnl_usd, '+')}, {number(scenario.pnl, '{:+.1%}')} of net value.",
            lead=scenario.title,
        ),
        TableSpec(scenario.name, frame, columns),
    ]
    if len(scenario.untold):
        unknown = "; ".join(f"{held.at[at, 'ticker']}: {row['why']}" for at, row in scenario.untold.iterrows())
        blocks.append(warning(f"Unknown, excluded from the total: {unknown}."))
    return [*blocks, note(_method(scenario))]


def _method(scenario: StressResult) -> str:
    if scenario.method == BY_BETA:
        return "Each position's beta to bitcoin, from the returns of `screener portfolio risk`: a past average, not a bound."
    if scenario.method == BY_NAV:
        return (
            "Prices follow net asset value by DCF at constant price to net asset value, as in `screener scenario run`; a "
            "guarantor pays the part that it covers. Not a forecast."
        )
    return (
        "Every company of the group is revalued by the ratio of medians of EV per secured MW; differences within the group "
        "do not change."
    )


def _content(report: PortfolioReport) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Positions, look-through, risk, scenarios and limits."""
    held, through, risk = report.portfolio, report.look_through, report.risk
    frames = {
        "positions": held.positions, "companies": through.companies.reset_index(),
        "counterparties": through.counterparties.rename_axis("counterparty").reset_index(),
        "limits": report.limits.rename_axis("limit_name").reset_index(),
    }  # fmt: skip
    content: dict[str, Any] = {
        "manifest": report.manifest, "prices": report.price_line, "notes": report.notes,
        "net_usd": held.net, "long_usd": held.long, "short_usd": held.short, "cash_usd": held.cash, "pnl_usd": held.pnl,
        "fx": report.fx.rename_axis("currency"), "positions": held.positions,
        "look_through": {
            "companies": frames["companies"], "counterparties": frames["counterparties"], "totals": through.totals,
            "ev_per_mw_secured": through.ev_per_mw, "p_nav": through.p_nav, "outside": through.outside,
        },
        "risk": {"note": report.risk_note} if risk is None else {
            "returns": risk.periods, "n": risk.n, "volatility_a_year": risk.volatility, "losses": risk.losses,
            "intervals": {"level": LEVEL, "block": risk.block, "draws": risk.draws, "seed": risk.seed},
            "betas": risk.betas, "names": risk.names.rename_axis("name"), "concentration": risk.concentration,
            "covered": risk.covered, "left_out": risk.left_out,
        },
        "scenarios": [
            {"name": s.name, "title": s.title, "method": s.method, "pnl_usd": s.pnl_usd, "pnl": s.pnl,
             "positions": s.positions}
            for s in report.scenarios
        ],
        "limits": frames["limits"],
    }  # fmt: skip
    if risk is not None:
        frames["risk"] = risk.names.rename_axis("name").reset_index()
    return content, frames
