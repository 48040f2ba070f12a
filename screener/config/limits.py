"""A committee's limits, read from a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, create_model

from screener.config import toml
from screener.config.model import Model, checked
from screener.errors import HoldingsError
from valuation.portfolio.limits import DEFAULTS, Limit

Value = float | Literal[False]


def load_limits(path: Path) -> dict[str, Limit]:
    """Limits from a TOML file, `[limits]` of name = number, laid over the defaults; false drops one.

    Raises
    ------
    HoldingsError
        With every problem: an unknown limit, a value that is not a number.
    """
    document = toml.read(path, HoldingsError)
    chosen = checked(_file_model(), document, HoldingsError).limits.model_dump(exclude_unset=True)
    changed = {
        name: replace(DEFAULTS[name], value=float(value)) for name, value in chosen.items() if value is not False
    }
    return {name: changed.get(name, limit) for name, limit in DEFAULTS.items() if chosen.get(name) is not False}


def _file_model() -> Any:
    """The model of a limits file, made of the limits that there are."""
    values: dict[str, Any] = {
        name: (Value, Field(limit.value, description="a number, or false to drop the limit"))
        for name, limit in DEFAULTS.items()
    }
    section = create_model("Limits", __base__=Model, **values)
    about = Field(description="one section, [limits], of name = number")
    return create_model("LimitsFile", __base__=Model, limits=(section, about))
