"""The screen in a terminal of 80 columns."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from exports.commentary.numbers import MARKS, p_text
from valuation.comparison.changes import Snapshot
from valuation.gap.estimate import STATISTICS, Gap
from valuation.metrics import METRICS
from valuation.screen import Screen

WIDTH = 80
GROUP_STYLE = {"pivot": "green", "bitcoin": "yellow"}


def print_screen(screen: Screen, console: Console) -> None:
    """The table of companies, the gap and the regression under it, and how sure it all is."""
    console.print(Text(f"{screen.title}, as of {screen.as_of:%Y-%m-%d}", style="bold"))
    print_prices(screen, console)
    if screen.manifest["fell_back"]:
        console.print(Text(f"Fell back to bundled prices: {screen.manifest['fell_back']}", style="bold red"))
    console.print(companies(screen.table, screen.status))
    console.print(Text("EV/MW in m USD. s stale, p proxy, n.m. not meaningful, * outside the statistics.", "dim"))
    for line in conclusions(screen):
        console.print(line)
    console.print(definitions(screen.gap))
    console.print(Text(sampling(screen.gap), "dim"))
    for line in regression_lines(screen):
        console.print(line)
    counts = screen.issues["severity"].value_counts()
    told = ", ".join(f"{counts[s]} {s}s" for s in ("error", "warning", "note") if s in counts)
    console.print(Text(f"Data: {told or 'nothing to report'} (sheet Quality).", style="dim"))


def print_prices(screen: Screen, console: Console) -> None:
    """Where the prices came from and how old they are, in red where they are old."""
    console.print(Text(screen.price_line, style="bold red" if screen.prices_are_old else "dim"))


def print_snapshot(snapshot: Snapshot, console: Console) -> None:
    """A run of the history: headline, companies, what it was made under."""
    manifest, head = snapshot.manifest, snapshot.headline
    console.print(Text(f"{snapshot.title}, as of {snapshot.as_of:%Y-%m-%d}, run {snapshot.run_id}", style="bold"))
    prices = (
        f"Prices: {manifest['price_source']}, last close {manifest['price_date']}. Pivot: {manifest['group_rule']}."
    )
    console.print(Text(prices, style="bold red" if manifest["fell_back"] else "dim"))
    console.print(companies(snapshot.table, snapshot.status))
    if head["ratio"] is None:
        console.print("Gap per secured MW: could not be told.")
    else:
        interval = "no interval" if head["low"] is None else f"{head['low']:.2f} to {head['high']:.2f}"
        level = f"{manifest['assumptions']['confidence_level']:.0%}"
        console.print(
            f"[bold]Gap {head['ratio']:.2f} : 1[/] per secured MW, {level} interval {interval}, "
            f"n = {head['n_pivot']:.0f} + {head['n_bitcoin']:.0f}, BCa bootstrap, "
            f"B = {manifest['assumptions']['bootstrap_draws']}, seed {manifest['assumptions']['seed']}."
        )
    if head["premium"] is not None:
        console.print(
            f"[bold]Premium {head['premium']:+.0%}[/] from 0 to 100% contracted share, p {p_text(head['premium_p'])}, "
            f"n = {head['premium_n']:.0f}, OLS, restricted wild bootstrap. Association, not cause."
        )
    counts = snapshot.issues["severity"].value_counts()
    console.print(Text("Data: " + ", ".join(f"{n} {severity}s" for severity, n in counts.items()) + ".", "dim"))
    console.print(Text(f"Toolkit {manifest['version']}, {len(snapshot.facts)} facts kept with their sources.", "dim"))


def companies(figures: pd.DataFrame, status: pd.DataFrame) -> Table:
    """A row a company: group, price, equity value, EV, EV per MW, contracted share, backlog, EV / backlog."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("Group")
    headers = ["Price\nUSD", "Equity\nbn USD", "EV\nbn USD", "EV/MW\nsecured", "EV/MW\noperat.", "AI share\ncontr."]
    headers += ["Backlog\nbn USD", "EV/\nbacklog"]
    for header in headers:
        table.add_column(header, justify="right", no_wrap=True)
    columns = (
        ("price_usd", 1.0, "{:,.2f}"),
        ("equity_value_usd", 1e9, "{:,.2f}"),
        ("enterprise_value_usd", 1e9, "{:,.2f}"),
        ("ev_per_mw_secured", 1.0, "{:.2f}"),
        ("ev_per_mw_operating", 1.0, "{:.2f}"),
        ("ai_share_contracted", 0.01, "{:.0f}%"),
        ("backlog_usd", 1e9, "{:.1f}"),
        ("ev_to_backlog", 1.0, "{:.1f}x"),
    )
    for ticker in figures.index:
        row, state = figures.loc[ticker], status.loc[ticker]
        outside = "*" if row["excluded"] else ""
        group = row["group"] if isinstance(row["group"], str) else "unknown"
        cells = [_cell(row[name], state[name], scale, shape) for name, scale, shape in columns]
        style = "dim" if row["excluded"] else ""
        label = Text(group, style=GROUP_STYLE.get(group, "dim"))
        table.add_row(f"{ticker}{outside}", label, *cells, style=style)
    return table


