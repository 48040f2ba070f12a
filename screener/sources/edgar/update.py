"""The companies' filings and figures renewed from EDGAR, one company after the other, each kept whole or not at all.

EDGAR's answers carry no ETag, so how often each is asked for is said here: the list of filings once in 20 hours; the facts
after a new report; a report's document once. What is due follows from the ledger alone, so a run that was killed or refused
goes on where it ended, and a second one within the 20 hours asks nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pandas as pd

from screener.config import user_file
from screener.sources.edgar import addresses, companyfacts, due, identity, inline, mapping, submissions
from screener.sources.edgar.client import SOURCE, Client
from screener.sources.edgar.filed import Document
from screener.sources.edgar.submissions import Submissions
from screener.sources.fetched import stack
from screener.sources.told import FAILED, FILING_COLUMNS, ITEM_COLUMNS, NONE, OK, Keeper, Outcome, Told
from screener.universes import Universe
from valuation._words import count

HISTORY = pd.DateOffset(years=1)  # of figures before a universe's own last one


def update(
    universe: Universe,
    ledger: Keeper,
    now: datetime,
    progress: Callable[[str], None] = lambda _: None,
    *,
    client: Client | None = None,
) -> list[Outcome]:
    """Ask EDGAR for what is due of every company, and keep it in the ledger.

    Parameters
    ----------
    universe : Universe
        Its companies with a CIK are asked for.
    ledger : Keeper
        `screener.ledger.Ledger`.
    now : datetime
        Aware.
    progress : callable
        Called with a few words before each company.
    client : Client, optional
        By default one with the user's contact address.

    Returns
    -------
    list of Outcome
        One for each question, and for what a person must read; empty where nothing was due.

    Raises
    ------
    NoContact
        No contact address is set; nothing was sent.
    Busy
        Another update of this ledger is at work.
    StoreError
        The ledger cannot be written; what it held is intact.
    """
    outcomes: list[Outcome] = []
    with ledger.updating():
        client = client or Client(ledger, user_file.contact(), now)
        with client:
            asked, filings = ledger.asked(SOURCE, by=now), ledger.filings()
            companies = universe.companies.to_dict("records")
            for number, company in enumerate(companies, 1):
                ticker = company["ticker"]
                progress(f"EDGAR: {ticker}, {number} of {len(companies)}")
                if not addresses.padded(company["cik"]):
                    message = "companies.csv gives no CIK for it, so its filings cannot be asked for"
                    outcomes.append(Outcome("submissions", ticker, NONE, message=message, requests=0))
                    continue
                known = filings[(filings["source"] == SOURCE) & (filings["ticker"] == ticker)]
                work = _Company(
                    client, ledger, company, known[FILING_COLUMNS], due.History.of(asked), pd.Timestamp(now)
                )
                told = work.told(_Known.of(universe, ticker))
                if told.outcomes:
                    ledger.add(told, now)
                    outcomes += told.outcomes
    return outcomes


@dataclass(frozen=True)
class _Known:
    """What the universe knows of a company: from which day figures are taken, bitcoin's USD price by day, and splits."""

    since: pd.Timestamp
    bitcoin: pd.Series
    splits: pd.DataFrame

    @classmethod
    def of(cls, universe: Universe, ticker: str) -> _Known:
        periods = universe.facts.loc[universe.facts["ticker"] == ticker, "period_end"]
        since = pd.Timestamp.min if periods.empty else periods.max() - HISTORY
        network = universe.network
        price = pd.Series(network["btc_usd"].to_numpy(dtype=float), index=pd.DatetimeIndex(network["date"]))
        return cls(since, price, universe.splits)


