"""Runs read back from JSON files and workbooks: the same run, a person's edits named, anything else one clear error."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from exports.tables.machine import jsonable, write_object
from exports.tables.screen import screen_content
from exports.workbook.book import write
from screener import pipeline
from screener.cli import cli
from screener.errors import NotKnown, RecordError
from screener.records import find_run
from valuation.comparison.changes import Snapshot, compare

DAYS = ("2026-01-09", "2026-01-16")


def none(named: str) -> Snapshot:
    raise NotKnown(f"no run {named!r}")


@pytest.fixture(scope="module")
def runs():
    return {day: pipeline.run("miners", pd.Timestamp(day), source="bundled") for day in DAYS}


@pytest.fixture(scope="module")
def files(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for day, screen in runs.items():
        write(screen, folder / f"{day}.xlsx")
        write_object(screen_content(screen), folder / f"{day}.json")
    return folder


@pytest.mark.parametrize("ending", ["json", "xlsx"])
def test_a_file_holds_the_run_that_it_was_written_from(runs, files, ending):
    for day, screen in runs.items():
        read, made = find_run(str(files / f"{day}.{ending}"), none), Snapshot.of(screen)
        for one in fields(Snapshot):
            a, b = getattr(read, one.name), getattr(made, one.name)
            if one.name == "edits":
                assert a is None if ending == "json" else a.empty
            elif isinstance(b, pd.DataFrame):
                # Status and cause of the text `excluded` are not kept; unknown is null in a file, NaN or None in memory.
                kept = [c for c in b if c != "excluded" or one.name == "table"]
                assert sorted(a.columns) == sorted(kept), one.name
                same = [f[kept].astype(object).where(f[kept].notna(), None).to_numpy().tolist() for f in (a, b)]
                assert same[0] == same[1], one.name
                assert a.index.tolist() == b.index.tolist()
            elif isinstance(b, pd.Series):
                assert a.tolist() == b.tolist()
            elif one.name in ("headline", "manifest"):
                assert a == jsonable(b)
            else:
                assert a == b, one.name
    back = compare(*(find_run(str(files / f"{day}.{ending}"), none) for day in DAYS))
    direct = compare(*(Snapshot.of(screen) for screen in runs.values()))
    pd.testing.assert_frame_equal(
        back.attribution.frame.rename_axis(None), direct.attribution.frame.rename_axis(None), check_exact=True
    )
    assert back.facts["item"].tolist() == direct.facts["item"].tolist()
    assert back.sentences.equals(direct.sentences)


def edited(files, tmp_path, **cells):
    path = tmp_path / "edited.xlsx"
    book = openpyxl.load_workbook(files / f"{DAYS[1]}.xlsx")
    for place, value in cells.items():
        sheet, cell = place.split("_")
        book[{"EV": "EV bridge", "A": "Assumptions"}[sheet]][cell] = value
    book.save(path)
    return path


def test_an_input_that_somebody_typed_over_is_an_edit_with_both_figures(files, tmp_path):
    whole = openpyxl.load_workbook(files / f"{DAYS[1]}.xlsx", read_only=True)["EV bridge"]
    (ticker, _, price), *_ = whole.iter_rows(min_row=8, max_row=8, max_col=3, values_only=True)
    path = edited(files, tmp_path, EV_C8=price * 2, A_B19=1.5)
    found = find_run(str(path), none).edits
    inputs = found[found["kind"] == "input"].sort_values("sheet", ascending=False)
    assert inputs[["sheet", "cell", "label", "written", "found"]].values.tolist() == [
        ["EV bridge", "C8", f"{ticker}: Price (USD per share)", price, price * 2],
        ["Assumptions", "B19", inputs["label"].iloc[1], 1.3, 1.5],
    ]
    assert find_run(str(path), none).table.at[ticker, "price_usd"] == price


def test_a_note_in_a_free_cell_is_no_edit_and_an_emptied_input_is_one(files, tmp_path):
    path = edited(files, tmp_path, EV_C8=None, EV_AF40="Check with treasury")
    found = find_run(str(path), none).edits
    assert found.loc[found["cell"] == "C8", "kind"].tolist() == ["other"]
    assert "AF40" not in found["cell"].tolist()


def test_rows_that_were_moved_are_told_once_and_not_as_edits_of_every_cell(files, tmp_path):
    path = tmp_path / "moved.xlsx"
    book = openpyxl.load_workbook(files / f"{DAYS[1]}.xlsx")
    book["EV bridge"].delete_rows(9)
    book.save(path)
    found = find_run(str(path), none).edits
    assert found.loc[found["sheet"] == "EV bridge", "kind"].tolist() == ["moved"]


def test_the_record_stands_on_a_hidden_sheet(files):
    book = openpyxl.load_workbook(files / f"{DAYS[1]}.xlsx", read_only=True)
    assert book["Record"].sheet_state == "veryHidden"
    assert book.sheetnames[-1] == "Record"


def foreign(path):
    openpyxl.Workbook().save(path)


def cut(path):
    path.write_bytes(path.read_bytes()[:20_000])


def no_record(path):
    book = openpyxl.load_workbook(path)
    del book["Record"]
    book.save(path)


def broken_record(path):
    book = openpyxl.load_workbook(path)
    book["Record"]["A3"] = "typed over"
    book.save(path)


def text(path):
    path.write_text("not a workbook")


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (foreign, "a hidden sheet Record"), (cut, "a workbook that can be opened"), (text, "a workbook that can be opened"),
        (no_record, "a hidden sheet Record"), (broken_record, "sheet Record"),
    ],
)  # fmt: skip
def test_a_damaged_or_foreign_workbook_is_one_error_with_its_file(files, tmp_path, harm, message):
    path = tmp_path / "harmed.xlsx"
    shutil.copy(files / f"{DAYS[1]}.xlsx", path)
    harm(path)
    with pytest.raises(RecordError, match=message) as told:
        find_run(str(path), none)
    assert "harmed.xlsx" in str(told.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "a JSON file"), (b"[1, 2]", "the JSON file or workbook of a run"),
        (b"{}", "the JSON file or workbook of a run"),
        (b'{"manifest": {}}', "universe"), (b"[" * 100_000, "a JSON file"), (b"\xff\xfe\x00", "a JSON file"),
    ],
)  # fmt: skip
def test_a_damaged_or_foreign_json_file_is_one_error(tmp_path, content, message):
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=message):
        find_run(str(path), none)


@pytest.mark.parametrize("key", ["table", "bridge", "facts", "contracts", "as_of", "excluded", "headline"])
@pytest.mark.parametrize("value", [None, 7, "text", [1], [{"ticker": "X"}, 3]])
def test_a_field_of_another_shape_is_one_error(files, tmp_path, key, value):
    content = json.loads((files / f"{DAYS[0]}.json").read_text())
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(content | {key: value}))
    with pytest.raises(RecordError, match=r"odd\.json"):
        find_run(str(path), none)


@pytest.mark.long
def test_the_command_compares_files_in_80_columns_and_names_edits(files, tmp_path):
    path = edited(files, tmp_path, EV_C8=99.5)
    out = tmp_path / "changes.json"
    result = CliRunner().invoke(cli, ["compare", str(files / f"{DAYS[0]}.json"), str(path), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert max(map(len, result.output.replace(str(out), "").splitlines())) <= 80
    for words in ("EV bridge!C8", "RIOT-AMD-202601", "What moves the gap", "bitcoin held", "Other figures"):
        assert words in result.output
    told = json.loads(out.read_text())
    assert told["edits_after"][0]["found"] == 99.5
    assert {row["ticker"] for row in told["lines"]} >= {"RIOT", "IREN"}
    for ending in ("csv", "html"):
        target = tmp_path / f"c.{ending}"
        again = CliRunner().invoke(cli, ["compare", str(files / f"{DAYS[0]}.xlsx"), str(path), "--out", str(target)])
        assert again.exit_code == 0
        assert target.stat().st_size > 1_000


def test_the_command_compares_a_stored_run_with_a_file(runs, files, tmp_path):
    base = ["--database", str(tmp_path / "h.sqlite")]
    kept = ["run", "--as-of", DAYS[0], "--source", "bundled", "--store", "--out", str(tmp_path), *base]
    assert CliRunner().invoke(cli, kept).exit_code == 0
    result = CliRunner().invoke(cli, ["compare", "latest", str(files / f"{DAYS[1]}.json"), *base])
    assert result.exit_code == 0, result.output
    assert "not compared; the history does not keep them" in " ".join(result.output.split())
    unknown = CliRunner().invoke(cli, ["compare", "2020-01-01", str(files / f"{DAYS[1]}.json"), *base])
    assert isinstance(unknown.exception, NotKnown)
