"""A group rule or an assumption added in its registry reaches files, templates, help and commands by itself."""

from __future__ import annotations

import dataclasses
import sys

import pytest
from click.testing import CliRunner

from screener import universes
from screener.cli import cli
from screener.config.scenario_file import parse
from screener.config.toml import Document
from screener.universes.new import create
from valuation import assumptions as registry
from valuation import groups
from valuation.assumptions import Assumptions


@pytest.fixture
def rule(monkeypatch):
    made = groups.Rule("backlog1", "any contracted backlog", "backlog_usd", 1.0)
    monkeypatch.setitem(groups.RULES, made.name, made)
    return made


@pytest.fixture
def assumption(monkeypatch):
    """A number more, as if it had been written beside the others."""
    original = Assumptions
    number = registry._number(0.25, "fraction", "Made-up share", "made up for a test", section="Made up")
    more = dataclasses.make_dataclass("Assumptions", [("made_up_share", float, number)], bases=(original,), frozen=True)
    for module in list(sys.modules.values()):
        if vars(module).get("Assumptions") is original:
            monkeypatch.setattr(module, "Assumptions", more)
    return more


def run(*arguments: str) -> str:
    found = CliRunner().invoke(cli, list(arguments))
    assert found.exit_code == 0, found.output
    return found.output


def test_a_group_rule_reaches_help_new_universes_and_settings(rule, tmp_path):
    assert "backlog1" in run("run", "--help")
    create(tmp_path / "mine")
    place = tmp_path / "mine" / "universe.toml"
    assert "#   backlog1: any contracted backlog\n" in place.read_text()
    place.write_text('title = "Mine"\n[groups]\nrule = "backlog1"\n')
    assert universes.check(tmp_path / "mine") == []
    place.write_text('title = "Mine"\n[groups]\nrule = "backlog2"\n')
    assert universes.check(tmp_path / "mine")[0].expected.endswith("backlog1; did you mean backlog1?")


def test_an_assumption_reaches_templates_new_universes_files_and_scenarios(assumption, tmp_path):
    assert "# Made-up share (fraction). made up for a test\nmade_up_share = 0.25\n" in run("assumptions")
    path = tmp_path / "mine.toml"
    path.write_text("made_up_share = 0.5\n")
    assert "Made-up share (fraction): 0.5, default 0.25" in run("assumptions", str(path))
    path.write_text("made_up_share = 1.5\n")
    found = CliRunner().invoke(cli, ["assumptions", str(path)])
    assert "mine.toml:1: made_up_share '1.5': expected a number (fraction) from 0 to 1" in str(found.exception)

    create(tmp_path / "universe")
    place = tmp_path / "universe" / "universe.toml"
    assert "# made_up_share = 0.25\n" in place.read_text()
    place.write_text(place.read_text().replace("# made_up_share = 0.25", "made_up_share = 0.75"))
    assert universes.check(tmp_path / "universe") == []

    scenario, problems = parse("x", Document("x.toml", {"title": "x", "set": {"made_up_share": 0.1}}, {}))
    assert problems == []
    assert scenario.assumed(assumption()).made_up_share == 0.1
