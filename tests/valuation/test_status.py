"""The ledger against a plain loop over rows and marks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.status import Details, Ledger, shown

KINDS = ("stale", "proxy", "missing", "not_meaningful")
RANK = {"ok": 0, "stale": 1, "proxy": 2, "not_meaningful": 3, "missing": 4}


def plain(name, value, above, marks) -> list[tuple[float, str, str]]:
    """Value, status and causes of each row, a row and a cause at a time."""
    out = []
    for i, number in enumerate(value):
        rank, causes = 0, []

        def add(status: str, text: str) -> None:
            nonlocal rank, causes
            rank = max(rank, RANK[status])
            causes += [part for part in text.split("; ") if part and part not in causes]

        for status, text in (column[i] for column in above):
            if status != "ok":
                add(status, text)
        for kind in KINDS:
            for cause, rows in marks.get(kind, {}).items():
                if isinstance(rows, Details):
                    if rows.texts[i]:
                        add(kind, f"{cause}: {rows.texts[i]}")
                elif rows[i]:
                    add(kind, cause)
        if np.isnan(number) and rank < RANK["not_meaningful"]:
            add("missing", f"{name} unknown")
        status = next(key for key, place in RANK.items() if place == rank)
        out.append((np.nan if status == "missing" else number, status, "; ".join(causes)))
    return out


def test_both_marks_are_kept_and_taken_over_where_asked():
    ledger = Ledger(pd.RangeIndex(4))
    old, stand_in = np.array([1, 1, 0, 0], dtype=bool), np.array([0, 1, 1, 0], dtype=bool)
    ledger.put("a", np.arange(4.0), stale={"a old": old}, proxy={"b stands in": stand_in})
    assert ledger.marks["a"].tolist() == ["s", "sp", "p", ""]
    assert ledger.status["a"].tolist() == ["stale", "proxy", "proxy", "ok"]
    ledger.put("all", np.arange(4.0), after=["a"])
    ledger.put("some", np.arange(4.0), after={"a": np.array([1, 0, 1, 1], dtype=bool)})
    assert ledger.marks["all"].tolist() == ["s", "sp", "p", ""]
    assert ledger.marks["some"].tolist() == ["s", "", "p", ""]
    assert ledger.causes["some"].tolist() == ["a old", "", "b stands in", ""]
    # What is no figure has no mark.
    ledger.put("gone", np.arange(4.0), after=["a"], missing={"c unknown": old})
    assert ledger.marks["gone"].tolist() == ["", "", "p", ""]
    assert shown(ledger.status, ledger.marks)["a"].tolist() == ["stale", "stale, proxy", "proxy", "ok"]


@pytest.mark.parametrize("seed", range(6))
def test_statuses_and_causes_are_those_of_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    size = 40
    ledger = Ledger(pd.RangeIndex(size))
    made: dict[str, list[tuple[float, str, str]]] = {}
    causes = ["debt old", "cash unknown", "debt old; cash unknown", "price old"]
    texts = np.array(["", "A-1", "A-1, B-2", "C-3"], dtype=object)
    for name in "abcdef":
        value = np.where(rng.random(size) < 0.1, np.nan, rng.normal(size=size))
        marks: dict[str, dict] = {
            kind: {cause: rng.random(size) < 0.1 for cause in rng.permutation(causes)[:2]} for kind in KINDS
        }
        marks["proxy"] |= {"left out": Details(rng.choice(texts, size))}
        after = list(rng.permutation(list(made))[:2])
        ledger.put(name, value, after=after, **marks)
        above = [[(status, text) for _, status, text in made[upstream]] for upstream in after]
        made[name] = plain(name, value, above, marks)
        expected = pd.DataFrame(made[name], columns=["value", "status", "causes"])
        np.testing.assert_array_equal(ledger[name], expected["value"])
        assert list(ledger.status[name]) == list(expected["status"])
        assert list(ledger.causes[name]) == list(expected["causes"])


def test_a_column_of_words_keeps_them_and_what_is_lost_is_none():
    ledger = Ledger(pd.RangeIndex(4))
    groups = pd.Series(["pivot", "bitcoin", None, "pivot"], dtype=object)
    ledger.put("share", np.array([0.5, 0.1, np.nan, 0.9]), missing={"no mining": np.array([0, 0, 0, 1], dtype=bool)})
    ledger.put("group", groups, after=["share"])
    assert ledger["group"].tolist() == ["pivot", "bitcoin", None, None]
    assert ledger.status["group"].tolist() == ["ok", "ok", "missing", "missing"]
    assert ledger.causes["group"].tolist() == ["", "", "share unknown", "no mining"]
    assert groups.tolist() == ["pivot", "bitcoin", None, "pivot"]  # not the caller's own
    ledger.put("alone", groups)
    assert ledger.causes["alone"].tolist() == ["", "", "alone unknown", ""]
    assert "group" in ledger
    assert "other" not in ledger
    assert ledger.usable("group").tolist() == [True, True, False, False]


def test_a_ratio_that_means_nothing_keeps_its_value_and_is_not_usable():
    ledger = Ledger(pd.RangeIndex(3))
    nothing = np.array([1, 1, 0], dtype=bool)
    ledger.put(
        "x", np.array([1.0, np.nan, 3.0]), not_meaningful={"no MW": nothing}, stale={"x old": np.array([1, 0, 1], bool)}
    )
    assert ledger["x"].tolist() == pytest.approx([1.0, np.nan, 3.0], nan_ok=True)
    assert ledger.status["x"].tolist() == ["not_meaningful", "not_meaningful", "stale"]
    assert ledger.causes["x"].tolist() == ["x old; no MW", "no MW", "x old"]
    assert ledger.usable("x").tolist() == [False, False, True]
    assert ledger.marks["x"].tolist() == ["", "", "s"]


def test_details_keep_the_rows_asked_for():
    named = Details(np.array(["A", "B", ""], dtype=object)).where(np.array([True, False, True]))
    assert list(named.rows()) == [True, False, False]
