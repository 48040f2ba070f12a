"""Accepting and rejecting: what reaches the overlay, what is remembered, what a spreadsheet spoils, what a kill leaves."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import universes
from screener.errors import Busy, NotKnown, ProposalError, UniverseError
from screener.gathering import InputData
from screener.lock import Lock
from screener.proposals import choosing, decide, file
from screener.proposals.columns import COLUMNS, proposal_id
from screener.proposals.propose import propose
from screener.run_config import resolve_config
from tests.screener.proposals.filings import home_with_cut_miners, item, items

pytestmark = pytest.mark.takes(30)
NOW = datetime(2026, 10, 9, 9, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
LATER = {"published_on": "2026-07-28", "period_end": "2026-05-31"}


@pytest.fixture(scope="module")
def cut_home(tmp_path_factory):
    return home_with_cut_miners(tmp_path_factory.mktemp("home"))


@pytest.fixture
def home(cut_home, tmp_path, monkeypatch):
    """The overlay's folder of a universe cut at the end of March 2026."""
    monkeypatch.setattr(universes, "HOME", cut_home)
    monkeypatch.setenv("SCREENER_OVERLAYS", str(tmp_path / "overlays"))
    return tmp_path / "overlays" / "miners"


ROWS = (
    item(value=1591988000),
    item(item="debt_total", value=5306700000, evidence="=SUM of notes"),
    item(item="mw_secured", unit="mw", value=2219),
    item(item="shares_outstanding", unit="shares", value=2_878_836_000.0),  # ten times too many: a person must look
    item(ticker="CORZ", value=750000000.25, period_end="2026-06-30", published_on="2026-08-05"),
)


def proposed():
    config = resolve_config(universes.load("miners"))
    return propose(config, InputData.of(config.universe), items(*ROWS), "2026-08-31").table


