"""Charts as SVG: ticks, places of points against a hand calculation, text alternative, hostile names, gaps in lines."""

from __future__ import annotations

import math
import re

import lxml.etree
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.html.charts import figure
from exports.html.charts.scales import days, scale_of
from exports.tables.charts import Axis, ChartSpec, Series

DAY = pd.Timestamp("2026-10-05")
NAN = math.nan


def chart(*series: Series, x: Axis | None = None, y: Axis | None = None) -> ChartSpec:
    return ChartSpec(
        "test", "A title", x or Axis("Share (%)", "count"), y or Axis("EV ($m)", "m_usd_per_mw_fine", "log"), series,
        "What it shows.", "filings", DAY,
    )  # fmt: skip


def drawings(text: str) -> list[lxml.etree._Element]:
    """The drawings of a figure, read as strict XML."""
    return lxml.etree.fromstring(f"<div>{text}</div>".replace("&nbsp;", " ")).findall(".//svg[@role='img']")


POINTS = Series("AI group", "points", "ai", [0.0, 50.0, 100.0], [1.0, 2.0, 4.0], labels=["A", "B", "C"])


def test_a_figure_has_title_units_source_date_and_a_text_alternative_on_both_sizes():
    text = figure(chart(POINTS))
    wide, narrow = drawings(text)
    assert (wide.get("class"), narrow.get("class")) == ("wide", "narrow")
    for one in (wide, narrow):
        assert one.get("aria-label") == "A title. What it shows."
        shown = [t.text for t in one.iter("text")]
        assert {"EV ($m)", "Share (%)", "A", "B", "C"} <= set(shown)
    assert "<strong>A title</strong>" in text
    assert "Source: filings. Data as of 5 October 2026." in text
    assert "AI group" in text


def test_points_stand_where_a_log_scale_puts_them():
    wide, _ = drawings(figure(chart(POINTS)))
    marks = [(float(c.get("cx")), float(c.get("cy"))) for c in wide.iter("circle")]
    (x1, y1), (x2, y2), (x3, y3) = marks
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.11)
    assert y1 - y2 == pytest.approx(y2 - y3, abs=0.11)  # 1, 2 and 4 are evenly spaced in logs
    assert y1 > y2 > y3


def test_a_line_breaks_where_a_week_is_unknown_and_a_band_too():
    weeks = list(pd.date_range("2026-01-02", periods=5, freq="7D"))
    line = Series("Gap", "line", "ai", weeks, [1.0, 2.0, NAN, 3.0, 4.0])
    band = Series("Interval", "band", "ai", weeks, (), [0.5, 1.0, NAN, 2.0, 3.0], [2.0, 3.0, NAN, 4.0, 5.0])
    wide, _ = drawings(figure(chart(band, line, x=Axis("", scale="time"))))
    (path,) = [p for p in wide.iter("path") if p.get("class") == "line r-ai"]
    assert path.get("d").count("M") == 2
    assert len([p for p in wide.iter("path") if p.get("class") == "band r-ai"]) == 2
    assert "nan" not in lxml.etree.tostring(wide).decode()


def test_a_chart_without_a_point_is_not_drawn():
    assert figure(chart(Series("x", "line", "ai", [1.0], [NAN]))) == ""


def test_names_of_companies_stay_text():
    hostile = '<script>alert(1)</script>"&\x00\u202e'
    series = Series(hostile, "points", "ai", [1.0, 2.0], [1.0, 2.0], labels=[hostile, "B"])
    wide, _ = drawings(figure(chart(series)))
    assert not list(wide.iter("script"))
    assert any("<script>alert(1)</script>" in (t.text or "") for t in wide.iter("text"))


def test_rows_stand_below_each_other_with_their_ranges():
    names = ["CIFR", "HUT"]
    series = (
        Series("Draws", "ranges", "ai", names, (), [0.5, 1.0], [1.5, 3.0]),
        Series("NAV", "points", "ai", names, [1.0, 2.0]),
    )
    wide, _ = drawings(figure(chart(*series, x=Axis("", scale="names"), y=Axis("x", "multiple", reference=1.0))))
    first, second = [(float(c.get("cx")), float(c.get("cy"))) for c in wide.iter("circle")]
    assert second[1] > first[1]
    starts = [
        re.match(r"M([\d.]+) ([\d.]+)H([\d.]+)", p.get("d")) for p in wide.iter("path") if "range" in p.get("class")
    ]
    low, _, high = (float(v) for v in starts[0].groups())
    assert (low + high) / 2 == pytest.approx(first[0], abs=0.2)  # 1.0 lies half way from 0.5 to 1.5


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.sampled_from(["linear", "log"]), st.integers(3, 8))
@settings(max_examples=200, deadline=None)
def test_every_value_lies_on_the_scale_and_ticks_rise(low, span, kind, most):
    values = [abs(low) + 1e-3, abs(low) + span] if kind == "log" else [low, low + span]
    scale = scale_of(Axis("x", "number", kind), values, 0.0, 100.0, most)
    for value in values:
        assert -1e-6 <= scale.at(value) <= 100 + 1e-6
    assert list(scale.ticks) == sorted(set(scale.ticks))
    assert len(scale.ticks) >= 2
    assert len(scale.ticks) == len(scale.labels)


def test_ticks_of_time_are_first_days_of_months():
    weeks = [days(day) for day in pd.date_range("2024-01-05", "2026-10-05", freq="7D")]
    scale = scale_of(Axis("", scale="time"), weeks, 0.0, 700.0, 8)
    assert scale.labels == ("Jul 2024", "Jan 2025", "Jul 2025", "Jan 2026", "Jul 2026")
    assert scale.ticks[0] == days(pd.Timestamp("2024-07-01"))
