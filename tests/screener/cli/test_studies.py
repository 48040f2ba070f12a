"""`screener gap`, `regress`, `mix` and `events` as a user types them."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from click.testing import CliRunner

from screener.cli import cli
from screener.errors import ScreenerError

BUNDLED = ("--source", "bundled")
JANUARY = (*BUNDLED, "--as-of", "2026-01-16")


def screener(*arguments: str):
    result = CliRunner().invoke(cli, list(arguments))
    if result.exception is not None and not isinstance(result.exception, (SystemExit, ScreenerError)):
        raise result.exception
    return result


def page(*arguments: str) -> str:
    result = screener(*arguments)
    assert result.exit_code == 0, result.output
    assert max(len(line) for line in result.output.splitlines() if not line.startswith("Written: ")) <= 80
    return result.output


def flat(text: str) -> str:
    """The page as one line, so that where it wraps does not matter."""
    return re.sub(r"\s+", " ", text)


@pytest.fixture(scope="module")
def january(tmp_path_factory):
    out = tmp_path_factory.mktemp("gap")
    return flat(page("gap", *JANUARY, "--since", "2024-01-05", "--out", str(out), "--format", "json,csv")), out


def test_one_page_answers_the_headline_question(january):
    text, _ = january
    assert "Gap 3.6x, 95% confidence interval 1.9x to 7.1x, p = 0.013: $6.5m per MW in the AI group (n = 6)" in text
    assert "$1.8m in the mining group (n = 6)" in text
    assert re.search(r"All 720 definitions .*Interval above 1\.0x in 91%, containing 2\.0x in 79%", text)
    assert "Test of a ratio of 2.0x: p = 0.16" in text
    assert (
        "A ratio of 2.0x cannot be rejected (p = 0.16); ratios between 1.6x and 6.7x are consistent with the data."
        in text
    )
    assert "Findings" in text
    assert "Limitations" in text
    assert "BTBT, CANG (secured MW unknown)" in text
    assert "seed 20260116" in text


def test_the_history_says_what_weeks_it_has_and_what_moved_the_gap(january):
    text, _ = january
    assert "53 weeks measured; 54 excluded: fewer than two companies in a group" in text
    assert re.search(r"Trend: the gap changes by a factor of 1\.\d\d a year", text)
    assert re.search(
        r"the 53 weekly observations overlap and carry about as much information as \d+ independent ones", text
    )
    assert "by companies that changed group, entered or left" in text


def test_the_gap_for_machines_is_what_the_page_says(january):
    _, out = january
    content = json.loads((out / "miners_2026-01-16_gap.json").read_text())
    assert content["chosen"]["ratio"] == pytest.approx(3.614, abs=0.001)
    assert content["definition"]["is_headline"] is True
    assert content["curve"]["shares"][0]["share_above_one"] == pytest.approx(0.911, abs=0.001)
    assert len(content["curve"]["rows"]) == 720
    assert content["history"]["trend"]["n"] == 53
    curve = pd.read_csv(out / "miners_2026-01-16_gap.csv")
    assert len(curve) == 720
    assert curve.loc[curve["is_headline"], "ratio"].item() == pytest.approx(content["chosen"]["ratio"])
    assert len(pd.read_csv(out / "miners_2026-01-16_gap_history.csv")) == 107
    assert len(pd.read_csv(out / "miners_2026-01-16_gap_definitions.csv")) == 12


def test_another_definition_names_the_declared_headline_beside_it():
    text = flat(
        page("gap", *JANUARY, "--spec", "denominator=operating,statistic=aggregate", "--spec", "net_bitcoin=no")
    )
    assert "As requested: EV per operating MW, ratio of aggregates" in text
    assert "Declared headline for comparison: 3.6x (1.9x to 7.1x, p = 0.013)." in text


def test_the_latest_date_says_that_two_companies_allow_little():
    text = flat(page("gap", "--source", "bundled", "--as-of", "2026-10-05"))
    assert "in the AI group (n = 10), " in text
    assert "small sample: 2 companies in the mining group" in text
    assert "no ratio, however large, can reach a p-value below 0.015" in text
    assert re.search(
        r"The share of specifications with an interval above 1\.0x \(\d+%\) overstates the evidence: with groups this small",
        text,
    )


def test_a_day_without_groups_is_a_page_without_numbers():
    text = flat(page("gap", "--source", "bundled", "--as-of", "2024-01-10", "--since", "2024-01-05"))
    assert "Gap: estimate not available (no company in either group)." in text
    assert "Specification curve: no definition has two companies in each group" in text
    assert "History: no week has two companies in each group." in text
    assert "Findings" not in text


def test_regress_prints_every_method_with_n_df_and_draws(tmp_path):
    out = tmp_path / "line.json"
    text = flat(page("regress", *JANUARY, "--out", str(out)))
    assert "OLS, n = 12" in text
    assert "all sign vectors, B = " in text
    assert "Gap implied by the difference in mean shares between the groups: 3.6x; measured gap: 3.6x" in text
    assert "Placebo, trailing AI share (0% to 22% of revenue)" in text
    assert "n = 42, 10 companies, 6 dates" in text
    assert "a sample of this size detects a premium of" in text
    assert "does not show that signing a contract raises a company's value" in text
    content = json.loads(out.read_text())
    assert content["primary"]["headline"]["method"] == "restricted wild bootstrap, HC3-t"
    assert content["primary"]["hc2_bell_mccaffrey"]["df"] == pytest.approx(8.2, abs=0.1)
    assert len(content["controls"]) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["line.json"]


def test_regress_takes_the_controls_asked_for():
    text = page("regress", *JANUARY, "--controls", "leverage,operating_share", "--no-panel")
    assert "debt not converted over EV" in text
    assert "ln of secured MW" not in text
    assert "Panel of quarters: not requested." in text


def test_run_and_regress_tell_the_same_headline(tmp_path):
    run = flat(page("run", "--source", "bundled", *JANUARY, "--out", str(tmp_path / "x.json")))
    regress = flat(page("regress", *JANUARY, "--no-panel"))
    premium = re.search(r"Premium \+434% .*?\(95% confidence interval .*?, p = [\d.]+\)", run)
    assert premium[0] in regress
    written = json.loads((tmp_path / "x.json").read_text())["regression"]
    assert f"p = {written['headline']['p_value']:.3f}" in regress


def test_mix_measures_the_claim_with_its_n():
    text = flat(page("mix", "--source", "bundled", "--as-of", "2026-10-05"))
    assert (
        "In 2026Q1 bitcoin was 62% of revenue over 9 companies with a breakdown, and between 34% and 77% over all 16"
        in text
    )
    assert "On a constant sample of 8 companies the share was 87% a year before and 59% in 2026Q1." in text
    assert re.search(r"2026Q4 comes to 5\d% \(\d+% to \d+%; 15 companies, 5 with mining as the remainder", text)
    assert "contracts have no start date or value" in text
    assert re.search(r"CORZ 2026Q1 78 3\d 2026Q1 already 8 of 8", text)


def test_mix_before_any_revenue_says_that_nothing_is_known():
    assert "Estimate not available for the claim" in flat(page("mix", "--source", "bundled", "--as-of", "2023-12-31"))


def test_events_tell_contracts_and_raises(tmp_path):
    text = flat(
        page("events", "--source", "bundled", "--as-of", "2026-10-05", "--out", str(tmp_path), "--format", "csv")
    )
    assert "Abnormal returns around announcements, weekly, n = 34" in text
    assert "BMP and Kolari-Pynnonen: t(n - 1); Corrado rank: normal" in text
    assert "Excluded, day of the announcement unknown: CORZ" in text
    assert "Excess returns around capital raises, weekly, n = 52" in text
    assert "Small sample: at-the-market (n = 1); 3 dated raises are needed" in text
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == [
        f"miners_2026-10-05_events{part}.csv" for part in ("", "_contracts_tests", "_raises", "_raises_tests")
    ]


def test_events_of_one_kind():
    text = page("events", *JANUARY, "--kind", "raises")
    assert "capital raises" in text
    assert "announcements" not in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("gap", "--spec", "denominator=ai"), "one of secured, operating, weighted"),
        (("gap", "--spec", "colour=red"), "the axis one of denominator"),
        (("gap", "--format", "pdf"), "give one or more of json, csv"),
        (("gap", "--source", "bundled", "--as-of", "2999-01-01"), "in the future"),
        (("regress", "--controls", "beauty"), "known are ln_secured_mw"),
        (("events", "--kind", "weddings"), "contracts"),
        (("events", "--source", "pigeons"), "bundled"),
    ],
)
def test_bad_input_is_a_usage_error(arguments, told):
    result = screener(*arguments)
    assert result.exit_code == 2
    assert told in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("gap", "--source", "bundled", "--as-of", "2019-01-04"), "no close is known"),
        (("gap", *JANUARY, "--since", "2026-01-17"), "no weekly close between"),
        (
            ("regress", "--source", "bundled", "--as-of", "2024-02-01"),
            "the regression cannot be estimated: a regression needs at least 4",
        ),
        (("events", *JANUARY, "--frequency", "daily"), "needs daily closes"),
    ],
)
def test_what_is_not_known_is_one_line_and_exit_2(arguments, told):
    result = screener(*arguments)
    assert isinstance(result.exception, ScreenerError)
    assert told in str(result.exception)
    assert result.exception.exit_code == 2


def test_the_controls_of_the_help_are_those_of_the_study():
    from screener.cli.regress import CONTROLS
    from valuation.regression import study

    assert tuple(study.CONTROLS) == CONTROLS
