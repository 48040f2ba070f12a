"""Groups of tags made here: what counts, what is a part, what clashes, and what is incomplete; one rule at a time."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.edgar.groups import choose, missing, read
from screener.sources.edgar.item_map import Group, Line
from screener.sources.edgar.statements import Statement

END = pd.Timestamp("2025-06-30")


def line(
    name: str, combine: str = "sum", *, required: bool = False, contains: str = "", side: str = "", unit: str = "USD"
) -> Line:
    parts = tuple(f"us-gaap:{one}" for one in contains.split())
    return Line(f"us-gaap:{name}", unit, combine, required, parts, side)


def group(*lines: Line, name: str = "first", rank: int = 1, ifrs: bool = False) -> Group:
    return Group("debt_total", rank, name, ifrs, lines)


def stated(doubts: dict[str, str] | None = None, **values: float) -> Statement:
    return Statement("a1", pd.NaT, END, {(f"us-gaap:{tag}", "USD"): float(value) for tag, value in values.items()},
                     {(f"us-gaap:{tag}", "USD"): words for tag, words in (doubts or {}).items()})  # fmt: skip


WHOLE = group(line("Whole"))


def beside(combine: str, whole: float, other: float, third: float | None = None) -> tuple[float, tuple, tuple]:
    """Value, checks and needs of a figure beside another group's, and a third that is a sum."""
    groups = [WHOLE, group(line("Other", combine), name="second", rank=2), group(line("Third"), name="third", rank=3)]
    values = {"Whole": whole, "Other": other} | ({} if third is None else {"Third": third})
    found = choose(groups, stated(**values))
    return found.value, found.checks, found.needs


@pytest.mark.parametrize(
    ("combine", "whole", "other", "third", "checks", "needs"),
    [
        ("sum", 100.0, 100.1, None, ("second agrees (Other 100.1)",), ()),
        ("sum", 100.0, 98.0, None, (), ()),  # within two percent: neither confirmed nor a clash
        ("sum", 100.0, 97.9, None, (), ("clash: second gives 97.9 (Other 97.9)",)),
        ("sum", 100.0, 50.0, 100.0, ("third agrees (Third 100)", "second gives 50 (Other 50)"), ()),
        ("part", 100.0, 50.0, None, ("second gives 50 (Other 50): a part",), ()),
        ("bound", 100.0, 50.0, None, ("second gives 50 (Other 50): a part",), ()),
        ("part", 100.0, 200.0, None, (), ("clash: second gives 200 (Other 200)",)),
        ("part", 100.0, -200.0, None, (), ("clash: second gives -200 (Other -200)",)),
        ("part", -100.0, -50.0, None, ("second gives -50 (Other -50): a part",), ()),
        ("confirm", 100.0, 200.0, None, (), ()),
        ("confirm", 100.0, 100.0, None, ("second agrees (Other 100)",), ()),
    ],
)
def test_another_group_agrees_is_a_part_or_clashes(combine, whole, other, third, checks, needs):
    assert beside(combine, whole, other, third) == (whole, checks, needs)


def test_the_first_group_is_the_value_and_one_that_confirms_never_is():
    groups = [
        group(line("C", "confirm"), name="c"),
        group(line("A"), name="a", rank=2),
        group(line("B"), name="b", rank=3),
    ]
    found = choose(groups, stated(A=7, B=7, C=7))
    assert (found.group.name, found.value, found.checks) == ("a", 7.0, ("c agrees (C 7)", "b agrees (B 7)"))
    assert choose(groups, stated(C=7)) is None
    ifrs = [group(line("B"), name="i", ifrs=True), group(line("A"), name="a", rank=2)]
    assert choose(ifrs, stated(A=7, B=9)).value == 7.0
    assert choose(ifrs, stated(A=7, B=9)).needs == ()
    assert choose(ifrs, stated(B=9)).value == 9.0


