"""`screener universe`: list, show, check and make universes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from screener.universes import Universe


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
    from rich.table import Table
    from rich.text import Text

    from exports.terminal.render import WIDTH
    from exports.terminal.render import console as terminal
    from screener import universes

    loaded = universes.load(name)
    console = terminal()
    console.width = WIDTH
    console.print(Text(loaded.title, "bold").append(f" ({loaded.name})", "not bold"))
    if loaded.overlay is not None:
        console.print(f"With your overlay, {loaded.overlay}:", markup=False, soft_wrap=True)
        for file, rows in _overlaid(loaded).items():
            console.print(f"  {file}: {rows:,} row{'s' if rows > 1 else ''}", markup=False)
    companies = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in ("Ticker", "Company", "Role", "Consolidated by", "EV meaningful"):
        companies.add_column(header)
    for row in loaded.companies.itertuples(index=False):
        parent = row.consolidated_by if isinstance(row.consolidated_by, str) else ""
        told = (row.ticker, row.name, row.role, parent, "yes" if row.ev_meaningful else "no")
        companies.add_row(*map(Text, told))  # a name may hold what rich takes for markup
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

    Notes, such as a column that the program does not know, do not hinder a run. A warning is a figure out of proportion;
    n/a names an output that this universe will not give, and why.
    """
    from screener import universes
    from screener.universes import sizes

    loaded, problems = universes.examine(name)
    notes = [str(note) for note in loaded.notes]
    told = universes.shadowed(name)
    if told:
        notes.insert(0, told)
    warned = [str(one) for one in sizes.warnings(loaded)]
    if not problems:
        from screener.gathering import InputData

        found = InputData.of(loaded).held
        warned += [f"{one.place}: {one.reason}. {one.remedy}" for one in found[~found["used"]].itertuples()]
    if not problems and len(loaded.claims):
        from screener.studies.claims.check import faults

        # No screen reads the claims: what is wrong in them stops `screener claims` alone.
        notes += [
            f"{fault}; `screener claims` stops here"
            for fault in faults(loaded.claims, list(loaded.companies["ticker"]))
        ]
    lines = [f"note: {note}" for note in notes] + [f"warning: {one}" for one in warned]
    if not problems:
        from screener.coverage import unavailable

        missing = unavailable(loaded)
        lines += [f"n/a: {one}" for one in missing]
    lines += [str(problem) for problem in problems]
    if lines:
        click.echo("\n".join(lines))
    if problems:
        click.echo(f"{len(problems):,} problem{'s' if len(problems) > 1 else ''}", err=True)
        raise click.exceptions.Exit(2)
    count = len(notes)
    over = "" if loaded.overlay is None else f" with the overlay {loaded.overlay}"
    counts = [f", {count} note{'s' if count > 1 else ''}" if count else ""]
    counts += [f", {len(warned)} warning{'s' if len(warned) > 1 else ''}" if warned else ""]
    counts += [f", {len(missing)} output{'s' if len(missing) > 1 else ''} n/a" if missing else ""]
    click.echo(f"{loaded.name}{over}: no problems" + "".join(counts))


@universe.command()
@click.argument("path", type=click.Path(path_type=Path))
def new(path: Path) -> None:
    """Write an empty, commented universe into a new folder, for you to fill in."""
    from screener.universes.new import create

    for place in create(path):
        click.echo(f"Written: {place}")


@universe.group()
def overlay() -> None:
    """Your own rows over a bundled universe, in a folder that upgrades leave alone.

    An overlay holds the same CSV files as a universe. Its facts count as reviewed by a person; in every other file its
    row takes the place of the bundled row with the same key. The bundled universe goes on receiving corrections: where
    both have a figure for one period, yours is used and the other is shown.
    """


@overlay.command("new")
@click.argument("name")
@click.argument("files", nargs=-1, metavar="[FILE]...")
def new_overlay(name: str, files: tuple[str, ...]) -> None:
    """Write empty, commented files for an overlay of NAME: the facts, or the FILEs named.

    A file that is there already stays as it is.
    """
    from screener.universes.overlay import create

    written = create(_owner(name), files)
    for place in written:
        click.echo(f"Written: {place}")
    if not written:
        click.echo("Nothing written: the files are there already.")


@overlay.command("show")
@click.argument("name")
def show_overlay(name: str) -> None:
    """Show the rows of the overlay of NAME, and where the bundled universe differs."""
    from screener import universes
    from screener.universes.overlay import contents, decisions, folder

    name = _owner(name)
    loaded = universes.load(name)
    if loaded.overlay is None:
        click.echo(f"{name} has no overlay; `screener universe overlay new {name}` makes one in {folder(name)}")
        return
    click.echo(f"Overlay of {name}: {loaded.overlay}")
    counts = _overlaid(loaded)
    for file, rows in counts.items():
        click.echo(f"  {file}: {rows:,} row{'s' if rows > 1 else ''}")
    if not counts:
        click.echo("  no rows yet")
    decided = decisions(contents(loaded.overlay))["decision"].value_counts()
    for decision, count in decided.items():
        click.echo(f"  proposals, decision {decision}: {count:,}")
    for note in loaded.notes:
        if note.file.startswith("overlay/"):
            click.echo(f"note: {note}")


@overlay.command("path")
@click.argument("name")
def overlay_path(name: str) -> None:
    """Print the folder of the overlay of NAME, whether or not there is one."""
    from screener.universes.overlay import folder

    click.echo(str(folder(_owner(name))))


def _owner(name: str) -> str:
    """The bundled universe that an overlay of NAME belongs to: of a view the one whose rows it shows, which is said."""
    from screener import universes
    from screener.errors import NotKnown

    if not universes.is_bundled(name):
        raise NotKnown(
            f"{name!r} is no bundled universe, and only these have an overlay: {', '.join(universes.names())}; "
            "the files of a folder of your own can be edited in place"
        )
    owner = universes.overlay_owner(name)
    if owner != name:
        click.echo(f"{name} is a view of {owner}: its overlay is that of {owner}", err=True)
    return owner


def _overlaid(loaded: Universe) -> dict[str, int]:
    """Rows of the overlay in each file of a universe."""
    from screener.universes.overlay import OVERLAY
    from screener.universes.schema import FILES

    counts: dict[str, int] = {}
    for name in ("facts", *(file.removesuffix(".csv") for file in FILES)):
        frame = getattr(loaded, name, None)
        if frame is not None:
            own = frame.loc[frame["file"].astype(str).str.startswith(f"{OVERLAY}/"), "file"].value_counts()
            counts |= {str(file): int(rows) for file, rows in own.items()}
    return counts
