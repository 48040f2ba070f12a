"""`screener history` and `screener diff`: what is kept, and what changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.cli import output
from screener.cli.kept_name import of_universe
from screener.cli.options import MACHINE, database_option, now, universe_option
from screener.cli.voids import unvoid, void
from valuation._words import count

if TYPE_CHECKING:
    import pandas as pd

    from screener.renames import Renames
    from valuation.comparison.changes import Snapshot

NAMED = "RUN: the start of a run id, a date with a run, latest or previous."


@click.group()
def history() -> None:
    """Stored runs: list, show, export, mark void."""


history.add_command(void)
history.add_command(unvoid)


@history.command("list")
@universe_option
@database_option
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="Number of runs.")
def list_(universe: str, database: str | None, last: int) -> None:
    """List the last runs: id, date, time stored, gap, sample, premium.

    \b
    screener history list --last 5
    """
    from exports.tables.runs import runs_page
    from exports.tables.spec import bad, note, warning
    from exports.terminal.render import console, print_page, print_text
    from screener.clock import ahead_line, is_ahead
    from screener.store import Store

    name = of_universe(universe)
    with Store.open(database, now(), create=False) as store:
        runs = store.runs(name, void=True)
        place = store.place
    print_page(runs_page(runs[-last:]), console())
    fell_back = (
        " ! stored prices were used, because live prices failed." if any(r.fell_back for r in runs[-last:]) else ""
    )
    print_text(
        note(f"{count(len(runs), 'run')} of {name} in {place}; n: AI group + mining group.{fell_back}"), console()
    )
    for run in runs[-last:]:
        if run.void is not None:
            print_text(warning(f"{run.run_id} of {run.as_of}: {run.void}."), console())
    ahead = [run for run in runs if run.void is None and is_ahead(run.as_of, now())]
    if ahead:
        print_text(bad(ahead_line([run.as_of for run in ahead], now())), console())


@history.command()
@click.argument("run", default="latest")
@universe_option
@database_option
def show(run: str, universe: str, database: str | None) -> None:
    """Show one run: headline, companies, settings.

    \b
    screener history show 2026-01-16
    """
    from exports.tables.snapshot import snapshot_page
    from exports.tables.spec import bad
    from exports.terminal.render import console, print_page
    from screener.store import Store

    with Store.open(database, now(), create=False) as store:
        found = store.find(run, of_universe(universe), void=True)
        page = snapshot_page(store.snapshot(found))
    mark = [] if found.void is None else [bad(f"Run {found.run_id} is {found.void}. It is not compared.")]
    print_page(page.after_title(*mark), console())


@history.command()
@click.option(
    "--metric",
    default="ev_per_mw_secured",
    show_default=True,
    metavar="NAME",
    help="Metric; `screener metrics` lists them.",
)
@click.option("--run", metavar="RUN", help="One run with all its figures instead of one metric through time.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE.csv", help="CSV file to write.")
@universe_option
@database_option
def export(metric: str, run: str | None, out: Path, universe: str, database: str | None) -> None:
    """Write one metric through time (one row per date, one column per company), or one run with statuses, as CSV.

    \b
    screener history export --metric ev_per_mw_secured --out ev_per_mw.csv
    screener history export --run 2026-01-16 --out january.csv
    """
    from exports.tables.machine import write_frame, write_whole
    from exports.tables.snapshot import snapshot_page
    from screener.store import Store

    with Store.open(database, now(), create=False) as store:
        if run is None:
            frame = _under_later_symbols(store.series(metric, of_universe(universe)), universe)
            text = frame.to_csv(index_label="as_of", date_format="%Y-%m-%d", lineterminator="\n")
            write_whole(out, text.encode())
        else:
            found = store.find(run, of_universe(universe), void=True)
            if found.void is not None:
                click.echo(f"screener: run {found.run_id} is {found.void}", err=True)
            write_frame(snapshot_page(store.snapshot(found)).files["companies"], out)
    click.echo(f"Written: {out}")


@click.command(epilog=NAMED)
@click.argument("before", default="previous", metavar="[RUN]")
@click.argument("after", default="latest", metavar="[RUN]")
@universe_option
@database_option
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Also write the comparison, as .json, .csv or .html."
)
def diff(before: str, after: str, universe: str, database: str | None, out: Path | None) -> None:
    """Compare two runs: prices, EV per MW and its causes, groups, contracts, facts, data checks.

    \b
    screener diff
    screener diff 2026-01-09 2026-01-16
    """
    if out is not None and not output.suffix(out, MACHINE):
        raise click.BadParameter("give a name that ends with .json, .csv or .html", param_hint="--out")

    from exports.tables.changes import changes_page
    from exports.terminal.render import console, print_page
    from screener.store import Store
    from valuation.comparison.changes import compare

    name = of_universe(universe)
    with Store.open(database, now(), create=False) as store:
        earlier, later = store.snapshot(before, name), store.snapshot(after, name)
    changes = compare(renamed(earlier, later, universe), later)
    page = changes_page(changes)
    print_page(page, console())
    if out is not None:
        output.write(page, out, "", [output.suffix(out, MACHINE)])


def renamed(before: Snapshot, after: Snapshot, universe: str) -> Snapshot:
    """An earlier run under the tickers of a later one, by the renames of their universe where it is at hand."""
    if set(before.table.index) <= set(after.table.index):
        return before
    from screener.renames import in_tickers_of

    # Two workbooks may be of another universe than the option's.
    place = universe if of_universe(universe) == after.universe else after.universe
    return in_tickers_of(before, after, _renames(place))


def _under_later_symbols(weekly: pd.DataFrame, universe: str) -> pd.DataFrame:
    """A metric through time with one column a company, whatever it was called."""
    if weekly.iloc[-1].notna().all():
        return weekly
    from screener.renames import joined, later_symbols

    known = {str(ticker): on for ticker in weekly if (on := weekly[ticker].last_valid_index()) is not None}
    return joined(weekly, later_symbols(known, _renames(universe)))


def _renames(universe: str) -> Renames:
    """The renames of a universe by name or folder; none where it is not at hand."""
    from screener import universes
    from screener.errors import ScreenerError
    from screener.renames import Renames

    try:
        return Renames.of_universe(universes.load(universe))
    except ScreenerError:
        return Renames()
