"""Cross-sections of the curve hold each company's enterprise value in millions over its megawatts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.worlds import basis, few, of
from valuation.assumptions import Assumptions, Bridge
from valuation.gap import specification_curve
from valuation.gap.specification_curve import cross_sections
from valuation.groups import RULES


@pytest.fixture(scope="module")
def start():
    return basis(few("RIOT", "CIFR"))


def test_values_are_in_millions_and_denominators_in_megawatts(start):
    found = cross_sections(start.inputs, Assumptions(), rules=["share20"], settings=[Bridge()])
    (row,) = found.labels.index[found.labels["denominator"] == "secured"]
    for ticker in ("RIOT", "CIFR"):
        table = of(start.valuation.table, ticker)
        at = found.tickers.get_loc(ticker)
        assert found.value[row, at] == pytest.approx(table["enterprise_value_usd"] / 1e6)
        assert found.mw[row, at] == pytest.approx(table["secured_mw"])
        assert found.is_pivot[row, at] == (table["group"] == "pivot")


@pytest.mark.parametrize(
    ("ev", "mw", "excluded", "group", "inside"),
    [
        (1.0, 0.5, "", "pivot", True), (0.0, 0.5, "", "pivot", False), (-1e9, 9.0, "", "pivot", False),
        (1.0, 0.0, "", "pivot", False), (1.0, 9.0, "comparable", "pivot", False), (1.0, 9.0, "", None, False),
        (np.nan, 9.0, "", "pivot", False), (1.0, np.nan, "", "bitcoin", False), (1.0, 9.0, "", "bitcoin", True),
    ],
)  # fmt: skip
def test_a_company_is_in_with_a_value_power_and_a_group_of_its_own(start, monkeypatch, ev, mw, excluded, group, inside):
    first, other = start.inputs.index.get_level_values("ticker")
    table = start.valuation.table.assign(excluded="", secured_mw=5.0)
    table.loc[start.inputs.index[0], ["secured_mw", "excluded"]] = mw, excluded
    bridge = pd.DataFrame({"enterprise_value_usd": [ev, 2e6]}, index=table.index)
    monkeypatch.setattr(specification_curve, "switched", lambda *_: bridge)
    members = ((other, "pivot"), *([(first, group)] if group else []))
    rule = replace(RULES["share20"], name="own", members=members)
    found = cross_sections(
        start.inputs, Assumptions(), rules={"own": rule}, settings=[Bridge()], denominator_names=["secured"],
        valued=replace(start.valuation, table=table),
    )  # fmt: skip
    assert np.isfinite(found.value[0]).tolist() == [inside, True]
    assert np.isfinite(found.mw[0]).tolist() == [inside, True]
    assert found.is_pivot[0].tolist() == [inside and group == "pivot", True]
    assert found.value[0, 1] == 2.0
    assert found.labels["rule"].tolist() == ["own"]


def test_one_setting_of_each_without_names_is_every_one(start):
    found = cross_sections(start.inputs, Assumptions(), settings=[Bridge(), Bridge(net_bitcoin=False)])
    assert len(found.labels) == 2 * 3 * len(RULES)
    assert found.labels.index.is_unique
