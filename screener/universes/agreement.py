"""Checks of a universe that no table makes alone: phases against contracts, terms, debt, estimates, claims."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from screener.errors import Problem, did_you_mean
from screener.universes.schema import BOOK, DEBT_DRAWN, ESTIMATE_UNIT, ESTIMATES, HIGHEST_COUPON

NEAR = 0.02  # plan and deliveries may differ from a contract's MW by this part of it
DAY = r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
MATURITY = re.compile(rf"{DAY}( / {DAY})?")
Change = tuple[pd.Timestamp, str, float]  # day, column and MW
PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]*)?")


def disagreements(frames: dict[str, pd.DataFrame]) -> tuple[list[Problem], list[Problem]]:
    """Problems, and notes on what does not hinder a run."""
    contracts, terms = frames["contracts.csv"], frames["contract_terms.csv"]
    problems, notes = _phases(frames["phases.csv"], contracts, terms)
    problems += _early_terms(terms, contracts)
    problems += _debt(frames["debt.csv"])
    more, told = _estimates(frames["estimates.csv"])
    return problems + more + _claims(frames["claims.csv"]), notes + told


def _found(rows: pd.DataFrame, wrong: np.ndarray, column: str, expected: str, message: str = "") -> list[Problem]:
    return [
        Problem(
            str(rows["file"].iloc[at]),
            int(rows["line"].iloc[at]),
            column,
            _shown(rows[column].iloc[at]),
            expected,
            message,
        )
        for at in np.flatnonzero(wrong)
    ]


def _shown(value: object) -> str:
    return (
        f"{value:%Y-%m-%d}"
        if isinstance(value, pd.Timestamp)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _phases(phases: pd.DataFrame, contracts: pd.DataFrame, terms: pd.DataFrame) -> tuple[list[Problem], list[Problem]]:
    """Plan in force and deliveries of each contract, or of the contracts of a book together, against their MW.

    Deliveries come off the earliest rows of the plan, so that a plan of the whole contract stays right after the first
    delivery: neither plan nor deliveries may exceed the contract, nor both fall short of it.
    """
    problems: list[Problem] = []
    notes: list[Problem] = []
    rows = phases.dropna(subset=["contract_id", "critical_it_mw", "published_on"])
    own = contracts.dropna(subset=["contract_id", "announced_on"]).drop_duplicates("contract_id")
    # Plain lists: a universe is checked at every run, and a contract has a handful of rows.
    signed = list(own[["contract_id", "announced_on", "critical_it_mw", "gross_mw"]].itertuples(index=False))
    changed = _changes(terms)
    by_name: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    columns = ("contract_id", "published_on", "status", "critical_it_mw", "file", "line")
    for name, *row in zip(*(rows[column] for column in columns), strict=True):
        by_name[name].append(tuple(row))
    for name, every in by_name.items():
        if name.endswith(BOOK):
            held = [one for one in signed if one.contract_id.startswith(name.removesuffix(BOOK) + "-")]
        else:
            held = [one for one in signed if one.contract_id == name]
        if not held:
            continue  # an unknown contract is a problem of its own
        told: set[str] = set()
        for day in sorted({one[0] for one in every}):
            known = [one for one in every if one[0] <= day]
            latest = max((one[0] for one in known if one[1] == "planned"), default=None)
            plan = [float(one[2]) for one in known if one[1] == "planned" and one[0] == latest]
            planned = sum(plan)
            delivered = sum(float(one[2]) for one in known if one[1] == "delivered")
            file, line = [(str(one[3]), int(one[4])) for one in every if one[0] == day][-1]
            whole, most = _mw(held, changed, day)
            for kind, mw in (("planned", planned), ("delivered", delivered)):
                if mw > most * (1 + NEAR) and kind not in told:
                    told.add(kind)
                    expected = f"at most the {most:g} MW of the contract: {mw:g} MW are {kind} on {day:%Y-%m-%d}"
                    problems.append(Problem(file, line, "contract_id", str(name), expected))
            if np.isnan(most) and "none" not in told:
                told.add("none")
                message = "phases of a contract without MW: they date nothing"
                notes.append(Problem(file, line, "contract_id", str(name), "", message))
            # A single row dates the first hall of a contract: the rest follows it.
            short = len(plan) > 1 and planned + delivered < whole * (1 - NEAR)
            if short and "short" not in told:
                told.add("short")
                message = f"plan and deliveries are {planned + delivered:g} of {whole:g} MW on {day:%Y-%m-%d}"
                notes.append(Problem(file, line, "contract_id", str(name), "", message))
    return problems, notes


def _changes(terms: pd.DataFrame) -> Mapping[str, list[Change]]:
    """Day, column and MW of each change of a contract's MW, in order of publication."""
    terms = terms[terms["column"].isin(["critical_it_mw", "gross_mw"])].dropna(subset=["published_on"])
    terms = terms.sort_values("published_on", kind="stable")
    values = pd.to_numeric(terms["value"], errors="coerce")
    out: defaultdict[str, list[Change]] = defaultdict(list)
    for name, day, column, mw in zip(terms["contract_id"], terms["published_on"], terms["column"], values, strict=True):
        out[name].append((day, column, mw))
    return out


