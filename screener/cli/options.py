"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd

    from screener.universes import Universe
    from valuation.assumptions import Assumptions

Command = Callable[..., Any]


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
    from screener.screen import assumptions_of

    universe = universes.load(name)
    return universe, assumptions_of(universe)
