"""Ages from the CSV files by a plain loop; every fourth Friday the words on the gap agree with the age of its data."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from exports.tables.changes import in_words
from exports.tables.screen import screen_page
from exports.tables.spec import TableSpec, Text
from screener import universes
from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.screen import screens
from screener.universes.evidence_class import cites_primary
from valuation.assumptions import Assumptions
from valuation.comparison.changes import Snapshot, compare
from valuation.findings import texts
from valuation.freshness import ITEMS, cause_of
from valuation.gap.findings import over_revenue
from valuation.screen import Screen

pytestmark = pytest.mark.takes(60)

FOLDER = Path(universes.__file__).parent / "miners"
LIMITS = {"price_usd": 7, "mw_secured": 270, "mw_ai_contracted_it": 270}
ALWAYS = ("cash", "debt_total", "shares_outstanding", "btc_held", "mw_secured", "mw_ai_contracted_it", "revenue_total")
SHOWN = [date(2026, 1, 16), date(2026, 10, 5), date(2026, 11, 29)]
# Whose figure rests on which fact past its limit, read off the universe's files, the oldest first.
STALE = {
    SHOWN[0]: (
        "4 of 13 EV per secured MW rest on stale facts: CLSK (finance leases of 30 June 2024)",
        "MARA (secured MW of 3 December 2024)", "HIVE (secured MW of 28 January 2025)",
        "WULF (bitcoin held of 31 March 2025)",
    ),
    SHOWN[1]: (
        "4 of 13 EV per secured MW rest on stale facts: CLSK (finance leases of 30 June 2024)",
        "BTBT (secured MW of 7 August 2025)", "WULF (finance leases of 30 September 2025)",
        "MARA (secured MW of 31 December 2025)",
    ),
}  # fmt: skip
OTHERS = [date(2024, 7, 5), date(2025, 3, 28)]
CLOSES_END = date(2026, 10, 5)
PRESENT = re.compile(r"\b(trades|implies|ranges|is statistically|is not statistically|cannot be rejected)\b")


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def made() -> dict[date, Screen]:
    miners = universes.load("miners")
    # The draws of the bootstrap change no age and no word.
    config = resolve_config(miners, assumptions=Assumptions(bootstrap_draws=99))
    # Every fourth Friday while there are closes; every one of the eight weeks after the last, where the words change.
    fridays = pd.date_range("2024-01-05", "2026-10-02", freq="4W-FRI").union(
        pd.date_range(CLOSES_END, periods=8, freq="W-FRI")
    )
    days = fridays.union(pd.DatetimeIndex([*SHOWN, *OTHERS]))
    return {screen.as_of.date(): screen for screen in screens(config, InputData.of(miners), days)}


@pytest.mark.parametrize("day", [*SHOWN, *OTHERS])
def test_ages_are_those_of_a_plain_loop_over_the_files(made, day):
    expected: dict[tuple[str, str], tuple[str, bool, str]] = {}
    for row in [*rows("financials.csv"), *rows("capacity.csv")]:
        if row["item"] in ALWAYS and row["published_on"] <= str(day):
            key, found = (
                (row["ticker"], row["item"]),
                (row["period_end"], cites_primary(row["source_url"]), row["published_on"]),
            )
            expected[key] = max(found, expected.get(key, ("", False, "")))
    for row in rows("prices.csv"):
        if row["date"] <= str(day):
            key = (row["ticker"], "price_usd")
            expected[key] = max((row["date"], True, row["date"]), expected.get(key, ("", False, "")))
    for row in rows("companies.csv"):
        if row["contracts_reviewed_on"]:
            expected[row["ticker"], "contracts_reviewed_on"] = (row["contracts_reviewed_on"], True, "")
    companies = {row["ticker"] for row in rows("companies.csv")}
    expected = {key: value for key, value in expected.items() if key[0] in companies}
    frame = made[day].freshness
    told = {(row.ticker, row.item): row for row in frame.itertuples()}
    always = {key for key in told if ITEMS[key[1]].always and key[1] != "restricted_cash"}
    assert always == set(expected)
    for key, (stands_for, _, published) in expected.items():
        row, age = told[key], max(0, (day - date.fromisoformat(stands_for)).days)
        assert str(row.period_end.date()) == stands_for, key
        assert published == "" or str(row.published_on.date()) == published, key
        limit = 120 if key[1] == "contracts_reviewed_on" else LIMITS.get(key[1], 200)
        assert (row.age_days, row.limit_days, row.stale) == (age, limit, age > limit), key
    beyond = (frame["age_days"] / frame["limit_days"]).tolist()
    assert beyond == sorted(beyond, reverse=True)


def test_on_every_friday_counts_and_tense_agree_with_the_age_of_the_data(made):
    closes: dict[str, list[str]] = {}
    for row in rows("prices.csv"):
        closes.setdefault(row["ticker"], []).append(row["date"])
    past = stale_weeks = 0
    for day, screen in made.items():
        inside = screen.gap.members["ev_per_mw_secured"]
        sample = [str(ticker) for ticker in inside.index[inside]]
        # Its own reading of the marks and of the closes, without `freshness`.
        stale = [ticker for ticker in sample if "s" in screen.marks.at[ticker, "ev_per_mw_secured"]]
        first = str(screen.findings[0])
        if stale:
            assert first.startswith(f"{len(stale)} of {len(sample)} EV per secured MW rest"), day
            stale_weeks += 1
        else:
            assert " EV per secured MW rest" not in first, day
        frame = screen.freshness
        at_fault = frame[frame["marks_ev"]]
        assert set(stale) == set(at_fault["ticker"]) & set(sample), day
        for row in at_fault.itertuples():
            assert row.stale
            assert cause_of(row.item) in screen.causes.at[row.ticker, "ev_per_mw_secured"]
        if not sample:
            continue
        last = max(max(one for one in closes[ticker] if one <= str(day)) for ticker in sample)
        said = [
            text
            for text in texts((*screen.lead.findings, *screen.gap.findings))
            if " EV per secured MW rest" not in text
        ]
        said += texts(over_revenue(screen.gap.frame, screen.gap.headline["ratio"], screen.gap.basis_of))
        if (day - date.fromisoformat(last)).days > 7:
            past += 1
            assert not any(PRESENT.search(text) for text in said), (day, said)
            on = date.fromisoformat(last)
            figures = [text for text in said if re.search(r"\d\.\d+x|\$\d|not available", text)]
            assert figures, day
            assert all(text.startswith("On the closes of ") for text in figures), day
            assert any(f"{on.day} {on:%B %Y}" in text for text in figures), day
        else:
            assert not any("On the closes" in text for text in said), day
    assert past == 8
    assert stale_weeks > 15


def test_a_run_of_the_history_says_the_same_of_its_data_as_the_screen(made):
    for day, screen in made.items():
        kept = Snapshot.of(screen)
        assert kept.basis == screen.gap.basis, day
        own = screen.freshness[screen.freshness["item"] != "contracts_reviewed_on"].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept.freshness, own)


def test_the_three_dates_in_words(made):
    january, october, november = (" ".join(texts(made[day].findings)) for day in SHOWN)
    assert "A typical AI-group company trades at" in january
    assert "On the closes" not in january
    assert "The regression implies a gap of" in october
    assert "On the closes" not in october
    assert "On the closes of 5 October 2026, the regression implied a gap of" in november
    assert "13 on prices older than 7 days (last close 5 October 2026)" in november


def test_page_and_files_of_a_screen_hold_the_ages_and_date_the_headline(made):
    pages = {day: screen_page(made[day]) for day in SHOWN}
    for day, page in pages.items():
        screen = made[day]
        (table,) = [block for block in page.blocks if isinstance(block, TableSpec) and block.name == "data_as_of"]
        stale = screen.freshness.loc[screen.freshness["stale"], "ticker"]
        assert set(table.frame.index) == set(stale), day
        pd.testing.assert_frame_equal(page.files["freshness"], screen.freshness)
        assert page.content["findings"][0] == screen.gap.basis.stale_data
        text = " ".join(f"{block.lead} {block.text}" for block in page.blocks if isinstance(block, Text))
        assert ("On the closes of 5 October 2026, gap" in text) == (day == SHOWN[2])
        said = (screen.gap.basis.stale_data,) if day == SHOWN[2] else STALE[day]
        assert all(one in text for one in said), day
    every = screen_page(made[SHOWN[0]], every_age=True)
    (table,) = [block for block in every.blocks if isinstance(block, TableSpec) and block.name == "data_as_of"]
    assert len(table.frame) == 22
    # BTBT's bitcoin of 30 September 2025, by hand: 425 days before 29 November 2026, above 200.
    (table,) = [b for b in pages[SHOWN[2]].blocks if isinstance(b, TableSpec) and b.name == "data_as_of"]
    assert table.frame.at["BTBT", "balance sheet"] == "425s"
    assert table.frame.at["BTBT", "price"] == "55s"


def test_the_sentence_of_a_difference_names_the_day_of_old_closes(made):
    before, fresh, old = (Snapshot.of(made[day]) for day in SHOWN)
    assert "on the closes of" not in " ".join(in_words(compare(before, fresh)))
    assert "(now on the closes of 5 October 2026)" in " ".join(in_words(compare(fresh, old)))
