"""`screener gap`, `regress`, `mix` and `events` as a user types them."""

from __future__ import annotations

import itertools
import json
import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from screener import universes
from screener.cli import cli
from screener.errors import ScreenerError
from tests.screener import january as by_hand

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


@pytest.fixture(scope="module")
def multiples(tmp_path_factory) -> tuple[np.ndarray, np.ndarray]:
    """EV per secured MW of both groups on 16 January 2026."""
    out = tmp_path_factory.mktemp("screen") / "screen.csv"
    assert screener("run", *JANUARY, "--out", str(out)).exit_code == 0
    frame = pd.read_csv(out, index_col="ticker").drop(index=["WYFI", "ABTC", "CRWV", "GLXY", "NBIS"])
    known = frame[frame["ev_per_mw_secured"].notna()]
    return tuple(known.loc[known["group"] == name, "ev_per_mw_secured"].to_numpy() for name in ("pivot", "bitcoin"))


def enumerated(pivot: np.ndarray, mining: np.ndarray) -> float:
    """p of the rank-sum test over every assignment of labels, written out: twice the smaller tail of the sum of ranks."""
    rank = {value: place for place, value in enumerate(sorted([*pivot, *mining]), start=1)}
    mine = sum(rank[value] for value in pivot)
    sums = [sum(chosen) for chosen in itertools.combinations(range(1, len(rank) + 1), len(pivot))]
    tails = np.mean([one <= mine for one in sums]), np.mean([one >= mine for one in sums])
    return float(min(1.0, 2 * min(tails)))


def test_one_page_answers_the_headline_question(january, multiples):
    text, out = january
    pivot, mining = multiples
    found = re.search(r"Gap ([\d.]+)x, 95% confidence interval ([\d.]+)x to ([\d.]+)x, p = ([\d.]+): ", text)
    gap, low, high, p = map(float, found.groups())
    assert gap == round(by_hand.GAP, 1)
    pairs = sorted(a / b for a in pivot for b in mining)
    assert (low, high) == (round(pairs[6], 1), round(pairs[35], 1))  # the 7th and the 36th of 42
    assert p == pytest.approx(enumerated(pivot, mining), abs=5e-4)  # 4 of the 1,716 ways to choose 7 of 13
    assert enumerated(pivot, mining) == pytest.approx(4 / 1716)
    assert f"${by_hand.CORZ:.1f}m per MW in the AI group (n = 7), ${by_hand.MINING:.1f}m in the mining group" in text
    assert f"Medians {by_hand.MEDIANS:.1f}x 7 6" in text  # without an interval of its own
    # U of 6 or less: 30 of the 1,716 in each tail. The smallest p is that of the two perfectly parted assignments.
    assert "smallest attainable p = 0.001" in text
    assert "(level reached 96.5%)" in text
    curve = pd.read_csv(out / "miners_2026-01-16_gap.csv")
    above = (curve["ratio"] > 1) & (curve["p_value"] <= 0.05)
    share = f"{(curve['ratio'] > 1).mean():.0%}, with a p of at most 5% in {above.mean():.0%}"
    assert re.search(rf"All {len(curve)} definitions .*Ratio above 1\.0x in {share}", text)
    claimed = f"{enumerated(pivot, 2 * mining):.2f}"
    assert f"Test of a ratio of 2.0x: p = {claimed}" in text
    told = (
        rf"A ratio of 2\.0x cannot be rejected \(p = {claimed}\); ratios between ([\d.]+)x and ([\d.]+)x are consistent"
    )
    low, high = map(float, re.search(told, text).groups())
    # Just outside the rounded bounds a ratio is rejected, just inside it is not.
    assert [enumerated(pivot, ratio * mining) > 0.05 for ratio in (low - 0.1, low + 0.1, high - 0.1, high + 0.1)] == [
        False, True, True, False]  # fmt: skip
    assert "Findings" in text
    assert "Limitations" in text
    assert "CANG (secured MW unknown)" in text
    assert "seed 20260116" in text


