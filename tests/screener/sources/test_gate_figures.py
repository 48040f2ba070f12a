"""Figures of statements at the gate by hand: what each is held against, what is told in full, and which figure stands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener.sources.gate import figures, limits
from screener.sources.gate.held import title
from tests.screener.sources.gated import NO_SPLITS, figure, split

Q1, Q2, Q3 = "2026-03-31", "2026-06-30", "2026-09-30"


def judged(*rows: dict, splits: pd.DataFrame = NO_SPLITS) -> tuple[list[float], list[tuple]]:
    """The values that are used, and (item, period, reason, place, used) of each told."""
    frame = pd.DataFrame(list(rows)).set_axis(range(10, 10 + len(rows)))
    left, held = figures.judge(frame, splits)
    assert list(left.columns) == [name for name in frame if name != "confirmed"]
    assert left.index.tolist() == list(range(len(left)))
    for one in held:
        assert one.remedy == ("" if one.used else figures.REMEDY)
        assert pd.isna(one.until) if not one.used else one.until == one.known_on + pd.Timedelta(days=35)
    return left["value"].tolist(), [(one.item, f"{one.date:%m-%d}", one.reason, one.place, one.used) for one in held]


STANDS = "; the earlier figure is used"
UNIT = "another unit (thousands or millions), or another line"
BASIS = "a class of shares or a split left out, or another unit"


@pytest.mark.parametrize(("value", "shown"), [(-5.0, "-5"), (np.nan, "nan"), (np.inf, "inf")])
def test_a_figure_that_cannot_be_is_held_back_also_where_it_is_the_first(value, shown):
    assert judged(figure("cash", Q1, value)) == (
        [],
        [("cash", "03-31", f"{shown} at {Q1}, it cannot be that", "financials.csv:2", False)],
    )
    left, told = judged(figure("cash", Q1, 7e6), figure("cash", Q2, value, "yahoo"))
    assert (left, told) == (
        [7e6],
        [
            (
                "cash",
                "06-30",
                f"{shown} at {Q2} against 7,000,000 in the universe at {Q1}, it cannot be that{STANDS}",
                "yahoo",
                False,
            )
        ],
    )


@pytest.mark.parametrize(
    ("item", "before", "now", "file", "reason", "used"),
    [
        ("cash", 5e6, 6e8, "financials.csv", f"120 times: {UNIT}{STANDS}", False),
        ("cash", 5e6, 4e4, "filing", f"0.008 times: {UNIT}{STANDS}", False),
        ("shares_outstanding", 1e8, 3e8, "yahoo", f"3 times: {BASIS}{STANDS}", False),
        ("shares_outstanding", 1e8, 2.2e8, "yahoo", "2.2 times", True),
        ("shares_outstanding", 1e8, 2.5e8, "yahoo", "2.5 times", True),
        ("shares_outstanding", 1e8, 2.51e8, "yahoo", f"2.51 times: {BASIS}{STANDS}", False),
        ("shares_outstanding", 1e8, 7.9e7, "yahoo", f"0.79 times: {BASIS}{STANDS}", False),
        ("shares_outstanding", 1e8, 0.0, "filing", f"a company without a share: a line not filled in{STANDS}", False),
        ("cash", 5e6, 0.0, "filing", f"none where there was much: a line not filled in{STANDS}", False),
        ("debt_total", 5e7, 0.0, "yahoo", f"none where there was much, without a filing that says so{STANDS}", False),
        ("debt_total", 5e7, 0.0, "filing", "all debt repaid", True),
        ("cash", 5e6, 6e7, "yahoo", "12 times", True),
        ("debt_total", 5e7, 4e6, "yahoo", "0.08 times", True),
        ("restricted_cash", 5e4, 6e8, "yahoo", f"1.2e+04 times: {UNIT}{STANDS}", False),
        ("cash", 5e6, 5e8, "filing", f"100 times: {UNIT}{STANDS}", False),
        ("cash", 5e6, 5e7, "yahoo", "10 times", True),
        ("power_cost_usd_per_kwh", 0.02, 50.0, "filing", f"2.5e+03 times: {UNIT}{STANDS}", False),
        ("shares_outstanding", 0.5, 2.0, "filing", f"4 times: {BASIS}{STANDS}", False),
    ],
)
def test_each_reason_is_told_beside_the_figure_before(item, before, now, file, reason, used):
    left, told = judged(figure(item, Q1, before), figure(item, Q2, now, file))
    place = "financials.csv:2" if file.endswith(".csv") else file
    words = f"{now:,.10g} at {Q2} against {before:,.10g} in the universe at {Q1}, {reason}"
    assert told == [(item, "06-30", words, place, used)]
    assert left == ([before, now] if used else [before])


@pytest.mark.parametrize(
    ("item", "before", "now", "file"),
    [
        ("cash", 5e6, 4.9e8, "filing"),
        ("cash", 5e6, 4.9e7, "yahoo"),
        ("cash", 9e5, 0.0, "yahoo"),
        ("debt_total", 9e6, 0.0, "yahoo"),
        ("debt_total", 9e6, 0.0, "filing"),
        ("btc_held", 500.0, 0.0, "yahoo"),
        ("cash", 0.0, 5e8, "yahoo"),
        ("shares_outstanding", 1e8, 1.9e8, "yahoo"),
        ("shares_outstanding", 1e8, 2.4e8, "filing"),
        ("shares_outstanding", 1e8, 8e7, "filing"),
        ("net_income", 1.0, -5e9, "yahoo"),
        ("restricted_cash", 5e4, 4e5, "yahoo"),
    ],
)
def test_what_is_within_every_limit_is_used_and_not_told(item, before, now, file):
    assert judged(figure(item, Q1, before), figure(item, Q2, now, file)) == ([before, now], [])


def test_a_figure_is_held_against_the_last_one_in_force_and_not_against_one_held_back():
    left, told = judged(figure("cash", Q1, 5e6), figure("cash", Q2, 6e9), figure("cash", Q3, 7e6))
    assert left == [5e6, 7e6]
    assert len(told) == 1
    left, told = judged(figure("cash", Q1, 5e6), figure("cash", Q2, 6e9), figure("cash", Q3, 7e9))
    assert left == [5e6]
    assert [one[2].split(",")[-1] for one in told] == [f" or another line{STANDS}"] * 2
    assert all("against 5,000,000" in one[2] for one in told)


def test_of_a_universe_s_restatement_of_an_old_period_the_newer_period_stays_the_measure():
    old = figure("cash", Q1, 4e5, published="2026-11-01")
    left, told = judged(figure("cash", Q2, 5e6), old, figure("cash", Q3, 6e7, published="2026-11-05"))
    assert (left, told) == ([5e6, 4e5, 6e7], [])
    left, told = judged(figure("cash", Q2, 5e6), figure("cash", Q1, 4e4, published="2026-11-01"))
    assert left == [5e6]
    assert told[0][2] == f"40,000 at {Q1} against 5,000,000 in the universe at {Q2}, 0.008 times: {UNIT}{STANDS}"


def test_a_source_s_figure_of_an_older_period_is_held_against_nothing_unless_it_cannot_be():
    assert judged(figure("cash", Q2, 5e6), figure("cash", Q1, 4e4, "yahoo")) == ([5e6, 4e4], [])
    left, told = judged(figure("cash", Q2, 5e6), figure("cash", Q1, -4e4, "yahoo"))
    assert left == [5e6]
    assert told[0][2] == f"-40,000 at {Q1} against 5,000,000 in the universe at {Q2}, it cannot be that{STANDS}"
    later = figure("cash", Q3, 6e6, "yahoo")
    assert judged(figure("cash", Q2, 5e6), figure("cash", Q1, 4e4, "yahoo"), later) == ([5e6, 4e4, 6e6], [])


def test_a_source_s_figures_follow_the_universe_s_own_whatever_their_day():
    """The universe's sheet of June is the measure of what a source told before it was published."""
    early = figure("cash", Q2, 6e8, "yahoo", published="2026-07-02")
    left, told = judged(early, figure("cash", Q2, 5e6, published="2026-08-10"), figure("cash", Q1, 4e6))
    assert left == [5e6, 4e6]
    assert told[0][2].startswith(f"600,000,000 at {Q2} against 5,000,000 in the universe at {Q2}, 120 times")
    beside = judged(figure("cash", Q1, 5e6, "companyfacts"), figure("cash", Q2, 6e8, "yahoo"))
    assert beside[1][0][2].startswith(f"600,000,000 at {Q2} against 5,000,000 of companyfacts at {Q1}, 120 times")


