"""The lease tape and the credit ladder: every signed contract by rent, and by who pays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.contracts.arithmetic import DAYS_PER_YEAR
from valuation.contracts.credit import CLASSES, ITSELF, NO_SUPPORT
from valuation.contracts.terms import LEASE

HALF = 0.5


def lease_tape(contracts: pd.DataFrame) -> pd.DataFrame:
    """Lease tape: rent per critical IT MW and year of every signed contract, newest first.

    Parameters
    ----------
    contracts : DataFrame
        Rows of `ContractBook.contracts` of one date.

    Returns
    -------
    DataFrame
        ticker, contract_id, tenant, business, kind, tenant_class (of who stands behind at least half of the value),
        vintage (year of the announcement), announced_on, critical_it_mw (at 100%), term_years, escalator and
        escalator_is_assumed, rent_usd_per_mw (average a year), first_year_usd_per_mw, noi_usd_per_mw (EBITDA of GPU
        cloud). Rent is NaN where value or MW are unknown. Leases and GPU cloud are never one figure.
    """
    out = contracts[
        ["ticker", "contract_id", "business", "kind", "announced_on", "critical_it_mw", "term_years"]
    ].copy()
    out.insert(2, "tenant", contracts["counterparty_name"])
    out["tenant_class"] = contracts["guarantor_class"].where(
        contracts["supported_share"] >= HALF, contracts["own_class"]
    )
    out["vintage"] = contracts["announced_on"].dt.year
    out["escalator"], out["escalator_is_assumed"] = contracts["escalator_used"], contracts["escalator_is_assumed"]
    mw = contracts["owned_it_mw"].where(contracts["owned_it_mw"] > 0)
    out["rent_usd_per_mw"] = contracts["owned_annual_revenue_usd"] / mw
    out["first_year_usd_per_mw"] = contracts["owned_first_year_revenue_usd"] / mw
    out["noi_usd_per_mw"] = contracts["owned_noi_usd"] / mw
    return out.sort_values(["announced_on", "contract_id"], ascending=[False, True]).reset_index(drop=True)


def medians(tape: pd.DataFrame) -> pd.DataFrame:
    """Median rent per critical IT MW by business and year of signing, with the number of contracts behind it."""
    known = tape[tape["rent_usd_per_mw"].notna()]
    groups = known.groupby(["business", "vintage"])
    columns = ["rent_usd_per_mw", "first_year_usd_per_mw", "noi_usd_per_mw"]
    out = groups[columns].median()
    out.insert(0, "contracts", groups.size())
    return (
        out.reset_index()
        .sort_values(["business", "vintage"], key=lambda c: c.where(c != LEASE, ""))
        .reset_index(drop=True)
    )


def credit_ladder(contracts: pd.DataFrame) -> pd.DataFrame:
    """Credit ladder: contract by contract who pays, who stands behind how much, and for how long; best credit first.

    Returns
    -------
    DataFrame
        ticker, contract_id, tenant, own_class, guarantor (empty where nobody else stands behind), covered (fraction of
        the value), guarantor_class, critical_it_mw and rent_usd (a year, owner's share), starts_on (of the first
        phase), start_is_assumed, expires_on (as stated, else the end of the last phase's base term; NaT where the term
        is unknown), break_on.
    """
    rank = {name: k for k, name in enumerate(CLASSES)}
    backed = ~contracts["guarantor"].isin([NO_SUPPORT, ITSELF])
    term = pd.to_timedelta(np.round(contracts["term_years"] * DAYS_PER_YEAR), unit="D")
    out = pd.DataFrame(
        {
            "ticker": contracts["ticker"],
            "contract_id": contracts["contract_id"],
            "tenant": contracts["counterparty_name"],
            "own_class": contracts["own_class"],
            "guarantor": contracts["guarantor"].where(backed, ""),
            "covered": contracts["supported_share"],
            "guarantor_class": contracts["guarantor_class"],
            "critical_it_mw": contracts["owned_it_mw"],
            "rent_usd": contracts["owned_annual_revenue_usd"],
            "starts_on": contracts["first_start_on"],
            "start_is_assumed": contracts["first_start_is_assumed"],
            "expires_on": contracts["end_on"].fillna(contracts["last_start_on"] + term),
            "break_on": contracts["break_on"],
        }
    )
    behind = out["guarantor_class"].where(out["covered"] >= HALF, CLASSES[-1])
    best = np.minimum(out["own_class"].map(rank), behind.map(rank))
    order = out.assign(best=best).sort_values(["best", "rent_usd"], ascending=[True, False], kind="stable").index
    return out.loc[order].reset_index(drop=True)
