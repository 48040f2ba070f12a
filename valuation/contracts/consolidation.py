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
    own = np.arange(len(contracts))
    again = np.flatnonzero(contracts["ticker"].isin(list(parent_of)))
    if not len(again):
        return contracts.assign(held_through="", row=own)
    row = np.concatenate([own, again])
    out = contracts.iloc[row].reset_index(drop=True)
    tickers = out["ticker"].to_numpy(dtype=object)
    child = tickers[len(own) :]
    through = np.concatenate([np.full(len(own), "", dtype=object), child])
    tickers = np.concatenate([tickers[: len(own)], [parent_of[name] for name in child]])
    return out.assign(ticker=tickers, held_through=through, row=row)
