"""Signed contracts by date on a made-up book: sums, what is unknown, the largest tenant, and dates without any."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.contracts.book import MINERS
from valuation.indicators.signed import signed

NAN = np.nan
NONE, ONE, TWO, BLIND = pd.to_datetime(["2025-01-03", "2025-01-10", "2025-01-17", "2025-01-24"])
ROWS = pd.DataFrame(
    [
        (ONE, "A", "lease", "T", MINERS, 10.0, 5.0), (TWO, "A", "lease", "T", MINERS, 10.0, 5.0),
        (TWO, "B", "gpu_cloud", "U", MINERS, 30.0, 4.0), (TWO, "C", "lease", "T", MINERS, NAN, 2.0),
        (TWO, "B", "lease", "V", MINERS, 1.0, NAN), (TWO, "G", "lease", "T", "galaxy", 99.0, 99.0),
        (BLIND, "A", "lease", "T", MINERS, NAN, NAN),
    ],
    columns=["as_of", "ticker", "kind", "counterparty_name", "scope", "owned_value_usd", "owned_it_mw"],
)  # fmt: skip


@pytest.fixture(scope="module")
def found():
    index = pd.MultiIndex.from_product([[NONE, ONE, TWO, BLIND], list("ABC")], names=["as_of", "ticker"])
    in_service = pd.DataFrame({"in_service_mw": [7.0, 1.0, 2.2, NAN]}, index=[NONE, ONE, TWO, BLIND])
    return signed(SimpleNamespace(contracts=ROWS, table=pd.DataFrame(index=index), sector=lambda: in_service))


def test_the_sector_by_date(found):
    rows = found.sector
    assert rows["contracts"].tolist() == [0, 1, 4, 1]
    assert rows["value_usd"].tolist() == pytest.approx([0.0, 10.0, 41.0, NAN], nan_ok=True)
    assert rows["it_mw"].tolist() == pytest.approx([0.0, 5.0, 11.0, NAN], nan_ok=True)
    assert rows["without_value"].tolist() == [0, 0, 1, 1]
    assert rows["without_mw"].tolist() == [0, 0, 1, 1]
    assert rows["in_service_mw"].tolist() == pytest.approx([0.0, 1.0, 2.2, NAN], nan_ok=True)
    assert rows["delivered_share"].tolist() == pytest.approx([NAN, 0.2, 0.2, NAN], nan_ok=True)
    assert rows["tenants"].tolist() == [0, 1, 3, 1]
    assert rows["companies"].tolist() == [0, 1, 3, 1]
    assert rows["largest_tenant"].tolist() == ["", "T", "T", ""]
    assert rows["largest_tenant_share"].tolist() == pytest.approx([NAN, 1.0, 7 / 11, NAN], nan_ok=True)


def test_by_kind_tenant_and_company(found):
    assert found.by_kind.loc[TWO, "contracts"].to_dict() == {"gpu_cloud": 1, "lease": 3}
    tenants = found.by_tenant.loc[TWO]
    assert tenants.loc["T"].tolist() == [2, 10.0, 7.0, 1, 0]
    assert tenants.loc["V", ["value_usd", "without_mw"]].tolist() == [1.0, 1]
    assert np.isnan(tenants.loc["V", "it_mw"])
    assert found.by_company.loc[TWO, "value_usd"].to_dict() == pytest.approx(
        {"A": 10.0, "B": 31.0, "C": NAN}, nan_ok=True
    )


def test_half_a_megawatt_is_as_much_as_any_and_none_is_no_share():
    index = pd.MultiIndex.from_product([[ONE, TWO], list("AB")], names=["as_of", "ticker"])
    rows = ROWS.iloc[[0, 1, 2]].assign(owned_it_mw=[0.5, 0.0, 0.0])
    in_service = pd.DataFrame({"in_service_mw": [0.25, 0.0]}, index=[ONE, TWO])
    book = SimpleNamespace(contracts=rows, table=pd.DataFrame(index=index), sector=lambda: in_service)
    sector = signed(book).sector
    assert sector["delivered_share"].tolist() == pytest.approx([0.5, NAN], nan_ok=True)
    assert sector["largest_tenant"].tolist() == ["T", ""]
    assert sector["largest_tenant_share"].tolist() == pytest.approx([1.0, NAN], nan_ok=True)
