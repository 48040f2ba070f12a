"""The points of the brief on made-up screens: each title, each sentence, and the boundaries between them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.brief import compose
from valuation.brief.compose import _freshness, _gap, _limits, _stale
from valuation.brief.result import Brief, Point
from valuation.findings import CAN, CANNOT, NOTE, Finding
from valuation.freshness import Basis
from valuation.nav.findings import NOT_UNDERVALUED

NAN = np.nan
DAY = pd.Timestamp("2026-01-16")
PAST = Basis(n=3, first_close=DAY, last_close=DAY, closes_old=True)
NOW = Basis(n=3, first_close=DAY, last_close=DAY)
HEAD = {"ratio": 2.0, "low": 1.5, "high": 3.0, "note": "",
        "p_value": 0.01, "n_pivot": 6, "n_bitcoin": 7,
        "attainable_p": 0.001, "level_reached": 0.95, "pivot_value": 4.04, "bitcoin_value": 2.0,
        "statistic": "hodges_lehmann", "metric": "ev_per_mw_secured"}  # fmt: skip


def screen(*, inside: str = "AB", basis: Basis = NOW, lead: object = None, **head: float) -> SimpleNamespace:
    """Companies A to D, of which `inside` are in the statistics."""
    members = pd.DataFrame({"ev_per_mw_secured": [t in inside for t in "ABCD"]}, index=list("ABCD"))
    status = pd.DataFrame({"ev_per_mw_secured": ["ok", "proxy", "proxy", "stale"]}, index=list("ABCD"))
    return SimpleNamespace(
        table=pd.DataFrame({"x": range(4)}, index=list("ABCD")), status=status,
        marks=pd.DataFrame({"ev_per_mw_secured": ["", "p", "p", "s"]}, index=list("ABCD")), as_of=DAY,
        gap=SimpleNamespace(headline=pd.Series(HEAD | head), members=members, basis=basis, level=0.95),
        lead=lead or SimpleNamespace(leads="gap"), regression=None, held_line="", review_line="", fallback_line="",
        manifest={"price_source": "bundled"}, oldest_price_days=0, prices_are_old=False,
    )  # fmt: skip


FOUND = tuple(Finding(text, CAN) for text in ("why", "gap", "terciles"))


def line(ratio: float, p: float) -> SimpleNamespace:
    return SimpleNamespace(leads="line", findings=FOUND, line=SimpleNamespace(ratio=ratio, p=p))


NO_LINK = "Value per megawatt has no statistically significant link to contracted AI revenue"
HAD_NONE = "Value per megawatt had no statistically significant link to contracted AI revenue"
HIGHER = "More contracted AI revenue goes with a higher value per megawatt"
LOWER = "More contracted AI revenue went with a lower value per megawatt"


@pytest.mark.parametrize(
    ("ratio", "p", "basis", "title"),
    [
        (2.0, 0.05, NOW, HIGHER),
        (2.0, 0.051, NOW, NO_LINK),
        (2.0, 0.9, PAST, HAD_NONE),
        (0.9, 0.01, PAST, LOWER),
        (1.0, 0.01, PAST, LOWER),
    ],
)
def test_where_the_line_leads(ratio, p, basis, title):
    assert _gap(screen(lead=line(ratio, p), basis=basis)) == (title, FOUND[:2])


def test_where_the_line_leads_and_there_is_none():
    lead = SimpleNamespace(leads="line", findings=FOUND, line=None)
    assert _gap(screen(lead=lead)) == ("The gap cannot be estimated", FOUND[:1])


@pytest.mark.parametrize(
    ("ratio", "p", "basis", "title"),
    [
        (2.0, 0.05, NOW, "AI-group miners trade at a premium per megawatt"),
        (0.5, 0.01, PAST, "AI-group miners traded at a discount per megawatt"),
        (1.0, 0.01, PAST, "AI-group miners traded at a discount per megawatt"),
        (2.0, 0.06, NOW, "The gap per megawatt is not statistically significant"),
        (2.0, 0.06, PAST, "The gap per megawatt was not statistically significant"),
        (NAN, NAN, NOW, "The gap cannot be estimated"),
    ],
)
def test_where_the_groups_lead(monkeypatch, ratio, p, basis, title):
    monkeypatch.setattr(compose, "estimate", lambda *_: [FOUND[0]])
    monkeypatch.setattr(compose, "significance", lambda *_: [FOUND[1]])
    told, found = _gap(screen(basis=basis, ratio=ratio, p_value=p))
    assert told == title
    assert found[:2] == FOUND[:2]
    medians = found[2:]
    assert len(medians) == (not np.isnan(ratio))
    for one in medians:
        dated = "On the closes of 16 January 2026, group" if basis.closes_old else "Group"
        assert one.text == (f"{dated} medians: $4.0m per secured MW in the AI group (n = 6) and $2.0m in the mining group "
                            "(n = 7).")  # fmt: skip
        assert one.figures == {"pivot_value": 4.04, "bitcoin_value": 2.0, "n_pivot": 6, "n_bitcoin": 7}


def test_where_no_company_is_in_the_statistics():
    title, (one,) = _gap(screen(inside=""))
    assert title == "No company can be compared yet"
    assert (one.text, one.kind, one.figures) == (
        "None of the 4 companies has an EV per secured MW that enters the statistics.", CANNOT, {"companies": 4},
    )  # fmt: skip


def test_a_point_by_its_name():
    points = (Point("week", "Since then", FOUND[:2]), Point("limits", "None", ()))
    made = Brief("t", points, pd.DataFrame())
    assert made["limits"] is points[1]
    assert (made["week"].text, made["week"].question) == ("why gap", "What changed, and why?")
    assert made.findings == FOUND[:2]


def limits(made: SimpleNamespace, nav: object = None) -> list[tuple[str, str]]:
    return [(one.text, one.kind) for one in _limits(made, nav)]


def test_what_cannot_be_said():
    causal = ("The comparison does not show that AI contracts cause the difference: the 6 AI-group companies and 7 mining "
              "companies chose their own group, and secured MW follow each company's own definition.", CANNOT)  # fmt: skip
    one_proxy = ("1 of 2 EV per secured MW in the statistics rests on a stand-in (proxy); 2 companies are outside the "
                 "statistics.", CANNOT)  # fmt: skip
    assert limits(screen()) == [causal, one_proxy]
    two = limits(screen(inside="BCD"))[-1][0]
    assert two == ("2 of 3 EV per secured MW in the statistics rest on a stand-in (proxy); 1 company is outside the "
                   "statistics.")  # fmt: skip
    made = screen()
    made.held_line, made.review_line = "1 figure is held back", "2 figures wait"
    nav = SimpleNamespace(findings=(NOT_UNDERVALUED,))
    held, waiting = ("1 figure is held back.", CANNOT), ("2 figures wait.", NOTE)
    assert limits(made, nav) == [held, causal, one_proxy, waiting, (NOT_UNDERVALUED.text, CANNOT)]
    assert limits(made, SimpleNamespace(findings=())) == [held, causal, one_proxy, waiting]
    nobody = screen(inside="", ratio=NAN)
    nobody.review_line = "2 figures wait"
    assert limits(nobody, nav) == [
        ("Nothing can be said of the gap or of a company's distance to others.", CANNOT), ("2 figures wait.", NOTE),
    ]  # fmt: skip


def test_small_groups_and_what_p_they_can_reach_are_limits():
    found = limits(screen(n_pivot=2, n_bitcoin=3, attainable_p=0.2))
    assert [text for text, _ in found[1:3]] == [
        "Small sample: 2 AI-group companies.",
        "Small sample: with 2 AI-group companies and 3 mining companies no ratio, however large, can reach a p-value below "
        "0.200.",
    ]  # fmt: skip


def test_of_the_line_alone_it_is_said_that_it_shows_no_cause():
    made = screen(ratio=NAN)
    assert len(limits(made)) == 1
    made.regression = object()
    assert len(limits(made)) == 2
    made = screen()
    made.regression = object()
    assert limits(made) == limits(screen())  # the groups' own sentence is enough


STALE = Basis(n=3, first_close=DAY, last_close=DAY, n_stale=1, n_stale_facts=1, stale=("A (cash)",))


@pytest.mark.parametrize(
    ("n_stale", "old", "said"),
    [
        (1, 0, "1 of 9 EV per secured MW rests on stale facts: T0."),
        (6, 0, "6 of 9 EV per secured MW rest on stale facts: T0, T1, T2, T3, T4 and T5."),
        (7, 0, "7 of 9 EV per secured MW rest on stale facts: T0, T1, T2, T3, T4, T5 and 1 other."),
        (8, 0, "8 of 9 EV per secured MW rest on stale facts: T0, T1, T2, T3, T4, T5 and 2 others."),
        (2, 1, "{} Stale: T0 and T1."),
        (9, 9, "{}"),
    ],
)
def test_whose_figures_are_stale(n_stale, old, said):
    basis = Basis(n=9, first_close=DAY, last_close=DAY, n_stale=n_stale, n_stale_facts=n_stale, n_old_closes=old,
                  stale=tuple(f"T{k}" for k in range(n_stale)))  # fmt: skip
    assert _stale(basis) == said.format(basis.stale_data)


@pytest.mark.parametrize(
    ("basis", "inside", "more", "title", "said"),
    [
        (NOW, "AB", {}, "The facts are current",
         ["The closes behind the statistics are of 16 January 2026 (source: bundled).",
          "None of the 3 EV per secured MW in the statistics rests on stale data."]),
        (NOW, "AB", {"oldest_price_days": 1, "fallback_line": "Fell back."}, "The facts are current",
         ["The closes behind the statistics are of 16 January 2026 (source: bundled, up to 1 day before 16 January 2026).",
          "Fell back.", "None of the 3 EV per secured MW in the statistics rests on stale data."]),
        (STALE, "AB", {}, "Some facts are stale",
         ["The closes behind the statistics are of 16 January 2026 (source: bundled).",
          "1 of 3 EV per secured MW rests on stale facts: A (cash)."]),
        (PAST, "AB", {}, "Prices are out of date", None),
        (STALE, "AB", {"prices_are_old": True}, "Prices are out of date", None),
        (Basis(), "", {}, "No fact enters the statistics",
         ["The last closes are of an unknown day (source: bundled)."]),
        (Basis(), "", {"prices_are_old": True, "oldest_price_days": None}, "Prices are out of date",
         ["The last closes are of an unknown day (source: bundled)."]),
    ],
)  # fmt: skip
def test_how_fresh_the_facts_are(basis, inside, more, title, said):
    made = screen(inside=inside, basis=basis)
    vars(made).update(more)
    told, found = _freshness(made)
    assert told == title
    assert said is None or [one.text for one in found] == said
    assert found[0].figures == {"closes_old": basis.closes_old, "age_days": made.oldest_price_days}
    kinds = {"The": NOTE, "Fell": CANNOT, "None": CAN, "1": NOTE}
    assert [one.kind for one in found] == [kinds[one.text.split()[0]] for one in found]
    last = {"n": basis.n, "n_stale": basis.n_stale}
    assert basis.n == 0 or found[-1].figures == last
