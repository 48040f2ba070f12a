"""Inputs raised by a tenth one at a time, the effect of each in order, and the facts behind a figure."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.worlds import basis, few
from valuation.explanation.explain import INPUT_COLUMNS, _inputs, facts_behind
from valuation.explanation.sensitivity import holders, leaves, phased, raised
from valuation.inputs import LISTS, Inputs

NAN = np.nan


@cache
def start() -> Inputs:
    """HUT, which consolidates ABTC, and RIOT in January 2026. Nobody may change it."""
    return basis(few("HUT", "ABTC", "RIOT")).inputs


def scaled(leaf: str, ticker: str = "HUT") -> dict[str, tuple[set[str], set[float]]]:
    """Of each column that differs: the companies whose rows differ, and by which factors."""
    found = raised(start(), ticker, leaf)
    out = {}
    for name in ("items", "market", *LISTS):
        before, after = getattr(start(), name), getattr(found, name)
        assert after.shape == before.shape
        for column in before:
            if pd.api.types.is_numeric_dtype(before[column]) and not before[column].equals(after[column]):
                ratio = (after[column].astype(float) / before[column]).dropna()
                other = ratio[~np.isclose(ratio, 1.0)]
                tickers = getattr(before, "ticker", None)
                if tickers is None:
                    tickers = before.index.get_level_values("ticker") if name == "items" else ["market"] * len(before)
                out[f"{name}.{column}"] = (set(pd.Series(tickers, before.index)[other.index]), set(other.round(12)))
    return out


@pytest.mark.parametrize(
    ("leaf", "ticker", "columns", "tickers"),
    [
        ("cash", "HUT", {"items.cash"}, {"HUT"}),
        ("prices", "HUT", {"items.price_usd"}, {"HUT"}),
        ("btc_usd", "HUT", {"market.btc_usd"}, {"market"}),
        ("contract values", "HUT", {"contracts.total_value_usd", "contracts.annual_revenue_usd"}, {"HUT"}),
        ("contract MW", "HUT", {"contracts.critical_it_mw", "contracts.gross_mw"}, {"HUT"}),
        ("revenue_total", "RIOT", {"quarters.total_usd"}, {"RIOT"}),
        ("revenue_mining", "RIOT", {"quarters.mining_usd"}, {"RIOT"}),
    ],
)
def test_one_input_of_one_company_is_a_tenth_higher(leaf, ticker, columns, tickers):
    assert scaled(leaf, ticker) == dict.fromkeys(columns, (tickers, {1.1}))


def test_a_subsidiarys_contracts_are_raised_with_its_parents():
    rows = start().contracts
    held = rows.assign(ticker=["ABTC", *rows["ticker"].iloc[1:]])
    found = raised(replace(start(), contracts=held), "HUT", "contract MW").contracts
    moved = ~np.isclose(found["critical_it_mw"].fillna(0), held["critical_it_mw"].fillna(0))
    assert set(held.loc[moved, "ticker"]) == {"ABTC", "HUT"} & set(held.loc[held["critical_it_mw"] > 0, "ticker"])


def test_a_company_holds_with_its_own_subsidiaries_alone():
    parents = {"C1": "P", "C2": "Q", "C3": "P", "C4": "NOT LISTED"}
    companies = pd.DataFrame({"consolidated_by": pd.Series(parents, dtype=object).reindex([*"PQ", *parents])})
    assert {name: holders(companies, name) for name in companies.index} == {
        "P": ["P", "C1", "C3"], "Q": ["Q", "C2"], "C1": ["C1"], "C2": ["C2"], "C3": ["C3"], "C4": ["C4"],
    }  # fmt: skip
    contracts = pd.DataFrame({"ticker": ["P", "C3", "Q", "P"], "contract_id": ["P-A-1", "C3-B-1", "Q-C-1", "P-A-1"]})
    told = ["P-A-BOOK", "C3-BOOK", "Q-BOOK", "P-BOOK", "P-A-1", "A-BOOK"]
    made = SimpleNamespace(companies=companies, contracts=contracts, phases=pd.DataFrame({"contract_id": told}))
    assert phased(made, "P") == ["P-A-1", "C3-B-1", "P-A-BOOK", "C3-BOOK", "P-BOOK"]
    assert phased(made, "Q") == ["Q-C-1", "Q-BOOK"]


@pytest.mark.parametrize("value", [0.0, NAN])
def test_what_is_zero_or_unknown_is_not_raised(value):
    made = replace(start(), items=start().items.assign(cash=value))
    assert raised(made, "HUT", "cash") is None
    assert raised(start(), "HUT", "no such input") is None


def test_what_a_metric_rests_on():
    assert leaves("cash_usd") == ["cash"]
    assert leaves("leased_mw") == ["contract values", "contract MW"]
    assert leaves("diluted_shares") == ["shares_outstanding", "instruments", "prices"]


def screen(value: object) -> SimpleNamespace:
    return SimpleNamespace(table=pd.DataFrame({"secured_mw": [value], "group": ["pivot"]}, index=["A"]))


@pytest.mark.parametrize(("now", "size"), [(10.0, 10.0), (-10.0, 10.0), (0.0, NAN)])
def test_the_largest_effect_comes_first_and_unknown_last(monkeypatch, now, size):
    more = pd.Series({"a": now + 1, "b": now - 3, "c": NAN, "d": now, "e": now + 3})
    monkeypatch.setitem(_inputs.__globals__, "sensitivities", lambda *_: more)
    found = _inputs(screen(now), None, "A", "secured_mw")
    assert found.columns.tolist() == INPUT_COLUMNS
    assert found["item"].tolist() == ["b", "e", "a", "d", "c"]
    assert found.index.tolist() == [0, 1, 2, 3, 4]
    assert found["change"].tolist() == pytest.approx([-3, 3, 1, 0, NAN], nan_ok=True)
    assert found["relative"].tolist() == pytest.approx([-3 / size, 3 / size, 1 / size, 0 / size, NAN], nan_ok=True)
    assert _inputs(screen(now), None, "A", "group").empty


def test_the_facts_behind_a_figure_and_when_they_go_stale(monkeypatch):
    monkeypatch.setitem(
        facts_behind.__globals__, "leaves", lambda name: ["prices", "instruments", "contract values", "cash", "btc_usd"]
    )
    facts = pd.DataFrame(
        [("A", "price_usd"), ("A", "cash"), ("A", "cash: transaction, atm"), ("A", "warrant: 2027"), ("A", "contract: X"),
         ("", "btc_usd"), ("B", "cash"), ("A", "debt_total")], columns=["ticker", "item"])  # fmt: skip
    facts["period_end"] = pd.Timestamp("2026-01-02")
    companies = SimpleNamespace(companies=pd.DataFrame({"consolidated_by": [None, None]}, index=["A", "B"]))
    found = facts_behind(companies, facts, "A", "any", {"price_usd": 7, "cash": 200, "btc_usd": None}.get)
    days = {item: None if pd.isna(day) else (day - pd.Timestamp("2026-01-02")).days
            for item, day in zip(found["item"], found["stale_on"], strict=True)}  # fmt: skip
    assert days == {"price_usd": 8, "cash": 201, "cash: transaction, atm": None, "warrant: 2027": None, "contract: X": None,
                    "btc_usd": None}  # fmt: skip


def test_the_price_of_a_subsidiary_rests_on_the_subsidiary_s_own_facts(monkeypatch):
    monkeypatch.setitem(facts_behind.__globals__, "leaves", lambda name: ["subsidiary_price", "contract MW", "cash"])
    rows = [(ticker, item) for ticker in "PCX" for item in ("price_usd", "rsu: 2026", "contract: Y", "cash")]
    facts = pd.DataFrame(rows, columns=["ticker", "item"]).assign(period_end=pd.Timestamp("2026-01-02"))
    parents = pd.Series({"P": None, "C": "P", "X": None}, dtype=object)
    screen = SimpleNamespace(companies=parents.to_frame("consolidated_by"))
    found = facts_behind(screen, facts, "P", "any", lambda _: 7)
    assert found[["ticker", "item"]].to_numpy().tolist() == [
        ["P", "contract: Y"], ["P", "cash"], ["C", "price_usd"], ["C", "rsu: 2026"], ["C", "contract: Y"],
    ]  # fmt: skip
    assert found.columns.tolist() == ["ticker", "item", "period_end", "stale_on"]
    assert found.index.tolist() == [0, 1, 2, 3, 4]
