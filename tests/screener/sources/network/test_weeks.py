"""Weeks of the network: price, hashrate, reward and fees of the same seven days, in the right units, or unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener import universes
from screener.sources.network import weeks
from screener.sources.network.days import Days
from screener.sources.network.fetching import fetch
from screener.sources.network.subsidy import minted, subsidy
from screener.sources.told import NETWORK_COLUMNS
from tests.loopback.network import HASHRATE, Network
from valuation.mining.economics import hashprice

NOW = pd.Timestamp("2026-10-05 09:00", tz="UTC")
SINCE, UNTIL = pd.Timestamp("2026-08-22"), pd.Timestamp("2026-10-05")
FRIDAYS = list(pd.to_datetime(["2026-08-28", "2026-09-04", "2026-09-11", "2026-09-18", "2026-09-25", "2026-10-02"]))


def asked(connect, since=SINCE, until=UNTIL, now=NOW, **more):
    with connect("mempool.space") as one, connect("blockchain.info") as other:
        connections = {"mempool.space": one, "blockchain.info": other}
        return fetch(since, until, now, lambda source, *question: connections[source].json(*question), **more)


def by_hand(network: Network, friday: pd.Timestamp) -> dict[str, float]:
    """A week in plain arithmetic, minute by minute: (price, hashrate, difficulty at the end, reward and fees)."""
    end = friday.to_pydatetime().replace(tzinfo=UTC) + timedelta(days=1)
    days = [end - timedelta(days=n) for n in range(7, 0, -1)]
    blocks = 0.0
    for day in days:
        for minute in range(24 * 60):
            when = day + timedelta(minutes=minute)
            difficulty = [d for time, _, d in network.adjustments if time <= when][-1]
            blocks += network.hashrate[day] * 1e18 * 60 / (difficulty * 4_294_967_296)
    return {
        "btc_usd": network.price(end),
        "hashrate_eh_per_s": sum(network.hashrate[day] for day in days) / 7,
        "difficulty": difficulty,
        "reward_and_fees_btc_per_day": 3.125 * blocks / 7 + sum(network.fees[day] for day in days) / 7,
    }


def test_every_week_is_what_plain_arithmetic_gives(network, connect):
    found = asked(connect)
    table = found.network
    assert list(table["date"]) == FRIDAYS
    assert set(table["source"]) == {"mempool.space"}
    for row in table.to_dict("records"):
        expected = by_hand(network, row["date"])
        assert {name: row[name] for name in expected} == pytest.approx(expected, rel=1e-9)
    assert {outcome.ended for told in found.told for outcome in told.outcomes} == {"ok"}


def test_the_hashprice_of_a_week_by_hand(network, connect):
    """All of one difficulty, hashrate and fee: 900 EH/s, 126.1e12, 3 BTC a day of fees, week to 4 September 2026.

    Blocks a day: 900e18 x 86,400 / (126.1e12 x 4,294,967,296) = 143.576. Reward: 3.125 x 143.576 + 3 = 451.675 BTC.
    Price at the end, 840 hours after 1 August: 68,400 USD. Hashprice: 451.675 x 68,400 / 900,000 PH/s = 34.327 USD.
    """
    network.hashrate = dict.fromkeys(network.hashrate, 900.0)
    network.fees = dict.fromkeys(network.fees, 3.0)
    row = asked(connect).network.set_index("date").loc["2026-09-04"]
    assert row["btc_usd"] == 68_400.0
    assert row["reward_and_fees_btc_per_day"] == pytest.approx(451.675, abs=0.001)
    value = hashprice(row["btc_usd"], row["hashrate_eh_per_s"], row["reward_and_fees_btc_per_day"])
    assert value == pytest.approx(34.327, abs=0.001)


def test_the_two_sources_agree_where_they_know_the_same(network, connect):
    """Each has its own units and stamps; difficulty differs within the day of an adjustment alone."""
    one, other = (told.network.set_index("date") for told in asked(connect).told)
    pd.testing.assert_frame_equal(one[["btc_usd", "hashrate_eh_per_s"]], other[["btc_usd", "hashrate_eh_per_s"]])
    assert (one["reward_and_fees_btc_per_day"] / other["reward_and_fees_btc_per_day"] - 1).abs().max() < 0.004


def test_a_week_that_is_not_over_is_no_week(network, connect):
    friday_night = pd.Timestamp("2026-10-02 23:59", tz="UTC")
    network.now = friday_night.to_pydatetime()
    assert asked(connect, now=friday_night).network["date"].max() == pd.Timestamp("2026-09-25")
    assert asked(connect, since=pd.Timestamp("2026-10-02"), now=friday_night).told == ()


def test_a_day_without_hashrate_leaves_its_week_unknown_and_no_other(network, connect):
    del network.hashrate[datetime(2026, 9, 16, tzinfo=UTC)]
    table = asked(connect).network.set_index("date")
    assert table["hashrate_eh_per_s"].isna().to_list() == [False, False, False, True, False, False]
    assert table["reward_and_fees_btc_per_day"].isna().to_list() == [False, False, False, True, False, False]
    assert table["btc_usd"].notna().all()


def test_what_has_no_price_of_the_day_has_none(network, connect):
    """mempool.space answers with the last price that it has, however old; -1 means that it has none."""
    network.price = lambda when: 70_000.0 if when < datetime(2026, 9, 20, tzinfo=UTC) else -1.0
    table = asked(connect).network.set_index("date")
    assert table["btc_usd"].isna().to_list() == [False, False, False, False, True, True]


def test_fees_are_unknown_where_nobody_tells_them_and_never_zero(network, connect):
    network.fail("/charts/transaction-fees", "500")
    table = asked(connect).network
    assert table["reward_and_fees_btc_per_day"].isna().all()
    assert table["hashrate_eh_per_s"].notna().all()


def test_more_than_two_percent_apart_is_told(network, connect):
    def higher(content):
        for row in content["hashrates"]:
            row["avgHashrate"] *= 1.05
        return content

    network.alter[HASHRATE] = higher
    found = asked(connect)
    mempool, blockchain = found.told
    told = [outcome for outcome in blockchain.outcomes if outcome.what == "agreement"]
    assert "agreement" not in {outcome.what for outcome in mempool.outcomes}
    assert {outcome.requests for outcome in told} == {0}
    assert [outcome.subject for outcome in told] == [f"{friday:%Y-%m-%d}" for friday in FRIDAYS]
    assert told[0].message.startswith("hashrate: 97")
    assert "EH/s at mempool.space" in told[0].message
    assert "5.0% apart" in told[0].message
    assert told[0].message.endswith("mempool.space's are used")
    assert (found.network["source"] == "mempool.space").all()


@pytest.mark.parametrize("factor", [1.0, 1.015])
def test_less_than_two_percent_apart_is_not_told(network, connect, factor):
    network.alter[HASHRATE] = lambda content: {
        **content,
        "hashrates": [{**row, "avgHashrate": row["avgHashrate"] * factor} for row in content["hashrates"]],
    }
    assert not [o for told in asked(connect).told for o in told.outcomes if o.what == "agreement"]


def test_blocks_from_hashrate_and_difficulty_reproduce_the_bundled_weeks_and_144_does_not(miners_network):
    """The reward of the bundled weeks is what was mined. With 3.5 BTC of fees a day, the median distance is a fraction
    of a percent; a fixed 144 blocks miss it by several."""
    known = miners_network.dropna()
    known = known[known["date"] > "2025-06-01"]
    blocks = known["hashrate_eh_per_s"] * 1e18 * 86_400 / (known["difficulty"] * 2**32)
    reward = known["reward_and_fees_btc_per_day"]
    implied, fixed = ((3.125 * n + 3.5) / reward - 1 for n in (blocks, 144))
    assert implied.abs().median() < 0.005
    assert fixed.abs().median() > 0.025


@pytest.fixture(scope="module")
def miners_network():
    return universes.load("miners").network[NETWORK_COLUMNS]


def test_subsidy_minted_is_that_of_a_plain_loop():
    total, said = 0.0, {0: 0.0, 210_000: 10_500_000.0, 420_000: 15_750_000.0, 840_000: 19_687_500.0}
    for height in range(840_000):
        if height in said:
            assert float(minted(np.array([height]))[0]) == said[height] == pytest.approx(total)
        total += 50.0 / 2 ** (height // 210_000)
    assert float(minted(np.array([1e9]))[0]) == pytest.approx(21_000_000.0, rel=1e-6)


def test_a_halving_within_the_week_splits_the_subsidy_by_height():
    """Block 1,050,000 in the middle of seven days: half the blocks at 3.125 and half at 1.5625."""
    start = pd.DatetimeIndex(["2028-04-08"])
    end = start + pd.Timedelta(days=7)
    heights = pd.Series([1_050_000.0 - 504, 1_050_000.0 + 504], index=start.append(end))
    assert subsidy(start, end, heights) == pytest.approx([(3.125 + 1.5625) / 2])


def test_without_heights_the_day_of_a_coming_halving_is_not_guessed():
    starts = pd.DatetimeIndex(["2024-04-17", "2026-10-03", "2028-04-08", "2019-01-05"])
    found = subsidy(starts, starts + pd.Timedelta(days=7), pd.Series(dtype=float, index=pd.DatetimeIndex([])))
    # Three days before the halving of 20 April 2024 and four after it.
    assert found[:2] == pytest.approx([(3 * 6.25 + 4 * 3.125) / 7, 3.125])
    assert np.isnan(found[2:]).all()


@given(
    st.lists(st.floats(600.0, 1_400.0), min_size=7, max_size=7),
    st.lists(st.tuples(st.integers(0, 7 * 24 * 60 - 1), st.floats(1.1e14, 1.5e14)), max_size=3),
)
def test_blocks_of_a_week_with_any_adjustments(rates, changes):
    """The integral over any adjustments is the sum over the minutes."""
    start = pd.Timestamp("2026-09-12")
    index = [start - pd.Timedelta(days=3)] + [start + pd.Timedelta(minutes=m) for m, _ in changes]
    difficulty = pd.Series([1.3e14, *(d for _, d in changes)], index=pd.DatetimeIndex(index)).groupby(level=0).last()
    days = Days("mempool.space", pd.Timedelta(days=32), difficulty=difficulty)
    days.hashrate = pd.Series(rates, index=pd.date_range(start, periods=7))
    fees = pd.Series(0.0, index=pd.date_range(start, periods=7))
    table, _ = weeks.weekly(days, [pd.Timestamp("2026-09-18")], fees)
    minutes = pd.date_range(start, periods=7 * 24 * 60, freq="min")
    in_force = difficulty.reindex(minutes.union(difficulty.index)).ffill().reindex(minutes).to_numpy()
    blocks = (np.repeat(rates, 24 * 60) * 1e18 * 60 / (in_force * 2**32)).sum()
    assert table["reward_and_fees_btc_per_day"].iloc[0] == pytest.approx(3.125 * blocks / 7, rel=1e-9)


def rows(*lines) -> pd.DataFrame:
    frame = pd.DataFrame(lines, columns=["source", *NETWORK_COLUMNS])
    return frame.assign(date=pd.to_datetime(frame["date"]))


NAN = float("nan")


def test_hashrate_and_reward_are_of_one_source_and_the_price_of_the_first_that_knows():
    told = rows(
        ("blockchain.info", "2026-09-04", 70_000.0, 910.0, 1.27e14, 450.0),
        ("mempool.space", "2026-09-04", 70_100.0, 920.0, 1.28e14, NAN),
        ("mempool.space", "2026-09-11", NAN, 930.0, 1.28e14, 455.0),
        ("blockchain.info", "2026-09-11", 71_000.0, 940.0, 1.28e14, 460.0),
        ("mempool.space", "2026-09-18", 72_000.0, 950.0, NAN, NAN),
        ("somebody else", "2026-09-25", 1.0, 1.0, 1.0, 1.0),
    )
    found = weeks.combined(told).set_index("date")
    assert found["source"].to_list() == ["blockchain.info", "mempool.space", "mempool.space"]
    assert found["btc_usd"].to_list() == [70_100.0, 71_000.0, 72_000.0]
    assert found["hashrate_eh_per_s"].to_list() == [910.0, 930.0, 950.0]
    assert found["reward_and_fees_btc_per_day"].to_list()[:2] == [450.0, 455.0]
    assert np.isnan(found["reward_and_fees_btc_per_day"].iloc[2])


def test_cells_of_the_universe_stand_and_newer_weeks_follow():
    own = rows(
        ("", "2026-08-28", 77_835.2, 888.05, NAN, 446.87),
        ("", "2026-09-04", 79_676.6, NAN, NAN, NAN),
        ("", "2026-10-08", 81_754.4, NAN, NAN, NAN),
    ).drop(columns="source")
    own = own.assign(file="network.csv", line=[139, 140, 145])
    told = rows(
        ("mempool.space", "2026-08-28", 1.0, 1.0, 1.0, 1.0),
        ("mempool.space", "2026-09-04", 1.0, 930.0, 1.28e14, 455.0),
        ("mempool.space", "2026-10-09", 82_000.0, 940.0, 1.25e14, 460.0),
    )
    found = weeks.merged(own, told).set_index("date")
    assert found["btc_usd"].to_list() == [77_835.2, 79_676.6, 81_754.4, 82_000.0]
    assert found["hashrate_eh_per_s"].fillna(0.0).to_list() == [888.05, 930.0, 0.0, 940.0]
    assert np.isnan(found["difficulty"].iloc[0])
    assert found["file"].to_list() == ["network.csv"] * 3 + ["mempool.space"]
    nothing = weeks.merged(own, told.iloc[:0])
    pd.testing.assert_frame_equal(nothing, own, check_dtype=False)