def _cell(value: float, status: str, scale: float, shape: str) -> str:
    if status == "not_meaningful":
        return "n.m."
    if status == "missing" or math.isnan(value):
        return "n/a"
    return shape.format(value / scale) + MARKS.get(status, "")


def conclusions(screen: Screen) -> list[str]:
    """The headline gap in words."""
    head, gap = screen.gap.headline, screen.gap
    if math.isnan(head["ratio"]):
        return ["", f"Gap per secured MW: cannot be told, {head['note']}."]
    interval = "no interval"
    if not math.isnan(head["low"]):
        interval = f"{gap.level:.0%} interval {head['low']:.2f} to {head['high']:.2f}"
    return [
        "",
        f"[bold]Gap {head['ratio']:.2f} : 1[/] per secured MW, {interval}: "
        f"median {head['pivot_value']:.2f} (n = {head['n_pivot']}) "
        f"over {head['bitcoin_value']:.2f} m USD (n = {head['n_bitcoin']}).",
        *([f"[yellow]Read with care: {head['note']}.[/]"] if head["note"] else []),
    ]


def definitions(gap: Gap) -> Table:
    """The gap under every denominator and statistic of the screen, each with its interval."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("Gap, by definition", no_wrap=True)
    for statistic in STATISTICS:
        table.add_column(statistic.replace("_", " "), justify="right", no_wrap=True)
    for metric, rows in gap.frame.groupby("metric", sort=False):
        cells = dict(zip(rows["statistic"], map(_ratio, rows.itertuples()), strict=True))
        table.add_row(METRICS[str(metric)].title, *(cells[statistic] for statistic in STATISTICS))
    return table


def _ratio(row: Any) -> str:
    if math.isnan(row.ratio):
        return "n/a"
    return f"{row.ratio:.2f}" if math.isnan(row.low) else f"{row.ratio:.2f} ({row.low:.2f}–{row.high:.2f})"


def sampling(gap: Gap) -> str:
    """Who is a pivot and how the intervals were made."""
    return f"Pivot: {gap.rule.title}. {gap.level:.0%} BCa bootstrap, B = {gap.draws}, seed {gap.seed}."


def regression_lines(screen: Screen) -> list[str]:
    """The premium in words, with its n, method and degrees of freedom."""
    line = screen.regression
    if line is None:
        return [f"Regression: none, {screen.regression_note}."]
    wild = line.wild
    low, high = math.expm1(wild.low), math.expm1(wild.high)
    drawn = f"all {wild.draws} sign vectors" if wild.exact else f"B = {wild.draws}, seed {wild.seed}"
    return [
        f"[bold]Premium {line.premium:+.0%}[/] per secured MW from 0 to 100% contracted AI share "
        f"({low:+.0%} to {high:+.0%}), p {p_text(wild.p_value)}.",
        f"[dim]ln(EV/MW) on share, OLS, n = {line.n}, R2 = {line.r_squared:.2f}; restricted wild bootstrap, HC3-t "
        f"({drawn}); HC3 with t({line.df}): p {p_text(line.p_value)}. Association, not cause.[/]",
    ]
