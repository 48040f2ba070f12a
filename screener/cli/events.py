"""`screener events`: what contracts and capital raises did to prices."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from screener.cli.options import as_of_option, the_day, universe_option

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from screener.universes import Universe
    from valuation.events import EventStudy

CONFOUNDING = {"contracts": ("financing", "results", "m&a"), "raises": ("results", "m&a", "contract")}
DAYS_BEFORE = 250  # 130 trading days of estimation before the first event
BITCOIN_WITHIN_DAYS = 2  # a week that ends on Thursday takes Friday's bitcoin


@click.command()
@universe_option
@as_of_option
@click.option("--kind", type=click.Choice(["contracts", "raises", "all"]), default="all", show_default=True)
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
def events(universe: str, as_of: datetime | None, kind: str, frequency: str | None, source: str) -> None:
    """Abnormal returns around contract announcements, excess returns around capital raises.

    \b
    screener events
    screener events --kind raises --as-of 2026-06-30
    screener events --source yahoo --frequency daily
    """
    from rich.console import Console

    from screener import universes
    from valuation import events as study
    from valuation.errors import NotEstimable

    day = the_day(as_of)
    loaded = universes.load(universe)
    chosen = frequency or ("daily" if source == "yahoo" else "weekly")
    contracts, raised = announcements(loaded, day), capital_raises(loaded, day)
    closes, bitcoin, notes = gather(loaded, day, source, chosen, contracts, raised)
    console = Console(width=80, highlight=False)
    console.print(f"[bold]{loaded.title}[/], events up to {day:%Y-%m-%d}, {source} closes, {chosen}")
    for note in notes:
        console.print(f"[dim]{note}[/]")
    known = loaded.events[loaded.events["date"] <= day]
    try:
        if kind in ("contracts", "all"):
            around = known[known["kind"].isin(CONFOUNDING["contracts"])]
            print_contracts(study.study(closes, bitcoin, contracts, frequency=chosen, confounders=around), console)
        if kind in ("raises", "all"):
            import pandas as pd

            around = known[known["kind"].isin(CONFOUNDING["raises"])]
            around = pd.concat([around[study.EVENT_COLUMNS], contracts.assign(kind="contract")])
            around = around.drop_duplicates(["ticker", "date", "kind"])
            print_raises(study.excess_around(closes, raised, frequency=chosen, confounders=around), console)
    except NotEstimable as error:
        raise click.UsageError(f"{error} (see --source and --frequency)") from error
