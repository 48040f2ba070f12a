"""Which companies have a tenant or guarantor in common: named parties to signed leases, by the company that leases."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from valuation.contracts import credit
from valuation.contracts.consolidation import as_held
from valuation.contracts.terms import LEASE

TENANT, GUARANTOR, BOTH = "tenant", "guarantor", "tenant and guarantor"
COLUMNS = ["party", "role", "ticker"]
# A class of guarantors is not one guarantor.
CLASSES_OF_GUARANTORS = ("unnamed, investment grade", "banks (letters of credit)")
NOBODY = (credit.NOT_STATED, credit.NO_SUPPORT, credit.ITSELF, *CLASSES_OF_GUARANTORS)
# Two undisclosed tenants need not be one: without a name nobody knows which companies share it.
WITHOUT_NAME = r"\b(?:undisclosed|unnamed)\b"


def lease_parties(contracts: pd.DataFrame, parent_of: Mapping[str, str]) -> pd.DataFrame:
    """Named tenants and guarantors of signed leases, and the companies whose leases they pay or guarantee.

    Parameters
    ----------
    contracts : DataFrame
        One date: ticker, is_ai, business, counterparty_name, guarantor (`contracts.terms.terms`).
    parent_of : mapping
        Listed subsidiary -> the parent that consolidates it and so holds its leases too.

    Returns
    -------
    DataFrame
        party, role (`tenant`, `guarantor`, or both where it is the one here and the other there), ticker; a row a (party,
        company), ordered by both. Parties that the source does not name are left out.
    """
    held = as_held(contracts[contracts["is_ai"] & (contracts["business"] == LEASE)], parent_of)
    parts = [
        pd.DataFrame({"party": held[column], "role": role, "ticker": held["ticker"]})
        for column, role in (("counterparty_name", TENANT), ("guarantor", GUARANTOR))
    ]
    rows = pd.concat(parts, ignore_index=True)
    named = ~rows["party"].isin(NOBODY) & ~rows["party"].astype(str).str.contains(WITHOUT_NAME, case=False)
    rows = rows[named]
    several = rows.groupby("party")["role"].transform("nunique") > 1
    rows = rows.assign(role=rows["role"].mask(several, BOTH)).drop_duplicates()
    return rows.sort_values(["party", "ticker"], ignore_index=True)[COLUMNS]
