"""What can go wrong between us and EDGAR, and what comes of it: one row a fault, in words that a reader can use."""

from __future__ import annotations

from dataclasses import dataclass

LEFT_ALONE = "next request from "


@dataclass(frozen=True)
class Case:
    """One fault of one answer.

    Attributes
    ----------
    fault, outcome : str
        In words.
    what : str
        The question whose answer fails: submissions, companyfacts, document.
    answers : tuple of str
        Faults of `tests.loopback.sec`, one a request, the last for good; "" is a good answer.
    ended, kind, message : str
        Of the outcome; the message holds these words.
    requests : int
        That the question took.
    pause : float
        Minutes during which EDGAR is not asked.
    """

    fault: str
    outcome: str
    what: str
    answers: tuple[str, ...]
    ended: str
    kind: str
    message: str
    requests: int = 1
    pause: float = 0.0

    @property
    def id(self) -> str:
        return f"{self.what}: {self.fault}"

    @property
    def long(self) -> bool:
        """Tried before a release: a report's document takes longest, and its faults are those of the other questions."""
        return self.what == "document" and self.fault in COMMON


STANDS = "The figures known before stand, with their age; the next update asks again."
STOP = "Every request to the SEC stops for 10 minutes, in later runs too; the next update goes on."
REFUSED = "The answer is refused, nothing of it is used; the message says which company it is of."
ON = "The answer is used; the repeat is counted."
CUT = "the connection ended before the answer did"
WHATS = ("submissions", "companyfacts", "document")


def _each(fault: str, outcome: str, answers: tuple[str, ...], *rest: object, pause: float = 0.0) -> list[Case]:
    return [Case(fault, outcome, what, answers, *rest, pause=pause) for what in WHATS]  # type: ignore[arg-type]


