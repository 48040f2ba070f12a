"""The studies of a screen together: findings in their order, those that are absent, and the summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from valuation._summary import Summary, Table
from valuation.findings import CAN, CANNOT, Finding
from valuation.studies import Studies


@dataclass
class Made:
    """As much of a study as the studies read."""

    name: str
    as_of = pd.Timestamp("2026-01-16")

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (Finding(f"{self.name}.", CAN, {}, 0.2, 0.05),)

    @property
    def summary(self) -> Summary:
        tables = (Table("first", pd.DataFrame({"x": [self.name]})), Table("second", pd.DataFrame()))
        return Summary(f"Study of {self.name}", tables=tables)


def studies(**absent: str) -> Studies:
    parts: dict[str, Any] = {name: Made(name) for name in ("gap", "line", "mix", "events", "signing")}
    return Studies(**parts | dict.fromkeys(absent), notes=absent)


def test_findings_stand_in_the_order_of_the_studies_and_why_one_is_absent_comes_last():
    found = studies(line="3 companies", signing="no contract")
    assert [(one.text, one.kind) for one in found.findings] == [
        ("gap.", CAN), ("mix.", CAN), ("events.", CAN), ("Not available, line: 3 companies.", CANNOT),
        ("Not available, signing: no contract.", CANNOT),
    ]  # fmt: skip
    frame = found.to_frame()
    assert frame.columns.tolist() == ["kind", "text", "p", "threshold"]
    assert frame.iloc[0].tolist() == [CAN, "gap.", 0.2, 0.05]
    assert len(frame) == 5


def test_the_summary_shows_the_first_table_of_each_study_under_its_title():
    told = studies(events="no prices").summary
    assert told.title == "Studies of 16 January 2026"
    assert [(one.caption, one.frame["x"].item()) for one in told.tables] == [
        (f"Study of {name}", name) for name in ("gap", "line", "mix", "signing")
    ]
    assert told.notes[-1] == "Not available, events: no prices."
