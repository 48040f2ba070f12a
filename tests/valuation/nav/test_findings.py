"""Findings on net asset values: who takes part in medians and ranges, and what is told of the rest."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.worlds import of
from valuation.assumptions import Assumptions
from valuation.findings import texts
from valuation.nav.analysis import NavAnalysis
from valuation.nav.findings import across_companies, not_comparable, old_price_or_shares, per_leased_mw


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


NAN = np.nan
ROW = {
    "nav_dcf_per_share": 10.0, "nav_dcf_usd": 1000.0, "p_nav_dcf": 1.0, "p_nav_cap_rate": 0.8, "cap_rate_over_dcf": 0.2,
    "price_usd": 10.0, "price_over_floor_usd": 4.0, "approved_power_usd": 100.0, "mining_power_usd": 10.0,
    "pipeline_usd": NAN, "overhead_usd": -5.0,
}  # fmt: skip


def made(**companies: dict) -> SimpleNamespace:
    """Net asset values of companies that change `ROW`; `status_...` and `why_...` are a figure's status and causes."""
    index = pd.MultiIndex.from_product([[pd.Timestamp("2026-10-05")], list(companies)], names=["as_of", "ticker"])
    names = ("nav_dcf_usd", "p_nav_dcf", "p_nav_cap_rate", "price_usd", "diluted_shares", "mining_usd")
    told = [{name: one.get(name, value) for name, value in ROW.items()} for one in companies.values()]
    status = [{name: one.get(f"status_{name}", "ok") for name in names} for one in companies.values()]
    causes = [{name: one.get(f"why_{name}", "") for name in names} for one in companies.values()]
    table, status, causes = (pd.DataFrame(rows, index) for rows in (told, status, causes))
    return SimpleNamespace(
        table=table, status=status, causes=causes, assumptions=Assumptions(), value_per_let_mw_usd=7e6
    )


def across(excluded: dict[str, str] | None = None, **companies: dict) -> list:
    nav = made(**companies)
    return list(across_companies(nav, pd.Series({name: (excluded or {}).get(name, "") for name in companies})))


def starting(found: list, words: str) -> list:
    return [one for one in found if one.text.startswith(words)]


def test_who_takes_part_in_medians_and_ranges_by_hand():
    found = across(
        {"OUT": "comparable"},
        A={"p_nav_dcf": 1.5, "price_over_floor_usd": 1.0, "p_nav_cap_rate": 0.5},
        B={"p_nav_dcf": 3.0, "price_over_floor_usd": 5.0, "price_usd": 20.0, "p_nav_cap_rate": 0.7, "overhead_usd": NAN},
        C={"p_nav_dcf": 0.5, "price_over_floor_usd": 9.0, "p_nav_cap_rate": 1.6},
        NEGATIVE={"p_nav_dcf": NAN, "status_p_nav_dcf": "not_meaningful", "price_over_floor_usd": 3.0,
                  "status_p_nav_cap_rate": "not_meaningful", "p_nav_cap_rate": 99.0},
        OLD={"p_nav_dcf": 0.1, "status_price_usd": "stale"}, SHARES={"p_nav_dcf": 0.2, "status_diluted_shares": "stale"},
        ROLLED={"p_nav_dcf": 0.3, "why_diluted_shares": "x; shares_outstanding old"},
        DARK={"p_nav_dcf": 0.4, "status_mining_usd": "missing"}, OUT={"p_nav_dcf": 9.0, "status_price_usd": "stale"},
        BUSINESS={"status_nav_dcf_usd": "not_meaningful", "p_nav_dcf": 11.0},
        NONE={"nav_dcf_per_share": NAN, "p_nav_dcf": 12.0},
    )  # fmt: skip
    median = starting(found, "The median company trades at")[0]
    assert median.figures == {"median": 1.5, "lowest": 0.5, "highest": 3.0, "n": 3}
    assert median.text.endswith("(n = 3), from 0.50x (C) to 3.0x (B).")
    assert starting(found, "For the median company")[0].figures == {"price_over_floor": pytest.approx(0.275)}
    # 0.1, 0.25, 0.3 and 0.9 of the price; by cap rate without the company whose value is negative.
    assert starting(found, "By cap rate")[0].figures["median"] == 0.7
    assert starting(found, "Cash overhead")[0].text == "Cash overhead unknown on this date, not deducted: B."
    assert starting(found, "Excluded")[0].text == (
        "Excluded from these figures: OLD (price old), SHARES (share count old), ROLLED (share count old) and DARK "
        "(mining unknown)."
    )
    assert starting(found, "Excluded")[0].figures == {"companies": 4}


