"""Does a screen predict? Its decisions at every past week or month, point in time, on a universe's own closes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener import point_in_time
from screener.errors import NotKnown
from screener.rules import Panel, ScreenRules, bundled, select
from screener.run_config import assumptions_of
from screener.universes import Universe
from valuation.assumptions import Bridge
from valuation.errors import NotEstimable
from valuation.events import adjust_for_splits, week_ends
from valuation.fundamentals import company_metrics
from valuation.groups import DEFAULT_RULE, RULES
from valuation.screening import backtest as study

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
    universe: Universe,
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
        Screens tried before this one was chosen, itself included; by default the bundled ones, and this one where it is
        not among them.

    Raises
    ------
    NotKnown
        Too few closes between the dates.
    """
    closes = calendar_of(universe, until)
    dates = decision_dates(closes.index, since, every)
    if len(dates) == 0:
        raise NotKnown(f"no weekly close between {since:%Y-%m-%d} and {until:%Y-%m-%d}")
    panel = history(universe, dates, everybody=rules.include_excluded)
    found = select(panel, rules)
    score = np.where(found.unknown & np.isnan(found.score), np.nan, found.score)
    if not rules.ranked:  # the rule itself is the score: in, out, unknown
        score = np.where(found.unknown, np.nan, found.passes.astype(float))
    if not found.member.any():
        raise NotKnown(f"{rules.name}: nobody is in on any of {len(dates)} dates since {since:%Y-%m-%d}")
    frames = (pd.DataFrame(x, index=dates, columns=panel.names) for x in (found.member, score, panel.eligible))
    ours = len(bundled()) + (rules.name not in bundled())
    try:
        result = study.evaluate(
            closes.reindex(columns=panel.names), *frames, benchmarks=benchmarks(universe, closes.index),
            horizons=HORIZONS[every], trials=trials or ours, lag=lag, cost=cost,
        )  # fmt: skip
    except NotEstimable as error:
        raise NotKnown(f"the backtest cannot be made: {error}") from error
    return BacktestRun(rules, universe.title, every, result, _statement(universe, closes, panel, result, trials))


def calendar_of(universe: Universe, until: pd.Timestamp) -> pd.DataFrame:
    """The universe's closes at each week's end up to a day, on the share basis of the last (dates, names)."""
    rows = universe.prices[universe.prices["date"] <= until]
    wide = rows.pivot(index="date", columns="ticker", values="close_usd").sort_index()
    splits = universe.splits[universe.splits["first_day_on_new_basis"] <= until]
    return week_ends(adjust_for_splits(wide, splits))


def decision_dates(calendar: pd.DatetimeIndex, since: pd.Timestamp, every: str) -> pd.DatetimeIndex:
    """Every close since a day, or the last of each month."""
    dates = calendar[calendar >= since]
    if every == "week":
        return dates
    months = dates.to_period("M")
    last = np.append(months[1:] != months[:-1], False)  # a month still running has no end
    return dates[last]


def history(universe: Universe, dates: pd.DatetimeIndex, *, everybody: bool = False) -> Panel:
    """Every metric of every company on each date, as known on it."""
    assumptions = assumptions_of(universe)
    inputs, _ = point_in_time.as_of_view(universe, dates, assumptions)
    rule = RULES[universe.settings.get("groups", {}).get("rule", DEFAULT_RULE)]
    valued = company_metrics.value(inputs, assumptions, Bridge(), rule)
    return Panel.of(valued.table, valued.status, everybody=everybody)


def benchmarks(universe: Universe, calendar: pd.DatetimeIndex) -> dict[str, pd.Series]:
    """Closes of the universe's fund of miners, and of bitcoin within two days of each close."""
    named = universe.settings.get("benchmarks", {})
    out = {}
    fund = universe.prices[universe.prices["ticker"] == named.get("miners", "")]
    if len(fund):
        out[BENCHMARKS["miners"].format(named["miners"])] = fund.set_index("date")["close_usd"].reindex(calendar)
    network = universe.network.dropna(subset="btc_usd").sort_values("date")
    if len(network):
        nearest = pd.Index(network["date"]).get_indexer(calendar, method="nearest", tolerance=BITCOIN_WITHIN)
        price = np.where(nearest >= 0, network["btc_usd"].to_numpy()[nearest], np.nan)
        out[BENCHMARKS["bitcoin"]] = pd.Series(price, index=calendar)
    return out


def _statement(
    universe: Universe, closes: pd.DataFrame, panel: Panel, result: study.Backtest, trials: int | None
) -> tuple[str, ...]:
    could = panel.names[panel.eligible.any(axis=0)].intersection(closes.columns)
    own = closes[could]
    start, end = result.returns.index[0], closes.index[-1]
    later = list(own.columns[own.apply(pd.Series.first_valid_index) > start])
    gone = own.apply(pd.Series.last_valid_index)
    gone = {name: day for name, day in gone.items() if day < end}
    seen = max(universe.facts["published_on"].max(), universe.prices["date"].max())
    left = ", ".join(f"{name} {day:%Y-%m-%d}" for name, day in gone.items())
    deflated = result.deflated
    source = "as you said" if trials else "the bundled screens, and this one"
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
        f"Trials: {deflated.trials} ({source}); tell how many screens you tried with --trials. Without skill the luckiest "
        f"of {deflated.trials} would show {deflated.threshold:.3f} a week.",
    )
