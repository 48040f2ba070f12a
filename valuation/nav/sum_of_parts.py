"""Net asset value per diluted share as a sum of parts, with the execution floor and what the price implies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation.assumptions import Assumptions
from valuation.contracts.book import ContractBook, marks
from valuation.contracts.terms import CLOUD, KEYS, LEASE, Calendar
from valuation.errors import InvalidInput
from valuation.fundamentals import capacity
from valuation.fundamentals.company_metrics import Valuation
from valuation.fundamentals.enterprise_value import other_coins
from valuation.inputs import Inputs
from valuation.mining.economics import Mining, path
from valuation.nav import implied
from valuation.nav.parts import Position, Shock, contract_values, parts_under, streams
from valuation.status import Details, Ledger, Statused, carried

CLAIMS = ("debt_after_conversion_usd", "finance_leases_usd", "preferred_equity_usd", "noncontrolling_interest_usd",
          "customer_prepayments_usd")  # fmt: skip
MONEY = ("cash_usd", "restricted_cash_usd", "other_coins_usd")
HELD = ("mining_usd", "bitcoin_usd", *MONEY, *CLAIMS)
UNSIGNED = ("approved_power_usd", "mining_power_usd", "pipeline_usd")
# Which parts add up to which value. The floor holds base terms alone: no renewal, nothing unsigned.
VALUES = {
    "nav_cap_rate": ("leases_cap_rate_usd", "gpu_cloud_usd", "capex_to_spend_usd", *UNSIGNED, *HELD),
    "nav_dcf": ("leases_dcf_usd", "gpu_cloud_usd", "capex_to_spend_usd", *UNSIGNED, *HELD),
    "floor": ("leases_base_term_usd", "gpu_cloud_base_term_usd", "capex_to_spend_usd", *HELD),
}
PARTS = tuple(dict.fromkeys(name for names in VALUES.values() for name in names))
# Without one of these there is no net asset value; any other unknown part is left out and named.
REQUIRED = ("bitcoin_usd", "cash_usd", "debt_after_conversion_usd")
NOT_IN_IT = "overhead, taxes, hosting and other businesses, and undrawn credit facilities are not included"


@dataclass(frozen=True)
class Marked:
    """Statuses and causes of a ledger at one point of its making."""

    status: pd.DataFrame
    causes: pd.DataFrame


@dataclass(frozen=True, repr=False)
class Nav(ResultMixin):
    """Net asset value of every company by parts. Money USD, power gross MW.

    Attributes
    ----------
    table, status, causes : DataFrame
        A row an (as_of, ticker): every part (claims and capex negative; NaN is unknown and left out, or not
        reported), nav_cap_rate_usd, nav_dcf_usd, floor_usd with *_per_share, p_nav_cap_rate, p_nav_dcf, price_usd,
        diluted_shares, equity_value_usd, price_over_floor_usd (what a share pays for future signings), approved_mw,
        operating_mw, pipeline_mw (without a lease); and the columns of `implied.put`.
    contracts : DataFrame
        A row a contract and holder (`held_through` names the subsidiary of a parent): the columns of
        `contracts.terms.terms`, value by flow summed over credit classes, and `left_out` with the reason.
    by_class : DataFrame
        `nav.parts.contract_values` on the rows of `contracts`.
    position : Position
        What the simulation and the tornado rest on, on the rows of `table`.
    value_per_let_mw_usd : float
        Value of the sector's signed leases per leased gross MW, net of construction cost; NaN where none is signed.
    """

    table: pd.DataFrame
    status: pd.DataFrame
    causes: pd.DataFrame
    contracts: pd.DataFrame
    by_class: pd.DataFrame
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
        columns = ["price_usd", "nav_cap_rate_per_share", "nav_dcf_per_share", "floor_per_share", "p_nav_cap_rate"]
        shown = self.table.droplevel("as_of")[columns]
        shown = shown[shown["nav_cap_rate_per_share"].notna()].sort_values("p_nav_cap_rate", ascending=False)
        titles = dict(zip(columns, ("Price", "NAV, cap rate", "NAV, DCF", "Floor", "P/NAV"), strict=True))
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

    Raises
    ------
    InvalidInput
        More than one as-of date.

    Notes
    -----
    METHODS section 10. NAV = contracts (leases at NOI / cap rate by tenant class, or as a DCF; GPU cloud as a DCF in
    both) - capex to complete + unsigned power (MW x value per leased MW x probability) + mining + bitcoin + cash -
    claims. A parent holds its consolidated subsidiary's contracts whole and owes the minority at market.
    """
    index = inputs.index
    if len(index.get_level_values("as_of").unique()) != 1:
        raise InvalidInput("net asset value takes one as-of date")
    spread, left_out = _held(book, inputs)
    by_class = contract_values(spread, assumptions)
    position = _position(inputs, valuation, spread, left_out, by_class, mining, assumptions)
    ledger = Ledger(index)
    _put_parts(ledger, inputs, valuation, book, left_out, mining, parts_under(position, shock or Shock()))
    for name, mw in (("approved_mw", position.approved_mw), ("operating_mw", position.operating_mw)):
        ledger.put(name, mw, after=["approved_power_usd"])
    ledger.put("pipeline_mw", position.pipeline_mw)
    _put_values(ledger, inputs, valuation, book)
    per_let_mw = implied.value_per_let_mw(spread, by_class, assumptions)
    implied.put(ledger, valuation, position, by_class, spread, per_let_mw)
    flows = by_class.groupby(level="row")[["forward_noi_usd", "perpetuity_usd", "term_usd", "residual_usd"]].sum()
    contracts = pd.concat([spread.contracts.join(flows), left_out], ignore_index=True)
    contracts["left_out"] = contracts["left_out"].fillna("").astype(object)
    return Nav(
        table=ledger.table,
        status=ledger.status,
        causes=ledger.causes,
        contracts=contracts,
        by_class=by_class,
        position=position,
        assumptions=assumptions,
        value_per_let_mw_usd=per_let_mw,
    )


