"""Pence and other hundredths: which rows can be quoted in them, and what a single cell that says so is worth."""

from __future__ import annotations

import pytest

from screener.holdings import Holdings
from tests.screener.holdings.written import holdings

NAN = float("nan")


def notes(found: Holdings) -> str:
    return "\n".join(note for note in found.notes if note not in map(str, found.readings))


PLAIN = "Symbol,Quantity,Price,Value,Cost\nRIOT,100,19.32,1932.00,1500.00\nVTI,12,301.25,3615.00,3000.00\n"
# A second row of the table, and the column of the sign that nothing confirms; empty where the row is read.
LONE = [
    ("565788AL8,5000,118.368p,5918.40,4750.00", "Price"),
    ("IREN 15JAN27 60 C,-5,3.90,-1950.00,750.00p", "Cost"),
    ("WULF,10,14.79,147.90,120.00p", "Cost"),
    ("WULF,10,14.79,147.90p,120.00", "Value"),
    ("WULF,10,14.79,147.90,EUR 120.00", "Cost"),
    ("WULF,10,EUR 14.79,147.90,120.00", ""),  # a price says the currency of its row
    ("VOD.L,1000,72.5p,72500,70000", ""),  # London quotes in pence
    ("VOD,1000,72.5p,725.00,700.00", ""),  # only a price in pence makes the value
    ("VOD,1000,72.5p,72500p,70000", ""),  # two figures of the row say it
]


@pytest.mark.parametrize(("row", "column"), LONE)
def test_a_currency_that_one_figure_alone_says_leaves_the_row_out(tmp_path, row, column):
    found = holdings(tmp_path, f"{PLAIN}{row}\n")
    assert [problem.column for problem in found.left_out][:1] == ([column] if column else [])
    assert len(found.frame) == 3 - bool(column)
    if column:
        assert "expected a currency that other figures of the row or of the column confirm" in str(found.left_out[0])


@pytest.mark.parametrize("choices", [{"currency": "GBX"}, {"currency": "GBP"}])
def test_the_users_currency_confirms_a_lone_sign(tmp_path, choices):
    assert holdings(tmp_path, f"{PLAIN}WULF,10,14.79p,147.90,120.00\n", **choices).left_out == ()


def test_signs_down_a_column_are_the_habit_of_the_file(tmp_path):
    text = "Symbol,Quantity,Price,Value\nVOD,1000,72.5p,72500\nBP,10,500p,5000\nRIOT,100,19.32,1932.00\n"
    found = holdings(tmp_path, text)
    assert found.left_out == ()
    assert list(found.frame["value"]) == pytest.approx([725, 50, 1932])


def test_pence_on_the_price_beside_pounds_in_the_currency_column(tmp_path):
    text = "Symbol,Quantity,Price,Value,Currency\nVOD.L,1000,72.5p,725.00,GBP\nBP.L,10,5.00,50.00,GBP\n"
    frame = holdings(tmp_path, text).frame
    assert list(frame["price"]) == pytest.approx([0.725, 5])
    assert list(frame["value"]) == pytest.approx([725, 50])


IMPOSSIBLE = [
    ("SHOP.TO,30,150.25,4507.50,GBp,", "Toronto quotes in CAD, not in hundredths of GBP"),
    ("SAP.DE,30,150.25,4507.50,GBX,", "Xetra quotes in EUR, not in hundredths of GBP"),
    ("IREN 15JAN27 60 C,10,1.44,1440.00,GBp,100", "only options on 1,000 shares are quoted in hundredths of GBP"),
    ("IREN 15JAN27 60 C,10,1.44,1440.00,GBp,", "only options on 1,000 shares are quoted in hundredths of GBP"),
    ("VOD 15JAN27 70 C,10,1.44,14400.00,GBp,1000", ""),
    ("BTC-USD,0.5,85000,42500,GBp,", "coins are not quoted in hundredths of GBP"),
    ("NPN.JO,10,500000,5000000,ZAc,", ""),
    ("TEVA.TA,10,6400,64000,ILA,", ""),
]


@pytest.mark.parametrize(("row", "why"), IMPOSSIBLE)
def test_a_security_that_is_not_quoted_in_hundredths_is_left_out(tmp_path, row, why):
    text = f"Symbol,Quantity,Price,Value,Currency,Multiplier\nRIOT,100,19.32,1932.00,USD,\n{row}\n"
    found = holdings(tmp_path, text)
    assert bool(found.left_out) == bool(why)
    if why:
        assert str(found.left_out[0]).startswith("mine.csv:3: Currency")
        assert why in str(found.left_out[0])


def test_a_bonds_face_value_is_in_pounds_where_its_currency_says_pence(tmp_path):
    """20,000 of face value at 98.5 per cent are 19,700 pounds."""
    found = holdings(tmp_path, "Symbol,Type,Quantity,Price,Value,Currency\n565788AL8,Bond,20000,98.5,19700.00,GBp\n")
    row = found.frame.iloc[0]
    assert (row["currency"], row["price"], row["value"]) == ("GBP", pytest.approx(0.985), 19_700)
    assert "mine.csv:2: 565788AL8: price and value are read in GBP, not in GBp" in notes(found)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("VTI,,12,301.25,3615.00,GBp", True), ("VTI,,12,301.25,36.15,GBp", False),
        ("VOD.L,,1000,72.5,72500,GBp", False), ("VOD,GB00BH4HKS39,1000,72.5,72500,GBX", False),
        ("VTI,,12,301.25,3615,USD", False),
    ],
)  # fmt: skip
def test_pence_that_only_the_currency_column_says_are_noted(tmp_path, row, told):
    found = holdings(tmp_path, f"Symbol,ISIN,Quantity,Price,Value,Currency\n{row}\n")
    assert ("mine.csv:2: VTI: price and value are read in GBp, hundredths of GBP" in notes(found)) == told


def test_prices_in_pence_beside_values_in_pounds_are_noted(tmp_path):
    text = "Symbol,Quantity,Price,Value,Currency\nVOD.L,1000,7250,72500,GBX\nRIOT,100,19.32,1932.00,USD\n"
    assert "mine.csv: VOD.L: prices are in GBX, values in the currency itself" in notes(holdings(tmp_path, text))
    assert notes(holdings(tmp_path, text.replace("7250,", "72.5,"))) == ""
