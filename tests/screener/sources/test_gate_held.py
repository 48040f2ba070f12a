"""Figures held back: from which day until which, which is in force, and one message of several days."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.gate import held

A, B, C = "2026-01-02", "2026-01-05", "2026-01-06"


def row(ticker: str = "X", item: str = "cash", day: str = A, **more: object) -> held.Held:
    told = {"value": 5.0, "place": f"{day}.csv:2", "reason": "5 against 500", "remedy": "Confirm it",
             "known_on": pd.Timestamp(day)} | more  # fmt: skip
    return held.Held(ticker, item, pd.Timestamp(day), **told)


@pytest.mark.parametrize(("day", "count"), [("2026-01-01", 0), (A, 2), ("2026-01-04", 2), (B, 1), (C, 1)])
def test_what_is_held_back_from_its_day_until_another(day, count):
    rows = held.frame([row(), row(until=pd.Timestamp(B), used=True)])
    found = held.on(rows, pd.Timestamp(day))
    assert len(found) == count
    assert found.index.tolist() == list(range(count))
    assert list(found.columns) == held.HELD_COLUMNS
    days = ["date", "known_on", "until"]
    assert held.frame([])[days].dtypes.equals(rows[days].dtypes)


def test_a_held_figure_is_in_force_where_none_in_use_is_later():
    used = pd.DataFrame({"ticker": ["X", "X", "X"], "item": ["cash", "cash", "debt_total"],
                         "period_end": pd.to_datetime([A, B, A])})  # fmt: skip
    rows = held.frame(
        [
            row(day=A),
            row(day=B),
            row(day=C),
            row(item="debt_total", day=A),
            row(item="btc_held", day=A),
            row(ticker="Y", day=A),
            row(day=C, used=True),
        ]
    )
    assert held.in_force(rows, used).index.tolist() == [1, 2, 3, 4, 5]


def test_several_days_of_one_item_are_one_message_with_the_latest():
    rows = held.frame([row(day=B), row(item="debt_total", day=A), row(day=C), row(day=A)])
    assert held.messages(rows) == [
        ("X", "cash", "2026-01-06.csv:2: 5 against 500; 2 earlier since 2026-01-02. Confirm it"),
        ("X", "debt_total", "2026-01-02.csv:2: 5 against 500. Confirm it"),
    ]
