"""Small documents in the shapes of EDGAR: an inline XBRL report, companyfacts and submissions, from a list of facts.

    report([Fact("us-gaap:Cash", 12_000_000, end="2025-06-30")], name="CLEANSPARK, INC.", cik="0000827876")
    companyfacts([Filed(Fact("us-gaap:Cash", 12_000_000, end="2025-06-30"), "0000950170-25-104236", "10-Q", "2025-08-07")])
    submissions([Filing("0000950170-25-104236", "10-Q", "2025-08-07", "2025-06-30")])

Nothing here uses the code under test.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

NAMESPACES = {
    "ix": "http://www.xbrl.org/2013/inlineXBRL",
    "ixt": "http://www.xbrl.org/inlineXBRL/transformation/2020-02-12",
    "ixt-sec": "http://www.sec.gov/inlineXBRL/transformation/2015-08-31",
    "xbrli": "http://www.xbrl.org/2003/instance",
    "xbrldi": "http://xbrl.org/2006/xbrldi",
    "iso4217": "http://www.xbrl.org/2003/iso4217",
    "utr": "http://www.xbrl.org/2009/utr",
    "link": "http://www.xbrl.org/2003/linkbase",
    "xlink": "http://www.w3.org/1999/xlink",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "dei": "http://xbrl.sec.gov/dei/2025",
    "us-gaap": "http://fasb.org/us-gaap/2025",
    "srt": "http://fasb.org/srt/2025",
    "ifrs-full": "https://xbrl.ifrs.org/taxonomy/2024-03-27/ifrs-full",
    "country": "http://xbrl.sec.gov/country/2025",
}
CURRENCIES = {"USD", "CAD", "EUR", "AUD"}


@dataclass(frozen=True)
class Fact:
    """A fact to be stated.

    `concept` and members carry their prefix; without one it is us-gaap. `unit` is USD, shares, pure, USD/shares, or
    an own name ("bitcoin"). `start` is None for an instant. `dims` is pairs of axis and member; a member without a colon is
    typed. `value` None is nil. `scale` is the power of ten that is left out on the page ("in thousands" is 3); `format`
    is a transformation's name or "" for none; `text`, where given, stands on the page in place of the value.
    """

    concept: str
    value: int | float | str | Decimal | None
    end: str
    start: str | None = None
    unit: str = "USD"
    dims: tuple[tuple[str, str], ...] = ()
    decimals: str = "0"
    scale: int = 0
    format: str = "ixt:num-dot-decimal"
    text: str | None = None

    @property
    def name(self) -> str:
        return self.concept if ":" in self.concept else f"us-gaap:{self.concept}"


@dataclass(frozen=True)
class Filed:
    """A fact as companyfacts lists it: with the filing that states it."""

    fact: Fact
    accession: str
    form: str
    filed: str
    fy: int = 2025
    fp: str = "Q3"


@dataclass(frozen=True)
class Filing:
    """A row of submissions; `accepted` is UTC."""

    accession: str
    form: str
    filed: str
    report_date: str = ""
    accepted: str = ""
    items: str = ""
    document: str = "report.htm"
    description: str = ""
    xbrl: bool = True


def shown(fact: Fact) -> str:
    """The digits on the page: the size of the value over 10 to the scale, by the rules of its format."""
    if fact.text is not None:
        return fact.text
    size = abs(Decimal(str(fact.value))).scaleb(-fact.scale)
    digits = f"{size:,f}"
    kind = fact.format.partition(":")[2].replace("-", "")
    if kind in {"fixedzero", "zerodash"}:
        return "—"
    if kind == "numcommadecimal":
        return digits.translate(str.maketrans(",.", ".,"))
    if kind == "numunitdecimal":
        whole, _, part = f"{size:,.2f}".partition(".")
        return f"{whole} dollars {part} cents"
    return digits if kind else digits.replace(",", "")


def _measure(name: str, prefix: str) -> str:
    known = f"iso4217:{name}" if name in CURRENCIES else f"xbrli:{name}" if name in {"shares", "pure"} else ""
    return f"<xbrli:measure>{known or (name if ':' in name else f'{prefix}:{name}')}</xbrli:measure>"


def _unit(key: str, unit: str, prefix: str) -> str:
    over, _, under = unit.partition("/")
    if not under:
        return f'<xbrli:unit id="{key}">{_measure(over, prefix)}</xbrli:unit>'
    return (
        f'<xbrli:unit id="{key}"><xbrli:divide><xbrli:unitNumerator>{_measure(over, prefix)}</xbrli:unitNumerator>'
        f"<xbrli:unitDenominator>{_measure(under, prefix)}</xbrli:unitDenominator></xbrli:divide></xbrli:unit>"
    )


def _context(key: str, cik: str, start: str | None, end: str, dims: Sequence[tuple[str, str]], holder: str) -> str:
    members = "".join(
        f'<xbrldi:explicitMember dimension="{axis}">{member}</xbrldi:explicitMember>'
        if ":" in member
        else f'<xbrldi:typedMember dimension="{axis}"><{axis}.domain>{escape(member)}</{axis}.domain></xbrldi:typedMember>'
        for axis, member in dims
    )
    inside = f"<xbrli:{holder}>{members}</xbrli:{holder}>" if dims else ""
    period = (
        f"<xbrli:startDate>{start}</xbrli:startDate><xbrli:endDate>{end}</xbrli:endDate>"
        if start
        else f"<xbrli:instant>{end}</xbrli:instant>"
    )
    identifier = f'<xbrli:identifier scheme="http://www.sec.gov/CIK">{cik}</xbrli:identifier>'
    segment, scenario = (inside, "") if holder == "segment" else ("", inside)
    return (
        f'<xbrli:context id="{key}"><xbrli:entity>{identifier}{segment}</xbrli:entity>'
        f"<xbrli:period>{period}</xbrli:period>{scenario}</xbrli:context>"
    )


def number(fact: Fact, context: str, unit: str) -> str:
    """One ix:nonFraction."""
    head = f'<ix:nonFraction name="{fact.name}" contextRef="{context}" unitRef="{unit}"'
    if fact.value is None:
        return f'{head} xsi:nil="true"/>'
    sign = ' sign="-"' if Decimal(str(fact.value)) < 0 else ""
    shape = f' format="{fact.format}"' if fact.format else ""
    return f'{head} decimals="{fact.decimals}" scale="{fact.scale}"{sign}{shape}>{escape(shown(fact))}</ix:nonFraction>'


def report(
    facts: Iterable[Fact],
    *,
    name: str = "CLEANSPARK, INC.",
    cik: str = "0000827876",
    form: str = "10-Q",
    period_end: str = "2025-06-30",
    fiscal_year_end: str = "--09-30",
    amendment: bool = False,
    prefix: str = "clsk",
    holder: str = "segment",
    cover: bool = True,
    body: str = "",
    namespaces: dict[str, str] | None = None,
) -> bytes:
    """An inline XBRL report that states the facts; `prefix` is the filer's own namespace, `body` goes in as it is."""
    facts = list(facts)
    contexts: dict[tuple, str] = {(None, period_end, ()): "c-cover"}
    units: dict[str, str] = {}
    lines = []
    for fact in facts:
        context = contexts.setdefault((fact.start, fact.end, fact.dims), f"c-{len(contexts)}")
        unit = units.setdefault(fact.unit, f"u-{len(units)}")
        lines.append(f"<tr><td>{escape(fact.name)}</td><td>{number(fact, context, unit)}</td></tr>")
    cover_facts = {
        "DocumentType": form,
        "EntityRegistrantName": escape(name),
        "EntityCentralIndexKey": cik,
        "DocumentPeriodEndDate": period_end,
        "CurrentFiscalYearEndDate": fiscal_year_end,
        "AmendmentFlag": str(amendment).lower(),
    }
    hidden = "".join(
        f'<ix:nonNumeric contextRef="c-cover" name="dei:{key}">{value}</ix:nonNumeric>'
        for key, value in cover_facts.items()
    )
    spaces = NAMESPACES | {prefix: f"http://{prefix}.example/20250630"} | (namespaces or {})
    declared = " ".join(f'xmlns:{key}="{value}"' for key, value in spaces.items())
    resources = "".join(_context(key, cik, *shape, holder) for shape, key in contexts.items())
    resources += "".join(_unit(key, unit, prefix) for unit, key in units.items())
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<html xmlns="http://www.w3.org/1999/xhtml" {declared} xml:lang="en-US"><head><title>{escape(name)}</title></head>'
        f'<body><div style="display:none"><ix:header><ix:hidden>{hidden if cover else ""}</ix:hidden>'
        f"<ix:resources>{resources}</ix:resources></ix:header></div>"
        f"<p>UNITED STATES SECURITIES AND EXCHANGE COMMISSION</p><table>{''.join(lines)}</table>{body}</body></html>"
    ).encode()


