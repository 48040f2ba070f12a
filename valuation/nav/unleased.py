"""Power without a lease: approved, in use for mining, not yet approved; and what a first deal may take of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts.consolidation import as_held, parents
from valuation.contracts.terms import KEYS, LEASE
from valuation.fundamentals import capacity
from valuation.inputs import Inputs
from valuation.sums import grouped


@dataclass(frozen=True)
class Unleased:
    """Gross MW without a lease, arrays on the rows of the inputs.

    Attributes
    ----------
    let_mw : under signed contracts, whether they can be valued or not
    approved_mw : secured, not leased, not in use for mining; first_deal_mw of it may go to a first deal
    ai_in_service_mw : in AI service, as signed whatever a scenario ends; 0 where unknown
    operating_mw : in use for mining; mining_displaced is the part of all power that mines, hosted included, that it is
    pipeline_mw : not yet approved; NaN unknown
    """

    let_mw: np.ndarray
    approved_mw: np.ndarray
    first_deal_mw: np.ndarray
    ai_in_service_mw: np.ndarray
    operating_mw: np.ndarray
    mining_displaced: np.ndarray
    pipeline_mw: np.ndarray


def unleased(
    inputs: Inputs,
    signed: pd.DataFrame,
    known: pd.DataFrame,
    secured_mw: np.ndarray,
    operating_mw: np.ndarray,
    mines_nothing: np.ndarray,
    assumptions: Assumptions,
) -> Unleased:
    """MW of each company without a lease.

    Parameters
    ----------
    inputs : Inputs
        Of one as-of date.
    signed : DataFrame
        Every AI contract that takes power, by holder: as_of, ticker, owned_gross_mw. Under a scenario, what is left.
    known : DataFrame
        Every AI contract signed by then, a row each: as_of, ticker, business, owned_gross_mw, in_service_share. A
        scenario does not change them: a company that signed has shown that it can, and halls in service do not mine.
    secured_mw, operating_mw : ndarray
        Gross, on the rows of `inputs`; hosted power is in neither.
    mines_nothing : bool array
        On the same rows; False where nobody knows.

    Notes
    -----
    METHODS section 10. A first deal is that of a company without a signed lease, on its approved MW up to the median
    gross MW of the leases signed by then, at the owner's share; GPU cloud is no lease. Where no lease is signed by then
    there is no such yardstick and no first deal. Power in use for mining is what operates less what is in AI service, as
    in `indicators.power`, and no more than is not leased; a company that mines nothing has none.
    """
    index = inputs.index
    let_mw = grouped(signed, ["owned_gross_mw"], index)["owned_gross_mw"].to_numpy()
    unlet = np.clip(secured_mw - let_mw, 0.0, None)
    ai = _in_ai_service(inputs, known, assumptions)
    mining = np.clip(np.minimum(operating_mw, secured_mw) - ai, 0.0, None)
    # Operating unknown: all of it counts as in use.
    in_use = np.where(np.isnan(operating_mw), unlet, np.minimum(mining, unlet))
    in_use = np.where(mines_nothing & ~np.isnan(unlet), 0.0, in_use)
    approved = unlet - in_use
    leases = known[known["business"] == LEASE]
    median = leases["owned_gross_mw"].median()
    holders = as_held(leases[KEYS], parents(inputs.companies))["ticker"]
    has_lease = index.get_level_values("ticker").isin(holders)
    most = 0.0 if np.isnan(median) else float(median)
    # A fleet may run at hosts too, where no lease takes its place.
    fleet = capacity.gross(inputs, "mw_operating", assumptions).to_numpy(dtype=float) - ai
    with np.errstate(divide="ignore", invalid="ignore"):
        displaced = np.where(fleet > 0, np.minimum(in_use / fleet, 1.0), 1.0)
    return Unleased(
        let_mw=let_mw,
        approved_mw=approved,
        ai_in_service_mw=ai,
        first_deal_mw=np.where(has_lease, 0.0, np.minimum(approved, most)),
        operating_mw=in_use,
        mining_displaced=np.nan_to_num(displaced, nan=1.0),
        pipeline_mw=capacity.gross(inputs, "mw_pipeline", assumptions).to_numpy(dtype=float),
    )


def _in_ai_service(inputs: Inputs, known: pd.DataFrame, assumptions: Assumptions) -> np.ndarray:
    """Gross MW in AI service with those of consolidated subsidiaries, 0 where unknown: the larger of what contracts have
    delivered and what the company reports, since GPU cloud runs without a long contract too."""
    rows = as_held(known[[*KEYS, "owned_gross_mw", "in_service_share"]], parents(inputs.companies))
    rows = rows.assign(delivered=rows["owned_gross_mw"] * rows["in_service_share"])
    delivered = grouped(rows, ["delivered"], inputs.index)["delivered"].to_numpy()
    reported = capacity.gross(inputs, "mw_operating_ai", assumptions).to_numpy(dtype=float)
    return np.fmax(delivered, reported)
