"""Two small screens by hand: companies, ranks, names, contracts, problems and settings."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions
from valuation.comparison import changes
from valuation.comparison.attribution import FACTORS, Attribution
from valuation.comparison.changes import (
    Changes,
    Snapshot,
    _companies,
    _contracts,
    _issues,
    _names,
    _settings,
    _statistic,
    headline,
)

NAN = np.nan


def snapshot(**rows: tuple) -> SimpleNamespace:
    """Companies as (price, EV per MW, group, excluded, status of it)."""
    names = ["price_usd", "ev_per_mw_secured", "group", "excluded", "status"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    table["enterprise_value_usd"] = table["ev_per_mw_secured"] * 1e9
    table["ai_share_contracted"] = 0.5
    status = pd.DataFrame({"ev_per_mw_secured": table.pop("status"), "ai_share_contracted": "ok"})
    causes = pd.DataFrame({"ev_per_mw_secured": [f"why {t}" for t in rows]}, index=table.index)
    made = SimpleNamespace(table=table, status=status, causes=causes, names=pd.Series({t: f"{t} Inc." for t in rows}))
    made.ranks = Snapshot.ranks.fget(made)
    return made


OLD = snapshot(
    A=(10.0, 4.0, "pivot", "", "ok"),
    B=(5.0, 2.0, "bitcoin", "", "stale"),
    C=(2.0, 3.0, "bitcoin", "", "missing"),
    X=(1.0, 9.0, "pivot", "", "ok"),
    F=(4.0, 6.0, None, "", "proxy"),
)
NEW = snapshot(
    C=(2.0, 4.0, "bitcoin", "", "ok"),
    A=(12.0, 5.0, "pivot", "", "ok"),
    F=(4.0, 7.0, "pivot", "comparable", "ok"),
    B=(4.0, 5.0, "pivot", "", "proxy"),
    N=(7.0, 1.0, None, "", "not_meaningful"),
)


def test_ranks_are_of_usable_figures_within_the_statistics_the_dearest_first():
    assert OLD.ranks.to_dict() == pytest.approx({"A": 3, "B": 4, "C": NAN, "X": 1, "F": 2}, nan_ok=True)
    # Two of one value share the better place.
    assert NEW.ranks.to_dict() == pytest.approx({"C": 3, "A": 1, "F": NAN, "B": 1, "N": NAN}, nan_ok=True)


def test_what_a_screen_rests_on_is_asked_of_ranked_companies_of_a_group(monkeypatch):
    monkeypatch.setattr(changes, "basis", lambda _, members, *more: list(members))
    made = SimpleNamespace(**vars(OLD), freshness=None, as_of=None, assumptions=None)
    assert Snapshot.basis.func(made) == ["A", "B", "X"]  # C has no rank, F no group
    small = snapshot(
        A=(1.0, 0.5, "pivot", "", "ok"), B=(1.0, 0.0, "pivot", "", "ok"), C=(1.0, -2.0, "bitcoin", "", "ok")
    )
    assert Snapshot.basis.func(SimpleNamespace(**vars(small), freshness=None, as_of=None, assumptions=None)) == ["A"]


def test_companies_before_and_after_in_the_order_of_the_later_screen():
    found = _companies(OLD, NEW)
    assert found.columns.tolist() == [
        "name",
        "price_before",
        "price_after",
        "price_change",
        "ev_before",
        "ev_after",
        "per_mw_before",
        "per_mw_after",
        "per_mw_change",
        "rank_before",
        "rank_after",
        "group_before",
        "group_after",
        "status",
    ]
    assert found.index.tolist() == list("CAFBN")
    row = found.loc[
        "A", ["name", "price_before", "price_after", "ev_before", "ev_after", "per_mw_before", "per_mw_after"]
    ]
    assert row.tolist() == ["A Inc.", 10.0, 12.0, 4e9, 5e9, 4.0, 5.0]
    assert found["price_change"].tolist() == pytest.approx([0.0, 0.2, 0.0, -0.2, NAN], nan_ok=True)
    assert found["per_mw_change"].tolist() == pytest.approx([1.0, 1.0, 1.0, 3.0, NAN], nan_ok=True)
    assert found["rank_before"].tolist() == pytest.approx([NAN, 3, 2, 4, NAN], nan_ok=True)
    assert found["rank_after"].tolist() == pytest.approx([3, 1, NAN, 1, NAN], nan_ok=True)
    assert found["group_before"].tolist() == ["bitcoin", "pivot", None, "bitcoin", None]
    assert found["group_after"].tolist() == ["bitcoin", "pivot", "pivot", "pivot", None]
    assert found["status"].tolist() == ["ok", "ok", "ok", "proxy", "not_meaningful"]


def test_only_a_company_whose_two_groups_are_known_has_changed_it():
    changes = SimpleNamespace(companies=_companies(OLD, NEW))
    assert Changes.group_moves.fget(changes).index.tolist() == ["B"]


def test_names_that_are_new_dropped_entered_or_left():
    assert _names(OLD, NEW).to_numpy().tolist() == [
        ["new name", "N", "N Inc."],
        ["dropped name", "X", "X Inc."],
        ["entered the statistics", "C", "was: why C"],
        ["left the statistics", "F", "comparable"],
    ]
    turned = SimpleNamespace(**vars(NEW) | {"table": NEW.table.iloc[::-1]})
    assert [row[:2] for row in _names(OLD, turned).to_numpy().tolist()[2:]] == [
        ["left the statistics", "F"], ["entered the statistics", "C"],
    ]  # fmt: skip
    back = _names(NEW, OLD).to_numpy().tolist()
    assert back[2:] == [["left the statistics", "C", "why C"], ["entered the statistics", "F", "was: comparable"]]


def movers() -> pd.DataFrame:
    parts = pd.DataFrame(
        {
            "before": [4.0, -2.0, 5.0, 1.0, 1.0],
            "change": [1.0, -1.0, -2.0, NAN, 9.0],
            "cause": ["", "", "", "cash unknown", ""],
        },
        index=list("ABCDE"),
    )
    parts = parts.assign(**dict.fromkeys(FACTORS, 0.0)).assign(
        price=[0.4, -0.2, 1.0, NAN, 9.0], debt=[0.6, 0.1, -3.0, NAN, 0]
    )
    table = pd.DataFrame({"excluded": ["", "", "", "", "comparable"]}, index=list("EDCBA")[::-1])
    return Changes.movers.fget(SimpleNamespace(attribution=Attribution(parts), after=SimpleNamespace(table=table)))


def test_movers_are_the_largest_relative_changes_of_the_universes_own_companies():
    found = movers()
    assert found.index.tolist() == ["B", "C", "A"]
    assert found["relative"].tolist() == pytest.approx([-0.5, -0.4, 0.25])
    assert found["main"].tolist() == ["price", "debt", "debt"]


def contracts(**rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(
        rows, orient="index", columns=["ticker", "counterparty", "owned_it_mw", "owned_value_usd"]
    )
    frame = frame.rename_axis("contract_id").reset_index()
    return frame.assign(kind="lease", announced_on=pd.Timestamp("2026-01-02"), owned_annual_revenue_usd=1.0, is_ai=True)


def test_contracts_signed_ended_and_changed_the_largest_first():
    old = contracts(S=("B", "T", 5.0, 10.0), E=("A", "T", 5.0, 50.0), C=("C", "T", 5.0, 7.0), U=("A", "T", NAN, NAN))
    new = contracts(
        S=("B", "T", 5.0, 10.0),
        C=("C", "T", 6.0, 7.0),
        N=("D", "T", 1.0, 90.0),
        U=("A", "T", NAN, NAN),
        K=("A", "T", 1.0, 7.0),
        Z=("A", "T", 1.0, NAN),
    )
    found = _contracts(old, new)
    assert found[["change", "contract_id", "ticker"]].to_numpy().tolist() == [
        ["signed", "N", "D"],
        ["ended", "E", "A"],
        ["signed", "K", "A"],
        ["terms changed", "C", "C"],
        ["signed", "Z", "A"],
    ]
    assert found.columns.tolist()[:3] == ["change", "contract_id", "ticker"]
    assert found.index.tolist() == [0, 1, 2, 3, 4]
    assert found.loc[3, "owned_it_mw"] == 6.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("counterparty", "V"),
        ("kind", "gpu_cloud"),
        ("owned_it_mw", 5.5),
        ("owned_value_usd", NAN),
        ("owned_annual_revenue_usd", 2.0),
    ],
)
def test_each_term_of_a_contract_counts(name, value):
    one = contracts(S=("B", "T", 5.0, 10.0))
    assert _contracts(one, one.assign(**{name: value}))["change"].tolist() == ["terms changed"]
    assert _contracts(one, one.assign(announced_on=pd.Timestamp("2026-01-09"))).empty


def test_problems_are_the_same_by_ticker_and_kind():
    columns = ["severity", "ticker", "what", "detail"]
    old = pd.DataFrame([("warning", "A", "old", "7 days"), ("error", "B", "gap", "x")], columns=columns)
    new = pd.DataFrame([("note", "B", "old", "y"), ("warning", "A", "old", "8 days")], columns=columns)
    found = _issues(old, new)
    assert found.to_numpy().tolist() == [
        ["appeared", "note", "B", "old", "y"],
        ["gone", "error", "B", "gap", "x"],
    ]
    assert found.columns.tolist() == ["change", *columns]
    assert found.index.tolist() == [0, 1]


def test_settings_that_differ_one_by_one():
    old = {
        "universe": "miners",
        "switches": {"net_bitcoin": True, "gone": 1},
        "assumptions": {"cap_rate": 0.1},
        "version": "1",
    }
    new = {"universe": "halls", "switches": {"net_bitcoin": False, "more": 2}, "assumptions": {"cap_rate": 0.1}}
    assert _settings(old, new) == (
        "universe: miners before, halls now",
        "net bitcoin: True before, False now",
        "more: None before, 2 now",
        "version: 1 before, None now",
    )
    assert _settings(old, old) == ()
    assert _settings({"switches": None}, {"switches": {"a": 1}}) == ("switches: None before, {'a': 1} now",)


def test_the_assumptions_of_an_older_run_have_the_default_of_what_it_did_not_know():
    manifest = {"assumptions": {"max_age_price_days": 3, "no_longer_known": 1.0}}
    found = Snapshot.assumptions.fget(SimpleNamespace(manifest=manifest))
    assert (found.max_age_price_days, found.bootstrap_draws) == (3, Assumptions().bootstrap_draws)


def test_another_statistic_is_told():
    same, other = {"statistic": "hodges_lehmann"}, {"statistic": "of_old"}
    assert _statistic(same, same) == []
    (told,) = _statistic(other, same)
    assert told.startswith("statistic of the gap: of_old before, ")


def test_headline_figures_are_none_where_they_cannot_be_estimated():
    head = pd.Series(
        {
            "statistic": "hodges_lehmann",
            "ratio": 2,
            "low": NAN,
            "high": 3.0,
            "pivot_value": 4.0,
            "bitcoin_value": 2.0,
            "n_pivot": 6,
            "n_bitcoin": 0,
        }
    )
    line = SimpleNamespace(premium=1.5, wild=SimpleNamespace(p_value=0.04), n=9, p_value=0.5)
    found = headline(SimpleNamespace(gap=SimpleNamespace(headline=head), regression=line))
    assert found == {
        "statistic": "hodges_lehmann",
        "ratio": 2.0,
        "low": None,
        "high": 3.0,
        "pivot_value": 4.0,
        "bitcoin_value": 2.0,
        "n_pivot": 6.0,
        "n_bitcoin": 0.0,
        "premium": 1.5,
        "premium_p": 0.04,
        "premium_n": 9.0,
    }
    none = headline(SimpleNamespace(gap=SimpleNamespace(headline=head), regression=None))
    assert (none["premium"], none["premium_p"], none["premium_n"]) == (None, None, None)


def test_a_snapshot_in_a_line():
    made = SimpleNamespace(
        table=OLD.table, headline={"ratio": 2.345}, run_id="r1", title="Miners", as_of=pd.Timestamp("2026-01-16")
    )
    told = Snapshot._summary(made)
    assert (told.title, told.lines) == ("Miners, 16 January 2026", ("run r1, 5 companies, gap 2.35x",))
    made.headline = {"ratio": None}
    assert Snapshot._summary(made).lines == ("run r1, 5 companies, gap n/a",)


def test_changes_in_a_table_of_their_factors():
    moved = pd.DataFrame(2.0, index=["A"], columns=["before", "after", "change", *FACTORS, "cause", "relative"])
    groups = pd.DataFrame({"group_before": ["pivot"], "group_after": ["bitcoin"]}, index=["B"])
    old = SimpleNamespace(as_of=pd.Timestamp("2026-01-09"), run_id="r1")
    new = SimpleNamespace(as_of=pd.Timestamp("2026-01-16"), run_id="r2", title="Miners")
    made = SimpleNamespace(before=old, after=new, movers=moved, group_moves=groups, settings=("version: 1 before, 2 now",),
                           attribution=SimpleNamespace(method="Shapley"))  # fmt: skip
    told = Changes._summary(made)
    assert told.title == "Miners: changes from 9 January 2026 to 16 January 2026"
    assert told.lines == ("Run r1 to run r2; EV per secured MW, $m, and its attribution by factor",)
    assert told.notes == ("B: group pivot to bitcoin.", "Settings differ, version: 1 before, 2 now.", "Shapley.")
    (table,) = told.tables
    assert table.frame.columns.tolist() == [
        "before", "after", "change", "price", "shares", "conversion", "debt", "cash", "bitcoin", "other", "mw",
    ]  # fmt: skip
