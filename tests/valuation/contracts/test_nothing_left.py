"""What is in service costs nothing more, however little is known of its cost; what is not stays unknown."""

from __future__ import annotations

import numpy as np
import pytest

from tests.valuation.contracts.test_book import signed

LEFT = ["building_left_usd", "gpus_left_usd", "capex_to_spend_usd"]


@pytest.mark.parametrize("kind", ["colocation_lease", "gpu_cloud"])
def test_unknown_cost_of_a_contract_in_service_and_of_one_to_come(kind):
    unknown = {"kind": kind, "critical_it_mw": np.nan}
    running, ahead = (signed(unknown | {"start_on": day}).iloc[0] for day in ("2025-01-01", "2027-01-01"))
    assert running[LEFT].tolist() == [0.0, 0.0, 0.0]
    assert ahead[LEFT].astype(float).isna().tolist() == [True, kind == "gpu_cloud", True]
