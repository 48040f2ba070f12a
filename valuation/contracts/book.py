"""The contract book: sums of signed AI contracts by company and for the sector.

Leases and GPU cloud are different businesses and stand apart in every sum; figures that hold both say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.assumptions import Assumptions
from valuation.contracts import credit
from valuation.contracts.calendar import Calendar, calendar, schedule_by_year
from valuation.contracts.company_sums import Valued, put
from valuation.contracts.concentration import concentration
from valuation.contracts.consolidation import as_held, parents
from valuation.contracts.schedule import Schedule, schedule, with_tranches
from valuation.eligibility import exclusion
from valuation.inputs import Inputs
from valuation.status import Ledger
from valuation.sums import looked_up

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
        out["funding_gap_usd"] = gaps.groupby("as_of").sum(min_count=1)
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
    why = looked_up(excluded, contracts).astype(str)
    not_meaningful = np.char.startswith(why, "enterprise value")
    contracts["scope"] = np.select(
        [np.char.startswith(why, "comparable"), not_meaningful], [COMPARABLES, OUTSIDE], MINERS
    )
    ledger = Ledger(inputs.index)
    parent_of = parents(inputs.companies)
    put(ledger, inputs, valuation, as_held(contracts, parent_of), made.tranches)
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