def test_the_history_says_what_weeks_it_has_and_what_moved_the_gap(january):
    text, out = january
    weeks = pd.read_csv(out / "miners_2026-01-16_gap_history.csv")
    measured = int((weeks[["n_pivot", "n_bitcoin"]].min(axis=1) >= 3).sum())
    told = f"{measured} weeks measured; {107 - measured} excluded: fewer than 3 companies in a group"
    assert len(weeks) == 107  # Fridays from 5 January 2024 to 16 January 2026
    assert told in text
    known = weeks[weeks["ratio"].notna()]
    assert len(known) == measured
    # Least squares of the log ratio on time, in years.
    years = (pd.to_datetime(known["as_of"]) - pd.Timestamp("2024-01-05")).dt.days / 365.25
    growth = np.exp(np.polyfit(years, np.log(known["ratio"]), 1)[0])
    assert re.search(rf"No trend of the gap can be established \(.*\): factor of {growth:.2f} a year", text)
    assert f"factor of {growth:.2f} a year, p" not in text  # nothing is claimed
    assert re.search(
        rf"the {measured} weekly observations overlap and carry about as much information as \d+ independent ones", text
    )
    assert "by companies that changed group, entered or left" in text


def test_the_gap_for_machines_is_what_the_page_says(january):
    _, out = january
    content = json.loads((out / "miners_2026-01-16_gap.json").read_text())
    assert content["chosen"]["ratio"] == pytest.approx(by_hand.GAP)
    assert content["definition"]["is_headline"] is True
    assert len(content["curve"]["rows"]) == 960  # 3 denominators, 16 settings of 4 switches, 5 rules, 4 statistics
    assert content["chosen"]["statistic"] == "hodges_lehmann"
    assert content["lead"]["leads"] == "gap"
    curve = pd.read_csv(out / "miners_2026-01-16_gap.csv")
    assert len(curve) == 960
    assert content["curve"]["shares"][0]["share_ratio_above_one"] == pytest.approx((curve["ratio"] > 1).mean())
    assert curve.loc[curve["statistic"] != "hodges_lehmann", ["low", "high"]].isna().all(axis=None)
    assert curve.loc[curve["is_headline"], "ratio"].item() == pytest.approx(content["chosen"]["ratio"])
    history = pd.read_csv(out / "miners_2026-01-16_gap_history.csv")
    assert len(history) == 107
    assert content["history"]["trend"]["weeks"] == history["low"].notna().sum()
    assert history.iloc[-1][["ratio", "low", "high"]].tolist() == pytest.approx(
        [content["chosen"][name] for name in ("ratio", "low", "high")]
    )
    assert len(pd.read_csv(out / "miners_2026-01-16_gap_definitions.csv")) == 20


def test_the_gap_without_each_tenant_from_the_companies_that_remain(january):
    text, out = january
    content = json.loads((out / "miners_2026-01-16_gap.json").read_text())
    rows = pd.read_csv(out / "miners_2026-01-16_gap_tenants.csv").set_index("party")
    assert rows.loc[["Fluidstack", "Google"], "excluded"].tolist() == ["CIFR, HUT, WULF"] * 2
    assert rows.loc[["CoreWeave", "Google", "Fluidstack"], "role"].tolist() == ["tenant", "guarantor", "tenant"]
    assert rows.at["CoreWeave", "excluded"] == "APLD, CORZ"  # Galaxy's leases are outside the sample
    screen = pd.DataFrame(content["without_each_tenant"]["rows"]).set_index("party")
    assert screen["ratio"].tolist() == pytest.approx(rows["ratio"].tolist())
    low, high = rows["ratio"].min(), rows["ratio"].max()
    assert f"the gap ranges from {low:.1f}x (excluding APLD, CORZ: CoreWeave) to {high:.1f}x" in text
    assert "Companies that share a tenant are not independent" in text
    kept = content["without_each_tenant"]["size_with_two_tenant_clusters"]
    assert (kept["simulations"], kept["seed"], len(kept["designs"])) == (20_000, 20260116, 5)


