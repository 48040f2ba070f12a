"""`screener backtest`: would a screen have predicted?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from screener.cli.options import Asked, Number, screening_options
from screener.cli.rules import rule_options


@click.command()
@click.argument("name", metavar="[SCREEN]", required=False)
@rule_options
@click.option(
    "--every",
    type=click.Choice(["week", "month"]),
    default="week",
    show_default=True,
    help="One decision per week or month.",
)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), default="2024-01-05", show_default="2024-01-05", metavar="DATE"
)
@click.option(
    "--lag",
    type=click.IntRange(0, 13),
    default=1,
    show_default=True,
    help="Weekly closes from decision to trade; 0 trades at the close of the decision.",
)
@click.option(
    "--cost",
    type=Number(0, 0.2),
    default=0.0025,
    show_default=True,
    help="Trading cost as a fraction of what is bought and sold.",
)
@click.option(
    "--trials",
    type=click.IntRange(1),
    help="Number of screens that you tried, including this one.  [default: the bundled ones; not known for your own]",
)
@click.option(
    "--all", "everybody", is_flag=True, default=None, help="Include comparables and consolidated subsidiaries."
)
@screening_options()
def backtest(
    asked: Asked,
    name: str | None,
    every: str,
    since: datetime,
    lag: int,
    cost: float,
    trials: int | None,
    everybody: bool | None,
    **options: Any,
) -> None:
    """Backtest a screen at equal weights, decided each week or month with what was known then.

    \b
    screener backtest cheap-power
    screener backtest cheap-power --every month --top 3 --as-of 2026-10-05
    screener backtest --rank-by ev_to_backlog --where "signed_contracts >= 1" --top 5 --trials 20

    SCREEN is a bundled screen or a TOML file; options override it. Closes are weekly.
    """
    if name is None and not any(options.values()):
        raise click.UsageError("give a SCREEN, or a rule by --where, --rank-by or --weights")

    import pandas as pd

    from exports.tables.backtest import backtest_page
    from screener import rules
    from screener.cli.context import Context
    from screener.studies import backtest as study

    context = Context.of(asked)
    wanted = rules.define(rules.load(name) if name else None, include_excluded=everybody, **options)
    with context.working() as data:
        done = study.run(
            context.config, data, wanted, context.as_of,
            every=every, since=pd.Timestamp(since), lag=lag, cost=cost, trials=trials,
        )  # fmt: skip
    page = backtest_page(done.result, wanted.title or "Your rule", every, done.statement)
    context.answer(page, f"{wanted.name}_backtest")
    context.finish()