def companyfacts(rows: Iterable[Filed], *, name: str = "CLEANSPARK, INC.", cik: int | str = 827876) -> bytes:
    """The answer of api/xbrl/companyfacts; like EDGAR it leaves out facts with dimensions."""
    facts: dict[str, dict] = {}
    for row in rows:
        fact = row.fact
        taxonomy, _, concept = fact.name.partition(":")
        if fact.dims:
            continue
        entry = facts.setdefault(taxonomy, {}).setdefault(concept, {"label": concept, "description": "", "units": {}})
        dates = {"start": fact.start, "end": fact.end} if fact.start else {"end": fact.end}
        said = {
            "val": fact.value,
            "accn": row.accession,
            "fy": row.fy,
            "fp": row.fp,
            "form": row.form,
            "filed": row.filed,
        }
        entry["units"].setdefault(fact.unit, []).append(dates | said)
    return json.dumps({"cik": cik, "entityName": name, "facts": facts}).encode()


def filing_arrays(filings: Iterable[Filing]) -> dict[str, list]:
    """The parallel arrays of submissions; an older part is these alone (`older`)."""
    rows = list(filings)
    return {
        "accessionNumber": [row.accession for row in rows],
        "filingDate": [row.filed for row in rows],
        "reportDate": [row.report_date for row in rows],
        "acceptanceDateTime": [row.accepted for row in rows],
        "act": ["34" for _ in rows],
        "form": [row.form for row in rows],
        "fileNumber": ["001-39187" for _ in rows],
        "items": [row.items for row in rows],
        "size": [1_000_000 for _ in rows],
        "isXBRL": [int(row.xbrl) for row in rows],
        "isInlineXBRL": [int(row.xbrl) for row in rows],
        "primaryDocument": [row.document for row in rows],
        "primaryDocDescription": [row.description or row.form for row in rows],
    }


