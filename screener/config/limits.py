"""A committee's limits, read from a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, create_model

from screener.config import toml
from screener.config.model import Model, checked
from screener.errors import HoldingsError
from valuation.portfolio.limits import LIMITS, Limit

Value = float | Literal[False]


def load_limits(path: Path) -> dict[str, Limit]:
    """Limits from a TOML file, `[limits]` of name = number; those it does not name, or sets to false, are not judged.

    Raises
    ------
    HoldingsError
        With every problem: an unknown limit, a value that is not a number.
    """
    document = toml.read(path, HoldingsError)
    chosen = checked(_file_model(), document, HoldingsError).limits.model_dump(exclude_unset=True)
    return {
        name: replace(limit, value=float(chosen[name]))
        for name, limit in LIMITS.items()
        if chosen.get(name, False) is not False
    }


def _file_model() -> Any:
    """The model of a limits file, made of the limits that there are."""
    values: dict[str, Any] = {
        name: (Value, Field(False, description="a number, or false for no limit")) for name in LIMITS
    }
    section = create_model("Limits", __base__=Model, **values)
    about = Field(description="one section, [limits], of name = number")
    return create_model("LimitsFile", __base__=Model, limits=(section, about))
