"""Revenue mix by quarter: each company's parts, and the universe's bitcoin share of revenue."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.fundamentals.ai_share import with_recurring

HALF_QUARTER = pd.Timedelta(days=45)
PARTS = ("mining_usd", "ai_recurring_usd", "ai_hpc_one_off_usd", "hosting_usd", "other_usd")
LEAST_COMPANIES = 3
QUARTERS_OF_A_YEAR = 4
SECTOR_COLUMNS = [
    "bitcoin_share", "n_bitcoin", "coverage", "lowest", "highest", "ai_share", "n_ai", "n_total",
    "same_before", "same_now", "n_same",
]  # fmt: skip


def mix(quarters: pd.DataFrame) -> pd.DataFrame:
    """Revenue by part on calendar quarters, as known on each date.

    Parameters
    ----------
    quarters : DataFrame
        `Inputs.quarters`.

    Returns
    -------
    DataFrame
        as_of, ticker, period_end, quarter (Period, the calendar quarter that contains the midpoint of the reported one),
        USD by part, total_usd, recurring_total_usd (one-offs out); mining_or_rest_usd (total less the known other parts
        where mining is not reported and AI is, marked in mining_is_proxy: no less than mining), mining_at_most_usd (the
        same whether AI is known or not); mining_share and ai_share of recurring revenue, as every AI share of the
        toolkit; a part that is not reported is NaN.
    """
    out = with_recurring(quarters).sort_values(["as_of", "ticker", "period_end"], ignore_index=True)
    out["quarter"] = (out["period_end"] - HALF_QUARTER).dt.to_period("Q")
    total = out["recurring_total_usd"].where(out["recurring_total_usd"] > 0)
    out["mining_share"] = out["mining_usd"] / total
    out["ai_share"] = out["ai_recurring_usd"] / total
    columns = ["as_of", "ticker", "period_end", "quarter", *PARTS, "total_usd", "recurring_total_usd"]
    columns += ["mining_or_rest_usd", "mining_at_most_usd", "mining_is_proxy", "mining_share", "ai_share"]
    return out[columns]


def sector(mixed: pd.DataFrame) -> pd.DataFrame:
    """Bitcoin and AI share of the sector's revenue by calendar quarter, with coverage and bounds.

    Parameters
    ----------
    mixed : DataFrame
        From `mix`, one as-of date, already without consolidated subsidiaries and comparables.

    Returns
    -------
    DataFrame
        Indexed by quarter: bitcoin_share (self-mining) and ai_share of recurring revenue over the companies that report
        both the part and the total, n_bitcoin and n_ai of them, of n_total with any total; coverage, the share of all those
        totals that stands behind bitcoin_share; lowest and highest, the bitcoin share of all n_total whatever the
        companies without a breakdown earned; same_before and same_now, the bitcoin share four quarters earlier and
        now of the n_same companies known in both. NaN under three companies.
    """
    rows = {}
    known = mixed[mixed["mining_usd"].notna() & mixed["total_usd"].notna()]
    for quarter, group in mixed.groupby("quarter"):
        totals = group[group["total_usd"].notna()]
        bitcoin, ai = (_share(totals, part) for part in ("mining_usd", "ai_recurring_usd"))
        whole = totals["recurring_total_usd"].sum()
        row = {"bitcoin_share": bitcoin[0], "n_bitcoin": bitcoin[1], "ai_share": ai[0], "n_ai": ai[1]}
        row |= {"n_total": len(totals), "coverage": np.nan, "lowest": np.nan, "highest": np.nan}
        if bitcoin[1] >= LEAST_COMPANIES:
            row["coverage"] = totals.loc[totals["mining_usd"].notna(), "recurring_total_usd"].sum() / whole
            row["lowest"] = totals["mining_usd"].sum() / whole
            row["highest"] = totals["mining_at_most_usd"].sum() / whole
        rows[quarter] = row | _same_companies(known, quarter)
    return pd.DataFrame.from_dict(rows, orient="index", columns=SECTOR_COLUMNS).rename_axis("quarter")


def _share(totals: pd.DataFrame, part: str) -> tuple[float, int]:
    both = totals[totals[part].notna()]
    enough = len(both) >= LEAST_COMPANIES
    return (both[part].sum() / both["recurring_total_usd"].sum() if enough else np.nan), len(both)


def _same_companies(known: pd.DataFrame, quarter: pd.Period) -> dict[str, float]:
    """Bitcoin share of the companies known in a quarter and four quarters earlier."""
    now = known[known["quarter"] == quarter].set_index("ticker")
    before = known[known["quarter"] == quarter - QUARTERS_OF_A_YEAR].set_index("ticker")
    same = now.index.intersection(before.index)
    if len(same) < LEAST_COMPANIES:
        return {"same_before": np.nan, "same_now": np.nan, "n_same": len(same)}
    then, today = before.loc[same], now.loc[same]
    return {
        "same_before": then["mining_usd"].sum() / then["recurring_total_usd"].sum(),
        "same_now": today["mining_usd"].sum() / today["recurring_total_usd"].sum(),
        "n_same": len(same),
    }
