"""A screen's TOML file: its keys, their types and bounds; the rules in it are read by `screener.rules`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from screener.config.model import Model


def _weight(value: Any) -> Any:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < abs(value) < 1e6:
        raise ValueError("a number other than zero")
    return value


class ScreenFile(Model):
    """A screen's file, or the options of `screener screen`."""

    title: str = Field("", description="a text")
    about: str = Field("", description="a text")
    where: str = Field("", description="a text")
    rank_by: str = Field("", description="a text")
    sort: str = Field("", description="a text")
    within: str = Field("", description="a text")
    top: int | None = Field(None, gt=0, le=1_000_000, description="a whole number above zero, up to 1,000,000")
    columns: list[str] = Field([], description="a list of texts")
    weights: dict[str, Annotated[Any, AfterValidator(_weight)]] = Field(
        {}, min_length=1, description="a section, [weights], of metric = number"
    )
    winsorise: float = Field(0.05, ge=0, lt=0.5, description="a fraction from 0 to below 0.5")
    least_coverage: float = Field(0.6, ge=0, le=1, description="a fraction from 0 to 1")
    include_excluded: bool = Field(False, description="true or false")
