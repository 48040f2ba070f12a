"""Findings on net asset values: who takes part in medians and ranges, and what is told of the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.valuation.worlds import assessed, of
from valuation.findings import texts
from valuation.nav.analysis import NavAnalysis
from valuation.nav.findings import across_companies, old_price_or_shares

DAY = "2026-10-05"


@pytest.fixture(scope="module")
def october() -> NavAnalysis:
    return assessed(day=DAY)


def headline(found: NavAnalysis) -> dict:
    one = next(f for f in found.findings if "its net asset value by DCF" in f.text)
    return dict(one.figures)


def test_an_old_price_takes_no_part_in_the_median_the_range_and_the_share_for_future_leases(october):
    # CANG's last close of the file is of 31 July: two months old, at 0.15x the lowest ratio of all.
    cang = of(october.nav.table, "CANG")
    assert old_price_or_shares(october.nav)["CANG"] == "price old"
    outside = october.book.excluded.droplevel("as_of") != ""
    table = october.nav.table.droplevel("as_of")
    status = october.nav.status.droplevel("as_of")
    fresh = table[
        ~outside
        & (status["price_usd"] != "stale")
        & (status["mining_usd"] != "missing")
        & status["p_nav_dcf"].isin(["ok", "stale", "proxy"])
    ]
    figures = headline(october)
    assert cang["p_nav_dcf"] < figures["lowest"] == fresh["p_nav_dcf"].min()
    assert figures["median"] == fresh["p_nav_dcf"].median()
    assert figures["n"] == len(fresh)
    assert "Excluded from these figures: CANG (price old) and SLNH (mining unknown)." in texts(october.findings)


def test_an_old_share_count_takes_none_either(october):
    nav = october.nav
    causes = nav.causes.copy()
    causes.loc[(slice(None), "HIVE"), "diluted_shares"] = "shares_outstanding old"
    older = replace(nav, causes=causes)
    found = across_companies(older, october.book.excluded.droplevel("as_of"))
    assert any("CANG (price old), HIVE (share count old) and SLNH (mining unknown)" in text for text in texts(found))
    figures = next(f for f in found if "its net asset value by DCF" in f.text).figures
    assert figures["n"] == headline(october)["n"] - 1
    # HIVE had the lowest ratio of those that take part.
    assert figures["lowest"] > headline(october)["lowest"]


def test_the_distance_of_the_two_methods_is_told(october):
    one = next(f for f in october.findings if f.text.startswith("By cap rate the median company"))
    table = october.nav.table.droplevel("as_of")
    apart = table["nav_cap_rate_usd"] / table["nav_dcf_usd"] - 1
    assert one.figures["methods_apart"] == pytest.approx(apart["APLD"])
    assert "at APLD, the most" in one.text
    caveats = " ".join(texts(october.caveats("APLD")))
    assert "By cap rate the net asset value is" in caveats
    assert "DCF, our headline" in caveats
