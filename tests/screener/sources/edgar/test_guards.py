"""Guards of a balance sheet by hand: each at its limit on both sides, and with every reason beside those that hold."""

from __future__ import annotations

import pytest

from screener.sources.edgar import guards
from screener.sources.edgar.found import Stock
from screener.sources.edgar.groups import Choice, Group, near
from screener.sources.edgar.item_map import item_map
from screener.sources.edgar.statements import Statement
from tests.screener.sources.edgar.stated import JUNE, facts

TOTAL = "us-gaap:CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents"
WITH_SOLD = f"{TOTAL}IncludingDisposalGroupAndDiscontinuedOperations"
PRINCIPAL = "carrying amount, not principal"


def choice(value: float, name: str = "lines", counted: tuple[str, ...] = (), needs: tuple[str, ...] = ()) -> Choice:
    return Choice(value, f"figure {value:g}", counted, Group("x", 1, name, False, ()), ("stated",), needs)


def judged(chosen: dict[str, Choice], stated: dict | None = None, *own: dict) -> tuple[dict[str, tuple], list[tuple]]:
    """Checks and needs of each item that is kept, and what was refused."""
    values = {key if isinstance(key, tuple) else (key, "USD"): value for key, value in (stated or {}).items()}
    kept, left = guards.of_balance(chosen, Statement("a1", None, JUNE, values), facts(*own))
    return {item: (one.checks, one.needs) for item, one in kept.items()}, [
        (one.item, one.tag, one.unit, one.value, one.reason, one.accession) for one in left
    ]


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [(98.0, 100.0, True), (100.0, 98.0, True), (97.9, 100.0, False), (100.0, 97.9, False), (50.0, 100.0, False),
     (100.0, 50.0, False), (-98.0, -100.0, True), (-100.0, -98.0, True), (-97.9, -100.0, False), (-100.0, 100.0, False),
     (0.0, 0.0, True)],
)  # fmt: skip
def test_figures_are_near_within_a_fraction_of_the_larger(one, other, is_near):
    assert near(one, other, 0.02) is is_near


@pytest.mark.parametrize(
    ("total", "agrees"), [(1000.0, True), (1000.9, True), (999.1, True), (1001.1, False), (998.9, False)]
)
@pytest.mark.parametrize("tag", [TOTAL, WITH_SOLD])
def test_cash_and_restricted_cash_are_the_total_within_a_thousandth(tag, total, agrees):
    cash, restricted = choice(800.0), choice(200.0, needs=("clash",))
    kept, left = judged({"cash": cash, "restricted_cash": restricted}, {tag: total})
    said = f"cash 800 and restricted 200, the cash-flow total is {total:g}"
    if agrees:
        assert kept == {"cash": (("stated", said), ()), "restricted_cash": (("stated", said), ("clash",))}
    else:
        assert kept == {"cash": (("stated",), (said,)), "restricted_cash": (("stated",), ("clash", said))}
    assert left == []


def test_the_total_without_disposal_groups_stands_first_and_nothing_is_held_against_what_is_not_stated():
    both = {"cash": choice(800.0), "restricted_cash": choice(200.0)}
    assert judged(both, {WITH_SOLD: 5000.0, TOTAL: 1000.0})[0]["cash"][1] == ()
    for chosen, stated in ((both, {}), (both, {(TOTAL, "EUR"): 1.0}), ({"cash": choice(800.0)}, {TOTAL: 1.0}),
                           ({"restricted_cash": choice(200.0)}, {TOTAL: 1.0})):  # fmt: skip
        assert judged(chosen, stated)[0] == dict.fromkeys(chosen, (("stated",), ()))


@pytest.mark.parametrize(
    ("debt", "liabilities", "doubted"),
    [(1000.5, 1000.0, False), (1001.5, 1000.0, True), (500.0, 1000.0, False), (0.0, 0.0, False), (1.0, 0.0, True)],
)
@pytest.mark.parametrize("taxonomy", ["us-gaap", "ifrs-full"])
def test_debt_above_all_liabilities_is_for_a_person(taxonomy, debt, liabilities, doubted):
    kept, _ = judged({"debt_total": choice(debt, needs=("clash",))}, {f"{taxonomy}:Liabilities": liabilities})
    told = (f"more than all liabilities, {liabilities:g}",) if doubted else ()
    assert kept["debt_total"] == ((PRINCIPAL, "stated"), ("clash", *told))


def test_debt_is_told_to_be_the_carrying_amount_and_what_the_principal_is_where_the_discount_is_stated():
    tag = "us-gaap:DebtInstrumentUnamortizedDiscountPremiumAndDebtIssuanceCostsNet"
    kept, _ = judged({"debt_total": choice(970.0)}, {tag: 30.0})
    words = f"{PRINCIPAL}; with the unamortised discount and costs stated, 30, it is 1000"
    assert kept["debt_total"] == ((words, "stated"), ())
    assert judged({"debt_total": choice(970.0)}, {tag: 0.0})[0]["debt_total"][0] == (PRINCIPAL, "stated")
    assert judged({"cash": choice(970.0)}, {tag: 30.0})[0] == {"cash": (("stated",), ())}


