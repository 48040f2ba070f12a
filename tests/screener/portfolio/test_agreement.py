"""Prices of a file against closes: a split not taken in, pence, another day, and a last close that is broken."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from screener.errors import HoldingsError
from screener.holdings import Holdings
from screener.portfolio.agreement import check_prices
from tests.screener.holdings.written import holdings

# Closes, splits and quotes by hand, without a screen.
JULY, OCTOBER = pd.Timestamp("2026-07-01"), pd.Timestamp("2026-10-05")
CLOSES = pd.DataFrame(
    [("2026-06-26", "CANG", 0.2), ("2026-10-05", "CANG", 2.0), ("2026-09-28", "RIOT", 19.0), ("2026-10-05", "RIOT", 19.32),
     ("2026-09-28", "BAD", 5.0), ("2026-10-05", "BAD", 500.0)],
    columns=["date", "ticker", "close_usd"],
).assign(date=lambda f: pd.to_datetime(f["date"]))  # fmt: skip
SPLITS = pd.DataFrame(
    {"ticker": ["CANG"], "first_day_on_new_basis": pd.to_datetime(["2026-07-21"]), "shares_multiplier": [0.1]}
)
QUOTES = pd.DataFrame(
    {"company": ["CANG", "RIOT", ""], "price_usd": [2.0, 19.32, 500.0]}, index=["CANG", "RIOT", "BAD"]
)
RATES = pd.Series({"USD": 1.0, "CAD": 0.72})


def against_closes(
    found: Holdings, day: pd.Timestamp | None = None, factors: dict[str, float] | None = None
) -> list[str]:
    notes: list[str] = []
    data = SimpleNamespace(closes=CLOSES, splits=SPLITS)
    check_prices(found, QUOTES, pd.Series(factors or {}, dtype=float), RATES, data, OCTOBER, day, notes)
    return notes


def test_a_price_is_held_against_the_close_of_its_day_on_that_days_basis(tmp_path):
    """CANG stood at 0.20 before ten shares became one, and at 2.00 after."""
    text = "Symbol,Quantity,Price\nCANG,1000,0.21\n"
    assert against_closes(holdings(tmp_path, f"Positions as of 2026-07-01\n{text}"), factors={"CANG": 0.1}) == []
    with pytest.raises(
        HoldingsError, match=r"0.21 USD, the close 2 \(10 times: .*shares of before a split\); --holdings-date"
    ):
        against_closes(holdings(tmp_path, text))
    assert against_closes(holdings(tmp_path, text), JULY, {"CANG": 0.1}) == []


@pytest.mark.parametrize(
    ("price", "currency", "told"),
    [
        (19.0, "USD", ""), (26.8, "CAD", ""), (193.2, "USD", "refused"), (1932, "USD", "refused"),
        (0.1932, "USD", "refused"),
        (37.0, "USD", "note"), (60.0, "USD", "refused"),
    ],
)  # fmt: skip
def test_a_price_of_no_stated_day(tmp_path, price, currency, told):
    found = holdings(tmp_path, f"Symbol,Quantity,Price,Currency\nRIOT,10,{price},{currency}\n")
    if told == "refused":
        with pytest.raises(HoldingsError, match=r"the file's price is .* USD, the close 19.32"):
            against_closes(found)
        accepted = holdings(tmp_path, f"Symbol,Quantity,Price,Currency\nRIOT,10,{price},{currency}\n", accept=("RIOT",))
        assert against_closes(accepted)[0].startswith("Accepted: mine.csv:2: RIOT")
        return
    assert bool(against_closes(found)) == (told == "note")


@pytest.mark.parametrize(("price", "refused"), [(28.9, False), (29.1, True)])
def test_a_price_of_a_stated_day_is_held_closer(tmp_path, price, refused):
    found = holdings(tmp_path, f"Positions as of 2026-10-05\nSymbol,Quantity,Price\nRIOT,10,{price}\n")
    if refused:
        with pytest.raises(HoldingsError, match=r"the close of 2026-10-05 19.32"):
            against_closes(found)
    else:
        assert against_closes(found) == []


def test_a_close_a_hundred_times_the_one_before_is_told(tmp_path):
    with pytest.raises(
        HoldingsError, match=r"BAD: the close of 2026-10-05 is 500 USD, that of 2026-09-28 5 \(100 times"
    ):
        against_closes(holdings(tmp_path, "Symbol,Quantity\nBAD,10\n"))
    assert against_closes(holdings(tmp_path, "Symbol,Quantity\nBAD,10\n", accept=("BAD",)))
