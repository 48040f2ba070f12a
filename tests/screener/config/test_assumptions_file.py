"""Assumptions from files: the committee's cells come back, and what cannot be read is told by its place."""

from __future__ import annotations

from dataclasses import asdict

import openpyxl
import pandas as pd
import pytest

from exports.workbook import write
from screener import pipeline
from screener.config.assumptions_file import read, template
from screener.errors import AssumptionsError, NotKnown
from valuation.assumptions import Assumptions, Bridge

AS_OF = pd.Timestamp("2026-01-16")


@pytest.fixture(scope="module")
def last_week(tmp_path_factory):
    path = tmp_path_factory.mktemp("assumed") / "last_week.xlsx"
    write(pipeline.run("miners", AS_OF, source="bundled"), path)
    return path


def edited(path, tmp_path, **cells):
    """The workbook with cells of Assumptions changed as a person would, found by the words in their row."""
    book = openpyxl.load_workbook(path)
    sheet, found = book["Assumptions"], {}
    for row in sheet.iter_rows(min_col=1, max_col=2):
        for words, value in cells.items():
            if row[0].value == words:
                row[1].value = value
                found[words] = row[1].coordinate
    assert set(found) == set(cells)
    out = tmp_path / "edited.xlsx"
    book.save(out)
    return out, found


def test_the_workbook_as_written_differs_in_nothing(last_week):
    found = read(last_week, Assumptions())
    assert found.changed == []
    assert found.assumptions == Assumptions()
    assert found.switches == Bridge()
    assert found.notes == ()


def test_three_cells_edited_are_exactly_the_three_that_differ(last_week, tmp_path):
    path, _ = edited(last_week, tmp_path, **{
        "Cap rate, hyperscaler pays or backs": 0.07,
        "Power cost of mining where not reported": 0.06,
        "Net restricted cash": 0,
    })  # fmt: skip
    found = read(path, Assumptions())
    assert {d["name"]: (d["base"], d["value"]) for d in found.changed} == {
        "cap_rate_hyperscaler": (0.06, 0.07),
        "power_cost_usd_per_kwh": (0.05, 0.06),
        "net_restricted_cash": (True, False),
    }
    assert found.assumptions == Assumptions(cap_rate_hyperscaler=0.07, power_cost_usd_per_kwh=0.06)
    assert found.switches == Bridge(net_restricted_cash=False)


def test_what_was_read_back_is_written_out_again_and_reads_the_same(last_week, tmp_path):
    path, _ = edited(last_week, tmp_path, **{"Expected delay of every start still ahead": 1.25})
    first = read(path, Assumptions())
    again = tmp_path / "again.xlsx"
    result = pipeline.run("miners", AS_OF, source="bundled", assumptions=first.assumptions, switches=first.switches)
    write(result, again)
    assert read(again, Assumptions()).changed == first.changed
    assert result.manifest["changed"] == {"delay_years": 1.25}


def test_a_text_in_a_number_cell_is_told_with_sheet_and_cell(last_week, tmp_path):
    path, cells = edited(last_week, tmp_path, **{
        "Cap rate, hyperscaler pays or backs": "about 6%",
        "Seed of every random draw": None,
        "Net restricted cash": "ja",
    })  # fmt: skip
    with pytest.raises(AssumptionsError) as caught:
        read(path, Assumptions())
    told = str(caught.value)
    where = cells["Cap rate, hyperscaler pays or backs"]
    assert f"edited.xlsx: Assumptions!{where} 'about 6%': expected a number (fraction) from 0.005 to 1" in told
    assert f"Assumptions!{cells['Seed of every random draw']} 'blank': expected a whole number (seed)" in told
    assert f"Assumptions!{cells['Net restricted cash']} 'ja': expected yes or no" in told
    assert len(caught.value.problems) == 3


def test_an_edited_bitcoin_price_is_a_fact_and_is_told_not_taken(last_week, tmp_path):
    path, _ = edited(last_week, tmp_path, **{"Bitcoin price": 120_000})
    found = read(path, Assumptions())
    assert found.changed == []
    assert "120,000" in found.notes[0]


