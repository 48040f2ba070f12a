"""The history on SQLite and on PostgreSQL alike: what goes in comes out, once, whole, and is never changed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import pandas as pd
import pytest
import sqlalchemy

from screener import screen
from screener.errors import Busy, NotKnown, StoreError
from screener.store import Store, database, keep, migrations, record, schema, seen
from screener.store.record import Seen
from tests.commands import PATIENCE
from tests.screener.store.conftest import DAYS, NOW, dump
from tests.screener.store.server import PASSWORD
from valuation.comparison.changes import Changes, Snapshot, compare
from valuation.metrics import METRICS

LATER = NOW + timedelta(days=7)


def keep_all(store: Store, terms, gathered, screens, now: datetime = NOW) -> list:
    with store.exclusive() as writer:
        return [keep(writer, terms.universe, one, gathered, "run", now) for one in screens]


def test_two_weeks_read_back_compare_as_the_screens_themselves_do(store, terms, gathered, screens):
    keep_all(store, terms, gathered, screens[:2])
    fresh = compare(Snapshot.of(screens[0]), Snapshot.of(screens[1]))
    read = compare(store.snapshot("previous", "miners"), store.snapshot("latest", "miners"))
    assert read.settings == fresh.settings == ()
    pd.testing.assert_frame_equal(read.attribution.frame, fresh.attribution.frame, check_exact=True)
    for name in ("companies", "contracts", "names", "issues"):
        got, expected = getattr(read, name), getattr(fresh, name)
        pd.testing.assert_frame_equal(got, expected, check_exact=True, check_dtype=False), name
    # The place of a fact is the one where it was first seen; all else is as the screen has it.
    pd.testing.assert_frame_equal(read.facts, fresh.facts, check_exact=True, check_dtype=False)
    assert read.after.headline == fresh.after.headline
    assert [read.before.btc_usd, read.after.btc_usd] == [one.manifest["btc_usd"] for one in screens[:2]]
    assert isinstance(read, Changes)


def test_an_unknown_price_of_bitcoin_is_read_back_as_unknown(store, screens):
    made = record(screens[0])
    with store.exclusive() as writer:
        writer.save(replace(made, run={**made.run, "btc_usd": None}), "run", NOW)
    assert pd.isna(store.snapshot("latest", "miners").btc_usd)


def test_metrics_that_are_no_longer_known_stand_last_in_the_alphabet_s_order(store, screens):
    """A run of an older version, read by one that has dropped some of its metrics."""
    made = record(screens[0])
    dropped = ["worth", "beta", "gamma", "alpha", "zeta", "mu", "delta"]
    ticker = made.figures[0]["ticker"]
    more = [
        {"ticker": ticker, "metric": name, "value": float(at), "status": "ok", "causes": ""}
        for at, name in enumerate(dropped)
    ]
    with store.exclusive() as writer:
        writer.save(replace(made, figures=[*made.figures, *more]), "run", NOW)
    table = store.snapshot("latest", "miners").table
    columns = [name for name in table.columns if name not in {"group", "excluded"}]
    known = [name for name in METRICS if name in {row["metric"] for row in made.figures}]
    assert columns == [*known, "alpha", "beta", "delta", "gamma", "mu", "worth", "zeta"]
    assert table.loc[ticker, dropped].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_the_same_run_twice_is_stored_once(store, address, terms, gathered, screens):
    first = keep_all(store, terms, gathered, screens[:1])
    before = dump(address)
    second = keep_all(store, terms, gathered, screens[:1], LATER)
    assert [one.added for one in first + second] == [True, False]
    assert first[0].run_no == second[0].run_no
    assert dump(address) == before


def test_the_very_same_inputs_with_another_result_are_refused_and_the_first_stands(store, address, screens):
    made = record(screens[0])
    other = replace(made, run={**made.run, "result_sha256": "0" * 64})
    with store.exclusive() as writer:
        writer.save(made, "run", NOW)
        before = dump(address)
        with pytest.raises(StoreError, match="another result of the same inputs"):
            writer.save(other, "run", NOW)
    assert dump(address) == before


def test_a_run_that_cannot_be_written_to_its_end_leaves_nothing(store, address, screens):
    made = record(screens[0])
    broken = replace(made, issues=[*made.issues, {**made.issues[0]}])  # a second row of the same key
    with store.exclusive() as writer:
        with pytest.raises(StoreError):
            writer.save(broken, "run", NOW)
        assert all(rows == [] for name, rows in dump(address).items() if name != "schema_versions")
        assert writer.save(made, "run", NOW).added


def test_closes_are_kept_as_they_were_first_seen_and_as_they_came_to_be(store, address, terms, gathered):
    day, ticker = pd.Timestamp("2026-01-16"), "RIOT"
    at = gathered.closes.index[(gathered.closes["date"] == day) & (gathered.closes["ticker"] == ticker)][0]

    own = float(gathered.closes.at[at, "close_usd"])

    def saying(close: float):
        closes = gathered.closes.copy()
        closes.loc[at, "close_usd"] = close
        if close != own:
            closes = closes.astype({"line": float})
            closes.loc[at, ["file", "line"]] = ["yahoo", float("nan")]
        return seen(terms.universe, replace(gathered, closes=closes, source="yahoo"))

    with store.exclusive() as writer:
        for week, close in enumerate((own, own + 1, own + 1, own + 2, own + 1)):
            writer.remember(saying(close), NOW + timedelta(weeks=week))
    rows = [row for row in dump(address)["closes"] if row[1:3] == (ticker, day.date())]
    assert [(row[0], row[3] - NOW, row[4]) for row in rows] == [
        ("miners/prices.csv", timedelta(0), own),
        ("yahoo", timedelta(weeks=1), own + 1),
        ("yahoo", timedelta(weeks=3), own + 2),
        ("yahoo", timedelta(weeks=4), own + 1),
    ]


def live_fact(value: float, published: str) -> pd.DataFrame:
    day = pd.Timestamp(published)
    return pd.DataFrame({
        "ticker": ["RIOT"], "item": ["cash"], "period_end": [pd.Timestamp("2026-06-30")], "published_on": [day],
        "value": [value], "unit": ["usd"], "source_url": ["https://example.com"], "evidence": [f"asked on {day:%F}"],
        "confidence": ["medium"], "file": ["yahoo"], "line": [float("nan")],
    })  # fmt: skip


def test_a_live_fact_is_added_when_it_changes_and_not_each_time_it_is_asked_for(store, address, terms, gathered):
    with store.exclusive() as writer:
        for day, value in (("2026-08-07", 1e8), ("2026-08-14", 1e8), ("2026-08-21", 2e8), ("2026-08-28", 1e8)):
            facts = pd.concat([gathered.facts, live_fact(value, day)], ignore_index=True)
            writer.remember(seen(terms.universe, replace(gathered, facts=facts)), NOW)
    table = schema.facts
    rows = [dict(zip(table.c.keys(), row, strict=True)) for row in dump(address)["facts"]]
    live = [(row["published_on"], row["value"]) for row in rows if row["origin"] == "yahoo"]
    assert live == [(date(2026, 8, 7), 1e8), (date(2026, 8, 21), 2e8), (date(2026, 8, 28), 1e8)]
    assert len(rows) - len(live) == len(gathered.facts)


def test_what_the_provider_itself_says_is_kept_as_a_fact_of_its_day(store, address, terms, gathered):
    provider = pd.DataFrame({"ticker": ["RIOT"], "enterprise_value_usd": [6.1e9]})
    live = replace(gathered, source="yahoo", provider=provider, retrieved_at=pd.Timestamp("2026-08-07 22:31", tz="UTC"))
    with store.exclusive() as writer:
        writer.remember(seen(terms.universe, live), NOW)
        assert writer.remember(seen(terms.universe, live), LATER) == 0
    rows = [dict(zip(schema.facts.c.keys(), row, strict=True)) for row in dump(address)["facts"]]
    (told,) = [row for row in rows if row["item"] == "enterprise_value_of_provider"]
    assert (told["origin"], told["ticker"], told["value"], told["period_end"]) == (
        "yahoo", "RIOT", 6.1e9, date(2026, 8, 7))  # fmt: skip


def test_a_fact_whose_line_moved_is_the_same_fact(store, address, terms, gathered):
    with store.exclusive() as writer:
        writer.remember(seen(terms.universe, gathered), NOW)
        moved = replace(gathered, facts=gathered.facts.assign(line=gathered.facts["line"] + 1))
        assert writer.remember(seen(terms.universe, moved), LATER) == 0


def test_two_rows_of_one_key_keep_their_places(store, address, terms, gathered):
    twin = gathered.facts.iloc[[0]].assign(value=gathered.facts["value"].iloc[0] + 1)
    twins = replace(gathered, facts=pd.concat([gathered.facts, twin], ignore_index=True))
    with store.exclusive() as writer:
        assert writer.remember(seen(terms.universe, twins), NOW) > 0
        assert writer.remember(seen(terms.universe, twins), LATER) == 0


def test_what_was_written_before_is_known_to_the_next_process(address, terms, gathered, screens):
    for week, one in enumerate(screens):
        with Store.open(address, NOW) as store:
            keep_all(store, terms, gathered, [one], NOW + timedelta(weeks=week))
    again = address + "-2" if "://" not in address else None
    if again:
        with Store.open(again, NOW) as store, store.exclusive() as writer:
            for week, one in enumerate(screens):
                keep(writer, terms.universe, one, gathered, "run", NOW + timedelta(weeks=week))
        assert dump(again) == dump(address)
    with Store.open(address, NOW) as store:
        assert [run.as_of for run in store.runs("miners")] == [day.date() for day in DAYS]


def test_runs_are_found_by_date_start_of_id_latest_and_previous(store, terms, gathered, screens):
    with pytest.raises(NotKnown, match="no run of miners yet"):
        store.find("latest", "miners")
    keep_all(store, terms, gathered, screens[:1])
    with pytest.raises(NotKnown, match="one date only"):
        store.find("previous", "miners")
    keep_all(store, terms, gathered, screens[1:])
    ids = [one.manifest["run_id"] for one in screens]
    assert store.find("latest", "miners").run_id == ids[2]
    assert store.find("previous", "miners").run_id == ids[1]
    assert store.find("2026-01-09", "miners").run_id == ids[0]
    assert store.find(ids[1][:7], "miners").run_id == ids[1]
    with pytest.raises(NotKnown, match="2026-01-09 to 2026-01-23"):
        store.find("2025-12-31", "miners")
    with pytest.raises(NotKnown, match="the start of 3 runs"):
        store.find("", "miners")
    before = store.before("miners", date(2026, 1, 16))
    assert before is not None
    assert before.run_id == ids[0]


def test_of_two_runs_of_one_date_the_last_recorded_stands_for_it(store, terms, gathered, screens):
    keep_all(store, terms, gathered, screens[:2])
    other = replace(terms, switches=replace(terms.switches, net_bitcoin=False))
    again = next(screen.screens(other, gathered, DAYS[:1]))
    keep_all(store, other, gathered, [again], LATER)
    assert store.find("2026-01-09", "miners").run_id == again.manifest["run_id"]
    assert store.find("latest", "miners").as_of == date(2026, 1, 16)
    through_time = store.series("enterprise_value_usd", "miners")
    assert list(through_time.index) == DAYS[:2]
    assert through_time.at[DAYS[0], "RIOT"] == again.table.at["RIOT", "enterprise_value_usd"]


def test_one_metric_through_time_keeps_unknown_unknown(store, terms, gathered, screens):
    keep_all(store, terms, gathered, screens)
    frame = store.series("ev_per_mw_secured", "miners")
    for day, one in zip(DAYS, screens, strict=True):
        expected = one.table["ev_per_mw_secured"].sort_index()
        pd.testing.assert_series_equal(
            frame.loc[day], expected, check_names=False, check_index_type=False, check_exact=True, check_dtype=False
        )
    with pytest.raises(NotKnown, match="ev_per_mw_secured"):
        store.series("ev_per_acre", "miners")


def test_two_readers_during_a_write_see_a_consistent_history(address, store, terms, gathered, screens):
    """Each reader, throughout: a run is there with all of its rows or not there at all."""
    keep_all(store, terms, gathered, screens[:1])
    expected = len(dump(address)["figures"])
    stop, torn, seen_counts = threading.Event(), [], [set(), set()]

    def read(counts: set[int]) -> None:
        with Store.open(address, NOW, create=False) as mine:
            while not stop.is_set():
                with database.reading(mine._engine) as connection:
                    count = lambda table: connection.execute(  # noqa: E731
                        sqlalchemy.select(sqlalchemy.func.count()).select_from(table)
                    ).scalar_one()
                    runs, figures, lines = count(schema.runs), count(schema.figures), count(schema.bridge_lines)
                    again = count(schema.runs)
                counts.add(runs)
                if figures != runs * expected or again != runs or lines % runs:
                    torn.append((runs, figures, lines, again))

    readers = [threading.Thread(target=read, args=(counts,)) for counts in seen_counts]
    for reader in readers:
        reader.start()
    try:
        made = [record(one) for one in screens]
        with store.exclusive() as writer:
            for number in range(12):
                one = made[number % 3]
                run = {**one.run, "run_id": f"r{number}"}
                writer.save(replace(one, run=run), "run", NOW)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert torn == []
    assert all(len(counts) > 1 for counts in seen_counts), "the readers saw no write happen"


def test_one_process_works_and_the_other_is_told(address, store, screens):
    with store.exclusive() as writer, Store.open(address, NOW) as second:
        with pytest.raises(Busy, match="another run is at work"), second.exclusive():
            raise AssertionError("two at work")
        writer.save(record(screens[0]), "run", NOW)
        assert len(second.runs()) == 1
    with Store.open(address, NOW) as third, third.exclusive():
        pass


VICTIM = """
import sys, time
from datetime import UTC, datetime
from sqlalchemy import insert
from screener.store import Store, database, schema
now = datetime.now(UTC)
with Store.open(sys.argv[1], now) as store, store.exclusive(), database.writing(store._engine) as connection:
    connection.execute(insert(schema.deliveries).values(run_id="half", channel="email", at=now))
    print("at work", flush=True)
    time.sleep(600)
