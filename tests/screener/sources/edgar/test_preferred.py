"""Preferred equity by hand: what it is carried at, what it can be redeemed at, in its units, and series that are added."""

from __future__ import annotations

import pytest

from screener.sources.edgar import preferred
from screener.sources.edgar.groups import Choice, Group
from tests.screener.sources.edgar.stated import JUNE, facts

WHOLE = Choice(100.0, "PreferredStockValue 100", ("us-gaap:PreferredStockValue",), Group("x", 1, "lines", False, ()),
               ("stated",), ("clash",))  # fmt: skip
ALL, EACH = "PreferredStockLiquidationPreferenceValue", "PreferredStockLiquidationPreference"
SHARES, CARRYING = "PreferredStockSharesOutstanding", "TemporaryEquityCarryingAmountAttributableToParent"
ADDED = "added over series of preferred shares; read at what each can be redeemed"


def series(name: str, axis: str = "us-gaap:StatementClassOfStockAxis") -> tuple[tuple[str, str], ...]:
    return ((axis, f"us-gaap:{name}"),) if name else ()


def stated(concept: str, unit: str, name: str, value: float, **more: object) -> dict:
    return {"concept": concept, "unit": unit, "dimensions": series(name), "value": value} | more


def equity(*told: dict, whole: Choice | None = WHOLE) -> list[tuple]:
    found = preferred.equity(facts(*told), whole, JUNE, "a1")
    assert {(one.item, one.end, one.unit, one.accession) for one in found} <= {("preferred_equity", JUNE, "usd", "a1")}
    return [(one.value, one.derivation, one.checks, one.needs) for one in found]


@pytest.mark.parametrize(
    ("rows", "amount", "words"),
    [
        ([(ALL, "USD", "", 500.0)], 500.0, f"{ALL} 500"),
        ([(ALL, "USD", "", 700.0), (ALL, "USD", "", 500.0)], 700.0, f"{ALL} 700"),
        ([("PreferredStockRedemptionAmount", "USD", "", 700.0), (ALL, "USD", "", 700.0)], 700.0,
         "PreferredStockRedemptionAmount 700"),
        ([(ALL, "EUR", "", 900.0), (EACH, "USD/shares", "", 25.0), (SHARES, "shares", "", 10.0)], 250.0,
         "10 shares at 25"),
        ([(ALL, "USD", "A", 900.0), (EACH, "USD/shares", "", 25.0), (SHARES, "shares", "", 10.0)], 250.0,
         "10 shares at 25"),  # one series is not all
        ([(EACH, "USD/shares", "B", 10.0), (EACH, "USD/shares", "A", 25.0), (SHARES, "shares", "A", 4.0),
          (SHARES, "shares", "B", 7.0), (SHARES, "shares", "", 11.0)], 170.0, "4 shares at 25 + 7 shares at 10"),
        ([(EACH, "USD/shares", "A", 25.0), (EACH, "USD/shares", "", 30.0), (SHARES, "shares", "A", 4.0),
          (SHARES, "shares", "", 9.0)], 100.0, "4 shares at 25"),  # series before the whole
        ([(EACH, "USD/shares", "A", 25.0), (SHARES, "shares", "", 4.0)], 100.0, "4 shares at 25"),  # one price, one count
        ([(EACH, "USD/shares", "A", 25.0), (EACH, "USD/shares", "A", 30.0), (SHARES, "shares", "A", 2.0),
          (SHARES, "shares", "A", 1.0)], 60.0, "2 shares at 30"),
        ([(EACH, "USD/shares", "A", 25.0), (SHARES, "shares", "A", 4.0), (SHARES, "shares", "B", 9.0)], 100.0,
         "4 shares at 25"),
    ],
)  # fmt: skip
def test_the_amount_at_redemption_is_told_and_is_for_a_person_where_it_is_not_the_carrying_amount(rows, amount, words):
    checks = ("stated", f"redeemable at {amount:g}")
    needs = ("clash",) if amount == 100.0 else ("clash", f"carried at 100, redeemable at {amount:g} ({words})")
    assert equity(*(stated(*row) for row in rows)) == [(100.0, "PreferredStockValue 100", checks, needs)]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(SHARES, "shares", "", 10.0)],  # a count alone says nothing
        [(EACH, "USD", "", 25.0), (SHARES, "shares", "", 10.0)],  # another unit than a price a share
        [(EACH, "USD/shares", "", 25.0), (SHARES, "pure", "", 10.0)],
        [(EACH, "USD/shares", "A", 25.0), (EACH, "USD/shares", "B", 26.0), (SHARES, "shares", "", 4.0)],  # which price?
        [(EACH, "USD/shares", "A", 25.0), (SHARES, "shares", "B", 4.0)],
        [(EACH, "USD/shares", "A", 25.0)],
    ],
)
def test_without_a_price_and_its_count_nothing_is_told_of_redemption(rows):
    assert equity(*(stated(*row) for row in rows)) == [(100.0, "PreferredStockValue 100", ("stated",), ("clash",))]


