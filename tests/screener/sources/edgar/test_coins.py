"""Coins of a filing by hand: which figure is bitcoin's, which is another's, and what a count is held against."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.edgar import coins
from screener.sources.edgar.groups import Choice, Group
from tests.screener.sources.edgar.stated import JUNE, facts

COIN = "us-gaap:CryptoAssetAxis"
GROUP = Group("btc_fair_value", 1, "in one figure", False, ())
UNITS = {"concept": "CryptoAssetNumberOfUnits", "unit": "bitcoin"}


def of(member: str, axis: str = COIN) -> tuple[tuple[str, str], ...]:
    return ((axis, member),)


@pytest.mark.parametrize(
    ("dimensions", "coin"),
    [
        ((), None), (of("x:BTCMember"), "btc"), (of("x:BitcoinMember"), "btc"), (of("x:BitcoinsCryptoAssetMember"), "btc"),
        (of("x:ETHMember"), "eth"), (of("x:EthereumMember"), "eth"), (of("x:SolanaMember"), "SolanaMember"),
        (of("x:WrappedBitcoinMember"), "WrappedBitcoinMember"), (of("x:BitcoinMember", "us-gaap:TypeAxis"), None),
        ((*of("x:BitcoinMember"), *of("x:HeldMember", "us-gaap:TypeAxis")), None),
    ],
)  # fmt: skip
def test_the_coin_of_a_fact_is_its_only_dimension(dimensions, coin):
    assert coins.coin_of(dimensions) == coin


def test_coins_of_customers_are_known_by_any_dimension():
    assert coins.of_customers((*of("x:BitcoinMember"), *of("x:CustodyAccountsMember", "us-gaap:TypeAxis")))
    assert not coins.of_customers(of("x:BitcoinMember"))
    assert coins.is_custody("srt:PlatformOperatorCryptoAssetHeldForUser")
    assert not coins.is_custody("us-gaap:CryptoAssetFairValue")


def whole(value: float = 100.0, **more: object) -> Choice:
    told = {"checks": ("stated",), "needs": ("clash",)} | more
    return Choice(value, "CryptoAssetFairValue 100", ("us-gaap:CryptoAssetFairValue",), GROUP, **told)


def fair(member: str, value: float, **more: object) -> dict:
    return {"concept": "CryptoAssetFairValue", "value": value, "dimensions": of(member)} | more


def fair_values(*told: dict, of_all: Choice | None = None) -> list[tuple]:
    found = coins.fair_values(facts(*told), of_all or whole(), JUNE, "a1")
    assert {(one.end, one.unit, one.accession) for one in found} == {(JUNE, "usd", "a1")}
    return [(one.item, one.value, one.derivation, one.checks, one.needs) for one in found]


def test_the_parts_of_each_coin_are_its_fair_value_where_they_sum_to_the_whole():
    parts = (
        fair("x:ETHMember", 39.0),
        fair("x:BTCMember", 20.5),
        fair("x:SolanaMember", 20.0),
        fair("x:BTCMember", 20.0),
    )
    assert fair_values(*parts) == [
        ("btc_fair_value", 40.5, "CryptoAssetFairValue of BTCMember 20.5 + CryptoAssetFairValue of BTCMember 20",
         ("the coins sum to CryptoAssetFairValue 100", "stated"), ("clash",)),
        ("eth_fair_value", 39.0, "CryptoAssetFairValue of ETHMember 39",
         ("the coins sum to CryptoAssetFairValue 100", "stated"), ("clash",)),
    ]  # fmt: skip
    assert [one[:2] for one in fair_values(fair("x:ETHMember", 100.0))] == [("eth_fair_value", 100.0)]


def test_the_parts_of_a_coin_are_told_by_tag_and_member_in_whatever_order_they_stand():
    tags = ("us-gaap:CryptoAssetFairValueCurrent", "us-gaap:CryptoAssetFairValueNoncurrent")
    current, later = (tag.partition(":")[2] for tag in tags)
    parts = (fair("x:BTCMember", 60.0, concept=later), fair("x:BitcoinMember", 15.0, concept=current),
             fair("x:BTCMember", 25.0, concept=current))  # fmt: skip
    ((_, value, words, *_),) = fair_values(*parts, of_all=Choice(100.0, "both", tags, GROUP, (), ()))
    assert value == 100.0
    assert words == f"{current} of BTCMember 25 + {current} of BitcoinMember 15 + {later} of BTCMember 60"


@pytest.mark.parametrize(("btc", "split"), [(60.0, True), (59.5, True), (59.4, False), (60.5, True), (60.6, False)])
def test_the_parts_sum_to_the_whole_within_half_a_percent(btc, split):
    found = fair_values(fair("x:BTCMember", btc), fair("x:ETHMember", 40.0))
    assert len(found) == (2 if split else 1)
    if not split:
        assert found == [("btc_fair_value", 100.0, "CryptoAssetFairValue 100", ("stated",),
                          ("clash", "may include other coins: the filing names eth"))]  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [{"unit": "EUR"}, {"taxonomy": "clsk"}, {"concept": "CryptoAssetFairValueCurrent"},
     {"dimensions": of("x:CustodialBitcoinMember")}, {"dimensions": ()}],
)  # fmt: skip
def test_parts_of_another_tag_unit_or_owner_are_not_bitcoin_s(other):
    found = fair_values(fair("x:BTCMember", 100.0), fair("x:BTCMember", 9.0) | other)
    words = "CryptoAssetFairValue of BTCMember 100"
    assert [(*one[:3], one[4]) for one in found] == [("btc_fair_value", 100.0, words, ("clash",))]


def test_without_parts_the_whole_is_bitcoin_s_and_other_coins_and_pledged_ones_are_named():
    assert fair_values({"concept": "Assets", "value": 9.0}) == [
        ("btc_fair_value", 100.0, "CryptoAssetFairValue 100", ("stated",), ("clash",))
    ]
    found = fair_values({"concept": "BitcoinPledged", "value": 5.0}, UNITS | {"unit": "SOL", "value": 3.0})
    assert found[0][3:] == (
        ("stated", "not in it: us-gaap:BitcoinPledged 5"), ("clash", "may include other coins: the filing names SOL"),
    )  # fmt: skip
    assert coins.fair_values(facts(fair("x:BTCMember", 1.0)), None, JUNE, "a1") == []


def test_other_coins_are_members_of_the_axis_and_units_of_three_or_four_capitals():
    named = [UNITS | {"unit": unit} for unit in ("USDC", "ETH", "BTC", "XY", "ABCDE", "Sol", "bitcoin")]
    named += [fair("x:BTCMember", 1.0), fair("x:TetherMember", 1.0), {"concept": "Assets", "unit": "CAD"}]
    assert coins.other_coins(facts(*named)) == ["ETH", "TetherMember", "USDC"]


def test_pledged_coins_are_told_above_two_percent_of_the_fair_value():
    told = facts(
        {"concept": "CryptoAssetPledged", "value": 2.0}, {"concept": "CryptoAssetLent", "value": 2.1},
        {"concept": "BitcoinCollateral", "value": -2.1}, {"concept": "BitcoinCollateral", "value": 50.0, "unit": "EUR"},
        {"concept": "BitcoinCollateral", "value": 60.0, "dimensions": of("x:BTCMember")},
        {"concept": "CustodialCryptoReceivable", "value": 70.0}, {"concept": "Assets", "value": 80.0},
        {"concept": "BitcoinCollateral", "value": -3.0},
    )  # fmt: skip
    expected = ["us-gaap:BitcoinCollateral -3", "us-gaap:BitcoinCollateral -2.1", "us-gaap:CryptoAssetLent 2.1"]
    assert coins.pledged_coins(told, 100.0) == coins.pledged_coins(told, -100.0) == expected


def held(*told: dict, fair_value: float | None = 200.0, price: float | None = 100.0) -> tuple:
    days = None if price is None else pd.Series({JUNE: price})
    found, left = coins.held(facts(*told), JUNE, "a1", fair_value, days)
    assert {(one.item, one.end, one.accession) for one in [*found, *left]} <= {("btc_held", JUNE, "a1")}
    return [(one.value, one.derivation, one.checks, one.needs) for one in found], [
        (one.tag, one.unit, one.value, one.reason) for one in left
    ]


AGREES = "fair value over coins is 100 USD, the price 100 USD"


def test_a_count_in_bitcoin_is_held_against_its_fair_value_and_the_price():
    assert held(UNITS | {"value": 2.0}) == ([(2.0, "CryptoAssetNumberOfUnits 2 in unit bitcoin", (AGREES,), ())], [])
    by_coin = UNITS | {"value": 2.0, "dimensions": of("x:BitcoinMember"), "unit": "items"}
    words = "CryptoAssetNumberOfUnits of BitcoinMember 2 in unit items"
    assert held(by_coin) == ([(2.0, words, (AGREES,), ())], [])
    assert held({"concept": "Assets", "value": 2.0}) == ([], [])
    assert held(UNITS | {"value": -2.0}) == ([], [])


def test_no_coins_and_half_a_coin_are_counts():
    none = [(0.0, "CryptoAssetNumberOfUnits 0 in unit bitcoin", ("no coins and no fair value",), ())]
    assert held(UNITS | {"value": 0.0}, fair_value=None) == (none, [])
    assert held(UNITS | {"value": 0.5}, fair_value=50.0)[0][0][::2] == (0.5, (AGREES,))


def test_of_several_counts_the_largest_stands_for_a_person():
    ((value, words, _, needs),), left = held(UNITS | {"value": 1.5}, UNITS | {"value": 2.0}, UNITS | {"value": 1.0})
    assert (value, words, left) == (2.0, "CryptoAssetNumberOfUnits 2 in unit bitcoin", [])
    assert needs == ("the filing states 1, 1.5, 2 bitcoin",)
    two = held(UNITS | {"value": 1.5}, UNITS | {"value": 2.0})[0]
    assert two[0][3] == ("the filing states 1.5, 2 bitcoin",)


def test_coins_pledged_beside_a_count_are_for_a_person_where_a_fair_value_is_known():
    pledged = {"concept": "BitcoinPledged", "value": 50.0}
    assert held(UNITS | {"value": 2.0}, pledged)[0][0][3] == ("coins elsewhere: us-gaap:BitcoinPledged 50",)
    assert held(UNITS | {"value": 2.0}, pledged, fair_value=None)[0][0][3] == (
        "no fair value to hold the count against",
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"dimensions": (*of("x:BitcoinMember"), *of("x:CustodyMember", "us-gaap:TypeAxis"))}, "kept for customers"),
        ({"dimensions": of("x:MinersMember", "us-gaap:TypeAxis")},
         "a count by another dimension than the coin: MinersMember"),
        ({"dimensions": of("x:SolanaMember")}, "a count of SolanaMember"),
        ({"unit": "miners"}, "the unit miners is not bitcoin"),
        ({"unit": "units"}, "the unit units is not bitcoin"),  # of which coin is not said
        ({"unit": "miners", "dimensions": of("x:BitcoinMember")}, "the unit miners is not bitcoin"),
    ],
)  # fmt: skip
def test_a_count_of_something_else_is_left_with_its_reason(change, reason):
    told = UNITS | {"value": 3.0} | change
    assert held(told, UNITS | {"value": 2.0}) == (
        [(2.0, "CryptoAssetNumberOfUnits 2 in unit bitcoin", (AGREES,), ())],
        [("us-gaap:CryptoAssetNumberOfUnits", told["unit"], 3.0, reason)],
    )


def test_an_own_tag_that_counts_coins_is_left():
    own = {"taxonomy": "clsk", "concept": "NumberOfBitcoinHeld", "unit": "BTC", "value": 4.0}
    others = ({"taxonomy": "us-gaap"}, {"dimensions": of("x:BitcoinMember")}, {"concept": "NumberOfMiners"})
    assert held(own, *(own | one | {"value": 9.0} for one in others)) == (
        [],
        [("clsk:NumberOfBitcoinHeld", "BTC", 4.0, "an own tag")],
    )


@pytest.mark.parametrize(
    ("count", "fair_value", "price", "checks", "doubts"),
    [
        (0.0, None, 100.0, ["no coins and no fair value"], []),
        (0.0, 0.0, 100.0, ["no coins and no fair value"], []),
        (0.0, 500.0, 100.0, [], ["no coins, and a fair value of 500 USD"]),
        (5.0, None, 100.0, [], ["no fair value to hold the count against"]),
        (5.0, 0.0, 100.0, [], ["no fair value to hold the count against"]),
        (5.0, 500.0, None, [],
         ["fair value over coins is 100 USD; no bitcoin price of 2025-06-30 to hold it against"]),
        (5.0, 500.0, float("nan"), [],
         ["fair value over coins is 100 USD; no bitcoin price of 2025-06-30 to hold it against"]),
        (5.0, 490.0, 100.0, ["fair value over coins is 98 USD, the price 100 USD"], []),
        (5.0, 489.0, 100.0, [], ["fair value over coins is 98 USD, the price 100 USD"]),
        (5.0, 510.0, 100.0, ["fair value over coins is 102 USD, the price 100 USD"], []),
        (5.0, 511.0, 100.0, [], ["fair value over coins is 102 USD, the price 100 USD"]),
    ],
)  # fmt: skip
def test_what_the_price_of_the_day_says_of_a_count(count, fair_value, price, checks, doubts):
    days = None if price is None else pd.Series({JUNE: price})
    assert coins.held_against(count, fair_value, days, JUNE) == (checks, doubts)


def test_coins_kept_for_customers_are_blocked():
    kept = {"taxonomy": "srt", "concept": "PlatformOperatorCryptoAssetHeldForUser", "value": 7.0}
    others = ({"value": 0.0}, {"value": 9.0, "dimensions": of("x:BitcoinMember")}, {"value": 9.0, "concept": "Assets"})
    (left,) = coins.customers(facts(kept, *(kept | one for one in others)), JUNE, "a1")
    assert (left.item, left.tag, left.unit, left.value, left.reason) == (
        "btc_fair_value", "srt:PlatformOperatorCryptoAssetHeldForUser", "USD", 7.0, "kept for customers",
    )  # fmt: skip
