"""Scenarios as small TOML files: the bundled ones beside this module, and a user's own by path."""

from __future__ import annotations

from pathlib import Path

from screener.errors import AssumptionsError, NotKnown, did_you_mean
from valuation.groups import MINERS, Sector
from valuation.nav import analysis
from valuation.nav.analysis import NavAnalysis, ScenarioResult
from valuation.nav.scenarios import Scenario, ScenarioInvalid

HOME = Path(__file__).parent


def names() -> list[str]:
    """The bundled scenarios."""
    return sorted(path.stem for path in HOME.glob("*.toml"))


def every(sector: Sector = MINERS) -> list[Scenario]:
    """The bundled scenarios, in the order of their names; of coins and mining only where the sector has them."""
    found = [load(name) for name in names()]
    return [one for one in found if (sector.coins or one.bitcoin == 1) and (sector.mining or not _on_mining(one))]


def _on_mining(scenario: Scenario) -> bool:
    """Whether a scenario moves the Bitcoin network, or power that mining uses."""
    moved = {**scenario.multiply, **scenario.add, **scenario.set}
    return scenario.hashprice is not None or scenario.hashrate_leaving > 0 or "hashprice_growth" in moved


def load(name_or_path: str) -> Scenario:
    """A bundled scenario by name, or one from a file.

    Raises
    ------
    NotKnown
        Neither; names the nearest.
    AssumptionsError
        The file is wrong, with every problem: line, key, value, what was expected.
    """
    path = HOME / f"{name_or_path}.toml" if name_or_path in names() else Path(name_or_path)
    from screener.config.scenario_file import read

    try:
        return read(path)
    except NotKnown:
        hint = did_you_mean(name_or_path, names())
        raise NotKnown(f"no scenario {name_or_path!r}: neither a file nor one of {', '.join(names())}{hint}") from None


def compare(base: NavAnalysis, scenario: Scenario) -> ScenarioResult:
    """A scenario compared with the analysis that it starts from.

    Raises
    ------
    AssumptionsError
        With the assumptions in force, a change takes a number out of its bounds.
    """
    try:
        return analysis.compare(base, scenario)
    except ScenarioInvalid as error:
        raise AssumptionsError(f"scenario {scenario.name}: {error}") from error
