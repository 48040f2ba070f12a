"""Nothing published after the as-of date reaches a result: the future is shuffled, scaled and deleted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from screener import known, universes
from valuation import company
from valuation.assumptions import Assumptions, Bridge
from valuation.groups import RULES

PUBLISHED = {
    "facts": "published_on",
    "prices": "date",
    "network": "date",
    "transactions": "published_on",
    "instruments": "published_on",
    "contracts": "announced_on",
    "splits": "first_day_on_new_basis",
}
ENDED = {"instruments": "retired_on", "contracts": "exited_on"}
NUMBERS = {
    "facts": ["value"],
    "prices": ["close_usd"],
    "network": ["btc_usd"],
    "transactions": ["cash_usd", "debt_usd", "shares", "btc"],
    "instruments": ["principal_usd", "quantity", "price_usd"],
    "contracts": ["total_value_usd", "annual_revenue_usd", "critical_it_mw"],
    "splits": ["shares_multiplier"],
}


@pytest.fixture(scope="module")
def miners():
    return universes.load("miners")


def table(universe, day: pd.Timestamp) -> pd.DataFrame:
    inputs, _ = known.as_known(universe, [day], Assumptions())
    valued = company.value(inputs, Assumptions(), Bridge(), RULES["share20"])
    return pd.concat([valued.table, valued.status], axis=1)


def with_another_future(universe, day: pd.Timestamp, rng: np.random.Generator, fate: str):
    changed = {}
    for name, column in PUBLISHED.items():
        frame = getattr(universe, name).copy()
        future = (frame[column] > day).to_numpy()
        if fate == "deleted":
            frame = frame[~future].reset_index(drop=True)
        else:
            for number in NUMBERS[name]:
                values = frame.loc[future, number].to_numpy(copy=True)
                rng.shuffle(values)
                frame.loc[future, number] = values * rng.uniform(0.1, 10)
        if name in ENDED:
            later = frame[ENDED[name]] > day
            frame.loc[later, ENDED[name]] = pd.NaT
        changed[name] = frame
    return replace(universe, **changed)


# No shrinking: a smaller date or seed explains nothing more, and each example values the universe twice.
@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    st.dates(pd.Timestamp("2024-03-01").date(), pd.Timestamp("2026-09-30").date()),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["shuffled", "deleted"]),
)
def test_the_future_cannot_change_the_past(miners, day, seed, fate):
    day = pd.Timestamp(day)
    other = with_another_future(miners, day, np.random.default_rng(seed), fate)
    pd.testing.assert_frame_equal(table(miners, day), table(other, day))


def test_the_past_can_so_the_test_above_could_fail(miners):
    day = pd.Timestamp("2026-01-16")
    facts = miners.facts.copy()
    facts.loc[facts["published_on"] <= day, "value"] *= 1.5
    assert not table(miners, day).equals(table(replace(miners, facts=facts), day))
