"""Does a screen predict? Its decisions at every past week or month, point in time, on a universe's own closes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener.errors import NotKnown
from screener.gathering import InputData
from screener.rules import Panel, ScreenRules, bundled, select
from screener.run_config import RunConfig
from screener.screen import value
from valuation.errors import NotEstimable
from valuation.screening import backtest as study
from valuation.screening.performance import SharpeProbability

FIRST_WEEK = pd.Timestamp("2024-01-05")
HORIZONS = {"week": (1, 4, 13), "month": (4, 13, 26)}
BENCHMARKS = {"miners": "fund {} (price)", "bitcoin": "bitcoin"}
BITCOIN_WITHIN = pd.Timedelta(days=2)


@dataclass(frozen=True)
class BacktestRun:
    """A backtest, what it was of, and what has to be read beside it.

    Attributes
    ----------
    statement : tuple of str
        Survivorship, look-ahead, costs and what was tried; printed with the result.
    """

    rules: ScreenRules
    universe: str
    every: str
    result: study.Backtest
    statement: tuple[str, ...]


def run(
    config: RunConfig,
    data: InputData,
    rules: ScreenRules,
    until: pd.Timestamp,
    *,
    every: str = "week",
    since: pd.Timestamp = FIRST_WEEK,
    lag: int = 1,
    cost: float = 0.0025,
    trials: int | None = None,
) -> BacktestRun:
    """Backtest a screen between two dates.

    Parameters
    ----------
    every : {"week", "month"}
        A decision at each week's last close, or at the last of each month's.
    lag : int
        Closes from a decision to its trade.
    cost : float
        Fraction of what is bought and of what is sold.
    trials : int, optional
        Screens tried before this one was chosen, itself included; by default the bundled ones where it is one of them, else
        not known.

    Raises
    ------
    NotKnown
        Too few closes between the dates.
    """
    closes = data.weekly_closes(until)
    dates = decision_dates(closes.index, since, every)
    if len(dates) == 0:
        raise NotKnown(f"no weekly close between {since:%Y-%m-%d} and {until:%Y-%m-%d}")
    panel = history(config, data, dates, everybody=rules.include_excluded)
    found = select(panel, rules)
    score = np.where(found.unknown & np.isnan(found.score), np.nan, found.score)
    if not rules.ranked:  # the rule itself is the score: in, out, unknown
        score = np.where(found.unknown, np.nan, found.passes.astype(float))
    if not found.member.any():
        raise NotKnown(f"{rules.name}: nobody is in on any of {len(dates)} dates since {since:%Y-%m-%d}")
    frames = (pd.DataFrame(x, index=dates, columns=panel.names) for x in (found.member, score, panel.eligible))
    tried = trials or (len(bundled()) if rules.name in bundled() else None)
    try:
        result = study.evaluate(
            closes.reindex(columns=panel.names), *frames, benchmarks=benchmarks(data, closes.index),
            horizons=HORIZONS[every], trials=tried, lag=lag, cost=cost,
        )  # fmt: skip
    except NotEstimable as error:
        raise NotKnown(f"the backtest cannot be made: {error}") from error
    return BacktestRun(rules, config.universe.title, every, result, _statement(data, closes, panel, result, trials))


def decision_dates(calendar: pd.DatetimeIndex, since: pd.Timestamp, every: str) -> pd.DatetimeIndex:
    """Every close since a day, or the last of each month."""
    dates = calendar[calendar >= since]
    if every == "week":
        return dates
    months = dates.to_period("M")
    last = np.append(months[1:] != months[:-1], False)  # a month still running has no end
    return dates[last]


def history(config: RunConfig, data: InputData, dates: pd.DatetimeIndex, *, everybody: bool = False) -> Panel:
    """Every metric of every company on each date, as known on it."""
    valued = value(config, data, dates).valuation
    return Panel.of(valued.table, valued.status, everybody=everybody)


def benchmarks(data: InputData, calendar: pd.DatetimeIndex) -> dict[str, pd.Series]:
    """Closes of the universe's fund of miners, and of bitcoin within two days of each close."""
    out = {}
    fund = data.closes[data.closes["ticker"] == data.benchmarks.get("miners", "")]
    if len(fund):
        by_day = fund.drop_duplicates("date", keep="last").set_index("date")["close_usd"]
        out[BENCHMARKS["miners"].format(data.benchmarks["miners"])] = by_day.reindex(calendar)
    coin = data.bitcoin(pd.Timestamp.max)
    if len(coin):
        nearest = coin.index.get_indexer(calendar, method="nearest", tolerance=BITCOIN_WITHIN)
        price = np.where(nearest >= 0, coin.to_numpy()[nearest], np.nan)
        out[BENCHMARKS["bitcoin"]] = pd.Series(price, index=calendar)
    return out


def _statement(
    data: InputData, closes: pd.DataFrame, panel: Panel, result: study.Backtest, trials: int | None
) -> tuple[str, ...]:
    could = panel.names[panel.eligible.any(axis=0)].intersection(closes.columns)
    own = closes[could]
    start, end = result.returns.index[0], closes.index[-1]
    later = list(own.columns[own.apply(pd.Series.first_valid_index) > start])
    gone = own.apply(pd.Series.last_valid_index)
    gone = {name: day for name, day in gone.items() if day < end}
    seen = max(data.facts["published_on"].max(), data.closes["date"].max())
    left = ", ".join(f"{name} {day:%Y-%m-%d}" for name, day in gone.items())
    return (
        f"Survivorship: the universe was compiled with what was known on {seen:%Y-%m-%d}; companies that failed before are "
        f"not in it, which flatters every line but bitcoin's. Names: {len(could)}; listed later: "
        f"{', '.join(later) or 'none'}; closes end early: {left or 'none'} (held at the last close, then sold at it).",
        f"Look-ahead: a decision uses facts published by its day and the close of that day, and is traded "
        f"{result.lag} close{'s' if result.lag != 1 else ''} later. Not point in time: contract starts and terms stand as "
        "known when the universe was compiled, publication dates are first sights, and the screens were written with "
        "hindsight.",
        f"Costs: {result.cost:.2%} of what is bought and of what is sold; no borrowing, taxes or dividends; cash earns "
        "nothing. Closes are weekly, so volatility and drawdown within a week are not seen.",
        _trials(result.sharpe_probability, trials),
    )


def _trials(sure: SharpeProbability, given: int | None) -> str:
    if sure.trials is None:
        return "Trials: not known; state how many screens you tried with --trials for a deflated Sharpe ratio."
    source = "as you said" if given else "the bundled screens; if you tried more, state how many with --trials"
    return (
        f"Trials: {sure.trials} ({source}). Without skill the luckiest of {sure.trials} would show {sure.threshold:.3f} a "
        "week."
    )
