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
from screener.known import flows
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
    "contract_terms": "published_on",
    "phases": "published_on",
    "debt": "known_on",
    "estimates": "published_on",
    "splits": "first_day_on_new_basis",
    "events": "date",
    "raises": "announced_on",
}
ENDED = {"instruments": "retired_on", "contracts": "exited_on"}
NUMBERS = {
    "facts": ["value"],
    "prices": ["close_usd"],
    "network": ["btc_usd", "hashrate_eh_per_s", "reward_and_fees_btc_per_day"],
    "transactions": ["cash_usd", "debt_usd", "shares", "btc"],
    "instruments": ["principal_usd", "quantity", "price_usd"],
    "contracts": ["total_value_usd", "annual_revenue_usd", "critical_it_mw"],
    "contract_terms": [],
    "phases": ["critical_it_mw"],
    "debt": ["principal_usd"],
    "estimates": ["value"],
    "splits": ["shares_multiplier"],
    "events": [],
    "raises": ["size_usd"],
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
        raises=miners.raises.assign(announced_on=miners.raises["announced_on"] - pd.Timedelta(days=30)),
    )  # fmt: skip
    changed = studies(early, day)
    assert [name for name, frame in base.items() if frame.equals(changed[name])] == []


def quarters_of(universe, day: str, ticker: str) -> pd.DataFrame:
    inputs, _ = point_in_time.as_of_view(InputData.of(universe), [pd.Timestamp(day)], Assumptions())
    return inputs.quarters[inputs.quarters["ticker"] == ticker].set_index("period_end")


def test_a_restated_total_does_not_meet_the_parts_of_the_original_quarter(miners):
    # Applied Digital, 2026-07-27: 64.2 and 126.6m became 80.9 and 145.0m with the cloud business; the parts stayed.
    before, after = (quarters_of(miners, day, "APLD") for day in ("2026-07-26", "2026-07-27"))
    for period, total in (("2025-08-31", 64.216e6), ("2025-11-30", 126.589e6)):
        assert before.at[pd.Timestamp(period), "total_usd"] == after.at[pd.Timestamp(period), "total_usd"] == total
    # The next quarter's total has its parts of the same day.
    assert after.at[pd.Timestamp("2026-05-31"), "total_usd"] == 258.7e6


def test_a_total_restated_with_a_part_is_the_new_one_and_without_parts_it_is_too(miners):
    facts = miners.facts.copy()
    part = facts["ticker"].eq("APLD") & facts["item"].eq("revenue_hosting") & facts["period_end"].eq("2025-11-30")
    again = facts[part].assign(published_on=pd.Timestamp("2026-07-27"), value=60.0e6)
    with_part = replace(miners, facts=pd.concat([facts, again], ignore_index=True))
    assert quarters_of(with_part, "2026-07-27", "APLD").at[pd.Timestamp("2025-11-30"), "total_usd"] == 145.0e6
    parts = facts["item"].isin(flows.PARTS) & facts["ticker"].eq("APLD")
    alone = replace(miners, facts=facts[~parts].reset_index(drop=True))
    assert quarters_of(alone, "2026-07-27", "APLD").at[pd.Timestamp("2025-11-30"), "total_usd"] == 145.0e6


def test_the_facts_used_name_the_total_that_counts(miners):
    day = pd.Timestamp("2026-07-28")
    _, used = point_in_time.as_of_view(InputData.of(miners), [day], Assumptions())
    rows = miners.facts.iloc[used.on(day).quarters]
    mine = rows[rows["ticker"].eq("APLD") & rows["item"].eq("revenue_total") & rows["period_end"].eq("2025-11-30")]
    assert mine["value"].tolist() == [126.589e6]


def test_power_leaves_with_a_joint_venture_and_not_with_an_amended_lease(miners):
    days = pd.DatetimeIndex(["2026-07-05", "2026-07-06", "2026-09-24", "2026-09-25"])
    inputs, _ = point_in_time.as_of_view(InputData.of(miners), days, Assumptions())
    sold = {
        day: dict(zip(rows["contract_id"], rows["sold"], strict=True)) for day, rows in inputs.exits.groupby("as_of")
    }
    venture = {"WULF-FLUIDSTACKABERNATHYJV-202510": True}
    assert list(sold) == list(days[1:])
    assert sold[days[1]] == sold[days[2]] == venture
    assert sold[days[3]] == venture | {"CIFR-FLUIDSTACK-202509": False, "CIFR-FLUIDSTACK-202511": False}


