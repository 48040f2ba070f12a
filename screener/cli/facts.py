"""`screener facts`: show what is known, propose what filings add, and accept or reject it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.cli.options import as_of_option, now, source_option, the_day, universe_option

if TYPE_CHECKING:
    import pandas as pd

    from screener.proposals.decide import Decided

LISTED = 10  # proposals that are left are listed up to this many, and counted beyond
ITEM_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def facts() -> None:
    """The figures of a universe: where each comes from, what filings would change, and a person's decision on it.

    The program proposes and a person approves. Accepted figures go into your overlay of the universe.

    \b
    screener facts show APLD --item cash
    screener facts propose --from items.csv
    screener facts accept proposals/2026-11-30.csv --by "Ann Lee"
    screener facts reject proposals/2026-11-30.csv --only P0123456789 --reason "pro forma" --by "Ann Lee"
    """


@facts.command()
@click.argument("ticker")
@universe_option
@as_of_option
@click.option("--item", "items", multiple=True, metavar="ITEM", help="This item alone; may be repeated.")
@click.option("--all", "every", is_flag=True, help="Every period, and what was published after the date.")
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="File or folder to write to.")
@click.option("--format", "wanted", metavar="LIST", help="Of json, csv, html, separated by commas.")
def show(
    ticker: str,
    universe: str,
    as_of: datetime | None,
    items: tuple[str, ...],
    every: bool,
    out: Path | None,
    wanted: str | None,
) -> None:
    """Show the figures of a company: value, period, day of filing, source, and whether each is in force or why not.

    Without --all the newest period of each item is shown, with the figures that were overruled for it.
    """
    from exports.tables.facts import facts_page
    from exports.terminal.render import console, print_page
    from screener import universes
    from screener.cli import output
    from screener.cli.nav import known_in
    from screener.errors import NotKnown, did_you_mean
    from screener.known.standing import IN_FORCE, NOT_YET, standing
    from screener.provenance import place

    kinds = output.kinds(out, wanted, output.MACHINE)
    day = the_day(as_of)
    loaded = universes.load(universe)
    name = known_in(ticker, loaded.companies["ticker"], loaded.name, loaded.renames)
    rows = standing(loaded.facts[loaded.facts["ticker"] == name], day)
    unknown = [item for item in items if item not in set(rows["item"])]
    if unknown:
        raise NotKnown(f"{name} has no figure of {', '.join(unknown)}{did_you_mean(unknown[0], set(rows['item']))}")
    if items:
        rows = rows[rows["item"].isin(items)]
    if not every:
        newest = rows[rows["standing"] == IN_FORCE].groupby("item")["period_end"].max()
        is_newest = rows["period_end"].eq(rows["item"].map(newest))
        rows = rows[is_newest & rows["standing"].ne(NOT_YET)]
    page = facts_page(rows.assign(source=place(rows)), name, day)
    print_page(page, console())
    output.write(page, out, f"{loaded.name}_{day:%Y-%m-%d}_facts_{name}", kinds)


@facts.command()
@universe_option
@as_of_option
@source_option
@click.option(
    "--from", "read_from", type=ITEM_FILE, metavar="FILE", help="Items out of filings as CSV.  [default: the ledger]"
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("proposals"), show_default=True,
    metavar="DIR", help="Folder for DATE.csv and, for reading, DATE.md.",
)  # fmt: skip
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
    help="Periods that ended on or after this day.  [default: 400 days before the date]",
)  # fmt: skip
def propose(
    universe: str, as_of: datetime | None, source: str, read_from: Path | None, out: Path, since: datetime | None
) -> None:
    """Propose what filings know and the universe does not, each figure with its effect on the screen.

    Write `accept` or `reject` into the column decision, or name ids when you accept; you may change a value. Nothing is
    used until it is accepted.
    """
    import pandas as pd

    from exports.tables.formats import several
    from exports.tables.machine import write_whole
    from screener import run_config, universes
    from screener.loading import load_inputs
    from screener.proposals import file, page
    from screener.proposals.propose import propose as find

    day = the_day(as_of)
    loaded = universes.load(universe)
    items = _items(read_from, list(loaded.companies["ticker"]))
    config = run_config.resolve_config(loaded)
    found = find(
        config, load_inputs(loaded, day, source), items, day, since=None if since is None else pd.Timestamp(since)
    )
    table = found.table
    counts = table["verdict"].value_counts(sort=False)
    listed = ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(counts.items()))
    click.echo(several(len(table), "proposal") + (f": {listed}" if listed else ""))
    if len(found.confirmations):
        rows = several(len(found.confirmations), "row of the universe is", "rows of the universe are")
        click.echo(f"{rows} confirmed by a filing within 0.1%")
    stem = out / f"{day:%Y-%m-%d}"
    file.write(table, stem.with_suffix(".csv"))
    write_whole(stem.with_suffix(".md"), page.markdown(found).encode())
    for suffix in (".csv", ".md"):
        click.echo(f"Written: {stem.with_suffix(suffix)}")


def _items(path: Path | None, tickers: list[str]) -> pd.DataFrame:
    """Items out of filings: of a file, else those that the ledger holds."""
    from screener.ledger import Ledger
    from screener.proposals import items_file
    from screener.sources.told import EDGAR

    if path is not None:
        return items_file.read(path)
    with Ledger.open(create=False) as ledger:
        return ledger.items(tickers, EDGAR)


@facts.command()
@click.argument("file", type=ITEM_FILE)
@universe_option
@click.option("--only", multiple=True, metavar="ID", help="This proposal alone, whatever its verdict; may be repeated.")
@click.option("--by", required=True, metavar="NAME", help="Who decides.")
def accept(file: Path, universe: str, only: tuple[str, ...], by: str) -> None:
    """Accept proposals into your overlay: all rows that pass the universe's checks, or none.

    Without --only: rows with `accept` in the column decision, and those without a decision whose verdict needs no
    person; rows with `reject` are remembered as rejected, with the note as the reason. Change the columns value,
    decision and note alone. A value that you change must pass the checks of a proposed one. A second call with the
    same file adds nothing.
    """
    from screener.proposals import decide

    done = decide.accept(file, by, now(), universe=universe, only=only)
    _tell(done, "accepted")


@facts.command()
@click.argument("file", type=ITEM_FILE)
@universe_option
@click.option("--only", multiple=True, required=True, metavar="ID", help="The proposal; may be repeated.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; kept with the decision.")
@click.option("--by", required=True, metavar="NAME", help="Who decides.")
def reject(file: Path, universe: str, only: tuple[str, ...], reason: str, by: str) -> None:
    """Reject proposals: they are remembered by their ids and not proposed again."""
    from screener.proposals import decide

    _tell(decide.reject(file, by, now(), reason, only, universe=universe), "rejected")


def _tell(done: Decided, what: str) -> None:
    from exports.tables.formats import several

    click.echo(f"{several(len(done.decided), 'proposal')} {what}")
    if done.already:
        click.echo(f"{several(len(done.already), 'proposal')} {what} before")
    if done.rejected:
        click.echo(f"{several(len(done.rejected), 'proposal')} rejected")
    if done.left:
        click.echo(f"{several(len(done.left), 'proposal')} left; name an id with --only to accept it:")
        if len(done.left) <= LISTED:
            for name, why in done.left.items():
                click.echo(f"  {name}  {why}")
        else:
            counts = Counter(why.partition(":")[0] for why in done.left.values())
            for why, count in sorted(counts.items()):
                click.echo(f"  {count:,} {why}")
    for path in done.written:
        click.echo(f"Written: {path}")