def test_two_values_of_a_tag_that_counts_are_for_a_person_unless_another_group_confirms():
    doubts = {"Whole": "99 and 100", "Other": "1 and 2"}
    assert choose([WHOLE], stated(doubts, Whole=100, Other=5)).needs == ("us-gaap:Whole is stated twice: 99 and 100",)
    groups = [WHOLE, group(line("Other"), name="second", rank=2)]
    assert choose(groups, stated(doubts, Whole=100, Other=100)).needs == ()


@pytest.mark.parametrize(
    ("lines", "needs"),
    [
        ([line("A", "bound")], ("no line of the balance sheet states it; the figures of the notes may be a part",)),
        ([line("A", "times 0.001")], ("an own tag in another unit",)),
        ([line("A", side="current"), line("B", side="noncurrent")],
         ("incomplete: no noncurrent line of debt_total is stated, and no other figure confirms the sum",)),
    ],
)  # fmt: skip
def test_what_is_for_a_person_until_another_group_confirms_it(lines, needs):
    first = group(*lines)
    assert choose([first], stated(A=100)).needs == needs
    confirmed = choose(
        [first, group(line("C"), name="second", rank=2)], stated(A=100, C=0.1 if "times" in lines[0].combine else 100)
    )
    assert confirmed.needs == (needs if "times" in lines[0].combine else ())


@pytest.mark.parametrize(
    ("lines", "values", "value", "words"),
    [
        ([line("A"), line("B")], {"A": 3.0, "B": 4.5}, 7.5, "A 3 + B 4.5"),
        ([line("A", required=True), line("B", "less")], {"A": 3.0, "B": 1.0}, 2.0, "A 3 - B 1"),
        ([line("B", "less"), line("A")], {"A": 3.0, "B": 1.0}, 2.0, "A 3 - B 1"),
        ([line("A", "times 0.001")], {"A": 5000.0}, 5.0, "A 5000 x 0.001"),
        ([line("A"), line("B", "beside")], {"A": 3.0, "B": 9.0}, 3.0, "A 3"),
        ([line("A", required=True), line("B")], {"B": 9.0}, None, ""),
        ([line("A"), line("B", "beside", required=True)], {"A": 9.0}, None, ""),
        ([line("A"), line("B", "beside")], {"B": 9.0}, None, ""),  # nothing to add
        ([line("A"), line("B", "less")], {"B": 9.0}, None, ""),
        ([line("A", unit="shares")], {"A": 9.0}, None, ""),
    ],
)
def test_a_group_is_what_is_added_less_what_is_taken_off(lines, values, value, words):
    found = read(group(*lines), stated(**values))
    assert (None if found is None else (found.value, found.derivation)) == (None if value is None else (value, words))


@pytest.mark.parametrize(
    ("values", "value", "notes", "doubts", "otherwise"),
    [
        # W contains P and Q.
        ({"W": 100.0, "P": 60.0, "Q": 40.0}, 100.0, ("W 100 is the sum of its parts",), (), None),
        ({"W": 100.1, "P": 60.0, "Q": 40.0}, 100.1, ("W 100.1 is the sum of its parts",), (), None),
        ({"W": 60.0, "P": 60.0, "Q": 40.0}, 100.0, ("W 60 repeats its parts",), (), None),
        ({"W": 40.0, "P": 60.0, "Q": 40.0}, 100.0, ("W 40 repeats its parts",), (), None),
        (
            {"W": 150.0, "P": 60.0, "Q": 40.0},
            150.0,
            (),
            ("W 150 may contain P 60 and Q 40 or stand beside it",),
            (250.0, "W 150 + P 60 + Q 40"),
        ),
        ({"W": 150.0, "P": 60.0}, 150.0, (), ("W 150 may contain P 60 or stand beside it",), (210.0, "W 150 + P 60")),
        ({"W": 150.0, "P": 0.0}, 150.0, (), (), None),
        (
            {"W": 150.0, "P": 60.0, "Q": 0.0},
            150.0,
            (),
            ("W 150 may contain P 60 and Q 0 or stand beside it",),
            (210.0, "W 150 + P 60 + Q 0"),
        ),
        ({"W": 60.0, "P": 60.0}, 60.0, ("W 60 is the sum of its parts",), (), None),
        ({"W": 50.0, "P": 60.0}, 110.0, (), ("W 50 is less than P 60, which it should contain",), None),
        ({"W": 0.0, "P": 60.0}, 60.0, (), (), None),
        ({"P": 60.0, "Q": 60.0}, 60.0, (), ("P and Q state the same figure 60, counted once",), (120.0, "P 60 + Q 60")),
        (
            {"P": 60.0, "Q": 60.05},
            60.0,
            (),
            ("P and Q state the same figure 60, counted once",),
            (120.05, "P 60 + Q 60.05"),
        ),
        ({"P": 60.0, "Q": 60.1}, 120.1, (), (), None),
        ({"P": 0.0, "Q": 0.0}, 0.0, (), (), None),
    ],
)
def test_tags_that_overlap_count_once(values, value, notes, doubts, otherwise):
    found = read(group(line("P"), line("W", contains="P Q"), line("Q")), stated(**values))
    assert found.value == pytest.approx(value, rel=1e-12)
    assert (found.notes, found.doubts) == (notes, doubts)
    if otherwise is None:
        assert found.otherwise is None
    else:
        assert found.otherwise == (pytest.approx(otherwise[0], rel=1e-12), otherwise[1])