@pytest.mark.parametrize(("redeemed", "doubted"), [(102.0, False), (102.1, True), (98.0, False), (97.9, True)])
def test_redemption_within_two_percent_of_the_carrying_amount_is_the_same(redeemed, doubted):
    ((_, _, checks, needs),) = equity(stated(ALL, "USD", "", redeemed))
    assert checks == ("stated", f"redeemable at {redeemed:g}")
    assert len(needs) == 1 + doubted


@pytest.mark.parametrize(
    "other",
    [{"taxonomy": "clsk"}, {"concept": "Assets"}, {"dimensions": series("A", "us-gaap:TypeAxis")},
     {"dimensions": (*series("A"), *series("B", "us-gaap:TypeAxis"))}],
)  # fmt: skip
def test_figures_of_another_tag_or_dimension_are_not_read(other):
    assert equity(stated(ALL, "USD", "", 500.0) | other)[0][3] == ("clash",)


def carried(name: str, value: float, **more: object) -> dict:
    return stated(CARRYING, "USD", name, value) | more


def test_series_are_added_for_a_person():
    told = (carried("SeriesBMember", 40.0), carried("SeriesAMember", 55.0), carried("SeriesAMember", 60.0))
    assert equity(*told, whole=None) == [
        (100.0, f"{CARRYING}: SeriesAMember 60 + SeriesBMember 40", (), (ADDED,))
    ]  # fmt: skip
    components = carried("", 40.0, dimensions=series("SeriesBMember", "us-gaap:StatementEquityComponentsAxis"))
    assert equity(components, whole=None)[0][0] == 40.0


@pytest.mark.parametrize(
    ("total", "checks", "needs"),
    [
        (100.5, ("the series sum to 100.5",), (ADDED,)),
        (99.5025, ("the series sum to 99.5025",), (ADDED,)),
        (100.6, (), (ADDED, "the series sum to 100, all preferred is stated at 100.6")),
        (99.4, (), (ADDED, "the series sum to 100, all preferred is stated at 99.4")),
    ],
)
def test_the_sum_of_the_series_is_held_against_all_preferred_within_half_a_percent(total, checks, needs):
    told = (carried("SeriesAMember", 100.0), carried("PreferredStockMember", total))
    assert equity(*told, whole=None) == [(100.0, f"{CARRYING}: SeriesAMember 100", checks, needs)]


def test_without_a_series_or_its_carrying_amount_there_is_no_preferred_equity():
    assert equity(stated(ALL, "USD", "", 500.0), whole=None) == []
    for told in (
        carried("PreferredStockMember", 9.0),
        carried("", 9.0),
        carried("SeriesAMember", 9.0) | {"unit": "EUR"},
    ):
        assert equity(told, whole=None) == []
    assert equity(carried("SeriesAMember", 9.0), stated(ALL, "USD", "SeriesBMember", 5.0), whole=None)[0][0] == 9.0
