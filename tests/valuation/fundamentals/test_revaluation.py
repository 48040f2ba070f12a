"""Share prices after a change of company value, against claims added up by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.fundamentals.revaluation import claims, reprice

NAN = np.nan
# Of A at 10 USD: a note of 500 into 62.5 shares, a note of 900 into 45, warrants, options, units, and what is none of these.
INSTRUMENTS = pd.DataFrame(
    [("B", "warrant", NAN, 10.0, 1.5), ("A", "convertible", 500.0, NAN, 8.0), ("A", "convertible", 900.0, NAN, 20.0),
     ("A", "warrant", NAN, 40.0, 6.0), ("A", "option", NAN, 5.0, 11.0), ("A", "rsu", NAN, 7.0, NAN),
     ("A", "preferred", 300.0, 20.0, 1.0), ("A", "warrant", NAN, NAN, 1.0)],
    columns=["ticker", "kind", "principal_usd", "quantity", "price_usd"],
)  # fmt: skip
OWNER = np.array([1, 0, 0, 0, 0, 0, 0, 0])


def test_claims_at_a_price():
    # A: 1,000 of shares, 625 as shares, 900 as debt, 40 x 4, nothing, 70. B: 100 and 10 x 0.5. C: shares alone.
    found = claims(np.array([10.0, 2.0, 3.0]), np.array([100.0, 50.0, 4.0]), INSTRUMENTS, OWNER)
    assert found.tolist() == [1000 + 625 + 900 + 160 + 70, 105.0, 12.0]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (200 + 125 + 80 + 5 + 14, 12.0),  # shares, first note, warrants, options, units
        (-300 - 125 - 120 - 21, 7.0),  # the first note is debt again
        (0.0, 10.0),
        (1.0, 10 + 1 / (100 + 62.5 + 40 + 7)),
        (-1e9, 0.0),
        (NAN, NAN),
    ],
)
def test_the_price_at_which_the_claims_are_worth_so_much_more(change, expected):
    price, basic = pd.Series({"A": 10.0, "B": 2.0}), pd.Series({"A": 100.0, "B": 50.0})
    found = reprice(price, basic, INSTRUMENTS, pd.Series({"A": change, "B": 60.0}))
    assert found["A"] == pytest.approx(expected, rel=1e-12, nan_ok=True)
    assert found["B"] == pytest.approx(3.0, rel=1e-12)


def test_sizes_as_they_are_and_what_is_not_known():
    price = pd.Series({"X": 10.0, "Y": NAN, "Z": 4.0, "W": 7.3})
    basic = pd.Series({"X": 1e8, "Y": 1e8, "Z": NAN, "W": 3.3e8})
    found = reprice(price, basic, INSTRUMENTS, pd.Series({"X": 1e9, "Y": 1e9, "Z": 1e9, "W": 0.0}))
    assert found["X"] == pytest.approx(20.0, rel=1e-12)
    assert found[["Y", "Z"]].isna().all()
    assert found["W"] == 7.3
    many = pd.Series(np.linspace(0.1, 90.0, 300))
    plain = INSTRUMENTS.iloc[:0]
    assert (reprice(many, many * 1e6, plain, many * 0.0) == many).all()
