"""A toy lease and what changes it, as contracts with their tranches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.nav.flows import Values
from valuation.nav.profile import Signed

A = Assumptions()
NO_TAX = replace(A, cash_taxes=False)
LEASE = {
    "as_of": pd.Timestamp("2026-01-16"), "ticker": "TOY", "business": "lease", "term_years": 15.0, "value_used_usd": 1.5e9,
    "escalator_used": 0.0, "margin_used": 1.0, "building_capex_usd": 0.0, "gpu_capex_usd": 0.0, "owned_it_mw": 50.0,
    "supported_share": 0.0, "own_class": "hyperscaler", "guarantor_class": "hyperscaler", "credited_usd": 0.0,
    "owned_rent_credits_usd": 0.0,
}  # fmt: skip


def signed(*contracts: dict, tranches: list[tuple[int, float, float, bool]]) -> Signed:
    """Contracts that change `LEASE`, with tranches (row, start in years, share, delivered)."""
    parts = pd.DataFrame(tranches, columns=["row", "starts_in_years", "share", "delivered"])
    return Signed(pd.DataFrame([LEASE | one for one in contracts]), parts)


def worth(found: Values, column: str) -> np.ndarray:
    """Values of each contract, both classes together."""
    return found.by_class.groupby(level="row")[column].sum().to_numpy()
