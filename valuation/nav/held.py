"""Contracts as their consolidating companies hold them, with the prepayments that customers have made on them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts.book import ContractBook
from valuation.contracts.consolidation import as_held
from valuation.inputs import Inputs
from valuation.nav.profile import Signed, remaining_revenue
from valuation.sums import positions

ROUNDING = 1e-9  # what is left of an amount after it was spread is rounding up to this part of it


def held(book: ContractBook, inputs: Inputs) -> tuple[Signed, pd.DataFrame]:
    """Contracts by consolidating company: those that can be valued with their tranches, and the others with the reason.

    A parent holds its consolidated subsidiary's contracts whole; `held_through` names the subsidiary, and `row` the
    contract's position in the book.
    """
    every = as_held(book.contracts, book.consolidated)
    why = every["not_scheduled"].to_numpy(dtype=object)
    why = np.where((why == "") & every["capex_to_spend_usd"].isna().to_numpy(), "capex unknown", why)
    valued = every[why == ""].reset_index(drop=True)
    tranches = book.tranches
    contract, tranche = np.nonzero(np.equal.outer(valued["row"].to_numpy(), tranches["row"].to_numpy()))
    copies = pd.DataFrame(
        {
            "row": contract,
            "starts_in_years": tranches["starts_in_years"].to_numpy(dtype=float)[tranche],
            "share": tranches["share"].to_numpy(dtype=float)[tranche],
            "delivered": tranches["delivered"].to_numpy(dtype=bool)[tranche],
        }
    )
    left_out = every[why != ""].reset_index(drop=True)
    return Signed(valued.assign(credited_usd=0.0), copies), left_out.assign(left_out=why[why != ""])


def credits(
    signed: Signed, inputs: Inputs, counted_as_debt: np.ndarray, assumptions: Assumptions
) -> tuple[np.ndarray, np.ndarray]:
    """What customers have paid ahead and is not yet earned: on each contract, and on none of those valued, USD.

    Parameters
    ----------
    signed : Signed
        n contracts.
    counted_as_debt : bool array
        On the rows of `inputs`: where the bridge already deducts prepayments as debt, nothing is credited.

    Returns
    -------
    on_contracts, on_none : ndarray (n,), ndarray (rows of `inputs`,)

    Notes
    -----
    METHODS section 10: cash in hand is not counted again. `deferred_revenue` of a company is its customers' money on the
    day of that figure; it lies on the contracts announced by then, first on those that state a prepayment, up to it, then
    on all in proportion to the revenue still to come. A prepayment that no figure shows as received is not in hand and is
    not credited.
    """
    contracts = signed.contracts
    due = remaining_revenue(signed, assumptions)
    owner = contracts["ticker"].where(contracts["held_through"] == "", contracts["held_through"])
    at = positions(contracts[["as_of"]].assign(ticker=owner), inputs.index)
    amount = inputs.items["deferred_revenue"].fillna(0.0).clip(lower=0.0).to_numpy(dtype=float).copy()
    amount[counted_as_debt] = 0.0
    known_on = inputs.periods["deferred_revenue"].to_numpy()
    by_then = contracts["announced_on"].to_numpy() <= known_on[at]
    mine = contracts["held_through"].to_numpy() == ""
    stated = np.minimum(contracts["owned_prepayment_usd"].to_numpy(dtype=float), due)
    given = _spread(amount, np.where(by_then & mine, stated, 0.0), at)
    left = amount - np.bincount(at, given, len(amount))
    given = given + _spread(left, np.where(by_then & mine, due - given, 0.0), at)
    on_none = amount - np.bincount(at, given, len(amount))
    on_none[on_none <= ROUNDING * amount] = 0.0
    # A parent's copy of a contract carries the same prepayment, and the parent's own figure is its subsidiary's again.
    of_own = dict(
        zip(zip(contracts["as_of"][mine], contracts["contract_id"][mine], strict=True), given[mine], strict=True)
    )
    given = np.array([of_own.get(key, 0.0) for key in zip(contracts["as_of"], contracts["contract_id"], strict=True)])
    parents = inputs.companies["consolidated_by"].dropna()
    tickers = inputs.index.get_level_values("ticker")
    for child, parent in parents.items():
        if child in tickers:
            on_none[tickers == parent] = on_none[tickers == child]
    return np.minimum(given, due), on_none


def _spread(amount: np.ndarray, most: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Amounts by company over its contracts in proportion to `most`, and no more than that."""
    whole = np.bincount(at, most, len(amount))
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(whole > 0, np.minimum(amount / whole, 1.0), 0.0)
    return most * part[at]
