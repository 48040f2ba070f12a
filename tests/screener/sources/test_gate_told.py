"""What the gate says of each close in full: beside the one before it, what it may be, from when and until when."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener.sources.gate import closes, held
from tests.screener.sources.gated import FRIDAYS, NO_SPLITS, PEERS, judged, split, table

GUESS = "a wrong figure, a split not told, or a real move that no later close confirms"
FLAT = [10.0] * 5
OPEN = None


def of_x(values: list[float], peers: float = 1.0, splits: pd.DataFrame = NO_SPLITS, name: str = "X") -> list[held.Held]:
    """What is told of X beside four peers that move with its sixth close alone."""
    flat = [10.0] * 5 + [10.0 * peers] * (len(values) - 5)
    _, rows = judged({**dict.fromkeys(PEERS, flat), name: values}, splits=splits)
    return [row for row in rows if row.ticker == name]


def told(rows: list[held.Held]) -> list[tuple]:
    """Days in short: date, reason, known on, until, used."""
    return [
        (
            f"{row.date:%m-%d}",
            row.reason,
            f"{row.known_on:%m-%d}",
            OPEN if pd.isna(row.until) else f"{row.until:%m-%d}",
            row.used,
        )
        for row in rows
    ]


BESIDE = "on 2026-02-06 after 10.00 on 2026-01-30"


@pytest.mark.parametrize(
    ("close", "said"),
    [
        (25.0, f"25.00 {BESIDE}, 2.5 times and no split is known: {GUESS}"),
        (100.0, f"100.00 {BESIDE}, 10 times and no split is known: off by a factor of 10, or a split"),
        (131.0, f"131.00 {BESIDE}, 13.1 times and no split is known: off by a factor of 10, or a split"),
        (133.0, f"133.00 {BESIDE}, 13.3 times and no split is known: {GUESS}"),
        (76.0, f"76.00 {BESIDE}, 7.6 times and no split is known: off by a factor of 10, or a split"),
        (75.0, f"75.00 {BESIDE}, 7.5 times and no split is known: {GUESS}"),
        (1000.0, f"1,000.00 {BESIDE}, 100 times and no split is known: off by a factor of 100, or a split"),
        (1.534, f"1.53 {BESIDE}, 0.153 times and no split is known: {GUESS}"),
        (1.0, f"1.00 {BESIDE}, 0.1 times and no split is known: off by a factor of 10, or a split"),
        (0.1, f"0.1 {BESIDE}, 0.01 times and no split is known: off by a factor of 100, or a split"),
        (0.0123456, f"0.01235 {BESIDE}, 0.0012 times and no split is known: off by a factor of 1,000, or a split"),
    ],
)
def test_a_close_that_is_held_back_is_told_beside_the_one_before_it(close, said):
    (row,) = of_x([*FLAT, close])
    assert told([row]) == [("02-06", said, "02-06", OPEN, False)]
    assert (row.ticker, row.item, row.value, row.place, row.remedy) == (
        "X",
        "price_usd",
        close,
        "prices.csv:7",
        closes.REMEDY,
    )


def test_the_market_of_the_others_is_told_where_it_moved():
    (row,) = of_x([*FLAT, 30.0], peers=1.2)
    assert row.reason == (
        f"30.00 {BESIDE}, 3 times, the median of the other companies 1.20 times and no split is known: {GUESS}"
    )  # fmt: skip


@pytest.mark.parametrize(("after", "until"), [([], OPEN), ([16.0], "02-13"), ([16.0, 16.0], "02-13")])
def test_a_large_move_is_told_until_the_next_close(after, until):
    (row,) = of_x([*FLAT, 16.0, *after])
    assert told([row]) == [
        ("02-06", f"16.00 {BESIDE}, 1.6 times; no later close confirms it yet", "02-06", until, True)
    ]
    assert (row.place, row.remedy) == ("prices.csv:7", "")


def test_a_large_first_move_is_told_too():
    assert [(one[0], *one[3:]) for one in told(of_x([10.0, 16.0, 16.0, 16.0, 16.0, 160.0]))] == [
        ("01-09", "01-16", True),
        ("02-06", OPEN, False),
    ]


def test_a_second_close_of_the_day_ends_no_warning():
    """X rises to 16 and is told so once more; the close of the week after ends the warning, ten times too high or not."""
    rows = table({**{one: [10.0] * 7 for one in PEERS}, "X": [*FLAT, 16.0, 160.0]})
    again = rows[(rows["ticker"] == "X") & (rows["date"] == FRIDAYS[5])]
    _, found = closes.judge(pd.concat([rows, again]), NO_SPLITS, [*PEERS, "X"])
    assert (found[0].date, found[0].until, found[0].used) == (FRIDAYS[5], FRIDAYS[6], True)


def test_a_close_of_another_symbol_ends_no_warning():
    series = {"X": [*FLAT, 16.0]} | {one: [10.0] * 6 for one in PEERS}
    (row,) = judged(series)[1]
    assert (row.ticker, pd.isna(row.until), row.used) == ("X", True, True)


def test_after_a_close_that_is_held_back_the_market_of_both_weeks_counts():
    """The others rise by 1.2 a week, 1.44 in two; X by 1.44 x 2.2, which two weeks allow (1.8 to the power 1.41, 2.297)."""
    series = {one: [10.0] * 5 + [12.0, 14.4] for one in PEERS} | {"X": [*FLAT, 100.0, 10 * 1.44 * 2.2]}
    _, rows = judged(series)
    assert [(row.date, row.used) for row in rows] == [(FRIDAYS[5], False), (FRIDAYS[6], True)]
    assert rows[1].reason.startswith("31.68 on 2026-02-13 after 10.00 on 2026-01-30, 3.17 times, the median of the other "
                                     "companies 1.44 times")  # fmt: skip


def fate(values: list[float], dates: pd.DatetimeIndex, at: int | None = None) -> str:
    """Whether X's last close is used, told or held back; a person confirmed the one at `at`."""
    rows = table({**{one: [10.0] * len(values) for one in PEERS}, "X": values}, dates).assign(confirmed=None)
    if at is not None:
        rows.loc[(rows["ticker"] == "X") & (rows["date"] == dates[at]), "confirmed"] = "the exchange"
    _, told_ = closes.judge(rows, NO_SPLITS, [*PEERS, "X"])
    last = [one for one in told_ if one.ticker == "X" and one.date == dates[len(values) - 1]]
    return "held" if any(not one.used for one in last) else "told" if last else "used"