@pytest.fixture(scope="module")
def table(cut_home):
    """The proposals, without any overlay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(universes, "HOME", cut_home)
        return proposed()


@pytest.fixture
def path(home, table, tmp_path):
    place = tmp_path / "2026-08-31.csv"
    file.write(table, place)
    return place


@pytest.fixture(scope="module")
def small_home(cut_home, tmp_path_factory):
    """The same companies with a few rows: a home for what only asks whether the universe is clean."""
    folder = tmp_path_factory.mktemp("small") / "miners"
    folder.mkdir()
    for name in ("companies.csv", "universe.toml"):
        (folder / name).write_bytes((cut_home / "miners" / name).read_bytes())
    for name in ("financials.csv", "capacity.csv", "prices.csv"):
        lines = (cut_home / "miners" / name).read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / name).write_text("".join(lines[:5]), encoding="utf-8")
    return folder.parent


def cells(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def save(path: Path, rows: list[dict[str, str]], **settings) -> None:
    with path.open("w", newline="", encoding=settings.pop("encoding", "utf-8")) as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), **settings)
        writer.writeheader()
        writer.writerows(rows)


def edit(path: Path, item_name: str, **changes: str) -> str:
    """Change cells of the APLD row of an item; its id."""
    rows = cells(path)
    row = next(row for row in rows if (row["ticker"], row["item"]) == ("APLD", item_name))
    row.update(changes)
    save(path, rows)
    return row["proposal_id"]


def ids(path: Path) -> dict[str, str]:
    return {f"{row['ticker']} {row['item']}": row["proposal_id"] for row in cells(path)}


def test_a_file_is_read_back_as_it_was_written(path, table):
    found = file.read(path)
    assert found["proposal_id"].tolist() == table["proposal_id"].tolist()
    assert found["value"].tolist() == table["value"].tolist()
    assert found["evidence"].tolist() == table["evidence"].tolist()
    assert found["line"].tolist() == list(range(2, 2 + len(table)))
    assert "'=SUM of notes" in path.read_text()  # no formula that a spreadsheet would run


def test_accepted_rows_are_in_the_overlay_and_decisions_are_remembered(home, path):
    done = decide.accept(path, " Ann  Lee ", NOW)
    names = ids(path)
    assert set(done.decided) == set(names.values()) - {names["APLD shares_outstanding"]}
    assert "times the previous one" in done.left[names["APLD shares_outstanding"]]
    assert [place.name for place in done.written] == ["capacity.csv", "financials.csv", "decisions.csv"]
    loaded = universes.load("miners")
    own = loaded.facts[loaded.facts["file"].str.startswith("overlay/")]
    assert own[["ticker", "item", "value"]].values.tolist() == [
        ["APLD", "cash", 1591988000.0], ["APLD", "debt_total", 5306700000.0], ["CORZ", "cash", 750000000.25],
        ["APLD", "mw_secured", 2219.0],
    ]  # fmt: skip
    decisions = pd.read_csv(home / "decisions.csv", dtype=str)
    assert set(decisions["by"]) == {"Ann Lee"}
    assert set(decisions["at"]) == {"2026-10-09T09:00:00+00:00"}
    assert set(decisions["file"]) == {path.name}
    cash = decisions[decisions["item"].eq("cash") & decisions["ticker"].eq("APLD")].iloc[0]
    assert (float(cash["previous_value"]), cash["value"], cash["decision"]) == (1913436000.0, "1591988000", "accept")


def test_accepting_twice_adds_nothing(home, path):
    decide.accept(path, "Ann", NOW)
    before = {place.name: place.read_bytes() for place in home.glob("*.csv")}
    again = decide.accept(path, "Ben", NOW)
    assert (again.decided, again.written) == ((), ())
    assert len(again.already) == 4
    assert {place.name: place.read_bytes() for place in home.glob("*.csv")} == before


def test_what_was_decided_is_not_proposed_again(path):
    names = ids(path)
    decide.reject(path, "Ann", NOW, "a typing error", [names["APLD shares_outstanding"]])
    decide.accept(path, "Ann", NOW)
    assert proposed().empty


def test_a_rejection_needs_a_reason_and_is_kept(home, path):
    name = ids(path)["APLD cash"]
    with pytest.raises(ProposalError, match="needs a reason"):
        decide.reject(path, "Ann", NOW, "  ", [name])
    with pytest.raises(ProposalError, match="by their ids"):
        decide.reject(path, "Ann", NOW, "pro forma", [])
    done = decide.reject(path, "Ann", NOW, "pro forma,\nnot the company's", [name])
    assert done.decided == (name,)
    row = pd.read_csv(home / "decisions.csv").iloc[0]
    assert (row["reason"], row["decision"]) == ("pro forma, not the company's", "reject")
    assert decide.reject(path, "Ann", NOW, "pro forma", [name]).already == (name,)
    assert decide.accept(path, "Ann", NOW).left[name] == "rejected"
    assert decide.accept(path, "Ann", NOW, only=[name]).decided == (name,)  # a person may think again
    with pytest.raises(ProposalError, match="accepted before"):
        decide.reject(path, "Ann", NOW, "pro forma", [name])


def test_a_value_that_the_person_changed_is_taken_and_noted(path):
    name = edit(path, "cash", value="1600000000")
    assert name in decide.accept(path, "Ann", NOW).decided
    own = universes.load("miners").facts.query(
        "file == 'overlay/financials.csv' and ticker == 'APLD' and item == 'cash'"
    )
    assert own["value"].tolist() == [1.6e9]
    assert own["evidence"].iloc[0].endswith("; value changed by Ann from 1591988000")
    assert "cash" not in proposed().query("ticker == 'APLD'")["item"].tolist()


def test_the_column_decision_decides(home, path):
    cash = edit(path, "cash", decision="Reject")
    shares = edit(path, "shares_outstanding", decision="accept")
    with pytest.raises(ProposalError, match="2: note: expected the reason for the rejection"):
        decide.accept(path, "Ann", NOW)
    assert not list(home.glob("*.csv"))
    edit(path, "cash", note="pro forma")
    done = decide.accept(path, "Ann", NOW)
    assert (done.rejected, done.left) == ((cash,), {})
    assert shares in done.decided
    kept = pd.read_csv(home / "decisions.csv", dtype=str).set_index("proposal_id")
    assert kept.loc[cash, ["decision", "reason", "by"]].tolist() == ["reject", "pro forma", "Ann"]
    assert kept["decision"].value_counts().to_dict() == {"accept": 4, "reject": 1}
    assert proposed().empty  # what was rejected is not proposed again
    again = decide.accept(path, "Ann", NOW)
    assert (again.decided, again.rejected, again.left, again.written) == ((), (), {cash: "rejected"}, ())
    debt = edit(path, "debt_total", decision="reject", note="too late")
    with pytest.raises(ProposalError, match="accepted before"):
        decide.accept(path, "Ann", NOW)
    assert decide.accept(path, "Ann", NOW, only=[shares]).already == (shares,)  # other rows are not touched
    assert debt in kept.index


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("published_on", "2026-07-27"), ("published_on", "2027-01-01"), ("unit", "btc"), ("form", "8-K"),
        ("source_url", "https://example.com"), ("evidence", "seen"), ("confidence", "low"), ("verdict", "newer period"),
        ("previous_value", "1"), ("previous_period", ""),
    ],
)  # fmt: skip
def test_only_value_decision_and_note_may_be_changed(home, path, column, value):
    edit(path, "shares_outstanding", **{column: value})
    with pytest.raises(ProposalError, match="value, decision and note alone") as caught:
        decide.accept(path, "Ann", NOW)
    assert [(one.line, one.column) for one in caught.value.problems] == [(5, column)]
    assert not list(home.glob("*.csv"))


@pytest.mark.parametrize("seal", ["", "S-1234", "x"])
def test_a_checksum_that_is_none_refuses_its_row(path, seal):
    edit(path, "cash", checksum=seal)
    with pytest.raises(ProposalError, match="expected"):
        file.read(path)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("cash", "1591988", "the unit may be off by 1,000"),
        ("cash", "0", "cash falls to zero"),
        ("cash", "-1591988000", "cash cannot be negative"),
        ("debt_total", "99000000", "a change by a factor of more than 5"),
        ("shares_outstanding", "28788360", "the share count is 0.1"),
    ],
)
def test_a_changed_value_passes_the_checks_or_is_named(home, path, name, value, said):
    one = edit(path, name, value=value, decision="accept")
    with pytest.raises(ProposalError, match="named with --only") as caught:
        decide.accept(path, "Ann", NOW)
    assert [problem.column for problem in caught.value.problems] == ["value"]
    assert said in str(caught.value)
    assert not list(home.glob("*.csv"))
    if not value.startswith("-"):
        assert decide.accept(path, "Ann", NOW, only=[one]).decided == (one,)
        assert one in decide.accept(path, "Ann", NOW).already  # the decision stands


def test_without_an_earlier_figure_a_change_is_held_against_the_filings(home, path):
    mw = edit(path, "mw_secured", value="2219000")
    rows = file.read(path)
    rows = rows[rows["proposal_id"] == mw].assign(previous_value=float("nan"))
    with pytest.raises(ProposalError, match="the unit may be off by 1,000"):
        choosing.check_changed(path, "miners", rows, [], {})


def test_a_file_without_a_proposal_and_one_whose_rows_are_all_left(home, path):
    shares = edit(path, "shares_outstanding")
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + next(line for line in lines if shares in line))
    done = decide.accept(path, "Ann", NOW)
    assert (done.decided, done.written, list(done.left)) == ((), (), [shares])
    path.write_text(lines[0])
    for decision in (lambda: decide.accept(path, "A", NOW), lambda: decide.reject(path, "A", NOW, "why", [shares])):
        with pytest.raises(ProposalError, match="no proposal in the file"):
            decision()


@pytest.mark.parametrize("name", ["financials.csv", "capacity.csv", "decisions.csv", "companies.csv"])
def test_a_file_of_the_overlay_that_is_no_text_is_a_clear_error(home, path, name):
    home.mkdir(parents=True)
    (home / name).write_bytes(b"\x89PNG\x00\xff\xfe\n" * 9)
    with pytest.raises((UniverseError, ProposalError), match=rf"overlay/{name}.*UTF-8"):
        decide.accept(path, "Ann", NOW)
    assert [place.name for place in home.glob("*.csv")] == [name]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("value", "1,591,988,000", "without separators"),
        ("value", "1.591.988.000", "without separators"),
        ("value", "1 591 988 000", "without separators"),
        ("value", "$1591988000", "without separators"),
        ("value", "1.59E+09", "digits may be lost"),
        ("value", "1,59E+09", "digits may be lost"),
        ("value", "about 1.6bn", "a number such as"),
        ("value", "", "a value"),
        ("value", "nan", "a number such as"),
        ("proposed_value", "1.59E+09", "digits may be lost"),
        ("period_end", "5/31/2026", "YYYY-MM-DD; a spreadsheet"),
        ("period_end", "2026-5-31", "YYYY-MM-DD"),
        ("published_on", "28.07.2026", "YYYY-MM-DD"),
        ("published_on", "2026-02-30", "YYYY-MM-DD"),
        ("proposal_id", "1.23E+10", "turned it into a number"),
        ("proposal_id", "P0123456789", "one of them was changed"),
        ("period_end", "2026-06-30", "one of them was changed"),
        ("ticker", "CORZ", "one of them was changed"),
        ("accession", "", "one of them was changed"),
        ("decision", "acept", "did you mean accept"),
        ("unit", "", "a value"),
    ],
)
def test_a_cell_that_a_spreadsheet_or_a_slip_spoilt_is_named(home, path, column, value, said):
    edit(path, "cash", **{column: value})
    with pytest.raises(ProposalError) as caught:
        decide.accept(path, "Ann", NOW)
    problem = caught.value.problems[0]
    assert (problem.file, problem.line) == (path.name, 2)
    assert said in str(problem)
    assert problem.column in (column, "proposal_id")
    assert not list(home.glob("*.csv"))


def test_a_file_saved_by_a_spreadsheet_with_its_own_habits_is_read(path):
    save(path, cells(path), encoding="utf-8-sig", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    assert len(decide.accept(path, "Ann", NOW).decided) == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: re.sub(r'"[^"]*"', "x", text).replace(",", ";"), "has semicolons"),
        (lambda text: text.replace("published_on", "published", 1), "published_on"),
        (lambda text: text.split("\n")[0] + "\n" + "a,b\n", "cells as in the header"),
        (lambda text: text + text.split("\n")[1] + "\n", "line 2 has the same"),
        (lambda text: text + '"', "quotes in pairs"),
        (lambda text: "", "a header row"),
    ],
)
def test_a_file_in_another_shape_is_refused(path, change, said):
    path.write_text(change(path.read_text()))
    with pytest.raises(ProposalError, match=said):
        decide.accept(path, "Ann", NOW)


def test_bytes_in_another_encoding_are_refused(path):
    path.write_bytes(path.read_text().replace("SUM", "SÜM").encode("cp1252"))
    with pytest.raises(ProposalError, match="UTF-8"):
        file.read(path)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30))
def test_any_text_survives_the_way_through_the_file(tmp_path_factory, text):
    place = tmp_path_factory.mktemp("text") / "f.csv"
    row = dict.fromkeys(COLUMNS, "") | item() | {"proposed_value": 1.6e9, "previous_value": 1.0, "change": 0.6}
    row |= {name: pd.Timestamp(row[name]) for name in ("period_end", "published_on")}
    row |= {"verdict": "new", "previous_period": pd.NaT, "accepted_at": pd.NaT, "note": text, "evidence": text}
    row["proposal_id"] = proposal_id(row["ticker"], row["item"], row["period_end"], 1.6e9, row["accession"])
    file.write(pd.DataFrame([row]), place)
    found = file.read(place).iloc[0]
    assert (found["note"], found["evidence"]) == (text.strip(), text.strip())


def test_what_the_checks_of_the_universe_refuse_is_not_written_and_named_by_its_line(home, path):
    cash, debt = edit(path, "cash", value="-1"), edit(path, "debt_total", value="-2")
    with pytest.raises(ProposalError) as caught:
        decide.accept(path, "Ann", NOW, only=[cash, debt])
    assert [(one.file, one.line, one.column) for one in caught.value.problems] == [
        (path.name, 2, "value"), (path.name, 3, "value"),
    ]  # fmt: skip
    assert not list(home.glob("*.csv"))


def test_another_figure_in_the_overlay_for_the_same_row_is_not_displaced(home, path):
    decide.accept(path, "Ann", NOW, only=[ids(path)["APLD cash"]])
    (home / "decisions.csv").unlink()
    edit(path, "cash", value="1600000000")
    with pytest.raises(ProposalError, match=r"1591988000, the figure that overlay/financials\.csv:2 has"):
        decide.accept(path, "Ann", NOW)


def test_rows_of_the_persons_own_stay_as_they_are(home, path):
    home.mkdir(parents=True)
    header = "confidence,ticker,item,period_end,published_on,value,unit,source_url,mine\r\n"
    own = "high,CORZ,debt_total,2026-06-30,2026-08-05,5,usd,https://example.com,x"
    (home / "financials.csv").write_bytes((f"# my notes\r\n{header}{own}").encode())
    decide.accept(path, "Ann", NOW)
    content = (home / "financials.csv").read_bytes().decode()
    assert content.startswith(f"# my notes\r\n{header}{own}\n")
    facts = universes.load("miners").facts
    assert len(facts[facts["file"] == "overlay/financials.csv"]) == 4


def test_unknown_ids_folders_and_a_busy_overlay_are_clear_errors(home, path, tmp_path):
    with pytest.raises(NotKnown, match="no proposal P0000000000"):
        decide.accept(path, "Ann", NOW, only=["P0000000000"])
    with pytest.raises(NotKnown, match="is no bundled universe"):
        decide.accept(path, "Ann", NOW, universe=str(tmp_path))
    with pytest.raises(ProposalError, match="who decides"):
        decide.accept(path, " ", NOW)
    home.mkdir(parents=True, exist_ok=True)
    with Lock(home / ".lock"), pytest.raises(Busy):
        decide.accept(path, "Ann", NOW)


def test_killed_at_any_write_either_state_is_left_and_a_repeat_completes_it(small_home, home, path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.screener.proposals.killed", str(small_home), str(home.parent), str(path)],
        check=False, capture_output=True, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    whole = found["whole"]
    assert len(found["killed"]) >= 9  # three files: written, on the disk, renamed
    assert set(whole) == {"capacity.csv", "financials.csv", "decisions.csv"}
    for one in found["killed"]:
        assert one["loads"]
        assert all(whole[name] == text for name, text in one["left"].items())
        assert one["after"] == whole
        assert [name for name in one["names"] if name != ".lock"] == sorted(whole)
