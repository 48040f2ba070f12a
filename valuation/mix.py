"""Revenue mix by quarter, the quarter in which AI passes mining, and the sector's bitcoin share of revenue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.revenue import QUARTERS_PER_YEAR, with_recurring

HALF_QUARTER = pd.Timedelta(days=45)
PARTS = ("mining_usd", "ai_recurring_usd", "ai_hpc_one_off_usd", "hosting_usd", "other_usd")
LEAST_COMPANIES = 3


@dataclass(frozen=True)
class Projection:
    """What is assumed about the quarters ahead; both ends of the range are shown.

    Attributes
    ----------
    early_mining, late_mining : float
        Mining revenue in the early and the late case, as a fraction of the latest quarter at today's hashprice.
    late_delay_quarters : int
        How much later than announced every contract starts in the late case.
    horizon_quarters : int
        How far ahead to look.
    """

    early_mining: float = 0.8
    late_mining: float = 1.2
    late_delay_quarters: int = 4
    horizon_quarters: int = 24


def mix(quarters: pd.DataFrame) -> pd.DataFrame:
    """Revenue by part on calendar quarters, as known on each date.

    Parameters
    ----------
    quarters : DataFrame
        `Inputs.quarters`.

    Returns
    -------
    DataFrame
        as_of, ticker, period_end, quarter (Period, the calendar quarter that holds the middle of the reported one),
        USD by part, total_usd, mining_share and ai_share of total; a part that is not reported is NaN.
    """
    out = with_recurring(quarters).sort_values(["as_of", "ticker", "period_end"], ignore_index=True)
    out["quarter"] = (out["period_end"] - HALF_QUARTER).dt.to_period("Q")
    total = out["total_usd"].where(out["total_usd"] > 0)
    out["mining_share"] = out["mining_usd"] / total
    out["ai_share"] = out["ai_recurring_usd"] / total
    columns = ["as_of", "ticker", "period_end", "quarter", *PARTS, "total_usd", "mining_share", "ai_share"]
    return out[columns]


def sector(mixed: pd.DataFrame) -> pd.DataFrame:
    """The universe's bitcoin and AI share of revenue by calendar quarter.

    Parameters
    ----------
    mixed : DataFrame
        From `mix`, one as-of date, already without consolidated subsidiaries and comparables.

    Returns
    -------
    DataFrame
        Indexed by quarter: bitcoin_share and ai_share over the companies that report both the part and the total,
        n_bitcoin and n_ai (how many), n_total (companies with any total). NaN under three companies.
    """
    rows = []
    for quarter, group in mixed.groupby("quarter"):
        row = {"quarter": quarter, "n_total": int(group["total_usd"].notna().sum())}
        for name, column in (("bitcoin", "mining_usd"), ("ai", "ai_recurring_usd")):
            both = group[group[column].notna() & group["total_usd"].notna()]
            enough = len(both) >= LEAST_COMPANIES
            row[f"{name}_share"] = both[column].sum() / both["total_usd"].sum() if enough else np.nan
            row[f"n_{name}"] = len(both)
        rows.append(row)
    columns = ["quarter", "bitcoin_share", "n_bitcoin", "ai_share", "n_ai", "n_total"]
    return pd.DataFrame(rows, columns=columns).set_index("quarter")


def crossover(
    mixed: pd.DataFrame,
    contracts: pd.DataFrame,
    tickers: pd.Index,
    *,
    mining_scale: float = 1.0,
    projection: Projection | None = None,
) -> pd.DataFrame:
    """The first quarter in which recurring AI revenue exceeds mining revenue: actual, and projected with a range.

    Parameters
    ----------
    mixed : DataFrame
        From `mix`, one as-of date.
    contracts : DataFrame
        From `contracts.schedule`, the same date.
    tickers : Index
        Companies to report.
    mining_scale : float
        Today's hashprice over the mean of the latest reported quarter; mining is held at that level.
    projection : Projection, optional

    Returns
    -------
    DataFrame
        Indexed by ticker: actual, projected, projected_early, projected_late (Period or NaT), latest_quarter,
        mining_usd and ai_usd (latest known quarter, USD), left_out (contracts without start or revenue), note.

    Notes
    -----
    AI revenue of a future quarter is the larger of the latest recurring quarter and the contracts started by then
    at a quarter of their annual revenue, owner's share: no ramp is known, so a start counts in full.
    """
    assumed = projection or Projection()
    rows = []
    for ticker in tickers:
        own = mixed[mixed["ticker"] == ticker].dropna(subset=["mining_usd"])
        ai = mixed[(mixed["ticker"] == ticker) & mixed["ai_recurring_usd"].notna()]
        signed = contracts[(contracts["ticker"] == ticker) & contracts["is_ai"]]
        datable = signed[signed["start_on"].notna() & signed["owned_annual_revenue_usd"].notna()]
        left_out = sorted(set(signed["contract_id"]) - set(datable["contract_id"]))
        row: dict[str, object] = {"ticker": ticker, "left_out": ", ".join(left_out), "note": ""}
        passed = own[own["ai_recurring_usd"] > own["mining_usd"]]
        row["actual"] = passed["quarter"].iloc[0] if len(passed) else pd.NaT
        if own.empty:
            rows.append(row | {"note": "mining revenue never reported"})
            continue
        latest = own.iloc[-1]
        mining = latest["mining_usd"] * mining_scale
        earned = ai["ai_recurring_usd"].iloc[-1] if len(ai) else 0.0
        row |= {"latest_quarter": latest["quarter"], "mining_usd": latest["mining_usd"]}
        row["ai_usd"] = earned if len(ai) else np.nan
        cases = {
            "projected": (mining, 0),
            "projected_early": (mining * assumed.early_mining, 0),
            "projected_late": (mining * assumed.late_mining, assumed.late_delay_quarters),
        }
        for name, (level, delay) in cases.items():
            row[name] = _first_above(datable, earned, level, delay, latest["quarter"], assumed.horizon_quarters)
        rows.append(row)
    columns = ["actual", "projected", "projected_early", "projected_late", "latest_quarter"]
    columns += ["mining_usd", "ai_usd", "left_out", "note"]
    return pd.DataFrame(rows).set_index("ticker").reindex(columns=columns)


def _first_above(
    signed: pd.DataFrame, earned: float, mining: float, delay: int, latest: pd.Period, horizon: int
) -> pd.Period:
    """The first quarter after `latest` with AI above mining; NaT where none within the horizon."""
    starts = signed["start_on"].dt.to_period("Q") + delay
    revenue = signed["owned_annual_revenue_usd"].to_numpy() / QUARTERS_PER_YEAR
    for ahead in range(1, horizon + 1):
        quarter = latest + ahead
        # The quarter in which a contract starts is only part of one: it counts from the next.
        started = revenue[(starts < quarter).to_numpy()].sum()
        if max(earned, started) > mining:
            return quarter
    return pd.NaT
