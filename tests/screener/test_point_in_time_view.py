"""The view of a date by hand, of two companies: values and their ages, which rows were used, and what is zero or unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from screener import universes
from screener.gathering import InputData
from screener.point_in_time import ITEMS, Used, as_of_view
from valuation.assumptions import Assumptions
from valuation.inputs import Inputs

DAY = pd.Timestamp("2026-06-30")
EMPTY = (
    "splits",
    "contracts",
    "contract_terms",
    "phases",
    "instruments",
    "transactions",
    "debt",
    "estimates",
    "network",
)
LINES = {"revenue_total": "total_usd", "revenue_mining": "mining_usd"}


@pytest.fixture(scope="module")
def nothing() -> InputData:
    """Two companies, in no order, of which nothing is known."""
    data = InputData.of(universes.load("miners"))
    companies = data.companies.iloc[:2].assign(ticker=["B", "A"])
    empty = {name: getattr(data, name).iloc[:0] for name in (*EMPTY, "facts", "closes")}
    return replace(data, companies=companies, none_of=(), **empty)


def ago(days: int) -> pd.Timestamp:
    return DAY - pd.Timedelta(days=days)


def facts(*told: dict) -> pd.DataFrame:
    blank = {"ticker": "A", "item": "cash", "period_end": ago(10), "published_on": ago(5), "value": 7.0, "unit": "usd",
             "source_url": "", "evidence": None, "confidence": "high", "file": "financials.csv", "line": 2}  # fmt: skip
    frame = pd.DataFrame([blank | one for one in told], columns=list(blank))
    days = {name: frame[name].astype("datetime64[ns]") for name in ("period_end", "published_on")}
    return frame.assign(**days).astype({"value": float})


def closes(*told: tuple[str, int, float]) -> pd.DataFrame:
    """Of (ticker, days ago, close)."""
    rows = [(ago(days), ticker, close, "prices.csv", 2) for ticker, days, close in told]
    frame = pd.DataFrame(rows, columns=["date", "ticker", "close_usd", "file", "line"])
    return frame.astype({"date": "datetime64[ns]", "close_usd": float})


def view(
    data: InputData, *told: dict, quoted: Iterable[tuple[str, int, float]] = (),
    dates: Iterable[pd.Timestamp] = (DAY,), none_of: tuple = (), **frames: pd.DataFrame,
) -> tuple[Inputs, Used]:  # fmt: skip
    """The view of these dates of facts, closes and other frames."""
    changed = replace(data, facts=facts(*told), closes=closes(*quoted), none_of=none_of, **frames)
    return as_of_view(changed, list(dates), Assumptions())


def test_each_item_stands_with_its_day_for_its_company(nothing):
    inputs, used = view(
        nothing,
        {"ticker": "B", "item": "debt_total", "value": 3.0},
        {"item": "no_item", "ticker": "B"},
        {"ticker": "Z"},
        {},
        {"item": "mw_ai_contracted_it", "unit": "mw_critical_it", "value": 40.0},
        quoted=[("Z", 1, 9.0), ("B", 3, 5.0)],
    )
    items, periods = inputs.items, inputs.periods
    assert items.index.tolist() == [(DAY, "A"), (DAY, "B")]
    assert (
        list(items.columns[: len(ITEMS) + 1])
        == list(periods.columns)
        == list(inputs.stale.columns)
        == ["price_usd", *ITEMS]
    )
    assert {name: items[name].tolist()[0] for name in ("cash", "mw_ai_contracted_it")} == {
        "cash": 7.0,
        "mw_ai_contracted_it": 40.0,
    }
    assert items["debt_total"].tolist()[1] == 3.0
    assert items["price_usd"].fillna(0.0).tolist() == [0.0, 5.0]
    known = {
        name: column.notna().tolist() for name, column in items[["price_usd", *ITEMS]].items() if column.notna().any()
    }
    assert known == {"price_usd": [False, True], "cash": [True, False], "debt_total": [False, True],
                     "mw_ai_contracted_it": [True, False]}  # fmt: skip
    assert periods["cash"].tolist() == [ago(10), pd.NaT]
    assert periods["price_usd"].tolist() == [pd.NaT, ago(3)]
    assert inputs.critical_it.sum().loc[lambda counts: counts > 0].to_dict() == {"mw_ai_contracted_it": 1}
    assert items["restricted_cash_not_added"].tolist() == [0.0, 0.0]
    rows = used.on(DAY)
    assert (rows.facts.tolist(), rows.closes.tolist(), rows.quarters.tolist()) == ([0, 3, 4], [1], [])
    assert (rows.bitcoin, rows.ether, rows.network) == (-1, -1, -1)


@pytest.mark.parametrize(
    ("item", "age", "stale"),
    [("cash", 200, False), ("cash", 201, True), ("mw_secured", 270, False), ("mw_secured", 271, True)],
)
def test_a_figure_is_stale_beyond_its_most_days(nothing, item, age, stale):
    inputs, _ = view(nothing, {"item": item, "period_end": ago(age)})
    assert inputs.stale[item].tolist() == [stale, False]  # what is unknown is not stale
    assert inputs.stale.drop(columns=item).sum().sum() == 0


@pytest.mark.parametrize(("age", "stale"), [(7, False), (8, True)])
def test_a_price_is_stale_after_a_week(nothing, age, stale):
    inputs, _ = view(nothing, quoted=[("A", age, 5.0)])
    assert inputs.stale["price_usd"].tolist() == [stale, False]


def test_what_a_company_has_none_of_is_zero_and_all_else_unknown(nothing):
    told = {"item": "revenue_total", "value": 9.0, "period_end": ago(91)}
    inputs, _ = view(nothing, told, {}, none_of=("debt_total", "hashrate_operating_eh"))
    assert inputs.items[["debt_total", "hashrate_operating_eh"]].to_numpy().tolist() == [[0.0, 0.0]] * 2
    assert inputs.items["cash"].tolist()[0] == 7.0
    assert inputs.items[["mw_secured", "btc_held"]].isna().all(axis=None)
    assert inputs.quarters[["total_usd", "mining_usd"]].to_numpy().tolist() == [[9.0, 0.0]]
    without, _ = view(nothing, told, none_of=("debt_total",))
    assert without.quarters["mining_usd"].isna().all()


def test_restricted_cash_that_is_set_aside_is_not_used_and_is_told(nothing):
    old = {"item": "restricted_cash", "value": 2.0, "period_end": ago(100)}
    inputs, used = view(nothing, old, {})
    assert inputs.items["restricted_cash"].isna().all()
    assert inputs.items["restricted_cash_not_added"].tolist() == [2.0, 0.0]
    assert used.on(DAY).facts.tolist() == [1]
    assert used.facts[used.facts >= 0].tolist() == [1]
    inside = {"evidence": "cash incl. restricted"}
    told, _ = view(nothing, {}, inside | {"ticker": "B"})
    assert told.items["cash_includes_restricted"].tolist() == [0.0, 1.0]


def test_weeks_of_the_network_up_to_the_last_date(nothing):
    network = universes.load("miners").network
    dates = [network["date"].iloc[3], network["date"].iloc[5]]
    inputs, _ = view(nothing, dates=dates, network=network)
    assert inputs.network["date"].tolist() == network["date"].tolist()[:6]


def test_two_dates_are_the_same_as_each_alone(nothing):
    told = ({}, {"value": 8.0, "published_on": DAY}, {"ticker": "B", "period_end": ago(250)})
    both, used = view(nothing, *told, dates=(ago(1), DAY), quoted=[("A", 0, 5.0), ("A", 3, 4.0)])
    assert both.items["cash"].tolist() == [7.0, 7.0, 8.0, 7.0]
    assert both.items["price_usd"].tolist()[::2] == [4.0, 5.0]
    assert both.stale["cash"].tolist() == [False, True, False, True]
    assert [used.on(day).facts.tolist() for day in (ago(1), DAY)] == [[0, 2], [1, 2]]
    assert [used.on(day).closes.tolist() for day in (ago(1), DAY)] == [[1], [0]]


class Made:
    """An override's outcome that tells how it was asked."""

    def on(self, as_of: pd.Timestamp, *, last: bool) -> tuple[pd.Timestamp, bool]:
        return as_of, last


