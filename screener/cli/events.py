"""`screener events`: what contracts and capital raises did to prices."""

from __future__ import annotations

import click

from screener.cli.options import Asked, screening_options

KINDS = {"contracts": ("contracts",), "raises": ("raises",), "all": ("contracts", "raises")}


@click.command()
@screening_options()
@click.option("--kind", type=click.Choice(list(KINDS)), default="all", show_default=True)
@click.option(
    "--frequency",
    type=click.Choice(["weekly", "daily"]),
    help="[default: daily with a live source, weekly with the bundled closes]",
)
def events(asked: Asked, kind: str, frequency: str | None) -> None:
    """Abnormal returns around contract announcements, excess returns around capital raises.

    \b
    screener events --source bundled
    screener events --kind raises --as-of 2026-06-30
    screener events --frequency daily
    """
    from exports.tables import studies as research_tables
    from exports.terminal import events as page
    from screener.cli.context import Context
    from screener.studies import event_studies

    context = Context.of(asked)
    with context.working() as data:
        chosen = frequency or ("daily" if data.live else "weekly")
        result = event_studies(data, context.as_of, frequency=chosen, kinds=KINDS[kind], progress=context.progress)
    console, day = context.console, context.as_of
    console.print(
        f"[bold]Events up to {day:%Y-%m-%d}[/]: {result.source} closes, {chosen}, the last of {result.last_close:%Y-%m-%d}"
    )
    context.print_notes()
    page.notes(console, result.notes)
    if result.contracts is not None:
        page.print_contracts(console, result.contracts, result.unsure)
    if result.raises is not None:
        page.print_raises(console, result.raises)
    if context.kinds:
        context.write(research_tables.of_events(result.contracts, result.raises, day), "events")
    context.finish()
