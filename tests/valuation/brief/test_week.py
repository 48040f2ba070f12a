"""What the brief says of the gap before and now: both known and of one statistic, or nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from valuation.brief.week import _gap_before_and_now, _settings


def changes(before: dict, after: dict, old: bool = False) -> SimpleNamespace:
    basis = SimpleNamespace(closes_old=old)
    plain = {"statistic": "hodges_lehmann", "ratio": 2.0, "premium": None}
    return SimpleNamespace(before=SimpleNamespace(headline=plain | before, basis=SimpleNamespace(closes_old=False)),
                           after=SimpleNamespace(headline=plain | after, basis=basis))  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [({}, {"ratio": 2.5}, True), ({"ratio": None}, {}, False), ({}, {"ratio": None}, False),
     ({"statistic": "median"}, {}, False), ({"ratio": None}, {"ratio": None}, False)],
)  # fmt: skip
def test_a_gap_before_and_now(before, after, said):
    found = _gap_before_and_now(changes(before, after))
    assert len(found) == said
    assert all("was 2.0x and is now 2.5x" in one.text for one in found)


@pytest.mark.parametrize(("before", "after", "said"), [(1.61, 1.65, True), (None, 1.65, False), (1.61, None, False)])
def test_without_a_gap_of_the_groups_the_premium_of_the_line_is_told(before, after, said):
    found = _gap_before_and_now(changes({"ratio": None, "premium": before}, {"ratio": None, "premium": after}))
    assert len(found) == said
    assert all("was +161% in that run and is +165% in this" in one.text for one in found)


def test_old_closes_are_spoken_of_in_the_past():
    (one,) = _gap_before_and_now(changes({}, {}, old=True))
    assert "in that run" in one.text


@pytest.mark.parametrize(
    ("n", "said"), [(0, ""), (1, "1 setting of the two runs differs"), (2, "2 settings of the two runs differ")]
)
def test_settings_that_differ(n, said):
    found = _settings(SimpleNamespace(settings=("x",) * n))
    assert len(found) == (n > 0)
    assert all(one.text.startswith(said) for one in found)
