"""How long the workbook takes beside XlsxWriter alone: the same cells in the same formats, written by nobody but it.

    python benchmarks/workbook.py                          506 companies: copies of the bundled miners under new tickers
    python benchmarks/workbook.py --companies 22 --plain   without studies and net asset values
    python benchmarks/workbook.py --repetitions 5

The rival holds every cell of the workbook, text, number, formula with its value, or blank, in lists of rows, and calls
XlsxWriter's own methods with its usual worksheet class: no chart, note, link or layout. Both write to a file. Figures are
processor time of this process, the median of the repetitions, in turn: what else the machine does moves the ratio little.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
from scale import AS_OF, BUNDLED, ROOT, copies
from xlsxwriter import Workbook
from xlsxwriter.format import Format

from exports.workbook import write
from exports.workbook.writer import file
from exports.workbook.writer.worksheet import PlainWorksheet
from screener import pipeline, universes
from valuation.report import Report

LIMIT = 1.5
# A cell as a call of XlsxWriter: method, row, column, value, its format, and of a formula what it gives.
Cell = tuple[str, int, int, Any, Format | None, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--companies", type=int, default=506, help="a multiple of 22")
    parser.add_argument("--plain", action="store_true", help="without studies and net asset values")
    parser.add_argument("--repetitions", type=int, default=3)
    told = parser.parse_args()
    bundled = next(ROOT.glob("screener/**/miners/universe.toml")).parent
    with tempfile.TemporaryDirectory() as work:
        folder, path = Path(work), Path(work) / "book.xlsx"
        universe = universes.load(str(copies(bundled, folder / "universe", told.companies // BUNDLED)))
        everything = not told.plain
        start = time.process_time()
        report = pipeline.run(universe, pd.Timestamp(AS_OF), source="bundled", studies=everything, nav=everything)
        computed = time.process_time() - start
        cells = held(report, path)
        kinds = Counter(cell[0] for sheet in cells.values() for cell in sheet)
        ours: list[float] = []
        alone: list[float] = []
        for _ in range(told.repetitions):
            ours.append(seconds(lambda: write(report, path)))
            alone.append(seconds(lambda: rival(cells, folder / "rival.xlsx")))
    a, b = statistics.median(ours), statistics.median(alone)
    words = ", ".join(f"{count:,} {method.removeprefix('write_')}" for method, count in kinds.most_common())
    print(f"{told.companies} companies{'' if everything else ', plain'}: {sum(kinds.values()):,} cells ({words})")
    print(f"computing the report, which is in neither time: {computed:.2f} s")
    print(f"workbook / XlsxWriter alone: {a:.2f} s / {b:.2f} s = {a / b:.2f} (limit {LIMIT})")
    print("ratio by repetition: " + ", ".join(f"{x / y:.2f}" for x, y in zip(ours, alone, strict=True)))


def seconds(work: Callable[[], None]) -> float:
    """Processor time of this process."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def held(report: Report, path: Path) -> dict[str, list[Cell]]:
    """Every cell of the report's workbook by sheet, in the order of rows and columns."""
    pages: list[PlainWorksheet] = []
    lay_out = file.lay_out

    def noted(page: PlainWorksheet, paper: str) -> None:
        pages.append(page)
        lay_out(page, paper)

    with mock.patch.object(file, "lay_out", noted):
        write(report, path)
    return {page.get_name(): cells_of(page) for page in pages}


def cells_of(page: PlainWorksheet) -> list[Cell]:
    """The cells of a sheet as XlsxWriter keeps them until it writes the file."""
    shared = page.str_table.string_array
    out: list[Cell] = []
    for row, line in sorted(page.table.items()):
        for col, cell in sorted(line.items()):
            kind = type(cell).__name__
            if kind in ("String", "RichString"):
                out.append(("write_string", row, col, shared[cell.string], cell.format, None))
            elif kind in ("Number", "Datetime"):
                out.append(("write_number", row, col, cell.number, cell.format, None))
            elif kind in ("Formula", "ArrayFormula"):
                out.append(("write_formula", row, col, cell.formula, cell.format, cell.value))
            else:
                out.append(("write_blank", row, col, None, cell.format, None))
    return out


def rival(cells: dict[str, list[Cell]], path: Path) -> None:
    """The same cells by XlsxWriter alone, in as many formats of the same properties."""
    with Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}) as book:
        formats: dict[int, Format] = {}
        for name, sheet in cells.items():
            page = book.add_worksheet(name)
            for method, row, col, value, style, result in sheet:
                if style is not None and id(style) not in formats:
                    formats[id(style)] = copied(book, style)
                look = None if style is None else formats[id(style)]
                if method == "write_formula":
                    page.write_formula(row, col, value, look, result)
                else:
                    getattr(page, method)(row, col, value, look)


def copied(book: Workbook, style: Format) -> Format:
    """A format of another workbook."""
    here = book.add_format()
    own = ("xf_format_indices", "dxf_format_indices", "xf_index", "dxf_index")
    vars(here).update({key: value for key, value in vars(style).items() if key not in own})
    return here


if __name__ == "__main__":
    main()