def submissions(
    filings: Iterable[Filing],
    *,
    name: str = "CLEANSPARK, INC.",
    cik: str = "0000827876",
    former: Sequence[str] = (),
    fiscal_year_end: str = "0930",
    tickers: Sequence[str] = ("CLSK",),
    older_parts: Sequence[str] = (),
) -> bytes:
    """The answer of submissions/CIK##########.json."""
    return json.dumps(
        {
            "cik": cik,
            "entityType": "operating",
            "name": name,
            "tickers": list(tickers),
            "exchanges": ["Nasdaq" for _ in tickers],
            "fiscalYearEnd": fiscal_year_end,
            "formerNames": [
                {"name": old, "from": "2016-11-16T00:00:00.000Z", "to": "2019-12-01T00:00:00.000Z"} for old in former
            ],
            "filings": {
                "recent": filing_arrays(filings),
                "files": [{"name": part, "filingCount": 1, "filingFrom": "2010-01-01", "filingTo": "2015-01-01"}
                          for part in older_parts],
            },
        }
    ).encode()  # fmt: skip


def older(filings: Iterable[Filing]) -> bytes:
    """The answer of submissions/CIK##########-submissions-001.json."""
    return json.dumps(filing_arrays(filings)).encode()


# Golden figures, as the filings state them (CleanSpark's 10-Q of 2025-06-30 and Bit Digital's of 2025-09-30).
CLSK_JUNE = [
    Fact("LoansPayableCurrent", 176_424_000, "2025-06-30", scale=3, decimals="-3"),
    Fact("LongTermLoansPayable", 643_913_000, "2025-06-30", scale=3, decimals="-3"),
    Fact("LongTermDebt", 643_913_000, "2025-06-30", scale=3, decimals="-3"),
    Fact("DebtInstrumentCarryingAmount", 820_337_000, "2025-06-30", scale=3, decimals="-3"),
]
