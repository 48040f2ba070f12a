"""Reviews of contracts: what they cover, before and after."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from screener import point_in_time, universes
from screener.gathering import InputData
from valuation.assumptions import Assumptions
from valuation.fundamentals.reviews import reviewed
from valuation.inputs import Inputs


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    days = pd.DatetimeIndex(["2024-01-05", "2026-10-05", "2027-02-04", "2027-02-05"])
    return point_in_time.as_of_view(InputData.of(universes.load("miners")), days, Assumptions())[0]


def test_a_review_covers_every_earlier_date_and_120_days_after(inputs):
    riot = reviewed(inputs, Assumptions()).xs("RIOT", level="ticker")  # reviewed on 2026-10-07; 120 days on: 2027-02-04
    assert riot.tolist() == [True, True, True, False]
    longer = reviewed(inputs, Assumptions(review_covers_days=121)).xs("RIOT", level="ticker")
    assert longer.all()


def test_a_company_without_a_review_is_covered_on_no_date(inputs):
    assert not reviewed(inputs, Assumptions()).xs("SLNH", level="ticker").any()
    bare = replace(inputs, companies=inputs.companies.drop(columns="contracts_reviewed_on"))
    assert not reviewed(bare, Assumptions()).any()
