"""`screener scenario` and `screener assumptions`: what-ifs, and the numbers that a person may flex."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from screener.cli import output
from screener.cli.nav import assessed
from screener.cli.options import as_of_option, assumptions_option, source_option, universe_option


@click.group()
def scenario() -> None:
    """Named what-ifs over contracts, mining and net assets: small TOML files."""


@scenario.command("list")
def list_() -> None:
    """List the bundled scenarios with what each changes."""
    from screener import scenarios

    for name in scenarios.names():
        loaded = scenarios.load(name)
        click.echo(f"{name}: {loaded.title}")
        for line in loaded.words():
            click.echo(f"    {line}")


@scenario.command("run")
@click.argument("name", metavar="NAME|FILE.toml")
@universe_option
@as_of_option
@source_option
@assumptions_option
@output.machine_options
def run_(
    name: str,
    universe: str,
    as_of: datetime | None,
    source: str,
    assumptions: Path | None,
    out: Path | None,
    wanted: str | None,
) -> None:
    """Run a scenario: net asset value, floor and price of each company before and after.

    \b
    screener scenario run bitcoin-half --as-of 2026-01-16
    screener scenario run my_scenario.toml
    """
    from exports.tables import nav as worth_tables
    from exports.terminal import scenario as scenario_page
    from screener import scenarios

    kinds = output.check(out, wanted)
    loaded = scenarios.load(name)
    screen, console = assessed(universe, as_of, source, assumptions)
    outcome = scenarios.compare(screen.nav, loaded)
    scenario_page.print_outcome(console, outcome, screen.as_of)
    if kinds:
        stem = f"{screen.universe}_{screen.as_of:%Y-%m-%d}_scenario_{loaded.name}"
        output.write(worth_tables.of_outcome(outcome, screen.as_of), out, stem, kinds)


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@universe_option
def assumptions(file: Path | None, universe: str) -> None:
    """Print every number of judgement as a commented TOML file; with FILE, what it changes from the defaults.

    \b
    screener assumptions > mine.toml
    screener assumptions last_week.xlsx
    """
    from screener.cli.options import assumed, tell_changes

    _, read = assumed(universe, file)
    if file is None:
        from screener.config.assumptions_file import template

        click.echo(template(read.assumptions, read.switches), nl=False)
        return
    from rich.console import Console

    from exports.terminal.screen import WIDTH

    tell_changes(Console(width=WIDTH, highlight=False), read)
