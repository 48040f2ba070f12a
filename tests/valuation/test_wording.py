"""Texts for miners in another sector's words: groups, companies, and what the sector has not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.groups import MINERS, Sector
from valuation.wording import Wording

CLOUDS = Wording(Sector("GPU cloud", "landlord", "company", "companies"), frozenset({"Bitfury miners of the AI group"}))
HALLS = Wording(Sector("hyperscale", "enterprise", "landlord", "landlords", coins=False, mining=False))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A typical AI-group company trades at 1.5x that of a typical mining company.",
         "A typical GPU cloud company trades at 1.5x that of a typical landlord company."),
        ("With 2 mining companies there is no comparison", "With 2 landlord companies there is no comparison"),
        ("Mining group median per MW", "Landlord group median per MW"),
        ("AI group (pivot) = any; the mining group (bitcoin) too", "GPU cloud group = any; the landlord group too"),
        ("relative to other miners", "relative to other companies"),
        ("Miners, $m", "Companies, $m"),
        ("n pivot", "n GPU cloud"),
        ("n AI + mining", "n GPU cloud + landlord"),
        ("Pivot: EV / secured MW", "GPU cloud: EV / secured MW"),
        ("Bitcoin: EV / secured MW", "Landlord: EV / secured MW"),
        ("Bitcoin: n AI + mining", "Landlord: n GPU cloud + landlord"),
        ("Mining, equal weights", "Landlord, equal weights"),
        ("AI, value weights", "GPU cloud, value weights"),
        ("weeks bitcoin", "weeks landlord"),
        ("Beta AI", "Beta GPU cloud"),
        ("", ""),
        # What mining and coins are stays, and so do the data's texts and the program's name.
        ("Bitcoin: $84,518 to $90,000", "Bitcoin: $84,518 to $90,000"),
        ("hosting of bitcoin miners", "hosting of bitcoin miners"),
        ("mining revenue x 4", "mining revenue x 4"),
        ("Bitfury miners of the AI group", "Bitfury miners of the AI group"),
        ("miner-screener 0.4", "miner-screener 0.4"),
    ],
)  # fmt: skip
def test_groups_and_companies_are_named_as_the_sector_does(text, said):
    assert CLOUDS.text(text) == said


def test_sentences_on_what_a_sector_has_not_are_left_out_and_titles_say_it_otherwise():
    assert HALLS.prose("The gap is 2.1x. Bitcoin is 0% of revenue. n = 6.") == "The gap is 2.1x. n = 6."
    assert HALLS.texts(["Hashprice is unknown.", "EV per MW rose."]) == ["EV per MW rose."]
    assert (
        HALLS.prose("Months of liquidity: cash and bitcoin over overhead.")
        == "Months of liquidity: cash over overhead."
    )
    assert HALLS.text("Power in use for mining") == "Power in use"
    assert CLOUDS.prose("Bitcoin is 0% of revenue.") == "Bitcoin is 0% of revenue."


def test_keys_name_the_groups_and_come_back():
    assert [CLOUDS.key(k) for k in ("n_pivot", "bitcoin_value", "bitcoin_usd")] == [
        "n_gpu_cloud", "landlord_value", "bitcoin_usd",
    ]  # fmt: skip
    assert [CLOUDS.code_of_key(k) for k in ("n_gpu_cloud", "landlord_value")] == ["n_pivot", "bitcoin_value"]
    assert (CLOUDS.group("pivot"), CLOUDS.code_of_group("landlord")) == ("GPU cloud", "bitcoin")
    assert HALLS.drops("bitcoin_usd")
    assert HALLS.drops("hashrate_operating_eh")
    assert not HALLS.drops("n_bitcoin")
    assert not HALLS.drops("method")
    assert not CLOUDS.drops("bitcoin_usd")


@pytest.mark.parametrize(
    ("mining", "coins", "dropped", "left"),
    [
        (False, True, ["hashrate_eh", "mining_usd"], "Bitcoin fell. n = 6."),
        (True, False, ["bitcoin_usd", "btc"], "Mining fell. n = 6."),
        (True, True, [], "Mining fell. Bitcoin fell. n = 6."),
        (False, False, ["hashrate_eh", "mining_usd", "bitcoin_usd", "btc"], "n = 6."),
    ],
)
def test_a_sector_without_mining_or_without_coins(mining, coins, dropped, left):
    wording = Wording(Sector("A", "B", "one", "several", coins=coins, mining=mining))
    names = ["hashrate_eh", "mining_usd", "bitcoin_usd", "btc", "method", "n_bitcoin"]
    assert [name for name in names if wording.drops(name)] == dropped
    assert wording.prose("Mining fell. Bitcoin fell. n = 6.") == left
    assert wording.lacks("Hashprice") == (not mining)
    assert wording.lacks("coins") == (not coins)


def test_a_key_that_is_one_word_is_a_group_only_by_its_code():
    keys = ("pivot", "bitcoin", "ai", "mining", "n_ai", "is_pivot", "mining_volatility", "other")
    assert [CLOUDS.key(key) for key in keys] == [
        "gpu_cloud", "landlord", "ai", "mining", "n_gpu_cloud", "is_gpu_cloud", "landlord_volatility", "other",
    ]  # fmt: skip
    assert [CLOUDS.group(code) for code in ("pivot", "AI", "bitcoin", "mining", "else")] == [
        "GPU cloud", "GPU cloud", "landlord", "landlord", "else",
    ]  # fmt: skip
    assert Wording(MINERS).key("n_pivot") == "n_pivot"
    assert CLOUDS.code_of_key("other") == "other"
    assert CLOUDS.code_of_group("other") == "other"


def test_the_texts_of_the_data_are_not_printed():
    assert "Bitfury" not in repr(CLOUDS)


@pytest.mark.parametrize(
    "text", ["AI group (pivot)", "Pivot: n pivot", "n AI + mining", "Mining, equal weights", "pivots"]
)
def test_for_miners_the_words_of_groups_stay_as_they_were_written(text):
    assert Wording(MINERS).text(text) == text
    assert Wording(MINERS).prose(text) == text


@pytest.mark.parametrize("text", ["Mining", "n pivot", "Hashprice fell.", "pivots"])
def test_a_whole_text_of_the_data_stays_whatever_its_words(text):
    own = Wording(HALLS.sector, frozenset({text}))
    assert (own.text(text), own.prose(text), own.lacks(text)) == (text, text, False)
    assert HALLS.text(text) != text


@given(st.text(max_size=200))
def test_for_miners_every_text_stays(text):
    wording = Wording(MINERS)
    assert wording.text(text) == text
    assert wording.prose(text) == text


@given(st.text(st.sampled_from("abc .AI"), max_size=60))
def test_texts_without_the_words_stay_and_saying_twice_is_saying_once(text):
    for wording in (CLOUDS, HALLS):
        once = wording.text(f"AI group {text} mining companies")
        assert wording.text(once) == once


def test_names_out_of_the_data_stay_within_a_sentence():
    named = Wording(HALLS.sector, frozenset({"Bitcoin Depot Inc.", "Old Miners of Texas", "mining", "Mining"}))
    told = "Bitcoin Depot Inc. leases 5 MW. Bitcoin fell. Old Miners of Texas, as of 2026-01-16"
    assert named.prose(told) == "Bitcoin Depot Inc. leases 5 MW. Old Miners of Texas, as of 2026-01-16"
    assert named.text("Mining at Old Miners of Texas") == "Other use at Old Miners of Texas"


def test_of_two_names_the_longer_one_is_kept_and_a_sentence_is_none():
    name = "Old Miners and New Miners Inc."
    for more in ("Old Miners", "Old Miners and New"):
        assert Wording(CLOUDS.sector, frozenset({name, more})).text(f"At {name} today") == f"At {name} today"
    long = "Miners " + "x" * 83
    for size, kept in ((0, True), (1, False)):
        one = long + "x" * size
        said = Wording(CLOUDS.sector, frozenset({one})).text(f"At {one} today")
        assert (one in said) == kept
    # One word, or no capital: no name.
    assert Wording(CLOUDS.sector, frozenset({"Miners", "old miners"})).text("At old miners, Miners") == (
        "At old companies, Companies"
    )


@pytest.mark.parametrize("second", ["miner", "pivot", "mining", "bitcoin (old)", r"\\1 a+b"])
def test_any_words_may_name_a_group(second):
    wording = Wording(Sector("AI", second, "firm", "firms"))
    once = wording.text("The AI group trades below the mining group; 3 mining companies of the miners")
    assert once == f"The AI group trades below the {second} group; 3 {second} companies of the firms"
    assert wording.text(once) == once
