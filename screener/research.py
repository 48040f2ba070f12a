"""Questions over one date in depth, or over many dates: the specification curve, the gap's history, the panel, the mix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener import known
from screener.screen import weeks
from screener.universes import Universe
from valuation import company, contracts, mix, specification, study
from valuation.assumptions import Assumptions, Bridge
from valuation.decomposition import Decomposition, oaxaca_blinder
from valuation.groups import DEFAULT_RULE, PIVOT, RULES
from valuation.history import Break, Trend, level_break, trend
from valuation.screen import Screen
from valuation.status import USABLE

FIRST_WEEK = pd.Timestamp("2024-01-05")
HISTORY_DRAWS = 999


@dataclass(frozen=True)
class GapHistory:
    """The headline gap week by week, point in time.

    Attributes
    ----------
    frame : DataFrame
        Indexed by as_of: ratio, low, high, n_pivot, n_bitcoin; NaN where a group is empty or a single company.
    trend : Trend or None
    level_break : Break or None
    note : str
        Why the last two are absent.
    """

    frame: pd.DataFrame
    trend: Trend | None
    level_break: Break | None
    note: str


def specification_curve(
    universe: Universe, as_of: pd.Timestamp, assumptions: Assumptions
) -> specification.SpecificationCurve:
    """Every definition of the gap on one date."""
    inputs, _ = known.as_known(universe, [as_of], assumptions)
    return specification.curve(specification.samples(inputs, assumptions), assumptions)


def gap_history(universe: Universe, since: pd.Timestamp, until: pd.Timestamp, assumptions: Assumptions) -> GapHistory:
    """The headline gap on every weekly close within [since, until], with trend and break.

    Raises
    ------
    NotKnown
        No weekly close in the span.
    """
    from screener.errors import NotKnown
    from valuation.errors import NotEstimable

    dates = weeks(universe, since, until)
    if dates.empty:
        raise NotKnown(f"no weekly close between {since:%Y-%m-%d} and {until:%Y-%m-%d}")
    inputs, _ = known.as_known(universe, dates, assumptions)
    sampled = specification.samples(
        inputs, assumptions, rules=[DEFAULT_RULE], settings=[Bridge()], denominator_names=["secured"]
    )
    fewer = _with_draws(assumptions, HISTORY_DRAWS)
    frame = specification.curve(sampled, fewer, p_values=False).headline
    frame = frame[["ratio", "low", "high", "n_pivot", "n_bitcoin"]]
    # A group of one has a ratio and no interval; the trend is told from weeks with both groups of at least two.
    usable = frame["ratio"].where(frame["low"].notna())
    try:
        return GapHistory(frame, trend(usable), level_break(usable, draws=HISTORY_DRAWS, seed=assumptions.seed), "")
    except NotEstimable as error:
        return GapHistory(frame, None, None, str(error))


def _with_draws(assumptions: Assumptions, draws: int) -> Assumptions:
    from dataclasses import replace

    return replace(assumptions, bootstrap_draws=min(draws, assumptions.bootstrap_draws))


def decomposition(screen: Screen) -> Decomposition | str:
    """Oaxaca-Blinder of the headline's mean log gap over ln MW; why not, where it cannot be estimated."""
    from valuation.errors import NotEstimable

    inside = screen.gap.members["ev_per_mw_secured"]
    rows = screen.table[inside]
    sample = pd.DataFrame(
        {"ln_value": np.log(rows["ev_per_mw_secured"]), "ln secured MW": np.log(rows["secured_mw"])}
        | {"pivot": rows["group"] == PIVOT}
    )
    try:
        return oaxaca_blinder(sample, "ln_value", ["ln secured MW"], "pivot")
    except NotEstimable as error:
        return str(error)


def quarterly_panel(universe: Universe, as_of: pd.Timestamp, assumptions: Assumptions) -> pd.DataFrame:
    """ln(EV per secured MW) and contracted share at every quarter end since 2024, each as known then.

    Returns
    -------
    DataFrame
        Indexed (as_of, ticker): ln_value, share; only rows that may enter a statistic.
    """
    ends = pd.date_range(FIRST_WEEK, as_of, freq="QE")
    inputs, _ = known.as_known(universe, ends, assumptions)
    valued = company.value(inputs, assumptions, Bridge(), RULES[DEFAULT_RULE])
    usable = valued.table["excluded"] == ""
    for metric in (study.RESPONSE, study.REGRESSOR):
        usable &= valued.status[metric].isin(USABLE)
    rows = valued.table[usable]
    return pd.DataFrame({"ln_value": np.log(rows[study.RESPONSE]), "share": rows[study.REGRESSOR]})


@dataclass(frozen=True)
class RevenueMix:
    """Revenue by part, the sector's shares and the crossover of each company, as known on one date."""

    mixed: pd.DataFrame
    sector: pd.DataFrame
    crossover: pd.DataFrame
    projection: mix.Projection


def revenue_mix(universe: Universe, as_of: pd.Timestamp, assumptions: Assumptions) -> RevenueMix:
    """The mix of the universe's own miners; subsidiaries that a parent consolidates are not counted twice."""
    inputs, _ = known.as_known(universe, [as_of], assumptions)
    own = inputs.index.get_level_values("ticker")[company.exclusion(inputs) == ""]
    mixed = mix.mix(inputs.quarters)
    mixed = mixed[mixed["ticker"].isin(own)]
    book = contracts.schedule(inputs.contracts, assumptions)
    projection = mix.Projection()
    return RevenueMix(mixed, mix.sector(mixed), mix.crossover(mixed, book, own, projection=projection), projection)
