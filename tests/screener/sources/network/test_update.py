"""Only weeks that nobody knows are asked for, once a day, and never of a source that limits requests."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from screener import universes
from screener.ledger import Ledger
from screener.sources.network import weeks
from screener.sources.network.update import update
from tests.loopback.network import CHARTS, HASHRATE, PRICE
from tests.screener.sources.network.conftest import NOW
from tests.screener.sources.network.test_faults import OWN, WANTED

MEMPOOL, BLOCKCHAIN = weeks.ORDER


def paths(network) -> list[str]:
    return [request.path for request in network.proxy.requests]


def test_weeks_are_kept_and_not_asked_for_again(network, ledger, connect):
    said = []
    outcomes = update(ledger, NOW, said.append, own=OWN, connect=connect)
    assert said == ["Bitcoin network: 5 weeks of mempool.space and blockchain.info"]
    assert {source: sum(o.requests for o in told) for source, told in outcomes.items()} == {MEMPOOL: 7, BLOCKCHAIN: 4}
    assert ledger.requests(NOW - timedelta(hours=1)) == {MEMPOOL: 7, BLOCKCHAIN: 4}
    assert len(network.proxy.requests) == 11
    assert list(weeks.merged(OWN, ledger.network())["date"][1:]) == list(WANTED)
    assert update(ledger, NOW + timedelta(hours=30), own=OWN, connect=connect) == {}
    assert len(network.proxy.requests) == 11


def test_the_next_week_is_one_price_more(network, ledger, connect):
    update(ledger, NOW, own=OWN, connect=connect)
    network.proxy.requests.clear()
    later = NOW + timedelta(days=7)
    network.now = later
    network.hashrate |= {NOW.replace(hour=0) + timedelta(days=n): 930.0 for n in range(8)}
    network.fees |= {NOW.replace(hour=0) + timedelta(days=n): 3.0 for n in range(8)}
    update(ledger, later, own=OWN, connect=connect)
    assert paths(network).count(PRICE) == 1
    assert weeks.combined(ledger.network())["date"].max() == pd.Timestamp("2026-10-09")


def test_a_week_known_in_part_is_asked_for_again_after_the_time_to_live(network, ledger, connect):
    gone = {day: network.fees.pop(day) for day in list(network.fees) if day.month == 10}
    update(ledger, NOW, own=OWN, connect=connect)
    network.proxy.requests.clear()
    assert update(ledger, NOW + timedelta(hours=19), own=OWN, connect=connect) == {}
    assert network.proxy.requests == []
    network.fees |= gone
    update(ledger, NOW + timedelta(hours=21), own=OWN, connect=connect)
    assert paths(network).count(PRICE) == 1
    assert weeks.combined(ledger.network()).iloc[-1].notna().all()


def test_a_failure_is_tried_again_after_an_hour_and_not_before(network, ledger, connect):
    network.fail(CHARTS["transaction-fees"], "500")
    update(ledger, NOW, own=OWN, connect=connect)
    network.proxy.requests.clear()
    network.faults.clear()
    assert update(ledger, NOW + timedelta(minutes=50), own=OWN, connect=connect) == {}
    outcomes = update(ledger, NOW + timedelta(minutes=70), own=OWN, connect=connect)
    # mempool.space had answered all: it is not asked, and blockchain.info's own weeks count.
    assert set(outcomes) == {BLOCKCHAIN}
    table = weeks.combined(ledger.network())
    assert set(table["source"]) == {BLOCKCHAIN}
    assert table["reward_and_fees_btc_per_day"].notna().all()


def test_a_ban_is_remembered_over_processes_and_ends(network, ledger, connect):
    network.fail(HASHRATE, "429 with seconds")
    update(ledger, NOW, own=OWN, connect=connect)
    assert sum(path.startswith("/api/v1") for path in paths(network)) == 1  # nothing more of it was asked
    network.proxy.requests.clear()
    with Ledger.open(ledger.path) as another:
        until, reason = another.paused(MEMPOOL, NOW + timedelta(seconds=100))
        assert (until, reason) == (pd.Timestamp(NOW) + pd.Timedelta(seconds=120), "too many requests (HTTP 429)")
        assert another.paused(MEMPOOL, NOW + timedelta(seconds=121)) is None


def test_a_source_left_alone_is_told_and_not_asked(network, ledger, connect):
    ledger.pause(MEMPOOL, NOW + timedelta(minutes=10), "too many requests (HTTP 429)", NOW)
    outcomes = update(ledger, NOW, own=OWN, connect=connect)
    (told,) = outcomes[MEMPOOL]
    assert told.message == "not asked before 2026-10-05 09:10 UTC: too many requests (HTTP 429)"
    assert (told.kind, told.requests) == ("rate_limited", 0)
    assert {request.host for request in network.proxy.requests} == {"api.blockchain.info"}
    assert set(weeks.combined(ledger.network())["source"]) == {BLOCKCHAIN}
    assert MEMPOOL not in set(ledger.asked()["source"])


def test_raw_answers_are_kept_beside_the_figures(network, ledger, connect):
    update(ledger, NOW, own=OWN, connect=connect)
    asked = ledger.asked(BLOCKCHAIN).set_index("what")
    answer = ledger.answer(asked.at["fees", "url"])
    assert answer.body.startswith(b'{"status": "ok"')


@pytest.mark.parametrize("own", [None, OWN])
def test_of_a_long_span_no_more_prices_than_a_quarter_are_asked_for(network, ledger, connect, own):
    update(ledger, NOW, own=own, connect=connect)
    assert paths(network).count(PRICE) == (13 if own is None else 5)


def test_the_bundled_universe_wants_the_weeks_that_it_does_not_know(network, ledger, connect):
    own = universes.load("miners").network
    update(ledger, NOW, own=own, connect=connect)
    found = weeks.merged(own, ledger.network())
    assert list(found["date"]) == list(own["date"])  # the week of 8 October is not over
    recent = found[found["date"].isin(WANTED)]
    assert recent["hashrate_eh_per_s"].notna().all()
    assert recent["btc_usd"].tolist() == own.loc[own["date"].isin(WANTED), "btc_usd"].tolist()
