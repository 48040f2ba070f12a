"""Which rate a contract takes: that of its guarantor for its part, its own for the rest, with the premium of cloud."""

from __future__ import annotations

import numpy as np
import pytest

from tests.valuation.nav.leases import NO_TAX, A, signed, worth
from valuation.nav.flows import _classes, present_values


def test_rates_of_a_lease_and_of_cloud():
    backed = {"supported_share": 0.4, "guarantor_class": "hyperscaler", "own_class": "other"}
    found = _classes(signed(backed, backed | {"business": "gpu_cloud"}, tranches=[]).contracts, NO_TAX)
    # The guarantor's part of both contracts, then their own; 3% more for cloud, which has no cap rate.
    assert found.index.tolist() == [(0, "hyperscaler"), (1, "hyperscaler"), (0, "other"), (1, "other")]
    assert found["share"].tolist() == [0.4, 0.4, 0.6, 0.6]
    assert found["cost_of_capital"].tolist() == pytest.approx([0.08, 0.11, 0.11, 0.14])
    assert found["cap_rate"].tolist() == pytest.approx([0.06, np.nan, 0.085, np.nan], nan_ok=True)


def test_cloud_is_discounted_with_its_premium_and_leaves_half_of_a_data_centre_s_rent():
    cloud = {"business": "gpu_cloud", "term_years": 3.0, "value_used_usd": 300e6, "own_class": "other"}
    found = present_values(signed(cloud, tranches=[(0, 0.0, 1.0, True)]), NO_TAX)
    assert worth(found, "term_usd")[0] == pytest.approx(sum(100e6 * 1.14 ** -(k + 0.5) for k in range(3)))
    # 50 MW at 1.5m a year, half of it, over 7.5%.
    assert worth(found, "residual_usd")[0] == pytest.approx(50 * 1.5e6 * 0.5 / 0.075 * 1.14**-3)
    assert worth(found, "perpetuity_usd")[0] == 0.0


def test_taxes_of_a_contract_are_negative_and_paid_in_the_middle_of_its_years():
    found = present_values(signed({"term_years": 3.0, "value_used_usd": 300e6}, tranches=[(0, 0.0, 1.0, True)]), A)
    assert worth(found, "tax_usd")[0] == pytest.approx(-sum(25e6 * 1.08 ** -(k + 0.5) for k in range(3)))
