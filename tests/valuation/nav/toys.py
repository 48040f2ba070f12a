"""A toy company of two streams of rent and cloud, for its parts to be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from valuation.assumptions import Assumptions
from valuation.nav.flows import STREAMS
from valuation.nav.parts import Position

ASSUMED = Assumptions(
    cap_rate_exit=0.08, cap_rate_other=0.09, cap_rate_hyperscaler=0.06, cost_of_capital_other=0.10,
    cost_of_capital_hyperscaler=0.07, cost_of_capital_cloud_premium=0.02, market_noi_usd_per_mw=1.6e6,
    capex_lease_usd_per_mw=9e6, capex_overrun_usd_per_mw=1e6, gross_mw_per_critical_it_mw=1.25, delay_years=0.5,
    approved_start_years=2.0, pipeline_start_years=4.0, probability_first_deal=0.6, probability_approved=0.3,
    probability_operating=0.2, probability_pipeline=0.1, mining_life_years=2.5,
)  # fmt: skip


def toy(**changes: object) -> Position:
    """100m a year from a running lease of another tenant for two years, 50m of cloud that starts in a year."""
    running, ahead = np.zeros((2, len(STREAMS), 4))
    running[STREAMS.index(("lease", "term", "other"))] = [0.0, 100e6, 100e6, 0.0]
    running[STREAMS.index(("lease", "residual", "other"))] = [0.0, 0.0, 0.0, 400e6]
    running[STREAMS.index(("lease", "perpetuity", "other"))] = [900e6, 0.0, 0.0, 0.0]
    running[STREAMS.index(("lease", "tax", "other"))] = [0.0, -20e6, -20e6, 0.0]
    ahead[STREAMS.index(("gpu_cloud", "term", "hyperscaler"))] = [0.0, 0.0, 50e6, 50e6]
    ahead[STREAMS.index(("gpu_cloud", "residual", "hyperscaler"))] = [0.0, 0.0, 0.0, 60e6]
    start = Position(
        running=running, ahead=ahead, mining_revenue_usd=40e6, mining_cost_usd=30e6, bitcoin_usd=70e6, capex_usd=200e6,
        let_mw=50.0, approved_mw=100.0, first_deal_mw=40.0, ai_in_service_mw=0.0, operating_mw=30.0, pipeline_mw=500.0,
        mining_displaced=0.5, hashprice_path=np.array([1.0, 0.9, 0.7]), mining_discount=np.array([0.9, 0.8, 0.35]),
        assumptions=ASSUMED,
    )  # fmt: skip
    return replace(start, **changes)
