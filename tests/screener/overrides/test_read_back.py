"""A person changes blue cells of a workbook: they come back as overrides and replay to the figures of that workbook."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.cell import Cell

from exports.workbook import write
from exports.workbook.writer.input_register import REGISTER
from screener import pipeline
from screener.errors import OverridesError
from screener.overrides import file
from screener.overrides.override import Override, fault
from screener.overrides.workbook import ReadBack, read_back
from tests.exports import recalculate as calc
from tests.exports.reading import cell, labelled, values
from valuation.assumptions import Assumptions, describe
from valuation.comparison.changes import Snapshot, compare
from valuation.report import Report

pytestmark = [pytest.mark.takes(60), pytest.mark.long]
DAY = "2026-01-16"
FEW = replace(Assumptions(), bootstrap_draws=99)


def on(sheet: str, ticker: str, header: str, **where: str) -> Callable[[openpyxl.Workbook], Cell]:
    return lambda book: cell(book, sheet, ticker, header, **where)


def assumed(label: str) -> Callable[[openpyxl.Workbook], Cell]:
    return lambda book: labelled(book, "Assumptions", label)


def first_contract(header: str) -> Callable[[openpyxl.Workbook], Cell]:
    return lambda book: cell(book, "Contracts", "APLD", header, also=book["Contracts"]["B7"].value)


# What a committee changes: cell, and the new value in the unit of the sheet.
EDITS: list[tuple[Callable[[openpyxl.Workbook], Cell], float]] = [
    (on("EV bridge", "RIOT", "Price (USD per share)"), 21.5),
    (on("EV bridge", "MARA", "Price (USD per share)"), 9.75),
    (on("EV bridge", "IREN", "Basic shares (m)"), 300.125),
    (on("EV bridge", "RIOT", "Cash ($m)"), 111.1),
    (on("EV bridge", "HUT", "Cash ($m)"), 77.7),
    (on("EV bridge", "CORZ", "Debt ($m)"), 1234.5),
    (on("EV bridge", "IREN", "Debt ($m)"), 2000.0),
    (on("EV bridge", "CLSK", "Bitcoin held (BTC)"), 9000.0),
    (on("EV bridge", "CIFR", "Finance leases ($m)"), 12.5),
    (on("EV bridge", "WULF", "Restricted cash ($m)"), 3.25),
    (on("EV bridge", "HIVE", "Other coins ($m)"), 4.5),
    (on("Multiples", "RIOT", "Secured (MW)"), 2000.0),
    (on("Multiples", "CORZ", "Operating (MW)"), 800.0),
    (on("Multiples", "KEEL", "Under construction (MW)"), 150.0),
    (on("Multiples", "CLSK", "Sec. IT"), 1.0),
    (lambda book: book["Contracts"]["L7"], 333.0),
    (assumed("Bitcoin price"), 120_000.0),
    (assumed("Net restricted cash"), 0.0),
    (assumed("Gross MW per critical IT MW where the site's ratio is unknown"), 1.4),
    (assumed("Weight of pipeline MW"), 0.2),
]
SAME_AS_LIBREOFFICE = (
    ("EV bridge", "Enterprise value ($m)", "enterprise_value_usd", 1e6),
    ("EV bridge", "Diluted shares (m)", "diluted_shares", 1e6),
    ("Multiples", "Secured (gross MW)", "secured_mw", 1),
    ("Multiples", "Weighted (gross MW)", "weighted_mw", 1),
    ("Multiples", "EV / operating MW ($m per MW)", "ev_per_mw_operating", 1),
    ("Screen", "EV / secured MW ($m per MW)", "ev_per_mw_secured", 1),
    ("Screen", "Annual revenue ($m)", "contracted_revenue_usd", 1e6),
)


def screened(overrides: tuple[Override, ...] = (), **more: Any) -> Report:
    return pipeline.run("miners", DAY, source="bundled", assumptions=FEW, overrides=overrides, **more)


def changed(path: Path, target: Path, edits: list[tuple[Callable[[openpyxl.Workbook], Cell], Any]]) -> Path:
    """A copy of a workbook with cells changed, as openpyxl saves it."""
    book = openpyxl.load_workbook(path)
    for find, value in edits:
        find(book).value = value
    book.save(target)
    return target


@dataclass(frozen=True)
class Committee:
    """The run, its workbook, the workbook that the committee left, and the same as LibreOffice saved it."""

    screen: Report
    path: Path
    edited: Path
    saved: Path


@pytest.fixture(scope="module")
def committee(tmp_path_factory) -> Committee:
    folder = tmp_path_factory.mktemp("committee")
    screen = screened()
    write(screen, folder / "run.xlsx")
    edited = changed(folder / "run.xlsx", folder / "edited.xlsx", EDITS)
    return Committee(screen, folder / "run.xlsx", edited, calc.recalculate(edited, folder))


@pytest.fixture(scope="module")
def found(committee) -> ReadBack:
    return read_back(committee.edited, by="Ann Lee", when="2026-01-20", why="committee")


@pytest.fixture(scope="module")
def replayed(found) -> Report:
    return screened(found.overrides)


def places(committee: Committee) -> dict[str, tuple[Any, Any]]:
    """Old and new by cell, as the test itself reads them."""
    before, after = openpyxl.load_workbook(committee.path), openpyxl.load_workbook(committee.edited)
    cells = [(find(before), find(after)) for find, _ in EDITS]
    return {f"{a.parent.title}!{a.coordinate}": (a.value, b.value) for a, b in cells}


def test_an_unchanged_workbook_has_nothing_to_read_back(committee, tmp_path):
    for path in (committee.path, calc.recalculate(committee.path, tmp_path)):
        nothing = read_back(path)
        assert (nothing.overrides, nothing.refused, nothing.not_taken) == ((), (), ())
        assert (nothing.universe, f"{nothing.as_of:%Y-%m-%d}") == ("miners", DAY)
        assert nothing.run_id == committee.screen.manifest["run_id"]


@pytest.mark.parametrize("name", ["edited", pytest.param("saved", marks=pytest.mark.long)])
def test_twenty_edits_come_back_as_twenty_overrides(committee, name):
    expected = places(committee)
    assert len(expected) == 20
    back = read_back(getattr(committee, name))
    assert (back.refused, back.not_taken) == ((), ())
    assert {one.cell for one in back.overrides} == set(expected)
    for one in back.overrides:
        old, new = expected[one.cell]
        assert one.new == new
        # An item that was not reported is unknown, and was filled in.
        assert one.old is None if isinstance(old, str) else math.isclose(one.old, old, rel_tol=1e-12)
    assert any(one.old is None for one in back.overrides)


def test_the_replay_shows_the_figures_of_the_recalculated_workbook(committee, replayed):
    book = calc.load(committee.saved, values=True)
    for sheet, header, metric, unit in SAME_AS_LIBREOFFICE:
        shown = values(book, sheet, header)
        assert len(shown) == len(replayed.table)
        moved = 0
        for ticker, value in shown.items():
            own = replayed.table.at[ticker, metric] / unit
            if isinstance(value, str):
                assert math.isnan(own) or replayed.status.at[ticker, metric] == "not_meaningful", (metric, ticker)
            else:
                assert math.isclose(own, value, rel_tol=1e-9), (metric, ticker, own, value)
                moved += own != committee.screen.table.at[ticker, metric] / unit
        assert moved > 0, metric


def test_the_file_of_overrides_replays_like_the_workbook(committee, found, replayed, tmp_path):
    target = tmp_path / "changed.toml"
    target.write_text(file.text(found), encoding="utf-8")
    read = file.read(target)
    assert read.universe == "miners"
    assert list(read.entries) == list(found.overrides)
    pd.testing.assert_frame_equal(screened(read.entries).table, replayed.table)


def test_the_run_says_who_replaced_what(committee, found, replayed):
    manifest = replayed.manifest
    assert manifest["run_id"] != committee.screen.manifest["run_id"]
    assert "overrides" not in committee.screen.manifest
    assert len(manifest["overrides"]) == 20
    notes = replayed.issues[replayed.issues["what"].str.startswith("overridden: ")]
    assert len(notes) == 20
    assert notes["detail"].str.contains("override: Ann Lee, 2026-01-20, committee").all()
    assert not notes["detail"].str.contains("would have taken").any()
    cash = replayed.facts[(replayed.facts["ticker"] == "RIOT") & (replayed.facts["item"] == "cash")]
    assert cash["value"].tolist() == [pytest.approx(111.1e6)]
    assert cash["source"].tolist() == ["override: Ann Lee, 2026-01-20, committee"]
    told = compare(Snapshot.of(committee.screen), Snapshot.of(replayed)).settings
    assert sum(text.startswith("overridden by Ann Lee, ") for text in told) == 20


def test_the_live_workbook_counts_what_was_changed(committee):
    stored, anew = (calc.load(path, values=True)["Summary"]["A3"].value for path in (committee.path, committee.saved))
    assert stored in (None, "")
    assert anew == "20 inputs changed since the run: words, intervals and statuses are the run's."


def test_the_workbook_of_the_replay_names_the_overrides(replayed, tmp_path):
    write(replayed, tmp_path / "replay.xlsx")
    book = openpyxl.load_workbook(tmp_path / "replay.xlsx")
    texts = [str(c.value) for row in book["Summary"].iter_rows(max_row=2) for c in row if c.value]
    assert any(text.startswith("20 inputs overridden by Ann Lee") for text in texts)
    texts = [c.value for c in book["Assumptions"]["B"] if isinstance(c.value, str)]
    assert sum("overridden with" in text and "Ann Lee" in text for text in texts) == 20
    again = calc.recalculate(tmp_path / "replay.xlsx", tmp_path)
    assert calc.differences(tmp_path / "replay.xlsx", again) == []


def test_the_register_is_hidden_and_stays_hidden_in_libreoffice(committee):
    assert openpyxl.load_workbook(committee.path)[REGISTER].sheet_state == "veryHidden"
    assert openpyxl.load_workbook(committee.saved)[REGISTER].sheet_state in ("hidden", "veryHidden")


def test_what_is_no_input_and_what_is_absurd_is_told_cell_by_cell(committee, tmp_path):
    edits: list[tuple[Callable[[openpyxl.Workbook], Cell], Any]] = [
        (on("EV bridge", "RIOT", "Enterprise value ($m)"), 5.0),  # a formula
        (on("Screen", "RIOT", "AI revenue, annual run rate ($m)"), 5.0),  # from quarters
        (assumed("As-of date"), pd.Timestamp("2026-02-01").to_pydatetime()),
        (on("EV bridge", "MARA", "Debt ($m)"), "lots"),
        (on("EV bridge", "MARA", "Cash ($m)"), None),
        (on("Multiples", "RIOT", "Secured (MW)"), -3.0),
        (assumed("Net restricted cash"), 2.0),
        (on("EV bridge", "HUT", "Cash ($m)"), "n/a"),  # a person may say that it is unknown
    ]
    back = read_back(changed(committee.path, tmp_path / "odd.xlsx", edits))
    assert [(one.meaning, one.new) for one in back.overrides] == [("HUT: Cash ($m)", None)]
    assert sorted(one.value for one in back.refused) == ["-3", "2", "blank", "lots"]
    told = {one.column.split("!")[0]: one.message for one in back.not_taken}
    assert told["EV bridge"] == "it is a formula and no input: change the inputs that it reads"
    assert "financials.csv" in told["Screen"]
    assert "--as-of" in told["Assumptions"]
    with pytest.raises(OverridesError, match="4 problems"):
        file.read(tmp_path / "odd.xlsx")
    screen = screened(back.overrides)
    assert math.isnan(screen.table.at["HUT", "enterprise_value_usd"])


def test_a_sorted_table_is_told_and_not_taken(committee, tmp_path):
    book = openpyxl.load_workbook(committee.path)
    sheet = book["EV bridge"]
    for col in range(1, 20):
        a, b = sheet.cell(7, col), sheet.cell(8, col)
        a.value, b.value = b.value, a.value
    book.save(tmp_path / "sorted.xlsx")
    back = read_back(tmp_path / "sorted.xlsx")
    assert back.overrides == ()
    assert len(back.refused) > 5
    assert all("undo the sorting" in one.message for one in back.refused)


@pytest.mark.long
def test_a_filled_unknown_fails_no_check(committee, tmp_path):
    """Blank blue cells of bridge, power and contract terms become numbers: no check of Summary turns red."""
    book = openpyxl.load_workbook(committee.path)
    likely = {
        "mw_secured": 250.0,
        "mw_operating": 90.0,
        "mw_under_construction": 10.0,
        "escalator": 0.02,
        "noi_margin": 0.8,
    }
    filled, companies = 0, set()
    for row in book[REGISTER].iter_rows(min_row=7, values_only=True):
        if row[0] == "formulas":
            break
        of_contract = row[4] == "contract" and row[6] in ("escalator", "noi_margin", "total_value_usd", "capex_usd")
        if row[8] in ("n/a", "n.r.") and (row[4] == "fact" or of_contract):
            book[row[0]][row[1]].value = likely.get(row[6], 1.0)
            filled += 1
            companies.add(row[5])
    assert filled > 100
    assert {"CANG", "GREE", "DGXX", "SLNH"} <= companies
    book.save(tmp_path / "filled.xlsx")
    summary = calc.load(calc.recalculate(tmp_path / "filled.xlsx", tmp_path), values=True)["Summary"]
    was = calc.load(committee.path, values=True)["Summary"]
    verdicts = [
        {s.cell(c.row, c.column + 1).value: c.value for row in s.iter_rows() for c in row if c.value in ("OK", "CHECK")}
        for s in (was, summary)
    ]
    assert verdicts[0] == verdicts[1]
    assert "inputs changed" in summary["A3"].value


@pytest.mark.parametrize("spoil", ["cut", "no zip", "no register", "layout"])
def test_a_damaged_or_foreign_workbook_is_told(committee, tmp_path, spoil):
    path = tmp_path / "bad.xlsx"
    whole = committee.path.read_bytes()
    if spoil == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif spoil == "no zip":
        path.write_bytes(b"not a workbook")
    else:
        book = openpyxl.load_workbook(committee.path)
        if spoil == "layout":
            book[REGISTER]["B1"].value = 99
        else:
            del book[REGISTER]
        book.save(path)
    words = {"layout": "another layout", "no register": "no register"}.get(spoil, "a workbook that can be opened")
    with pytest.raises(OverridesError, match=words):
        read_back(path)


def test_overrides_of_another_universe_are_refused(found):
    read = file.Overrides("x.toml", "others", found.overrides)
    with pytest.raises(OverridesError, match="universe others"):
        file.of_universe(read, "miners")


def test_an_earlier_run_does_not_know_an_override(found):
    early = pipeline.run(
        "miners", "2026-01-09", source="bundled", assumptions=FEW,
        overrides=tuple(one for one in found.overrides if not one.is_setting),
    )  # fmt: skip
    plain = pipeline.run("miners", "2026-01-09", source="bundled", assumptions=FEW)
    pd.testing.assert_frame_equal(early.table, plain.table)
    assert "overrides" not in early.manifest
    assert early.issues["what"].str.startswith("override not used: ").sum() == 17


def test_a_later_run_says_where_the_figure_beneath_has_moved(found):
    prices = tuple(one for one in found.overrides if one.item == "price_usd")
    later = pipeline.run("miners", "2026-01-23", source="bundled", assumptions=FEW, overrides=prices)
    notes = later.issues[later.issues["what"].str.startswith("overridden: ")]
    assert notes["detail"].str.contains("without it this run would have taken").all()
    assert later.table.at["RIOT", "price_usd"] == 21.5


@pytest.mark.parametrize(
    ("rule", "value", "is_taken"),
    [("share20", 0.3, True), ("share20", 1.0, True), ("share20", 20.0, False), ("share50", 1.01, False),
     ("trailing10", 10.0, False), ("trailing10", -0.1, False), ("mw25", 40.0, True), ("signed", 2.0, True)],
)  # fmt: skip
def test_a_threshold_that_is_a_fraction_is_at_most_one(rule, value, is_taken):
    assert (fault("rule", "threshold", value, rule) == "") is is_taken


def test_no_assumption_that_is_a_fraction_takes_a_percent():
    fractions = [one["name"] for one in describe(Assumptions()) if one["unit"] == "fraction"]
    assert fractions
    assert [name for name in fractions if fault("assumption", name, 20.0) == ""] == []
