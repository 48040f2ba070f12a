"""Gnumeric as a second independent calculator, beside LibreOffice: its own formula engine, and no code in common.

    python -m tests.exports.gnumeric BOOK.xlsx ...

recalculates workbooks whole in both, and prints by sheet how many formulas there are and how many differ: what the file
holds from LibreOffice, what it holds from Gnumeric, and LibreOffice from Gnumeric. Ends with 1 where any does.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

from tests.commands import PATIENCE
from tests.exports import recalculate as calc


def recalculate(path: Path, folder: Path) -> Path:
    """A workbook with every formula computed anew by Gnumeric, in `folder`."""
    out = folder / "gnumeric"
    out.mkdir(exist_ok=True)
    program, result = shutil.which("ssconvert"), out / path.name
    if program is None:
        raise RuntimeError("ssconvert is not on the PATH: install Gnumeric (apt-get install gnumeric)")
    # What it says of charts and printing that it does not know is no matter of formulas.
    command = [program, "--recalc", str(path), str(result)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode or not result.exists():
        raise RuntimeError(f"Gnumeric did not write {result.name}: {done.stderr[-2000:]}")
    return result


def values(path: Path) -> dict[tuple[str, str], Any]:
    """Every value of a workbook that Gnumeric wrote, by (sheet, cell); an empty text counts as nothing."""
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, _written: int) -> dict[tuple[str, str], Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it names no default style
        # Cell by cell: the authors of notes that Gnumeric writes are more than openpyxl takes.
        book = openpyxl.load_workbook(path, data_only=True, read_only=True)
    return calc.filled(book)


def differences(path: Path, recalculated: Path) -> list[calc.Difference]:
    """Formulas whose stored value is not Gnumeric's, to 1e-9."""
    return calc.unequal(calc.formulas(path), calc.values(path), values(recalculated))


def apart(path: Path, libreoffice: Path, gnumeric: Path) -> list[calc.Difference]:
    """Formulas of which LibreOffice (`stored`) and Gnumeric (`recalculated`) say different values, to 1e-9."""
    return calc.unequal(calc.formulas(path), calc.values(libreoffice), values(gnumeric))


def main(paths: list[Path]) -> int:
    """Compare workbooks formula by formula, and print the counts."""
    found = 0
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        for path, first in zip(paths, calc.recalculate_all(paths, folder), strict=True):
            second = recalculate(path, folder)
            pairs = {
                "file and LibreOffice": calc.differences(path, first),
                "file and Gnumeric": differences(path, second),
                "LibreOffice and Gnumeric": apart(path, first, second),
            }
            counted = Counter(sheet for sheet, _ in calc.formulas(path))
            print(f"{path.name}: {sum(counted.values()):,} formulas on {len(counted)} sheets")
            for pair, unequal in pairs.items():
                print(f"  {pair}: {len(unequal):,} differ")
                for sheet, count in Counter(one.sheet for one in unequal).items():
                    example = next(one for one in unequal if one.sheet == sheet)
                    print(
                        f"    {sheet}: {count:,} of {counted[sheet]:,}, as in {example.cell} {example.formula}: "
                        f"{example.stored!r}, {example.recalculated!r}"
                    )
                found += len(unequal)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