@pytest.mark.parametrize(
    ("period", "value", "kept"),
    # Ten old shares become one on 1 May 2026.
    [(Q2, 1.1e7, True), (Q2, 1.1e8, False), (Q2, 1e9, False), ("2025-12-31", 9e7, True), ("2025-12-31", 9e8, False)],
)
def test_share_counts_are_on_the_basis_of_the_measure(period, value, kept):
    left, told = judged(
        figure("shares_outstanding", Q1, 1e8),
        figure("shares_outstanding", period, value, published="2026-11-01"),
        splits=split("2026-05-01", 0.1),
    )
    assert (len(left) == 2, told == []) == (kept, kept)
    newer = judged(figure("shares_outstanding", Q2, 1e7), figure("shares_outstanding", Q1, 9e7, published="2026-11-01"),
                   splits=split("2026-05-01", 0.1))  # fmt: skip
    assert newer == ([1e7, 9e7], [])
    third = judged(
        figure("shares_outstanding", Q1, 1e8), figure("shares_outstanding", Q2, 1.1e7),
        figure("shares_outstanding", Q3, 5e7),
        splits=split("2026-05-01", 0.1),
    )  # fmt: skip
    assert third[0] == [1e8, 1.1e7]
    tenth = figure("shares_outstanding", Q1, 1e6, published="2026-11-01")
    assert judged(figure("shares_outstanding", Q2, 1e7), tenth, splits=split("2026-05-01", 0.1))[0] == [1e7]


