"""Screens: files, options, who is in, out and unknown, ranking and scores, and the bundled ones on the miners."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener import pipeline, rules
from screener.errors import NotKnown, RuleError
from tests.screener.rules.panels import NAMES, panel


def listed(mask: np.ndarray) -> str:
    return "".join(NAMES[mask[0]])


def applied(eligible: str = "ABCDEF", **options) -> rules.Selection:
    return rules.select(panel(eligible), rules.define(**options))


def test_in_out_and_unknown_are_three():
    found = applied(where="ev_per_mw_secured < 4")
    assert (listed(found.member), listed(found.unknown)) == ("ABC", "E")


def test_rank_by_takes_the_lowest_where_less_is_better_and_the_unknown_is_unknown():
    found = applied(rank_by="ev_per_mw_secured", top=2)
    assert (listed(found.member), listed(found.unknown)) == ("AB", "EF")
    assert listed(applied(rank_by="secured_mw", top=2).member) == "DE"
    assert listed(applied(rank_by="-secured_mw", top=1).member) == "F"


def test_only_those_screened_are_in_or_unknown():
    found = applied("BDE", where="ev_per_mw_secured < 4")
    assert (listed(found.member), listed(found.unknown)) == ("B", "E")


def test_composite_by_hand():
    found = applied(weights="ev_per_mw_secured=2, secured_mw=1", where="secured_mw > 0")
    ev = np.array([1, 2, 2, 8.0])
    mw = np.array([100, 200, 300, 400, 500, 0.0])
    ev = np.clip(ev, *np.quantile(ev, [0.05, 0.95]))
    mw = np.clip(mw, *np.quantile(mw, [0.05, 0.95]))
    z_ev, z_mw = (ev - ev.mean()) / ev.std(ddof=1), (mw - mw.mean()) / mw.std(ddof=1)
    expected = (-2 * z_ev + z_mw[:4]) / 3  # less EV per MW is better, says the registry
    assert found.score[0, :4] == pytest.approx(expected)
    assert np.isnan(found.score[0, 4:]).all()  # a third of the weights is below the least coverage of 60%
    assert (listed(found.member), listed(found.unknown)) == ("ABCD", "E")


def test_coverage_within_and_a_negative_weight():
    loose = rules.select(panel(), rules.define(rules.define(weights="secured_mw=3, backlog_usd=1"), within="group"))
    # the pivots B, C, D make a section of three; of backlog only two are known, which scores nobody
    assert listed(~np.isnan(loose.score)) == "BCD"
    assert loose.score[0, 1:4] == pytest.approx([-1, 0, 1])
    half = rules.select(panel(), rules.define(rules.define(weights="secured_mw=1, backlog_usd=1"), within="group"))
    assert np.isnan(half.score).all()
    assert applied(weights="secured_mw=-1").score[0] == pytest.approx(-applied(weights="secured_mw=1").score[0])


def test_options_are_laid_over_a_screen():
    base = rules.load("cheap-power")
    assert rules.define(base, top=3).top == 3
    assert rules.define(base, top=3).weights == base.weights
    ranked = rules.define(base, rank_by="backlog_usd")
    assert (ranked.weights, str(ranked.rank_by)) == ((), "backlog_usd")
    assert rules.define(rules.load("pivot-laggards"), weights="backlog_usd").rank_by is None


def write(tmp_path, text: str):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return str(path)


def test_a_file_is_a_screen(tmp_path):
    found = rules.load(
        write(
            tmp_path,
            'title = "Mine"\nwhere = "backlog_usd > 1bn"\ntop = 4\nwithin = "group"\nwinsorise = 0\nleast_coverage = 1\n'
            'columns = ["ticker", "backlog_usd / secured_mw"]\nsort = "-backlog_usd"\n[weights]\nev_to_backlog = 2\n',
        )
    )
    assert str(found.where) == "backlog_usd > 1000000000"
    assert (found.top, found.within, found.winsorise, found.least_coverage) == (4, "group", 0, 1)
    assert [str(c) for c in found.columns] == ["ticker", "backlog_usd / secured_mw"]
    assert (str(found.sort[0]), found.sort[1]) == ("backlog_usd", True)
    assert set(found.used) == {"backlog_usd", "ev_to_backlog", "group"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('wheer = "stale"', "mine.toml:1: wheer 'stale': expected one of title, about, where"),
        ("where = 4", "mine.toml:1: where '4': expected a text"),
        ('where = "bogus < 4"', "mine.toml:1: where: no metric 'bogus'"),
        ('rank_by = "group"', "a number was expected, this is a text"),
        ('where = "stale"\ntop = 3', "the best 3 by what? give rank_by or weights"),
        ('rank_by = "backlog_usd"\ntop = 0', "a whole number above zero"),
        ('rank_by = "backlog_usd"\ntop = true', "a whole number above zero"),
        ('rank_by = "backlog_usd"\nwinsorise = 0.5', "a fraction from 0 to below 0.5"),
        ('rank_by = "backlog_usd"\nwithin = "secured_mw"', "expected a text metric"),
        ('rank_by = "backlog_usd"\n[weights]\nsecured_mw = 1', "by one expression or by weights, not by both"),
        ("[weights]\nsecured_mw = 0", "a number other than zero"),
        ('[weights]\nsecured_mw = "1"', "a number other than zero"),
        ("weights = []", "a section, [weights]"),
        ('columns = "ticker"', "a list of texts"),
        ('title = "nothing"', "a screen needs a rule"),
        ("where = ", "valid TOML in UTF-8"),
    ],
)
def test_a_wrong_file_is_told_by_key(tmp_path, text, told):
    with pytest.raises(RuleError) as error:
        rules.load(write(tmp_path, text))
    assert told in str(error.value)


def test_an_unknown_screen_lists_the_bundled_ones():
    with pytest.raises(
        NotKnown, match="cheap-power, contracted-backlog, credit-quality, pivot-laggards, residual-value"
    ):
        rules.load("cheap")


def test_lists_are_split_outside_brackets_and_quotes():
    from screener.rules.screens import split

    assert split('ticker, min(a, b), group == "x, y" , ') == ["ticker", "min(a, b)", 'group == "x, y"']


@pytest.fixture(scope="module")
def january():
    return pipeline.run("miners", pd.Timestamp("2026-01-16"), source="bundled")


@pytest.mark.parametrize("name", rules.bundled())
def test_a_bundled_screen_holds_what_its_rule_says(january, name):
    asked = rules.load(name)
    found = rules.screen(january, asked)
    assert len(found.table) + found.out + len(found.unknown) == found.n == 17
    assert set(found.excluded) == {"ABTC", "CRWV", "GLXY", "NBIS", "WYFI"}
    assert len(found.table) >= 2
    assert asked.title
    assert asked.about
    assert found.unknown["why"].str.contains("unknown|too few").all()
    assert str(found).count("\n") >= len(found.table)


def test_cheap_power_in_january_by_hand(january):
    found = rules.screen(january, rules.load("cheap-power"))
    table = january.table
    expected = table[(table["excluded"] == "") & (table["ev_per_mw_secured"] < 4) & (table["secured_mw"] >= 200)]
    assert set(found.table.index) == set(expected.index) == {"HUT", "RIOT", "CLSK", "KEEL", "HIVE", "BTDR", "MARA"}
    assert set(found.unknown.index) == {"CANG", "GREE"}  # BTBT, DGXX and SLNH are known to hold less than 200 MW
    assert found.unknown.loc["CANG", "why"].startswith("secured_mw unknown")


def test_pivot_laggards_are_the_bitcoin_group_with_most_mw_per_ev(january):
    found = rules.screen(january, rules.load("pivot-laggards"))
    table = january.table
    mine = table[(table["group"] == "bitcoin") & (table["excluded"] == "") & table["ev_per_mw_secured"].notna()]
    order = (mine["secured_mw"] / mine["enterprise_value_usd"]).sort_values(ascending=False).index
    assert list(found.table.index) == list(order) == ["HIVE", "MARA", "BTDR", "KEEL", "CLSK", "RIOT"]
    assert "SLNH" in found.unknown.index  # its group is unknown: neither in nor out


def test_residual_value_leads_with_the_largest_negative_residual(january):
    found = rules.screen(january, rules.load("residual-value"))
    residual = january.regression.sample["residual"]
    assert found.table.index[0] == residual.idxmin() == "HUT"
    assert set(found.table.index) == set(residual.index[residual < 0])
    low, high = (found.table[f"premium_to_line_{end}"] for end in ("low", "high"))
    assert (low < found.table["premium_to_line"]).all()
    assert (found.table["premium_to_line"] < high).all()


def test_conditions_are_counted_each_on_its_own(january):
    found = rules.screen(january, rules.define(where="group == 'pivot' and secured_mw > 0 and not stale"))
    assert list(found.conditions["condition"]) == ['group == "pivot"', "secured_mw > 0", "not stale"]
    assert (found.conditions[["meet", "fail", "unknown"]].sum(axis=1) == 17).all()
    assert list(found.conditions.loc[0, ["meet", "fail", "unknown"]]) == [7, 9, 1]


def test_everybody_may_be_screened_and_sorted(january):
    found = rules.screen(
        january,
        rules.define(where="equity_value_usd > 20bn", include_excluded=True, sort="-price_usd", columns="price_usd"),
    )
    assert list(found.table.index) == ["NBIS", "CRWV", "IREN"]
    assert found.excluded == ()


def test_a_metric_not_on_the_screen_is_unknown_for_all(january, monkeypatch):
    from valuation import metrics

    monkeypatch.setitem(
        metrics.METRICS, "p_nav", metrics.Metric("p_nav", "P/NAV", "multiple", "Price over NAV.", (), -1)
    )
    found = rules.screen(january, rules.define(where="p_nav < 1"))
    assert len(found.unknown) == 17
    assert set(found.unknown["why"]) == {"p_nav is not on this screen"}
