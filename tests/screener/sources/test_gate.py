"""One gate for every number that arrives: each fault with what is used in its place, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from screener import universes
from screener.gathering import InputData
from screener.known.rule import closes_on
from screener.ledger import Ledger, Told
from screener.loading import load_inputs
from screener.sources import registry
from screener.sources.fetched import CLOSE_COLUMNS, FACT_COLUMNS, SPLIT_COLUMNS, Asked, Fetched
from screener.sources.gate.held import messages
from screener.sources.source import Source
from screener.splits import days

MONDAY = pd.Timestamp("2026-10-05")  # the last closes of the bundled universe; the week before ends on 2 October
FRIDAY = pd.Timestamp("2026-10-16")
EVENING = pd.Timestamp("2026-10-16T22:00", tz="UTC")
SESSIONS = pd.bdate_range("2026-10-05", FRIDAY)
QUARTER = pd.Timestamp("2026-09-30")  # newer than every sheet of RIOT
TIMES_TEN = 193.2  # RIOT closed at 19.32 on 5 October, 19.73 on 2 October


class World:
    """The bundled universe and a source that tells the last bundled closes again, session by session, until a fault is
    put in."""

    def __init__(self, miners: universes.Universe) -> None:
        self.universe = miners
        self.source, self.as_of = "bundled", MONDAY
        last = miners.prices.sort_values("date").groupby("ticker").tail(1)
        last = last[last["date"] == MONDAY]
        rows = [(day, row.ticker, row.close_usd) for day in SESSIONS for row in last.itertuples()]
        rows += [(day, "BTC-USD", 82_000.0) for day in SESSIONS]
        self.closes = pd.DataFrame(rows, columns=CLOSE_COLUMNS).astype({"date": "datetime64[ns]"})
        self.facts: list[dict] = []
        self.splits: list[tuple[str, str, float]] = []

    # Faults in the universe's files

    def own(
        self, frame: str, rows: Callable[[pd.DataFrame], pd.Series], column: str, change: Callable | object
    ) -> None:
        """Change a column of some rows of a frame of the universe."""
        table = getattr(self.universe, frame).copy()
        chosen = rows(table)
        assert chosen.any()
        table.loc[chosen, column] = change(table.loc[chosen, column]) if callable(change) else change
        self.universe = replace(self.universe, **{frame: table})

    def close(self, ticker: str, since: str, until: str, factor: float) -> None:
        """Multiply the universe's closes of a ticker from one day to another."""
        self.own(
            "prices", lambda t: t["ticker"].eq(ticker) & t["date"].between(since, until), "close_usd",
         lambda v: v * factor
        )  # fmt: skip

    def last(self, ticker: str, factor: float) -> None:
        """Multiply the universe's last close of a ticker."""
        self.close(ticker, "2026-10-05", "2026-10-05", factor)

    def fact(self, ticker: str, item: str, value: Callable | float) -> None:
        """Change the universe's latest figure of an item."""
        mine = self.universe.facts
        mine = mine[mine["ticker"].eq(ticker) & mine["item"].eq(item)].sort_values(["published_on", "period_end"])
        self.own("facts", lambda t: t.index.isin(mine.index[-1:]), "value", value)

    def split(self, ticker: str, day: str, multiplier: float) -> None:
        """Add a split to the universe."""
        row = {
            "ticker": ticker, "first_day_on_new_basis": pd.Timestamp(day), "shares_multiplier": multiplier,
            "file": "splits.csv", "line": 99,
        }  # fmt: skip
        self.universe = replace(self.universe, splits=pd.concat([self.universe.splits, pd.DataFrame([row])]))

    def network(self, column: str, factor: float) -> None:
        """Multiply the last known figure of the network."""
        past = self.universe.network[self.universe.network["date"] <= MONDAY]
        last = past[column].last_valid_index()
        self.own("network", lambda t: pd.Series(t.index == last, t.index), column, lambda v: v * factor)

    # Faults in an answer

    def live(self, ticker: str, days_: tuple[str, ...], change: Callable[[pd.Series], pd.Series] | float) -> None:
        """Change what the source tells of a ticker on some days."""
        self.source, self.as_of = "yahoo", FRIDAY
        chosen = self.closes["ticker"].eq(ticker) & self.closes["date"].isin(pd.DatetimeIndex(days_))
        assert chosen.any()
        values = self.closes.loc[chosen, "close_usd"]
        self.closes.loc[chosen, "close_usd"] = change(values) if callable(change) else change

    def again(self, ticker: str, day: str, value: float) -> None:
        """Tell a day once more."""
        self.source, self.as_of = "yahoo", FRIDAY
        row = pd.DataFrame([(pd.Timestamp(day), ticker, value)], columns=CLOSE_COLUMNS)
        self.closes = pd.concat([self.closes, row], ignore_index=True)

    def sheet(self, ticker: str, item: str, value: float, period: pd.Timestamp = QUARTER) -> None:
        """A figure of a statement, as told by the source."""
        self.source, self.as_of = "yahoo", FRIDAY
        self.facts.append(
            {
                "ticker": ticker, "item": item, "period_end": period, "published_on": FRIDAY, "value": value,
                "unit": "shares" if item == "shares_outstanding" else "usd", "source_url": "", "evidence": "",
                "confidence": "medium",
            }
        )  # fmt: skip

    def told(self) -> Fetched:
        """The answer."""
        return Fetched(
            "yahoo",
            self.closes.sort_values("date", kind="stable", ignore_index=True),
            pd.DataFrame(self.facts, columns=FACT_COLUMNS).astype(
                {"period_end": "datetime64[ns]", "published_on": "datetime64[ns]", "value": float}
            ),
            pd.DataFrame(self.splits, columns=SPLIT_COLUMNS).astype({"first_day_on_new_basis": "datetime64[ns]"}),
            retrieved_at=EVENING,
            asked=tuple(Asked(name, "closes", 1) for name in self.closes["ticker"].unique()),
        )

    def load(self, monkeypatch: pytest.MonkeyPatch) -> InputData:
        """The data of a run."""
        if self.source == "ledger":
            with Ledger.open() as ledger:
                ledger.add(Told("yahoo", closes=self.closes), EVENING.to_pydatetime())
        entry = Source("yahoo", "Yahoo", "closes", lambda *_, **__: self.told(), lambda _: True)
        monkeypatch.setattr(registry, "LIVE", {"yahoo": entry})
        return load_inputs(self.universe, self.as_of, self.source, now=EVENING)


