"""Share counts of covers by hand: which count, which classes are added, and what speaks against a count."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.edgar import shares
from screener.sources.edgar.found import Stock
from tests.screener.sources.edgar.stated import day, facts

COUNT = {"taxonomy": "dei", "concept": "EntityCommonStockSharesOutstanding", "unit": "shares", "end": "2025-08-01"}
CLASS = "us-gaap:StatementClassOfStockAxis"


def of_class(letter: str, value: float, **more: object) -> dict:
    return {"value": value, "dimensions": ((CLASS, f"us-gaap:CommonClass{letter}Member"),), **more}


def counts(*told: dict, ticker: str = "CLSK", order: tuple[str, ...] = ("a1",)) -> list[Stock]:
    return shares.counts(facts(*told, **COUNT), ticker, order)


def test_a_cover_states_its_count_and_of_two_days_the_later():
    (found,) = counts({"value": 300.0, "end": "2025-08-04"}, {"value": 200.0})
    assert (found.item, found.value, found.unit, found.end) == (
        "shares_outstanding",
        300.0,
        "shares",
        day("2025-08-04"),
    )
    assert (found.derivation, found.checks, found.needs, found.accession) == ("cover 300", (), (), "a1")
    (found,) = counts({"value": 300.0, "doubt": "290 and 300"})
    assert found.needs == ("the cover states two counts: 290 and 300",)


@pytest.mark.parametrize(
    "other",
    [{"taxonomy": "us-gaap"}, {"concept": "EntityPublicFloat"}, {"unit": "USD"},
     {"dimensions": ((CLASS, "us-gaap:CommonClassAMember"), ("us-gaap:LegalEntityAxis", "x:SubsidiaryMember"))},
     {"dimensions": (("us-gaap:LegalEntityAxis", "x:SubsidiaryMember"),)}],
    ids=["taxonomy", "concept", "unit", "class of a subsidiary", "subsidiary"],
)  # fmt: skip
def test_only_a_cover_s_count_of_the_company_or_of_one_class_is_read(other):
    assert counts({"value": 900.0} | other) == []
    assert [one.value for one in counts({"value": 900.0} | other, {"value": 300.0})] == [300.0]


def test_counts_stand_in_the_order_given_and_filings_without_a_cover_give_none():
    told = ({"value": 1.0, "accession": "a1"}, {"value": 2.0, "accession": "a2"}, {"value": 3.0, "accession": "a3"})
    assert [one.value for one in counts(*told, order=("a3", "a9", "a1"))] == [3.0, 1.0]


def test_a_count_of_the_whole_stands_before_its_classes():
    assert [one.value for one in counts(of_class("A", 200.0), {"value": 300.0}, ticker="CRWV")] == [300.0]


def test_classes_are_added_as_the_table_says_on_the_newest_day_of_the_cover():
    told = (of_class("A", 192.0), of_class("B", 198.0), of_class("A", 5.0, end="2025-07-01"))
    (galaxy,) = counts(*told, ticker="GLXY")
    assert (galaxy.value, galaxy.end) == (192.0, day("2025-08-01"))
    assert galaxy.derivation == "cover, by class: CommonClassAMember 192"
    assert galaxy.needs == (
        "CommonClassBMember 198 has no economics, its partnership units exchange one for one: 390 with them",
    )
    (nebius,) = counts(of_class("B", 35.0), of_class("A", 203.0), of_class("C", 9.0), ticker="NBIS")
    assert (nebius.value, nebius.derivation) == (
        238.0, "cover, by class: CommonClassAMember 203 + CommonClassBMember 35",
    )  # fmt: skip
    assert (nebius.checks, nebius.needs) == (("CommonClassCMember 9 carries no economics",), ())
    (core,) = counts(of_class("C", 1.0), of_class("B", 98.0), of_class("A", 447.0), ticker="CRWV")
    assert (core.value, core.checks, core.needs) == (546.0, (), ())


def test_an_unknown_class_counts_for_a_person_and_one_that_is_missing_is_named():
    (found,) = counts(of_class("A", 12.0), of_class("X", 3.0), of_class("D", 4.0), ticker="GREE")
    assert found.value == 19.0
    assert found.needs == (
        "classes.csv does not say whether CommonClassDMember, CommonClassXMember of GREE carry economics",
        "the cover has no count of CommonClassBMember",
    )


def held(*told: tuple[float, str], splits: tuple[str, ...] | None = (), known: str = "2025-08-07") -> list[tuple]:
    """The needs of each of these counts (value, day), each filed on the day `known`."""
    made = [Stock("shares_outstanding", day(on), value, "shares", "", f"a{at}") for at, (value, on) in enumerate(told)]
    days = pd.Series({one.accession: day(known) for one in made})
    frame = None if splits is None else pd.DataFrame({"first_day_on_new_basis": pd.to_datetime(list(splits))})
    found = shares.held_against(made, days, frame)
    assert [one.value for one in found] == [value for value, _ in told]
    return [one.needs for one in found]


FIRST = (100.0, "2025-05-01")


@pytest.mark.parametrize(
    ("count", "told"),
    [(80.0, ()), (79.0, ("0.79 times the count of 2025-05-01, 100",)), (300.0, ()),
     (301.0, ("3.01 times the count of 2025-05-01, 100",)), (0.0, ("the count is not positive",)),
     (-5.0, ("the count is not positive",))],
)  # fmt: skip
def test_a_count_below_four_fifths_or_above_three_times_the_one_before_is_for_a_person(count, told):
    assert held(FIRST, (count, "2025-08-01")) == [(), told]


def test_the_count_before_is_the_latest_day_that_is_earlier():
    assert held((100.0, "2025-06-01"), (10.0, "2025-05-01"), (20.0, "2025-08-01")) == [
        (), (), ("0.20 times the count of 2025-06-01, 100",),
    ]  # fmt: skip
    assert held(FIRST, (900.0, "2025-05-01"))[1] == ()  # of the same day: no leap
    assert held((0.0, "2025-05-01"), (900.0, "2025-08-01"))[1] == ()  # nothing to measure against


@pytest.mark.parametrize(
    ("split", "told"),
    [("2025-08-01", False), ("2025-08-02", True), ("2025-08-07", True), ("2025-08-08", False)],
)
def test_a_split_after_the_count_and_not_after_its_filing_is_for_a_person(split, told):
    words = f"split of {split}, between the count and the filing: its basis is not stated"
    assert held((100.0, "2025-08-01"), splits=(split,)) == [(words,) if told else ()]
    assert held((100.0, "2025-08-01"), splits=None) == [()]
