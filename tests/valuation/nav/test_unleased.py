"""Power without a lease of one company at a time: leased, in use for mining, approved, and what a first deal may take."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions
from valuation.nav.unleased import unleased

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan
A = replace(Assumptions(), gross_mw_per_critical_it_mw=1.25)
LEASES = {"let_mw": 0.0, "approved_mw": 600.0, "first_deal_mw": 200.0, "ai_in_service_mw": 0.0, "operating_mw": 400.0,
          "mining_displaced": 1.0, "pipeline_mw": NAN}  # fmt: skip


def power(
    secured: float = 1000.0, operating: float = 400.0, *, signed: tuple[float, ...] = (), known: tuple[dict, ...] = (),
    mines_nothing: bool = False, fleet: float | None = None, reported_ai: float = NAN, pipeline: float = NAN,
    critical_it: bool = False,
) -> dict[str, float]:  # fmt: skip
    """Power of A; X has signed leases of 100, 200 and 400 MW, so a first deal takes 200 at the most."""
    rows = [{"ticker": "X", "owned_gross_mw": mw} for mw in (100.0, 400.0, 200.0)]
    every = pd.DataFrame(
        [{"as_of": DAY, "business": "lease", "in_service_share": 0.0} | row for row in (*rows, *known)]
    )
    mine = pd.DataFrame({"as_of": DAY, "ticker": "A", "owned_gross_mw": signed})
    index = pd.MultiIndex.from_product([[DAY], ["A"]], names=["as_of", "ticker"])
    items = {
        "mw_operating": operating if fleet is None else fleet,
        "mw_pipeline": pipeline,
        "mw_operating_ai": reported_ai,
    }
    inputs = SimpleNamespace(
        index=index, items=pd.DataFrame(items, index), critical_it=pd.DataFrame(critical_it, index, list(items)),
        companies=pd.DataFrame({"consolidated_by": [None, "A"]}, ["A", "KID"]),
    )  # fmt: skip
    found = unleased(inputs, mine, every, np.array([secured]), np.array([operating]), np.array([mines_nothing]), A)
    return {name: float(value[0]) for name, value in vars(found).items()}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, {}),
        ({"signed": (150.0, 50.0)}, {"let_mw": 200.0, "approved_mw": 400.0}),
        # More leased than is not mining: leases come first, and the fleet runs elsewhere too.
        ({"signed": (700.0,)}, {"let_mw": 700.0, "approved_mw": 0.0, "first_deal_mw": 0.0, "operating_mw": 300.0,
                                "mining_displaced": 0.75}),
        ({"signed": (1200.0,)}, {"let_mw": 1200.0, "approved_mw": 0.0, "first_deal_mw": 0.0, "operating_mw": 0.0,
                                 "mining_displaced": 0.0}),
        ({"operating": 1500.0}, {"approved_mw": 0.0, "first_deal_mw": 0.0, "operating_mw": 1000.0,
                                 "mining_displaced": 2 / 3}),
        # Operating unknown: all of it counts as in use.
        ({"operating": NAN}, {"approved_mw": 0.0, "first_deal_mw": 0.0, "operating_mw": 1000.0}),
        ({"operating": NAN, "mines_nothing": True}, {"approved_mw": 1000.0, "operating_mw": 0.0}),
        ({"mines_nothing": True}, {"approved_mw": 1000.0, "operating_mw": 0.0, "mining_displaced": 0.0}),
        ({"secured": NAN}, {"approved_mw": NAN, "first_deal_mw": NAN, "operating_mw": NAN}),
        ({"secured": NAN, "mines_nothing": True}, {"approved_mw": NAN, "first_deal_mw": NAN, "operating_mw": NAN}),
        ({"secured": 500.0}, {"approved_mw": 100.0, "first_deal_mw": 100.0}),
        # The fleet runs at hosts too, where no lease takes its place.
        ({"fleet": 1600.0}, {"mining_displaced": 0.25}),
        ({"fleet": 0.0}, {}),
        ({"fleet": 0.5, "operating": 0.25}, {"approved_mw": 999.75, "operating_mw": 0.25, "mining_displaced": 0.5}),
        ({"pipeline": 800.0}, {"pipeline_mw": 800.0}),
        # In AI service, which mines nothing: the larger of what is reported and what contracts have delivered.
        ({"reported_ai": 100.0}, {"ai_in_service_mw": 100.0, "approved_mw": 700.0, "operating_mw": 300.0}),
        ({"reported_ai": 100.0, "pipeline": 800.0, "critical_it": True, "fleet": 400.0},
         {"ai_in_service_mw": 125.0, "approved_mw": 725.0, "operating_mw": 275.0, "mining_displaced": 275 / 375,
          "pipeline_mw": 1000.0}),
        ({"reported_ai": 450.0}, {"ai_in_service_mw": 450.0, "approved_mw": 1000.0, "operating_mw": 0.0}),
    ],
)  # fmt: skip
def test_where_the_power_is(told, expected):
    assert power(**told) == pytest.approx(LEASES | expected, nan_ok=True)


LEASE = {"ticker": "A", "owned_gross_mw": 300.0, "in_service_share": 0.5}


@pytest.mark.parametrize(
    ("known", "ai", "first"),
    [
        (LEASE, 150.0, 0.0),
        (LEASE | {"ticker": "KID"}, 150.0, 0.0),  # a parent has its subsidiary's
        (LEASE | {"ticker": "B"}, 0.0, 250.0),  # the median of 100, 200, 300 and 400
        (LEASE | {"business": "gpu_cloud"}, 150.0, 200.0),  # cloud is no lease
    ],
)
def test_who_has_signed_a_lease_has_no_first_deal(known, ai, first):
    found = power(known=(known,))
    assert (found["ai_in_service_mw"], found["first_deal_mw"]) == (ai, first)
    assert found["operating_mw"] == 400 - ai


def test_the_larger_of_delivered_and_reported_is_in_ai_service():
    assert power(known=(LEASE,), reported_ai=100.0)["ai_in_service_mw"] == 150.0
    assert power(known=(LEASE,), reported_ai=200.0)["ai_in_service_mw"] == 200.0


def test_without_a_signed_lease_there_is_no_yardstick_and_no_first_deal():
    index = pd.MultiIndex.from_product([[DAY], ["A"]], names=["as_of", "ticker"])
    items = pd.DataFrame({name: [NAN] for name in ("mw_operating", "mw_pipeline", "mw_operating_ai")}, index)
    inputs = SimpleNamespace(index=index, items=items, critical_it=items.notna(),
                             companies=pd.DataFrame({"consolidated_by": [None]}, ["A"]))  # fmt: skip
    none = pd.DataFrame(columns=["as_of", "ticker", "business", "owned_gross_mw", "in_service_share"]).astype(
        {"owned_gross_mw": float, "in_service_share": float}
    )
    found = unleased(inputs, none, none, np.array([50.0]), np.array([20.0]), np.array([False]), A)
    assert (found.first_deal_mw.tolist(), found.approved_mw.tolist()) == ([0.0], [30.0])
