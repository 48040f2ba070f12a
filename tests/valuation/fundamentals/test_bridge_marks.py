"""Marks of the lines of the enterprise value and of its multiples: what causes each, and none on the other side."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.valuation.worlds import basis, few, of
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
    "cash": 300e6, "debt_total": 900e6,
}  # fmt: skip


@cache
def start() -> Inputs:
    return basis(few("RIOT", "CLSK")).inputs


def valued(
    stale: tuple[str, ...] = (), parent: bool = False, market: dict | None = None, **change: object
) -> Valuation:
    """RIOT with these items, of which some are old; `parent`: it consolidates CLSK."""
    switches = {name: bool(change.pop(name)) for name in list(change) if name in Bridge.__dataclass_fields__}
    given = start()
    items = given.items.assign(**(PLAIN | change))
    marked = pd.DataFrame(False, given.stale.index, given.stale.columns).assign(**dict.fromkeys(stale, True))
    companies = given.companies.assign(consolidated_by=None)
    if parent:
        companies.loc["CLSK", "consolidated_by"] = "RIOT"
    inputs = replace(given, items=items, stale=marked, companies=companies,
                     market=given.market.assign(**{"btc_stale": False} | (market or {})))  # fmt: skip
    return company_metrics.value(inputs, Assumptions(), Bridge(**switches), RULES["share20"])


def causes(column: str, **change: object) -> set[str]:
    text = of(valued(**change).causes, "RIOT")[column]
    return set(text.split("; ")) if text else set()


MAY_INCLUDE = "restricted cash not added: cash may include it"
EARLIER = "restricted cash not added: reported for an earlier date than cash"
INSIDE = "restricted cash inside cash, amount unknown"
AT_BOOK = "minority of a listed subsidiary at book"
NO_MINORITY = "minority of a listed subsidiary unknown"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, set()),
        ({"restricted_cash_not_added": 1.0, "cash_includes_restricted": 1.0}, {MAY_INCLUDE}),
        ({"restricted_cash_not_added": 1.0}, {EARLIER}),
        ({"cash_includes_restricted": 1.0}, set()),
        ({"cash_includes_restricted": 1.0, "net_restricted_cash": False}, {INSIDE}),
        ({"restricted_cash_not_added": 1.0, "net_restricted_cash": False}, set()),
        # A line that is old counts where there is an amount on it.
        *(({name: amount, "stale": (name,), "prepayments_as_debt": True}, {f"{name} old"} if amount > 0 else set())
          for name in ("lease_liabilities_finance", "preferred_equity", "deferred_revenue", "restricted_cash")
          for amount in (0.5, 0.0, NAN)),
        ({"deferred_revenue": 5.0, "stale": ("deferred_revenue",)}, set()),  # not counted as debt
        # A minority is at book where its part is not known, and of a listed subsidiary that is a stand-in.
        ({"noncontrolling_interest": 5e6, "stale": ("noncontrolling_interest",)}, {"noncontrolling_interest old"}),
        ({"noncontrolling_interest": 5e6, "noncontrolling_interest_pct": 10.0, "stale": ("noncontrolling_interest",)}, set()),
        ({"stale": ("noncontrolling_interest",)}, set()),
        ({"noncontrolling_interest": 5e6}, set()),
        ({"noncontrolling_interest": 5e6, "parent": True}, {AT_BOOK}),
        ({"noncontrolling_interest": 5e6, "noncontrolling_interest_pct": 10.0, "parent": True}, set()),
        ({"parent": True}, set()),
        ({"btc_held": 0.5, "stale": ("btc_held",)}, {"btc_held old"}),
        ({"btc_held": 0.0, "stale": ("btc_held",)}, set()),
        ({"btc_held": 0.5, "market": {"btc_stale": True}}, {"bitcoin price old"}),
        ({"btc_held": 0.0, "market": {"btc_stale": True}}, set()),
        ({"btc_held": 0.5, "market": {"btc_usd": NAN}}, {"bitcoin price unknown"}),
        ({"btc_held": 0.0, "market": {"btc_usd": NAN}}, set()),
        ({"btc_held": NAN}, {"btc_held unknown"}),
        ({"btc_held": NAN, "net_bitcoin": False}, set()),
        ({"btc_held": 0.5, "btc_pledged": NAN}, set()),
        ({"btc_held": 0.5, "btc_pledged": NAN, "count_pledged_bitcoin": False}, {"btc_pledged unknown"}),
        ({"btc_held": 0.0, "btc_pledged": NAN, "count_pledged_bitcoin": False}, set()),
        ({"btc_held": 0.5, "btc_pledged": 0.1, "count_pledged_bitcoin": False}, set()),
        ({"cash": NAN}, {"cash unknown"}),
        ({"debt_total": NAN}, {"debt_total unknown"}),
        ({"stale": ("cash", "debt_total", "shares_outstanding")}, {"cash old", "debt_total old", "shares_outstanding old"}),
    ],
)  # fmt: skip
def test_what_an_enterprise_value_rests_on(change, expected):
    assert causes("enterprise_value_usd", **change) == expected


def test_a_minority_whose_listed_company_has_no_price_is_unknown():
    given = start()
    price = given.items["price_usd"].copy()
    price.loc[price.index.get_level_values("ticker") == "CLSK"] = NAN
    for change, expected in (({"noncontrolling_interest_pct": 10.0}, {NO_MINORITY}), ({}, set())):
        assert causes("enterprise_value_usd", parent=True, price_usd=price, **change) == expected


@pytest.mark.parametrize(("worth", "status"), [(0.5, "ok"), (0.0, "not_meaningful"), (-0.5, "not_meaningful")])
def test_a_multiple_needs_an_enterprise_value_above_zero(worth, status):
    # 1,000 shares at 1 USD and nothing else: no instrument dilutes at that price.
    found = valued(price_usd=1.0, shares_outstanding=1e3, btc_held=0.0, debt_total=0.0, cash=1e3 - worth)
    assert of(found.table, "RIOT")["enterprise_value_usd"] == worth
    assert of(found.status, "RIOT")["ev_per_mw_operating"] == status
    assert ("enterprise value is not positive" in of(found.causes, "RIOT")["ev_per_mw_operating"]) == (worth <= 0)
    # The multiple of the equity value needs none.
    assert of(found.status, "RIOT")["equity_value_to_backlog"] == "ok"


@pytest.mark.parametrize(
    ("mw", "status", "cause"),
    [(0.5, "ok", ""), (0.0, "not_meaningful", "operating_mw is zero"), (NAN, "missing", "operating_mw unknown")],
)
def test_a_multiple_needs_something_to_divide_by(mw, status, cause):
    found = valued(mw_operating=mw, operating_includes_hosted=0.0)
    row = of(found.table, "RIOT")
    assert of(found.status, "RIOT")["ev_per_mw_operating"] == status
    assert cause in of(found.causes, "RIOT")["ev_per_mw_operating"]
    expected = row["enterprise_value_usd"] / 0.5 / 1e6 if mw > 0 else NAN
    assert row["ev_per_mw_operating"] == pytest.approx(expected, nan_ok=True)
