"""Assumptions from a file: TOML, or last week's workbook with the committee's changes read back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from screener.config import toml
from screener.config.assumption_fields import values_model
from screener.config.model import examine
from screener.config.toml import Document
from screener.errors import AssumptionsError, Problem
from screener.workbooks import Cell, read_sheets
from valuation.assumptions import FORMER_TITLES, Assumptions, Bridge, describe, differences

SHEET, TITLE, VALUE = "Assumptions", "What", "Value"
SUFFIXES = (".toml", ".xlsx", ".xlsm")
# On the sheet of assumptions, and facts of its run.
BITCOIN, BITCOIN_OF_RUN = "Bitcoin price", "btc usd"


@dataclass(frozen=True)
class Assumed:
    """Assumptions and switches in force, and where they differ from the defaults.

    Attributes
    ----------
    assumptions : Assumptions
    switches : Bridge
    changed : list of dict
        name, title, unit, value, base: what differs from the defaults.
    source : str
        The file; empty for the defaults.
    notes : tuple of str
        What the file holds and is ignored.
    """

    assumptions: Assumptions
    switches: Bridge
    changed: list[dict[str, Any]]
    source: str = ""
    notes: tuple[str, ...] = ()


def read(path: Path, base: Assumptions) -> Assumed:
    """Read assumptions and bridge switches from a TOML file or a workbook of `screener run`.

    Parameters
    ----------
    path : Path
        .toml: `name = value`, one a line; .xlsx or .xlsm: the sheet Assumptions, by the words in its first column.
    base : Assumptions
        The defaults; a number that the file does not hold stays.

    Raises
    ------
    NotKnown
        No such file.
    AssumptionsError
        With every problem: line of a TOML file, sheet and cell of a workbook.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise AssumptionsError(f"{path.name}: assumptions are read from {', '.join(SUFFIXES)}")
    places: dict[str, str] = {}
    problems: list[Problem] = []
    notes: list[str] = []
    if path.suffix.lower() == ".toml":
        document = toml.read(path, AssumptionsError)
        found = document.table
    else:
        found, places, problems, notes = _workbook(path)
        document = Document(path.name, found, {})
    made, faults = examine(values_model(Assumptions, Bridge), document)
    problems += [replace(fault, column=places.get(fault.column, fault.column)) for fault in faults]
    assumptions, switches = base, Bridge()
    if made is not None and not problems:
        values = {name: getattr(made, name) for name in found}
        of_bridge = {name: values.pop(name) for name in Bridge.__dataclass_fields__ if name in values}
        assumptions, switches = replace(base, **values), replace(switches, **of_bridge)
        problems = _together(path, assumptions)
    if problems:
        raise AssumptionsError.of(path.name, problems)
    changed = differences(assumptions, base) + differences(switches, Bridge())
    return Assumed(assumptions, switches, changed, path.name, tuple(notes))


def _together(path: Path, assumptions: Assumptions) -> list[Problem]:
    """Numbers that are good one by one and not together."""
    from valuation.nav.monte_carlo import correlation

    try:
        correlation(assumptions)
    except ValueError as error:
        return [Problem(path.name, None, "", "", f"correlations that can occur together ({error})")]
    return []


def _names() -> dict[str, str]:
    """Name of every number by its title, that of earlier versions included."""
    return FORMER_TITLES | {item["title"]: item["name"] for item in describe(Bridge()) + describe(Assumptions())}


def _workbook(path: Path) -> tuple[dict[str, Any], dict[str, str], list[Problem], list[str]]:
    """Values and cells by name, problems and notes of a workbook's sheet of assumptions."""
    sheets = read_sheets(path, AssumptionsError, wanted=lambda name: name == SHEET)
    if SHEET not in sheets:
        expected = f"a sheet named {SHEET}, as `screener run` writes it"
        return {}, {}, [Problem(path.name, None, "", "", expected)], []
    names = _names()
    columns: tuple[int, int] | None = None
    found: dict[str, Any] = {}
    places: dict[str, str] = {}
    problems: list[Problem] = []
    facts: dict[str, Any] = {}
    for row in sheets[SHEET].rows:
        if columns is None:
            texts = {cell.value: cell.column for cell in row if isinstance(cell.value, str)}
            if TITLE in texts and VALUE in texts:
                columns = texts[TITLE], texts[VALUE]
            continue
        by_column = {cell.column: cell for cell in row}
        title, value = (by_column[at].value if at in by_column else None for at in columns)
        if title in (BITCOIN, BITCOIN_OF_RUN):
            facts[title] = value
        if title not in names:
            continue
        name = names[title]
        address = f"{SHEET}!{Cell(by_column[columns[0]].row, columns[1], None).address}"
        if name in found:
            expected = f"each number once; it is at {places[name]} too"
            problems.append(Problem(path.name, None, address, title, expected))
        found[name], places[name] = value, address
    if columns is None:
        problems.append(Problem(path.name, None, SHEET, "", f"a row with the headers {TITLE} and {VALUE}"))
    elif not found:
        problems.append(Problem(path.name, None, SHEET, "", f"assumptions by name in the column {TITLE}"))
    return found, places, problems, _facts_not_taken(facts)


def _facts_not_taken(facts: dict[str, Any]) -> list[str]:
    try:
        changed = abs(float(facts[BITCOIN]) - float(facts[BITCOIN_OF_RUN])) > 0.005
    except (KeyError, TypeError, ValueError):
        return []
    if not changed:
        return []
    return [
        f"Note: the bitcoin price of ${float(facts[BITCOIN]):,.0f} on the sheet is ignored, since prices are facts of a "
        "date. For another price, use `screener scenario`."
    ]


def template(values: Assumptions, switches: Bridge) -> str:
    """Every assumption as a commented TOML file, to edit and to pass with --assumptions."""
    lines = ["# Assumptions of miner-screener. Delete what you do not change; what is absent stays at its default.", ""]
    return "\n".join([*lines, "# Bridge", *entries(switches), *entries(values)]) + "\n"


def entries(values: Assumptions | Bridge) -> list[str]:
    """A comment and a TOML line of each assumption, under its section."""
    lines: list[str] = []
    section = ""
    for item in describe(values):
        if item["section"] != section:
            section = item["section"]
            lines += ["", f"# {section}"]
        lines.append(f"# {item['title']} ({item['unit']}). {item['source']}")
        value = item["value"]
        lines.append(f"{item['name']} = {str(value).lower() if isinstance(value, bool) else repr(value)}")
    return lines