@dataclass
class _Company:
    """The questions of one company, and what their answers tell."""

    client: Client
    ledger: Keeper
    company: Mapping[str, Any]
    filings: pd.DataFrame
    history: due.History
    now: pd.Timestamp
    former: tuple[str, ...] = ()
    new: pd.DataFrame = field(default_factory=lambda: stack([], FILING_COLUMNS))
    items: list[pd.DataFrame] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def ticker(self) -> str:
        return str(self.company["ticker"])

    @property
    def cik(self) -> str:
        return addresses.padded(self.company["cik"])

    def told(self, known: _Known) -> Told:
        """Everything that is due of the company."""
        if self._submissions():
            self._companyfacts(known)
            self._document(known)
        items = stack(self.items, ITEM_COLUMNS)
        return Told(SOURCE, items=items, filings=self.new, outcomes=tuple(self.outcomes))

    def _submissions(self) -> bool:
        """Learn what was filed, where that is due; whether to go on with the company."""
        url = addresses.submissions(self.cik)
        if not self.history.submissions_due(self.ticker, self.now):
            stored = self.ledger.answer(url)
            if stored is not None:
                self.former = submissions.read(stored.body, self.ticker).former_names
            return True
        found, outcome = self.client.ask(
            "submissions", self.ticker, url, lambda body: submissions.read(body, self.ticker)
        )
        if found is None:
            self.outcomes.append(outcome)
            return False
        refusal = identity.refusal(found.cik, found.name, self.company, found.former_names)
        if refusal:
            self.outcomes.append(_refused(outcome, refusal))
            return False
        self._filed(found, outcome)
        return True

    def _filed(self, found: Submissions, outcome: Outcome) -> None:
        """Take in the filings that were not known, and say which a person must read."""
        self.former = found.former_names
        first = self.filings.empty
        self.new = found.filings[~found.filings["accession"].isin(self.filings["accession"])]
        self.filings = stack([self.new, self.filings], FILING_COLUMNS)
        self.outcomes.append(replace(outcome, message=_new_filings(self.new, first)))
        self.history = self.history.answered("submissions", self.ticker, self.now)
        unread = due.to_be_read(self.new)
        if len(unread) and not first:
            newest = unread.iloc[0]
            unread_6k = f"{len(unread)} new filings 6-K" if len(unread) > 1 else "a new filing 6-K"
            message = f"{unread_6k} without XBRL, the newest filed on {newest.filed:%Y-%m-%d}: "
            message += f"a person must read {newest.url}"
            self.outcomes.append(Outcome("6-K", self.ticker, NONE, message=message, url=newest.url, requests=0))

    def _companyfacts(self, known: _Known) -> None:
        """The facts of all filings, where a report is newer than those that are kept."""
        if not self.history.companyfacts_due(self.ticker, self.filings, self.now):
            return
        url = addresses.companyfacts(self.cik)
        found, outcome = self._asked("companyfacts", self.ticker, url, companyfacts.read)
        if found is None:
            return
        message = self._mapped(found, self.filings, known)
        newest = due.newest_report(self.filings)
        if newest is not None and newest.accession not in set(found.facts["accession"]):
            kind = due.NOT_YET_OUT
            message = f"filed, facts not yet out: {newest.form} of {newest.filed:%Y-%m-%d}; {message}"
            self.outcomes.append(replace(outcome, kind=kind, message=message))
            return
        self.outcomes.append(replace(outcome, message=message))

    def _document(self, known: _Known) -> None:
        """The newest report whose document was not read yet."""
        filing = self.history.document_due(self.ticker, self.filings, self.now)
        if filing is None:
            return
        name = f"{filing.form} filed {filing.filed:%Y-%m-%d}"

        def read(body: bytes) -> Document:
            return inline.read(body, accession=filing.accession, filed=filing.filed, what=f"{name} of {self.ticker}")

        found, outcome = self._asked("document", filing.accession, filing.url, read)
        if found is None:
            return
        own = self.filings[self.filings["accession"] == filing.accession]
        message = f"{name}: {self._mapped(found, own, known)}"
        self.outcomes.append(replace(outcome, message=message))

    def _asked(
        self, what: str, subject: str, url: str, read: Callable[[bytes], Document]
    ) -> tuple[Document | None, Outcome]:
        """A document of the company; None, with the outcome noted, where there is none or it is another company's."""
        found, outcome = self.client.ask(what, subject, url, read)
        refusal = "" if found is None else identity.refusal(found.cik, found.name, self.company, self.former)
        if found is None or refusal:
            self.outcomes.append(_refused(outcome, refusal) if refusal else outcome)
            return None, outcome
        return found, outcome

    def _mapped(self, found: Document, filings: pd.DataFrame, known: _Known) -> str:
        """Map a document's facts to items and keep them; how many, in words."""
        items = mapping.to_items(found, filings, self.company, known.bitcoin, former=self.former, splits=known.splits)
        items = items[items["period_end"] >= known.since]
        self.items.append(items)
        person = int((items["needs"] != "").sum())
        return count(len(items), "figure") + (f", {person} of them for a person to decide" if person else "")


def _refused(outcome: Outcome, refusal: str) -> Outcome:
    """An answer that is another company's: not kept, nothing of it is used."""
    return replace(outcome, ended=FAILED, kind="bad_answer", message=f"refused: {refusal}", body=None)


def _new_filings(new: pd.DataFrame, first: bool) -> str:
    if new.empty:
        return "no new filing"
    newest = new.sort_values(["filed", "accepted_at"], kind="stable").iloc[-1]
    named = f"{newest.form} of {newest.filed:%Y-%m-%d}"
    if first:
        return f"{count(len(new), 'filing')}, the newest a {named}"
    return f"1 new filing: {named}" if len(new) == 1 else f"{len(new)} new filings, the newest a {named}"


def status(universe: Universe, ledger: Keeper, now: datetime) -> pd.DataFrame:
    """How EDGAR's last answers on each company ended, and how old they are.

    Returns
    -------
    DataFrame
        source, company, outcome (words), age (since the list of filings was last answered; NaT: never), failed
        (whether its last question failed), in the universe's order.
    """
    asked, filings = ledger.asked(SOURCE), ledger.filings()
    rows = []
    for ticker in universe.companies["ticker"]:
        own = filings[(filings["source"] == SOURCE) & (filings["ticker"] == ticker)]
        of_it = asked[(asked["subject"] == ticker) | asked["subject"].isin(own["accession"])]
        lists = of_it[of_it["what"] == "submissions"]
        age = pd.Timestamp(now) - lists["good"].iloc[0] if len(lists) and pd.notna(lists["good"].iloc[0]) else pd.NaT
        failed = of_it[of_it["ended"] == FAILED]
        rows.append({"source": SOURCE, "company": ticker, "outcome": _words(of_it, failed), "age": age,
                     "failed": len(failed) > 0})  # fmt: skip
    return pd.DataFrame(rows, columns=["source", "company", "outcome", "age", "failed"])


def _words(asked: pd.DataFrame, failed: pd.DataFrame) -> str:
    if asked.empty:
        return "not asked yet"
    told = failed
    if failed.empty:
        last = asked[asked["at"] == asked["at"].max()]
        told = last[(last["ended"] == OK) | (last["message"] != "")]
    return "; ".join(f"{row.what}: {row.message}" for row in told.itertuples())
