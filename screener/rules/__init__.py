"""Screening rules: an expression language of its own over the metric registry, ranking, and screens as TOML files."""

from screener.rules.check import Expression, expression
from screener.rules.panel import Panel
from screener.rules.screening import Screened, Selection, screen, select
from screener.rules.screens import ScreenRules, bundled, define, load

__all__ = [
    "Expression",
    "Panel",
    "ScreenRules",
    "Screened",
    "Selection",
    "bundled",
    "define",
    "expression",
    "load",
    "screen",
    "select",
]
