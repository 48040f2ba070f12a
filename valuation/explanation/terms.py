"""Values of the names in a formula, for one company of a screen; evaluation of formulas."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import pandas as pd

from valuation.contracts.consolidation import as_held, parents
from valuation.contracts.terms import CLOUD
from valuation.errors import UnknownName
from valuation.explanation import figures
from valuation.formulas import LINES, of_group
from valuation.inputs import Inputs
from valuation.metrics import METRICS
from valuation.screen import Screen

ASSUMED = "assumed_"
NOT_COUNTED = "not_counted"
# Columns of contracts that a formula sums for one business alone.
OF_BUSINESS = {"lease_annual_revenue_usd": False, "cloud_annual_revenue_usd": True}


@dataclass(frozen=True)
class Terms:
    """The figures of one company by name.

    Attributes
    ----------
    screen : Screen
    ticker : str
    critical_it : Series
        Whether an item in MW is critical IT.
    read : DataFrame
        Of every company, what no table of the screen holds (`figures.read`).
    """

    screen: Screen
    ticker: str
    critical_it: pd.Series
    read: pd.DataFrame

    @classmethod
    def of(cls, screen: Screen, inputs: Inputs) -> Iterator[Terms]:
        """Those of every company of the screen, from the inputs of its date."""
        read = figures.read(screen, inputs)
        units = inputs.critical_it.droplevel("as_of")
        for ticker in screen.table.index:
            yield cls(screen, str(ticker), units.loc[ticker], read)

    def value(self, name: str) -> float:
        """The figure of that name; NaN unknown.

        Raises
        ------
        UnknownName
            No figure goes by it.
        """
        if name not in self._values:
            self._values[name] = self._value(name)
        return self._values[name]

    def _value(self, name: str) -> float:
        screen, ticker = self.screen, self.ticker
        for frame in (screen.table, screen.bridge, screen.power, screen.shares, screen.inputs, self.read):
            if name in frame:
                return _number(frame.at[ticker, name])
        if name in LINES:
            return evaluate(LINES[name], self)
        for one in (screen.assumptions, screen.switches):
            if hasattr(one, name.removeprefix(ASSUMED)):
                return float(getattr(one, name.removeprefix(ASSUMED)))
        if name in FIXED:
            return FIXED[name](self)
        raise UnknownName(f"no figure {name!r} in a formula")

    def formula(self, name: str) -> str:
        """The formula of a metric or line; empty where it is read."""
        if name == "group":
            return of_group(self.screen.rule)
        return METRICS[name].formula if name in METRICS else LINES.get(name, "")

    def gross(self, item: str) -> float:
        """An item in gross MW."""
        ratio = self.screen.assumptions.gross_mw_per_critical_it_mw if self.critical_it.get(item, False) else 1.0
        return self.value(item) * ratio

    @cached_property
    def contracts(self) -> pd.DataFrame:
        """AI contracts in force that the company holds, a consolidated subsidiary's included."""
        held = as_held(self.screen.contracts, parents(self.screen.companies))
        mine = held[held["is_ai"] & (held["ticker"] == self.ticker)]
        revenue, is_cloud = mine["owned_annual_revenue_usd"], mine["business"] == CLOUD
        return mine.assign(**{name: revenue.where(is_cloud == cloud, 0.0) for name, cloud in OF_BUSINESS.items()})

    def total(self, column: str) -> float:
        """Sum of the known figures of the contracts held; 0 where there is none, NaN where none has a figure."""
        rows = self.contracts
        known = rows[column].dropna()
        return 0.0 if rows.empty else math.fsum(known) if len(known) else math.nan

    @cached_property
    def _values(self) -> dict[str, float]:
        return {}


@cache
def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


def evaluate(formula: str, terms: Terms) -> float:
    """The value of a formula; NaN where a figure that must be known is not, or a divisor is zero."""
    return float(_evaluate(_parsed(formula), terms))


def names(formula: str) -> list[str]:
    """The figures that a formula names, in order, each once."""
    called = {"known", "gross", "total", "max", "min", "first", "exp"}
    found = [node.id for node in ast.walk(_parsed(formula)) if isinstance(node, ast.Name)]
    return sorted({name for name in found if name not in called}, key=found.index)


def used(formula: str, terms: Terms) -> list[str]:
    """The figures that this company's formula takes: of a choice those of the branch that holds."""
    return names(branch(formula, terms))


def branch(formula: str, terms: Terms) -> str:
    """The formula with each choice made as it holds for this company."""
    return ast.unparse(_taken(_parsed(formula), terms))


def _taken(node: ast.AST, terms: Terms) -> Any:
    if isinstance(node, ast.IfExp):
        return _taken(node.body if _evaluate(node.test, terms) else node.orelse, terms)
    if isinstance(node, ast.BinOp):
        return ast.BinOp(_taken(node.left, terms), node.op, _taken(node.right, terms))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "first":
        known = [one for one in node.args if not math.isnan(float(_evaluate(one, terms)))]
        return _taken(known[0], terms) if known else node
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
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            a, b = _evaluate(left, terms), _evaluate(right, terms)
            found = a >= b if isinstance(op, ast.GtE) else a > b
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
    if any(map(math.isnan, values)):
        return math.nan
    return {"max": max, "min": min}[function](values) if function != "exp" else math.exp(values[0])


def _number(value: Any) -> float:
    return math.nan if value is None or isinstance(value, str) else float(value)


def is_walked(name: str) -> bool:
    """Whether a name of a formula is a metric or line of its own, to be walked back further."""
    return name in METRICS or name in LINES


# Figures that are one for all companies, that another name holds, or that are counted.
FIXED: dict[str, Callable[[Terms], float]] = {
    "btc_usd": lambda terms: float(terms.screen.btc_usd),
    "close_usd": lambda terms: terms.value("price_usd"),
    "contracts_in_force": lambda terms: float(len(terms.contracts)),
    NOT_COUNTED: lambda terms: math.nan,
}
