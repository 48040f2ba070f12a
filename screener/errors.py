"""Errors raised on purpose, as one tree; the command line prints each in one line and ends with its exit code.

ScreenerError
├── InputError (ValueError)      an input is wrong: a file, a setting, an option             exit 2
│   ├── UniverseError                   a universe folder or a setting of a run
│   ├── HeldBack                        --strict met figures that were held back
│   ├── RuleError                       a screening rule or a screen's file
│   ├── HoldingsError                   a holdings file, its limits or its currencies
│   ├── OverridesError                  a workbook read back, or a file of overrides
│   ├── NoContact                       no contact address for the SEC, which wants to know who asks
│   ├── ProposalError                   a file of proposals, or what is to be accepted of it
│   ├── AssumptionsError                a file of assumptions or a scenario
│   ├── RecordError                     a workbook or JSON file that is no record of a run
│   └── VoidRun                         a run that is marked void, and was to be compared or made again
├── NotKnown (LookupError)       a name or a date without data                               exit 2
├── SourceError                  a source of prices or facts failed                          exit 3
│   ├── Unreachable (ConnectionError)   no answer at all
│   ├── RateLimited                     the source rate-limited the request
│   └── BadAnswer                       an answer that is empty, partial or not in the agreed shape
│       └── EdgarFault                      a document or an answer of the SEC's EDGAR that cannot be read
├── StrictError                  --strict met stale or incomplete data                       exit 4
├── WrongDate                    a stored run dated beyond its closes or beyond the clocks   exit 4
├── AlertsRaised                 the weekly run is done, and a rule of [alerts] was met      exit 5
├── Busy                         another run holds the store                                 exit 6
└── StoreError                   the store cannot be opened, read or written                 exit 1

ValuationError (of `valuation.errors`, re-exported here)
                                 the data do not allow an estimate, or a scenario is wrong   exit 2

`valuation` imports nothing of `screener`, so its errors have a root of their own; `EXPECTED` holds both roots for an
`except` that wants every error raised on purpose, and `exit_code` gives the exit code of either.

An outage is never an empty answer: sources raise, or report symbol by symbol; they never return nothing in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from screener.secrets import mask
from valuation.errors import ValuationError


class ScreenerError(Exception):
    """Root of the errors of `screener`: a message for the user, without secrets, and an exit code."""

    exit_code = 1

    def __init__(self, message: str = "") -> None:
        super().__init__(mask(message))


EXPECTED = (ScreenerError, ValuationError)


def exit_code(error: Exception) -> int:
    """The exit code of an error raised on purpose: its own, or 2 where the data do not allow an estimate."""
    return int(getattr(error, "exit_code", 2))


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is spelt most like `name`; empty where none is near."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(known), n=1)), "")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message that names the nearest known name; empty where none is near."""
    near = nearest(name, known)
    return f"; did you mean {near}?" if near else ""


# Characters of a value or a name that a message shows.
MOST_SHOWN = 200
# Problems that a message lists; all are in `problems`.
MOST_LISTED = 1_000


def _one_line(name: str) -> str:
    """A name out of a file or a path, without what a terminal would obey, and short."""
    shown = name if len(name) <= MOST_SHOWN else f"{name[:MOST_SHOWN]}..."
    return shown if shown.isprintable() else "".join(c if c.isprintable() else "?" for c in shown)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a file: its place (line, and column or key), the value there, and what was expected.

    A `message`, where there is one, is printed in place of "expected ...". Options have no file.
    """

    file: str
    line: int | None
    column: str
    value: str
    expected: str
    message: str = ""

    def __str__(self) -> str:
        file, column = _one_line(self.file), _one_line(self.column)
        place = file if self.line is None else f"{file}:{self.line}"
        value = repr(self.value if len(self.value) <= MOST_SHOWN else f"{self.value[:MOST_SHOWN]}...")
        what = f"{column} {value}" if column and self.value else column or value
        parts = [place, what if self.column or self.value else "", self.message or f"expected {self.expected}"]
        return ": ".join(filter(None, parts))


class InputError(ScreenerError, ValueError):
    """An input is wrong; `problems` lists every problem found, not the first alone."""

    exit_code = 2

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        self.problems = tuple(problems)
        more = len(self.problems) - MOST_LISTED
        further = [f"and {more:,} more"] if more > 0 else []
        super().__init__("\n".join([message, *map(str, self.problems[:MOST_LISTED]), *further]))

    @classmethod
    def of(cls, source: object, problems: Sequence[Problem]) -> Self:
        """An error that counts and lists the problems of one file or folder; of options (no source) it lists them."""
        if not str(source):
            error = cls("\n".join(map(str, problems)))
            error.problems = tuple(problems)
            return error
        count = f"{len(problems):,} problem{'s' if len(problems) > 1 else ''}"
        return cls(f"{source}: {count}", problems)

    @classmethod
    def one(cls, file: str, expected: str, *, line: int | None = None, column: str = "", value: str = "") -> Self:
        """An error of a single problem: file, line, column or key, the value there, and what was expected."""
        return cls.of(file, [Problem(file, line, column, value, expected)])


class UniverseError(InputError):
    """A universe folder, or a setting of a run, is wrong."""


class HeldBack(InputError):
    """Under --strict: figures were held back because they are out of proportion; each is named with its override."""


class RuleError(InputError):
    """A screening rule cannot be read or names what does not exist; the message shows the place."""


class HoldingsError(InputError):
    """A holdings file, a limit or a currency is wrong."""


class ProposalError(InputError):
    """A file of proposals is wrong, or a proposal in it cannot be accepted or rejected; nothing was written."""


class AssumptionsError(InputError):
    """A file of assumptions, a workbook read back or a scenario is wrong; each problem names its line or cell."""


class OverridesError(InputError):
    """A workbook read back or a file of overrides is wrong; each problem names its cell or line."""


class RecordError(InputError):
    """A workbook or JSON file is damaged, or is not the record of a run."""

    @classmethod
    def at(cls, place: str, key: str, expected: str) -> Self:
        """The error of one place: file and sheet, the field, and what was expected."""
        return cls.of("", [Problem(place, None, key, "", expected)])


class VoidRun(InputError):
    """A run is marked void: it is kept and shown, and neither compared nor taken for its week's run."""


class NoContact(InputError):
    """No contact address for the SEC is set; nothing was sent."""

    def __init__(self, place: object, variable: str) -> None:
        super().__init__(
            "no contact address for the SEC, so nothing was asked of it. Add to "
            f'{place}:\n[sec]\ncontact = "name@example.com"\nor set {variable}=name@example.com'
        )


class NotKnown(ScreenerError, LookupError):
    """A universe, ticker, metric or date without data."""

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
    """The source rate-limited the request (HTTP 429)."""


class BadAnswer(SourceError):
    """The source answered with something empty, partial or not in the agreed shape."""


class EdgarFault(BadAnswer):
    """A document or an answer of the SEC's EDGAR that cannot be read: an error page, half a document, another shape."""


class StrictError(ScreenerError):
    """Under --strict: the result rests on stale or incomplete data."""

    exit_code = 4


class WrongDate(ScreenerError):
    """A run is dated too long after its newest close, or after a clock: it is not stored."""

    exit_code = 4


class AlertsRaised(ScreenerError):
    """The weekly run is done and stored, and a rule of [alerts] was met."""

    exit_code = 5


class Busy(ScreenerError):
    """Another run holds the store; this one did nothing."""

    exit_code = 6


class StoreError(ScreenerError):
    """The store cannot be opened, read or written; its contents are unchanged."""
