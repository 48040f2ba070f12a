"""The soak and the kills in small: faults in a part of the answers, kills at work, and the same ledger in the end."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests import kills, soak

pytestmark = [pytest.mark.takes(120), pytest.mark.long]


def test_ten_updates_with_faults_end_in_the_ledger_of_undisturbed_updates(tmp_path):
    step = timedelta(days=17, hours=3)
    found = soak.soak(tmp_path, 10, 0.2, 4, ("RIOT", "WULF", "NBIS"), step, undisturbed_every=1)
    assert found.wrong == []
    assert found.missing == []
    assert found.faults > 20
    assert sum(found.failed.values()) > 5
    assert min(found.rows[table] for table in ("closes", "filings", "items", "network")) > 0


def test_a_wrong_figure_or_a_missing_one_would_be_found(tmp_path):
    """The soak's own comparison, on two ledgers that differ in one close."""
    soak.soak(tmp_path, 1, 0.0, seed=1, tickers=("RIOT",))
    one, other = tmp_path / "disturbed.sqlite", tmp_path / "undisturbed.sqlite"
    assert (soak.wrong(one, other), soak.apart(one, other)) == ([], [])
    with sqlite3.connect(one) as connection:
        connection.execute(
            "INSERT INTO closes (seen_at, source, ticker, date, close_usd) "
            "SELECT seen_at, source, ticker, date, close_usd * 1.01 FROM closes ORDER BY no DESC LIMIT 1"
        )
        connection.execute(
            "INSERT INTO network (seen_at, source, date, hashrate_eh_per_s) "
            "SELECT seen_at, source, date, hashrate_eh_per_s * 1e6 FROM network WHERE hashrate_eh_per_s > 0 "
            "ORDER BY no DESC LIMIT 1"
        )
    connection.close()
    found = soak.wrong(one, other)
    assert Counter(text.partition(":")[0] for text in found) == {"closes": 1, "network": 1}
    assert Counter(text.partition(":")[0] for text in soak.apart(one, other))["closes, added"] == 1
    assert Path(one).exists()


def test_updates_killed_at_work_lose_nothing_and_are_completed_by_the_next_start(tmp_path):
    found = kills.kill_updates(tmp_path, 3, seed=7, tickers=("RIOT", "WULF"))
    assert found.faults == []
    assert found.at_work == 3
