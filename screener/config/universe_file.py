"""`universe.toml`: a universe's title, sector pack, group rule, benchmarks, defaults, alerts, and what it is a view of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from screener.config.alerts import AlertSettings
from screener.config.assumption_fields import values_model
from screener.config.model import Model, Words, examine
from screener.config.toml import Document
from screener.errors import Problem, did_you_mean
from valuation import groups
from valuation.assumptions import Assumptions
from valuation.metrics import METRICS


def _rule(name: Any) -> Any:
    if name not in list(groups.RULES):
        raise ValueError(f"one of {', '.join(groups.RULES)}{did_you_mean(str(name), groups.RULES)}")
    return name


def _metric(name: Any) -> Any:
    known = [one for one, metric in METRICS.items() if metric.unit != "text"]
    if name not in known:
        raise ValueError(f"a metric (`screener metrics` lists them){did_you_mean(str(name), known)}")
    return name


def _ticker(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        raise ValueError('a ticker in quotes, e.g. "SPY"')
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("a number")
    return value


Ticker = Annotated[Any, AfterValidator(_ticker)]


def _ways(groups: dict[str, Any]) -> str:
    """Why a `[groups]` section names no rule, or more than one; empty where it is right."""
    ways = [way for way in ("rule", "metric", "first") if way in groups]
    if len(ways) > 1:
        return f"one of rule, metric and first, not {' and '.join(ways)}"
    if "second" in groups and "first" not in groups:
        return "first beside second: the tickers of the first group"
    if "first" in groups and "second" not in groups:
        return "second beside first: the tickers of the second group"
    if "metric" in groups and "threshold" not in groups:
        return "a threshold beside the metric: from which value on a company is in the first group"
    if "threshold" in groups and "metric" not in groups:
        return "the metric that the threshold is of"
    return ""


class Groups(Model):
    """`[groups]`: which rule divides the companies: one of the registry, a metric with a threshold, or two lists."""

    rule: Annotated[Any, AfterValidator(_rule)] = None
    metric: Annotated[Any, AfterValidator(_metric)] = None
    threshold: Annotated[Any, AfterValidator(_number)] = None
    first: list[Ticker] = Field([], description="a list of tickers")
    second: list[Ticker] = Field([], description="a list of tickers")
    title: Words = Field("", description="a text: the rule in words")

    @model_validator(mode="before")
    @classmethod
    def _one_way(cls, section: Any) -> Any:
        wrong = _ways(section) if isinstance(section, dict) else ""
        if wrong:
            raise ValueError(wrong)
        return section


class SectorPack(Model):
    """`[sector]`: what the universe calls its groups and companies, and what its companies do not do."""

    first: Words = Field("", description="a text: the first group in a word before `group` and `company`")
    second: Words = Field("", description="a text: the second group in a word before `group` and `company`")
    company: Words = Field("", description="a text: one company of the sector")
    companies: Words = Field("", description="a text: companies of the sector")
    coins: bool = Field(True, description="true or false: whether companies may hold coins")
    mining: bool = Field(True, description="true or false: whether companies may mine")


class UniverseFile(Model):
    """`universe.toml`."""

    title: Words = Field(description="a text")
    from_: Words = Field("", alias="from", description="the name or the folder of the universe whose rows it shows")
    tickers: list[Ticker] = Field([], description="a list of tickers")
    comparables: list[Ticker] = Field([], description="a list of tickers")
    groups: Groups = Field(Groups.model_construct(), description="a section, [groups]")
    sector: SectorPack = Field(SectorPack.model_construct(), description="a section, [sector]")
    benchmarks: dict[str, Ticker] = Field({}, description="a section, [benchmarks]")
    defaults: dict[str, Any] = Field({}, description="a section, [defaults]")
    alerts: AlertSettings = Field(AlertSettings.model_construct(), description="a section, [alerts]")


def problems(document: Document) -> list[Problem]:
    """Everything that is wrong with a `universe.toml`."""
    found = examine(UniverseFile, document)[1]
    if isinstance(document.table.get("defaults"), dict) and document.table["defaults"]:
        found += examine(values_model(Assumptions), document, ("defaults",))[1]
    return found
