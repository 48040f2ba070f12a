"""One model of a table: what the terminal, CSV, JSON and HTML make of it."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from exports.html.render import document, write_html
from exports.tables.formats import figure, money, per_mw, price, texts
from exports.tables.machine import csv_text, jsonable, write_frame
from exports.tables.spec import Column, Page, Points, TableSpec, Text, column, note
from exports.tables.update import update_page
from exports.terminal.render import console, print_page, print_table
from valuation.status import shown

FRAME = pd.DataFrame(
    {
        "ev": [12.84e9, 2.09e9, np.nan, -0.5e9],
        "per_mw": [14.491, 1.2, 3.0, np.nan],
        "share": [1.0, 0.05, 0.0, np.nan],
        "who": ["APLD & <b>sons</b>", "MARA", "=1+1", ""],
    },
    index=pd.Index(["APLD", "MARA", "SLNH", "GLXY"], name="ticker"),
)
STATUS = pd.DataFrame(
    {"ev": ["ok", "stale", "missing", "ok"], "per_mw": ["ok", "proxy", "ok", "not_meaningful"]}, index=FRAME.index
)
COLUMNS = (
    Column("ticker", "Company"),
    Column("ev", "Enterprise value", "usd", "EV"),
    Column("per_mw", "EV per secured MW", "m_usd_per_mw", "EV/MW"),
    Column("share", "Contracted AI share", "fraction", "Share", priority=2),
    Column("who", "Counterparty", priority=1),
)
SPEC = TableSpec("companies", FRAME, COLUMNS, title="Companies", status=STATUS, notes=("A note.",))


def printed(spec: TableSpec, width: int = 80) -> str:
    out = io.StringIO()
    print_table(spec, Console(file=out, width=width))
    return out.getvalue()


@pytest.mark.parametrize(
    ("value", "unit", "status", "shown"),
    [
        (12.84e9, "usd", "ok", "12.8"),
        (2.09e7, "usd", "ok", "0.02"),
        (1.2, "m_usd_per_mw", "stale", "1.2s"),
        (0.35, "m_usd_per_mw", "proxy", "0.35p"),
        (0.053, "fraction", "ok", "5%"),
        (-0.0001, "change", "ok", "0%"),
        (float("inf"), "multiple", "ok", "unbounded"),
        (float("nan"), "multiple", "ok", "n/a"),
        (3.0, "multiple", "missing", "n/a"),
        (3.0, "multiple", "not_meaningful", "n.m."),
        (0.0004, "p", "ok", "< 0.001"),
        (0.0341, "p", "ok", "0.034"),
        (0.365, "p", "ok", "0.36"),
        (pd.Timestamp("2026-01-16"), "date", "ok", "2026-01-16"),
        (7.25, "a_unit_of_tomorrow", "ok", "7.25"),
    ],
)
def test_a_figure_is_printed_by_its_unit_and_status(value, unit, status, shown):
    assert figure(value, unit, status) == shown


def test_a_column_has_one_number_of_decimals_and_no_figure_prints_as_zero():
    assert texts([12.4, 0.8, 3.0], "multiple") == ["12.4x", "0.8x", "3.0x"]
    assert texts([12.4, 0.8, 0.6], "multiple") == ["12.40x", "0.80x", "0.60x"]  # most are below 1
    assert texts([23.29e9, 0.02e9], "usd") == ["23.29", "0.02"]
    assert texts([0.0, 5.0], "count", zero="-") == ["-", "5"]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (money(5.2e9), "$5.2bn"), (money(-350e6), "-$350m"), (money(9.2e6), "$9.2m"), (money(12345.4), "$12,345"),
        (money(999_960_000), "$1.0bn"), (money(float("nan")), "n/a"),
        (per_mw(3.61), "$3.6m"), (per_mw(0.35), "$0.35m"), (price(12.345), "$12.35"), (price(-1.17), "-$1.17"),
    ],
)  # fmt: skip
def test_single_figures_in_a_sentence(words, shown):
    assert words == shown


def test_a_column_takes_title_and_unit_from_the_metric_registry():
    assert column("ev_per_mw_secured") == Column("ev_per_mw_secured", "EV / secured MW", "m_usd_per_mw")
    assert column("ev_per_mw_secured").header == "EV / secured MW ($m per MW)"
    assert column("backlog_usd / secured_mw").unit == "text"


def test_the_terminal_drops_columns_by_priority_and_never_clips_a_number():
    wide, narrow = printed(SPEC, 100), printed(SPEC, 44)
    assert "Contracted AI" in wide
    assert "Share" not in narrow  # the higher priority number goes first
    assert "Counterparty" in narrow
    for width in (30, 44, 60, 80, 200):
        text = printed(SPEC, width)
        assert max(map(len, text.splitlines())) <= width
        words = text.split()
        assert all(number in words for number in ("12.8", "2.1s", "14.5", "1.2p", "n.m."))


@pytest.mark.parametrize(("terminal", "columns", "width"), [("1", "140", 140), ("1", "60", 80), ("", "140", 80)])
def test_a_page_takes_80_columns_and_more_where_the_terminal_has_them(monkeypatch, terminal, columns, width):
    monkeypatch.setenv("FORCE_COLOR", terminal)
    monkeypatch.setenv("COLUMNS", columns)
    assert console().width == width


def test_columns_that_cannot_be_dropped_go_into_blocks_beside_the_first():
    many = pd.DataFrame({f"c{i}": [123456.0] for i in range(20)}, index=pd.Index(["ROW"], name="t"))
    spec = TableSpec("many", many, (Column("t", ""), *(Column(f"c{i}", f"c{i}", "count") for i in range(20))))
    text = printed(spec)
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("123,456") == 20
    assert sum(line.startswith("ROW") for line in text.splitlines()) > 1


def test_marks_styles_and_a_footer_of_sums():
    spec = TableSpec(
        "w", pd.DataFrame({"name": ["a", "b"], "x": [1e9, 2e9]}), (Column("name", ""), Column("x", "X", "usd")),
        marks=pd.Series(["", "*"]), footer={"name": "Sum", "x": 3e9},
    )  # fmt: skip
    assert spec.cells() == [["a", "b*", "Sum"], ["1.0", "2.0", "3.0"]]
    assert spec.row_styles() == ["", "", "bold"]


def test_files_hold_every_column_at_full_precision_with_its_status_beside_it(tmp_path):
    write_frame(SPEC, tmp_path / "t.csv")
    text = (tmp_path / "t.csv").read_text()
    assert text.splitlines()[0] == "ticker,ev,ev_status,per_mw,per_mw_status,share,who"
    assert text.splitlines()[1] == "APLD,12840000000.0,ok,14.491,ok,1.0,APLD & <b>sons</b>"
    assert "'=1+1" in text
    rows = jsonable(SPEC)
    assert rows[0]["per_mw"] == 14.491
    assert (rows[2]["ev"], rows[2]["ev_status"]) == (None, "missing")
    assert csv_text(SPEC.machine()) == text


def test_anything_in_a_page_becomes_json():
    content = {
        "table": SPEC, "frame": pd.DataFrame({"a": [1, 2]}).iloc[[1]], "series": pd.Series({"x": np.nan, 2: 1.5}),
        "period": pd.Period("2026Q1"), "day": pd.Timestamp("2026-01-16"), "column": COLUMNS[0], "flag": np.bool_(True),
        "none": pd.NaT, "infinite": float("inf"), "list": ("a", 1),
    }  # fmt: skip
    out = json.loads(json.dumps(jsonable(content), allow_nan=False))
    assert out["frame"] == [{"a": 2}]
    assert out["series"] == {"x": None, "2": 1.5}
    assert (out["period"], out["day"], out["flag"]) == ("2026Q1", "2026-01-16", True)
    assert (out["none"], out["infinite"], out["list"]) == (None, None, ["a", 1])
    assert out["column"]["key"] == "ticker"


class Tags(HTMLParser):
    """What an HTML file has open, and whether each tag is closed by its own."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in {"meta", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html_is_one_whole_file_with_semantic_tables_and_every_text_escaped(tmp_path):
    first = Page("Gap <now>", (note("Prices & dates"), SPEC, Points("Findings", ["a < b"]), Text("x", lead="Lead")))
    text = document([first, Page("Second", (Text("of it", "heading", lead="Part"),))])
    tags = Tags(text)
    assert tags.open == []
    assert text.count("<script") == 1  # its own, at the end
    assert "http:" not in text  # nothing is fetched
    assert "https:" not in text
    assert "<title>Gap &lt;now&gt;</title>" in text
    assert "APLD &amp; &lt;b&gt;sons&lt;/b&gt;" in text
    assert "<li>a &lt; b</li>" in text
    assert "<caption>Companies</caption>" in text
    assert "<small>$m per MW</small>" in text
    scopes = [attributes.get("scope") for tag, attributes in tags.seen if tag == "th"]
    assert scopes == ["col"] * len(COLUMNS) + ["row"] * len(FRAME)
    assert [tag for tag, _ in tags.seen if tag in ("h1", "h2", "h3")] == ["h1", "h2", "h2", "h3"]
    assert '<td class="num" title="stale">2.1s</td>' in text
    assert '<td class="num unknown">n.m.</td>' in text
    write_html([first], tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text() == document([first])


def test_a_page_prints_what_its_html_says():
    out = io.StringIO()
    page = Page("Title", (Text("of 3.6x", lead="Gap"), SPEC, Points("Findings", ["One."]), Points("None", [])))
    print_page(page, Console(file=out, width=80))
    lines = out.getvalue().splitlines()
    assert lines[:2] == ["Title", "Gap of 3.6x"]
    assert "None" not in out.getvalue()
    assert [line for line in lines if line.startswith("- ")] == ["- One."] or "- One." in out.getvalue()
    assert "\n\n\n" not in out.getvalue()


def test_a_figure_that_is_stale_and_a_proxy_shows_both_marks_and_a_page_says_what_they_mean():
    status = pd.DataFrame({"v": ["stale", "proxy", "stale", "ok"]}, index=FRAME.index)
    marks = pd.DataFrame({"v": ["s", "p", "sp", ""]}, index=FRAME.index)
    frame = pd.DataFrame({"v": [3.5, 1.2, 2.5, 4.0]}, index=FRAME.index)
    both = shown(status, marks)
    assert texts(frame["v"].tolist(), "m_usd_per_mw", both["v"].tolist()) == ["3.5s", "1.2p", "2.5sp", "4.0"]
    table = TableSpec("t", frame, (Column("ticker", ""), Column("v", "V", "m_usd_per_mw")), status=both)
    page = document([Page("T", (table,), {})])
    assert '<td class="num" title="stale, proxy">2.5sp</td>' in page
    assert '<td class="num" title="stale">3.5s</td>' in page
    assert '<td class="num" title="proxy">1.2p</td>' in page


def test_a_remark_of_many_companies_is_told_once_below_the_update_and_kept_whole_in_its_files():
    same, age = "closes to 2026-01-02; statements: no answer", pd.Timedelta(hours=1)
    rows = pd.DataFrame(
        [("yahoo", f"AA{n}", same, age, True) for n in range(22)]
        + [("yahoo", "BB", "no close yet; closes: empty", age, True)],
        columns=["source", "company", "outcome", "age", "failed"],
    )
    page = update_page(rows, {}, {}, "ledger.sqlite")
    text = repr(page.blocks)
    assert text.count("yahoo, 22 companies: statements: no answer") == 1
    (table,) = [block.frame for block in page.blocks if isinstance(block, TableSpec)]
    assert table["outcome"].tolist() == ["closes to 2026-01-02"] * 22 + ["no close yet; closes: empty"]
    assert page.files["update"]["outcome"].tolist() == rows["outcome"].tolist()
    assert update_page(rows.assign(failed=False), {}, {}, "ledger.sqlite", every=False).blocks
