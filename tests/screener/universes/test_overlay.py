"""An overlay: a person's rows over a bundled universe; told by its own file and line, hashed, and shown where it differs."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from screener import pipeline, universes
from screener.cli import cli
from screener.errors import UniverseError
from screener.gathering import InputData
from screener.universes import overlay

HEADER = "ticker,item,period_end,published_on,value,unit,source_url,evidence,confidence\n"
SEC = "https://www.sec.gov/Archives/edgar/data/1/x.htm"
DECIDED = "proposal_id,ticker,item,period_end,value,decision,by,at,reason,file,previous_value\n"
# Bundled: APLD's cash of 2026-08-31, 2,949,909,000, published on 2026-10-07.
OTHER = f"APLD,cash,2026-08-31,2026-10-07,2500000000,usd,{SEC},own reading,high\n"


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("SCREENER_OVERLAYS", str(tmp_path))
    place = tmp_path / "miners"
    place.mkdir()
    return place


def run(*arguments: str):
    return CliRunner().invoke(cli, list(arguments), catch_exceptions=False)


def test_without_an_overlay_nothing_is_asked_but_whether_it_is_there(monkeypatch, tmp_path):
    monkeypatch.setenv("SCREENER_OVERLAYS", str(tmp_path / "none"))
    asked = []
    monkeypatch.setattr(Path, "glob", lambda self, pattern: asked.append(self) or iter(()))
    assert overlay.contents(overlay.folder("miners")) == {}
    assert asked == []


def test_facts_are_appended_and_the_overlay_is_used(home):
    (home / "financials.csv").write_text(HEADER + OTHER)
    loaded = universes.load("miners")
    plain = universes.load(universes.HOME / "miners")
    assert (plain.overlay, len(plain.conflicts), loaded.overlay) == (None, 0, home)
    assert len(loaded.facts) == len(plain.facts) + 1
    assert loaded.hashes == plain.hashes | {
        "overlay/financials.csv": hashlib.sha256((HEADER + OTHER).encode()).hexdigest()
    }
    screens = [pipeline.run(one, "2026-10-09", source="bundled") for one in (loaded, plain)]
    used = screens[0].facts.query("ticker == 'APLD' and item == 'cash'")
    assert used[["value", "source"]].values.tolist() == [[2.5e9, "overlay/financials.csv:2"]]
    ev = [screen.table.loc["APLD", "enterprise_value_usd"] for screen in screens]
    assert ev[0] - ev[1] == pytest.approx(2949909000 - 2.5e9)
    assert screens[0].manifest["run_id"] != screens[1].manifest["run_id"]


def test_a_company_can_be_added(home):
    (home / "companies.csv").write_text("ticker,name,role,ev_meaningful\nNEWC,New Compute,miner,yes\n")
    (home / "prices.csv").write_text("date,ticker,close_usd\n2026-10-02,NEWC,4\n")
    (home / "financials.csv").write_text(
        HEADER + f"NEWC,shares_outstanding,2026-09-30,2026-10-01,1000000,shares,{SEC},x,high\n"
    )
    screen = pipeline.run("miners", "2026-10-05", source="bundled")
    assert screen.bridge.loc["NEWC", "equity_value_usd"] == pytest.approx(4e6)


def test_problems_name_the_file_and_line_of_the_overlay(home):
    (home / "financials.csv").write_text(
        f"# mine\n{HEADER}APLD,cash,2026-06-30,2026-08-01,1,usd,{SEC},x,high\n"
        f"XXXX,cash,2026-06-30,2026-08-01,1,usd,{SEC},x,high\n"
        f"APLD,cash,2026-06-30,2026-08-01,2,usd,{SEC},x,high\n"
        f"APLD,cash,2026-09-30,2026-08-01,-2,btc,{SEC},x,high\n"
        f"APLD,cash,2026-03-31,1.8.2026,1,usd,{SEC},x,sure\n"
    )
    (home / "phases.csv").write_text(
        "contract_id,date,critical_it_mw,status,published_on,source_url,evidence,confidence\n"
        f"HUT-FLUIDSTACK-202512,2027-06-30,300,planned,2026-10-01,{SEC},x,high\n"
    )
    found = [(one.file, one.line, one.column) for one in universes.check("miners")]
    assert found == [
        ("overlay/financials.csv", 4, "ticker"),
        ("overlay/financials.csv", 5, "ticker"),  # the row of line 3 again
        ("overlay/financials.csv", 6, "published_on"),
        ("overlay/financials.csv", 6, "unit"),
        ("overlay/financials.csv", 6, "value"),
        ("overlay/financials.csv", 7, "confidence"),
        ("overlay/financials.csv", 7, "published_on"),
        ("overlay/phases.csv", 2, "contract_id"),
    ]
    with pytest.raises(UniverseError, match=r"overlay/financials\.csv:4"):
        universes.load("miners")


def test_a_difference_from_the_bundled_figure_is_shown_and_the_overlay_stands(home):
    (home / "financials.csv").write_text(HEADER + OTHER)
    loaded = universes.load("miners")
    row = loaded.conflicts.iloc[0]
    assert (row["overlay_value"], row["universe_value"], row["overlay"]) == (
        2.5e9,
        2949909000,
        "overlay/financials.csv:2",
    )
    note = next(note for note in loaded.notes if note.file == "overlay/financials.csv")
    assert (note.line, "2,949,909,000" in note.message, "conflict" in note.message) == (2, True, True)
    issues = pipeline.run(loaded, "2026-10-09", source="bundled").issues
    told = issues[issues["what"] == "cash differs from the universe"]
    assert told[["severity", "ticker"]].values.tolist() == [["warning", "APLD"]]
    assert "the overlay's figure is used" in told["detail"].iloc[0]


def test_a_difference_published_later_is_no_check_of_an_earlier_screen(home):
    (home / "financials.csv").write_text(HEADER + OTHER.replace("2026-10-07", "2026-10-02"))
    data = InputData.of(universes.load("miners"))
    counts = [len(data.known_on(pd.Timestamp(day)).conflicts) for day in ("2026-10-06", "2026-10-07")]
    assert counts == [0, 1]


@pytest.mark.parametrize(("seen", "conflicts"), [(2949909000, 0), (2949000000, 1)])
def test_what_a_person_saw_when_accepting_is_no_conflict_and_a_later_correction_is(home, seen, conflicts):
    (home / "financials.csv").write_text(HEADER + OTHER)
    (home / "decisions.csv").write_text(
        DECIDED + f"p1,APLD,cash,2026-08-31,2500000000,accept,Ann,2026-10-08T09:00:00+00:00,,f.csv,{seen}\n"
    )
    assert len(universes.load("miners").conflicts) == conflicts


def test_who_decided_and_what_was_rejected_is_no_input_of_a_run(home):
    (home / "financials.csv").write_text(HEADER + OTHER)

    def hashes(*rows: str) -> dict[str, str]:
        (home / "decisions.csv").write_text(DECIDED + "".join(rows))
        return universes.load("miners").hashes

    accepted = "p1,APLD,cash,2026-08-31,2500000000,accept,{},2026-10-08T09:00:00+00:00,,f.csv,2949909000\n"
    rejected = "p2,APLD,cash,2026-08-31,1,reject,Ann,2026-10-08T09:00:00+00:00,no,f.csv,2949909000\n"
    assert hashes(accepted.format("Ann")) == hashes(accepted.format("Ben"), rejected) != hashes(rejected)


def test_a_row_of_another_file_takes_the_place_of_the_bundled_one(home):
    plain = universes.load(universes.HOME / "miners")
    close = plain.prices.iloc[-1]
    (home / "prices.csv").write_text(f"date,ticker,close_usd\n{close['date']:%Y-%m-%d},{close['ticker']},1.5\n")
    loaded = universes.load("miners")
    same = loaded.prices[(loaded.prices["date"] == close["date"]) & (loaded.prices["ticker"] == close["ticker"])]
    assert same["close_usd"].tolist() == [1.5]
    assert len(loaded.prices) == len(plain.prices)
    note = next(note for note in loaded.notes if note.file == "overlay/prices.csv")
    assert note.message.startswith(f"conflict in close_usd: prices.csv:{close['line']} has this key too")


def test_a_universe_given_by_its_folder_has_no_overlay(home, tmp_path):
    (home / "financials.csv").write_text(HEADER + OTHER)
    shutil.copytree(universes.HOME / "miners", tmp_path / "own" / "miners")
    assert universes.load(tmp_path / "own" / "miners").overlay is None


def test_files_that_are_not_used_are_noted(home):
    (home / "finacials.csv").write_text(HEADER)
    note = next(note for note in universes.load("miners").notes if note.file.startswith("overlay/"))
    assert str(note) == "overlay/finacials.csv: unknown file, not used; did you mean financials.csv?"


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"", b"\xff\xfe"])
def test_decisions_that_cannot_be_read_are_an_error_with_their_place(home, content):
    (home / "decisions.csv").write_bytes(content)
    with pytest.raises(UniverseError, match=r"overlay/decisions\.csv"):
        universes.load("miners")


ROW = "p1,APLD,cash,2026-08-31,2500000000,accept,Ann,2026-10-08T09:00:00+00:00,,f.csv,2949909000\n"


@pytest.mark.parametrize("left", [1, 4, 12, 40, len(ROW) - 2])
def test_a_last_decision_that_was_cut_is_an_error_with_its_line(home, left):
    (home / "decisions.csv").write_text(DECIDED + ROW + ROW[:-left])
    with pytest.raises(UniverseError, match=r"overlay/decisions\.csv:3"):
        universes.load("miners")


def test_a_reason_of_two_lines_is_one_decision(home):
    (home / "decisions.csv").write_text(DECIDED + ROW.replace(",,", ',"first\nsecond",') + ROW)
    universes.load("miners")


def test_commands(monkeypatch, tmp_path):
    monkeypatch.setenv("SCREENER_OVERLAYS", str(tmp_path))
    home = tmp_path / "miners"
    assert "has no overlay" in run("universe", "overlay", "show", "miners").output
    assert run("universe", "overlay", "path", "miners").output == f"{home}\n"
    made = run("universe", "overlay", "new", "miners").output
    assert made == f"Written: {home}/financials.csv\nWritten: {home}/capacity.csv\n"
    assert universes.check("miners") == []
    assert run("universe", "overlay", "new", "miners").output == "Nothing written: the files are there already.\n"
    assert "contracts.csv" in run("universe", "overlay", "new", "miners", "contracts.csv").output
    with (home / "financials.csv").open("a") as file:
        file.write(OTHER)
    shown = run("universe", "overlay", "show", "miners").output
    assert "overlay/financials.csv: 1 row\n" in shown
    assert "conflict" in shown
    assert "overlay/financials.csv: 1 row" in run("universe", "show", "miners").output
    checked = run("universe", "check", "miners").output
    assert f"miners with the overlay {home}: no problems, 2 notes" in checked
    assert "2,949,909,000" in checked


def test_only_a_bundled_universe_has_an_overlay(tmp_path):
    for command in ("new", "show", "path"):
        done = CliRunner().invoke(cli, ["universe", "overlay", command, str(tmp_path)])
        assert "is no bundled universe" in str(done.exception)
    with pytest.raises(UniverseError, match=r"did you mean contracts\.csv"):
        overlay.create("miners", ("contract.csv",))
