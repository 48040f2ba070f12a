"""Review of contracts: where nothing listed means nothing signed, and where it is unknown."""

from __future__ import annotations

import pandas as pd

from valuation.assumptions import Assumptions
from valuation.freshness import REVIEWED_ON
from valuation.inputs import Inputs


def reviewed(inputs: Inputs, assumptions: Assumptions) -> pd.Series:
    """Coverage of each (as_of, ticker) by a review of the company's contracts, a bool.

    A review describes how the list was compiled and not the market, so it covers every earlier date, and
    `review_covers_days` after it (METHODS section 2). Elsewhere a contract that is not listed is unknown, never zero.
    """
    if REVIEWED_ON not in inputs.companies:
        return pd.Series(False, index=inputs.index)
    on = pd.to_datetime(inputs.company(REVIEWED_ON))
    as_of = pd.Series(inputs.index.get_level_values("as_of"), index=inputs.index)
    return as_of <= on + pd.Timedelta(days=assumptions.review_covers_days)
