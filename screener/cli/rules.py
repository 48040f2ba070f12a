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
            click.option("--rank-by", metavar="METRIC", help="Rank by a metric or expression, best first."),
            click.option(
                "--weights",
                metavar="LIST",
                help='Rank by a composite of z-scores: "ev_per_mw_secured=2, backlog_usd=1".',
            ),
            click.option("--within", metavar="METRIC", help="Take z-scores within a text metric, such as group."),
            click.option("--top", type=click.IntRange(min=1), metavar="N", help="The best N companies that pass."),
        )
    ):
        command = option(command)
    return command


@click.command()
@click.argument("name", metavar="[SCREEN]", required=False)
@rule_options
@click.option("--columns", metavar="LIST", help="Metrics and expressions to show, separated by commas.")
@click.option("--sort", metavar="METRIC", help="Sort order; -METRIC for descending.  [default: by rank]")
@click.option(
    "--all", "everybody", is_flag=True, default=None, help="Include comparables and consolidated subsidiaries."
)
@screening_options()
def screen(asked: Asked, name: str | None, everybody: bool | None, **options: Any) -> None:
    """Screen companies by a rule: SCREEN is a bundled screen or a TOML file; options override it. Alone: list the screens.

    \b
    screener screen
    screener screen cheap-power --as-of 2026-10-05 --source bundled
    screener screen --where "ev_per_mw_secured < 4 and ai_share_contracted >= 30%"
    screener screen --weights "ev_per_mw_secured=2, ev_to_backlog=1" --top 5
    screener screen my_screen.toml --columns "ticker, price_usd, backlog_usd / secured_mw"

    A company whose metric is unknown is listed as not classified. `screener metrics` lists the names.
    """
    if name is None and not any(options.values()):
        _list()
        return

    from exports.tables.screening import screened_page
    from screener import rules
    from screener.cli.context import Context

    context = Context.of(asked)
    wanted = rules.define(rules.load(name) if name else None, include_excluded=everybody, **options)
    screened = context.screened()
    found = rules.screen(screened, wanted)
    context.answer(screened_page(found), wanted.name)
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
    """List every metric with unit and direction, and the functions of rules; with NAME, explain one.

    \b
    screener metrics
    screener metrics ev_per_mw_secured
    """
    from exports.tables.screening import metric_page, metrics_page
    from exports.tables.spec import Page, Text
    from exports.terminal.render import console, print_page
    from screener.errors import NotKnown
    from screener.rules.check import FUNCTIONS, MARKS, TEXTS, nearest
    from valuation.metrics import METRICS

    to = console()
    if not names:
        print_page(metrics_page({k: f.about for k, f in FUNCTIONS.items()}, TEXTS | MARKS), to)
    for name in names:
        if name in METRICS:
            print_page(metric_page(name), to)
        elif name in FUNCTIONS or name in TEXTS or name in MARKS:
            about = FUNCTIONS[name].about if name in FUNCTIONS else (TEXTS | MARKS)[name]
            print_page(Page("", (Text(f"{name}: {about}"),)), to)
        else:
            raise NotKnown(f"no metric {name!r}; {nearest(name)}")
