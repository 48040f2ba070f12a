"""AI share of revenue: trailing quarter, trailing twelve months, run rate and contracted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.inputs import Inputs
from valuation.status import Ledger
from valuation.sums import grouped, looked_up, positions

QUARTERS_PER_YEAR = 4
LONGEST_YEAR_DAYS = 300  # first to last period end of four consecutive quarters, with room for 53-week years
KEYS = ["as_of", "ticker"]


def with_recurring(quarters: pd.DataFrame) -> pd.DataFrame:
    """Recurring revenue of each quarter and its mining revenue, reported or as the remainder of the total.

    Returns
    -------
    DataFrame
        `quarters` with, in USD: ai_recurring_usd and recurring_total_usd (one-off tenant fit-out taken out);
        mining_or_rest_usd, mining revenue or, where it is not reported, total less the known other parts, with its
        `mining_is_proxy`; mining_at_most_usd, the total less the known other parts whatever is unknown.

    Notes
    -----
    The remainder stands in for mining only where the AI part of that quarter is known: without it the remainder holds
    AI revenue too (METHODS section 6).
    """
    out = quarters.reset_index(drop=True).copy()
    one_off = out["ai_hpc_one_off_usd"].fillna(0.0)
    out["ai_recurring_usd"] = out["ai_hpc_usd"] - one_off
    out["recurring_total_usd"] = out["total_usd"] - one_off
    others = out[["ai_hpc_usd", "hosting_usd", "other_usd"]].sum(axis=1)
    reported = out["mining_usd"].notna()
    out["mining_at_most_usd"] = out["mining_usd"].where(reported, (out["total_usd"] - others).clip(lower=0.0))
    known = reported | out["ai_hpc_usd"].notna()
    out["mining_or_rest_usd"] = out["mining_at_most_usd"].where(known)
    out["mining_is_proxy"] = ~reported & out["mining_or_rest_usd"].notna()
    return out


def latest_quarter(quarters: pd.DataFrame, column: str, index: pd.MultiIndex) -> pd.DataFrame:
    """The last quarter with `column` known, a row an (as_of, ticker): all columns, period_end NaT where none."""
    known = quarters[quarters[column].notna()].sort_values("period_end", kind="stable", ignore_index=True)
    at = positions(known, index)
    last = np.full(len(index), -1)
    np.maximum.at(last, at[at >= 0], np.flatnonzero(at >= 0))
    return known.drop(columns=KEYS).reindex(last).set_axis(index)


def shares(
    quarters: pd.DataFrame, contracted_revenue_usd: pd.Series, reviewed: pd.Series | None = None
) -> pd.DataFrame:
    """Four AI revenue shares (fractions) and their components, a row an (as_of, ticker).

    Parameters
    ----------
    quarters : DataFrame
        `Inputs.quarters`.
    contracted_revenue_usd : Series
        Contracted AI revenue a year at the owner's share, 0 where nothing is signed.
    reviewed : Series of bool, optional
        Where nothing listed means nothing signed (`reviews.reviewed`); nowhere by default.

    Returns
    -------
    DataFrame
        ai_share_trailing, ai_share_ttm, ai_share_run_rate, ai_share_contracted; quarter (period end of the latest
        reported quarter), ai_quarter, mining_quarter, mining_run_rate_usd, ai_run_rate_usd, ai_revenue_for_share_usd;
        mining_is_proxy (the remainder of the total), mining_is_mix (the last reported mix on a newer total),
        mining_is_older (a newer total is known and no mix to split it by),
        ai_is_older (AI revenue is of an earlier quarter than mining revenue), none_found (nothing signed, no AI revenue
        ever reported, contracts reviewed: A = 0), not_reviewed (A rests on revenue alone: nobody looked for contracts),
        no_value (A rests on revenue alone: no signed contract has an announced value).

    Notes
    -----
    Trailing: recurring AI over recurring total of the latest quarter with a total; AI unknown in that quarter is
    unknown, never zero. Contracted: A / (A + mining revenue x 4), A the larger of contracted revenue and the
    recurring run rate already earned; A = 0 gives 0 (METHODS section 6).
    """
    index = contracted_revenue_usd.index
    looked = pd.Series(False, index=index) if reviewed is None else reviewed.reindex(index).astype(bool)
    all_quarters = with_recurring(quarters)
    total = latest_quarter(all_quarters, "total_usd", index)
    ai = latest_quarter(all_quarters, "ai_recurring_usd", index)

    out = pd.DataFrame(index=index)
    out["quarter"] = total["period_end"]
    out["ai_quarter"] = ai["period_end"]
    out["ai_share_trailing"] = _fraction(total["ai_recurring_usd"], total["recurring_total_usd"])
    with_total = all_quarters[all_quarters["total_usd"].notna()]
    year = twelve_months(with_total, ["ai_recurring_usd", "recurring_total_usd"], total["period_end"], index)
    out["ai_share_ttm"] = _fraction(year["ai_recurring_usd"], year["recurring_total_usd"])
    out["ai_run_rate_usd"] = QUARTERS_PER_YEAR * ai["ai_recurring_usd"]
    mining = _mining(latest_quarter(all_quarters, "mining_or_rest_usd", index), total)
    out["mining_quarter"] = mining["quarter"]
    out["mining_run_rate_usd"] = QUARTERS_PER_YEAR * mining["usd"]
    out["mining_is_proxy"] = mining["is_rest"]
    out["mining_is_mix"] = mining["is_mix"]
    out["mining_is_older"] = mining["quarter"] < out["quarter"]
    out["ai_is_older"] = ai["period_end"] < out["mining_quarter"]
    out["ai_share_run_rate"] = _fraction(out["ai_run_rate_usd"], out["ai_run_rate_usd"] + out["mining_run_rate_usd"])

    none_signed, never_earned = contracted_revenue_usd == 0, out["ai_run_rate_usd"].isna()
    out["none_found"] = none_signed & never_earned & looked
    out["not_reviewed"] = none_signed & (out["ai_run_rate_usd"] > 0) & ~looked
    # Signed revenue alone is enough for A. With nothing signed and AI revenue unknown, A is zero where somebody looked for
    # contracts and unknown where nobody did.
    earned = out["ai_run_rate_usd"].where(~never_earned | (none_signed & ~looked), 0.0)
    # Where no signed contract has a value, what is already earned is the least that A can be.
    out["no_value"] = contracted_revenue_usd.isna() & (earned > 0)
    larger = np.maximum(contracted_revenue_usd.where(~out["no_value"], 0.0), earned)
    share = larger / (larger + out["mining_run_rate_usd"])
    out["ai_revenue_for_share_usd"] = larger
    out["ai_share_contracted"] = share.where(larger != 0, 0.0)
    return out


def _mining(split: pd.DataFrame, total: pd.DataFrame) -> pd.DataFrame:
    """Mining revenue of the latest quarter, USD: as reported or the remainder; the last reported mix on a newer total.

    Parameters
    ----------
    split : DataFrame
        The last quarter whose mining revenue is known or can be had as the remainder, a row an (as_of, ticker).
    total : DataFrame
        The last quarter with a total.

    Returns
    -------
    DataFrame
        usd, quarter (the one that it stands for), is_rest, is_mix.
    """
    of_total = _fraction(split["mining_or_rest_usd"], split["recurring_total_usd"])
    is_mix = (total["period_end"] > split["period_end"]) & of_total.notna()
    return pd.DataFrame(
        {
            "usd": split["mining_or_rest_usd"].where(~is_mix, of_total * total["recurring_total_usd"]),
            "quarter": split["period_end"].where(~is_mix, total["period_end"]),
            "is_rest": split["mining_is_proxy"].eq(True),
            "is_mix": is_mix,
        }
    )


def _fraction(part: pd.Series, whole: pd.Series) -> pd.Series:
    return (part / whole).where(whole > 0)


def twelve_months(quarters: pd.DataFrame, columns: list[str], last: pd.Series, index: pd.MultiIndex) -> pd.DataFrame:
    """Sums of `columns` over the four quarters that end with `last`; NaN unless all four are known and consecutive.

    Parameters
    ----------
    quarters : DataFrame
        Rows with every one of `columns`' figures that count: as_of, ticker, period_end.
    last : Series
        The last quarter's end, on `index`.
    """
    recent = quarters[quarters["period_end"] <= looked_up(last, quarters)]
    recent = recent.sort_values("period_end", kind="stable").groupby(KEYS).tail(QUARTERS_PER_YEAR)
    sums = grouped(recent, columns, index, least=QUARTERS_PER_YEAR)
    ends, at = recent["period_end"].to_numpy(), positions(recent, index)
    first, final = np.full((2, len(index)), np.datetime64("NaT"), dtype=ends.dtype)
    np.fmin.at(first, at, ends)
    np.fmax.at(final, at, ends)
    return sums.where(pd.Series(final - first, index).dt.days <= LONGEST_YEAR_DAYS)


def put(ledger: Ledger, inputs: Inputs, shares: pd.DataFrame, signed: pd.Series, assumptions: Assumptions) -> None:
    """Add the four AI shares, each with what it rests on.

    Parameters
    ----------
    ledger : Ledger
        With contracted_revenue_usd.
    inputs : Inputs
    shares : DataFrame
        From `shares`.
    signed : Series of bool
        Where anything is signed.
    assumptions : Assumptions
    """
    as_of = pd.Series(inputs.index.get_level_values("as_of"), index=inputs.index)
    oldest = as_of - pd.Timedelta(days=assumptions.max_age_balance_sheet_days)
    old_quarter = {"revenue_total old": shares["quarter"] < oldest}
    ledger.put("ai_share_trailing", shares["ai_share_trailing"], stale=old_quarter)
    ledger.put("ai_share_ttm", shares["ai_share_ttm"], stale=old_quarter)
    # Without AI revenue the share is zero whatever mining earned.
    counts = (ledger["contracted_revenue_usd"] > 0) | (shares["ai_revenue_for_share_usd"] > 0)
    mining_old = shares["mining_quarter"] < oldest
    mining_proxy = {
        "mining revenue unknown, total less other parts": shares["mining_is_proxy"],
        "mining revenue unknown, the last reported mix on a newer total": shares["mining_is_mix"],
        "mining revenue of an earlier quarter than the latest total": shares["mining_is_older"],
    }
    ai_older = {"AI revenue of an earlier quarter": shares["ai_is_older"]}
    found = {
        "nothing signed and no AI revenue found": shares["none_found"],
        "contracts not reviewed, AI revenue alone": shares["not_reviewed"],
        "no signed contract has an announced value, AI revenue alone": shares["no_value"],
    }
    ledger.put(
        "ai_share_run_rate",
        shares["ai_share_run_rate"],
        stale={"revenue old": mining_old},
        proxy=mining_proxy | ai_older,
    )
    # What is signed is taken over where something is: with nothing listed the causes above say what the share rests on.
    ledger.put(
        "ai_share_contracted",
        shares["ai_share_contracted"],
        after={"contracted_revenue_usd": (signed & ~shares["no_value"]).to_numpy()},
        stale={"revenue of the mining quarter old": mining_old & counts},
        proxy={cause: rows & counts for cause, rows in mining_proxy.items()} | ai_older | found,
        missing={
            "revenue_mining and revenue_total unknown": shares["mining_run_rate_usd"].isna() & counts,
            "nothing signed and revenue_ai_hpc unknown": shares["ai_revenue_for_share_usd"].isna(),
        },
    )
