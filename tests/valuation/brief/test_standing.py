"""Who stands out, on made-up companies: the table, each doubt, and every sentence with what stands in it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.brief import standing as module
from valuation.brief.standing import STANDING_COLUMNS, _doubt, members, standing, stands_out
from valuation.freshness import Basis

NAN = np.nan
OLD = Basis(first_close=pd.Timestamp("2026-01-02"), last_close=pd.Timestamp("2026-01-02"), closes_old=True)


@pytest.mark.parametrize(
    ("status", "unleased", "reason", "said"),
    [
        ("ok", 0.5, "", ""),
        ("ok", 0.51, "", "51% of NAV is unleased power"),
        ("ok", NAN, "", ""),
        ("stale", 0.2, "", "EV per MW stale"),
        ("stale, proxy", 0.9, "", "EV per MW stale, proxy; 90% of NAV is unleased power"),
        ("ok", 0.9, "mining unknown", "NAV not comparable (mining unknown)"),
    ],
)
def test_what_is_doubtful(status, unleased, reason, said):
    assert _doubt(status, unleased, reason) == said


def made(basis: Basis | None = None) -> SimpleNamespace:
    """A to D in the statistics, of which D has no place against the line; E outside."""
    tickers = list("ABCDE")
    table = pd.DataFrame(
        {
            "group": ["pivot", "bitcoin", "pivot", "pivot", "bitcoin"], "ev_per_mw_secured": [4, 3, 5, 2, 9],
            "ai_share_contracted": [0.9, 0.1, 0.8, 0.5, 0.0], "premium_to_line": [0.1, -0.4, 0.3, 0.7, 0.8],
            "premium_to_line_low": [-0.2, -0.6, 0.05, 0.1, 0.1], "premium_to_line_high": [0.5, -0.1, 0.9, 1.0, 1.0],
        },
        index=tickers,
    )  # fmt: skip
    status = pd.DataFrame("ok", index=tickers, columns=table.columns)
    status.loc["D", "premium_to_line"], status.loc["A", "ev_per_mw_secured"] = "missing", "stale"
    marks = pd.DataFrame("", index=tickers, columns=table.columns)
    inside = pd.DataFrame({"ev_per_mw_secured": [False, True, True, True, True]}, index=["Z", "D", "C", "B", "A"])
    return SimpleNamespace(
        table=table, status=status, marks=marks, gap=SimpleNamespace(members=inside, basis=basis or Basis()),
        assumptions=SimpleNamespace(confidence_level=0.95), regression_note="",
    )  # fmt: skip


def valued(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Net asset values: A at 2.0, B at 0.5 with 60% unleased, C not comparable, D below zero."""
    index = pd.MultiIndex.from_product([[pd.Timestamp("2026-01-16")], list("ABCD")], names=["as_of", "ticker"])
    table = pd.DataFrame(
        {"p_nav_dcf": [2.0, 0.5, 9.0, 7.0], "nav_dcf_usd": [100.0, 200.0, 300.0, -5.0],
         "approved_power_usd": [10.0, 100.0, 1.0, 1.0], "mining_power_usd": [5.0, NAN, 1.0, 1.0],
         "pipeline_usd": [1.0, 20.0, 1.0, 1.0]}, index=index)  # fmt: skip
    status = pd.DataFrame("ok", index=index, columns=table.columns)
    status.iloc[0, 0] = "proxy"
    reasons = pd.Series({"C": "mining unknown", "A": ""})
    monkeypatch.setattr(module, "not_comparable", lambda nav: reasons)
    return SimpleNamespace(nav=SimpleNamespace(table=table, status=status))


def test_members_are_those_of_the_headline_in_the_order_of_the_screen():
    assert members(made()).tolist() == ["A", "B", "C", "D"]


def test_the_table_without_net_asset_values():
    found = standing(made())
    assert found.columns.tolist() == STANDING_COLUMNS
    assert found.index.tolist() == ["C", "A", "B", "D"]  # the dearest first, without a place last
    assert found.loc["A"].tolist()[:6] == ["pivot", 4.0, 0.9, 0.1, -0.2, 0.5]
    assert found.loc["D", ["to_line", "low", "high"]].isna().all()
    assert found[["price_to_nav", "unleased_share"]].isna().all(axis=None)
    assert found["doubt"].tolist() == ["", "EV per MW stale", "", ""]


