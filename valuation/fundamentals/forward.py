"""Forward figures: MW in service, capex to spend, revenue and EBITDA of the next twelve months, published consensus."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts.in_service import in_service
from valuation.fundamentals.ai_share import QUARTERS_PER_YEAR
from valuation.fundamentals.overhead import overhead
from valuation.inputs import Inputs
from valuation.mining.economics import Mining
from valuation.status import Details, Ledger, carried

CONSENSUS = ("revenue", "ebitda")
FISCAL_YEAR = r"FY(\d{4})"
OLD_ESTIMATE_DAYS = 120
MOST_DAYS_AWAY = 184  # a year that ends more than half a year from there is another figure


def put_completion(ledger: Ledger, inputs: Inputs, signed: pd.DataFrame) -> None:
    """Add ai_in_service_mw, capex_to_spend_usd and completed_ev_usd; `signed` is from `contracts.schedule.by_company`."""
    delivered, contracted = (signed[name].to_numpy() for name in ("in_service_it_mw", "ai_contracted_it_mw"))
    found = in_service(inputs, delivered, contracted, signed["signed_contracts"].to_numpy())
    ledger.put(
        "ai_in_service_mw",
        found.mw,
        after=["signed_contracts", "ai_contracted_it_mw"],
        proxy=named("start unknown, taken as not in service", signed["start_assumed"]) | found.proxy,
        missing=found.missing,
    )
    ledger.put(
        "capex_to_spend_usd",
        signed["capex_to_spend_usd"],
        after=["signed_contracts"],
        proxy=named("capex assumed", signed["capex_assumed"])
        | named("capex unknown, left out", signed["capex_unknown"]),
    )
    completed = ledger["enterprise_value_usd"] + ledger["capex_to_spend_usd"]
    ledger.put("completed_ev_usd", completed, after=["enterprise_value_usd", "capex_to_spend_usd"])


def put_next_twelve_months(
    ledger: Ledger,
    inputs: Inputs,
    signed: pd.DataFrame,
    shares: pd.DataFrame,
    mining: Mining,
    assumptions: Assumptions,
) -> None:
    """Add ntm_revenue_usd and ntm_ebitda_usd.

    Parameters
    ----------
    ledger : Ledger
        With secured_mw and contracted_revenue_usd.
    signed : DataFrame
        From `contracts.schedule.by_company`.
    shares : DataFrame
        From `ai_share.shares`: the recurring AI run rate.
    mining : Mining
        At today's hashprice.

    Notes
    -----
    METHODS section 5. Revenue: the larger of what contracts earn in the next twelve months and the recurring AI run rate,
    plus mining and hosting's latest quarter x 4. EBITDA: contracts' NOI (EBITDA of GPU cloud) over those months + mining
    margin - cash overhead; AI revenue earned outside the listed contracts adds no EBITDA, which the cause tells.
    """
    index = inputs.index
    old = pd.Series(index.get_level_values("as_of"), index) - pd.Timedelta(days=assumptions.max_age_balance_sheet_days)
    run_rate = shares["ai_run_rate_usd"].fillna(0.0)
    contracts = signed["ntm_contract_revenue_usd"]
    known = contracts.fillna(0.0)
    hosting = hosting_quarter(inputs)
    unknown: dict[str, np.ndarray | Details] = {}
    unknown |= named("not in the next twelve months, value unknown", signed["ntm_unknown"])
    # What a company that nobody reviewed has signed beside its AI revenue is not known.
    unknown["contracts not reviewed"] = np.isnan(ledger["signed_contracts"])
    mined = carried(mining, "revenue_usd")
    by_run_rate = (run_rate > known).to_numpy()
    ledger.put(
        "ntm_revenue_usd",
        np.maximum(known, run_rate) + mining.table["revenue_usd"] + QUARTERS_PER_YEAR * hosting.fillna(0.0),
        stale=mined["stale"] | {"AI revenue old": by_run_rate & (shares["ai_quarter"] < old).to_numpy()},
        proxy=unknown | mined["proxy"],
        missing=mined["missing"]
        | {"no contract's revenue known": (contracts.isna() & shares["ai_run_rate_usd"].isna()).to_numpy()},
    )
    cost = overhead(inputs, pd.Series(ledger["secured_mw"], index))
    margin = carried(mining, "margin_usd")
    ledger.put(
        "ntm_ebitda_usd",
        signed["ntm_contract_noi_usd"].fillna(0.0) + mining.table["margin_usd"] - cost["overhead_usd"],
        stale=margin["stale"] | {"sga_cash old": cost["quarter"] < old},
        proxy=unknown
        | margin["proxy"]
        | named("margin assumed", signed["margin_assumed"])
        | {
            "overhead not reported, median per secured MW of those that report": cost["is_stand_in"],
            "overhead of one quarter x 4": cost["is_latest_x4"],
            "AI revenue outside the listed contracts adds no EBITDA": by_run_rate,
        },
        missing=margin["missing"]
        | {
            "overhead and its stand-in unknown": cost["overhead_usd"].isna(),
            "no contract's revenue known": (contracts.isna() & shares["ai_run_rate_usd"].isna()).to_numpy(),
        },
    )


def hosting_quarter(inputs: Inputs) -> pd.Series:
    """Hosting revenue of the latest reported quarter, USD, on the rows of `inputs`; NaN where none is of the last year."""
    known = inputs.quarters[inputs.quarters["hosting_usd"].notna()]
    last = known.sort_values("period_end", kind="stable").groupby(["as_of", "ticker"]).tail(1)
    # Hosting that was last reported two years ago is no run rate.
    recent = last[(last["as_of"] - last["period_end"]).dt.days <= 365]
    return recent.set_index(["as_of", "ticker"])["hosting_usd"].reindex(inputs.index)


def put_consensus(ledger: Ledger, inputs: Inputs) -> None:
    """Add consensus_revenue_usd and consensus_ebitda_usd: of the fiscal year that ends nearest to twelve months ahead."""
    as_of = pd.Series(inputs.index.get_level_values("as_of"), inputs.index)
    for metric in CONSENSUS:
        found = consensus(inputs, metric).reindex(inputs.index)
        age = (as_of - found["published_on"]).dt.days
        ledger.put(
            f"consensus_{metric}_usd",
            found["value"],
            stale={"estimate old": age > OLD_ESTIMATE_DAYS},
            missing={"no published consensus": found["value"].isna()},
        )


def consensus(inputs: Inputs, metric: str) -> pd.DataFrame:
    """Value, day of publication and name of the chosen fiscal year, indexed (as_of, ticker)."""
    rows = inputs.estimates
    year = rows["period"].str.extract(f"^{FISCAL_YEAR}$", expand=False)
    rows = rows[rows["metric"].eq(metric) & rows["unit"].eq("usd") & year.notna()]
    year = year[rows.index]
    ends = rows["ticker"].map(inputs.companies["fiscal_year_end"]).fillna("12-31")
    end = pd.to_datetime(year + "-" + ends, format="%Y-%m-%d", errors="coerce")
    away = (end - (rows["as_of"] + pd.DateOffset(years=1))).abs().dt.days
    nearest = rows.assign(away=away).sort_values("away", kind="stable").groupby(["as_of", "ticker"]).head(1)
    nearest = nearest[nearest["away"] <= MOST_DAYS_AWAY]
    return nearest.set_index(["as_of", "ticker"])[["value", "published_on", "period"]]


def consensus_years(inputs: Inputs) -> dict[str, dict[str, str]]:
    """Fiscal year of the consensus in use on the last date, by company and metric; none where there is no consensus."""
    last = inputs.index.get_level_values("as_of")[-1]
    out: dict[str, dict[str, str]] = {}
    for metric in CONSENSUS:
        for (as_of, ticker), period in consensus(inputs, metric)["period"].items():
            if as_of == last:
                out.setdefault(str(ticker), {})[f"ev_to_consensus_{metric}"] = str(period)
    return out


def named(cause: str, contract_ids: pd.Series) -> dict[str, Details]:
    """The cause with the names of each row's contracts."""
    return {cause: Details(contract_ids.to_numpy(dtype=object))}
