"""The whole way in processes: an update, proposals, a person's acceptance, and a screen without stale balance sheets."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from tests.cut_universe import cut
from tests.loopback.sec import COVER, DEBT_LINES, TAGS
from tests.loopback.world import World

pytestmark = [pytest.mark.takes(90), pytest.mark.long]
DAY, NOW = "2026-03-31", datetime(2026, 10, 6, 12, tzinfo=UTC)
SCREEN = ("--as-of", "2026-10-05", "--source", "ledger")
# What a tag of a report states.
ITEM = (
    {tag: item for item, tag in TAGS.items()} | dict.fromkeys(DEBT_LINES, "debt_total") | {COVER: "shares_outstanding"}
)
FILE = "proposals/2026-10-05.csv"


def done(world: World, *arguments: str) -> str:
    """What a command prints that must succeed."""
    ran = world.screener(*arguments)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Traceback" not in ran.stdout
    return ran.stdout


def overlaid(place: Path) -> list[dict[str, str]]:
    """The accepted figures, in the order in which they stand."""
    return list(csv.DictReader((place / "financials.csv").read_text(encoding="utf-8").splitlines()))


def screened(world: World, name: str) -> dict:
    """The screen as JSON."""
    done(world, "run", *SCREEN, "--format", "json", "--out", name, "--quiet")
    return json.loads((world.home / name).read_text())


def facts_of(world: World, name: str, ticker: str) -> pd.DataFrame:
    """The figures of a company that are in force."""
    done(world, "facts", "show", ticker, "--as-of", "2026-10-05", "--format", "json", "--out", name)
    rows = pd.DataFrame(json.loads((world.home / name).read_text())["facts"])
    return rows[rows["standing"].eq("in force")].sort_values("period_end")


def old(screen: dict) -> dict[str, set[str]]:
    """The balance-sheet items that a screen marks as older than their maximum age, by company."""
    return {
        row["ticker"]: set(re.findall(r"(\w+) old", row["enterprise_value_usd"])) & set(ITEM.values())
        for row in screen["causes"]
    }


@pytest.fixture(scope="module")
def way(miners, tmp_path_factory):
    """A universe of the end of March, everything that was filed later, and the way from one to the other."""
    home = tmp_path_factory.mktemp("way")
    cut("miners", DAY, home / "universes" / "miners")
    with World(miners, home, now=NOW, bundled=home / "universes", invented=False, paced=False) as world:
        filed = world.sec.file_balance_sheets(miners, DAY)
        world.sec.now = pd.Timestamp(NOW)
        done(world, "update")
        before = screened(world, "before.json")
        proposed = done(world, "facts", "propose", *SCREEN)
        accepted = done(world, "facts", "accept", FILE, "--by", "Ann Lee")
        left = re.findall(r"^  (P[0-9a-f]{10})", accepted, re.MULTILINE)
        by_name = done(world, "facts", "accept", FILE, "--by", "Ann Lee", *(f"--only={name}" for name in left))
        yield SimpleNamespace(
            world=world, home=home, filed=filed, before=before, proposed=proposed, left=left, by_name=by_name,
            overlay=home / "overlays" / "miners",
        )  # fmt: skip


def test_no_balance_sheet_of_a_company_with_a_later_report_is_stale_again(way):
    filed = {
        ticker: {ITEM[row.fact.concept] for row in way.world.sec.filers[ticker].facts if row.fact.end >= DAY}
        for ticker in way.filed
    }
    assert len(filed) == 18
    before, after = old(way.before), old(screened(way.world, "after.json"))
    assert sum(bool(before[ticker] & items) for ticker, items in filed.items()) >= 14
    assert {ticker: after[ticker] & items for ticker, items in filed.items() if after[ticker] & items} == {}


def test_the_figures_are_those_that_the_companies_reported(way, miners):
    for ticker in ("APLD", "MARA", "NBIS"):
        known = miners.facts[miners.facts["published_on"] <= "2026-10-05"]
        rows = known[(known["ticker"] == ticker) & (known["item"] == "cash")]
        right = rows.sort_values(["period_end", "published_on"]).iloc[-1]
        cash = facts_of(way.world, f"{ticker}.json", ticker).query("item == 'cash'").iloc[-1]
        assert (cash["value"], cash["period_end"]) == (right["value"], f"{right['period_end']:%Y-%m-%d}")


def test_accepting_twice_is_one_row(way):
    before = {path.name: path.read_bytes() for path in way.overlay.glob("*.csv")}
    said = done(way.world, "facts", "accept", FILE, "--by", "Ben Day")
    assert "proposals accepted before" in said
    assert {path.name: path.read_bytes() for path in way.overlay.glob("*.csv")} == before
    rows = overlaid(way.overlay)
    keys = [(row["ticker"], row["item"], row["period_end"], row["published_on"]) for row in rows]
    assert len(keys) == len(set(keys)) > 80


def test_what_needs_a_person_was_accepted_by_name_alone(way):
    assert 1 <= len(way.left) <= 20  # of some hundred; a sum of one side alone, a balance that leapt
    assert f"{len(way.left)} proposals accepted" in way.by_name.replace("1 proposal ", "1 proposals ")


def test_what_was_accepted_is_not_proposed_again(way):
    again = done(way.world, "facts", "propose", *SCREEN, "--out", "again")
    assert again.startswith("0 proposals")


def test_the_workbook_links_to_the_filing(way):
    done(way.world, "run", *SCREEN, "--out", "linked.xlsx", "--quiet")
    sheet = openpyxl.load_workbook(way.home / "linked.xlsx")["Data"]
    rows = [row for row in sheet.iter_rows(min_row=6) if row[0].value == "APLD" and row[1].value == "cash"]
    assert len(rows) == 1
    link = next(cell.hyperlink.target for cell in rows[0] if cell.hyperlink)
    accession = way.filed["APLD"][1].replace("-", "")  # the third report is of 7 October
    assert link.startswith(f"https://www.sec.gov/Archives/edgar/data/1144879/{accession}/")
    assert rows[0][6].value.startswith("overlay/financials.csv:")


def test_a_correction_of_the_bundled_universe_is_shown_as_a_conflict_and_the_overlay_stands(way):
    mine = [row for row in overlaid(way.overlay) if (row["ticker"], row["item"]) == ("RIOT", "cash")][-1]
    place = way.home / "universes" / "miners" / "financials.csv"
    was = place.read_bytes()
    corrected = [mine["ticker"], mine["item"], mine["period_end"], "2026-09-01", str(float(mine["value"]) + 7e6), "usd",
                 "https://www.sec.gov/Archives/edgar/data/1167419/000116741926000099/", "corrected", "high"]  # fmt: skip
    try:
        place.write_bytes(was + (",".join(corrected) + "\n").encode())
        done(way.world, "run", *SCREEN, "--out", "conflict.xlsx", "--quiet")
        screen = screened(way.world, "conflict.json")
        shown = facts_of(way.world, "conflict_facts.json", "RIOT").query("item == 'cash'").iloc[-1]
    finally:
        place.write_bytes(was)
    quality = openpyxl.load_workbook(way.home / "conflict.xlsx")["Quality"]
    told = [
        row[3] for row in quality.iter_rows(values_only=True) if row[:2] == ("RIOT", "cash differs from the universe")
    ]
    assert len(told) == 1
    assert "the overlay's figure is used" in told[0]
    cash = next(row["cash_usd"] for row in screen["table"] if row["ticker"] == "RIOT")
    assert shown["value"] == float(mine["value"])
    assert cash == pytest.approx(float(mine["value"]))