def prices_on(data: InputData, day: pd.Timestamp) -> dict[str, float]:
    """The price of every company on a day."""
    tickers = pd.Index(data.companies["ticker"])
    return dict(zip(tickers, closes_on(data.closes, tickers, days(pd.DatetimeIndex([day])))[1][0], strict=True))


@dataclass(frozen=True)
class Case:
    """A fault and what comes of it.

    `held` and `told` are (ticker, item): held back, and used with a warning. `price` is RIOT's price of the day; `says`
    stands in one of the reasons; `failed` in a failure.
    """

    id: str
    fault: str
    outcome: str
    put: Callable[[World], None]
    held: frozenset[tuple[str, str]] = frozenset()
    told: frozenset[tuple[str, str]] = frozenset()
    price: float = 19.32
    says: str = ""
    failed: str = ""


RIOT = frozenset({("RIOT", "price_usd")})
BTC = frozenset({("BTC-USD", "btc_usd")})
BEFORE = "Held back; the close of the week before stands with its age"


def _of_riot(item: str) -> frozenset[tuple[str, str]]:
    return frozenset({("RIOT", item)})


def _every(world: World, factor: float) -> None:
    for ticker in world.universe.companies["ticker"]:
        if (world.universe.prices["ticker"].eq(ticker) & world.universe.prices["date"].eq(MONDAY)).any():
            world.last(ticker, factor)


def _confirmed(world: World) -> None:
    world.last("RIOT", 10)
    world.own(
        "prices", lambda t: t["ticker"].eq("RIOT") & t["date"].eq(MONDAY), "confirmed", "https://exchange.example/riot"
    )  # fmt: skip


def _confirmed_fact(world: World) -> None:
    world.fact("RIOT", "cash", lambda v: v * 1000)
    world.own("facts", lambda t: t["value"].gt(1e11) & t["ticker"].eq("RIOT"), "confirmed", "10-Q, page 3")


