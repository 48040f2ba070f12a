"""Marks of coins in the enterprise value: each with what causes it, and none without."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.valuation.worlds import basis, few, of
from valuation.assumptions import Assumptions, Bridge
from valuation.fundamentals import company_metrics
from valuation.groups import RULES
from valuation.inputs import Inputs

LAST_VALUE = "ether at last reported value"
OLD_VALUE, OLD_COUNT, NO_PRICE = "eth_fair_value old", "eth_held old", "ether price unknown"
PLEDGED = "btc_pledged unknown"


@cache
def start() -> Inputs:
    return basis(few("RIOT")).inputs


def causes(eth: float, price: float, fair_value: float, stale: tuple[str, ...], **switches: bool) -> set[str]:
    given = start()
    marked = given.stale.assign(eth_held="eth_held" in stale, eth_fair_value="eth_fair_value" in stale)
    inputs = replace(
        given,
        items=given.items.assign(eth_held=eth, eth_fair_value=fair_value, btc_pledged=np.nan),
        stale=marked,
        market=given.market.assign(eth_usd=price),
    )
    valued = company_metrics.value(inputs, Assumptions(), Bridge(**switches), RULES["share20"])
    told = of(valued.causes, "RIOT")["enterprise_value_usd"].split("; ")
    return {LAST_VALUE, OLD_VALUE, OLD_COUNT, NO_PRICE, PLEDGED}.intersection(told)


BOTH = ("eth_held", "eth_fair_value")


@pytest.mark.parametrize(
    ("eth", "price", "fair_value", "stale", "expected"),
    [
        (10.0, 3e3, 1e4, (), set()),
        (10.0, 3e3, 1e4, BOTH, {OLD_COUNT}),
        (10.0, np.nan, 1e4, (), {LAST_VALUE}),
        (10.0, np.nan, 1e4, BOTH, {LAST_VALUE, OLD_VALUE}),
        (10.0, np.nan, np.nan, (), {LAST_VALUE, NO_PRICE}),
        (0.0, np.nan, np.nan, BOTH, set()),
        (np.nan, 3e3, np.nan, BOTH, set()),
    ],
)
def test_marks_of_ether(eth, price, fair_value, stale, expected):
    assert causes(eth, price, fair_value, stale) == expected


def test_unknown_pledges_count_where_pledged_coins_do_not():
    assert causes(0.0, 3e3, np.nan, (), count_pledged_bitcoin=False) == {PLEDGED}
    assert causes(10.0, 3e3, 1e4, BOTH, net_bitcoin=False) == set()
