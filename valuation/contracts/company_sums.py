"""Sums of signed AI contracts by company, with statuses: value, MW in service, credit, capex, yield, funding gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from valuation.borrowings import borrowings, by_company, funding_gap
from valuation.contracts.concentration import share_of
from valuation.contracts.in_service import in_service
from valuation.contracts.terms import CLOUD, LEASE
from valuation.inputs import Inputs
from valuation.status import Details, Ledger, carried
from valuation.sums import grouped, positions

PROJECT = "project|non-recourse"  # in the seniority of a bond that a project owes and its owner does not


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


def put(ledger: Ledger, inputs: Inputs, valuation: Valued, contracts: pd.DataFrame, tranches: pd.DataFrame) -> None:
    """Add every sum of the contract book.

    Parameters
    ----------
    contracts : DataFrame
        From `consolidation.as_held`: a parent holds its subsidiary's too.
    tranches : DataFrame
        `Schedule.tranches` of these.
    """
    held = Held.by(inputs.index, contracts)
    _put_sums(ledger, inputs, valuation, held)
    _put_delivered(ledger, inputs, held, tranches)
    _put_credit(ledger, held)
    _put_capex(ledger, inputs, valuation, held)


@dataclass(frozen=True)
class Held:
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
    def by(cls, index: pd.MultiIndex, contracts: pd.DataFrame) -> Held:
        return cls(contracts, positions(contracts, index), len(index))

    def sum(
        self, values: pd.Series, where: np.ndarray | bool = True, *, none: float = 0.0, unknown: bool = False
    ) -> np.ndarray:
        """Sum over each company's contracts: `none` where it has no such contract, NaN where none has the figure.

        With `unknown`, NaN also where some contract has no figure and the others add up to zero: the zero would be theirs.
        """
        counted = (self.row >= 0) & where
        row, value = self.row[counted], values.to_numpy(dtype=float)[counted]
        known = ~np.isnan(value)
        contracts, figures = (np.bincount(each, minlength=self.companies) for each in (row, row[known]))
        total = np.bincount(row[known], value[known], self.companies)
        lost = (figures == 0) | (unknown & (total == 0) & (figures < contracts))
        return np.where(contracts == 0, none, np.where(lost, np.nan, total))

    def column(self, name: str, where: np.ndarray | bool = True, *, unknown: bool = False) -> np.ndarray:
        """Sum of a column: 0 where the company has no such contract, NaN where none of them has the figure."""
        return self.sum(self.contracts[name], where, unknown=unknown)

    def marks(self, mask: pd.Series, cause: str) -> dict[str, Details]:
        """The cause with the names of the company's contracts in `mask`."""
        inside = mask.to_numpy(dtype=bool)
        return {cause: Details.named(self.contracts["contract_id"][inside], self.row[inside], self.companies)}

    def unknown(self, column: str, where: np.ndarray | bool = True) -> dict[str, Details]:
        """The contracts without this figure, which a sum leaves out."""
        title = column.removeprefix("owned_").removesuffix("_usd").replace("_", " ")
        return self.marks(self.contracts[column].isna() & where, f"{title} unknown, excluded")


def _put_sums(ledger: Ledger, inputs: Inputs, valuation: Valued, held: Held) -> None:
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


def _walt(held: Held, weight: str) -> np.ndarray:
    """Weighted average lease term left, years; NaN where every weight is zero."""
    weights, term = held.contracts[weight], held.contracts["remaining_term_years"]
    known = (weights.notna() & term.notna()).to_numpy()
    with np.errstate(invalid="ignore"):
        return held.sum(weights * term, known, none=np.nan) / held.sum(weights, known, none=np.nan)


def _put_delivered(ledger: Ledger, inputs: Inputs, held: Held, tranches: pd.DataFrame) -> None:
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


def _put_credit(ledger: Ledger, held: Held) -> None:
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


def _put_capex(ledger: Ledger, inputs: Inputs, valuation: Valued, held: Held) -> None:
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
    principal = bonds["principal_usd"].clip(lower=0.0)
    bonds = bonds.assign(principal_usd=principal, interest=bonds["coupon"] * principal)
    sums = grouped(bonds, ["interest", "principal_usd"], inputs.index)
    with np.errstate(divide="ignore", invalid="ignore"):
        coupon = (sums["interest"] / sums["principal_usd"]).to_numpy()
    none = {"no project bond with a stated coupon": np.isnan(coupon), "nothing contracted": ~signs}
    ledger.put("project_bond_coupon", coupon, not_meaningful=none)
    spread = ledger["implied_cap_rate"] - ledger["project_bond_coupon"]
    ledger.put("yield_spread", spread, after=["implied_cap_rate", "project_bond_coupon"])
