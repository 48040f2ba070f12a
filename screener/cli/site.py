"""`screener site`: the history as a folder of pages."""

from __future__ import annotations

from pathlib import Path

import click

from screener.cli.options import database_option, now, universe_option

SITE = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("out", type=SITE)
@universe_option
@database_option
@click.option("--quiet", is_flag=True, help="Print only the path written.")
def site(out: Path, universe: str, database: str | None, quiet: bool) -> None:
    """Write the stored runs as a static site: this week, every past week, each company through time, indicators, feed.

    Links are relative: the folder opens from a disk or from any web server. CSV and JSON files stand beside the pages.
    Pages of weeks that the history no longer holds stay. The same history gives the same bytes.

    \b
    screener site ~/screens/site
    screener weekly --site ~/screens/site
    """
    from screener import site as work
    from screener import universes
    from screener.cli.context import progress_of
    from screener.cli.speaking import speak
    from screener.run_config import resolve_config
    from screener.store import Store

    config = resolve_config(universes.load(universe))
    speak(config.universe)
    with Store.open(database, now(), create=False) as store, progress_of(quiet, False) as progress:
        index, weeks = work.build(store, config, out, progress)
    click.echo(str(index) if quiet else f"Written: {index} ({weeks} weeks)")
