"""Rules evaluated over a panel in three-valued (Kleene) logic: true, false and unknown.

A comparison with an unknown metric is unknown. A comparison with a ratio that is not meaningful (no backlog to divide by,
an enterprise value below zero) is false: that company is known not to have such a multiple.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from screener.rules import nodes
from screener.rules.check import MARKS, TEXTS, Expression
from screener.rules.nodes import Node
from screener.rules.panel import Panel
from valuation.metrics import METRICS
from valuation.screening import cross_section

_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


@dataclass(frozen=True)
class Truth:
    """True where `true`; false where `known` and not true; unknown elsewhere. Arrays (dates, names)."""

    true: np.ndarray
    known: np.ndarray

    @property
    def false(self) -> np.ndarray:
        """Known not to be so."""
        return self.known & ~self.true


@dataclass(frozen=True)
class Values:
    """Numbers with NaN where there is none; `void` where there is none because the ratio is not meaningful."""

    value: np.ndarray
    void: np.ndarray | bool

    @property
    def known(self) -> np.ndarray:
        """Where a comparison has an answer."""
        return ~np.isnan(self.value) | self.void


def condition(rule: Expression, panel: Panel, used: Sequence[str] = ()) -> Truth:
    """Where a condition holds.

    Parameters
    ----------
    used : metric names
        What `stale` and `proxy` look at beside the rule's own metrics: whatever else the screen rests on.
    """
    return _Evaluation(panel, tuple(dict.fromkeys([*rule.metrics, *used]))).truth(rule.node)


def values(rule: Expression, panel: Panel) -> np.ndarray:
    """A number for each date and name; NaN where unknown or not meaningful."""
    return np.broadcast_to(_Evaluation(panel, rule.metrics).number(rule.node).value, panel.shape)


class _Evaluation:
    def __init__(self, panel: Panel, used: tuple[str, ...]) -> None:
        self.panel, self.used = panel, used

    def truth(self, node: Node) -> Truth:  # noqa: PLR0911 a case a kind of node
        match node:
            case nodes.Joined(word=word, conditions=conditions):
                parts = [self.truth(part) for part in conditions]
                if word == "and":
                    true = np.logical_and.reduce([p.true for p in parts])
                    return Truth(true, true | np.logical_or.reduce([p.false for p in parts]))
                true = np.logical_or.reduce([p.true for p in parts])
                return Truth(true, true | np.logical_and.reduce([p.known for p in parts]))
            case nodes.Not(operand=operand):
                inner = self.truth(operand)
                return Truth(inner.false, inner.known)
            case nodes.Compare(operator=sign, left=left, right=right):
                return self.compare(sign, left, right)
            case nodes.In(operand=operand, items=items, negated=negated):
                found = [self.compare("==", operand, item) for item in items]
                return self.given(
                    Truth(np.logical_or.reduce([f.true for f in found]), found[0].known), negated, operand
                )
            case nodes.Between(operand=operand, low=low, high=high, negated=negated):
                above, below = self.compare(">=", operand, low), self.compare("<=", operand, high)
                true = above.true & below.true
                return self.given(Truth(true, true | above.false | below.false), negated, operand)
            case nodes.Call(function=function, arguments=(nodes.Name(name=name),)):
                return self.marked(function, (name,))
            case nodes.Name(name=name):
                return self.marked(name, self.used)
        raise AssertionError(node)  # the checker lets nothing else through

    def given(self, found: Truth, negated: bool, operand: Node) -> Truth:
        """`not in` and `not between`, which a ratio that is not meaningful does not satisfy either."""
        if not negated:
            return found
        void = False if self.is_text(operand) else self.number(operand).void
        return Truth(found.false & ~np.asarray(void), found.known)

    def is_text(self, node: Node) -> bool:
        return isinstance(node, nodes.Text) or (
            isinstance(node, nodes.Name) and (node.name in TEXTS or METRICS[node.name].unit == "text")
        )

    def compare(self, sign: str, left: Node, right: Node) -> Truth:
        if self.is_text(left):
            a, b = self.texts(left), self.texts(right)
            known = np.broadcast_to((a != None) & (b != None), self.panel.shape)  # noqa: E711 element by element
            return Truth(_COMPARE[sign](a, b).astype(bool) & known, known)
        one, other = self.number(left), self.number(right)
        with np.errstate(invalid="ignore"):
            true = _COMPARE[sign](one.value, other.value)
        if sign == "!=":  # NaN differs from everything
            true = true & ~np.isnan(one.value) & ~np.isnan(other.value)
        shape = self.panel.shape
        return Truth(np.broadcast_to(true, shape), np.broadcast_to(one.known & other.known, shape))

    def texts(self, node: Node) -> np.ndarray:
        if isinstance(node, nodes.Text):
            return np.array(node.value, dtype=object)
        assert isinstance(node, nodes.Name)
        return self.panel.text(node.name)

    def marked(self, word: str, names: tuple[str, ...]) -> Truth:
        true = np.zeros(self.panel.shape, dtype=bool)
        for name in names:
            if word in MARKS:
                hit = self.panel.has(name, word)
                true |= False if hit is None else hit
            elif word == "missing":
                true |= self.missing(name)
            else:
                true |= ~self.metric(name).void
        return Truth(true, np.ones(self.panel.shape, dtype=bool))

    def missing(self, name: str) -> np.ndarray:
        if METRICS[name].unit == "text":
            return self.panel.text(name) == None  # noqa: E711 element by element
        return ~self.metric(name).known

    def metric(self, name: str) -> Values:
        """A metric; a value with the status `not_meaningful` is no value."""
        value, void = self.panel.number(name), self.panel.has(name, "not_meaningful")
        return Values(value, False) if void is None else Values(np.where(void, np.nan, value), void)

    def number(self, node: Node) -> Values:
        match node:
            case nodes.Number(value=value):
                return Values(np.array(value), False)
            case nodes.Name(name=name):
                return self.metric(name)
            case nodes.Negative(operand=operand):
                inner = self.number(operand)
                return Values(-inner.value, inner.void)
            case nodes.Chain(first=first, rest=rest):
                found = self.number(first)
                for sign, part in rest:
                    found = _settle(_ARITHMETIC[sign], found, self.number(part))
                return found
            case nodes.Call(function=function, arguments=arguments):
                return self.call(function, arguments)
        raise AssertionError(node)

    def call(self, function: str, arguments: tuple[Node, ...]) -> Values:
        inner = self.number(arguments[0])
        if function in ("min", "max"):
            return _settle(np.minimum if function == "min" else np.maximum, inner, self.number(arguments[1]))
        if function == "abs":
            return Values(np.abs(inner.value), inner.void)
        if function == "ln":
            return _settle(lambda a, _: np.log(a), inner, inner)
        sections = None
        if len(arguments) == 2:
            assert isinstance(arguments[1], nodes.Name)
            sections = cross_section.Sections(self.panel.shape, self.panel.sections(arguments[1].name))
        x = np.where(self.panel.eligible, np.broadcast_to(inner.value, self.panel.shape), np.nan)
        if function == "rank":
            alone = arguments[0]
            falls = isinstance(alone, nodes.Name) and METRICS[alone.name].direction < 0
            return Values(cross_section.rank(x, best=-1 if falls else 1, sections=sections), inner.void)
        found = {"pct_rank": cross_section.pct_rank, "zscore": cross_section.zscore}[function](x, sections)
        return Values(found, inner.void)


def _settle(function: Callable[[np.ndarray, np.ndarray], np.ndarray], one: Values, other: Values) -> Values:
    """Arithmetic: unknown stays unknown; no finite answer from known numbers means nothing."""
    with np.errstate(all="ignore"):
        value = np.asarray(function(one.value, other.value), dtype=float)
    known = one.known & other.known
    finite = np.isfinite(value)
    return Values(np.where(finite, value, np.nan), known & ~finite)
