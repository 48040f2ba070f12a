"""Balances by hand: which transactions roll an item forward, on which share basis, and which restricted cash is kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener.known.balances import net_restricted, roll_forward, told_by_evidence
from screener.splits import NEVER, days

ITEMS = ["shares_outstanding", "cash", "restricted_cash", "debt_total", "btc_held"]
COLUMN = {item: at for at, item in enumerate(ITEMS)}
TICKERS = pd.Index(["A", "B"])
BASE = "2026-03-31"
NO_SPLITS = [("Z", "2026-01-01", 9.0)]


def day(told: str) -> int:
    return int(days(pd.to_datetime([told])).item())


def transactions(*changes: dict) -> pd.DataFrame:
    blank = {"ticker": "A", "date": "2026-04-10", "published_on": "2026-04-12", "kind": "raise", "cash_usd": 5.0,
             "debt_usd": np.nan, "shares": np.nan, "btc": np.nan}  # fmt: skip
    out = pd.DataFrame([blank | change for change in changes])
    return out.assign(date=pd.to_datetime(out["date"]), published_on=pd.to_datetime(out["published_on"]))


def rolled(as_of: str, *changes: dict, splits=NO_SPLITS, base: str = BASE, price_day: str | None = None):
    """Values of A and B after 100 of each item at the base day, and what moved."""
    value, period = np.full((2, 5), 100.0), np.full((2, 5), day(base))
    t = np.array([day(as_of)])
    frame = pd.DataFrame(splits, columns=["ticker", "first_day_on_new_basis", "shares_multiplier"])
    frame["first_day_on_new_basis"] = pd.to_datetime(frame["first_day_on_new_basis"])
    quoted = np.full((1, 2), day(price_day or as_of))
    moved = roll_forward(value, period, COLUMN, transactions(*changes), frame, TICKERS, t, quoted)
    return value, {item: mask[0].tolist() for item, mask in moved.items()}


@pytest.mark.parametrize(
    ("as_of", "change", "cash"),
    [
        ("2026-04-12", {}, 105.0),
        ("2026-04-11", {}, 100.0),  # not published
        ("2026-04-12", {"published_on": "2026-04-09"}, 105.0),
        ("2026-04-09", {"published_on": "2026-04-01"}, 100.0),  # announced, closes tomorrow
        ("2026-04-10", {"published_on": "2026-04-01"}, 105.0),  # on its day
        ("2026-04-12", {"date": BASE}, 100.0),  # on the day of the balance sheet: inside it
        ("2026-04-12", {"date": "2026-04-01"}, 105.0),
        ("2026-04-12", {"ticker": "B"}, 100.0),
        ("2026-04-12", {"ticker": "Z"}, 100.0),
    ],
)
def test_a_transaction_counts_after_the_balance_sheet_on_its_day_and_once_published(as_of, change, cash):
    value, moved = rolled(as_of, change)
    assert value[0, COLUMN["cash"]] == cash
    assert value[1, COLUMN["cash"]] == (105.0 if change.get("ticker") == "B" else 100.0)
    assert moved["cash"] == [cash == 105.0 or change.get("ticker") == "B"]
    assert moved["debt_total"] == [False]


def test_each_item_takes_its_own_column_and_sums_over_transactions():
    change = {"cash_usd": 1.0, "debt_usd": 2.0, "shares": 4.0, "btc": -8.0}
    value, _ = rolled("2026-05-01", change, change)
    assert dict(zip(ITEMS, value[0], strict=True)) == {
        "shares_outstanding": 108.0, "cash": 102.0, "restricted_cash": 100.0, "debt_total": 104.0, "btc_held": 84.0,
    }  # fmt: skip


def test_shares_are_brought_to_the_price_s_basis_those_issued_from_their_own_day():
    splits = [("A", "2026-04-10", 0.1)]
    change = {"cash_usd": np.nan, "shares": 20.0, "published_on": "2026-04-09"}
    before, _ = rolled("2026-05-01", change | {"date": "2026-04-09"}, splits=splits)
    after, _ = rolled("2026-05-01", change | {"date": "2026-04-10"}, splits=splits)
    old_price, _ = rolled("2026-05-01", change | {"date": "2026-04-09"}, splits=splits, price_day="2026-04-09")
    shares = COLUMN["shares_outstanding"]
    assert [before[0, shares], after[0, shares], old_price[0, shares]] == pytest.approx([12.0, 30.0, 120.0])
    assert before[1, shares] == 100.0


def test_nothing_moves_an_item_that_has_no_figure():
    value, period = np.full((2, 5), np.nan), np.full((2, 5), NEVER)
    frame = pd.DataFrame(NO_SPLITS, columns=["ticker", "first_day_on_new_basis", "shares_multiplier"])
    frame["first_day_on_new_basis"] = pd.to_datetime(frame["first_day_on_new_basis"])
    t = np.array([day("2026-05-01")])
    moved = roll_forward(value, period, COLUMN, transactions({"shares": 4.0}), frame, TICKERS, t, np.tile(t, (1, 2)))
    assert np.isnan(value).all()
    assert {item: mask.tolist() for item, mask in moved.items()} == {
        item: [[False]] for item in ("cash", "debt_total", "shares_outstanding", "btc_held")
    }


def kept(
    restricted_on: str, includes: bool = False, restricted: float = 30.0, proceeds: tuple[dict, ...] = (), as_of="2026-05-01"
) -> tuple[float, float, float, str]:  # fmt: skip
    """Cash and restricted cash of A, what was reported and not kept, and the day that restricted cash stands for."""
    value, period = np.full((2, 5), 100.0), np.full((2, 5), day(BASE))
    value[0, COLUMN["restricted_cash"]], period[0, COLUMN["restricted_cash"]] = restricted, day(restricted_on)
    made = transactions(*(proceeds or ({"ticker": "Z"},)))
    not_added = net_restricted(
        value, period, COLUMN, np.array([includes, False]), made, TICKERS, np.array([day(as_of)])
    )  # fmt: skip
    cash, held = value[0, COLUMN["cash"]], value[0, COLUMN["restricted_cash"]]
    assert (value[1, COLUMN["cash"]], value[1, COLUMN["restricted_cash"]], not_added[1]) == (100.0, 100.0, 0.0)
    return cash, held, not_added[0], str(period[0, COLUMN["restricted_cash"]].astype("datetime64[D]"))


def test_restricted_cash_of_the_cash_row_s_day_is_kept_and_an_older_one_or_one_inside_is_not():
    nan = pytest.approx(np.nan, nan_ok=True)
    assert kept(BASE) == (100.0, 30.0, 0.0, BASE)
    assert kept("2026-04-01") == (100.0, 30.0, 0.0, "2026-04-01")
    assert kept("2026-03-30") == (100.0, nan, 30.0, BASE)
    assert kept(BASE, includes=True) == (100.0, nan, 30.0, BASE)
    assert kept("2026-03-30", restricted=np.nan) == (100.0, nan, 0.0, BASE)


def test_proceeds_of_project_debt_move_from_cash_to_restricted_cash():
    drawn = {"kind": "project_debt", "cash_usd": 5.0}
    assert kept(BASE, proceeds=(drawn, drawn))[:3] == (90.0, 40.0, 0.0)
    assert kept(BASE, proceeds=({"kind": "raise"}, drawn | {"ticker": "Z"}))[:2] == (100.0, 30.0)
    # Unknown restricted cash becomes what was drawn; without a draw it stays unknown.
    assert kept(BASE, restricted=np.nan, proceeds=(drawn,))[:2] == (95.0, 5.0)
    unknown = drawn | {"cash_usd": np.nan}
    assert np.isnan(kept(BASE, restricted=np.nan, proceeds=(unknown,))[1])
    assert kept(BASE, proceeds=(unknown,))[:2] == (100.0, 30.0)
    # A draw between the two balance days is in the later one already.
    assert kept("2026-04-15", proceeds=(drawn,))[:2] == (95.0, 30.0)
    assert kept(BASE, proceeds=(drawn,), as_of="2026-04-11")[:2] == (100.0, 30.0)


def test_evidence_of_the_row_in_force_speaks_for_each_row_of_the_view():
    texts = np.array(["cash incl. restricted", "the cash line includes escrow", "540 MW including hosted", "540 MW"])
    values = pd.Series([1.0, 2.0, 540.0, 540.0])
    column = {"cash": 0, "restricted_cash": 1, "mw_operating": 2}
    found = np.array([[0, -1, 3], [-1, 1, 2], [3, 3, -1], [-1, -1, -1]])
    told = told_by_evidence(texts, values, found, column)
    assert told["cash_includes_restricted"].tolist() == [True, True, False, False]
    assert told["operating_includes_hosted"].tolist() == [False, True, False, False]
