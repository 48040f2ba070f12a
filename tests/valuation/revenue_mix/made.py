"""Quarters of revenue and signed contracts of made-up companies."""

from __future__ import annotations

import numpy as np
import pandas as pd

AS_OF = pd.Timestamp("2026-01-16")


def quarters(*rows: tuple[str, str, float, float, float]) -> pd.DataFrame:
    """Quarters as (ticker, end, total, mining, AI), without one-off, hosting or other revenue."""
    frame = pd.DataFrame(rows, columns=["ticker", "period_end", "total_usd", "mining_usd", "ai_hpc_usd"])
    frame["period_end"] = pd.to_datetime(frame["period_end"])
    frame.insert(0, "as_of", AS_OF)
    return frame.assign(ai_hpc_one_off_usd=np.nan, hosting_usd=np.nan, other_usd=np.nan)


def contracts(*rows: tuple[str, str, str | None, float]) -> pd.DataFrame:
    """AI contracts as (ticker, id, start or none, revenue a year)."""
    frame = pd.DataFrame(rows, columns=["ticker", "contract_id", "start_on", "owned_annual_revenue_usd"])
    frame["start_on"] = pd.to_datetime(frame["start_on"])
    return frame.assign(is_ai=True, start_is_assumed=frame["start_on"].isna())
