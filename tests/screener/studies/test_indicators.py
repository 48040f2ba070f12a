"""The indicators of the bundled universe: point in time, their page, the command."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from exports.tables.indicators import indicators_page
from screener import universes
from screener.cli import cli
from screener.errors import NotKnown
from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.studies.indicators import indicators
from tests.screener.test_point_in_time import with_another_future

DAY = pd.Timestamp("2025-12-12")
OWN_DAYS = {"phases": "published_on", "contract_terms": "published_on"}


@pytest.fixture(scope="module")
def universe():
    return universes.load("miners")


def series(universe, day: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Every series up to a day."""
    found = indicators(resolve_config(universe), InputData.of(universe), day, since="2025-06-06")
    divergence = found.price_divergence
    return {
        "revenue": found.revenue_mix, "contracts": found.contracts.sector, "kinds": found.contracts.by_kind,
        "tenants": found.contracts.by_tenant, "power": found.power.table, "status": found.power.status,
        "sector": found.power.sector, "prices": divergence.frame, "returns": divergence.returns,
        "members": divergence.members, "hashrate": found.hashrate,
    }  # fmt: skip


@pytest.fixture(scope="module")
def known(universe):
    return series(universe, DAY)


@pytest.mark.parametrize("fate", ["shuffled", "deleted"])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_series_moves_when_the_future_is_another(universe, known, seed, fate):
    other = with_another_future(universe, DAY, np.random.default_rng(seed), fate)
    for name, column in OWN_DAYS.items():
        frame = getattr(other, name)
        other = replace(other, **{name: frame[frame[column] <= DAY].reset_index(drop=True)})
    for name, frame in series(other, DAY).items():
        pd.testing.assert_frame_equal(frame, known[name], obj=name)


def test_the_past_moves_every_series_so_the_test_above_could_fail(universe, known):
    early = universe.facts["published_on"] <= DAY
    rise = np.linspace(1, 2, int(early.sum()))
    facts = universe.facts.copy()
    facts.loc[early, "value"] *= rise
    prices = universe.prices.assign(close_usd=universe.prices["close_usd"] * np.linspace(1, 2, len(universe.prices)))
    contracts = universe.contracts.assign(
        announced_on=universe.contracts["announced_on"] - pd.Timedelta(days=40),
        critical_it_mw=universe.contracts["critical_it_mw"] * 1.5, kind="gpu_cloud",
    )  # fmt: skip
    other = series(replace(universe, facts=facts, prices=prices, contracts=contracts), DAY)
    assert [name for name, frame in known.items() if frame.equals(other[name]) and name != "status"] == []


def test_a_longer_series_says_the_same_of_the_same_weeks_hindsight_apart(universe, known):
    longer = series(universe, pd.Timestamp("2026-03-06"))
    for name, frame in known.items():
        rows = longer[name][longer[name].index.get_level_values("as_of") <= DAY]
        mine = [column for column in frame.columns if "hindsight" not in column]
        pd.testing.assert_frame_equal(rows[mine], frame[mine], check_freq=False, obj=name)
    assert not longer["prices"].loc[:DAY, "ratio_hindsight"].equals(known["prices"]["ratio_hindsight"])


def test_no_week_in_the_span_is_an_error(universe):
    with pytest.raises(NotKnown, match="no weekly close between"):
        indicators(resolve_config(universe), InputData.of(universe), "2023-06-01", since="2023-05-01")


@pytest.fixture(scope="module")
def today(universe):
    return indicators(resolve_config(universe), InputData.of(universe), "2026-10-05", since="2025-10-03")


def test_a_page_of_one_indicator_has_that_one_alone(today):
    page = indicators_page(today, ["contracts"])
    assert [table.name for table in page.tables] == ["contracts", "contracts_by_kind", "contracts_by_tenant"]
    assert list(page.files) == ["contracts", "contracts_by_kind", "contracts_by_tenant", "contracts_by_company"]
    assert len(page.files["contracts"]) == len(today.revenue_mix)


def test_files_hold_every_week_and_the_page_the_last_of_each_quarter(today):
    page = indicators_page(today)
    assert len(page.files["power"]) == len(today.power.sector) > 50
    shown = page.tables[0].frame["week"]
    assert list(shown) == sorted(shown)
    assert shown.iloc[-1] == today.as_of
    assert shown.dt.to_period("Q").is_unique


def test_every_finding_is_a_sentence(today):
    assert [
        one.text for one in today.findings if not one.text.endswith(".") or re.search(r"\b(nan|NaT)\b", one.text)
    ] == []
    assert "Small sample" in " ".join(one.text for one in today.findings)


def test_the_command_writes_series_and_refuses_a_start_after_the_end(tmp_path):
    run = ["indicators", "power", "--as-of", "2026-01-16", "--since", "2025-12-05", "--source", "bundled"]
    done = CliRunner().invoke(cli, [*run, "--out", str(tmp_path), "--format", "json,csv,html"])
    assert done.exit_code == 0, done.output
    assert max(len(line.rstrip()) for line in done.output.splitlines() if not line.startswith("Written")) <= 80
    content = json.loads((tmp_path / "miners_2026-01-16_indicators_power.json").read_text())
    assert len(content["power"]) == 7
    uses = ["ai_in_service_mw", "ai_leased_mw", "mining_mw", "unused_mw", "use_unknown_mw"]
    row = content["power"][-1]
    assert sum(row[name] for name in uses) == pytest.approx(row["secured_mw"])
    weekly = pd.read_csv(tmp_path / "miners_2026-01-16_indicators_power.csv")
    assert weekly["as_of"].iloc[0] == "2025-12-05"
    late = CliRunner().invoke(
        cli, ["indicators", "--as-of", "2025-01-03", "--since", "2025-12-05", "--source", "bundled"]
    )
    assert late.exit_code == 2
    assert "is after" in late.output
