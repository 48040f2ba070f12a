"""Months of liquidity by hand: needed, just not needed, and not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.nav.funding import _put_liquidity, maturities
from valuation.nav.ledger import _where
from valuation.status import Details, Ledger

NAN = np.nan


@pytest.mark.parametrize(
    ("overhead", "months", "status"),
    [(100.0, 12 * 60 / 30, "ok"), (71.0, 720.0, "ok"), (70.0, NAN, "not_meaningful"), (0.0, NAN, "not_meaningful"),
     (NAN, NAN, "missing")],
)  # fmt: skip
def test_months_are_cash_and_bitcoin_over_a_year_s_need(overhead, months, status):
    ledger = Ledger(pd.Index(["A"]))
    for name, value in (("overhead_a_year_usd", overhead), ("mining_margin_usd", 50.0), ("next_noi_usd", 30.0),
                        ("cash_usd", 40.0), ("bitcoin_usd", 20.0)):  # fmt: skip
        ledger.put(name, np.array([value]))
    listed = pd.DataFrame({"drawn_usd": [100.0], "interest_usd": [10.0], "with_coupon_usd": [100.0]})
    _put_liquidity(ledger, listed)
    assert ledger["liquidity_months"].tolist() == pytest.approx([months], nan_ok=True)
    assert ledger.status["liquidity_months"].tolist() == [status]


@pytest.mark.parametrize(
    ("drawn", "with_coupon", "coverage", "interest_status", "coverage_status"),
    [(100.0, 100.0, 1.0, "ok", "ok"), (100.0, 40.0, 0.4, "proxy", "ok"), (0.0, 0.0, NAN, "ok", "not_meaningful"),
     (NAN, NAN, NAN, "not_meaningful", "not_meaningful")],
)  # fmt: skip
def test_coverage_of_coupons(drawn, with_coupon, coverage, interest_status, coverage_status):
    ledger = Ledger(pd.Index(["A"]))
    for name in ("overhead_a_year_usd", "mining_margin_usd", "next_noi_usd", "cash_usd", "bitcoin_usd"):
        ledger.put(name, np.array([10.0]))
    _put_liquidity(
        ledger, pd.DataFrame({"drawn_usd": [drawn], "interest_usd": [5.0], "with_coupon_usd": [with_coupon]})
    )
    assert ledger["interest_coverage"].tolist() == pytest.approx([coverage], nan_ok=True)
    assert ledger.status["interest_usd"].tolist() == [interest_status]
    assert ledger.status["interest_coverage"].tolist() == [coverage_status]
    assert ("lower bound" in ledger.causes["need_usd"].iloc[0]) == (interest_status == "proxy")


def test_maturities_name_what_is_drawn_or_unknown_and_nothing_else():
    debt = pd.DataFrame({
        "ticker": ["A", "A", "A", "A", "B", "C", "D"],
        "year": ["2030", "2030", "2028", "2031", "2030", "2029", "2029"],
        "instrument": ["Notes", "Loan", "Facility", "Undrawn", "Bond", "Cent", "Small"],
        "drawn_usd": [5.0, 7.0, 0.0, 0.0, 9.0, 0.01, 0.0],
        "unknown_usd": [0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.5],
    })  # fmt: skip
    found = maturities(debt)
    assert found[["ticker", "year", "principal_usd", "unknown_usd", "instruments"]].to_numpy().tolist() == [
        ["A", "2028", 0.0, 3.0, "Facility"], ["A", "2030", 12.0, 0.0, "Notes; Loan"], ["B", "2030", 9.0, 0.0, "Bond"],
        ["C", "2029", 0.01, 0.0, "Cent"], ["D", "2029", 0.0, 0.5, "Small"],
    ]  # fmt: skip


def test_a_mark_is_kept_in_some_rows_alone():
    rows = np.array([True, False, True])
    assert _where(np.array([True, True, False]), rows).tolist() == [True, False, False]
    kept = _where(Details(np.array(["x", "y", ""], dtype=object)), rows)
    assert isinstance(kept, Details)
    assert kept.texts.tolist() == ["x", "", ""]
