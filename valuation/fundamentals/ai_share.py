"""AI share of revenue: trailing quarter, trailing twelve months, run rate and contracted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.sums import grouped

QUARTERS_PER_YEAR = 4
LONGEST_YEAR_DAYS = 300  # first to last period end of four consecutive quarters, with room for 53-week years


def with_recurring(quarters: pd.DataFrame) -> pd.DataFrame:
    """Add ai_recurring_usd (one-off tenant fit-out taken out) and mining_or_rest_usd with its `mining_is_proxy`.

    Mining revenue unknown: total less the known other parts stands in (METHODS section 6).
    """
    out = quarters.reset_index(drop=True).copy()
    out["ai_recurring_usd"] = out["ai_hpc_usd"] - out["ai_hpc_one_off_usd"].fillna(0.0)
    others = out[["ai_hpc_usd", "hosting_usd", "other_usd"]].fillna(0.0).sum(axis=1)
    rest = (out["total_usd"] - others).clip(lower=0.0)
    out["mining_is_proxy"] = out["mining_usd"].isna() & rest.notna()
    out["mining_or_rest_usd"] = out["mining_usd"].where(out["mining_usd"].notna(), rest)
    out["recurring_total_usd"] = out["total_usd"] - out["ai_hpc_one_off_usd"].fillna(0.0)
    return out


def _latest(quarters: pd.DataFrame, column: str, index: pd.MultiIndex) -> pd.DataFrame:
    """The last quarter with `column` known, a row an (as_of, ticker): all columns, period_end NaT where none."""
    known = quarters[quarters[column].notna()]
    last = known.sort_values("period_end", kind="stable").groupby(["as_of", "ticker"]).tail(1)
    return last.set_index(["as_of", "ticker"]).reindex(index)


def shares(quarters: pd.DataFrame, contracted_revenue_usd: pd.Series) -> pd.DataFrame:
    """Four AI revenue shares (fractions) and their components, a row an (as_of, ticker).

    Parameters
    ----------
    quarters : DataFrame
        `Inputs.quarters`.
    contracted_revenue_usd : Series
        Contracted AI revenue a year at the owner's share, 0 where nothing is signed.

    Returns
    -------
    DataFrame
        ai_share_trailing, ai_share_ttm, ai_share_run_rate, ai_share_contracted; quarter (period end of the latest
        reported quarter), ai_quarter, mining_quarter, mining_run_rate_usd, ai_run_rate_usd, mining_is_proxy,
        ai_is_older (AI revenue is of an earlier quarter than mining revenue).

    Notes
    -----
    Trailing: recurring AI over recurring total of the latest quarter with a total; AI unknown in that quarter is
    unknown, never zero. Contracted: A / (A + mining revenue x 4), A the larger of contracted revenue and the
    recurring run rate already earned; A = 0 gives 0 (METHODS section 6).
    """
    index = contracted_revenue_usd.index
    all_quarters = with_recurring(quarters)
    total = _latest(all_quarters, "total_usd", index)
    ai = _latest(all_quarters, "ai_recurring_usd", index)
    mining = _latest(all_quarters, "mining_or_rest_usd", index)

    out = pd.DataFrame(index=index)
    out["quarter"] = total["period_end"]
    out["ai_quarter"] = ai["period_end"]
    out["mining_quarter"] = mining["period_end"]
    out["ai_share_trailing"] = _fraction(total["ai_recurring_usd"], total["recurring_total_usd"])
    with_total = all_quarters[all_quarters["total_usd"].notna()]
    year = twelve_months(with_total, ["ai_recurring_usd", "recurring_total_usd"], total["period_end"], index)
    out["ai_share_ttm"] = _fraction(year["ai_recurring_usd"], year["recurring_total_usd"])
    out["ai_run_rate_usd"] = QUARTERS_PER_YEAR * ai["ai_recurring_usd"]
    out["mining_run_rate_usd"] = QUARTERS_PER_YEAR * mining["mining_or_rest_usd"]
    out["mining_is_proxy"] = mining["mining_is_proxy"].eq(True)
    out["ai_is_older"] = ai["period_end"] < mining["period_end"]
    out["ai_share_run_rate"] = _fraction(out["ai_run_rate_usd"], out["ai_run_rate_usd"] + out["mining_run_rate_usd"])
    # Signed revenue alone is enough for A; with nothing signed and AI revenue unknown, A is unknown.
    earned = out["ai_run_rate_usd"].where(out["ai_run_rate_usd"].notna() | (contracted_revenue_usd <= 0), 0.0)
    larger = np.maximum(contracted_revenue_usd, earned)
    share = larger / (larger + out["mining_run_rate_usd"])
    out["ai_revenue_for_share_usd"] = larger
    out["ai_share_contracted"] = share.where(larger != 0, 0.0)
    return out


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
    ends = last.reindex(pd.MultiIndex.from_frame(quarters[["as_of", "ticker"]])).to_numpy()
    recent = quarters[quarters["period_end"] <= ends]
    recent = recent.sort_values("period_end", kind="stable").groupby(["as_of", "ticker"]).tail(QUARTERS_PER_YEAR)
    sums = grouped(recent, columns, index, least=QUARTERS_PER_YEAR)
    ends = recent.groupby(["as_of", "ticker"])["period_end"].agg(["min", "max"]).reindex(index)
    return sums.where((ends["max"] - ends["min"]).dt.days <= LONGEST_YEAR_DAYS)
