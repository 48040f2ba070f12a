"""Funding of made-up companies: the gap, what a share is worth after raising it, and what is not known of facilities."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.nav.funding import Funding, funding

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan
FACILITY = {"as_of": DAY, "instrument": "facility", "coupon": NAN, "matures_on": pd.Timestamp("2030-06-30"),
            "is_preferred": False}  # fmt: skip
# 100 to spend; 10 of restricted and 30 of other cash; 500 over ten shares at 5.
BLANK = {
    "capex_to_spend_usd": 100.0, "restricted_cash_usd": 10.0, "cash_usd": 30.0, "nav_dcf_usd": 500.0, "diluted_shares": 10.0,
    "price_usd": 5.0, "valued_usd": -80.0, "signed_contracts": 1.0, "contracts": 1.0, "preferred_equity_usd": NAN,
    "bitcoin_usd": 0.0, "overhead_a_year_usd": 9.0, "next_noi_usd": 0.0, "margin_usd": 0.0,
}  # fmt: skip


def of(debt: list[dict] | None = None, **change: float) -> Funding:
    """Funding of A, which changes `BLANK`, with facilities (principal_usd, drawn)."""
    index = pd.MultiIndex.from_product([[DAY], ["A"]], names=["as_of", "ticker"])
    row = pd.DataFrame([BLANK | change], index)
    rows = pd.DataFrame([FACILITY | {"ticker": "A"} | one for one in debt or []]
                        or [FACILITY | {"ticker": "B", "principal_usd": 1.0, "drawn": "no"}])  # fmt: skip

    def stated(table: pd.DataFrame) -> SimpleNamespace:
        known = pd.DataFrame("ok", index, table.columns)
        return SimpleNamespace(table=table, status=known, causes=known.replace("ok", ""))

    nav = stated(row.assign(capex_to_spend_usd=row["valued_usd"]))
    valuation = SimpleNamespace(
        table=row[["signed_contracts"]], bridge=row[["restricted_cash_usd", "preferred_equity_usd"]]
    )
    book, mining = stated(row[["capex_to_spend_usd", "contracts"]]), stated(row[["margin_usd"]])
    return funding(SimpleNamespace(index=index, debt=rows), valuation, book, mining, nav)


def figure(found: Funding, name: str) -> tuple[float, str, str]:
    return tuple(frame[name].iloc[0] for frame in (found.table, found.status, found.causes))


@pytest.mark.parametrize(
    ("change", "gap", "a_share"),
    [
        ({}, 60.0, [50.0, 518 / 13.6, 560 / 22]),
        ({"capex_to_spend_usd": 41.0}, 1.0, [50.0, 500.3 / 10.06, 501 / 10.2]),
        ({"capex_to_spend_usd": 30.0}, 0.0, [50.0] * 3),
        ({"capex_to_spend_usd": 0.0, "price_usd": 0.0}, 0.0, [50.0] * 3),  # nothing is raised, at whatever price
        ({"restricted_cash_usd": NAN}, 70.0, [50.0, 521 / 14.2, 570 / 24]),
    ],
)
def test_the_gap_and_a_share_after_raising_it(change, gap, a_share):
    found = of(**change)
    assert figure(found, "funding_gap_usd")[0] == gap
    names = ["nav_per_share_equity_0", "nav_per_share_equity_30", "nav_per_share_equity_100"]
    assert found.table[names].iloc[0].tolist() == pytest.approx(a_share)
    assert figure(found, "valued_capex_usd") == (80.0, "ok", "")


NO_DRAW, ANOTHER = "drawn amount of a facility unknown", "drawn amount of another facility unknown"
NOT_DEDUCTED = "drawn amount of a facility unknown, not deducted"


@pytest.mark.parametrize(
    ("debt", "capex", "undrawn", "gap"),
    [
        ([], 100.0, (0.0, "ok", ""), (60.0, "ok", "")),
        ([(50.0, "30")], 100.0, (20.0, "ok", ""), (40.0, "ok", "")),
        ([(0.5, "unknown")], 100.0, (None, "missing", NO_DRAW), (60.0, "proxy", NOT_DEDUCTED)),
        ([(0.5, "unknown")], 0.0, (None, "missing", NO_DRAW), (0.0, "ok", "")),
        ([(0.5, "unknown")], 0.5, (None, "missing", NO_DRAW), (0.0, "proxy", NOT_DEDUCTED)),
        ([(0.5, "unknown"), (2.0, "1")], 100.0, (1.0, "proxy", ANOTHER), (59.0, "proxy", NOT_DEDUCTED)),
    ],
)
def test_facilities_of_which_nobody_says_what_is_drawn(debt, capex, undrawn, gap):
    found = of([{"principal_usd": usd, "drawn": drawn} for usd, drawn in debt], capex_to_spend_usd=capex)
    value, status, cause = figure(found, "undrawn_usd")
    assert (None if np.isnan(value) else value, status, cause) == undrawn
    assert figure(found, "funding_gap_usd") == gap


@pytest.mark.parametrize(
    ("signed", "contracts", "status"), [(1.0, 0.0, "ok"), (NAN, 0.0, "missing"), (NAN, 1.0, "ok"), (0.0, 0.0, "ok")]
)
def test_nothing_listed_is_nothing_to_spend_where_somebody_looked(signed, contracts, status):
    found = of(signed_contracts=signed, contracts=contracts)
    assert figure(found, "capex_to_spend_usd")[1] == status
    assert ("contracts not reviewed" in figure(found, "capex_to_spend_usd")[2]) == (status == "missing")


def test_income_that_nobody_knows_covers_nothing_and_a_preferred_is_paid_its_coupon():
    found = of([{"principal_usd": 100.0, "drawn": None, "coupon": 0.05}], next_noi_usd=4.0, margin_usd=3.0)
    assert figure(found, "need_usd")[0] == pytest.approx(9 + 5 - 3 - 4)
    assert figure(found, "liquidity_months")[0] == pytest.approx(12 * 30 / 7)
    kept = of([{"principal_usd": 50.0, "drawn": None, "coupon": 0.1, "is_preferred": True}], preferred_equity_usd=70.0)
    assert figure(kept, "preferred_dividend_usd") == (pytest.approx(7.0), "ok", "")
    assert figure(kept, "borrowed_usd")[1:] == ("not_meaningful", "no borrowing listed")
    assert figure(of(), "preferred_dividend_usd")[1:] == ("not_meaningful", "no preferred with a stated rate")


def test_a_printed_list_has_no_company_of_which_nothing_is_known():
    table = pd.DataFrame(
        {"funding_gap_usd": [1.0, NAN], "nav_per_share_equity_0": [NAN, NAN], "nav_per_share_equity_100": NAN,
         "interest_usd": NAN, "liquidity_months": NAN},
        pd.MultiIndex.from_product([[DAY], ["A", "B"]], names=["as_of", "ticker"]),
    )  # fmt: skip
    (shown,) = Funding._summary(SimpleNamespace(table=table)).tables
    assert shown.frame.index.tolist() == ["A"]
