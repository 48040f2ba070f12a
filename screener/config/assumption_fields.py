"""Typed models of assumptions, made of the registry of `valuation.assumptions`, so that an addition reaches every file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, create_model

from screener.config.model import Model
from valuation import assumptions as registry
from valuation.assumptions import Assumptions, Bridge

Kind = type[Assumptions] | type[Bridge]
NAME_EXPECTED = "the name of an assumption (see `screener assumptions`)"


class AssumptionFields(Model):
    """Numbers by the name of an assumption."""

    name_of_keys = NAME_EXPECTED


def values_model(*kinds: Kind) -> type[AssumptionFields]:
    """A section of assumptions, each of its type and within its bounds."""
    return _model(kinds, lambda kind, name: partial(registry.checked, kind, name))


def changes_model(*kinds: Kind) -> type[AssumptionFields]:
    """A section of summands or factors of assumptions: any finite number."""
    return _model(kinds, lambda kind, name: _number)


def _model(kinds: tuple[Kind, ...], check: Callable[[Kind, str], Callable[[Any], Any]]) -> type[AssumptionFields]:
    fields: dict[str, Any] = {
        name: (Annotated[Any, AfterValidator(check(kind, name))], None)
        for kind in kinds
        for name in kind.__dataclass_fields__
    }
    return create_model("Assumptions", __base__=AssumptionFields, **fields)


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= sys.float_info.max:
        raise ValueError("a number")
    return value
