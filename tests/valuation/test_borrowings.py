"""Borrowings by hand: what is drawn, what is not, what is unknown, and what has matured."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.borrowings import NO_YEAR, borrowings, by_company, funding_gap, preferred_dividend

DAY = pd.Timestamp("2026-01-16")
NAN = np.nan
BLANK = {"as_of": DAY, "ticker": "A", "principal_usd": 100.0, "coupon": 0.08, "matures_on": "2030-12-31",
         "is_preferred": False, "drawn": None}  # fmt: skip


def listed(*changes: dict) -> SimpleNamespace:
    frame = pd.DataFrame([BLANK | change for change in changes])
    return SimpleNamespace(debt=frame.assign(matures_on=pd.to_datetime(frame["matures_on"])))


MONEY = ["drawn_usd", "undrawn_usd", "unknown_usd", "interest_usd", "with_coupon_usd"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [100.0, 0.0, 0.0, 8.0, 100.0]),  # nothing told: the principal is outstanding
        ({"drawn": "40"}, [40.0, 60.0, 0.0, 3.2, 40.0]),
        ({"drawn": "0"}, [0.0, 100.0, 0.0, 0.0, 0.0]),
        ({"drawn": " None "}, [0.0, 100.0, 0.0, 0.0, 0.0]),
        ({"drawn": "undrawn"}, [0.0, 100.0, 0.0, 0.0, 0.0]),
        ({"drawn": "no"}, [0.0, 100.0, 0.0, 0.0, 0.0]),
        ({"drawn": "Unknown"}, [0.0, 0.0, 100.0, 0.0, 0.0]),
        ({"drawn": "120"}, [120.0, 0.0, 0.0, 9.6, 120.0]),  # more than the row's principal: nothing is left to draw
        ({"drawn": "part of it"}, [100.0, 0.0, 0.0, 8.0, 100.0]),
        ({"coupon": NAN}, [100.0, 0.0, 0.0, 0.0, 0.0]),
        ({"principal_usd": NAN}, [0.0, 0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_what_is_drawn(change, expected):
    assert borrowings(listed(change))[MONEY].iloc[0].tolist() == pytest.approx(expected)


def test_what_matured_before_the_day_and_preferred_are_left_out_and_a_debt_of_the_day_is_not():
    rows = borrowings(listed({"matures_on": "2026-01-15"}, {"matures_on": "2026-01-16"}, {"is_preferred": True},
                             {"matures_on": None}))  # fmt: skip
    assert rows["year"].to_dict() == {0: "2026", 1: NO_YEAR}
    assert set(rows) == {*BLANK, *MONEY, "year"}


def test_sums_by_company():
    index = pd.MultiIndex.from_tuples([(DAY, "A"), (DAY, "B"), (DAY, "C")], names=["as_of", "ticker"])
    out = by_company(borrowings(listed({}, {"drawn": "40"}, {"ticker": "B", "drawn": "unknown"})), index)
    assert out["drawn_usd"].tolist() == pytest.approx([140.0, 0.0, NAN], nan_ok=True)
    assert out["undrawn_usd"].tolist() == pytest.approx([60.0, 0.0, NAN], nan_ok=True)
    assert out["unknown_usd"].tolist() == pytest.approx([0.0, 100.0, NAN], nan_ok=True)


def test_a_preferred_dividend_is_the_mean_coupon_by_principal_on_what_the_bridge_counts():
    index = pd.MultiIndex.from_tuples([(DAY, "A"), (DAY, "B")], names=["as_of", "ticker"])
    mine = listed({"is_preferred": True, "principal_usd": 300.0, "coupon": 0.12}, {"is_preferred": True, "coupon": 0.08},
                  {"is_preferred": True, "coupon": NAN}, {"is_preferred": True, "principal_usd": -5.0}, {},
                  {"ticker": "B", "is_preferred": True, "principal_usd": 0.0})  # fmt: skip
    out = preferred_dividend(mine, pd.Series([200.0, 50.0], index))
    assert out.tolist() == pytest.approx([200 * (36 + 8) / 400, NAN], nan_ok=True)
    small = listed(
        {"is_preferred": True, "principal_usd": 0.5}, {"is_preferred": True, "principal_usd": NAN, "coupon": 0.5}
    )
    assert preferred_dividend(small, pd.Series([200.0, 50.0], index)).tolist() == pytest.approx(
        [16.0, NAN], nan_ok=True
    )


@pytest.mark.parametrize(("cash", "gap"), [(0.0, 60.0), (59.0, 1.0), (60.0, 0.0), (500.0, 0.0), (NAN, NAN)])
def test_the_funding_gap(cash, gap):
    found = funding_gap(np.array([100.0]), np.array([30.0]), np.array([cash]), np.array([10.0]))
    assert found.tolist() == pytest.approx([gap], nan_ok=True)
