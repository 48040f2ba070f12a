"""Parser of screening rules: a grammar of its own, so that no text of a user is ever executed.

    rule       := and_rule ("or" and_rule)*
    and_rule   := not_rule ("and" not_rule)*
    not_rule   := "not" not_rule | comparison
    comparison := sum ( ("<" | "<=" | ">" | ">=" | "==" | "!=") sum )*
                | sum ["not"] "in" "(" item ("," item)* ")"
                | sum ["not"] "between" sum "and" sum
    sum        := product (("+" | "-") product)*
    product    := signed (("*" | "/") signed)*
    signed     := "-" signed | number | text | name | name "(" rule ("," rule)* ")" | "(" rule ")"

`a < b < c` reads as `a < b and b < c`. Numbers take `k`, `m`, `bn` and `%` (1.5bn, 30%). Keywords in any case.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from screener.errors import RuleError
from screener.rules import nodes
from screener.rules.nodes import Node

MAX_LENGTH = 2000  # characters
MAX_DEPTH = 30  # brackets, calls and signs within one another
MAX_NAME = 60
MAX_TEXT = 100
SHOWN = 70  # characters of a long rule that an error shows
SCALES = {"": Decimal(1), "%": Decimal("0.01"), "k": Decimal(1000), "m": Decimal(10**6), "bn": Decimal(10**9)}
KEYWORDS = frozenset({"and", "or", "not", "in", "between"})
COMPARISONS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "==", "=": "==", "!=": "!=", "<>": "!="}
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<number>(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?P<scale>%|[A-Za-z_][A-Za-z_0-9]*)?
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"[^"]*"|'[^']*')
    |(?P<sign><=|>=|==|!=|<>|[<>=(),+\-*/\[\]])""",
    re.VERBOSE,
)
_HINTS = {
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`, or != for unequal",
    "^": "powers are not supported",
    ".": "a name has no point in it, and a number begins with a digit, or with a point and a digit",
    ";": "one rule at a time",
    '"': "the text has no closing quote",
    "'": "the text has no closing quote",
}


@dataclass(frozen=True)
class Token:
    """One word, number, text or sign, and where it begins."""

    kind: str
    text: str
    at: int
    value: float = 0.0


def parse(text: str) -> Node:
    """The nodes of a rule.

    Raises
    ------
    RuleError
        What is wrong, where, and what would be right. Whether names exist is `check`'s business.
    """
    if len(text) > MAX_LENGTH:
        raise RuleError(f"the rule has {len(text):,} characters; at most {MAX_LENGTH:,} are read")
    return _Parser(text).whole()


def wrong(text: str, at: int, message: str) -> RuleError:
    """An error with the place marked under the text."""
    start = max(0, min(at - SHOWN // 2, len(text) - SHOWN))
    shown = "".join(c if c.isprintable() else "?" for c in text[start : start + SHOWN])
    return RuleError(f"{message} (character {at + 1})\n    {shown}\n    {' ' * (at - start)}^")


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise wrong(text, at, f"{_described(text[at])} is not part of a rule{_hint(text[at])}")
        kind, value = match.lastgroup, 0.0
        if kind == "scale":
            kind = "number"
        if kind == "number":
            value = _number(text, match)
        elif kind == "name" and len(match.group()) > MAX_NAME:
            raise wrong(text, at, f"a name of {len(match.group())} characters; at most {MAX_NAME}")
        elif kind == "text":
            _check_text(text, at, match.group()[1:-1])
        if kind != "space":
            found.append(Token(str(kind), match.group(), at, value))
        at = match.end()
    return [*found, Token("end", "", len(text))]


def _described(character: str) -> str:
    """A character and, where eyes could take it for another, its name."""
    if character.isascii():
        return repr(character)
    return f"{character!r} ({unicodedata.name(character, 'unnamed').lower()}; only plain ASCII letters and signs)"


def _hint(character: str) -> str:
    return f": {_HINTS[character]}" if character in _HINTS else ""


def _number(text: str, match: re.Match[str]) -> float:
    digits, scale = match.group("number").lower(), (match.group("scale") or "").lower()
    if scale not in SCALES:
        raise wrong(text, match.start("scale"), f"{scale[:MAX_NAME]!r} after a number: expected one of k, m, bn, %")
    if len(digits) > MAX_NAME or len(digits.partition("e")[2]) > 4:
        raise wrong(text, match.start(), "the number is too long")
    value = float(Decimal(digits.replace("_", "")) * SCALES[scale])
    if value > 1e300:
        raise wrong(text, match.start(), "the number is too large")
    return value


def _check_text(text: str, at: int, inner: str) -> None:
    if len(inner) > MAX_TEXT:
        raise wrong(text, at, f"a text of {len(inner)} characters; at most {MAX_TEXT}")
    if not inner.isprintable():
        raise wrong(text, at, "a text with a control character")


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.position = 0
        self.depth = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.position]

    def word(self) -> str:
        """The keyword here, in lower case; empty where there is none."""
        token = self.now
        low = token.text.lower() if token.kind == "name" else ""
        return low if low in KEYWORDS else ""

    def take(self) -> Token:
        token = self.now
        self.position += 1
        return token

    def fail(self, message: str) -> RuleError:
        return wrong(self.text, self.now.at, message)

    def expect(self, signs: str, reason: str) -> Token:
        if self.now.kind == "sign" and self.now.text in signs:
            return self.take()
        raise self.fail(f"{self._here()} where {reason} was expected")

    def _here(self) -> str:
        return "the rule ends" if self.now.kind == "end" else repr(self.now.text[:MAX_NAME])

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(f"nested more than {MAX_DEPTH} deep")

    def whole(self) -> Node:
        if self.now.kind == "end":
            raise self.fail("an empty rule")
        found = self.rule()
        if self.now.kind != "end":
            raise self.fail(f"{self._here()} after a complete rule; join conditions with `and` or `or`")
        return found

    def rule(self) -> Node:
        return self.joined("or", lambda: self.joined("and", self.not_rule))

    def joined(self, word: str, part: Callable[[], Node]) -> Node:
        at, found = self.now.at, [part()]
        while self.word() == word:
            self.take()
            found.append(part())
        return found[0] if len(found) == 1 else nodes.Joined(word, tuple(found), at)

    def not_rule(self) -> Node:
        if self.word() != "not":
            return self.comparison()
        at = self.take().at
        self.deeper()
        found = nodes.Not(self.not_rule(), at)
        self.depth -= 1
        return found

    def comparison(self) -> Node:
        at, left = self.now.at, self.sum()
        negated = self.word() == "not"
        if negated:
            self.take()
        if self.word() == "in":
            return self.membership(left, negated, at)
        if self.word() == "between":
            self.take()
            low = self.sum()
            if self.word() != "and":
                raise self.fail(f"{self._here()} where `and` was expected: x between 1 and 4")
            self.take()
            return nodes.Between(left, low, self.sum(), negated, at)
        if negated:
            raise self.fail(f"{self._here()} after `not`: `not in` or `not between` was expected")
        found = []
        while self.now.kind == "sign" and self.now.text in COMPARISONS:
            sign = COMPARISONS[self.take().text]
            right = self.sum()
            found.append(nodes.Compare(sign, left, right, at))
            left = right
        if not found:
            return left
        return found[0] if len(found) == 1 else nodes.Joined("and", tuple(found), at)

    def membership(self, left: Node, negated: bool, at: int) -> Node:
        self.take()
        closing = ")" if self.expect("([", "a list in brackets").text == "(" else "]"
        items = [self.item()]
        while self.now.text == ",":
            self.take()
            items.append(self.item())
        self.expect(closing, f"a comma or {closing!r}")
        return nodes.In(left, tuple(items), negated, at)

    def item(self) -> Node:
        token = self.now
        if token.kind == "text":
            return nodes.Text(self.take().text[1:-1], token.at)
        if token.text == "-" and self.tokens[self.position + 1].kind == "number":
            self.take()
            return nodes.Negative(nodes.Number(self.take().value, token.at), token.at)
        if token.kind == "number":
            return nodes.Number(self.take().value, token.at)
        raise self.fail(f"{self._here()} in a list: numbers, or texts in quotes, were expected")

    def sum(self) -> Node:
        return self.chain("+-", lambda: self.chain("*/", self.signed))

    def chain(self, signs: str, part: Callable[[], Node]) -> Node:
        at, first, rest = self.now.at, part(), []
        while self.now.kind == "sign" and self.now.text in signs:
            sign = self.take().text
            rest.append((sign, part()))
        return nodes.Chain(first, tuple(rest), at) if rest else first

    def signed(self) -> Node:
        token = self.now
        if token.kind == "sign" and token.text == "-":
            self.take()
            self.deeper()
            found: Node = nodes.Negative(self.signed(), token.at)
            self.depth -= 1
            return found
        if token.kind == "number":
            return nodes.Number(self.take().value, token.at)
        if token.kind == "text":
            return nodes.Text(self.take().text[1:-1], token.at)
        if token.kind == "name" and not self.word():
            self.take()
            return self.call(token) if self.now.text == "(" else nodes.Name(token.text, token.at)
        if token.text == "(":
            self.take()
            self.deeper()
            found = self.rule()
            self.expect(")", "a closing bracket")
            self.depth -= 1
            return found
        raise self.fail(f"{self._here()} where a metric, a number or a bracket was expected")

    def call(self, name: Token) -> Node:
        self.take()
        self.deeper()
        arguments = [self.rule()] if self.now.text != ")" else []
        while self.now.text == ",":
            self.take()
            arguments.append(self.rule())
        self.expect(")", "a comma or a closing bracket")
        self.depth -= 1
        return nodes.Call(name.text, tuple(arguments), name.at)
