"""A company's filings, as EDGAR's submissions list them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener.sources.edgar import addresses
from screener.sources.edgar.answers import days, json_object, refuse
from screener.sources.told import FILING_COLUMNS

_TEXTS = {
    "accession": "accessionNumber",
    "form": "form",
    "items": "items",
    "document": "primaryDocument",
    "description": "primaryDocDescription",
}
_DATES = {"filed": "filingDate", "report_date": "reportDate"}
_REQUIRED = ("accessionNumber", "filingDate", "form")


@dataclass(frozen=True)
class Submissions:
    """What EDGAR lists of a company.

    Attributes
    ----------
    cik : str
        Ten digits.
    name : str
        Its name today.
    former_names : tuple of str
        As EDGAR lists them, newest first.
    tickers : tuple of str
        Its symbols today.
    fiscal_year_end : str
        "12-31"; empty where it is not stated.
    filings : DataFrame
        `FILING_COLUMNS`: about its 1,000 newest filings, newest first.
    older : tuple of str
        Names of the parts with older filings (`addresses.older_part`, `read_older`).
    """

    cik: str
    name: str
    former_names: tuple[str, ...]
    tickers: tuple[str, ...]
    fiscal_year_end: str
    filings: pd.DataFrame
    older: tuple[str, ...]


def read(content: bytes, ticker: str) -> Submissions:
    """A company's name, fiscal year end and filings, from submissions/CIK##########.json.

    Raises
    ------
    EdgarFault
        An error page, half an answer, or an answer without CIK, name or filings.
    """
    what = f"filings of {ticker}"
    answer = json_object(content, what)
    cik, name, filings = addresses.padded(answer.get("cik")), answer.get("name"), answer.get("filings")
    if not cik or not isinstance(name, str) or not name.strip():
        raise refuse(what, "the answer does not say whose it is (no cik or no name)")
    if not isinstance(filings, dict) or not isinstance(filings.get("recent"), dict):
        raise refuse(what, "the answer has no filings.recent")
    day = str(answer.get("fiscalYearEnd") or "")
    return Submissions(
        cik=cik,
        name=" ".join(name.split()),
        former_names=_names(answer.get("formerNames")),
        tickers=tuple(str(symbol) for symbol in _list(answer.get("tickers")) if symbol),
        fiscal_year_end=f"{day[:2]}-{day[2:]}" if len(day) == 4 and day.isdigit() else "",
        filings=_filings(filings["recent"], ticker, cik, what),
        older=_names(filings.get("files")),
    )


def read_older(content: bytes, ticker: str, cik: object) -> pd.DataFrame:
    """The filings of an older part, whose arrays stand at the top level: `FILING_COLUMNS`, newest first.

    Raises
    ------
    EdgarFault
    """
    what = f"older filings of {ticker}"
    return _filings(json_object(content, what), ticker, addresses.padded(cik), what)


def _names(listed: object) -> tuple[str, ...]:
    """The `name` of each entry of a list, where it has one."""
    return tuple(str(entry["name"]) for entry in _list(listed) if isinstance(entry, dict) and entry.get("name"))


def _list(value: object) -> list:
    """A list as it is; an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def _filings(arrays: dict, ticker: str, cik: str, what: str) -> pd.DataFrame:
    """The parallel arrays as `FILING_COLUMNS`."""
    missing = [name for name in _REQUIRED if not isinstance(arrays.get(name), list)]
    if missing:
        raise refuse(what, f"the answer has no {', '.join(missing)}")
    count = len(arrays["accessionNumber"])
    uneven = [name for name, values in arrays.items() if isinstance(values, list) and len(values) != count]
    if uneven:
        raise refuse(what, f"{', '.join(uneven)}: another number of values than the {count:,} of accessionNumber")
    wrong = [text for text in arrays["accessionNumber"] if not addresses.is_accession(text)]
    if wrong:
        raise refuse(what, f"accessionNumber {str(wrong[0])[:40]!r} is not of the form 0000950170-25-104236")

    def column(name: str) -> list:
        return arrays[name] if isinstance(arrays.get(name), list) else [None] * count

    frame = pd.DataFrame({"ticker": [ticker] * count, "cik": [cik] * count}, dtype=object)
    for ours, name in _TEXTS.items():
        frame[ours] = pd.Series([str(value or "") for value in column(name)], dtype=object)
    for ours, name in _DATES.items():
        frame[ours] = days(column(name))
    times = pd.Series(
        [value if isinstance(value, str) else None for value in column("acceptanceDateTime")], dtype=object
    )
    times = pd.to_datetime(times, format="ISO8601", errors="coerce", utc=True)
    times = times.where((times >= "1900-01-01") & (times < "2200-01-01"))
    frame["accepted_at"] = times.astype("datetime64[ns, UTC]")
    if frame["filed"].isna().any():
        value = column("filingDate")[int(frame["filed"].isna().to_numpy().argmax())]
        raise refuse(what, f"filingDate {str(value)[:40]!r} is not a date as 2025-08-07")
    flags = [
        bool(plain) or bool(inline) for plain, inline in zip(column("isXBRL"), column("isInlineXBRL"), strict=True)
    ]
    frame["is_xbrl"] = np.array(flags, dtype=bool)
    frame["url"] = pd.Series(
        [addresses.document(cik, *pair) for pair in zip(frame["accession"], frame["document"], strict=True)],
        dtype=object,
    )
    return frame[FILING_COLUMNS]
