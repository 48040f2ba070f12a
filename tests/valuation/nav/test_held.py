"""Contracts as their holders have them, and prepayments spread over them: in proportion, and no more than each can take."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.nav.leases import LEASE, NO_TAX
from valuation.nav.held import _spread, credits, held
from valuation.nav.profile import Signed

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(0.0, [0.0, 0.0]), (20.0, [15.0, 5.0]), (40.0, [30.0, 10.0]), (99.0, [30.0, 10.0])],
)
def test_an_amount_over_two_contracts_of_30_and_10(amount, expected):
    found = _spread(np.array([amount, 7.0, 0.25]), np.array([30.0, 10.0, 0.0, 0.5]), np.array([0, 0, 1, 2]))
    assert found.tolist() == [*expected, 0.0, 0.25]  # the second company's contract can take nothing


def test_contracts_by_holder_with_their_tranches_and_those_that_cannot_be_valued_with_the_reason():
    contracts = pd.DataFrame({
        "as_of": DAY, "ticker": ["A", "KID", "KID", "A", "A"], "contract_id": list("vwxyz"),
        "not_scheduled": ["value unknown", "", "", "", "term unknown"], "capex_to_spend_usd": [1.0, 2.0, NAN, 0.0, NAN],
    })  # fmt: skip
    tranches = pd.DataFrame({
        "row": [0, 1, 1, 2, 3], "starts_in_years": [9.0, 1.0, 2.0, 8.0, -1.0], "share": [1.0, 0.4, 0.6, 1.0, 1.0],
        "delivered": [False, False, False, False, True], "is_proxy": True,
    })  # fmt: skip
    book = SimpleNamespace(contracts=contracts, tranches=tranches, consolidated={"KID": "A"})
    signed, left_out = held(book, SimpleNamespace())
    assert signed.contracts[["ticker", "held_through", "contract_id", "credited_usd"]].to_numpy().tolist() == [
        ["KID", "", "w", 0.0], ["A", "", "y", 0.0], ["A", "KID", "w", 0.0],
    ]  # fmt: skip
    assert signed.contracts.index.tolist() == [0, 1, 2]
    assert "index" not in signed.contracts
    assert signed.tranches[["row", "starts_in_years", "share", "delivered"]].to_numpy().tolist() == [
        [0, 1.0, 0.4, False], [0, 2.0, 0.6, False], [1, -1.0, 1.0, True], [2, 1.0, 0.4, False], [2, 2.0, 0.6, False],
    ]  # fmt: skip
    assert set(signed.tranches) == {"row", "starts_in_years", "share", "delivered"}
    assert left_out[["ticker", "held_through", "contract_id", "left_out"]].to_numpy().tolist() == [
        ["A", "", "v", "value unknown"], ["KID", "", "x", "capex unknown"], ["A", "", "z", "term unknown"],
        ["A", "KID", "x", "capex unknown"],
    ]  # fmt: skip
    assert left_out.index.tolist() == [0, 1, 2, 3]
    assert "index" not in left_out


def credited(
    contracts: list[dict], amounts: dict[str, float], as_debt: tuple[str, ...] = (), starts: tuple[float, ...] = ()
) -> tuple[list[float], dict[str, float]]:
    """Prepayments on contracts of 1,000 a year for ten years, from today on or from `starts`, and on none of them.

    Companies A, B, PARENT and KID, which PARENT consolidates; their figures are of the as-of date.
    """
    blank = LEASE | {"as_of": DAY, "ticker": "A", "held_through": "", "term_years": 10.0, "value_used_usd": 10_000.0,
                     "owned_prepayment_usd": 0.0, "announced_on": DAY}  # fmt: skip
    rows = pd.DataFrame([blank | {"contract_id": f"C{k}"} | change for k, change in enumerate([*contracts, {}])])
    rows = rows.iloc[: len(contracts)]
    parts = pd.DataFrame({"row": range(len(rows)), "starts_in_years": starts or 0.0, "share": 1.0, "delivered": True})
    names = ["A", "B", "PARENT", "KID"]
    index = pd.MultiIndex.from_product([[DAY], names], names=["as_of", "ticker"])
    inputs = SimpleNamespace(
        index=index,
        items=pd.DataFrame({"deferred_revenue": [amounts.get(name, NAN) for name in names]}, index),
        periods=pd.DataFrame({"deferred_revenue": DAY}, index),
        companies=pd.DataFrame({"consolidated_by": ["ELSEWHERE", "PARENT", None]}, ["GONE", "KID", "A"]),
    )
    on, none = credits(Signed(rows, parts), inputs, np.isin(names, as_debt), NO_TAX)
    assert inputs.items["deferred_revenue"].dropna().to_dict() == {(DAY, name): usd for name, usd in amounts.items()}
    return on.tolist(), {name: usd for name, usd in zip(names, none.tolist(), strict=True) if usd}


STATED = {"owned_prepayment_usd": 300.0}
EARLY, LATE = (DAY + pd.Timedelta(days=days) for days in (-1, 1))


@pytest.mark.parametrize(
    ("contracts", "amount", "on", "none"),
    [
        # First on what states a prepayment, up to it; then on all in proportion to what is still to come.
        ([STATED, {}], 200.0, [200.0, 0.0], 0.0),
        ([STATED, {"owned_prepayment_usd": 100.0}], 200.0, [150.0, 50.0], 0.0),
        ([STATED, {}], 4240.0, [300 + 3940 * 9.7 / 19.7, 3940 * 10 / 19.7], 0.0),
        ([{}, {"value_used_usd": 30_000.0}], 400.0, [100.0, 300.0], 0.0),
        ([{}, {}], 25_000.0, [10_000.0, 10_000.0], 5_000.0),
        ([], 7.0, [], 7.0),
        ([STATED], -50.0, [0.0], 0.0),
        ([STATED], NAN, [0.0], 0.0),
        # Nobody had paid on the day of the figure for what was announced later.
        ([STATED | {"announced_on": LATE}, {}], 200.0, [0.0, 200.0], 0.0),
        ([STATED | {"announced_on": EARLY}, {}], 200.0, [200.0, 0.0], 0.0),
        ([{"announced_on": LATE}], 200.0, [0.0], 200.0),
    ],
)
def test_money_of_customers_in_hand(contracts, amount, on, none):
    found = credited(contracts, {} if np.isnan(amount) else {"A": amount})
    assert found == (pytest.approx(on), {"A": none} if none else {})


def test_a_prepayment_of_rent_that_is_nearly_run_down_is_no_more_than_the_rent_to_come():
    # 9.9 years of ten are gone: 100 are still to come.
    found, _ = credited([STATED, {}], {"A": 350.0}, starts=(-9.9, 0.0))
    assert found == pytest.approx([100.0, 250.0])


def test_what_the_bridge_deducts_as_debt_is_credited_nowhere():
    contracts = [STATED, STATED | {"ticker": "B"}]
    assert credited(contracts, {"A": 200.0, "B": 500.0}, as_debt=("A",)) == (pytest.approx([0.0, 500.0]), {})
    assert credited([], {"A": 200.0, "B": 500.0}, as_debt=("A",)) == ([], {"B": 500.0})


def test_a_parent_s_copy_carries_its_subsidiary_s_prepayment_and_no_money_of_its_own():
    mine = {"ticker": "KID", "contract_id": "K"}
    copy = {"ticker": "PARENT", "contract_id": "K", "held_through": "KID"}
    assert credited([mine | STATED, copy | STATED, {}], {"KID": 200.0, "PARENT": 200.0}) == ([200.0, 200.0, 0.0], {})
    late = {"announced_on": LATE}
    assert credited([mine | late, copy | late], {"KID": 200.0, "PARENT": 900.0}) == (
        [0.0, 0.0], {"PARENT": 200.0, "KID": 200.0},
    )  # fmt: skip


def test_what_rounding_leaves_of_an_amount_is_nothing():
    values = [{"value_used_usd": 1e9 * part} for part in (0.1, 0.7, 1 / 3, 0.9, 1 / 7, 1.3)]
    for amount in (1.84e9, 0.31e9, 2.7182818e9):
        assert credited(values, {"A": amount})[1] == {}
