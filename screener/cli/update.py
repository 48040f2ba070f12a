"""`screener update`: prices, Bitcoin network and filings of a universe, kept in the ledger."""

from __future__ import annotations

from pathlib import Path

import click

from screener.cli.options import MACHINE, now, universe_option
from screener.sources.registry import PARTS


@click.command()
@universe_option
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="This part alone; may be repeated.")
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="File or folder to write to.")
@click.option("--format", "wanted", metavar="LIST", help=f"Of {', '.join(MACHINE)}, separated by commas.")
@click.option("--quiet", is_flag=True, help="Print only what failed.")
@click.option("--verbose", is_flag=True, help="Print each step.")
def update(
    universe: str, only: tuple[str, ...], out: Path | None, wanted: str | None, quiet: bool, verbose: bool
) -> None:
    """Ask prices, Bitcoin network and filings for what is due, and keep the answers in the ledger.

    Only what is older than its time-to-live is asked for, politely and one at a time; a second start within it asks
    nobody. What is known stays known: a later word of a source stands beside the earlier one. An update that was cut
    short goes on where it was. Figures of filings are proposals: see `screener facts propose`. EDGAR wants a contact
    address: set SCREENER_SEC_CONTACT, or contact under [sec] in your settings file. Exit code 3: a source gave nothing.

    \b
    screener update
    screener update --only prices --only network
    """
    from exports.tables.update import update_page
    from exports.terminal.render import console, print_page
    from screener import universes
    from screener.cli import output
    from screener.cli.context import progress_of
    from screener.jobs import update as work
    from screener.ledger import default_path

    kinds = output.kinds(out, wanted, MACHINE, "")
    loaded = universes.load(universe)
    begun = now()
    with progress_of(quiet, verbose) as progress:
        found = work.update(loaded, begun, progress, parts=only or PARTS)
    faults = {part: str(error) for part, error in found.faults.items()}
    page = update_page(found.rows, found.requests, faults, str(default_path()), every=not quiet)
    if not quiet or found.rows["failed"].any() or faults:
        print_page(page, console())
    output.write(page, out, f"{loaded.name}_{begun:%Y-%m-%d}_update", kinds, quiet=quiet)
    if found.faults:
        raise next(iter(found.faults.values()))
