"""Every threshold of the gate on either side, no verdict from the future, and the false alarms of the bundled weeks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import universes
from screener.gathering import InputData
from screener.sources.fetched import FACT_COLUMNS, SPLIT_COLUMNS, Fetched, stack
from screener.sources.gate import answer, basis, closes, figures, held, network
from screener.sources.gate.walk import GOOD, HELD, LATER, walk
from screener.sources.yahoo import prices
from tests.screener.sources.gated import FRIDAYS, NO_SPLITS, PEERS, judged, table, weeks


def fate(values: list[float], dates: pd.DatetimeIndex = FRIDAYS, peers: float = 1.0, splits=NO_SPLITS) -> str:
    """What came of X's last close beside four peers that moved by `peers` with it: held, told or used."""
    series = {name: [10.0] * (len(values) - 1) + [10.0 * peers] for name in PEERS}
    used, rows = judged({**series, "X": values}, dates, splits)
    mine = [row for row in rows if row.ticker == "X" and row.date == dates[len(values) - 1]]
    if any(not row.used for row in mine):
        assert used.loc[used["ticker"] == "X", "date"].max() < dates[len(values) - 1]
        return "held"
    return "told" if mine else "used"


@pytest.mark.parametrize(
    ("factor", "outcome"),
    [(1.49, "used"), (1.51, "told"), (1.79, "told"), (1.81, "held"), (2.0, "held"), (1e6, "held"),
     (1 / 1.49, "used"), (1 / 1.51, "told"), (1 / 1.79, "told"), (1 / 1.81, "held"), (1e-6, "held")],
)  # fmt: skip
def test_a_last_close_is_told_from_a_half_and_held_back_from_four_fifths_on(factor, outcome):
    assert fate([10.0] * 5 + [10.0 * factor]) == outcome


@pytest.mark.parametrize(("factor", "outcome"), [(1.5, "told"), (1.8, "held")])
def test_from_a_limit_itself_on_a_close_is_told_or_held_back(factor, outcome):
    assert fate([1.0] * 5 + [factor]) == outcome


@pytest.mark.parametrize(
    ("factor", "peers", "outcome"),
    [(1.9, 1.3, "used"), (1.4 * 1.81, 1.4, "held"), (1.4 * 1.79, 1.4, "told"), (1.9, 1.49, "used"), (1.9, 1.51, "held"),
     (0.6, 0.7, "used"), (0.6, 1.2, "held"), (10.0, 10.0, "held")],
)  # fmt: skip
def test_the_others_explain_a_move_up_to_one_and_a_half_times(factor, peers, outcome):
    assert fate([10.0] * 5 + [10.0 * factor], peers=peers) == outcome


@pytest.mark.parametrize(("others", "outcome"), [(2, "held"), (3, "told")])
def test_two_others_are_no_market(others, outcome):
    series = {name: [10.0] * 5 + [13.0] for name in PEERS[:others]} | {"X": [10.0] * 5 + [20.0]}
    rows = [row for row in judged(series)[1] if row.ticker == "X"]
    assert ["told" if row.used else "held" for row in rows] == [outcome]


@pytest.mark.parametrize(
    ("gap", "factor", "outcome"),
    # Limits are those of a week up to seven days, 1.8 ** sqrt(gap / 7) beyond: 2.297 after fourteen, at most 6.
    [(1, 1.81, "held"), (7, 1.81, "held"), (7, 1.79, "told"), (14, 2.29, "told"), (14, 2.31, "held"),
     (63, 5.8, "told"), (63, 5.9, "held"), (700, 5.99, "told"), (700, 6.01, "held")],
)  # fmt: skip
def test_limits_grow_with_the_square_root_of_the_gap(gap, factor, outcome):
    dates = FRIDAYS[:5].append(FRIDAYS[4:5] + pd.Timedelta(days=gap))
    assert fate([10.0] * 5 + [10.0 * factor], dates) == outcome


