"""LibreOffice as an independent calculator: recalculates a workbook whole, to compare with what is stored."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from tests.commands import PATIENCE

# Without this LibreOffice keeps the stored values of a workbook that another program wrote: proof of nothing.
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
 <item oor:path="/org.openoffice.Office.Calc/Formula/Load">
  <prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
 </item>
</oor:items>
"""
# LibreOffice with the fonts of one family alone, as on a machine that has no other.
ONLY = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
 <dir>{files}</dir>
 <cachedir>{cache}</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Difference:
    """A formula whose stored and recalculated values differ."""

    sheet: str
    cell: str
    formula: str
    stored: Any
    recalculated: Any


def recalculate_all(paths: list[Path], folder: Path) -> list[Path]:
    """The workbooks with every formula computed anew, in `folder`; one start of LibreOffice serves them all."""
    return convert(paths, folder, "xlsx")


def read(printed: Path) -> str:
    """What is on paper, page after page as it looks, as poppler reads it in LibreOffice's PDF."""
    if shutil.which("pdftotext") is None:
        raise RuntimeError("pdftotext is not on the PATH: install poppler (apt-get install poppler-utils)")
    done = subprocess.run(["pdftotext", "-layout", str(printed), "-"], capture_output=True, text=True, check=True)
    return done.stdout


def fonts(family: str) -> list[Path]:
    """The files of a font on this machine."""
    done = subprocess.run(["fc-list", f":family={family}", "file"], capture_output=True, text=True, check=True)
    return [Path(line.rstrip(": ")) for line in done.stdout.splitlines()]


def convert(paths: list[Path], folder: Path, kind: str, font: str = "") -> list[Path]:
    """The workbooks as LibreOffice writes them anew, in `folder`, as xlsx or pdf; with one font alone where it is named."""
    profile = folder / "profile"
    if not (profile / "user").exists():
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS)
    environment = dict(os.environ)
    if font:
        files, settings = folder / "fonts", folder / "fonts.conf"
        files.mkdir()
        for file in fonts(font):
            (files / file.name).symlink_to(file)
        settings.write_text(ONLY.format(files=files, cache=folder / "cache"))
        environment["FONTCONFIG_FILE"] = str(settings)
    out = folder / "recalculated"
    out.mkdir(exist_ok=True)
    program = shutil.which("soffice")
    if program is None:
        raise RuntimeError("soffice is not on the PATH: install LibreOffice Calc (apt-get install libreoffice-calc)")
    command = [program, "--headless", f"-env:UserInstallation=file://{profile}", "--convert-to", kind]
    done = subprocess.run(
        [*command, "--outdir", str(out), *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
        env=environment,
    )
    results = [out / f"{path.stem}.{kind}" for path in paths]
    missing = [result.name for result in results if not result.exists()]
    if missing:
        raise RuntimeError(f"LibreOffice did not write {', '.join(missing)}: {done.stdout} {done.stderr}")
    return results


def recalculate(path: Path, folder: Path) -> Path:
    """One workbook with every formula computed anew, in `folder`."""
    return recalculate_all([path], folder)[0]


def load(path: Path, *, values: bool) -> openpyxl.Workbook:
    """A workbook, with values or with formulas; read once and shared, so nobody may change it."""
    return _read(path, path.stat().st_mtime_ns, values)


@cache
def _read(path: Path, _written: int, values: bool) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path, data_only=values)


def formulas(path: Path) -> dict[tuple[str, str], str]:
    """Every formula of a workbook by (sheet, cell); of an array formula its text."""
    book = load(path, values=False)
    return {
        (sheet.title, cell.coordinate): getattr(cell.value, "text", cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def values(path: Path) -> dict[tuple[str, str], Any]:
    """Every value of a workbook by (sheet, cell); an empty text counts as nothing."""
    return filled(load(path, values=True))


def filled(book: openpyxl.Workbook) -> dict[tuple[str, str], Any]:
    """Every value of a loaded workbook by (sheet, cell); an empty text counts as nothing."""
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in (None, "")
    }


def write_wrong(path: Path, *, author: str = "") -> Path:
    """A small workbook of four formulas, of which all but B1 are stored with a wrong value; with a note by `author`."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_number("A1", 3.0)
        sheet.write_formula("B1", "=A1/7", None, 3 / 7)
        sheet.write_formula("B2", "=A1/7", None, 3 / 7 * (1 + 1e-8))
        sheet.write_formula("B3", "=IF(A1>0,1,0)", None, "n/a")
        sheet.write_formula("B4", "=A1/0", None, 0)
        if author:
            sheet.write_comment("A1", "a note", {"author": author})
    return path


def differences(path: Path, recalculated: Path, relative: float = 1e-9) -> list[Difference]:
    """Formulas whose stored value is not LibreOffice's, to a relative tolerance (absolute below 1)."""
    return unequal(formulas(path), values(path), values(recalculated), relative)


def unequal(
    formulas: Mapping[tuple[str, str], str],
    stored: Mapping[tuple[str, str], Any],
    anew: Mapping[tuple[str, str], Any],
    relative: float = 1e-9,
) -> list[Difference]:
    """Formulas of which two sources say different values."""
    found = []
    for (sheet, cell), formula in formulas.items():
        a, b = stored.get((sheet, cell)), anew.get((sheet, cell))
        if isinstance(a, (int, float)) and isinstance(b, (int, float)):
            same = abs(a - b) <= relative * max(abs(a), abs(b)) or max(abs(a), abs(b), abs(a - b)) < 1e-12
        else:
            same = a == b
        if not same:
            found.append(Difference(sheet, cell, formula, a, b))
    return found
