"""`screener run`: the main job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.cli import output
from screener.cli.options import (
    AliasedOption,
    as_of_option,
    assumptions_option,
    database_option,
    now,
    the_day,
    universe_option,
)
from screener.errors import ScreenerError
from screener.files import FORMATS

if TYPE_CHECKING:
    from screener.gathering import InputData
    from screener.run_config import RunConfig
    from valuation.comparison.changes import Changes
    from valuation.nav.scenarios import Scenario
    from valuation.screen import Screen


@click.command()
@universe_option
@as_of_option
@click.option(
    "--groups",
    metavar="RULE",
    help="Who counts as a pivot: share20 (contracted AI share of at least 20%), share50, signed (any signed AI or "
    "HPC contract), mw25 (25 MW of contracted critical IT), trailing10 (trailing AI share of at least 10%).  "
    "[default: the universe's, share20 for miners]",
)
@click.option(
    "--source",
    type=click.Choice(["auto", "bundled", "yahoo"]),
    default="auto",
    show_default=True,
    help="auto takes Yahoo and falls back to the bundled closes, marked, where it cannot be reached.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="File or folder to write.  [default: screens/UNIVERSE_DATE.xlsx]",
)
@click.option(
    "--format",
    "formats",
    metavar="LIST",
    help="Of xlsx, csv, json, e.g. xlsx,json.  [default: the suffix of --out, else xlsx]",
)
@click.option(
    "--studies",
    cls=AliasedOption,
    aliases=("--research",),
    is_flag=True,
    help="Add to the workbook how sure all this is: the gap's history and specification curve, the regression's checks, "
    "revenue mix and events. Takes about twice as long.",
)
@click.option(
    "--nav",
    cls=AliasedOption,
    aliases=("--worth",),
    is_flag=True,
    help="Add to the workbook what companies are worth: the sheets Backlog, NAV, Mining and Scenarios. Some seconds more.",
)
@assumptions_option
@click.option("--store", is_flag=True, help="Keep the run in the history, and open the workbook with what changed.")
@database_option
@click.option("--strict", is_flag=True, help="Exit with 4 where a result rests on stale or incomplete data.")
@click.option("--quiet", is_flag=True, help="Print only the paths written.")
@click.option("--verbose", is_flag=True, help="Print each step and every data problem.")
def run(
    universe: str,
    as_of: datetime | None,
    groups: str | None,
    source: str,
    out: Path | None,
    formats: str | None,
    studies: bool,
    nav: bool,
    assumptions: Path | None,
    store: bool,
    database: str | None,
    strict: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Screen a universe: value each company, measure the gap, write the workbook.

    \b
    screener run
    screener run --as-of 2026-01-16 --source bundled
    screener run --groups signed --format xlsx,json --out weekly/
    screener run --studies --nav
    screener run --nav --assumptions last_week.xlsx
    screener run --store
    """
    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose exclude each other")
    wanted = output.formats(formats or output.suffix(out, FORMATS) or "xlsx", FORMATS)

    from rich.console import Console

    from exports.terminal.screen import WIDTH, print_screen
    from screener import files, gathering, pipeline, run_config, screen
    from screener.cli.options import assumed, tell_changes

    day = the_day(as_of)
    loaded, read = assumed(universe, assumptions)
    changes, trouble = None, None
    with _progress(quiet, verbose) as tell:
        terms = run_config.resolve_config(loaded, rule=groups, assumptions=read.assumptions, switches=read.switches)
        gathered = gathering.load_inputs(terms.universe, day, source, tell)
        tell("valuing")
        valued = next(screen.screens(terms, gathered, [day]))
        if store:
            tell("keeping it in the history")
            changes, trouble = _keep(terms, gathered, valued, database)
        paths = output.paths(out, files.stem(valued), wanted, FORMATS)
        result = pipeline.add_stages(
            terms, gathered, valued, studies=studies, nav=nav, scenarios=_every_scenario() if nav else (), progress=tell
        )
        for kind, path in paths.items():
            tell(f"writing {path}")
            files.write(result, kind, path, changes)
    if not quiet:
        console = Console(width=WIDTH, highlight=False, soft_wrap=False)
        print_screen(result, console)
        tell_changes(console, read)
        if verbose:
            for row in result.issues.itertuples(index=False):
                console.print(f"{row.severity}: {row.ticker} {row.what}: {row.detail}", markup=False)
    for path in paths.values():
        click.echo(str(path) if quiet else f"Written: {path}")
    if trouble is not None:
        raise trouble
    if strict:
        pipeline.require_complete(result)


def _every_scenario() -> list[Scenario]:
    from screener import scenarios

    return [scenarios.load(name) for name in scenarios.names()]


def _keep(
    terms: RunConfig, gathered: InputData, result: Screen, database: str | None
) -> tuple[Changes | None, ScreenerError | None]:
    """What changed since the run before, and why it could not be kept: a screen is written whatever its history is."""
    from screener.store import Store, keep
    from valuation.comparison.changes import Snapshot, compare

    try:
        with Store.open(database, now()) as store:
            before = store.before(result.universe, result.as_of.date())
            changes = compare(store.snapshot(before), Snapshot.of(result)) if before else None
            try:
                with store.exclusive() as writer:
                    keep(writer, terms.universe, result, gathered, "run", now())
            except ScreenerError as error:
                return changes, error
            return changes, None
    except ScreenerError as error:
        return None, error


@contextmanager
def _progress(quiet: bool, verbose: bool) -> Iterator[Callable[[str], None]]:
    """How to tell what is being waited for: a spinner on a terminal, lines under --verbose, else nothing."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if verbose:
        yield lambda text: console.print(f"... {text}", style="dim", markup=False)
    elif quiet or not console.is_terminal:
        yield lambda _: None
    else:
        with console.status("") as status:
            yield status.update
