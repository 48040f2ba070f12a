"""Errors that valuation raises on purpose, under one root; each message is one line for a reader.

They keep the built-in classes that they stand for as second bases, so `except ValueError` goes on working.
"""

from __future__ import annotations

from typing import Any


class ValuationError(Exception):
    """Root of every error that valuation raises on purpose."""


class NotEstimable(ValuationError, ValueError):
    """The sample is too small or too uniform for the estimate; the message says why."""


class InvalidInput(ValuationError, ValueError):
    """An argument is outside what the function accepts; the message says what was expected."""


class UnknownName(ValuationError, KeyError):
    """No ticker, metric or axis of that name; the message lists the nearest known ones."""

    def __str__(self) -> str:
        # KeyError would show the message as a quoted literal.
        return str(self.args[0]) if self.args else ""


class ScenarioInvalid(ValuationError, ValueError):
    """A scenario's table is wrong; `problems` are all of them: (where, value, what was expected)."""

    def __init__(self, problems: list[tuple[str, Any, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{where} {value!r}: expected {expected}" for where, value, expected in problems))
