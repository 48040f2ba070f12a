"""The contract book: sums of signed AI contracts by company and for the sector.

Leases and GPU cloud are different businesses and stand apart in every sum; figures that hold both say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.assumptions import Assumptions
from valuation.borrowings import borrowings, by_company, funding_gap
from valuation.contracts import credit
from valuation.contracts.calendar import Calendar, calendar, schedule_by_year
from valuation.contracts.concentration import concentration, share_of
from valuation.contracts.consolidation import as_held, parents
from valuation.contracts.in_service import in_service
from valuation.contracts.schedule import Schedule, schedule, with_tranches
from valuation.contracts.terms import CLOUD, KEYS, LEASE
from valuation.eligibility import exclusion
from valuation.inputs import Inputs
from valuation.status import Details, Ledger, carried
from valuation.sums import grouped

PROJECT = "project|non-recourse"  # in the seniority of a bond that a project owes and its owner does not
MINERS, OUTSIDE, COMPARABLES = "miners", "miners whose EV is not meaningful", "comparables"
SUMMED = ("signed_value_usd", "backlog_usd", "lease_revenue_usd", "lease_noi_usd", "cloud_revenue_usd",
          "cloud_ebitda_usd", "cloud_ebit_usd", "capex_to_spend_usd", "contracted_mw", "in_service_mw")  # fmt: skip
# The assumptions that a book rests on; a scenario that leaves them and the contracts alone has the same book.
RESTS_ON = (
    "gross_mw_per_critical_it_mw", "capex_lease_usd_per_mw", "capex_gpu_cloud_usd_per_mw", "capex_gpus_usd_per_mw",
    "capex_overrun_usd_per_mw", "tenant_paid_share", "gpu_life_years", "build_years", "gpu_purchase_years",
    "start_lag_lease_years", "start_lag_gpu_cloud_years", "ramp_years", "escalator_unknown", "noi_margin_lease",
    "noi_margin_gpu_cloud",
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class ContractBook(ResultMixin):
    """Signed AI contracts on one or many dates, summed at the owner's share. Money USD, power critical IT MW.

    Attributes
    ----------
    contracts : DataFrame
        A row an (as_of, contract), hosting left out: `contracts.schedule.Schedule.contracts`, with state and
        grid_operator, not_scheduled (why, or empty) and `scope`: miners, miners whose EV is not meaningful, comparables.
    tranches : DataFrame
        A row a tranche of these: `contracts.schedule.Schedule.tranches`.
    calendar : Calendar
        The scheduled contracts over calendar years, as arrays.
    table, status, causes : DataFrame
        A row an (as_of, ticker): sums with their statuses; a parent's with the contracts of its subsidiary.
    consolidated : mapping
        Subsidiary -> its listed parent.
    excluded : Series
        Why a company stays out of the statistics; empty where it does not.
    assumptions : Assumptions
    """

    contracts: pd.DataFrame
    tranches: pd.DataFrame
    calendar: Calendar
    table: pd.DataFrame
    status: pd.DataFrame
    causes: pd.DataFrame
    excluded: pd.Series
    consolidated: Mapping[str, str]
    assumptions: Assumptions

    def of(self, ticker: str) -> pd.DataFrame:
        """A company's contracts, with those of the subsidiary that it consolidates."""
        return self.contracts[self.contracts["ticker"].isin(self.holders(ticker))]

    def holders(self, ticker: str) -> list[str]:
        """The company, and the listed subsidiaries that it consolidates."""
        return [ticker, *(child for child, parent in self.consolidated.items() if parent == ticker)]

    # A scenario needs none of these three, so they are made when they are asked for.
    @cached_property
    def years(self) -> pd.DataFrame:
        """A row an (as_of, contract, calendar year): `contracts.calendar.schedule_by_year`."""
        return schedule_by_year(self.calendar, self.assumptions)

    @cached_property
    def concentration(self) -> pd.DataFrame:
        """A row an (as_of, scope, by, name): `concentration.concentration`, leases and GPU cloud together."""
        rows = as_held(self.contracts, self.consolidated)
        return concentration(rows, ((rows["scope"] == MINERS) & (rows["held_through"] == "")).to_numpy())

    @cached_property
    def signed(self) -> pd.DataFrame:
        """Value signed, a row an (as_of, scope, business): what a published total holds and does not hold."""
        return _signed(self.contracts)

    @property
    def frame(self) -> pd.DataFrame:
        """The company table."""
        return self.table

    def by_year(self, column: str, *by: str, scope: str | None = None) -> pd.DataFrame:
        """A column of `years` summed: a row a combination of `by` (business where none), a column a calendar year."""
        rows = self.years
        if scope is not None:
            inside = self.contracts.loc[self.contracts["scope"] == scope, "contract_id"]
            rows = rows[rows["contract_id"].isin(inside)]
        sums = rows.groupby([*(by or ("business",)), "year"])[column].sum(min_count=1)
        return sums.unstack("year")

    def sector(self) -> pd.DataFrame:
        """Sums over miners, a row an as_of; the funding gap counts deficits alone.

        A surplus of one company does not fund another's deficit, so they are not netted. Contracts and funding gap of a
        consolidated subsidiary count once, in those of its parent.
        """
        mine = self.table[(self.excluded == "").to_numpy()]
        out = mine.groupby("as_of")[list(SUMMED)].sum(min_count=1)
        gaps = mine["funding_gap_usd"]
        out["funding_gap_usd"] = gaps.clip(lower=0.0).groupby("as_of").sum(min_count=1)
        unknown = gaps.isna() & (mine["contracts"] > 0)
        out["companies_without_funding_gap"] = unknown.groupby("as_of").sum()
        out["delivered_share"] = out["in_service_mw"] / out["contracted_mw"]
        return out


