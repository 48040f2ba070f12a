"""Rows of one security in one table: one price, and the name that its ISIN has."""

from __future__ import annotations

import pytest

from screener.errors import HoldingsError
from tests.screener.holdings.written import holdings

HEADER = "Account,Symbol,Quantity,Price,Value,Cost\n"


@pytest.mark.parametrize(("price", "refused"), [("20.62", False), ("22.67", False), ("22.70", True), ("18.70", True)])
def test_one_security_has_one_price(tmp_path, price, refused):
    """A tenth around 20.62 is 18.75 to 22.68."""
    text = f"{HEADER}A,RIOT,10,20.62,206.20,100\nB,RIOT,5,{price},,50\n"
    if not refused:
        assert len(holdings(tmp_path, text).frame) == 2
        return
    with pytest.raises(
        HoldingsError, match=rf"mine.csv:3: Price .*: RIOT: a price of {price[:-1]}\d? USD, and of 20.62 USD on"
    ):
        holdings(tmp_path, text)
    accepted = holdings(tmp_path, text, accept=("3",))
    assert any(note.startswith("Accepted: mine.csv:3: RIOT: a price of") for note in accepted.notes)


def test_prices_paid_for_lots_are_noted(tmp_path):
    found = holdings(tmp_path, "Symbol,Quantity,Price\nRIOT,10,12.5\nRIOT,5,20\n")
    assert "mine.csv:3: RIOT: a price of 20 USD, and of 12.5 USD on line 2" in found.notes


@pytest.mark.parametrize(
    "rows",
    [
        "A,HUT,10,124,1240,100,CAD\nB,HUT,5,89,445,50,USD\n",  # two currencies
        "A,RIOT,10,20,200,100,USD\nB,RIOT 15JAN27 25 C,5,2,1000,50,USD\n",  # a share and an option
        "A,RIOT,10,20,200,100,USD\nB,RIOT,0,12,0,0,USD\n",  # sold
    ],
)
def test_what_is_no_second_price(tmp_path, rows):
    found = holdings(tmp_path, f"Account,Symbol,Quantity,Price,Value,Cost,Currency\n{rows}")
    assert not any("a price of" in note for note in found.notes)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("WULF HOLDINGS INC", True), ("CIPHER DIGITAL INC", True), ("RIOT PLATFORMS INC. REGISTERED SHARES", False),
        ("Riot Blockchain", False), ("RIOT HOLDINGS INC", False), ("", False),
    ],
)  # fmt: skip
def test_a_security_known_by_its_isin_under_another_name_is_noted(tmp_path, name, told):
    note = f"mine.csv:2: the ISIN US7672921050 is that of Riot Platforms, Inc., and the file's name is {name}"
    for header, row in (("ISIN,Name", f"US7672921050,{name}"), ("Symbol,Name", f"US7672921050,{name}")):
        found = holdings(tmp_path, f"{header},Quantity,Currency\n{row},10,USD\n")
        assert list(found.frame["ticker"]) == ["RIOT"]
        assert (note in found.notes) == told


@pytest.mark.parametrize("symbol", ["21,012.50", "-3,550.00", "(3,550.00)", "72.50", "$8.72", "1.016,40"])
def test_an_amount_is_no_ticker_of_any_kind(tmp_path, symbol):
    text = f'Symbol,Name,Quantity,Price\nRIOT,Riot,10,19.32\n"{symbol}",IREN 1/15/2027 Call $60.00,2,7.1\n'
    found = holdings(tmp_path, text)
    assert [str(problem) for problem in found.left_out] == [
        f"mine.csv:3: Symbol '{symbol}': expected a ticker: letters, digits, point, hyphen"
    ]
