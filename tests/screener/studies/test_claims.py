"""Claims of the bundled universe and of a person's own file."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest
from click.testing import CliRunner

from exports.tables.claims import claims_page, value_text
from screener import universes
from screener.cli import cli
from screener.errors import NotKnown, UniverseError
from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.studies.claims import MEASURES, check_claims, find, read_claims
from valuation.assumptions import Assumptions

HEADER = "claim_id,said_on,said_by,subject,statement,measure,claimed_value,unit,evaluated_on,note\n"
# Read off the rule and the data by hand, before the program ran; the four without a comment are facts of contracts.csv.
EXPECTED = {
    "PRESS-GAP": "not determinable",
    "PRESS-CONTRACTS": "holds",  # 66.1 bn against 65
    "PRESS-MIX-BEFORE": "holds",  # RIOT: 55.8 of 70.0 m in the second quarter of 2024
    "PRESS-MIX-AFTER": "not yet due",
    "PRESS-CROSSOVER": "does not hold",  # APLD, CORZ, WULF and IREN had passed by the second quarter of 2026
    "PRESS-10-100": "holds",  # 9.7 m per MW-year over 0.90
    "PRESS-IREN-VALUE": "holds",
    "PRESS-IREN-REVENUE": "holds",
    "PRESS-IREN-MW": "holds",
    "PRESS-IREN-MARGIN": "holds",
    "PRESS-IREN-PREPAYMENT": "holds",
    "PRESS-IREN-PRICE": "holds in part",  # 42.70 to 57.82
    "PRESS-IREN-GPUS": "not yet due",
    "PRESS-HUT-VALUE": "holds",
    "PRESS-CLSK-POWER": "holds",  # 1,312 MW
    "PRESS-CLSK-RAISE": "holds",
    "PRESS-KEEL-EXIT": "not yet due",
    "PRESS-MARA-BTC": "holds",  # 52,850 BTC
    "PRESS-STAYERS": "holds",  # reward over hashrate of four weeks: 0.437 in January, 0.499 in August
    "PRESS-TEXAS": "holds in part",
}


@pytest.fixture(scope="module")
def data():
    return InputData.of(universes.load("miners"))


@pytest.fixture(scope="module")
def config():
    return resolve_config("miners", assumptions=replace(Assumptions(), bootstrap_draws=299))


@pytest.fixture(scope="module")
def checked(config, data):
    return check_claims(config, data, "2026-10-05")


def of(checked, name: str):
    return next(one for one in checked.checked if one.claim["claim_id"] == name)


def test_all_claims_of_the_universe_get_their_verdicts(checked, data):
    found = checked.frame["verdict"].to_dict()
    assert list(found) == data.claims["claim_id"].tolist()
    assert len(found) == 21
    widens = found.pop("PRESS-GAP-WIDENS")
    assert widens in ("does not hold", "not determinable")  # whether a trend can be told is the history's business
    assert found == EXPECTED


def test_two_to_one_in_january(checked):
    then = of(checked, "PRESS-GAP").then
    # Ratio of the medians of EV per secured MW, recomputed from the screen on 2026-01-16: 3.07.
    assert then.low <= 2 <= then.high
    assert then.high / then.low > 2
    assert then.value == pytest.approx(3.07, rel=0.15)
    assert then.n == 13


def test_signed_value_excludes_what_was_not_announced(checked):
    one = of(checked, "PRESS-CONTRACTS")
    assert one.then.value == pytest.approx(66.051e9)
    assert (one.then.status, one.then.n) == ("proxy", 20)
    assert one.today.value > 2 * one.then.value


def test_ten_of_gpus_against_a_hundred_of_mining(checked):
    then = of(checked, "PRESS-10-100").then
    assert then.value == pytest.approx(10.8, abs=0.05)
    assert "before the GPUs are paid" in then.note


def test_weekly_closes_of_a_month(checked, data):
    then = of(checked, "PRESS-IREN-PRICE").then
    mine = data.closes[(data.closes["ticker"] == "IREN") & data.closes["date"].between("2026-01-01", "2026-01-31")]
    assert (then.first, then.last, then.n) == (mine["close_usd"].min(), mine["close_usd"].max(), len(mine))


def test_what_is_not_yet_due_tells_the_figure_so_far(checked):
    after = of(checked, "PRESS-MIX-AFTER")
    # CORZ: 21.5 of 164.2 m USD in the second quarter of 2026, without a one-off.
    assert after.today.value == pytest.approx(21.5 / 164.2)
    assert "CORZ in 2026Q2" in after.today.note
    assert after.verdict.reason.startswith("already so")
    exit_ = of(checked, "PRESS-KEEL-EXIT")
    assert (exit_.today.value, exit_.verdict.reason.partition(" by")[0]) == (341.0, "not so")


def test_the_stayers_earn_more_bitcoin_per_hash(checked, data):
    weeks = data.network.dropna(subset=["hashrate_eh_per_s", "reward_and_fees_btc_per_day"]).set_index("date")
    january, august = weeks.loc["2026-01-09":"2026-01-30"], weeks.loc["2026-08-07":"2026-08-28"]
    assert len(january) == len(august) == 4
    rate = [w["reward_and_fees_btc_per_day"].sum() / w["hashrate_eh_per_s"].sum() for w in (january, august)]
    one = of(checked, "PRESS-STAYERS")
    assert one.then.value == pytest.approx(rate[1] / rate[0] - 1)
    assert one.then.status == "stale"


def test_every_figure_has_its_sources(checked):
    counted = checked.sources.groupby("claim_id").size()
    known = [one.claim["claim_id"] for one in checked.checked if one.then.is_known]
    assert set(known) <= set(counted.index)
    facts = checked.sources[~checked.sources["source"].str.startswith(("prices", "network"))]
    assert facts["source_url"].notna().mean() > 0.99
    assert (checked.sources["published_on"] <= pd.Timestamp("2026-10-05")).all()


def test_claims_made_later_are_not_looked_at(config, data):
    found = check_claims(config, data, "2026-01-16")
    assert len(found.checked) + len(found.later) == 21
    assert {one.claim["said_on"] <= pd.Timestamp("2026-01-16") for one in found.checked} == {True}
    assert "PRESS-GAP" in found.later


def own(tmp_path, *rows: str):
    path = tmp_path / "mine.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n")
    return path


def test_a_file_of_ones_own_with_a_metric_of_the_registry(tmp_path, config, data):
    path = own(
        tmp_path,
        "A,2026-02-01,me,CLSK,secured power is 1312 MW,secured_mw,1312,mw,2026-01-16,",
        "B,2026-02-01,me,HUT,an AI share below 5%,ai_share_contracted,< 0.05,fraction,latest,",
        "C,2026-02-01,me,CIFR,total value,total value,9000000000,usd,latest,",
        "D,2026-02-01,me,IREN,close,close,40,usd,2020-01-31,",
    )
    found = check_claims(config, data, "2026-10-05", read_claims(path))
    assert found.frame["verdict"].to_dict() == {
        "A": "holds", "B": "does not hold", "C": "does not hold", "D": "not determinable",
    }  # fmt: skip
    # Of CIFR's contracts announced by February 2026 the one with Amazon alone is still in force: 5.5 bn of 9 is 39% off.
    assert of(found, "C").today.value == 5.5e9


def test_a_contract_that_has_ended_is_none_of_which_a_claim_can_speak(tmp_path, config, data):
    path = own(tmp_path, "A,2025-12-01,me,CIFR,Fluidstack lease,total value,3830000000,usd,2026-01-16,")
    one = check_claims(config, data, "2026-10-05", read_claims(path)).checked[0]
    assert (one.then.value, one.verdict.verdict) == (3.83e9, "holds")
    assert not one.today.is_known
    assert "no contract in force" in one.today.why


@pytest.mark.parametrize(
    ("row", "column", "near"),
    [
        ("A,2026-02-01,me,IREN,s,secured MWs,1,mw,latest,", "measure", "did you mean secured MW?"),
        ("A,2026-02-01,me,IRENN,s,secured MW,1,mw,latest,", "subject", "did you mean IREN?"),
        ("A,2026-02-01,me,sector,s,secured MW,1,mw,latest,", "subject", "a ticker"),
        ("A,2026-02-01,me,IREN,s,secured MW,1,usd,latest,", "unit", "mw"),
        ("A,2026-02-01,me,IREN,s,secured MW,many,mw,latest,", "claimed_value", "a number"),
        ("A,2026-02-01,me,IREN,s,secured MW,1,mw,someday,", "evaluated_on", "latest"),
        ("A,2026-02-01,me,IREN,s,group,1,text,latest,", "measure", "a measure of"),
    ],
)
def test_a_fault_names_file_line_and_the_nearest(tmp_path, config, data, row, column, near):
    with pytest.raises(UniverseError) as raised:
        check_claims(config, data, "2026-10-05", read_claims(own(tmp_path, row)))
    problem = raised.value.problems[0]
    assert (problem.file, problem.line, problem.column) == ("mine.csv", 2, column)
    assert near in problem.expected


def test_all_faults_of_a_file_at_once(tmp_path):
    path = own(tmp_path, "A,2026-13-01,me,IREN,s,close,1,usd,latest,", "B,2026-02-01,,IREN,s,close,1,usd,latest,",
               "B,2026-02-01,me,IREN,s,close,1,usd,latest,")  # fmt: skip
    with pytest.raises(UniverseError) as raised:
        read_claims(path)
    assert [(one.line, one.column) for one in raised.value.problems] == [
        (2, "said_on"),
        (3, "said_by"),
        (4, "claim_id"),
    ]
    with pytest.raises(NotKnown, match="no file"):
        read_claims(tmp_path / "none.csv")


def test_every_measure_of_the_universe_is_registered_and_described(data):
    assert {find(str(text)).name for text in data.claims["measure"]} <= set(MEASURES)
    assert [name for name, one in MEASURES.items() if not one.about.endswith(".")] == []
    with pytest.raises(NotKnown, match="did you mean total value"):
        find("total values")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(1.15e9, "usd", "$1.15bn"), (65e9, "usd", "$65bn"), (66.051e9, "usd", "$66.1bn"), (169.19e9, "usd", "$169bn"),
     (42.7, "usd", "$42.70"), (43, "usd", "$43"), (2.0, "ratio", "2.0x"), (0.2, "percent", "20%"), (1312, "mw", "1,312 MW"),
     (-0.578, "per year", "-58%"), (0.0, "change", "0%")],
)  # fmt: skip
def test_figures_of_claims_in_words(value, unit, text):
    assert value_text(value, unit) == text


def test_the_page_fits_80_columns_and_the_files_hold_every_source(checked, tmp_path):
    page = claims_page(checked)
    assert len(page.tables[0].frame) == 21
    run = ["claims", "--as-of", "2026-10-05", "--source", "bundled", "--out", str(tmp_path), "--format", "json,csv"]
    done = CliRunner().invoke(cli, run)
    assert done.exit_code == 0, done.output
    lines = [line.rstrip() for line in done.output.splitlines() if not line.startswith("Written")]
    assert max(map(len, lines)) <= 80
    # No name is broken over two lines.
    assert sum(line.startswith("PRESS-") for line in lines) == 21
    content = json.loads((tmp_path / "miners_2026-10-05_claims.json").read_text())
    assert {row["claim_id"] for row in content["claims"]} == set(checked.frame.index)
    crossover = next(row for row in content["claims"] if row["claim_id"] == "PRESS-CROSSOVER")
    assert crossover["then_value"] == "2026Q1"
    assert len(pd.read_csv(tmp_path / "miners_2026-10-05_claims_sources.csv")) == len(content["sources"])


def test_the_measures_are_listed():
    done = CliRunner().invoke(cli, ["claims", "--measures"])
    assert done.exit_code == 0
    assert [name for name in MEASURES if name not in " ".join(done.output.split())] == []