# A scenario's change to contracts (`Schedule.contracts`) and their tranches (row, starts_in_years, share, delivered).
Adjust = Callable[[pd.DataFrame, pd.DataFrame], tuple[pd.DataFrame, pd.DataFrame]]


def build(
    inputs: Inputs,
    valuation: Valued,
    assumptions: Assumptions,
    sites: pd.DataFrame | None = None,
    adjust: Adjust | None = None,
    base: ContractBook | None = None,
) -> ContractBook:
    """Schedule, classify and sum the signed AI contracts.

    Parameters
    ----------
    inputs : Inputs
    valuation : Valued
        Company metrics of the same inputs: enterprise value, cash and restricted cash are used.
    assumptions : Assumptions
    sites : DataFrame, optional
        Columns ticker, site, state_or_region, grid_operator, to place contracts by state and grid.
    adjust : callable, optional
        A scenario's change to contracts and tranches.
    base : ContractBook, optional
        The book of the same inputs, valuation and sites without `adjust`, perhaps under other assumptions; what those
        do not change is taken from it.

    Notes
    -----
    METHODS section 5. Completed EV = EV + capex to spend.
    """
    if base is not None and all(getattr(assumptions, name) == getattr(base.assumptions, name) for name in RESTS_ON):
        if adjust is None:
            return replace(base, assumptions=assumptions)
        made = Schedule(base.contracts.drop(columns=["scope", "not_scheduled"]), base.tranches)
    else:
        made = _of_ai(schedule(inputs, assumptions), sites)
    if adjust is not None:
        rows, parts = adjust(made.contracts, made.tranches)
        parts = parts.drop(columns=["as_of", "ticker", "contract_id"])
        made = with_tranches(rows.reset_index(drop=True), parts, inputs, assumptions)
    contracts = made.contracts
    reasons = [contracts["value_used_usd"].isna(), contracts["term_years"].isna()]
    contracts["not_scheduled"] = np.select(reasons, ["value unknown", "term unknown"], "")
    excluded = pd.Series(exclusion(inputs), index=inputs.index)
    why = excluded.reindex(pd.MultiIndex.from_frame(contracts[KEYS])).to_numpy(dtype=object).astype(str)
    not_meaningful = np.char.startswith(why, "enterprise value")
    contracts["scope"] = np.select(
        [np.char.startswith(why, "comparable"), not_meaningful], [COMPARABLES, OUTSIDE], MINERS
    )
    ledger = Ledger(inputs.index)
    parent_of = parents(inputs.companies)
    held = _Held.by(inputs.index, as_held(contracts, parent_of))
    _put_sums(ledger, inputs, valuation, held)
    _put_delivered(ledger, inputs, held, made.tranches)
    _put_credit(ledger, held)
    _put_capex(ledger, inputs, valuation, held)
    return ContractBook(
        contracts=contracts,
        tranches=made.tranches,
        calendar=calendar(contracts, made.tranches),
        table=ledger.table,
        status=ledger.status,
        causes=ledger.causes,
        excluded=excluded,
        consolidated=parent_of,
        assumptions=assumptions,
    )


