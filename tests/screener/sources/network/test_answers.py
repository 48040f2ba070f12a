"""Answers of the network's sources by hand: stamps and units, what cannot be, and the edges of each limit; no request."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from screener.sources.http import Got, Refused
from screener.sources.network import blockchain_info, mempool, update, weeks
from screener.sources.network.days import Days, figures, member
from screener.sources.network.subsidy import minted, subsidy
from screener.sources.told import NETWORK_COLUMNS

NOW = pd.Timestamp("2026-10-05 09:00")
FRIDAY = pd.Timestamp("2026-10-02")
NAN = float("nan")


def seconds(told: str) -> int:
    return int(pd.Timestamp(told).timestamp())


def read(*rows: tuple[object, object], now: pd.Timestamp = NOW) -> dict[str, float]:
    table = figures([{"t": stamp, "v": value} for stamp, value in rows], "figures", "t", ["v"], now)
    assert table.index.is_monotonic_increasing
    return {f"{when:%m-%d %H:%M}": value for when, value in table["v"].items()}


def test_figures_stand_by_their_time_and_what_is_no_figure_is_unknown():
    told = read(
        (seconds("2026-10-03"), 3.0), (seconds("2026-10-01 12:30"), "1.5"), (seconds("2026-10-02"), 0.0),
        (seconds("2026-10-04"), -1.0), (seconds("2026-10-05"), None), (seconds("2026-10-05 01:00"), float("inf")),
        (seconds("2026-10-05 02:00"), 7.0), (seconds("2026-10-05 02:00"), 7.0), (seconds("2026-10-05 03:00"), 7.0),
        (seconds("2026-10-05 03:00"), 8.0), (seconds("2026-10-05 04:00"), 0.5),
    )  # fmt: skip
    assert {when: value for when, value in told.items() if not np.isnan(value)} == {
        "10-01 12:30": 1.5, "10-03 00:00": 3.0, "10-05 02:00": 7.0, "10-05 04:00": 0.5,
    }  # fmt: skip
    assert len(told) == 9


@pytest.mark.parametrize(
    ("stamp", "can_be"),
    [
        (1_231_006_505, True),
        (1_231_006_504, False),
        (seconds("2026-10-06 09:00"), True),
        (seconds("2026-10-06 09:00") + 1, False),
        ("soon", False),
        (None, False),
    ],
)
def test_times_are_from_the_first_block_to_a_day_ahead(stamp, can_be):
    if can_be:
        assert len(read((stamp, 1.0))) == 1
        return
    with pytest.raises(Refused, match="figures with a time that cannot be: before 2009, in the future, or no number"):
        read((stamp, 1.0), (seconds("2026-10-01"), 2.0))


@pytest.mark.parametrize(
    ("rows", "kind", "words"),
    [({}, "bad_answer", "figures is no list of objects"), ([1], "bad_answer", "figures is no list of objects"),
     ([{"t": 1}, 2], "bad_answer", "no list of objects"), ([], "empty", "no figures"),
     ([{"v": 1.0}], "bad_answer", "figures without t"), ([{"x": 1.0}], "bad_answer", "figures without t and v")],
)  # fmt: skip
def test_another_shape_is_refused(rows, kind, words):
    with pytest.raises(Refused, match=words) as refused:
        figures(rows, "figures", "t", ["v"], NOW)
    assert refused.value.kind == kind
    for content in ([], {}, {"w": 1}):
        with pytest.raises(Refused, match="another shape: no v"):
            member(content, "v")
    assert member({"v": None}, "v") is None


# mempool.space ------------------------------------------------------------------------------------------------------------

ADJUSTED = [{"time": seconds("2026-09-10"), "height": 965_664, "difficulty": 1.29e14},
            {"time": seconds("2026-09-24 06:00"), "height": 967_680, "difficulty": 1.25e14}]  # fmt: skip


def rewards(height: int = 969_000, paid: float = 450.0, blocks: int = 144) -> dict:
    fees = 300_000_000
    return {
        "startBlock": height - blocks + 1,
        "endBlock": height,
        "totalReward": str(round(paid * 1e8) + fees),
        "totalFee": str(fees),
    }


def asked(fridays=(FRIDAY,), now: pd.Timestamp = NOW, **answers) -> tuple[Days, list[tuple]]:
    """What mempool.space tells with these answers, and the questions (address, parameters)."""
    given = {"hashrate": {"hashrates": [{"timestamp": seconds("2026-10-01"), "avgHashrate": 9e20}], "difficulty": ADJUSTED},
             "reward-stats": rewards(), "historical-price": {"prices": []}} | answers  # fmt: skip
    questions: list[tuple] = []

    def ask(source: str, url: str, params) -> Got:
        assert source == "mempool.space"
        questions.append((url, dict(params)))
        answer = next(content for name, content in given.items() if name in url)
        if isinstance(answer, Refused):
            raise answer
        return Got(url, b"", answer(params) if callable(answer) else answer, requests=2)

    return mempool.ask(ask, list(fridays), now), questions


def failed(days: Days) -> list[tuple[str, str, str]]:
    return [(one.what, one.kind, one.message) for one in days.outcomes if one.ended == "failed"]


def test_a_day_s_hashrate_ends_at_its_stamp_and_only_midnights_are_days():
    told = [{"timestamp": seconds(stamp), "avgHashrate": rate} for stamp, rate in
            (("2026-10-01", 9.2e20), ("2026-10-02", 9.4e20), ("2026-10-02 12:00", 5e20))]  # fmt: skip
    days, questions = asked(hashrate={"hashrates": told, "difficulty": ADJUSTED})
    assert days.hashrate.to_dict() == {pd.Timestamp("2026-09-30"): 920.0, pd.Timestamp("2026-10-01"): 940.0}
    assert days.difficulty.to_dict() == {pd.Timestamp("2026-09-10"): 1.29e14, pd.Timestamp("2026-09-24 06:00"): 1.25e14}
    assert days.heights.to_dict() == {
        pd.Timestamp("2026-09-10"): 965_664, pd.Timestamp("2026-09-24 06:00"): 967_680, NOW: 969_000,
    }  # fmt: skip
    assert [url.removeprefix(mempool.API) for url, _ in questions] == [
        "/mining/hashrate/3y", "/mining/reward-stats/144", "/historical-price",
    ]  # fmt: skip
    assert [(one.what, one.subject, one.requests) for one in days.outcomes] == [
        ("hashrate", "", 2), ("reward-stats", "", 2), ("price", "2026-10-02", 2),
    ]  # fmt: skip


def test_a_later_height_takes_the_place_of_those_of_now_and_after():
    later = [*ADJUSTED, {"time": seconds("2026-10-05 09:00"), "height": 5.0, "difficulty": 1.0}]
    days, _ = asked(
        hashrate={"hashrates": [{"timestamp": seconds("2026-10-01"), "avgHashrate": 9e20}], "difficulty": later}
    )
    assert days.heights.tolist() == [965_664, 967_680, 969_000]


@pytest.mark.parametrize(
    ("height", "message"),
    [
        (967_680 + 2015, None),
        (967_680 + 2016, "no adjustment after block 967,680, though 969,696 were found: unknown from 2026-10-05 on"),
        (967_680 + 4032, "no adjustment after block 967,680, though 971,712 were found: unknown from 2026-09-29 on"),
    ],
)
def test_difficulty_is_unknown_from_where_an_adjustment_is_missing(height, message):
    """From 24 September 06:00 to 5 October 06:00 are eleven days: twice as many blocks take half, to the 29th 18:00."""
    days, _ = asked(now=pd.Timestamp("2026-10-05 06:00"), **{"reward-stats": rewards(height)})
    found = [one for one in failed(days) if one[0] != "price"]
    assert found == ([] if message is None else [("difficulty", "partial", message)])
    assert days.difficulty.isna().sum() == (message is not None)
    if height == 967_680 + 4032:
        assert days.difficulty.index[-1] == pd.Timestamp("2026-09-29 18:00")
    without, _ = asked(hashrate=Refused("bad_answer", "half"), **{"reward-stats": rewards(height)})
    assert without.heights.tolist() == [height]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (rewards(paid=454.5), None), (rewards(paid=445.5), None),
        (rewards(paid=454.6), "a subsidy of 454.6 BTC in 144 blocks, their heights say 450"),
        (rewards(paid=445.4), "a subsidy of 445.4 BTC in 144 blocks, their heights say 450"),
        (rewards(blocks=143), "rewards of 143 blocks, 144 were asked for"),
        (rewards(blocks=145), "rewards of 145 blocks, 144 were asked for"),
        (rewards() | {"totalFee": None}, "an answer in another shape: totalFee is no number"),
    ],
)  # fmt: skip
def test_the_reward_of_the_last_blocks_is_the_subsidy_of_their_heights_within_a_percent(answer, message):
    days, _ = asked(**{"reward-stats": answer})
    found = [told for told in failed(days) if told[0] == "reward-stats"]
    assert found == ([] if message is None else [("reward-stats", "bad_answer", message)])
    assert (NOW in days.heights.index) is (message is None)


@pytest.mark.parametrize(
    ("stamp", "known"),
    [("2026-10-03 00:00", True), ("2026-10-03 00:01", False), ("2026-10-02 00:01", True), ("2026-10-02 00:00", False)],
)
def test_a_week_s_price_is_the_last_of_its_last_day(stamp, known):
    days, questions = asked(**{"historical-price": {"prices": [{"time": seconds(stamp), "USD": 90_000.0}]}})
    assert questions[-1][1] == {"currency": "USD", "timestamp": str(seconds("2026-10-03"))}
    assert days.price.to_dict() == ({pd.Timestamp("2026-10-03"): 90_000.0} if known else {})
    assert failed(days) == ([] if known else [("price", "empty", "no price on 2026-10-02")])
    two = [{"time": seconds("2026-10-02 23:00"), "USD": 2.0}, {"time": seconds("2026-10-02 22:00"), "USD": 1.0}]
    assert asked(**{"historical-price": {"prices": two}})[0].price.tolist() == [2.0]


def test_the_newest_thirteen_prices_are_asked_for_and_none_after_a_refusal():
    fridays = list(pd.date_range("2026-06-05", periods=15, freq="W-FRI"))
    days, questions = asked(reversed(fridays))
    assert [one.subject for one in days.outcomes if one.what == "price"] == [f"{day:%Y-%m-%d}" for day in fridays[2:]]
    limit = Refused("rate_limited", "too many requests", pause_seconds=60.0, requests=1)
    days, questions = asked(fridays, **{"historical-price": limit})
    assert sum("price" in url for url, _ in questions) == 1
    assert days.pause == (60.0, "too many requests")
    days, questions = asked(hashrate=limit)
    assert [url.rpartition("/")[2] for url, _ in questions] == ["3y", "144"]


# blockchain.info ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "timespan"),
    [("2026-10-02", "1year"), ("2025-10-20 09:00:01", "1year"), ("2025-10-20 09:00:00", "3years")],
)
def test_charts_are_asked_for_over_a_year_or_three(first, timespan):
    questions = []

    def ask(source: str, url: str, params) -> Got:
        questions.append((url.removeprefix(blockchain_info.API), dict(params)))
        rows = [
            {"x": seconds("2026-10-01"), "y": 9.5e8 if "hash-rate" in url else 3.5},
            {"x": seconds("2026-10-02"), "y": 0},
        ]
        return Got(url, b"", {"values": rows})

    days = blockchain_info.ask(ask, [FRIDAY, pd.Timestamp(first)], NOW)
    assert questions == [
        (f"/{chart}", {"timespan": timespan, "format": "json", "sampled": "false"})
        for chart in ("hash-rate", "difficulty", "transaction-fees", "market-price")
    ]
    day = pd.Timestamp("2026-10-01")
    assert [days.hashrate.to_dict(), days.difficulty.to_dict(), days.fees.to_dict(), days.price.to_dict()] == [
        {day: 950.0}, {day: 3.5}, {day: 3.5}, {day: 3.5},
    ]  # fmt: skip
    assert days.difficulty_holds == pd.Timedelta(days=2)
    refused = blockchain_info.ask(lambda *_: (_ for _ in ()).throw(Refused("empty", "none")), [FRIDAY], NOW)
    assert len(refused.hashrate) == len(refused.price) == 0


# Weeks --------------------------------------------------------------------------------------------------------------------


def week(
    rate: float = 900.0,
    difficulty: float = 1.25e14,
    holds: int = 30,
    since: str = "2026-09-20",
    fee: float = 3.0,
    **more,
):
    """The week to 2 October of a source whose figures do not change, and the weeks whose unit is wrong."""
    index = pd.date_range("2026-09-26", periods=7)
    days = Days(
        "mempool.space", pd.Timedelta(days=holds), difficulty=pd.Series([difficulty], index=pd.DatetimeIndex([since]))
    )
    days.hashrate = pd.Series(rate, index=index)
    days.price = pd.Series([90_000.0], index=pd.DatetimeIndex(["2026-10-03"]))
    for name, value in more.items():
        setattr(days, name, value)
    return weeks.weekly(days, [FRIDAY], pd.Series(fee, index=index))


@pytest.mark.parametrize(("blocks", "right"), [(71.9, False), (72.1, True), (287.9, True), (288.1, False)])
def test_a_hashrate_that_means_half_or_twice_the_blocks_is_in_another_unit(blocks, right):
    """Blocks a day are 900e18 x 86,400 over difficulty x 2^32."""
    table, wrong = week(difficulty=900e18 * 86_400 / blocks / 4_294_967_296)
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
    table, _ = week(holds=holds)
    assert table["difficulty"].notna().tolist() == [known]
    assert table["hashrate_eh_per_s"].notna().tolist() == [known]


@pytest.mark.parametrize(("first", "second", "counts"), [("2026-09-20", "2026-10-03", 1.25e14),
                                                         ("2026-09-26", "2026-10-02 23:59", 2.5e14)])  # fmt: skip
def test_a_difficulty_from_the_end_of_the_week_on_is_the_next_week_s(first, second, counts):
    index = pd.date_range("2026-09-26", periods=7)
    made = Days("mempool.space", pd.Timedelta(days=30))
    made.difficulty = pd.Series([1.25e14, 2.5e14], index=pd.DatetimeIndex([first, second]))
    made.hashrate = pd.Series(900.0, index=index)
    table, _ = weeks.weekly(made, [FRIDAY], pd.Series(3.0, index=index))
    assert table["difficulty"].tolist() == [counts]


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


def rows(*lines: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(lines, columns=["source", *NETWORK_COLUMNS])
    return frame.assign(date=pd.to_datetime(frame["date"]))


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


def test_subsidy_by_day_and_by_height():
    spans = pd.DatetimeIndex(["2028-02-04", "2028-02-05", "2020-05-09", "2012-11-26"])
    none = pd.Series(dtype=float, index=pd.DatetimeIndex([]))
    found = subsidy(spans, spans + pd.Timedelta(days=7), none)
    one = subsidy(spans, spans + pd.Timedelta(days=7), pd.Series([1.0], index=pd.DatetimeIndex(["2026-01-01"])))
    np.testing.assert_array_equal(found, one)
    assert minted(np.array([0.0, 1.0, 210_000.0, 210_001.0, 420_000.0])).tolist() == [
        0.0, 50.0, 10_500_000.0, 10_500_025.0, 15_750_000.0,
    ]  # fmt: skip
    heights = pd.Series([1_049_000.0, 1_051_000.0], index=pd.DatetimeIndex(["2028-04-01", "2028-04-11"]))
    by_height = subsidy(
        pd.DatetimeIndex(["2028-04-01", "2028-04-10"]), pd.DatetimeIndex(["2028-04-11", "2028-04-12"]), heights
    )
    assert by_height[0] == pytest.approx((1000 * 3.125 + 1000 * 1.5625) / 2000)
    assert np.isnan(by_height[1])  # it ends after the last height


# What is asked for --------------------------------------------------------------------------------------------------------


def ledger(told: pd.DataFrame | None = None, *asked_: tuple) -> SimpleNamespace:
    columns = ["at", "ended", "url"]
    frame = pd.DataFrame(list(asked_), columns=columns)
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return SimpleNamespace(network=lambda: rows() if told is None else told, asked=lambda source, by: frame)


@pytest.mark.parametrize(
    ("asked_", "is_fresh"),
    [
        ((), False),
        ((("2026-10-04 13:01", "ok", "u"),), True),
        ((("2026-10-04 13:00", "ok", "u"),), False),  # twenty hours ago
        ((("2026-10-05 08:01", "failed", "u"),), True),  # asked just now
        ((("2026-10-05 08:00", "failed", "u"),), False),
        ((("2026-10-05 07:00", "failed", "u"), ("2026-10-05 06:00", "ok", "u")), False),
        ((("2026-10-05 07:00", "none", "u"), ("2026-10-05 06:00", "ok", "u")), True),
        ((("2026-10-05 08:30", "ok", ""),), False),  # without a request
    ],
)
def test_a_source_is_asked_once_in_twenty_hours_and_an_hour_after_a_failure(asked_, is_fresh):
    assert update.fresh(ledger(None, *asked_), "mempool.space", NOW.tz_localize("UTC").to_pydatetime()) is is_fresh


def test_the_weeks_of_the_last_year_or_since_the_universe_s_first_are_wanted():
    known = rows(("mempool.space", "2026-09-25", 1.0, 1.0, NAN, 1.0), ("mempool.space", "2026-09-18", 1.0, 1.0, 1.0, NAN),
                 ("mempool.space", "2026-09-11", NAN, 1.0, 1.0, 1.0))  # fmt: skip
    found = update.missing(ledger(known), NOW, None)
    assert (found[0], found[-1], len(found)) == (pd.Timestamp("2025-10-10"), FRIDAY, 51)
    assert pd.Timestamp("2026-09-25") not in found
    own = rows(("", "2026-09-04", 1.0, 1.0, 1.0, 1.0), ("", "2026-08-28", 1.0, NAN, 1.0, 1.0)).drop(columns="source")
    assert [f"{day:%m-%d}" for day in update.missing(ledger(known), NOW, own)] == ["08-28", "09-11", "09-18", "10-02"]
    old = own.assign(date=pd.to_datetime(["2020-01-03", "2026-08-28"]))
    assert update.missing(ledger(known), NOW, old)[0] == pd.Timestamp("2023-10-06")
