"""Time and peak memory of reading EDGAR's answers: companyfacts of 25 MB, an inline XBRL report of 3 MB.

    python benchmarks/edgar.py [--edgartools FOLDER]

Each reader works in a fresh process, on the same synthetic file; peak memory is that of the whole process. With
FOLDER (`pip install --target FOLDER edgartools`) edgartools' reader of companyfacts is measured as well. Printed beside
them: the same file by `json.loads` alone, which no reader of JSON avoids. Limits for companyfacts: 2 s and 300 MB.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

SIZE = 25_000_000
FRAME = """
import resource, sys, time
path = sys.argv[1]
{imports}
start, busy = time.perf_counter(), time.process_time()
rows = {work}
seconds, busy = time.perf_counter() - start, time.process_time() - busy
print(rows, seconds, busy, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, sep=",")
"""
CONTENT = "open(path, 'rb').read()"
OURS = "import pandas\nfrom screener.sources.edgar import companyfacts"
READERS = {
    "json.loads alone": ("import json", f"len(json.loads({CONTENT})['facts']['us-gaap'])"),
    "companyfacts.read": (OURS, f"len(companyfacts.read({CONTENT}).facts)"),
}
EDGARTOOLS = (
    "import json\nfrom edgar.entity.parser import EntityFactsParser",
    f"len(EntityFactsParser.parse_company_facts(json.loads({CONTENT})).to_dataframe())",
)
INLINE = ("import pandas, lxml.etree\nfrom screener.sources.edgar import inline", f"len(inline.read({CONTENT}).facts)")


def companyfacts(size: int, seed: int = 1) -> bytes:
    """An answer of `size` bytes: concepts whose values are stated by four filings each, as EDGAR writes them."""
    draw = random.Random(seed)
    accessions = [
        f"{draw.randrange(10**10):010d}-{year % 100:02d}-{draw.randrange(10**6):06d}" for year in range(2009, 2026)
    ]
    concepts, written = {}, 0
    while written < size:
        rows = []
        for i in range(150):
            year = 2009 + i // 10
            for later in range(4):
                at = min(year + later, 2025)
                rows.append(
                    {"start": f"{year}-01-01", "end": f"{year}-{1 + i % 10:02d}-28", "val": draw.randrange(10**10),
                     "accn": accessions[at - 2009], "fy": at, "fp": "FY", "form": "10-K", "filed": f"{at + 1}-02-28",
                     "frame": f"CY{year}"}
                )  # fmt: skip
        about = {"label": f"Concept {len(concepts)}", "description": "What it is. " * 20, "units": {"USD": rows}}
        concepts[f"Concept{len(concepts)}"] = about
        written += len(json.dumps(about, separators=(",", ":")))
    return json.dumps(
        {"cik": 827876, "entityName": "A", "facts": {"us-gaap": concepts}}, separators=(",", ":")
    ).encode()


def report(facts: int = 1_200, padding: int = 2_200) -> bytes:
    """An inline XBRL report of about 3 MB with as many facts as a large 10-Q."""
    spaces = {
        "ix": "http://www.xbrl.org/2013/inlineXBRL",
        "ixt": "http://www.xbrl.org/inlineXBRL/transformation/2020-02-12",
        "xbrli": "http://www.xbrl.org/2003/instance",
        "iso4217": "http://www.xbrl.org/2003/iso4217",
        "us-gaap": "http://fasb.org/us-gaap/2025",
    }
    contexts = "".join(
        f'<xbrli:context id="c{i}"><xbrli:entity><xbrli:identifier scheme="http://www.sec.gov/CIK">0000827876'
        "</xbrli:identifier></xbrli:entity><xbrli:period>"
        f"<xbrli:instant>2025-{1 + i % 12:02d}-{1 + i % 28:02d}</xbrli:instant></xbrli:period></xbrli:context>"
        for i in range(300)
    )
    unit = '<xbrli:unit id="u"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>'
    style = "<span style='font:10pt'>text</span>" * (padding // 36)
    lines = "".join(
        f'<p>{style}<ix:nonFraction name="us-gaap:Concept{i}" contextRef="c{i % 300}" unitRef="u" decimals="-3" scale="3" '
        f'format="ixt:num-dot-decimal">{i:,}</ix:nonFraction></p>'
        for i in range(facts)
    )
    declared = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in spaces.items())
    return (
        f'<html xmlns="http://www.w3.org/1999/xhtml" {declared}><body><ix:header><ix:resources>{contexts}{unit}'
        f"</ix:resources></ix:header>{lines}</body></html>"
    ).encode()


def measure(title: str, reader: tuple[str, str], path: Path, before: str = "") -> None:
    """Run one reader in a fresh process and print its line."""
    code = FRAME.format(imports=before + reader[0], work=reader[1])
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False, capture_output=True, text=True)
    if done.returncode:
        print(f"  {title}: failed: {done.stderr.strip().splitlines()[-1]}")
        return
    rows, seconds, busy, peak = done.stdout.strip().splitlines()[-1].split(",")
    print(
        f"  {title}: {int(rows):,} rows, {float(seconds):.2f} s on the clock, {float(busy):.2f} s of processor time, "
        f"peak memory {float(peak):.0f} MB"
    )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--edgartools", default="", help="folder in which edgartools is installed")
    options.add_argument("--write", nargs=2, metavar=("KIND", "FILE"), help="write one synthetic file and end")
    chosen = options.parse_args()
    if chosen.write:
        kind, file = chosen.write
        Path(file).write_bytes(companyfacts(SIZE) if kind == "companyfacts" else report())
        return
    with tempfile.TemporaryDirectory() as scratch:
        # Written by other processes: Linux counts the peak memory of a parent as that of its children.
        answer, filing = Path(scratch) / "companyfacts.json", Path(scratch) / "report.htm"
        for kind, path in {"companyfacts": answer, "report": filing}.items():
            subprocess.run([sys.executable, __file__, "--write", kind, str(path)], check=True)
        print(f"companyfacts of {answer.stat().st_size / 1e6:.1f} MB")
        for title, reader in READERS.items():
            measure(title, reader, answer)
        if chosen.edgartools:
            measure("edgartools, to_dataframe", EDGARTOOLS, answer, f"sys.path.append({chosen.edgartools!r})\n")
        print(f"inline XBRL of {filing.stat().st_size / 1e6:.1f} MB")
        measure("inline.read", INLINE, filing)


if __name__ == "__main__":
    main()
