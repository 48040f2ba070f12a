"""The standing of each fact: in force, or which of the reasons why not."""

from __future__ import annotations

import pandas as pd

from screener.known.standing import standing

AS_OF = pd.Timestamp("2026-08-10")


def made(*changes: dict) -> pd.DataFrame:
    """The standing of facts whose value is their place."""
    blank = {"ticker": "A", "item": "cash", "period_end": "2026-06-30", "published_on": "2026-08-01", "value": 1.0,
             "file": "financials.csv", "source_url": ""}  # fmt: skip
    rows = pd.DataFrame([blank | change | {"value": float(at)} for at, change in enumerate(changes)])
    for name in ("period_end", "published_on"):
        rows[name] = pd.to_datetime(rows[name])
    return standing(rows, AS_OF)


def told(*changes: dict) -> list[str]:
    """The standing of each row, in the order given."""
    return made(*changes).set_index("value").sort_index()["standing"].tolist()


def test_each_reason_why_a_fact_is_not_in_force():
    assert told({}, {"period_end": "2026-03-31"}) == ["in force", "older period"]
    assert told({}, {"published_on": "2026-08-10"}) == ["restated on 2026-08-10", "in force"]  # on the day itself
    assert told({}, {"published_on": "2026-08-11"}) == ["in force", "published later"]
    assert told({}, {"file": "filing", "published_on": "2026-07-01"}) == ["overruled: filing", "in force"]
    assert told({}, {"item": "btc_held", "period_end": "2026-03-31"}) == ["in force"] * 2  # another item
    assert told({}, {"ticker": "B", "period_end": "2026-03-31"}) == ["in force"] * 2  # another company


def test_a_quarter_s_revenue_stays_in_force_and_a_later_row_of_the_file_wins_a_tie():
    assert told({"item": "revenue_total"}, {"item": "revenue_total", "period_end": "2026-03-31"}) == ["in force"] * 2
    assert told({}, {}) == ["restated on 2026-08-01", "in force"]


def test_a_class_that_is_not_yet_published_overrules_nothing():
    assert told({}, {"file": "filing", "published_on": "2026-09-01"}) == ["in force", "published later"]
    assert told({}, {"period_end": "2026-09-30", "published_on": "2026-10-01"}) == ["in force", "published later"]
    assert told({"published_on": "2026-10-01"}) == ["published later"]


def test_facts_stand_by_company_item_period_and_evidence_the_row_in_force_last_of_its_period():
    found = made({"ticker": "B"}, {"item": "debt"}, {}, {"file": "filing"}, {"period_end": "2026-03-31"},
                 {"published_on": "2026-07-01"}, {"file": "filing", "published_on": "2026-09-01"})  # fmt: skip
    assert found["value"].tolist() == [4, 6, 5, 2, 3, 1, 0]
    assert found.index.tolist() == list(range(7))
    assert list(found.columns) == [
        "ticker", "item", "period_end", "published_on", "value", "file", "source_url", "evidence_class", "standing",
    ]  # fmt: skip
    assert found["evidence_class"].tolist()[3:5] == ["universe, cites an aggregator", "filing"]
