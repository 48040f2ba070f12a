"""Sums of a book over companies, years and businesses, by hand; and who holds which contracts."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.contracts.book import SUMMED, ContractBook, _of_ai, _signed
from valuation.contracts.schedule import Schedule

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan
YEARS = pd.DataFrame(
    [("A1", "lease", "X", 2026, 5.0), ("A2", "gpu_cloud", "X", 2026, 7.0), ("B1", "lease", "Y", 2027, 11.0),
     ("B2", "lease", "Y", 2027, NAN), ("B2", "lease", "Y", 2028, NAN)],
    columns=["contract_id", "business", "counterparty_name", "year", "revenue_usd"],
)  # fmt: skip
SCOPES = pd.DataFrame({"contract_id": ["A1", "A2", "B1", "B2"], "scope": ["miners", "comparables", "miners", "miners"],
                       "ticker": ["A", "A", "B", "C"]})  # fmt: skip


@pytest.mark.parametrize(
    ("by", "scope", "expected"),
    [
        ((), None, {"gpu_cloud": [7.0, NAN, NAN], "lease": [5.0, 11.0, NAN]}),
        (("counterparty_name",), None, {"X": [12.0, NAN, NAN], "Y": [NAN, 11.0, NAN]}),
        ((), "miners", {"lease": [5.0, 11.0, NAN]}),
        ((), "comparables", {"gpu_cloud": [7.0]}),
    ],
)
def test_a_column_by_year(by, scope, expected):
    book = SimpleNamespace(years=YEARS, contracts=SCOPES)
    found = ContractBook.by_year(book, "revenue_usd", *by, scope=scope)
    assert found.index.tolist() == list(expected)
    assert found.columns.tolist() == ([2026, 2027, 2028] if scope != "comparables" else [2026])
    np.testing.assert_array_equal(found.to_numpy(), np.array(list(expected.values())))


def test_a_company_has_its_own_contracts_and_those_of_whom_it_consolidates():
    book = SimpleNamespace(contracts=SCOPES, consolidated={"C": "B", "D": "A"})
    book.holders = lambda ticker: ContractBook.holders(book, ticker)
    assert [book.holders(ticker) for ticker in "ABC"] == [["A", "D"], ["B", "C"], ["C"]]
    assert [ContractBook.of(book, ticker)["contract_id"].tolist() for ticker in "BC"] == [["B1", "B2"], ["B2"]]


def test_the_sector_sums_companies_that_count_and_those_without_a_funding_gap_that_signed_something():
    index = pd.MultiIndex.from_product(
        [[DAY, DAY + pd.Timedelta(days=7)], ["A", "B", "C", "D"]], names=["as_of", "ticker"]
    )
    table = pd.DataFrame({name: [float(10 * k + row) for row in range(8)] for k, name in enumerate(SUMMED)}, index)
    table["in_service_mw"] = [1.0, NAN, 2.0, 64.0, NAN, NAN, NAN, 64.0]
    table["contracted_mw"] = [4.0, 4.0, 4.0, 64.0, 2.0, 2.0, 2.0, 64.0]
    table["funding_gap_usd"] = [3.0, NAN, NAN, 64.0, NAN, NAN, NAN, 64.0]
    table["cloud_ebit_usd"] = [NAN, 7.0, NAN, 64.0, NAN, NAN, NAN, 64.0]
    table["contracts"] = [1.0, 1.0, 0.0, 1.0, 2.0, 1.0, 0.0, 1.0]
    excluded = pd.Series(["", "", "", "comparable"] * 2, index)
    found = ContractBook.sector(SimpleNamespace(table=table, excluded=excluded))
    assert found["signed_value_usd"].tolist() == [0 + 1 + 2, 4 + 5 + 6]
    assert found["in_service_mw"].tolist() == pytest.approx([3.0, NAN], nan_ok=True)
    assert found["cloud_ebit_usd"].tolist() == pytest.approx([7.0, NAN], nan_ok=True)  # one known figure is the sum
    assert found["delivered_share"].tolist() == pytest.approx([3 / 12, NAN], nan_ok=True)
    assert found["funding_gap_usd"].tolist() == pytest.approx([3.0, NAN], nan_ok=True)
    assert found["companies_without_funding_gap"].tolist() == [1, 2]


def test_what_was_signed_at_the_owner_s_share_and_at_all_of_it():
    rows = pd.DataFrame({
        "as_of": DAY, "scope": ["miners"] * 3 + ["comparables"], "business": ["lease", "lease", "gpu_cloud", "lease"],
        "contract_id": list("abcd"), "owned_value_usd": [5.0, NAN, NAN, 7.0], "total_value_usd": [10.0, NAN, NAN, 7.0],
        "owned_it_mw": [NAN, 3.0, NAN, 4.0],
    })  # fmt: skip
    found = _signed(rows)
    assert found[["scope", "business", "contracts", "without_announced_value"]].to_numpy().tolist() == [
        ["comparables", "lease", 1, ""], ["miners", "gpu_cloud", 1, "c"], ["miners", "lease", 2, "b"],
    ]  # fmt: skip
    for name, expected in (("owned_usd", [7.0, NAN, 5.0]), ("at_100_percent_usd", [7.0, NAN, 10.0]),
                           ("critical_it_mw", [4.0, NAN, 3.0])):  # fmt: skip
        assert found[name].tolist() == pytest.approx(expected, nan_ok=True)


def test_hosting_is_left_out_and_tranches_keep_their_contract():
    contracts = pd.DataFrame({"contract_id": list("abc"), "ticker": "A", "site": None, "is_ai": [False, True, True]})
    parts = pd.DataFrame({"row": [0, 0, 1, 2, 2], "share": [0.5, 0.5, 1.0, 0.25, 0.75]})
    found = _of_ai(Schedule(contracts, parts), None)
    assert found.contracts["contract_id"].to_dict() == {0: "b", 1: "c"}
    assert set(found.contracts) == {*contracts, "state", "grid_operator"}
    assert found.tranches.reset_index().to_numpy().tolist() == [[0, 0, 1.0], [1, 1, 0.25], [2, 1, 0.75]]
