"""A backtest in a terminal of 80 columns: what it earned, what its ranking knew, and how much that is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from exports.commentary.numbers import number
from exports.terminal.layout import spark, table
from valuation.screening.backtest import NET, UNIVERSE, Backtest
from valuation.screening.newey_west import MeanTest


def print_backtest(console: Console, result: Backtest, title: str, every: str, statement: Sequence[str]) -> None:
    """Performance, information, bets, then what has to be read beside them."""
    decisions, start = result.decisions, result.returns.index[0]
    console.print(
        f"[bold]{title}[/]: a decision a {every}, {len(decisions)} decisions from {decisions.index[0]:%Y-%m-%d}"
    )
    console.print(
        Text(f"{len(result.returns)} weekly closes from {start:%Y-%m-%d} to {result.returns.index[-1]:%Y-%m-%d}", "dim")
    )
    shown = table("", "Total", "A year", "Volat.", "Sharpe", "Drawdown", "from", "to")
    for name, line in result.performance.items():
        cells = [number(v, "{:+.0%}") for v in (line.total, line.annual)]
        shown.add_row(
            name, *cells, number(line.volatility, "{:.0%}"), number(line.sharpe), number(line.drawdown, "{:.0%}"),
            f"{line.peak:%Y-%m}", f"{line.trough:%Y-%m}",
        )  # fmt: skip
    console.print(shown)
    wealth = (1 + result.returns[[NET, UNIVERSE]]).cumprod()
    relative = wealth[NET] / wealth[UNIVERSE]
    console.print(f"Over the universe, 1.00 {spark(relative)} {relative.iloc[-1]:.2f}")
    if isinstance(result.excess, MeanTest):
        console.print(f"Excess a week, net: {_test(result.excess, '{:+.2%}')}.")
    held = decisions["held"]
    a_year = decisions["turnover"].iloc[1:].sum() / max(len(result.returns) / 52, 1e-9)
    console.print(
        f"Held {held.min()} to {held.max()} names (mean {held.mean():.1f}), nothing on {result.empty} of {len(decisions)} "
        f"dates; turnover {a_year:.0%} a year after the first purchase; costs {decisions['cost'].sum():.1%} in all."
    )
    shown = table("Information coefficient", "Mean", "t", "p", "Lags", "df", "Dates")
    for horizon, test in result.information.items():
        head = f"rank correlation, {horizon} week{'s' if horizon > 1 else ''} ahead"
        if isinstance(test, MeanTest):
            cells = [number(test.mean, "{:+.3f}"), number(test.t_value), number(test.p_value, "{:.3f}")]
            shown.add_row(head, *cells, str(test.lags), str(test.df), str(test.n))
        else:
            shown.add_row(head, "n/a", "", "", "", "", "")
    console.print(shown)
    for horizon, test in result.information.items():
        if not isinstance(test, MeanTest):
            console.print(Text(f"{horizon} weeks: {test}.", "yellow"))
    console.print(
        Text(
            "Newey-West with a lag for every period that overlaps, df the dates that share no return. Simulated with scores "
            "that know nothing (17 names, 142 weeks): p below 5% in 5-10% of cases; plain t, 6-57% (benchmarks/).",
            "dim",
        )
    )
    bets, sure = result.bets, result.deflated
    console.print(
        f"[bold]Independent bets: about {bets.independent:.0f}[/], not {bets.counted:,} holdings: the portfolio was "
        f"replaced {bets.replaced:.1f} times, and its names move against the universe as {bets.breadth:.1f} independent "
        "ones."
    )
    console.print(
        f"[bold]Deflated Sharpe ratio {sure.probability:.2f}[/]: probability that the excess over the universe (Sharpe "
        f"ratio {sure.sharpe:+.3f} a week, n = {sure.n}) is more than the luckiest of {sure.trials} screens without skill "
        f"({sure.threshold:.3f}). {_verdict(sure.sharpe, sure.probability)}"
    )
    for words in statement:
        console.print(Text(words, "dim"))


def _test(test: MeanTest, shape: str) -> str:
    p = "n/a" if math.isnan(test.p_value) else f"{test.p_value:.3f}"
    return (
        f"{number(test.mean, shape)} (t = {number(test.t_value)}, p = {p}, Newey-West with {test.lags} lags, t({test.df}), "
        f"n = {test.n})"
    )


def _verdict(sharpe: float, probability: float) -> str:
    """What the number allows to say."""
    if sharpe <= 0:
        return "It did no better than holding everybody."
    if probability >= 0.95:
        return "That is more than luck among these trials explains."
    return "Luck among these trials explains it: no evidence of skill."
