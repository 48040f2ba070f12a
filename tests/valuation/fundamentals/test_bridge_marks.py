"""Marks of the lines of the enterprise value and of its multiples: what causes each, and none on the other side.

Each case is one company of the bundled universe, of which all that it reports is replaced.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.valuation.worlds import basis, few, miners, of
from valuation.assumptions import Assumptions, Bridge
from valuation.fundamentals import company_metrics
from valuation.fundamentals.company_metrics import Valuation
from valuation.groups import RULES
from valuation.inputs import Inputs

NAN = np.nan
# A company that owns no part of another, with nothing that is reported only where there is any.
PLAIN = {
    "lease_liabilities_finance": NAN, "preferred_equity": NAN, "noncontrolling_interest": NAN,
    "noncontrolling_interest_pct": NAN, "deferred_revenue": NAN, "restricted_cash": NAN, "restricted_cash_not_added": 0.0,
    "cash_includes_restricted": 0.0, "eth_held": NAN, "eth_fair_value": NAN, "btc_held": 100.0, "btc_pledged": 0.0,
    "cash": 300e6, "debt_total": 900e6, "price_usd": 10.0, "shares_outstanding": 100e6,
}  # fmt: skip
# (what is reported, what of it is old, expected marks)
Case = tuple[dict[str, float], tuple[str, ...], set[str]]


@cache
def start() -> Inputs:
    return basis(miners()).inputs


def valued(given: Inputs, items: pd.DataFrame, old: pd.DataFrame, market: dict, **switches: bool) -> Valuation:
    inputs = replace(given, items=items, stale=old, market=given.market.assign(**{"btc_stale": False} | market))
    return company_metrics.value(inputs, Assumptions(), Bridge(**switches), RULES["share20"])


def marks(*cases: Case, parents: bool = False, market: dict | None = None, **switches: bool) -> list[set[str]]:
    """Causes of each case's enterprise value; `parents`: each case's company consolidates the next one."""
    given, step = start(), 1 + parents
    items = given.items.assign(**PLAIN)
    old = pd.DataFrame(False, given.stale.index, given.stale.columns)
    for k, (told, stale, _) in enumerate(cases):
        items.loc[items.index[step * k], list(told)] = list(told.values())
        old.loc[old.index[step * k], list(stale)] = True
    tickers = items.index.get_level_values("ticker")
    companies = given.companies.assign(consolidated_by=None)
    if parents:
        companies.loc[tickers[1 : 2 * len(cases) : 2], "consolidated_by"] = tickers[: 2 * len(cases) : 2]
    causes = valued(replace(given, companies=companies), items, old, market or {}, **switches).causes
    texts = causes["enterprise_value_usd"].iloc[: step * len(cases) : step]
    return [set(text.split("; ")) if text else set() for text in texts]


MAY_INCLUDE = "restricted cash not added: cash may include it"
EARLIER = "restricted cash not added: reported for an earlier date than cash"
INSIDE = "restricted cash inside cash, amount unknown"
AT_BOOK = "minority of a listed subsidiary at book"
OLD_MINORITY = "noncontrolling_interest old"
INCLUDES, NOT_ADDED = {"cash_includes_restricted": 1.0}, {"restricted_cash_not_added": 1.0}
BOOK, PART = {"noncontrolling_interest": 5e6}, {"noncontrolling_interest_pct": 10.0}
MINORITY, COINS = ("noncontrolling_interest",), ("btc_held",)


@pytest.mark.parametrize(
    ("switches", "cases"),
    [
        ({}, [
            ({}, (), set()), (NOT_ADDED | INCLUDES, (), {MAY_INCLUDE}), (NOT_ADDED, (), {EARLIER}), (INCLUDES, (), set()),
            # A minority is at book where its part is not known.
            (BOOK, MINORITY, {OLD_MINORITY}), (BOOK | PART, MINORITY, set()), ({}, MINORITY, set()), (BOOK, (), set()),
            ({"deferred_revenue": 5.0}, ("deferred_revenue",), set()),  # not counted as debt
            ({"btc_held": 0.5}, COINS, {"btc_held old"}), ({"btc_held": 0.0}, COINS, set()),
            ({"btc_held": NAN}, (), {"btc_held unknown"}), ({"btc_held": 0.5, "btc_pledged": NAN}, (), set()),
            ({"cash": NAN}, (), {"cash unknown"}), ({"debt_total": NAN}, (), {"debt_total unknown"}),
            ({}, ("cash", "debt_total", "shares_outstanding"), {"cash old", "debt_total old", "shares_outstanding old"}),
        ]),
        # A line that is old is told where there is an amount on it.
        ({"prepayments_as_debt": True}, [
            ({name: amount}, (name,), {f"{name} old"} if amount > 0 else set())
            for name in ("lease_liabilities_finance", "preferred_equity", "deferred_revenue", "restricted_cash")
            for amount in (0.5, 0.0, NAN)
        ]),
        ({"net_restricted_cash": False}, [(INCLUDES, (), {INSIDE}), (NOT_ADDED, (), set()), ({}, (), set())]),
        ({"net_bitcoin": False}, [({"btc_held": NAN}, (), set()), ({"btc_held": 0.5}, COINS, set())]),
        ({"count_pledged_bitcoin": False}, [
            ({"btc_held": 0.5, "btc_pledged": NAN}, (), {"btc_pledged unknown"}),
            ({"btc_held": 0.0, "btc_pledged": NAN}, (), set()), ({"btc_held": 0.5, "btc_pledged": 0.1}, (), set()),
        ]),
        ({"market": {"btc_stale": True}},
         [({"btc_held": 0.5}, (), {"bitcoin price old"}), ({"btc_held": 0.0}, (), set())]),
        ({"market": {"btc_usd": NAN}},
         [({"btc_held": 0.5}, (), {"bitcoin price unknown"}), ({"btc_held": 0.0}, (), set())]),
        # Of a listed subsidiary the book is a stand-in, and without its price the part is worth nobody knows what.
        ({"parents": True}, [(BOOK, (), {AT_BOOK}), (BOOK | PART, (), set()), (PART, (), set()), ({}, (), set())]),
    ],
    ids=["plain", "prepayments", "gross cash", "gross coins", "pledged", "old price", "no price", "parents"],
)  # fmt: skip
def test_what_an_enterprise_value_rests_on(switches, cases):
    assert marks(*cases, **switches) == [expected for *_, expected in cases]


def test_a_minority_whose_listed_company_has_no_price_is_unknown():
    given = basis(few("RIOT", "CLSK")).inputs
    companies = given.companies.assign(consolidated_by=pd.Series({"CLSK": "RIOT"}, dtype=object))
    items = given.items.assign(**PLAIN | PART)
    items.loc[items.index.get_level_values("ticker") == "CLSK", "price_usd"] = NAN
    never = pd.DataFrame(False, given.stale.index, given.stale.columns)
    found = valued(replace(given, companies=companies), items, never, {})
    assert of(found.causes, "RIOT")["enterprise_value_usd"] == "minority of a listed subsidiary unknown"


@pytest.mark.parametrize(
    ("worth", "mw", "status", "cause"),
    [
        (0.5, 0.5, "ok", ""),
        (0.0, 0.5, "not_meaningful", "enterprise value is not positive"),
        (-0.5, 0.5, "not_meaningful", "enterprise value is not positive"),
        (0.5, 0.0, "not_meaningful", "operating_mw is zero"),
        (0.5, NAN, "missing", "operating_mw unknown"),
    ],
)
def test_a_multiple_needs_a_value_above_zero_and_something_to_divide_by(worth, mw, status, cause):
    given = basis(few("RIOT")).inputs
    # 1,000 shares at 1 USD and nothing else: no instrument dilutes at that price.
    items = given.items.assign(**PLAIN).assign(
        price_usd=1.0, shares_outstanding=1e3, btc_held=0.0, debt_total=0.0, cash=1e3 - worth, mw_operating=mw,
        operating_includes_hosted=0.0,
    )  # fmt: skip
    found = valued(given, items, pd.DataFrame(False, given.stale.index, given.stale.columns), {})
    row = of(found.table, "RIOT")
    assert row["enterprise_value_usd"] == worth
    assert of(found.status, "RIOT")["ev_per_mw_operating"] == status
    assert of(found.causes, "RIOT")["ev_per_mw_operating"] == cause
    if status == "ok":
        assert row["ev_per_mw_operating"] == pytest.approx(0.5 / 0.5 / 1e6)
    # The multiple of the equity value needs no enterprise value.
    assert of(found.status, "RIOT")["equity_value_to_backlog"] == "ok"
