"""Statuses and causes of the parts of a net asset value, and of the values that add up from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.contracts.book import ContractBook
from valuation.contracts.company_sums import Held
from valuation.contracts.terms import CLOUD, LEASE
from valuation.fundamentals.company_metrics import Valuation
from valuation.fundamentals.enterprise_value import other_coins
from valuation.fundamentals.overhead import overhead
from valuation.inputs import Inputs
from valuation.mining.economics import Mining
from valuation.nav.names import ANOTHER_BUSINESS, CLAIMS, REQUIRED, VALUES
from valuation.status import Details, Ledger, Statused, carried
from valuation.sums import positions


@dataclass(frozen=True)
class Marked:
    """Statuses and causes of a ledger at one point of its making."""

    status: pd.DataFrame
    causes: pd.DataFrame


def put_parts(
    ledger: Ledger,
    inputs: Inputs,
    valuation: Valuation,
    book: ContractBook,
    valued: pd.DataFrame,
    left_out: pd.DataFrame,
    mining: Mining,
    parts: dict[str, np.ndarray],
) -> None:
    """Add every part of `names.VALUES` but customers' prepayments.

    Parameters
    ----------
    valued : DataFrame
        Contracts that can be valued, by holder: as_of, ticker, business.
    left_out : DataFrame
        Contracts that cannot, by holder: as_of, ticker, contract_id, business, left_out (why).
    parts : dict
        From `parts.parts_under`.
    """
    _put_contracts(ledger, book, valued, left_out, parts)
    index, bridge = ledger.index, valuation.bridge
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
    optional |= {name: -bridge[name] for name in CLAIMS[1:-1]}
    for name, amount in optional.items():
        # Reported only by companies that have it: not reported adds nothing and needs no mark.
        ledger.put(name, amount, not_meaningful={"not reported": amount.isna()})
    _put_overhead(ledger, inputs, pd.Series(valuation.table["secured_mw"].to_numpy(dtype=float), index), book)


def _put_contracts(
    ledger: Ledger, book: ContractBook, valued: pd.DataFrame, left_out: pd.DataFrame, parts: dict[str, np.ndarray]
) -> None:
    """Contracts' parts; a part of which no contract can be valued is unknown and not zero."""
    companies = np.arange(len(ledger.index))
    holder, lost = positions(valued, ledger.index), Held.by(ledger.index, left_out)
    start = soft(book, "backlog_usd")["proxy"]
    for names, of_book, businesses in (
        (("leases_dcf_usd", "leases_cap_rate_usd", "leases_base_term_usd"), "lease_noi_usd", [LEASE]),
        (("gpu_cloud_usd", "gpu_cloud_base_term_usd"), "cloud_ebitda_usd", [CLOUD]),
        (("contract_taxes_usd", "capex_to_spend_usd"), "capex_to_spend_usd", [LEASE, CLOUD]),
    ):
        some = np.isin(companies, holder[valued["business"].isin(businesses)])
        unvalued: dict[str, Details] = {}
        nothing: dict[str, Details] = {}
        of_these = left_out["business"].isin(businesses)
        for reason in sorted(left_out["left_out"].unique()):
            for cause, named in lost.marks(of_these & (left_out["left_out"] == reason), reason).items():
                unvalued[f"{cause}, excluded"], nothing[cause] = named.where(some), named.where(~some)
        assumed = soft(book, of_book)["proxy"] | start
        for name in names:
            amount = np.broadcast_to(parts[name], len(companies))
            there = {cause: _where(mask, amount != 0) for cause, mask in assumed.items()}
            ledger.put(name, amount, proxy=unvalued | there, missing=nothing)


def _put_overhead(ledger: Ledger, inputs: Inputs, secured_mw: pd.Series, book: ContractBook) -> None:
    """Capitalised cash overhead, negative."""
    a, cost = book.assumptions, overhead(inputs, secured_mw)
    as_of = pd.Series(inputs.index.get_level_values("as_of"), inputs.index)
    oldest = as_of - pd.Timedelta(days=a.max_age_balance_sheet_days)
    ledger.put("overhead_a_year_usd", cost["overhead_usd"])
    ledger.put(
        "overhead_usd",
        -a.overhead_multiple * cost["overhead_usd"],
        stale={"sga_cash old": cost["quarter"] < oldest},
        proxy={
            "overhead not reported, median per secured MW of those that report": cost["is_stand_in"],
            "overhead of one quarter x 4": cost["is_latest_x4"],
        },
        missing={"overhead and its stand-in unknown": cost["overhead_usd"].isna()},
    )


def soft(source: Statused, name: str) -> dict[str, dict[str, np.ndarray]]:
    """Marks of a part that may be left out: stale and proxy as they are, missing as a proxy that says so."""
    found = carried(source, name)
    title = name.removesuffix("_usd").replace("_", " ")
    lost = {f"{title} excluded: {cause}": mask for cause, mask in found["missing"].items()}
    return {"stale": found["stale"], "proxy": found["proxy"] | lost}


def _where(mask: np.ndarray | Details, rows: np.ndarray) -> np.ndarray | Details:
    return mask.where(rows) if isinstance(mask, Details) else mask & rows


def _old(inputs: Inputs, item: str) -> dict[str, np.ndarray]:
    return {f"{item} old": inputs.stale[item].to_numpy() & inputs.items[item].gt(0).to_numpy()}


def put_values(ledger: Ledger, inputs: Inputs, valuation: Valuation, book: ContractBook) -> None:
    """Add price, shares and equity value; the values of `names.VALUES`, a share of each; and what the price is of them."""
    for name in ("price_usd", "diluted_shares", "equity_value_usd"):
        ledger.put(name, valuation.table[name], **carried(valuation, name))
    kind = book.excluded.to_numpy(dtype=object).astype(str)
    outside = {
        ANOTHER_BUSINESS: np.char.startswith(kind, "comparable") | np.char.startswith(kind, "enterprise"),
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
                found = soft(so_far, part)
                stale, proxy = stale | found["stale"], proxy | found["proxy"]
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
    for name in ("nav_dcf", "nav_cap_rate"):
        per_share = ledger[f"{name}_per_share"]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(per_share > 0, ledger["price_usd"] / per_share, np.nan)
        negative = {"net asset value is not positive": per_share <= 0}
        ledger.put(f"p_{name}", ratio, after=["price_usd", f"{name}_per_share"], not_meaningful=negative)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where(ledger["nav_dcf_usd"] > 0, ledger["nav_cap_rate_usd"] / ledger["nav_dcf_usd"] - 1, np.nan)
    ledger.put(
        "cap_rate_over_dcf",
        apart,
        after=["nav_dcf_usd"],
        not_meaningful={"net asset value is not positive": ledger["nav_dcf_usd"] <= 0},
    )
    over = ledger["price_usd"] - ledger["floor_per_share"]
    ledger.put("price_over_floor_usd", over, after=["price_usd", "floor_per_share"])
