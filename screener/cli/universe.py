"""`screener universe`: list, show, check and make universes."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def universe() -> None:
    """The universes available to screen: folders of CSV files."""


@universe.command("list")
def list_() -> None:
    """List the bundled universes: name, companies, span of prices, title."""
    from screener import universes

    for name in universes.names():
        loaded = universes.load(name)
        dates = loaded.prices["date"]
        click.echo(
            f"{name}  {len(loaded.companies)} companies, prices {dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}"
        )
        click.echo(f"    {loaded.title}")


@universe.command()
@click.argument("name", metavar="NAME|PATH")
def show(name: str) -> None:
    """Show the companies of a universe, and the rows and dates of each of its files."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from screener import universes

    loaded = universes.load(name)
    console = Console(width=80, highlight=False)
    console.print(f"[bold]{loaded.title}[/] ({loaded.name})")
    companies = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in ("Ticker", "Company", "Role", "Consolidated by", "EV meaningful"):
        companies.add_column(header)
    for row in loaded.companies.itertuples(index=False):
        parent = row.consolidated_by if isinstance(row.consolidated_by, str) else ""
        companies.add_row(row.ticker, row.name, row.role, parent, "yes" if row.ev_meaningful else "no")
    console.print(companies)
    files = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    files.add_column("Data")
    for header in ("Rows", "First", "Last"):
        files.add_column(header, justify="right")
    spans = {"facts": "published_on", "contracts": "announced_on", "instruments": "issued_on", "transactions": "date",
             "sites": "as_of", "events": "date", "prices": "date", "network": "date",
             "splits": "first_day_on_new_basis"}  # fmt: skip
    for data, column in spans.items():
        frame = getattr(loaded, data)
        dates = frame[column].dropna()
        first, last = (f"{dates.min():%Y-%m-%d}", f"{dates.max():%Y-%m-%d}") if len(dates) else ("", "")
        files.add_row(data, f"{len(frame):,}", first, last)
    console.print(files)


@universe.command()
@click.argument("name", metavar="NAME|PATH")
def check(name: str) -> None:
    """Check a universe: every problem with file, line, column, value and what was expected; exit code 2 if any.

    Notes, such as a column that the program does not know, do not hinder a run.
    """
    from screener import universes

    loaded, problems = universes.examine(name)
    if not problems and len(loaded.claims):
        from screener.studies.claims.check import faults

        problems = faults(loaded.claims, list(loaded.companies["ticker"]))
    lines = [f"note: {note}" for note in loaded.notes] + [str(problem) for problem in problems]
    if lines:
        click.echo("\n".join(lines))
    if problems:
        click.echo(f"{len(problems):,} problem{'s' if len(problems) > 1 else ''}", err=True)
        raise click.exceptions.Exit(2)
    count = len(loaded.notes)
    click.echo(f"{loaded.name}: no problems" + (f", {count} note{'s' if count > 1 else ''}" if count else ""))


@universe.command()
@click.argument("path", type=click.Path(path_type=Path))
def new(path: Path) -> None:
    """Write an empty, commented universe into a new folder, for you to fill in."""
    from screener.universes.new import create

    for place in create(path):
        click.echo(f"Written: {place}")
