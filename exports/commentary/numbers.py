"""A p-value as the workbook's sentences have it."""

from __future__ import annotations

from valuation._words import p_value


def p_text(p: float) -> str:
    """`= 0.034` or `< 0.001`, to stand after p."""
    return p_value(p).removeprefix("p ")
