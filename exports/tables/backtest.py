"""A backtest as a page: performance, information coefficient, and the evidence of skill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from exports.tables.formats import day, number, p_value, spark
from exports.tables.spec import Block, Column, Page, TableSpec, Text, note, warning
from valuation._words import count
from valuation.screening.backtest import NET, UNIVERSE, Backtest
from valuation.screening.newey_west import MeanTest
from valuation.screening.performance import SharpeProbability


def backtest_page(result: Backtest, title: str, every: str, statement: Sequence[str]) -> Page:
    """Performance, information coefficient, independent bets, then the caveats."""
    returns, wealth = result.returns, (1 + result.returns[[NET, UNIVERSE]]).cumprod()
    relative = wealth[NET] / wealth[UNIVERSE]
    blocks: list[Block] = [
        note(f"{len(returns)} weekly closes from {day(returns.index[0])} to {day(returns.index[-1])}."),
        _performance(result),
        Text(f"Relative to the universe: 1.00 {spark(relative)} {relative.iloc[-1]:.2f}"),
    ]
    if isinstance(result.excess, MeanTest):
        test = result.excess
        blocks.append(
            Text(
                f"Excess return a week, net: {number(test.mean, '{:+.2%}')} (t = {number(test.t_value)}, "
                f"{p_value(test.p_value)}, Newey-West with {test.lags} lags, t({test.df}), n = {test.n})."
            )
        )
    blocks += [_holdings(result), *_information(result), *_skill(result), *(note(text) for text in statement)]
    sure = result.sharpe_probability
    decisions = result.decisions.rename_axis("decided_on").reset_index()
    kept = returns.rename_axis("date").reset_index()
    content = {
        "screen": title, "every": every, "lag_closes": result.lag, "cost": result.cost, "performance": result.performance,
        "information": {str(h): _test(test) for h, test in result.information.items()},
        "excess_a_week": _test(result.excess), "sharpe_probability": {"name": sure.name} | asdict(sure),
        "bets": asdict(result.bets) | {"independent": result.bets.independent},
        "decisions": decisions, "returns": kept, "statement": statement,
    }  # fmt: skip
    count, first = len(result.decisions), result.decisions.index[0]
    heading = f"{title}: one decision a {every}, {count} decisions from {day(first)}"
    return Page(heading, blocks, content, {"decisions": decisions, "returns": kept})


def _performance(result: Backtest) -> TableSpec:
    frame = pd.DataFrame({name: asdict(line) for name, line in result.performance.items()}).T.rename_axis("portfolio")
    frame = frame.assign(**{end: [f"{date:%Y-%m}" for date in frame[end]] for end in ("peak", "trough")})
    columns = (
        Column("portfolio", ""), Column("total", "Total", "change"), Column("annual", "A year", "change"),
        Column("volatility", "Volatility", "fraction"), Column("sharpe", "Sharpe", "number"),
        Column("drawdown", "Drawdown", "fraction"), Column("peak", "from"), Column("trough", "to"),
    )  # fmt: skip
    return TableSpec("performance", frame, columns)


def _holdings(result: Backtest) -> Text:
    held, turnover = result.decisions["held"], result.decisions["turnover"].iloc[1:].sum()
    a_year = turnover / max(len(result.returns) / 52, 1e-9)
    return Text(
        f"{held.min()} to {held.max()} companies held (mean {held.mean():.1f}), none on {result.empty} of "
        f"{len(result.decisions)} dates; turnover {a_year:.0%} a year after the first purchase; total costs "
        f"{result.decisions['cost'].sum():.1%}."
    )


def _information(result: Backtest) -> list[Block]:
    rows = []
    for horizon, test in result.information.items():
        known = asdict(test) if isinstance(test, MeanTest) else {}
        rows.append({"horizon": f"rank correlation, {horizon} week{'s' if horizon > 1 else ''} ahead", **known})
    columns = (
        Column("horizon", "Information coefficient"), Column("mean", "Mean", "signed_fine"),
        Column("t_value", "t", "number"), Column("p_value", "p", "p"), Column("lags", "Lags", "count", unknown=""),
        Column("df", "df", "count", unknown=""), Column("n", "Dates", "count", unknown=""),
    )  # fmt: skip
    frame = pd.DataFrame(rows).reindex(columns=[shown.key for shown in columns])
    about = (
        "Newey-West with one lag for each overlapping period; df: dates that share no return. Simulated with uninformative "
        "scores (17 companies, 142 weeks), p is below 5% in 5% to 10% of cases; with a plain t-test in 6% to 57%."
    )
    return [
        TableSpec("information", frame, columns, notes=(about,)),
        *(
            warning(f"{horizon} weeks: {test}.")
            for horizon, test in result.information.items()
            if not isinstance(test, MeanTest)
        ),
    ]


def _skill(result: Backtest) -> list[Block]:
    bets, sure = result.bets, result.sharpe_probability
    measured = f"excess return over the universe (Sharpe ratio {sure.sharpe:+.3f} a week, n = {sure.n})"
    if sure.trials is None:
        against = f"of the {measured} is above zero. The number of screens tried is not known: none is allowed for"
    else:
        against = (
            f"of the {measured} is above {sure.threshold:.3f}, the highest to be expected of {count(sure.trials, 'trial')} "
            "without skill"
        )
    return [
        Text(
            f"(from {bets.counted:,} holdings): the portfolio was replaced {bets.replaced:.1f} times, and relative to the "
            f"universe the companies held at a time move as {number(bets.breadth, '{:.1f}')} independent ones "
            f"({number(bets.absolute, '{:.1f}')} by their returns as they are).",
            lead=f"About {number(bets.independent, '{:.0f}')} independent bets",
        ),
        Text(
            f": probability that the true Sharpe ratio {against}. {_verdict(sure)}",
            lead=f"{sure.name[0].upper()}{sure.name[1:]} {sure.probability:.2f}",
        ),
    ]


def _verdict(sure: SharpeProbability) -> str:
    """What the number allows to say."""
    if sure.sharpe <= 0:
        return "The portfolio did not outperform the universe."
    if sure.trials is None:
        return "It is no evidence of skill: state how many screens you tried with --trials."
    if sure.probability >= 0.95:
        return "The result is unlikely to be luck among these trials."
    return "The result is consistent with luck among these trials: no evidence of skill."


def _test(test: MeanTest | str) -> Any:
    return {"note": test} if isinstance(test, str) else test
