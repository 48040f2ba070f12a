"""Diluted shares against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.fundamentals.dilution import by_company, dilution

AS_OF = pd.Timestamp("2026-01-16")


def instruments(*rows: tuple[str, str, float, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["ticker", "kind", "principal_usd", "quantity", "price_usd"])
    frame.insert(0, "as_of", AS_OF)
    return frame


def price(**by_ticker: float) -> pd.Series:
    index = pd.MultiIndex.from_product([[AS_OF], list(by_ticker)], names=["as_of", "ticker"])
    return pd.Series(list(by_ticker.values()), index=index)


def test_riot_note_at_14_86_becomes_40_million_shares_at_19_24():
    out = dilution(instruments(("RIOT", "convertible", 594.4e6, np.nan, 14.86)), price(RIOT=19.24))
    assert out["new_shares"].item() == pytest.approx(40_000_000, rel=1e-6)
    assert out["debt_converted_usd"].item() == 594.4e6
    assert out["distance"].item() == pytest.approx(19.24 / 14.86 - 1)


def test_iren_note_at_51_40_converts_and_the_one_at_85_63_stays_debt():
    rows = instruments(("IREN", "convertible", 1.15e9, np.nan, 51.40), ("IREN", "convertible", 1.0e9, np.nan, 85.63))
    out = dilution(rows, price(IREN=57.82))
    assert out["in_the_money"].tolist() == [True, False]
    assert out["new_shares"].tolist() == pytest.approx([1.15e9 / 51.40, 0.0])
    summed = by_company(out, price(IREN=57.82).index)
    assert summed["debt_converted_usd"].item() == 1.15e9
    assert summed["debt_kept_usd"].item() == 1.0e9


def test_core_scientific_warrants_by_the_treasury_stock_method():
    out = dilution(instruments(("CORZ", "warrant", np.nan, 96_361_000, 6.81)), price(CORZ=18.89))
    # 96.361m shares bought for 656.2m USD, which buys back 34.739m at 18.89: 61.622m new shares.
    assert out["new_shares"].item() == pytest.approx(96_361_000 - 96_361_000 * 6.81 / 18.89)
    assert out["new_shares"].item() == pytest.approx(61_622_075, rel=1e-6)


def test_a_note_exactly_at_its_conversion_price_stays_debt():
    out = dilution(instruments(("RIOT", "convertible", 100.0, np.nan, 14.86)), price(RIOT=14.86))
    assert out["new_shares"].item() == 0.0
    assert out["debt_kept_usd"].item() == 100.0


def test_without_if_converted_notes_stay_debt_and_warrants_still_dilute():
    rows = instruments(("RIOT", "convertible", 100.0, np.nan, 1.0), ("RIOT", "warrant", np.nan, 10.0, 1.0))
    out = dilution(rows, price(RIOT=2.0), if_converted=False)
    assert out["new_shares"].tolist() == [0.0, 5.0]
    assert out["debt_kept_usd"].tolist() == [100.0, 0.0]


def test_an_unknown_price_leaves_the_new_shares_unknown():
    out = dilution(instruments(("RIOT", "warrant", np.nan, 10.0, 1.0)), price(RIOT=np.nan))
    assert np.isnan(out["new_shares"].item())


def test_each_kind_of_instrument_and_its_sum_by_company():
    rows = instruments(
        ("A", "convertible", 600.0, np.nan, 15.0), ("B", "convertible", 50.0, np.nan, 9.0),
        ("A", "option", np.nan, 30.0, 12.0), ("A", "rsu", np.nan, 7.0, np.nan), ("B", "rsu", np.nan, 4.0, 3.0),
        ("A", "convertible", 80.0, np.nan, 30.0),
    )  # fmt: skip
    out = dilution(rows.set_axis(range(10, 16)), price(A=20.0, B=6.0, C=1.0))
    assert out.index.tolist() == list(range(6))
    assert set(out) - set(rows) == {
        "share_price_usd", "in_the_money", "new_shares", "debt_converted_usd", "debt_kept_usd", "distance",
    }  # fmt: skip
    assert out["new_shares"].tolist() == pytest.approx([40.0, 0.0, 12.0, 7.0, 4.0, 0.0])
    assert out["in_the_money"].tolist() == [True, False, True, True, True, False]
    assert out["distance"].tolist() == pytest.approx([1 / 3, -1 / 3, 2 / 3, np.nan, np.nan, -1 / 3], nan_ok=True)
    summed = by_company(out, price(A=20.0, B=6.0, C=1.0).index).droplevel("as_of").T.to_dict()
    assert summed == {
        "A": {"new_shares": 59.0, "converted_shares": 40.0, "debt_converted_usd": 600.0, "debt_kept_usd": 80.0},
        "B": {"new_shares": 4.0, "converted_shares": 0.0, "debt_converted_usd": 0.0, "debt_kept_usd": 50.0},
        "C": {"new_shares": 0.0, "converted_shares": 0.0, "debt_converted_usd": 0.0, "debt_kept_usd": 0.0},
    }


@settings(max_examples=100, deadline=None)
@given(st.floats(0.01, 500), st.floats(0.01, 500), st.floats(1, 1e10))
def test_dilution_never_falls_as_the_price_rises_for_warrants(strike, share_price, quantity):
    rows = instruments(("X", "warrant", np.nan, quantity, strike))
    at = dilution(rows, price(X=share_price))["new_shares"].item()
    above = dilution(rows, price(X=share_price * 1.5))["new_shares"].item()
    assert 0 <= at <= above < quantity