def _from_an_overlay(world: World) -> None:
    world.fact("RIOT", "cash", lambda v: v * 1000)
    world.own("facts", lambda t: t["value"].gt(1e11) & t["ticker"].eq("RIOT"), "file", "overlay/financials.csv")


def _ledger(world: World) -> None:
    world.live("RIOT", ("2026-10-16",), TIMES_TEN)
    world.source = "ledger"


def _split_before_closes(world: World, day: str) -> None:
    world.split("RIOT", day, 0.1)


def _closes_before_split(world: World) -> None:
    world.last("RIOT", 10)
    world.split("RIOT", "2026-10-08", 0.1)


def _both(world: World) -> None:
    world.last("RIOT", 10)
    world.split("RIOT", "2026-10-05", 0.1)


def _other_basis(world: World) -> None:
    world.live("RIOT", tuple(f"{day:%Y-%m-%d}" for day in SESSIONS), TIMES_TEN)


def _live_split_first(world: World) -> None:
    """A 10-for-1 consolidation of 12 October told, whose closes come on their new basis only on the 14th."""
    world.live("RIOT", ("2026-10-14", "2026-10-15", "2026-10-16"), TIMES_TEN)
    world.splits.append(("RIOT", "2026-10-12", 0.1))


def _swapped(world: World) -> None:
    world.sheet("RIOT", "cash", 853_700_000.0)
    world.sheet("RIOT", "debt_total", 585_404_000.0)


