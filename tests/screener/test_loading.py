"""Where a run's data come from: universe, ledger, and a live source asked only for what is older than its time-to-live."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from screener import universes
from screener.errors import NotKnown, SourceError, StoreError, Unreachable
from screener.gathering import InputData
from screener.ledger import Ledger, Told
from screener.ledger.recorded import fresh
from screener.loading import load_inputs
from screener.run_config import resolve_config
from screener.screen import screens
from screener.sources import registry
from screener.sources.fetched import CLOSE_COLUMNS, FACT_COLUMNS, SPLIT_COLUMNS, Asked, Failure, Fetched, stack
from screener.sources.source import Source
from screener.studies.gap import gap_history

FRIDAY = pd.Timestamp("2026-11-13")
EVENING = pd.Timestamp("2026-11-13T22:00", tz="UTC")  # 17:00 in New York


@pytest.fixture(scope="module")
def miners():
    return universes.load("miners")


class Told4Test:
    """A live source whose closes grow by one percent a session from the universe's last; counts what it is asked."""

    def __init__(self, universe) -> None:
        last = universe.prices.sort_values("date").groupby("ticker")["close_usd"].last()
        self.last = {**last, "BTC-USD": 90_000.0, "ETH-USD": 3_000.0, "VIP": last["GREE"]}
        self.sessions = pd.bdate_range("2026-10-06", "2026-12-31")
        self.calls: list[tuple[int, int]] = []
        self.down = False
        self.tenfold: tuple[str, str] | None = None

    def fetch(self, tickers, since, until, *, others=(), skip=(), pause=None, progress=None):
        tickers, others = ([n for n in names if (n, "closes") not in skip] for names in (tickers, others))
        self.calls.append((len(tickers), len(others)))
        if self.down:
            raise Unreachable("Yahoo cannot be reached", source="yahoo")
        on = self.sessions[(self.sessions >= since) & (self.sessions <= until)]
        growth = 1.01 ** (1 + np.arange(len(self.sessions)))[self.sessions.isin(on)]
        rows = [
            pd.DataFrame({"date": on, "ticker": name, "close_usd": self.last[name] * growth})
            for name in [*tickers, *others]
            if name in self.last
        ]
        closes = stack(rows, CLOSE_COLUMNS)
        if self.tenfold:
            name, day = self.tenfold
            closes.loc[(closes["ticker"] == name) & (closes["date"] == day), "close_usd"] *= 10
        unknown = [Failure(name, "closes", "empty", "no close") for name in tickers if name not in self.last]
        return Fetched(
            "yahoo",
            closes,
            stack([], FACT_COLUMNS),
            stack([], SPLIT_COLUMNS),
            tuple(unknown),
            retrieved_at=EVENING,
            asked=tuple(Asked(n, w, 1) for n in [*tickers, *others] for w in ("closes", "statements")),
        )


@pytest.fixture
def told(miners, monkeypatch):
    source = Told4Test(miners)
    entry = Source(
        "yahoo", "Yahoo", "closes", source.fetch, lambda seconds: not source.down, page="https://y.invalid/{}"
    )
    monkeypatch.setattr(registry, "LIVE", {"yahoo": entry})
    return source


def test_a_second_run_within_the_time_to_live_asks_nobody_and_is_the_same_run(miners, told):
    config = resolve_config("miners")
    first = load_inputs(miners, FRIDAY, "auto", now=EVENING)
    again = load_inputs(miners, FRIDAY, "auto", now=EVENING + pd.Timedelta(hours=11))
    assert len(told.calls) == 1
    one, other = (next(screens(config, data, [FRIDAY])) for data in (first, again))
    assert one.manifest["run_id"] == other.manifest["run_id"]
    assert one.manifest["price_date"] == "2026-11-13"
    pd.testing.assert_frame_equal(first.closes, again.closes)


def test_the_ledger_stands_in_where_nobody_answers_and_says_so(miners, told):
    load_inputs(miners, FRIDAY, "yahoo", now=EVENING)
    told.down = True
    week = pd.Timedelta(days=7)
    data = load_inputs(miners, FRIDAY + week, "auto", now=EVENING + week)
    assert data.source == "ledger"
    assert data.live is None
    assert data.fell_back == "Yahoo gave no answer within 5 seconds"
    assert data.closes["date"].max() == FRIDAY
    with pytest.raises(SourceError):
        load_inputs(miners, FRIDAY + week, "yahoo", now=EVENING + week)


