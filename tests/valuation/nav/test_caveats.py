"""Each caveat at its threshold: said just beyond it, and not on it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.nav.toys import toy
from valuation.assumptions import Assumptions
from valuation.errors import UnknownName
from valuation.findings import CANNOT, NOTE
from valuation.nav.caveats import (
    _assumed,
    _base_terms,
    _contracts,
    _methods,
    _overhead,
    _prepaid,
    _price,
    _unsigned,
    caveats,
)

NAN = np.nan
ROW = {
    "floor_usd": 100.0, "floor_per_share": 5.0, "price_usd": 6.0, "implied_conversion_share": 0.9,
    "implied_probability": 0.9, "nav_dcf_usd": 1000.0, "nav_cap_rate_usd": 1000.0, "approved_power_usd": 100.0,
    "mining_power_usd": 50.0, "pipeline_usd": 50.0, "pipeline_mw": 400.0, "overhead_usd": -10.0,
}  # fmt: skip


def row(**change: float) -> pd.Series:
    return pd.Series(ROW | change)


def heads(found: list) -> list[str]:
    return [" ".join(one.text.split()[:4]) for one in found]


NEGATIVE, BELOW = "The execution floor is", "The price is below"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"floor_usd": 0.0}, []),
        ({"floor_usd": -0.5}, [NEGATIVE]),
        ({"floor_usd": -0.5, "price_usd": 4.0}, [NEGATIVE]),
        ({"floor_usd": 0.5, "price_usd": 4.99}, [BELOW]),
        ({"price_usd": 5.0}, []),
        ({"implied_conversion_share": 1.0, "implied_probability": 1.0}, []),
        ({"implied_conversion_share": 1.01}, ["Even if all of"]),
        ({"implied_probability": 1.01}, ["Even certain leases on"]),
        ({"implied_conversion_share": NAN, "implied_probability": NAN, "floor_usd": NAN, "floor_per_share": NAN}, []),
    ],
)
def test_price_against_floor_and_what_it_implies(change, said):
    assert heads(_price(row(**change))) == said


@pytest.mark.parametrize(
    ("name", "figure", "threshold"),
    [("floor_usd", -0.5, 0.0), ("implied_conversion_share", 1.01, 1.0), ("implied_probability", 1.01, 1.0)],
)
def test_a_caveat_of_the_price_says_which_figure_is_beyond_which_threshold(name, figure, threshold):
    (found,) = _price(row(**{name: figure}))
    assert (found.figures[name], found.threshold) == (figure, threshold)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, 0),
        ({"approved_power_usd": 150.0}, 0),  # a quarter of the value, to the dollar
        ({"approved_power_usd": 151.0}, 1),
        ({"approved_power_usd": 151.0, "mining_power_usd": NAN}, 0),
        ({"approved_power_usd": 200.0, "mining_power_usd": NAN}, 0),  # what is unknown counts as nothing, to the dollar
        ({"nav_dcf_usd": -1000.0}, 0),
        ({"nav_dcf_usd": 0.0}, 1),  # of nothing there is no share; the pipeline alone is told
        ({"pipeline_usd": 125.0, "approved_power_usd": 0.0}, 0),
        ({"pipeline_usd": 126.0, "approved_power_usd": 0.0}, 1),
        ({"pipeline_usd": 126.0, "approved_power_usd": 0.0, "nav_dcf_usd": -1000.0}, 1),
        ({"pipeline_usd": 126.0}, 2),
    ],
)
def test_value_of_what_is_not_signed(change, said):
    found = _unsigned(SimpleNamespace(assumptions=Assumptions()), row(**change))
    assert len(found) == said
    if said == 2:
        assert found[0].figures["unsigned_share"] == pytest.approx(0.276)


@pytest.mark.parametrize(
    ("cap_rate", "dcf", "said"),
    [
        (1250.0, 1000.0, 0),
        (1251.0, 1000.0, 1),
        (750.0, 1000.0, 0),
        (749.0, 1000.0, 1),
        (-750.0, -1000.0, 0),
        (-749.0, -1000.0, 1),
    ],
)
def test_the_two_methods_apart(cap_rate, dcf, said):
    assert len(_methods(row(nav_cap_rate_usd=cap_rate, nav_dcf_usd=dcf), Assumptions())) == said


def test_taxes_are_spoken_of_where_they_are_counted():
    with_tax, without = (
        _methods(row(nav_cap_rate_usd=2e3), Assumptions(cash_taxes=taxed))[0].text for taxed in (True, False)
    )
    assert ("after tax" in with_tax, "after tax" in without) == (True, False)


def test_unknown_overhead_is_a_caveat_and_none_is_not():
    assert [len(_overhead(row(overhead_usd=usd))) for usd in (NAN, 0.0, -1.0)] == [1, 0, 0]


CONTRACT = {
    "contract_id": "A-X", "left_out": "", "capex_to_spend_usd": 80e6, "capex_assumed_usd": 0.0, "supported_share": 0.0,
    "guarantor": "Google", "own_class": "investment_grade", "term_usd": 90e6, "business": "lease", "credited_usd": 0.0,
    "rent_credits_left_usd": 0.0, "escalator_is_assumed": False, "first_start_is_assumed": False,
}  # fmt: skip


def contracts(*changes: dict) -> pd.DataFrame:
    return pd.DataFrame([CONTRACT | {"contract_id": f"A-{k}"} | change for k, change in enumerate(changes)])


def test_contracts_left_out_are_named_with_what_they_still_cost():
    def said(*changes: dict) -> str:
        rows = contracts(*changes)
        return " ".join(one.text for one in _contracts(rows, rows[rows["left_out"] == ""]))

    assert said({}) == ""
    one = said({}, {"left_out": "value unknown"})
    assert "A-1 (value unknown)." in one
    assert "A-0" not in one
    assert "Its capex to complete" in one
    assert "Their capex" in said({"left_out": "x"}, {"left_out": "y"})
    assert "capex" not in said({"left_out": "x", "capex_to_spend_usd": 0.0})


@pytest.mark.parametrize(("share", "said"), [(0.0, 0), (0.01, 1), (0.99, 1), (1.0, 0)])
def test_a_guarantee_of_a_part_is_a_caveat(share, said):
    found = _contracts(contracts({"supported_share": share}), contracts({"supported_share": share}))
    assert len(found) == said
    assert all("investment grade" in one.text for one in found)


@pytest.mark.parametrize(
    ("change", "said"),
    [({}, ""), ({"term_usd": 80e6}, ""), ({"term_usd": 79e6}, "a renewal"),
     ({"term_usd": 79e6, "business": "gpu_cloud"}, "another"), ({"term_usd": -1.0, "capex_to_spend_usd": 0.0}, "")],
)  # fmt: skip
def test_a_base_term_below_what_is_still_to_build(change, said):
    found = _base_terms(contracts(change))
    assert len(found) == bool(said)
    assert all(said in one.text for one in found)


@pytest.mark.parametrize(
    ("cash", "credits", "said"), [(50e6, 0.0, 0), (50.1e6, 0.0, 1), (0.0, 50.1e6, 1), (26e6, 26e6, 1), (NAN, 40e6, 0)]
)
def test_what_customers_paid_ahead(cash, credits, said):
    found = _prepaid(contracts({"credited_usd": cash, "rent_credits_left_usd": credits}))
    assert [one.kind for one in found] == [NOTE] * said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"capex_assumed_usd": 50e6}, []),
        ({"capex_assumed_usd": 51e6}, ["$51.0m of the $80.0m"]),
        ({"capex_assumed_usd": 80e6}, ["All of the $80.0m"]),
        ({"escalator_is_assumed": True}, ["Rent escalator not disclosed"]),
        ({"first_start_is_assumed": True}, ["Start date assumed: A-0"]),
    ],
)
def test_what_is_assumed_is_named(change, said):
    found = _assumed(contracts(change))
    assert [one.text.startswith(text) for one, text in zip(found, said, strict=True)] == [True] * len(said)
    assert {one.kind for one in found} <= {CANNOT}


def of_a(status: str = "ok", rows: pd.DataFrame | None = None, **change: float) -> list[str]:
    """Caveats of A, which earns 40m a year with mining that costs 20m for power; its mining has this status."""
    index = pd.MultiIndex.from_product([[pd.Timestamp("2026-01-16")], ["B", "A"]], names=["as_of", "ticker"])
    table = pd.DataFrame([ROW | {"mining_usd": 0.0}, ROW | {"mining_usd": 100.0} | change], index)
    both = {name: np.array([0.0, value]) for name, value in (
        ("mining_revenue_usd", 40e6), ("mining_cost_usd", 20e6), ("bitcoin_usd", 0.0), ("capex_usd", 0.0), ("let_mw", 0.0),
        ("approved_mw", 0.0), ("first_deal_mw", 0.0), ("ai_in_service_mw", 0.0), ("operating_mw", 0.0), ("pipeline_mw", 0.0),
        ("mining_displaced", 0.0), ("running", 0.0), ("ahead", 0.0),
    )}  # fmt: skip
    nav = SimpleNamespace(table=table, causes=pd.DataFrame("cash_usd unknown", index, table.columns),
                          contracts=contracts({}) if rows is None else rows, assumptions=Assumptions(),
                          position=toy(**both))  # fmt: skip
    nav.contracts["ticker"] = "A"
    mining = SimpleNamespace(status=pd.DataFrame({"margin_usd": ["ok", status]}, index),
                             causes=pd.DataFrame({"margin_usd": ["", "hashrate_eh old"]}, index))  # fmt: skip
    return [one.text for one in caveats(nav, mining, "A")]


@pytest.mark.parametrize(
    ("status", "usd", "said"),
    [
        ("ok", 900.0, []),
        ("not_meaningful", 900.0, []),
        ("stale", 250.0, ["Mining: hashrate eh old."]),  # a quarter of the value, to the dollar
        # With power at 28m: 0.9 x 12m + 0.8 x 8m, and nothing in the third year.
        ("proxy", 251.0, ["Mining: hashrate eh old. With power 40% more expensive, mining is valued at $17.2m instead of "
                          "$0.0m."]),
        ("missing", NAN, ["Mining is unknown and not included (hashrate eh old). The value is not compared with others."]),
    ],
)  # fmt: skip
def test_mining_that_rests_on_old_or_assumed_figures(status, usd, said):
    assert of_a(status, mining_usd=usd) == said
    assert of_a(status, mining_usd=usd, nav_dcf_usd=-1000.0, nav_cap_rate_usd=-1000.0) == said


def test_caveats_stand_gravest_first_and_those_of_contracts_count_valued_ones_alone():
    rows = contracts({"credited_usd": 60e6, "capex_assumed_usd": 80e6}, {"left_out": "x", "escalator_is_assumed": True})
    found = of_a("stale", rows, floor_usd=-1.0, nav_cap_rate_usd=2000.0, overhead_usd=NAN, pipeline_usd=900.0)
    assert [" ".join(text.split()[:3]) for text in found] == [
        "The execution floor", "105% of the", "The pipeline of", "By cap rate", "Overhead unknown on", "Excluded from the",
        "Customers have paid", "All of the", "Mining: hashrate eh",
    ]  # fmt: skip
    assert of_a(nav_dcf_usd=NAN) == ["No net asset value: cash_usd unknown."]
    with pytest.raises(UnknownName, match="NOBODY"):
        caveats(SimpleNamespace(table=pd.DataFrame(index=pd.MultiIndex.from_tuples([(1, "A")], names=["as_of", "ticker"]))),
                None, "NOBODY")  # fmt: skip
