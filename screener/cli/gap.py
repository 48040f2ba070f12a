"""`screener gap`, `screener regress`, `screener mix`: the headline question in depth."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from screener.cli.options import as_of_option, loaded, the_day, universe_option

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from valuation.screen import Screen

CONTROLS = ("ln_secured_mw", "bitcoin_to_ev", "leverage", "operating_share")


@click.command()
@universe_option
@as_of_option
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Show the gap's weekly history from this day."
)
@click.option(
    "--spec",
    "specification",
    metavar="FILE.csv",
    help="Write every specification with its interval and p to a CSV file.",
)
@click.option("--groups", metavar="RULE", help="Who counts as a pivot; see `screener run --help`.")
def gap(
    universe: str, as_of: datetime | None, since: datetime | None, specification: str | None, groups: str | None
) -> None:
    """The gap under every definition: interval, p-value, n, specification curve, sensitivity, history, plain words.

    \b
    screener gap --as-of 2026-01-16
    screener gap --since 2024-01-05
    """
    import pandas as pd

    from exports import research as page
    from screener import research

    screen, console = _screened(universe, as_of, groups)
    name, assumptions = loaded(universe)
    console.print(f"[bold]The gap as of {screen.as_of:%Y-%m-%d}[/]: pivots over bitcoin miners, m USD of EV per MW")
    page.print_gap(console, screen.gap)
    page.print_left_out(console, screen.gap)
    curve = research.specification_curve(name, screen.as_of, assumptions)
    page.print_curve(console, curve)
    if len(screen.gap.sensitivity):
        page.print_sensitivity(console, screen.gap.sensitivity, screen.gap.headline["ratio"])
    page.print_decomposition(console, research.decomposition(screen))
    if since is not None:
        history = research.gap_history(name, pd.Timestamp(since), screen.as_of, assumptions)
        page.print_history(console, history)
    for line in page.gap_in_words(screen.gap):
        console.print(line)
    if specification:
        _write_csv(curve.frame, specification)


@click.command()
@universe_option
@as_of_option
@click.option(
    "--controls",
    metavar="LIST",
    help="Controls to try one at a time: " + ", ".join(CONTROLS) + ".  [default: all]",
)
@click.option("--panel/--no-panel", default=True, show_default=True, help="Fit the panel of quarter ends.")
def regress(universe: str, as_of: datetime | None, controls: str | None, panel: bool) -> None:
    """The regression on contracted AI share, with small-sample inference, placebo, controls, robust lines and power.

    \b
    screener regress --as-of 2026-01-16
    screener regress --controls leverage,operating_share --no-panel
    """
    names = CONTROLS if controls is None else tuple(part.strip() for part in controls.split(","))
    strange = [name for name in names if name not in CONTROLS]
    if strange:
        raise click.BadParameter(f"{', '.join(strange)}: known are {', '.join(CONTROLS)}", param_hint="--controls")

    from exports import research as page
    from screener import research
    from screener.errors import NotKnown
    from valuation import study
    from valuation.errors import NotEstimable

    screen, console = _screened(universe, as_of, None)
    name, assumptions = loaded(universe)
    quarters = research.quarterly_panel(name, screen.as_of, assumptions) if panel else None
    console.print(f"[bold]As of {screen.as_of:%Y-%m-%d}[/]")
    try:
        result = study.conduct(screen.table, screen.status, screen.causes, assumptions, names=names, quarters=quarters)
    except NotEstimable as error:
        raise NotKnown(f"the regression cannot be estimated: {error}") from error
    page.print_study(console, result)


@click.command()
@universe_option
@as_of_option
def mix(universe: str, as_of: datetime | None) -> None:
    """Revenue mix by quarter, the sector's bitcoin share, and when AI passes mining, actual and projected.

    \b
    screener mix --as-of 2026-10-05
    """
    from rich.console import Console

    from exports import research as page
    from exports.terminal import WIDTH
    from screener import research

    day = the_day(as_of)
    name, assumptions = loaded(universe)
    console = Console(width=WIDTH, highlight=False)
    result = research.revenue_mix(name, day, assumptions)
    console.print(f"[bold]Revenue mix as known on {day:%Y-%m-%d}[/]: the universe's own miners, calendar quarters")
    page.print_mix(console, result.sector, result.crossover, result.projection)


def _screened(universe: str, as_of: datetime | None, groups: str | None) -> tuple[Screen, Console]:
    """The screen behind a question, on bundled data, and a console to answer on."""
    from rich.console import Console

    from exports.terminal import WIDTH
    from screener import screen as job

    result = job.run(universe, the_day(as_of), source="bundled", rule=groups)
    console = Console(width=WIDTH, highlight=False)
    console.print(result.price_line, style="bold red" if result.prices_are_old else "dim")
    return result, console


def _write_csv(frame: pd.DataFrame, path: str) -> None:
    from pathlib import Path

    from exports.tables import write_whole

    write_whole(Path(path), frame.to_csv(index=False, lineterminator="\n").encode())
    click.echo(f"Written: {path}")
