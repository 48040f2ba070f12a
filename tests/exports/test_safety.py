"""Text stays text, the same screen gives the same bytes, a file is written whole or not at all, old prices are red."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports.workbook import book as volume
from exports.workbook import write
from screener.universes import Universe
from tests.exports import recalculate as calc
from tests.exports.conftest import only, screened

HOSTILE = ('=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3", "@SUM(1,1)", "=1/0", "{=1+1}", "\t=1+1")


def with_text(universe: Universe, text: str, link: str = "https://sec.example/a") -> Universe:
    """Every free text of a universe replaced, two instruments and a contract included."""
    small = only(universe, "RIOT", "IREN", "CLSK", "WULF", "MARA")
    return replace(
        small,
        title=text,
        companies=small.companies.assign(name=text),
        contracts=small.contracts.assign(counterparty=text, evidence=text, source_url=link),
        instruments=small.instruments.assign(instrument=text, evidence=text, source_url=link),
        facts=small.facts.assign(evidence=text, source_url=link, confidence=text),
        transactions=small.transactions.assign(kind=text, evidence=text, source_url=link),
    )


@pytest.fixture(scope="module")
def hostile(miners, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    paths = []
    for number, text in enumerate(HOSTILE):
        paths.append(folder / f"{number}.xlsx")
        write(screened(with_text(miners, text, link=text), "2026-01-16"), paths[-1])
    return dict(zip(HOSTILE, zip(paths, calc.recalculate(paths, folder), strict=True), strict=True))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_universe_becomes_a_formula_or_a_link(hostile, text):
    path, anew = hostile[text]
    for place, formula in calc.formulas(path).items():
        assert text not in formula, place
    book, shown = calc.load(path, values=False), calc.load(anew, values=True)
    seen = 0
    for sheet in book:
        for cell in (c for row in sheet.iter_rows() for c in row):
            assert cell.hyperlink is None
            if cell.data_type == "s" and text.strip() in str(cell.value):
                seen += 1
                assert cell.quotePrefix in (None, False)
                assert str(shown[sheet.title][cell.coordinate].value).strip() == cell.value.strip()
    assert seen > 50


def test_web_addresses_alone_become_links(miners, tmp_path):
    for number, (link, expected) in enumerate(
        {
            "https://sec.example/a": True, "http://sec.example/a": True, "javascript:alert(1)": False,
            "file:///etc/passwd": False, "mailto:a@b.example": False, "internal:Data!A1": False, "external:c:/x.xlsx": False,
            "https://sec.example/" + "a" * 2100: False,
        }.items()
    ):  # fmt: skip
        path = tmp_path / f"{number}.xlsx"
        write(screened(with_text(miners, "plain", link=link), "2026-01-16"), path)
        sheet = openpyxl.load_workbook(path)["Data"]
        linked = {c.hyperlink.target for row in sheet.iter_rows() for c in row if c.hyperlink}
        assert linked == ({link} if expected else set())


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300))
def test_any_text_can_be_written_and_read_back(miners, tmp_path, text):
    path = tmp_path / "any.xlsx"
    write(screened(with_text(miners, text), "2026-01-16"), path)
    sheet = openpyxl.load_workbook(path)["Screen"]
    assert sheet["B7"].value == text


def test_the_same_screen_gives_the_same_bytes(january, tmp_path):
    write(january.screen, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == january.path.read_bytes()


def test_another_process_on_another_processor_gives_the_same_bytes(january, tmp_path):
    command = [sys.executable, "-m", "screener", "run", "--source", "bundled", "--as-of", "2026-01-16", "--quiet"]
    # The core type makes the linear algebra round otherwise, as a processor of another make does.
    env = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "OPENBLAS_CORETYPE": "Prescott"}
    root = Path(__file__).resolve().parents[2]
    subprocess.run([*command, "--out", str(tmp_path / "b.xlsx")], check=True, cwd=root, env=env, capture_output=True)
    assert (tmp_path / "b.xlsx").read_bytes() == january.path.read_bytes()


@pytest.mark.parametrize("failing", ["os.replace", "exports.workbook.regression.write"])
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
    assert "Prices: bundled, last close 2026-01-16, 0 days before 2026-01-16" in prices
    assert colour != "C00000"


def test_old_prices_stand_in_red_on_every_sheet(shelf):
    (_, _), (prices, colour) = first_line(shelf["old_prices"].path)
    assert "last close 2026-10-05, 46 days before 2026-11-20" in prices
    assert colour == "C00000"
    for sheet in calc.load(shelf["old_prices"].path, values=False).worksheets[1:]:
        assert "46 days before" in sheet["A2"].value
        assert sheet["A2"].font.color.rgb[-6:] == "C00000"


def test_a_fall_back_is_told_in_red(january, tmp_path):
    fell = replace(january.screen, manifest=january.screen.manifest | {"fell_back": "Yahoo cannot be reached"})
    write(fell, tmp_path / "fell.xlsx")
    assert first_line(tmp_path / "fell.xlsx")[1][1] == "C00000"
    second = openpyxl.load_workbook(tmp_path / "fell.xlsx").worksheets[0]["A2"]
    assert "Live prices were asked for and not reached (Yahoo cannot be reached)" in second.value
    assert second.font.color.rgb[-6:] == "C00000"


def test_a_company_without_any_price_is_told(shelf):
    (_, _), (prices, colour) = first_line(shelf["one_without_price"].path)
    assert "no close of any company by 2026-01-16" in prices
    assert colour == "C00000"


def test_an_empty_universe_is_refused_in_one_line(tmp_path):
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "screener"]
    subprocess.run([*command, "universe", "new", str(tmp_path / "mine")], check=True, cwd=root, capture_output=True)
    done = subprocess.run(
        [*command, "run", "--universe", str(tmp_path / "mine"), "--source", "bundled", "--out", str(tmp_path / "x.xlsx")],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
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


def test_sheets_are_written_in_the_order_of_their_tabs():
    assert [module.__name__.rpartition(".")[2] for module in volume.MODULES][:2] == ["summary", "screen"]
    assert pd.Index(volume.SHEETS).is_unique