def test_the_table_with_net_asset_values(monkeypatch):
    nav = valued(monkeypatch)
    found = standing(made(), nav)
    assert found["price_to_nav"].to_dict() == pytest.approx({"C": NAN, "A": 2.0, "B": 0.5, "D": 7.0}, nan_ok=True)
    # Of A 16 of 100, of B 120 of 200; C is not comparable, and a share of less than nothing says nothing.
    assert found["unleased_share"].to_dict() == pytest.approx({"C": NAN, "A": 0.16, "B": 0.6, "D": NAN}, nan_ok=True)
    assert found["doubt"].to_dict() == {
        "C": "NAV not comparable (mining unknown)", "A": "EV per MW stale", "B": "60% of NAV is unleased power", "D": "",
    }  # fmt: skip
    for size, share in ((0.0, NAN), (0.5, 6.0)):  # three dollars unleased
        nav.nav.table.iloc[3, 1] = size
        assert standing(made(), nav).at["D", "unleased_share"] == pytest.approx(share, nan_ok=True)
    nav.nav.status.loc[:, "p_nav_dcf"] = "not_meaningful"
    assert standing(made(), nav)["price_to_nav"].isna().all()


def said(screen: SimpleNamespace, table: pd.DataFrame, nav: object = None) -> list[tuple[str, str, dict]]:
    return [(one.text, one.kind, dict(one.figures)) for one in stands_out(screen, table, nav)[1]]


NO_NAV = ("Net asset values are not part of this run.", "note", {})


def test_the_dearest_and_the_cheapest_against_the_line():
    assert said(made(), standing(made())) == [
        ("C trades 30% above the line of the other companies, the dearest of 3 (prediction interval +5% to +90%).", "can",
         {"to_line": 0.3, "low": 0.05, "high": 0.9}),
        ("B trades 40% below the line of the other companies, the cheapest of 3 (prediction interval -60% to -10%).", "can",
         {"to_line": -0.4, "low": -0.6, "high": -0.1}),
        ("2 of 3 companies lie outside the 95% prediction interval of the line: C and B.", "can", {"outside": 2, "n": 3}),
        NO_NAV,
    ]  # fmt: skip


def test_the_title_names_both_ends_where_there_are_two():
    table = standing(made())
    assert stands_out(made(), table, None)[0] == "Against the line B is cheapest and C dearest"
    assert stands_out(made(), table.loc[["A", "B"]], None)[0] == "Against the line B is cheapest and A dearest"
    assert stands_out(made(), table.loc[["A"]], None)[0] == "Who stands out"


def test_one_company_and_no_company_outside_the_interval():
    table = standing(made())
    one = said(made(OLD), table.loc[["A", "B"]])
    dated = "On the closes of 2 January 2026, "
    line = "A traded 10% above the line of the other companies, the dearest of 2"
    assert one[0][0] == f"{dated}{line} (prediction interval -20% to +50%; EV per MW stale)."
    assert one[2][0] == "1 of 2 companies lies outside the 95% prediction interval of the line: B."
    (alone, none, _) = said(made(), table.loc[["A"]].assign(to_line=0.0, low=0.0, high=0.0, doubt=""))
    assert alone[0] == "A trades 0% above the line of the other companies (prediction interval +0% to +0%)."
    assert none[:2] == ("A does not lie outside the 95% prediction interval of the line.", "cannot")
    (_, some, _) = said(made(), table.loc[["B"]])
    assert some[:2] == ("B lies outside the 95% prediction interval of the line.", "can")


def test_without_a_line_and_without_companies():
    table = standing(made()).assign(to_line=NAN)
    assert said(made(), table)[0][0] == "Distance to the line not available: too few companies."
    told = made()
    told.regression_note = "4 companies"
    assert said(told, table)[0][:2] == ("Distance to the line not available: 4 companies.", "cannot")
    assert said(made(), table.iloc[:0]) == [("No company can be compared yet.", "cannot", {})]


@pytest.mark.parametrize(
    ("unleased", "basis", "text"),
    [
        (0.6, None, "Against net asset value by DCF the dearest is C at 2.0x NAV and the cheapest B at 0.50x; the median "
                    "company trades at 1.0x (n = 3). 60% of B's NAV is power without a lease."),
        (0.0, None, "Against net asset value by DCF the dearest is C at 2.0x NAV and the cheapest B at 0.50x; the median "
                    "company trades at 1.0x (n = 3)."),
        (NAN, OLD, "On the closes of 2 January 2026, against net asset value by DCF the dearest was C at 2.0x NAV and the "
                   "cheapest B at 0.50x; the median company traded at 1.0x (n = 3)."),
    ],
)  # fmt: skip
def test_against_net_asset_value(unleased, basis, text):
    table = standing(made()).assign(price_to_nav=[2.0, 1.0, 0.5, NAN], unleased_share=[0.1, 0.2, unleased, 0.9])
    found = said(made(basis), table, nav=object())[-1]
    assert found == (text, "can", {"highest": 2.0, "lowest": 0.5, "median": 1.0, "n": 3})
    none = said(made(), table.assign(price_to_nav=NAN), nav=object())[-1]
    assert none[:2] == ("No company of the statistics has a comparable net asset value.", "cannot")