def test_of_several_parts_some_may_be_repeated_and_the_smallest_whole_is_looked_at_first():
    lines = [line("W", contains="P Q R V"), line("V", contains="P Q"), line("P"), line("Q"), line("R")]
    found = read(group(*lines), stated(P=10, Q=20, R=40, W=30))
    assert (found.value, found.notes) == (70.0, ("W 30 repeats its parts",))
    nested = read(group(*lines), stated(P=10, Q=20, V=30, R=40, W=70))
    assert (nested.value, nested.notes, nested.doubts) == (
        70.0, ("V 30 is the sum of its parts", "W 70 is the sum of its parts"), (),
    )  # fmt: skip


def test_a_doubt_is_settled_by_a_group_that_agrees_with_either_meaning():
    first = group(line("W", contains="P"), line("P"))
    second = group(line("T"), name="second", rank=2)
    alone = choose([first], stated(W=150, P=60))
    assert (alone.value, alone.needs) == (150.0, ("W 150 may contain P 60 or stand beside it",))
    inside = choose([first, second], stated(W=150, P=60, T=150))
    assert (inside.value, inside.derivation, inside.needs) == (150.0, "W 150", ())
    apart = choose([first, second], stated(W=150, P=60, T=210))
    assert (apart.value, apart.derivation, apart.checks, apart.needs) == (
        210.0, "W 150 + P 60", ("second agrees (T 210)",), (),
    )  # fmt: skip
    neither = choose([first, second], stated(W=150, P=60, T=180))
    assert neither.needs == ("W 150 may contain P 60 or stand beside it", "clash: second gives 180 (T 180)")


@pytest.mark.parametrize(
    ("lines", "values", "why"),
    [
        ([line("A", required=True), line("B")], {"B": 1.0}, "first is incomplete: no A"),
        (
            [line("A", required=True), line("C", required=True), line("B")],
            {"B": 1.0},
            "first is incomplete: no A and no C",
        ),
        ([line("A", required=True), line("B")], {"C": 1.0}, ""),
        ([line("A", required=True), line("B")], {"A": 1.0}, ""),
        ([line("A", required=True), line("B", "less")], {"B": 1.0}, ""),  # a difference: the item is no line of its own
        ([line("A"), line("C", required=True), line("B", "less")], {"A": 1.0}, ""),
        ([line("A", "confirm", required=True), line("B", "confirm")], {"B": 1.0}, ""),
        ([line("A", required=True), line("B", "beside")], {"B": 1.0}, ""),  # nothing of it is stated
        ([line("A", required=True), line("B", "beside"), line("C")], {"B": 1.0, "C": 2.0}, "first is incomplete: no A"),
    ],
)
def test_why_an_item_has_no_value_although_it_is_stated_in_part(lines, values, why):
    assert missing([group(*lines)], stated(**values)) == why
    complete = group(line("Z"), name="other", rank=2)
    assert missing([complete, group(*lines)], stated(**values)) == why