def test_what_a_company_has_shown_widens_its_limit_up_to_three():
    # Nine moves; the three largest are 1.6, 1.5 and 1.5: 2.2 times their mean logarithm is a factor of 2.558.
    shown = [10.0, 16.0, 16.0, 24.0, 24.0, 16.0, 16.0, 16.0, 16.0, 16.0]
    largest = np.exp(2.2 * (np.log(1.6) + 2 * np.log(1.5)) / 3)
    assert largest == pytest.approx(2.558, abs=5e-4)
    assert fate([*shown, 16.0 * 2.54]) == "told"
    assert fate([*shown, 16.0 * 2.57]) == "held"
    assert fate([*shown[:7], 16.0 * 2.0]) == "held"  # six moves before it are too few to judge by
    wild = [10.0, 17.0, 10.0, 17.0, 10.0, 17.0, 10.0, 17.0, 10.0, 17.0]
    assert fate([*wild, 17.0 * 2.99]) == "told"
    assert fate([*wild, 17.0 * 3.01]) == "held"


def test_a_move_of_a_year_and_a_day_ago_is_forgotten():
    dates = pd.DatetimeIndex([FRIDAYS[0], *pd.date_range("2027-01-01", periods=11, freq="W-FRI")])
    shown = [10.0, 17.0, 10.0, 17.0, 17.0, 17.0, 17.0, 17.0, 17.0, 17.0]
    assert fate([*shown, 34.0], dates) == "told"
    later = dates[:4].append(dates[4:] + pd.Timedelta(days=370))
    assert fate([*shown, 34.0], later) == "held"


@pytest.mark.parametrize(
    ("second", "outcome"),
    [(39.0, "used"), (41.0, "held")],  # up to four times a later close confirms, beyond it does not
)
def test_a_later_close_confirms_a_move_below_four_times(second, outcome):
    values = [10.0] * 5 + [second, second]
    used, rows = judged({**{name: [10.0] * 7 for name in PEERS}, "X": values})
    mine = used[used["ticker"] == "X"].set_index("date")
    if outcome == "held":
        assert mine.index.max() == FRIDAYS[4]
        return
    assert mine.at[FRIDAYS[5], "known_from"] == FRIDAYS[6]
    assert mine.at[FRIDAYS[6], "known_from"] == FRIDAYS[6]
    on = {day: held.on(held.frame(rows), day) for day in FRIDAYS[5:]}
    assert [(r.date, r.used) for r in on[FRIDAYS[5]].itertuples()] == [(FRIDAYS[5], False)]
    assert [(r.date, r.used) for r in on[FRIDAYS[6]].itertuples()] == [(FRIDAYS[5], True)]
    assert len(held.on(held.frame(rows), FRIDAYS[6] + pd.Timedelta(days=34))) == 1
    assert held.on(held.frame(rows), FRIDAYS[6] + pd.Timedelta(days=35)).empty


@pytest.mark.parametrize(("days_before", "said"), [(10, True), (11, False)])
def test_a_split_within_ten_days_is_named(days_before, said):
    split = pd.DataFrame([("X", FRIDAYS[5] + pd.Timedelta(days=days_before), 0.5)], columns=SPLIT_COLUMNS)
    (row,) = judged({**{name: [10.0] * 6 for name in PEERS}, "X": [10.0] * 5 + [20.0]}, splits=split)[1]
    assert not row.used
    assert ("already on the share basis of the split" in row.reason) is said


@pytest.mark.parametrize(("ratio", "kept"), [(1.2, True), (1.249, True), (1.251, False), (1.5, False), (2.0, False),
                                              (0.5, False), (1 / 1.249, True), (1 / 1.251, False)])  # fmt: skip
def test_a_live_close_is_on_the_basis_of_the_reviewed_one_of_its_day(ratio, kept):
    own = table({"X": [10.0, 10.0]})
    live = Fetched(
        "yahoo", table({"X": [10.0 * ratio, 10.0 * ratio]})[["date", "ticker", "close_usd"]], own[:0], NO_SPLITS
    )
    left, rows = basis.on_our_basis(own, live)
    assert (len(left) == 2, rows == []) == (kept, kept)


