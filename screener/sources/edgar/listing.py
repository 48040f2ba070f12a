"""What companies filed since a day, one row a filing, with the kind of event that it announces."""

from __future__ import annotations

import pandas as pd

from screener.sources.edgar import events
from screener.sources.edgar.calendar import PERIODIC

COLUMNS = ["ticker", "filed", "form", "items", "kind", "what", "after_close", "accession", "url"]
# Of insiders and holders: hundreds a year, none of them about the company's own figures or contracts.
OF_HOLDERS = ("3", "4", "5", "144", "SC 13D", "SC 13G", "SCHEDULE 13D", "SCHEDULE 13G")
BY_A_PERSON = "to be read by a person"


def listed(filings: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp) -> tuple[pd.DataFrame, int]:
    """The filings of a span without those of insiders and holders, newest first.

    Parameters
    ----------
    filings : DataFrame
        `FILING_COLUMNS`.
    since, until : Timestamp
        First and last filing day.

    Returns
    -------
    DataFrame
        `COLUMNS`; `kind` is that of `events.candidates` ("financing or contract" where a person decides), "report" for a
        periodic report, "to be read by a person" for a 6-K without XBRL, and empty for every other form.
    int
        How many filings of insiders and holders were left out.
    """
    inside = filings[filings["filed"].between(since, until)]
    base = inside["form"].str.removesuffix("/A")
    wanted = inside[~base.isin(OF_HOLDERS)].reset_index(drop=True)
    found = events.candidates(wanted)
    found["kind"] = found["kind"] + found["or_kind"].map(lambda other: f" or {other}" if other else "")
    by_filing = found.groupby(["ticker", "accession"]).agg(
        kind=("kind", "; ".join), what=("what", "; ".join), after_close=("after_close", "first")
    )
    out = wanted.merge(by_filing, left_on=["ticker", "accession"], right_index=True, how="left")
    periodic = wanted["form"].str.removesuffix("/A").isin(PERIODIC)
    unread = (out["form"].str.removesuffix("/A") == "6-K") & ~out["is_xbrl"].astype(bool)
    other = periodic.map({True: "report", False: ""}).mask(unread, BY_A_PERSON)
    out["kind"] = out["kind"].fillna(other)
    out["what"] = out["what"].fillna(out["description"]).fillna("")
    out = out.sort_values(["filed", "accepted_at", "ticker"], ascending=[False, False, True], kind="stable")
    return out[COLUMNS].reset_index(drop=True), len(inside) - len(wanted)
