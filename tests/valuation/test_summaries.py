"""Result objects in print and in a notebook: short, escaped, and JSON-ready."""

from __future__ import annotations

import inspect
import json
import pkgutil
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

import valuation
from valuation._summary import ResultMixin, Summary, Table, as_json, cell, small
from valuation.screen import Screen

VOID = {"br"}


class Balanced(HTMLParser):
    """Fails on a tag that is not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def checked_html(text: str) -> str:
    reader = Balanced()
    reader.feed(text)
    assert reader.open == []
    return " ".join(reader.texts)


def parts(report) -> dict[str, object]:
    return {
        "report": report, "gap": report.gap, "regression": report.regression, "studies": report.studies,
        "gap study": report.studies.gap, "curve": report.studies.gap.curve, "history": report.studies.gap.history,
        "joint": report.studies.gap.joint,
        "regression study": report.studies.line, "panel": report.studies.line.panel, "mix": report.studies.mix,
        "events": report.studies.events, "raises": report.studies.events.raises, "nav analysis": report.nav,
        "nav": report.nav.nav, "book": report.nav.book, "mining": report.nav.mining,
        "simulation": report.nav.simulation,
    }  # fmt: skip


def test_every_result_prints_short_as_text_and_as_html_and_becomes_json(report):
    for name, result in parts(report).items():
        assert isinstance(result, ResultMixin), name
        assert 0 < len(repr(result)) < 4000, name
        assert str(result).strip(), name
        assert result._repr_html_() == result.summary.html
        assert checked_html(result._repr_html_()).strip(), name
        assert isinstance(result.to_frame(), pd.DataFrame), name
        json.dumps(result.to_dict(), allow_nan=False)


def test_a_screen_shows_title_date_prices_companies_gap_and_line(report):
    text = str(report)
    assert text.startswith("Listed bitcoin miners and the AI infrastructure they build, 16 January 2026\nPrices: ")
    assert "APLD  AI" in text
    assert "A typical AI-group company trades at 2.7x" in " ".join(text.split())
    assert "4.5x as high" in " ".join(text.split())
    assert "With: studies, nav" in text
    assert report.summary.lines[-1] == "With: studies, nav"
    last = report.summary.notes[-1]
    assert last.startswith("MW: secured. AI share: of contracted revenue.")
    assert last.endswith("not shown.")


def test_a_screen_of_many_companies_stays_short(report):
    screen = {field.name: getattr(report, field.name) for field in fields(Screen)}
    many = [f"{ticker}{k}" for k in range(40) for ticker in report.table.index]
    for name in ("table", "status", "causes", "companies"):
        frame = pd.concat([screen[name].reindex(report.table.index)] * 40)
        screen[name] = frame.set_axis(pd.Index(many, name="ticker"))
    members = report.gap.members.reindex(report.table.index)
    members = pd.concat([members] * 40).set_axis(pd.Index(many, name="ticker"))
    large = Screen(**screen | {"gap": replace(report.gap, members=members)})
    assert len(large.table) == 880
    assert len(repr(large)) < 4000
    assert "and 666 more" in str(large)


def test_every_dataclass_of_results_keeps_the_short_repr():
    found = []
    for module in pkgutil.walk_packages(valuation.__path__, "valuation."):
        for name, kind in inspect.getmembers(import_module(module.name), inspect.isclass):
            if issubclass(kind, ResultMixin) and is_dataclass(kind):
                assert kind.__repr__ is ResultMixin.__repr__, name
                found.append(name)
    assert len(set(found)) > 30


def test_html_is_escaped():
    frame = pd.DataFrame({"a<b": ["<script>alert(1)</script>"]}, index=["x&y"])
    html = Summary("<b>", ("a & b",), (small(frame, "<i>"),), ("1 < 2",)).html
    assert "<script>" not in html
    assert checked_html(html).split() == [
        "<b>", "a", "&", "b", "<i>", "a<b", "x&y", "<script>alert(1)</script>", "1", "<", "2",
    ]  # fmt: skip


def test_text_columns_align_to_the_left_and_figures_to_the_right():
    frame = pd.DataFrame({"name": ["short", "a longer one"], "value": [1.5, float("nan")], "p": [0.0004, 0.2]})
    lines = Summary("Title", tables=(small(frame.set_index("name")),)).text.splitlines()
    assert lines[2:] == ["name          value        p", "short          1.50  < 0.001", "a longer one    n/a    0.200"]


def test_a_table_says_how_many_rows_it_leaves_out():
    table = small(pd.DataFrame({"x": range(30)}))
    assert isinstance(table, Table)
    assert table.left_out == 18
    assert Summary("t", tables=(table,)).text.endswith("... and 18 more")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "n/a"),
        (float("nan"), "n/a"),
        (float("inf"), "unbounded"),
        (True, "yes"),
        (pd.Timestamp("2026-01-16"), "2026-01-16"),
        (12345, "12,345"),
        (2.5e9, "2.50bn"),
        (3.61, "3.61"),
        (0.0154, "0.015"),
        (pd.Period("2026Q1"), "2026Q1"),
    ],
)
def test_cells(value, text):
    assert cell(value) == text


def test_json_keeps_figures_and_turns_unknown_into_null():
    value = {
        "a": np.float64(0.1),
        "b": np.nan,
        "c": (1, np.int64(2)),
        "d": pd.Series({"x": np.inf}),
        3: pd.Period("2026Q1"),
    }
    assert as_json(value) == {"a": 0.1, "b": None, "c": [1, 2], "d": {"x": None}, "3": "2026Q1"}