@pytest.mark.parametrize(("days_apart", "same"), [(9, True), (10, True), (11, False), (20, False)])
def test_splits_within_ten_days_are_one(days_apart, same):
    one = pd.DataFrame([("X", pd.Timestamp("2026-07-20"), 0.1)], columns=SPLIT_COLUMNS)
    other = one.assign(first_day_on_new_basis=one["first_day_on_new_basis"] + pd.Timedelta(days=days_apart))
    assert list(basis.same_splits(one, other)) == [same]
    assert list(basis.same_splits(other, one)) == [same]


# Coins and the network --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factor", "outcome"),
    [
        (1.49, []),
        (1.51, [True]),
        (1.59, [True]),
        (1.61, [False]),
        (1 / 1.59, [True]),
        (1 / 1.61, [False]),
        (10.0, [False]),
        (1.5, [True]),
        (1.6, [False]),
    ],
)
def test_bitcoin_moves_less_than_sixty_percent(factor, outcome):
    _, rows = closes.judge(table({"BTC-USD": [1.0] * 5 + [factor]}), NO_SPLITS, PEERS)
    assert [(row.item, row.used) for row in rows] == [("btc_usd", used) for used in outcome]


@pytest.mark.parametrize(
    ("name", "factor", "outcome"),
    [("hashrate_eh_per_s", 1.59, 0), ("hashrate_eh_per_s", 1.61, 1), ("hashrate_eh_per_s", 1 / 1.61, 1),
     ("difficulty", 1.59, 0), ("difficulty", 1.61, 1), ("reward_and_fees_btc_per_day", 1 / 2.49, 0),
     ("reward_and_fees_btc_per_day", 1 / 2.51, 1)],
)  # fmt: skip
def test_the_network_moves_within_its_limits(name, factor, outcome):
    left, rows = network.judge(weeks(name, [800.0] * 5 + [800.0 * factor]))
    assert [(row.item, row.used) for row in rows] == [(name, False)] * outcome
    assert left[name].notna().tolist() == [True] * 5 + [not outcome]


# Figures ------------------------------------------------------------------------------------------------------------------


def facts(item: str, *values: float, years: float = 0.25, vendor: bool = True) -> pd.DataFrame:
    """Two figures of an item so many years apart, the later of a source."""
    first = pd.Timestamp("2020-03-31")
    rows = [
        ("X", item, first, first + pd.Timedelta(days=40), values[0], "financials.csv", 2.0),
        ("X", item, first + pd.Timedelta(days=round(years * 365.25)), pd.Timestamp("2026-01-02"), values[1],
         "yahoo" if vendor else "financials.csv", np.nan if vendor else 3.0),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["ticker", "item", "period_end", "published_on", "value", "file", "line"])


def figure_fate(rows: pd.DataFrame) -> str:
    left, found = figures.judge(rows, NO_SPLITS)
    assert len(found) <= 1
    if found and not found[0].used:
        assert left["value"].tolist() == rows["value"].tolist()[:1]
        return "held"
    assert len(left) == 2
    return "told" if found else "used"


@pytest.mark.parametrize(
    ("years", "ratio", "outcome"),
    # 2.5 within a year, half as much again for each further year: 2.5 x 1.5 ** 4 = 12.66 after five; 0.8, less a tenth of
    # it a year: 0.8 x 0.9 ** 4 = 0.525 after five.
    [(0.25, 1.9, "used"), (0.25, 2.1, "told"), (0.25, 2.49, "told"), (0.25, 2.51, "held"), (0.25, 3.0, "held"),
     (0.25, 3.1, "held"), (0.25, 6.0, "held"), (1.0, 2.49, "told"), (1.0, 2.51, "held"), (5.0, 3.0, "told"),
     (5.0, 12.6, "told"), (5.0, 12.7, "held"), (0.25, 0.81, "used"), (0.25, 0.79, "held"), (5.0, 0.53, "used"),
     (5.0, 0.52, "held"), (0.25, 1000.0, "held"), (0.25, 0.001, "held")],
)  # fmt: skip
def test_share_counts_by_their_age(years, ratio, outcome):
    assert figure_fate(facts("shares_outstanding", 1e8, 1e8 * ratio, years=years)) == outcome