def test_a_site_sold_on_the_day_takes_its_power_once_that_is_public(miners):
    ended, public = pd.Timestamp("2026-03-02"), pd.Timestamp("2026-03-09")
    contracts = miners.contracts.copy()
    contracts.loc[contracts["contract_id"] == "WULF-CORE42-202412", "exited_on"] = ended
    sale = miners.transactions.iloc[[0]].assign(ticker="WULF", date=ended, published_on=public, kind="site_sale")
    changed = replace(miners, contracts=contracts, transactions=pd.concat([miners.transactions, sale]))
    inputs, _ = point_in_time.as_of_view(InputData.of(changed), pd.DatetimeIndex([ended, public]), Assumptions())
    assert inputs.exits["sold"].tolist() == [False, True]


def test_restricted_cash_is_kept_only_beside_cash_of_its_day_that_does_not_include_it(miners):
    def items(day: str, ticker: str) -> pd.Series:
        inputs, _ = point_in_time.as_of_view(InputData.of(miners), [pd.Timestamp(day)], Assumptions())
        return inputs.items.droplevel("as_of").loc[ticker]

    bitdeer = items("2026-06-01", "BTDR")  # "~261M cash (297.7M incl. restricted)"
    assert (bitdeer["restricted_cash"], bitdeer["restricted_cash_not_added"]) == (36.7e6, 0.0)
    april = items("2026-04-20", "WULF")  # cash of March includes it, the last restricted row is of September 2025
    assert np.isnan(april["restricted_cash"])
    assert (april["cash_includes_restricted"], april["restricted_cash_not_added"]) == (1.0, 1.439e6)
    may = items("2026-05-10", "WULF")  # the 10-Q has both lines
    assert (may["cash_includes_restricted"], may["restricted_cash"]) == (0.0, 462.748e6)


@pytest.mark.parametrize(
    ("item", "days_allowed"),
    [
        ("cash", 200), ("debt_total", 200), ("shares_outstanding", 200), ("btc_held", 200), ("power_cost_usd_per_kwh", 200),
        ("hashrate_eh", 270), ("hashrate_operating_eh", 270), ("fleet_efficiency_j_per_th", 270), ("mw_operating", 270),
        ("mw_secured", 270), ("mw_ai_contracted_it", 270),
    ],
)  # fmt: skip
def test_an_item_is_stale_the_day_after_its_maximum_age_and_not_on_it(miners, item, days_allowed):
    riot = miners.facts[miners.facts["ticker"] == "RIOT"].head(1)
    fact = riot.assign(
        item=item, period_end=pd.Timestamp("2025-01-01"), published_on=pd.Timestamp("2025-01-01"), value=1.0
    )
    data = replace(InputData.of(miners), facts=fact)
    last = pd.Timestamp("2025-01-01") + pd.Timedelta(days=days_allowed)
    inputs, _ = point_in_time.as_of_view(data, [last, last + pd.Timedelta(days=1)], Assumptions())
    assert inputs.stale.xs("RIOT", level="ticker")[item].tolist() == [False, True]
    assert not inputs.stale.xs("MARA", level="ticker")[item].any()  # unknown is not stale


def test_a_close_is_stale_on_its_eighth_day_and_a_missing_one_is_not(miners):
    data = InputData.of(miners)
    day = pd.Timestamp("2025-01-03")
    closes = data.closes[data.closes["ticker"] == "RIOT"].head(1).assign(date=day, known_from=day)
    dates = pd.DatetimeIndex(["2025-01-02", "2025-01-10", "2025-01-11"])
    inputs, used = point_in_time.as_of_view(replace(data, closes=closes.reset_index(drop=True)), dates, Assumptions())
    assert inputs.stale.xs("RIOT", level="ticker")["price_usd"].tolist() == [False, False, True]
    assert [used.on(day).closes.tolist() for day in dates] == [[], [0], [0]]


def test_the_rows_used_name_the_first_fact_and_four_quarters_a_company(miners):
    first = miners.facts[(miners.facts["ticker"] == "RIOT") & (miners.facts["item"] == "cash")].head(1)
    ends = pd.to_datetime(["2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31", "2025-03-31"])
    quarters = [
        first.assign(item=item, period_end=end, published_on=end)
        for end in ends
        for item in ("revenue_total", "revenue_mining")
    ]
    facts = pd.concat([first.assign(period_end=ends[0], published_on=ends[0]), *quarters], ignore_index=True)
    day = pd.Timestamp("2025-03-31")
    _, used = point_in_time.as_of_view(replace(InputData.of(miners), facts=facts), [day], Assumptions())
    rows = used.on(day)
    assert rows.facts.tolist() == [0]
    assert sorted(rows.quarters) == [3, 4, 5, 6, 7, 8, 9, 10]  # the last four quarters, both lines of each
