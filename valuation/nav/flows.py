"""Cash flows of signed contracts by tranche and contract year, and their present values by class of who pays.

A contract year's rent is paid on average in its middle. Every tranche runs its own full base term from its own start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts.credit import CLASSES
from valuation.contracts.terms import CLOUD, KEYS, LEASE

PERPETUITY, TERM, RESIDUAL, TAX = "perpetuity", "term", "residual", "tax"
FLOWS = (PERPETUITY, TERM, RESIDUAL, TAX)
# A stream is what contracts of one business and credit class pay by one kind of flow. A perpetuity of a five-year GPU
# contract means nothing and is not formed.
STREAMS = tuple((LEASE, flow, who) for flow in FLOWS for who in CLASSES) + tuple(
    (CLOUD, flow, who) for flow in FLOWS[1:] for who in CLASSES
)


@dataclass(frozen=True)
class Signed:
    """Contracts by holder, with their tranches.

    Attributes
    ----------
    contracts : DataFrame
        n rows, a holder and contract each: the columns of `contracts.terms.terms` that `profile` and `present_values`
        read, and credited_usd (prepayments and rent credits still to be worked off, USD at the owner's share).
    tranches : DataFrame
        row (position in `contracts`), starts_in_years (negative: in the past), share, delivered.
    """

    contracts: pd.DataFrame
    tranches: pd.DataFrame

    def credited(self, usd: np.ndarray) -> Signed:
        """The same with these amounts still to be worked off."""
        return replace(self, contracts=self.contracts.assign(credited_usd=usd))


@dataclass(frozen=True)
class Profile:
    """Contracts over their contract years, USD at the owner's share, (contracts, years).

    Attributes
    ----------
    lasts : years that each contract year lasts: 1, or less in the last
    revenue : sums to the contract's value
    noi : revenue x margin (EBITDA of GPU cloud)
    cash : noi less what customers have paid before
    tax : income tax, from `income_tax`
    """

    lasts: np.ndarray
    revenue: np.ndarray
    noi: np.ndarray
    cash: np.ndarray
    tax: np.ndarray


def profile(contracts: pd.DataFrame, assumptions: Assumptions, credited: np.ndarray | float = 0.0) -> Profile:
    """Revenue, operating income, cash receipts and income tax of each contract by contract year, USD.

    Parameters
    ----------
    contracts : DataFrame
        n rows: term_years, value_used_usd, escalator_used, margin_used, building_capex_usd, gpu_capex_usd.
    credited : float array (n,)
        Part of the revenue that customers have paid already.

    Notes
    -----
    METHODS section 10. Rent of contract year k is first x (1 + g)^k; the last year counts for its part, and the first is
    such that the years sum to the contract's value.
    """
    term = contracts["term_years"].to_numpy(dtype=float)[:, None]
    years = np.arange(int(np.ceil(term.max(initial=0.0))) or 1)[None, :]
    lasts = np.clip(term - years, 0.0, 1.0)
    growth = np.nan_to_num(contracts["escalator_used"].to_numpy(dtype=float))[:, None]
    level = (1 + growth) ** years * lasts
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.nan_to_num(level / level.sum(axis=1, keepdims=True))
    revenue = contracts["value_used_usd"].to_numpy(dtype=float)[:, None] * part
    margin = contracts["margin_used"].to_numpy(dtype=float)[:, None]
    cash = revenue * (margin - np.broadcast_to(credited, len(contracts))[:, None])
    depreciation = np.zeros_like(revenue)
    for column, life in (
        ("building_capex_usd", assumptions.building_life_years),
        ("gpu_capex_usd", assumptions.gpu_life_years),
    ):
        cost = np.nan_to_num(contracts[column].to_numpy(dtype=float))[:, None]
        depreciation += cost / life * np.clip(life - years, 0.0, lasts)
    return Profile(lasts, revenue, revenue * margin, cash, income_tax(cash - depreciation, assumptions))


def income_tax(taxable: np.ndarray, assumptions: Assumptions) -> np.ndarray:
    """Income tax of each year, losses carried forward without limit within the contract, USD, (contracts, years).

    What is taxed up to a year is the highest cumulative income so far: until then losses of earlier years set it off.
    Advance payments are taxed when they are received, so cash and not accrued revenue is taxed. No loss carry-forward of
    a company is used: no row states one.
    """
    if not assumptions.cash_taxes:
        return np.zeros_like(taxable)
    taxed = np.maximum.accumulate(np.maximum(taxable.cumsum(axis=1), 0.0), axis=1)
    return assumptions.tax_rate * np.diff(taxed, axis=1, prepend=0.0)


def remaining_revenue(signed: Signed, assumptions: Assumptions) -> np.ndarray:
    """Revenue of each contract after the as-of date over all its tranches, USD, (contracts,)."""
    found = profile(signed.contracts, assumptions)
    paid, _ = _ahead(found.revenue, found.lasts, signed.tranches)
    row = signed.tranches["row"].to_numpy()
    return np.bincount(row, weights=paid.sum(axis=1), minlength=len(signed.contracts))


def _ahead(amount: np.ndarray, lasts: np.ndarray, tranches: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """What each tranche pays after today in each contract year, and when on average, years from today."""
    row, start = tranches["row"].to_numpy(), tranches["starts_in_years"].to_numpy(dtype=float)[:, None]
    length = lasts[row]
    opens = start + np.arange(lasts.shape[1])[None, :]
    closes = np.maximum(opens + length, 0.0)
    opens = np.maximum(opens, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(length > 0, (closes - opens) / length, 0.0)
    return tranches["share"].to_numpy(dtype=float)[:, None] * amount[row] * np.clip(part, 0.0, 1.0), (
        opens + closes
    ) / 2


def _twelve_months(amount: np.ndarray, lasts: np.ndarray, since: np.ndarray, row: np.ndarray) -> np.ndarray:
    """What contract `row` pays in the twelve months after `since` years of its life."""
    n = lasts.shape[1]
    starts = np.arange(n)[None, :]
    length = lasts[row]
    with np.errstate(divide="ignore", invalid="ignore"):
        done = [
            np.where(length > 0, np.clip((at[:, None] - starts) / length, 0.0, 1.0), 0.0) for at in (since, since + 1)
        ]
    return (amount[row] * (done[1] - done[0])).sum(axis=1)


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
    with np.errstate(divide="ignore", invalid="ignore"):
        credited = np.where(due > 0, contracts["credited_usd"].to_numpy(dtype=float) / due, 0.0)
    found, plain = profile(contracts, assumptions, credited), profile(contracts, assumptions)
    start, share = parts["starts_in_years"].to_numpy(dtype=float), parts["share"].to_numpy(dtype=float)
    term = contracts["term_years"].to_numpy(dtype=float)
    since, wait = np.clip(-start, 0.0, None), np.clip(start, 0.0, None)
    forward = share * _twelve_months(found.noi, found.lasts, since, row)
    next_year = share * _within_a_year(found.cash, found.lasts, start, row)
    cloud = (contracts["business"] == CLOUD).to_numpy()
    last = _twelve_months(found.noi, found.lasts, term - 1, np.arange(n))
    market = np.nan_to_num(contracts["owned_it_mw"].to_numpy(dtype=float)) * assumptions.market_noi_usd_per_mw
    after = np.where(cloud, market, last) * assumptions.residual_share / assumptions.cap_rate_exit
    runs = term[row] > since
    cash, at = _ahead(found.cash, found.lasts, parts)
    tax, _ = _ahead(found.tax, found.lasts, parts)

    later = ~parts["delivered"].to_numpy(dtype=bool)
    pieces = []
    for who, counted in zip((0, 1), (slice(0, n), slice(n, 2 * n)), strict=True):
        mine = by_class.iloc[counted]
        weight, cap = mine["share"].to_numpy()[row], mine["cap_rate"].to_numpy()[row]
        for flow, usd, when in (
            (TERM, cash, at),
            (TAX, -tax, at),
            (RESIDUAL, (share * after[row] * runs)[:, None], (start + term[row])[:, None]),
            (PERPETUITY, np.where(cloud[row], 0.0, forward / np.where(cloud[row], 1.0, cap))[:, None], wait[:, None]),
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
    payments["stream"] = np.array([stream.get(key, -1) for key in keys], dtype=int)
    payments["row"] = part % max(n, 1)
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


def _within_a_year(amount: np.ndarray, lasts: np.ndarray, start: np.ndarray, row: np.ndarray) -> np.ndarray:
    """What contract `row` pays between today and a year from now where it starts in `start` years."""
    years = np.arange(lasts.shape[1])[None, :]
    opens, length = start[:, None] + years, lasts[row]
    inside = np.clip(np.minimum(opens + length, 1.0) - np.maximum(opens, 0.0), 0.0, None)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (amount[row] * np.where(length > 0, inside / length, 0.0)).sum(axis=1)


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
        counted = (mine >= 0) & (stream >= 0) & (paid["later"].to_numpy() == later)
        total = np.zeros((rows, len(STREAMS), horizon))
        year = np.floor(at[counted]).astype(int)
        over, discount = at[counted] - year, 1 / (1 + rates[stream[counted]])
        scale = paid["usd"].to_numpy()[counted] * discount**over / (1 - over + over * discount)
        np.add.at(total, (mine[counted], stream[counted], year), scale * (1 - over))
        np.add.at(total, (mine[counted], stream[counted], year + 1), scale * over)
        out.append(total)
    return out[0], out[1]


def holders(contracts: pd.DataFrame, index: pd.MultiIndex) -> np.ndarray:
    """The row of `index` that holds each contract; -1 for none."""
    return index.get_indexer(pd.MultiIndex.from_frame(contracts[KEYS]))
