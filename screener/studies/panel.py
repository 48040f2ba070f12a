"""The panel of quarter ends behind the regression."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.gathering import InputData
from screener.run_config import RunConfig
from screener.screen import Valued, value
from screener.studies.gap import FIRST_WEEK
from valuation.regression.study import REGRESSOR, RESPONSE
from valuation.status import USABLE


def quarter_ends(until: pd.Timestamp) -> pd.DatetimeIndex:
    """The quarter ends of the panel up to a day."""
    return pd.date_range(FIRST_WEEK, until, freq="QE").as_unit("ns")


def quarterly_panel(
    config: RunConfig, data: InputData, as_of: pd.Timestamp, *, valued: Valued | None = None
) -> pd.DataFrame:
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
    ends = quarter_ends(as_of)
    if ends.empty:
        none = pd.MultiIndex.from_arrays([[], []], names=["as_of", "ticker"])
        return pd.DataFrame({"ln_value": [], "share": []}, index=none, dtype=float)
    quarters = (value(config, data, ends) if valued is None else valued.on(ends)).valuation
    usable = quarters.table["excluded"] == ""
    for metric in (RESPONSE, REGRESSOR):
        usable &= quarters.status[metric].isin(USABLE)
    rows = quarters.table[usable]
    return pd.DataFrame({"ln_value": np.log(rows[RESPONSE]), "share": rows[REGRESSOR]})