@pytest.mark.parametrize(("days_before", "outcome"), [(365, "told"), (366, "held")])
def test_what_a_company_has_shown_is_of_the_year_to_the_day(days_before, outcome):
    """Eight moves are what it is judged by; without the first of them there are seven."""
    end = pd.Timestamp("2026-12-25")
    dates = pd.DatetimeIndex([end - pd.Timedelta(days=days_before + 7), end - pd.Timedelta(days=days_before),
                              *pd.date_range(end - pd.Timedelta(days=70), periods=11, freq="7D")[3:]])  # fmt: skip
    assert fate([10.0, 17.0, 10.0, 17.0, 17.0, 17.0, 17.0, 17.0, 17.0, 17.0 * 2.5], dates) == outcome


def test_moves_to_and_from_a_close_held_back_are_not_what_a_company_has_shown():
    calm = [10.0, 10.0, 10.0, 10.0, 29.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0]
    assert fate([*calm, 21.0], FRIDAYS) == "held"


def test_a_move_of_three_times_is_more_than_a_company_shows():
    values = [1.0, 1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]
    assert fate([*values, 6.3], FRIDAYS, at=5) == "held"
    assert fate([*[value if value == 1.0 else 2.9 for value in values], 6.09], FRIDAYS, at=5) == "told"


def test_a_move_that_the_next_close_confirms_is_held_back_until_then_and_told_for_five_weeks():
    assert told(of_x([*FLAT, 25.0, 26.0, 26.0])) == [
        ("02-06", f"25.00 {BESIDE}, 2.5 times and no split is known: {GUESS}", "02-06", "02-13", False),
        ("02-06", f"25.00 {BESIDE}, 2.5 times; confirmed by the close of 2026-02-13", "02-13", "03-20", True),
    ]