def test_multiples_of_revenue_stand_beside_the_headline_on_its_companies(january):
    text, out = january
    rows = pd.read_csv(out / "miners_2026-01-16_gap_definitions.csv")
    typical = rows[rows["statistic"] == "hodges_lehmann"].set_index("metric")
    assert typical.loc["ev_to_ntm_revenue", ["n_pivot", "n_bitcoin"]].tolist() == [7, 6]
    assert typical.loc["ev_to_contracted_revenue", ["n_pivot", "n_bitcoin"]].tolist() == [7, 1]  # RIOT's AMD lease
    assert np.isnan(typical.at["ev_to_contracted_revenue", "ratio"])
    assert "Completed EV / contracted revenue: 1 company in the mining group, a group comparison needs 3." in text
    assert "On EV over revenue of the next twelve months the typical ratio is" in text
    assert "On completed EV" not in text


def test_the_companies_present_throughout_are_named_and_stand_beside_the_history(january):
    text, out = january
    told = json.loads((out / "miners_2026-01-16_gap.json").read_text())["history"]["present_throughout"]
    weeks = pd.read_csv(out / "miners_2026-01-16_gap_history.csv").set_index("as_of")
    since = weeks.index[weeks["ratio"].notna()][0]
    assert told["since"][:10] == since == "2024-11-15"
    sizes = weeks.loc[since:, ["n_pivot_throughout", "n_bitcoin_throughout"]].sum(axis=1)
    assert sizes.eq(len(told["companies"])).all()
    assert (
        f"Present throughout: the typical ratio among the {len(told['companies'])} companies with a figure in every"
        in text
    )
    assert f"({', '.join(told['companies'])})" in text
    last = weeks["ratio_throughout"].dropna().iloc[-1]
    assert f"and {last:.1f}x on 16 January 2026" in text


def test_run_and_gap_say_the_same_headline(january, tmp_path):
    content = json.loads((january[1] / "miners_2026-01-16_gap.json").read_text())
    text = flat(page("run", *JANUARY, "--out", str(tmp_path / "x.json")))
    run = json.loads((tmp_path / "x.json").read_text())
    assert run["gap"]["headline"] == content["chosen"] == content["gap"]["headline"]
    assert run["lead"] == content["lead"]
    figures = re.search(r"Gap ([\d.]+x), (95% confidence interval [\d.x to]+, p = [\d.]+\d)", january[0])
    assert f"Gap {figures[1]} per secured MW: typical ratio (Hodges-Lehmann), {figures[2]};" in text


def test_another_definition_names_the_declared_headline_beside_it(january):
    text = flat(
        page("gap", *JANUARY, "--spec", "denominator=operating,statistic=aggregate", "--spec", "net_bitcoin=no")
    )
    assert "As requested: EV per operating MW, ratio of aggregates" in text
    headline = re.search(r"Gap ([\d.]+x), (95% confidence interval [\d.x to]+, p = [\d.]+\d)", january[0])
    assert f"Declared headline for comparison: {headline[1]} ({headline[2]})." in text


def test_one_company_in_a_group_has_no_estimate():
    # On 11 October 2024 only CORZ has contracts of 25 MW or more.
    text = flat(page("gap", "--source", "bundled", "--as-of", "2024-10-11", "--spec", "rule=mw25"))
    assert "Gap: estimate not available (1 company in the AI group, a group comparison needs 3)." in text
    assert "With 1 AI-group company there is no group comparison, which needs 3 in each group" in text
    assert "n/a to n/a" not in text


