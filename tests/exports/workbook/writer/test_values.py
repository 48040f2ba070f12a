"""Excel's limits at their boundary: a longer text is cut with a mark."""

from __future__ import annotations

import io

import openpyxl
import pytest
import xlsxwriter

from exports.workbook.writer.values import cell_text, day


@pytest.mark.parametrize("length", [0, 31_999, 32_000, 32_001, 40_000])
def test_a_long_text_is_read_back_whole_or_cut_to_what_excel_takes(length):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        # xlsxwriter refuses what is longer than Excel's 32,767 characters with -2.
        assert book.add_worksheet().write_string(0, 0, cell_text("x" * length)) == 0
    cell = openpyxl.load_workbook(file).active["A1"].value or ""
    assert len(cell) == min(length, 32_000)
    assert cell.endswith("…") is (length > 32_000)


def test_what_is_unknown_is_an_empty_text():
    assert [cell_text(value) for value in (None, float("nan"), 0, "a")] == ["", "", "0", "a"]
    assert [day(value) for value in (None, "2026-01-16")] == ["", "2026-01-16"]
