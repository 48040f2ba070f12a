"""Effects: many proposals valued at once equal one screen a proposal, made with the row in a file of an overlay."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from exports.tables.formats import money, multiple, per_mw
from screener import pipeline, universes
from screener.gathering import InputData
from screener.proposals import effects
from screener.proposals.file import csv_bytes
from screener.proposals.page import markdown
from screener.proposals.propose import propose
from screener.run_config import resolve_config
from screener.screen import value
from screener.sources.fetched import FACT_COLUMNS
from tests.screener.proposals.filings import home_with_cut_miners, item, items, of_facts

pytestmark = pytest.mark.takes(30)
AS_OF = pd.Timestamp("2026-06-30")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The universe cut at the end of March 2026, with what was known of later filings by the end of June."""
    folder = home_with_cut_miners(tmp_path_factory.mktemp("home")) / "miners"
    config = resolve_config(universes.load(folder))
    later = universes.load(universes.HOME / "miners").facts
    later = later[(later["published_on"] > "2026-03-31") & (later["period_end"] >= "2026-03-01")]
    # A parent and its subsidiary, and items that move nothing.
    rows = pd.concat([of_facts(later[later["ticker"].isin(["HUT", "ABTC", "RIOT"])]),
                      items(item(ticker="CLSK", item="goodwill"))], ignore_index=True)  # fmt: skip
    data = InputData.of(config.universe)
    return config, data, rows, propose(config, data, rows, AS_OF)


def screen_with(folder, row: pd.Series, monkeypatch, tmp_path):
    """The screen of the day with one proposal as a row of an overlay, by loading the universe anew."""
    home = tmp_path / "overlays"
    (home / "miners").mkdir(parents=True, exist_ok=True)
    file = "capacity.csv" if row["unit"].startswith(("mw", "eh", "j_per", "gpus")) else "financials.csv"
    for old in (home / "miners").glob("*.csv"):
        old.unlink()
    pd.DataFrame([row[FACT_COLUMNS]]).to_csv(home / "miners" / file, index=False)
    monkeypatch.setenv("SCREENER_OVERLAYS", str(home))
    monkeypatch.setattr(universes, "HOME", folder.parent)
    return pipeline.run("miners", AS_OF, source="bundled")


def test_each_effect_is_that_of_a_screen_with_the_row(made, monkeypatch, tmp_path):
    config, _, _, found = made
    base = pipeline.run(config.universe, AS_OF, source="bundled")
    moving = found.table[~found.table["effect"].isin(["", effects.NONE])]
    still = found.table[found.table["effect"] == effects.NONE]
    assert len(moving) > 5
    assert moving["effect"].str.contains("HUT: EV").any()  # through a subsidiary to its parent
    for _, row in pd.concat([moving.iloc[::3], still.iloc[::20]]).iterrows():
        screen = screen_with(config.universe.path, row, monkeypatch, tmp_path)
        for name in base.table.index:
            old, new = base.table.loc[name], screen.table.loc[name]
            difference = new["enterprise_value_usd"] - old["enterprise_value_usd"]
            own = row["ticker"] == name
            if abs(difference) >= 0.5e6:
                text = money(difference) if difference < 0 else f"+{money(difference)}"
                assert ("" if own else f"{name}: ") + f"EV {text}" in row["effect"], row["proposal_id"]
            shown = [per_mw(one["ev_per_mw_secured"]) for one in (old, new)]
            if shown[0] != shown[1]:
                assert f"EV/MW {shown[0]} -> {shown[1]}" in row["effect"]
        gaps = [multiple(one.gap.headline["ratio"]) for one in (base, screen)]
        assert (f"gap {gaps[0]} -> {gaps[1]}" in row["effect"]) == (gaps[0] != gaps[1])


def test_all_together_is_one_screen_with_all(made):
    config, data, _, found = made
    chosen = found.table[~found.table["verdict"].isin(["unmapped", "needs a person", "conflicts"])]
    assert found.effects.count == len(chosen)
    facts = chosen[FACT_COLUMNS].assign(file="overlay/financials.csv", line=2)
    both = pd.concat([data.facts, facts], ignore_index=True)
    tables = [
        value(config, one, [AS_OF]).valuation.table.droplevel("as_of") for one in (data, replace(data, facts=both))
    ]
    for name in tables[0].index:
        difference = tables[1].loc[name, "enterprise_value_usd"] - tables[0].loc[name, "enterprise_value_usd"]
        told = found.effects.together.get(name, "")
        if np.isfinite(difference) and abs(difference) >= 0.5e6:
            assert f"EV {money(difference) if difference < 0 else '+' + money(difference)}" in told
        else:
            assert not re.search(r"EV [+-]", told)


def test_a_contracted_share_that_changes_moves_the_company_to_the_other_group(made):
    config, data, _, _ = made
    # The AI group is by contracted share: AI revenue that dwarfs mining does not move it, and a share count does not.
    rows = items(item(ticker="RIOT", item="shares_outstanding", unit="shares", value=500e6, period_end="2026-06-01",
                      published_on="2026-06-02"))  # fmt: skip
    assert "group" not in propose(config, data, rows, AS_OF).table["effect"].iloc[0]
    before = effects._World(*(pd.DataFrame(cells, index=["AAA"]) for cells in (
        {"enterprise_value_usd": [1e9], "ev_per_mw_secured": [2.0], "group": ["bitcoin"]},
        {"enterprise_value_usd": ["stale"]}, {"enterprise_value_usd": [""]},
    )))  # fmt: skip
    after = effects._World(before.table.assign(group="pivot", enterprise_value_usd=1.312e9, ev_per_mw_secured=2.6),
                           before.status.assign(enterprise_value_usd="ok"), before.causes)  # fmt: skip
    assert effects._changes(before, after, "AAA", ["AAA"], 3.4, 3.5) == [
        "EV +$312m", "EV/MW $2.0m -> $2.6m", "EV status stale -> ok", "moves AAA to the AI group", "gap 3.4x -> 3.5x",
    ]  # fmt: skip


@pytest.mark.long
def test_the_same_input_gives_the_same_file(made):
    config, data, rows, found = made
    again = propose(config, data, rows.sample(frac=1.0, random_state=3), AS_OF)
    assert csv_bytes(again.table) == csv_bytes(found.table)
    assert markdown(again) == markdown(found)


@pytest.mark.long
def test_what_was_filed_later_changes_no_proposal_of_the_day(made):
    config, data, rows, found = made
    rng = np.random.default_rng(1)
    changed = rows.copy()
    later = (changed["published_on"] > AS_OF).to_numpy()
    assert later.sum() > 5
    changed.loc[later, "value"] = changed.loc[later, "value"] * rng.uniform(0.1, 10, later.sum())
    assert csv_bytes(propose(config, data, changed, AS_OF).table) == csv_bytes(found.table)
    assert (found.table["published_on"] <= AS_OF).all()


def test_the_page_has_a_section_for_each_company_and_a_sentence_for_each_proposal(made):
    *_, found = made
    text = markdown(found)
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## All together", *(f"## {ticker}" for ticker in sorted(set(found.table["ticker"]))),
    ]  # fmt: skip
    assert all(text.count(f"**{name},") == 1 for name in found.table["proposal_id"])
    assert not re.search(r"\b(nan|NaN|NaT|None)\b", text)
