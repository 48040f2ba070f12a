"""Weeks by hand: units, how long a difficulty stands, two sources side by side, and the universe's own weeks."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.network import weeks
from screener.sources.network.days import Days
from screener.sources.told import NETWORK_COLUMNS
from tests.screener.sources.network.answers import FRIDAY, NAN, rows


def week(difficulty: dict[str, float], holds: int = 30) -> tuple[pd.DataFrame, list[pd.Timestamp]]:
    """The week to 2 October of a source that tells difficulty from these days on, and the weeks whose unit is wrong."""
    index = pd.date_range("2026-09-26", periods=7)
    days = Days("mempool.space", pd.Timedelta(days=holds))
    days.difficulty = pd.Series(list(difficulty.values()), index=pd.DatetimeIndex(list(difficulty)))
    days.hashrate = pd.Series(900.0, index=index)
    days.price = pd.Series([90_000.0], index=pd.DatetimeIndex(["2026-10-03"]))
    return weeks.weekly(days, [FRIDAY], pd.Series(3.0, index=index))


@pytest.mark.parametrize(("blocks", "right"), [(71.9, False), (72.1, True), (287.9, True), (288.1, False)])
def test_a_hashrate_that_means_half_or_twice_the_blocks_is_in_another_unit(blocks, right):
    """Blocks a day are 900e18 x 86,400 over difficulty x 2^32."""
    table, wrong = week({"2026-09-20": 900e18 * 86_400 / blocks / 4_294_967_296})
    assert wrong == ([] if right else [FRIDAY])
    assert table["btc_usd"].tolist() == [90_000.0]
    if right:
        assert table["hashrate_eh_per_s"].tolist() == [900.0]
        assert table["reward_and_fees_btc_per_day"].tolist() == pytest.approx([3.125 * blocks + 3.0], rel=1e-9)
    else:
        assert table[["hashrate_eh_per_s", "reward_and_fees_btc_per_day"]].isna().all(axis=None)


@pytest.mark.parametrize(("holds", "known"), [(13, True), (12, False)])
def test_a_difficulty_stands_so_long_as_its_source_says(holds, known):
    """From 20 September to the end of the week, 3 October, are thirteen days."""
    table, _ = week({"2026-09-20": 1.25e14}, holds)
    assert table["difficulty"].notna().tolist() == [known]
    assert table["hashrate_eh_per_s"].notna().tolist() == [known]


@pytest.mark.parametrize(("first", "second", "counts"), [("2026-09-20", "2026-10-03", 1.25e14),
                                                         ("2026-09-26", "2026-10-02 23:59", 2.5e14)])  # fmt: skip
def test_a_difficulty_from_the_end_of_the_week_on_is_the_next_week_s(first, second, counts):
    table, _ = week({first: 1.25e14, second: 2.5e14})
    assert table["difficulty"].tolist() == [counts]


def test_an_unknown_difficulty_leaves_the_weeks_after_it_known():
    """From 26 September on a difficulty is told; nothing is known of the week before."""
    days = Days("mempool.space", pd.Timedelta(days=30))
    days.difficulty = pd.Series([1.25e14], index=pd.DatetimeIndex(["2026-09-25 23:59"]))
    days.hashrate = pd.Series(900.0, index=pd.date_range("2026-09-19", periods=14))
    table, _ = weeks.weekly(days, [pd.Timestamp("2026-09-25"), FRIDAY], pd.Series(3.0, index=days.hashrate.index))
    assert table["difficulty"].tolist() == [1.25e14, 1.25e14]
    assert table["hashrate_eh_per_s"].tolist() == pytest.approx([NAN, 900.0], nan_ok=True)


def test_a_week_without_any_figure_is_left_out():
    nothing = Days("mempool.space")
    table, wrong = weeks.weekly(nothing, [FRIDAY], nothing.fees)
    assert (len(table), wrong) == (0, [])
    assert list(table.columns) == NETWORK_COLUMNS
    nothing.price = pd.Series([90_000.0], index=pd.DatetimeIndex(["2026-10-03"]))
    only_price, _ = weeks.weekly(nothing, [pd.Timestamp("2026-09-25"), FRIDAY], nothing.fees)
    assert only_price["date"].tolist() == [FRIDAY]
    assert only_price.index.tolist() == [0]


@pytest.mark.parametrize(("now", "count"), [("2026-10-02 23:59", 1), ("2026-10-03 00:00", 2)])
def test_a_week_is_over_with_its_friday(now, count):
    found = weeks.over(pd.Timestamp("2026-09-25 15:00"), pd.Timestamp("2026-10-09"), pd.Timestamp(now))
    assert found == [pd.Timestamp("2026-09-25"), FRIDAY][:count]


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (1000.0, 980.0, None), (1000.0, 979.0, "1,000.0 EH/s at mempool.space, 979.0 EH/s at blockchain.info, 2.1% apart"),
        (980.0, 1000.0, None), (979.0, 1000.0, "979.0 EH/s at mempool.space, 1,000.0 EH/s at blockchain.info, 2.1% apart"),
        (1000.0, NAN, None),
    ],
)  # fmt: skip
def test_two_sources_further_apart_than_two_percent_of_the_larger_are_told(one, other, words):
    told = rows(("blockchain.info", "2026-10-02", 90_000.0, other, 1.25e14, 450.0),
                ("mempool.space", "2026-10-02", 90_000.0, one, 1.25e14, 450.0),
                ("mempool.space", "2026-09-25", 1.0, 1.0, 1.0, 1.0))  # fmt: skip
    assert list(weeks.disagreements(told)) == ([] if words is None else [(FRIDAY, f"hashrate: {words}")])


def test_every_figure_of_two_sources_is_compared():
    told = rows(("mempool.space", "2026-10-02", 90_000.0, 1000.0, 1.25e14, 450.0),
                ("blockchain.info", "2026-10-02", 60_000.0, 1250.0, 1e14, 500.0))  # fmt: skip
    assert list(weeks.disagreements(told)) == [(FRIDAY, "; ".join([
        "price: 90,000 USD at mempool.space, 60,000 USD at blockchain.info, 50.0% apart",
        "hashrate: 1,000.0 EH/s at mempool.space, 1,250.0 EH/s at blockchain.info, 20.0% apart",
        "difficulty: 1.25e+14 at mempool.space, 1e+14 at blockchain.info, 25.0% apart",
        "reward and fees: 450.0 BTC a day at mempool.space, 500.0 BTC a day at blockchain.info, 10.0% apart",
    ]))]  # fmt: skip


def test_a_universe_s_week_is_filled_where_neither_hashrate_nor_reward_is_known():
    own = rows(("", "2026-10-02", 1.0, NAN, NAN, NAN), ("", "2026-09-25", NAN, 900.0, NAN, NAN),
               ("", "2026-09-18", 1.0, NAN, 1e14, 440.0)).drop(columns="source")  # fmt: skip
    told = rows(*(("mempool.space", day, 2.0, 950.0, 1.2e14, 455.0) for day in ("2026-10-02", "2026-09-25", "2026-09-18")),
                ("mempool.space", "2026-09-11", 2.0, 951.0, NAN, NAN))  # fmt: skip
    found = weeks.merged(own, told)
    assert found["date"].is_monotonic_increasing
    assert list(found.columns) == NETWORK_COLUMNS
    assert found.fillna(-1.0).iloc[:, 1:].to_numpy().tolist() == [
        [2.0, 951.0, -1.0, -1.0], [1.0, -1.0, 1e14, 440.0], [2.0, 900.0, -1.0, -1.0], [1.0, 950.0, 1.2e14, 455.0],
    ]  # fmt: skip
    part = rows(("mempool.space", "2026-10-02", 2.0, 950.0, 1.2e14, NAN))
    assert weeks.merged(own, part).iloc[-1, 1:].isna().tolist() == [False, True, True, True]