"""


def test_a_process_killed_at_work_leaves_neither_its_lock_nor_half_of_its_work(address, store, screens):
    victim = subprocess.Popen([sys.executable, "-c", VICTIM, address], stdout=subprocess.PIPE, text=True)
    try:
        assert victim.stdout.readline() == "at work\n"
        with pytest.raises(Busy), store.exclusive():
            raise AssertionError("two at work")
    finally:
        victim.kill()
        victim.communicate()
    until = time.monotonic() + PATIENCE  # a server needs a moment to see that its client is gone
    while True:
        try:
            with store.exclusive() as writer:
                assert writer.save(record(screens[0]), "run", NOW).added
            break
        except Busy:
            assert time.monotonic() < until
            time.sleep(0.02)
    assert store.delivered("half") == set()


def test_the_lock_is_free_again_after_an_error_inside(store):
    with pytest.raises(OSError, match="of the block"), store.exclusive():
        raise OSError("an error of the block, not of the database")
    with store.exclusive():
        pass


def test_opened_by_eight_at_once_the_schema_is_made_once(address):
    failures = []

    def go() -> None:
        try:
            Store.open(address, NOW).close()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [row[0] for row in dump(address)["schema_versions"]] == list(range(1, len(migrations.STEPS) + 1))


def test_times_come_back_as_utc_and_a_time_without_a_zone_is_refused(store, address, screens):
    with store.exclusive() as writer:
        writer.save(record(screens[0]), "run", NOW)
        assert store.runs()[0].recorded_at == NOW
        with pytest.raises(StoreError, match="needs a zone"):
            writer.save(record(screens[1]), "run", NOW.replace(tzinfo=None))
    assert len(store.runs()) == 1


def test_what_was_told_of_is_kept(store):
    assert store.delivered("abc") == set()
    store.mark_delivered("abc", "email", NOW)
    assert store.delivered("abc") == {"email"}
    assert store.finished("email") == {"abc"}


def test_a_wrong_password_and_a_dead_server_are_one_line_without_the_password(server):
    wrong = server.url("postgres").replace(server.url("x").split("@")[0].rpartition(":")[2], "guess")
    for url, told in ((wrong, "authentication failed"), ("postgresql://me:guess@127.0.0.1:1/x", "refused")):
        with pytest.raises(StoreError, match=told) as caught:
            Store.open(url, NOW)
        assert "guess" not in str(caught.value)
        assert "\n" not in str(caught.value)
    assert PASSWORD not in Store(database.address(server.url("postgres"))).place


@pytest.mark.parametrize(
    "named", ["mysql://root@localhost/x", "sqlite://", "http://example.com", "postgresql://:x:y:z"]
)
def test_other_kinds_of_address_are_refused(named):
    with pytest.raises(StoreError, match="--database"):
        Store.open(named, NOW)


def test_the_same_close_or_split_of_two_sources_is_two_series(store, address):
    closes = [{"origin": origin, "ticker": "RIOT", "date": date(2026, 1, 16), "close_usd": 16.5}
              for origin in ("miners/prices.csv", "yahoo")]  # fmt: skip
    splits = [{"origin": origin, "ticker": "RIOT", "first_day_on_new_basis": date(2026, 1, 16), "shares_multiplier": 2.0}
              for origin in ("miners/splits.csv", "yahoo")]  # fmt: skip
    of_both = Seen(facts=[], closes=closes, splits=splits)
    with store.exclusive() as writer:
        assert [writer.remember(of_both, NOW), writer.remember(of_both, LATER)] == [4, 0]
    with store.exclusive() as writer:
        assert writer.remember(of_both, LATER) == 0
    assert len(dump(address)["closes"]) == len(dump(address)["splits"]) == 2
