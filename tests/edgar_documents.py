"""Small documents in the shapes of EDGAR: an inline XBRL report, companyfacts and submissions, from a list of facts.

    report([Fact("us-gaap:Cash", 12_000_000, end="2025-06-30")], name="CLEANSPARK, INC.", cik="0000827876")
    companyfacts([Filed(Fact("us-gaap:Cash", 12_000_000, end="2025-06-30"), "0000950170-25-104236", "10-Q", "2025-08-07")])
    submissions([Filing("0000950170-25-104236", "10-Q", "2025-08-07", "2025-06-30")])
    REPORTS["CLSK 2025-06-30"].document()                                      # real figures, in small

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


@dataclass(frozen=True)
class Report:
    """A real report in small: its cover, and the figures that decide what a reader of it gets right."""

    cover: dict
    facts: tuple[Fact, ...]

    def document(self) -> bytes:
        """As inline XBRL."""
        return report(self.facts, **self.cover)


def _clsk(end: str) -> dict:
    return {
        "name": "CleanSpark, Inc.",
        "cik": "0000827876",
        "period_end": end,
        "fiscal_year_end": "--09-30",
        "prefix": "clsk",
    }


def _btbt(end: str) -> dict:
    return {
        "name": "BIT DIGITAL, INC.",
        "cik": "0001710350",
        "period_end": end,
        "fiscal_year_end": "--12-31",
        "prefix": "btbt",
    }


def _thousands(concept: str, thousands: int, end: str, start: str | None = None, **more: object) -> Fact:
    return Fact(concept, thousands * 1000, end, start, scale=3, decimals="-3", **more)  # type: ignore[arg-type]


def _products(start: str, end: str, **dollars: int) -> tuple[Fact, ...]:
    return tuple(
        Fact("Revenues", value, end, start, dims=(("srt:ProductOrServiceAxis", f"btbt:{member}Member"),))
        for member, value in dollars.items()
    )


_GRIID = (("us-gaap:BusinessAcquisitionAxis", "clsk:GriidInfrastructureIncMember"),)
_COUNT = "dei:EntityCommonStockSharesOutstanding"

# As the filings state them. `clsk:NumberOfBitcoinsHeld` is filed in USD and in thousands, which is the filer's slip.
REPORTS = {
    "CLSK 2025-06-30": Report(
        _clsk("2025-06-30"),
        (
            Fact(_COUNT, 281_083_382, "2025-08-01", unit="shares", decimals="INF"),
            _thousands("CashAndCashEquivalentsAtCarryingValue", 34_553, "2025-06-30"),
            _thousands("RestrictedCash", 3_462, "2025-06-30"),
            _thousands("RestrictedCashAndCashEquivalents", 38_015, "2025-06-30"),
            _thousands("CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents", 38_015, "2025-06-30"),
            _thousands("CryptoAssetFairValueCurrent", 877_067, "2025-06-30"),
            _thousands("CryptoAssetFairValueNoncurrent", 202_687, "2025-06-30"),
            _thousands("clsk:BitcoinsValue", 1_079_754, "2025-06-30"),
            _thousands("clsk:ReceivableForBitcoinCollateralPledged", 271_491, "2025-06-30"),
            _thousands("clsk:NumberOfBitcoinsHeld", 10_075, "2025-06-30"),
            _thousands("LoansPayableCurrent", 176_424, "2025-06-30"),
            _thousands("LongTermLoansPayable", 643_913, "2025-06-30"),
            _thousands("LoansPayable", 835_143, "2025-06-30"),
            _thousands("LongTermDebt", 643_913, "2025-06-30"),
            _thousands("clsk:CurrentPortionOfLongTermDebt", -176_424, "2025-06-30"),
            _thousands("DebtInstrumentCarryingAmount", 820_337, "2025-06-30"),
            _thousands("clsk:DigitalCurrencyMiningRevenues", 198_644, "2025-06-30", "2025-04-01"),
            _thousands("clsk:DigitalCurrencyMiningRevenues", 542_662, "2025-06-30", "2024-10-01"),
            _thousands("Revenues", 542_662, "2025-06-30", "2024-10-01", dims=_GRIID),
        ),
    ),
    "CLSK 2024-12-31": Report(
        _clsk("2024-12-31"),
        (
            Fact(_COUNT, 280_807_606, "2025-02-04", unit="shares", decimals="INF"),
            _thousands("CashAndCashEquivalentsAtCarryingValue", 276_599, "2024-12-31"),
            _thousands("RestrictedCash", 3_408, "2024-12-31"),
            _thousands("RestrictedCashAndCashEquivalents", 280_007, "2024-12-31"),
            _thousands("CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents", 280_007, "2024-12-31"),
            _thousands("CryptoAssetFairValueCurrent", 929_080, "2024-12-31"),
            _thousands("LoansPayableCurrent", 7_215, "2024-12-31"),
            _thousands("LongTermLoansPayable", 641_433, "2024-12-31"),
            _thousands("LongTermDebt", 641_433, "2024-12-31"),
            _thousands("DebtInstrumentCarryingAmount", 648_648, "2024-12-31"),
            _thousands("clsk:DigitalCurrencyMiningRevenues", 162_306, "2024-12-31", "2024-10-01"),
        ),
    ),
    "BTBT 2025-09-30": Report(
        _btbt("2025-09-30"),
        (
            Fact(_COUNT, 323_674_831, "2025-11-10", unit="shares", decimals="INF"),
            Fact("CashAndCashEquivalentsAtCarryingValue", 179_118_182, "2025-09-30"),
            Fact("RestrictedCashCurrent", 3_732_792, "2025-09-30"),
            Fact("CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents", 182_850_974, "2025-09-30"),
            Fact("CryptoAssetFairValueCurrent", 423_682_364, "2025-09-30"),
            Fact("CryptoAssetFairValue", 3_575_804, "2025-09-30"),
            Fact("CryptoAssetNumberOfUnits", 64, "2025-09-30", unit="InfiniBand"),
            Fact("CryptoAssetNumberOfUnits", 10_221, "2025-09-30", unit="ETH"),
            Fact("CryptoAssetNumberOfUnits", 7_900, "2025-09-30", unit="Bitcoins", dims=(
                ("us-gaap:PropertyPlantAndEquipmentByTypeAxis", "btbt:DisposalOfPropertyPlantAndEquipmentMember"),)),
            Fact("OtherLongTermDebtNoncurrent", 196_345, "2025-09-30"),
            Fact("MinorityInterest", 139_427_711, "2025-09-30"),
            Fact("Revenues", 30_464_002, "2025-09-30", "2025-07-01"),
            *_products("2025-07-01", "2025-09-30", DigitalAssetMining=7_415_702, CloudServices=18_032_898,
                       ColocationServices=1_692_280, ETHStaking=2_868_534, Other=454_588),
        ),
    ),
    "BTBT 2025-03-31": Report(
        _btbt("2025-03-31"),
        (
            Fact(_COUNT, 207_780_871, "2025-05-12", unit="shares", decimals="INF"),
            Fact("CashAndCashEquivalentsAtCarryingValue", 57_555_011, "2025-03-31"),
            Fact("RestrictedCashCurrent", 3_732_792, "2025-03-31"),
            Fact("CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents", 61_287_803, "2025-03-31"),
            Fact("CryptoAssetFairValueCurrent", 79_030_760, "2025-03-31"),
            Fact("OtherLongTermDebtNoncurrent", 589_029, "2025-03-31"),
            Fact("Revenues", 25_105_120, "2025-03-31", "2025-01-01"),
            *_products("2025-01-01", "2025-03-31", DigitalAssetMining=7_776_963, CloudServices=14_842_286,
                       ColocationServices=1_644_663, ETHStaking=560_641, Other=280_567),
        ),
    ),
}  # fmt: skip
