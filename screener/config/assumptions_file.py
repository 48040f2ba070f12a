"""Assumptions from a file: TOML, or last week's workbook with the committee's changes read back."""

from __future__ import annotations

import difflib
import re
import tomllib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from screener.errors import AssumptionsError, NotKnown, Problem
from valuation.assumptions import FORMER_TITLES, Assumptions, Bridge, checked, describe, differences

SHEET, TITLE, VALUE = "Assumptions", "What", "Value"
SUFFIXES = (".toml", ".xlsx", ".xlsm")
# Stand on the sheet beside the assumptions and are facts of its run.
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
        What the file holds and is not taken.
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
    if not path.is_file():
        raise NotKnown(f"no file {str(path)!r}")
    if path.suffix.lower() not in SUFFIXES:
        raise AssumptionsError(f"{path.name}: assumptions are read from {', '.join(SUFFIXES)}")
    if path.suffix.lower() == ".toml":
        found, problems, notes = _toml(path)
    else:
        found, problems, notes = _workbook(path)
    assumptions, switches = base, Bridge()
    good: dict[type, dict[str, Any]] = {Assumptions: {}, Bridge: {}}
    for name, (place, value) in found.items():
        kind = Bridge if name in Bridge.__dataclass_fields__ else Assumptions
        try:
            good[kind][name] = checked(kind, name, value)
        except ValueError as error:
            problems.append(replace(place, value=_shown(value), expected=str(error)))
    if not problems:
        assumptions, switches = replace(base, **good[Assumptions]), replace(Bridge(), **good[Bridge])
        problems += _together(path, assumptions)
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise AssumptionsError(f"{path.name}: {count}", problems)
    changed = differences(assumptions, base) + differences(switches, Bridge())
    return Assumed(assumptions, switches, changed, path.name, tuple(notes))


def _shown(value: Any) -> str:
    return "blank" if value is None else str(value)


def _together(path: Path, assumptions: Assumptions) -> list[Problem]:
    """Numbers that are good one by one and not together."""
    from valuation.nav.monte_carlo import correlation

    try:
        correlation(assumptions)
    except ValueError as error:
        return [Problem(path.name, None, "", "", f"correlations that can belong together ({error})")]
    return []


def _known() -> dict[str, str]:
    """Title of every number by its name."""
    return {item["name"]: item["title"] for item in describe(Bridge()) + describe(Assumptions())}


Found = tuple[dict[str, tuple[Problem, Any]], list[Problem], list[str]]


def _toml(path: Path) -> Found:
    try:
        text = path.read_text(encoding="utf-8-sig")
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, [Problem(path.name, None, "", "", f"valid TOML in UTF-8 ({error})")], []
    names = _known()
    found, problems = {}, []
    for name, value in table.items():
        place = Problem(path.name, _line(text, name), name, "", "")
        if name in names:
            found[name] = (place, value)
        else:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"the name of an assumption, perhaps {near[0]}" if near else "the name of an assumption"
            problems.append(replace(place, expected=f"{hint} (see `screener assumptions`)"))
    return found, problems, []


def _line(text: str, name: str) -> int | None:
    pattern = re.compile(rf"\s*(\[\s*)?[\"']?{re.escape(name)}[\"']?\s*[\]=.]")
    return next((k for k, line in enumerate(text.splitlines(), start=1) if pattern.match(line)), None)


def _workbook(path: Path) -> Found:
    rows, problem = _rows(path)
    if problem:
        return {}, [problem], []
    title_at, value_at = None, None
    names = FORMER_TITLES | {title: name for name, title in _known().items()}
    found: dict[str, tuple[Problem, Any]] = {}
    problems, facts = [], {}
    for row in rows:
        texts = {cell.value: cell.column for cell in row if isinstance(cell.value, str)}
        if title_at is None:
            if TITLE in texts and VALUE in texts:
                title_at, value_at = texts[TITLE], texts[VALUE]
            continue
        by_column = {cell.column: cell for cell in row if cell.value is not None}
        title = by_column[title_at].value if title_at in by_column else None
        value = by_column.get(value_at)
        if title in (BITCOIN, BITCOIN_OF_RUN):
            facts[title] = None if value is None else value.value
        if title not in names:
            continue
        name = names[title]
        address = f"{SHEET}!{_letter(value_at)}{by_column[title_at].row}"
        place = Problem(path.name, None, address, "", "")
        if name in found:
            problems.append(
                replace(place, value=title, expected=f"each number once; it stands at {found[name][0].column} too")
            )
        found[name] = (place, None if value is None else value.value)
    if title_at is None:
        problems.append(Problem(path.name, None, SHEET, "", f"a row with the headers {TITLE} and {VALUE}"))
    elif not found:
        problems.append(Problem(path.name, None, SHEET, "", f"assumptions by name in the column {TITLE}"))
    return found, problems, _facts_left(facts)


def _facts_left(facts: dict[str, Any]) -> list[str]:
    try:
        changed = abs(float(facts[BITCOIN]) - float(facts[BITCOIN_OF_RUN])) > 0.005
    except (KeyError, TypeError, ValueError):
        return []
    if not changed:
        return []
    return [
        f"The bitcoin price of {float(facts[BITCOIN]):,.0f} on the sheet is not taken: prices are facts of a date. "
        "For a what-if see `screener scenario`."
    ]


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(column)


def _rows(path: Path) -> tuple[list[Any], Problem | None]:
    """Rows of the sheet with the values that formulas were last computed to."""
    from zipfile import BadZipFile

    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            # openpyxl warns of drawings and validations that it does not keep; nothing is written back.
            warnings.simplefilter("ignore")
            book = load_workbook(path, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        return [], Problem(path.name, None, "", "", f"a workbook that can be opened ({error})")
    if SHEET not in book.sheetnames:
        return [], Problem(path.name, None, "", "", f"a sheet named {SHEET}, as `screener run` writes it")
    return list(_cells(book[SHEET])), None


def _cells(sheet: Any) -> Iterator[list[Any]]:
    yield from sheet.iter_rows()


def template(values: Assumptions, switches: Bridge) -> str:
    """Every number as a commented TOML file, to be edited and given back with --assumptions."""
    lines = ["# Assumptions of miner-screener. Delete what you do not change; what is absent stays at its default."]
    section = None
    for item in [{**d, "section": "Bridge"} for d in describe(switches)] + describe(values):
        if item["section"] != section:
            section = item["section"]
            lines += ["", f"# {section}"]
        lines.append(f"# {item['title']} ({item['unit']}). {item['source']}")
        value = item["value"]
        lines.append(f"{item['name']} = {str(value).lower() if isinstance(value, bool) else repr(value)}")
    return "\n".join(lines) + "\n"
