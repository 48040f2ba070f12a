"""The site of a history: every week and company, links that lead somewhere, same bytes, pages that stay, a valid feed."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import lxml.etree
import lxml.html
import pandas as pd
import pytest
from click.testing import CliRunner

from screener import run_config, site, universes
from screener.cli import cli
from screener.gathering import InputData
from screener.jobs import backfill
from screener.store import Store
from tests.exports.html.documents import faults, read
from valuation.assumptions import Assumptions

pytestmark = [pytest.mark.takes(45), pytest.mark.long]

NOW = datetime(2026, 10, 6, 12, tzinfo=UTC)
WEEKS = pd.DatetimeIndex(["2026-09-18", "2026-09-25", "2026-10-02"])
ATOM = "{http://www.w3.org/2005/Atom}"


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def config():
    return run_config.resolve_config(universes.load("miners"), assumptions=Assumptions(bootstrap_draws=199))


@pytest.fixture(scope="module")
def built(config, tmp_path_factory):
    """The site of two weeks, then of three, in the same folder."""
    folder = tmp_path_factory.mktemp("site")
    data = InputData.of(config.universe)
    with Store.open(folder / "history.db", NOW) as store:
        backfill.fill(store, config, data, WEEKS[:2], NOW, workers=1)
        site.build(store, config, folder / "out")
        first = files(folder / "out")
        backfill.fill(store, config, data, WEEKS, NOW, workers=1)
        index, weeks = site.build(store, config, folder / "out")
    assert index == folder / "out" / "index.html"
    assert weeks == 3
    return folder, first, files(folder / "out")


def test_a_later_week_changes_no_page_of_an_earlier_one(built):
    _, first, second = built
    past = {name for name in first if name.startswith(("weeks/", "data/weeks/"))}
    assert len(past) == 6
    assert {name for name in past if first[name] != second[name]} == set()
    assert {name for name in second if name.startswith("weeks/")} == {f"weeks/{day:%Y-%m-%d}.html" for day in WEEKS}


@pytest.mark.long
def test_the_same_history_gives_the_same_bytes_wherever_it_is_written(built, config):
    folder, _, second = built
    with Store.open(folder / "history.db", NOW) as store:
        site.build(store, config, folder / "elsewhere")
    assert files(folder / "elsewhere") == second


@pytest.mark.long
def test_every_page_is_strict_html_and_every_link_is_relative_and_leads_to_a_file(built):
    folder, _, second = built
    out = folder / "out"
    pages = [name for name in second if name.endswith(".html")]
    assert len(pages) == 1 + 1 + 1 + 3 + 22
    for name in pages:
        text = second[name].decode()
        if name.startswith("companies/") and name not in ("companies/CIFR.html", "companies/CRWV.html"):
            root = read_quickly(text)
        else:
            assert faults(text) == [], name
            root = read(text)
        for one in root.iter("a", "link"):
            href = one.get("href")
            if href.startswith("#") or urlsplit(href).scheme in ("http", "https"):
                continue
            assert not href.startswith("/"), href
            assert ((out / name).parent / href.partition("#")[0]).resolve().is_file(), (name, href)
        assert str(folder) not in text


def read_quickly(text: str):
    return lxml.html.document_fromstring(text)


def test_the_index_leads_to_every_week_the_companies_the_indicators_and_the_feed(built):
    root = read_quickly(built[2]["index.html"].decode())
    links = {one.get("href") for one in root.iter("a")}
    assert {
        *(f"weeks/{day:%Y-%m-%d}.html" for day in WEEKS),
        "companies/CIFR.html",
        "indicators.html",
        "feed.xml",
    } <= links
    ids = {one.get("id") for one in root.iter() if isinstance(one.tag, str)}
    assert {"chart-line", "changes", "weeks"} <= ids
    # With two mining companies no week of these has a gap: the page says so and draws no empty axes.
    assert "No stored week has an estimate of the gap." in root.text_content()
    assert "chart-gap-history" not in ids


def test_figures_on_the_pages_and_in_the_files_are_those_of_the_history(built, config):
    folder, _, second = built
    with Store.open(folder / "history.db", NOW) as store:
        snapshot = store.snapshot("2026-10-02", "miners")
        weekly = store.series("ev_per_mw_secured", "miners")["CIFR"]
    told = json.loads(second["data/weeks/2026-10-02.json"])
    row = next(one for one in told["table"] if one["ticker"] == "CIFR")
    assert row["ev_per_mw_secured"] == pytest.approx(snapshot.table.at["CIFR", "ev_per_mw_secured"], rel=1e-12)
    table = pd.read_csv(folder / "out" / "data" / "companies" / "CIFR.csv")
    assert table["ev_per_mw_secured"].tolist() == pytest.approx(weekly.tolist(), rel=1e-12)
    page = read_quickly(second["companies/CIFR.html"].decode())
    months = page.xpath("//table[caption='By month']/tbody/tr")
    cells = [cell.text_content() for cell in months[0]]
    assert cells[0] == "2026-10-02"
    assert f"{weekly.iloc[-1]:.2f}" in cells


def test_the_first_page_names_who_is_cheap_and_dear_and_what_is_stale(built):
    folder, _, second = built
    with Store.open(folder / "history.db", NOW) as store:
        snapshot = store.snapshot("2026-10-02", "miners")
    inside = snapshot.table[(snapshot.table["excluded"] == "") & snapshot.table["premium_to_line"].notna()]
    to_line = inside["premium_to_line"].astype(float)
    text = " ".join(read_quickly(second["index.html"].decode()).text_content().split())
    cheap, dear = to_line.idxmin(), to_line.idxmax()
    assert f"{cheap} is the cheapest of {len(inside)} ({to_line[cheap]:+.0%})" in text
    assert f"and {dear} the dearest ({to_line[dear]:+.0%})" in text
    assert "The closes are of 2 October 2026 (source: bundled)." in text
    assert f"{snapshot.basis.n_stale} of {snapshot.basis.n} EV per secured MW rest on stale facts" in text


def test_the_feed_is_atom_with_an_entry_a_week_the_latest_first(built):
    second = built[2]
    root = lxml.etree.fromstring(second["feed.xml"])
    assert root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated", "author"):
        assert root.find(f"{ATOM}{name}") is not None
    entries = root.findall(f"{ATOM}entry")
    assert [one.find(f"{ATOM}link").get("href") for one in entries] == [
        f"weeks/{day:%Y-%m-%d}.html" for day in WEEKS[::-1]
    ]
    ids = [one.findtext(f"{ATOM}id") for one in entries]
    assert len(set(ids)) == 3
    for one in entries:
        assert datetime.fromisoformat(one.findtext(f"{ATOM}updated")).tzinfo is not None
        assert "Gap per secured MW" in one.findtext(f"{ATOM}summary")


def test_a_page_whose_week_left_the_history_stays_and_is_linked(built, config, tmp_path):
    folder = built[0]
    out = tmp_path / "out"
    shutil.copytree(folder / "out", out)
    (out / "weeks" / "2020-01-03.html").write_text("an old page")
    (out / "weeks" / "notes.html").write_text("somebody's own")
    with Store.open(folder / "history.db", NOW) as store:
        site.build(store, config, out)
    assert (out / "weeks" / "2020-01-03.html").read_text() == "an old page"
    index = (out / "index.html").read_text()
    assert 'href="weeks/2020-01-03.html"' in index
    assert "notes.html" not in index


def test_the_command_writes_the_site_and_says_so_where_there_is_no_history(built, tmp_path):
    folder, _, _ = built
    done = CliRunner().invoke(cli, ["site", str(tmp_path / "s"), "--database", str(folder / "history.db")])
    assert done.exit_code == 0, done.output
    assert "3 weeks" in done.output
    assert (tmp_path / "s" / "index.html").is_file()
    none = CliRunner().invoke(cli, ["site", str(tmp_path / "t"), "--database", str(tmp_path / "none.db")])
    assert "no history" in str(none.exception)
    assert not (tmp_path / "t").exists()


def test_the_weekly_run_renews_the_site(tmp_path):
    out = tmp_path / "site"
    done = CliRunner().invoke(
        cli,
        ["weekly", "--source", "bundled", "--as-of", "2026-10-02", "--database", str(tmp_path / "h.db"), "--out",
         str(tmp_path / "w"), "--log", str(tmp_path / "log"), "--site", str(out)],
    )  # fmt: skip
    assert done.exit_code in (0, 5) or "alert" in str(done.exception), done.output
    assert f"Written: {out / 'index.html'}" in done.output.replace("\n", "")
    assert (out / "weeks" / "2026-10-02.html").is_file()


def test_tickers_of_any_letters_are_file_names():
    from exports.html.site import file_name

    assert file_name("BRK.B") == "BRK.B"
    assert file_name("../x") == "_2fx"
    names = [file_name(t) for t in ("A/B", "A\\B", "A B", "Ä", "..", "A:B")]
    assert len(set(names)) == len(names)
    assert all(name and not set(name) & set('/\\:*?"<>| ') and not name.startswith(".") for name in names)
