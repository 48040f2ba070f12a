"""The miners' revenue mix, and the quarter in which AI revenue exceeds mining revenue."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener import point_in_time
from screener.days import Day, as_day
from screener.gathering import InputData
from screener.run_config import RunConfig
from screener.screen import Valued
from valuation.contracts.schedule import schedule
from valuation.eligibility import exclusion
from valuation.mining import economics
from valuation.revenue_mix import crossover, mix
from valuation.revenue_mix.crossover import Projection, RevenueMix

QUARTER = pd.Timedelta(days=91)


def revenue_mix(config: RunConfig, data: InputData, as_of: Day, *, valued: Valued | None = None) -> RevenueMix:
    """The mix of the universe's own miners; subsidiaries that a parent consolidates are not counted twice.

    Parameters
    ----------
    valued : Valued, optional
        What was known on that date alone, where a run has looked it up already.
    """
    as_of, assumptions = as_day(as_of), config.assumptions
    inputs = point_in_time.as_of_view(data, [as_of], assumptions)[0] if valued is None else valued.inputs
    own = inputs.index.get_level_values("ticker")[exclusion(inputs) == ""]
    mixed = mix.mix(inputs.quarters)
    mixed = mixed[mixed["ticker"].isin(own)]
    book = schedule(inputs, assumptions).by_tranche()
    weekly = economics.history(inputs.network)
    scale = _to_todays_hashprice(mixed, weekly)
    projection = Projection()
    ahead = crossover.bitcoin_share_ahead(mixed, book, own, mining_scale=scale, projection=projection)
    return RevenueMix(
        mixed=mixed,
        sector=mix.sector(mixed),
        crossover=crossover.crossover(mixed, book, own, mining_scale=scale, projection=projection),
        ahead=ahead,
        projection=projection,
        hashprice_usd=float(weekly.iloc[-1]) if len(weekly) else np.nan,
        hashprice_on=weekly.index[-1] if len(weekly) else pd.NaT,
    )


def _to_todays_hashprice(mixed: pd.DataFrame, weekly: pd.Series) -> pd.Series:
    """By ticker: the latest hashprice over its mean in the company's latest reported quarter."""
    scale = {}
    for ticker, end in crossover.latest_quarters(mixed).items():
        then = weekly[(weekly.index > end - QUARTER) & (weekly.index <= end)]
        scale[ticker] = weekly.iloc[-1] / then.mean() if len(then) else 1.0
    return pd.Series(scale, dtype=float)
