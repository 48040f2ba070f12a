"""Every error that the toolkit raises on purpose.

ScreenerError
├── InputError (ValueError)      what a user gave is wrong                             exit 2
│   ├── UniverseError                   a universe folder or a setting
│   ├── RuleError                       a screening rule or a screen's file
│   ├── HoldingsError                   a holdings file, its limits or its currencies
│   └── AssumptionsError                a file of assumptions or a scenario
├── NotKnown (LookupError)       a name or a date that nothing is known about          exit 2
├── SourceError                  a source of prices or facts failed                    exit 3
│   ├── Unreachable (ConnectionError)   no answer at all
│   ├── RateLimited                     the source asks to be left alone
│   └── BadAnswer                       an answer that is empty, partial or not in the agreed shape
├── StrictError                  --strict met stale or incomplete data                 exit 4
├── AlertsRaised                 the weekly run is done, and a rule of [alerts] was met  exit 5
├── Busy                         another run holds the store                           exit 6
└── StoreError                   the store cannot be opened, read or written           exit 1

An outage is never an empty answer: sources raise, or report symbol by symbol; they never return nothing quietly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class ScreenerError(Exception):
    """Root of the tree; the CLI prints its message in one line and exits with `exit_code`."""

    exit_code = 1


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a universe folder: where it is, what stands there, and what was expected."""

    file: str
    line: int | None
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        column = f" {self.column}" if self.column else ""
        value = f" {self.value!r}" if self.value else ""
        what = f"{column}{value}"
        return f"{place}:{what}: expected {self.expected}" if what else f"{place}: expected {self.expected}"


class InputError(ScreenerError, ValueError):
    """What a user gave is wrong; `problems` lists all of it, not the first."""

    exit_code = 2

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([message, *map(str, self.problems)]))


class UniverseError(InputError):
    """A universe folder, or a setting of a run, is wrong."""


class RuleError(InputError):
    """A screening rule cannot be read or names what does not exist; the message shows the place."""


class HoldingsError(InputError):
    """A holdings file, a limit or a currency is wrong."""


class AssumptionsError(InputError):
    """A file of assumptions, a workbook read back or a scenario is wrong; a problem names its line or cell."""


class NotKnown(ScreenerError, LookupError):
    """A universe, ticker, metric or date that nothing is known about."""

    exit_code = 2


class SourceError(ScreenerError):
    """A source of prices or facts failed; `source` and, where it is about one, `symbol` say which."""

    exit_code = 3

    def __init__(self, message: str, *, source: str = "", symbol: str = "") -> None:
        self.source = source
        self.symbol = symbol
        super().__init__(message)


class Unreachable(SourceError, ConnectionError):
    """The source gave no answer: no route, no name, refused, or too slow."""


class RateLimited(SourceError):
    """The source refused because of too many requests."""


class BadAnswer(SourceError):
    """The source answered with something empty, partial or not in the agreed shape."""


class StrictError(ScreenerError):
    """Under --strict: the result rests on stale or incomplete data."""

    exit_code = 4


class AlertsRaised(ScreenerError):
    """The weekly run is done and stored, and a rule of [alerts] was met."""

    exit_code = 5


class Busy(ScreenerError):
    """Another run holds the store; this one did nothing."""

    exit_code = 6


class StoreError(ScreenerError):
    """The store cannot be opened, read or written; what it held is intact."""
