"""Figure by figure, what the filings of a folder say and how it was read, beside the bundled universe.

    python benchmarks/filings.py FOLDER

Reads every inline XBRL report of the folder (plain or gzip). Whose it is says the document: a file whose CIK is in no row of
companies.csv, or whose name is another's, is refused. `agrees` is within 0.1% of a row of the universe for the same item and
period, `x%` the filing over the nearest row; shares are held against the rows of the week around the count.
"""

from __future__ import annotations

import gzip
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import pandas as pd

from screener import universes
from screener.errors import EXPECTED
from screener.sources.edgar import inline
from screener.sources.edgar.filed import Document
from screener.sources.edgar.mapping import read
from screener.sources.told import FILING_COLUMNS

WIDTH = 80
AGREES = 0.001


def main(folder: Path) -> int:
    """Print every filing of the folder; 1 where none could be read."""
    universe = universes.load("miners")
    # Weekly closes, the days between on a line: good enough to tell 18 coins from 18,000, not for the 2% of the program.
    price = universe.network.set_index("date")["btc_usd"].resample("D").interpolate()
    counts: dict[str, int] = {}
    for path in sorted(folder.iterdir()):
        if not path.is_file() or not re.search(r"\.html?(\.gz)?$", path.name):
            continue
        print("=" * WIDTH, path.name, sep="\n")
        try:
            content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            document = inline.read(content, what=path.name)
            for verdict in compare(document, universe, price):
                counts[verdict] = counts.get(verdict, 0) + 1
        except EXPECTED as error:
            print(textwrap.fill(f"refused: {error}", WIDTH))
    print("=" * WIDTH)
    print(", ".join(f"{verdict} {count}" for verdict, count in sorted(counts.items())) or "no filing was read")
    return 0 if counts else 1


def compare(document: Document, universe: universes.Universe, price: pd.Series) -> list[str]:
    """Print one filing; the verdicts of its figures."""
    companies = universe.companies
    own = companies[companies["cik"].astype(str).str.zfill(10) == document.cik]
    if own.empty:
        print(textwrap.fill(f"refused: {document.name} (CIK {document.cik}) is no company of the universe", WIDTH))
        return ["refused"]
    company = own.iloc[0]
    nothing = pd.DataFrame(columns=FILING_COLUMNS)
    items, left = read(document, nothing, company, price)
    current = items[items["period_end"] >= document.period_end]
    verdicts = []
    for row in current.itertuples():
        verdict, words = beside(row, universe.facts)
        verdicts.append(verdict)
        print(f"{row.item:<25}{row.value:>15,.0f}  {words}")
        said = [str(row.evidence), *([f"for a person: {row.needs}"] if row.needs else [])]
        for text in said:
            print(textwrap.fill(text, WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False))
    for row in left[left["period_end"] >= document.period_end].itertuples():
        text = f"left: {row.item}: {row.tag} {row.value:,.0f} {row.unit}: {row.reason}"
        print(textwrap.fill(text, WIDTH, subsequent_indent="    ", break_on_hyphens=False))
    return verdicts


def beside(row: Any, facts: pd.DataFrame) -> tuple[str, str]:
    """The verdict on one figure, and the same in words."""
    same = facts[(facts["ticker"] == row.ticker) & (facts["item"] == row.item)]
    days = (same["period_end"] - row.period_end).dt.days.abs()
    same = same[days <= (7 if row.item == "shares_outstanding" else 0)]
    if same.empty:
        return "not in universe", "not in universe"
    apart = (same["value"] - row.value).abs()
    nearest = float(same.loc[apart.idxmin(), "value"])
    size = max(abs(nearest), abs(row.value))
    if apart.min() <= AGREES * size:
        return "agrees", "agrees"
    over = f"{row.value / nearest - 1:+.1%}" if nearest else "from 0"
    return "differs", f"{over}: universe {nearest:,.0f}"


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
