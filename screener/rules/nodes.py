"""The syntax tree of a rule, and its canonical text: parsing that text gives the same rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, ATOM = range(8)


class Node:
    """A part of a rule.

    `at` is where it begins in the text, and does not count in comparisons; `binds` is how tightly it holds together.
    """

    at: int
    binds: ClassVar[int] = ATOM

    @property
    def level(self) -> int:
        """How tightly it binds."""
        return self.binds

    @property
    def parts(self) -> tuple[Node, ...]:
        """The nodes directly under it, in order."""
        return tuple(_nodes(tuple(self.__dict__.values())))

    def walk(self) -> Iterator[Node]:
        """Itself and every node under it."""
        yield self
        for part in self.parts:
            yield from part.walk()


def _nodes(values: tuple[Any, ...]) -> Iterator[Node]:
    for value in values:
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from _nodes(value)


def _at() -> Any:
    return field(default=0, compare=False, repr=False)


def _inside(node: Node, level: int) -> str:
    """Text of a part, in brackets where it binds no tighter than what it stands in."""
    return str(node) if node.level > level else f"({node})"


@dataclass(frozen=True)
class Number(Node):
    """A number, never negative: a sign is a `Negative`."""

    value: float
    at: int = _at()

    def __str__(self) -> str:
        return str(int(self.value)) if self.value.is_integer() and self.value < 1e15 else repr(self.value)


@dataclass(frozen=True)
class Text(Node):
    """A text in quotes."""

    value: str
    at: int = _at()

    def __str__(self) -> str:
        quote = "'" if '"' in self.value else '"'
        return f"{quote}{self.value}{quote}"


@dataclass(frozen=True)
class Name(Node):
    """A metric, or one of the bare words `stale` and `proxy`."""

    name: str
    at: int = _at()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Call(Node):
    """A function of metrics and numbers."""

    function: str
    arguments: tuple[Node, ...]
    at: int = _at()

    def __str__(self) -> str:
        return f"{self.function}({', '.join(map(str, self.arguments))})"


@dataclass(frozen=True)
class Negative(Node):
    """Minus."""

    binds = SIGN
    operand: Node
    at: int = _at()

    def __str__(self) -> str:
        return f"-{_inside(self.operand, SIGN - 1)}"


@dataclass(frozen=True)
class Chain(Node):
    """Terms joined by + and -, or factors joined by * and /, from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]
    at: int = _at()

    @property
    def level(self) -> int:
        return SUM if self.rest[0][0] in "+-" else PRODUCT

    def __str__(self) -> str:
        joined = "".join(f" {sign} {_inside(node, self.level)}" for sign, node in self.rest)
        return _inside(self.first, self.level) + joined


@dataclass(frozen=True)
class Compare(Node):
    """left < right, and the like."""

    binds = COMPARE
    operator: str
    left: Node
    right: Node
    at: int = _at()

    def __str__(self) -> str:
        return f"{_inside(self.left, COMPARE)} {self.operator} {_inside(self.right, COMPARE)}"


@dataclass(frozen=True)
class In(Node):
    """operand in (items)."""

    binds = COMPARE
    operand: Node
    items: tuple[Node, ...]
    negated: bool = False
    at: int = _at()

    def __str__(self) -> str:
        word = "not in" if self.negated else "in"
        return f"{_inside(self.operand, COMPARE)} {word} ({', '.join(map(str, self.items))})"


@dataclass(frozen=True)
class Between(Node):
    """operand between low and high, both included."""

    binds = COMPARE
    operand: Node
    low: Node
    high: Node
    negated: bool = False
    at: int = _at()

    def __str__(self) -> str:
        word = "not between" if self.negated else "between"
        low, high = _inside(self.low, COMPARE), _inside(self.high, COMPARE)
        return f"{_inside(self.operand, COMPARE)} {word} {low} and {high}"


@dataclass(frozen=True)
class Not(Node):
    """not operand."""

    binds = NOT
    operand: Node
    at: int = _at()

    def __str__(self) -> str:
        return f"not {_inside(self.operand, NOT - 1)}"


@dataclass(frozen=True)
class Joined(Node):
    """Conditions joined by `and` or by `or`."""

    word: str
    conditions: tuple[Node, ...]
    at: int = _at()

    @property
    def level(self) -> int:
        return AND if self.word == "and" else OR

    def __str__(self) -> str:
        return f" {self.word} ".join(_inside(part, self.level) for part in self.conditions)
