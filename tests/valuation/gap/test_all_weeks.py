"""What is said of the gap in every week since January 2024: no word against its test, no trend that one company turns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener import universes
from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.screen import value
from valuation.errors import NotEstimable
from valuation.findings import CAN, texts
from valuation.gap import estimate, specification_curve
from valuation.gap.history_checks import history_checks

pytestmark = pytest.mark.takes(20)


@pytest.fixture(scope="module")
def weeks():
    miners = universes.load("miners")
    data, config = InputData.of(miners), resolve_config(miners)
    dates = data.weeks(pd.Timestamp("2024-01-05"), pd.Timestamp("2026-10-05"))
    return config, value(config, data, dates), dates


def test_no_week_contradicts_itself(weeks):
    config, valued, dates = weeks
    for day in dates:
        one = valued.on([day]).valuation
        frames = (frame.droplevel("as_of") for frame in (one.table, one.status, one.causes))
        gap = estimate.measure(*frames, config.rule, config.assumptions)
        head, said = gap.headline, " ".join(texts(gap.findings))
        smallest = min(head["n_pivot"], head["n_bitcoin"])
        assert gap.leads == ("line" if smallest < 5 else "gap")
        if smallest < 3:
            assert head[["ratio", "low", "high", "p_value"]].isna().all(), day
            assert "significant" not in said, day
            continue
        outside = head["low"] > 1 or head["high"] < 1
        assert outside == (head["p_value"] <= 1 - head["level_reached"] + 1e-12), day
        assert ("not statistically significant" in said) == (head["p_value"] > 0.05), day
        assert any("statistically significant" in text for text in texts(gap.findings, CAN)) == (
            head["p_value"] <= 0.05
        ), day


def test_no_trend_is_claimed_that_leaving_one_company_out_turns(weeks):
    config, valued, dates = weeks
    sampled = specification_curve.cross_sections(
        valued.inputs, config.assumptions, valued=valued.valuation,
        rules=["share20"], settings=[config.switches], denominator_names=["secured"],
    )  # fmt: skip
    logs = pd.DataFrame(np.log(sampled.value / sampled.mw), index=dates, columns=sampled.tickers)
    is_pivot = pd.DataFrame(sampled.is_pivot, index=dates, columns=sampled.tickers)
    checked = 0
    for end in dates[::6]:
        try:
            found = history_checks(logs.loc[:end], is_pivot.loc[:end], paths=199)
        except NotEstimable:
            continue
        checked += 1
        turned = (np.sign(found.slopes_without) != np.sign(found.slope)).any()
        assert not (found.claimed and (turned or found.p > 0.05)), end
    assert checked >= 10
