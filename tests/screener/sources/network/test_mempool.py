"""Answers of mempool.space by hand: stamps and units, what cannot be, and what is asked for; no request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pytest

from screener.sources.http import Got, Refused
from screener.sources.network import mempool
from screener.sources.network.days import Days
from tests.screener.sources.network.answers import FRIDAY, NOW, seconds

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


def asked(
    fridays: Iterable[pd.Timestamp] = (FRIDAY,), now: pd.Timestamp = NOW, **answers: Any
) -> tuple[Days, list[tuple]]:
    """What mempool.space tells with these answers, and the questions (address, parameters)."""
    given = {"hashrate": {"hashrates": [{"timestamp": seconds("2026-10-01"), "avgHashrate": 9e20}], "difficulty": ADJUSTED},
             "reward-stats": rewards(), "historical-price": {"prices": []}} | answers  # fmt: skip
    questions: list[tuple] = []

    def ask(source: str, url: str, params: dict[str, str]) -> Got:
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
    assert sum(one.requests for one in days.outcomes) == 6  # three questions of two; none for what is missing
    assert days.difficulty_holds == pd.Timedelta(days=21)
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
