"""Columns of quantities and prices that are exchanged: the value is the same, the unit costs and the decimals are not."""

from __future__ import annotations

import pytest

from screener.errors import HoldingsError
from tests.screener.holdings.written import holdings

BY_COST, BY_DECIMALS = (
    "quantities are nearer to the unit costs than prices are",
    "quantities have decimals and prices have none",
)


# Quantity, price, unit cost of two rows, and which notes.
TABLES = [
    (("10", "15.63", "24.70"), ("12", "301.25", "250.00"), []),
    (("15.63", "10", "24.70"), ("301.25", "12", "250.00"), [BY_COST, BY_DECIMALS]),
    (("15.00", "1000", "24.70"), ("301.00", "12", "250.00"), [BY_COST]),  # no decimals but zeros
    (("15.63", "10", ""), ("301.25", "12", ""), [BY_DECIMALS]),
    (("15.63", "10.00", ""), ("301.25", "12.00", ""), []),
    (("1.5", "10", ""), ("2.5", "12", ""), []),  # one decimal, as fractions of shares have
    (("25", "3.00", "20.00"), ("10", "15.63", "24.70"), []),  # one price that fell far
    (("25", "3.00", "20.00"), ("12", "2.10", "15.00"), [BY_COST]),  # all of them
]


@pytest.mark.parametrize(("first", "second", "told"), TABLES)
def test_what_says_that_the_columns_are_exchanged(tmp_path, first, second, told):
    lines = [",".join((name, *figures)) for name, figures in (("WULF", first), ("VTI", second))]
    found = holdings(tmp_path, "\n".join(["Symbol,Quantity,Price,Unit Cost", *lines, "CASH,250.25,1,"]))
    notes = [note for note in found.notes if "exchanged" in note]
    assert notes == [f"mine.csv: WULF, VTI: {words}: the columns may be exchanged" for words in told]


def test_one_row_and_cash_say_nothing(tmp_path):
    found = holdings(tmp_path, "Symbol,Quantity,Price,Unit Cost\nVTI,301.25,12,250\nCASH,250.25,1,\n")
    assert not any("exchanged" in note for note in found.notes)


@pytest.mark.parametrize(("price", "refused"), [("1990", False), ("2010", True), ("98.5", False)])
def test_no_bond_stands_at_twenty_times_par(tmp_path, price, refused):
    text = f"Symbol,Type,Quantity,Price\n565788AL8,Bond,73.066,{price}\n"
    if refused:
        with pytest.raises(HoldingsError, match=r"mine.csv:2: Price '2010': .*a bond at 2,010% of par"):
            holdings(tmp_path, text + "RIOT,Stock,10,19.32\n")
    else:
        assert holdings(tmp_path, text).frame["price"].tolist() == pytest.approx([float(price) / 100])


@pytest.mark.parametrize(
    ("row", "out"), [("IREN 15JAN27 60 C,3.3,2", True), ("/MBTV26,0.5,85000", True), ("IREN 15JAN27 60 C,-5,2", False)]
)
def test_contracts_are_whole(tmp_path, row, out):
    found = holdings(tmp_path, f"Symbol,Quantity,Price\nRIOT,10.5,19.32\n{row}\n")
    assert ["a whole number of contracts" in str(problem) for problem in found.left_out] == [True] * out
