"""Claims as a table, their sources, and what is said of them together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.claims.claimed import Claimed, parse
from valuation.claims.result import Checked, Claims
from valuation.claims.verdict import Measured, Verdict, judge

DAY = pd.Timestamp("2026-10-05")
NAN = np.nan


def sources(*items: str) -> pd.DataFrame:
    return pd.DataFrame({"item": items, "published_on": DAY, "source": "facts.csv:3", "source_url": ""})


def checked(
    name: str, verdict: str, unit: str = "usd", then: Measured | None = None, today: Measured | None = None
) -> Checked:
    claim = pd.Series({"claim_id": name, "said_on": DAY, "said_by": "X", "subject": "RIOT", "statement": "s", "measure": "m",
                       "claimed_value": "5", "unit": unit, "note": "n"})  # fmt: skip
    quarter = parse("2026Q3", "quarter").low
    blank = Measured(quarter if unit == "quarter" else 5.0)
    return Checked(
        claim, Claimed(4.0, 6.0, "above"), DAY, then or blank, today or blank, Verdict(verdict, "why"), "how"
    )


EVERY = Claims(
    DAY,
    [
        checked("a", "holds", then=Measured(3.0, 2.0, 4.0, n=7, sources=sources("cash")),
                today=Measured(8.0, first=1.0, last=9.0, sources=sources("cash", "debt"))),
        checked("b", "not determinable"), checked("c", "not yet due"), checked("d", "not determinable"),
        checked("e", "holds", "quarter"),
    ],
    ["f"],
)  # fmt: skip


def test_the_table():
    rows = EVERY.frame
    assert rows.index.tolist() == list("abcde")
    row = rows.loc["a"]
    assert row[["claimed_low", "claimed_high", "bound", "verdict", "reason", "how", "note"]].tolist() == [
        4.0, 6.0, "above", "holds", "why", "how", "n",
    ]  # fmt: skip
    assert row[["then_value", "then_low", "then_high", "then_n", "today_value", "today_first", "today_last"]].tolist() == [
        3.0, 2.0, 4.0, 7, 8.0, 1.0, 9.0,
    ]  # fmt: skip
    assert rows.at["e", "then_value"] == rows.at["e", "today_value"] == "2026Q3"
    assert Claims(DAY, []).frame.empty
    assert len(EVERY._summary().tables[0].frame) == 5
    assert Claims(DAY, [])._summary().tables[0].frame.empty


def test_each_source_once_a_claim():
    assert EVERY.sources[["claim_id", "item"]].to_numpy().tolist() == [["a", "cash"], ["a", "debt"]]
    assert EVERY.sources.index.tolist() == [0, 1]
    swapped = checked(
        "a", "holds", then=Measured(3.0, sources=sources("cash")), today=Measured(8.0, sources=sources("debt"))
    )
    assert Claims(DAY, [swapped], []).sources.index.tolist() == [0, 1]
    assert Claims(DAY, []).sources.columns.tolist() == ["claim_id", "item", "published_on", "source", "source_url"]


def test_what_is_said_of_all():
    about, open_, early, later, rule = EVERY.findings
    assert about.text == "Of 5 claims: holds 2, not determinable 2, not yet due 1."
    assert about.figures == {
        "holds": 2,
        "holds in part": 0,
        "does not hold": 0,
        "not determinable": 2,
        "not yet due": 1,
    }
    assert open_.text == "The data do not decide b and d."
    assert early.text == "Not yet due: c (5 October 2026)."
    assert later.text == "Excluded, because they were made after 5 October 2026: f."
    assert rule.text.startswith("Rule: ")
    assert [one.text for one in Claims(DAY, []).findings][:-1] == ["No claim to check."]
    assert len(Claims(DAY, [checked("a", "holds")]).findings) == 2


def reason(text: str, unit: str = "usd", statement: str = "", **measured: object) -> tuple[str, str]:
    found = judge(parse(text, unit, statement), Measured(**measured), unit)
    return found.verdict, found.reason


def test_reasons_at_their_boundaries():
    assert reason("100", value=110.0) == ("holds", "10% above the claim")
    assert reason("100", value=110.01)[0] == "holds in part"
    assert reason("100", value=75.0) == ("holds in part", "25% below the claim")
    assert reason("100", value=74.9)[0] == "does not hold"
    assert reason("100", value=100.0) == ("holds", "as claimed")
    assert reason("90-110", value=95.0) == ("holds", "within the claimed range")
    assert reason("1", value=10.99) == ("does not hold", "999% above the claim")
    assert reason("1", value=11.0) == ("does not hold", "far above the claim")
    assert reason("-5", "change", value=-5.4) == ("holds", "8% below the claim")
    assert reason("-5", "change", value=-7.0) == ("does not hold", "40% below the claim")
    assert reason("-5", "change", value=-3.0) == ("does not hold", "40% above the claim")
    assert reason("0", value=5.0) == ("does not hold", "far above the claim")
    assert reason("0", value=-5.0) == ("does not hold", "far below the claim")
    assert reason("100", value=104.0, first=97.0, last=104.0) == ("holds", "up to 4% above the claim")
    assert reason("100", value=104.0, first=94.0, last=104.0) == ("holds", "up to 6% below the claim")


def test_reasons_with_an_interval():
    outside = "the interval does not contain the claim"
    assert reason("100", value=125.0, low=110.0, high=140.0) == (
        "holds in part",
        f"{outside}; the estimate is within 25%",
    )
    assert reason("100", value=126.0, low=110.0, high=140.0) == ("does not hold", outside)
    assert reason("100", value=80.0, low=60.0, high=100.0)[0] == "holds"  # the end is inside
    assert reason("100", value=120.0, low=100.0, high=140.0)[0] == "holds"
    assert reason("2", "ratio", value=1.5, low=1.0, high=2.0) == (
        "not determinable", "the interval contains the claim and 1 as well",
    )  # fmt: skip
    assert reason("0.9", "ratio", value=0.9, low=0.8, high=1.0)[0] == "not determinable"
    assert reason("2", "ratio", value=1.5, low=1.01, high=2.0) == (
        "holds",
        "the interval contains the claim and excludes 1",
    )
    assert reason("1", value=1.0, low=0.0, high=1.2)[0] == "not determinable"


def test_half_an_interval_is_none():
    assert not Measured(1.0, low=0.5).has_interval
    assert not Measured(1.0, high=2.0).has_interval
    assert Measured(1.0, low=0.5, high=2.0).has_interval
    assert (Measured().is_known, Measured().n) == (False, 0)
    assert Measured(points=[("p", True)]).is_known


def test_bounds_on_intervals_and_figures_at_the_edge():
    assert reason("> 5", value=6.0, low=5.0, high=7.0)[0] == "not determinable"
    assert reason("> 5", value=6.0, low=5.1, high=7.0)[0] == "holds"
    assert reason("> 5", value=4.0, low=3.0, high=5.0)[0] == "does not hold"
    assert reason("> 5", value=4.0, low=3.0, high=5.1)[0] == "not determinable"
    assert reason("< 5", value=4.0, low=3.0, high=5.0)[0] == "not determinable"
    assert reason("< 5", value=4.0, low=3.0, high=4.9)[0] == "holds"
    assert reason("< 5", value=6.0, low=5.0, high=7.0)[0] == "does not hold"
    assert reason("< 5", value=6.0, low=4.9, high=7.0)[0] == "not determinable"
    assert reason(">= 5", value=5.0) == ("holds", "on the claimed side")
    assert reason("<= 5", value=5.0) == ("holds", "on the claimed side")
    assert reason("> 4", value=5.0) == ("holds", "on the claimed side")  # a quarter more is not far
    assert reason("> 4", value=5.1)[1] == "on the claimed side, far off: 1.3 times the claim"
    assert reason("> 0.5", value=5.0)[1] == "on the claimed side, far off: 10.0 times the claim"
    assert reason("> 0", value=5.1)[1] == "on the claimed side"
    assert reason("< 4", value=1.0)[1] == "on the claimed side"


def test_reasons_of_quarters_and_points():
    for text, quarter, said in (("2026Q3", "2026Q2", "1 quarter earlier than claimed"),
                                ("2026Q3", "2027Q1", "2 quarters later than claimed"),
                                ("2026Q3", "2026Q3", "within the claimed quarters")):  # fmt: skip
        assert reason(text, "quarter", value=parse(quarter, "quarter").low)[1] == said
    points = [("p", True), ("q", False), ("r", None), ("s", True)]
    assert reason("", "share", value=1.0, points=points)[1] == "true: p, s; not true: q; not known: r"
    assert reason("", "share", value=1.0) == ("not determinable", "the claim names no figure")
    assert reason("5") == ("not determinable", "the figure is unknown")
