"""Revenue by business by hand: which split counts, which tags, when it sums to the total; and overhead without awards."""

from __future__ import annotations

import pytest

from screener.sources.edgar import segments
from tests.screener.sources.edgar.stated import day, facts

PRODUCT, SEGMENT = "srt:ProductOrServiceAxis", "us-gaap:StatementBusinessSegmentsAxis"
ITEMS = ("srt:ConsolidationItemsAxis", "us-gaap:OperatingSegmentsMember")
SPAN = (day("2025-04-01"), day("2025-06-30"))
SHARED = {"start": "2025-04-01", "end": "2025-06-30"}
MINING, CLOUD = "DigitalAssetMiningMember", "CloudServicesMember"  # both in members.csv of BTBT


def by(*members: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((axis, member if ":" in member else f"btbt:{member}") for axis, member in members)


def revenue(value: float, *members: tuple[str, str], **more: object) -> dict:
    return {"concept": "Revenues", "value": value, "dimensions": by(*members)} | more


def parts(*told: dict, total: float = 100.0, ticker: str = "BTBT", totals: dict | None = None) -> tuple[list, list]:
    found, left = segments.parts(facts(*told, **SHARED), {SPAN: total} if totals is None else totals, ticker)
    return found, [(one.item, one.end, one.tag, one.unit, one.value, one.reason, one.accession) for one in left]


def values(*told: dict, **more: object) -> dict[str, float]:
    return {part[0]: part[3] for part in parts(*told, **more)[0]}


def test_parts_that_sum_to_the_total_are_told_with_their_members():
    told = (revenue(55.0, (PRODUCT, MINING)), revenue(5.0, (PRODUCT, "ColocationServicesMember")),
            revenue(40.0, (PRODUCT, CLOUD)))  # fmt: skip
    agrees = ("the parts sum to total revenue 100",)
    assert parts(*told) == (
        [("revenue_ai_hpc", *SPAN, 45.0, "CloudServicesMember 40 + ColocationServicesMember 5", "a1", agrees, ()),
         ("revenue_mining", *SPAN, 55.0, "DigitalAssetMiningMember 55", "a1", agrees, ())],
        [],
    )  # fmt: skip


@pytest.mark.parametrize(("mining", "whole"), [(60.0, True), (59.5, True), (59.4, False), (60.5, True), (60.6, False)])
def test_parts_are_used_within_half_a_percent_of_the_total(mining, whole):
    found, left = parts(revenue(mining, (PRODUCT, MINING)), revenue(40.0, (PRODUCT, CLOUD)))
    assert bool(found) is whole
    reason = f"its members sum to {mining + 40:g}, total revenue is 100"
    assert left == (
        [] if whole else [("revenue_ai_hpc", SPAN[1], "ProductOrServiceAxis", "USD", mining + 40, reason, "a1")]
    )


def test_the_first_split_that_sums_counts_and_where_none_does_each_is_left():
    product, segment = revenue(70.0, (PRODUCT, MINING)), revenue(100.0, (SEGMENT, CLOUD))
    assert parts(product, segment)[1] == []
    assert values(product, segment) == {"revenue_ai_hpc": 100.0}
    both = revenue(100.0, (PRODUCT, CLOUD)), revenue(100.0, (SEGMENT, MINING))
    assert values(*both) == {"revenue_ai_hpc": 100.0}  # products before segments
    within = revenue(60.0, ITEMS, (PRODUCT, MINING), (SEGMENT, CLOUD)), revenue(20.0, ITEMS, (SEGMENT, MINING))
    assert [one[2:5] for one in parts(product, *within)[1]] == [
        ("ProductOrServiceAxis", "USD", 70.0), ("StatementBusinessSegmentsAxis", "USD", 20.0),
        ("StatementBusinessSegmentsAxis", "USD", 60.0),
    ]  # fmt: skip


def test_of_product_and_segment_the_product_names_the_business_and_only_operating_segments_count():
    assert values(revenue(100.0, ITEMS, (PRODUCT, MINING), (SEGMENT, CLOUD))) == {"revenue_mining": 100.0}
    assert values(revenue(100.0, ITEMS, (SEGMENT, MINING))) == {"revenue_mining": 100.0}
    assert values(revenue(100.0, (SEGMENT, MINING), ITEMS)) == {"revenue_mining": 100.0}
    eliminated = (ITEMS[0], "us-gaap:IntersegmentEliminationMember")
    assert parts(revenue(100.0, eliminated, (PRODUCT, MINING))) == ([], [])
    assert parts(revenue(100.0, (PRODUCT, MINING), (SEGMENT, CLOUD))) == ([], [])  # no way to split is known


@pytest.mark.parametrize(
    ("other", "read"),
    [
        ({}, True),
        ({"concept": "RevenueFromContractWithCustomerExcludingAssessedTax"}, True),
        ({"taxonomy": "ifrs-full", "concept": "Revenue"}, True),
        ({"taxonomy": "btbt", "concept": "HostingRevenue"}, True),
        ({"concept": "HostingRevenue"}, False),  # no tag of us-gaap
        ({"taxonomy": "btbt", "concept": "CostOfRevenue"}, False),
        ({"taxonomy": "btbt", "concept": "OperatingLeaseLeaseIncome"}, False),  # an own tag of that name
        ({"taxonomy": "btbt", "concept": "DeferredRevenue"}, False),
        ({"unit": "EUR"}, False),
        ({"start": None}, False),
        ({"dimensions": ()}, False),
        ({"dimensions": by(("us-gaap:TypeAxis", MINING))}, False),
        ({"end": "2025-06-29"}, False),  # a span without a total
    ],
)
def test_which_facts_are_revenue_of_a_business(other, read):
    assert values(revenue(100.0, (PRODUCT, MINING)) | other) == ({"revenue_mining": 100.0} if read else {})
    assert values(revenue(100.0, (PRODUCT, CLOUD)), revenue(900.0, (PRODUCT, MINING)) | other) == (
        {} if read else {"revenue_ai_hpc": 100.0}
    )


def test_businesses_stand_by_item_and_a_part_alone_is_left():
    told = (revenue(60.0, (PRODUCT, "AMiningMember")), revenue(40.0, (PRODUCT, "ZCloudMember")))
    assert [part[0] for part in parts(*told)[0]] == ["revenue_ai_hpc", "revenue_mining"]
    assert [one[4] for one in parts(told[0])[1]] == [60.0]


def test_each_span_is_held_against_its_own_total_in_order_of_time():
    earlier = {"start": "2025-01-01", "end": "2025-03-31"}
    told = (revenue(100.0, (PRODUCT, MINING)), revenue(30.0, (PRODUCT, MINING), **earlier))
    totals = {SPAN: 100.0, (day("2025-01-01"), day("2025-03-31")): 30.0}
    assert [part[2:4] for part in parts(*told, totals=totals)[0]] == [(day("2025-03-31"), 30.0), (SPAN[1], 100.0)]
    assert parts(*told, totals={}) == ([], [])


CONTRACTS, LEASES = "RevenueFromContractWithCustomerExcludingAssessedTax", "OperatingLeaseLeaseIncome"


@pytest.mark.parametrize(
    ("tags", "value"),
    [
        ([("Revenues", 100.0), (CONTRACTS, 70.0), (LEASES, 30.0)], 100.0),
        ([(CONTRACTS, 70.0), (LEASES, 30.0)], 100.0),
        (
            [(CONTRACTS, 100.0), ("RevenueFromContractWithCustomerIncludingAssessedTax", 100.09)],
            100.0,
        ),  # one figure twice
        ([(CONTRACTS, 49.8), ("RevenueFromContractWithCustomerIncludingAssessedTax", 50.2)], 100.0),
        ([("Revenues", 100.0), ("Revenues", 99.0)], 100.0),
        ([(CONTRACTS, 100.0), (CONTRACTS, 60.0)], 100.0),
    ],
)
def test_one_figure_a_business_the_total_s_tag_before_contracts_and_leases(tags, value):
    told = [revenue(amount, (PRODUCT, MINING), concept=tag) for tag, amount in tags]
    assert values(*told) == {"revenue_mining": pytest.approx(value, rel=1e-12)}


@pytest.mark.parametrize(
    ("member", "item"),
    [
        ("MinerHostingMember", "revenue_hosting"),
        ("HpcLeasingMember", "revenue_ai_hpc"),
        ("AIPlatformMember", "revenue_ai_hpc"),
        ("BitcoinMinedMember", "revenue_mining"),
        ("AirportMember", "revenue_other"),
    ],
)
def test_a_member_that_the_table_does_not_have_is_read_by_its_words_for_a_person(member, item):
    ((found, *_, needs),), _ = parts(revenue(100.0, (PRODUCT, member)))
    assert (found, needs) == (item, (f"members.csv of BTBT does not have {member}",))
    known, _ = parts(revenue(60.0, (PRODUCT, member)), revenue(40.0, (PRODUCT, "OtherMember")))
    assert {part[0]: part[7] for part in known}[item] == (f"members.csv of BTBT does not have {member}",)


SGA = {"concept": "SellingGeneralAndAdministrativeExpense", "value": 50.0}
INSIDE = (("us-gaap:IncomeStatementLocationAxis", "us-gaap:SellingGeneralAndAdministrativeExpensesMember"),)
AWARDS = {"concept": "AllocatedShareBasedCompensationExpense", "value": 20.0, "dimensions": INSIDE}
WORN = {"concept": "DepreciationDepletionAndAmortization", "value": 3.0, "dimensions": INSIDE}


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ((SGA, AWARDS), 30.0), ((SGA, AWARDS, WORN), 27.0), ((SGA,), None), ((SGA, WORN), None), ((AWARDS,), None),
        ((SGA, AWARDS, AWARDS | {"value": 12.0}), 30.0),
        ((SGA, AWARDS | {"dimensions": ()}), None),
        ((SGA, AWARDS | {"dimensions": (*INSIDE, *by((SEGMENT, CLOUD)))}), None),
        ((SGA, AWARDS | {"dimensions": ((INSIDE[0][0], "us-gaap:CostOfSalesMember"),)}), None),
        ((SGA, AWARDS | {"start": "2025-01-01"}), None), ((SGA, AWARDS | {"end": "2025-06-29"}), None),
        ((SGA, AWARDS | {"unit": "EUR"}), None), ((SGA, AWARDS | {"taxonomy": "btbt"}), None),
        ((SGA | {"start": None}, AWARDS | {"start": None}), None),
        ((SGA | {"dimensions": by((SEGMENT, CLOUD))}, AWARDS), None),
        ((SGA, AWARDS, WORN | {"start": "2025-01-01"}), 30.0),
    ],
)  # fmt: skip
def test_cash_overhead_is_without_the_awards_and_the_depreciation_inside_it(told, value):
    found = segments.overhead(facts(*told, **SHARED))
    assert [row[:3] for row in found] == ([] if value is None else [(*SPAN, value)])
    if value == 27.0:
        assert found[0][3] == (
            "SellingGeneralAndAdministrativeExpense 50 - stock awards in it 20 - depreciation in it 3"
        )  # fmt: skip
    elif value == 30.0:
        assert found[0][3] == "SellingGeneralAndAdministrativeExpense 50 - stock awards in it 20"
