"""The signing study: events and their closes, windows, changes within companies, sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation._words import SIGNIFICANT
from valuation.errors import NotEstimable
from valuation.findings import CAN, CANNOT
from valuation.signing import STUDIED, WINDOWS, change_since, medians, staggered, study

DATES = pd.date_range("2024-01-05", periods=100, freq="7D", unit="ns")
TICKERS = pd.Index(["A", "B", "C", "D", "E", "F", "G"], name="ticker")
SIGNED = pd.DataFrame(
    {
        "announced_on": pd.to_datetime(["2024-06-04", "2024-09-06", "2025-02-12", "2023-11-01", "2025-12-05"]),
        "day_unsure": [False, True, False, False, False],
    },
    index=pd.Index(["A", "B", "C", "D", "E"], name="ticker"),
)
GROUP = pd.DataFrame("bitcoin", index=DATES, columns=TICKERS)
GROUP.loc[DATES[30:], "A"] = "pivot"
GROUP["D"] = "pivot"
GROUP.loc[:, "G"] = None


def world(seed: int, effect: float = 0.0) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    logs = pd.DataFrame(np.cumsum(rng.normal(0, 0.03, (100, 7)), axis=0), index=DATES, columns=TICKERS)
    for ticker, day in SIGNED["announced_on"].items():
        logs.loc[logs.index >= day, ticker] += effect
    per_mw = np.exp(logs)
    per_mw.loc[DATES[:60], "F"] = np.nan
    per_mw.loc[DATES[5], "A"], per_mw.loc[DATES[6], "A"] = -1.0, 0.0
    return {"price": np.exp(logs), "ev": np.exp(logs + 3), "ev_per_mw": per_mw}


def run(seed: int = 1, effect: float = 0.0):
    return study(world(seed, effect), GROUP, SIGNED, pd.Timestamp("2025-01-01"), level=0.95, seed=5, permutations=199)


@pytest.fixture(scope="module")
def found():
    return run()


def test_an_announcement_stands_between_the_close_before_and_the_first_that_knows_it(found):
    events = found.events
    # 4 June 2024 is a Tuesday; 6 September 2024 is the Friday of a close, and the day counts.
    assert events.loc["A", ["close_before", "first_close"]].tolist() == [
        pd.Timestamp("2024-05-31"), pd.Timestamp("2024-06-07"),
    ]  # fmt: skip
    assert events.loc["B", ["close_before", "first_close"]].tolist() == [
        pd.Timestamp("2024-08-30"), pd.Timestamp("2024-09-06"),
    ]  # fmt: skip
    assert events["reason"].to_dict() == {"D": "signed before the first weekly close", "A": "", "B": "", "C": ""}
    assert events.index.tolist() == ["D", "A", "B", "C"]  # by day
    # The last close is of 28 November 2025: a contract of 5 December is not known by then.
    assert found.as_of == pd.Timestamp("2025-11-28")
    assert found.never == ("E", "F", "G")


def test_announcements_about_the_first_and_the_last_close():
    signed = pd.DataFrame(
        {
            "announced_on": pd.to_datetime(
                ["2024-01-05", "2024-01-06", "2024-01-12", "2025-11-28", "2025-11-29", "2024-01-06"]
            )
        }
        | {"day_unsure": False},
        index=list("ABCDEZ"),
    )
    events = study(world(1), GROUP, signed, DATES[0], level=0.95, seed=5, permutations=0).events
    assert events["reason"].to_dict() == {"A": "signed before the first weekly close", "B": "", "C": "", "D": ""}
    assert events["close_before"].tolist()[1:] == [DATES[0], DATES[0], DATES[-2]]
    assert events["first_close"].tolist()[1:] == [DATES[1], DATES[1], DATES[-1]]
    assert events.loc["A", ["close_before", "first_close"]].isna().all()


def test_weeks_are_the_estimator_on_the_sample(found):
    sample = ["A", "B", "C", "E", "F", "G"]
    first = np.array([22, 35, 58, 100, 100, 100])
    assert [DATES[at] for at in first[:3]] == found.used["first_close"].tolist()
    values = world(1)
    logs = np.log(values["ev"][sample].to_numpy())
    known = staggered(logs, first, permutations=199, seed=5)
    rows = found.weeks.loc["ev"]
    np.testing.assert_allclose(np.log(rows["ratio"]), known.estimate, atol=1e-12)
    np.testing.assert_allclose(rows["p"], known.p)
    # Price and EV move alike here; where EV per MW is unknown, the matched price is left out as well.
    np.testing.assert_allclose(found.weeks.loc["price", "ratio"], rows["ratio"])
    np.testing.assert_allclose(found.weeks.loc["price_matched", "ratio"], found.weeks.loc["ev_per_mw", "ratio"])
    assert found.weeks.loc["ev_per_mw", "controls"].iloc[13] < rows["controls"].iloc[13]


def test_windows_are_weeks_and_the_run_up_is_turned_round(found):
    for name in STUDIED:
        for window, week in WINDOWS.items():
            row, at = found.windows.loc[(name, window)], found.weeks.loc[(name, week)]
            if window == "run-up":
                assert (row["from_week"], row["to_week"]) == (-13, -1)
                assert row[["ratio", "low", "high"]].tolist() == pytest.approx(
                    [1 / at["ratio"], 1 / at["high"], 1 / at["low"]]
                )
            else:
                assert row[["ratio", "low", "high"]].tolist() == pytest.approx(at[["ratio", "low", "high"]].tolist())
            assert row["p"] == at["p"]
            assert row["lowest"] <= row["ratio"] <= row["highest"]
            assert {row["lowest_without"], row["highest_without"]} <= {"A", "B", "C"}
    assert found.windows.loc["ev", "to_week"].to_dict() == {
        "run-up": -1, "week": 0, "month": 4, "quarter": 13, "half-year": 26,
    }  # fmt: skip
    assert found.summary.notes[-1].startswith("Staggered difference-in-differences against companies")


def test_one_event_cannot_be_left_out():
    alone = study(world(1), GROUP, SIGNED.loc[["A"]], DATES[50], level=0.95, seed=5)
    assert alone.permutations == 999
    assert np.isfinite(alone.windows["ratio"]).all()
    assert alone.windows[["lowest", "highest"]].isna().all(axis=None)
    assert alone.windows["lowest_without"].eq("").all()
    assert alone.since == DATES[50]
    early = study(
        world(1), GROUP, SIGNED.loc[["A"]], DATES[0] - pd.Timedelta(days=1), level=0.95, seed=5, permutations=9
    )
    assert early.since == DATES[0]


def test_sentences_follow_p_and_interval():
    seen = set()
    for seed in range(12):
        found = run(seed, effect=0.3 * (seed % 2))
        told = [one for one in found.findings if one.p is not None]
        assert len(told) == 2 * len(STUDIED) + 1
        for one in told:
            excludes = one.figures["low"] > 1 or one.figures["high"] < 1
            assert (one.kind == CAN) == (one.p <= SIGNIFICANT) == excludes
            assert ("did not change significantly" in one.text) == (one.kind == CANNOT)
            seen.add(one.kind)
        assert any("day of the first contract is not exactly known for B" in one.text for one in found.findings)
        assert not any(word in one.text for one in found.findings for word in ("caused", "because", "lifts"))
    assert seen == {CAN, CANNOT}


def test_too_few_events_have_an_estimate_and_no_test():
    found = study(world(1), GROUP, SIGNED.loc[["A", "B"]], DATES[0], level=0.95, seed=5, permutations=199)
    assert found.weeks.loc[("price", 0), "events"] == 2
    assert np.isfinite(found.weeks.loc[("price", 0), "ratio"])
    assert found.weeks[["low", "high", "p"]].isna().all().all()
    told = [one.text for one in found.findings if one.text.startswith("Estimate not available")]
    assert len(told) == 1
    assert "price in the week (2 events), price within 13 weeks (2 events)" in told[0]
    assert not [one for one in found.findings if one.p is not None]
    assert not any("without a correction" in one.text for one in found.findings)


def test_no_event_at_all_is_refused():
    with pytest.raises(NotEstimable, match="no first AI contract"):
        study(world(1), GROUP, SIGNED.loc[["D", "E"]], DATES[0], level=0.95, seed=5)


def test_change_since_by_hand():
    dates = pd.DatetimeIndex(["2025-01-03", "2025-06-06"])
    names = ["P", "Q", "R", "S", "T"]
    price = pd.DataFrame([[1.0, 2.0, 4.0, np.nan, 5.0], [2.0, 3.0, 1.0, 4.0, 5.0]], index=dates, columns=names)
    per_mw = pd.DataFrame([[1.0, 1.0, np.nan, 1.0, 1.0], [3.0, 0.5, 2.0, 4.0, 1.0]], index=dates, columns=names)
    group = pd.DataFrame(
        [["bitcoin", "bitcoin", "pivot", "bitcoin", None], ["pivot", "pivot", "bitcoin", "bitcoin", "pivot"]],
        index=dates, columns=names,
    )  # fmt: skip
    shuffled = list("SQTRP")
    change = change_since({"price": price, "ev_per_mw": per_mw}, group[shuffled], *dates)
    assert change.index.tolist() == ["P", "Q", "S", "R"]  # by move, then by name
    assert change["move"].to_dict() == {
        "P": "crossed the threshold", "Q": "crossed the threshold", "S": "stayed in the mining group",
        "R": "left the AI group",
    }  # fmt: skip
    assert change["price"].to_dict() == pytest.approx({"P": 2.0, "Q": 1.5, "R": 0.25, "S": np.nan}, nan_ok=True)
    middle = medians(change)
    assert middle.loc["crossed the threshold"].tolist() == [2, 1.75, 2, 1.75, 2]
    assert middle.loc["left the AI group"].tolist() == pytest.approx([1, 0.25, 1, np.nan, 0], nan_ok=True)
    assert middle.loc["stayed in the mining group"].tolist() == pytest.approx([1, np.nan, 0, 4.0, 1], nan_ok=True)


def test_changes_count_from_the_last_close_by_the_day_asked_for(found):
    assert found.since == pd.Timestamp("2024-12-27")
    price = world(1)["price"]
    assert found.change.loc["A", "price"] == pytest.approx(price["A"].iloc[-1] / price.loc["2024-12-27", "A"])
    assert "G" not in found.change.index
