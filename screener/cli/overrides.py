"""`screener overrides`: what somebody changed in a workbook of `screener run`, as a file that the next run replays."""

from __future__ import annotations

from pathlib import Path

import click

from screener.cli.options import now


@click.group()
def overrides() -> None:
    """Inputs that somebody changed in a workbook.

    \b
    screener overrides read screens/miners_2026-01-16.xlsx --by "Ann Lee" --why "committee of 20 January"
    screener run --as-of 2026-01-16 --overrides miners_2026-01-16.toml
    """


@overrides.command()
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option("--by", default="", metavar="NAME", help="Who changed the inputs.")
@click.option("--why", default="", metavar="TEXT", help="The reason, kept with each of them.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="File to write.  [default: the name of the workbook, ending in .toml, in this folder]",
)
def read(workbook: Path, by: str, why: str, out: Path | None) -> None:
    """List the inputs that somebody changed in WORKBOOK, and write them as a file for `screener run --overrides`.

    Cells that are no input of a run, and values that no run takes, are told cell by cell; the latter end with exit code 2.

    \b
    screener overrides read screens/miners_2026-01-16.xlsx --by "Ann Lee" --out january.toml
    """
    from exports.tables.machine import write_whole
    from exports.tables.overrides import overrides_page
    from exports.terminal.render import console, print_page
    from screener.errors import OverridesError
    from screener.overrides import file
    from screener.overrides.override import shown
    from screener.overrides.workbook import read_back

    if out is not None and out.suffix != ".toml":
        raise click.BadParameter(f"{out.name}: give a file ending in .toml", param_hint="--out")
    found = read_back(workbook, by=by, when=f"{now():%Y-%m-%d}", why=why)
    rows = [(one.cell, one.meaning, shown(one.old), shown(one.new)) for one in found.overrides]
    about = f"{found.universe}, {found.as_of:%Y-%m-%d}, run {found.run_id}, version {found.version}"
    told = [
        [f"{one.column}: {one.message}" + f"; the cell holds {one.value}" * bool(one.value) for one in problems]
        for problems in (found.refused, found.not_taken)
    ]
    print_page(overrides_page(found.file, about, rows, *told), console())
    if found.overrides:
        target = Path(f"{workbook.stem}.toml") if out is None else out
        write_whole(target, file.text(found).encode())
        click.echo(f"Written: {target}")
    if found.refused:
        n = len(found.refused)
        raise OverridesError(
            f"{found.file}: {n} changed cell{'s hold' if n > 1 else ' holds'} no figure that a run takes"
        )
