"""Capacity: operating, secured, pipeline and weighted megawatts, the denominators of EV per MW."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.denominators import DENOMINATORS, Denominator
from valuation.inputs import Inputs

__all__ = ["ADDED_WEIGHT", "DENOMINATORS", "Denominator", "denominators", "gross"]

# Items that weigh in the weighted figure alone.
ADDED_WEIGHT = ("mw_under_construction", "mw_pipeline")


def gross(inputs: Inputs, item: str, assumptions: Assumptions) -> pd.Series:
    """An MW item in gross MW; critical IT MW are multiplied by the assumed ratio."""
    ratio = np.where(inputs.critical_it[item], assumptions.gross_mw_per_critical_it_mw, 1.0)
    return inputs.items[item] * ratio


def denominators(inputs: Inputs, contracted_it_mw: pd.Series, assumptions: Assumptions) -> pd.DataFrame:
    """Operating, secured and weighted gross MW and contracted critical IT MW, a row an (as_of, ticker).

    Returns
    -------
    DataFrame
        operating_mw, construction_mw, secured_mw, pipeline_mw, weighted_mw, ai_contracted_it_mw, and
        secured_is_operating (True where operating stands in for an unknown secured figure); then the column of each
        denominator of the registry that is computed from these.

    Notes
    -----
    Secured includes operating and construction, so each MW is weighted once: operating 1.0, construction 0.9, the
    rest of secured 0.5, pipeline 0.15 (METHODS section 4). Unknown construction or pipeline adds no weight of its
    own; unknown operating leaves its MW at the weight of secured. Where both operating and secured are unknown the
    weighted figure is unknown.
    """
    operating = gross(inputs, "mw_operating", assumptions)
    construction = gross(inputs, "mw_under_construction", assumptions)
    reported = gross(inputs, "mw_secured", assumptions)
    pipeline = gross(inputs, "mw_pipeline", assumptions)
    stands_in = reported.isna() & operating.notna()
    secured = reported.where(~stands_in, operating)
    on_line, building = operating.fillna(0.0), construction.fillna(0.0)
    rest = (secured - on_line - building).clip(lower=0.0)
    weighted = (
        assumptions.weight_operating * on_line
        + assumptions.weight_construction * building
        + assumptions.weight_secured * rest
        + assumptions.weight_pipeline * pipeline.fillna(0.0)
    )
    out = pd.DataFrame(
        {
            "operating_mw": operating,
            "construction_mw": construction,
            "secured_mw": secured,
            "pipeline_mw": pipeline,
            "weighted_mw": weighted,
            "ai_contracted_it_mw": contracted_it_mw,
            "secured_is_operating": stands_in,
        },
        index=inputs.index,
    )
    for one in DENOMINATORS.values():
        if one.compute is not None:
            out[one.denominator] = one.compute(out, inputs, assumptions)
    return out
