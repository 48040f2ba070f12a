"""Capacity: operating, secured, pipeline and weighted megawatts, the denominators of EV per MW."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts.arithmetic import AI_KINDS, gross_mw
from valuation.denominators import DENOMINATORS, Denominator
from valuation.fundamentals.forward import named
from valuation.inputs import Inputs
from valuation.status import Details, Ledger
from valuation.sums import grouped, looked_up

__all__ = ["ADDED_WEIGHT", "DENOMINATORS", "Denominator", "denominators", "gross", "gross_of", "put", "sold"]

# Items that weigh in the weighted figure alone.
ADDED_WEIGHT = ("mw_under_construction", "mw_pipeline")


def gross(inputs: Inputs, item: str, assumptions: Assumptions) -> pd.Series:
    """An MW item in gross MW; critical IT MW are multiplied by the assumed ratio."""
    ratio = np.where(inputs.critical_it[item], assumptions.gross_mw_per_critical_it_mw, 1.0)
    return inputs.items[item] * ratio


def gross_of(contracts: pd.DataFrame, assumptions: Assumptions) -> pd.Series:
    """Gross MW of each contract at the owner's share: as stated, else critical IT MW x the assumed ratio; NaN unknown."""
    stated, it = (contracts[name].to_numpy(dtype=float) for name in ("gross_mw", "critical_it_mw"))
    return gross_mw(stated, it, assumptions.gross_mw_per_critical_it_mw) * contracts["owner_share"]


def sold(inputs: Inputs, assumptions: Assumptions) -> tuple[pd.Series, pd.Series]:
    """Gross MW at the owner's share that left with a sale after the day of the reported secured power, and whose.

    Returns
    -------
    Series, Series
        On the rows of `inputs`: MW (0 where nothing was sold), and the names of the contracts that left with them.
    """
    exits = inputs.exits[inputs.exits["sold"]]
    keys = ["as_of", "ticker"]
    reported_on = looked_up(inputs.periods["mw_secured"], exits)
    left = exits[exits["exited_on"].to_numpy() > reported_on]
    left = left.assign(gross_mw=gross_of(left, assumptions))
    names = left.groupby(keys)["contract_id"].agg(", ".join).reindex(inputs.index).fillna("").astype(object)
    return grouped(left, ["gross_mw"], inputs.index)["gross_mw"], names


