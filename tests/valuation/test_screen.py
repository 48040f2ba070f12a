"""The lines that stand at the head of a screen, by its manifest."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.hand_made import SHARES, VALUES, table
from valuation._summary import Summary, Table
from valuation.assumptions import Assumptions
from valuation.gap.estimate import measure
from valuation.groups import MINERS, RULES, Sector
from valuation.regression.ols import primary
from valuation.screen import Screen, fell_back_to

DAY = pd.Timestamp("2026-01-16")
MANIFEST = {"price_age_days": 1, "price_source": "yahoo", "price_date": "2026-01-15", "late_prices": {}, "fell_back": "",
            "prices_from": {"yahoo": 20}}  # fmt: skip


def screen(**manifest: object) -> SimpleNamespace:
    members = {"ev_per_mw_secured": {"A": True, "B": False, "C": True}}
    return SimpleNamespace(manifest=MANIFEST | manifest, as_of=DAY, gap=SimpleNamespace(members=members),
                           assumptions=SimpleNamespace(max_age_price_days=7))  # fmt: skip


HEAD = "Prices: {}, last close 2026-01-15, 1 day before 2026-01-16"


@pytest.mark.parametrize(
    ("manifest", "line"),
    [
        ({}, HEAD.format("yahoo")),
        ({"prices_from": {"yahoo": 17, "bundled": 3}}, HEAD.format("yahoo (17 of 20)")),
        ({"price_source": "bundled", "prices_from": {"bundled": 20}}, HEAD.format("bundled")),
        ({"price_source": "bundled", "prices_from": {"yahoo": 4, "bundled": 16}}, HEAD.format("bundled (16 of 20)")),
        ({"price_age_days": None}, "Prices: yahoo, no close of any company by 2026-01-16"),
        ({"late_prices": {"A": "2026-01-02"}}, f"{HEAD.format('yahoo')}; older: A 2026-01-02"),
        ({"late_prices": {"A": "2026-01-02", "B": "2025-12-01"}},
         f"{HEAD.format('yahoo')}; older: A 2026-01-02, B 2025-12-01"),
        ({"late_prices": {"A": "2026-01-02", "B": "2025-12-01", "C": "2026-01-09"}},
         f"{HEAD.format('yahoo')}; older: 3 companies, the oldest 2025-12-01"),
    ],
)  # fmt: skip
def test_where_the_prices_come_from(manifest, line):
    assert Screen.price_line.fget(screen(**manifest)) == line


def test_what_stands_in_for_live_prices():
    assert fell_back_to("bundled", "") == ""
    assert fell_back_to("bundled", "no network") == "Fell back to bundled prices: no network"
    assert fell_back_to("ledger", "no network") == "Fell back to prices of the ledger: no network"
    assert Screen.fallback_line.fget(screen(fell_back="x")) == "Fell back to prices of the ledger: x"


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1 figure is held back as out of proportion (T0 cash)"),
                    (4, "4 figures are held back as out of proportion (T0 cash, T1 cash, T2 cash, T3 cash)"),
                    (6, "6 figures are held back as out of proportion (T0 cash, T1 cash, T2 cash, T3 cash and 2 more)")]
)  # fmt: skip
def test_figures_that_are_held_back(n, said):
    held = [{"ticker": f"T{k}", "title": "cash"} for k in range(n)]
    line = Screen.held_line.fget(screen(held_back=held))
    assert line == f"{said}: the figure before it is used, or none; see the data checks"
    assert Screen.held_line.fget(screen()) == ""
    assert "(price of bitcoin)" in Screen.held_line.fget(
        screen(held_back=[{"ticker": "", "title": "price of bitcoin"}])
    )


def test_figures_that_wait_for_review():
    assert Screen.review_line.fget(screen()) == ""
    assert Screen.review_line.fget(screen(proposals_waiting={"count": 0})) == ""
    one = Screen.review_line.fget(screen(proposals_waiting={"count": 1, "oldest_days": 1}))
    assert one == "1 figure of filings waits for review, the oldest for 1 day (screener facts propose)"
    many = Screen.review_line.fget(screen(proposals_waiting={"count": 3, "oldest_days": 12}))
    assert many == "3 figures of filings wait for review, the oldest for 12 days (screener facts propose)"


@pytest.mark.parametrize(
    ("manifest", "days", "old"),
    [
        ({}, 1, False),
        ({"late_prices": {"A": "2026-01-09"}}, 7, False),
        ({"late_prices": {"A": "2026-01-09", "C": "2026-01-08"}}, 8, True),
        ({"late_prices": {"B": "2025-12-01", "Z": "2025-12-01"}}, 1, False),  # in no statistic
        ({"price_age_days": None}, None, True),
        ({"fell_back": "no network"}, 1, True),
    ],
)
def test_the_oldest_price_of_the_statistics(manifest, days, old):
    made = screen(**manifest)
    made.oldest_price_days = Screen.oldest_price_days.fget(made)
    assert made.oldest_price_days == days
    assert Screen.prices_are_old.fget(made) is old


def test_marked_figures_of_a_table():
    rows = pd.DataFrame({"x": [1500.0, 2.0, float("nan"), 4.0, 5.0]}, index=list("ABCDE"))
    made = SimpleNamespace(
        status=pd.DataFrame({"x": ["ok", "stale", "missing", "not_meaningful", "proxy"]}, index=list("ABCDE")),
        marks=pd.DataFrame({"x": ["", "s", "", "", "sp"]}, index=list("ABCDE")),
    )  # fmt: skip
    assert Screen._marked(made, rows, "x", "{:,.1f}") == ["1,500.0", "2.0s", "n/a", "n.m.", "5.0sp"]
    assert Screen._marked(made, rows, "x", "{:,.1f}", 1e3)[:2] == ["1.5", "0.0s"]


def test_a_summary_is_in_the_words_of_its_sector():
    cells = pd.DataFrame({"Group": ["AI", "mining", "n/a"], "Price": ["1.00"] * 3}, index=list("ABC"))
    plain = Summary(
        "Halls of miners, 2026", ("Prices: miners", "AI group = any; bitcoin n/a"), (Table("", cells, 2),),
        ("The AI group trades at 2.0x.", "Bitcoin fell.", "Of mining companies there is 1. Hashprice fell."),
    )  # fmt: skip
    halls = Sector("hyperscale", "enterprise", "landlord", "landlords", coins=False, mining=False)
    made = SimpleNamespace(sector=halls, title="Halls of miners", price_line="Prices: miners")
    found = Screen._worded(made, plain)
    assert found.lines == ("Prices: miners", "hyperscale group = any")  # the line of prices stays, coins go
    assert found.tables[0].frame["Group"].tolist() == ["hyperscale", "enterprise", "n/a"]
    assert (found.tables[0].left_out, found.tables[0].frame["Price"].tolist()) == (2, ["1.00"] * 3)
    assert found.notes == ("The hyperscale group trades at 2.0x.", "Of enterprise companies there is 1.")
    assert Screen._worded(SimpleNamespace(**vars(made) | {"sector": MINERS}), plain) is plain


def test_findings_begin_with_the_age_and_say_where_there_is_no_line(monkeypatch):
    monkeypatch.setattr("valuation.screen.stale_data", lambda basis: ["aged"])
    made = SimpleNamespace(
        gap=SimpleNamespace(basis=None, findings=["aged", "gap"]), lead=SimpleNamespace(findings=["lead"]),
        regression=SimpleNamespace(findings=["line"]), regression_note="3 companies",
    )  # fmt: skip
    assert Screen.findings.fget(made) == ("aged", "lead", "gap", "line")
    made.regression = None
    *rest, last = Screen.findings.fget(made)
    assert rest == ["aged", "lead", "gap"]
    assert (last.text, last.kind) == ("Regression not available: 3 companies.", "cannot")


PARTIES = pd.DataFrame({"party": "Cloud", "role": "tenant", "ticker": ["A", "B"]})


def measured(leads: str = "gap") -> SimpleNamespace:
    """The hand-made companies with their gap and their line, X outside the statistics."""
    assumptions = replace(Assumptions(), bootstrap_draws=99)
    companies, status, causes = table(VALUES | {"X": 50.0}, SHARES | {"X": 0.9})
    companies.loc["X", "excluded"] = "comparable"
    gap = measure(companies, status, causes, RULES["share20"], assumptions)
    line = primary(companies.drop("X")[["ev_per_mw_secured", "ai_share_contracted", "group"]])
    return SimpleNamespace(table=companies, gap=gap, regression=line, regression_note="none", lease_parties=PARTIES,
                           lead=SimpleNamespace(leads=leads))  # fmt: skip


def test_without_a_tenant_s_companies_the_gap_is_that_of_the_others():
    found = Screen.tenants.func(measured())
    logs = [np.log(VALUES[a] / VALUES[b]) for a in "CDEF" for b in "GHIJKL"]
    row = found.frame.set_index("party").loc["Cloud"]
    assert (row["excluded"], row["n_pivot"], row["n_bitcoin"]) == ("A, B", 4, 6)
    assert row["ratio"] == pytest.approx(np.exp(np.median(logs)))
    every = [np.log(VALUES[a] / VALUES[b]) for a in "ABCDEF" for b in "GHIJKL"]
    assert found.ratio == pytest.approx(np.exp(np.median(every)))
    assert np.isnan(found.line)
    made = measured("line")
    assert Screen.tenants.func(made).line == pytest.approx(np.exp(made.regression.slope))


def test_what_leads_is_asked_of_the_companies_of_the_statistics():
    lead = Screen.lead.func(measured())
    assert lead.leads == "gap"
    # The mean share of the AI group is 4 of 6.
    assert lead.line.ratio == pytest.approx(np.exp(measured().regression.slope * 4 / 6))
    assert lead.terciles["n"].sum() == 12
    alone = measured()
    alone.regression = None
    assert Screen.lead.func(alone).line is None
