"""A scenario's TOML file: a market, changed assumptions, a defaulting tenant, a closed gap, rules in places."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from screener.config import toml
from screener.config.assumption_fields import changes_model, values_model
from screener.config.model import Model, Words, examine
from screener.config.toml import Document
from screener.errors import AssumptionsError, Problem
from valuation.assumptions import Assumptions
from valuation.nav.scenarios import Place, Scenario


def _between(low: float, high: float, default: Any) -> Any:
    return Field(default, ge=low, le=high, description=f"a number from {low:g} to {high:g}")


def _section(default: Any, name: str) -> Any:
    return Field(default, description=f"a section, {name}")


class MarketSection(Model):
    """`[market]`: multiples of today's prices, and the part of the network's hashrate that leaves."""

    bitcoin: float = _between(0.0, 100.0, 1.0)
    hashprice: float | None = _between(0.0, 100.0, None)
    hashrate_leaving: float = _between(0.0, 0.95, 0.0)


class DefaultSection(Model):
    """`[default]`: counterparties that stop paying."""

    counterparty: list[str] = Field([], description="a list of names")


class GapSection(Model):
    """`[gap]`: the ratio that the prices of the AI group close to."""

    ratio: float | None = _between(0.01, 100.0, None)


class PlaceSection(Model):
    """`[[place]]`: a rule in one state or on one grid."""

    state: str = Field("", min_length=1, description="the name of a state")
    grid_operator: str = Field("", min_length=1, description="the name of a grid operator")
    noi: float = _between(0.0, 10.0, 1.0)
    probability: float = _between(0.0, 10.0, 1.0)
    power_usd_per_kwh: float = _between(-1.0, 1.0, 0.0)
    delay_years: float = _between(0.0, 20.0, 0.0)

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if not self.state and not self.grid_operator:
            raise ValueError("a state, a grid_operator or both")
        return self


class ScenarioFile(Model):
    """A scenario's file."""

    title: Words = Field(description="a text")
    why: str = Field("", description="a text")
    market: MarketSection = _section(MarketSection.model_construct(), "[market]")
    set: dict[str, Any] = _section({}, "[set]")
    add: dict[str, Any] = _section({}, "[add]")
    multiply: dict[str, Any] = _section({}, "[multiply]")
    default: DefaultSection = _section(DefaultSection.model_construct(), "[default]")
    gap: GapSection = _section(GapSection.model_construct(), "[gap]")
    place: list[PlaceSection] = _section([], "[[place]]")


def read(path: Path) -> Scenario:
    """A scenario from its file.

    Raises
    ------
    AssumptionsError
        With every problem: line, key, value, what was expected.
    """
    document = toml.read(path, AssumptionsError)
    made, problems = parse(path.stem, document)
    if made is None:
        raise AssumptionsError.of(path.name, problems)
    return made


def parse(name: str, document: Document) -> tuple[Scenario | None, list[Problem]]:
    """A scenario from a document, or None and every problem of it."""
    file, problems = examine(ScenarioFile, document)
    for section in ("set", "add", "multiply"):
        if isinstance(document.table.get(section), dict) and document.table[section]:
            model = values_model(Assumptions) if section == "set" else changes_model(Assumptions)
            problems += examine(model, document, (section,))[1]
    if file is None or problems:
        return None, problems
    scenario = Scenario(
        name=name,
        title=file.title,
        why=file.why,
        bitcoin=file.market.bitcoin,
        hashprice=file.market.hashprice,
        hashrate_leaving=file.market.hashrate_leaving,
        set=file.set,
        add=file.add,
        multiply=file.multiply,
        defaulting=tuple(file.default.counterparty),
        gap=file.gap.ratio,
        places=tuple(Place(**place.model_dump()) for place in file.place),
    )
    return scenario, []
