"""`screener history void` and `unvoid`: a run that is not to be compared, and one that is again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from screener.cli.kept_name import of_universe
from screener.cli.options import database_option, now, universe_option


def _decided(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of both commands."""
    decorators = (
        click.argument("run", metavar="RUN"),
        click.option("--why", required=True, metavar="TEXT", help="The reason; kept and shown with the run."),
        click.option("--by", metavar="NAME", help="Who decides.  [default: the user of this machine]"),
        universe_option,
        database_option,
    )
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


@click.command()
@_decided
def void(run: str, why: str, by: str | None, universe: str, database: str | None) -> None:
    """Mark a run void: it stays in the history and is shown, with the reason.

    A void run is not compared, not in the history of a metric nor on the site, and its week is due again. RUN: the start
    of a run id, a date with a run, or latest.

    \b
    screener history void 2036-01-04 --why "the clock of the machine was wrong"
    """
    _mark(run, universe, database, void=True, by=by, why=why)


@click.command()
@_decided
def unvoid(run: str, why: str, by: str | None, universe: str, database: str | None) -> None:
    """Let a void run count again; both marks stay in the history.

    \b
    screener history unvoid 81c2ff --why "the closes of that week were right"
    """
    _mark(run, universe, database, void=False, by=by, why=why)


def _mark(run: str, universe: str, database: str | None, *, void: bool, by: str | None, why: str) -> None:
    from screener.store import Store

    with Store.open(database, now(), create=False) as store:
        name = of_universe(universe)
        found = store.find(run, name, void=True) if void else store.find_void(run, name)
        store.mark(found, now(), void=void, person=by or _user(), why=why)
    state = "void" if void else "no longer void"
    click.echo(f"Run {found.run_id} of {found.as_of} is {state}.")


def _user() -> str:
    """The name of the user who is logged in.

    Raises
    ------
    click.UsageError
        The machine does not know.
    """
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:
        raise click.UsageError("this machine does not say who you are: give --by NAME") from error
