"""Cash overhead a year: what companies report, and a stand-in by secured MW where they report none."""

from __future__ import annotations

import pandas as pd

from valuation.fundamentals.ai_share import QUARTERS_PER_YEAR, latest_quarter, twelve_months
from valuation.inputs import Inputs


def overhead(inputs: Inputs, secured_mw: pd.Series) -> pd.DataFrame:
    """Cash overhead a year, USD, a row an (as_of, ticker): reported, else the median per secured MW of those that report.

    Parameters
    ----------
    inputs : Inputs
        For `quarters` (sga_cash_usd: one quarter's cash selling, general and administrative cost).
    secured_mw : Series
        On the rows of `inputs`.

    Returns
    -------
    DataFrame
        overhead_usd; quarter (the latest reported; NaT where none), quarter_usd and year_usd (of the four that end with
        it; NaN where fewer are known: is_latest_x4); is_stand_in (not reported: per_mw_usd, the date's median of overhead
        per secured MW, times the company's secured MW).

    Notes
    -----
    METHODS section 10: four quarters, or the latest x 4.
    """
    index = inputs.index
    known = inputs.quarters[inputs.quarters["sga_cash_usd"].notna()]
    last = latest_quarter(known, "sga_cash_usd", index)
    year = twelve_months(known, ["sga_cash_usd"], last["period_end"], index)["sga_cash_usd"]
    out = pd.DataFrame(index=index)
    out["quarter"], out["quarter_usd"], out["year_usd"] = last["period_end"], last["sga_cash_usd"], year
    out["is_latest_x4"] = year.isna() & last["sga_cash_usd"].notna()
    reported = year.fillna(QUARTERS_PER_YEAR * last["sga_cash_usd"])
    miners = inputs.company("role").ne("comparable").to_numpy()
    per_mw = (reported / secured_mw.where(secured_mw > 0)).where(miners)
    median = per_mw.groupby(level="as_of").transform("median")
    out["is_stand_in"], out["per_mw_usd"] = reported.isna(), median
    out["overhead_usd"] = reported.fillna(median * secured_mw)
    return out
