"""Revenue mix, sector share and crossover on hand-made companies, each figure worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.valuation.revenue_mix.made import contracts, quarters
from valuation.revenue_mix.crossover import Projection, bitcoin_share_ahead, crossover
from valuation.revenue_mix.mix import mix, sector


def test_fiscal_quarters_fall_into_the_calendar_quarter_of_their_middle():
    out = mix(quarters(("APLD", "2025-11-30", 10, 5, 5), ("RIOT", "2025-12-31", 10, 5, 5)))
    assert out.set_index("ticker")["quarter"].astype(str).to_dict() == {"APLD": "2025Q4", "RIOT": "2025Q4"}


@pytest.mark.parametrize(("day", "quarter"), [("2025-11-15", "2025Q4"), ("2025-11-14", "2025Q3")])
def test_the_middle_of_a_quarter_is_45_days_before_its_end(day, quarter):
    assert str(mix(quarters(("APLD", day, 10, 5, 5)))["quarter"].item()) == quarter


def test_quarters_are_in_order_by_company_however_they_are_listed():
    rows = [("B", "2025-09-30", 10, 4, 5), ("A", "2025-09-30", 10, 3, 5), ("B", "2025-06-30", 10, 2, 5)]
    out = mix(quarters(*rows).set_index(pd.Index([7, 7, 3])))
    assert out.index.tolist() == [0, 1, 2]
    assert list(zip(out["ticker"], out["mining_share"], strict=True)) == [("A", 0.3), ("B", 0.2), ("B", 0.4)]


def test_a_share_of_nothing_is_unknown_and_of_one_dollar_known():
    out = mix(quarters(("A", "2025-09-30", 0, 5, 0), ("B", "2025-09-30", -2, 1, 0), ("C", "2025-09-30", 1, 0.25, 0.5)))
    assert out["mining_share"].tolist() == pytest.approx([np.nan, np.nan, 0.25], nan_ok=True)
    assert out["ai_share"].tolist() == pytest.approx([np.nan, np.nan, 0.5], nan_ok=True)


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


def test_the_sector_is_bounded_by_what_the_silent_companies_could_have_mined():
    out = sector(
        mix(
            quarters(
                ("A", "2025-09-30", 100, 80, 20),
                ("B", "2025-09-30", 200, 200, 0),
                ("C", "2025-09-30", 100, 20, 80),
                ("D", "2025-09-30", 100, np.nan, 30),
                ("E", "2025-09-30", 500, np.nan, np.nan),
            )
        )
    ).iloc[0]
    assert out["coverage"] == pytest.approx(400 / 1000)
    assert out["lowest"] == pytest.approx(300 / 1000)
    assert out["highest"] == pytest.approx((300 + 70 + 500) / 1000)


def test_shares_are_of_recurring_revenue_as_in_the_screen():
    # Applied Digital, quarter to November 2025: 85.0 of HPC revenue, 73.0 of it one-off fit-out, 41.6 of hosting, no mining.
    frame = quarters(("APLD", "2025-11-30", 126.6, 0, 85.0))
    frame = frame.assign(ai_hpc_one_off_usd=73.0, hosting_usd=41.6)
    assert mix(frame).iloc[0]["ai_share"] == pytest.approx(12.0 / 53.6)
    others = quarters(("A", "2025-12-31", 100, 80, 20), ("B", "2025-12-31", 100, 100, 0))
    row = sector(mix(pd.concat([frame, others]))).iloc[0]
    assert row["ai_share"] == pytest.approx((12 + 20) / (53.6 + 200))
    assert row["bitcoin_share"] == row["lowest"] == row["highest"] == pytest.approx(180 / 253.6)


def test_a_trend_is_told_over_the_same_companies():
    rows = [(t, "2024-09-30", 100, m, 100 - m) for t, m in (("A", 90), ("B", 80), ("C", 70))]
    # A newcomer that mines alone lifts the plain share; the same three companies fell.
    rows += [(t, "2025-09-30", 100, m, 100 - m) for t, m in (("A", 60), ("B", 50), ("C", 40))]
    rows += [("NEW", "2025-09-30", 700, 700, 0)]
    out = sector(mix(quarters(*rows)))
    now = out.loc[pd.Period("2025Q3")]
    assert now["bitcoin_share"] == pytest.approx(850 / 1000)
    assert (now["same_before"], now["same_now"], now["n_same"]) == pytest.approx((0.8, 0.5, 3))
    assert out.loc[pd.Period("2024Q3"), "n_same"] == 0
    assert np.isnan(out.loc[pd.Period("2024Q3"), "same_now"])


def test_the_same_companies_are_those_with_mining_and_a_total_in_both_quarters():
    rows = [(t, f"{year}-09-30", 100, 90 - 20 * (year - 2024), 5) for t in "ABC" for year in (2024, 2025)]
    rows += [("D", "2024-09-30", 400, np.nan, np.nan), ("D", "2025-09-30", 400, np.nan, np.nan)]
    rows += [("E", "2024-09-30", np.nan, 50, np.nan), ("E", "2025-09-30", np.nan, 50, np.nan)]
    now = sector(mix(quarters(*rows))).loc[pd.Period("2025Q3")]
    assert (now["same_before"], now["same_now"], now["n_same"]) == pytest.approx((0.9, 0.7, 3))


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


def test_mining_not_reported_is_the_rest_where_ai_is_known_and_else_unknown():
    out = crossover(mix(quarters(("Z", "2025-09-30", 9, np.nan, 3))), contracts(), pd.Index(["Z"]))
    assert out.at["Z", "mining_is_proxy"]
    assert out.at["Z", "mining_usd"] == pytest.approx(6)
    silent = crossover(mix(quarters(("Z", "2025-09-30", 9, np.nan, np.nan))), contracts(), pd.Index(["Z"]))
    assert silent.at["Z", "note"] == "no quarter with mining, or with AI and a total"
    assert pd.isna(silent.at["Z", "projected"])
    assert pd.isna(silent.at["Z", "mining_usd"])


def test_a_later_total_without_its_ai_part_is_no_mining_revenue():
    rows = (("W", "2026-03-31", 34, 13, 21), ("W", "2026-06-30", 45, np.nan, np.nan))
    out = crossover(mix(quarters(*rows)), contracts(), pd.Index(["W"])).loc["W"]
    assert str(out["latest_quarter"]) == "2026Q1"
    assert out["mining_usd"] == 13
    assert out["ahead"]
    assert pd.isna(out["projected"])


def test_mining_is_held_at_todays_hashprice():
    mixed = mix(quarters(("Y", "2025-09-30", 100, 100, 0)))
    signed = contracts(("Y", "Y-1", "2026-05-01", 360.0))  # 90 a quarter from 2026Q3
    assert pd.isna(crossover(mixed, signed, pd.Index(["Y"])).at["Y", "projected"])
    cheaper = crossover(mixed, signed, pd.Index(["Y"]), mining_scale=pd.Series({"Y": 0.8}))
    assert cheaper.at["Y", "mining_usd"] == pytest.approx(80)
    assert str(cheaper.at["Y", "projected"]) == "2026Q3"


def test_ai_never_reported_and_nothing_dated_is_a_note():
    mixed = mix(quarters(("Q", "2025-09-30", 100, 100, np.nan)))
    assert crossover(mixed, contracts(), pd.Index(["Q"])).at["Q", "note"] == "AI revenue never reported"
    undated = crossover(mixed, contracts(("Q", "Q-1", None, 5e9)), pd.Index(["Q"]))
    assert undated.at["Q", "note"] == "AI revenue never reported, no contract with a start"
    assert (undated.at["Q", "signed"], undated.at["Q", "undated"]) == (1, 1)


def test_the_bitcoin_share_ahead_by_hand():
    # X mines 60 of 120 with AI 40 and 20 of hosting; Y mines 100 and signs 90 a quarter from 2026Q3.
    frame = quarters(("X", "2025-09-30", 120, 60, 40), ("Y", "2025-09-30", 100, 100, 0))
    frame.loc[frame["ticker"] == "X", "hosting_usd"] = 20
    signed = contracts(("Y", "Y-1", "2026-05-01", 360.0))
    out = bitcoin_share_ahead(mix(frame), signed, pd.Index(["X", "Y"]), quarter=pd.Period("2026Q4"))
    assert out["latest"] == pytest.approx(160 / (160 + 20 + 40))
    assert out["projected"] == pytest.approx(160 / (160 + 20 + 40 + 90))
    assert out["projected_early"] == pytest.approx(128 / (128 + 20 + 40 + 90))
    assert out["projected_late"] == pytest.approx(192 / (192 + 20 + 40))  # starts in 2027Q2
    assert (out["n"], out["n_proxy"]) == (2, 0)
    nobody = bitcoin_share_ahead(mix(frame), signed, pd.Index([]))
    assert nobody["n"] == 0
    assert np.isnan(nobody["projected"])
