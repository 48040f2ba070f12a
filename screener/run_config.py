"""What a run is made under: universe, assumptions, bridge switches and group rule, resolved once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screener import universes
from screener.errors import UniverseError
from screener.universes import Universe
from screener.universes.sector import default_rule
from valuation.assumptions import Assumptions, Bridge, differences
from valuation.groups import Rule

if TYPE_CHECKING:
    from screener.overrides.override import Outcome, Override


@dataclass(frozen=True)
class RunConfig:
    """What a screen is made under.

    Attributes
    ----------
    universe, assumptions, switches, rule
        The assumptions, switches and group rule with the overrides of them laid over.
    overrides : tuple of Override
        Inputs that a person replaced, laid over what is known from the day of their workbook on.
    settings_overridden : tuple of Outcome
        What was made of the overrides of assumptions, switches and group rule.
    """

    universe: Universe
    assumptions: Assumptions
    switches: Bridge
    rule: Rule
    overrides: tuple[Override, ...] = ()
    settings_overridden: tuple[Outcome, ...] = ()


def resolve_config(
    universe: str | Universe,
    *,
    rule: str | None = None,
    assumptions: Assumptions | None = None,
    switches: Bridge | None = None,
    overrides: Sequence[Override] = (),
) -> RunConfig:
    """What a screen is made under: the universe's own settings where nothing else is asked for.

    Parameters
    ----------
    overrides : sequence of Override
        Inputs that a person replaced (`screener.overrides.file.read`).

    Raises
    ------
    UniverseError, NotKnown
        The universe or the rule is wrong.
    """
    loaded = universe if isinstance(universe, Universe) else universes.load(universe)
    rules = loaded.sector.known_rules
    name = rule or default_rule(loaded.settings, loaded.sector)
    if name not in rules:
        own = (
            f"; the groups of {loaded.name} are its own ({loaded.sector.rules[0].title})" if loaded.sector.rules else ""
        )
        raise UniverseError(f"group rule {name!r} is not known; known: {', '.join(rules)}{own}")
    if loaded.companies.empty:
        raise UniverseError(f"universe {loaded.name}: companies.csv names no company, so there is nothing to screen")
    config = RunConfig(loaded, assumptions or assumptions_of(loaded), switches or Bridge(), rules[name])
    return _overridden(config, overrides) if overrides else config


def _overridden(config: RunConfig, overrides: Sequence[Override]) -> RunConfig:
    from screener.overrides.laying import over_settings

    settings = [one for one in overrides if one.is_setting]
    assumptions, switches, rule, outcomes = over_settings(config.assumptions, config.switches, config.rule, settings)
    of_inputs = tuple(one for one in overrides if not one.is_setting)
    return RunConfig(config.universe, assumptions, switches, rule, of_inputs, outcomes)


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