def test_an_old_price_is_told_before_an_old_share_count_and_before_unknown_mining():
    nav = made(A={"status_price_usd": "stale", "status_diluted_shares": "stale", "status_mining_usd": "missing"},
               B={"status_diluted_shares": "stale", "status_mining_usd": "missing"}, C={"status_mining_usd": "missing"},
               D={})  # fmt: skip
    assert old_price_or_shares(nav).tolist() == ["price old", "share count old", "", ""]
    assert not_comparable(nav).tolist() == ["price old", "share count old", "mining unknown", ""]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"approved_power_usd": 490.0}, False),  # half of the value, to the dollar
        ({"approved_power_usd": 491.0}, True),
        ({"approved_power_usd": 0.0, "pipeline_usd": 500.0}, True),
        ({"approved_power_usd": 491.0, "nav_dcf_usd": 0.0}, False),
        ({"approved_power_usd": 491.0, "nav_dcf_usd": -9.0}, False),
        ({"approved_power_usd": 491.0, "status_price_usd": "stale"}, False),
    ],
)
def test_where_most_of_the_value_is_not_signed(change, named):
    one = starting(across(A=change, B={}), "Probabilities of future leases")[0]
    assert ("at A" in one.text, one.figures) == (named, {"companies": int(named)})
    assert "at no company" in one.text or named


def test_without_a_ratio_nobody_trades_at_any():
    found = across(A={"status_price_usd": "stale", "overhead_usd": NAN}, B={"nav_dcf_per_share": NAN})
    assert [one.text for one in found][1:] == [
        "No company has a net asset value on this date.",
        "Cash overhead is unknown on this date: no net asset value deducts any.",
        "Excluded from these figures: A (price old).",
    ]
    assert starting(across(A={}), "Cash overhead") == starting(across(A={}), "Excluded") == []
    assert [one.text for one in across(B={"nav_dcf_per_share": NAN})][1:] == [
        "No company has a net asset value on this date."
    ]


@pytest.mark.parametrize(
    ("apart", "median", "widest", "above"),
    [
        ((0.1, 0.3, -0.2), 0.1, 0.3, True),
        ((0.1, 0.3, -0.4), 0.1, -0.4, False),  # the most apart is below
        ((0.004, 0.3, 0.0), 0.004, 0.3, False),  # at the median company no difference to speak of
        ((0.005, 0.3, 0.0), 0.005, 0.3, True),
        ((0.1, NAN, NAN), 0.1, 0.1, True),
    ],
)
def test_how_far_the_two_methods_are_apart(apart, median, widest, above):
    found = across(**{name: {"cap_rate_over_dcf": value} for name, value in zip("ABC", apart, strict=True)})
    one = starting(found, "By cap rate")[0]
    assert one.figures == {"median": 0.8, "n": 3, "median_apart": pytest.approx(median), "methods_apart": widest}
    assert ("perpetuity before tax is above the DCF" in one.text) == above
    assert f"{abs(widest):.0%}" in one.text
    assert "ABC"[apart.index(widest)] in one.text.split("company")[-1]


def test_without_a_value_by_cap_rate_nothing_is_said_of_it():
    assert not starting(across(A={"cap_rate_over_dcf": NAN}), "By cap rate")
    assert not starting(across(A={"p_nav_cap_rate": NAN}), "By cap rate")


def test_a_leased_mw_as_signed_and_as_assumed():
    nav = made(A={})
    # 1.5m of NOI at 7.5%, less 11.5m of building, over 1.3.
    assert per_leased_mw(nav).figures == {"signed_usd_per_mw": 7e6, "assumed_usd_per_mw": pytest.approx(8.5e6 / 1.3)}
    assert per_leased_mw(nav).text.startswith("Each leased MW is valued at $7.0m")
    nav.value_per_let_mw_usd = NAN
    assert per_leased_mw(nav).text.startswith(
        "No lease is signed on this date; each future leased MW is valued at $6.5m"
    )