def test_source_ledger_asks_nobody_and_bundled_reads_no_ledger(miners, told):
    load_inputs(miners, FRIDAY, "yahoo", now=EVENING)
    count = len(told.calls)
    data = load_inputs(miners, FRIDAY, "ledger", now=EVENING + pd.Timedelta(days=30))
    assert len(told.calls) == count
    assert data.closes["date"].max() == FRIDAY
    assert set(data.closes.loc[data.closes["line"].isna(), "file"]) == {"yahoo"}
    own = load_inputs(miners, FRIDAY, "bundled", now=EVENING)
    pd.testing.assert_frame_equal(own.closes, InputData.of(miners).closes)


def test_the_ledger_named_and_not_there_is_an_error_that_names_the_remedy(miners, tmp_path, monkeypatch):
    place = tmp_path / "none.sqlite"
    monkeypatch.setenv("SCREENER_LEDGER", str(place))
    with pytest.raises(NotKnown, match="screener update"):
        load_inputs(miners, FRIDAY, "ledger", now=EVENING)
    place.write_bytes(b"")
    with pytest.raises(NotKnown, match="holds nothing yet: `screener update`"):
        load_inputs(miners, FRIDAY, "ledger", now=EVENING)


def test_with_a_ledger_that_holds_nothing_of_the_universe_the_bundled_data_stand(miners, tmp_path, monkeypatch):
    monkeypatch.setenv("SCREENER_LEDGER", str(tmp_path / "other.sqlite"))
    Ledger.open().close()
    assert load_inputs(miners, FRIDAY, "ledger", now=EVENING).source == "bundled"


@pytest.mark.parametrize("spoil", [lambda whole: b"no database" * 900, lambda whole: whole[:6000]])
def test_the_ledger_named_and_damaged_is_an_error(miners, told, tmp_path, monkeypatch, spoil):
    place = tmp_path / "broken.sqlite"
    monkeypatch.setenv("SCREENER_LEDGER", str(place))
    load_inputs(miners, FRIDAY, "yahoo", now=EVENING)
    place.write_bytes(spoil(place.read_bytes()))
    with pytest.raises(StoreError, match=r"broken\.sqlite") as caught:
        load_inputs(miners, FRIDAY, "ledger", now=EVENING)
    assert "intact" not in str(caught.value)


def test_the_weekly_history_goes_on_from_the_ledger_after_the_bundled_closes_end(miners, told):
    load_inputs(miners, FRIDAY, "yahoo", now=EVENING)
    config = resolve_config("miners")
    config = replace(config, assumptions=replace(config.assumptions, bootstrap_draws=99))
    data = load_inputs(miners, FRIDAY, "ledger", now=EVENING)
    history = gap_history(config, data, pd.Timestamp("2026-09-18"), FRIDAY)
    expected = ["2026-09-18", "2026-09-25", "2026-10-02", "2026-10-05", "2026-10-09", "2026-10-16", "2026-10-23",
                "2026-10-30", "2026-11-06", "2026-11-13"]  # fmt: skip
    assert [f"{day:%F}" for day in history.frame.index] == expected
    own = gap_history(config, InputData.of(miners), pd.Timestamp("2026-09-18"), FRIDAY)
    pd.testing.assert_frame_equal(history.frame.loc[:"2026-10-05"], own.frame)


def test_what_the_ledger_learns_later_changes_no_earlier_date(miners, told):
    """The future of the ledger, shuffled and multiplied, reaches no earlier result."""
    config = resolve_config("miners")
    load_inputs(miners, FRIDAY, "yahoo", now=EVENING)
    before = next(screens(config, load_inputs(miners, FRIDAY, "ledger", now=EVENING), [FRIDAY]))
    rng = np.random.default_rng(5)
    days = pd.bdate_range("2026-11-16", "2026-12-18")
    names = list(miners.companies["ticker"])
    rows = [
        pd.DataFrame({"date": days, "ticker": name, "close_usd": rng.uniform(0.1, 900, len(days))}) for name in names
    ]
    facts = miners.facts.sample(400, random_state=5)
    items = facts.assign(
        published_on=FRIDAY + pd.Timedelta(days=3), period_end=FRIDAY, value=facts["value"] * rng.uniform(0, 9, 400),
        kind="statements", form="", accession="", filed=pd.NaT, accepted_at=pd.NaT, checks="", needs="",
    )  # fmt: skip
    with Ledger.open() as ledger:
        ledger.add(Told("yahoo", closes=stack(rows, CLOSE_COLUMNS), items=items), EVENING.to_pydatetime())
    after = next(screens(config, load_inputs(miners, FRIDAY, "ledger", now=EVENING), [FRIDAY]))
    pd.testing.assert_frame_equal(before.table, after.table)
    pd.testing.assert_frame_equal(before.bridge, after.bridge)
    pd.testing.assert_frame_equal(before.issues, after.issues)
    assert before.manifest["run_id"] == after.manifest["run_id"]


