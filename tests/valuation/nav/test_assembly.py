"""How a net asset value is put together: who holds what, what a scenario ended, prepayments as claims, and one date."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.worlds import assessed, few
from valuation.assumptions import Assumptions
from valuation.contracts import book as contract_book
from valuation.errors import InvalidInput
from valuation.mining import economics
from valuation.mining.economics import RESTS_ON
from valuation.nav import analysis
from valuation.nav.flows import present_values
from valuation.nav.parts import Position
from valuation.nav.profile import Signed
from valuation.nav.scenarios import Scenario
from valuation.nav.sum_of_parts import Nav, _by_holder, _ended, _position, _put_prepayments, value
from valuation.status import Ledger

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan
INDEX = pd.MultiIndex.from_product([[DAY], ["A", "B", "C"]], names=["as_of", "ticker"])


def signed(*holders: str, **columns: list) -> Signed:
    rows = pd.DataFrame({"as_of": DAY, "ticker": list(holders)} | columns)
    return Signed(rows, pd.DataFrame(columns=["row", "starts_in_years", "share", "delivered"]))


def test_amounts_of_contracts_by_their_holder():
    found = _by_holder(np.array([1.0, 2.0, 4.0, 8.0]), signed("A", "C", "A", "ELSEWHERE"), INDEX)
    assert found.tolist() == [5.0, 0.0, 2.0]


def test_companies_whose_contract_a_scenario_ended_and_their_parents():
    known = pd.DataFrame({"ticker": ["A", "KID", "KID", "B", "C"], "contract_id": ["a", "k", "k2", "b", "hosting"],
                          "is_ai": [True, True, True, True, False]})  # fmt: skip
    rows = signed("KID", "A", contract_id=["k2", "k2"], held_through=["", "KID"])
    left_out = pd.DataFrame({"ticker": ["B"], "contract_id": ["b"], "held_through": [""]})
    assert _ended(SimpleNamespace(contracts=known), rows, left_out) == {"A", "KID"}
    assert _ended(SimpleNamespace(contracts=known[1:3]), rows, left_out) == {"A", "KID"}
    assert _ended(SimpleNamespace(contracts=known[2:4]), rows, left_out) == set()


@pytest.mark.parametrize(
    ("by_bridge", "on_none", "owed"),
    [(NAN, 0.0, None), (NAN, 0.5, -0.5), (7.0, 0.0, -7.0), (7.0, 3.0, -7.0), (0.0, 3.0, 0.0)],
)
def test_what_customers_paid_ahead_is_a_claim_and_comes_off_a_perpetuity(by_bridge, on_none, owed):
    rows = signed("A", "A", "B", credited_usd=[10.0, 50.0, 3.0], rent_credits_left_usd=[5.0, 60.0, NAN])
    classes = pd.DataFrame(
        {"perpetuity_usd": [60.0, 40.0, 70.0, 20.0, 0.0]},
        pd.MultiIndex.from_tuples([(0, "x"), (0, "y"), (1, "x"), (1, "y"), (2, "x")], names=["row", "tenant_class"]),
    )
    bridge = pd.DataFrame({"customer_prepayments_usd": [by_bridge, NAN, NAN]}, INDEX)
    ledger = Ledger(INDEX)
    _put_prepayments(ledger, SimpleNamespace(bridge=bridge), rows, SimpleNamespace(by_class=classes),
                     np.array([on_none, 0.0, 0.0]))  # fmt: skip
    # 15 of 100; 110, but the rent for ever is worth 90; a contract without a perpetuity deducts nothing.
    assert ledger["lease_prepayments_usd"].tolist() == [-105.0, 0.0, 0.0]
    assert ledger["customer_prepayments_usd"][0] == pytest.approx(NAN if owed is None else owed, nan_ok=True)
    assert ledger.status["customer_prepayments_usd"].tolist()[0] == ("not_meaningful" if owed is None else "ok")


@pytest.fixture(scope="module")
def iren() -> analysis.NavAnalysis:
    return assessed(few("IREN"), day="2026-10-05")


def test_contracts_stand_with_their_values_in_one_list(iren):
    found = iren.nav.contracts
    assert found.index.tolist() == list(range(len(found)))
    valued = found[found["left_out"] == ""]
    assert 0 < len(valued) < len(found)
    assert valued["term_usd"].notna().all()
    assert set(found["left_out"]) - {""} <= {"value unknown", "term unknown", "capex unknown"}


def position(iren: analysis.NavAnalysis, mining: float = 1.0, **known: pd.DataFrame) -> Position:
    """Position of IREN without a contract, where its mining earns `mining` USD a year."""
    inputs, a = replace(iren.basis.inputs, **known), iren.assumptions
    rows, left_out = (frame.iloc[:0] for frame in (iren.nav.contracts, iren.nav.contracts))
    signed = Signed(rows, iren.nav.tranches.iloc[:0])
    fleet = replace(iren.mining, table=iren.mining.table.assign(revenue_usd=mining))
    return _position(inputs, iren.basis.valuation, signed, left_out, present_values(signed, a), fleet, a)


def test_where_no_coins_are_held_no_price_is_needed(iren):
    items, market = iren.basis.inputs.items, iren.basis.inputs.market
    for held, price, expected in ((0.0, NAN, 0.0), (1.0, NAN, NAN), (2.0, 3.0, 6.0)):
        found = position(iren, items=items.assign(btc_held=held), market=market.assign(btc_usd=price))
        assert found.bitcoin_usd.tolist() == pytest.approx([expected], nan_ok=True)


def test_who_mines_nothing_has_no_power_in_use_for_mining_and_half_a_dollar_is_something(iren):
    found = [position(iren, mining=usd).operating_mw.item() for usd in (0.0, 0.5)]
    assert found == [0.0, position(iren, mining=9e9).operating_mw.item()]
    assert found[1] > 100


def test_two_dates_are_refused(iren):
    start = iren.basis.inputs
    twice = pd.MultiIndex.from_tuples([(DAY, "IREN"), (DAY + pd.Timedelta(days=7), "IREN")], names=["as_of", "ticker"])
    inputs = replace(start, items=pd.concat([start.items] * 2).set_axis(twice))
    with pytest.raises(InvalidInput, match="one as-of date"):
        value(inputs, iren.basis.valuation, iren.book, iren.mining, iren.assumptions)


class Asked(Exception):
    """What a step of the analysis was asked for, in place of its answer."""


def asked_for(monkeypatch: pytest.MonkeyPatch, step: ModuleType, name: str, place: int, *about: object) -> object:
    """Argument `place` of the call that an analysis makes."""

    def stop(*given: object) -> None:
        raise Asked(given[place])

    monkeypatch.setattr(step, name, stop)
    with pytest.raises(Asked) as found:
        analysis.analyse(*about)
    return found.value.args[0]


def test_a_site_known_on_the_day_counts_and_one_dated_later_does_not(iren, monkeypatch):
    days = [iren.as_of + pd.Timedelta(days=k) for k in (-1, 0, 1)]
    sites = pd.DataFrame({"site": ["before", "same", "later", "undated"], "as_of": [*days, pd.NaT]})
    found = asked_for(
        monkeypatch, contract_book, "build", 3, replace(iren.basis, sites=sites), Assumptions(), None, iren
    )
    assert found["site"].tolist() == ["before", "same", "undated"]


def test_a_scenario_that_changes_one_number_of_the_fleet_values_the_fleet_anew(iren, monkeypatch):
    for name in RESTS_ON:
        one = Scenario("x", "x", multiply={name: 0.9})
        found = asked_for(monkeypatch, economics, "economics", 1, iren.basis, Assumptions(), one, iren)
        assert getattr(found, name) == 0.9 * getattr(Assumptions(), name)
    # One that changes none of them takes the fleet from the base, though the next step would fail.
    other = Scenario("x", "x", add={"delay_years": 1.0})
    found = asked_for(monkeypatch, contract_book, "build", 3, iren.basis, Assumptions(), other, iren)
    pd.testing.assert_frame_equal(found, iren.basis.sites)  # every one known by then


def test_a_result_as_json_and_in_print(iren):
    found = iren.to_dict()
    assert set(found) == {"as_of", "nav", "status", "value_per_let_mw_usd", "findings", "caveats"}
    assert found["caveats"]["IREN"] == [one.text for one in iren.caveats("IREN")]
    assert iren.summary.title == "Net asset value on 5 October 2026"
    assert len(iren.summary.tables) == 1
    table = pd.DataFrame({"price_usd": 1.0, "nav_dcf_per_share": [1.0, 2.0, NAN, 3.0], "nav_cap_rate_per_share": 1.0,
                          "floor_per_share": 1.0, "p_nav_dcf": [0.5, 2.0, NAN, 1.0]},
                         pd.MultiIndex.from_product([[DAY], list("ABCD")], names=["as_of", "ticker"]))  # fmt: skip
    (shown,) = Nav._summary(SimpleNamespace(table=table)).tables
    assert shown.frame.index.tolist() == ["B", "D", "A"]
