"""What all preferred shares can be redeemed for: the whole where it is stated, else price times shares, in its units."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.edgar import preferred


def stated(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["concept", "unit", "series", "value"])


ALL, EACH, SHARES = preferred._IN_ALL[0], preferred._EACH[0], preferred._SHARES[0]


@pytest.mark.parametrize(
    ("rows", "amount"),
    [
        ([], 0.0),
        ([(SHARES, "shares", "", 10.0)], 0.0),  # a count alone says nothing
        ([(ALL, "USD", "", 500.0)], 500.0),
        ([(ALL, "USD", "", 500.0), (ALL, "USD", "", 700.0)], 700.0),
        ([(ALL, "EUR", "", 900.0), (EACH, "USD/shares", "", 25.0), (SHARES, "shares", "", 10.0)], 250.0),
        ([(EACH, "USD", "", 25.0), (SHARES, "shares", "", 10.0)], 0.0),  # another unit than a price a share
        ([(EACH, "USD/shares", "", 25.0), (SHARES, "pure", "", 10.0)], 0.0),
        ([(EACH, "USD/shares", "A", 25.0), (EACH, "USD/shares", "B", 10.0), (SHARES, "shares", "A", 4.0),
          (SHARES, "shares", "B", 7.0), (SHARES, "shares", "", 11.0)], 170.0),
        ([(EACH, "USD/shares", "A", 25.0), (SHARES, "shares", "", 4.0)], 100.0),  # one price, and one count of all
        ([(EACH, "USD/shares", "A", 25.0), (EACH, "USD/shares", "A", 30.0), (SHARES, "shares", "A", 2.0)], 60.0),
    ],
)  # fmt: skip
def test_the_amount_at_redemption(rows, amount):
    assert preferred._redemption(stated(*rows))[0] == amount
