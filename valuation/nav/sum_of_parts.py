"""Net asset value per diluted share as a sum of parts, with the execution floor and what the price implies."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation.assumptions import Assumptions
from valuation.contracts.book import ContractBook
from valuation.contracts.terms import KEYS
from valuation.errors import InvalidInput
from valuation.fundamentals.company_metrics import Valuation
from valuation.inputs import Inputs
from valuation.mining.economics import Mining, path
from valuation.nav import implied
from valuation.nav.flows import FLOWS, Values, present_values, streams
from valuation.nav.held import credits, held
from valuation.nav.ledger import Marked, put_parts, put_values, soft
from valuation.nav.names import PARTS
from valuation.nav.parts import Position, Shock, parts_under
from valuation.nav.profile import Signed, remaining_credits
from valuation.nav.unleased import unleased
from valuation.status import Ledger
from valuation.sums import positions


@dataclass(frozen=True, repr=False)
class Nav(ResultMixin):
    """Net asset value of every company by parts. Money USD, power gross MW. The headline is the DCF.

    Attributes
    ----------
    table, status, causes : DataFrame
        A row an (as_of, ticker): every part (claims, overhead, taxes and capex negative; NaN is unknown and left out, or
        not reported), nav_dcf_usd (the headline), nav_cap_rate_usd, floor_usd with *_per_share, p_nav_dcf,
        p_nav_cap_rate, cap_rate_over_dcf (by cap rate over the DCF, less 1), price_usd, diluted_shares,
        equity_value_usd, price_over_floor_usd (what a share pays for future signings), approved_mw (first_deal_mw of it),
        operating_mw, pipeline_mw (without a lease), next_noi_usd (contracts' cash NOI of the next twelve months, delays
        aside); and the columns of `implied.put`.
    contracts : DataFrame
        A row a contract and holder (`held_through` names the subsidiary of a parent): the columns of
        `contracts.schedule`, credited_usd (paid ahead by customers, not yet earned), rent_credits_left_usd, value by
        flow summed over credit classes, and `left_out` with the reason.
    by_class : DataFrame
        `nav.flows.Values.by_class` on the rows of `contracts`.
    tranches : DataFrame
        row (of `contracts`), starts_in_years, share, delivered.
    position : Position
        What the simulation and the tornado rest on, on the rows of `table`.
    value_per_let_mw_usd : float
        DCF of the sector's signed leases on the day of their start per leased gross MW, net of construction cost; NaN
        where none is signed.
    """

    table: pd.DataFrame
    status: pd.DataFrame
    causes: pd.DataFrame
    contracts: pd.DataFrame
    by_class: pd.DataFrame
    tranches: pd.DataFrame
    position: Position
    assumptions: Assumptions
    value_per_let_mw_usd: float

    @property
    def frame(self) -> pd.DataFrame:
        """The company table."""
        return self.table

    @property
    def parts(self) -> pd.DataFrame:
        """The parts alone; `VALUES` says which add up to which value."""
        return self.table[list(PARTS)]

    def _summary(self) -> Summary:
        columns = ["price_usd", "nav_dcf_per_share", "nav_cap_rate_per_share", "floor_per_share", "p_nav_dcf"]
        shown = self.table.droplevel("as_of")[columns]
        shown = shown[shown["nav_dcf_per_share"].notna()].sort_values("p_nav_dcf", ascending=False)
        titles = dict(zip(columns, ("Price", "NAV, DCF", "NAV, cap rate", "Floor", "P/NAV"), strict=True))
        return Summary(
            "Net asset value by parts", tables=(small(shown.rename(columns=titles), "USD per diluted share"),)
        )


def value(
    inputs: Inputs,
    valuation: Valuation,
    book: ContractBook,
    mining: Mining,
    assumptions: Assumptions,
    shock: Shock | None = None,
    *,
    with_implied: bool = True,
) -> Nav:
    """Net asset value of every company as a sum of parts.

    Parameters
    ----------
    inputs : Inputs
        Of one as-of date.
    valuation : Valuation
        Of the same inputs: bridge, diluted shares, MW.
    book : ContractBook
    mining : Mining
    assumptions : Assumptions
    shock : Shock, optional
        A scenario's world; the price stays the market's.
    with_implied : bool
        Add what the price implies; without, the table lacks the columns of `implied.put`.

    Raises
    ------
    InvalidInput
        More than one as-of date.

    Notes
    -----
    METHODS section 10. NAV = contracts (a DCF of cash receipts by tranche, those of the base term after income tax; beside
    it leases at first-year NOI / cap rate by tenant class, before tax and less customers' prepayments) - capex to complete
    + unsigned power (MW x value per leased MW x probability) + mining + bitcoin + cash - capitalised overhead - claims. A
    parent holds its consolidated subsidiary's contracts whole and owes the minority at market.
    """
    index = inputs.index
    if len(index.get_level_values("as_of").unique()) != 1:
        raise InvalidInput("net asset value takes one as-of date")
    signed, left_out = held(book, inputs)
    as_debt = valuation.bridge["customer_prepayments_usd"].notna().to_numpy()
    ahead, on_none = credits(signed, inputs, as_debt, assumptions)
    # The money of a customer who stops paying is kept, so what lay on a contract that a scenario ends is no claim.
    ended = _ended(valuation, signed, left_out)
    on_none[index.get_level_values("ticker").isin(ended)] = 0.0
    signed = signed.credited(ahead)
    signed = replace(
        signed, contracts=signed.contracts.assign(rent_credits_left_usd=remaining_credits(signed, assumptions))
    )
    values = present_values(signed, assumptions)
    position = _position(inputs, valuation, signed, left_out, values, mining, assumptions)
    ledger = Ledger(index)
    parts = parts_under(position, shock or Shock())
    put_parts(ledger, inputs, valuation, book, signed.contracts, left_out, mining, parts)
    _put_prepayments(ledger, valuation, signed, values, on_none)
    for name in ("approved_mw", "first_deal_mw", "operating_mw"):
        ledger.put(name, getattr(position, name), after=["approved_power_usd"])
    ledger.put("pipeline_mw", position.pipeline_mw)
    by_contract = values.by_class.groupby(level="row")
    noi = by_contract["next_noi_usd"].sum().to_numpy()
    so_far = Marked(ledger.status, ledger.causes)
    of_both = [soft(so_far, name) for name in ("leases_dcf_usd", "gpu_cloud_usd")]
    marked = {kind: of_both[0][kind] | of_both[1][kind] for kind in ("stale", "proxy")}
    ledger.put("next_noi_usd", _by_holder(noi, signed, index), **marked)
    put_values(ledger, inputs, valuation, book)
    per_let_mw = implied.value_per_let_mw(signed.contracts, values.by_class)
    if with_implied:
        implied.put(ledger, valuation, position, values.by_class, signed.contracts, per_let_mw)
    flows = by_contract[["forward_noi_usd", *(f"{flow}_usd" for flow in FLOWS)]].sum()
    contracts = pd.concat([signed.contracts.join(flows), left_out], ignore_index=True)
    contracts["left_out"] = contracts["left_out"].fillna("").astype(object)
    return Nav(
        table=ledger.table,
        status=ledger.status,
        causes=ledger.causes,
        contracts=contracts,
        by_class=values.by_class,
        tranches=signed.tranches,
        position=position,
        assumptions=assumptions,
        value_per_let_mw_usd=per_let_mw,
    )


def _ended(valuation: Valuation, signed: Signed, left_out: pd.DataFrame) -> set[str]:
    """Companies with a signed AI contract that is neither valued nor left out: a scenario ended it; parents with them."""
    known = valuation.contracts[["ticker", "contract_id"]][valuation.contracts["is_ai"].to_numpy(dtype=bool)]
    there = pd.concat([rows[["contract_id", "ticker", "held_through"]] for rows in (signed.contracts, left_out)])
    gone = set(known.loc[~known["contract_id"].isin(there["contract_id"]), "ticker"])
    through = there.loc[there["held_through"].isin(gone), "ticker"]
    return gone | set(through)


def _by_holder(amount: np.ndarray, signed: Signed, index: pd.MultiIndex) -> np.ndarray:
    """Sums over each holder's contracts."""
    at = positions(signed.contracts, index)
    return np.bincount(at[at >= 0], amount[at >= 0], len(index))


def _position(
    inputs: Inputs,
    valuation: Valuation,
    signed: Signed,
    left_out: pd.DataFrame,
    values: Values,
    mining: Mining,
    assumptions: Assumptions,
) -> Position:
    index, coins = inputs.index, inputs.items["btc_held"]
    running, ahead = streams(values, positions(signed.contracts, index), len(index), assumptions)
    every = pd.concat([rows[[*KEYS, "owned_gross_mw"]] for rows in (signed.contracts, left_out)])
    secured, operating = (valuation.table[name].to_numpy(dtype=float) for name in ("secured_mw", "operating_mw"))
    known = valuation.contracts[[*KEYS, "business", "owned_gross_mw", "in_service_share"]]
    known = known[valuation.contracts["is_ai"].to_numpy(dtype=bool)]
    mines_nothing = (mining.table["revenue_usd"] == 0).to_numpy()
    power = unleased(inputs, every, known, secured, operating, mines_nothing, assumptions)
    factor, discount = path(index.unique("as_of").item(), assumptions)
    return Position(
        running=running,
        ahead=ahead,
        mining_revenue_usd=mining.table["revenue_usd"].to_numpy(dtype=float),
        mining_cost_usd=mining.table["power_cost_usd"].to_numpy(dtype=float),
        # Where no coins are held no price is needed.
        bitcoin_usd=(coins * inputs.at_market("btc_usd")).mask(coins == 0, 0.0).to_numpy(dtype=float),
        capex_usd=_by_holder(signed.contracts["capex_to_spend_usd"].to_numpy(dtype=float), signed, index),
        **vars(power),
        hashprice_path=factor,
        mining_discount=discount,
        assumptions=assumptions,
    )


def _put_prepayments(ledger: Ledger, valuation: Valuation, signed: Signed, values: Values, on_none: np.ndarray) -> None:
    """Add what customers have paid ahead: as a claim, and as a deduction from leases valued by cap rate.

    The DCF counts cash receipts and needs no deduction; a perpetuity of rents does, for no more than it is worth.
    """
    index = ledger.index
    perpetuity = values.by_class.groupby(level="row")["perpetuity_usd"].sum().to_numpy()
    ahead = signed.contracts[["credited_usd", "rent_credits_left_usd"]].sum(axis=1).to_numpy(dtype=float)
    unearned = np.minimum(ahead, perpetuity)
    ledger.put("lease_prepayments_usd", 0.0 - _by_holder(unearned, signed, index))
    by_bridge = valuation.bridge["customer_prepayments_usd"].to_numpy(dtype=float)
    owed = np.where(np.isnan(by_bridge), np.where(on_none > 0, on_none, np.nan), by_bridge)
    ledger.put("customer_prepayments_usd", -owed, not_meaningful={"not reported": np.isnan(owed)})