@pytest.mark.parametrize(("cash", "used"), [(0.0, True), (0.5, True), (-0.5, False), (float("inf"), False)])
def test_a_person_may_confirm_what_a_figure_can_be(cash, used):
    left, _ = judged(figure("cash", Q1, 5e6), figure("cash", Q2, cash) | {"confirmed": "10-Q, page 3"})
    assert left == ([5e6, cash] if used else [5e6])


@pytest.mark.parametrize(
    ("person", "used"),
    [
        ({"confirmed": "10-Q, page 3"}, True),
        ({"file": "overlay/financials.csv"}, True),
        ({"file": "overlays.csv"}, False),
        ({}, False),
    ],
)
def test_a_person_s_word_is_used_and_told(person, used):
    left, told = judged(figure("cash", Q1, 5e6), figure("cash", Q2, 6e8) | person)
    assert left == ([5e6, 6e8] if used else [5e6])
    words = "; confirmed by a person" if used else STANDS
    assert told[0][2] == f"600,000,000 at {Q2} against 5,000,000 in the universe at {Q1}, 120 times: {UNIT}{words}"
    assert judged(figure("cash", Q1, 5e6), figure("cash", Q2, -1.0) | person)[0] == [
        5e6
    ]  # nobody's word makes it a figure
    assert judged(figure("cash", Q1, 5e6), figure("cash", Q2, 6e7, "yahoo") | {"confirmed": "10-Q"})[1] == []


def test_items_and_companies_are_held_apart():
    rows = (
        figure("cash", Q1, 5e6),
        figure("debt_total", Q2, 6e9),
        figure("cash", Q2, 7e9, ticker="Y"),
        figure("mw_secured", Q3, 5.0),
    )
    assert judged(*rows) == ([5e6, 6e9, 7e9, 5.0], [])


def test_what_is_told_stands_by_company_and_item_as_they_first_appear():
    rows = [figure(item, period, value, ticker=ticker) for period, value in ((Q1, 5e6), (Q2, 6e9)) for ticker in ("X", "A")
            for item in ("mw_secured", "cash")]  # fmt: skip
    _, held = figures.judge(pd.DataFrame(rows), NO_SPLITS)
    assert [(one.ticker, one.item) for one in held] == [
        ("X", "mw_secured"),
        ("X", "cash"),
        ("A", "mw_secured"),
        ("A", "cash"),
    ]


@pytest.mark.parametrize("multiplier", [0.1, 10.0])
@pytest.mark.parametrize(("item", "before"), [("cash", 5e6), ("debt_total", 2e7), ("btc_held", 500.0)])
def test_a_split_of_the_shares_leaves_other_figures_as_they_are(item, before, multiplier):
    """12 times is told of a source's figure and 120 times held back, on whichever basis the shares are."""
    between = split("2026-05-01", multiplier)
    first = figure(item, Q1, before)
    left, told = judged(first, figure(item, Q2, 12 * before, "yahoo"), splits=between)
    assert left == [before, 12 * before]
    assert [(said.partition(", 12 times")[1:], used) for _, _, said, _, used in told] == [((", 12 times", ""), True)]
    left, told = judged(first, figure(item, Q2, 120 * before, "yahoo"), splits=between)
    assert left == [before]
    assert f", 120 times: {UNIT}" in told[0][2]


OWN = (figure("cash", Q1, 4e8), figure("debt_total", Q1, 9e8))


def swapped(cash: float, debt: float, *own: dict, file: str = "yahoo") -> list[tuple]:
    return [
        one
        for one in judged(*(own or OWN), figure("cash", Q2, cash, file), figure("debt_total", Q2, debt, file))[1]
        if "swapped" in one[2]
    ]


