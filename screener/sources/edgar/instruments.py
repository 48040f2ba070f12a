"""Notes and loans by their own dimension in a filing: principal, coupon, conversion price and maturity, for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from screener.sources.edgar.filed import Document
from screener.sources.edgar.found import bare
from screener.sources.edgar.statements import plain, settle, which

INSTRUMENT_COLUMNS = [
    "ticker", "instrument", "as_of", "principal_usd", "coupon_pct", "price_usd", "matures", "evidence", "accession", "filed",
    "needs",
]  # fmt: skip
_AXIS = "DebtInstrumentAxis"
_PRINCIPAL = ("DebtInstrumentFaceAmount",)
_COUPON = "DebtInstrumentInterestRateStatedPercentage"
_PRICE, _RATIO = "DebtInstrumentConvertibleConversionPrice1", "DebtInstrumentConvertibleConversionRatio1"
_YEAR = re.compile(r"Due(20[0-9]{2})|(20[0-9]{2})")
# Dimensions that say what kind of debt it is, and change nothing of whose figure it is.
_KINDS = {_AXIS, "LongtermDebtTypeAxis", "ShortTermDebtTypeAxis", "CreditFacilityAxis"}
_PERSON = "terms of an instrument are always for a person"


def instruments(document: Document, company: Mapping[str, Any] | pd.Series) -> pd.DataFrame:
    """Instruments that a filing names, one row an instrument: `INSTRUMENT_COLUMNS`, each with the newest term stated.

    `coupon_pct` is percent a year. `price_usd` is the conversion price, or 1 over the conversion rate where that is stated
    for each dollar, 1,000 over it where for each 1,000. `matures` is the year in the instrument's name, "" where there is
    none. Terms after the balance sheet date (subsequent events) carry another dimension and are not read. `needs` is never
    empty.
    """
    facts = settle(document.facts)
    facts = facts[which(facts["dimensions"], _is_instrument) & facts["taxonomy"].eq("us-gaap")]
    facts = facts.assign(member=facts["dimensions"].map(_member))
    rows = []
    for member, stated in facts.groupby("member"):
        in_order = stated.sort_values(["end", "concept", "value"])
        terms = dict(zip(in_order["concept"], in_order["value"].astype(float), strict=True))
        principal = next((terms[tag] for tag in _PRINCIPAL if tag in terms), float("nan"))
        coupon = terms.get(_COUPON, float("nan")) * 100
        price = _conversion_price(terms)
        if pd.isna(principal) and pd.isna(coupon) and pd.isna(price):
            continue
        year = _YEAR.search(str(member))
        read = [*_PRINCIPAL, _COUPON, _PRICE, _RATIO]
        words = "; ".join(f"{tag} {plain(terms[tag])}" for tag in read if tag in terms)
        last = in_order.iloc[-1]
        rows.append(
            {
                "ticker": company["ticker"], "instrument": str(member).removesuffix("Member"),
                "as_of": in_order.loc[in_order["concept"].isin(read), "end"].max(), "principal_usd": principal,
                "coupon_pct": coupon, "price_usd": price, "matures": next(filter(None, year.groups())) if year else "",
                "evidence": words, "accession": last["accession"], "filed": last["filed"], "needs": _PERSON,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=INSTRUMENT_COLUMNS)


def _is_instrument(dimensions: tuple[tuple[str, str], ...]) -> bool:
    axes = {bare(axis) for axis, _ in dimensions}
    return _AXIS in axes and axes <= _KINDS


def _member(dimensions: tuple[tuple[str, str], ...]) -> str:
    return next(bare(member) for axis, member in dimensions if bare(axis) == _AXIS)


def _conversion_price(terms: Mapping[str, float]) -> float:
    if _PRICE in terms:
        return terms[_PRICE]
    rate = terms.get(_RATIO)
    if not rate or rate < 0:
        return float("nan")
    return (1.0 if rate < 1 else 1000.0) / rate
