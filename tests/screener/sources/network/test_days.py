"""Figures by day of a source: by their time, and what is no figure or no shape of an answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener.sources.http import Refused
from screener.sources.network.days import figures, member
from tests.screener.sources.network.answers import NOW, seconds


def read(*rows: tuple[object, object], now: pd.Timestamp = NOW) -> dict[str, float]:
    table = figures([{"t": stamp, "v": value} for stamp, value in rows], "figures", "t", ["v"], now)
    assert table.index.is_monotonic_increasing
    return {f"{when:%m-%d %H:%M}": value for when, value in table["v"].items()}


def test_figures_stand_by_their_time_and_what_is_no_figure_is_unknown():
    told = read(
        (seconds("2026-10-03"), 3.0), (seconds("2026-10-01 12:30"), "1.5"), (seconds("2026-10-02"), 0.0),
        (seconds("2026-10-04"), -1.0), (seconds("2026-10-05"), None), (seconds("2026-10-05 01:00"), float("inf")),
        (seconds("2026-10-05 02:00"), 7.0), (seconds("2026-10-05 02:00"), 7.0), (seconds("2026-10-05 03:00"), 7.0),
        (seconds("2026-10-05 03:00"), 8.0), (seconds("2026-10-05 04:00"), 0.5),
    )  # fmt: skip
    assert {when: value for when, value in told.items() if not np.isnan(value)} == {
        "10-01 12:30": 1.5, "10-03 00:00": 3.0, "10-05 02:00": 7.0, "10-05 04:00": 0.5,
    }  # fmt: skip
    assert len(told) == 9


@pytest.mark.parametrize(
    ("stamp", "when"),
    [
        (1_231_006_505, "01-03 18:15"),  # of 2009, the first block
        (1_231_006_504, None),
        (seconds("2026-10-06 09:00"), "10-06 09:00"),
        (seconds("2026-10-06 09:00") + 1, None),
        ("soon", None),
        (None, None),
    ],
)
def test_times_are_from_the_first_block_to_a_day_ahead(stamp, when):
    if when:
        assert read((stamp, 1.0)) == {when: 1.0}
        return
    with pytest.raises(Refused, match="figures with a time that cannot be: before 2009, in the future, or no number"):
        read((stamp, 1.0), (seconds("2026-10-01"), 2.0))


@pytest.mark.parametrize(
    ("rows", "kind", "words"),
    [({}, "bad_answer", "figures is no list of objects"), ([1], "bad_answer", "figures is no list of objects"),
     ([{"t": 1}, 2], "bad_answer", "no list of objects"), ([], "empty", "no figures"),
     ([{"v": 1.0}], "bad_answer", "figures without t"), ([{"x": 1.0}], "bad_answer", "figures without t and v")],
)  # fmt: skip
def test_another_shape_is_refused(rows, kind, words):
    with pytest.raises(Refused, match=words) as refused:
        figures(rows, "figures", "t", ["v"], NOW)
    assert refused.value.kind == kind
    for content in ([], {}, {"w": 1}):
        with pytest.raises(Refused, match="another shape: no v"):
            member(content, "v")
    assert member({"v": None}, "v") is None
