"""`screener scenario` and `screener assumptions`: what-ifs, and the numbers that a person may flex."""

from __future__ import annotations

from pathlib import Path

import click

from screener.cli.options import Asked, screening_options, universe_option


@click.group()
def scenario() -> None:
    """Scenarios for contracts, mining and net asset value: bundled, or your own TOML files."""


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
@screening_options()
def run_(asked: Asked, name: str) -> None:
    """Run a scenario: net asset value, floor and price of each company before and after.

    \b
    screener scenario run bitcoin-half --as-of 2026-01-16 --source bundled
    screener scenario run my_scenario.toml
    """
    from exports.tables.scenario import scenario_page
    from screener import scenarios
    from screener.cli.context import Context

    context = Context.of(asked)
    loaded = scenarios.load(name)
    screen, analysis = context.assessed()
    result = scenarios.compare(analysis, loaded)
    context.answer(scenario_page(result, screen.as_of), f"scenario_{loaded.name}", screen)
    context.finish(screen)


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@universe_option
def assumptions(file: Path | None, universe: str) -> None:
    """Print every assumption as a commented TOML file; with FILE, what the file changes from the defaults.

    \b
    screener assumptions > mine.toml
    screener assumptions last_week.xlsx
    """
    from screener.cli.context import changed_lines, load_assumed

    _, read = load_assumed(universe, file)
    if file is None:
        from screener.config.assumptions_file import template

        click.echo(template(read.assumptions, read.switches), nl=False)
        return
    from exports.tables.spec import Page
    from exports.terminal.render import console, print_page

    print_page(Page("", changed_lines(read)), console())
