"""What a run is made under: universe, assumptions, bridge switches and group rule, resolved once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from screener import universes
from screener.errors import UniverseError
from screener.universes import Universe
from valuation.assumptions import Assumptions, Bridge, differences
from valuation.groups import DEFAULT_RULE, RULES, Rule


@dataclass(frozen=True)
class RunConfig:
    """What a screen is made under."""

    universe: Universe
    assumptions: Assumptions
    switches: Bridge
    rule: Rule


def resolve_config(
    universe: str | Universe,
    *,
    rule: str | None = None,
    assumptions: Assumptions | None = None,
    switches: Bridge | None = None,
) -> RunConfig:
    """What a screen is made under: the universe's own settings where nothing else is asked for.

    Raises
    ------
    UniverseError, NotKnown
        The universe or the rule is wrong.
    """
    loaded = universe if isinstance(universe, Universe) else universes.load(universe)
    name = rule or loaded.settings.get("groups", {}).get("rule", DEFAULT_RULE)
    if name not in RULES:
        raise UniverseError(f"group rule {name!r} is not known; known: {', '.join(RULES)}")
    if loaded.companies.empty:
        raise UniverseError(f"universe {loaded.name}: companies.csv names no company, so there is nothing to screen")
    return RunConfig(loaded, assumptions or assumptions_of(loaded), switches or Bridge(), RULES[name])


def assumptions_of(universe: Universe) -> Assumptions:
    """The toolkit's assumptions with the universe's `[defaults]` laid over them.

    Raises
    ------
    UniverseError
        A name in `[defaults]` that is no assumption.
    """
    try:
        return Assumptions.from_settings(universe.settings.get("defaults", {}))
    except (ValueError, TypeError) as error:
        raise UniverseError(str(error)) from error


def changed_settings(config: RunConfig) -> list[dict[str, Any]]:
    """What somebody changed from the defaults of this universe."""
    return differences(config.assumptions, assumptions_of(config.universe)) + differences(config.switches, Bridge())
