"""Every result of the bundled universe against the approved one: a figure that moves without anybody's intention is noticed.

See `tests.approved` for what this shows and what it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import screener
from examples import portfolio_look_through as example
from screener import pipeline, point_in_time, portfolio, rules
from screener.gathering import InputData
from screener.run_config import RunConfig
from screener.studies import backtest
from screener.studies.comparables import comparables
from tests import approved
from tests.valuation import worlds
from valuation.assumptions import Assumptions, Bridge
from valuation.brief import brief
from valuation.company_profile import profile
from valuation.comparison.changes import Snapshot, compare
from valuation.contracts import book
from valuation.explanation.explain import explain, walk
from valuation.explanation.pairs import pairs
from valuation.explanation.terms import Terms
from valuation.freshness import max_age_days
from valuation.fundamentals import company_metrics
from valuation.fundamentals.company_metrics import Valuation
from valuation.groups import RULES
from valuation.indicators.result import measure
from valuation.inputs import Inputs
from valuation.metrics import METRICS
from valuation.mining import economics
from valuation.report import Report

pytestmark = pytest.mark.takes(60)
DATES = ("2024-11-15", "2025-07-04", "2026-10-05")
OCTOBER = pd.Timestamp("2026-10-05")
FEW_DRAWS = replace(Assumptions(), bootstrap_draws=99, simulation_draws=200)
Check = Callable[[str, Any], None]


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Check:
    """Compares with the approved file of a name, or writes it with `--approve`."""
    return lambda name, result: approved.check(name, result, request.config.getoption("--approve"))


@cache
def every_week() -> Inputs:
    weeks = list(pd.date_range("2024-01-05", "2026-10-02", freq="W-FRI"))
    return point_in_time.as_of_view(InputData.of(worlds.miners()), weeks, Assumptions())[0]


@cache
def in_every_week(rule: str = "share20") -> Valuation:
    return company_metrics.value(every_week(), Assumptions(), Bridge(), RULES[rule])


@cache
def on(day: str) -> Report:
    return pipeline.run("miners", pd.Timestamp(day), source="bundled", assumptions=FEW_DRAWS)


@cache
def october() -> tuple[RunConfig, InputData]:
    """What a run of October is configured with and what it reads."""
    config = screener.resolve_config("miners")
    return config, screener.load_inputs(config.universe, OCTOBER, source="bundled")


def test_inputs_of_every_week(check: Check) -> None:
    check("inputs_of_every_week", every_week())


@pytest.mark.parametrize("rule", sorted(RULES))
def test_companies_in_every_week(check: Check, rule: str) -> None:
    valued = in_every_week(rule)
    check(f"companies_{rule}", valued if rule == "share20" else {"table": valued.table, "causes": valued.causes})


@pytest.mark.parametrize("switch", sorted(Bridge.__dataclass_fields__))
def test_companies_under_each_switch(check: Check, switch: str) -> None:
    other = Bridge(**{switch: not getattr(Bridge(), switch)})
    check(f"companies_{switch}", company_metrics.value(every_week(), Assumptions(), other, RULES["share20"]).table)


@pytest.mark.parametrize("day", DATES)
def test_a_screen(check: Check, day: str) -> None:
    check(f"screen_{day}", on(day))


def test_the_screen_of_january(check: Check, report: Report) -> None:
    check("january_screen", replace(report, studies=None, nav=None))


@pytest.mark.parametrize("part", ["gap", "line", "mix", "events", "signing"])
def test_the_studies_of_january(check: Check, report: Report, part: str) -> None:
    check(f"january_{part}", getattr(report.studies, part))


def test_the_net_asset_values_of_january(check: Check, report: Report) -> None:
    check("january_nav", report.nav)


@pytest.mark.parametrize("day", DATES)
def test_net_asset_values(check: Check, day: str) -> None:
    check(f"nav_{day}", worlds.assessed(day=day, assumptions=FEW_DRAWS))


def test_a_portfolio(check: Check, tmp_path: Path) -> None:
    (tmp_path / "positions.csv").write_text(example.HOLDINGS)
    (tmp_path / "limits.toml").write_text(example.LIMITS)
    settings = portfolio.Settings(shock=-0.5, limits=portfolio.load_limits(tmp_path / "limits.toml"))
    check("portfolio", portfolio.report(*october(), portfolio.read([tmp_path / "positions.csv"]), OCTOBER, settings))


def test_a_rule_held_through_time(check: Check) -> None:
    asked = rules.define(where="secured_mw >= 200 and not missing(backlog_usd)",
                         weights="ev_per_mw_secured=2, backlog_usd / enterprise_value_usd=1", top=5)  # fmt: skip
    check("rule", backtest.run(*october(), asked, OCTOBER, trials=6))


def test_comparables(check: Check) -> None:
    check("comparables", comparables(october()[1], on("2026-10-05"), OCTOBER))


def test_indicators_of_every_week(check: Check) -> None:
    inputs, valued, a = every_week(), in_every_week(), Assumptions()
    signed, mined = book.build(inputs, valued, a), economics.economics(inputs, a)
    check("indicators", measure(inputs, valued, signed, mined, InputData.of(worlds.miners()).splits, a))


def test_changes_between_two_dates_and_their_brief(check: Check) -> None:
    first, second, third = map(on, DATES)
    for before, after in ((first, second), (second, third)):
        found = compare(Snapshot.of(before), Snapshot.of(after))
        parts = {name: getattr(found, name) for name in ("companies", "metrics", "lines", "movers", "group_moves",
                 "attribution", "contracts", "facts", "names", "issues", "settings", "effects", "sentences")}  # fmt: skip
        check(f"changes_{after.as_of:%Y-%m-%d}", parts | {"brief": brief(after, found)})


def test_the_brief_of_january_and_two_of_its_companies(check: Check, report: Report) -> None:
    check("january_brief", brief(report))
    data = InputData.of(worlds.miners())
    closes = data.adjusted_closes(report.as_of)
    for ticker in ("HUT", "RIOT"):
        found = profile(report, report.nav.basis.inputs, in_every_week(), ticker, None, closes, data.events)
        parts = {name: getattr(found, name) for name in ("bridge", "instruments", "power", "consensus", "contracts",
                 "tranches", "ladder", "history", "facts", "freshness", "closes", "events", "frame")}  # fmt: skip
        check(f"january_{ticker}", parts)


def test_every_figure_of_a_company_walked_back(check: Check, report: Report) -> None:
    inputs, ticker, a = report.nav.basis.inputs, "HUT", report.assumptions
    terms = next(one for one in Terms.of(report, inputs) if one.ticker == ticker)
    parts: dict[str, Any] = {"walked": [walk(terms, name) for name in METRICS], "pairs": pairs(report)}
    for name in ("ev_per_mw_secured", "ai_share_contracted", "group"):
        found = explain(report, inputs, ticker, name, lambda item: max_age_days(item, a))
        parts[name] = {"steps": found.steps, "inputs": found.inputs, "facts": found.facts}
    check("january_HUT_explained", parts)