def _mw(held: list[Any], changed: Mapping[str, list[Change]], day: pd.Timestamp) -> tuple[float, float]:
    """Critical IT MW on a day of contracts together, and the most that they can be (gross where critical IT is unknown)."""
    known = [one for one in held if one.announced_on <= day] or held
    whole = most = 0.0
    for one in known:
        mw = {"critical_it_mw": float(one.critical_it_mw), "gross_mw": float(one.gross_mw)}
        mw |= {column: value for on, column, value in changed.get(one.contract_id, ()) if on <= day}
        it = mw["critical_it_mw"]
        whole += it
        most += mw["gross_mw"] if np.isnan(it) else it
    return whole, most


def _early_terms(terms: pd.DataFrame, contracts: pd.DataFrame) -> list[Problem]:
    announced = contracts.dropna(subset=["contract_id"]).drop_duplicates("contract_id").set_index("contract_id")
    since = announced["announced_on"].reindex(terms["contract_id"]).to_numpy()
    early = terms["published_on"].to_numpy() < since
    return _found(terms, early, "published_on", "on or after the announcement of the contract")


def _debt(rows: pd.DataFrame) -> list[Problem]:
    maturity, coupon, drawn = (rows[name].astype(object) for name in ("matures_on", "coupon_pct", "drawn"))
    wrong = np.array([isinstance(one, str) and not MATURITY.fullmatch(one.strip()) for one in maturity], dtype=bool)
    problems = _found(rows, wrong, "matures_on", "YYYY, YYYY-MM or YYYY-MM-DD")
    wrong = np.array(
        [isinstance(one, str) and bool(PLAIN_NUMBER.fullmatch(one.strip())) and not 0 <= float(one) <= HIGHEST_COUPON
         for one in coupon], dtype=bool,
    )  # fmt: skip
    problems += _found(rows, wrong, "coupon_pct", f"percent a year, from 0 to {HIGHEST_COUPON:g}")
    wrong = np.array(
        [
            isinstance(one, str) and one.strip() != DEBT_DRAWN and not PLAIN_NUMBER.fullmatch(one.strip())
            for one in drawn
        ],
        dtype=bool,
    )
    return problems + _found(rows, wrong, "drawn", f"blank, {DEBT_DRAWN} or a number")


def _estimates(rows: pd.DataFrame) -> tuple[list[Problem], list[Problem]]:
    """Another unit is a problem; a metric that nothing reads is a note."""
    wrong = (rows["unit"].notna() & rows["unit"].ne(ESTIMATE_UNIT)).to_numpy(dtype=bool)
    problems = _found(rows, wrong, "unit", ESTIMATE_UNIT)
    metric = rows["metric"].astype(object).fillna("")
    unknown = np.array([bool(one) and not one.startswith(ESTIMATES) for one in metric], dtype=bool)
    notes = [
        Problem(str(rows["file"].iloc[at]), int(rows["line"].iloc[at]), "metric", str(metric.iloc[at]), "",
                f"not one of {', '.join(ESTIMATES)}{did_you_mean(str(metric.iloc[at]), list(ESTIMATES))}; not used")
        for at in np.flatnonzero(unknown)
    ]  # fmt: skip
    return problems, notes


def _claims(rows: pd.DataFrame) -> list[Problem]:
    """Figure and day of each claim, by the reader of `screener claims`."""
    from screener.days import as_day
    from screener.errors import NotKnown
    from valuation.claims.claimed import parse
    from valuation.errors import InvalidInput

    problems: list[Problem] = []
    for row in rows.itertuples():
        text = "" if pd.isna(row.claimed_value) else str(row.claimed_value)
        try:
            parse(text, str(row.unit), str(row.statement))
        except InvalidInput as error:
            problems.append(Problem(str(row.file), int(row.line), "claimed_value", text, str(error)))
        if pd.notna(row.evaluated_on) and row.evaluated_on != "latest":
            try:
                as_day(str(row.evaluated_on))
            except NotKnown:
                on = str(row.evaluated_on)
                problems.append(
                    Problem(str(row.file), int(row.line), "evaluated_on", on, "a day as YYYY-MM-DD, or latest")
                )
    return problems
