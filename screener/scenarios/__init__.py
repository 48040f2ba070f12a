"""Scenarios as small TOML files: the bundled ones beside this module, and a user's own by path."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path

from screener.errors import AssumptionsError, NotKnown, Problem
from valuation.nav import analysis
from valuation.nav.analysis import NavAnalysis, ScenarioResult
from valuation.nav.scenarios import Scenario, ScenarioInvalid, parse

HOME = Path(__file__).parent


def names() -> list[str]:
    """The bundled scenarios."""
    return sorted(path.stem for path in HOME.glob("*.toml"))


def load(name_or_path: str) -> Scenario:
    """A bundled scenario by name, or one from a file.

    Raises
    ------
    NotKnown
        Neither; names the nearest.
    AssumptionsError
        The file is wrong, with every problem.
    """
    path = HOME / f"{name_or_path}.toml" if name_or_path in names() else Path(name_or_path)
    if not path.is_file():
        near = difflib.get_close_matches(name_or_path, names(), n=1)
        hint = f"; perhaps {near[0]}" if near else ""
        raise NotKnown(f"no scenario {name_or_path!r}{hint}: neither a file nor one of {', '.join(names())}")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssumptionsError(f"{path.name}: expected valid TOML in UTF-8 ({error})") from error
    try:
        return parse(path.stem, table)
    except ScenarioInvalid as error:
        problems = [
            Problem(path.name, None, where, "" if value is None else str(value), expected)
            for where, value, expected in error.problems
        ]
        raise AssumptionsError(f"{path.name}: {len(problems)} problems", problems) from error


def compare(base: NavAnalysis, scenario: Scenario) -> ScenarioResult:
    """A scenario beside what it starts from.

    Raises
    ------
    AssumptionsError
        With the assumptions in force a change leads out of a number's bounds.
    """
    try:
        return analysis.compare(base, scenario)
    except ScenarioInvalid as error:
        raise AssumptionsError(f"scenario {scenario.name}: {error}") from error
