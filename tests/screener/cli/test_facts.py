"""`screener facts`, end to end: a universe that stopped in March is brought up to August by a person's approval."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from screener import pipeline, universes
from screener.cli import cli
from screener.cli.facts import _tell as told_of
from screener.errors import NotKnown, ProposalError
from screener.known.standing import standing
from screener.proposals.decide import Decided
from screener.universes.evidence_class import TITLES
from tests.screener.proposals.filings import home_with_cut_miners, of_facts

pytestmark = pytest.mark.takes(30)
DAY = "2026-08-31"
SHEET = ("cash", "debt_total", "shares_outstanding", "btc_held")


def run(*arguments: str):
    return CliRunner().invoke(cli, ["facts", *arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def cut_home(tmp_path_factory):
    return home_with_cut_miners(tmp_path_factory.mktemp("home"))


@pytest.fixture
def miners(cut_home, tmp_path, monkeypatch):
    """A bundled universe that ends in March 2026, in a folder to work in; what was published since as a file of items."""
    whole = universes.load(universes.HOME / "miners").facts
    later = whole[whole["published_on"].gt("2026-03-31") & whole["item"].isin(SHEET)]
    of_facts(later).to_csv(tmp_path / "items.csv", index=False)
    monkeypatch.setattr(universes, "HOME", cut_home)
    monkeypatch.setenv("SCREENER_OVERLAYS", str(tmp_path / "overlays"))
    monkeypatch.chdir(tmp_path)
    return whole


def stale(screen) -> set[str]:
    """Companies with an old balance sheet, by the periods in force: older than 200 days."""
    ages = (pd.Timestamp(DAY) - screen.periods[list(SHEET[:2])]).max(axis=1).dt.days
    return set(ages.index[ages > 200])


@pytest.mark.long
def test_a_stale_universe_is_brought_up_to_date(miners, tmp_path):
    before = pipeline.run("miners", DAY, source="bundled")
    proposed = run("propose", "--from", "items.csv", "--as-of", DAY, "--source", "bundled")
    assert proposed.output.splitlines()[-2:] == [f"Written: proposals/{DAY}.csv", f"Written: proposals/{DAY}.md"]
    file = tmp_path / "proposals" / f"{DAY}.csv"
    rows = pd.read_csv(file)
    doubtful = rows.loc[rows["verdict"] == "needs a person", "proposal_id"]
    assert len(doubtful) > 0  # a reverse split that the cut universe does not know
    first = run("accept", str(file), "--by", "Ann Lee")
    assert f"{len(rows) - len(doubtful)} proposals accepted" in first.output
    assert all(name in first.output for name in doubtful)
    after = pipeline.run("miners", DAY, source="bundled")
    # What nobody published by the day cannot be accepted: by the rows of the whole universe themselves.
    known = miners[miners["published_on"].le(DAY) & miners["item"].isin(SHEET[:2])]
    newest = known.groupby(["ticker", "item"])["period_end"].max().unstack().min(axis=1)
    unpublished = set(newest.index[(pd.Timestamp(DAY) - newest).dt.days > 200])
    assert len(stale(before) - unpublished) > 10
    # A balance that changed by more than a factor of five waits for a person.
    leaps = rows["proposal_id"].isin(doubtful) & rows["item"].isin(SHEET[:2])
    assert stale(after) - unpublished <= set(rows.loc[leaps, "ticker"])
    assert len(stale(after) - unpublished) < 3
    assert (after.facts["source"].str.startswith("overlay/")).sum() > 30
    assert before.manifest["run_id"] != after.manifest["run_id"]
    again = run("accept", str(file), "--by", "Ann Lee")
    assert "0 proposals accepted" in again.output
    name = doubtful.iloc[0]
    assert "1 proposal rejected" in run("reject", str(file), "--only", name, "--reason", "split", "--by", "Ann").output
    run("propose", "--from", "items.csv", "--as-of", DAY, "--source", "bundled", "--out", "later")
    left = pd.read_csv(tmp_path / "later" / f"{DAY}.csv")
    assert set(left["proposal_id"]) == set(doubtful) - {name}


def test_what_is_shown_of_a_company(miners, tmp_path):
    shown = run("show", "APLD", "--item", "cash", "--as-of", "2026-03-31").output
    assert "1,913.4 2025-11-30 2026-01-07" in shown
    assert "in force" in shown
    assert "older period" not in shown
    every = run("show", "APLD", "--item", "cash", "--as-of", "2025-10-08", "--all", "--out", "cash.json").output
    assert max(map(len, every.splitlines())) <= 80
    rows = pd.DataFrame(json.loads((tmp_path / "cash.json").read_text())["facts"])
    assert rows.loc[rows["standing"] == "in force", "value"].tolist() == [41552000.0]
    assert set(rows.loc[rows["published_on"] > "2025-10-08", "standing"]) == {"published later"}
    assert rows["source"].str.fullmatch(r"financials\.csv:\d+").all()
    with pytest.raises(NotKnown, match="did you mean cash"):
        run("show", "APLD", "--item", "csh")


@pytest.mark.parametrize(("count", "lines"), [(10, 13), (11, 5)])
def test_many_proposals_that_are_left_are_counted_by_their_verdict(capsys, count, lines):
    left = {f"P{at:010d}": "needs a person: the sign differs" if at % 2 else "unmapped: no item" for at in range(count)}
    told_of(Decided(("P1",), rejected=("P2",), left=left), "accepted")
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["1 proposal accepted", "1 proposal rejected"]
    assert len(said) == lines
    if count > 10:
        assert said[3:] == ["  5 needs a person", "  6 unmapped"]


def test_standing_of_each_row():
    facts = pd.DataFrame(
        [
            ("cash", "2025-12-31", "2026-02-01", 1.0, "https://www.sec.gov/a", "older period"),
            ("cash", "2026-03-31", "2026-05-01", 2.0, "https://www.sec.gov/a", "in force"),
            ("cash", "2026-03-31", "2026-05-09", 3.0, "https://example.com", f"overruled: {TITLES[2]}"),
            ("debt_total", "2026-03-31", "2026-05-01", 2.0, "https://www.sec.gov/a", "restated on 2026-05-02"),
            ("debt_total", "2026-03-31", "2026-05-02", 3.0, "https://www.sec.gov/a", "in force"),
            ("debt_total", "2026-03-31", "2026-07-02", 4.0, "https://www.sec.gov/a", "published later"),
            ("revenue_total", "2025-12-31", "2026-05-01", 2.0, "https://www.sec.gov/a", "in force"),
            ("revenue_total", "2026-03-31", "2026-05-01", 2.0, "https://www.sec.gov/a", "in force"),
        ],
        columns=["item", "period_end", "published_on", "value", "source_url", "expected"],
    ).assign(ticker="AAA", file="financials.csv")
    for name in ("period_end", "published_on"):
        facts[name] = pd.to_datetime(facts[name])
    found = standing(facts.sample(frac=1.0, random_state=1), pd.Timestamp("2026-07-01"))
    assert found["standing"].tolist() == found["expected"].tolist()
    assert len(found) == len(facts)


def test_bad_input_is_told_with_its_place(miners, tmp_path):
    without = CliRunner().invoke(cli, ["facts", "propose", "--source", "bundled"])
    assert isinstance(without.exception, NotKnown)
    assert "screener update" in str(without.exception)
    text = (tmp_path / "items.csv").read_text().splitlines()
    (tmp_path / "bad.csv").write_text(
        "\n".join([text[0], text[1].replace(",usd,", ",usd,", 1).replace("filing", "letter")])
    )
    with pytest.raises(ProposalError, match=r"bad\.csv:2: kind 'letter': expected one of"):
        run("propose", "--from", "bad.csv", "--as-of", DAY, "--source", "bundled")
    (tmp_path / "bad.csv").write_text("ticker\nAPLD\n")
    with pytest.raises(ProposalError, match=r"bad\.csv:1: item: expected a column"):
        run("propose", "--from", "bad.csv", "--as-of", DAY, "--source", "bundled")
