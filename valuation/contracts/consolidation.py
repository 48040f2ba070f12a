"""Contracts as companies hold them: a parent has the contracts of a listed subsidiary that it consolidates, whole."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd


def parents(companies: pd.DataFrame) -> dict[str, str]:
    """Subsidiary -> the listed parent that consolidates it.

    Parameters
    ----------
    companies : DataFrame
        Indexed by ticker: consolidated_by.
    """
    listed = set(companies.index)
    return {str(child): p for child, p in companies["consolidated_by"].dropna().items() if p in listed}


def as_held(contracts: pd.DataFrame, parent_of: Mapping[str, str]) -> pd.DataFrame:
    """Contracts by the company that holds them: every row as it is, and a subsidiary's once more under its parent.

    Whole, because the parent's enterprise value holds the minority at its market value (METHODS section 3). Sums over
    companies that count the parent must therefore leave out the subsidiary (`eligibility.exclusion` does).

    Parameters
    ----------
    contracts : DataFrame
        Column ticker.
    parent_of : mapping
        Subsidiary -> parent (`parents`).

    Returns
    -------
    DataFrame
        The same columns, `held_through` (the subsidiary; empty for a company's own) and `row` (position in `contracts`).
    """
    own = contracts.assign(held_through="", row=np.arange(len(contracts)))
    of_child = own[own["ticker"].isin(list(parent_of))]
    again = of_child.assign(held_through=of_child["ticker"], ticker=of_child["ticker"].map(parent_of))
    return pd.concat([own, again], ignore_index=True) if len(again) else own
