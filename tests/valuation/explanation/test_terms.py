"""The small language of formulas on made-up figures: each operation, each branch, and what is unknown."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pandas as pd
import pytest

from valuation.errors import UnknownName
from valuation.explanation.pairs import pairs
from valuation.explanation.terms import Terms, branch, evaluate, names, used

NAN = math.nan
FIGURES = {"a": 6.0, "b": 2.0, "zero": 0.0, "unknown": NAN}


class Made:
    """Figures of a company that is none."""

    def value(self, name: str) -> float:
        return FIGURES[name]

    def gross(self, name: str) -> float:
        return 10 * FIGURES[name]

    def total(self, name: str) -> float:
        return 100 * FIGURES[name]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("a + b", 8.0), ("a - b", 4.0), ("a * b", 12.0), ("a / b", 3.0), ("a / zero", NAN), ("a + unknown", NAN), ("7", 7.0),
        ("max(a, b)", 6.0), ("max(b, a)", 6.0), ("max(a, unknown)", NAN), ("max(unknown, a)", NAN),
        ("first(unknown, b, a)", 2.0), ("first(unknown)", NAN), ("known(unknown)", 0.0), ("known(a)", 6.0),
        ("gross(a)", 60.0), ("total(b)", 200.0), ("a if a > b else b", 6.0), ("a if b > a else b", 2.0),
        ("a if a > a else b", 2.0), ("1 if a > b and b > zero else 2", 1.0), ("1 if a > b and zero > b else 2", 2.0),
    ],
)  # fmt: skip
def test_the_value_of_a_formula(formula, expected):
    assert evaluate(formula, Made()) == pytest.approx(expected, nan_ok=True)


def test_names_come_in_their_order_and_once():
    assert names("unknown / gross(a)") == ["unknown", "a"]
    assert names("b / a") == ["b", "a"]
    assert names("a / b") == ["a", "b"]


def test_of_a_choice_the_branch_that_holds_is_used():
    assert used("a if b > a else zero", Made()) == ["zero"]
    assert used("b * (a if a > b else zero)", Made()) == ["b", "a"]
    assert branch("known(a if a > b else zero) + b", Made()) == "known(a) + b"
    assert branch("max(a, b) - (7 if b > a else zero)", Made()) == "max(a, b) - zero"
    assert names("first(known(b), gross(a), total(b), max(a, zero))") == ["b", "a", "zero"]


def company(ticker: str = "A") -> Terms:
    """Figures of A and of B, which A consolidates."""
    rows = ["A", "B"]
    contracts = pd.DataFrame(
        [("A", True, 5.0), ("A", False, 50.0), ("B", True, 2.0), ("B", True, NAN)], columns=["ticker", "is_ai", "value"]
    )
    contracts = contracts.assign(owned_annual_revenue_usd=1.0, business="lease")
    screen = SimpleNamespace(
        table=pd.DataFrame({"x": [1.0, 2.0], "text": ["pivot", None]}, index=rows),
        bridge=pd.DataFrame({"x": [10.0, 20.0], "y": [3.0, 4.0]}, index=rows),
        power=pd.DataFrame({"y": [30.0, 40.0], "mw": [100.0, 200.0]}, index=rows),
        shares=pd.DataFrame({"mw": [0.0, 0.0], "share": [0.5, 0.6]}, index=rows),
        inputs=pd.DataFrame({"share": [9.0, 9.0], "mw_secured": [120.0, 90.0], "mw_operating": [80.0, 70.0]}, index=rows),
        assumptions=SimpleNamespace(cap_rate=0.09, gross_mw_per_critical_it_mw=1.3),
        switches=SimpleNamespace(net_bitcoin=True), btc_usd=95_000.0, contracts=contracts,
        companies=pd.DataFrame({"consolidated_by": [None, "A"]}, index=rows),
    )  # fmt: skip
    return Terms(screen, ticker, pd.Series({"mw_secured": True, "mw_operating": False}), pd.DataFrame(index=rows))


def test_a_name_is_looked_up_from_the_table_down_to_the_price_of_bitcoin():
    terms = company()
    looked = {
        name: terms.value(name)
        for name in ("x", "y", "mw", "share", "mw_secured", "cap_rate", "net_bitcoin", "btc_usd")
    }
    assert looked == {"x": 1.0, "y": 3.0, "mw": 100.0, "share": 0.5, "mw_secured": 120.0, "cap_rate": 0.09,
                      "net_bitcoin": 1.0, "btc_usd": 95_000.0}  # fmt: skip
    assert company("B").value("x") == 2.0
    assert math.isnan(terms.value("text"))
    assert math.isnan(company("B").value("text"))
    with pytest.raises(UnknownName, match="no figure 'nothing' in a formula"):
        terms.value("nothing")


def test_critical_it_is_multiplied_to_gross():
    terms = company()
    assert terms.gross("mw_secured") == pytest.approx(156.0)
    assert terms.gross("mw_operating") == 80.0
    assert terms.gross("mw") == 100.0  # of which nothing is said


def test_totals_are_of_ai_contracts_with_those_of_a_subsidiary():
    assert company().total("value") == 7.0
    assert company("B").total("value") == 2.0
    unknown = company().screen.contracts.assign(value=[5.0, 50.0, NAN, NAN])
    child, none = company("B"), company("B")
    child.screen.contracts, none.screen.contracts = unknown, unknown.iloc[:2]
    assert math.isnan(child.total("value"))
    assert none.total("value") == 0.0
    assert len(company().contracts) == 3


@pytest.mark.parametrize(("n", "middle"), [(1, [2.0]), (2, [2.0, 3.0]), (3, [3.0]), (4, [3.0, 4.0])])
def test_the_middle_of_all_pairs(n, middle):
    value = [2.0, *[4.0, 6.0, 8.0, 10.0][:n], 99.0, 1.0]
    group = ["bitcoin", *["pivot"] * n, "pivot", None]
    table = pd.DataFrame({"group": group, "ev_per_mw_secured": value}, index=["M", *"ABCD"[:n], "OUT", "N"])
    members = pd.DataFrame({"ev_per_mw_secured": table.index != "OUT"}, index=table.index)
    found = pairs(SimpleNamespace(table=table.iloc[::-1], gap=SimpleNamespace(members=members.iloc[::-1])))
    assert found.columns.tolist() == ["pivot", "bitcoin", "ratio", "in_the_middle"]
    assert found["ratio"].tolist() == [2.0, 3.0, 4.0, 5.0][:n]
    assert found["pivot"].tolist() == list("ABCD"[:n])
    assert found.loc[found["in_the_middle"], "ratio"].tolist() == middle
