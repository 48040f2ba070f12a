"""Nothing published after the as-of date reaches a result: the future is shuffled, scaled and deleted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from screener import point_in_time, universes
from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.studies import events, gap_history, quarterly_panel, revenue_mix
from valuation.assumptions import Assumptions, Bridge
from valuation.fundamentals import company_metrics
from valuation.groups import RULES

PUBLISHED = {
    "facts": "published_on",
    "prices": "date",
    "network": "date",
    "transactions": "published_on",
    "instruments": "published_on",
    "contracts": "announced_on",
    "splits": "first_day_on_new_basis",
    "events": "date",
}
ENDED = {"instruments": "retired_on", "contracts": "exited_on"}
NUMBERS = {
    "facts": ["value"],
    "prices": ["close_usd"],
    "network": ["btc_usd", "hashrate_eh_per_s", "reward_and_fees_btc_per_day"],
    "transactions": ["cash_usd", "debt_usd", "shares", "btc"],
    "instruments": ["principal_usd", "quantity", "price_usd"],
    "contracts": ["total_value_usd", "annual_revenue_usd", "critical_it_mw"],
    "splits": ["shares_multiplier"],
    "events": [],
}


@pytest.fixture(scope="module")
def miners():
    return universes.load("miners")


def table(universe, day: pd.Timestamp) -> pd.DataFrame:
    inputs, _ = point_in_time.as_of_view(InputData.of(universe), [day], Assumptions())
    valued = company_metrics.value(inputs, Assumptions(), Bridge(), RULES["share20"])
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


def studies(universe, day: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """History, panel, mix and events up to a day, as frames."""
    few = replace(Assumptions(), bootstrap_draws=99)
    config, data = resolve_config(universe, assumptions=few), InputData.of(universe)
    revenue = revenue_mix(config, data, day)
    closes = events.closes_around(data, day, "weekly")
    signed, raised = events.announcements(data, day).events, events.capital_raises(data, day)
    return {
        "history": gap_history(config, data, day - pd.Timedelta(days=120), day).frame,
        "panel": quarterly_panel(config, data, day),
        "mix": revenue.mixed,
        "sector": revenue.sector,
        "crossover": revenue.crossover,
        "ahead": revenue.ahead.to_frame(),
        "announcements": signed,
        "raises": raised,
        "confounders": events.confounders(data, day, "contracts", signed, raised),
        "returns": closes.miners.pct_change(fill_method=None),
        "bitcoin": closes.bitcoin.to_frame(),
    }


@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    st.dates(pd.Timestamp("2024-11-01").date(), pd.Timestamp("2026-09-30").date()),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["shuffled", "deleted"]),
)
def test_the_future_cannot_change_history_panel_mix_or_events(miners, day, seed, fate):
    day = pd.Timestamp(day)
    other = studies(with_another_future(miners, day, np.random.default_rng(seed), fate), day)
    for name, frame in studies(miners, day).items():
        pd.testing.assert_frame_equal(frame, other[name], obj=name)


def test_the_past_can_change_each_of_them(miners):
    day = pd.Timestamp("2026-01-16")
    base = studies(miners, day)
    facts, prices = miners.facts.copy(), miners.prices.copy()
    facts.loc[facts["published_on"] <= day, "value"] *= np.linspace(1, 2, int((facts["published_on"] <= day).sum()))
    prices.loc[prices["date"] <= day, "close_usd"] *= np.linspace(1, 2, int((prices["date"] <= day).sum()))
    early = replace(
        miners, facts=facts, prices=prices, network=miners.network.assign(btc_usd=miners.network["btc_usd"] ** 0.99),
        contracts=miners.contracts.assign(
            announced_on=miners.contracts["announced_on"] - pd.Timedelta(days=30),
            annual_revenue_usd=miners.contracts["annual_revenue_usd"].fillna(3e9),
        ),
        transactions=miners.transactions.assign(date=miners.transactions["date"] - pd.Timedelta(days=30)),
        events=miners.events.assign(date=miners.events["date"] - pd.Timedelta(days=30)),
    )  # fmt: skip
    changed = studies(early, day)
    assert [name for name, frame in base.items() if frame.equals(changed[name])] == []
