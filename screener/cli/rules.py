"""`screener screen` and `screener metrics`: who meets a rule, and what rules can be made of."""

from __future__ import annotations

from typing import Any

import click

from screener.cli.options import Asked, Command, screening_options


def rule_options(command: Command) -> Command:
    """The options that make a screen, or are laid over one."""
    for option in reversed(
        (
            click.option("--where", metavar="RULE", help='E.g. "ev_per_mw_secured < 4 and not stale".'),
            click.option("--rank-by", metavar="METRIC", help="A metric or expression: the best first."),
            click.option(
                "--weights", metavar="LIST", help='Composite of z-scores instead: "ev_per_mw_secured=2, backlog_usd=1".'
            ),
            click.option("--within", metavar="METRIC", help="Take z-scores within a text metric, such as group."),
            click.option("--top", type=click.IntRange(min=1), metavar="N", help="The best N of those who are in."),
        )
    ):
        command = option(command)
    return command


@click.command()
@click.argument("name", metavar="[SCREEN]", required=False)
@rule_options
@click.option("--columns", metavar="LIST", help="Metrics and expressions to show, separated by commas.")
@click.option("--sort", metavar="METRIC", help="Order of what is shown; -METRIC for falling.  [default: by rank]")
@click.option("--all", "everybody", is_flag=True, default=None, help="Comparables and consolidated subsidiaries too.")
@screening_options()
def screen(asked: Asked, name: str | None, everybody: bool | None, **options: Any) -> None:
    """Who meets a rule: SCREEN is a bundled screen or a TOML file; options are laid over it. Alone: lists the screens.

    \b
    screener screen
    screener screen cheap-power --as-of 2026-10-05 --source bundled
    screener screen --where "ev_per_mw_secured < 4 and ai_share_contracted >= 30%"
    screener screen --weights "ev_per_mw_secured=2, ev_to_backlog=1" --top 5
    screener screen my_screen.toml --columns "ticker, price_usd, backlog_usd / secured_mw"

    A company whose metric is unknown is neither in nor out: it is listed apart. `screener metrics` lists the names.
    """
    if name is None and not any(options.values()):
        _list()
        return

    from exports.tables.screening import of_screened
    from exports.terminal.screening import print_screened
    from screener import rules
    from screener.cli.context import Context

    context = Context.of(asked)
    wanted = rules.define(rules.load(name) if name else None, include_excluded=everybody, **options)
    screened = context.screened()
    found = rules.screen(screened, wanted)
    print_screened(context.console, found)
    context.print_notes()
    if context.kinds:
        context.write(of_screened(found), wanted.name)
    context.finish(screened)


def _list() -> None:
    from screener import rules

    for name in rules.bundled():
        loaded = rules.load(name)
        click.echo(f"{name}: {loaded.title}. {loaded.about}")
        click.echo(f"    where {loaded.where}" if loaded.where else "    everybody")
        click.echo(f"    by {loaded.ranking}")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
def metrics(names: tuple[str, ...]) -> None:
    """List every metric with unit and direction, and what a rule is made of; with NAME explain one.

    \b
    screener metrics
    screener metrics ev_per_mw_secured
    """
    from rich.console import Console

    from exports.terminal.screen import WIDTH
    from exports.terminal.screening import print_metric, print_metrics
    from screener.errors import NotKnown
    from screener.rules.check import FUNCTIONS, MARKS, TEXTS, nearest
    from valuation.metrics import METRICS

    console = Console(width=WIDTH, highlight=False)
    if not names:
        print_metrics(console, {k: f.about for k, f in FUNCTIONS.items()}, TEXTS | MARKS)
    for name in names:
        if name in METRICS:
            print_metric(console, name)
        elif name in FUNCTIONS or name in TEXTS or name in MARKS:
            about = FUNCTIONS[name].about if name in FUNCTIONS else (TEXTS | MARKS)[name]
            console.print(f"{name}: {about}", markup=False)
        else:
            raise NotKnown(f"no metric {name!r}; {nearest(name)}")
