"""A portfolio in a terminal of 80 columns: what is held, what is owned inside, what can be lost, where the limits are."""

from __future__ import annotations

import math

from rich.console import Console
from rich.text import Text

from exports.commentary.numbers import MARKS, number
from exports.terminal.layout import table
from valuation.portfolio.limits import BREACH, UNKNOWN
from valuation.portfolio.positions import CASH
from valuation.portfolio.report import PortfolioReport
from valuation.portfolio.stress import BY_BETA, StressResult

SHOWN_POSITIONS, SHOWN_PARTIES = 40, 8
FACTOR_NOTE = "each factor alone, OLS"


def print_value(console: Console, report: PortfolioReport) -> None:
    """Positions, totals, look-through and limits in breach."""
    _top(console, report)
    held = report.portfolio
    shown = table("Account", "Name", "Quantity", "Price\nUSD", "Value\nUSD", "Weight", "P&L\nUSD", "P&L", left=2)
    for row in held.positions.head(SHOWN_POSITIONS).itertuples(index=False):
        ticker = f"{row.ticker} {row.currency}" if row.kind == CASH else str(row.ticker)
        price = number(row.price_usd, "{:,.2f}") + (MARKS.get(row.status, "") if row.kind != CASH else "")
        shown.add_row(
            Text(_short(row.account, 9)), Text(_short(ticker, 14)), _quantity(row.quantity), price,
            number(row.value_usd, "{:,.0f}"), number(row.weight, "{:.1%}"), number(row.pnl_usd, "{:+,.0f}"),
            number(row.pnl, "{:+.0%}"),
        )  # fmt: skip
    console.print(shown)
    if len(held.positions) > SHOWN_POSITIONS:
        console.print(Text(f"and {len(held.positions) - SHOWN_POSITIONS} smaller ones, in the workbook", "dim"))
    cost = held.positions.loc[held.positions["pnl_usd"].notna(), "cost_usd"].abs().sum()
    over = f" ({held.pnl / cost:+.1%} of cost)" if cost > 0 else ""
    console.print(
        f"[bold]Net value {held.net:,.0f} USD[/]: long {held.long:,.0f}, short {held.short:,.0f}, cash {held.cash:,.0f}; "
        f"profit and loss {held.pnl:+,.0f}{over}."
    )
    if len(held.unpriced):
        names = ", ".join(dict.fromkeys(held.unpriced["ticker"]))
        console.print(Text(f"Without a price, in no total: {names}.", "bold yellow"))
    _rates(console, report)
    print_look_through(console, report)
    breaches = report.limits[report.limits["state"] == BREACH]
    if len(breaches):
        console.print(Text("Limits in breach: " + "; ".join(breaches["title"]) + ".", "bold red"))
    for note in report.notes:
        console.print(Text(f"{note}.", "yellow"))
    console.print(
        Text("s stale, p the broker's own price or a stand-in. Costs at today's rates: no currency gain in P&L.", "dim")
    )


def _top(console: Console, report: PortfolioReport) -> None:
    console.print(Text(f"Portfolio as of {report.as_of:%Y-%m-%d}", "bold"))
    console.print(Text(report.price_line, "bold red" if report.prices_are_old else "dim"))


def _rates(console: Console, report: PortfolioReport) -> None:
    others = report.fx.drop(index="USD")
    if len(others):
        told = "; ".join(f"{code} {row.usd:.4f} USD ({row.source})" for code, row in others.iterrows())
        console.print(Text(f"Exchange rates: {told}.", "dim"))


