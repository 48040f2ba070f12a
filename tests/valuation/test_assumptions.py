"""Every number that a person may flex: typed, bounded, with a source, once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.assumptions import Assumptions, Bridge, checked, describe, differences

EVERY = [(Bridge, d) for d in describe(Bridge())] + [(Assumptions, d) for d in describe(Assumptions())]


def test_titles_and_names_are_unique_so_that_a_sheet_can_be_read_back_by_its_words():
    for key in ("name", "title"):
        values = [d[key] for _, d in EVERY]
        assert len(values) == len(set(values))


@pytest.mark.parametrize(("kind", "item"), EVERY, ids=[d["name"] for _, d in EVERY])
def test_every_number_has_unit_source_and_a_default_within_its_bounds(kind, item):
    assert item["unit"]
    assert item["source"]
    assert checked(kind, item["name"], item["default"]) == item["default"]
    assert type(checked(kind, item["name"], item["default"])) is type(item["default"])


@pytest.mark.parametrize(("name", "value", "told"), [
    ("cap_rate_hyperscaler", "6%", r"a number \(fraction\) from 0.005 to 1"),
    ("cap_rate_hyperscaler", 6, r"from 0.005 to 1"),
    ("cap_rate_hyperscaler", None, "a number"),
    ("cap_rate_hyperscaler", True, "a number"),
    ("cap_rate_hyperscaler", float("nan"), "a number"),
    ("seed", 1.5, "a whole number"),
    ("delay_years", -0.1, "from 0 to 10"),
])  # fmt: skip
def test_a_wrong_value_is_told_with_what_was_expected(name, value, told):
    with pytest.raises(ValueError, match=told):
        checked(Assumptions, name, value)


@pytest.mark.parametrize(("value", "expected"), [(1, True), (0, False), (True, True), (0.0, False)])
def test_a_switch_is_yes_or_no(value, expected):
    assert checked(Bridge, "net_bitcoin", value) is expected


@pytest.mark.parametrize("value", [2, "yes", None])
def test_a_switch_is_nothing_else(value):
    with pytest.raises(ValueError, match="yes or no"):
        checked(Bridge, "net_bitcoin", value)


@given(st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.integers())))
def test_no_value_gets_through_unchecked(value):
    for kind, item in EVERY[:12]:
        try:
            found = checked(kind, item["name"], value)
        except ValueError:
            continue
        about = kind.__dataclass_fields__[item["name"]].metadata
        assert about["low"] <= found <= about["high"]


def test_differences_are_those_alone():
    changed = Assumptions(cap_rate_exit=0.08)
    assert [d["name"] for d in differences(changed, Assumptions())] == ["cap_rate_exit"]
    assert differences(Assumptions(), Assumptions()) == []
