"""Memory, measured in a process of its own: what is far too large is refused without being held."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile

import pytest

from tests.screener.readers import books

MOST_MEGABYTES = 1_000
ENTRY = """
import json, sys
from pathlib import Path
from screener import holdings, workbooks
from screener.errors import ScreenerError
from screener.studies.claims.check import read_claims
read = {"holdings": lambda path: holdings.read([path]), "claims": read_claims, "workbook": workbooks.read_sheets}
told = []
for name, place in json.loads(sys.argv[1]):
    try:
        read[name](Path(place))
        told.append("read")
    except ScreenerError as error:
        told.append(str(error)[:300])
# Of this process alone: what getrusage tells begins with the memory of the process that started it.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([peak / 1024, told]))
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is told in kilobytes on Linux")


def measured(*inputs: tuple[str, object]) -> tuple[float, list[str]]:
    """Peak memory in MB of a process that reads these, and what each ended in."""
    order = json.dumps([(name, str(place)) for name, place in inputs])
    done = subprocess.run([sys.executable, "-c", ENTRY, order], capture_output=True, text=True, timeout=600, check=True)
    peak, told = json.loads(done.stdout)
    return peak, told


def test_a_bomb_of_a_megabyte_and_a_table_of_200_megabytes_are_refused(tmp_path):
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(books.SHEET, "w") as sheet:
        for _ in range(500):
            sheet.write(b" " * 2**20)
    assert bomb.stat().st_size < 2**20
    table = tmp_path / "table.csv"
    with table.open("wb") as file:
        for _ in range(200):
            file.write(b"Symbol,Quantity,Value\nRIOT,1,2\n" * 32_768)
    peak, told = measured(("workbook", bomb), ("holdings", bomb), ("holdings", table), ("claims", table))
    assert peak < MOST_MEGABYTES
    for words, said in zip(("at most 128 MB", "at most 128 MB", "at most 64 MB", "at most 64 MB"), told, strict=True):
        assert words in said


@pytest.mark.long
@pytest.mark.parametrize(
    ("rows", "made"),
    [
        ("<a/>", 4_500_000),
        ('<row><c t="inlineStr"><is><t>abc</t></is></c></row>', 500_000),
        ("<a>" * 1_000, 4_000),
        ('<c a="" b="" d="" e="" f=""/>', 600_000),
    ],
    ids=["tags", "cells", "nested", "attributes"],
)
def test_a_workbook_at_the_limit_fits_into_memory(tmp_path, rows, made):
    path = tmp_path / "dense.xlsx"
    path.write_bytes(books.book(rows * made))
    peak, _ = measured(("workbook", path))
    assert peak < MOST_MEGABYTES


@pytest.mark.long
def test_a_table_at_the_limit_fits_into_memory(tmp_path):
    """As many different cells as are read, in a file of 60 MB."""
    path = tmp_path / "table.csv"
    width, count = 10, 720_000
    with path.open("w") as file:
        file.write(",".join(["claim_id", *(f"column{n}" for n in range(1, width))]) + "\n")
        for row in range(count):
            file.write(",".join(f"{row}{n}" for n in range(width)) + "\n")
    peak, told = measured(("claims", path))
    assert peak < 1_500
    assert "claims" not in told