def _of_ai(made: Schedule, sites: pd.DataFrame | None) -> Schedule:
    """AI contracts alone, placed by state and grid."""
    kept = made.contracts["is_ai"].to_numpy()
    position = np.cumsum(kept) - 1
    contracts = made.contracts[kept].reset_index(drop=True)
    contracts = pd.concat([contracts, credit.place(contracts, sites)], axis=1)
    parts = made.tranches[kept[made.tranches["row"].to_numpy()]].reset_index(drop=True)
    return Schedule(contracts, parts.assign(row=position[parts["row"].to_numpy()]))


class Valued(Protocol):
    """Company metrics with statuses, and the lines of the EV bridge."""

    @property
    def table(self) -> pd.DataFrame:
        """Values, a column a metric."""

    @property
    def status(self) -> pd.DataFrame:
        """Statuses, same shape."""

    @property
    def causes(self) -> pd.DataFrame:
        """Causes of the statuses, same shape."""

    @property
    def bridge(self) -> pd.DataFrame:
        """Lines of the bridge, USD."""


@dataclass(frozen=True)
class _Held:
    """Contracts with the company row that each belongs to: the same groups serve every sum.

    Attributes
    ----------
    contracts : DataFrame
    row : int array
        Position of each contract's company; -1 where it has none.
    companies : int
    """

    contracts: pd.DataFrame
    row: np.ndarray
    companies: int

    @classmethod
    def by(cls, index: pd.MultiIndex, contracts: pd.DataFrame) -> _Held:
        return cls(contracts, index.get_indexer(pd.MultiIndex.from_frame(contracts[KEYS])), len(index))

    def sum(
        self, values: pd.Series, where: np.ndarray | bool = True, *, none: float = 0.0, unknown: bool = False
    ) -> np.ndarray:
        """Sum over each company's contracts: `none` where it has no such contract, NaN where none has the figure.

        With `unknown`, NaN also where some contract has no figure and the others add up to zero: the zero would be theirs.
        """
        counted = (self.row >= 0) & where
        groups = pd.Series(values.to_numpy(dtype=float)[counted]).groupby(self.row[counted])
        total = groups.sum(min_count=1)
        if unknown:
            total = total.mask((total == 0) & (groups.count() < groups.size()))
        out = np.full(self.companies, none)
        out[total.index] = total
        return out

    def column(self, name: str, where: np.ndarray | bool = True, *, unknown: bool = False) -> np.ndarray:
        """Sum of a column: 0 where the company has no such contract, NaN where none of them has the figure."""
        return self.sum(self.contracts[name], where, unknown=unknown)

    def marks(self, mask: pd.Series, cause: str) -> dict[str, Details]:
        """The cause with the names of the company's contracts in `mask`."""
        texts = np.full(self.companies, "", dtype=object)
        at = np.flatnonzero(mask.to_numpy(dtype=bool) & (self.row >= 0))
        for row, name in zip(self.row[at], self.contracts["contract_id"].to_numpy(dtype=object)[at], strict=True):
            texts[row] = f"{texts[row]}, {name}" if texts[row] else name
        return {cause: Details(texts)}

    def unknown(self, column: str, where: np.ndarray | bool = True) -> dict[str, Details]:
        """The contracts without this figure, which a sum leaves out."""
        title = column.removeprefix("owned_").removesuffix("_usd").replace("_", " ")
        return self.marks(self.contracts[column].isna() & where, f"{title} unknown, excluded")


def marks(contracts: pd.DataFrame, index: pd.MultiIndex, cause: str) -> dict[str, Details]:
    """The cause with the names of each company's contracts."""
    return _Held.by(index, contracts).marks(pd.Series(True, index=contracts.index), cause)


