"""Shares and the Herfindahl-Hirschman index of a few contracts by hand, the largest first; and who holds them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.contracts.concentration import concentration, share_of
from valuation.contracts.consolidation import as_held, parents

DAY = pd.Timestamp("2026-01-16")
NAN = np.nan
BLANK = {"as_of": DAY, "ticker": "A", "counterparty_name": "X", "end_user_name": "not stated", "guarantor": "none",
         "state": "Texas", "grid_operator": "ERCOT", "owned_annual_revenue_usd": 10.0, "owned_it_mw": 5.0}  # fmt: skip


def rows(*changes: dict) -> pd.DataFrame:
    return pd.DataFrame([BLANK | {"contract_id": f"C{k}"} | change for k, change in enumerate(changes)])


def of(frame: pd.DataFrame, scope: str, by: str) -> pd.DataFrame:
    return frame[(frame["scope"] == scope) & (frame["by"] == by)].set_index("name")


MADE = rows(
    {"owned_annual_revenue_usd": 10.0}, {"counterparty_name": "Y", "owned_annual_revenue_usd": 60.0},
    {"owned_annual_revenue_usd": 20.0, "owned_it_mw": NAN}, {"counterparty_name": "Z", "owned_annual_revenue_usd": NAN},
    {"ticker": "B", "owned_annual_revenue_usd": 100.0, "guarantor": "Google"},
)  # fmt: skip


def test_shares_of_a_company_and_of_the_sector():
    out = concentration(MADE, np.array([True, True, True, True, False]))
    mine = of(out, "A", "counterparty")
    assert mine.index.tolist() == ["Y", "X", "Z"]  # the unknown one last
    assert mine["contracts"].tolist() == [1, 2, 1]
    assert mine["revenue_usd"].tolist() == pytest.approx([60.0, 30.0, NAN], nan_ok=True)
    assert mine["revenue_share"].tolist() == pytest.approx([60 / 90, 30 / 90, NAN], nan_ok=True)
    assert mine["mw_share"].tolist() == pytest.approx([5 / 15, 5 / 15, 5 / 15])
    assert mine["hhi"].tolist() == pytest.approx([(60 / 90) ** 2 + (30 / 90) ** 2] * 3)
    assert set(mine["not_counted"]) == {"C3"}
    assert of(out, "sector", "counterparty")["revenue_usd"]["Y"] == 60.0
    assert of(out, "sector", "counterparty")["revenue_usd"].sum() == 90.0  # B is not in it
    assert set(of(out, "B", "counterparty")["not_counted"]) == {""}
    assert set(out["by"]) == {"counterparty", "end_user", "guarantor", "state", "grid_operator"}


def test_rows_stand_by_date_and_scope_the_largest_first():
    later = DAY + pd.Timedelta(days=7)
    made = rows({"as_of": later, "ticker": "B"}, {"ticker": "B"}, {"as_of": later},
                {"counterparty_name": "Y", "owned_annual_revenue_usd": 11.0}, {})  # fmt: skip
    out = concentration(made, np.array([False, True, False, True, False]))
    found = out[out["by"] == "counterparty"]
    assert found[["as_of", "scope", "name"]].to_numpy().tolist() == [
        [DAY, "A", "Y"], [DAY, "A", "X"], [DAY, "B", "X"], [DAY, "sector", "Y"], [DAY, "sector", "X"],
        [later, "A", "X"], [later, "B", "X"],
    ]  # fmt: skip
    assert out.index.tolist() == list(range(len(out)))
    assert out.columns.tolist() == [
        "as_of", "scope", "by", "name", "contracts", "revenue_usd", "mw", "revenue_share", "mw_share", "hhi", "hhi_high",
        "not_counted",
    ]  # fmt: skip
    unknown = of(
        concentration(rows({"owned_annual_revenue_usd": NAN, "owned_it_mw": NAN}), np.array([False])), "A", "state"
    )
    assert unknown[["revenue_usd", "mw", "revenue_share", "hhi", "hhi_high"]].isna().all(axis=None)
    assert unknown["contracts"].tolist() == [1]


def test_without_names_the_index_lies_between_each_apart_and_all_in_one():
    out = of(concentration(MADE, np.zeros(5, dtype=bool)), "A", "guarantor")
    assert out["hhi"].tolist() == pytest.approx([(10 / 90) ** 2 + (60 / 90) ** 2 + (20 / 90) ** 2])
    assert out["hhi_high"].tolist() == [1.0]
    named = of(concentration(MADE.assign(guarantor="Google"), np.zeros(5, dtype=bool)), "A", "guarantor")
    assert named["hhi"].tolist() == named["hhi_high"].tolist() == [1.0]
    for name in ("not stated", "several sites"):
        unnamed = of(concentration(MADE.assign(state=name), np.zeros(5, dtype=bool)), "A", "state")
        assert unnamed["hhi"].iloc[0] < 1.0


def test_a_part_by_weight_and_where_no_weight_is_known():
    index = pd.MultiIndex.from_tuples([(DAY, "A"), (DAY, "B"), (DAY, "C")], names=["as_of", "ticker"])
    part = pd.Series([1.0, 0.5, 0.0, 1.0, 1.0])
    assert share_of(MADE, part, "owned_annual_revenue_usd", index).tolist() == pytest.approx(
        [40 / 90, 1.0, NAN], nan_ok=True
    )
    unknown = MADE.assign(owned_annual_revenue_usd=NAN)
    assert share_of(unknown, part, "owned_annual_revenue_usd", index).isna().all()


def test_a_parent_holds_a_listed_subsidiary_s_contracts_once_more():
    companies = pd.DataFrame({"consolidated_by": [None, "A", "NOT LISTED"]}, index=["A", "B", "C"])
    assert parents(companies) == {"B": "A"}
    held = as_held(MADE, parents(companies))
    assert held[["ticker", "held_through", "row"]].to_numpy().tolist() == [
        ["A", "", 0], ["A", "", 1], ["A", "", 2], ["A", "", 3], ["B", "", 4], ["A", "B", 4],
    ]  # fmt: skip
    alone = as_held(MADE, {})
    assert (len(alone), set(alone["held_through"])) == (5, {""})
