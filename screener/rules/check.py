"""The names and types of a rule, checked before anything is computed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from screener.errors import RuleError
from screener.rules import nodes
from screener.rules.nodes import Node
from screener.rules.parser import parse, wrong
from valuation.metrics import METRICS

NUMBER, TEXT, TRUTH = "number", "text", "condition"
# Names beside the registry: what a company is called, and bare words on everything that the screen rests on.
TEXTS = {"ticker": "The company's ticker."}
MARKS = {
    "stale": "True where a metric used by the screen depends on an input older than its maximum age.",
    "proxy": "True where a metric used by the screen depends on a declared proxy.",
}
# A share of 30 was meant as 30%: no fraction of this registry comes near.
LARGEST_FRACTION = 5.0


@dataclass(frozen=True)
class Function:
    """The arguments and result of a function; `about` is for the reader."""

    takes: tuple[str, ...]
    gives: str
    about: str
    of_a_metric: bool = False
    may_group: bool = False


FUNCTIONS = {
    "rank": Function((NUMBER,), NUMBER, "Rank on that date, 1 being the best: the lowest where the registry says that less "
                     "is better, else the highest; ties share the better rank.", may_group=True),
    "pct_rank": Function((NUMBER,), NUMBER, "Share of the known values at or below this one: 1 for the highest.",
                         may_group=True),
    "zscore": Function((NUMBER,), NUMBER, "(x - mean) / standard deviation (n - 1) on that date.", may_group=True),
    "missing": Function((NUMBER,), TRUTH, "True where the metric is unknown because an input is missing.", True),
    "meaningful": Function((NUMBER,), TRUTH, "False where the inputs are known and the ratio is not meaningful.", True),
    "stale": Function((NUMBER,), TRUTH, "True where an input of the metric is older than its maximum age.", True),
    "proxy": Function((NUMBER,), TRUTH, "True where the metric depends on a declared proxy.", True),
    "abs": Function((NUMBER,), NUMBER, "Absolute value."),
    "ln": Function((NUMBER,), NUMBER, "Natural logarithm; not meaningful at or below zero."),
    "min": Function((NUMBER, NUMBER), NUMBER, "The smaller of two."),
    "max": Function((NUMBER, NUMBER), NUMBER, "The larger of two."),
}  # fmt: skip


@dataclass(frozen=True)
class Expression:
    """A rule that has been read and checked; `str` gives its canonical text.

    Attributes
    ----------
    node : Node
    kind : str
        `number`, `text` or `condition`.
    """

    node: Node
    kind: str

    def __str__(self) -> str:
        return str(self.node)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics it names, in order of appearance."""
        names = (n.name for n in self.node.walk() if isinstance(n, nodes.Name) and n.name in METRICS)
        return tuple(dict.fromkeys(names))

    @property
    def metric(self) -> str:
        """The metric's name where the expression is one metric and nothing else; else empty."""
        return self.node.name if isinstance(self.node, nodes.Name) and self.node.name in METRICS else ""

    @property
    def best(self) -> int:
        """1 where the highest is the best, -1 where the registry says that less is better."""
        return -1 if self.metric and METRICS[self.metric].direction < 0 else 1


def expression(text: str, kind: str, where: str = "") -> Expression:
    """Read and check a rule that has to be of `kind`; `where` says for messages what it is for.

    Raises
    ------
    RuleError
    """
    try:
        node = parse(text)
        found = _Checker(text).kind_of(node)
        if found != kind:
            raise wrong(text, node.at, f"{_a(kind)} was expected, this is {_a(found)}{_why(kind, node)}")
    except RuleError as error:
        raise RuleError(f"{where}: {error}" if where else str(error)) from None
    return Expression(node, kind)


def nearest(name: str) -> str:
    """The known names nearest to one that is not, for a message."""
    known = [*METRICS, *TEXTS, *MARKS, *FUNCTIONS]
    close = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    close += [other for other in known if len(name) > 2 and name.lower() in other and other not in close][
        : 3 - len(close)
    ]
    return f"nearest: {', '.join(close)}" if close else "`screener metrics` lists them"


def _a(kind: str) -> str:
    return f"a {kind}"


def _why(kind: str, node: Node) -> str:
    if kind == TRUTH and isinstance(node, nodes.Name) and node.name in METRICS:
        return f": compare it, as in `{node.name} < 4`"
    return ""


