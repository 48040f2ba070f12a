"""The signing study on the universe's weekly closes, each week with what was then known."""

from __future__ import annotations

import pandas as pd

from screener.days import Day, as_day
from screener.errors import NotKnown
from screener.gathering import InputData
from screener.run_config import RunConfig
from screener.screen import Valued, value
from screener.studies.events import UNSURE_DAY
from screener.studies.gap import FIRST_WEEK
from valuation.contracts.arithmetic import AI_KINDS
from valuation.errors import NotEstimable
from valuation.indicators.divergence import traded_on
from valuation.signing import SigningStudy, study
from valuation.status import USABLE

# Measure -> column of the valuation; prices come from the closes on one share basis.
VALUED = {"ev": "enterprise_value_usd", "ev_per_mw": "ev_per_mw_secured"}


def signing_study(
    config: RunConfig,
    data: InputData,
    as_of: Day,
    *,
    since: Day | None = None,
    valued: Valued | None = None,
) -> SigningStudy:
    """Price, EV and EV per secured MW around each miner's first AI contract, and changes within companies since a date.

    Parameters
    ----------
    since : str, date or Timestamp, optional
        Changes within companies count from the last weekly close by then; a year before `as_of` by default. The study itself
        uses every week since January 2024.
    valued : Valued, optional
        The companies valued on these weeks and others, where a run has done so already.

    Raises
    ------
    NotKnown
        No weekly close, or no first contract, in the span.
    """
    as_of = as_day(as_of)
    start = as_of - pd.DateOffset(years=1) if since is None else as_day(since)
    dates = data.some_weeks(FIRST_WEEK, as_of)
    weekly = value(config, data, dates) if valued is None else valued.on(dates)
    traded = traded_on(weekly.inputs)
    valuation = weekly.valuation.on(traded)
    inside = (valuation.table["excluded"] == "").unstack("ticker").any()
    tickers = inside.index[inside]
    closes = data.adjusted_closes(as_of, tickers).reindex(index=traded, columns=tickers)
    values = {"price": closes}
    for name, column in VALUED.items():
        usable = valuation.status[column].isin(USABLE) & (valuation.table["excluded"] == "")
        values[name] = valuation.table[column].where(usable).unstack("ticker")[tickers]
    group = valuation.table["group"].unstack("ticker")[tickers]
    signed = first_contracts(data, as_of)
    try:
        return study(
            values, group, signed, start, level=config.assumptions.confidence_level, seed=config.assumptions.seed
        )
    except NotEstimable as error:
        raise NotKnown(str(error)) from error


def first_contracts(data: InputData, as_of: pd.Timestamp) -> pd.DataFrame:
    """The first AI or HPC contract of each company announced by a day: announced_on, day_unsure, by ticker.

    A contract of a consolidated subsidiary is its parent's too.
    """
    book = data.contracts
    book = book[book["kind"].isin(AI_KINDS) & (book["announced_on"] <= as_of)][["ticker", "announced_on", "evidence"]]
    parents = data.companies.set_index("ticker")["consolidated_by"].dropna()
    listed = set(data.companies["ticker"])
    held = book.assign(ticker=book["ticker"].map(parents))
    book = pd.concat([book, held[held["ticker"].isin(listed)]])
    unsure = book["evidence"].astype("string").str.contains(UNSURE_DAY, case=False, regex=True)
    book = book.assign(day_unsure=unsure.fillna(False).astype(bool))
    # Of two contracts of a day the one whose day is known stands for both.
    book = book.sort_values(["announced_on", "day_unsure"], kind="stable").drop_duplicates("ticker")
    return book.set_index("ticker")[["announced_on", "day_unsure"]].sort_index()
