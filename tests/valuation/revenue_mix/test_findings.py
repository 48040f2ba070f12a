"""What is said of the claim: the latest quarter with a share, a projection, and where nothing can be said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.findings import CAN, CANNOT
from valuation.revenue_mix.crossover import Projection, RevenueMix
from valuation.revenue_mix.findings import claim
from valuation.revenue_mix.mix import SECTOR_COLUMNS


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
