"""Every result of the bundled universe against the approved one: a figure that moves without anybody's intention is noticed.

See `tests.approved` for what this shows and what it does not.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest

import screener
from examples import portfolio_look_through as example
from screener import pipeline, point_in_time, portfolio, rules
from screener.gathering import InputData
from screener.studies import backtest
from screener.studies.comparables import comparables
from tests import approved
from tests.valuation import worlds
from valuation.assumptions import Assumptions, Bridge
from valuation.fundamentals import company_metrics
from valuation.groups import RULES
from valuation.inputs import Inputs
from valuation.report import Report

pytestmark = pytest.mark.takes(60)
DATES = ("2024-11-15", "2025-07-04", "2026-10-05")


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Any:
    return lambda name, result: approved.check(name, result, request.config.getoption("--approve"))


@cache
def few_draws() -> Assumptions:
    return replace(Assumptions(), bootstrap_draws=99, simulation_draws=200)


@cache
def every_week() -> Inputs:
    weeks = list(pd.date_range("2024-01-05", "2026-10-02", freq="W-FRI"))
    return point_in_time.as_of_view(InputData.of(worlds.miners()), weeks, Assumptions())[0]


@cache
def on(day: str) -> Report:
    return pipeline.run("miners", pd.Timestamp(day), source="bundled", assumptions=few_draws())


def test_inputs_of_every_week(check: Any) -> None:
    check("inputs_of_every_week", every_week())


@pytest.mark.parametrize("rule", sorted(RULES))
def test_companies_in_every_week(check: Any, rule: str) -> None:
    valued = company_metrics.value(every_week(), Assumptions(), Bridge(), RULES[rule])
    check(f"companies_{rule}", valued if rule == "share20" else {"table": valued.table, "causes": valued.causes})


@pytest.mark.parametrize("switch", sorted(Bridge.__dataclass_fields__))
def test_companies_under_each_switch(check: Any, switch: str) -> None:
    other = Bridge(**{switch: not getattr(Bridge(), switch)})
    check(f"companies_{switch}", company_metrics.value(every_week(), Assumptions(), other, RULES["share20"]).table)


@pytest.mark.parametrize("day", DATES)
def test_a_screen(check: Any, day: str) -> None:
    check(f"screen_{day}", on(day))


def test_the_screen_of_january(check: Any, report: Report) -> None:
    check("january_screen", replace(report, studies=None, nav=None))


@pytest.mark.parametrize("part", ["gap", "line", "mix", "events", "signing"])
def test_the_studies_of_january(check: Any, report: Report, part: str) -> None:
    check(f"january_{part}", getattr(report.studies, part))


def test_the_net_asset_values_of_january(check: Any, report: Report) -> None:
    check("january_nav", report.nav)


@pytest.mark.parametrize("day", DATES)
def test_net_asset_values(check: Any, day: str) -> None:
    check(f"nav_{day}", worlds.assessed(day=day, assumptions=few_draws()))


def test_a_portfolio(check: Any, tmp_path: Any) -> None:
    (tmp_path / "positions.csv").write_text(example.HOLDINGS)
    (tmp_path / "limits.toml").write_text(example.LIMITS)
    day, config = pd.Timestamp("2026-10-05"), screener.resolve_config("miners")
    data = screener.load_inputs(config.universe, day, source="bundled")
    settings = portfolio.Settings(shock=-0.5, limits=portfolio.load_limits(tmp_path / "limits.toml"))
    check("portfolio", portfolio.report(config, data, portfolio.read([tmp_path / "positions.csv"]), day, settings))


def test_a_rule_held_through_time(check: Any) -> None:
    day, config = pd.Timestamp("2026-10-05"), screener.resolve_config("miners")
    data = screener.load_inputs(config.universe, day, source="bundled")
    asked = rules.define(where="secured_mw >= 200 and not missing(backlog_usd)",
                         weights="ev_per_mw_secured=2, backlog_usd / enterprise_value_usd=1", top=5)  # fmt: skip
    check("rule", backtest.run(config, data, asked, day, trials=6))
    check("comparables", comparables(data, on("2026-10-05"), day))
