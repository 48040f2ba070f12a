"""Weeks of the network at the gate by hand, and everything that a run reads judged together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from screener.sources.gate import network, passing
from tests.screener.sources.gated import FRIDAYS, NO_SPLITS, figure, table, weeks

NAN = np.nan


def judged(values: list[float], name: str = "hashrate_eh_per_s", **columns: object) -> tuple[list[float], list[tuple]]:
    """The figures that are used, by date, and what is held back."""
    rows = weeks(name, values).assign(**columns).sample(frac=1, random_state=3)
    left, held = network.judge(rows)
    assert list(left.columns) == [column for column in rows if column != "confirmed"]
    assert left["date"].tolist() == rows["date"].tolist()
    assert {(one.ticker, one.item, one.remedy, one.used) for one in held} <= {("", name, network.REMEDY, False)}
    assert all(one.known_on == one.date for one in held)
    told = [(f"{one.date:%m-%d}", one.value, one.reason, one.place) for one in held]
    return left.sort_values("date")[name].tolist(), told


FLAT = [800.0] * 4
STANDS = "; the week before stands"


def test_a_week_out_of_proportion_is_unknown_and_told_beside_the_one_before():
    left, told = judged([*FLAT, 2000.0, 820.0])
    assert left == pytest.approx([*FLAT, NAN, 820.0], nan_ok=True)
    assert told == [
        ("01-30", 2000.0, f"hashrate 2,000 on 2026-01-30 after 800 on 2026-01-23, 2.5 times{STANDS}", "network.csv:6")
    ]
    _, told = judged([450.0] * 4 + [1200.0], "reward_and_fees_btc_per_day", file="mempool.space", line=NAN)
    words = f"reward and fees 1,200 on 2026-01-30 after 450 on 2026-01-23, 2.67 times{STANDS}"
    assert told == [("01-30", 1200.0, words, "mempool.space")]
    assert judged([1.25e14] * 4 + [1e12], "difficulty")[1][0][2].startswith(
        "difficulty 1e+12 on 2026-01-30 after 1.25e+14 on"
    )


@pytest.mark.parametrize("value", [0.0, -5.0, np.inf])
def test_a_figure_that_cannot_be_is_told_by_itself(value):
    left, told = judged([*FLAT, value, 820.0])
    assert left == pytest.approx([*FLAT, NAN, 820.0], nan_ok=True)
    assert told == [
        (
            "01-30",
            value,
            f"hashrate {value:,.6g} on 2026-01-30 cannot be, or not before the weeks after it{STANDS}",
            "network.csv:6",
        )
    ]


def test_weeks_that_a_later_one_confirms_are_used_and_a_first_one_alone_is_not():
    assert judged([*FLAT, 2000.0, 2100.0]) == ([*FLAT, 2000.0, 2100.0], [])
    left, told = judged([*FLAT, 3300.0, 3300.0])  # beyond four times nothing confirms it
    assert left == pytest.approx([*FLAT, NAN, NAN], nan_ok=True)
    assert [one[0] for one in told] == ["01-30", "02-06"]
    left, told = judged([8000.0, *FLAT])
    assert left == pytest.approx([NAN, *FLAT], nan_ok=True)
    assert told == [("01-02", 8000.0, f"hashrate 8,000 on 2026-01-02 cannot be, or not before the weeks after it{STANDS}",
                     "network.csv:2")]  # fmt: skip


def test_a_move_of_exactly_a_limit_is_beyond_it():
    """From 1.6 times on a week is held back, and from 4 times on no later week confirms it."""
    assert [one[1] for one in judged([1.0, 1.6])[1]] == [1.6]
    assert judged([1.0, 1.599])[1] == []
    assert [one[1] for one in judged([1.0, 4.0, 4.0])[1]] == [4.0, 4.0]
    assert judged([1.0, 3.999, 3.999])[1] == []


def test_unknown_weeks_are_passed_over_and_the_limit_grows_with_the_gap():
    assert judged([800.0, NAN, NAN, NAN, 2000.0]) == (pytest.approx([800.0, NAN, NAN, NAN, 2000.0], nan_ok=True), [])
    assert judged([800.0, NAN, 2000.0])[1][0][2].startswith("hashrate 2,000 on 2026-01-16 after 800 on 2026-01-02")
    assert judged([0.8, 0.9]) == ([0.8, 0.9], [])
    assert judged([NAN, NAN]) == (pytest.approx([NAN, NAN], nan_ok=True), [])


def test_a_person_s_word_is_used():
    rows = weeks("hashrate_eh_per_s", [*FLAT, 2000.0]).assign(confirmed=[None] * 4 + ["the pool"])
    left, held = network.judge(rows)
    assert (left["hashrate_eh_per_s"].tolist(), held) == ([*FLAT, 2000.0], [])
    assert "confirmed" not in left


def test_figures_of_one_week_are_judged_apart():
    rows = weeks("hashrate_eh_per_s", [*FLAT, 2000.0]).assign(difficulty=1.25e14, btc_usd=90_000.0)
    left, held = network.judge(rows)
    assert set(left["difficulty"]) == {1.25e14}
    assert [one.item for one in held] == ["hashrate_eh_per_s"]


def passed(
    btc: list[float], quoted: dict[str, list[float]] | None = None, facts: tuple[dict, ...] = (), **more: Any
) -> passing.Passed:
    own = weeks("btc_usd", btc).assign(hashrate_eh_per_s=800.0)
    rows = table(quoted or {"X": [10.0] * 6})
    figures_ = pd.DataFrame(list(facts) or [figure("cash", "2026-03-31", 5e6)])
    return passing.judge(rows, figures_, own, NO_SPLITS, ["X"], **more)


def test_a_wrong_price_of_bitcoin_in_the_network_is_unknown_there_and_told():
    found = passed([9e4, 9e4, 9e4, 9e4, 9e4, 9e5])
    assert found.network["btc_usd"].tolist() == pytest.approx([9e4] * 5 + [NAN], nan_ok=True)
    assert found.network["hashrate_eh_per_s"].tolist() == [800.0] * 6
    assert found.held[["ticker", "item", "value", "place", "used"]].to_numpy().tolist() == [
        ["BTC-USD", "btc_usd", 9e5, "network.csv:7", False]
    ]
    assert list(found.closes.columns) == ["date", "ticker", "close_usd", "file", "line", "known_from", "known_until"]
    assert found.closes["ticker"].tolist() == ["X"] * 6
    assert found.closes.index.tolist() == list(range(6))


def test_what_is_right_is_passed_on_as_it_is():
    found = passed([9e4, NAN, 9e4], {"X": [10.0] * 3, "BTC-USD": [9e4, 9e4]})
    assert found.network["btc_usd"].tolist() == pytest.approx([9e4, NAN, 9e4], nan_ok=True)
    assert found.closes["close_usd"].tolist() == [10.0] * 3 + [9e4] * 2
    assert found.closes["line"].tolist() == [2.0, 3.0, 4.0, 2.0, 3.0]
    assert found.held.empty
    assert found.facts["value"].tolist() == [5e6]


def test_the_network_s_price_and_a_source_s_are_one_series():
    """A source's close of 135,000 is half as high again as the network's price of the day: the source's is held back."""
    found = passed([9e4] * 6, {"BTC-USD": [9e4] * 5 + [135_000.0]})
    assert found.network["btc_usd"].tolist() == [9e4] * 6
    assert found.held[["item", "place"]].to_numpy().tolist() == [["btc_usd", "prices.csv:7"]]
    assert found.closes["close_usd"].tolist() == [9e4] * 5


