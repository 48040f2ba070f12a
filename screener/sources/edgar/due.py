"""What of a company is to be asked of EDGAR now, by what was asked before and what was filed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from screener.sources.told import FAILED, OK

SUBMISSIONS_LIVE = pd.Timedelta(hours=20)  # a list of filings is new for so long: once a day, whatever the hour
FACTS_LATE = pd.Timedelta(days=14)  # companyfacts that lack a report for longer than this are not asked for again
NOT_YET_OUT = "partial"
REPORTS = ("10-Q", "10-K", "10-QT", "10-KT", "20-F", "40-F", "6-K")
AMENDED = tuple(f"{form}/A" for form in REPORTS)


@dataclass(frozen=True)
class History:
    """How the last question of each kind and subject ended: frame of `Ledger.asked`, indexed by what and subject."""

    asked: pd.DataFrame

    @classmethod
    def of(cls, asked: pd.DataFrame) -> History:
        """Of `Ledger.asked` of one source."""
        return cls(asked.set_index(["what", "subject"])[["at", "ended", "kind", "good"]])

    def answered(self, what: str, subject: str, now: pd.Timestamp) -> History:
        """The same with a question answered just now."""
        row = pd.DataFrame([[now, OK, "", now]], columns=self.asked.columns,
                           index=pd.MultiIndex.from_tuples([(what, subject)], names=["what", "subject"]))  # fmt: skip
        rest = self.asked.drop([(what, subject)], errors="ignore")
        return History(pd.concat([rest, row]) if len(rest) else row)

    def last(self, what: str, subject: str) -> Any:
        """at, ended, kind and good of the last question; None where it was never asked."""
        if (what, subject) not in self.asked.index:
            return None
        return self.asked.loc[(what, subject)]

    def good(self, what: str, subject: str) -> pd.Timestamp:
        """When it was last answered; NaT where never."""
        last = self.last(what, subject)
        return pd.NaT if last is None else last["good"]

    def submissions_due(self, ticker: str, now: pd.Timestamp) -> bool:
        """Whether the list of filings is to be asked for: never answered, older than 20 hours, or the last try failed."""
        last = self.last("submissions", ticker)
        if last is None or pd.isna(last["good"]) or last["ended"] == FAILED:
            return True
        return bool(now - last["good"] >= SUBMISSIONS_LIVE)

    def companyfacts_due(self, ticker: str, filings: pd.DataFrame, now: pd.Timestamp) -> bool:
        """Whether the facts are to be asked for: never answered, a report came since, or they lacked the newest one."""
        last = self.last("companyfacts", ticker)
        if last is None or pd.isna(last["good"]):
            return True
        newest = newest_report(filings)
        if newest is None:
            return False
        if _since(newest) > last["good"]:
            return True
        lacking = last["ended"] == FAILED or last["kind"] == NOT_YET_OUT
        fresh = last["ended"] != FAILED and now - last["good"] < SUBMISSIONS_LIVE
        return bool(lacking and not fresh and now - _since(newest) < FACTS_LATE)

    def document_due(self, ticker: str, filings: pd.DataFrame, now: pd.Timestamp) -> Any | None:
        """The report whose document is to be read: at most one for each list of filings; None where none is.

        At first the newest report; then every one that came after it, the newest first.
        """
        known = reports(filings)
        if known.empty:
            return None
        read_at = pd.to_datetime([self.good("document", accession) for accession in known["accession"]], utc=True)
        was_read = read_at.notna()
        lists = self.good("submissions", ticker)
        if (read_at[was_read] >= lists).any():
            return None
        if was_read.any():
            waiting = known[~was_read & (known["filed"] >= known["filed"][was_read].min()).to_numpy()]
        else:
            original = known[~known["form"].isin(AMENDED)]
            waiting = (original if len(original) else known).iloc[:1]
        for filing in waiting.itertuples():
            last = self.last("document", filing.accession)
            unreadable = last is not None and last["ended"] == FAILED and last["kind"] == "bad_answer"
            if not unreadable or now - last["at"] >= SUBMISSIONS_LIVE:
                return filing
        return None


def reports(filings: pd.DataFrame) -> pd.DataFrame:
    """Reports with XBRL of a whole period, newest first."""
    found = filings[filings["form"].isin((*REPORTS, *AMENDED)) & filings["is_xbrl"].astype(bool)]
    return found.sort_values(["filed", "accepted_at", "accession"], ascending=False, kind="stable")


def newest_report(filings: pd.DataFrame) -> Any | None:
    """The newest report with XBRL that is no amendment; None where there is none."""
    found = reports(filings)
    found = found[~found["form"].isin(AMENDED)]
    return None if found.empty else next(found.itertuples())


def to_be_read(filings: pd.DataFrame) -> pd.DataFrame:
    """Filings 6-K without XBRL, newest first: only a person can take figures from them."""
    found = filings[filings["form"].isin(("6-K", "6-K/A")) & ~filings["is_xbrl"].astype(bool)]
    return found.sort_values(["filed", "accepted_at"], ascending=False, kind="stable")


def _since(filing: Any) -> pd.Timestamp:
    """When a filing was there: its acceptance time, else the end of its filing day in New York at the latest."""
    if pd.notna(filing.accepted_at):
        return filing.accepted_at
    return (filing.filed + pd.Timedelta(days=1)).tz_localize("America/New_York").tz_convert("UTC")
