"""Price indices of four made-up companies by hand: members, weights, splits, dates without closes, volatility and beta."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.indicators.divergence import _fresh, _full_weeks, _risk, divergence, price_returns, traded_on

NAN = np.nan
WEEKS = pd.date_range("2026-01-02", periods=5, freq="W-FRI")
TICKERS = ["M", "N", "P", "Q", "X"]
NO_SPLITS = pd.DataFrame(columns=["ticker", "first_day_on_new_basis", "shares_multiplier"])


class World:
    """As much of inputs and a valuation as the indices read, of some dates."""

    def __init__(self, close: pd.DataFrame, day: pd.DataFrame | None = None, **table: list) -> None:
        quoted = pd.DataFrame(dict.fromkeys(close, close.index), index=close.index).where(close.notna())
        day = quoted if day is None else day
        index = pd.MultiIndex.from_product([close.index, close.columns], names=["as_of", "ticker"])
        self.items = pd.DataFrame({"price_usd": close.to_numpy().ravel()}, index=index)
        self.periods = pd.DataFrame({"price_usd": day.to_numpy().ravel()}, index=index)
        btc = pd.Series(100 * 1.01 ** np.arange(len(close)), index=close.index)
        self.market = pd.DataFrame({"btc_usd": btc, "btc_date": close.index}, index=close.index)
        self.table = pd.DataFrame({name: np.ravel(rows) for name, rows in table.items()}, index=index)

    def on(self, dates: pd.DatetimeIndex) -> World:
        out = object.__new__(World)
        for name in ("items", "periods", "table"):
            frame = getattr(self, name)
            out.__dict__[name] = frame[frame.index.get_level_values("as_of").isin(dates)]
        out.market = self.market[self.market.index.isin(dates)]
        return out


CLOSES = pd.DataFrame(
    {"M": [10.0, 11.0, 11.0, 12.1, 12.1], "N": [5.0, 5.0, 6.0, 6.0, 9.0], "P": [20.0, 22.0, 11.0, 11.0, 12.1],
     "Q": [8.0, 8.0, 10.0, NAN, 10.0], "X": [1.0, 2.0, 4.0, 8.0, 16.0]}, index=WEEKS)  # fmt: skip
# N signs in the third week; Q's equity value is unknown in the first.
GROUP = [["bitcoin", "bitcoin", "pivot", "pivot", "pivot"]] * 2 + [["bitcoin", "pivot", "pivot", "pivot", "pivot"]] * 3
EQUITY = [[10.0, 30.0, 60.0, NAN, 99.0]] + [[10.0, 30.0, 60.0, 20.0, 99.0]] * 4
EXCLUDED = [["", "", "", "", "comparable"]] * 5
SPLITS = pd.DataFrame(
    [("P", WEEKS[2], 2.0), ("ZZZ", WEEKS[2], 9.0)], columns=["ticker", "first_day_on_new_basis", "shares_multiplier"]
)


@pytest.fixture(scope="module")
def found():
    world = World(CLOSES, group=GROUP, equity_value_usd=EQUITY, excluded=EXCLUDED)
    return divergence(world, world, SPLITS)


def test_returns_are_of_the_members_of_the_week_before(found):
    # P: 10%, then 0 (two for one), 0, 10%. Q: 0, 25%, unknown, unknown. M: 10%, 0, 10%, 0.
    # N: 0, 20%, then 0, 50% as an AI company.
    returns = found.returns
    assert returns["ai_equal"].tolist() == pytest.approx([NAN, 0.05, 0.125, 0.0, 0.3], nan_ok=True)
    assert returns["mining_equal"].tolist() == pytest.approx([NAN, 0.05, 0.1, 0.1, 0.0], nan_ok=True)
    # By value: P alone in the first week; then P 60 and Q 20; P 60 and N 30.
    assert returns["ai_value"].tolist() == pytest.approx([NAN, 0.1, 0.0625, 0.0, 21 / 90], nan_ok=True)
    assert returns["mining_value"].tolist() == pytest.approx([NAN, 0.025, 0.15, 0.1, 0.0], nan_ok=True)
    assert returns["bitcoin"].iloc[1:].tolist() == pytest.approx([0.01] * 4)
    frame = found.frame
    assert frame["n_ai"].tolist() == [0, 2, 2, 2, 2]
    assert frame["n_mining"].tolist() == [0, 2, 2, 1, 1]


def test_with_todays_members_all_along(found):
    # N counts as an AI company from the start: 0, 20%, 0, 50%.
    assert found.returns["ai_hindsight"].tolist() == pytest.approx([NAN, 0.1 / 3, 0.15, 0.0, 0.3], nan_ok=True)
    assert found.returns["mining_hindsight"].tolist() == pytest.approx([NAN, 0.1, 0.0, 0.1, 0.0], nan_ok=True)


def test_indices_and_ratios(found):
    frame = found.frame
    ai, mining = 100 * np.cumprod([1, 1.05, 1.125, 1, 1.3]), 100 * np.cumprod([1, 1.05, 1.1, 1.1, 1])
    assert frame["ai_equal"].tolist() == pytest.approx(ai.tolist())
    assert frame["ratio_equal"].tolist() == pytest.approx((ai / mining).tolist())
    assert frame["ratio_hindsight"].iloc[0] == 1.0
    assert frame["ai_weeks"].iloc[1:].tolist() == [1, 2, 3, 4]
    assert frame[["ai_volatility", "ai_beta_bitcoin"]].isna().all(axis=None)


def test_a_company_of_one_dollar_has_a_weight_and_one_of_none_has_not():
    equity = [[1.0, 3.0, 0.5, 0.25, 1.0], [1.0, 3.0, 0.0, 0.25, 1.0], *EQUITY[2:]]
    world = World(CLOSES, group=GROUP, equity_value_usd=equity, excluded=EXCLUDED)
    returns = divergence(world, world, SPLITS).returns
    # P 10% and Q none by 2 to 1; then Q alone has a weight.
    assert returns["ai_value"].iloc[1:3].tolist() == pytest.approx([0.2 / 3, 0.25])


def test_members_with_their_weights(found):
    week = found.members.loc[WEEKS[2]]
    assert week["group"].to_dict() == {"M": "bitcoin", "N": "bitcoin", "P": "pivot", "Q": "pivot"}
    assert week["price_return"].to_dict() == pytest.approx({"M": 0.0, "N": 0.2, "P": 0.0, "Q": 0.25})
    assert week["value_weight"].to_dict() == pytest.approx({"M": 0.25, "N": 0.75, "P": 0.75, "Q": 0.25})
    assert found.members.columns.tolist() == ["group", "price_return", "value_weight"]
    assert found.members.loc[WEEKS[3]].index.tolist() == ["M", "N", "P"]


def test_a_ratio_starts_where_both_groups_have_members():
    none = [["pivot"] * 5] * 2 + GROUP[2:]
    world = World(CLOSES, group=none, equity_value_usd=EQUITY, excluded=EXCLUDED)
    frame = divergence(world, world, SPLITS).frame
    assert frame["ratio_equal"].isna().tolist() == [True, True, False, False, False]
    assert frame.loc[WEEKS[2], ["ratio_equal", "ratio_value", "ratio_hindsight"]].tolist() == [1.0, 1.0, 1.0]


def closes_of(*days: list[str | None]) -> World:
    """A world whose closes are of these days: a row a date, a column a company."""
    dates = pd.DatetimeIndex(["2026-01-02", "2026-01-09", "2026-01-16"][: len(days)])
    day = pd.DataFrame(days, index=dates, columns=list("ABCD")[: len(days[0])]).apply(pd.to_datetime)
    return World(pd.DataFrame(1.0, index=dates, columns=day.columns), day)


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        (["2026-01-09", "2026-01-05", "2026-01-02", "2026-01-02"], True),  # half of four have a new close
        (["2026-01-09", "2026-01-02", "2026-01-02", "2026-01-02"], False),
        (["2026-01-09", "2026-01-02", None, None], True),  # half of the two that have a price
        (["2026-01-09", None, None, None], True),  # the only one that has a price
        ([None, None, None, None], False),
    ],
)
def test_a_date_counts_where_half_of_the_companies_have_a_new_close(second, kept):
    made = closes_of([None] * 4, second)
    assert len(traded_on(made)) == 1 + kept
    assert traded_on(made)[0] == pd.Timestamp("2026-01-02")


def test_a_close_is_new_after_the_date_before_and_at_first_within_ten_days():
    made = closes_of(["2025-12-24", "2025-12-23"], ["2026-01-03", "2026-01-02"])
    assert _fresh(made.periods["price_usd"].unstack("ticker"), made).to_numpy().tolist() == [
        [True, False],
        [True, False],
    ]


@pytest.mark.parametrize(
    ("first_day", "factor"), [("2026-01-03", 3.0), ("2026-01-08", 3.0), ("2026-01-02", 1.0), ("2026-01-09", 1.0)]
)
def test_a_split_counts_between_the_days_of_two_closes(first_day, factor):
    made = closes_of(["2026-01-02"], ["2026-01-08"])
    splits = pd.DataFrame([("A", first_day, 3.0)], columns=NO_SPLITS.columns)
    assert price_returns(made, splits)["A"].tolist() == pytest.approx([NAN, factor - 1], nan_ok=True)
    twice = pd.concat([splits, splits])
    assert price_returns(made, twice)["A"].iloc[1] == pytest.approx(factor**2 - 1)


def test_full_weeks_are_of_five_to_ten_days():
    steps = [0, 4, 5, 7, 10, 11]
    dates = pd.Timestamp("2026-01-02") + pd.to_timedelta(np.cumsum(steps), unit="D")
    assert _full_weeks(dates).tolist() == [False, False, True, True, True, False]


def test_risk_over_a_year_of_weeks_from_26_known_ones_on():
    rng = np.random.default_rng(5)
    returns, bitcoin = pd.Series(rng.normal(0, 0.05, 60)), pd.Series(rng.normal(0, 0.04, 60))
    bitcoin.iloc[[10, 50]], returns.iloc[55] = NAN, NAN
    found = _risk(returns, bitcoin)
    assert found["volatility"].notna().idxmax() == 25
    assert found["beta_bitcoin"].notna().idxmax() == 26  # one week without a price of bitcoin
    last = returns.iloc[8:]
    assert found["volatility"].iloc[-1] == pytest.approx(last.std(ddof=1) * np.sqrt(52))
    both = last.notna() & bitcoin.iloc[8:].notna()
    assert found["beta_bitcoin"].iloc[-1] == pytest.approx(np.polyfit(bitcoin.iloc[8:][both], last[both], 1)[0])
    assert found["weeks"].tolist() == [*range(1, 53), *[52] * 3, *[51] * 5]


def test_a_week_whose_coin_price_is_old_stands_in_no_beta():
    dates = pd.date_range("2025-01-03", periods=30, freq="W-FRI")
    rng = np.random.default_rng(3)
    close = pd.DataFrame(10 * np.exp(np.cumsum(rng.normal(0, 0.05, (30, 2)), axis=0)), index=dates, columns=["P", "M"])
    world = World(close, group=[["pivot", "bitcoin"]] * 30, equity_value_usd=np.ones((30, 2)), excluded=[["", ""]] * 30)
    world.market["btc_usd"] = 100 * np.exp(np.cumsum(rng.normal(0, 0.05, 30)))
    world.market.loc[dates[12], "btc_date"] = dates[11]
    frame = divergence(world, world, NO_SPLITS).frame
    # The weeks that end and that begin on the 12th date have no coin return of their own.
    gains = close.pct_change(fill_method=None)
    coin = world.market["btc_usd"].pct_change(fill_method=None)
    kept = [k for k in range(1, 30) if k not in (12, 13)]
    for name, ticker in (("ai", "P"), ("mining", "M")):
        slope = np.polyfit(coin.iloc[kept], gains[ticker].iloc[kept], 1)[0]
        assert frame[f"{name}_beta_bitcoin"].iloc[-1] == pytest.approx(slope)
        assert frame[f"{name}_volatility"].iloc[-1] == pytest.approx(gains[ticker].iloc[1:].std() * np.sqrt(52))


def test_a_step_of_part_of_a_week_keeps_the_volatility_and_beta_known_before():
    weeks = pd.date_range("2025-01-03", periods=32, freq="W-FRI")
    dates = weeks.union([weeks[29] + pd.Timedelta(days=3)])
    rng = np.random.default_rng(4)
    close = pd.DataFrame(10 * np.exp(np.cumsum(rng.normal(0, 0.05, (33, 2)), axis=0)), index=dates, columns=["P", "M"])
    world = World(close, group=[["pivot", "bitcoin"]] * 33, equity_value_usd=np.ones((33, 2)), excluded=[["", ""]] * 33)
    world.market["btc_usd"] = 100 * np.exp(np.cumsum(rng.normal(0, 0.05, 33)))
    frame = divergence(world, world, NO_SPLITS).frame
    for name in ("volatility", "beta_bitcoin", "weeks"):
        column = frame[f"ai_{name}"]
        # The step of three days, and that of four to the week after it, are no full weeks.
        assert column.iloc[30] == column.iloc[31] == column.iloc[29] != column.iloc[32]
    gains = close["P"].pct_change().drop(dates[[0, 30, 31]])
    assert frame["ai_volatility"].iloc[-1] == pytest.approx(gains.std() * np.sqrt(52))
    assert frame["ai_weeks"].iloc[-1] == 30