def test_share_counts_are_compared_on_one_share_basis():
    rows = facts("shares_outstanding", 1e9, 1.1e8)
    split = pd.DataFrame([("X", pd.Timestamp("2020-05-01"), 0.1)], columns=SPLIT_COLUMNS)
    assert figures.judge(rows, split)[1] == []
    assert [row.used for row in figures.judge(rows, NO_SPLITS)[1]] == [False]


@pytest.mark.parametrize(
    ("item", "before", "now", "vendor", "outcome"),
    [("cash", 1e8, 9.9e8, True, "used"), ("cash", 1e8, 10.1e8, True, "told"), ("cash", 1e8, 99e8, True, "told"),
     ("cash", 1e8, 101e8, True, "held"), ("cash", 1e8, 99e8, False, "used"), ("cash", 1e8, 101e8, False, "held"),
     ("cash", 1e8, 1.01e6, False, "used"), ("cash", 1e8, 0.99e6, False, "held"), ("cash", 1e6, 0.0, False, "held"),
     ("cash", 0.99e6, 0.0, False, "used"), ("debt_total", 10e6, 0.0, True, "held"), ("debt_total", 9.9e6, 0.0, True, "used"),
     ("debt_total", 10e6, 0.0, False, "told"), ("debt_total", 9.9e6, 0.0, False, "used"), ("cash", 0.0, 1e9, True, "used"),
     ("debt_total", 1e8, -1e8, True, "held"), ("btc_held", 12.0, 0.0, False, "used"),
     ("mw_secured", 500.0, 5e5, False, "held"),
     ("net_income", 1e6, 1e9, True, "used"), ("restricted_cash", 1e5, 4.99e7, False, "used"),
     ("restricted_cash", 1e5, 5.01e7, False, "held")],
)  # fmt: skip
def test_figures_on_either_side_of_their_limits(item, before, now, vendor, outcome):
    assert figure_fate(facts(item, before, now, vendor=vendor)) == outcome


@pytest.mark.parametrize(("off", "swapped"), [(1.09, True), (1.11, False)])
def test_lines_count_as_swapped_within_a_tenth(off, swapped):
    rows = pd.concat(
        [facts("cash", 1e8, 4e8 * off), facts("debt_total", 4e8, 1e8 * off)], ignore_index=True
    )  # fmt: skip
    assert len(figures.judge(rows, NO_SPLITS)[1]) == (2 if swapped else 0)


def test_the_latest_sheet_is_the_measure_and_not_the_last_published():
    """A restatement of an old quarter, published last, has a tenth of the newer figure; the source tells that once more."""
    rows = pd.concat([facts("cash", 1e8, 11e8, years=1, vendor=False), facts("cash", 1e8, 11e8, years=2)[1:]])
    rows = pd.concat([rows, rows.iloc[[0]].assign(published_on=pd.Timestamp("2026-01-05"))], ignore_index=True)
    assert figures.judge(rows, NO_SPLITS)[1] == []


def test_a_filing_says_itself_that_debt_was_repaid():
    rows = facts("debt_total", 10e6, 0.0)
    rows.loc[1, "file"] = "filing"
    assert [row.used for row in figures.judge(rows, NO_SPLITS)[1]] == [True]


@pytest.mark.parametrize(("value", "told"), [(1e3, []), (0.5, []), (0.0, []), (-0.5, [False]), (np.inf, [False])])
def test_an_older_figure_told_later_is_held_against_nothing(value, told):
    rows = facts("cash", 1e8, value)
    rows.loc[1, "period_end"] = pd.Timestamp("2019-12-31")
    assert [row.used for row in figures.judge(rows, NO_SPLITS)[1]] == told


@pytest.mark.parametrize(
    ("item", "ratio", "outcome"),
    [("shares_outstanding", 2.0, "told"), ("shares_outstanding", 2.5, "told"), ("shares_outstanding", 0.8, "used"),
     ("cash", 10.0, "told"), ("cash", 100.0, "held"), ("cash", 0.01, "held"), ("restricted_cash", 500.0, "held")],
)  # fmt: skip
def test_figures_at_a_limit_to_the_dollar(item, ratio, outcome):
    assert figure_fate(facts(item, 1e8, 1e8 * ratio)) == outcome


