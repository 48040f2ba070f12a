"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from screener.config.assumptions_file import Assumed
    from screener.universes import Universe
    from valuation.assumptions import Assumptions

Command = Callable[..., Any]


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
        help="Screen with what was known on this day.  [default: today]",
    )(command)


def source_option(command: Command) -> Command:
    """`--source`, the bundled closes by default."""
    return click.option(
        "--source",
        type=click.Choice(["bundled", "yahoo", "auto"]),
        default="bundled",
        show_default=True,
        help="Where prices come from; auto takes Yahoo and falls back, marked.",
    )(command)


def assumptions_option(command: Command) -> Command:
    """`--assumptions FILE`."""
    return click.option(
        "--assumptions",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Numbers of judgement from a TOML file (see `screener assumptions`) or from a workbook of an earlier run "
        "with the cells that somebody changed.",
    )(command)


def assumed(universe: str, path: Path | None) -> tuple[Universe, Assumed]:
    """A universe, and the assumptions in force: its own, with a file's laid over them."""
    from screener import universes
    from screener.config.assumptions_file import Assumed, read
    from screener.run_config import assumptions_of
    from valuation.assumptions import Bridge

    loaded = universes.load(universe)
    base = assumptions_of(loaded)
    return loaded, Assumed(base, Bridge(), []) if path is None else read(path, base)


def tell_changes(console: Console, read: Assumed) -> None:
    """What a file of assumptions changed from the defaults, a line each."""
    from rich.text import Text

    if not read.source:
        return
    count = len(read.changed)
    told = f"{count} number{'s differ' if count != 1 else ' differs'} from the defaults" + (":" if count else ".")
    console.print(Text(f"Assumptions of {read.source}: {told}", style="bold"))
    for item in read.changed:
        now, usual = (("no", "yes")[v] if isinstance(v, bool) else f"{v:,.10g}" for v in (item["value"], item["base"]))
        console.print(Text(f"  {item['title']} ({item['unit']}): {now}, default {usual}"))
    for note in read.notes:
        console.print(Text(note, style="yellow"))


def database_option(command: Command) -> Command:
    """`--database FILE|URL`."""
    return click.option(
        "--database",
        envvar="SCREENER_DATABASE_URL",
        metavar="FILE|URL",
        help="The history: a file, or postgresql://...  [default: SCREENER_DATABASE_URL, else the user's data folder]",
    )(command)


def now() -> datetime:
    """The time, aware, read here and passed on."""
    return datetime.now(UTC)


def the_day(as_of: datetime | None) -> pd.Timestamp:
    """The as-of date as a Timestamp, today by default; a date in the future is a usage error."""
    import pandas as pd

    today = pd.Timestamp.now().normalize()
    day = today if as_of is None else pd.Timestamp(as_of)
    if day > today:
        raise click.BadParameter(f"{day:%Y-%m-%d} is in the future", param_hint="--as-of")
    return day


def loaded(name: str) -> tuple[Universe, Assumptions]:
    """A universe and the assumptions that it lays down."""
    from screener import universes
    from screener.run_config import assumptions_of

    universe = universes.load(name)
    return universe, assumptions_of(universe)
