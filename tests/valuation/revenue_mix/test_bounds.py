"""The crossover at its bounds, and what is said of the claim: one quarter more or less, equal revenues, parts unknown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.valuation.revenue_mix.test_mix import contracts, quarters
from valuation.findings import CAN, CANNOT
from valuation.revenue_mix.crossover import Projection, RevenueMix, bitcoin_share_ahead, crossover, latest_quarters
from valuation.revenue_mix.findings import claim
from valuation.revenue_mix.mix import SECTOR_COLUMNS, mix

Y = ("Y", "2025-09-30", 100, 100, 0)


def one(rows: tuple, *signed: tuple) -> pd.Series:
    return crossover(mix(quarters(*rows)), contracts(*signed), pd.Index([rows[0][0]])).iloc[0]


@pytest.mark.parametrize(
    ("start", "projected"),
    [("2025-07-01", "2025Q4"), ("2025-10-01", "2026Q1"), ("2031-06-30", "2031Q3"), ("2031-07-01", "NaT")],
)
def test_the_search_begins_with_the_quarter_after_the_latest_and_ends_after_six_years(start, projected):
    assert str(one((Y,), ("Y", "Y-1", start, 480.0))["projected"]) == projected


def test_the_late_case_is_a_year_later_and_mining_a_fifth_higher():
    late = one((Y,), ("Y", "Y-1", "2026-05-01", 480.4))  # 120.1 a quarter over 120
    assert (str(late["projected"]), str(late["projected_late"])) == ("2026Q3", "2027Q3")
    assert pd.isna(one((Y,), ("Y", "Y-1", "2026-05-01", 480.0))["projected_late"])
    early = one((Y,), ("Y", "Y-1", "2026-05-01", 320.4))  # 80.1 over 80
    assert str(early["projected_early"]) == "2026Q3"
    assert pd.isna(early["projected"])
    assert Projection() == Projection(0.8, 1.2, 4, 24)


def test_the_first_quarter_with_more_ai_than_mining_is_the_crossover_whatever_comes_after():
    rows = [("X", day, 100, mining, 100 - mining)
            for day, mining in (("2025-03-31", 50), ("2025-06-30", 45), ("2025-09-30", 40), ("2025-12-31", 55))]  # fmt: skip
    out = one(tuple(rows))
    assert str(out["actual"]) == "2025Q2"  # equal revenues are no crossover
    assert not out["ahead"]  # no longer
    ahead = one(tuple(rows[:3]))
    assert ahead["ahead"]
    equal = one((*rows[:3], ("X", "2025-12-31", 100, 50, 50)))
    assert (str(equal["actual"]), equal["ahead"]) == ("2025Q2", False)


def test_ai_revenue_of_a_quarter_without_its_mining_makes_nobody_ahead():
    out = one((("X", "2025-06-30", 100, 55, 45), ("X", "2025-09-30", np.nan, np.nan, 70)))
    assert not out["ahead"]
    assert pd.isna(out["actual"])
    assert (str(out["latest_quarter"]), out["ai_usd"]) == ("2025Q2", 70)
    assert str(out["projected"]) == "2025Q3"  # 70 is earned already


def test_ai_unknown_with_a_dated_contract_and_ai_known_without_one_are_both_projected():
    signed = one((("Q", "2025-09-30", 100, 100, np.nan),), ("Q", "Q-1", "2025-11-01", 480.0))
    assert (signed["note"], str(signed["projected"])) == ("", "2026Q1")
    assert one((Y,))["note"] == ""


def test_a_company_without_a_quarter_is_neither_ahead_nor_a_proxy_and_its_undated_contracts_are_sorted():
    out = one((("Z", "2025-09-30", 9, np.nan, np.nan),), ("Z", "Z-2", None, 5.0), ("Z", "Z-1", None, 5.0))
    assert out[["ahead", "mining_is_proxy"]].tolist() == [False, False]
    assert (out["left_out"], out["undated"], out["signed"]) == ("Z-1, Z-2", 2, 2)


def test_a_company_whose_ai_revenue_was_never_reported_counts_with_its_mining_now():
    mixed = mix(quarters(Y, ("Q", "2025-09-30", 4, 3, np.nan)))
    signed = contracts(("Q", "Q-1", "2026-05-01", 8.0))
    out = bitcoin_share_ahead(mixed, signed, pd.Index(["Y", "Q"]), quarter=pd.Period("2026Q4"))
    # Of Q no quarter has a split, so nothing stands beside its mining but 2 a quarter from the third of 2026.
    assert (out["latest"], out["projected"]) == (1.0, pytest.approx(103 / 105))


def test_mining_is_projected_from_the_latest_quarter_that_tells_it():
    rows = (Y, ("Y", "2025-06-30", 90, 90, 0), ("Y", "2025-12-31", 90, np.nan, np.nan))
    assert latest_quarters(mix(quarters(*rows))).to_dict() == {"Y": pd.Timestamp("2025-09-30")}


def sector_of(*quarters: str, share: float = 0.75, same: float = np.nan) -> pd.DataFrame:
    rows = pd.DataFrame(0.5, index=pd.PeriodIndex(quarters, freq="Q"), columns=SECTOR_COLUMNS)
    rows["bitcoin_share"], rows["same_now"] = np.linspace(0.9, share, len(rows)), same
    return rows.assign(same_before=0.8, n_same=3, n_bitcoin=4, n_total=9)


AHEAD = pd.Series({"projected": 0.3, "projected_early": 0.21, "projected_late": 0.4, "n": 5, "n_proxy": 1})
SIGNED = pd.DataFrame({"signed": [3, 4], "undated": [1, 1], "note": ["", "none"]}, index=["A", "B"])


def test_the_claim_is_held_against_the_latest_quarter_with_a_share():
    known = sector_of("2026Q1", "2026Q2", "2026Q3").assign(bitcoin_share=[0.9, 0.75, np.nan])
    measured, projected, limit, caution = claim(known, SIGNED, AHEAD)
    assert measured.text.startswith(
        "Claim: bitcoin falls from 85% of revenue to below 20% by the end of 2026. In 2026Q2 bitcoin was 75% of revenue "
        "over 4 companies"
    )
    assert (measured.kind, measured.threshold) == (CAN, 0.2)
    assert "on this basis the claim is not met" in projected.text
    assert limit.figures == {"undated": 2, "signed": 7}
    assert caution.kind == CANNOT
    same = claim(sector_of("2026Q2", same=0.7), SIGNED, AHEAD)[1]
    assert same.text == "On a constant sample of 3 companies the share was 80% a year before and 70% in 2026Q2."


@pytest.mark.parametrize(("early", "verdict"), [(0.2, "can be met"), (0.2001, "is not met")])
def test_the_claim_can_be_met_up_to_its_share(early, verdict):
    found = claim(sector_of("2026Q2"), SIGNED, AHEAD.replace(0.21, early))
    assert f"on this basis the claim {verdict}." in found[1].text


@pytest.mark.parametrize(
    ("quarter", "n", "projected"), [("2026Q3", 5, True), ("2026Q4", 5, False), ("2026Q3", 0, False)]
)
def test_nothing_is_projected_for_a_quarter_that_is_reported_or_without_companies(quarter, n, projected):
    found = claim(sector_of(quarter), SIGNED, AHEAD.mask(AHEAD.index == "n", n))
    assert any("not a forecast" in one.text for one in found) == projected


@pytest.mark.parametrize("sector", [sector_of("2026Q2").assign(bitcoin_share=np.nan), sector_of()[:0]])
def test_without_a_quarter_the_claim_is_not_held_against_anything(sector):
    (found,) = claim(sector, SIGNED, AHEAD)
    assert found.kind == CANNOT
    assert "no quarter has 3 companies with a revenue breakdown" in found.text


def test_the_summary_shows_two_years_and_the_companies_that_can_be_told():
    rows = sector_of(*map(str, pd.period_range("2024Q1", periods=10, freq="Q")))
    crossed = SIGNED.assign(actual=pd.NaT, projected=pd.NaT, latest_quarter=pd.Period("2026Q2"))
    shares, first = RevenueMix(rows, rows, crossed, AHEAD, Projection(), np.nan, pd.NaT).summary.tables
    assert (len(shares.frame), str(shares.frame.index[0]), str(shares.frame.index[-1])) == (8, "2024Q3", "2026Q2")
    assert list(first.frame.index) == ["A"]