def test_a_first_close_that_the_next_three_contradict_is_wrong_from_the_third_on():
    rows = of_x([100.0, 10.0, 10.0, 10.0, 10.0])
    first, *later = told(rows)
    assert first == ("01-02", "100.00: the closes after it are in another proportion", "01-23", OPEN, False)
    against = "on {} after 100.00 on 2026-01-02, 0.1 times"
    assert [one[0] for one in later] == ["01-09", "01-09", "01-16", "01-16"]
    assert later[0] == (
        "01-09", f"10.00 {against.format('2026-01-09')} and no split is known: off by a factor of 10, or a split", "01-09",
        "01-23", False,
    )  # fmt: skip
    assert later[3] == (
        "01-16", f"10.00 {against.format('2026-01-16')}; confirmed by the close of 2026-01-23", "01-23", "02-27", True,
    )  # fmt: skip


@pytest.mark.parametrize(("close", "shown"), [(0.0, "0"), (-1.0, "-1"), (np.inf, "inf"), (np.nan, "nan")])
def test_a_close_that_cannot_be_is_told_by_itself(close, shown):
    assert told(of_x([*FLAT, close])) == [("02-06", f"{shown}: no close can be that", "02-06", OPEN, False)]


@pytest.mark.parametrize(
    ("day", "close", "words"),
    [
        ("2026-01-31", 10.0, "it is not yet on the share basis of the split of 2026-01-31"),
        ("2026-02-06", 10.0, "it is not yet on the share basis of the split of 2026-02-06"),
        ("2026-02-07", 50.0, "it is already on the share basis of the split of 2026-02-07"),
        ("2026-02-16", 50.0, "it is already on the share basis of the split of 2026-02-16"),
        ("2026-02-17", 50.0, None),  # more than ten days ahead
        ("2026-02-07", 90.1, None),  # 1.8 times what the split explains
        ("2026-02-07", 89.9, "it is already on the share basis of the split of 2026-02-07"),
        ("2026-02-06", 9000.0, None),  # on the new basis, 180 times too high
        ("2026-02-06", 0.1, None),
    ],
)
def test_what_a_split_near_by_explains(day, close, words):
    """A consolidation of five shares into one: closes on its basis are five times as high."""
    (row,) = of_x([*FLAT, close], splits=split(day, 0.2))
    factor = close / 10 * (0.2 if day <= "2026-02-06" else 1.0)
    times = f"{close:,.4g} {BESIDE}, {factor:.2g} times" if close < 1 else f"{close:,.2f} {BESIDE}, {factor:.3g} times"
    guess = {90.1: "off by a factor of 10, or a split"}.get(close, GUESS)
    assert row.reason == (f"{times}: {words}" if words else f"{times} and no split is known: {guess}")


def test_a_split_of_the_day_of_the_close_before_is_behind_both():
    (row,) = of_x([10.0, 10.0, 10.0, 10.0, 50.0, 10.0], splits=split("2026-01-30", 0.2))
    assert row.reason == f"10.00 on 2026-02-06 after 50.00 on 2026-01-30, 0.2 times and no split is known: {GUESS}"


def on_days(*told_: tuple[str, float]) -> list[tuple[str, bool]]:
    """What is told of X's closes on these days beside peers that do not move: (place, used)."""
    rows = table({one: [10.0] * 6 for one in PEERS})
    mine = pd.DataFrame([(pd.Timestamp(on), "X", close, "x.csv", float(at)) for at, (on, close) in enumerate(told_)],
                        columns=rows.columns)  # fmt: skip
    return [(one.place, one.used) for one in closes.judge(pd.concat([rows, mine]), NO_SPLITS, [*PEERS, "X"])[1]]


A1, A2, A3 = "2026-01-02", "2026-01-05", "2026-01-06"


@pytest.mark.parametrize(
    ("days_", "told_"),
    [
        ([(A1, 1.0), (A1, 1.25)], [("x.csv:1", False)]),  # of one day a quarter is too much
        ([(A1, 1.0), (A1, 1.24)], []),
        ([(A1, 10.0), (A2, 20.0), (A2, 20.0)], [("x.csv:1", False), ("x.csv:1", True)]),
        ([(A1, 10.0), (A1, 20.0), (A1, 20.0)], [("x.csv:1", False), ("x.csv:2", False)]),  # no later day confirms it
        ([(A1, 1.0), (A2, 4.0), (A3, 4.0)], [("x.csv:1", False), ("x.csv:2", False)]),  # four times is confirmed by none
        ([(A1, 1.0), (A2, 3.9), (A3, 3.9)], [("x.csv:1", False), ("x.csv:1", True)]),
    ],
)  # fmt: skip
def test_a_later_day_confirms_a_move_below_four_times(days_, told_):
    assert on_days(*days_) == told_


