"""Power by use: it adds up to secured power for every company and week; the split by hand for toy companies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.screen import value
from tests.valuation.indicators.world import miners, only
from valuation.contracts import book
from valuation.indicators.power import USES, power

FIRST, LAST = pd.Timestamp("2024-01-05"), pd.Timestamp("2026-10-05")


@pytest.fixture(scope="module")
def every_week():
    data, config = InputData.of(miners()), resolve_config(miners())
    valued = value(config, data, data.weeks(FIRST, LAST))
    signed = book.build(valued.inputs, valued.valuation, config.assumptions)
    return valued, signed, power(valued.inputs, valued.valuation, signed, config.assumptions)


def test_the_uses_add_up_to_secured_power_for_every_company_and_week(every_week):
    valued, _, found = every_week
    secured = valued.valuation.table["secured_mw"]
    assert len(secured) == len(miners().companies) * 145
    total = found.table[list(USES)].sum(axis=1, min_count=1)
    np.testing.assert_allclose(total, secured, atol=1e-9)
    assert secured.notna().sum() > 1500
    assert (found.table[list(USES)].fillna(0.0) >= -1e-9).all(axis=None)


def test_what_is_leased_is_no_more_than_what_is_signed(every_week):
    _, signed, found = every_week
    rows = signed.contracts
    gross = rows["owned_gross_mw"].groupby([rows["as_of"], rows["ticker"]]).sum()
    table = found.table.join(gross.rename("signed"))
    # A parent has the contracts of its subsidiary as well.
    own = ~table.index.get_level_values("ticker").isin(["BTBT", "HUT"])
    leased = table["ai_leased_mw"] + table["mined_until_conversion_mw"].fillna(0.0)
    assert (leased[own].fillna(0.0) <= table["signed"][own].fillna(0.0) + 1e-9).all()


def test_a_use_that_nobody_reports_is_unknown_and_not_unused(every_week):
    found = every_week[2]
    state, table = found.status, found.table
    open_use = table["secured_mw"].notna() & table["use_unknown_mw"].gt(0)
    assert open_use.any()
    assert (state.loc[open_use, "mining_mw"] == "missing").all()
    assert (state.loc[open_use, "unused_mw"] == "missing").all()
    assert table.loc[open_use, ["mining_mw", "unused_mw"]].isna().all(axis=None)


def test_the_sector_is_the_sum_over_the_miners_of_the_statistics(every_week):
    valued, signed, found = every_week
    outside = set(signed.excluded[signed.excluded != ""].index.get_level_values("ticker"))
    assert {"GLXY", "CRWV", "NBIS", "WYFI", "ABTC"} <= outside
    for week in (pd.Timestamp("2024-10-11"), LAST):
        rows = found.table.xs(week, level="as_of")
        inside = rows[~rows.index.isin(outside)]
        for name in ("secured_mw", *USES, "pipeline_mw"):
            known = inside.loc[inside["secured_mw"].notna(), name]
            assert found.sector.loc[week, name] == pytest.approx(known.sum(), abs=1e-9) or known.isna().all()
        assert found.sector.loc[week, "companies"] == inside["secured_mw"].notna().sum()
    assert set(valued.inputs.companies.index) > outside


def toy(operating: float, secured: float, leased_it: float, delivered_it: float, gross: float) -> pd.Series:
    """KEEL of October 2026 with other MW and one contract, one phase of which is delivered."""
    universe = only("KEEL")
    facts = universe.facts[~universe.facts["item"].astype(str).str.startswith("mw_")]
    base = universe.facts[universe.facts["item"] == "mw_secured"].iloc[[-1]]
    rows = [base.assign(item="mw_secured", value=secured)]
    if not np.isnan(operating):
        rows.append(base.assign(item="mw_operating", value=operating))
    other = miners()
    contract = other.contracts[other.contracts["contract_id"] == "CLSK-UNDISCLOSED-202607"].assign(
        ticker="KEEL", contract_id="KEEL-TOY", critical_it_mw=leased_it, gross_mw=gross, owner_share_pct=100.0
    )
    phase = other.phases.iloc[[0]].assign(
        contract_id="KEEL-TOY", date=pd.Timestamp("2026-08-31"), critical_it_mw=delivered_it, status="delivered",
        published_on=pd.Timestamp("2026-09-01"),
    )  # fmt: skip
    later = phase.assign(date=pd.Timestamp("2027-12-31"), critical_it_mw=leased_it - delivered_it, status="planned")
    phases = pd.concat([phase, later] if delivered_it else [later], ignore_index=True)
    changed = replace(
        universe, facts=pd.concat([facts, *rows], ignore_index=True), contracts=contract.reset_index(drop=True),
        phases=phases, contract_terms=universe.contract_terms.iloc[:0],
    )  # fmt: skip
    config, data = resolve_config(changed), InputData.of(changed)
    valued = value(config, data, pd.DatetimeIndex([LAST]))
    signed = book.build(valued.inputs, valued.valuation, config.assumptions)
    return power(valued.inputs, valued.valuation, signed, config.assumptions).table.loc[(LAST, "KEEL")]


def test_a_company_by_hand():
    # 100 of 200 MW are leased, 40 of them delivered; 90 are energised, so 50 mine; 60 wait, and 50 have no use.
    row = toy(operating=90, secured=200, leased_it=80, delivered_it=32, gross=100)
    assert row[list(USES)].tolist() == pytest.approx([40, 60, 50, 50, 0])
    assert row["mined_until_conversion_mw"] == pytest.approx(0)


def test_power_that_is_leased_and_still_mined_on_counts_once():
    # All of 150 is energised: 120 mine, though 100 are leased, of which 30 delivered. 70 wait: none of them is free.
    row = toy(operating=150, secured=150, leased_it=100, delivered_it=30, gross=100)
    assert row[list(USES)].tolist() == pytest.approx([30, 0, 120, 0, 0])
    assert row["mined_until_conversion_mw"] == pytest.approx(70)


def test_without_operating_power_the_rest_has_no_known_use():
    row = toy(operating=np.nan, secured=200, leased_it=80, delivered_it=0, gross=100)
    assert row["ai_leased_mw"] == pytest.approx(100)
    assert row["use_unknown_mw"] == pytest.approx(100)
    assert np.isnan(row["mining_mw"])
    assert np.isnan(row["unused_mw"])


# No shrinking: each example values a company anew.
@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 300), st.floats(0, 1))
def test_any_company_adds_up(operating, secured, leased, part):
    row = toy(operating, secured, leased, round(leased * part, 3), leased)
    assert row[list(USES)].sum() == pytest.approx(row["secured_mw"], abs=1e-6)
    assert (row[list(USES)] >= -1e-9).all()


def test_contracts_that_nobody_reviewed_are_not_none(every_week):
    found = every_week[2]
    key = (LAST, "SLNH")
    assert pd.isna(miners().companies.set_index("ticker").loc["SLNH", "contracts_reviewed_on"])
    assert found.table.loc[key, "use_unknown_mw"] == found.table.loc[key, "secured_mw"] > 0
    assert "contracts not reviewed" in found.causes.loc[key, "ai_in_service_mw"]
