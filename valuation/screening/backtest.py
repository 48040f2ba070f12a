"""Backtest of a screen: equal weights, costs, turnover, benchmarks, information coefficient, independent bets.

Decisions are taken on some closes of a calendar and traded `lag` closes later, at that close; what is held is then left
alone until the next trade. A name without a close keeps its last one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation._words import number
from valuation.errors import NotEstimable
from valuation.screening.information_coefficient import Bets, breadth_of, forward_returns, information, last_known
from valuation.screening.newey_west import MeanTest, mean_test
from valuation.screening.performance import Performance, SharpeProbability, performance, sharpe_probability

LEAST_DECISIONS = 12
NET, GROSS, UNIVERSE = "net of costs", "before costs", "all, equal weights"


@dataclass(frozen=True)
class Path:
    """Returns, turnover and costs of a sequence of target weights.

    Attributes
    ----------
    returns, gross : float arrays (steps,)
        From one close to the next, the first beginning at the first trade; net and before costs.
    turnover : float array (trades,)
        Half the sum of the changes in weights, cash included: 1 where everything was replaced.
    costs : float array (trades,)
        Fraction of the value paid.
    held : int array (trades,)
    """

    returns: np.ndarray
    gross: np.ndarray
    turnover: np.ndarray
    costs: np.ndarray
    held: np.ndarray


def simulate(closes: np.ndarray, member: np.ndarray, trades: np.ndarray, cost: float) -> Path:
    """Hold the members at equal weights from each trade to the next.

    Parameters
    ----------
    closes : float array (dates, names)
        On one share basis; NaN where there is none.
    member : bool array (trades, names)
        Who is to be held; without a close on the day a name cannot be bought, and nobody leaves cash.
    trades : int array
        Ascending positions on `closes`.
    cost : float
        Fraction of what is bought and of what is sold.
    """
    carried = last_known(closes)
    names = closes.shape[1]
    returns, gross = [], []
    turnover, costs, held = (np.zeros(len(trades)) for _ in range(3))
    weights = np.zeros(names)
    ends = np.append(trades[1:], len(closes))
    for k, (start, end) in enumerate(zip(trades, ends, strict=True)):
        buyable = member[k] & ~np.isnan(closes[start])
        target = buyable / max(int(buyable.sum()), 1)
        change = np.abs(target - weights).sum()
        cash = abs((1 - target.sum()) - (1 - weights.sum()))
        turnover[k], costs[k], held[k] = (change + cash) / 2, cost * change, buyable.sum()
        with np.errstate(invalid="ignore"):
            growth = carried[start : end + 1] / carried[start]
        growth = np.where(np.isnan(growth), 1.0, growth)
        wealth = 1 - target.sum() + growth @ target
        steps = wealth[1:] / wealth[:-1] - 1
        gross.append(steps)
        paid = steps.copy()
        if len(paid):
            paid[0] = (1 - costs[k]) * (1 + paid[0]) - 1
        returns.append(paid)
        weights = target * growth[-1] / wealth[-1]
    return Path(np.concatenate(returns), np.concatenate(gross), turnover, costs, held.astype(int))


@dataclass(frozen=True, repr=False)
class Backtest(ResultMixin):
    """Backtest of a screen: returns net of costs, turnover, information coefficient, deflated Sharpe ratio.

    Attributes
    ----------
    returns : DataFrame
        Indexed by close: net and gross of costs, the equal-weighted universe, and the benchmarks.
    performance : dict of Performance by column of `returns`
    decisions : DataFrame
        Indexed by decision date: traded_on, held, turnover, cost, ic, scored (names with a score and a return), names.
    information : dict of MeanTest or str by horizon in closes
        Mean rank correlation of score and forward return; why not, where it cannot be tested.
    excess : MeanTest or str
        Mean return per close over the universe, net of costs.
    sharpe_probability : SharpeProbability
        Of that excess: the deflated Sharpe ratio, or the probabilistic one where the number of trials is not known.
    bets : Bets
    members : DataFrame, bool
        Decision dates x names: who was chosen.
    """

    returns: pd.DataFrame
    performance: dict[str, Performance]
    decisions: pd.DataFrame
    information: dict[int, MeanTest | str]
    excess: MeanTest | str
    sharpe_probability: SharpeProbability
    bets: Bets
    members: pd.DataFrame
    lag: int
    cost: float

    @property
    def frame(self) -> pd.DataFrame:
        """One row a decision."""
        return self.decisions

    @property
    def empty(self) -> int:
        """Decisions that held nothing."""
        return int((self.decisions["held"] == 0).sum())

    def _summary(self) -> Summary:
        rows = {name: [p.total, p.annual, p.volatility, p.sharpe, p.drawdown] for name, p in self.performance.items()}
        columns = ["total", "annual", "volatility", "sharpe", "drawdown"]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        title = f"Backtest of {len(self.decisions)} decisions, {self.performance[NET].n} closes"
        notes = (
            f"Mean return over the universe per close, net of costs: {self.excess}.",
            *(f"Information coefficient over {h} closes: {test}." for h, test in self.information.items()),
            f"Independent bets: {number(self.bets.independent, '{:.0f}')}; {self.sharpe_probability}.",
        )
        return Summary(title, tables=(small(table),), notes=notes)


def evaluate(
    closes: pd.DataFrame,
    member: pd.DataFrame,
    score: pd.DataFrame,
    eligible: pd.DataFrame,
    *,
    benchmarks: Mapping[str, pd.Series],
    horizons: Sequence[int],
    trials: int | None,
    lag: int = 1,
    cost: float = 0.0025,
) -> Backtest:
    """Hold a screen's decisions and measure them.

    Parameters
    ----------
    closes : DataFrame (dates, names)
        Every close of the calendar, on one share basis.
    member, score, eligible : DataFrame (decision dates, names)
        Who is chosen; higher is better, NaN unknown; who could have been chosen. Dates of `closes`, ascending.
    benchmarks : Series by name
        Closes on the dates of `closes`; one that is unknown carries the last.
    horizons : closes ahead over which the score is compared with returns
    trials : strategies tried, for the deflated Sharpe ratio; None where nobody knows
    lag : closes from decision to trade

    Raises
    ------
    NotEstimable
        Fewer than twelve decisions, from the first that holds anybody on, can be held for one close.
    """
    at = closes.index.get_indexer(member.index) + lag
    tradable = at < len(closes) - 1
    if tradable.sum() < LEAST_DECISIONS:
        raise NotEstimable(
            f"{int(tradable.sum())} decisions can be held to a later close; at least {LEAST_DECISIONS} are needed"
        )
    prices = closes.to_numpy(dtype=float)
    bought = (member.to_numpy()[tradable] & ~np.isnan(prices[at[tradable]])).any(axis=1)
    first = int(bought.argmax()) if bought.any() else 0  # before anybody is in, there is nothing to measure
    at, dates = at[tradable][first:], member.index[tradable][first:]
    if len(dates) < LEAST_DECISIONS:
        raise NotEstimable(
            f"somebody is in on the last {len(dates)} decisions only; at least {LEAST_DECISIONS} are needed"
        )
    chosen, scored, could = (f.loc[dates].to_numpy() for f in (member, score, eligible))
    mine = simulate(prices, chosen, at, cost)
    everybody = simulate(prices, could, at, 0.0)
    steps, start = closes.index[at[0] + 1 :], closes.index[at[0]]
    returns = pd.DataFrame({NET: mine.returns, GROSS: mine.gross, UNIVERSE: everybody.returns}, index=steps)
    for name, series in benchmarks.items():
        returns[name] = series.reindex(closes.index).ffill().loc[start:].pct_change(fill_method=None).iloc[1:]
    excess = returns[NET] - returns[UNIVERSE]
    gap = int(np.median(np.diff(at)))
    scored = np.where(could, scored, np.nan)
    ahead = {horizon: forward_returns(prices, at, horizon) for horizon in horizons}
    ic = {horizon: information(scored, forward) for horizon, forward in ahead.items()}
    names = np.array(closes.columns, dtype=object)
    nearest = horizons[0]
    both = ~np.isnan(scored) & ~np.isnan(ahead[nearest])
    decisions = pd.DataFrame(
        {
            "traded_on": closes.index[at],
            "held": mine.held,
            "turnover": mine.turnover,
            "cost": mine.costs,
            "ic": ic[nearest],
            "scored": both.sum(axis=1),
            "names": [", ".join(names[row & ~np.isnan(prices[t])]) for row, t in zip(chosen, at, strict=True)],
        },
        index=dates,
    )
    return Backtest(
        returns=returns,
        performance={name: performance(returns[name].dropna(), start=start) for name in returns},
        decisions=decisions,
        information={h: _tested(x, overlap=int(np.ceil(h / gap))) for h, x in ic.items()},
        excess=_tested(excess.to_numpy()),
        sharpe_probability=sharpe_probability(excess, trials),
        bets=_bets(prices[at[0] :], could, chosen & ~np.isnan(prices[at]), mine),
        members=pd.DataFrame(chosen, index=dates, columns=closes.columns),
        lag=lag,
        cost=cost,
    )


def _tested(x: np.ndarray, overlap: int = 1) -> MeanTest | str:
    try:
        return mean_test(x, overlap=overlap)
    except NotEstimable as error:
        return str(error)


def _bets(prices: np.ndarray, could: np.ndarray, chosen: np.ndarray, path: Path) -> Bets:
    """Bets of a path, by the growth from close to close; relative growth is over the mean of who could be chosen."""
    with np.errstate(invalid="ignore"):
        returns = prices[1:] / prices[:-1]  # correlations do not see the 1 that a return is less
    field = np.where(could.any(axis=0), returns, np.nan)
    known = ~np.isnan(field)
    mean = np.divide(
        np.where(known, field, 0.0).sum(axis=1, keepdims=True),
        known.sum(axis=1, keepdims=True),
        out=np.full((len(field), 1), np.nan),
        where=known.any(axis=1, keepdims=True),
    )
    return Bets(
        breadth=breadth_of(returns - mean, chosen),
        absolute=breadth_of(returns, chosen),
        replaced=float(path.turnover.sum()),
        counted=int(path.held.sum()),
    )
