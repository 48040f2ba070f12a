"""`universe.toml`: the title of a universe, its group rule, benchmarks, defaults and alerts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from screener.config.alerts import AlertSettings
from screener.config.assumption_fields import values_model
from screener.config.model import Model, examine
from screener.config.toml import Document
from screener.errors import Problem, did_you_mean
from valuation import groups
from valuation.assumptions import Assumptions


def _title(text: str) -> str:
    if not text.strip():
        raise ValueError("a text")
    return text


def _rule(name: Any) -> Any:
    if name not in list(groups.RULES):
        raise ValueError(f"one of {', '.join(groups.RULES)}{did_you_mean(str(name), groups.RULES)}")
    return name


def _ticker(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        raise ValueError('a ticker in quotes, e.g. "SPY"')
    return value


class Groups(Model):
    """`[groups]`: which rule divides the companies."""

    rule: Annotated[Any, AfterValidator(_rule)] = None


class UniverseFile(Model):
    """`universe.toml`."""

    title: Annotated[str, AfterValidator(_title)] = Field(description="a text")
    groups: Groups = Field(Groups.model_construct(), description="a section, [groups]")
    benchmarks: dict[str, Annotated[Any, AfterValidator(_ticker)]] = Field({}, description="a section, [benchmarks]")
    defaults: dict[str, Any] = Field({}, description="a section, [defaults]")
    alerts: AlertSettings = Field(AlertSettings.model_construct(), description="a section, [alerts]")


def problems(document: Document) -> list[Problem]:
    """Everything that is wrong with a `universe.toml`."""
    found = examine(UniverseFile, document)[1]
    if isinstance(document.table.get("defaults"), dict) and document.table["defaults"]:
        found += examine(values_model(Assumptions), document, ("defaults",))[1]
    return found
