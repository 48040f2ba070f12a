"""Present values of signed contracts by tranche and contract year, flow and class of who pays; and the payments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts.credit import CLASSES
from valuation.contracts.terms import CLOUD, LEASE
from valuation.nav.profile import (
    Profile,
    Signed,
    paid_ahead,
    profile,
    remaining_revenue,
    twelve_months,
    within_a_year,
)

PERPETUITY, TERM, RESIDUAL, TAX = "perpetuity", "term", "residual", "tax"
FLOWS = (PERPETUITY, TERM, RESIDUAL, TAX)
# A stream is what contracts of one business and credit class pay by one kind of flow. A perpetuity of a five-year GPU
# contract means nothing and is not formed.
STREAMS = tuple((LEASE, flow, who) for flow in FLOWS for who in CLASSES) + tuple(
    (CLOUD, flow, who) for flow in FLOWS[1:] for who in CLASSES
)


@dataclass(frozen=True)
class Values:
    """Present values of contracts and the payments behind them.

    Attributes
    ----------
    by_class : DataFrame
        A row a contract and credit class (its guarantor's part and its own), on two index levels (row of the contracts,
        tenant_class): business, share (of the contract in that class), cost_of_capital, cap_rate, forward_noi_usd (first
        twelve months from today or from the start, before credits), next_noi_usd (cash of the next twelve months from
        today), perpetuity_usd (leases: forward NOI / cap rate), term_usd (cash receipts of the rest of the base term),
        residual_usd (what goes on after it), tax_usd (negative), at_start_usd (DCF after tax on the day of the start, no
        credits). USD at the owner's share, without delays; zero where a flow does not apply.
    payments : DataFrame
        row, stream (of `STREAMS`), later (delays move it), at_years, usd (not discounted): what `by_class` discounts.
    """

    by_class: pd.DataFrame
    payments: pd.DataFrame


def present_values(signed: Signed, assumptions: Assumptions) -> Values:
    """Present value of each contract by flow and class of who pays.

    Notes
    -----
    A lease's residual is `residual_share` of its last twelve months' NOI over the exit cap rate; GPU cloud leaves a data
    centre to lease, so its residual is `residual_share` of market NOI x MW over the exit cap rate, nothing where the MW
    are unknown. Residuals are before tax.
    """
    contracts, parts = signed.contracts, signed.tranches
    n, row = len(contracts), parts["row"].to_numpy()
    by_class = _classes(contracts, assumptions)
    due = remaining_revenue(signed, assumptions)
    credited = np.divide(contracts["credited_usd"].to_numpy(dtype=float), due, out=np.zeros(n), where=due > 0)
    found, plain = profile(contracts, assumptions, credited), profile(contracts, assumptions)
    start, share = parts["starts_in_years"].to_numpy(dtype=float), parts["share"].to_numpy(dtype=float)
    term = contracts["term_years"].to_numpy(dtype=float)
    since, wait = np.clip(-start, 0.0, None), np.clip(start, 0.0, None)
    forward = share * twelve_months(found.noi, found.lasts, since, row)
    next_year = share * within_a_year(found.cash, found.lasts, start, row)
    cloud = (contracts["business"] == CLOUD).to_numpy()
    last = twelve_months(found.noi, found.lasts, term - 1, np.arange(n))
    market = np.nan_to_num(contracts["owned_it_mw"].to_numpy(dtype=float)) * assumptions.market_noi_usd_per_mw
    after = np.where(cloud, market, last) * assumptions.residual_share / assumptions.cap_rate_exit
    runs = term[row] > since
    cash, at = paid_ahead(found.cash, found.lasts, parts)
    tax, _ = paid_ahead(found.tax, found.lasts, parts)

    later = ~parts["delivered"].to_numpy(dtype=bool)
    pieces = []
    of_both = (by_class[name].to_numpy().reshape(2, n)[:, row] for name in ("share", "cap_rate"))
    for who, (weight, cap) in enumerate(zip(*of_both, strict=True)):
        for flow, usd, when in (
            (TERM, cash, at),
            (TAX, -tax, at),
            (RESIDUAL, (share * after[row] * runs)[:, None], (start + term[row])[:, None]),
            (PERPETUITY, np.where(cloud[row], 0.0, forward / cap)[:, None], wait[:, None]),
        ):
            paid = usd * weight[:, None]
            tranche, year = np.nonzero(paid)
            pieces.append(
                pd.DataFrame(
                    {"part": who * n + row[tranche], "flow": flow, "later": later[tranche],
                     "at_years": when[tranche, year], "usd": paid[tranche, year]}
                )
            )  # fmt: skip
    weights = by_class["share"].to_numpy()
    for name, of_tranche in (("forward_noi_usd", forward), ("next_noi_usd", next_year)):
        by_class[name] = np.tile(np.bincount(row, of_tranche, n), 2) * weights
    payments = pd.concat(pieces, ignore_index=True)
    rate = by_class["cost_of_capital"].to_numpy()
    part = payments["part"].to_numpy()
    worth = payments["usd"].to_numpy() * (1 + rate[part]) ** -payments["at_years"].to_numpy()
    for flow in FLOWS:
        of_flow = (payments["flow"] == flow).to_numpy()
        by_class[f"{flow}_usd"] = np.bincount(part[of_flow], worth[of_flow], 2 * n)
    by_class["at_start_usd"] = _at_start(plain, term, after, by_class)
    who_pays = by_class.index.get_level_values("tenant_class").to_numpy()[part]
    stream = {name: k for k, name in enumerate(STREAMS)}
    keys = zip(by_class["business"].to_numpy()[part], payments["flow"], who_pays, strict=True)
    payments["stream"] = np.array([stream[key] for key in keys], dtype=int)
    payments["row"] = part % n
    return Values(by_class, payments[["row", "stream", "later", "at_years", "usd"]])


def _classes(contracts: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Each contract's part in its guarantor's class, then each contract's part in its own, with their rates."""
    n = len(contracts)
    backed = contracts["supported_share"].to_numpy(dtype=float)
    who = np.concatenate(
        [contracts["guarantor_class"].to_numpy(dtype=object), contracts["own_class"].to_numpy(dtype=object)]
    )
    out = pd.DataFrame(
        {
            "business": np.tile(contracts["business"].to_numpy(dtype=object), 2),
            "share": np.concatenate([backed, 1 - backed]),
        },
        index=pd.MultiIndex.from_arrays([np.tile(np.arange(n), 2), who], names=["row", "tenant_class"]),
    )
    cloud = (out["business"] == CLOUD).to_numpy()
    rates = {
        name: (
            assumptions.cost_of_capital(name),
            assumptions.cost_of_capital(name, cloud=True),
            assumptions.cap_rate(name),
        )
        for name in CLASSES
    }
    plain, premium, cap = (np.array([rates[name][k] for name in who], dtype=float) for k in range(3))
    out["cost_of_capital"] = np.where(cloud, premium, plain)
    out["cap_rate"] = np.where(cloud, np.nan, cap)
    return out


