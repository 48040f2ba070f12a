"""The gap of hand-made companies, and inputs that cannot answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.valuation.hand_made import SHARES, VALUES, table
from valuation.assumptions import Assumptions
from valuation.gap.estimate import measure
from valuation.groups import RULES

FEW = replace(Assumptions(), bootstrap_draws=199)


def gap_of(value: dict[str, float], share: dict[str, float]):
    return measure(*table(value, share), RULES["share20"], FEW)


def test_headline_levels_and_sizes_by_hand():
    head = gap_of(VALUES, SHARES).headline
    # Medians: (6 + 6.5) / 2 and (2 + 2.2) / 2.
    assert head["pivot_value"] == pytest.approx(6.25)
    assert head["bitcoin_value"] == pytest.approx(2.1)
    assert head["ratio"] == pytest.approx(6.25 / 2.1)
    assert (head["n_pivot"], head["n_bitcoin"]) == (6, 6)
    # The groups do not overlap: only the two labellings that part them fully are as far apart in the middle, and those
    # that leave both medians where they are.
    assert 2 / 924 <= head["p_value"] < 0.05
    assert 1 < head["low"] < head["ratio"] < head["high"]


def test_every_definition_has_a_row_and_the_headline_is_first():
    frame = gap_of(VALUES, SHARES).frame
    assert len(frame) == 4 * 3
    assert frame.iloc[0][["metric", "statistic"]].tolist() == ["ev_per_mw_secured", "median"]
    revenue = frame[(frame["metric"] == "ev_to_ntm_revenue") & (frame["statistic"] == "median")].iloc[0]
    assert revenue["pivot_value"] == pytest.approx(6.25)  # bn of EV over 1bn of revenue


def test_sensitivity_is_the_gap_without_each_company():
    out = gap_of(VALUES, SHARES)
    without = {k: v for k, v in VALUES.items() if k != "E"}
    assert out.sensitivity["E"] == pytest.approx(gap_of(without, SHARES).headline["ratio"])
    assert set(out.sensitivity.index) == set(VALUES)


@pytest.mark.parametrize(("share", "empty"), [(0.0, "AI group"), (1.0, "mining group")])
def test_an_empty_group_is_a_note_and_no_number(share, empty):
    out = gap_of(VALUES, dict.fromkeys(VALUES, share))
    assert out.frame["note"].eq(f"no company in the {empty}").all()
    assert out.frame[["ratio", "low", "high", "p_value"]].isna().all(axis=None)
    assert out.sensitivity.isna().all()


def test_a_single_company_has_a_ratio_and_no_interval():
    head = gap_of(VALUES, SHARES | dict.fromkeys("BCDEF", 0.0)).headline
    assert head["ratio"] == pytest.approx(4.0 / np.median([v for k, v in VALUES.items() if k != "A"]))
    assert np.isnan(head["low"])
    assert "cannot be resampled" in head["note"]


def test_few_companies_are_called_rough():
    assert (
        "small sample: 3 companies in the AI group"
        in gap_of(VALUES, SHARES | dict.fromkeys("ABC", 0.0)).headline["note"]
    )


def test_negative_zero_and_unknown_values_are_left_out_with_the_reason():
    out = gap_of(VALUES | {"A": -1.0, "G": 0.0, "H": np.nan}, SHARES)
    left = out.left_out[out.left_out["metric"] == "ev_per_mw_secured"].set_index("ticker")["reason"]
    assert left.to_dict() == {
        "A": "ev_per_mw_secured not meaningful: enterprise value is not positive",
        "G": "ev_per_mw_secured not meaningful: enterprise value is not positive",
        "H": "ev_per_mw_secured missing: debt_total unknown",
    }
    assert (out.headline["n_pivot"], out.headline["n_bitcoin"]) == (5, 4)
    assert np.isfinite(out.frame["ratio"]).all()


def test_the_excluded_stay_out_whatever_their_figures():
    companies, status, causes = table(VALUES, SHARES)
    companies.loc["E", "excluded"] = "consolidated by D"
    out = measure(companies, status, causes, RULES["share20"], FEW)
    assert not out.members.at["E", "ev_per_mw_secured"]
    assert out.headline["n_pivot"] == 5
