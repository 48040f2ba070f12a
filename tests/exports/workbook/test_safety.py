"""Text stays text, the same screen gives the same bytes, a file is written whole or not at all, old prices are red."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports.workbook import write
from screener.universes import Universe
from tests import commands
from tests.exports import recalculate as calc
from tests.exports.conftest import only, screened

HOSTILE = ('=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3", "@SUM(1,1)", "=1/0", "{=1+1}", "\t=1+1")


def with_texts(universe: Universe, texts: Sequence[str], links: Sequence[str] = ("https://sec.example/a",)) -> Universe:
    """A few companies with every free text replaced, the texts and links taken in turn."""
    small = only(universe, "RIOT", "IREN", "CLSK", "WULF", "MARA")

    def each(frame: pd.DataFrame, *columns: str, link: str = "") -> pd.DataFrame:
        changed = {c: [texts[(k + j) % len(texts)] for k in range(len(frame))] for j, c in enumerate(columns)}
        if link:
            changed[link] = [links[k % len(links)] for k in range(len(frame))]
        return frame.assign(**changed)

    return replace(
        small,
        title=texts[0],
        companies=each(small.companies, "name"),
        contracts=each(small.contracts, "counterparty", "evidence", link="source_url"),
        instruments=each(small.instruments, "instrument", "evidence", link="source_url"),
        facts=each(small.facts, "evidence", "confidence", link="source_url"),
        transactions=each(small.transactions, "kind", "evidence", link="source_url"),
    )


def test_no_text_of_a_universe_becomes_a_formula_or_a_link(miners, tmp_path):
    path = tmp_path / "hostile.xlsx"
    write(screened(with_texts(miners, HOSTILE, links=HOSTILE), "2026-01-16"), path)
    anew = calc.recalculate(path, tmp_path)
    for place, formula in calc.formulas(path).items():
        assert not [text for text in HOSTILE if text in formula], place
    book, shown = calc.load(path, values=False), calc.load(anew, values=True)
    seen = dict.fromkeys(HOSTILE, 0)
    for sheet in book:
        for cell in (c for row in sheet.iter_rows() for c in row if c.value is not None):
            # The links of our own lead to sheets, and their text is a sheet's name.
            assert cell.hyperlink is None or (cell.hyperlink.target is None and cell.value in book.sheetnames)
            held = [text for text in HOSTILE if text.strip() in str(cell.value)]
            if held and cell.data_type != "f":
                assert cell.data_type == "s"
                assert str(shown[sheet.title][cell.coordinate].value).strip() == cell.value.strip()
            for text in held:
                seen[text] += 1
    assert min(seen.values()) > 20


def test_web_addresses_alone_become_links(miners, tmp_path):
    good = ("https://sec.example/a", "http://sec.example/b")
    bad = ("javascript:alert(1)", "file:///etc/passwd", "mailto:a@b.example", "internal:Data!A1", "external:c:/x.xlsx",
           "https://sec.example/" + "a" * 2100)  # fmt: skip
    write(screened(with_texts(miners, ["plain"], links=good + bad), "2026-01-16"), tmp_path / "links.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "links.xlsx")["Data"]
    cells = [c for row in sheet.iter_rows() for c in row]
    assert {c.hyperlink.target for c in cells if c.hyperlink and c.hyperlink.target} == set(good)
    assert set(bad) <= {c.value for c in cells}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300), min_size=3, max_size=3)
)
def test_any_text_can_be_written_and_read_back(miners, tmp_path, texts):
    path = tmp_path / "any.xlsx"
    result = screened(with_texts(miners, texts), "2026-01-16")
    write(result, path)
    sheet = openpyxl.load_workbook(path)["Screen"]
    assert [sheet.cell(7 + k, 2).value for k in range(5)] == list(result.companies["name"])


def test_the_same_screen_gives_the_same_bytes(january, tmp_path):
    write(january.screen, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == january.path.read_bytes()


def test_another_process_on_another_processor_gives_the_same_bytes(january, tmp_path):
    command = [sys.executable, "-m", "screener", "run", "--source", "bundled", "--as-of", "2026-01-16", "--quiet"]
    # The core type makes the linear algebra round otherwise, as a processor of another make does.
    env = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "OPENBLAS_CORETYPE": "Prescott"}
    root = Path(__file__).resolve().parents[3]
    subprocess.run([*command, "--out", str(tmp_path / "b.xlsx")], check=True, cwd=root, env=env, capture_output=True)
    assert (tmp_path / "b.xlsx").read_bytes() == january.path.read_bytes()


@pytest.mark.parametrize("failing", ["os.replace", "exports.workbook.sheets.regression.write"])
def test_a_failed_write_leaves_the_old_file_and_no_other(january, tmp_path, monkeypatch, failing):
    path = tmp_path / "screen.xlsx"
    path.write_bytes(b"the old one")

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(failing, fail)
    with pytest.raises(OSError, match="no space"):
        write(january.screen, path)
    assert path.read_bytes() == b"the old one"
    assert [p.name for p in tmp_path.iterdir()] == ["screen.xlsx"]


def first_line(path: Path) -> list[tuple[str, str]]:
    """The runs of the workbook's first cell, each with its colour."""
    cell = openpyxl.load_workbook(path, rich_text=True).worksheets[0]["A1"]
    return [(run.text, run.font.color.rgb[-6:]) for run in cell.value]


