"""Whether a document is a company's own: its CIK, its name or a former one, and since when it is the same business."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from screener.sources.edgar import addresses, tables

# Legal forms and articles, which filers write in many ways or leave out.
_FORMS = {
    "inc", "incorporated", "corp", "corporation", "co", "company", "ltd", "limited", "llc", "lp", "plc", "nv", "sa", "ag",
    "the", "de", "nevada", "new",
}  # fmt: skip


def plain(name: str) -> str:
    """A company's name in small letters without legal form, punctuation and EDGAR's suffix such as /DE/."""
    bare = re.sub(r"/[^/]*/?$", " ", name.strip()) if "/" in name else name
    # "N.V." is one word, "Bit Digital, Inc" three.
    words = re.sub(r"[^a-z0-9&]+", " ", re.sub(r"(?<=\b[a-z])\.(?=[a-z]\b)", "", bare.lower())).split()
    kept = [word for word in words if word not in _FORMS]
    return " ".join(kept or words)


def refusal(cik: str, name: str, company: Mapping[str, Any] | pd.Series, former: Iterable[str] = ()) -> str:
    """Why a document is not the company's; empty where CIK and name both are.

    Parameters
    ----------
    cik, name : str
        As the document states them.
    company : row of companies.csv
        Of which ticker, name, former_names (separated by semicolons) and cik are read.
    former : names
        Former names as EDGAR's submissions list them for the company's own CIK.
    """
    ticker, own = company["ticker"], addresses.padded(company.get("cik") or "")
    if not own:
        return f"{ticker} has no CIK in companies.csv; add it, or filings cannot be told from another company's"
    if addresses.padded(cik) != own:
        return f"the document is of {name or 'an unnamed filer'} (CIK {cik or 'unknown'}), {ticker} is CIK {own}"
    listed = company.get("former_names")
    known = [company["name"], *(listed.split(";") if isinstance(listed, str) else []), *former]
    if plain(name) not in {plain(one) for one in known}:
        return (
            f"the document names {name or 'nobody'}, companies.csv names {company['name']}; if {ticker} was renamed, "
            "add the name to former_names in companies.csv"
        )
    return ""


def same_business_since(ticker: str) -> pd.Timestamp:
    """The first filing day whose facts are of today's business; NaT where every filing's are.

    A listed shell that another business was merged into goes on under its CIK: the older facts are the shell's.
    """
    rows = tables.filers()
    found = rows.loc[rows["ticker"] == ticker, "from"]
    return found.iloc[0] if len(found) else pd.NaT