def test_rows_may_be_moved_and_columns_added(last_week, tmp_path):
    book = openpyxl.load_workbook(last_week)
    sheet = book["Assumptions"]
    sheet.insert_cols(1)
    sheet.insert_rows(10, amount=3)
    for row in sheet.iter_rows(min_col=2, max_col=3):
        if row[0].value == "Cap rate, every other tenant":
            row[1].value = 0.1
    moved = tmp_path / "moved.xlsx"
    book.save(moved)
    assert [d["name"] for d in read(moved, Assumptions()).changed] == ["cap_rate_other"]


def test_a_number_that_stands_twice_is_told(last_week, tmp_path):
    book = openpyxl.load_workbook(last_week)
    book["Assumptions"].append(["Cap rate, every other tenant", 0.1])
    twice = tmp_path / "twice.xlsx"
    book.save(twice)
    with pytest.raises(AssumptionsError, match="each number once"):
        read(twice, Assumptions())


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 broken"])
def test_a_broken_workbook_is_told(tmp_path, content):
    path = tmp_path / "broken.xlsx"
    path.write_bytes(content)
    with pytest.raises(AssumptionsError, match="a workbook that can be opened"):
        read(path, Assumptions())


def test_another_workbook_is_told(tmp_path):
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(AssumptionsError, match="a sheet named Assumptions"):
        read(path, Assumptions())
    book = openpyxl.Workbook()
    book.active.title = "Assumptions"
    book.save(path)
    with pytest.raises(AssumptionsError, match="a row with the headers What and Value"):
        read(path, Assumptions())


def test_no_file_and_a_strange_suffix_are_told(tmp_path):
    with pytest.raises(NotKnown, match="no file"):
        read(tmp_path / "none.toml", Assumptions())
    path = tmp_path / "numbers.csv"
    path.write_text("cap_rate_exit,0.08")
    with pytest.raises(AssumptionsError, match=r"\.toml, \.xlsx, \.xlsm"):
        read(path, Assumptions())


def test_the_template_reads_back_as_the_defaults(tmp_path):
    path = tmp_path / "all.toml"
    path.write_text(template(Assumptions(), Bridge()))
    found = read(path, Assumptions())
    assert found.changed == []
    assert all(name in path.read_text() for name in asdict(Assumptions()))


def test_toml_changes_and_keeps_the_rest(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("cap_rate_exit = 0.08\nnet_bitcoin = false\n")
    found = read(path, Assumptions(delay_years=2.0))
    assert found.assumptions == Assumptions(delay_years=2.0, cap_rate_exit=0.08)
    assert [d["name"] for d in found.changed] == ["cap_rate_exit", "net_bitcoin"]


def test_toml_problems_are_told_all_at_once_by_line(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('# mine\ncap_rate_exti = 0.08\n\ndelay_years = "one"\nnet_bitcoin = 3\n[mining]\nuptime = 1\n')
    with pytest.raises(AssumptionsError) as caught:
        read(path, Assumptions())
    told = str(caught.value)
    assert "mine.toml:2: cap_rate_exti '0.08': expected the name of an assumption (see `screener" in told
    assert "assumptions`); did you mean cap_rate_exit?" in told
    assert "mine.toml:4: delay_years 'one': expected a number (years) from 0 to 10" in told
    assert "mine.toml:5: net_bitcoin '3': expected yes or no" in told
    assert "mine.toml:6: mining: expected the name of an assumption" in told
    assert len(caught.value.problems) == 4


def test_broken_toml_is_told(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("cap_rate_exit = ")
    with pytest.raises(AssumptionsError, match="valid TOML"):
        read(path, Assumptions())


def test_correlations_that_cannot_belong_together_are_told(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("correlation_bitcoin_hashprice = 0.0\ncorrelation_bitcoin_cap_rate = 0.9\n"
                    "correlation_cap_rate_capex = 0.9\ncorrelation_capex_delay = -0.9\n")  # fmt: skip
    with pytest.raises(AssumptionsError, match="correlations that can occur together"):
        read(path, Assumptions())