def _put_sums(ledger: Ledger, inputs: Inputs, valuation: Valued, held: _Held) -> None:
    contracts = held.contracts
    lease, cloud = (contracts["business"] == LEASE).to_numpy(), (contracts["business"] == CLOUD).to_numpy()
    assumed_start = held.marks(contracts["start_is_assumed"], "start unknown")
    counts = np.bincount(held.row[held.row >= 0], minlength=held.companies)
    # Nothing listed is nothing signed only where somebody looked for contracts.
    nobody = valuation.table["signed_contracts"].isna().to_numpy() & (counts == 0)
    ledger.put("contracts", counts, missing={"contracts not reviewed": nobody})
    signed = ["contracts"]
    for name, column, where, has_margin in (
        ("signed_value_usd", "owned_value_usd", True, False),
        ("contracted_mw", "owned_it_mw", True, False),
        ("lease_revenue_usd", "owned_annual_revenue_usd", lease, False),
        ("lease_noi_usd", "owned_noi_usd", lease, True),
        ("cloud_revenue_usd", "owned_annual_revenue_usd", cloud, False),
        ("cloud_ebitda_usd", "owned_noi_usd", cloud, True),
        ("cloud_ebit_usd", "owned_ebit_usd", cloud, True),
    ):
        marks = held.unknown(column, where)
        if has_margin:
            assumed = contracts["margin_is_assumed"] & contracts[column].notna() & where
            marks |= held.marks(assumed, "margin assumed")
        ledger.put(name, held.column(column, where), after=signed, proxy=marks)
    # A backlog that the company reports in one figure stands in place of the sum.
    summed = inputs.items["backlog_reported"].isna().to_numpy()
    unsure = held.unknown("owned_backlog_usd") | assumed_start
    ledger.put(
        "backlog_usd",
        np.where(summed, held.column("owned_backlog_usd"), inputs.items["backlog_reported"]),
        after={"contracts": summed},
        stale={"backlog_reported old": inputs.stale["backlog_reported"]},
        proxy={cause: details.where(summed) for cause, details in unsure.items()},
    )
    for name, weight in (("walt_mw_years", "owned_it_mw"), ("walt_revenue_years", "owned_annual_revenue_usd")):
        nothing = {"nothing contracted": ledger["contracts"] == 0}
        left_out = held.unknown(weight) | held.unknown("remaining_term_years")
        ledger.put(name, _walt(held, weight), after=signed, proxy=left_out | assumed_start, not_meaningful=nothing)


def _walt(held: _Held, weight: str) -> np.ndarray:
    """Weighted average lease term left, years."""
    weights, term = held.contracts[weight], held.contracts["remaining_term_years"]
    known = (weights.notna() & term.notna()).to_numpy()
    return held.sum(weights * term, known, none=np.nan) / held.sum(weights, known, none=np.nan)


