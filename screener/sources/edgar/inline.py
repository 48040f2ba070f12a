"""The facts of a report in inline XBRL, dimensions included: numbers, and who filed what for which period.

Inline XBRL 1.1 (XBRL International, 2013) as the SEC takes it: one target document, the default one, over one or
several files. No schema is loaded and nothing is asked for over the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html.entities import name2codepoint
from math import inf
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from screener.errors import EdgarFault
from screener.sources.edgar import addresses, cover
from screener.sources.edgar.answers import check_size, listed, other_kind, refuse
from screener.sources.edgar.contexts import IX, Context, Names, Unreadable, contexts_of, text_of, units_of
from screener.sources.edgar.duplicates import Stated, collapse
from screener.sources.edgar.filed import FILED_COLUMNS, Document
from screener.sources.edgar.transformations import NotANumber, number

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
T = TypeVar("T")
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]*);")
_XML_ENTITIES = {b"amp", b"lt", b"gt", b"quot", b"apos"}


def read(
    contents: bytes | Sequence[bytes], *, accession: str = "", filed: object = pd.NaT, what: str = "report"
) -> Document:
    """The numeric facts of a report in inline XBRL, and its cover: filer, CIK, form, period and fiscal year end.

    A fact that is reported as nil has the value NaN: the filer states that there is none to state, which is not zero.
    A fact that is stated several times, as rounding allows, is one row, the most precise; where the statements
    contradict each other each value keeps its row and `faults` names them. Figures that cannot be read are left out and
    named in `faults`.

    Parameters
    ----------
    contents : bytes or sequence of bytes
        The file, or all files of one report: contexts and units of one serve the others.
    accession, filed : str, date-like
        Of the filing, for the columns of those names: a report does not state them.
    what : str
        What is read, for messages: "10-Q of CLSK".

    Returns
    -------
    Document
        `value` is in the unit itself (scale and sign applied); `decimals` is inf for exact figures, NaN where not stated.
        A unit is the name without prefix: USD, shares, USD/shares, pure, bitcoin.

    Raises
    ------
    EdgarFault
        Not inline XBRL (an error page, a PDF, a plain exhibit), half a file, more than `answers.LARGEST` bytes, a file
        with its own entities, or one that does not say whose it is, or names two companies.
    """
    files = [contents] if isinstance(contents, bytes) else list(contents)
    roots = [_tree(content, what) for content in files]
    if all(next(root.iter(f"{IX}*"), None) is None for root in roots):
        raise refuse(what, "; ".join(filter(None, [*map(other_kind, files[:1]), "there is no inline XBRL in it"])))
    trees = [(root, Names(root)) for root in roots]
    contexts, faults = _merged([contexts_of(root, names) for root, names in trees], "context")
    units, more = _merged([units_of(root) for root, _ in trees], "unit")
    faults += more
    about, unread = cover.read(trees, contexts)
    faults += unread
    cik = _one_company(about.cik, contexts, what)
    stated = [fact for root, names in trees for fact in _numbers(root, names, contexts, units, faults)]
    facts, contradictions = collapse(stated)
    return Document(
        cik=cik,
        name=about.name,
        facts=_frame(facts, accession, about.form, filed),
        form=about.form,
        period_end=about.period_end,
        fiscal_year_end=about.fiscal_year_end,
        faults=listed([*faults, *contradictions]),
    )


def _tree(content: bytes, what: str) -> Any:
    """The root element of a file.

    Entities are neither declared nor loaded: a file that declares some is refused, and the names that HTML knows
    (&nbsp;) become the characters' numbers.

    Raises
    ------
    EdgarFault
    """
    from lxml import etree

    check_size(content, what)
    if not content.strip():
        raise refuse(what, other_kind(content))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(_ENTITY.sub(_numbered, content), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise _not_xml(content, what, str(error)) from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and next(iter(declared.iterentities()), None) is not None:
        raise refuse(what, "the file declares entities of its own, which no report needs")
    return root


def _not_xml(content: bytes, what: str, message: str) -> EdgarFault:
    """The error of a file that is not well-formed XML: an error page, a file cut off, or something else."""
    if b"inlineXBRL" not in content[:100_000]:
        return refuse(what, other_kind(content) or "it is not XML and has no inline XBRL")
    if not content.rstrip().endswith((b"</html>", b"</HTML>")):
        return refuse(what, "the file is cut off: it does not end with </html>")
    return refuse(what, f"the file is not well-formed XML ({message[:160]})")


def _numbered(found: re.Match[bytes]) -> bytes:
    """An entity of HTML as the number of its character; those of XML, and unknown ones, as they are."""
    name = found[1]
    point = None if name in _XML_ENTITIES else name2codepoint.get(name.decode())
    return found[0] if point is None else b"&#%d;" % point


def _merged(parts: Sequence[tuple[dict[str, T], list[str]]], kind: str) -> tuple[dict[str, T], list[str]]:
    """What the files of a report define, by id, and the faults; an id that means two things in them means nothing."""
    known: dict[str, T] = {}
    twice: dict[str, None] = {}
    for found, _ in parts:
        twice |= {key: None for key, value in found.items() if known.setdefault(key, value) != value}
    faults = [fault for _, unread in parts for fault in unread]
    faults += [f"{kind} {key[:60]!r} means two things in the files of the report" for key in twice]
    return {key: value for key, value in known.items() if key not in twice}, faults


def _one_company(stated: str, contexts: dict[str, Context], what: str) -> str:
    """The CIK that cover and contexts agree on.

    Raises
    ------
    EdgarFault
    """
    ciks = {addresses.padded(context.identifier) for context in contexts.values()} | ({stated} if stated else set())
    ciks.discard("")
    if len(ciks) != 1:
        why = (
            f"it names several companies (CIK {', '.join(sorted(ciks))})"
            if ciks
            else "it does not say whose it is (no CIK)"
        )
        raise refuse(what, why)
    return ciks.pop()


def _numbers(
    root: Any, names: Names, contexts: dict[str, Context], units: dict[str, str], faults: list[str]
) -> Iterator[Stated]:
    """Every ix:nonFraction of the default target; what cannot be read goes into `faults`."""
    for element in root.iter(f"{IX}nonFraction", f"{IX}fraction"):
        if element.get("target"):
            continue
        name = element.get("name", "")
        try:
            taxonomy, concept = names.split(name, element)
            context = contexts.get(element.get("contextRef", ""))
            unit = units.get(element.get("unitRef", ""))
            if context is None or unit is None:
                raise Unreadable("its context or its unit is not in the report or cannot be read")
            if element.tag == f"{IX}fraction":
                raise Unreadable("ix:fraction is not read")
            value, decimals = _value(element)
        except (Unreadable, NotANumber) as error:
            faults.append(f"{name[:80]} (line {element.sourceline}): {error}")
            continue
        yield Stated(
            taxonomy, concept, unit, context.start, context.end, context.dimensions, value, decimals, element.sourceline
        )


def _value(element: Any) -> tuple[float, float]:
    """Value and decimals of an ix:nonFraction; NaN for both where it is nil.

    Raises
    ------
    NotANumber
    """
    if element.get(_NIL, "").strip() in {"true", "1"}:
        return float("nan"), float("nan")
    shape = element.get("format", "").rpartition(":")[2]
    value = number(text_of(element), shape, element.get("scale", ""), element.get("sign", ""))
    decimals = element.get("decimals", "").strip()
    if decimals == "INF":
        return value, inf
    if not re.fullmatch(r"[+-]?[0-9]{1,3}|", decimals):
        raise NotANumber(f"decimals {decimals[:20]!r} is not a whole number or INF")
    return value, float(decimals or "nan")


def _frame(facts: Sequence[Stated], accession: str, form: str, filed: object) -> pd.DataFrame:
    """`FILED_COLUMNS`."""
    frame = pd.DataFrame({name: pd.Series([getattr(fact, name) for fact in facts], dtype=object)
                          for name in ("taxonomy", "concept", "unit")})  # fmt: skip
    for name in ("start", "end"):
        frame[name] = pd.Series([getattr(fact, name) for fact in facts], dtype="datetime64[ns]")
    for name in ("value", "decimals"):
        frame[name] = np.array([getattr(fact, name) for fact in facts], dtype="float64")
    dimensions = np.empty(len(facts), dtype=object)
    dimensions[:] = [fact.dimensions for fact in facts]
    frame["dimensions"] = dimensions
    frame["accession"] = pd.Series([accession] * len(facts), dtype=object)
    frame["form"] = pd.Series([form] * len(facts), dtype=object)
    frame["filed"] = pd.Series([pd.Timestamp(filed)] * len(facts), dtype="datetime64[ns]")
    return frame[FILED_COLUMNS]