def _held(book: ContractBook, inputs: Inputs) -> tuple[Calendar, pd.DataFrame]:
    """Contracts by consolidating company: those that can be valued, over the years, and the others with the reason."""
    listed = set(inputs.companies.index)
    parent_of = {child: p for child, p in inputs.companies["consolidated_by"].dropna().items() if p in listed}

    def with_parents(rows: pd.DataFrame) -> pd.DataFrame:
        of_child = rows[rows["ticker"].isin(list(parent_of))]
        again = of_child.assign(held_through=of_child["ticker"], ticker=of_child["ticker"].map(parent_of))
        return pd.concat([rows.assign(held_through=""), again])

    scheduled = with_parents(book.calendar.contracts)
    scheduled = scheduled[scheduled["capex_to_spend_usd"].notna()]
    at = scheduled.index.to_numpy()
    spread = Calendar(
        scheduled.reset_index(drop=True), book.calendar.years, book.calendar.revenue[at], book.calendar.remaining[at]
    )
    every = with_parents(book.contracts)
    why = every["not_scheduled"].mask(
        (every["not_scheduled"] == "") & every["capex_to_spend_usd"].isna(), "capex unknown"
    )
    return spread, every.assign(left_out=why)[why != ""].reset_index(drop=True)


def _position(
    inputs: Inputs,
    valuation: Valuation,
    spread: Calendar,
    left_out: pd.DataFrame,
    by_class: pd.DataFrame,
    mining: Mining,
    assumptions: Assumptions,
) -> Position:
    index = inputs.index
    running, ahead = streams(spread.contracts, by_class, index)
    ratio = assumptions.gross_mw_per_critical_it_mw
    signed = pd.concat([spread.contracts, left_out], ignore_index=True)
    let = (signed["gross_mw"] * signed["owner_share"]).fillna(signed["owned_it_mw"] * ratio)
    let_mw = let.groupby([signed["as_of"], signed["ticker"]]).sum().reindex(index, fill_value=0.0).to_numpy()
    secured = valuation.table["secured_mw"].to_numpy(dtype=float)
    operating = valuation.table["operating_mw"].to_numpy(dtype=float)
    unlet = np.clip(secured - let_mw, 0.0, None)
    # Operating unknown: all of it counts at the lower probability of power that is in use.
    in_use = np.where(np.isnan(operating), unlet, np.minimum(operating, unlet))
    capex = spread.contracts.groupby(KEYS)["capex_to_spend_usd"].sum().reindex(index, fill_value=0.0)
    factor, discount = path(index.get_level_values("as_of").max(), assumptions)
    return Position(
        running=running,
        ahead=ahead,
        mining_revenue_usd=mining.table["revenue_usd"].to_numpy(dtype=float),
        mining_cost_usd=mining.table["power_cost_usd"].to_numpy(dtype=float),
        bitcoin_usd=(inputs.items["btc_held"] * inputs.at_market("btc_usd")).to_numpy(dtype=float),
        capex_usd=capex.to_numpy(dtype=float),
        let_mw=let_mw,
        approved_mw=unlet - in_use,
        operating_mw=in_use,
        pipeline_mw=capacity.gross(inputs, "mw_pipeline", assumptions).to_numpy(dtype=float),
        hashprice_path=factor,
        mining_discount=discount,
        assumptions=assumptions,
    )


