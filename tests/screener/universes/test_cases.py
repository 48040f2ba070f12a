"""Universes that tools of the field read wrong, from public bug reports, through the commands of a user."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from screener.cli import cli
from screener.errors import NotKnown
from tests.exports import recalculate as calc

CASES = Path(__file__).parent / "cases"
DAY = ("--as-of", "2026-10-02", "--source", "bundled")


def run(*arguments: str):
    return CliRunner().invoke(cli, list(arguments))


def test_more_cash_than_value_is_not_cheapest_and_unknown_debt_is_not_none(tmp_path):
    """By hand: CONV 20 x 120m + 200m - 100m, its note counted once; WARR 20 x 109.5m - 100m by treasury stock."""
    folder = str(CASES / "negative_ev")
    assert run("run", "--universe", folder, *DAY, "--out", str(tmp_path / "r.json"), "--quiet").exit_code == 0
    rows = {row["ticker"]: row for row in json.loads((tmp_path / "r.json").read_text())["table"]}
    assert rows["CONV"]["enterprise_value_usd"] == pytest.approx(2_500e6)
    assert rows["WARR"]["enterprise_value_usd"] == pytest.approx(2_090e6)
    assert rows["MISS"]["enterprise_value_usd"] is None
    assert rows["NEGE"]["enterprise_value_usd"] < 0
    ranked = run("screen", "--universe", folder, *DAY, "--rank-by", "ev_per_mw_secured")
    assert ranked.exit_code == 0, ranked.output
    ranks = re.findall(r"^([A-Z]{3,4})\s+(\d+)\s", ranked.output, re.MULTILINE)
    assert [ticker for ticker, _ in ranks] == ["CCC", "BBB", "AAA", "EEE", "DDD", "CONV", "WARR"]
    assert [int(rank) for _, rank in ranks] == list(range(1, 8))


def test_one_company_with_the_treatment_gives_no_standard_error():
    done = run("regress", "--universe", str(CASES / "leverage_of_one"), *DAY)
    assert isinstance(done.exception, NotKnown)  # the program ends with 2
    words = str(done.exception)
    assert "AAA alone differs in ai_share_contracted: one company determines the slope" in words
    assert "nan" not in words


def test_a_quarter_that_ends_on_the_second_of_july_is_the_second_quarter():
    done = run("mix", "--universe", str(CASES / "quarter_of_52_weeks"), *DAY)
    assert done.exit_code == 0
    rows = [line.split() for line in done.output.splitlines() if re.match(r"\s*20\d\dQ\d\s", line)]
    assert [row[0] for row in rows] == ["2026Q2"]
    assert rows[0][4:6] == ["9", "9"]


@pytest.mark.long
def test_a_switch_survives_libreoffice_and_the_word_no_is_no(tmp_path):
    screen = ("--as-of", "2026-10-05", "--source", "bundled", "--quiet", "--out")
    path = tmp_path / "week.xlsx"
    assert run("run", *screen, str(path)).exit_code == 0
    for value, through in ((False, True), ("no", False)):
        book = openpyxl.load_workbook(path)
        sheet = book["Assumptions"]
        next(row for row in sheet.iter_rows() if row[0].value == "Count pledged or lent bitcoin")[1].value = value
        edited = tmp_path / f"edited_{value}.xlsx"
        book.save(edited)
        read = calc.recalculate(edited, tmp_path) if through else edited
        done = run("run", "--assumptions", str(read), "--as-of", "2026-10-05", "--source", "bundled", "--out",
                   str(tmp_path / "again.json"))  # fmt: skip
        assert done.exit_code == 0, done.output
        assert "Count pledged or lent bitcoin (yes/no): no" in " ".join(done.output.split())
