"""Gnumeric beside LibreOffice: two calculators without code in common say of every formula what the program stored."""

from __future__ import annotations

import pytest

from tests.exports import gnumeric
from tests.exports import recalculate as calc
from tests.exports.conftest import EVERY

# Every sheet of a screen; books of other days and groups are tried before a release.
IN_CI = "january_studied"
# Gnumeric has no INDEX of a range of one cell (#REF!), which the net asset values of a single company ask for.
BOOKS = [name for name in EVERY if name != "one_without_price_studied"]


@pytest.mark.parametrize("name", [n if n == IN_CI else pytest.param(n, marks=pytest.mark.long) for n in BOOKS])
def test_gnumeric_says_of_every_formula_what_is_stored_and_what_libreoffice_says(shelf, name, tmp_path):
    volume = shelf[name]
    anew = gnumeric.recalculate(volume.path, tmp_path)
    compared = calc.formulas(volume.path)
    print(f"{name}: {len(compared):,} formulas in Gnumeric and in LibreOffice")
    assert len(compared) > 60 * len(volume.screen.table)
    assert gnumeric.differences(volume.path, anew) == []
    assert gnumeric.apart(volume.path, volume.recalculated, anew) == []


def test_the_comparison_notices_a_stored_value_that_is_wrong(tmp_path):
    path = calc.write_wrong(tmp_path / "wrong.xlsx", author="a reader")
    found = {d.cell: d.recalculated for d in gnumeric.differences(path, gnumeric.recalculate(path, tmp_path))}
    assert found == {"B2": pytest.approx(3 / 7, rel=1e-15), "B3": 1, "B4": "#DIV/0!"}
