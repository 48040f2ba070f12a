"""Class of evidence of a fact: a person's reviewed row, a filing, a release, a page that quotes them, a data vendor.

Of the rows on one period the highest class is used, and within a class the latest published (METHODS section 2). The
class of a row is that of its file or source; a row of a universe's own files goes by what its link cites (`hosts.csv`:
a host, what it is, and why).
"""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pandas as pd

VENDOR, AGGREGATOR, CITED, RELEASE, COMPANYFACTS, FILING, REVIEWED = range(7)
TITLES = {
    REVIEWED: "reviewed by a person",
    FILING: "filing",
    COMPANYFACTS: "SEC company facts",
    RELEASE: "release, EX-99.1",
    CITED: "universe, cites a filing or release",
    AGGREGATOR: "universe, cites an aggregator",
    VENDOR: "data vendor",
}
# What `file` or `kind` of a row read from EDGAR says.
KINDS = {"filing": FILING, "companyfacts": COMPANYFACTS, "EX-99.1": RELEASE}
# Folder before the file name of an overlay's rows (`overlay/financials.csv`).
OVERLAY = "overlay"
HOSTS = Path(__file__).with_name("hosts.csv")
PRIMARY = ("filing", "release")
# 0001167419-25-000123, or without dashes; no part of a longer word such as a commit's hash.
ACCESSION = re.compile(r"(?<![0-9A-Za-z])(?:\d{10}-\d{2}-\d{6}|000\d{15})(?![0-9A-Za-z])")


def evidence_class(facts: pd.DataFrame) -> np.ndarray:
    """Class of evidence of each fact, higher is better.

    Parameters
    ----------
    facts : DataFrame
        file and source_url; `kind` (filing, companyfacts, EX-99.1) and `cited_url` (the link before a confirmation put
        the filing's in its place) where there are such columns.

    Returns
    -------
    int array (rows,)
    """
    urls = facts["source_url"]
    if "cited_url" in facts:
        urls = facts["cited_url"].where(facts["cited_url"].notna(), urls)
    by_link = _each(urls, lambda url: CITED if cites_primary(url) else AGGREGATOR)
    by_file = _each(facts["file"], _of_file)
    if "kind" in facts:
        by_kind = _each(facts["kind"], lambda kind: KINDS.get(kind, -1))
        by_file = np.where(by_kind >= 0, by_kind, by_file)
    return np.where(by_file >= 0, by_file, by_link)


def in_order(facts: pd.DataFrame) -> pd.DataFrame:
    """Facts sorted so that of each period the row in force comes last: by period, class of evidence, publication."""
    order = np.lexsort((facts["published_on"].to_numpy(), evidence_class(facts), facts["period_end"].to_numpy()))
    return facts.iloc[order]


def _each(cells: pd.Series, rule: object) -> np.ndarray:
    """`rule(text)` of each cell, computed once for each different one; of a blank cell that of an empty text."""
    codes, texts = pd.factorize(cells.to_numpy(dtype=object))
    found = np.array([*(rule(str(text)) for text in texts), rule("")], dtype=np.int64)  # type: ignore[operator]
    return found[codes]


def _of_file(file: str) -> int:
    """Class by the file or source alone; -1 for a file of a universe, whose links decide."""
    if file.startswith(f"{OVERLAY}/"):
        return REVIEWED
    if file in KINDS:
        return KINDS[file]
    return -1 if file.endswith(".csv") else VENDOR


@lru_cache(maxsize=65_536)
def cites_primary(url: str) -> bool:
    """Whether a link leads to a filing or a company's release, or to a copy of one.

    A host that `hosts.csv` does not name counts where the address carries an accession number.
    """
    parts = (urlsplit(url).hostname or "").split(".") if "://" in url else []
    known = hosts()
    for first in range(len(parts) - 1):
        cites = known.get(".".join(parts[first:]))
        if cites is not None:
            return cites in PRIMARY
    return bool(ACCESSION.search(unquote(url)))


@cache
def hosts() -> dict[str, str]:
    """What each known host is: filing, release or aggregator."""
    with HOSTS.open(encoding="utf-8", newline="") as file:
        return {row["host"]: row["cites"] for row in csv.DictReader(file)}
