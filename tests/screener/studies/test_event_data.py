"""Which announcements, raises and closes a study works on, as known on a day."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import screener.sources
from screener import universes
from screener.errors import NotKnown, Unreachable
from screener.sources import CLOSE_COLUMNS, FACT_COLUMNS, SPLIT_COLUMNS, Failure, Fetched
from screener.studies import event_data, research

DAY = pd.Timestamp("2026-01-16")


@pytest.fixture(scope="module")
def miners():
    return universes.load("miners")


def dates_of(frame: pd.DataFrame, ticker: str) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in frame.loc[frame["ticker"] == ticker, "date"]]


def test_contracts_and_headlines_of_the_same_news_are_one_announcement(miners):
    found = event_data.announcements(miners, DAY)
    # The headline of 1 September 2025 is an article on the lease of 29 August.
    assert dates_of(found.events, "APLD") == ["2025-06-02", "2025-08-29", "2025-10-22"]
    assert dates_of(found.events, "RIOT") == ["2026-01-16"]
    assert not found.events.duplicated(["ticker", "date"]).any()
    headline = found.events.set_index(["ticker", "date"])["headline"]
    assert headline[("APLD", pd.Timestamp("2025-06-02"))].startswith("First CoreWeave leases")
    assert headline[("APLD", pd.Timestamp("2025-08-29"))] == "CoreWeave, 150 MW, 4.0bn USD"


def test_days_that_nobody_read_are_left_out_and_named(miners):
    unsure = event_data.announcements(miners, DAY).unsure
    assert dates_of(unsure, "CORZ") == ["2024-03-31", "2024-06-30", "2024-08-07"]
    assert set(unsure["ticker"]) == {"CORZ", "GLXY", "WYFI"}


def test_comparables_and_hosting_are_no_announcements(miners):
    found = event_data.announcements(miners, pd.Timestamp("2026-11-01"))
    assert not {"NBIS", "CRWV", "SLNH"} & set(found.events["ticker"])
    # A headline that no contract row explains stands by itself.
    assert "2026-06-29" in dates_of(found.events, "BTDR")


def test_nothing_after_the_day_is_known(miners):
    before = pd.Timestamp("2026-01-15")
    assert "RIOT" not in set(event_data.announcements(miners, before).events["ticker"])
    # Applied Digital's preferred closing of 9 December 2025 was public on 7 January 2026.
    assert dates_of(event_data.capital_raises(miners, pd.Timestamp("2026-01-06")), "APLD") == ["2024-11-04"]
    assert dates_of(event_data.capital_raises(miners, pd.Timestamp("2026-01-07")), "APLD") == [
        "2024-11-04",
        "2025-12-09",
    ]
    assert event_data.bundled_closes(miners, before, "weekly").miners.index[-1] == pd.Timestamp("2026-01-09")


def test_the_at_the_market_sale_is_told_apart_from_priced_deals(miners):
    raised = event_data.capital_raises(miners, DAY).set_index(["ticker", "date"])["kind"]
    assert raised[("CLSK", pd.Timestamp("2024-08-08"))] == "at-the-market"
    assert raised[("SLNH", pd.Timestamp("2025-12-08"))] == "equity"


def test_confounders_of_contracts_hold_financings_and_of_raises_contracts(miners):
    around = event_data.confounders(miners, DAY, "contracts")
    assert set(around["kind"]) == {"financing", "results", "m&a"}
    assert "2025-10-23" in dates_of(around[around["kind"] == "financing"], "WULF")  # from the transactions
    assert set(event_data.confounders(miners, DAY, "raises")["kind"]) == {"results", "m&a", "contract"}


def test_closes_are_on_the_share_basis_of_their_last_day(miners):
    before = event_data.bundled_closes(miners, pd.Timestamp("2026-07-03"), "weekly").miners["ABTC"]
    after = event_data.bundled_closes(miners, pd.Timestamp("2026-07-31"), "weekly").miners["ABTC"]
    known = before.dropna().index
    np.testing.assert_allclose(after[known], before[known] / 0.066667)
    assert after.pct_change().abs().max() < 1.0


def test_every_week_has_its_bitcoin_price(miners):
    closes = event_data.bundled_closes(miners, pd.Timestamp("2026-10-05"), "weekly")
    assert closes.bitcoin["2024-01-05":].notna().all()
    friday = pd.Timestamp("2026-01-16")
    network = miners.network.set_index("date")["btc_usd"]
    assert closes.bitcoin[friday] == network[friday]
    assert "SPY" not in closes.miners


# What screener.sources.yahoo gives, behind the same signature.
def yahoo(closes: pd.DataFrame, asked: list, failures: tuple[Failure, ...] = ()) -> ModuleType:
    module = ModuleType("screener.sources.yahoo")

    def daily_closes(tickers, since, until, *, split_adjusted=False, progress=None, now=None) -> Fetched:
        asked.append((list(tickers), since, until, split_adjusted))
        mine = closes[closes["ticker"].isin(tickers) & closes["date"].between(since, until)]
        return Fetched(
            source="yahoo", closes=mine[CLOSE_COLUMNS], facts=pd.DataFrame(columns=FACT_COLUMNS),
            splits=pd.DataFrame(columns=SPLIT_COLUMNS), failures=failures, retrieved_at=pd.Timestamp.now("UTC"),
        )  # fmt: skip

    module.daily_closes = daily_closes
    return module


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


def install(monkeypatch, module: ModuleType) -> None:
    monkeypatch.setitem(sys.modules, "screener.sources.yahoo", module)
    monkeypatch.setattr(screener.sources, "yahoo", module, raising=False)


def test_daily_studies_ask_yahoo_once_for_all_on_one_share_basis(monkeypatch, miners, daily):
    asked: list = []
    missing = Failure("GREE", "closes", "empty", "no close since 2024-06-03")
    install(monkeypatch, yahoo(daily, asked, (missing,)))
    out = research.event_studies(miners, DAY, source="yahoo", frequency="daily")
    (tickers, since, until, split_adjusted), *more = asked
    assert not more
    assert {"RIOT", "WULF", "BTC-USD"} <= set(tickers)
    assert "NBIS" not in tickers
    assert since <= pd.Timestamp("2024-06-04") - pd.Timedelta(days=180)
    assert (until, split_adjusted) == (DAY, True)
    assert out.notes == ("Yahoo: GREE: closes: empty: no close since 2024-06-03",)
    jump = out.contracts.events.set_index(["ticker", "date"]).loc[("WULF", pd.Timestamp("2025-08-14"))]
    assert jump["car[0,+1]"] == pytest.approx(0.5, abs=0.15)
    assert jump["t[0,+1]"] > 5
    assert out.contracts.events["close_date"].isin(pd.bdate_range("2024-06-03", DAY)).all()
    assert "excess[0,+30]" in out.raises.events


def test_weekly_studies_from_yahoo_take_the_last_close_of_each_week(monkeypatch, miners, daily):
    install(monkeypatch, yahoo(daily, []))
    out = research.event_studies(miners, DAY, source="yahoo", frequency="weekly", kinds=("contracts",))
    assert out.raises is None
    assert out.contracts.events["close_date"].dt.day_name().unique().tolist() == ["Friday"]


def test_an_outage_of_yahoo_is_no_empty_study(monkeypatch, miners):
    module = yahoo(pd.DataFrame(columns=CLOSE_COLUMNS), [])

    def refuse(*_, **__):
        raise Unreachable("Yahoo cannot be reached", source="yahoo")

    module.daily_closes = refuse
    install(monkeypatch, module)
    with pytest.raises(Unreachable):
        research.event_studies(miners, DAY, source="yahoo", frequency="daily")


def test_what_cannot_be_studied_is_told(miners):
    with pytest.raises(NotKnown, match="no contracts known on or before 2024-01-10"):
        research.event_studies(miners, pd.Timestamp("2024-01-10"), kinds=("contracts",))
    with pytest.raises(NotKnown, match="7 days apart; see --source and --frequency"):
        research.event_studies(miners, DAY, frequency="daily")
    silent = replace(miners, network=miners.network.assign(btc_usd=np.nan))
    with pytest.raises(NotKnown, match="no bitcoin price"):
        research.event_studies(silent, DAY)
