"""Data-centre comparables and private deals as known on a date, beside the miners' own multiples."""

from __future__ import annotations

import pandas as pd

from screener.days import Day, as_day
from screener.gathering import InputData
from screener.known.lists import last_day
from valuation.comparables import Comparables, beside
from valuation.screen import Screen


def comparables(data: InputData, screen: Screen, as_of: Day) -> Comparables:
    """Figures of data-centre companies, markets and deals dated by a day, and the groups' medians of a screen.

    Notes
    -----
    A figure that names a year, quarter or month alone counts from the end of it.
    """
    day = as_day(as_of)
    market = data.comparables.assign(known=_known(data.comparables["as_of"]))
    deals = data.deals.assign(known=_known(data.deals["date"]))
    return beside(screen, market[market["known"] <= day], deals[deals["known"] <= day])


def _known(told: pd.Series) -> pd.Series:
    quarter = told.astype(str).str.extract(r"^(\d{4})-Q([1-4])$")
    end = pd.to_datetime(quarter[0] + "-" + (pd.to_numeric(quarter[1]) * 3).map("{:02.0f}".format), format="%Y-%m",
                         errors="coerce") + pd.offsets.MonthEnd(0)  # fmt: skip
    return last_day(told).fillna(end)