def test_everything_held_back_stands_in_one_list_after_what_was_before():
    wrong = (figure("cash", "2026-03-31", 5e6), figure("cash", "2026-06-30", 6e9))
    own = network.judge(weeks("hashrate_eh_per_s", [800.0] * 5 + [9000.0]))[1]
    found = passed([9e4] * 6, {"X": [10.0] * 5 + [100.0]}, wrong, before=own)
    assert found.held["item"].tolist() == ["hashrate_eh_per_s", "price_usd", "cash"]
    assert (found.facts["value"].tolist(), len(found.closes)) == ([5e6], 5)
    weeks_ = weeks("btc_usd", [9e4] * 6).assign(hashrate_eh_per_s=[800.0] * 5 + [9000.0])
    every = passing.judge(table({"X": [10.0] * 5 + [100.0]}), pd.DataFrame(list(wrong)), weeks_, NO_SPLITS, ["X"])
    assert every.held["item"].tolist() == ["price_usd", "hashrate_eh_per_s", "cash"]


def test_without_closes_or_prices_of_the_network_the_other_is_judged():
    assert passed([NAN, NAN], {"X": [10.0] * 2}).closes["close_usd"].tolist() == [10.0] * 2
    nothing = passing.judge(table({"X": [1.0]}).iloc[:0], pd.DataFrame([figure("cash", "2026-03-31", 5e6)]),
                            weeks("btc_usd", [9e4, 9e4]), NO_SPLITS, [])  # fmt: skip
    assert (len(nothing.closes), nothing.network["btc_usd"].tolist()) == (0, [9e4, 9e4])


def test_a_person_s_word_for_a_price_of_bitcoin():
    own = weeks("btc_usd", [9e4] * 5 + [9e5]).assign(confirmed=[None] * 5 + ["the exchange"])
    facts = pd.DataFrame([figure("cash", "2026-03-31", 5e6)])
    found = passing.judge(table({"X": [10.0]}).assign(confirmed=None), facts, own, NO_SPLITS, ["X"])
    assert found.network["btc_usd"].tolist()[-1] == 9e5
    assert found.held["used"].tolist() == [True]
    assert found.held["date"].tolist() == [FRIDAYS[5]]