# The walk -----------------------------------------------------------------------------------------------------------------


def steps(values: list[float]):
    return walk(
        len(values), lambda a, b: abs(values[b] - values[a]) < 1, lambda a, b: abs(values[b] - values[a]) < 2,
        possible=lambda at: values[at] >= 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "states"),
    [
        ([5, 5, 5], [GOOD, GOOD, GOOD]),
        ([5, 5, 9, 5], [GOOD, GOOD, HELD, GOOD]),
        ([5, 5, 9, 9, 9], [GOOD, GOOD, HELD, HELD, HELD]),
        ([5, 5, 6.5, 6.5], [GOOD, GOOD, LATER, GOOD]),
        ([5, 5, 6.5, 9, 6.5], [GOOD, GOOD, HELD, HELD, HELD]),
        ([5, 5, 6.5, 5, 6.5], [GOOD, GOOD, HELD, GOOD, HELD]),
        ([9, 5, 5, 5], [GOOD, LATER, LATER, GOOD]),
        ([9, 9, 5, 5, 5], [GOOD, GOOD, HELD, HELD, HELD]),
        # What was confirmed later counts among those that followed: three away from it displace it no more.
        ([5, 6.5, 6.5, 6.5, 6.5, 9, 9, 9], [GOOD, LATER, GOOD, GOOD, GOOD, HELD, HELD, HELD]),
        ([5, -1, 5], [GOOD, HELD, GOOD]),
        ([], []),
    ],
)
def test_which_values_follow(values, states):
    assert steps(values).state == states


def test_a_first_value_that_nothing_follows_is_displaced():
    assert steps([9, 5, 5, 5]).displaced == {0: 3}
    assert steps([9, 8.5, 5, 5, 5]).displaced == {}
    # The third comes near enough to confirm a move from the first, which then was right.
    near = steps([9, 6.5, 6.9, 7.5])
    assert (near.state, near.displaced) == ([GOOD, LATER, LATER, GOOD], {})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([5.0, 5.5, 6.5, 7.0, 9.0, 20.0]), min_size=2, max_size=12), st.data())
def test_no_verdict_of_a_day_rests_on_a_later_one(values, data):
    upto = data.draw(st.integers(1, len(values)))
    whole, part = steps(values), steps(values[:upto])
    for at in range(upto):
        by = whole.by.get(at, -1)
        then = HELD if by >= upto else whole.state[at]
        assert part.state[at] == then


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(4, 11))
def test_closes_known_on_a_day_are_those_of_a_run_of_that_day(seed, upto):
    rng = np.random.default_rng(seed)
    values = {name: list(10 * np.exp(rng.normal(0, 0.1, 12).cumsum())) for name in PEERS}
    values["X"] = list(10 * rng.choice([1.0, 1.1, 2.0, 3.0, 10.0], 12))
    day = FRIDAYS[upto]
    whole = closes.known(judged(values)[0], day)
    then = closes.known(judged({name: one[: upto + 1] for name, one in values.items()})[0], day)
    key = ["ticker", "date", "close_usd"]
    pd.testing.assert_frame_equal(
        whole[key].sort_values(key, ignore_index=True), then[key].sort_values(key, ignore_index=True)
    )


def test_an_answer_keeps_what_is_told_of_it_already():
    rows = table({"X": [10.0, 10.0]})
    twice = pd.concat([rows, rows.tail(1).assign(close_usd=12.0)])[["date", "ticker", "close_usd"]].reset_index(
        drop=True
    )
    found = answer.sound(Fetched("yahoo", twice, stack([], FACT_COLUMNS), NO_SPLITS))
    assert found.closes["close_usd"].tolist() == [10.0]
    (failure,) = found.failures
    assert (failure.symbol, failure.what, failure.kind) == ("X", "closes", "partial")
    again = answer.sound(Fetched("yahoo", twice, stack([], FACT_COLUMNS), NO_SPLITS, failures=(failure,)))
    assert again.failures[0].message.count("told 2 times") == 2