def _put_parts(
    ledger: Ledger,
    inputs: Inputs,
    valuation: Valuation,
    book: ContractBook,
    left_out: pd.DataFrame,
    mining: Mining,
    parts: dict[str, np.ndarray],
) -> None:
    index, bridge = ledger.index, valuation.bridge
    every = np.zeros(len(index))
    start = _soft(book, "backlog_usd")["proxy"]
    for names, of_book, businesses in (
        (("leases_cap_rate_usd", "leases_dcf_usd", "leases_base_term_usd"), "lease_noi_usd", [LEASE]),
        (("gpu_cloud_usd", "gpu_cloud_base_term_usd"), "cloud_ebitda_usd", [CLOUD]),
        (("capex_to_spend_usd",), "capex_to_spend_usd", [LEASE, CLOUD]),
    ):
        unvalued: dict[str, Details] = {}
        for reason, rows in left_out[left_out["business"].isin(businesses)].groupby("left_out"):
            unvalued |= marks(rows, index, f"{reason}, excluded")
        for name in names:
            there = parts[name] + every != 0
            assumed = _soft(book, of_book)["proxy"] | start
            ledger.put(
                name, parts[name] + every, proxy=unvalued | {cause: mask & there for cause, mask in assumed.items()}
            )
    secured = carried(valuation, "secured_mw")
    for name in ("approved_power_usd", "mining_power_usd"):
        ledger.put(name, parts[name], **secured)
    unreported = {"mw_pipeline not reported": np.isnan(parts["pipeline_usd"])}
    ledger.put("pipeline_usd", parts["pipeline_usd"], missing=unreported, stale=_old(inputs, "mw_pipeline"))
    ledger.put("mining_usd", parts["mining_usd"], **carried(mining, "margin_usd"))
    held = {"btc_held unknown": inputs.items["btc_held"].isna()}
    ledger.put("bitcoin_usd", parts["bitcoin_usd"], stale=_old(inputs, "btc_held"), missing=held)
    ledger.put("cash_usd", bridge["cash_usd"], **carried(valuation, "cash_usd"))
    owed = carried(valuation, "debt_after_conversion_usd")
    ledger.put("debt_after_conversion_usd", -bridge["debt_after_conversion_usd"], **owed)
    optional = {"restricted_cash_usd": bridge["restricted_cash_usd"], "other_coins_usd": other_coins(inputs)}
    optional |= {name: -bridge[name] for name in CLAIMS[1:]}
    for name, amount in optional.items():
        # Reported only by companies that have it: not reported adds nothing and needs no mark.
        ledger.put(name, amount, not_meaningful={"not reported": amount.isna()})


def _soft(source: Statused, name: str) -> dict[str, dict[str, np.ndarray]]:
    """Marks of a part that may be left out: stale and proxy as they are, missing as a proxy that says so."""
    found = carried(source, name)
    title = name.removesuffix("_usd").replace("_", " ")
    lost = {f"{title} excluded: {cause}": mask for cause, mask in found["missing"].items()}
    return {"stale": found["stale"], "proxy": found["proxy"] | lost}


def _old(inputs: Inputs, item: str) -> dict[str, np.ndarray]:
    return {f"{item} old": inputs.stale[item].to_numpy() & inputs.items[item].gt(0).to_numpy()}


def _put_values(ledger: Ledger, inputs: Inputs, valuation: Valuation, book: ContractBook) -> None:
    for name in ("price_usd", "diluted_shares", "equity_value_usd"):
        ledger.put(name, valuation.table[name], **carried(valuation, name))
    kind = book.excluded.to_numpy(dtype=object).astype(str)
    outside = {
        "another business than the parts": np.char.startswith(kind, "comparable")
        | np.char.startswith(kind, "enterprise"),
    }
    parent = inputs.companies["consolidated_by"].dropna().to_numpy()
    is_parent = np.isin(inputs.index.get_level_values("ticker").to_numpy(), parent)
    unknown_minority = is_parent & valuation.bridge["noncontrolling_interest_usd"].isna().to_numpy()
    unknown_minority &= inputs.items["noncontrolling_interest_pct"].notna().to_numpy()
    shares = ledger["diluted_shares"]
    so_far = Marked(ledger.status, ledger.causes)
    for name, parts in VALUES.items():
        total = np.sum([np.nan_to_num(ledger[part]) for part in parts], axis=0)
        stale: dict[str, np.ndarray] = {}
        proxy: dict[str, np.ndarray] = {}
        for part in parts:
            if part not in REQUIRED:
                soft = _soft(so_far, part)
                stale, proxy = stale | soft["stale"], proxy | soft["proxy"]
        ledger.put(
            f"{name}_usd",
            total,
            after=REQUIRED,
            stale=stale,
            proxy=proxy,
            missing={"minority of a listed subsidiary unknown": unknown_minority},
            not_meaningful=outside,
        )
        ledger.put(f"{name}_per_share", ledger[f"{name}_usd"] / shares, after=[f"{name}_usd", "diluted_shares"])
    for name in ("nav_cap_rate", "nav_dcf"):
        per_share = ledger[f"{name}_per_share"]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(per_share > 0, ledger["price_usd"] / per_share, np.nan)
        negative = {"net asset value is not positive": per_share <= 0}
        ledger.put(f"p_{name}", ratio, after=["price_usd", f"{name}_per_share"], not_meaningful=negative)
    over = ledger["price_usd"] - ledger["floor_per_share"]
    ledger.put("price_over_floor_usd", over, after=["price_usd", "floor_per_share"])
