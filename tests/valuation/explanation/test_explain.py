"""Every metric of every company walked back: the arithmetic gives the figure again, and 10% more is what a new run gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from screener import universes
from screener.cli import cli
from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.screen import screen_on, value_dates
from valuation.errors import UnknownName
from valuation.explanation.explain import explain, walk
from valuation.explanation.pairs import pairs
from valuation.explanation.sensitivity import leaves, raised, sensitivities
from valuation.explanation.terms import Terms, evaluate
from valuation.fundamentals.company_metrics import value
from valuation.metrics import METRICS
from valuation.status import USABLE

DAYS = ("2024-11-15", "2026-01-16", "2026-10-05")


@pytest.fixture(scope="module")
def made(pytestconfig):
    config = resolve_config(universes.load("miners"))
    data = InputData.of(config.universe)
    out = {}
    # The first day is read by long tests alone.
    for day in map(pd.Timestamp, DAYS[1:] if "not long" in pytestconfig.option.markexpr else DAYS):
        valued = value_dates(config, data, day)
        out[f"{day:%Y-%m-%d}"] = (screen_on(config, data, valued, day), valued.inputs)
    return out


@pytest.mark.parametrize("day", [*(pytest.param(day, marks=pytest.mark.long) for day in DAYS[:-1]), DAYS[-1]])
def test_every_metric_of_every_company_is_walked_back_and_its_arithmetic_gives_the_figure(made, day):
    screen, inputs = made[day]
    checked = 0
    for ticker in screen.table.index:
        terms = Terms(screen, ticker, inputs.critical_it.xs(ticker, level="ticker").iloc[0])
        for name, one in METRICS.items():
            steps, values = walk(terms, name)
            assert steps["name"].iloc[0] == name
            if not one.formula or screen.status.at[ticker, name] not in USABLE:
                continue
            expected = screen.table.at[ticker, name]
            assert evaluate(one.formula, terms) == pytest.approx(expected, rel=1e-9), (ticker, name)
            assert steps["value"].iloc[0] == pytest.approx(expected, rel=1e-9)
            assert values
            checked += 1
    assert checked > 200


def test_the_chain_of_a_multiple_by_hand(made):
    screen, inputs = made["2026-10-05"]
    row = screen.bridge.loc["HUT"]
    ev = (
        row["price_usd"] * (row["basic_shares"] + row["new_shares"]) + row["debt_after_conversion_usd"]
        + row["noncontrolling_interest_usd"] - row["cash_usd"] - 13_602 * screen.btc_usd
    )  # fmt: skip
    terms = Terms(screen, "HUT", inputs.critical_it.xs("HUT", level="ticker").iloc[0])
    steps = walk(terms, "ev_per_mw_secured")[0].set_index("name")
    assert steps.at["enterprise_value_usd", "value"] == pytest.approx(ev, rel=1e-12)
    assert steps.at["ev_per_mw_secured", "value"] == pytest.approx(ev / 2_130 / 1e6, rel=1e-12)
    assert steps.at["ev_per_mw_secured", "depth"] == 0
    assert steps.at["price_usd", "depth"] == 3


@pytest.mark.parametrize(("ticker", "metric"), [("HUT", "ev_per_mw_secured"), ("RIOT", "ai_share_contracted")])
def test_ten_percent_more_is_what_a_valuation_of_its_own_gives(made, ticker, metric):
    screen, inputs = made["2026-10-05"]
    found = sensitivities(screen, inputs, ticker, metric)
    for leaf in found.index[:4]:
        case = raised(inputs, ticker, leaf)
        alone = value(case, screen.assumptions, screen.switches, screen.rule).table.xs(ticker, level="ticker")
        assert found[leaf] == pytest.approx(alone[metric].iloc[0], rel=1e-12)


def test_ten_percent_more_cash_by_hand(made):
    screen, inputs = made["2026-10-05"]
    now, cash = screen.table.at["HUT", "ev_per_mw_secured"], screen.table.at["HUT", "cash_usd"]
    found = sensitivities(screen, inputs, "HUT", "ev_per_mw_secured")
    assert found["cash"] == pytest.approx(now - 0.1 * cash / 2_130 / 1e6, rel=1e-12)
    assert found["mw_secured"] == pytest.approx(now / 1.1, rel=1e-12)


def test_inputs_that_are_not_known_are_not_raised_and_the_inputs_stay_as_they_were(made):
    _, inputs = made["2026-10-05"]
    before = inputs.items.copy()
    assert raised(inputs, "HUT", "eth_held") is None
    assert raised(inputs, "HUT", "cash") is not None
    pd.testing.assert_frame_equal(inputs.items, before)
    assert "cash" in leaves("ev_per_mw_secured")
    assert "transactions" not in leaves("ev_per_mw_secured")


def test_facts_come_with_their_source_and_the_day_on_which_they_go_stale(made):
    screen, inputs = made["2026-10-05"]
    found = explain(screen, inputs, "HUT", "cash_usd", lambda _: 200)
    (row,) = found.facts[found.facts["item"] == "cash"].itertuples()
    assert row.source.startswith("financials.csv:")
    assert row.stale_on == row.period_end + pd.Timedelta(days=201)
    with pytest.raises(UnknownName):
        explain(screen, inputs, "HUT", "no_such", lambda _: 200)
    with pytest.raises(UnknownName):
        explain(screen, inputs, "NOPE", "cash_usd", lambda _: 200)


def test_the_pairs_in_the_middle_make_the_gap(made):
    screen = made["2026-01-16"][0]
    found = pairs(screen)
    assert len(found) == 42
    middle = found.loc[found["in_the_middle"], "ratio"]
    assert np.exp(np.log(middle).mean()) == pytest.approx(screen.gap.headline["ratio"], rel=1e-12)
    fewer = replace(
        screen, table=screen.table.drop("HUT"), gap=replace(screen.gap, members=screen.gap.members.drop("HUT"))
    )
    odd_or_even = pairs(fewer)
    assert odd_or_even["in_the_middle"].sum() == 2
    assert (odd_or_even["ratio"].diff().dropna() >= 0).all()


@pytest.mark.parametrize(
    "arguments", [("HUT", "ev_per_mw_secured"), ("GREE", "enterprise_value_usd"), ("CIFR", "group"), ("gap",)]
)
def test_the_command_prints_80_columns_without_a_traceback(arguments):
    result = CliRunner().invoke(cli, ["explain", *arguments, "--as-of", "2026-10-05", "--source", "bundled"])
    assert result.exit_code == 0, result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_a_ticker_without_a_metric_is_a_usage_error():
    assert CliRunner().invoke(cli, ["explain", "HUT"]).exit_code == 2
    assert CliRunner().invoke(cli, ["explain", "gap", "cash_usd"]).exit_code == 2
