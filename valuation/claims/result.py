"""Claims with what is measured on the day of which they speak and today, their verdicts and sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation._words import count, day, listed
from valuation.claims.claimed import QUARTER, Claimed, quarter_of
from valuation.claims.verdict import NOT_DUE, RULE, UNDETERMINED, VERDICTS, Measured, Verdict
from valuation.findings import CAN, CANNOT, NOTE, Finding

SOURCE_COLUMNS = ["claim_id", "item", "published_on", "source", "source_url"]


@dataclass(frozen=True)
class Checked:
    """One claim with what is measured and the verdict.

    Attributes
    ----------
    claim : Series
        The row of claims.csv.
    claimed : Claimed
    on : Timestamp
        The day of which it speaks; after the as-of date where it is not yet due.
    then, today : Measured
        On that day (where it is not yet due: on the as-of date), and on the as-of date.
    verdict : Verdict
    measure : str
        How the figure is made, in words.
    """

    claim: pd.Series
    claimed: Claimed
    on: pd.Timestamp
    then: Measured
    today: Measured
    verdict: Verdict
    measure: str


@dataclass(frozen=True, repr=False)
class Claims(ResultMixin):
    """Claims checked on one as-of date.

    Attributes
    ----------
    as_of : Timestamp
    checked : sequence of Checked
    later : sequence of str
        Claims made after the as-of date, which are not looked at.
    """

    as_of: pd.Timestamp
    checked: Sequence[Checked]
    later: Sequence[str] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """A row a claim: what was said, claimed, measured then and today with intervals, the verdict and why."""
        rows = []
        for one in self.checked:
            row = {name: one.claim[name] for name in AS_SAID}
            row |= {"claimed_low": one.claimed.low, "claimed_high": one.claimed.high, "bound": one.claimed.bound}
            row |= {"evaluated_on": one.on, "verdict": one.verdict.verdict, "reason": one.verdict.reason}
            for name, measured in (("then", one.then), ("today", one.today)):
                row |= {f"{name}_{key}": getattr(measured, key) for key in FIELDS}
                if one.claim["unit"] == QUARTER:
                    row[f"{name}_value"] = quarter_of(measured.value)
            rows.append(row | {"how": one.measure, "note": one.claim["note"]})
        return pd.DataFrame(rows).set_index("claim_id") if rows else pd.DataFrame(columns=["verdict"])

    @property
    def sources(self) -> pd.DataFrame:
        """A row a fact behind a figure: claim_id, item, published_on, source, source_url."""
        parts = []
        for one in self.checked:
            for measured in (one.then, one.today):
                if len(measured.sources):
                    parts.append(measured.sources.assign(claim_id=one.claim["claim_id"]))
        if not parts:
            return pd.DataFrame(columns=SOURCE_COLUMNS)
        return pd.concat(parts)[SOURCE_COLUMNS].drop_duplicates(ignore_index=True)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """How many claims hold, which cannot be decided, and by which rule."""
        verdicts = [one.verdict.verdict for one in self.checked]
        tally = {name: verdicts.count(name) for name in VERDICTS}
        text = ", ".join(f"{name} {n}" for name, n in tally.items() if n)
        about = f"Of {count(len(verdicts), 'claim')}: {text}." if verdicts else "No claim to check."
        found = [Finding(about, CAN, tally)]
        if tally[UNDETERMINED]:
            names = [one.claim["claim_id"] for one in self.checked if one.verdict.verdict == UNDETERMINED]
            found.append(Finding(f"The data do not decide {listed(names)}.", CANNOT))
        if tally[NOT_DUE]:
            names = [
                f"{one.claim['claim_id']} ({day(one.on)})" for one in self.checked if one.verdict.verdict == NOT_DUE
            ]
            found.append(Finding(f"Not yet due: {listed(names)}.", NOTE))
        if self.later:
            text = f"Excluded, because they were made after {day(self.as_of)}: {listed(self.later)}."
            found.append(Finding(text, NOTE))
        found.append(Finding(f"Rule: {RULE}", NOTE))
        return tuple(found)

    def _summary(self) -> Summary:
        frame = self.frame
        shown = frame[["measure", "claimed_value", "then_value", "today_value", "verdict"]] if len(frame) else frame
        table = small(shown, rows=max(len(shown), 1))
        return Summary(f"Claims, checked on {day(self.as_of)}", tables=(table,))


AS_SAID = ("claim_id", "said_on", "said_by", "subject", "statement", "measure", "claimed_value", "unit")
FIELDS = ("value", "low", "high", "first", "last", "n", "status", "causes", "why", "note")