# The bundled history ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundled() -> InputData:
    return InputData.of(universes.load("miners"))


def test_no_real_figure_of_the_bundled_universe_is_held_back(bundled):
    raw = InputData.as_filed(universes.load("miners"))
    assert bundled.held[~bundled.held["used"]].empty
    assert (len(bundled.closes), len(bundled.facts)) == (len(raw.closes), len(raw.facts))
    assert (bundled.closes["known_from"] == bundled.closes["date"]).all()
    assert bundled.network["btc_usd"].equals(raw.network["btc_usd"])


def test_one_move_in_two_hundred_of_the_bundled_weeks_is_told_on_its_day(bundled):
    told = bundled.held[bundled.held["item"] == "price_usd"]
    assert len(told) == 16
    assert (told["until"] - told["date"]).max() == pd.Timedelta(days=8)  # until the next close
    assert set(told["ticker"]) == {"APLD", "BTDR", "CANG", "DGXX", "GREE", "SLNH", "WULF", "CORZ", "NBIS", "ABTC"}


@pytest.mark.parametrize("factor", [pytest.param(0.1, marks=pytest.mark.long), 10.0])
def test_a_wrong_last_close_of_any_company_in_any_week_is_found(bundled, factor):
    """Every close of the bundled weeks in turn would cost minutes; of four weeks every company's."""
    raw = InputData.as_filed(universes.load("miners"))
    companies = list(raw.companies["ticker"])
    weeks_ = raw.closes["date"].drop_duplicates().sort_values().iloc[20::40]
    missed = []
    for day in weeks_:
        rows = raw.closes[raw.closes["date"] <= day].reset_index(drop=True)
        earlier = rows.loc[rows["date"] < day, "ticker"].unique()
        for ticker in rows.loc[rows["date"] == day, "ticker"]:
            if ticker not in earlier:
                continue
            wrong = rows.copy()
            wrong.loc[(wrong["ticker"] == ticker) & (wrong["date"] == day), "close_usd"] *= factor
            used, _ = closes.judge(wrong, raw.splits, companies)
            if ((used["ticker"] == ticker) & (used["date"] == day)).any():
                missed.append((ticker, day))
    assert missed == []


def test_two_closes_of_one_day_in_a_chart_are_told_and_neither_is_used():
    day = pd.Timestamp("2026-10-15")
    before, after = day - pd.Timedelta(days=1), day + pd.Timedelta(days=1)
    chart = pd.Series([10.0, 11.0, 12.0, 12.0, 9.0], index=[day, day, after, after, before])
    left, faults = prices._sound(chart, after)
    assert left.to_dict() == {before: 9.0, after: 12.0}
    assert faults == ("two closes of one day, 2026-10-15: neither is used",)


@pytest.mark.parametrize("last", [100.0, 0.1, 0.0, -1.0, float("nan")])
def test_closes_of_a_study_or_a_portfolio_pass_the_same_gate(last):
    """Ten times, a tenth, none, below zero, not a number: the close before stands, and the failure has both figures."""
    days = pd.bdate_range("2026-09-21", periods=10)
    rows = [(day, name, 10.0) for name in (*PEERS, "X") for day in days]
    told = pd.DataFrame(rows, columns=["date", "ticker", "close_usd"])
    whole = Fetched("yahoo", told, stack([], FACT_COLUMNS), NO_SPLITS)
    assert answer.proportionate(whole, days[-1]).failures == ()
    pd.testing.assert_frame_equal(answer.proportionate(whole, days[-1]).closes, told)
    wrong = told["ticker"].eq("X") & told["date"].eq(days[-1])
    found = answer.proportionate(Fetched("yahoo", told.assign(close_usd=told["close_usd"].mask(wrong, last)),
                                         whole.facts, NO_SPLITS), days[-1])  # fmt: skip
    assert len(found.closes) == len(told) - 1
    assert found.closes[found.closes["ticker"] == "X"]["date"].max() == days[-2]
    (failure,) = found.failures
    assert (failure.symbol, failure.what) == ("X", "closes")
    assert f"{days[-1]:%Y-%m-%d}" in failure.message
