"""`screener compare`: two runs by meaning, from workbooks, JSON files or the history."""

from __future__ import annotations

from pathlib import Path

import click

from screener.cli import output
from screener.cli.history import NAMED, renamed
from screener.cli.kept_name import of_universe
from screener.cli.options import MACHINE, database_option, now, universe_option
from screener.cli.speaking import speak_of


@click.command(epilog=NAMED)
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@universe_option
@database_option
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Also write the comparison, as .json, .csv or .html."
)
def compare(before: str, after: str, universe: str, database: str | None, out: Path | None) -> None:
    """Compare two runs by meaning: settings, edited inputs, companies, EV bridge, MW, contracts, metrics, findings.

    A and B are workbooks (.xlsx) or JSON files of `screener run`, or names of stored runs. Inputs that somebody
    changed in a workbook are listed as edits; the figures compared are those of the runs.

    \b
    screener compare screens/miners_2026-01-09.xlsx screens/miners_2026-01-16.xlsx
    screener compare previous latest
    screener compare 2026-01-09 screens/miners_2026-01-16.json --out changes.html
    """
    if out is not None and not output.suffix(out, MACHINE):
        raise click.BadParameter("give a name that ends with .json, .csv or .html", param_hint="--out")

    from exports.tables.compare import compare_page
    from exports.terminal.render import console, print_page
    from screener.records import find_run
    from valuation.comparison import changes
    from valuation.comparison.changes import Snapshot

    def stored(named: str) -> Snapshot:
        from screener.store import Store

        with Store.open(database, now(), create=False) as store:
            return store.snapshot(named, of_universe(universe))

    speak_of(universe)
    earlier, later = find_run(before, stored), find_run(after, stored)
    page = compare_page(changes.compare(renamed(earlier, later, universe), later))
    print_page(page, console())
    if out is not None:
        output.write(page, out, "", [output.suffix(out, MACHINE)])