def test_a_close_ten_times_too_high_on_a_known_day_is_held_back_and_told(miners, told):
    load_inputs(miners, FRIDAY, "yahoo", now=EVENING)
    told.tenfold = ("RIOT", "2026-11-13")
    data = load_inputs(miners, FRIDAY, "yahoo", now=EVENING + pd.Timedelta(hours=1))
    on = data.closes[(data.closes["ticker"] == "RIOT") & (data.closes["date"] == FRIDAY)]
    assert on["close_usd"].item() == pytest.approx(
        told.last["RIOT"] * 1.01 ** len(pd.bdate_range("2026-10-06", FRIDAY))
    )
    screen = next(screens(resolve_config("miners"), data, [FRIDAY]))
    (detail,) = screen.issues.loc[screen.issues["what"] == "Yahoo changed a close", "detail"]
    assert "not used" in detail


def test_a_ledger_that_cannot_be_used_costs_no_run_and_is_told(miners, told, tmp_path, monkeypatch):
    place = tmp_path / "broken.sqlite"
    place.write_bytes(b"no database" * 900)
    monkeypatch.setenv("SCREENER_LEDGER", str(place))
    data = load_inputs(miners, FRIDAY, "auto", now=EVENING)
    assert data.closes["date"].max() == FRIDAY
    (fault,) = [failure for failure in data.failures if failure.what == "ledger"]
    assert "another kind of file" in fault.message
    assert place.read_bytes() == b"no database" * 900
    screen = next(screens(resolve_config("miners"), data, [FRIDAY]))
    (severity,) = screen.issues.loc[screen.issues["what"] == "ledger", "severity"]
    assert severity == "error"


def asked(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["what", "subject", "good"])
    return frame.assign(good=pd.to_datetime(frame["good"], utc=True))


@pytest.mark.parametrize(
    ("good", "as_of", "now", "is_due"),
    [
        ("2026-11-13T21:30", "2026-11-13", "2026-11-14T02:00", False),  # asked after the close, hours ago
        ("2026-11-13T20:00", "2026-11-13", "2026-11-13T20:30", False),  # during the session, minutes ago
        ("2026-11-13T20:00", "2026-11-13", "2026-11-13T21:30", True),  # the session closed in between
        ("2026-11-13T21:30", "2026-11-13", "2026-11-20T21:30", False),  # a week ago, but that day was over
        ("2026-11-13T21:10", "2026-11-13", "2026-11-20T21:30", True),  # before that day's closes had settled
        ("2026-11-13T21:30", "2026-11-20", "2026-11-20T22:00", True),
        ("2026-07-02T20:10", "2026-07-02", "2026-07-02T20:19", False),  # in summer New York closes at 20:00 UTC
        ("2026-07-02T20:10", "2026-07-02", "2026-07-02T20:21", True),
    ],
)
def test_closes_are_due_when_a_session_closed_since(good, as_of, now, is_due):
    known = asked(("closes", "RIOT", good))
    found = fresh(known, [], ["RIOT"], pd.Timestamp(as_of), pd.Timestamp(now, tz="UTC"))
    assert found == (set() if is_due else {("RIOT", "closes")})


def test_statements_are_due_on_the_day_alone_and_what_was_never_answered_is_due():
    known = asked(("closes", "RIOT", "2026-11-13T21:30"), ("closes", "MARA", None))
    both, now = ["RIOT", "MARA"], pd.Timestamp("2026-11-13T22:00", tz="UTC")
    assert fresh(known, both, [], pd.Timestamp("2026-11-13"), now) == {("RIOT", "closes")}
    older = {("RIOT", "closes"), ("RIOT", "statements"), ("MARA", "statements")}
    assert fresh(known, both, [], pd.Timestamp("2026-11-12"), now) == older