class _Checker:
    def __init__(self, text: str) -> None:
        self.text = text
        self.known: dict[int, str] = {}

    def kind_of(self, node: Node) -> str:
        """The kind of a node, its parts checked; once, since a long list asks for its operand with every item."""
        if id(node) not in self.known:
            self.known[id(node)] = self._kind_of(node)
        return self.known[id(node)]

    def _kind_of(self, node: Node) -> str:
        match node:
            case nodes.Number():
                return NUMBER
            case nodes.Text():
                return TEXT
            case nodes.Name():
                return self.name(node)
            case nodes.Call():
                return self.call(node)
            case nodes.Compare(operator=sign, left=left, right=right):
                self.comparable(sign, left, right, node)
            case nodes.In(operand=operand, items=items):
                for item in items:
                    self.comparable("==", operand, item, node)
            case nodes.Between(operand=operand, low=low, high=high):
                self.comparable("<", operand, low, node)
                self.comparable("<", operand, high, node)
            case nodes.Not() | nodes.Joined():
                for part in node.parts:
                    self.must_be(part, TRUTH, "`and`, `or` and `not`")
            case _:
                for part in node.parts:
                    self.must_be(part, NUMBER, "arithmetic")
                return NUMBER
        return TRUTH

    def must_be(self, node: Node, kind: str, what: str) -> None:
        found = self.kind_of(node)
        if found != kind:
            raise wrong(self.text, node.at, f"{what} needs {_a(kind)}, this is {_a(found)}{_why(kind, node)}")

    def name(self, node: nodes.Name) -> str:
        if node.name in METRICS:
            return TEXT if METRICS[node.name].unit == "text" else NUMBER
        if node.name in TEXTS:
            return TEXT
        if node.name in MARKS:
            return TRUTH
        if node.name in FUNCTIONS:
            raise wrong(self.text, node.at, f"{node.name} is a function: {node.name}(ev_per_mw_secured)")
        raise wrong(self.text, node.at, f"no metric {node.name!r}; {nearest(node.name)}")

    def call(self, node: nodes.Call) -> str:
        function = FUNCTIONS.get(node.function)
        if function is None:
            near = difflib.get_close_matches(node.function.lower(), FUNCTIONS, n=1) or [", ".join(FUNCTIONS)]
            raise wrong(self.text, node.at, f"no function {node.function!r}; known: {near[0]}")
        extra = len(node.arguments) - len(function.takes)
        grouped = function.may_group and extra == 1
        if extra != 0 and not grouped:
            more = " (and, as a second one, a text metric to group by)" if function.may_group else ""
            raise wrong(self.text, node.at, f"{node.function} takes {len(function.takes)} argument{more}")
        for argument in node.arguments[: len(function.takes)]:
            if function.of_a_metric and not (isinstance(argument, nodes.Name) and argument.name in METRICS):
                found = f"; {nearest(argument.name)}" if isinstance(argument, nodes.Name) else ""
                raise wrong(self.text, argument.at, f"{node.function} takes the name of a metric{found}")
            if not function.of_a_metric:
                self.must_be(argument, NUMBER, node.function)
        if grouped and (not isinstance(node.arguments[1], nodes.Name) or self.kind_of(node.arguments[1]) != TEXT):
            raise wrong(self.text, node.arguments[1].at, f"{node.function} groups by a text metric, such as group")
        return function.gives

    def comparable(self, sign: str, left: Node, right: Node, node: Node) -> None:
        for one, other in ((left, right), (right, left)):
            if isinstance(one, nodes.Name) and one.name not in (*METRICS, *TEXTS, *MARKS) and self.is_text(other):
                raise wrong(self.text, one.at, f'a text needs quotes: "{one.name}"')
        kinds = self.kind_of(left), self.kind_of(right)
        if kinds[0] != kinds[1]:
            raise wrong(self.text, node.at, f"{_a(kinds[0])} cannot be compared with {_a(kinds[1])}")
        if TRUTH in kinds:
            raise wrong(self.text, node.at, "conditions are joined by `and`, `or` and `not`, not compared")
        if kinds[0] == TEXT and sign not in ("==", "!="):
            raise wrong(self.text, node.at, f"texts are compared by ==, != and in, not by {sign}")
        for one, other in ((left, right), (right, left)):
            self.fraction(one, other)

    def is_text(self, node: Node) -> bool:
        return isinstance(node, nodes.Name) and (
            node.name in TEXTS or (node.name in METRICS and METRICS[node.name].unit == "text")
        )

    def fraction(self, metric: Node, number: Node) -> None:
        """A share compared with 30 would never be met, in silence."""
        if not (isinstance(metric, nodes.Name) and metric.name in METRICS and isinstance(number, nodes.Number)):
            return
        if METRICS[metric.name].unit == "fraction" and number.value > LARGEST_FRACTION:
            raise wrong(
                self.text,
                number.at,
                f"{metric.name} is a fraction: {number} percent is written {number}% or {number.value / 100:g}",
            )
