"""Files of a screen: their names, writing them, and how long they are kept."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from screener.words import words_of

if TYPE_CHECKING:
    from valuation.company_profile import CompanyProfile
    from valuation.comparison.changes import Changes
    from valuation.report import Report
    from valuation.screen import Screen

FORMATS = ("xlsx", "csv", "json", "html")
LETTER, A4 = "letter", "a4"
# What a killed run leaves: the hidden half of a file that never got its name.
LEFT_OVER_SECONDS = 24 * 3600


def stem(screen: Screen) -> str:
    """The default name of a screen's files, without suffix."""
    return f"{screen.universe}_{screen.as_of:%Y-%m-%d}"


def write(
    screen: Report,
    kind: str,
    path: Path,
    changes: Changes | None = None,
    profiles: Sequence[CompanyProfile] = (),
    *,
    paper: str = LETTER,
) -> None:
    """Write a screen in one of `FORMATS`, whole or not at all, with the changes where given; a workbook for `paper`, with
    a sheet for each profile. The words are those of the universe's sector."""
    with words_of(screen):
        _write(screen, kind, path, changes, profiles, paper)


def _write(
    screen: Report, kind: str, path: Path, changes: Changes | None, profiles: Sequence[CompanyProfile], paper: str
) -> None:
    if kind == "xlsx":
        from exports.workbook.book import write as write_workbook

        path.parent.mkdir(parents=True, exist_ok=True)
        write_workbook(screen, path, changes, profiles, paper=paper)
        return
    if kind == "html":
        from exports.html.report import write_report

        write_report(screen, path, changes)
        return
    from exports.tables.machine import write_frame, write_object
    from exports.tables.screen import screen_page

    page = screen_page(screen, changes=changes)
    if kind == "csv":
        write_frame(page.files["companies"], path)
    else:
        write_object(page.content, path)


def prune(folder: Path, universe: str, keep: int) -> list[Path]:
    """Remove the files of all but the last `keep` dates of a universe, and left-overs of killed runs; what went.

    Only names that the weekly run itself gives are touched: UNIVERSE_YYYY-MM-DD.xlsx, .csv, .json and .html.
    """
    name = re.compile(rf"{re.escape(universe)}_(\d{{4}}-\d{{2}}-\d{{2}})\.({'|'.join(FORMATS)})")
    half = re.compile(rf"\.{re.escape(universe)}_\d{{4}}-\d{{2}}-\d{{2}}\.({'|'.join(FORMATS)})\..{{8}}")
    files = [path for path in folder.iterdir() if path.is_file()]
    dated = {path: found[1] for path in files if (found := name.fullmatch(path.name))}
    old = set(sorted(set(dated.values()))[:-keep])
    oldest = time.time() - LEFT_OVER_SECONDS
    gone = [path for path, day in dated.items() if day in old]
    gone += [path for path in files if half.fullmatch(path.name) and path.stat().st_mtime < oldest]
    for path in gone:
        path.unlink()
    return sorted(gone)
