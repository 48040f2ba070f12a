"""Sums over companies, and matrix products in pieces."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.sums import grouped, looked_up, positions, product, to_owners

NAN = np.nan


@pytest.mark.parametrize(
    "shape",
    [(80, 22, 1000), (3, 500, 700), (9999, 13, 2), (1, 1, 1), (5, 0, 4), (0, 3, 2), (2, 10_000, 1), (20, 17_000, 3)],
)
def test_a_product_in_pieces_is_the_product(shape):
    rng = np.random.default_rng(1)
    rows, inner, columns = shape
    a, b = rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns))
    np.testing.assert_allclose(product(a, b), a @ b, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(product(a, b.T.copy().T), a @ b, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(product(a, b[:, 0]), a @ b[:, 0], rtol=1e-12, atol=1e-12)


def test_rows_are_looked_up_by_date_and_ticker():
    first, second, never = pd.DatetimeIndex(["2026-01-16", "2026-01-23", "2026-02-01"])
    # Not every pair, not in order, and with a level that no row has any more.
    index = pd.MultiIndex.from_tuples(
        [(never, "C"), (second, "B"), (first, "A"), (second, "A")], names=["as_of", "ticker"]
    )
    index = index[1:]
    rows = pd.DataFrame(
        {"as_of": [first, second, first, second, never, pd.NaT, second], "ticker": ["A", "A", "B", "B", "C", "A", None]}
    )
    assert positions(rows, index).tolist() == [1, 2, -1, 0, -1, -1, -1]
    assert positions(rows[:0], index).tolist() == []
    figures = looked_up(pd.Series([10.0, 20.0, 30.0], index), rows)
    np.testing.assert_array_equal(figures, [20.0, 30.0, NAN, 10.0, NAN, NAN, NAN])
    days = looked_up(pd.Series([first, second, pd.NaT], index), rows)
    np.testing.assert_array_equal(pd.isna(days), [False, True, True, False, True, True, True])
    assert (days[0], days[3]) == (second.to_datetime64(), first.to_datetime64())


def test_sums_over_companies_by_hand():
    day = pd.Timestamp("2026-01-16")
    rows = pd.DataFrame({"as_of": day, "ticker": ["C", "A", "A", "Z", "B", "C", "A"],
                         "x": [1.0, 2.0, NAN, 99.0, NAN, 4.0, 8.0], "y": [NAN, 0.5, 0.25, 99.0, NAN, NAN, NAN]})  # fmt: skip
    index = pd.MultiIndex.from_product([[day], ["A", "B", "C", "D"]], names=["as_of", "ticker"])
    found = grouped(rows, ["x", "y"], index)
    assert found.index.equals(index)
    assert (found["x"].tolist(), found["y"].tolist()) == ([10.0, 0.0, 5.0, 0.0], [0.75, 0.0, 0.0, 0.0])
    for least, x, y in ((1, [10.0, NAN, 5.0, NAN], [0.75, NAN, NAN, NAN]), (2, [10.0, NAN, 5.0, NAN], [0.75, NAN, NAN, NAN]),
                        (3, [NAN] * 4, [NAN] * 4)):  # fmt: skip
        found = grouped(rows, ["x", "y"], index, least=least)
        assert found["x"].tolist() == pytest.approx(x, nan_ok=True)
        assert found["y"].tolist() == pytest.approx(y, nan_ok=True)


def test_columns_added_up_by_owner():
    assert to_owners(np.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]]), np.array([1, 0, 1]), 3).tolist() == [
        [2.0, 5.0, 0.0], [16.0, 40.0, 0.0],
    ]  # fmt: skip
