"""Charts of blockchain.info by hand: what is asked for, and units; no request."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.http import Got, Refused
from screener.sources.network import blockchain_info
from tests.screener.sources.network.answers import FRIDAY, NOW, seconds


@pytest.mark.parametrize(
    ("first", "timespan"),
    [("2026-10-02", "1year"), ("2025-10-20 09:00:01", "1year"), ("2025-10-20 09:00:00", "3years")],
)
def test_charts_are_asked_for_over_a_year_or_three(first, timespan):
    questions = []

    def ask(source: str, url: str, params: dict[str, str]) -> Got:
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
    assert [outcome.requests for outcome in days.outcomes] == [1, 1, 1, 1]  # an answer of one try
    assert days.difficulty_holds == pd.Timedelta(days=2)
    refused = blockchain_info.ask(lambda *_: (_ for _ in ()).throw(Refused("empty", "none")), [FRIDAY], NOW)
    assert len(refused.hashrate) == len(refused.price) == 0
