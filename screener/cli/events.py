"""`screener events`: what contracts and capital raises did to prices."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from screener.cli import output
from screener.cli.options import as_of_option, loaded, the_day, universe_option

KINDS = {"contracts": ("contracts",), "raises": ("raises",), "all": ("contracts", "raises")}


@click.command()
@universe_option
@as_of_option
@click.option("--kind", type=click.Choice(list(KINDS)), default="all", show_default=True)
@click.option(
    "--frequency",
    type=click.Choice(["weekly", "daily"]),
    help="[default: weekly, daily with --source yahoo]",
)
@click.option(
    "--source",
    type=click.Choice(["bundled", "yahoo"]),
    default="bundled",
    show_default=True,
    help="bundled: the universe's own closes (weekly for miners); yahoo: daily closes.",
)
@output.machine_options
def events(
    universe: str,
    as_of: datetime | None,
    kind: str,
    frequency: str | None,
    source: str,
    out: Path | None,
    wanted: str | None,
) -> None:
    """Abnormal returns around contract announcements, excess returns around capital raises.

    \b
    screener events
    screener events --kind raises --as-of 2026-06-30
    screener events --source yahoo --frequency daily
    """
    from rich.console import Console

    from exports.tables import studies as research_tables
    from exports.terminal import events as page
    from exports.terminal.screen import WIDTH
    from screener.studies import research

    kinds = output.check(out, wanted)
    day = the_day(as_of)
    name, _ = loaded(universe)
    chosen = frequency or ("daily" if source == "yahoo" else "weekly")
    result = research.event_studies(name, day, source=source, frequency=chosen, kinds=KINDS[kind])
    console = Console(width=WIDTH, highlight=False)
    console.print(
        f"[bold]Events up to {day:%Y-%m-%d}[/]: {source} closes, {chosen}, the last of {result.last_close:%Y-%m-%d}"
    )
    page.notes(console, result.notes)
    if result.contracts is not None:
        page.print_contracts(console, result.contracts, result.unsure)
    if result.raises is not None:
        page.print_raises(console, result.raises)
    if kinds:
        tables = research_tables.of_events(result.contracts, result.raises, day)
        output.write(tables, out, f"{name.name}_{day:%Y-%m-%d}_events", kinds)