def test_a_split_of_another_company_explains_nothing():
    splits = split("2026-02-07", 0.2).assign(ticker="A")
    (row,) = of_x([*FLAT, 50.0], splits=splits)
    assert "no split is known" in row.reason


def confirmed(values: list[float], at: int, word: str = "the exchange") -> pd.DataFrame:
    rows = table({**{one: [10.0] * len(values) for one in PEERS}, "X": values}).assign(confirmed=None)
    rows.loc[(rows["ticker"] == "X") & (rows["date"] == FRIDAYS[at]), "confirmed"] = word
    return rows


def test_a_person_s_word_is_told_for_five_weeks_where_the_close_is_out_of_proportion():
    used, rows = closes.judge(confirmed([*FLAT, 25.0], 5), NO_SPLITS, [*PEERS, "X"])
    assert told(rows) == [
        ("02-06", f"25.00 {BESIDE}, 2.5 times; confirmed by a person: the exchange", "02-06", "03-13", True)
    ]
    assert used["close_usd"].tolist()[-1] == 25.0
    assert "confirmed" not in used
    assert closes.judge(confirmed([*FLAT, 11.0], 5), NO_SPLITS, [*PEERS, "X"])[1] == []


def test_a_coin_has_a_remedy_of_its_own_and_a_source_s_close_no_line():
    rows = table({"BTC-USD": [*FLAT, 25.0], "ETH-USD": [*FLAT, 25.0]})
    _, found = closes.judge(rows.assign(file="yahoo", line=np.nan), NO_SPLITS, PEERS)
    assert [(row.item, row.place, row.remedy) for row in found] == [
        ("btc_usd", "yahoo", closes.COIN_REMEDY), ("eth_usd", "yahoo", closes.COIN_REMEDY),
    ]  # fmt: skip


def test_closes_used_keep_their_order_and_say_from_and_until_when():
    rows = table({"X": [100.0, 10.0, 10.0, 10.0, 10.0]}).sample(frac=1, random_state=1)
    used, _ = closes.judge(rows, NO_SPLITS, ["X"])
    assert used["date"].tolist() == rows["date"].tolist()
    assert used.index.tolist() == list(range(5))
    assert list(used.columns) == ["date", "ticker", "close_usd", "file", "line", "known_from", "known_until"]
    wrong, _ = closes.judge(pd.concat([rows.assign(close_usd=-1.0), rows]).set_axis(range(3, 13)), NO_SPLITS, ["X"])
    assert wrong.index.tolist() == list(range(5))
    assert list(wrong.columns) == list(used.columns)
    by_day = used.set_index("date")
    assert by_day["known_from"].loc[list(FRIDAYS[:5])].tolist() == [FRIDAYS[0], *[FRIDAYS[3]] * 3, FRIDAYS[4]]
    assert by_day["known_until"].loc[list(FRIDAYS[:5])].tolist()[0] == FRIDAYS[3]
    assert by_day["known_until"].notna().sum() == 1
    assert [len(closes.known(used, FRIDAYS[n])) for n in range(5)] == [1, 1, 1, 3, 4]
    plain = used.drop(columns=["known_from", "known_until"])
    assert [len(closes.known(plain, FRIDAYS[n])) for n in range(5)] == [1, 2, 3, 4, 5]


def test_of_two_closes_of_one_day_the_later_row_stands_within_a_quarter():
    values = table({"X": [*FLAT, 10.0]})
    again = values.tail(1).assign(close_usd=12.4, line=99.0)
    _, rows = closes.judge(pd.concat([values, again]), NO_SPLITS, ["X"])
    assert rows == []
    _, rows = closes.judge(pd.concat([values, again.assign(close_usd=12.6)]), NO_SPLITS, ["X"])
    assert [(row.place, row.used) for row in rows] == [("prices.csv:99", False)]
