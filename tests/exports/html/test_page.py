"""The page of a run as a reader meets it: in Chromium at two widths and in both themes, by axe-core, and without script."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import lxml.html
import pandas as pd
import pytest

from exports.html.render import Section, document, write_html
from exports.html.report import sections, write_report
from exports.tables.spec import Brief, Column, Links, Page, Points, TableSpec, Text
from screener import pipeline, run_config, scenarios, universes
from screener.loading import load_inputs
from screener.studies.indicators import indicators
from tests.exports.html.browser import Browser
from tests.exports.html.documents import faults, read
from valuation.assumptions import Assumptions
from valuation.report import Report

pytestmark = [pytest.mark.takes(90), pytest.mark.long]

DAY = pd.Timestamp("2026-10-05")
MEGABYTE = 1_000_000
HOSTILE = (
    "</td><script>document.title='taken'</script>", '"><img src=x onerror=alert(1)>', "a\x00b\x1b[31mc\x7f\ufffe",
    "&amp;<!--", "\u202egnp.exe\u202d", "\u05d0\u05d1\u05d2 12.5 \u0627\u0644", "x" * 40_000, "javascript:alert(1)",
    "' onmouseover='a",
    "]]><style>*{display:none}</style>",
)  # fmt: skip


@pytest.fixture(scope="module")
def report() -> Report:
    config = run_config.resolve_config(universes.load("miners"), assumptions=Assumptions(bootstrap_draws=199))
    found = pipeline.run(
        config.universe, DAY, source="bundled", assumptions=config.assumptions, studies=True,
        scenarios=[scenarios.load(name) for name in scenarios.names()],
    )  # fmt: skip
    weekly = indicators(config, load_inputs(config.universe, DAY, "bundled"), DAY)
    return Report.of(found, studies=found.studies, nav=found.nav, scenarios=found.scenarios, indicators=weekly)


@pytest.fixture(scope="module")
def page(report, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("page") / "miners.html"
    write_report(report, path)
    return path


@pytest.fixture(scope="module")
def browser():
    with Browser() as one:
        yield one


def test_22_companies_with_everything_stay_under_a_megabyte(page, report):
    assert len(report.table) == 22
    assert page.stat().st_size < MEGABYTE


def test_the_page_is_strict_html_whose_parts_are_named_and_links_lead_somewhere(page):
    assert faults(page.read_text()) == []


def test_every_part_is_there_and_every_company(page, report):
    root = read(page.read_text())
    ids = {one.get("id") for one in root.iter() if isinstance(one.tag, str)}
    parts = ("gap", "regression", "indicators", "mix", "signing", "events", "contracts", "mining", "nav", "scenarios",
             "companies", "data", "sources", "glossary")  # fmt: skip
    charts = ("line", "gap-history", "revenue-mix", "contracts", "power", "price-divergence", "signing", "nav")
    assert {*parts, *(f"company-{t}" for t in report.table.index), *(f"chart-{name}" for name in charts)} <= ids
    opening = page.read_text().partition("<table")[0]  # the brief and its chart come before any table
    assert "EV per" in opening
    assert "95% " in opening
    assert 'id="chart-line"' in opening
    linked = {a.get("href") for a in root.iter("a")}
    assert set(report.facts.loc[report.facts["source_url"].str.startswith("https:"), "source_url"]) <= linked


def test_the_same_report_gives_the_same_bytes(report, page, tmp_path):
    write_report(report, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == page.read_bytes()


def test_a_plain_run_says_how_the_other_parts_are_made(report):
    plain = [one.name for one in sections(Report.of(report))]
    assert plain == ["screen", "data", "sources", "glossary"]
    text = document(sections(Report.of(report)))
    assert "screener run --studies --format html" in text
    assert "screener run --nav --format html" in text
    assert faults(text) == []


@pytest.mark.parametrize("wide", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_runs_over_the_side_and_no_label_over_another(browser, page, wide, dark):
    browser.show(page, wide=wide, dark=dark)
    assert browser.ask("document.documentElement.scrollWidth") == wide
    # Tables scroll in a frame of their own; no other element reaches past the edge.
    past = browser.ask(
        """[...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll') && !e.closest('.quiet') &&
           e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert past == []
    assert browser.ask(OVERLAPS) == []
    ground = browser.ask("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(18, 23, 29)" if dark else "rgb(255, 255, 255)")


# Texts of the drawings shown that overlap, or lie outside their drawing.
OVERLAPS = """
[...document.querySelectorAll('figure svg[role=img]')].filter(s => s.getBoundingClientRect().width > 0).flatMap(s => {
  const o = s.getBoundingClientRect();
  const t = [...s.querySelectorAll('text')].map(e => [e.textContent, e.getBoundingClientRect()]);
  return t.flatMap(([a, r], i) => {
    const past = r.left < o.left - 1 || r.right > o.right + 1 || r.top < o.top - 1 || r.bottom > o.bottom + 1;
    const out = past ? [[a, 'outside']] : [];
    return out.concat(t.slice(i + 1).filter(([, q]) => Math.min(r.right, q.right) - Math.max(r.left, q.left) > 1 &&
      Math.min(r.bottom, q.bottom) - Math.max(r.top, q.top) > 4).map(([b]) => [a, b, s.closest('figure').id]));
  });
})
"""


@pytest.mark.parametrize(("wide", "dark"), [(390, True), (1280, False)])
def test_axe_core_finds_no_violation(browser, page, wide, dark):
    browser.show(page, wide=wide, dark=dark)
    browser.ask("document.querySelectorAll('details').forEach((one, k) => { one.open = k < 2 })")
    browser.ask((resources.files("axe_core_python") / "axe.min.js").read_text() + "; 1")
    told = browser.ask(
        "axe.run(document, {resultTypes: ['violations']}).then(r => ({n: r.passes.length, "
        "v: r.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))])}))"
    )
    assert told["v"] == []
    assert told["n"] > 20  # it looked


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast of two colours such as #1d2733."""

    def light(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_colour_of_text_and_marks_has_the_contrast_of_aa_in_both_themes():
    from exports.html.style import DARK, LIGHT

    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    for theme in (LIGHT, DARK):
        texts = set(theme) - {"ground", "line", "head"}
        weak = {
            name: contrast(theme[name], theme["ground"])
            for name in texts
            if contrast(theme[name], theme["ground"]) < 4.5
        }
        assert weak == {}
        assert contrast(theme["soft"], theme["head"]) >= 4.5
        assert contrast(theme["ink"], theme["head"]) >= 4.5


def test_without_script_everything_is_readable_and_nothing_dead_is_shown(browser, page):
    browser.show(page, wide=1280, script=False)
    told = browser.ask(
        "[document.querySelectorAll('button, input').length, document.querySelectorAll('#screen tbody tr').length, "
        "[...document.querySelectorAll('svg.wide')].filter(s => s.getBoundingClientRect().height > 100).length, "
        "document.querySelector('#company-CIFR').open]"
    )
    buttons, rows, charts, opened = told
    assert buttons == 0
    assert rows > 22
    assert charts >= 8
    assert opened is False  # folded by the browser's own means
    browser.ask("document.querySelector('#company-CIFR summary').click()")
    assert "Price to EV" in browser.ask("document.querySelector('#company-CIFR').innerText")


def test_a_column_is_sorted_by_figures_with_unknown_ones_last_and_back(browser, page):
    browser.show(page, wide=1280)
    assert browser.ask("document.documentElement.dataset.theme") is None
    title = "EV / secured MW"
    head = (
        f"[...document.querySelectorAll('#screen table th[scope=col]')].find(h => h.textContent.startsWith('{title}'))"
    )
    read_column = (
        f"(() => {{ const h = {head}; return [...h.closest('table').tBodies[0].rows].map(r => "
        "r.cells[h.cellIndex].innerText) })()"
    )
    before = browser.ask(read_column)
    for order in ("descending", "ascending"):
        browser.ask(f"{head}.querySelector('button').click()")
        assert browser.ask(f"{head}.getAttribute('aria-sort')") == order
        cells = browser.ask(read_column)
        known = [float(found[0]) for cell in cells if (found := re.match(r"-?[\d.]+", cell))]
        assert known == sorted(known, reverse=order == "descending")
        assert all(cell in ("n/a", "n.m.") for cell in cells[len(known) :])
        assert sorted(cells) == sorted(before)
    browser.ask(f"{head}.querySelector('button').click()")
    assert browser.ask(read_column) == before


def test_rows_are_filtered_and_the_count_is_announced(browser, page):
    browser.show(page, wide=1280)
    told = browser.ask(
        """(() => { const f = document.querySelector('#screen .filter input'); f.value = 'wulf';
           f.dispatchEvent(new Event('input'));
           const rows = [...document.querySelectorAll('#screen table')][0].tBodies[0].rows;
           return [[...rows].filter(r => !r.hidden).map(r => r.cells[0].innerText),
                   document.querySelector('#screen .filter [role=status]').textContent, f.labels.length] })()"""
    )
    assert told == [["WULF"], "1 of 22 rows", 1]


def test_the_keyboard_reaches_the_content_first_and_focus_is_seen(browser, page):
    browser.show(page, wide=1280)
    browser.press("Tab")
    assert browser.ask("document.activeElement.textContent") == "Skip to the content"
    assert browser.ask("document.activeElement.getBoundingClientRect().left") >= 0
    assert browser.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press("Enter")
    assert browser.ask("location.hash") == "#main"


def test_the_theme_is_switched_by_its_button_and_the_policy_lets_the_script_run(browser, page):
    browser.show(page, wide=390)
    assert browser.ask("document.querySelector('header button').textContent") == "Dark theme"
    browser.ask("document.querySelector('header button').click()")
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == "rgb(18, 23, 29)"
    browser.ask("document.querySelector('header button').click()")
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    browser.ask("localStorage.clear()")


def test_hostile_texts_arrive_as_text(browser, tmp_path):
    frame = pd.DataFrame({"n": HOSTILE, "t": HOSTILE, "u": [f"https://h.test/{k}" for k in range(len(HOSTILE))]})
    frame.loc[7, "u"] = HOSTILE[7]
    frame.loc[8, "u"] = "https://[bad"
    table = TableSpec("x", frame, (Column("n", HOSTILE[0]), Column("t", "T"), Column("u", "U", "url")), title=HOSTILE[1],
                      notes=HOSTILE)  # fmt: skip
    blocks = (Brief(HOSTILE), table, Points(HOSTILE[3], HOSTILE), *(Text(t, lead=t) for t in HOSTILE),
              Links("Links", [(t, t) for t in HOSTILE]))  # fmt: skip
    path = tmp_path / "hostile.html"
    write_html([Section(Page(HOSTILE[0], blocks), "x", level=1)], path)
    text = path.read_text()
    assert faults(text) == []
    root = lxml.html.document_fromstring(text)
    assert len(root.findall(".//script")) == 1
    assert len(root.findall(".//style")) == 1
    assert [a.get("href") for a in root.iter("a") if "javascript" in a.get("href")] == []
    cells = [td.text_content() for td in root.findall(".//tbody//td")[::2]]
    clean = [re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe]", "\ufffd", t) for t in HOSTILE]
    assert cells == clean
    browser.show(path, wide=390)
    assert browser.ask("document.title") == HOSTILE[0]
    assert browser.ask("document.documentElement.scrollWidth") == 390
    # A text that turns the direction ends where it ends: the figure beside it is not turned.
    assert browser.ask("[...document.querySelectorAll('bdi')].length") >= 2


def test_paper_shows_what_is_folded_and_neither_contents_nor_buttons(browser, page):
    browser.show(page, wide=1280, dark=True)
    browser._call("Emulation.setEmulatedMedia", media="print")
    try:
        told = browser.ask(
            "[getComputedStyle(document.querySelector('.contents')).display, getComputedStyle(document.querySelector("
            "'header button')).display, document.querySelector('#company-CIFR table').getBoundingClientRect().height > 50, "
            "getComputedStyle(document.body).backgroundColor]"
        )
    finally:
        browser._call("Emulation.setEmulatedMedia", media="")
    assert told == ["none", "none", True, "rgb(255, 255, 255)"]
