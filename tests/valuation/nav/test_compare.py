"""A scenario against the base case on made-up companies: values, prices, reasons and what moved most, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions
from valuation.nav import analysis
from valuation.nav.analysis import NOT_POSITIVE, TO_ZERO, ScenarioResult, _at_constant_multiple, _close_gap, compare
from valuation.nav.names import ANOTHER_BUSINESS, PARTS
from valuation.nav.scenarios import Place, Scenario

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan


def nav(values: dict[str, float], business: tuple[str, ...] = (), **parts: list[float]) -> SimpleNamespace:
    """Net asset values per share by DCF, a dollar less by cap rate, two less as a floor; parts not given are zero."""
    index = pd.MultiIndex.from_product([[DAY], list(values)], names=["as_of", "ticker"])
    per_share = np.array(list(values.values()))
    table = pd.DataFrame({name: parts.get(name, 0.0) for name in PARTS}, index)
    table = table.assign(price_usd=20.0, nav_dcf_per_share=per_share, nav_cap_rate_per_share=per_share - 1,
                         floor_per_share=per_share - 2, p_nav_dcf=20 / np.where(per_share > 0, per_share, NAN))  # fmt: skip
    status = pd.DataFrame("ok", index, table.columns)
    status.loc[(DAY, list(business)), ["nav_dcf_per_share", "floor_per_share"]] = "not_meaningful"
    causes = pd.DataFrame({"nav_dcf_usd": "cash_usd unknown; debt_total unknown"}, index)
    causes.loc[(DAY, list(business)), "nav_dcf_usd"] = f"old; {ANOTHER_BUSINESS}"
    return SimpleNamespace(table=table, status=status, causes=causes)


def compared(
    monkeypatch: pytest.MonkeyPatch, before: SimpleNamespace, after: SimpleNamespace, **changes: object
) -> ScenarioResult:
    contracts = pd.DataFrame({"counterparty_name": ["CoreWeave", "Fluidstack"], "state": ["Texas", "Ohio"],
                              "grid_operator": ["ERCOT", "PJM"]})  # fmt: skip
    excluded = pd.Series("", before.table.index)
    base = SimpleNamespace(
        basis=None, assumptions=Assumptions(), nav=before, scenario=None,
        book=SimpleNamespace(excluded=excluded, contracts=contracts),
        mining=SimpleNamespace(table=pd.DataFrame({"hashprice_usd": [50.0, 50.0]})),
    )  # fmt: skip
    monkeypatch.setattr(analysis, "analyse", lambda *_, **__: SimpleNamespace(nav=after, assumptions=Assumptions()))
    return compare(base, Scenario("x", "x", **changes))


def test_values_before_and_after_and_the_prices_that_follow(monkeypatch):
    before = {"UP": 10.0, "DOWN": 8.0, "SMALL": 0.5, "SINKS": 4.0, "EMPTY": 4.0, "BELOW": -1.0, "ZERO": 0.0, "STILL": -2.0,
              "NONE": NAN, "GONE": 5.0, "OTHER": 3.0}  # fmt: skip
    after = {"UP": 12.0, "DOWN": 6.0, "SMALL": 1.0, "SINKS": -2.0, "EMPTY": 0.0, "BELOW": 1.0, "ZERO": 2.0, "STILL": -2.0,
             "NONE": NAN, "GONE": NAN, "OTHER": 9.0}  # fmt: skip
    found = compared(monkeypatch, nav(before, business=("OTHER",)), nav(after, business=("OTHER",)), bitcoin=1.5)
    table = found.table
    assert table["nav_after"].tolist() == pytest.approx([*list(after.values())[:-1], NAN], nan_ok=True)
    assert table.loc["UP", ["cap_rate_before", "cap_rate_after", "floor_before", "floor_after"]].tolist() == [
        9,
        11,
        8,
        10,
    ]
    assert table["change_usd"].tolist() == pytest.approx([2, -2, 0.5, -6, -4, 2, 2, 0, NAN, NAN, NAN], nan_ok=True)
    assert table["change"].tolist() == pytest.approx([0.2, -0.25, 1.0, -1.5, -1.0, *[NAN] * 6], nan_ok=True)
    assert table["price_after_usd"].tolist() == pytest.approx(
        [24, 15, 40, 0, 0, NAN, NAN, 20, NAN, NAN, NAN], nan_ok=True
    )
    assert table["price_change"].tolist() == pytest.approx(
        [0.2, -0.25, 1, -1, -1, NAN, NAN, 0, NAN, NAN, NAN], nan_ok=True
    )
    unknown = "no net asset value: cash_usd unknown"
    assert table["why"].tolist() == ["", "", "", TO_ZERO, TO_ZERO, NOT_POSITIVE, NOT_POSITIVE, "", unknown, unknown,
                                     f"no net asset value: {ANOTHER_BUSINESS}"]  # fmt: skip
    assert table["p_nav_after"].tolist()[:2] == pytest.approx([20 / 12, 20 / 6])
    assert found.notes == (
        f"BELOW, ZERO: {NOT_POSITIVE}, so no price follows", f"SINKS, EMPTY: {TO_ZERO}, so the price is put at zero"
    )  # fmt: skip
    assert (found.hashprice_before, found.hashprice_after) == (50.0, 75.0)


def test_what_moved_most_is_the_part_with_the_largest_change_either_way(monkeypatch):
    names = {"FALLS": 1.0, "RISES": 1.0, "HALF": 1.0, "MORE": 1.0, "KNOWN": 1.0, "LOST": 1.0}
    before = nav(names, cash_usd=[10.0] * 6, bitcoin_usd=[9.0, 9.0, 9.0, 9.0, NAN, 3.0])
    after = nav(names, cash_usd=[11.0, 13.0, 10.5, 10.0, 10.0, 10.0], bitcoin_usd=[6.0, 7.0, 9.0, 9.6, 0.7, NAN])
    found = compared(monkeypatch, before, after)
    assert found.table["moved"].tolist() == ["bitcoin_usd", "cash_usd", "", "bitcoin_usd", "bitcoin_usd", "bitcoin_usd"]
    assert found.parts_after.columns.tolist() == list(PARTS)
    assert found.parts_before["bitcoin_usd"].tolist()[0] == 9.0


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        ({"defaulting": ("COREWEAVE", "Nobody")}, ("Nobody: no contract in force on this date",)),
        ({"places": (Place(state="Texas"), Place(state="Utah", grid_operator="WECC"), Place())},
         ("Utah WECC: no contract is known to be there",)),
    ],
)  # fmt: skip
def test_what_a_scenario_names_and_nobody_has(monkeypatch, changes, notes):
    values = nav({"A": 1.0})
    assert compared(monkeypatch, values, values, **changes).notes == notes


@pytest.mark.parametrize(
    ("before", "after", "price", "why"),
    [
        (10.0, 10.0 + 5e-12, 20.0, ""),  # half a billionth of a thousandth is rounding
        (10.0, 10.0 + 2e-11, 20.0 * (1 + 2e-12), ""),
        (0.0, 0.0, 20.0, ""),
        (-10.0, -10.0 - 5e-12, 20.0, ""),
        (0.5, 0.25, 10.0, ""),
        (0.5, 0.5 * 1e-9, 2e-8, ""),
    ],
)
def test_a_value_that_does_not_move_moves_no_price(before, after, price, why):
    table = pd.DataFrame(
        {"price_usd": [20.0], "nav_before": [before], "nav_after": [after], "change_usd": [after - before]}
    )
    found, reason = _at_constant_multiple(table, pd.Series([""]))
    assert found.tolist() == [pytest.approx(price, rel=1e-14)]
    assert (found == 20.0).tolist() == [price == 20.0]
    assert reason.tolist() == [why]


# EV per secured MW of the AI group 6, 4 and 5, of the mining group 2, 3 and 2.5: 5 over 2.5.
COMPANIES = {"P1": (600.0, 100.0, "pivot"), "P2": (400.0, 100.0, "pivot"), "P3": (500.0, 100.0, "pivot"),
             "M1": (200.0, 100.0, "bitcoin"), "M2": (300.0, 100.0, "bitcoin"), "M3": (250.0, 100.0, "bitcoin")}  # fmt: skip


def closed(
    gap: float, group: str = "pivot", moved: float = 0.0, price_known: bool = True, **values: float
) -> tuple[pd.DataFrame, list[str]]:
    """The company table after the gap closes: ten shares each at 100 USD; `values` are other enterprise values.

    P9 is outside the statistics. No price follows for M1 from its net asset value; that of M2 has moved by `moved`.
    """
    made = COMPANIES | {"P9": (900.0, 100.0, "pivot")}
    known = pd.DataFrame({name: {"enterprise_value_usd": ev, "secured_mw": mw, "ev_per_mw_secured": ev / mw, "group": who,
                                 "excluded": "comparable" if name == "P9" else "", "price_usd": 100.0, "basic_shares": 10.0}
                          for name, (ev, mw, who) in made.items()}).T  # fmt: skip
    known = known.astype({name: float for name in known if name not in ("group", "excluded")})
    for name, value in values.items():
        known.loc[name, "enterprise_value_usd"] = value
    known.index = pd.MultiIndex.from_product([[DAY], known.index], names=["as_of", "ticker"])
    status = pd.DataFrame("ok", known.index, known.columns)
    status.loc[known["enterprise_value_usd"].isna(), ["enterprise_value_usd", "ev_per_mw_secured"]] = "missing"
    status.loc[known["enterprise_value_usd"] <= 0, "ev_per_mw_secured"] = "not_meaningful"
    instruments = pd.DataFrame(columns=["ticker", "kind", "principal_usd", "quantity", "price_usd"])
    causes = status.assign(**dict.fromkeys(status, ""))
    valuation = SimpleNamespace(table=known, status=status, causes=causes)
    basis = SimpleNamespace(valuation=valuation, inputs=SimpleNamespace(instruments=instruments))
    names = known.index.get_level_values("ticker")
    table = pd.DataFrame({"price_usd": 100.0, "price_after_usd": 100.0, "change_usd": 0.0, "why": ""}, names)
    table.loc["M1", ["price_after_usd", "why"]] = [NAN, NOT_POSITIVE]
    table.loc["M2", "change_usd"] = moved
    if not price_known:
        table.loc["M1", "price_usd"] = NAN
    notes: list[str] = []
    _close_gap(table, basis, Scenario("x", "x", gap=gap, gap_group=group), notes)
    return table, notes


def test_the_gap_closes_through_the_prices_of_one_group():
    table, notes = closed(1.0)
    # Half the enterprise value of each: 300, 200 and 250 of 1,000 of equity; nobody outside the statistics is revalued.
    assert table["price_after_usd"].tolist() == pytest.approx([70, 80, 75, 100, 100, 100, 100])
    assert (set(table["why"]), notes) == ({""}, [])
    table, _ = closed(4.0)
    assert table["price_after_usd"].tolist()[:3] == pytest.approx([160, 140, 150])
    table, _ = closed(1.0, "bitcoin")
    assert table["price_after_usd"].tolist() == pytest.approx([100, 100, 100, 120, 130, 125, 100])
    table, _ = closed(4.0, "bitcoin")
    assert table["price_after_usd"].tolist()[3:6] == pytest.approx([90, 85, 87.5])


@pytest.mark.parametrize(("value", "price"), [(NAN, NAN), (-5.0, NAN), (0.0, NAN), (0.5, 99.975)])
def test_no_price_follows_where_the_enterprise_value_is_unknown_or_not_positive(value, price):
    # Of 6, 5 and 4 the ratio is that of 5; without P3 or with 0.005 it is still that of the two others or of 4.
    table, _ = closed(1.0, P3=value)
    assert table.at["P3", "price_after_usd"] == pytest.approx(price, nan_ok=True)
    assert table.at["P3", "why"] == ("enterprise value unknown or not positive" if np.isnan(price) else "")
    assert table.loc[["P1", "P2"], "why"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("moved", "price_known", "price", "why"),
    [
        (0.0, True, 100.0, ""),
        (0.5, True, NAN, NOT_POSITIVE),
        (-0.5, True, NAN, NOT_POSITIVE),
        (0.0, False, NAN, NOT_POSITIVE),
    ],
)
def test_where_nothing_else_moves_a_price_that_does_not_follow_stays(moved, price_known, price, why):
    table, _ = closed(1.0, moved=moved, price_known=price_known)
    assert table.at["M1", "price_after_usd"] == pytest.approx(price, nan_ok=True)
    assert table.at["M1", "why"] == why


def test_a_member_of_the_group_is_revalued_whatever_its_net_asset_value_says():
    # M1 has no price from its net asset value, and M2's has moved: M1's own reason gives way with its price.
    table, _ = closed(1.0, "bitcoin", moved=0.5)
    assert (table.at["M1", "price_after_usd"], table.at["M1", "why"]) == (pytest.approx(120.0), "")


@pytest.mark.parametrize("unknown", ["P", "M"])
def test_without_one_of_the_groups_no_price_moves(unknown):
    table, notes = closed(1.0, **{f"{unknown}{k}": NAN for k in (1, 2, 3)})
    assert table["price_after_usd"].eq(100.0).all()
    assert notes == ["estimate of the gap not available on this date, so no price moves"]


def test_a_printed_scenario_begins_with_the_largest_fall():
    table = pd.DataFrame(
        {"price_usd": 10.0, "nav_before": [5.0, 5.0, NAN], "nav_after": 5.0, "change": [0.25, -0.5, NAN],
         "price_after_usd": 11.0, "price_change": [0.1, -0.2, NAN]}, index=pd.Index(["A", "B", "C"], name="ticker"),
    )  # fmt: skip
    found = ScenarioResult(Scenario("x", "half", bitcoin=0.5), table, table, table, 50.0, 25.0, ("told",))
    (shown,) = found.summary.tables
    assert shown.frame.index.tolist() == ["B", "A"]
    assert shown.frame["change"].tolist() == ["-50%", "+25%"]
    assert found.summary.notes == ("told.",)
