"""Why a company stays out of a statistic: the first reason that holds, in the declared order."""

from __future__ import annotations

import pandas as pd
import pytest

from valuation.eligibility import eligible, exclusion


class Companies:
    """As much of `Inputs` as is asked for."""

    def __init__(self, rows: dict[str, dict]) -> None:
        plain = {"role": "miner", "consolidated_by": None, "ev_meaningful": True}
        self.companies = pd.DataFrame({name: plain | row for name, row in rows.items()}).T

    def company(self, column: str) -> pd.Series:
        return self.companies[column].reset_index(drop=True)


def test_reasons_that_hold_whatever_the_figures():
    found = exclusion(Companies({
        "A": {}, "B": {"role": "comparable"}, "C": {"consolidated_by": "A"}, "D": {"ev_meaningful": False},
        "E": {"consolidated_by": "NOT LISTED"}, "F": {"consolidated_by": "A", "ev_meaningful": False},
        "G": {"role": "comparable", "consolidated_by": "A", "ev_meaningful": False},
    }))  # fmt: skip
    broker = "enterprise value not meaningful (broker or lender)"
    assert found.tolist() == ["", "comparable, not a miner", "consolidated by A", broker, "", "consolidated by A",
                              "comparable, not a miner"]  # fmt: skip


@pytest.mark.parametrize(
    ("excluded", "status", "reason"),
    [
        ("", ("ok", "ok"), ""),
        ("", ("stale", "proxy"), ""),
        ("", ("missing", "ok"), "x missing: why x"),
        ("", ("ok", "not_meaningful"), "y not meaningful: why y"),
        ("", ("missing", "not_meaningful"), "x missing: why x"),
        ("comparable", ("missing", "ok"), "comparable"),
    ],
)
def test_the_first_metric_that_is_not_usable_is_the_reason(excluded, status, reason):
    table = pd.DataFrame({"excluded": [excluded]}, index=["A"])
    states = pd.DataFrame([status], columns=["x", "y"], index=["A"])
    causes = pd.DataFrame([("why x", "why y")], columns=["x", "y"], index=["A"])
    assert eligible(table, states, causes, ["x", "y"])["reason"].tolist() == [reason]