CASES = [
    Case("own-10", "The last close of a file is ten times too high", BEFORE, lambda w: w.last("RIOT", 10),
         RIOT, price=19.73,
         says="193.20 on 2026-10-05 after 19.73 on 2026-10-02, 9.79 times"),
    Case("own-100", "The last close of a file is a hundred times too high", BEFORE, lambda w: w.last("RIOT", 100),
         RIOT, price=19.73,
         says="off by a factor of 100"),
    Case("own-0.1", "The last close of a file is a tenth", BEFORE, lambda w: w.last("RIOT", 0.1), RIOT, price=19.73,
         says="prices.csv:"),
    Case("own-0.01", "The last close of a file is a hundredth", BEFORE, lambda w: w.last("RIOT", 0.01),
         RIOT, price=19.73, says="factor of 100"),
    Case("own-3",
         "The last close of a file is three times too high, no split is known and the other companies did not move", BEFORE,
         lambda w: w.last("RIOT", 3), RIOT, price=19.73, says="no split is known"),
    Case("own-2", "The last close of a file is twice too high", BEFORE, lambda w: w.last("RIOT", 2), RIOT, price=19.73),
    Case("own-0.5", "The last close of a file is half", BEFORE, lambda w: w.last("RIOT", 0.5), RIOT, price=19.73),
    Case("own-1.6", "The last close of a file is 1.6 times too high, as companies have moved",
         "Used, with a warning until a later close stands beside it",
         lambda w: w.last("RIOT", 1.6), told=RIOT, price=1.6 * 19.32, says="no later close confirms it yet"),
    Case("own-1.3", "The last close of a file is 1.3 times too high", "Used",
         lambda w: w.last("RIOT", 1.3), price=1.3 * 19.32),
    Case("own-middle", "A close within the history is ten times too high", "Held back; nobody's price of today changes",
         lambda w: w.close("RIOT", "2026-09-18", "2026-09-18", 10), RIOT, says="237.50 on 2026-09-18"),
    Case("own-two", "The last two closes are ten times too high", "Both are held back: no later close confirms so much",
         lambda w: w.close("RIOT", "2026-10-02", "2026-10-05", 10), RIOT, price=23.0,
         says="1 earlier since 2026-10-02"),
    Case("own-since", "Closes are ten times too high from a week on, with no split", "All are held back",
         lambda w: w.close("RIOT", "2026-06-01", "2026-10-05", 10), RIOT, price=27.11, says="earlier since 2026-06-05"),
    Case("own-first", "The first close of a company is ten times too high", "Held back once later ones contradict it",
         lambda w: w.close("WYFI", "2025-08-01", "2025-08-08", 10), frozenset({("WYFI", "price_usd")}),
         says="the closes after it are in another proportion"),
    Case("own-every", "Every last close is ten times too high", "All are held back: no market moves so",
         lambda w: _every(w, 10), frozenset({("*", "price_usd")}), price=19.73),
    Case("own-crash", "Every company falls by 70% in a week", "All are held back until the next closes",
         lambda w: _every(w, 0.3), frozenset({("*", "price_usd")}), price=19.73),
    Case("own-fall", "Every company falls by a quarter in a week", "Used: a week of the sector",
         lambda w: _every(w, 0.75),
         price=0.75 * 19.32),
    Case("own-zero", "A close of zero", BEFORE, lambda w: w.last("RIOT", 0.0), RIOT, price=19.73,
         says="no close can be"),
    Case("own-minus", "A negative close", BEFORE, lambda w: w.last("RIOT", -1.0), RIOT, price=19.73,
         says="no close can be"),
    Case("own-nan", "A close that is no number", BEFORE, lambda w: w.last("RIOT", np.nan), RIOT, price=19.73),
    Case("own-inf", "An infinite close", BEFORE, lambda w: w.last("RIOT", np.inf), RIOT, price=19.73),
    Case("own-confirmed", "A close out of proportion that a person confirmed in the column confirmed", "Used, and told",
         _confirmed, told=RIOT, price=TIMES_TEN, says="confirmed by a person: https://exchange.example/riot"),
    Case("split-first", "A split is told before the closes are on its basis", BEFORE,
         lambda w: _split_before_closes(w, "2026-10-05"), RIOT, price=19.73,
         says="not yet on the share basis of the split"),
    Case("split-first-2", "A split is told two closes before they are on its basis", "Both are held back",
         lambda w: _split_before_closes(w, "2026-10-01"), RIOT, price=23.0, says="1 earlier since 2026-10-02"),
    Case("split-later", "Closes are on the basis of a split that is dated later", BEFORE, _closes_before_split, RIOT,
         price=19.73, says="already on the share basis of the split of 2026-10-08"),
    Case("split", "A split and its closes", "Used", _both, price=TIMES_TEN),
    Case("live-10", "The last close of an answer is ten times too high",
         "Held back; the close of the session before stands",
         lambda w: w.live("RIOT", ("2026-10-16",), TIMES_TEN),
         RIOT, says="193.20 on 2026-10-16 after 19.32 on 2026-10-15"),
    Case("live-two", "The last two closes of an answer are ten times too high", "Both are held back",
         lambda w: w.live("RIOT", ("2026-10-15", "2026-10-16"), TIMES_TEN), RIOT, says="1 earlier since 2026-10-15"),
    Case("live-spike", "A close of an answer is ten times too high, and the next ones are not", "Held back for good",
         lambda w: w.live("RIOT", ("2026-10-13",), TIMES_TEN), RIOT),
    Case("live-57", "A fall of 57% on the last session", "Held back until a later close confirms it",
         lambda w: w.live("RIOT", ("2026-10-16",), 0.43 * 19.32), RIOT),
    Case("live-57-confirmed", "A fall of 57% that the next closes confirm", "Used, and told for five weeks",
         lambda w: w.live("RIOT", ("2026-10-14", "2026-10-15", "2026-10-16"), 8.31), told=RIOT, price=8.31,
         says="confirmed by the close of 2026-10-15"),
    Case("live-doubled", "A price that doubles, and the next closes confirm it", "Used, and told for five weeks",
         lambda w: w.live("RIOT", ("2026-10-14", "2026-10-15", "2026-10-16"), 38.64), told=RIOT, price=38.64),
    Case("live-basis", "An answer on another share basis than the reviewed closes", "All its closes are held back",
         _other_basis, RIOT, says="193.20 on 2026-10-05 against 19.32 in the universe: another split basis"),
    Case("live-split", "A source tells a split two sessions before its closes change", "Held back until they do",
         _live_split_first, RIOT, price=TIMES_TEN, says="not yet on the share basis of the split of 2026-10-12"),
    Case("live-zero", "An answer with a close of zero", "Left out before it is kept; the close before stands",
         lambda w: w.live("RIOT", ("2026-10-16",), 0.0), failed="RIOT: closes: partial: 0 on 2026-10-16: no close can"),
    Case("live-minus", "An answer with a negative close", "Left out before it is kept; the close before stands",
         lambda w: w.live("RIOT", ("2026-10-16",), -19.3), failed="-19.3 on 2026-10-16"),
    Case("live-inf", "An answer with an infinite close", "Left out before it is kept; the close before stands",
         lambda w: w.live("RIOT", ("2026-10-16",), np.inf), failed="inf on 2026-10-16"),
    Case("live-twice", "An answer tells one day twice, with two closes", "Neither is used; the close before stands",
         lambda w: w.again("RIOT", "2026-10-16", 25.0), failed="2026-10-16 told 2 times, 19.32 and 25: held back"),
    Case("live-twice-equal", "An answer tells one day twice, with one close", "Used once, and told",
         lambda w: w.again("RIOT", "2026-10-16", 19.32), failed="2026-10-16 told 2 times, 19.32"),
    Case("ledger-10", "The last close of the ledger is ten times too high",
         "Held back; the session before stands", _ledger,
         RIOT, says="yahoo: 193.20 on 2026-10-16"),
    Case("btc-10", "The network's last price of bitcoin is ten times too high", "Held back; the week before stands",
         lambda w: w.network("btc_usd", 10), BTC, says="network.csv:"),
    Case("btc-0.1", "The network's last price of bitcoin is a tenth", "Held back; the week before stands",
         lambda w: w.network("btc_usd", 0.1), BTC),
    Case("btc-live", "A source's price of bitcoin is ten times too high", "Held back; the session before stands",
         lambda w: w.live("BTC-USD", ("2026-10-16",), 820_000.0), BTC, says="820,000.00 on 2026-10-16 after 82,000.00"),
    Case("btc-live-only", "A source's price of bitcoin is ten times too high on every session",
         "Held back; the network's price stands",
         lambda w: w.live("BTC-USD", tuple(f"{day:%Y-%m-%d}" for day in SESSIONS), 820_000.0), BTC),
    Case("btc-live-0", "A source's price of bitcoin is zero", "Left out before it is kept",
         lambda w: w.live("BTC-USD", ("2026-10-16",), 0.0), failed="BTC-USD: closes: partial: 0 on 2026-10-16"),
    Case("hashrate", "A hashrate in PH/s", "Unknown for that week; the week before stands",
         lambda w: w.network("hashrate_eh_per_s", 1000), frozenset({("", "hashrate_eh_per_s")}),
         says="after 889.194 on 2026-08-21, 999 times"),
    Case("difficulty", "A difficulty ten times too high", "Unknown for that week; the week before stands",
         lambda w: w.network("difficulty", 10), frozenset({("", "difficulty")})),
    Case("reward", "A reward of a week in place of a day", "Unknown for that week; the week before stands",
         lambda w: w.network("reward_and_fees_btc_per_day", 7), frozenset({("", "reward_and_fees_btc_per_day")})),
    Case("cash-own", "Cash of the last sheet a thousand times too high",
         "Held back; the sheet before stands with its age",
         lambda w: w.fact("RIOT", "cash", lambda v: v * 1000), _of_riot("cash"), says="another unit (thousands"),
    Case("cash-own-thousands", "Cash of the last sheet in thousands", "Held back; the sheet before stands with its age",
         lambda w: w.fact("RIOT", "cash", lambda v: v / 1000), _of_riot("cash")),
    Case("cash-own-none", "No cash where there was much", "Held back; the sheet before stands with its age",
         lambda w: w.fact("RIOT", "cash", 0.0), _of_riot("cash"), says="a line not filled in"),
    Case("debt-own", "Debt of the last sheet a thousand times too high",
         "Held back; the sheet before stands with its age",
         lambda w: w.fact("RIOT", "debt_total", lambda v: v * 1000), _of_riot("debt_total")),
    Case("shares-own", "Shares a thousand times too high", "Held back; the count before stands",
         lambda w: w.fact("RIOT", "shares_outstanding", lambda v: v * 1000), _of_riot("shares_outstanding")),
    Case("mw-own", "Secured power in kW", "Held back; the figure before stands",
         lambda w: w.fact("RIOT", "mw_secured", lambda v: v * 1000), _of_riot("mw_secured")),
    Case("btc-held", "Bitcoin held in satoshi", "Held back; the figure before stands",
         lambda w: w.fact("RIOT", "btc_held", lambda v: v * 1e8), _of_riot("btc_held")),
    Case("cash-confirmed", "Cash out of proportion that a person confirmed", "Used, and told", _confirmed_fact),
    Case("cash-overlay", "Cash out of proportion in a row of the overlay", "Used, and told", _from_an_overlay),
    Case("cash-live", "A source tells cash in thousands of what it was", "Held back; the reviewed figure stands",
         lambda w: w.sheet("RIOT", "cash", 585_404.0), _of_riot("cash"),
         says="585,404 at 2026-09-30 against 585,404,000"),
    Case("cash-live-minus", "A source tells negative cash", "Held back; the reviewed figure stands",
         lambda w: w.sheet("RIOT", "cash", -5.8e8), _of_riot("cash"), says="it cannot be that"),
    Case("debt-live-minus", "A source tells negative debt", "Held back; the reviewed figure stands",
         lambda w: w.sheet("RIOT", "debt_total", -8.5e8), _of_riot("debt_total")),
    Case("debt-live-none", "A source tells no debt where there was much", "Held back; the reviewed figure stands",
         lambda w: w.sheet("RIOT", "debt_total", 0.0), _of_riot("debt_total"), says="without a filing that says so"),
    Case("cash-live-inf", "A source tells infinite cash", "Held back; the reviewed figure stands",
         lambda w: w.sheet("RIOT", "cash", np.inf), _of_riot("cash")),
    Case("cash-live-12", "A source tells twelve times the cash", "Used, with a warning",
         lambda w: w.sheet("RIOT", "cash", 12 * 585_404_000.0), told=_of_riot("cash"), says="12 times"),
    Case("swapped", "A source swaps cash and debt", "Both are held back; the reviewed figures stand", _swapped,
         frozenset({("RIOT", "cash"), ("RIOT", "debt_total")}), says="the two lines look swapped"),
    Case("shares-3", "A source tells three times the shares of a quarter ago", "Held back; the reviewed count stands",
         lambda w: w.sheet("RIOT", "shares_outstanding", 3 * 375_300_000.0), _of_riot("shares_outstanding"),
         says="3 times"),
    Case("shares-half", "A source tells one class of shares alone", "Held back; the reviewed count stands",
         lambda w: w.sheet("RIOT", "shares_outstanding", 0.5 * 375_300_000.0), _of_riot("shares_outstanding")),
    Case("shares-none", "A source tells no shares", "Held back; the reviewed count stands",
         lambda w: w.sheet("RIOT", "shares_outstanding", 0.0), _of_riot("shares_outstanding")),
    Case("shares-raise", "A source tells a raise of a tenth", "Used",
         lambda w: w.sheet("RIOT", "shares_outstanding", 1.1 * 375_300_000.0)),
]  # fmt: skip


