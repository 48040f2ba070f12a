"""mempool.space and blockchain.info as their clients meet them, with figures that a test sets.

Shapes: mempool.space stamps a day's hashrate with the midnight that ends it and gives H/s, amounts in satoshi as text,
and the last price before a time; blockchain.info stamps the midnight that begins the day and gives TH/s and BTC.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.loopback.faults import Failing
from tests.loopback.proxy import Answer, Request

MEMPOOL, BLOCKCHAIN = "mempool.space", "api.blockchain.info"
DAY = timedelta(days=1)
HASHRATE = "/api/v1/mining/hashrate/3y"
REWARDS = "/api/v1/mining/reward-stats/144"
PRICE = "/api/v1/historical-price"
CHARTS = {name: f"/charts/{name}" for name in ("hash-rate", "difficulty", "transaction-fees", "market-price")}
# Adjustments of autumn 2026, invented; the first height is a multiple of 2016.
ADJUSTMENTS = [
    (datetime(2026, 8, 12, 4, 30, tzinfo=UTC), 961_632, 127.48e12),
    (datetime(2026, 8, 26, 9, 0, tzinfo=UTC), 963_648, 126.10e12),
    (datetime(2026, 9, 9, 18, 0, tzinfo=UTC), 965_664, 128.90e12),
    (datetime(2026, 9, 24, 6, 0, tzinfo=UTC), 967_680, 125.35e12),
]


class Network(Failing):
    """Answers for both hosts.

    Attributes
    ----------
    now : datetime
    hashrate : dict
        EH/s by day.
    fees : dict
        BTC by day.
    adjustments : list of (time, height, difficulty)
    price : callable
        USD at a time.
    alter : dict
        Path to a function that changes the content of an answer before it is sent.
    """

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.now = now
        first = datetime(2026, 8, 15, tzinfo=UTC)
        days = [first + n * DAY for n in range((now - first).days + 1)]
        self.hashrate = {day: 900.0 + 7.0 * (n % 9) for n, day in enumerate(days)}
        self.fees = {day: 2.0 + 0.25 * (n % 5) for n, day in enumerate(days)}
        self.adjustments = list(ADJUSTMENTS)
        self.alter: dict[str, Callable[[Any], Any]] = {}

    @property
    def hosts(self) -> dict[str, Callable[[Request], Answer]]:
        return {MEMPOOL: self.answer, BLOCKCHAIN: self.answer}

    def price(self, when: datetime) -> float:
        """USD 60,000 on 1 August 2026, and ten more every hour."""
        return 60_000.0 + 10.0 * ((when - datetime(2026, 8, 1, tzinfo=UTC)) // timedelta(hours=1))

    def height(self) -> int:
        """Of the last block: 144 a day since the last adjustment."""
        when, height, _ = self.adjustments[-1]
        return height + int((self.now - when) / DAY * 144)

    def answer(self, request: Request) -> Answer:
        """What the host would say."""
        content = {
            HASHRATE: self._hashrate,
            REWARDS: self._rewards,
            PRICE: lambda: self._price(request),
            CHARTS["hash-rate"]: lambda: _chart("Hash Rate", "TH/s", {d: h * 1e6 for d, h in self._past().items()}),
            CHARTS["difficulty"]: lambda: _chart("Difficulty", "", {d: self._difficulty(d) for d in self._past()}),
            CHARTS["transaction-fees"]: lambda: _chart("Fees", "BTC", self.fees),
            CHARTS["market-price"]: lambda: _chart("Price", "USD", {d: self.price(d) for d in self.hashrate}),
        }[request.path]()
        content = self.alter.get(request.path, lambda same: same)(content)
        return self.faulty(request.path, Answer(200, json.dumps(content).encode()))

    def _past(self) -> dict[datetime, float]:
        return {day: rate for day, rate in self.hashrate.items() if day + DAY <= self.now}

    def _difficulty(self, when: datetime) -> float:
        return [difficulty for time, _, difficulty in self.adjustments if time <= when][-1]

    def _hashrate(self) -> dict[str, Any]:
        changes = [
            {"time": int(time.timestamp()), "height": height, "difficulty": difficulty, "adjustment": 1.0}
            for time, height, difficulty in self.adjustments
            if time <= self.now
        ]
        return {
            "hashrates": [
                {"timestamp": int((day + DAY).timestamp()), "avgHashrate": rate * 1e18}
                for day, rate in self._past().items()
            ],
            "difficulty": changes,
            "currentHashrate": 9.1e20,
            "currentDifficulty": changes[-1]["difficulty"],
        }

    def _rewards(self) -> dict[str, Any]:
        last = self.height()
        fees = 288_000_000
        reward = 144 * 312_500_000 + fees
        return {
            "startBlock": last - 143,
            "endBlock": last,
            "totalReward": str(reward),
            "totalFee": str(fees),
            "totalTx": "512345",
        }

    def _price(self, request: Request) -> dict[str, Any]:
        asked = datetime.fromtimestamp(int(request.query["timestamp"][0]), UTC)
        when = asked.replace(minute=0, second=0)
        return {
            "prices": [{"time": int(when.timestamp()), "USD": self.price(when)}],
            "exchangeRates": {"USDEUR": 0.86, "USDGBP": 0.75},
        }


def _chart(name: str, unit: str, values: dict[datetime, float]) -> dict[str, Any]:
    points = [{"x": int(when.timestamp()), "y": value} for when, value in sorted(values.items())]
    return {"status": "ok", "name": name, "unit": unit, "period": "day", "description": "", "values": points}
