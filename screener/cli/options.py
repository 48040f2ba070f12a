"""Options that several commands share: one spelling, one default and one meaning on every command that screens."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from screener.clock import now  # noqa: F401 - commands take the clock from here, with their options
from screener.files import A4, LETTER
from screener.sources import registry

if TYPE_CHECKING:
    import pandas as pd

Command = Callable[..., Any]
MACHINE = ("json", "csv", "html")


class AliasedOption(click.Option):
    """An option that also answers to older spellings, which the help does not show."""

    def __init__(self, *names: Any, aliases: tuple[str, ...] = (), **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.shown = list(self.opts)
        self.opts += aliases

    def get_help_record(self, context: click.Context) -> tuple[str, str] | None:
        """The line of the help, under today's spelling alone."""
        every, self.opts = self.opts, self.shown
        try:
            return super().get_help_record(context)
        finally:
            self.opts = every


class RegistryOption(click.Option):
    """An option whose help is read from a registry when it is printed."""

    def __init__(self, *names: Any, describe: Callable[[], str], **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.describe = describe

    def get_help_record(self, context: click.Context) -> tuple[str, str] | None:
        """The line of the help, with what the registry holds now."""
        self.help = self.describe()
        return super().get_help_record(context)


class Number(click.FloatRange):
    """A number within bounds; neither infinite nor "nan", which every comparison with a bound lets pass."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, or a usage error."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


class SourceChoice(click.Choice):
    """The sources of the registry as it is when a command is run."""

    def __init__(self) -> None:
        super().__init__(())

    @property
    def choices(self) -> tuple[str, ...]:
        """`auto`, `bundled` and every live source."""
        return registry.choices()

    @choices.setter
    def choices(self, value: Sequence[str]) -> None:
        """Nothing: they are the registry's."""


def universe_option(command: Command) -> Command:
    """`--universe NAME|PATH`."""
    return click.option("--universe", default="miners", show_default=True, metavar="NAME|PATH", help="What to screen.")(
        command
    )


def as_of_option(command: Command) -> Command:
    """`--as-of DATE`."""
    return click.option(
        "--as-of",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DATE",
        help="Use only what was published by this day.  [default: today]",
    )(command)


def source_option(command: Command) -> Command:
    """`--source NAME`: the same choices, default and meaning on every command."""
    return click.option(
        "--source",
        cls=RegistryOption,
        describe=registry.describe,
        type=SourceChoice(),
        default=registry.AUTO,
        show_default=True,
    )(command)


def facts_option(command: Command) -> Command:
    """`--facts accepted|proposed`."""
    return click.option(
        "--facts",
        type=click.Choice(["accepted", "proposed"]),
        default="accepted",
        show_default=True,
        help="proposed: use what filings in the ledger add, though nobody accepted it yet; marked.",
    )(command)


def groups_option(command: Command) -> Command:
    """`--groups RULE`."""
    return click.option("--groups", cls=RegistryOption, describe=_describe_rules, metavar="RULE")(command)


def _describe_rules() -> str:
    from valuation.groups import DEFAULT_RULE, RULES

    every = ", ".join(f"{name} ({rule.title})" for name, rule in RULES.items())
    return f"Which companies count as AI group (pivot): {every}.  [default: the universe's, else {DEFAULT_RULE}]"


def assumptions_option(command: Command) -> Command:
    """`--assumptions FILE`."""
    return click.option(
        "--assumptions",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Assumptions from a TOML file (see `screener assumptions`), or from a workbook of an earlier run "
        "whose inputs somebody changed.",
    )(command)


def overrides_option(command: Command) -> Command:
    """`--overrides FILE`."""
    return click.option(
        "--overrides",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Inputs that somebody changed: a workbook of an earlier run, or the TOML file that "
        "`screener overrides read` made of it.",
    )(command)


def database_option(command: Command) -> Command:
    """`--database FILE|URL`."""
    return click.option(
        "--database",
        envvar="SCREENER_DATABASE_URL",
        metavar="FILE|URL",
        help="History: a file, or postgresql://...  [default: SCREENER_DATABASE_URL, else your data folder]",
    )(command)


def paper_option(command: Command) -> Command:
    """`--paper letter|a4`."""
    return click.option(
        "--paper",
        type=click.Choice([LETTER, A4]),
        default=LETTER,
        show_default=True,
        help="Paper of the workbook.",
    )(command)


@dataclass(frozen=True)
class Asked:
    """The shared options of a command that screens, as given.

    Attributes
    ----------
    formats : tuple of str
        What the command can write.
    always : str
        The format that it writes without being asked; empty where it prints a page and writes only when asked.
    """

    universe: str
    as_of: datetime | None
    source: str
    facts: str
    groups: str | None
    assumptions: Path | None
    overrides: Path | None
    out: Path | None
    wanted: str | None
    quiet: bool
    verbose: bool
    strict: bool
    formats: tuple[str, ...]
    always: str


def screening_options(formats: tuple[str, ...] = MACHINE, always: str = "") -> Callable[[Command], Command]:
    """The options of every command that screens; the command gets them as one `asked`.

    Parameters
    ----------
    formats : tuple of str
        What the command can write.
    always : str
        The format that it writes without being asked.
    """
    listed = ", ".join(formats)
    where = "screens/UNIVERSE_DATE.xlsx" if always else "with --format: screens/"
    options = (
        universe_option,
        as_of_option,
        source_option,
        facts_option,
        groups_option,
        assumptions_option,
        overrides_option,
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            metavar="PATH",
            help=f"File or folder to write to.  [default{': ' if always else ' '}{where}]",
        ),
        click.option(
            "--format",
            "wanted",
            metavar="LIST",
            help=f"Of {listed}, separated by commas.  [default: the suffix of --out"
            + (f", else {always}]" if always else "]"),
        ),
        click.option("--strict", is_flag=True, help="Exit with 4 if a result rests on stale or incomplete data."),
        click.option("--quiet", is_flag=True, help="Print only the paths written."),
        click.option("--verbose", is_flag=True, help="Print each step and every data check."),
    )
    shared = [name for name in Asked.__dataclass_fields__ if name not in ("formats", "always")]

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_asked(*arguments: Any, **given: Any) -> Any:
            asked = Asked(**{name: given.pop(name) for name in shared}, formats=formats, always=always)
            if asked.quiet and asked.verbose:
                raise click.UsageError("--quiet and --verbose exclude each other")
            return command(*arguments, asked=asked, **given)

        decorated: Command = with_asked
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def the_day(as_of: datetime | None) -> pd.Timestamp:
    """The as-of date as a Timestamp, today by default; a date in the future is a usage error."""
    import pandas as pd

    from screener import days

    today = days.today()
    day = today if as_of is None else pd.Timestamp(as_of)
    if day > today:
        raise click.BadParameter(f"{day:%Y-%m-%d} is in the future", param_hint="--as-of")
    return day
