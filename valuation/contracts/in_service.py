"""AI MW in service of a company: what its contracts have delivered, and what the company reports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.contracts.consolidation import parents
from valuation.inputs import Inputs
from valuation.status import Details

KEYS = ["as_of", "ticker"]
MOST_DAYS = 120  # a report of AI MW in service older than this says nothing of the as-of date
LEAST_MW = 1e-6
UNCOUNTED = "AI revenue is reported, no delivery is dated"


@dataclass(frozen=True)
class InService:
    """AI MW in service by company, critical IT MW at the owner's share, on the rows of `Inputs`.

    Attributes
    ----------
    mw : ndarray
        NaN where unknown.
    proxy, missing : mapping
        Marks for `valuation.status.Ledger`.
    """

    mw: np.ndarray
    proxy: dict[str, np.ndarray | Details]
    missing: dict[str, np.ndarray | Details]


def reported(inputs: Inputs) -> pd.Series:
    """AI MW in service as reported within `MOST_DAYS` of the as-of date, on the rows of `inputs`; NaN where not.

    Taken at its face: a figure that does not say whether it is gross cannot be more than that in critical IT MW.
    """
    on = inputs.periods["mw_operating_ai"]
    age = (on.index.get_level_values("as_of") - pd.DatetimeIndex(on)).days
    return inputs.items["mw_operating_ai"].where(age <= MOST_DAYS)


def reported_with_subsidiary(inputs: Inputs) -> np.ndarray:
    """`reported`, a subsidiary's standing in for that of a parent which reports no figure of its own."""
    own = reported(inputs)
    said: np.ndarray = own.to_numpy(dtype=float).copy()
    tickers, dates = (inputs.index.get_level_values(name) for name in ("ticker", "as_of"))
    for child, parent in parents(inputs.companies).items():
        at = np.flatnonzero((tickers == parent) & np.isnan(said))
        said[at] = own.reindex(pd.MultiIndex.from_arrays([dates[at], [child] * len(at)])).to_numpy()
    return said


def in_service(inputs: Inputs, delivered: np.ndarray, contracted: np.ndarray, signed: np.ndarray) -> InService:
    """AI MW in service: deliveries as dated, or what the company reports where that is more, never above contracted.

    Parameters
    ----------
    inputs : Inputs
    delivered, contracted : float array
        Sums over each company's contracts, critical IT MW; NaN where unknown.
    signed : array
        Contracts in force of each company.

    Notes
    -----
    METHODS section 5. A report below the deliveries limits them contract by contract (`contracts.phases`). Where no
    delivery is dated, nothing is reported and the latest quarter has recurring AI revenue, something is in service that
    nobody has counted: unknown, not zero.
    """
    said = reported_with_subsidiary(inputs)
    counts = np.asarray(signed, dtype=float) > 0
    most = np.minimum(said, contracted)
    more = counts & (most > np.nan_to_num(delivered) + LEAST_MW)
    none_dated = counts & ~(delivered > 0)
    earns = _earns(inputs)
    return InService(
        mw=np.where(more, most, delivered),
        proxy={
            "AI MW in service as reported, no delivery is dated": more & none_dated,
            "AI MW in service as reported, more than the dated deliveries": more & ~none_dated,
        },
        missing={UNCOUNTED: none_dated & np.isnan(said) & earns},
    )


def _earns(inputs: Inputs) -> np.ndarray:
    """Rows whose latest quarter with a total has recurring AI revenue."""
    rows = inputs.quarters[inputs.quarters["total_usd"].notna()]
    last = rows.sort_values("period_end", kind="stable").groupby(KEYS).tail(1).set_index(KEYS).reindex(inputs.index)
    return (last["ai_hpc_usd"] - last["ai_hpc_one_off_usd"].fillna(0.0) > 0).to_numpy()
