"""Where results go: which formats, under which names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screener.cli.options import MACHINE

if TYPE_CHECKING:
    from exports.tables.spec import Page

FOLDER = Path("screens")
# Endings of files that a command may not write; any other name with a dot is a folder's.
OTHER_FILES = {"xlsx", "csv", "json", "html", "pdf", "xls", "xlsm", "ods", "tsv", "txt", "md", "zip", "gz", "parquet"}


def formats(text: str, known: Sequence[str]) -> list[str]:
    """The formats in a list such as `xlsx,json`; an unknown one is a usage error."""
    kinds = [part.strip().lower() for part in text.split(",") if part.strip()]
    strange = [kind for kind in kinds if kind not in known]
    if strange or not kinds:
        raise click.BadParameter(f"{text!r}: give one or more of {', '.join(known)}", param_hint="--format")
    return list(dict.fromkeys(kinds))


def kinds(out: Path | None, wanted: str | None, known: Sequence[str], always: str = "") -> list[str]:
    """The formats to write, none where nothing was asked for; checked before anything is computed."""
    if out is None and wanted is None and not always:
        return []
    if out is not None and not out.is_dir() and out.suffix.lstrip(".").lower() in OTHER_FILES - set(known):
        raise click.BadParameter(
            f"{out.name}: give a folder, or a file ending in {', '.join(known)}", param_hint="--out"
        )
    return formats(wanted or suffix(out, known) or always or known[0], known)


def suffix(out: Path | None, known: Sequence[str]) -> str:
    """The format that a file name asks for; empty for a folder."""
    if out is None or out.is_dir():
        return ""
    ending = out.suffix.lstrip(".").lower()
    return ending if ending in known else ""


def paths(out: Path | None, stem: str, kinds: list[str], known: Sequence[str]) -> dict[str, Path]:
    """Where each format goes: the file that was named and its siblings, or a folder under the default name."""
    if out is not None and suffix(out, known):
        return {kind: out.with_suffix(f".{kind}") for kind in kinds}
    folder = FOLDER if out is None else out
    return {kind: folder / f"{stem}.{kind}" for kind in kinds}


def write(
    page: Page, out: Path | None, stem: str, kinds: list[str], known: Sequence[str] = MACHINE, *, quiet: bool = False
) -> None:
    """Write a page: one JSON object, one HTML file, and a CSV file a table, the main one under the plain name.

    `known` are the formats that the command can write in all, for the suffix of `out`.
    """
    from exports.html.render import write_html
    from exports.tables.machine import write_frame, write_object

    def written(path: Path) -> None:
        click.echo(str(path) if quiet else f"Written: {path}")

    for kind, path in paths(out, stem, kinds, known).items():
        if kind == "csv":
            for place, (name, table) in enumerate(page.files.items()):
                target = path if place == 0 else path.with_name(f"{path.stem}_{name}.csv")
                write_frame(table, target)
                written(target)
            continue
        if kind == "json":
            write_object(page.content, path)
        else:
            write_html([page], path)
        written(path)