def test_the_first_line_says_source_and_age_of_the_prices(january):
    (title, _), (prices, colour) = first_line(january.path)
    assert "as of 2026-01-16" in title
    assert "Prices: bundled, last close 2026-01-16" in prices
    assert colour != "C00000"


def test_old_prices_stand_in_red_on_every_sheet(shelf):
    (_, _), (prices, colour) = first_line(shelf["old_prices"].path)
    assert "last close 2026-10-05, 46 days before 2026-11-20" in prices
    assert colour == "C00000"
    book = calc.load(shelf["old_prices"].path, values=False)
    # Brief and Summary have it in their first line.
    for sheet in (one for one in book.worksheets[2:] if one.sheet_state == "visible"):
        assert "46 days before" in sheet["A2"].value
        assert sheet["A2"].font.color.rgb[-6:] == "C00000"


def test_a_fall_back_is_told_in_red(january, tmp_path):
    fell = replace(january.screen, manifest=january.screen.manifest | {"fell_back": "Yahoo cannot be reached"})
    write(fell, tmp_path / "fell.xlsx")
    assert first_line(tmp_path / "fell.xlsx")[1][1] == "C00000"
    second = openpyxl.load_workbook(tmp_path / "fell.xlsx").worksheets[0]["A2"]
    assert "Fell back to bundled prices: Yahoo cannot be reached" in second.value
    assert second.font.color.rgb[-6:] == "C00000"


def test_a_company_without_any_price_is_told(shelf):
    (_, _), (prices, colour) = first_line(shelf["one_without_price"].path)
    assert "no close of any company by 2026-01-16" in prices
    assert colour == "C00000"


def test_an_empty_universe_is_refused_in_one_line(tmp_path):
    assert commands.screener("universe", "new", "mine", cwd=tmp_path).returncode == 0
    done = commands.screener("run", "--universe", "mine/", "--source", "bundled", "--out", "x.xlsx", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "screener: universe mine: companies.csv names no company, so there is nothing to screen"
    ]
    assert not (tmp_path / "x.xlsx").exists()


def test_a_universe_without_a_single_close_is_refused_in_one_line(miners):
    from screener.errors import NotKnown

    with pytest.raises(NotKnown, match="there is none at all"):
        screened(replace(miners, prices=miners.prices.iloc[:0]), "2026-01-16")


def test_no_number_is_infinite_or_not_a_number(shelf):
    for name, shelved in shelf.items():
        numbers = [v for v in calc.values(shelved.path).values() if isinstance(v, float)]
        assert np.isfinite(numbers).all(), name
        assert len(numbers) > 50
