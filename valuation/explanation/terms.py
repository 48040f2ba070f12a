"""Values of the names in a formula, for one company of a screen; evaluation of formulas."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from valuation.contracts.consolidation import as_held, parents
from valuation.errors import UnknownName
from valuation.metrics import METRICS
from valuation.screen import Screen


@dataclass(frozen=True)
class Terms:
    """The figures of one company by name.

    Attributes
    ----------
    screen : Screen
    ticker : str
    critical_it : mapping
        Whether an item in MW is critical IT.
    """

    screen: Screen
    ticker: str
    critical_it: pd.Series

    def value(self, name: str) -> float:
        """The figure of that name; NaN unknown.

        Raises
        ------
        UnknownName
            No figure goes by it.
        """
        screen, ticker = self.screen, self.ticker
        for frame in (screen.table, screen.bridge, screen.power, screen.shares, screen.inputs):
            if name in frame:
                return _number(frame.at[ticker, name])
        for one in (screen.assumptions, screen.switches):
            if hasattr(one, name):
                return float(getattr(one, name))
        if name == "btc_usd":
            return float(screen.btc_usd)
        raise UnknownName(f"no figure {name!r} in a formula")

    def gross(self, item: str) -> float:
        """An item in gross MW."""
        ratio = self.screen.assumptions.gross_mw_per_critical_it_mw if self.critical_it.get(item, False) else 1.0
        return self.value(item) * ratio

    def contracts(self) -> pd.DataFrame:
        """AI contracts in force that the company holds, a consolidated subsidiary's included."""
        held = as_held(self.screen.contracts, parents(self.screen.companies))
        return held[held["is_ai"] & (held["ticker"] == self.ticker)]

    def total(self, column: str) -> float:
        """Sum of the known figures of the contracts held; 0 where there is none, NaN where none has a figure."""
        rows = self.contracts()
        known = rows[column].dropna()
        return 0.0 if rows.empty else math.fsum(known) if len(known) else math.nan


def evaluate(formula: str, terms: Terms) -> float:
    """The value of a formula; NaN where a figure that must be known is not, or a divisor is zero."""
    return float(_evaluate(ast.parse(formula, mode="eval").body, terms))


def names(formula: str) -> list[str]:
    """The figures that a formula names, in order, each once."""
    called = {"known", "gross", "total", "max", "first"}
    found = [node.id for node in ast.walk(ast.parse(formula, mode="eval")) if isinstance(node, ast.Name)]
    return sorted({name for name in found if name not in called}, key=found.index)


def used(formula: str, terms: Terms) -> list[str]:
    """The figures that this company's formula takes: of a choice those of the branch that holds."""
    return names(ast.unparse(_taken(ast.parse(formula, mode="eval").body, terms)))


def branch(formula: str, terms: Terms) -> str:
    """The formula with each choice made as it holds for this company."""
    return ast.unparse(_taken(ast.parse(formula, mode="eval").body, terms))


def _taken(node: ast.AST, terms: Terms) -> Any:
    if isinstance(node, ast.IfExp):
        return _taken(node.body if _evaluate(node.test, terms) else node.orelse, terms)
    if isinstance(node, ast.BinOp):
        return ast.BinOp(_taken(node.left, terms), node.op, _taken(node.right, terms))
    if isinstance(node, ast.Call):
        return ast.Call(node.func, [_taken(one, terms) for one in node.args], [])
    return node


def _evaluate(node: ast.AST, terms: Terms) -> Any:
    found: Any = math.nan
    match node:
        case ast.Constant(value=number):
            found = number
        case ast.Name(id=name):
            found = terms.value(name)
        case ast.BinOp(left=left, op=op, right=right):
            found = _arithmetic(op, _evaluate(left, terms), _evaluate(right, terms))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            found = _evaluate(body if _evaluate(test, terms) else orelse, terms)
        case ast.BoolOp(values=values):
            found = all(_evaluate(one, terms) for one in values)
        case ast.Compare(left=left, comparators=[right]):
            found = _evaluate(left, terms) > _evaluate(right, terms)
        case ast.Call(func=ast.Name(id=function), args=arguments):
            found = _call(function, arguments, terms)
    return found


def _arithmetic(op: ast.operator, a: float, b: float) -> float:
    if isinstance(op, ast.Div):
        return a / b if b else math.nan
    return {ast.Add: a + b, ast.Sub: a - b, ast.Mult: a * b}[type(op)]


def _call(function: str, arguments: list[ast.expr], terms: Terms) -> float:
    if function in ("gross", "total"):
        assert isinstance(arguments[0], ast.Name)
        return float(getattr(terms, function)(arguments[0].id))
    values = [float(_evaluate(one, terms)) for one in arguments]
    if function == "known":
        return 0.0 if math.isnan(values[0]) else values[0]
    if function == "first":
        return next((value for value in values if not math.isnan(value)), math.nan)
    return math.nan if any(map(math.isnan, values)) else max(values)


def _number(value: Any) -> float:
    return math.nan if value is None or isinstance(value, str) else float(value)


def is_metric(name: str) -> bool:
    """Whether a name of a formula is a metric of its own, to be walked back further."""
    return name in METRICS