def _put_delivered(ledger: Ledger, inputs: Inputs, held: _Held, tranches: pd.DataFrame) -> None:
    """MW in service: the tranches delivered, or what the company reports where that is more."""
    contracts = held.contracts
    contracted = ledger["contracted_mw"]
    running = tranches["delivered"].to_numpy() & tranches["is_proxy"].to_numpy()
    by_date = np.isin(contracts["row"].to_numpy(), tranches["row"].to_numpy()[running])
    found = in_service(inputs, held.column("owned_in_service_mw", unknown=True), contracted, ledger["contracts"])
    ledger.put(
        "in_service_mw",
        found.mw,
        after=["contracted_mw"],
        stale={"mw_operating_ai old": inputs.stale["mw_operating_ai"] & (contracted > 0)},
        proxy=held.marks(pd.Series(by_date), "from announced start dates")
        | held.marks(contracts["start_is_assumed"] & ~by_date, "start unknown, taken as not in service")
        | found.proxy,
        missing=found.missing,
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        delivered = ledger["in_service_mw"] / contracted
    ledger.put(
        "delivered_share", delivered, after=["in_service_mw"], not_meaningful={"nothing contracted": contracted == 0}
    )


def _put_credit(ledger: Ledger, held: _Held) -> None:
    contracts = held.contracts
    own = (contracts["own_class"] != "other").astype(float)
    backed = contracts["supported_share"] * (contracts["guarantor_class"] != "other")
    nothing = {"nothing contracted": ledger["contracts"] == 0}
    left_out = held.unknown("value_used_usd")
    for name, part in (
        ("credit_supported_share", contracts["supported_share"]),
        ("investment_grade_share", np.maximum(own, backed)),
    ):
        share = share_of(contracts, part, "value_used_usd", ledger.index)
        ledger.put(name, share, after=["contracts"], proxy=left_out, not_meaningful=nothing)
    ledger.put("supported_usd", held.column("supported_usd"), after=["contracts"], proxy=left_out)


def _put_capex(ledger: Ledger, inputs: Inputs, valuation: Valued, held: _Held) -> None:
    proxy = held.unknown("capex_to_spend_usd") | held.marks(held.contracts["capex_assumed_usd"] > 0, "capex assumed")
    capex = held.column("capex_to_spend_usd", unknown=True)
    ledger.put("capex_to_spend_usd", capex, after=["contracts"], proxy=proxy)
    for name in ("enterprise_value_usd", "cash_usd"):
        ledger.put(name, valuation.table[name], **carried(valuation, name))
    completed = ledger["enterprise_value_usd"] + ledger["capex_to_spend_usd"]
    ledger.put("completed_ev_usd", completed, after=["enterprise_value_usd", "capex_to_spend_usd"])
    signs = ledger["contracts"] > 0
    both = (ledger["lease_noi_usd"] > 0) & (ledger["cloud_revenue_usd"] > 0)
    for name, cloud in (("implied_cap_rate", "cloud_ebitda_usd"), ("implied_cap_rate_after_gpus", "cloud_ebit_usd")):
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = (ledger["lease_noi_usd"] + ledger[cloud]) / completed
        ledger.put(
            name,
            rate,
            after=["lease_noi_usd", cloud, "completed_ev_usd"],
            proxy={"leases and GPU cloud together": both, "GPU cloud alone": (ledger["cloud_revenue_usd"] > 0) & ~both},
            not_meaningful={"nothing contracted": ~signs, "completed EV is not positive": completed <= 0},
        )
    _put_coupon(ledger, inputs, signs)
    restricted = valuation.bridge["restricted_cash_usd"].fillna(0.0).to_numpy()
    after_cash = np.maximum(ledger["capex_to_spend_usd"] - restricted, 0.0)
    ledger.put("capex_after_project_cash_usd", after_cash, after=["capex_to_spend_usd"])
    undrawn = by_company(borrowings(inputs), inputs.index)["undrawn_usd"].fillna(0.0).to_numpy()
    ledger.put(
        "funding_gap_usd",
        funding_gap(ledger["capex_to_spend_usd"], restricted, ledger["cash_usd"], undrawn),
        after=["capex_to_spend_usd", "cash_usd"],
        proxy={"undrawn facilities that no source states not deducted": signs},
        not_meaningful={"nothing contracted": ~signs},
    )


def _put_coupon(ledger: Ledger, inputs: Inputs, signs: np.ndarray) -> None:
    """Coupon of the company's project (non-recourse) bonds, by principal, and the contracted yield less that coupon."""
    bonds = inputs.debt
    bonds = bonds[
        bonds["seniority"].astype(object).fillna("").str.contains(PROJECT, case=False) & bonds["coupon"].notna()
    ]
    bonds = bonds[bonds["principal_usd"] > 0]
    sums = grouped(
        bonds.assign(interest=bonds["coupon"] * bonds["principal_usd"]), ["interest", "principal_usd"], inputs.index
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        coupon = (sums["interest"] / sums["principal_usd"]).to_numpy()
    none = {"no project bond with a stated coupon": np.isnan(coupon), "nothing contracted": ~signs}
    ledger.put("project_bond_coupon", coupon, not_meaningful=none)
    spread = ledger["implied_cap_rate"] - ledger["project_bond_coupon"]
    ledger.put("yield_spread", spread, after=["implied_cap_rate", "project_bond_coupon"])


def _signed(contracts: pd.DataFrame) -> pd.DataFrame:
    """Signed value by scope and business, at the owner's share and as announced at 100%."""
    rows = contracts.assign(unvalued=contracts["contract_id"].where(contracts["owned_value_usd"].isna()))
    grouped = rows.groupby(["as_of", "scope", "business"])
    return pd.DataFrame(
        {
            "contracts": grouped.size(),
            "owned_usd": grouped["owned_value_usd"].sum(min_count=1),
            "at_100_percent_usd": grouped["total_value_usd"].sum(min_count=1),
            "critical_it_mw": grouped["owned_it_mw"].sum(min_count=1),
            "without_announced_value": grouped["unvalued"].agg(lambda ids: ", ".join(ids.dropna())),
        }
    ).reset_index()
