"""Claims of a universe or of a person's own file: read, measured on both days, given their verdicts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from screener.days import Day, as_day
from screener.errors import NotKnown, Problem, UniverseError, did_you_mean
from screener.gathering import InputData
from screener.readers import content
from screener.run_config import RunConfig
from screener.studies.claims.known import Claim, Known
from screener.studies.claims.measures import Measure, find
from screener.universes.reading import read
from screener.universes.schema import FILES
from valuation.claims.claimed import Claimed, parse
from valuation.claims.result import Checked, Claims
from valuation.claims.verdict import Measured, judge
from valuation.errors import InvalidInput

LATEST = "latest"
SUBJECTS = ("sector", "leaders", "network")


def read_claims(path: Path) -> pd.DataFrame:
    """A person's own file of claims, with the columns of a universe's claims.csv.

    Raises
    ------
    NotKnown
        No such file.
    UniverseError
        With every problem: file, line, column, value, what was expected.
    """
    table = read(replace(FILES["claims.csv"], name=path.name), content.read(path, UniverseError))
    problems = list(table.problems)
    again = table.frame["claim_id"].dropna().duplicated()
    for row in table.frame.loc[again[again].index].itertuples():
        expected = "a name that no other claim has"
        problems.append(Problem(path.name, int(row.line), "claim_id", str(row.claim_id), expected))
    if problems:
        raise UniverseError.of(path.name, problems)
    return table.frame


def check_claims(config: RunConfig, data: InputData, as_of: Day, claims: pd.DataFrame | None = None) -> Claims:
    """Every claim made by the as-of date: what is measured on the day of which it speaks and today, and its verdict.

    Parameters
    ----------
    claims : DataFrame, optional
        From `read_claims`; the universe's own by default.

    Raises
    ------
    UniverseError
        A claim names an unknown measure, subject, day or figure; the message has file and line, and the nearest name.
    NotKnown
        No close on or before a day.
    """
    as_of = as_day(as_of)
    rows = data.claims if claims is None else claims
    tickers = list(data.companies["ticker"])
    problems: list[Problem] = []
    prepared = [_prepared(row, tickers, problems) for _, row in rows.iterrows()]
    if problems:
        raise UniverseError.of(rows["file"].iloc[0], problems)
    known = Known(config, data, as_of, as_of)
    known.days[as_of] = known
    checked, later = [], []
    for row, one in zip((row for _, row in rows.iterrows()), prepared, strict=True):
        assert one is not None
        claim, measure, on = one
        if claim.said_on > as_of:
            later.append(str(row["claim_id"]))
            continue
        day = as_of if on is None else on
        checked.append(_checked(row, claim, measure, day, known))
    return Claims(as_of, tuple(checked), tuple(later))


def faults(rows: pd.DataFrame, tickers: list[str]) -> list[Problem]:
    """Unknown measures, subjects, units, figures and days of claims, each with its line."""
    problems: list[Problem] = []
    for _, row in rows.iterrows():
        _prepared(row, tickers, problems)
    return problems


def _checked(row: pd.Series, claim: Claim, measure: Measure, day: pd.Timestamp, known: Known) -> Checked:
    due = day <= known.day
    today = measure.compute(known, claim)
    then = _on(known, measure, claim, day) if due and day != known.day else today
    found = judge(claim.claimed, then, claim.unit, due=due)
    return Checked(row.fillna({"note": "", "claimed_value": ""}), claim.claimed, day, then, today, found, measure.about)


def _on(known: Known, measure: Measure, claim: Claim, day: pd.Timestamp) -> Measured:
    """The measure on an earlier day; unknown where there is no close by then."""
    try:
        return measure.compute(known.on(day), claim)
    except NotKnown as error:
        return Measured(status="missing", why=str(error))


def _prepared(
    row: pd.Series, tickers: list[str], problems: list[Problem]
) -> tuple[Claim, Measure, pd.Timestamp | None] | None:
    """A claim, its measure and its day (None: the as-of date); None where something is wrong, told in `problems`."""
    before = len(problems)

    def wrong(column: str, expected: str) -> None:
        value = "" if pd.isna(row[column]) else str(row[column])
        problems.append(Problem(str(row["file"]), int(row["line"]), column, value, expected))

    measure, claimed = None, Claimed(float("nan"), float("nan"))
    try:
        measure = find(str(row["measure"]))
    except NotKnown as error:
        near = str(error).partition("; ")[2]
        wrong("measure", "a measure of `screener claims --measures`" + (f"; {near}" if near else ""))
    subject = str(row["subject"])
    known_subjects = tickers if measure is not None and measure.wants_ticker else [*tickers, *SUBJECTS]
    if subject not in known_subjects:
        one = measure is not None and measure.wants_ticker
        expected = "a ticker of the universe" if one else "a ticker, or sector, leaders, network"
        wrong("subject", expected + did_you_mean(subject, known_subjects))
    if measure is not None and row["unit"] not in measure.units:
        wrong("unit", f"{' or '.join(measure.units)}, the unit of this measure")
    try:
        text = "" if pd.isna(row["claimed_value"]) else str(row["claimed_value"])
        claimed = parse(text, str(row["unit"]), str(row["statement"]))
    except InvalidInput as error:
        wrong("claimed_value", str(error))
    on: pd.Timestamp | None = None
    if row["evaluated_on"] != LATEST:
        try:
            on = as_day(str(row["evaluated_on"]))
        except NotKnown:
            wrong("evaluated_on", "a day as YYYY-MM-DD, or latest")
    if len(problems) > before or measure is None:
        return None
    claim = Claim(row["said_on"], subject, str(row["statement"]), str(row["measure"]), str(row["unit"]), claimed)
    return claim, measure, on