CASES = [
    *_each("HTTP 403 with the page about too many requests", STOP, ("403",), "failed", "rate_limited",
           "requests of this client are refused (HTTP 403); next request from 2026-08-28 12:10 UTC", pause=10),
    Case("HTTP 403 without a page", STOP, "submissions", ("403 in JSON",), "failed", "rate_limited",
         "(HTTP 403); " + LEFT_ALONE, pause=10),
    *_each("the page about too many requests with HTTP 200", STOP, ("threshold with 200",), "failed", "rate_limited",
           "the SEC's page about too many requests; next request from 2026-08-28 12:10 UTC", pause=10),
    *_each("HTTP 429", STOP, ("429",), "failed", "rate_limited", "too many requests (HTTP 429); " + LEFT_ALONE, pause=10),
    Case("HTTP 429, wait 120 seconds", "Requests to the SEC stop for the 2 minutes asked for.", "submissions",
         ("429 with seconds",), "failed", "rate_limited", "next request from 2026-08-28 12:02 UTC", pause=2),
    Case("HTTP 429, wait until a time", "Requests to the SEC stop until the time asked for.", "companyfacts",
         ("429 with a date",), "failed", "rate_limited", LEFT_ALONE, pause=60),
    Case("HTTP 429, wait a year", "Requests to the SEC stop for one hour, the longest pause.", "document",
         ("429 for a year",), "failed", "rate_limited", "next request from 2026-08-28 13:00 UTC", pause=60),
    Case("HTTP 429, wait until a time that has passed", "Requests to the SEC stop for one minute, the shortest pause.",
         "submissions", ("429 with a past date",), "failed", "rate_limited",
         "next request from 2026-08-28 12:01 UTC", pause=1),
    Case("HTTP 429, wait 'soon'", STOP, "submissions", ("429 with nonsense",), "failed", "rate_limited",
         LEFT_ALONE, pause=10),
    Case("HTTP 503 with a time to wait", "Requests to the SEC stop for the 90 seconds asked for.", "submissions",
         ("503 with seconds",), "failed", "rate_limited", "(HTTP 503); " + LEFT_ALONE, pause=1.5),
    *_each("HTTP 503", STANDS, ("503",), "failed", "bad_answer", "an error of the server (HTTP 503)", 3),
    Case("HTTP 500", STANDS, "submissions", ("500",), "failed", "bad_answer", "an error of the server (HTTP 500)", 3),
    Case("HTTP 502", STANDS, "companyfacts", ("502",), "failed", "bad_answer", "an error of the server (HTTP 502)", 3),
    Case("HTTP 504", STANDS, "document", ("504",), "failed", "bad_answer", "an error of the server (HTTP 504)", 3),
    *_each("HTTP 503 once, then an answer", ON, ("503", ""), "ok", "", "", 2),
    Case("HTTP 401 from a proxy in between", STANDS, "submissions", ("401",), "failed", "bad_answer", "HTTP 401"),
    Case("HTTP 418", STANDS, "companyfacts", ("418",), "failed", "bad_answer", "HTTP 418"),
    Case("HTTP 404 for a company", "The company has no filings under this CIK; the message names the file to check.",
         "submissions", ("404",), "none", "", "EDGAR has no company under this CIK; check the cik of companies.csv"),
    Case("HTTP 404 for companyfacts", "The company has no XBRL facts; that is no error.", "companyfacts", ("404",),
         "none", "", "no XBRL facts"),
    Case("HTTP 404 for companyfacts, with a page", "As a missing file.", "companyfacts", ("404 with a page",), "none", "",
         "no XBRL facts"),
    Case("HTTP 404 for a document", "The document is noted as missing.", "document", ("404",), "none", "",
         "EDGAR does not have this document"),
    *_each("sent on to another address", STANDS, ("redirect",), "failed", "bad_answer",
           "sent on to another address (HTTP 302); not followed"),
    *_each("the connection ends before an answer", STANDS, ("dropped",), "failed", "unreachable",
           "the connection ended before an answer came", 3),
    *_each("the connection ends in the answer", STANDS, ("cut",), "failed", "unreachable", CUT, 3),
    Case("the connection ends in the answer once", ON, "companyfacts", ("cut", ""), "ok", "", "", 2),
    *_each("no answer in time", STANDS, ("hanging",), "failed", "unreachable", "no answer in 0.5 seconds", 3),
    Case("an answer byte by byte", STANDS, "companyfacts", ("dribbling",), "failed", "unreachable",
         "an answer not finished after 0.5 seconds", 3),
    *_each("an HTML page with HTTP 200", STANDS, ("maintenance",), "failed", "bad_answer", ""),
    *_each("half an answer of full length", STANDS, ("half",), "failed", "bad_answer", ""),
    *_each("an empty answer", STANDS, ("nothing",), "failed", "bad_answer", "the answer is empty"),
    *_each("bytes that are no text", STANDS, ("bytes",), "failed", "bad_answer", ""),
    *_each("wrongly packed", STANDS, ("not packed",), "failed", "bad_answer", "an answer that cannot be unpacked", 3),
    *_each("an answer larger than the limit once unpacked", STANDS, ("bomb",), "failed", "bad_answer",
           "an answer of more than 1,000,000 bytes"),
    *_each("an error document with HTTP 200", STANDS, ("NoSuchKey with 200",), "failed", "bad_answer", "NoSuchKey"),
    Case("a JSON list", STANDS, "submissions", ("list",), "failed", "bad_answer", "expected a JSON object, found list"),
    Case("JSON null", STANDS, "companyfacts", ("null",), "failed", "bad_answer",
         "expected a JSON object, found NoneType"),
    Case("NaN in place of a number", STANDS, "companyfacts", ("NaN",), "failed", "bad_answer",
         "NaN is not a number of JSON"),
    Case("NaN among the filings", STANDS, "submissions", ("NaN",), "failed", "bad_answer",
         "NaN is not a number of JSON"),
    Case("no list of filings", STANDS, "submissions", ("no arrays",), "failed", "bad_answer",
         "the answer has no filings.recent"),
    Case("no facts", STANDS, "companyfacts", ("no arrays",), "failed", "bad_answer", "has no facts"),
    Case("lists of unequal length", STANDS, "submissions", ("uneven",), "failed", "bad_answer", "another number of values"),
    Case("filings of nobody", STANDS, "submissions", ("no cik",), "failed", "bad_answer", "does not say whose it is"),
    Case("facts of nobody", STANDS, "companyfacts", ("no cik",), "failed", "bad_answer", "does not say whose it is"),
    *_each("another company's CIK in the answer", REFUSED, ("another CIK",), "failed", "bad_answer", "refused: "),
    *_each("another company's name in the answer", REFUSED, ("another name",), "failed", "bad_answer", "refused: "),
]  # fmt: skip
# Faults that every question has.
COMMON = {one.fault for one in CASES if {case.what for case in CASES if case.fault == one.fault} == set(WHATS)}
