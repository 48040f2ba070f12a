"""What is said of first contracts: each window by its p, unknown ones in one sentence, limits with their counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.findings import CAN, CANNOT
from valuation.signing import findings
from valuation.signing.result import STUDIED

NAN = np.nan
TITLES = {"price": "Price", "ev": "EV"}


def windows(**changes: float) -> pd.DataFrame:
    """Price and EV in three windows, 12% above their controls with p of 1%."""
    row = {
        "ratio": 1.12,
        "low": 1.02,
        "high": 1.25,
        "p": 0.01,
        "events": 5,
        "controls": 6.5,
        "lowest": 1.08,
        "highest": 1.15,
    }
    index = pd.MultiIndex.from_product([TITLES, ["run-up", "week", "quarter"]])
    frame = pd.DataFrame([row] * 6, index=index)
    for place, value in changes.items():
        name, window, column = place.split("__")
        frame.loc[(name, window.replace("_", "-")), column] = value
    return frame


def test_a_significant_window_says_its_change_interval_and_range_without_an_event():
    found = findings.of_windows(windows(), TITLES, 0.95)
    assert [one.text.partition(" changed")[0] for one in found] == [
        "In the week of a first AI contract, price", "Within 13 weeks of a first AI contract, price",
        "In the week of a first AI contract, EV", "Within 13 weeks of a first AI contract, EV",
        "In the 12 weeks before a first AI contract, price",
    ]  # fmt: skip
    assert found[0].text == (
        "In the week of a first AI contract, price changed by +12% relative to companies that had not signed (95% "
        "confidence interval +2% to +25%, p = 0.010, 5 events; without any one event +8% to +15%)."
    )
    assert found[0].figures == {
        "ratio": 1.12, "low": 1.02, "high": 1.25, "p": 0.01, "events": 5, "controls": 6.5, "lowest": 1.08, "highest": 1.15
    }  # fmt: skip


@pytest.mark.parametrize(("p", "kind"), [(0.05, CAN), (0.0501, CANNOT)])
def test_a_window_is_significant_up_to_five_percent(p, kind):
    found = findings.of_windows(windows(price__week__p=p), TITLES, 0.9)[0]
    assert (found.kind, found.p) == (kind, p)
    if kind == CANNOT:
        assert found.text == (
            "In the week of a first AI contract, price did not change significantly relative to companies that had not "
            "signed (+12%, 90% confidence interval +2% to +25%, p = 0.050, 5 events)."
        )


def test_windows_without_a_test_share_a_sentence():
    found = findings.of_windows(windows(price__week__p=NAN, ev__quarter__p=NAN, ev__quarter__events=1), TITLES, 0.95)
    assert len(found) == 4
    assert (found[-1].kind, found[-1].figures) == (CANNOT, {"price_week_events": 5, "ev_quarter_events": 1})
    assert found[-1].text.startswith(
        "Estimate not available: price in the week (5 events) and EV within 13 weeks (1 event). A test needs at least 3"
    )


@pytest.mark.parametrize(
    ("title", "inside"), [("Price where EV per MW is known", "price where EV per MW is known"), ("EV", "EV")]
)
def test_a_title_within_a_sentence(title, inside):
    assert findings._inside(title) == inside
    assert title in STUDIED.values()


def test_the_change_of_value_by_move_or_that_nobody_is_known():
    days = pd.Timestamp("2025-01-03"), pd.Timestamp("2026-01-02")
    middle = pd.DataFrame(
        {"ev_per_mw": [2.5, NAN, 0.5], "ev_per_mw_n": [3.0, 0.0, 1.0]}, index=["crossed", "stayed", "left the AI group"]
    )
    (found,) = findings.of_change(middle, *days)
    assert found.text == (
        "From 3 January 2025 to 2 January 2026 the median EV per secured MW changed by a factor of 2.5x for 3 companies "
        "that crossed and 0.50x for 1 company that left the AI group."
    )
    assert found.figures == {"crossed": 2.5, "left the AI group": 0.5}
    (nobody,) = findings.of_change(middle.assign(ev_per_mw=NAN), *days)
    assert nobody.kind == CANNOT
    assert nobody.text == "No company has a known EV per secured MW on both 3 January 2025 and 2 January 2026."


@pytest.mark.parametrize(("tests", "said"), [(0, False), (1, False), (2, True), (6, True)])
def test_several_tests_are_a_limit_and_one_is_not(tests, said):
    used = pd.DataFrame({"day_unsure": [False, True]}, index=["A", "B"])
    rows = windows().assign(p=[0.01] * tests + [NAN] * (6 - tests))
    found = findings.limits(used, rows)
    assert [one.figures for one in found if "without a correction" in one.text] == ([{"tests": tests}] if said else [])
    assert "not exactly known for B;" in found[2].text
    assert len(findings.limits(used[:1], rows)) == len(found) - 1
