"""The delimiter of a text file: the one with which a header of holdings is read, else the most frequent."""

from __future__ import annotations

import csv
import io
import re

from screener.holdings.layouts import header_of

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
HEAD = 60  # lines in which a header is looked for


def delimiter_of(text: str) -> str:
    """The delimiter of a file's text."""
    said = re.match(r"\ufeff?\s*sep=(.)", text)
    if said and said[1] in DELIMITERS:
        return said[1]
    lines = [line for line in text[:40_000].splitlines() if line.strip()][:HEAD]
    head = "\n".join(lines)
    best, most = "", 0
    for delimiter in DELIMITERS:
        try:
            rows = list(csv.reader(io.StringIO(head), delimiter=delimiter))
        except csv.Error:
            continue
        for row in rows:
            header = header_of([cell.strip() for cell in row])
            if header is not None and len(row) > most:
                best, most = delimiter, len(row)
    if best:
        return best
    # Numbers hold commas and dates none of the others; quoted text counts for nothing.
    bare = re.sub(r'"[^"]*"', "", head)
    return max(DELIMITERS, key=bare.count) if any(d in bare for d in DELIMITERS) else ","
