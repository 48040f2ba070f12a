"""Which announcements, raises and closes a study works on, as known on a day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from screener import universes
from screener.errors import NotKnown, Unreachable
from screener.gathering import InputData
from screener.loading import load_inputs
from screener.sources import registry
from screener.sources.fetched import CLOSE_COLUMNS, FACT_COLUMNS, SPLIT_COLUMNS, Failure, Fetched, stack
from screener.sources.source import Source
from screener.studies import event_studies, events

DAY = pd.Timestamp("2026-01-16")


@pytest.fixture(scope="module")
def miners():
    return InputData.of(universes.load("miners"))


def dates_of(frame: pd.DataFrame, ticker: str) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in frame.loc[frame["ticker"] == ticker, "date"]]


def test_contracts_and_headlines_of_the_same_news_are_one_announcement(miners):
    found = events.announcements(miners, DAY)
    # The headline of 1 September 2025 is an article on the lease of 29 August.
    assert dates_of(found.events, "APLD") == ["2025-06-02", "2025-08-29", "2025-10-22"]
    assert dates_of(found.events, "RIOT") == ["2026-01-16"]
    assert not found.events.duplicated(["ticker", "date"]).any()
    headline = found.events.set_index(["ticker", "date"])["headline"]
    assert headline[("APLD", pd.Timestamp("2025-06-02"))].startswith("First CoreWeave leases")
    assert headline[("APLD", pd.Timestamp("2025-08-29"))] == "CoreWeave, 150 MW, 4.0bn USD"


def test_days_that_nobody_read_are_left_out_and_named(miners):
    unsure = events.announcements(miners, DAY).unsure
    assert dates_of(unsure, "CORZ") == ["2024-03-31", "2024-06-30", "2024-08-07"]
    assert set(unsure["ticker"]) == {"CORZ", "GLXY", "WYFI"}


def test_comparables_and_hosting_are_no_announcements(miners):
    found = events.announcements(miners, pd.Timestamp("2026-11-01"))
    assert not {"NBIS", "CRWV", "SLNH"} & set(found.events["ticker"])
    # A headline that no contract row explains stands by itself.
    assert "2026-06-29" in dates_of(found.events, "BTDR")


def test_nothing_after_the_day_is_known(miners):
    before = pd.Timestamp("2026-01-15")
    assert "RIOT" not in set(events.announcements(miners, before).events["ticker"])
    # Riot announced its programme on the evening of 30 December 2025.
    for day, expected in (("2025-12-29", []), ("2025-12-30", ["2025-12-30"])):
        assert dates_of(events.capital_raises(miners, pd.Timestamp(day)), "RIOT") == expected
    assert events.closes_around(miners, before, "weekly").miners.index[-1] == pd.Timestamp("2026-01-09")


def test_raises_are_dated_by_their_announcement_and_say_whether_it_came_after_the_close(miners):
    raised = events.capital_raises(miners, DAY).set_index(["ticker", "date"])
    assert raised.loc[("RIOT", pd.Timestamp("2025-12-30")), ["kind", "after_close"]].tolist() == ["at-the-market", True]
    # Launched at 7:59 in the morning of the 14th; the money moved on the 23rd.
    row = raised.loc[("WULF", pd.Timestamp("2025-10-14"))]
    assert row[["kind", "after_close"]].tolist() == ["project and other debt", False]
    assert ("WULF", pd.Timestamp("2025-10-23")) not in raised.index


def test_raises_without_an_announcement_on_file_are_left_out_and_named(miners):
    left = event_studies(miners, DAY, kinds=("raises",)).raises.left_out
    undated = left[left["reason"] == "day of the announcement not on file"]
    assert {"2024-08-14", "2024-11-21"} <= set(dates_of(undated, "MARA"))
    assert (undated["date"] <= DAY).all()


def test_confounders_of_contracts_hold_financings_and_of_raises_contracts(miners):
    signed, raised = events.announcements(miners, DAY).events, events.capital_raises(miners, DAY)
    around = events.confounders(miners, DAY, "contracts", signed, raised)
    assert set(around["kind"]) == {"financing", "results", "m&a"}
    financed = dates_of(around[around["kind"] == "financing"], "WULF")
    assert "2025-10-14" in financed  # the launch
    assert "2025-10-23" not in financed  # the closing of the same notes
    assert "2024-10-25" in financed  # a closing whose announcement is not on file
    assert set(events.confounders(miners, DAY, "raises", signed, raised)["kind"]) == {"results", "m&a", "contract"}


def test_closes_are_on_the_share_basis_of_their_last_day(miners):
    before = events.closes_around(miners, pd.Timestamp("2026-07-03"), "weekly").miners["ABTC"]
    after = events.closes_around(miners, pd.Timestamp("2026-07-31"), "weekly").miners["ABTC"]
    known = before.dropna().index
    np.testing.assert_allclose(after[known], before[known] / 0.066667)
    assert after.pct_change().abs().max() < 1.0


def test_every_week_has_its_bitcoin_price(miners):
    closes = events.closes_around(miners, pd.Timestamp("2026-10-05"), "weekly")
    assert closes.bitcoin["2024-01-05":].notna().all()
    friday = pd.Timestamp("2026-01-16")
    network = miners.network.set_index("date")["btc_usd"]
    assert closes.bitcoin[friday] == network[friday]
    assert "SPY" not in closes.miners


@pytest.fixture
def made_up(monkeypatch):
    """A live source of a test's own, under Yahoo's name: `daily_closes` answers, and everything asked is noted."""

    def make(closes: pd.DataFrame, asked: list, failures: tuple[Failure, ...] = ()) -> InputData:
        def answer(tickers, since, until, failures=()) -> Fetched:
            mine = closes[closes["ticker"].isin(tickers) & closes["date"].between(since, until)]
            return Fetched(
                source="yahoo", closes=mine[CLOSE_COLUMNS], facts=stack([], FACT_COLUMNS),
                splits=stack([], SPLIT_COLUMNS), failures=failures, retrieved_at=pd.Timestamp.now("UTC"),
            )  # fmt: skip

        def daily_closes(tickers, since, until, *, split_adjusted=False, progress=None) -> Fetched:
            asked.append((list(tickers), since, until, split_adjusted))
            return answer(tickers, since, until, failures)

        def fetch(tickers, since, until, *, others=(), skip=(), pause=None, progress=None) -> Fetched:
            return answer([], since, until)

        source = Source("yahoo", "Yahoo", "closes", fetch, lambda seconds: True, daily_closes)
        monkeypatch.setitem(registry.LIVE, "yahoo", source)
        return load_inputs(universes.load("miners"), DAY, "yahoo")

    return make


@pytest.fixture
def daily() -> pd.DataFrame:
    """Two years of daily closes of every miner, bitcoin on all days; WULF jumps by half on 14 August 2025."""
    rng = np.random.default_rng(1)
    days = pd.bdate_range("2024-06-03", "2026-01-16")
    tickers = sorted(universes.load("miners").companies.query("role == 'miner'")["ticker"])
    moves = rng.normal(0, 0.02, (len(days), len(tickers)))
    moves[days.get_loc(pd.Timestamp("2025-08-14")), tickers.index("WULF")] += 0.5
    wide = pd.DataFrame(10 * np.cumprod(1 + moves, axis=0), index=days, columns=tickers)
    every = pd.date_range(days[0], days[-1])
    wide = wide.reindex(every).assign(**{"BTC-USD": 5e4 * np.cumprod(1 + rng.normal(0, 0.02, len(every)))})
    return wide.rename_axis("date").reset_index().melt("date", var_name="ticker", value_name="close_usd").dropna()


def test_daily_studies_ask_the_source_once_for_all_on_one_share_basis(made_up, daily):
    asked: list = []
    missing = Failure("GREE", "closes", "empty", "no close since 2024-06-03")
    out = event_studies(made_up(daily, asked, (missing,)), DAY, frequency="daily")
    (tickers, since, until, split_adjusted), *more = asked
    assert not more
    assert {"RIOT", "WULF", "BTC-USD"} <= set(tickers)
    assert "NBIS" not in tickers
    assert since <= pd.Timestamp("2024-06-04") - pd.Timedelta(days=180)
    assert (until, split_adjusted) == (DAY, True)
    assert (out.source, out.notes) == ("yahoo", ("Yahoo: GREE: closes: empty: no close since 2024-06-03",))
    jump = out.contracts.events.set_index(["ticker", "date"]).loc[("WULF", pd.Timestamp("2025-08-14"))]
    assert jump["car[0,+1]"] == pytest.approx(0.5, abs=0.15)
    assert jump["t[0,+1]"] > 5
    assert out.contracts.events["close_date"].isin(pd.bdate_range("2024-06-03", DAY)).all()
    assert "excess[0,+30]" in out.raises.events


def test_weekly_studies_take_the_week_ends_of_the_data_and_ask_for_nothing_more(made_up, daily):
    asked: list = []
    out = event_studies(made_up(daily, asked), DAY, frequency="weekly", kinds=("contracts",))
    assert (out.raises, asked) == (None, [])
    assert set(out.contracts.events["close_date"].dt.day_name()) <= {"Friday", "Thursday"}


def test_an_outage_of_the_source_is_no_empty_study(made_up, daily, monkeypatch):
    data = made_up(daily, [])

    def refuse(*_, **__):
        raise Unreachable("Yahoo cannot be reached", source="yahoo")

    monkeypatch.setitem(registry.LIVE, "yahoo", replace(registry.LIVE["yahoo"], daily_closes=refuse))
    with pytest.raises(Unreachable):
        event_studies(data, DAY, frequency="daily")


def test_what_cannot_be_studied_is_told(miners):
    with pytest.raises(NotKnown, match="no contracts known on or before 2024-01-10"):
        event_studies(miners, pd.Timestamp("2024-01-10"), kinds=("contracts",))
    with pytest.raises(NotKnown, match="7 days apart; see --source and --frequency"):
        event_studies(miners, DAY, frequency="daily")
    silent = replace(miners, network=miners.network.assign(btc_usd=np.nan))
    with pytest.raises(NotKnown, match="no bitcoin price"):
        event_studies(silent, DAY)