def test_the_rows_behind_a_date_are_those_in_force_and_the_lines_of_the_last_four_quarters():
    dates = pd.DatetimeIndex([ago(2), ago(1), DAY])
    ends = pd.to_datetime(["2025-12-31", "2025-03-31", "2026-03-31", "2025-09-30", "2025-06-30"])
    keys = [("A", "revenue_total", end) for end in ends]
    keys += [("A", "revenue_mining", ends[1]), ("A", "revenue_mining", ends[2]), ("B", "revenue_total", ends[1])]
    lines = np.array([[-1] * 8, [0, 11, -1, 13, 14, 15, -1, 17], [0, 11, 12, 13, 14, 15, 16, 17]])
    used = Used(
        dates=dates,
        facts=np.array([[[-1, -1], [-1, -1]], [[3, -1], [3, 5]], [[9, 8], [7, -1]]]),
        quarters=lines,
        quarter_keys=pd.MultiIndex.from_tuples(keys, names=["ticker", "item", "period_end"]),
        closes=np.array([[-1, -1], [-1, 4], [6, 5]]),
        coins=np.array([[-1, -1], [1, -1], [2, 3]]),
        network=np.array([-1, 0, -1]),
        transactions={
            "cash": np.array([[False, False], [True, False], [True, True]]),
            "btc_held": np.array([[False, False], [False, False], [False, True]]),
        },
        overridden=(Made(),),
    )
    first, last = used.on(dates[1]), used.on(dates[2])
    assert (first.facts.tolist(), last.facts.tolist()) == ([3, 5], [7, 8, 9])
    assert (first.closes.tolist(), last.closes.tolist()) == ([4], [6, 5])
    assert (first.bitcoin, first.ether, first.network) == (1, -1, 0)
    assert (last.bitcoin, last.ether, last.network) == (2, 3, -1)
    # On the first date four quarters of A are known; on the last five, of which the oldest does not count.
    assert first.quarters.tolist() == [0, 11, 13, 14, 15, 17]
    assert last.quarters.tolist() == [0, 12, 13, 14, 16, 17]
    assert {item: rows.tolist() for item, rows in last.transactions.items()} == {"cash": [0, 1], "btc_held": [1]}
    assert {item: rows.tolist() for item, rows in first.transactions.items()} == {"cash": [0], "btc_held": []}
    assert (first.overridden, last.overridden) == (((dates[1], False),), ((dates[2], True),))