def _at_start(plain: Profile, term: np.ndarray, after: np.ndarray, by_class: pd.DataFrame) -> np.ndarray:
    """Value on the day of the start: base term and residual less tax, at each class's cost of capital."""
    middle = np.arange(plain.lasts.shape[1])[None, :] + plain.lasts / 2
    rate = by_class["cost_of_capital"].to_numpy()[:, None]
    income = np.tile(plain.noi - plain.tax, (2, 1)) * (1 + rate) ** -np.tile(middle, (2, 1))
    left = np.tile(after, 2) * (1 + rate[:, 0]) ** -np.tile(term, 2)
    return (income.sum(axis=1) + left) * by_class["share"].to_numpy()


def streams(values: Values, holder: np.ndarray, rows: int, assumptions: Assumptions) -> tuple[np.ndarray, np.ndarray]:
    """Payments summed into (rows, streams, years from today): of tranches in service, and of those that delays move.

    Parameters
    ----------
    holder : int array (contracts,)
        The row of each contract's holder; negative for none.

    Notes
    -----
    A payment between two whole years is divided between them so that its value at the assumed cost of capital stays what
    it is: any other rate can then be applied to whole years alone.
    """
    paid = values.payments
    at = paid["at_years"].to_numpy()
    horizon = int(np.ceil(at.max(initial=0.0))) + 2
    rates = np.array([assumptions.cost_of_capital(who, cloud=b == CLOUD) for b, _, who in STREAMS])
    mine, stream = holder[paid["row"].to_numpy()], paid["stream"].to_numpy()
    out = []
    for later in (False, True):
        counted = (mine >= 0) & (paid["later"].to_numpy() == later)
        total = np.zeros((rows, len(STREAMS), horizon))
        year = np.floor(at[counted]).astype(int)
        over, discount = at[counted] - year, 1 / (1 + rates[stream[counted]])
        scale = paid["usd"].to_numpy()[counted] * discount**over / (1 - over + over * discount)
        np.add.at(total, (mine[counted], stream[counted], year), scale * (1 - over))
        np.add.at(total, (mine[counted], stream[counted], year + 1), scale * over)
        out.append(total)
    return out[0], out[1]