OWN = {"taxonomy": "clsk", "concept": "EquipmentFinancingNoncurrent", "value": 70.0}
IS_DEBT = "the own tag clsk:EquipmentFinancingNoncurrent 70 may be debt, not in it"


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (OWN, (IS_DEBT,)),
        (OWN | {"taxonomy": "us-gaap"}, ()),
        (OWN | {"taxonomy": "srt"}, ()),
        (OWN | {"unit": "EUR"}, ()),
        (OWN | {"dimensions": (("us-gaap:TypeAxis", "x:NoteMember"),)}, ()),
        (OWN | {"concept": "EquipmentFinancing"}, ()),  # names no line of the balance sheet
        (OWN | {"concept": "EquipmentFinancingReceivableNoncurrent"}, ()),
        (OWN | {"value": 0.0}, ()),
        (OWN | {"value": 500.0}, ()),  # the debt itself
        (OWN | {"value": -500.4}, ()),  # the debt with the other sign, roundings apart
        (OWN | {"value": 300.2}, ()),  # a line that is counted
        (OWN | {"value": -70.0}, (IS_DEBT.replace("70", "-70"),)),
    ],
)
def test_an_own_tag_of_a_line_of_debt_that_is_not_counted_is_for_a_person(own, told):
    debt = choice(500.0, counted=("us-gaap:DebtCurrent", "us-gaap:Other"), needs=("clash",))
    kept, _ = judged({"debt_total": debt}, {"us-gaap:DebtCurrent": -300.0, ("us-gaap:Other", "EUR"): 70.0}, own)
    assert kept["debt_total"] == ((PRINCIPAL, "stated"), ("clash", *told))


def test_own_tags_are_told_by_name():
    later, first = OWN | {"concept": "SellerNotesPayable"}, OWN | {"concept": "BridgeLoanPayable"}
    kept, _ = judged({"debt_total": choice(500.0)}, {}, later, first)
    assert [words.split()[3] for words in kept["debt_total"][1]] == [
        "clsk:BridgeLoanPayable",
        "clsk:SellerNotesPayable",
    ]


def leases(
    stated: dict, lease: float = 100.0, name: str = "current and noncurrent lines", debt: float = 1000.0
) -> tuple[bool, str]:
    """Whether finance leases are kept, and why not."""
    chosen = {"debt_total": choice(debt, name), "lease_liabilities_finance": choice(lease)}
    kept, left = judged(chosen, stated)
    if left:
        assert left[0][:4] == ("lease_liabilities_finance", f"figure {lease:g}", "USD", lease)
        assert left[0][5] == "a1"
    return "lease_liabilities_finance" in kept, left[0][4] if left else ""


@pytest.mark.parametrize(
    ("stated", "lease", "name", "reason"),
    [
        ({}, 100.0, "current and noncurrent lines", ""),
        ({}, 100.0, "with finance leases in one figure", "already in debt_total 1000 by its tag"),
        ({}, 0.5, "with finance leases in one figure", "already in debt_total 1000 by its tag"),
        ({}, 0.0, "with finance leases in one figure", ""),
        ({"us-gaap:LongTermDebt": 900.0}, 100.0, "lines",
         "already in debt_total 1000, which less the leases is LongTermDebt 900"),
        ({"us-gaap:LongTermDebt": 900.8, "us-gaap:Borrowings": 900.1}, 100.0, "lines",
         "already in debt_total 1000, which less the leases is Borrowings 900.1"),  # by name
        ({"us-gaap:LongTermDebt": 901.0}, 100.0, "lines", ""),
        ({"us-gaap:LongTermDebt": 1100.0}, 100.0, "lines", ""),
        ({("us-gaap:LongTermDebt", "EUR"): 900.0}, 100.0, "lines", ""),
        ({"us-gaap:Assets": 900.0}, 100.0, "lines", ""),
        ({"us-gaap:DebtAndCapitalLeaseObligations": 900.0}, 100.0, "lines", ""),
        ({"us-gaap:LongTermDebt": 998.0}, 2.0, "lines", ""),  # within the roundings of the debt
        ({"us-gaap:LongTermDebt": 997.9}, 2.1, "lines",
         "already in debt_total 1000, which less the leases is LongTermDebt 997.9"),
    ],
)  # fmt: skip
def test_finance_leases_inside_the_debt_are_refused(stated, lease, name, reason):
    assert leases(stated, lease, name) == (not reason, reason)


def test_leases_or_debt_alone_are_kept():
    assert set(judged({"debt_total": choice(1.0, "with finance leases")})[0]) == {"debt_total"}
    assert set(judged({"lease_liabilities_finance": choice(1.0)})[0]) == {"lease_liabilities_finance"}


def test_a_redeemable_minority_is_for_a_person():
    redeemable = ("us-gaap:MinorityInterest", "us-gaap:RedeemableNoncontrollingInterestEquityCarryingAmount")
    words = "a redeemable interest may be a preferred; read its terms"
    for counted, told in ((redeemable, (words,)), (redeemable[:1], ())):
        kept, _ = judged({"noncontrolling_interest": choice(5.0, counted=counted)})
        assert kept["noncontrolling_interest"] == (("stated",), told)


def test_tags_of_the_map_in_another_unit_are_left():
    values = {("us-gaap:Cash", "USD"): 1.0, ("us-gaap:Cash", "EUR"): 2.0, ("us-gaap:Assets", "CAD"): 3.0,
              ("us-gaap:Nothing", "EUR"): 4.0}  # fmt: skip
    left = guards.other_units(item_map(""), Statement("a1", None, JUNE, values))
    assert [(one.item, one.tag, one.unit, one.value, one.reason) for one in left] == [
        ("total_assets", "us-gaap:Assets", "CAD", 3.0, "the unit is CAD, not USD"),
        ("cash", "us-gaap:Cash", "EUR", 2.0, "the unit is EUR, not USD"),
    ]


@pytest.mark.parametrize(
    ("item", "value", "told"),
    [("cash", -5.0, ("clash", "-5 is negative")), ("cash", 0.0, ("clash",)), ("net_income", -5.0, ("clash",))],
)
def test_a_negative_value_is_told_where_the_item_has_no_sign(item, value, told):
    assert guards.signed(Stock(item, JUNE, value, "usd", "", "a1", (), ("clash",))) == told
