"""Every fault of the network's sources: what is told, what stands in, and that no wrong figure reaches the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd
import pytest

from screener.sources.network import weeks
from screener.sources.network.update import update
from screener.sources.told import NETWORK_COLUMNS
from tests.loopback.network import CHARTS, HASHRATE, PRICE, REWARDS
from tests.screener.sources.network.conftest import NOW

MEMPOOL, BLOCKCHAIN = weeks.ORDER
FEES = CHARTS["transaction-fees"]
# The universe's weeks before: the first that is wanted ends on 4 September.
OWN = pd.DataFrame([["2026-08-28", 77_835.2, 888.05, 1.26e14, 446.87]], columns=NETWORK_COLUMNS)
OWN["date"] = pd.to_datetime(OWN["date"])
WANTED = pd.to_datetime(["2026-09-04", "2026-09-11", "2026-09-18", "2026-09-25", "2026-10-02"])


def each(name: str, change: Callable[[dict[str, Any]], None]) -> Callable[[Any], Any]:
    """A change of every row of a member of the answer."""

    def altered(content: Any) -> Any:
        for row in content[name]:
            change(row)
        return content

    return altered


def scaled(name: str, member: str, factor: float) -> Callable[[Any], Any]:
    return each(name, lambda row: row.update({member: row[member] * factor}))


def without(name: str) -> Callable[[Any], Any]:
    return lambda content: {key: value for key, value in content.items() if key != name}


def changed(**members: Any) -> Callable[[Any], Any]:
    return lambda content: {**content, **members}


def one_day_twice(content: Any) -> Any:
    again = {**content["hashrates"][-3], "avgHashrate": 2.0 * content["hashrates"][-3]["avgHashrate"]}
    return {**content, "hashrates": [*content["hashrates"], again]}


def no_blocks_counted(content: Any) -> Any:
    content["hashrates"][-4]["avgHashrate"] = 0
    return content


def one_adjustment(content: Any) -> Any:
    return {**content, "difficulty": content["difficulty"][:1]}


@dataclass(frozen=True)
class Case:
    """One fault.

    `path` answers with the transport's `answer` or with content changed by `alter`. `failed` are the questions that
    end in a failure, with kind and words; `mined` is whose hashrate and reward count in each of the five weeks (- where
    they are unknown), `priced` how many weeks have a price; `requests` of the path.
    """

    fault: str
    outcome: str
    path: str
    failed: tuple[str, str, str]
    mined: str
    answer: str = ""
    alter: Callable[[Any], Any] | None = None
    priced: int = 5
    requests: int = 1
    paused: tuple[str, ...] = field(default=())


CASES = [
    Case("mempool.space: HTTP 429", "not asked for 10 minutes; blockchain.info's weeks are used", HASHRATE,
         ("hashrate", "rate_limited", "too many requests (HTTP 429)"), "bbbbb", answer="429", paused=(MEMPOOL,)),
    Case("mempool.space: HTTP 403", "not asked for 10 minutes; blockchain.info's weeks are used", HASHRATE,
         ("hashrate", "rate_limited", "refused (HTTP 403)"), "bbbbb", answer="403", paused=(MEMPOOL,)),
    Case("mempool.space: HTTP 500", "three tries; blockchain.info's weeks are used", HASHRATE,
         ("hashrate", "bad_answer", "an error of the server (HTTP 500)"), "bbbbb", answer="500", requests=3),
    Case("mempool.space: no answer", "three tries; blockchain.info's weeks are used", HASHRATE,
         ("hashrate", "unreachable", "no answer in 0.5 seconds"), "bbbbb", answer="hanging", requests=3),
    Case("mempool.space: half an answer", "three tries; blockchain.info's weeks are used", HASHRATE,
         ("hashrate", "bad_answer", "not JSON, or not all of it"), "bbbbb", answer="half", requests=3),
    Case("mempool.space: a page in place of JSON", "three tries; blockchain.info's weeks are used", HASHRATE,
         ("hashrate", "bad_answer", "a page (HTML)"), "bbbbb", answer="page", requests=3),
    Case("mempool.space: no hashrates in the answer", "blockchain.info's weeks are used", HASHRATE,
         ("hashrate", "bad_answer", "no hashrates"), "bbbbb", alter=without("hashrates")),
    Case("mempool.space: an empty list of hashrates", "blockchain.info's weeks are used", HASHRATE,
         ("hashrate", "empty", "no hashrates"), "bbbbb", alter=changed(hashrates=[])),
    Case("mempool.space: text where a list belongs", "blockchain.info's weeks are used", HASHRATE,
         ("hashrate", "bad_answer", "no list of objects"), "bbbbb", alter=changed(hashrates="none")),
    Case("mempool.space: a list in place of the object", "blockchain.info's weeks are used", HASHRATE,
         ("hashrate", "bad_answer", "another shape"), "bbbbb", alter=lambda content: [content]),
    Case("mempool.space: hashrates under another name", "blockchain.info's weeks are used", HASHRATE,
         ("hashrate", "bad_answer", "without avgHashrate"), "bbbbb",
         alter=each("hashrates", lambda row: row.update({"mean": row.pop("avgHashrate")}))),
    Case("mempool.space: hashrate in TH/s", "the number of blocks cannot be; blockchain.info's weeks are used", HASHRATE,
         ("blocks", "bad_answer", "another unit"), "bbbbb", alter=scaled("hashrates", "avgHashrate", 1e-12)),
    Case("mempool.space: times in milliseconds", "blockchain.info's weeks are used", HASHRATE,
         ("hashrate", "bad_answer", "a time that cannot be"), "bbbbb", alter=scaled("hashrates", "timestamp", 1000)),
    Case("mempool.space: a day told twice, differently", "the day and its week are unknown there", HASHRATE,
         (), "mmmmb", alter=one_day_twice),
    Case("mempool.space: hashrate 0, no block counted", "the day and its week are unknown there", HASHRATE,
         (), "mmmmb", alter=no_blocks_counted),
    Case("mempool.space: hashrate negative", "its weeks are unknown there; blockchain.info's are used", HASHRATE,
         (), "bbbbb", alter=scaled("hashrates", "avgHashrate", -1.0)),
    Case("mempool.space: hashrate null", "its weeks are unknown there; blockchain.info's are used", HASHRATE,
         (), "bbbbb", alter=each("hashrates", lambda row: row.update(avgHashrate=None))),
    Case("mempool.space: no adjustment for five weeks", "difficulty is unknown from then on; blockchain.info's", HASHRATE,
         ("difficulty", "partial", "no adjustment after block 961,632"), "bbbbb", alter=one_adjustment),
    Case("mempool.space: rewards that contradict the heights", "heights of adjustments and days of halvings are used",
         REWARDS, ("reward-stats", "bad_answer", "a subsidy of"), "mmmmm", alter=changed(totalReward="90288000000")),
    Case("mempool.space: rewards of other blocks", "heights of adjustments and days of halvings are used", REWARDS,
         ("reward-stats", "bad_answer", "144 were asked for"), "mmmmm", alter=changed(startBlock=1)),
    Case("mempool.space: rewards as words", "heights of adjustments and days of halvings are used", REWARDS,
         ("reward-stats", "bad_answer", "totalReward is no number"), "mmmmm", alter=changed(totalReward="many")),
    Case("mempool.space: prices refused", "not asked for a while; blockchain.info's prices are used", PRICE,
         ("price", "rate_limited", "too many requests"), "mmmmm", answer="429", paused=(MEMPOOL,)),
    Case("mempool.space: price of another day", "blockchain.info's prices are used", PRICE,
         ("price", "empty", "no price on"), "mmmmm", alter=scaled("prices", "time", 0.99), requests=5),
    Case("mempool.space: price -1", "blockchain.info's prices are used", PRICE,
         ("price", "empty", "no price on"), "mmmmm", alter=each("prices", lambda row: row.update(USD=-1)), requests=5),
    Case("blockchain.info: fees missing", "reward and fees are unknown, never zero", FEES,
         ("fees", "empty", "nothing at this address"), "-----", answer="404"),
    Case("blockchain.info: fees of HTML", "reward and fees are unknown, never zero", FEES,
         ("fees", "bad_answer", "a page (HTML)"), "-----", answer="page", requests=3),
    Case("blockchain.info: HTTP 429", "not asked for 10 minutes; reward and fees are unknown", CHARTS["hash-rate"],
         ("hashrate", "rate_limited", "too many requests"), "-----", answer="429 with seconds", paused=(BLOCKCHAIN,)),
    Case("blockchain.info: hashrate in H/s", "mempool.space's weeks are used", CHARTS["hash-rate"],
         ("blocks", "bad_answer", "another unit"), "mmmmm", alter=scaled("values", "y", 1e12)),
    Case("blockchain.info: no values", "mempool.space's weeks are used", CHARTS["hash-rate"],
         ("hashrate", "bad_answer", "no values"), "mmmmm", alter=without("values")),
    Case("blockchain.info: the connection ends", "three tries; mempool.space's prices are used", CHARTS["market-price"],
         ("price", "unreachable", "the connection ended"), "mmmmm", answer="cut", requests=3),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
def test_every_fault_is_told_and_no_wrong_figure_is_kept(network, ledger, connect, case):
    right = {day: network.price((day + pd.Timedelta(days=1)).tz_localize("UTC")) for day in WANTED}
    if case.answer:
        network.fail(case.path, case.answer)
    if case.answer == "hanging":
        connect = partial(connect, timeout=0.5)
    if case.alter:
        network.alter[case.path] = case.alter
    outcomes = update(ledger, NOW, own=OWN, connect=connect)
    failed = [outcome for told in outcomes.values() for outcome in told if outcome.ended == "failed"]
    if case.failed:
        what, kind, words = case.failed
        assert any((o.what, o.kind) == (what, kind) and words in o.message for o in failed), failed
    else:
        assert failed == []
    assert sum(request.path == case.path for request in network.proxy.requests) == case.requests
    assert tuple(source for source in weeks.ORDER if ledger.paused(source, NOW)) == case.paused
    table = weeks.combined(ledger.network()).set_index("date").reindex(WANTED)
    whole = table[["hashrate_eh_per_s", "reward_and_fees_btc_per_day"]].notna().all(axis=1)
    assert "".join(table["source"].str[0].where(whole, "-")) == case.mined
    assert table["btc_usd"].notna().sum() == case.priced
    # Whatever stands is right: hashrates of 900 to 956 EH/s mean 430 to 480 BTC a day, prices are those of the day.
    assert table["hashrate_eh_per_s"].dropna().between(900.0, 956.0).all()
    assert table["reward_and_fees_btc_per_day"].dropna().between(430.0, 480.0).all()
    assert table["difficulty"].dropna().between(1.25e14, 1.29e14).all()
    assert {day: price for day, price in table["btc_usd"].dropna().items() if price != right[day]} == {}
    kept = ledger.asked()
    assert (kept["ended"] == "failed").sum() == len(failed)


def test_nothing_answers_and_nothing_is_kept(network, ledger, connect):
    network.fail("*", "dropped")
    outcomes = update(ledger, NOW, own=OWN, connect=connect)
    assert {outcome.kind for told in outcomes.values() for outcome in told} == {"unreachable"}
    assert ledger.network().empty
