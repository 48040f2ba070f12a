"""The workbook on paper: LibreOffice prints every sheet, and no figure is too wide for its column."""

from __future__ import annotations

import pytest

from exports.workbook.writer.context import SHEETS
from tests.exports.recalculate import pages


@pytest.mark.parametrize("name", ["january_studied", "october_2026_studied"])
def test_every_sheet_is_printed_and_no_figure_as_hashes(shelf, tmp_path, name):
    printed = pages(shelf[name].path, tmp_path)
    assert [line.strip() for line in printed.splitlines() if "###" in line] == []
    headers = {line.strip() for page in printed.split("\f") for line in page.splitlines()[:3]}
    assert [sheet for sheet in SHEETS if not any(sheet in header for header in headers)] == []
