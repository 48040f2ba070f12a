"""Signed AI contracts of the miners by date: count, value, critical IT MW, by kind and by tenant, and what is delivered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.contracts.book import MINERS, ContractBook

SUMS = {"value_usd": "owned_value_usd", "it_mw": "owned_it_mw"}


@dataclass(frozen=True, repr=False)
class Signed(ResultMixin):
    """AI contracts of the miners in force on each date, at the owner's share. Value USD, power critical IT MW.

    Attributes
    ----------
    sector : DataFrame
        A row an as_of: contracts, value_usd, without_value (contracts whose value is unknown and not in the sum), it_mw,
        without_mw, in_service_mw, delivered_share (of the contracted MW), tenants, companies, largest_tenant and
        largest_tenant_share (of contracted MW).
    by_kind, by_tenant, by_company : DataFrame
        A row an (as_of, kind), (as_of, tenant), (as_of, ticker): contracts, value_usd, without_value, it_mw, without_mw.
    """

    sector: pd.DataFrame
    by_kind: pd.DataFrame
    by_tenant: pd.DataFrame
    by_company: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        """The sector by date."""
        return self.sector


def signed(book: ContractBook) -> Signed:
    """Contracts in force by date; those of consolidated subsidiaries once, those of Galaxy and of comparables not.

    Parameters
    ----------
    book : ContractBook
        Of many dates.

    Notes
    -----
    METHODS section 5: a contract counts from its announcement until the owner sells or ends it. One tenant is one
    tenant under all its spellings (`valuation.contracts.credit`).
    """
    rows = book.contracts[book.contracts["scope"] == MINERS]
    dates = book.table.index.get_level_values("as_of").unique().rename("as_of")
    rows = rows.assign(
        tenant=rows["counterparty_name"],
        unvalued=rows["owned_value_usd"].isna(),
        unpowered=rows["owned_it_mw"].isna(),
    )
    total = _sums(rows, ["as_of"]).reindex(dates)
    counts = ["contracts", "without_value", "without_mw"]
    total[counts] = total[counts].fillna(0).astype(int)
    # Nothing signed is a value of nothing; a contract without a figure is an unknown value.
    nothing = total["contracts"] == 0
    total[list(SUMS)] = total[list(SUMS)].mask(nothing, 0.0)
    total["in_service_mw"] = book.sector()["in_service_mw"].reindex(dates).mask(nothing, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        total["delivered_share"] = (total["in_service_mw"] / total["it_mw"]).where(total["it_mw"] > 0)
    by = {name: _sums(rows, ["as_of", name]) for name in ("kind", "tenant", "ticker")}
    total["tenants"] = _count(by["tenant"], dates)
    total["companies"] = _count(by["ticker"], dates)
    largest = by["tenant"]["it_mw"].dropna().sort_values(kind="stable").groupby(level="as_of").tail(1)
    largest = largest[largest > 0].reset_index("tenant")
    total["largest_tenant"] = largest["tenant"].reindex(dates).fillna("").astype(object)
    total["largest_tenant_share"] = largest["it_mw"].reindex(dates) / total["it_mw"].where(total["it_mw"] > 0)
    return Signed(total, by["kind"], by["tenant"], by["ticker"])


def _sums(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    grouped = rows.groupby(by)
    out = pd.DataFrame({"contracts": grouped.size()})
    for name, column in SUMS.items():
        out[name] = grouped[column].sum(min_count=1)
    out["without_value"] = grouped["unvalued"].sum().astype(int)
    out["without_mw"] = grouped["unpowered"].sum().astype(int)
    return out


def _count(frame: pd.DataFrame, dates: pd.Index) -> pd.Series:
    return frame.groupby(level="as_of").size().reindex(dates, fill_value=0)
