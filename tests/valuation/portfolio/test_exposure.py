"""What a position exposes to: its own name or its underlying's, as a company, a listing or a coin."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.valuation.portfolio.made import DAY, NAN, ONE_YEAR
from valuation.portfolio.exposure import COLUMNS, exposures

QUOTES = pd.DataFrame(
    {"company": ["AAA", "AAA", np.nan, "", ""], "price_usd": [20.0, 21.0, 7.0, 90.0, 100_000.0]},
    index=["AAA", "AAA.TO", "QQQ", "FFF", "BTC-USD"],
)
BLANK = {"company": "", "quantity": 2.0, "underlying": "", "right": "", "strike": NAN, "expiry": pd.NaT, "unit": 1.0,
         "price_usd": 10.0, "cost_fx": 1.0, "value_usd": 500.0, "notional_usd": NAN}  # fmt: skip


def exposed(split: bool = False, **row: object) -> pd.Series:
    rows = pd.DataFrame([{**BLANK, **row}], index=[7])
    found = exposures(rows, QUOTES, DAY, pd.Series([split], index=[7]))
    assert found.columns.tolist() == COLUMNS
    assert found.index.tolist() == [7]
    return found.loc[7]


@pytest.mark.parametrize(
    ("row", "to", "underlying"),
    [
        ({"ticker": "AAA.TO", "kind": "equity", "company": "AAA"}, "AAA", NAN),
        # What the file says of an underlying counts for derivatives alone, and so does the company of a quote.
        ({"ticker": "AAA.TO", "kind": "bond", "underlying": "QQQ"}, "AAA.TO", NAN),
        ({"ticker": "C1", "kind": "cfd", "underlying": "AAA.TO"}, "AAA", 21.0),
        ({"ticker": "AAA", "kind": "cfd"}, "AAA", 20.0),
        ({"ticker": "C2", "kind": "cfd", "underlying": "QQQ"}, "QQQ", 7.0),
        ({"ticker": "C3", "kind": "future", "underlying": "NNN"}, "NNN", NAN),
        ({"ticker": "BTC", "kind": "coin"}, "BTC-USD", NAN),
        ({"ticker": "BTC-USD", "kind": "coin"}, "BTC-USD", NAN),
        ({"ticker": "BTC", "kind": "fund"}, "BTC", NAN),
        ({"ticker": "USD", "kind": "cash"}, "", NAN),
    ],
)
def test_what_moves_a_position(row, to, underlying):
    found = exposed(**row)
    assert found["exposure_to"] == to
    assert found["underlying_usd"] == pytest.approx(underlying, nan_ok=True)


@pytest.mark.parametrize(
    ("row", "usd", "cause"),
    [
        ({"ticker": "AAA", "kind": "equity"}, 500.0, ""),
        ({"ticker": "AAA", "kind": "equity", "value_usd": NAN}, NAN, "no price"),
        ({"ticker": "AAA", "kind": "cfd", "notional_usd": -40.0}, -40.0, ""),
        ({"ticker": "AAA", "kind": "future", "value_usd": 0.0}, NAN, "no price in the file, so no notional"),
        ({"ticker": "USD", "kind": "cash"}, 0.0, ""),
    ],
)
def test_how_much_it_exposes_and_why_that_is_unknown(row, usd, cause):
    found = exposed(**row)
    assert found["exposure_usd"] == pytest.approx(usd, nan_ok=True)
    assert found["exposure_cause"] == cause
    assert np.isnan(found["delta"])


OPTION = {"ticker": "AAA", "kind": "option", "right": "call", "strike": 15.0, "expiry": ONE_YEAR, "unit": 100.0,
          "price_usd": 500.0}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "split", "cause"),
    [
        ({}, False, ""),  # on its own ticker, as some files have it; at its exercise value of 5
        ({"strike": NAN}, False, "the file does not say which contract it is: underlying, right, strike, expiry"),
        ({"strike": NAN, "underlying": "AAA"}, False, "no strike"),
        ({}, True, "the underlying has split since the quantities were counted"),
        ({"strike": NAN}, True, "the file does not say which contract it is: underlying, right, strike, expiry"),
        ({"expiry": pd.NaT}, False, "no expiry"),
    ],
)
def test_an_option_by_what_the_file_says_of_it(more, split, cause):
    found = exposed(split, **(OPTION | more))
    assert found["exposure_cause"] == cause
    if cause:
        assert found[["delta", "implied_volatility", "exposure_usd"]].isna().all()
    else:
        assert found[["delta", "implied_volatility", "exposure_usd"]].tolist() == [1.0, 0.0, 2 * 100 * 20]