def test_on_the_latest_date_the_line_leads_and_says_why(tmp_path):
    day = ("--source", "bundled", "--as-of", "2026-10-05")
    text = flat(page("gap", *day, "--out", str(tmp_path / "gap.json")))
    why = "With 2 mining companies there is no group comparison, which needs 3 in each group: the regression on contracted "
    assert f"{why}share leads." in text
    assert "Gap: estimate not available (2 companies in the mining group, a group comparison needs 3)." in text
    assert "The gap is" not in text  # neither significant nor not
    assert "no gap is claimed" in text
    run = flat(page("run", *day, "--out", str(tmp_path / "run.json")))
    assert f"{why}share leads." in run
    found = json.loads((tmp_path / "gap.json").read_text())
    screen = json.loads((tmp_path / "run.json").read_text())
    assert screen["lead"] == found["lead"]
    assert found["chosen"]["n_pivot"] == 11
    assert found["chosen"]["n_bitcoin"] == 2
    # b x the mean share of the eleven, from the rows of the screen.
    rows = pd.DataFrame(screen["table"]).set_index("ticker").drop(index=list(screen["excluded"]))
    rows = rows[rows["ev_per_mw_secured"].notna() & rows["group"].notna()]
    slope = np.polyfit(rows["ai_share_contracted"], np.log(rows["ev_per_mw_secured"]), 1)[0]
    share = rows.loc[rows["group"] == "pivot", "ai_share_contracted"].mean()
    line = found["lead"]["line"]
    assert (line["share"], line["ratio"]) == pytest.approx((share, np.exp(slope * share)))
    assert line["low"] < line["ratio"] < line["high"]
    assert f"Gap {line['ratio']:.1f}x implied by the regression per secured MW" in text
    assert f"Gap {line['ratio']:.1f}x implied by the regression per secured MW" in run
    assert [one["n"] for one in found["lead"]["terciles"]] == [4, 5, 4]


def test_a_day_without_groups_is_a_page_without_numbers():
    text = flat(page("gap", "--source", "bundled", "--as-of", "2024-01-10", "--since", "2024-01-05"))
    assert "Gap: estimate not available (no company in either group)." in text
    assert "Specification curve: no definition has three companies in each group" in text
    assert "History: no week has three companies in each group." in text
    assert "With no AI-group company and no mining company in the statistics there is no group comparison" in text


def test_regress_prints_every_method_with_n_df_and_draws(tmp_path):
    out = tmp_path / "line.json"
    text = flat(page("regress", *JANUARY, "--out", str(out)))
    assert "OLS, n = 13" in text
    assert "all sign vectors, B = " in text
    assert "Second regressor, leased share (0% to 100% of secured MW)" in text
    assert "The leased share of secured MW, a second regressor, is associated with value" in text
    # BTBT's quarter of September 2025 was 65% AI.
    assert "Placebo, trailing AI share (0% to 65% of revenue)" in text
    assert "a sample of this size detects a premium of" in text
    assert "does not show that signing a contract raises a company's value" in text
    content = json.loads(out.read_text())
    assert content["primary"]["headline"]["method"] == "restricted wild bootstrap, HC3-t"
    sample = pd.DataFrame(content["primary"]["sample"])
    slope = np.polyfit(sample["share"], sample["ln_value"], 1)[0]
    is_pivot = sample["share"] >= 0.2
    implied = np.exp(slope * sample.loc[is_pivot, "share"].mean())
    told = f"from no share to the AI group's mean share: {implied:.1f}x; measured gap: {by_hand.GAP:.1f}x"
    assert told in text
    assert 2 < content["primary"]["hc2_bell_mccaffrey"]["df"] < 11
    panel = content["panel"]
    assert f"n = {panel['n']}, {panel['firms']} companies, {panel['dates']} dates" in text
    assert (panel["firms"], panel["dates"]) == (12, 6)
    assert 2 * panel["firms"] <= panel["n"] <= panel["firms"] * panel["dates"]
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
    premium = re.search(r"Premium \+(\d+)% .*?\(95% confidence interval .*?, p [<=] [\d.]+\)", run)
    assert premium[0] in regress
    written = json.loads((tmp_path / "x.json").read_text())["regression"]
    # 1 + the premium is exp(slope), the slope of a line through the same points drawn by numpy.
    sample = pd.DataFrame(written["sample"])
    slope = np.polyfit(sample["share"], sample["ln_value"], 1)[0]
    assert int(premium[1]) == round(100 * (np.exp(slope) - 1))
    assert written["headline"]["p_value"] < 0.001
    assert "p < 0.001" in premium[0]


