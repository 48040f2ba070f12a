"""Megawatts of made-up companies: the floor of secured power, and what is in no multiple."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import point_in_time, universes
from screener.gathering import InputData
from valuation.assumptions import Assumptions
from valuation.fundamentals.capacity import denominators, gross_of, put, sold
from valuation.inputs import Inputs
from valuation.status import Ledger

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
    little = measured(real, leased=0.5)
    assert (little["secured_mw"], bool(little["secured_is_leased"])) == (0.5, True)
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


def test_hosted_power_beyond_operating_and_sales_beyond_the_report_leave_nothing(real):
    all_hosted = measured(real, mw_operating=100.0, mw_hosted=130.0, operating_includes_hosted=1.0, mw_secured=50.0)
    assert (all_hosted["operating_mw"], all_hosted["secured_mw"], all_hosted["hosted_in_operating_mw"]) == (
        0.0,
        50.0,
        130.0,
    )


def test_each_megawatt_is_weighted_once(real):
    # 100 + 0.9 x 50 + 0.5 x 150 + 0.15 x 40
    out = measured(real, mw_secured=300.0, mw_operating=100.0, mw_under_construction=50.0, mw_pipeline=40.0)
    assert out["weighted_mw"] == pytest.approx(226.0)
    # More energised and built than secured: nothing is left to weigh at half.
    over = measured(real, mw_secured=300.0, mw_operating=200.0, mw_under_construction=150.0)
    assert over["weighted_mw"] == pytest.approx(200 + 0.9 * 150)
    assert measured(real, mw_secured=300.0)["weighted_mw"] == pytest.approx(150.0)
    assert np.isnan(measured(real, mw_under_construction=50.0)["weighted_mw"])


def sales(*rows: tuple[str, str, bool, float, float, float]) -> SimpleNamespace:
    """Exits as (contract, day, sold, gross MW, critical IT MW, share) of A, whose secured power is of 30 September 2025."""
    index = pd.MultiIndex.from_product([[DAY], ["A", "B"]], names=["as_of", "ticker"])
    names = ["contract_id", "exited_on", "sold", "gross_mw", "critical_it_mw", "owner_share"]
    exits = pd.DataFrame(list(rows), columns=names).assign(as_of=DAY, ticker="A")
    periods = pd.DataFrame({"mw_secured": pd.to_datetime(["2025-09-30", None])}, index=index)
    return SimpleNamespace(index=index, exits=exits.astype({"exited_on": "datetime64[ns]"}), periods=periods)


def test_what_was_sold_after_the_report():
    inputs = sales(
        ("X", "2025-10-01", True, 100.0, UNKNOWN, 0.5), ("Y", "2025-09-30", True, 70.0, UNKNOWN, 1.0),
        ("Z", "2025-12-01", False, 30.0, UNKNOWN, 1.0), ("W", "2025-12-01", True, UNKNOWN, 10.0, 1.0),
    )  # fmt: skip
    mw, names = sold(inputs, Assumptions())
    assert mw.tolist() == pytest.approx([50.0 + 13.0, 0.0])
    assert names.tolist() == ["X, W", ""]


def told(column: str, **more: object) -> tuple[str, str]:
    """Status and causes of one figure of a company that reports everything, but for what is changed."""
    index = pd.MultiIndex.from_product([[DAY], ["A"]], names=["as_of", "ticker"])
    items = {"mw_secured": 100.0, "mw_operating": 60.0, "mw_hosted": 5.0, "mw_pipeline": 9.0, "mw_under_construction": 8.0,
             "operating_includes_hosted": 0.0}  # fmt: skip
    mw = {"operating_mw": 60.0, "secured_mw": 100.0, "hosted_mw": 5.0, "pipeline_mw": 9.0, "weighted_mw": 80.0,
          "leased_mw": 40.0, "ai_contracted_it_mw": 30.0, "secured_is_operating": False, "secured_is_leased": False,
          "sold_with": ""}  # fmt: skip
    signed = {"signed_contracts": 2, "mw_unknown": "", "mw_from_gross": ""}
    stale = dict.fromkeys([*items], False)
    looked, contracts = more.pop("looked", True), more.pop("contracts", [("colocation_lease", 10.0, 8.0)])
    for name, value in more.items():
        target = next(one for one in (mw, signed, items) if name in one) if not name.startswith("old_") else stale
        target[name.removeprefix("old_")] = value
    listed = pd.DataFrame(contracts, columns=["kind", "gross_mw", "critical_it_mw"])
    listed = listed.assign(as_of=DAY, ticker="A", contract_id=[f"C{k}" for k in range(len(listed))])
    inputs = SimpleNamespace(
        index=index,
        items=pd.DataFrame([items], index=index),
        stale=pd.DataFrame([stale], index=index),
        contracts=listed,
    )
    ledger = Ledger(index)
    put(
        ledger,
        inputs,
        pd.DataFrame([mw], index=index),
        pd.DataFrame([signed], index=index),
        pd.Series([looked], index=index),
    )
    return ledger.status[column].iloc[0], ledger.causes[column].iloc[0]


WITHOUT_GROSS = [
    ("colocation_lease", UNKNOWN, 8.0), ("hosting", UNKNOWN, 8.0), ("jv_lease", UNKNOWN, UNKNOWN),
    ("gpu_cloud", UNKNOWN, 1.0),
]  # fmt: skip
OPERATING = "operating MW stand in for secured"
LEASES = "gross MW of signed leases stand in for mw_secured"


@pytest.mark.parametrize(
    ("column", "more", "status", "causes"),
    [
        ("operating_mw", {}, "ok", ""),
        ("operating_mw", {"old_mw_operating": True}, "stale", "mw_operating old"),
        ("operating_mw", {"operating_includes_hosted": 1.0}, "proxy", "hosted MW taken out of mw_operating"),
        ("operating_mw", {"operating_includes_hosted": 1.0, "hosted_mw": UNKNOWN}, "proxy",
         "mw_operating includes hosted MW, amount unknown"),
        ("secured_mw", {}, "ok", ""),
        ("secured_mw", {"old_mw_operating": True}, "ok", ""),
        ("secured_mw", {"old_mw_secured": True}, "stale", "mw_secured old"),
        ("secured_mw", {"old_mw_secured": True, "mw_secured": UNKNOWN}, "ok", ""),
        ("secured_mw", {"old_mw_secured": True, "secured_is_leased": True}, "proxy", LEASES),
        ("secured_mw", {"old_mw_operating": True, "secured_is_operating": True}, "proxy", f"mw_operating old; {OPERATING}"),
        ("secured_mw", {"sold_with": "X, W"}, "proxy", "MW sold since the report taken out: X, W"),
        ("secured_mw", {"sold_with": "X, W", "secured_is_leased": True}, "proxy", LEASES),
        ("hosted_mw", {"old_mw_hosted": True}, "stale", "mw_hosted old"),
        ("pipeline_mw", {"old_mw_pipeline": True}, "stale", "mw_pipeline old"),
        ("weighted_mw", {}, "ok", ""),
        ("weighted_mw", {"old_mw_pipeline": True, "old_mw_under_construction": True}, "stale",
         "mw_under_construction old; mw_pipeline old"),
        ("weighted_mw", {"old_mw_pipeline": True, "mw_pipeline": 0.0}, "ok", ""),
        ("weighted_mw", {"old_mw_pipeline": True, "mw_pipeline": 0.5}, "stale", "mw_pipeline old"),
        ("weighted_mw", {"operating_mw": UNKNOWN}, "proxy", "mw_operating unknown"),
        ("weighted_mw", {"old_mw_secured": True}, "stale", "mw_secured old"),
        ("leased_mw", {}, "ok", ""),
        ("leased_mw", {"looked": False}, "ok", ""),
        ("leased_mw", {"signed_contracts": 0}, "ok", ""),
        ("leased_mw", {"signed_contracts": 0, "looked": False}, "missing", "contracts not reviewed"),
        ("leased_mw", {"mw_unknown": "C7"}, "proxy", "MW unknown: C7"),
        ("leased_mw", {"contracts": WITHOUT_GROSS}, "proxy", "MW from critical IT: C0, C3"),
        ("leased_share", {}, "ok", ""),
        ("leased_share", {"secured_mw": 0.0}, "missing", "leased_share unknown"),
        ("leased_share", {"secured_mw": 0.5}, "ok", ""),
        ("ai_contracted_it_mw", {"mw_from_gross": "C1"}, "proxy", "MW from gross: C1"),
        ("ai_contracted_it_mw", {"signed_contracts": 0, "looked": False}, "missing", "contracts not reviewed"),
    ],
)  # fmt: skip
def test_what_each_figure_rests_on(column, more, status, causes):
    assert told(column, **more) == (status, causes)


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
