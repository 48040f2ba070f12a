"""One company's bridge, power and events on made-up figures."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.company_profile import (
    HISTORY,
    POWER_ITEMS,
    CompanyProfile,
    _basis,
    _bridge,
    _events,
    _power,
    profile,
    profiles,
)
from valuation.errors import UnknownName
from valuation.fundamentals.enterprise_value import ADDED, DEDUCTED

NAN = np.nan
DAY = pd.Timestamp("2026-01-16")
SEPT = pd.Timestamp("2025-09-30")


@pytest.mark.parametrize(
    ("rows", "item", "critical", "basis"),
    [
        ([("mw", "100 MW of power")], "mw_secured", True, "critical IT"),
        ([("mw", "100 MW of Critical IT load")], "mw_operating_ai", False, "critical IT"),
        ([("mw", "130 MW gross, 100 MW critical IT")], "mw_operating_ai", False, "gross"),
        ([("mw", "100 MW in use")], "mw_operating_ai", False, "basis not stated"),
        ([("mw", "100 MW gross in use")], "mw_operating_ai", False, "gross"),
        ([("mw", "100 MW in use")], "mw_operating", False, "gross"),
        ([("sites", "critical it")], "mw_operating_ai", False, "gross"),
        ([("mw", "critical it"), ("mw", "gross")], "mw_secured", False, "gross"),  # of several the last
        ([], "mw_operating_ai", False, "gross"),
    ],
)
def test_the_basis_of_a_report(rows, item, critical, basis):
    assert _basis(rows, item, critical=critical) == basis


def test_events_of_the_company_by_the_day():
    events = pd.DataFrame(
        {"ticker": ["A", "B", "A", "A"], "date": [DAY, DAY, DAY + pd.Timedelta(days=1), SEPT], "kind": "lease",
         "headline": ["now", "other", "later", "then"], "more": 1}, index=[3, 4, 5, 6])  # fmt: skip
    found = _events(events, "A", DAY)
    assert found.columns.tolist() == ["date", "kind", "headline"]
    assert found["headline"].tolist() == ["now", "then"]
    assert found.index.tolist() == [0, 1]
    assert _events(None, "A", DAY).empty


def one_row(**values: object) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples([(DAY, "A")], names=["as_of", "ticker"])
    return pd.DataFrame([values], index=index)


def report(**bridge: float) -> SimpleNamespace:
    counts = {
        "price_usd": 10.0,
        "basic_shares": 5.0,
        "new_shares": 0.0,
        "diluted_shares": 5.0,
        "enterprise_value_usd": 60.0,
    }
    blank = dict.fromkeys([*ADDED, *DEDUCTED], NAN) | counts
    metrics = pd.DataFrame([{"capex_to_spend_usd": 7.0, "completed_ev_usd": 67.0}], index=["A"])
    status = pd.DataFrame([{"cash_usd": "stale", "capex_to_spend_usd": "proxy", "completed_ev_usd": "ok"}], index=["A"])
    return SimpleNamespace(bridge=pd.DataFrame([blank | bridge], index=["A"]), table=metrics, status=status)


def test_the_bridge_leaves_out_what_is_not_reported_and_keeps_what_is_required():
    made = report(cash_usd=4.0, preferred_equity_usd=3.0, restricted_cash_usd=0.0, finance_leases_usd=-1.0)
    inputs = SimpleNamespace(periods=one_row(cash=SEPT, price_usd=DAY, preferred_equity=DAY))
    found = _bridge(made, inputs, "A")
    assert found["line"].tolist() == [
        "price_usd", "basic_shares", "new_shares", "diluted_shares", "equity_value_usd", "debt_after_conversion_usd",
        "finance_leases_usd", "preferred_equity_usd", "cash_usd", "bitcoin_usd", "enterprise_value_usd",
        "capex_to_spend_usd",
        "completed_ev_usd",
    ]  # fmt: skip
    rows = found.set_index("line")
    assert rows["kind"].tolist() == ["count"] * 4 + ["added"] * 4 + ["deducted"] * 2 + ["total", "added", "total"]
    assert rows.loc["cash_usd"].tolist() == ["deducted", 4.0, SEPT, "stale"]
    assert rows.loc["completed_ev_usd", ["value", "status"]].tolist() == [67.0, "ok"]
    assert rows.loc["capex_to_spend_usd", ["value", "status"]].tolist() == [7.0, "proxy"]
    assert rows.at["price_usd", "status"] == "ok"
    assert rows["period"].notna().sum() == 3


def test_power_as_reported_with_its_basis_and_age():
    blank = dict.fromkeys(POWER_ITEMS, NAN)
    inputs = SimpleNamespace(
        items=one_row(**blank | {"mw_secured": 100.0, "mw_operating_ai": 20.0}),
        periods=one_row(**dict.fromkeys(POWER_ITEMS, pd.NaT) | {"mw_secured": SEPT}),
        stale=one_row(**dict.fromkeys(POWER_ITEMS, False) | {"mw_secured": True}),
        critical_it=one_row(**dict.fromkeys(POWER_ITEMS, False) | {"mw_pipeline": True}),
    )
    facts = pd.DataFrame(
        [("A", "mw_operating_ai", "mw", "20 MW"), ("B", "mw_secured", "mw", "critical it")],
        columns=["ticker", "item", "unit", "evidence"],
    )
    found = _power(SimpleNamespace(facts=facts), inputs, "A").set_index("item")
    assert found.index.tolist() == list(POWER_ITEMS)
    assert found.loc["mw_secured"].tolist() == [100.0, "gross", SEPT, True]
    assert found.at["mw_operating_ai", "basis"] == "basis not stated"
    assert found.at["mw_pipeline", "basis"] == "critical IT"
    assert found["stale"].sum() == 1


def listed(*tickers: str) -> pd.DataFrame:
    return pd.DataFrame({"ticker": tickers, "place": range(len(tickers))}, index=range(5, 5 + len(tickers)))


def company(monkeypatch: pytest.MonkeyPatch, closes: pd.DataFrame | None) -> CompanyProfile:
    for name in ("_bridge", "_power", "credit_ladder"):
        monkeypatch.setattr(f"valuation.company_profile.{name}", lambda *_: None)
    rows = listed("B", "A", "S", "A")
    book = SimpleNamespace(
        of=lambda ticker: rows[rows["ticker"] == ticker], tranches=rows, holders=lambda ticker: [ticker, "S"]
    )
    of_each = pd.DataFrame({"x": [1.0, 2.0], "name": ["Alpha", "Beta"]}, index=["A", "B"])
    weeks = pd.MultiIndex.from_product([[SEPT, DAY], ["A", "B"]], names=["as_of", "ticker"])
    made = SimpleNamespace(
        nav=SimpleNamespace(book=book), table=of_each, companies=of_each, status=of_each, causes=of_each, marks=of_each,
        as_of=DAY, instruments=rows, facts=rows, freshness=rows,
    )  # fmt: skip
    history = SimpleNamespace(table=pd.DataFrame({name: [1, 2, 3, 4] for name in HISTORY}, index=weeks))
    return profile(made, None, history, "A", None, closes, consensus={"A": {"ev_to_consensus_revenue": "FY2027"}})


def test_a_profile_holds_its_companys_own_rows(monkeypatch):
    found = company(monkeypatch, None)
    assert (found.name, found.metrics["x"], found.consensus) == ("Alpha", 1.0, {"ev_to_consensus_revenue": "FY2027"})
    for frame, places in ((found.contracts, [1, 3]), (found.tranches, [1, 2, 3]), (found.instruments, [1, 3]),
                          (found.facts, [1, 3]), (found.freshness, [1, 3])):  # fmt: skip
        assert frame["place"].tolist() == places
        assert frame.index.tolist() == list(range(len(places)))
        assert frame.columns.tolist() == ["ticker", "place"]
    assert found.history["price_usd"].to_dict() == {SEPT: 1, DAY: 3}


def test_closes_of_the_company_where_there_are_any(monkeypatch):
    closes = pd.DataFrame({"A": [1.0, NAN, 3.0], "B": 9.0}, index=pd.date_range("2026-01-14", periods=3))
    assert company(monkeypatch, closes).closes.tolist() == [1.0, 3.0]
    assert company(monkeypatch, closes[["B"]]).closes.empty
    assert company(monkeypatch, None).closes.empty


def test_a_profile_in_json_has_everything_but_the_analysis_of_all():
    names = ["metrics", "status", "causes", "marks", "bridge", "instruments", "power", "consensus", "contracts", "tranches",
             "ladder", "history", "facts", "freshness"]  # fmt: skip
    blank = {name: pd.DataFrame({"x": [1.0]}) for name in names}
    made = SimpleNamespace(ticker="A", name="A Inc.", as_of=DAY, nav="all", **blank)
    assert list(CompanyProfile.to_dict(made)) == ["ticker", "name", "as_of", *names]


@pytest.mark.parametrize(("nav", "ticker"), [(None, "A"), (object(), "B")])
def test_no_profile_without_net_asset_values_or_of_another_company(nav, ticker):
    made = SimpleNamespace(nav=nav, table=pd.DataFrame(index=["A"]))
    with pytest.raises(UnknownName):
        profile(made, None, None, ticker)
    if nav is None:
        with pytest.raises(UnknownName):
            profiles(made)