def denominators(inputs: Inputs, signed: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Operating, secured and weighted gross MW and contracted critical IT MW, a row an (as_of, ticker).

    Parameters
    ----------
    inputs : Inputs
    signed : DataFrame
        From `contracts.schedule.by_company`: ai_contracted_it_mw, and leased_gross_mw (contracts without MW add nothing, so
        the sum is a lower bound).
    assumptions : Assumptions

    Returns
    -------
    DataFrame
        operating_mw, construction_mw, secured_mw, leased_mw, hosted_mw, pipeline_mw, weighted_mw, ai_contracted_it_mw;
        hosted_in_operating_mw (taken out of operating), sold_mw and sold_with (taken out of secured, and the contracts
        that left with them), secured_is_operating (True where operating stands in for an unknown secured figure),
        secured_is_leased (the gross MW of signed leases stand in for less, or for nothing known); then the column of
        each denominator of the registry that is computed from these.

    Notes
    -----
    Secured is what is reported, less what was sold since, and at least the gross MW of the leases in force. It
    includes operating and construction, so each MW is weighted once: operating 1.0, construction 0.9, the rest of
    secured 0.5, pipeline 0.15 (METHODS section 4). Power in others' sites (hosted) and power without approval (pipeline)
    are in neither operating nor secured. Unknown construction or pipeline adds no weight of its own; unknown operating
    leaves its MW at the weight of secured. Where both operating and secured are unknown the weighted figure is unknown.
    """
    hosted = gross(inputs, "mw_hosted", assumptions)
    in_operating = hosted.where(inputs.items["operating_includes_hosted"] > 0, 0.0)
    operating = (gross(inputs, "mw_operating", assumptions) - in_operating.fillna(0.0)).clip(lower=0.0)
    construction = gross(inputs, "mw_under_construction", assumptions)
    pipeline = gross(inputs, "mw_pipeline", assumptions)
    leased = signed["leased_gross_mw"]
    gone, gone_with = sold(inputs, assumptions)
    reported = (gross(inputs, "mw_secured", assumptions) - gone).clip(lower=0.0)
    stands_in = reported.isna() & operating.notna()
    secured = reported.where(~stands_in, operating)
    short = (leased > 0) & ~(secured >= leased)
    secured = secured.where(~short, leased)
    on_line, building = operating.fillna(0.0), construction.fillna(0.0)
    rest = (secured - on_line - building).clip(lower=0.0)
    weighted = (
        assumptions.weight_operating * on_line
        + assumptions.weight_construction * building
        + assumptions.weight_secured * rest
        + assumptions.weight_pipeline * pipeline.fillna(0.0)
    )
    out = pd.DataFrame(
        {
            "operating_mw": operating,
            "construction_mw": construction,
            "secured_mw": secured,
            "leased_mw": signed["leased_gross_mw"],
            "hosted_mw": hosted,
            "pipeline_mw": pipeline,
            "weighted_mw": weighted,
            "ai_contracted_it_mw": signed["ai_contracted_it_mw"],
            "hosted_in_operating_mw": in_operating,
            "sold_mw": gone,
            "sold_with": gone_with.where(inputs.items["mw_secured"].notna(), ""),
            "secured_is_operating": stands_in & ~short,
            "secured_is_leased": short,
        },
        index=inputs.index,
    )
    for one in DENOMINATORS.values():
        if one.compute is not None:
            out[one.denominator] = one.compute(out, inputs, assumptions)
    return out


def put(
    ledger: Ledger, inputs: Inputs, mw: pd.DataFrame, signed: pd.DataFrame, looked: pd.Series
) -> None:  # fmt: skip
    """Add operating, secured, hosted, pipeline, weighted, leased and contracted MW, each with what it rests on.

    Parameters
    ----------
    ledger : Ledger
    inputs : Inputs
    mw : DataFrame
        From `denominators`.
    signed : DataFrame
        From `contracts.schedule.by_company`: signed_contracts, and the names in mw_unknown and mw_from_gross.
    looked : Series of bool
        From `reviews.reviewed`: where nothing listed means nothing leased.
    """
    stale = inputs.stale
    secured_known = inputs.items["mw_secured"].notna() & ~mw["secured_is_leased"]
    old_operating = {"mw_operating old": stale["mw_operating"]}
    old_secured = {
        "mw_secured old": stale["mw_secured"] & secured_known,
        "mw_operating old": stale["mw_operating"] & mw["secured_is_operating"],
    }
    hosted_inside = inputs.items["operating_includes_hosted"] > 0
    hosted_out = {
        "hosted MW taken out of mw_operating": hosted_inside & mw["hosted_mw"].notna(),
        "mw_operating includes hosted MW, amount unknown": hosted_inside & mw["hosted_mw"].isna(),
    }
    stands_in: dict[str, np.ndarray | pd.Series | Details] = {
        "operating MW stand in for secured": mw["secured_is_operating"],
        "gross MW of signed leases stand in for mw_secured": mw["secured_is_leased"],
    }
    # Where the leases stand in, what was sold before is no longer part of the figure.
    stands_in |= named("MW sold since the report taken out", mw["sold_with"].where(~mw["secured_is_leased"], ""))
    ledger.put("operating_mw", mw["operating_mw"], stale=old_operating, proxy=hosted_out)
    ledger.put(
        "secured_mw", mw["secured_mw"], after={"operating_mw": mw["secured_is_operating"]}, stale=old_secured,
        proxy=stands_in,
    )  # fmt: skip
    ledger.put("hosted_mw", mw["hosted_mw"], stale={"mw_hosted old": stale["mw_hosted"]})
    ledger.put("pipeline_mw", mw["pipeline_mw"], stale={"mw_pipeline old": stale["mw_pipeline"]})
    ledger.put(
        "weighted_mw",
        mw["weighted_mw"],
        after=["secured_mw"],
        stale=old_operating | {f"{item} old": stale[item] & (inputs.items[item] > 0) for item in ADDED_WEIGHT},
        proxy={"mw_operating unknown": mw["operating_mw"].isna()} | hosted_out,
    )
    not_reviewed = {"contracts not reviewed": (signed["signed_contracts"] == 0) & ~looked}
    ledger.put(
        "leased_mw",
        mw["leased_mw"],
        proxy=named("MW unknown", signed["mw_unknown"]) | named("MW from critical IT", _without_gross(inputs)),
        missing=not_reviewed,
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(mw["secured_mw"] > 0, mw["leased_mw"] / mw["secured_mw"], np.nan)
    ledger.put("leased_share", part, after=["leased_mw", "secured_mw"])
    ledger.put(
        "ai_contracted_it_mw",
        mw["ai_contracted_it_mw"],
        proxy=named("MW unknown", signed["mw_unknown"]) | named("MW from gross", signed["mw_from_gross"]),
        missing=not_reviewed,
    )
    for one in DENOMINATORS.values():
        if one.compute is not None:
            ledger.put(one.denominator, mw[one.denominator], after=one.after)


def _without_gross(inputs: Inputs) -> pd.Series:
    """The names of each row's AI contracts that state critical IT MW alone."""
    rows = inputs.contracts
    alone = rows["kind"].isin(AI_KINDS) & rows["gross_mw"].isna() & rows["critical_it_mw"].notna()
    names = rows[alone].groupby(["as_of", "ticker"])["contract_id"].agg(", ".join)
    return names.reindex(inputs.index).fillna("").astype(object)
