"""A source's answer at the gate: what cannot be, what is told twice, and what is out of proportion on a day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener.sources.fetched import Failure, Fetched, stack
from screener.sources.gate import answer
from tests.screener.sources.gated import FRIDAYS, NO_SPLITS, PEERS

FLAT = [10.0] * 5
A, B, C = "2026-01-02", "2026-01-05", "2026-01-06"


def fetched(*rows: tuple[str, str, float], failures: tuple[Failure, ...] = ()) -> Fetched:
    frame = pd.DataFrame(rows, columns=["date", "ticker", "close_usd"])
    nothing = stack([], ["x"])
    return Fetched("yahoo", frame.assign(date=pd.to_datetime(frame["date"])), nothing, NO_SPLITS, failures=failures)


@pytest.mark.parametrize(
    ("rows", "left", "words"),
    [
        ([(A, 1.0), (B, 2.0)], [1.0, 2.0], None),
        ([(A, 1.0), (A, 1.0), (B, 2.0)], [1.0, 2.0], "2026-01-02 told 2 times, 1"),
        (
            [(A, 1.0), (A, 1.5), (B, 2.0)],
            [2.0],
            "2026-01-02 told 2 times, 1 and 1.5: held back, the close before stands",
        ),
        (
            [(A, 1.0), (A, 1.0), (A, 1.5), (B, 2.0)],
            [2.0],
            "2026-01-02 told 3 times, 1 and 1.5: held back, the close before stands",
        ),
        ([(A, 0.0), (B, 2.0)], [2.0], "0 on 2026-01-02: no close can be that; held back"),
        ([(B, -3.0), (A, np.inf), (C, 2.0)], [2.0], "-3 on 2026-01-05: no close can be that; held back"),
        ([(A, 0.0), (A, 1.0), (B, 2.0)], [1.0, 2.0], "0 on 2026-01-02: no close can be that; held back"),
    ],
)
def test_what_cannot_be_and_what_is_told_twice_is_left_out_of_an_answer(rows, left, words):
    found = answer.sound(fetched(*((day, "X", value) for day, value in rows), (A, "Y", 9.0)))
    assert found.closes.loc[found.closes["ticker"] == "X", "close_usd"].tolist() == left
    assert found.closes.loc[found.closes["ticker"] == "Y", "close_usd"].tolist() == [9.0]
    assert found.closes.index.tolist() == list(range(len(found.closes)))
    assert list(found.closes.columns) == ["date", "ticker", "close_usd"]
    assert found.failures == (() if words is None else (Failure("X", "closes", "partial", words),))


def test_a_fault_joins_what_was_told_of_the_same_question_and_others_stand():
    before = (Failure("X", "closes", "unreachable", "no answer"), Failure("X", "statements", "empty", "none"),
              Failure("W", "closes", "partial", "short"))  # fmt: skip
    found = answer.sound(fetched((A, "X", 0.0), (A, "Y", -1.0), failures=before))
    assert found.failures == (
        Failure("W", "closes", "partial", "short"),
        Failure("X", "closes", "unreachable", "no answer; 0 on 2026-01-02: no close can be that; held back"),
        Failure("X", "statements", "empty", "none"),
        Failure("Y", "closes", "partial", "-1 on 2026-01-02: no close can be that; held back"),
    )  # fmt: skip


def test_closes_of_a_study_are_those_known_by_a_day():
    rows = [(f"{day:%Y-%m-%d}", name, value) for name in (*PEERS, "X")
            for day, value in zip(FRIDAYS, [*FLAT, *([25.0] * 3 if name == "X" else [10.0] * 3)], strict=False)]  # fmt: skip
    whole = fetched(*rows)
    on_the_day = answer.proportionate(whole, FRIDAYS[5])
    assert on_the_day.closes.loc[on_the_day.closes["ticker"] == "X", "date"].max() == FRIDAYS[4]
    assert [failure.symbol for failure in on_the_day.failures] == ["X"]
    a_week_later = answer.proportionate(whole, FRIDAYS[6])
    assert a_week_later.closes.loc[a_week_later.closes["ticker"] == "X", "date"].max() == FRIDAYS[6]
    assert a_week_later.failures == ()
    assert answer.proportionate(whole, FRIDAYS[4]).failures == ()
    assert list(on_the_day.closes.columns) == ["date", "ticker", "close_usd"]
    assert on_the_day.closes.index.tolist() == list(range(len(on_the_day.closes)))
