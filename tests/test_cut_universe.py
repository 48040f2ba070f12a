"""A cut universe is valid, holds nothing later than its day, and loses nothing earlier."""

from __future__ import annotations

import pandas as pd
import pytest

from screener import pipeline, universes
from tests.cut_universe import KNOWN_ON, cut

DAY = "2026-03-31"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return cut("miners", DAY, tmp_path_factory.mktemp("cut") / "miners")


def test_it_is_a_valid_universe(folder):
    assert universes.check(folder) == []


@pytest.mark.parametrize("name", sorted(KNOWN_ON))
def test_nothing_later_is_left_and_nothing_earlier_is_gone(folder, name):
    whole, left = (
        pd.read_csv(place / name, dtype=str, keep_default_na=False) for place in (universes.find("miners"), folder)
    )
    earlier = whole
    for column in KNOWN_ON[name]:
        assert not (left[column] > DAY).any()
        earlier = earlier[earlier[column] <= DAY]
    assert len(left) == len(earlier)
    assert len(left) > 0 or name == "estimates.csv"  # every bundled estimate is later


def test_the_screen_of_the_day_is_that_of_the_whole_universe(folder):
    """Point in time: what was taken out could not reach the result anyway."""
    cut_one, whole = (pipeline.run(name, DAY, source="bundled") for name in (folder, "miners"))
    pd.testing.assert_frame_equal(cut_one.bridge, whole.bridge)
    pd.testing.assert_frame_equal(
        cut_one.table[["enterprise_value_usd", "secured_mw"]], whole.table[["enterprise_value_usd", "secured_mw"]]
    )
