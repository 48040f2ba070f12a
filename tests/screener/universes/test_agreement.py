"""Phases, terms, debt, estimates and claims of a universe against each other: each fault named with its line."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner

from screener import universes
from screener.cli import cli
from screener.gathering import InputData

URL = "https://example.com"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "copy"
    shutil.copytree(universes.HOME / "miners", place)
    return place


def add(folder, name: str, row: str) -> None:
    place = folder / name
    place.write_text(place.read_text(encoding="utf-8").rstrip("\n") + f"\n{row}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "row", "said"),
    [
        # HUT's lease of December 2025 is of 245 MW.
        ("phases.csv", f"HUT-FLUIDSTACK-202512,2027-06-30,300,planned,2026-10-01,{URL},x,high", "at most the 245 MW"),
        ("contract_terms.csv", f"HUT-FLUIDSTACK-202512,term_years,15,2020-01-01,{URL},x", "announcement of the contract"),
        ("contract_terms.csv", f"HUT-FLUIDSTACK-202512,term_years,0,2026-09-01,{URL},x", "above 0"),
        ("contract_terms.csv", f"HUT-FLUIDSTACK-202512,escalator_pct,30,2026-09-01,{URL},x", "from 0 to 25"),
        ("debt.csv", f"HUT,some bond,1e9,625,2031,senior,2026-01-01,high,{URL},", "percent a year"),
        ("debt.csv", f"HUT,some bond,1e9,6.25,in 2031,senior,2026-01-01,high,{URL},", "YYYY-MM"),
        ("debt.csv", f"HUT,some bond,1e9,6.25,2031,senior,2026-01-01,high,{URL},partly", "unknown or a number"),
        ("estimates.csv", "HUT,revenue,FY2030,5,eur,2026-09-25,x", "usd"),
        ("claims.csv", "MINE,2026-01-01,me,sector,It is 5 to 2,gap_per_secured_mw,5-2,ratio,latest,", "lower to the higher"),
        ("claims.csv", "MINE,2026-01-01,me,sector,It is 2,gap_per_secured_mw,2,ratio,soon,", "or latest"),
    ],
)  # fmt: skip
def test_a_fault_is_a_problem_at_its_file(folder, file, row, said):
    add(folder, file, row)
    problems = [str(one) for one in universes.check(folder)]
    assert len(problems) == 1, problems
    assert problems[0].startswith(file)
    assert said in problems[0]


def test_a_claim_that_cannot_be_checked_is_a_note_of_the_check_as_it_stops_no_run(folder):
    add(folder, "claims.csv", "MINE,2026-01-01,me,sector,It is 2,gap_per_secured_nw,2,ratio,latest,")
    assert universes.load(folder).name
    told = CliRunner().invoke(cli, ["universe", "check", str(folder)])
    assert told.exit_code == 0, told.output
    assert "note: claims.csv:" in told.output
    assert "`screener claims` stops here" in told.output


def test_an_unknown_metric_of_an_estimate_is_a_note(folder):
    add(folder, "estimates.csv", "HUT,ebidta,FY2030,5,usd,2026-09-25,x")
    found, problems = universes.examine(folder)
    assert not problems
    assert any("ebidta" in str(one) and "ebitda" in str(one) for one in found.notes)


def test_the_bundled_universe_is_clean_with_few_notes():
    found, problems = universes.examine("miners")
    assert not problems
    assert len(found.notes) <= 3


def test_a_day_on_which_one_company_closes_is_no_week():
    data = InputData.of(universes.load("miners"))
    # GREE's last close under that ticker, a Monday.
    alone = data.closes[data.closes["date"] == "2026-07-13"]
    assert alone["ticker"].tolist() == ["GREE"]
    weeks = data.weeks(data.closes["date"].min(), data.closes["date"].max())
    assert not weeks.isin(alone["date"]).any()
    assert {"2026-07-10", "2026-07-17", "2026-10-05"} <= set(weeks.strftime("%Y-%m-%d"))
