"""The SEC's hosts as a client meets them: submissions, companyfacts, and documents in the Archives.

Companies are those of a universe. Each has filed an annual report and a quarterly one, with cash and debt that are
invented and round, and an 8-K with results; foreign filers have filed a 6-K without XBRL. `file` adds a filing, and
`file_balance_sheets` adds reports with the balance sheets of a universe's own rows.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from screener.universes import Universe
from tests import edgar_documents as edgar
from tests.edgar_documents import Fact, Filed, Filing
from tests.loopback import faults
from tests.loopback.proxy import Answer, Request

EVERY = "*"
# The tag that states an item of a balance sheet; debt has two lines, and shares stand on the cover.
TAGS = {
    "cash": "CashAndCashEquivalentsAtCarryingValue",
    "restricted_cash": "RestrictedCash",
    "noncontrolling_interest": "MinorityInterest",
    "preferred_equity": "PreferredStockValue",
}
DEBT_LINES = ("LongTermDebtCurrent", "LongTermDebtNoncurrent")
COVER = "dei:EntityCommonStockSharesOutstanding"
FOREIGN = ("BTDR", "CANG", "DGXX", "NBIS")
ANNUAL = ("10-K", "2026-02-27", "2025-12-31", "2026-02-27T21:05:00.000Z")
QUARTERLY = ("10-Q", "2026-08-07", "2026-06-30", "2026-08-07T20:31:12.000Z")
CASH, DEBT = 100_000_000, 250_000_000
NO_SUCH_KEY = (
    b"<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>NoSuchKey</Code>"
    b"<Message>The specified key does not exist.</Message></Error>"
)
THRESHOLD = (
    b"<!DOCTYPE html><html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head>"
    b"<body><h1>Your Request Originates from an Undeclared Automated Tool</h1><p>Please wait 10 minutes.</p></body></html>"
)
MAINTENANCE = b"<!DOCTYPE html><html><head><title>SEC.gov | Maintenance</title></head><body>Back soon</body></html>"
SUBMISSIONS = re.compile(r"/submissions/CIK(\d{10})\.json")
FACTS = re.compile(r"/api/xbrl/companyfacts/CIK(\d{10})\.json")
ARCHIVES = re.compile(r"/Archives/edgar/data/(\d+)/(\d{18})/([^/]+)")


@dataclass
class Filer:
    """What one company has filed."""

    ticker: str
    cik: str
    name: str
    former: tuple[str, ...] = ()
    filings: list[Filing] = field(default_factory=list)
    facts: list[Filed] = field(default_factory=list)
    documents: dict[str, bytes] = field(default_factory=dict)


class Sec:
    """Answers for data.sec.gov and www.sec.gov; as there, no answer has an ETag or a Last-Modified.

    Attributes
    ----------
    filers : dict of Filer
        By ticker.
    faults : dict
        (ticker or `EVERY`, what or `EVERY`) to faults, one used up by each request, the last one for good; `what` is
        submissions, companyfacts or document.
    now : Timestamp or None
        UTC: filings accepted later do not exist yet; None for all.
    """

    def __init__(self, universe: Universe, *, invented: bool = True) -> None:
        self.filers: dict[str, Filer] = {}
        self.faults: dict[tuple[str, str], list[str]] = {}
        self.now: pd.Timestamp | None = None
        for number, row in enumerate(universe.companies.dropna(subset="cik").itertuples(index=False)):
            former = tuple(part.strip() for part in str(row.former_names).split(";")) if row.former_names else ()
            self.filers[row.ticker] = Filer(row.ticker, row.cik, row.name, tuple(n for n in former if n != "nan"))
            if not invented:
                continue
            abroad = row.ticker in FOREIGN
            cash = CASH + number * 1_000_000
            self.file(row.ticker, *ANNUAL, form="20-F" if abroad else "10-K", cash=cash - 500_000)
            if abroad:
                self.file(row.ticker, "6-K", "2026-08-20", "2026-06-30", "2026-08-20T11:00:00.000Z", xbrl=False)
            else:
                self.file(
                    row.ticker,
                    "8-K",
                    "2026-08-06",
                    "2026-08-06",
                    "2026-08-06T20:06:00.000Z",
                    items="2.02,9.01",
                    xbrl=False,
                )
                self.file(row.ticker, *QUARTERLY, cash=cash)

    @property
    def hosts(self) -> dict[str, Callable[[Request], Answer]]:
        return dict.fromkeys(("data.sec.gov", "www.sec.gov"), self.answer)

    def file(
        self,
        ticker: str,
        kind: str,
        filed: str,
        period_end: str,
        accepted: str,
        *,
        form: str = "",
        cash: float | None = None,
        stated: Sequence[Fact] = (),
        items: str = "",
        xbrl: bool = True,
        facts_out: bool = True,
    ) -> str:
        """Add a filing, newest first; with cash it states cash and debt, else what is `stated`, in companyfacts where
        `facts_out`.

        Returns
        -------
        str
            Its accession number.
        """
        filer = self.filers[ticker]
        form = form or kind
        number = len(filer.filings) + 1
        accession = f"{filer.cik}-{filed[2:4]}-{number:06d}"
        document = f"{ticker.lower()}-{period_end.replace('-', '')}.htm"
        filer.filings.insert(0, Filing(accession, form, filed, period_end, accepted, items, document, form, xbrl))
        filer.filings.sort(key=lambda one: one.accepted, reverse=True)
        if cash is not None:
            stated = [Fact(TAGS["cash"], int(cash), period_end), Fact("LongTermDebt", DEBT, period_end)]
        if stated:
            filer.documents[accession] = edgar.report(
                stated, name=filer.name, cik=filer.cik, form=form, period_end=period_end,
                fiscal_year_end="--12-31", prefix=ticker.lower(),
            )  # fmt: skip
            if facts_out:
                filer.facts += [Filed(fact, accession, form, filed, int(filed[:4])) for fact in stated]
        else:
            filer.documents[accession] = b"<!DOCTYPE html><html><body><p>A letter without figures.</p></body></html>"
        return accession

    def file_balance_sheets(self, universe: Universe, after: str) -> dict[str, list[str]]:
        """File a report for each balance sheet that a universe has from after a day, with the universe's figures.

        A report is accepted at 15:00 in New York on the day on which the universe's cash was published: a 10-Q, of
        foreign filers a 6-K with inline XBRL. It states cash, restricted cash, debt in two lines, minority, preferred, and
        the last share count of a day after `after` known by then, as far as the universe has them.

        Returns
        -------
        dict of list
            Accession numbers by company, oldest first; companies without a later balance sheet are not in it.
        """
        facts = universe.facts.sort_values(["period_end", "published_on"], kind="stable")
        made: dict[str, list[str]] = {}
        for ticker in self.filers:
            own = facts[facts["ticker"] == ticker]
            counts = own[(own["item"] == "shares_outstanding") & (own["period_end"] > pd.Timestamp(after))]
            lines = own[own["item"].isin([*TAGS, "debt_total"])].drop_duplicates(["item", "period_end"], keep="last")
            cash = lines[(lines["item"] == "cash") & (lines["published_on"] > pd.Timestamp(after))]
            for row in cash.itertuples(index=False):
                end, filed = f"{row.period_end:%Y-%m-%d}", row.published_on
                same = lines[lines["period_end"] == row.period_end].set_index("item")["value"]
                stated = [Fact(tag, round(same[item]), end) for item, tag in TAGS.items() if item in same]
                if "debt_total" in same:
                    current = round(same["debt_total"] / 4)
                    parts = (current, round(same["debt_total"]) - current)
                    stated += [Fact(tag, part, end) for tag, part in zip(DEBT_LINES, parts, strict=True)]
                cover = counts[(counts["published_on"] <= filed) & (counts["period_end"] <= filed)].tail(1)
                stated += [
                    Fact(COVER, round(one.value), f"{one.period_end:%Y-%m-%d}", unit="shares", decimals="INF")
                    for one in cover.itertuples(index=False)
                ]
                accepted = (filed + pd.Timedelta(hours=15)).tz_localize("America/New_York").tz_convert("UTC")
                accession = self.file(
                    ticker, "6-K" if ticker in FOREIGN else "10-Q", f"{filed:%Y-%m-%d}", end,
                    f"{accepted:%Y-%m-%dT%H:%M:%S.000Z}", stated=stated,
                )  # fmt: skip
                made.setdefault(ticker, []).append(accession)
        return made

    def facts_come_out(self, ticker: str) -> None:
        """Let companyfacts state what the newest report with figures states."""
        filer = self.filers[ticker]
        newest = next(one for one in filer.filings if one.xbrl)
        values = [row for row in filer.facts if row.fact.concept == TAGS["cash"]]
        cash = replace(values[-1].fact, value=values[-1].fact.value + 1_000_000, end=newest.report_date)
        filer.facts.append(Filed(cash, newest.accession, newest.form, newest.filed))

    def fail(self, ticker: str, *faults: str, what: str = EVERY) -> None:
        """Let a company's answers fail, one fault a request, the last one for good; "" is a good answer."""
        self.faults[ticker, what] = list(faults)

    def mend(self) -> None:
        """Let every answer be good again."""
        self.faults.clear()

    def answer(self, request: Request) -> Answer:
        """What the SEC would say."""
        if "@" not in request.headers.get("user-agent", ""):
            return Answer(403, THRESHOLD, kind="text/html")
        shapes = (
            ("submissions", SUBMISSIONS, self._submissions),
            ("companyfacts", FACTS, self._companyfacts),
            ("document", ARCHIVES, self._document),
        )
        matching = [(what, make, shape.fullmatch(request.path)) for what, shape, make in shapes]
        what, make, found = next((one for one in matching if one[2]), ("", None, None))
        if not found or make is None:
            return Answer(404, NO_SUCH_KEY, kind="application/xml")
        cik = found[1].zfill(10)
        filer = next((one for one in self.filers.values() if one.cik == cik), None)
        if filer is None:
            return Answer(404, NO_SUCH_KEY, kind="application/xml")
        good = make(filer, *found.groups()[1:])
        return self._packed(self._faulty(self._fault(filer.ticker, what), filer, good), request.headers)

    def _fault(self, ticker: str, what: str) -> str:
        for place in ((ticker, what), (ticker, EVERY), (EVERY, what), (EVERY, EVERY)):
            if place in self.faults:
                left = self.faults[place]
                return left.pop(0) if len(left) > 1 else left[0]
        return ""

    def _out(self, filer: Filer) -> list[Filing]:
        """What was accepted by now."""
        if self.now is None:
            return filer.filings
        return [one for one in filer.filings if pd.Timestamp(one.accepted) <= self.now]

    def _submissions(self, filer: Filer) -> Answer:
        body = edgar.submissions(
            self._out(filer),
            name=filer.name,
            cik=filer.cik,
            former=filer.former,
            fiscal_year_end="1231",
            tickers=[filer.ticker],
        )
        return Answer(200, body, {"Cache-Control": "no-cache, no-store"})

    def _companyfacts(self, filer: Filer) -> Answer:
        out = {one.accession for one in self._out(filer)}
        facts = [row for row in filer.facts if row.accession in out]
        if not facts:
            return Answer(404, NO_SUCH_KEY, kind="application/xml")
        body = edgar.companyfacts(facts, name=filer.name, cik=int(filer.cik))
        return Answer(200, body, {"Cache-Control": "no-cache, no-store"})

    def _document(self, filer: Filer, folder: str, name: str) -> Answer:
        for filing in self._out(filer):
            if filing.accession.replace("-", "") == folder and filing.document == name:
                return Answer(200, filer.documents[filing.accession], kind="text/html")
        return Answer(404, NO_SUCH_KEY, kind="application/xml")

    def _faulty(self, fault: str, filer: Filer, good: Answer) -> Answer:
        if not fault:
            return good
        if fault in FAULTS:
            return FAULTS[fault](good)
        if fault == "another CIK":
            return replace(good, body=good.body.replace(filer.cik.encode(), b"0001510079").replace(
                filer.cik.lstrip("0").encode(), b"1510079"))  # fmt: skip
        if fault == "another name":
            return replace(good, body=good.body.replace(json.dumps(filer.name).encode(), b'"BTCS Inc."').replace(
                filer.name.replace("&", "&amp;").encode(), b"BTCS Inc."))  # fmt: skip
        raise ValueError(f"no fault {fault!r}")

    @staticmethod
    def _packed(answer: Answer, headers: Mapping[str, str]) -> Answer:
        """As the SEC sends it where gzip is accepted."""
        if "gzip" not in headers.get("accept-encoding", "") or "Content-Encoding" in answer.headers or not answer.body:
            return answer
        packed = gzip.compress(answer.body, 1)
        cut = min(answer.cut, len(packed) // 2)
        return replace(answer, body=packed, cut=cut, headers={**answer.headers, "Content-Encoding": "gzip"})


def _page(status: int, body: bytes, **headers: str) -> Callable[[Answer], Answer]:
    return lambda _: Answer(
        status, body, {name.replace("_", "-"): text for name, text in headers.items()}, kind="text/html"
    )


def _body(change: Callable[[bytes], bytes]) -> Callable[[Answer], Answer]:
    return lambda good: replace(good, body=change(good.body))


FAULTS: dict[str, Callable[[Answer], Answer]] = {
    **faults.FAULTS,
    "403": _page(403, THRESHOLD),
    "403 in JSON": lambda _: Answer(403, b'{"message": "Forbidden"}'),
    "401": _page(401, b"<html>proxy login</html>"),
    "404": lambda _: Answer(404, NO_SUCH_KEY, kind="application/xml"),
    "404 with a page": _page(404, MAINTENANCE),
    "429 with a past date": _page(429, b"", Retry_After="Sun, 29 Nov 2020 12:00:00 GMT"),
    "502": _page(502, MAINTENANCE),
    "504": _page(504, b""),
    "maintenance": _page(200, MAINTENANCE),
    "threshold with 200": _page(200, THRESHOLD),
    "list": _body(lambda _: b"[]"),
    "null": _body(lambda _: b"null"),
    "NaN": _body(
        lambda body: body.replace(b'"val": ', b'"val": NaN, "was": ').replace(b'"isXBRL": [', b'"isXBRL": [NaN, ')
    ),
    "no arrays": _body(lambda body: body.replace(b'"recent"', b'"past"').replace(b'"facts"', b'"past"')),
    "uneven": _body(lambda body: body.replace(b'"form": [', b'"form": ["10-Q", ')),
    "no cik": _body(lambda body: body.replace(b'"cik"', b'"kic"')),
    "NoSuchKey with 200": _body(lambda _: NO_SUCH_KEY),
    "bomb": lambda good: replace(good, body=gzip.compress(bytes(3_000_000), 9), headers={"Content-Encoding": "gzip"}),
    "no gzip": lambda good: replace(good, headers={**good.headers, "Content-Encoding": "identity"}),
}
