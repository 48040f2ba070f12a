"""Differences of metrics, lines and sentences by hand: which are listed, with which sign, the largest first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.comparison.changes import _overrides
from valuation.comparison.differences import line_differences, metric_differences, sentence_differences

NAN = np.nan


def test_metrics_the_largest_change_first_whatever_its_sign():
    before = pd.DataFrame({"secured_mw": [100.0, 200.0, 0.0, 50.0, 80.0], "ai_share_contracted": [0.5, 0.5, 0.2, NAN, 0.3]},
                          index=list("ABCDE"))  # fmt: skip
    after = pd.DataFrame({"secured_mw": [150.0, 40.0, 10.0, 50.0, 80.0], "ai_share_contracted": [0.5, 0.6, 0.2, 0.4, NAN]},
                         index=list("ABCDE"))  # fmt: skip
    old = pd.DataFrame("ok", index=before.index, columns=before.columns)
    new = old.copy()
    new.loc["A", "ai_share_contracted"] = "stale"
    found = metric_differences(before, after, old, new)
    assert found[["ticker", "metric"]].apply(tuple, axis=1).tolist() == [
        ("B", "secured_mw"), ("A", "secured_mw"), ("B", "ai_share_contracted"), ("A", "ai_share_contracted"),
        ("C", "secured_mw"), ("D", "ai_share_contracted"), ("E", "ai_share_contracted"),
    ]  # fmt: skip
    # Of fractions the difference, of others over the size before; from zero or from unknown there is none.
    assert found["change"].tolist() == pytest.approx([-0.8, 0.5, 0.1, 0.0, NAN, NAN, NAN], nan_ok=True)
    assert found.columns.tolist() == ["ticker", "metric", "before", "after", "change", "status_before", "status_after"]
    assert found.index.tolist() == list(range(7))


def test_a_metric_of_one_screen_alone_and_one_in_words_are_not_compared():
    one = pd.DataFrame({"secured_mw": [100.0], "group": ["pivot"], "not_a_metric": [1.0]}, index=["A"])
    other = pd.DataFrame({"secured_mw": [110.0], "operating_mw": [50.0], "group": ["bitcoin"], "not_a_metric": [2.0]},
                         index=["A"])  # fmt: skip
    states = [pd.DataFrame("ok", index=frame.index, columns=frame.columns) for frame in (one, other)]
    assert metric_differences(one, other, *states)["metric"].tolist() == ["secured_mw"]
    assert metric_differences(other, one, *states[::-1])["metric"].tolist() == ["secured_mw"]


def test_a_figure_that_may_not_be_used_is_unknown_and_rounding_is_no_difference():
    before = pd.DataFrame({"secured_mw": [100.0, 100.0]}, index=["A", "B"])
    old = pd.DataFrame({"secured_mw": ["ok", "ok"]}, index=["A", "B"])
    after = before * np.array([[1 + 1e-13], [1 + 1e-11]])
    for sign in (1, -1):
        assert metric_differences(sign * before, sign * after, old, old)["ticker"].tolist() == ["B"]
        assert metric_differences(sign * after, sign * before, old, old)["ticker"].tolist() == ["B"]
    assert metric_differences(-before, -1.5 * before, old, old)["change"].tolist() == [-0.5, -0.5]
    assert metric_differences(before * 0, before, old, old)["ticker"].tolist() == ["A", "B"]
    assert metric_differences(before, before * 0, old, old)["change"].tolist() == [-1.0, -1.0]
    unusable = old.assign(secured_mw=["missing", "not_meaningful"])
    found = metric_differences(before, before, old, unusable)
    assert found["after"].isna().all()
    assert found["before"].tolist() == [100.0, 100.0]
    known_now = metric_differences(before, before, unusable, old)
    assert known_now["before"].isna().all()
    assert known_now["after"].tolist() == [100.0, 100.0]
    only_one = metric_differences(before, before.loc[["B"]] * 2, old, old.loc[["B"]])
    assert only_one["ticker"].tolist() == ["B"]


def test_lines_have_the_sign_of_the_bridge_and_the_largest_effect_comes_first():
    before = pd.DataFrame({"equity_value_usd": [100.0], "debt_after_conversion_usd": [50.0], "cash_usd": [40.0],
                           "bitcoin_usd": [7.0], "preferred_equity_usd": [NAN]}, index=["A"])  # fmt: skip
    after = pd.DataFrame({"equity_value_usd": [90.0], "debt_after_conversion_usd": [51.0], "cash_usd": [15.0],
                          "bitcoin_usd": [7.0 + 1e-13], "preferred_equity_usd": [0.0]}, index=["A"])  # fmt: skip
    found = line_differences(before, after)
    assert found[["line", "ev_effect"]].apply(tuple, axis=1).tolist() == [
        ("cash_usd", 25.0), ("equity_value_usd", -10.0), ("debt_after_conversion_usd", 1.0), ("preferred_equity_usd", 0.0),
    ]  # fmt: skip
    assert found.columns.tolist() == ["ticker", "line", "before", "after", "ev_effect"]
    assert found.index.tolist() == [0, 1, 2, 3]
    assert line_differences(before, before).empty
    # A line or a metric of one screen alone cannot be compared.
    for pair in ((before.drop(columns="cash_usd"), after), (before, after.drop(columns="cash_usd"))):
        assert line_differences(*pair)["line"].tolist() == [
            "equity_value_usd", "debt_after_conversion_usd", "preferred_equity_usd",
        ]  # fmt: skip
    # A line first reported, or no longer, is there even where it counts for nothing; companies of one screen are not.
    both = pd.DataFrame({"cash_usd": [NAN, 5.0, 0.0]}, index=["A", "B", "C"])
    turned = pd.DataFrame({"cash_usd": [4.0, NAN, NAN]}, index=["B", "A", "C"])
    told = line_differences(both, turned.rename(index={"C": "D"}))
    assert told[["ticker", "ev_effect"]].to_numpy().tolist() == [["B", 1.0]]
    assert line_differences(both, turned)["ticker"].tolist() == ["B", "C"]


def test_sentences_new_gone_and_with_other_figures():
    before = ["RIOT trades at $3.3m.", "HIVE left.", "CIFR at 2.0x.", "CIFR at 2.0x and more."]
    after = ["CIFR at 2.5x.", "RIOT trades at $3.3m.", "WULF signed 1,200 MW.", "RIOT trades at $3.4m."]
    found = sentence_differences(before, after)
    assert found.to_numpy().tolist() == [
        ["new", "", "WULF signed 1,200 MW."], ["new", "", "RIOT trades at $3.4m."], ["gone", "HIVE left.", ""],
        ["gone", "CIFR at 2.0x and more.", ""], ["figures", "CIFR at 2.0x.", "CIFR at 2.5x."],
    ]  # fmt: skip
    twice = sentence_differences(["A 1.", "A 2."], ["A 3.", "A 4.", "A 5."])
    assert twice.to_numpy().tolist() == [["new", "", "A 5."], ["figures", "A 1.", "A 3."], ["figures", "A 2.", "A 4."]]
    p_values = sentence_differences(["A premium (p = 0.001)."], ["A premium (p < 0.001)."])
    assert p_values["change"].tolist() == ["figures"]
    for pair in ((None, after), (before, None)):
        assert len(sentence_differences(*pair)) == 0


def test_what_a_person_overrides_in_one_of_two_runs():
    def run(*items: str) -> dict:
        return {"overrides": [{"meaning": item, "old": 1.0, "new": 2.0, "why": "", "by": "Ann"} for item in items]}

    assert _overrides(run("cash"), run("cash")) == []
    (added,) = _overrides(run("cash"), run("cash", "debt_total"))
    (gone,) = _overrides(run("cash", "debt_total"), run("cash"))
    assert added.startswith("overridden by Ann, ")
    assert gone.startswith("no longer overridden, ")
    assert _overrides({}, {}) == []
    row = {"meaning": "cash", "old": 1.0, "new": 2.0, "why": "8-K", "by": ""}
    assert _overrides({}, {"overrides": [row]}) == [
        "overridden by a person, cash: 1.0 by the run, 2.0 by the person (8-K)"
    ]
    assert added == "overridden by Ann, debt_total: 1.0 by the run, 2.0 by the person"
