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
    """Price reactions: abnormal returns around contract announcements, excess returns around capital raises.

    \b
    screener events --source bundled
    screener events --kind raises --as-of 2026-06-30
    screener events --frequency daily
    """
    from exports.tables.events import events_page
    from screener.cli.context import Context
    from screener.studies import event_studies

    context = Context.of(asked)
    with context.working() as data:
        chosen = frequency or ("daily" if data.live else "weekly")
        result = event_studies(data, context.as_of, frequency=chosen, kinds=KINDS[kind], progress=context.progress)
    context.answer(events_page(result, context.as_of), "events")
    context.finish()
