"""Cross-sections of the curve hold each company's enterprise value in millions over its megawatts."""

from __future__ import annotations

import pytest

from tests.valuation.worlds import basis, few, of
from valuation.assumptions import Assumptions, Bridge
from valuation.gap.specification_curve import cross_sections


def test_values_are_in_millions_and_denominators_in_megawatts():
    start = basis(few("RIOT", "CIFR"))
    found = cross_sections(start.inputs, Assumptions(), rules=["share20"], settings=[Bridge()])
    (row,) = found.labels.index[found.labels["denominator"] == "secured"]
    for ticker in ("RIOT", "CIFR"):
        table = of(start.valuation.table, ticker)
        at = found.tickers.get_loc(ticker)
        assert found.value[row, at] == pytest.approx(table["enterprise_value_usd"] / 1e6)
        assert found.mw[row, at] == pytest.approx(table["secured_mw"])
        assert found.is_pivot[row, at] == (table["group"] == "pivot")
