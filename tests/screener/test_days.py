"""Days as callers of the library write them."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest

import screener
from screener.days import as_day
from screener.errors import NotKnown

JANUARY = pd.Timestamp("2026-01-16")


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-16",
        date(2026, 1, 16),
        datetime(2026, 1, 16, 23, 59),
        JANUARY,
        pd.Timestamp("2026-01-16 22:00", tz="UTC"),
    ],
    ids=str,
)
def test_a_day_is_midnight_however_it_is_written(written):
    assert as_day(written) == JANUARY


@pytest.mark.parametrize("written", ["soon", "", None, "2026-02-30", pd.NaT, [2026]], ids=str)
def test_what_is_no_date_is_one_clear_line(written):
    with pytest.raises(NotKnown, match="expected YYYY-MM-DD"):
        as_day(written)


def test_the_library_takes_a_day_as_text():
    by_text = screener.run("miners", "2026-01-16", source="bundled")
    by_stamp = screener.run("miners", JANUARY, source="bundled")
    pd.testing.assert_frame_equal(by_text.table, by_stamp.table)
    assert by_text.manifest == by_stamp.manifest
