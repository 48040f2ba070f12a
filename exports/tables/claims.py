"""Claims as a page: what was claimed, what is measured on its day and today, the verdict; each claim in a paragraph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from exports.tables.formats import MARKS, UNKNOWN, day, figure, multiple, percent, price
from exports.tables.spec import Block, Column, Page, Points, TableSpec, findings
from valuation.claims.claimed import ABOVE, BELOW, QUARTER, Claimed, quarter_of
from valuation.claims.result import Checked, Claims
from valuation.claims.verdict import NOT_DUE, Measured
from valuation.metrics import UNITS

SOURCES_SHOWN = 3
STYLES = {"holds": "good", "does not hold": "bad", "not determinable": "warn"}


def claims_page(claims: Claims) -> Page:
    """Every claim in one line and in one paragraph; the figures and their sources in the files."""
    rows = pd.DataFrame(
        {
            "claim_id": [str(one.claim["claim_id"]) for one in claims.checked],
            "claimed": [claimed_text(one.claimed, one.claim["unit"]) for one in claims.checked],
            "measured": [_then(one) for one in claims.checked],
            "interval": [_interval(one) for one in claims.checked],
            "today": [measured_text(one.today, one.claim["unit"]) for one in claims.checked],
            "verdict": [one.verdict.verdict for one in claims.checked],
        }
    )
    columns = (
        Column("claim_id", "Claim"), Column("claimed", "Claimed", "figures"), Column("measured", "On its day", "figures"),
        Column("interval", "95% interval", "figures", priority=1), Column("today", "Today", "figures"),
        Column("verdict", "Verdict"),
    )  # fmt: skip
    about = (
        "On its day: measured on the day of which the claim speaks, with the data then known (a share of revenue: of the "
        f"last quarter ended by then, as known today). Today: {day(claims.as_of)}. s stale, p proxy, n/a unknown. "
        "Intervals, samples and reasons stand claim by claim below."
    )
    blocks: list[Block] = [
        TableSpec("claims", rows, columns, styles=rows["verdict"].map(STYLES).fillna(""), notes=(about,)),
        Points("Claim by claim", [paragraph(one) for one in claims.checked]),
        *findings(claims.findings),
    ]
    frame, sources = claims.frame.reset_index(), claims.sources
    content = {
        "as_of": claims.as_of, "claims": frame, "sources": sources, "later": list(claims.later),
        "findings": [{"text": one.text, "kind": one.kind} for one in claims.findings],
    }  # fmt: skip
    title = f"What was said in public, checked on {day(claims.as_of)}"
    return Page(title, blocks, content, {"claims": frame, "sources": sources})


def measures_page(listed: Mapping[str, tuple[Sequence[str], str, str]]) -> Page:
    """What a claim may be about.

    Parameters
    ----------
    listed : mapping
        Measure -> units, subject, how it is measured.
    """
    rows = pd.DataFrame(
        [(name, ", ".join(units), subject, about) for name, (units, subject, about) in listed.items()],
        columns=["measure", "unit", "subject", "about"],
    )
    columns = (Column("measure", "Measure"), Column("unit", "Unit"), Column("subject", "Subject"))
    lines = [f"{name}: {about}" for name, (_, _, about) in listed.items()]
    note = (
        "A claims file is CSV with the columns claim_id, said_on, said_by, subject, statement, measure, claimed_value, "
        "unit, evaluated_on (a day, or latest), note. claimed_value: a number, a range (43-50), a bound (> 0) or blank. A "
        "number after 'more than', 'at least', 'above', 'less than', 'at most', 'below' or 'under' in the statement is a "
        "bound. Every metric of `screener metrics` is a measure of a company too."
    )
    blocks: list[Block] = [TableSpec("measures", rows, columns, notes=(note,)), Points("How each is measured", lines)]
    return Page("Measures for claims", blocks, {"measures": rows}, {"measures": rows})


def paragraph(one: Checked) -> str:
    """One claim in sentences."""
    claim, unit = one.claim, one.claim["unit"]
    parts = [f"{claim['claim_id']}: “{claim['statement']}”, said by {claim['said_by']} on {day(claim['said_on'])}."]
    is_early = one.verdict.verdict == NOT_DUE
    if not is_early:
        parts.append(f"Measured on {day(one.on)}: {_in_words(one.then, unit)}.")
    if is_early or one.then is not one.today:
        parts.append(f"{'So far' if is_early else 'Today'}: {_in_words(one.today, unit)}.")
    verdict = one.verdict.verdict[0].upper() + one.verdict.verdict[1:]
    due = f" (due {day(one.on)})" if is_early else ""
    parts.append(f"{verdict}{due}: {one.verdict.reason}.")
    return " ".join(filter(None, [*parts, _sources(one)]))


def _in_words(measured: Measured, unit: str) -> str:
    if np.isnan(measured.value):
        return f"not available ({measured.why or 'unknown'})"
    text = _figures(measured, unit, " to ") + (" a year" if unit == "per year" else "")
    if measured.has_interval:
        low, high = value_text(measured.low, unit), value_text(measured.high, unit)
        text += f", 95% confidence interval {low} to {high}"
    notes = "; ".join(dict.fromkeys(part for part in (measured.note, measured.causes) if part))
    return text + (f" ({notes})" if notes else "")


def _sources(one: Checked) -> str:
    parts = [measured.sources for measured in (one.then, one.today) if len(measured.sources)]
    if not parts:
        return ""
    rows = pd.concat(parts).drop_duplicates("source")
    if len(rows) > SOURCES_SHOWN:
        return f"Sources: {len(rows):,} rows, listed in the files."
    return f"Source{'s' if len(rows) > 1 else ''}: {', '.join(rows['source'])}."


def _then(one: Checked) -> str:
    return f"due {one.on:%b %Y}" if one.verdict.verdict == NOT_DUE else measured_text(one.then, one.claim["unit"])


def _interval(one: Checked) -> str:
    if not one.then.has_interval:
        return "-"
    return " to ".join(value_text(value, one.claim["unit"]) for value in (one.then.low, one.then.high))


def measured_text(measured: Measured, unit: str) -> str:
    """A measured figure, or its range, with its mark."""
    if np.isnan(measured.value):
        return UNKNOWN
    return _figures(measured, unit, "-") + MARKS.get(measured.status, "")


def _figures(measured: Measured, unit: str, between: str) -> str:
    ends = [measured.value] if np.isnan(measured.first) else [measured.first, measured.last]
    return _joined([value_text(end, unit) for end in ends], between)


def _joined(ends: list[str], between: str) -> str:
    """One figure, or two with the currency of the first in a table."""
    return between.join([ends[0], *(end.removeprefix("$") if between == "-" else end for end in ends[1:])])


def claimed_text(claimed: Claimed, unit: str) -> str:
    """A claimed figure: a number, a range, or a bound."""
    if not claimed.is_known:
        return "-"
    sign = {ABOVE: "> ", BELOW: "< "}.get(claimed.bound, "")
    ends = [claimed.low, claimed.high] if claimed.is_range else [claimed.low]
    return sign + _joined([value_text(end, unit) for end in ends], "-")


def value_text(value: float, unit: str) -> str:
    """One figure in the unit of a claim."""
    if unit in SHAPES:
        return SHAPES[unit](value)
    return f"{figure(value, unit)} {UNITS.get(unit, '')}".strip()


def _usd(value: float) -> str:
    """Three digits from a million on: a claim of 1.15 billion is not one of 1.1."""
    for size, word in ((1e9, "bn"), (1e6, "m")):
        if abs(value) >= 0.9995 * size:
            return f"${value / size:,.3g}{word}" if abs(value) < 999.5 * size else f"${value / size:,.0f}{word}"
    return price(value).removesuffix(".00")


def _signed(value: float) -> str:
    return percent(value, signed=value != 0)


SHAPES: dict[str, Callable[[float], str]] = {
    "ratio": multiple,
    "usd": _usd,
    "percent": percent,
    "share": percent,
    "change": _signed,
    "per year": _signed,
    "mw": "{:,.0f} MW".format,
    "gpus": "{:,.0f}".format,
    "btc": "{:,.0f} BTC".format,
    QUARTER: quarter_of,
}