def _quantity(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1e5 else f"{value:,.2f}"


def _power(mw: float) -> str:
    """Megawatts, or kilowatts where it is little."""
    return number(mw, "{:,.1f} MW") if math.isnan(mw) or abs(mw) >= 1 else f"{mw * 1000:,.1f} kW"


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def print_look_through(console: Console, report: PortfolioReport) -> None:
    """What the positions own inside their companies."""
    through = report.look_through
    if through.companies.empty:
        console.print(Text("No position is a company of the universe: nothing to look through.", "yellow"))
        return
    total = through.totals
    console.print(
        f"[bold]Owned inside the companies[/] (shorts negative): secured {_power(total['secured_mw'])}, contracted "
        f"critical IT {_power(total['ai_contracted_it_mw'])}, contracted revenue "
        f"{number(total['contracted_revenue_usd'], '{:,.0f}')} USD a year, backlog "
        f"{number(total['backlog_usd'], '{:,.0f}')} USD, bitcoin {number(total['bitcoin'], '{:,.4f}')} BTC."
    )
    nav = number(through.p_nav) if not math.isnan(through.p_nav) else "n/a (no net asset value on the screen)"
    console.print(
        f"Long positions: EV per secured MW {number(through.ev_per_mw)} m USD (sum over sum), "
        f"{number(through.ev_per_mw_weighted)} (weighted by value); P/NAV {nav}."
    )
    parties = through.counterparties.dropna(subset="backlog_usd").head(SHOWN_PARTIES)
    if len(parties):
        shown = table("Backlog by counterparty", "USD", "Share", "Through", left=1)
        for name, row in parties.iterrows():
            shown.add_row(
                Text(_short(str(name), 38)), number(row["backlog_usd"], "{:,.0f}"), number(row["share"], "{:.0%}"),
                _short(row["companies"], 18),
            )  # fmt: skip
        console.print(shown)
    if through.outside:
        console.print(Text(f"Outside the universe, not looked through: {', '.join(through.outside)}.", "dim"))


def print_risk(console: Console, report: PortfolioReport) -> None:
    """Volatility, tail losses, betas, contributions, concentration and every limit."""
    _top(console, report)
    found = report.risk
    if found is None:
        console.print(Text(f"Risk cannot be measured: {report.risk_note}.", "bold yellow"))
    else:
        span = f"{found.returns.index[0]:%Y-%m-%d} to {found.returns.index[-1]:%Y-%m-%d}"
        console.print(
            f"[bold]Volatility {found.volatility:.0%} a year[/] of net value {report.portfolio.net:,.0f} USD: today's "
            f"weights over {found.n} {found.periods} returns, {span}, historical simulation."
        )
        period = {"weekly": "week", "daily": "day"}[found.periods]
        shown = table(f"Loss, one {period}", "VaR", "USD", "Expected shortfall", "USD", "Returns in the tail")
        for level, row in found.losses.iterrows():
            money = [number(row[k] * report.portfolio.net, "{:,.0f}") for k in ("var", "es")]
            shown.add_row(
                f"{level:.0%}", f"{row['var']:.1%}", money[0], f"{row['es']:.1%}", money[1], str(int(row["tail"]))
            )
        console.print(shown)
        shown = table("Beta to", "Beta", "Std error", "R2", "n")
        for line in found.betas:
            shown.add_row(line.factor, number(line.beta), number(line.std_error), number(line.r_squared), str(line.n))
        console.print(shown)
        console.print(Text(f"Betas: {FACTOR_NOTE}, {found.periods} returns.", "dim"))
        shown = table("Name", "Weight", "Volat.\nalone", "Contribution\nto volatility", "of total",
                      "Contribution\nto ES 95%", "Beta to\nbitcoin")  # fmt: skip
        for name, row in found.names.iterrows():
            filled = "*" if row["filled"] else ""
            shown.add_row(
                f"{name}{filled}", number(row["weight"], "{:.1%}"), number(row["volatility"], "{:.0%}"),
                number(row["contribution"], "{:.1%}"), number(row["share"], "{:.0%}"),
                number(row["es_contribution"], "{:.1%}"), number(row["beta_bitcoin"]),
            )  # fmt: skip
        total = found.names[["weight", "contribution", "share", "es_contribution"]].sum()
        shown.add_row("[bold]Sum[/]", f"{total['weight']:.1%}", "", f"{total['contribution']:.1%}", f"{total['share']:.0%}",
                      f"{total['es_contribution']:.1%}", "")  # fmt: skip
        console.print(shown)
        if found.names["filled"].any():
            told = ", ".join(f"{n} {int(k)}" for n, k in found.names["filled"].items() if k)
            console.print(
                Text(f"* returns taken from the mean of the miners, having none of its own: {told}.", "yellow")
            )
        largest = found.concentration
        console.print(
            f"Concentration: {largest['largest']} is {largest['largest_weight']:.0%} of gross exposure; Herfindahl "
            f"{largest['hhi']:.2f}, as {largest['effective_names']:.1f} equal names."
        )
        console.print(f"Risk covers {found.covered:.1%} of gross exposure.")
        if found.left_out:
            told = "; ".join(f"{name} ({why})" for name, why in found.left_out.items())
            console.print(Text(f"In no risk figure: {told}.", "yellow"))
    print_limits(console, report)


def print_limits(console: Console, report: PortfolioReport) -> None:
    """Each limit, what is used of it and what is left."""
    shown = table("Limit", "", "Limit", "Used", "Room", "State", left=2)
    for row in report.limits.itertuples(index=False):
        shape = {"fraction": "{:.1%}", "count": "{:.0f}"}.get(row.unit, "{:.2f}")
        style = {BREACH: "bold red", UNKNOWN: "yellow"}.get(row.state, "green")
        shown.add_row(
            row.title, row.kind, shape.format(row.limit), number(row.used, shape), number(row.room, shape),
            Text(row.state, style),
        )  # fmt: skip
    console.print(shown)
    console.print(Text("Limits are the program's examples where --limits gives none of yours.", "dim"))


def print_scenario(console: Console, report: PortfolioReport, scenarios: tuple[StressResult, ...]) -> None:
    """Each position's change under a scenario, by each method there is for it."""
    _top(console, report)
    held = report.portfolio.positions
    for scenario in scenarios:
        console.print(
            f"[bold]{scenario.title}[/], by {scenario.method}: {scenario.pnl_usd:+,.0f} USD, "
            f"{number(scenario.pnl, '{:+.1%}')} of net value."
        )
        shown = table("Name", "Value USD", "Price", "after", "Change", "P&L USD")
        moved = scenario.positions[held["kind"] != CASH]
        for at, row in moved[moved["pnl_usd"].notna()].iterrows():
            shown.add_row(
                Text(_short(held.at[at, "ticker"], 20)), number(held.at[at, "value_usd"], "{:,.0f}"),
                number(held.at[at, "price_usd"], "{:,.2f}"), number(row["price_after"], "{:,.2f}"),
                number(row["change"] + 0.0, "{:+.1%}"), number(row["pnl_usd"] + 0.0, "{:+,.0f}"),
            )  # fmt: skip
        console.print(shown)
        if len(scenario.untold):
            told = "; ".join(f"{held.at[at, 'ticker']}: {row['why']}" for at, row in scenario.untold.iterrows())
            console.print(Text(f"Not told, in no sum: {told}.", "yellow"))
        console.print(Text(_method(scenario), "dim"))


def _method(scenario: StressResult) -> str:
    if scenario.method == BY_BETA:
        return (
            "Beta of each name to bitcoin, over the returns of `screener portfolio risk`; a past average, not a bound."
        )
    if scenario.name == "bitcoin":
        return (
            "Only the bitcoin on the balance sheet falls; mining income and mood do not. Convertibles and warrants share "
            "the loss. A lower bound for a miner."
        )
    if scenario.name == "tenant":
        return (
            "Loss = EV x contracted AI share x the tenant's part of contracted NOI x (1 - recovered). Guarantees that "
            "others gave are not counted."
        )
    return (
        "Every member of the group is revalued by the ratio of medians of EV per secured MW; distances within it stay."
    )
