"""The indicators week by week, each week with what was then known."""

from __future__ import annotations

import pandas as pd

from screener.days import Day, as_day
from screener.gathering import InputData
from screener.run_config import RunConfig
from screener.screen import Valued, value
from screener.studies.gap import FIRST_WEEK
from valuation.contracts import book
from valuation.indicators.result import Indicators, measure
from valuation.mining import economics


def indicators(
    config: RunConfig,
    data: InputData,
    as_of: Day,
    *,
    since: Day = FIRST_WEEK,
    valued: Valued | None = None,
) -> Indicators:
    """Revenue mix, signed contracts, power by use, price divergence and hashrate on every weekly close and on `as_of`.

    Parameters
    ----------
    since : str, date or Timestamp
        The first week.
    valued : Valued, optional
        The companies valued on these weeks and others, where a run has done so already.

    Raises
    ------
    NotKnown
        No weekly close in the span.
    """
    since, as_of = as_day(since), as_day(as_of)
    dates = data.some_weeks(since, as_of)
    dates = dates.union(pd.DatetimeIndex([as_of]).as_unit("ns"))
    weekly = value(config, data, dates) if valued is None else valued.on(dates)
    signed = book.build(weekly.inputs, weekly.valuation, config.assumptions)
    mined = economics.economics(weekly.inputs, config.assumptions)
    splits = data.splits[data.splits["first_day_on_new_basis"] <= as_of]
    return measure(weekly.inputs, weekly.valuation, signed, mined, splits, config.assumptions)