def test_mix_measures_the_claim_with_its_n():
    text = flat(page("mix", "--source", "bundled", "--as-of", "2026-10-05"))
    # Mining and recurring revenue in m USD, from financials.csv; APLD's May quarter (its middle is in April) less 152.4
    # of fit-out: 258.7 - 152.4.
    mining = {"APLD": 0, "CIFR": 24.837, "CLSK": 138.006, "CORZ": 21.5, "HUT": 67.015, "IREN": 66.7, "WULF": 12.835}
    total = {
        "APLD": 106.3,
        "CIFR": 24.837,
        "CLSK": 138.006,
        "CORZ": 164.2,
        "HUT": 74.932,
        "IREN": 137.225,
        "WULF": 44.767,
    }
    rest = 228.8 + 174.881 + 174.235  # BTDR, MARA, RIOT: a total and no breakdown
    all_ten, known = sum(total.values()) + rest, sum(mining.values())
    assert (
        f"In 2026Q2 bitcoin was {known / sum(total.values()):.0%} of revenue over 7 companies with a breakdown, and between "
        f"{known / all_ten:.0%} and {(known + rest) / all_ten:.0%} over all 10"
    ) in text
    both = ("CIFR", "CLSK", "CORZ", "IREN", "WULF")  # known in the second quarter of 2025 too
    before = (43.565 + 198.6 + 62.4 + 180 + 47.6) / (43.565 + 198.6 + 78.628 + 187 + 47.6)
    now = sum(mining[name] for name in both) / sum(total[name] for name in both)
    assert (
        f"On a constant sample of 5 companies the share was {before:.0%} a year before and {now:.0%} in 2026Q2." in text
    )
    assert re.search(r"2026Q4 comes to \d+% \(\d+% to \d+%; 15 companies, 3 with mining as the remainder", text)
    assert "contracts have no start date or value" in text
    # 21.5 of mining in the quarter (rounded to even), and at today's hashprice beside it.
    assert re.search(
        r"CORZ 2026Q2 137 2[12] 2\d 2026Q1 already 0 of 8", text
    )  # 77.5 of AI against 30.1 of mining in 2026Q1


def test_mix_before_any_revenue_says_that_nothing_is_known():
    assert "Estimate not available for the claim" in flat(page("mix", "--source", "bundled", "--as-of", "2023-12-31"))


def test_events_tell_contracts_and_raises(tmp_path):
    text = flat(
        page("events", "--source", "bundled", "--as-of", "2026-10-05", "--out", str(tmp_path), "--format", "csv")
    )
    events = pd.read_csv(tmp_path / "miners_2026-10-05_events.csv")
    assert f"Abnormal returns around announcements, weekly, n = {len(events)}" in text
    assert events["ticker"].isin(universes.load("miners").companies["ticker"]).all()
    assert "BMP and Kolari-Pynnonen: t(n - 1); Corrado rank: normal" in text
    assert "Excluded, day of the announcement unknown: CORZ" in text
    raises = pd.read_csv(tmp_path / "miners_2026-10-05_events_raises.csv")
    assert f"Excess returns around capital raises, weekly, n = {len(raises)}" in text
    assert "came after the close" in text
    assert "Excluded, day of the announcement not on file: " in text
    assert "earlier events (2 to 10 weeks of 28 of " in text
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
            "the regression cannot be estimated: a regression needs at least 5",
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
