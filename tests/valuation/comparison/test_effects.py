"""Effect of one company's change on gap and premium, by medians of all ratios and a fitted line with and without it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.comparison.effects import company_effects, points

NAN = np.nan
# Nine ratios of A, B, C over D, E, F: the middle one is 4, and 3 where A is at 5 instead of 8.
AFTER = {
    "A": (8.0, "pivot", 0.9, True), "B": (6.0, "pivot", 0.6, True), "C": (9.0, "pivot", 0.8, True),
    "D": (2.0, "bitcoin", 0.1, True), "E": (3.0, "bitcoin", 0.3, True), "F": (1.5, "bitcoin", 0.0, True),
    "H": (7.0, "pivot", 0.5, False), "N": (NAN, None, NAN, False),
}  # fmt: skip


def frame(rows: dict[str, tuple]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "group", "share", "inside"])


def ratio(rows: dict[str, tuple]) -> float:
    groups = [[v for v, group, _, inside in rows.values() if inside and group == name] for name in ("pivot", "bitcoin")]
    return float(np.exp(np.median([np.log(a / b) for a in groups[0] for b in groups[1]])))


def premium(rows: dict[str, tuple]) -> float:
    known = [(share, value) for value, _, share, inside in rows.values() if inside and not np.isnan(share)]
    share, value = np.array(known).T
    return float(np.exp(np.polyfit(share, np.log(value), 1)[0]) - 1)


def test_one_company_at_a_time():
    before = AFTER | {"A": (5.0, "pivot", 0.7, True), "H": (1.0, "bitcoin", 0.0, False)}
    found = company_effects(frame(before), frame(AFTER))
    assert found.index.tolist() == list(AFTER)
    assert found.loc["A", "gap_effect"] == pytest.approx(4.0 - 3.0)
    assert found.loc["A", "premium_effect"] == pytest.approx(premium(AFTER) - premium(before))
    assert (found.drop("A") == 0.0).all(axis=None)


@pytest.mark.parametrize(
    ("ticker", "was"),
    [
        ("A", (8.0, "pivot", 0.9, False)),  # entered the statistics
        ("B", (6.0, "bitcoin", 0.6, True)),  # changed its group
        ("E", (3.0, "bitcoin", NAN, True)),  # its share became known
        ("H", (7.0, "pivot", 0.5, True)),  # left them
    ],
)
def test_what_else_can_change(ticker, was):
    after = AFTER | {"G": (7.5, "pivot", 0.75, True), "I": (2.5, "bitcoin", 0.2, True)}
    before = after | {ticker: was}
    found = company_effects(frame(before), frame(after)).loc[ticker]
    assert found.tolist() == pytest.approx([ratio(after) - ratio(before), premium(after) - premium(before)])
    assert np.abs(found).max() > 0


def test_companies_of_one_screen_alone():
    gone = AFTER | {"AX": (4.0, "pivot", 0.4, True)}
    dropped = company_effects(frame(gone), frame(AFTER))
    assert dropped.index.tolist() == [*AFTER, "AX"]
    assert dropped.loc["AX", "gap_effect"] == pytest.approx(ratio(AFTER) - ratio(gone))
    added = company_effects(frame(AFTER), frame(gone))
    assert added.loc["AX"].tolist() == pytest.approx([ratio(gone) - ratio(AFTER), premium(gone) - premium(AFTER)])


def test_without_an_estimate_there_is_no_effect():
    one = {t: AFTER[t] for t in ("A", "D")}
    before = one | {"A": (5.0, "pivot", 0.9, True)}
    assert company_effects(frame(before), frame({"A": AFTER["A"]})).loc["A"].isna().all()
    # Who did not change, or is outside before and after, has no effect all the same.
    known = {"N": (NAN, None, NAN, True), "H": AFTER["H"]}
    found = company_effects(frame(before | known), frame(one | known | {"H": (1.0, "pivot", 0.1, False)}))
    assert found.loc[["D", "N", "H"]].to_numpy().tolist() == [[0.0, 0.0]] * 3
    two = {t: row for t, row in AFTER.items() if t != "C"}  # two AI companies are no group
    assert np.isnan(company_effects(frame(two | {"A": (5.0, "pivot", 0.9, True)}), frame(two)).at["A", "gap_effect"])
    alike = {t: (v, g, 0.5, inside) for t, (v, g, _, inside) in AFTER.items()}
    found = company_effects(frame(alike | {"A": (5.0, "pivot", 0.5, True)}), frame(alike)).loc["A"]
    assert found["gap_effect"] == pytest.approx(1.0)
    assert np.isnan(found["premium_effect"])


def test_points_of_a_table():
    share, value = [0.5, 0.2, 0.3, 0.4], [2, -1, 0, 0.5]
    table = pd.DataFrame({"ai_share_contracted": share, "ev_per_mw_secured": value, "group": ["p", "b", "b", "p"]})
    status = pd.DataFrame({"ai_share_contracted": ["stale", "missing", "ok", "ok"]})
    found = points(table, status, pd.Series([True, True, True, True]))
    assert found["share"].tolist() == pytest.approx([0.5, NAN, 0.3, 0.4], nan_ok=True)
    assert found["inside"].tolist() == [True, False, False, True]
    assert points(table, status, pd.Series([False, True, True, True]))["inside"].tolist() == [False, False, False, True]
    assert found["value"].tolist() == [2.0, -1.0, 0.0, 0.5]
