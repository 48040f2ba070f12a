"""Addresses at the SEC, and the two numbers they are made of: a company's CIK and a filing's accession number."""

from __future__ import annotations

import re
from urllib.parse import quote

DATA = "https://data.sec.gov"
ARCHIVES = "https://www.sec.gov/Archives/edgar/data"
_ACCESSION = re.compile(r"[0-9]{10}-[0-9]{2}-[0-9]{6}")


def padded(cik: object) -> str:
    """A CIK in ten digits, from 827876, "827876", "0000827876" or "CIK0000827876"; empty where it is none."""
    digits = str(cik).strip().upper().removeprefix("CIK")
    if isinstance(cik, bool) or not re.fullmatch(r"[0-9]{1,10}", digits) or not int(digits):
        return ""
    return digits.zfill(10)


def is_accession(text: object) -> bool:
    """Whether this is an accession number, as 0000950170-25-104236."""
    return isinstance(text, str) and _ACCESSION.fullmatch(text) is not None


def submissions(cik: object) -> str:
    """The address of a company's filings."""
    return f"{DATA}/submissions/CIK{padded(cik)}.json"


def older_part(name: str) -> str:
    """The address of an older part of a company's filings, which `submissions` names."""
    return f"{DATA}/submissions/{quote(name, safe='')}"


def companyfacts(cik: object) -> str:
    """The address of every fact of a company that carries no dimension."""
    return f"{DATA}/api/xbrl/companyfacts/CIK{padded(cik)}.json"


def folder(cik: object, accession: str) -> str:
    """The address of a filing's folder, without a slash at its end."""
    return f"{ARCHIVES}/{int(padded(cik))}/{accession.replace('-', '')}"


def index(cik: object, accession: str) -> str:
    """The address of a filing's index page, which lists its documents and exhibits."""
    return f"{folder(cik, accession)}/{accession}-index.htm"


def document(cik: object, accession: str, name: str) -> str:
    """The address of a document of a filing; of its index page where the document has no name (some old filings)."""
    return f"{folder(cik, accession)}/{quote(name)}" if name else index(cik, accession)
