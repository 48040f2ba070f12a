"""Megawatts of made-up companies: the floor of secured power, and what is in no multiple."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import point_in_time, universes
from screener.gathering import InputData
from valuation.assumptions import Assumptions
from valuation.fundamentals.capacity import denominators, gross_of
from valuation.inputs import Inputs

DAY = pd.Timestamp("2026-01-16")
UNKNOWN = np.nan
MW = st.one_of(st.just(UNKNOWN), st.floats(0, 5_000))


@pytest.fixture(scope="module")
def real() -> Inputs:
    return point_in_time.as_of_view(InputData.of(universes.load("miners")), [DAY], Assumptions())[0]


def measured(real: Inputs, leased: float = 0.0, **items: float) -> pd.Series:
    """One company's megawatts: nothing but these items known."""
    blank = real.items.assign(**dict.fromkeys([c for c in real.items if c.startswith("mw_")], UNKNOWN))
    items = {"operating_includes_hosted": 0.0} | items
    inputs = replace(real, items=blank.assign(**items), exits=real.exits.iloc[:0])
    signed = pd.DataFrame({"ai_contracted_it_mw": 0.0, "leased_gross_mw": leased}, index=real.index)
    return denominators(inputs, signed, Assumptions()).iloc[0]


def test_a_report_below_the_leases_gives_way_to_them(real):
    short = measured(real, leased=600.0, mw_secured=500.0)
    assert (short["secured_mw"], bool(short["secured_is_leased"])) == (600.0, True)
    enough = measured(real, leased=500.0, mw_secured=500.0)
    assert (enough["secured_mw"], bool(enough["secured_is_leased"])) == (500.0, False)


def test_with_nothing_reported_operating_power_or_the_leases_stand_in(real):
    operating = measured(real, leased=100.0, mw_operating=300.0)
    assert (operating["secured_mw"], bool(operating["secured_is_operating"])) == (300.0, True)
    leased = measured(real, leased=400.0, mw_operating=300.0)
    assert (leased["secured_mw"], bool(leased["secured_is_operating"]), bool(leased["secured_is_leased"])) == (
        400.0,
        False,
        True,
    )
    assert np.isnan(measured(real)["secured_mw"])


def test_hosted_power_leaves_operating_where_the_report_includes_it(real):
    told = measured(real, mw_operating=1_299.0, mw_hosted=537.0)
    assert told["operating_mw"] == 1_299.0
    inside = measured(real, mw_operating=1_299.0, mw_hosted=537.0, operating_includes_hosted=1.0)
    assert inside["operating_mw"] == inside["secured_mw"] == 762.0
    unknown = measured(real, mw_operating=1_299.0, operating_includes_hosted=1.0)
    assert unknown["operating_mw"] == 1_299.0


def test_gross_power_of_a_contract_at_the_owners_share():
    rows = pd.DataFrame(
        {
            "critical_it_mw": [168.0, 100.0, UNKNOWN, UNKNOWN],
            "gross_mw": [240.0, UNKNOWN, 40.0, UNKNOWN],
            "owner_share": [0.51, 1.0, 0.5, 1.0],
        }
    )
    assert gross_of(rows, Assumptions()).tolist()[:3] == pytest.approx([122.4, 130.0, 20.0])
    assert np.isnan(gross_of(rows, Assumptions()).iloc[3])


@settings(max_examples=60, deadline=None)
@given(MW, MW, MW, MW, MW, st.floats(0, 5_000))
def test_secured_is_at_least_what_is_leased_and_owes_nothing_to_hosted_or_pipeline(
    real, secured, operating, construction, hosted, pipeline, leased
):
    items = {"mw_secured": secured, "mw_operating": operating, "mw_under_construction": construction}
    out = measured(real, leased, **items, mw_hosted=hosted, mw_pipeline=pipeline)
    bare = measured(real, leased, **items)
    if leased > 0:
        assert out["secured_mw"] >= leased
    for name in ("secured_mw", "operating_mw"):
        assert out[name] == bare[name] or (np.isnan(out[name]) and np.isnan(bare[name]))
    if not np.isnan(secured):
        assert out["secured_mw"] == max(secured, leased)
