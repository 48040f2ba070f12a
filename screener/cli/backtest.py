"""`screener backtest`: would a screen have predicted?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from screener.cli import output
from screener.cli.options import as_of_option, the_day, universe_option
from screener.cli.rules import rule_options


@click.command()
@click.argument("name", metavar="[SCREEN]", required=False)
@rule_options
@click.option(
    "--every", type=click.Choice(["week", "month"]), default="week", show_default=True, help="A decision each."
)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), default="2024-01-05", show_default="2024-01-05", metavar="DATE"
)
@click.option(
    "--lag",
    type=click.IntRange(0, 13),
    default=1,
    show_default=True,
    help="Weekly closes from a decision to its trade; 0 trades at the close that the decision is taken on.",
)
@click.option(
    "--cost",
    type=click.FloatRange(0, 0.2),
    default=0.0025,
    show_default=True,
    help="Fraction of what is bought and sold.",
)
@click.option(
    "--trials", type=click.IntRange(1), help="Screens you tried, this one included.  [default: the bundled ones]"
)
@click.option("--all", "everybody", is_flag=True, default=None, help="Comparables and consolidated subsidiaries too.")
@universe_option
@as_of_option
@output.machine_options
def backtest(
    name: str | None,
    every: str,
    since: datetime,
    lag: int,
    cost: float,
    trials: int | None,
    everybody: bool | None,
    universe: str,
    as_of: datetime | None,
    out: Path | None,
    wanted: str | None,
    **options: Any,
) -> None:
    """Hold a screen's choices at equal weights, decided week by week on what was known, and say what that is worth.

    \b
    screener backtest cheap-power
    screener backtest cheap-power --every month --top 3 --as-of 2026-10-05
    screener backtest --rank-by ev_to_backlog --where "signed_contracts >= 1" --top 5 --trials 20

    SCREEN is a bundled screen or a TOML file; options are laid over it. Closes are the universe's own, weekly.
    """
    if name is None and not any(options.values()):
        raise click.UsageError("give a SCREEN, or a rule by --where, --rank-by or --weights")

    import pandas as pd

    from exports.tables.backtest import backtest_page
    from screener import rules, universes
    from screener.studies import backtest as job

    kinds = output.check(out, wanted)
    asked = rules.define(rules.load(name) if name else None, include_excluded=everybody, **options)
    day, loaded = the_day(as_of), universes.load(universe)
    done = job.run(
        loaded, asked, day, every=every, since=pd.Timestamp(since), lag=lag, cost=cost, trials=trials
    )  # fmt: skip
    page = backtest_page(done.result, asked.title or "Your rule", every, done.statement)
    output.answer(page, out, f"{loaded.name}_{day:%Y-%m-%d}_{asked.name}_backtest", kinds)
