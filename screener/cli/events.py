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
    from exports.tables.events import events_page
    from screener.studies import research

    kinds = output.check(out, wanted)
    day = the_day(as_of)
    name, _ = loaded(universe)
    chosen = frequency or ("daily" if source == "yahoo" else "weekly")
    result = research.event_studies(name, day, source=source, frequency=chosen, kinds=KINDS[kind])
    output.answer(events_page(result, day), out, f"{name.name}_{day:%Y-%m-%d}_events", kinds)
