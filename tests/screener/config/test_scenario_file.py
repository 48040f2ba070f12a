"""Scenario files: read as they stand, and every problem by its key."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.config.scenario_file import parse, read
from screener.config.toml import Document
from screener.errors import AssumptionsError, Problem
from valuation.assumptions import Assumptions
from valuation.nav.scenarios import Place, Scenario

GOOD = {
    "title": "All at once", "why": "for the test", "market": {"bitcoin": 0.5, "hashrate_leaving": 0.1},
    "set": {"delay_years": 1}, "add": {"cap_rate_exit": 0.01}, "multiply": {"market_noi_usd_per_mw": 0.9},
    "default": {"counterparty": ["CoreWeave"]}, "gap": {"ratio": 1.5},
    "place": [{"state": "Texas", "noi": 0.9}, {"grid_operator": "PJM", "probability": 0.5}],
}  # fmt: skip


def of(table: dict) -> tuple[Scenario | None, list[Problem]]:
    return parse("any", Document("any.toml", table, {}))


def test_a_full_file_is_read_as_it_stands():
    found, problems = of(GOOD)
    assert problems == []
    assert found.defaulting == ("CoreWeave",)
    assert found.places[1] == Place(grid_operator="PJM", probability=0.5)
    a = found.assumed(Assumptions())
    assert (a.delay_years, a.cap_rate_exit, a.market_noi_usd_per_mw) == (
        1.0,
        pytest.approx(0.085),
        pytest.approx(1.35e6),
    )
    assert len(found.words()) == 9


@pytest.mark.parametrize(("change", "where"), [
    ({"title": ""}, "title"), ({"titel": "x"}, "titel"), ({"market": {"bitcoin": "half"}}, "market.bitcoin"),
    ({"market": {"bitcoins": 0.5}}, "market.bitcoins"), ({"market": {"bitcoin": True}}, "market.bitcoin"),
    ({"market": 3}, "market"), ({"set": {"cap_rate": 0.1}}, "set.cap_rate"),
    ({"set": {"cap_rate_exit": 1.075}}, "set.cap_rate_exit"), ({"add": {"delay_years": "one"}}, "add.delay_years"),
    ({"multiply": {"delay_years": float("inf")}}, "multiply.delay_years"), ({"add": 5}, "add"),
    ({"default": {"counterparty": "CoreWeave"}}, "default.counterparty"), ({"gap": {"ratio": -1}}, "gap.ratio"),
    ({"place": [{"noi": 0.5}]}, "place[1]"), ({"place": [{"state": "Texas", "tax": 1}]}, "place[1].tax"),
    ({"place": ["Texas"]}, "place[1]"), ({"market": {"hashrate_leaving": 1.0}}, "market.hashrate_leaving"),
    ({"place": [{"state": "Texas"}, {"state": "Ohio", "noi": 11}]}, "place[2].noi"),
])  # fmt: skip
def test_a_problem_names_its_key_and_what_was_expected(change, where):
    found, problems = of(GOOD | change)
    assert found is None
    assert [problem.column for problem in problems] == [where]
    assert all(problem.expected for problem in problems)


def test_every_problem_of_a_file_is_listed_with_line_value_and_nearest_key(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text('[market]\nbitcoin = -1\nhashprize = 0.5\n\n[set]\ncap_rate_exti = 0.1\n[[place]]\nstate = "Texas"\n'
                    '[[place]]\nnoi = 12.5\nstate = "Ohio"\n')  # fmt: skip
    with pytest.raises(AssumptionsError) as caught:
        read(path)
    assert str(caught.value).split("\n") == [
        "wrong.toml: 5 problems",
        "wrong.toml: title: expected a text; it is missing",
        "wrong.toml:2: market.bitcoin '-1': expected a number from 0 to 100",
        "wrong.toml:3: market.hashprize '0.5': expected one of bitcoin, hashprice, hashrate_leaving; "
        "did you mean hashprice?",
        "wrong.toml:10: place[2].noi '12.5': expected a number from 0 to 10",
        "wrong.toml:6: set.cap_rate_exti '0.1': expected the name of an assumption (see `screener assumptions`); "
        "did you mean cap_rate_exit?",
    ]


@settings(max_examples=100, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([
                        "title", "market", "bitcoin", "set", "add", "multiply", "default", "gap", "ratio", "place", "state",
                        "delay_years", "counterparty"]), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_no_table_breaks_the_reader(table):
    if not isinstance(table, dict):
        return
    found, problems = of(table)
    if found is None:
        assert problems
        return
    assert isinstance(found.words(), list)
    assert replace(found, name="other").title == found.title
