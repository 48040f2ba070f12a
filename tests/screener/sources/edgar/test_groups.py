"""Groups of tags: the first complete one, overlaps of tags, clashes and confirmations; and the faults of the item map."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.errors import InputError
from screener.sources.edgar import tables
from screener.sources.edgar.groups import choose, missing, near, read
from screener.sources.edgar.item_map import Group, Line, groups, item_map
from screener.sources.edgar.statements import Statement, settle, statements
from screener.universes.items import FINANCIAL_ITEMS

DAY = pd.Timestamp("2025-06-30")
DEBT = item_map("")["debt_total"]
DEBT_LINES = next(group for group in DEBT if group.name == "current and noncurrent lines")


def stated(**values: float) -> Statement:
    """A balance sheet with these us-gaap tags."""
    return Statement("a1", pd.NaT, DAY, {(f"us-gaap:{tag}", "USD"): float(value) for tag, value in values.items()})


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    # A thousandth of the larger, whatever their signs.
    [(1000.0, 999.0, True), (1000.0, 998.9, False), (-1000.0, -999.0, True), (-999.0, -1000.0, True),
     (-1000.0, -998.9, False), (0.0, 0.0, True), (1000.0, -1000.0, False), (-0.5, 0.5, False)],
)  # fmt: skip
def test_figures_are_near_within_a_fraction_of_the_larger(one, other, alike):
    assert near(one, other, 0.001) is near(other, one, 0.001) is alike


@pytest.mark.parametrize(
    ("whole", "value", "doubts"),
    [
        (5.0, 15.0, ("Whole 5 is less than Part 10, which it should contain",)),
        (0.0, 10.0, ()),
        (12.0, 12.0, ("Whole 12 may contain Part 10 or stand beside it",)),
    ],
)
def test_a_tag_beside_the_tag_that_it_should_contain(whole, value, doubts):
    lines = (
        Line("us-gaap:Whole", "USD", "sum", False, ("us-gaap:Part",)),
        Line("us-gaap:Part", "USD", "sum", False, ()),
    )
    found = read(Group("cash", 1, "g", False, lines), stated(Whole=whole, Part=10.0))
    assert (found.value, found.doubts) == (value, doubts)


def test_current_and_noncurrent_lines_sum_and_the_total_confirms():
    found = choose(
        DEBT,
        stated(
            LoansPayableCurrent=176_424_000, LongTermLoansPayable=643_913_000, LongTermDebt=643_913_000,
            DebtInstrumentCarryingAmount=820_337_000, LoansPayable=835_143_000,
        ),
    )  # fmt: skip
    assert found.value == 820_337_000
    assert found.derivation == "LoansPayableCurrent 176424000 + LongTermLoansPayable 643913000"
    assert found.needs == ()


def test_a_total_that_repeats_one_of_its_parts_is_not_added():
    found = choose(
        DEBT,
        stated(
            ShortTermBorrowings=98, OtherLongTermDebtCurrent=43, ConvertibleDebtCurrent=490, LongTermDebtCurrent=43,
            OtherLongTermDebtNoncurrent=3060, ConvertibleDebtNoncurrent=1597, LongTermDebtNoncurrent=3060,
        ),
    )  # fmt: skip
    assert found.value == 98 + 43 + 490 + 3060 + 1597
    assert found.needs == ()


def test_a_total_of_its_parts_counts_once():
    lines = {"LongTermDebtNoncurrent": 100, "ConvertibleDebtNoncurrent": 60, "LongTermNotesPayable": 40}
    found = choose(DEBT, stated(DebtCurrent=0, **lines))
    assert (found.value, found.needs) == (100, ())


@pytest.mark.parametrize(
    ("values", "side"),
    [
        ({"LongTermDebtCurrent": 50}, "noncurrent"),
        ({"LongTermDebtNoncurrent": 50}, "current"),
        ({"LongTermDebtNoncurrent": 50, "DebtCurrent": 0}, ""),  # a zero that is stated is known
        (
            {"LongTermDebtCurrent": 50, "LongTermDebtAndCapitalLeaseObligations": 50},
            "noncurrent",
        ),  # another one-sided sum
        ({"LongTermDebtCurrent": 50, "DebtInstrumentCarryingAmount": 50}, ""),  # one figure of the whole confirms
    ],
)
def test_a_sum_of_which_a_side_is_not_stated_needs_a_person(values, side):
    found = choose(DEBT, stated(**values))
    assert found.value == 50
    told = f"incomplete: no {side} line of debt_total is stated, and no other figure confirms the sum"
    assert found.needs == ((told,) if side else ())


def test_every_sum_of_current_and_noncurrent_lines_names_the_side_of_each():
    for groups_of in item_map("").values():
        for group in groups_of:
            sides = [line.side for line in group.lines]
            paired = "current and noncurrent" in group.name and "in one figure" not in group.name
            assert all(sides) if paired else all(sides) or not any(sides)
            assert set(sides) in ({""}, {"current", "noncurrent"})
            for line in group.lines:
                if line.side and line.name.endswith("Noncurrent"):
                    assert line.side == "noncurrent"
                elif line.side and line.name.endswith("Current"):
                    assert line.side == "current"


def test_a_total_beside_another_line_needs_a_person_unless_a_total_decides():
    lines = {"LongTermDebtNoncurrent": 100, "ConvertibleDebtNoncurrent": 60}
    found = choose(DEBT, stated(**lines))
    assert found.value == 100
    assert "may contain ConvertibleDebtNoncurrent 60 or stand beside it" in found.needs[0]
    decided = choose(DEBT, stated(**lines, DebtLongtermAndShorttermCombinedAmount=160))
    assert (decided.value, decided.needs) == (160, ())
    inside = choose(DEBT, stated(**lines, DebtLongtermAndShorttermCombinedAmount=100))
    assert (inside.value, inside.needs) == (100, ())


def test_a_tag_contains_what_its_parts_contain():
    """Notes and loans contain notes, and notes senior ones: also where no line of notes is stated."""
    for groups_of in item_map("").values():
        for group in groups_of:
            contains = {line.name: set(line.contains) for line in group.lines}
            for name, parts in contains.items():
                assert name not in parts
                assert all(contains[one] < parts for one in parts)
    found = choose(DEBT, stated(DebtCurrent=0, LongTermNotesAndLoans=100, SeniorLongTermNotes=60))
    assert found.value == 100
    assert found.needs == ("LongTermNotesAndLoans 100 may contain SeniorLongTermNotes 60 or stand beside it",)


def test_one_figure_under_two_tags_counts_once_for_a_person():
    found = choose(DEBT, stated(SecuredLongTermDebt=70, OtherLongTermDebtNoncurrent=70))
    assert found.value == 70
    assert "counted once" in found.needs[0]


def test_a_clash_beyond_two_percent_needs_a_person():
    lines = {"LoansPayableCurrent": 100, "LongTermLoansPayable": 900}
    assert choose(DEBT, stated(**lines, DebtInstrumentCarryingAmount=1015)).needs == ()
    assert "clash" in choose(DEBT, stated(**lines, DebtInstrumentCarryingAmount=1025)).needs[0]


def test_notes_alone_are_for_a_person_and_no_tag_is_no_debt():
    assert "no line of the balance sheet" in choose(DEBT, stated(ConvertibleNotesPayable=50)).needs[0]
    assert choose(DEBT, stated(Assets=50)) is None


def test_restricted_cash_is_not_the_total_with_cash():
    found = choose(
        item_map("")["restricted_cash"],
        stated(
            RestrictedCash=3462, RestrictedCashAndCashEquivalents=38015, CashAndCashEquivalentsAtCarryingValue=34553,
            CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents=38015,
        ),
    )  # fmt: skip
    assert (found.value, found.needs) == (3462, ())


def test_an_incomplete_group_is_told():
    leases = item_map("")["lease_liabilities_finance"]
    assert choose(leases, stated(FinanceLeaseLiabilityCurrent=5)) is None
    assert missing(leases, stated(FinanceLeaseLiabilityCurrent=5)) == (
        "current and noncurrent is incomplete: no FinanceLeaseLiabilityNoncurrent"
    )


def test_gaap_stands_before_ifrs_and_the_two_do_not_clash():
    both = Statement("a1", pd.NaT, DAY, {("us-gaap:Assets", "USD"): 100.0, ("ifrs-full:Assets", "USD"): 130.0})
    found = choose(item_map("")["total_assets"], both)
    assert (found.value, found.needs) == (100, ())
    alone = Statement("a1", pd.NaT, DAY, {("ifrs-full:Assets", "USD"): 130.0})
    assert choose(item_map("")["total_assets"], alone).value == 130


def test_revenue_of_contracts_and_leases():
    ways = item_map("")["revenue_total"]
    lessor = stated(
        Revenues=34_012, RevenueFromContractWithCustomerIncludingAssessedTax=12_990, OperatingLeaseLeaseIncome=21_022
    )
    assert (choose(ways, lessor).value, choose(ways, lessor).needs) == (34_012, ())
    more = stated(Revenues=100, RevenueFromContractWithCustomerExcludingAssessedTax=120)
    assert "clash" in choose(ways, more).needs[0]


def test_net_income_includes_the_minority_where_it_is_stated():
    ways = item_map("")["net_income"]
    with_minority = stated(
        ProfitLoss=146_725, NetIncomeLoss=150_884, NetIncomeLossAttributableToNoncontrollingInterest=-4_159
    )
    assert (choose(ways, with_minority).value, choose(ways, with_minority).needs) == (146_725, ())
    assert choose(ways, stated(ProfitLoss=251_564, NetIncomeLoss=257_390)).value == 257_390


LINES = sorted({line.name.partition(":")[2] for line in DEBT_LINES.lines})


@given(st.dictionaries(st.sampled_from(LINES), st.integers(0, 10**9), min_size=1, max_size=8), st.randoms())
def test_a_group_never_exceeds_its_parts_and_the_order_of_rows_does_not_matter(values, random):
    reading = read(DEBT_LINES, stated(**values))
    assert max(values.values()) <= reading.value or reading.doubts or reading.notes
    assert reading.value <= sum(values.values())
    mixed = list(values.items())
    random.shuffle(mixed)
    again = read(DEBT_LINES, stated(**dict(mixed)))
    assert again == reading


def test_a_rounded_repetition_confirms_and_another_figure_is_doubted():
    rows = pd.DataFrame(
        {
            "taxonomy": "us-gaap", "concept": ["Cash"] * 2 + ["Assets"] * 2, "unit": "USD", "start": pd.NaT, "end": DAY,
            "value": [2_630_000_000.0, 2_629_995_000.0, 9_000_000.0, 7_774_675.0], "decimals": [-5.0, -3.0, -5.0, 0.0],
            "dimensions": [()] * 4, "accession": "a1", "form": "10-Q", "filed": DAY,
        }
    )  # fmt: skip
    one = statements(settle(rows))[0]
    assert one.values["us-gaap:Cash", "USD"] == 2_629_995_000
    assert one.values["us-gaap:Assets", "USD"] == 7_774_675
    assert list(one.doubts) == [("us-gaap:Assets", "USD")]
    assert "stated twice: 9000000 and 7774675" in choose(item_map("")["total_assets"], one).needs[0]


def test_the_packaged_tables_hold():
    assert set(tables.items()["item"]) <= set(FINANCIAL_ITEMS)
    assert set(tables.members()["item"]) <= {name for name in FINANCIAL_ITEMS if name.startswith("revenue_")}
    assert tables.filers()["from"].notna().all()
    assert [line.combine for line in item_map("CLSK")["btc_held"][0].lines] == ["times 0.001"]
    assert "btc_held" not in item_map("IREN")


HEADER = b"item,rank,group,taxonomy,concept,unit,combine,requires,excludes,ticker,side\n"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (b"cahs,1,g,us-gaap,Cash,USD,sum,,,,", "cash"),
        (b"cash,first,g,us-gaap,Cash,USD,sum,,,,", "items.csv:2: rank 'first'"),
        (b"cash,1,g,us-gaap,Cash,EUR,sum,,,,", "one of USD, shares"),
        (b"cash,1,g,us-gaap,Cash,USD,add,,,,", "combine 'add'"),
        (b"cash,1,g,us-gaap,Cash,USD,sum,maybe,,,", "requires 'maybe'"),
        (b"cash,1,g,us-gaap,Cash,USD,sum,,Notes,,", "excludes 'Notes'"),
        (b"cash,1,g,clsk,Cash,USD,sum,,,,", "the company whose own tag this is"),
        (b"cash,1,g,us-gaap,Cash,USD,less,,,,", "a tag to add"),
        (b"cash,1,g,us-gaap,Cash,USD,less,,,,\ncash,1,g,us-gaap,Coins,USD,less,,,,", "items.csv:2: combine"),
        (b"cash,1,g,us-gaap,Cash,USD,sum,,,,\ncash,2,g,us-gaap,Coins,USD,sum,,,,", "items.csv:2: rank"),
        (b"cash,1,g,us-gaap,Cash,USD,sum,,,,\ncash,2,g,us-gaap,Coins,USD,sum,,,,", "one rank"),
        (b"cash,1,g,us-gaap,Cash,USD,sum,,,,\ncash,1,g,us-gaap,Cash,USD,sum,,,,", "items.csv:3"),
        (b"cash,1,g,us-gaap,Cash,USD,sum,,,,currant", "side 'currant'"),
    ],
)  # fmt: skip
def test_a_fault_in_the_item_map_is_told_with_its_line(row, told):
    with pytest.raises(InputError, match=r"items\.csv:") as error:
        groups(tables.parse("items.csv", HEADER + row + b"\n"))
    assert told in str(error.value)


def test_groups_are_read_by_rank_with_each_line_as_its_row_says():
    rows = (
        b"cash,2,second,us-gaap,Part,USD,part,,,,\n"
        b"cash,1,first,us-gaap,Whole,USD,sum,yes,Part Other,,current\ncash,1,first,us-gaap,Part,USD,sum,,Small,,noncurrent\n"
        b"cash,1,first,us-gaap,Small,USD,less,,,,current\ncash,1,first,us-gaap,Other,shares,beside,,,,current\n"
        b"cash,3,third,us-gaap,Less,USD,less,,,,\ncash,3,third,us-gaap,Bound,USD,bound,,,,\n"
        b"cash,3,third,us-gaap,More,USD,sum,,,,\n"
        b"cash,1,IFRS first,ifrs-full,Cash,USD,confirm,,,,\nbtc_held,1,own,clsk,Coins,USD,times 0.001,,,CLSK,\n"
    )
    found = groups(tables.parse("items.csv", HEADER + rows))
    assert {item: [(one.name, one.rank, one.ifrs, one.kind) for one in ways] for item, ways in found.items()} == {
        "btc_held": [("own", 1, False, "times")],
        "cash": [
            ("IFRS first", 1, True, "confirm"),
            ("first", 1, False, "sum"),
            ("second", 2, False, "part"),
            ("third", 3, False, "bound"),
        ],  # what its first line that counts is
    }
    lines = {line.name.partition(":")[2]: line for line in found["cash"][1].lines}
    assert {name: (line.unit, line.factor, line.required, line.side) for name, line in lines.items()} == {
        "Whole": ("USD", 1.0, True, "current"), "Part": ("USD", 1.0, False, "noncurrent"),
        "Small": ("USD", -1.0, False, "current"), "Other": ("shares", 0.0, False, "current"),
    }  # fmt: skip
    assert set(lines["Whole"].contains) == {"us-gaap:Part", "us-gaap:Other", "us-gaap:Small"}
    assert lines["Small"].contains == ()
    assert found["btc_held"][0].lines[0].factor == 0.001


def test_a_company_has_the_general_groups_and_its_own_tags_alone():
    general, own = item_map(""), item_map("CLSK")
    assert set(own) - set(general) == {"btc_held", "revenue_mining"}
    assert own["debt_total"] == general["debt_total"]
    assert item_map("RIOT") == general
    names = {line.name.partition(":")[0] for ways in own.values() for group in ways for line in group.lines}
    assert names == {"us-gaap", "ifrs-full", "clsk"}