@pytest.fixture(scope="module")
def miners() -> universes.Universe:
    return universes.load("miners")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_number_that_cannot_be_is_held_back_and_told(case, miners, monkeypatch):
    world = World(miners)
    case.put(world)
    data = world.load(monkeypatch)
    found = data.known_on(world.as_of).held
    back = set(found.loc[~found["used"], ["ticker", "item"]].itertuples(index=False, name=None))
    quoted = set(miners.prices.loc[miners.prices["date"] == MONDAY, "ticker"]) & set(miners.companies["ticker"])
    expected = {(t, i) for t, i in case.held if t != "*"} | {(q, i) for t, i in case.held if t == "*" for q in quoted}
    assert back == expected
    told = set(found.loc[found["used"], ["ticker", "item"]].itertuples(index=False, name=None))
    assert told == set(case.told)
    assert prices_on(data, world.as_of)["RIOT"] == pytest.approx(case.price, rel=1e-9)
    words = [text for *_, text in messages(found[~found["used"]])]
    assert all("To use it, confirm it" in one for one in words)
    words += [f"{row.place}: {row.reason}" for row in found[found["used"]].itertuples()]
    assert [one for one in words if case.says in one] or not words, words
    assert not case.failed or [f for f in map(str, data.failures) if case.failed in f], data.failures
    assert np.isfinite(data.closes["close_usd"]).all()
    assert (data.closes["close_usd"] > 0).all()