def test_cash_and_debt_of_a_source_that_are_each_the_other_s_are_swapped():
    words = (
        f"cash 900,000,000 and debt 400,000,000 at {Q2} against cash 400,000,000 and debt 900,000,000 in the universe, the "
        "two lines look swapped; the earlier figure is used"
    )
    assert swapped(9e8, 4e8) == [
        ("cash", "06-30", words, "yahoo", False),
        ("debt_total", "06-30", words, "yahoo", False),
    ]
    assert judged(*OWN, figure("cash", Q2, 9e8, "yahoo"), figure("debt_total", Q2, 4e8, "yahoo"))[0] == [4e8, 9e8]


@pytest.mark.parametrize(
    ("cash", "debt", "count"),
    [
        (9e8 * 1.1, 4e8, 2),
        (9e8 * 1.11, 4e8, 0),
        (9e8 / 1.1, 4e8, 2),
        (9e8 / 1.11, 4e8, 0),
        (9e8, 4e8 * 1.11, 0),
        (9e8, 9e8, 0),
        (4e8, 9e8, 0),
        (0.0, 4e8, 0),
        (9e8, 0.0, 0),
    ],
)
def test_lines_are_swapped_within_a_tenth(cash, debt, count):
    assert len(swapped(cash, debt)) == count


@pytest.mark.parametrize(("cash", "debt"), [(4e8, 0.0), (0.0, 9e8), (0.0, 0.0)])
def test_a_company_without_debt_or_cash_has_no_lines_to_swap(cash, debt):
    """The reviewed sheet holds none of one; the source has the other's figure there, and none in its place."""
    own = (figure("cash", Q1, cash), figure("debt_total", Q1, debt))
    for now in ((debt, cash), (4e8, 9e8), (9e8, 4e8)):
        assert swapped(*now, *own) == []


def test_lines_are_swapped_only_against_the_newest_of_both_and_where_these_differ():
    later = (*OWN, figure("debt_total", "2026-05-31", 2e8))
    assert swapped(9e8, 4e8, *later) == []
    restated = (figure("debt_total", Q1, 2e8, published="2026-05-01"), *OWN)
    assert len(swapped(9e8, 4e8, *restated)) == 2
    assert swapped(9e8, 4e8, OWN[0]) == swapped(9e8, 4e8, OWN[1]) == []
    alike = (figure("cash", Q1, 4e8), figure("debt_total", Q1, 4.3e8))
    assert swapped(4.3e8, 4e8, *alike) == []
    assert len(judged(*OWN, figure("cash", Q2, 9e8, "yahoo"))[1]) == 0
    assert judged(*OWN, figure("cash", Q2, 9e8, "yahoo"), figure("debt_total", Q3, 4e8, "yahoo"))[1] == []
    assert judged(*OWN, figure("cash", Q2, 9e8), figure("debt_total", Q2, 4e8))[1] == []  # a universe's own
    twice = (
        *OWN,
        figure("cash", Q2, 5e8, "yahoo"),
        figure("cash", Q2, 9e8, "yahoo"),
        figure("debt_total", Q2, 4e8, "yahoo"),
    )
    assert [one[0] for one in judged(*twice)[1]] == ["cash", "cash", "debt_total"]


@pytest.mark.parametrize(
    ("years", "most", "fewest"),
    # A count may grow 2.5 times within a year and half as much again a year; it may shrink to 0.8 and by a tenth a year.
    [(0.0, 2.5, 0.8), (0.5, 2.5, 0.8), (1.0, 2.5, 0.8), (2.0, 3.75, 0.72), (3.0, 5.625, 0.648)],
)
def test_how_far_share_counts_may_be_apart(years, most, fewest):
    assert limits.most_shares(years * 365.25) == pytest.approx(most)
    assert limits.fewest_shares(years * 365.25) == pytest.approx(fewest)


@pytest.mark.parametrize(("gap", "factor"), [(0, 1.8), (7, 1.8), (14, 1.8**2**0.5), (28, 1.8**2), (700, 6.0)])
def test_a_limit_grows_with_the_square_root_of_the_gap(gap, factor):
    assert np.exp(limits.widened(1.8, gap)) == pytest.approx(factor)
    assert np.exp(limits.widened(7.0, 700)) == pytest.approx(7.0)  # what is above the most is not narrowed


def test_items_are_named_in_words():
    assert [title(item) for item in ("price_usd", "btc_usd", "eth_usd", "debt_total", "mw_secured")] == [
        "close", "price of bitcoin", "price of ether", "debt", "mw secured",
    ]  # fmt: skip
