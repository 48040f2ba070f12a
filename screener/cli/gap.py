"""`screener gap`: is it really 2:1?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from screener.cli import output
from screener.cli.options import as_of_option, loaded, the_day, universe_option


@click.command()
@universe_option
@as_of_option
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Add the gap's weekly history from this day."
)
@click.option(
    "--spec",
    "settings",
    metavar="AXIS=VALUE[,...]",
    multiple=True,
    help="Another definition than the declared headline: denominator=secured|operating|weighted, "
    "statistic=median|geometric_mean|aggregate, rule=share20|signed|mw25|share50|trailing10, and the switches of the "
    "bridge net_bitcoin, count_pledged_bitcoin, net_restricted_cash, prepayments_as_debt, if_converted =yes|no.",
)
@output.machine_options
def gap(
    universe: str,
    as_of: datetime | None,
    since: datetime | None,
    settings: tuple[str, ...],
    out: Path | None,
    wanted: str | None,
) -> None:
    """The gap under every definition: interval, p-value, n, specification curve, history, and what can be said.

    \b
    screener gap --as-of 2026-01-16
    screener gap --since 2024-01-05
    screener gap --spec denominator=operating,net_bitcoin=no
    screener gap --format json,csv
    """
    import pandas as pd
    from rich.console import Console

    from exports.tables import studies as research_tables
    from exports.terminal.gap import print_gap
    from exports.terminal.screen import WIDTH, print_prices
    from screener.studies import research
    from valuation.gap.specification import Specification

    kinds = output.check(out, wanted)
    try:
        definition = Specification.parse(settings)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--spec") from error
    day = the_day(as_of)
    name, assumptions = loaded(universe)
    start = None if since is None else pd.Timestamp(since)
    screen, study = research.gap(name, day, assumptions, definition=definition, since=start)
    console = Console(width=WIDTH, highlight=False)
    print_prices(screen, console)
    print_gap(console, study)
    if kinds:
        output.write(research_tables.of_gap(study), out, f"{name.name}_{day:%Y-%m-%d}_gap", kinds)
