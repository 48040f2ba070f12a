"""What moved, worked by hand: today's quantities at two closes, derivatives by their exposure, and what is unknown."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation.portfolio.made import DAY, NAN, holdings, quotes, row
from valuation.portfolio.moves import moves
from valuation.portfolio.positions import value

SINCE = DAY - pd.Timedelta(days=7)


def test_moves_by_hand():
    """
              quantity  then  now     change of value
    AAA             10    16   20                  40
    BBB            -50    10    8                 100
    FFF              2    50   50                   0
    CFD on AAA      100   16   20   2,000 x 4 / 20 = 400
    ZZZ              1     ?    5 (the file's)      ?
    cash           100                              0
    net 200 - 400 + 100 + 1,000 (profit of the CFD) + 5 + 100
    """
    held = value(
        holdings(
            row("AAA", "equity", 10), row("BBB", "equity", -50), row("FFF", "fund", 2), row("ZZZ", "equity", 1, NAN, 5.0),
            row("CFD", "cfd", 100, NAN, 20.0, value=1_000.0, underlying="AAA"), row("CASH", "cash", 100),
        ),
        quotes(AAA=20.0, BBB=8.0, FFF=50.0), {}, DAY,
    )  # fmt: skip
    found = moves(held, pd.Series({"AAA": 16.0, "BBB": 10.0, "FFF": 50.0, "ZZZ": 4.0}), SINCE)
    rows = found.positions.set_axis(held.positions["ticker"])
    expected = {"AAA": 40, "BBB": 100, "FFF": 0, "CFD": 400, "ZZZ": NAN, "CASH": 0}
    assert rows["pnl_usd"].to_dict() == pytest.approx(expected, nan_ok=True)
    assert rows.at["ZZZ", "why"] == "no close of its own"
    assert rows["why"].drop("ZZZ").tolist() == [""] * 5
    assert rows["how"].to_dict() == {
        "AAA": "close", "BBB": "close", "FFF": "close", "CFD": "exposure", "ZZZ": "close", "CASH": "cash",
    }  # fmt: skip
    assert rows.at["BBB", "change"] == pytest.approx(-0.2)
    net = 200 - 400 + 100 + 5 + 1_000 + 100
    assert found.pnl_usd == pytest.approx(540)
    assert found.known == (4, 5)
    assert found.change == pytest.approx(540 / (net - 540))
    assert rows["contribution"].sum() == pytest.approx(found.change)


def test_one_position_alone_and_a_portfolio_that_was_worth_nothing():
    held = value(holdings(row("AAA", "equity", 10)), quotes(AAA=20.0), {}, DAY)
    one = moves(held, pd.Series({"AAA": 16.0}), SINCE)
    assert (one.pnl_usd, one.change) == (40.0, 0.25)
    assert one.positions["contribution"].tolist() == [0.25]
    little = value(holdings(row("AAA", "equity", 10), row("CASH", "cash", -159.5)), quotes(AAA=20.0), {}, DAY)
    half = moves(little, pd.Series({"AAA": 16.0}), SINCE)  # half a dollar before
    assert (half.change, half.positions["contribution"].iloc[0]) == (80.0, 80.0)
    owed = value(holdings(row("AAA", "equity", 10), row("CASH", "cash", -160)), quotes(AAA=20.0), {}, DAY)
    none = moves(owed, pd.Series({"AAA": 16.0}), SINCE)
    assert none.pnl_usd == 40.0
    assert pd.isna(none.change)
    assert none.positions["contribution"].isna().all()


def test_without_an_earlier_close_nothing_is_known():
    held = value(holdings(row("AAA", "equity", 10)), quotes(AAA=20.0), {}, DAY)
    found = moves(held, pd.Series({"BBB": 1.0}), SINCE)
    assert pd.isna(found.pnl_usd)
    assert pd.isna(found.change)
    assert (found.known, found.positions.iloc[0]["why"]) == ((0, 1), "no earlier close")


def test_a_derivative_says_whether_its_exposure_or_the_earlier_close_is_missing():
    call = {"unit": 100.0, "underlying": "AAA", "right": "call", "strike": 15.0, "expiry": DAY + pd.Timedelta(days=365)}
    held = value(
        holdings(
            row("CFD", "cfd", 100, NAN, 8.0, underlying="BBB", value=1.0), row("O", "option", 1, NAN, NAN, **call),
            row("P", "option", 1, NAN, 500.0, **call), row("BOND", "bond", 100, NAN, 1.0),
            row("FUT", "future", 1, underlying="AAA"),
        ),
        quotes(AAA=20.0, BBB=8.0), {}, DAY,
    )  # fmt: skip
    found = moves(held, pd.Series({"AAA": 16.0}), SINCE).positions.set_axis(held.positions["ticker"])
    assert found["why"].to_dict() == {
        "CFD": "no earlier close", "O": "no price of its own", "P": "", "BOND": "no close of its own",
        "FUT": "no price in the file, so no notional",
    }  # fmt: skip
    # At its exercise value the option moves as a hundred shares: 2,000 x (1 - 16 / 20).
    assert found.at["P", "pnl_usd"] == pytest.approx(400.0)


@given(st.lists(st.tuples(st.sampled_from(["AAA", "BBB"]), st.integers(1, 500)), min_size=1, max_size=6))
@settings(max_examples=12, deadline=None)
def test_the_change_is_the_difference_of_two_valuations(lots):
    frame = holdings(*(row(ticker, "equity", n, account=f"A{k}") for k, (ticker, n) in enumerate(lots)))
    now, then = (value(frame, quotes(**closes), {}, DAY) for closes in ({"AAA": 20, "BBB": 8}, {"AAA": 25, "BBB": 7}))
    found = moves(now, pd.Series({"AAA": 25.0, "BBB": 7.0}), SINCE)
    assert found.pnl_usd == pytest.approx(now.net - then.net)
    assert found.change == pytest.approx(now.net / then.net - 1)
