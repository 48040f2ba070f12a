"""Revenue mix, sector share and crossover on hand-made companies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.mix import Projection, crossover, mix, sector

AS_OF = pd.Timestamp("2026-01-16")


def quarters(*rows: tuple[str, str, float, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["ticker", "period_end", "total_usd", "mining_usd", "ai_hpc_usd"])
    frame["period_end"] = pd.to_datetime(frame["period_end"])
    frame.insert(0, "as_of", AS_OF)
    return frame.assign(ai_hpc_one_off_usd=np.nan, hosting_usd=np.nan, other_usd=np.nan)


def contracts(*rows: tuple[str, str, str | None, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["ticker", "contract_id", "start_on", "owned_annual_revenue_usd"])
    frame["start_on"] = pd.to_datetime(frame["start_on"])
    return frame.assign(is_ai=True)


def test_fiscal_quarters_fall_into_the_calendar_quarter_of_their_middle():
    out = mix(quarters(("APLD", "2025-11-30", 10, 5, 5), ("RIOT", "2025-12-31", 10, 5, 5)))
    assert out.set_index("ticker")["quarter"].astype(str).to_dict() == {"APLD": "2025Q4", "RIOT": "2025Q4"}


def test_sector_share_counts_only_companies_that_report_part_and_total():
    out = sector(
        mix(
            quarters(
                ("A", "2025-09-30", 100, 80, 20),
                ("B", "2025-09-30", 200, 200, 0),
                ("C", "2025-09-30", 100, 20, 80),
                ("D", "2025-09-30", 999, np.nan, np.nan),
            )
        )
    ).iloc[0]
    assert out["bitcoin_share"] == pytest.approx(300 / 400)
    assert out["ai_share"] == pytest.approx(100 / 400)
    assert out[["n_bitcoin", "n_ai", "n_total"]].tolist() == [3, 3, 4]


def test_two_companies_are_not_a_sector():
    out = sector(mix(quarters(("A", "2025-09-30", 100, 80, 20), ("B", "2025-09-30", 200, 200, 0))))
    assert np.isnan(out["bitcoin_share"].iloc[0])


def test_crossover_actual_is_the_first_quarter_and_projected_follows_the_start_dates():
    mixed = mix(
        quarters(("X", "2025-06-30", 100, 60, 40), ("X", "2025-09-30", 100, 45, 55), ("Y", "2025-09-30", 100, 100, 0))
    )
    signed = contracts(("Y", "Y-1", "2026-05-01", 360.0), ("Y", "Y-2", "2026-11-15", 800.0), ("Y", "Y-3", None, 9e9))
    out = crossover(mixed, signed, pd.Index(["X", "Y"]), projection=Projection(late_delay_quarters=4))
    assert str(out.at["X", "actual"]) == "2025Q3"
    assert pd.isna(out.at["Y", "actual"])
    assert str(out.at["Y", "projected"]) == "2027Q1"  # 90 a quarter from 2026Q3, 290 from 2027Q1, over 100
    assert str(out.at["Y", "projected_early"]) == "2026Q3"  # 90 over 80
    assert str(out.at["Y", "projected_late"]) == "2028Q1"  # a year later, 290 over 120
    assert out.at["Y", "left_out"] == "Y-3"


def test_mining_never_reported_is_a_note_not_a_number():
    out = crossover(mix(quarters(("Z", "2025-09-30", 9, np.nan, 3))), contracts(), pd.Index(["Z"]))
    assert out.at["Z", "note"] == "mining revenue never reported"
    assert pd.isna(out.at["Z", "projected"])
