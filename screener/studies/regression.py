"""The regression on contracted AI share with its checks, and the panel of quarter ends behind them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from screener.days import Day, as_day
from screener.errors import NotKnown
from screener.gathering import InputData
from screener.run_config import RunConfig
from screener.screen import Valued, screen_on, value, value_dates
from screener.studies.gap import FIRST_WEEK
from valuation.errors import NotEstimable
from valuation.regression import study
from valuation.regression.study import CONTROLS, REGRESSOR, RESPONSE, RegressionStudy
from valuation.screen import Screen
from valuation.status import USABLE


def regression_study(
    config: RunConfig,
    data: InputData,
    as_of: Day,
    controls: Sequence[str] = tuple(CONTROLS),
    *,
    panel: bool = True,
) -> tuple[Screen, RegressionStudy]:
    """The screen of a date, and its regression with small-sample inference, placebo, controls and panel.

    Raises
    ------
    NotKnown
        No close by the date, or too few companies for a regression.
    """
    as_of = as_day(as_of)
    valued = value_dates(config, data, as_of, quarter_ends(as_of) if panel else None)
    screen = screen_on(config, data, valued, as_of)
    quarters = quarterly_panel(config, data, as_of, valued=valued) if panel else None
    try:
        found = study.run(
            screen.table, screen.status, screen.causes, config.assumptions, names=tuple(controls), quarters=quarters
        )
    except NotEstimable as error:
        raise NotKnown(f"the regression cannot be estimated: {error}") from error
    return screen, found


def quarter_ends(until: pd.Timestamp) -> pd.DatetimeIndex:
    """The quarter ends of the panel up to a day."""
    return pd.date_range(FIRST_WEEK, until, freq="QE").as_unit("ns")


def quarterly_panel(config: RunConfig, data: InputData, as_of: Day, *, valued: Valued | None = None) -> pd.DataFrame:
    """ln(EV per secured MW) and contracted share at every quarter end since 2024, each as known then.

    Parameters
    ----------
    valued : Valued, optional
        The companies valued on these dates and others, where a run has done so already.

    Returns
    -------
    DataFrame
        Indexed (as_of, ticker): ln_value, share; only rows that may enter a statistic, none before the first quarter
        end.
    """
    ends = quarter_ends(as_day(as_of))
    if ends.empty:
        none = pd.MultiIndex.from_arrays([[], []], names=["as_of", "ticker"])
        return pd.DataFrame({"ln_value": [], "share": []}, index=none, dtype=float)
    quarters = (value(config, data, ends) if valued is None else valued.on(ends)).valuation
    usable = quarters.table["excluded"] == ""
    for metric in (RESPONSE, REGRESSOR):
        usable &= quarters.status[metric].isin(USABLE)
    rows = quarters.table[usable]
    return pd.DataFrame({"ln_value": np.log(rows[RESPONSE]), "share": rows[REGRESSOR]})
