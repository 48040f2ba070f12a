"""What a row of each kind is worth, exposes to and earned, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.valuation.portfolio.made import DAY, NAN, ONE_YEAR, holdings, quotes, row
from valuation.portfolio.options import delta
from valuation.portfolio.positions import value

CLOSES = quotes(AAA=20.0, BBB=8.0, FFF=50.0, BTC=40.0)
CLOSES.loc["BTC-USD"] = ["", "Bitcoin", 100_000.0, "ok", ""]
CALL = {"unit": 100.0, "underlying": "AAA", "right": "call", "strike": 20.0, "expiry": ONE_YEAR}


def one(**more: object) -> pd.Series:
    """The position of a portfolio of one row beside 100,000 of cash."""
    return both(row("CASH", "cash", 100_000), row(**more)).positions.iloc[0]  # type: ignore[arg-type]


def both(*rows: dict[str, object], **more):
    return value(holdings(*rows), CLOSES, {"CAD": 0.75}, DAY, **more)


@pytest.mark.parametrize(
    ("given", "worth", "exposure", "pnl", "status"),
    [
        ({"ticker": "AAA", "kind": "equity", "quantity": 10, "cost": 150, "price": 19.0}, 200, 200, 50, "ok"),
        ({"ticker": "AAA", "kind": "equity", "quantity": -10, "cost": -150, "price": 19.0}, -200, -200, -50, "ok"),
        ({"ticker": "FFF", "kind": "fund", "quantity": 4, "cost": 100, "price": 49.0}, 200, 200, 100, "ok"),
        ({"ticker": "BTC-USD", "kind": "coin", "quantity": 0.5, "cost": 20_000}, 50_000, 50_000, 30_000, "ok"),
        # BTC is a fund here: 40 a share, whatever the coin of that name costs.
        ({"ticker": "BTC", "kind": "fund", "quantity": 2, "cost": 50}, 80, 80, 30, "ok"),
        # 97.5% of 10,000 face value, in CAD.
        ({"ticker": "BOND", "kind": "bond", "quantity": 10_000, "cost": 9_000, "price": 0.975, "unit": 0.01,
          "currency": "CAD"}, 7_312.5, 7_312.5, 562.5, "proxy"),
        # Five contracts of 0.1 bitcoin, short at 82,000 and now 85,000: worth nothing, the loss is in cash already.
        ({"ticker": "MBT", "kind": "future", "quantity": -5, "cost": -41_000, "price": 8_500.0, "unit": 0.1,
          "underlying": "BTC-USD", "notional": -42_500.0}, 0, -42_500, -1_500, "ok"),
        # A margin of 5,000 is no cost of 42,500: no profit can be told.
        ({"ticker": "MBT", "kind": "future", "quantity": 5, "cost": 2_000, "price": 8_500.0}, 0, 42_500, NAN, "ok"),
        # A tenth of the notional and ten times it are no cost of it either.
        ({"ticker": "MBT", "kind": "future", "quantity": 5, "cost": 4_200, "price": 8_500.0}, 0, 42_500, NAN, "ok"),
        ({"ticker": "MBT", "kind": "future", "quantity": 5, "cost": 4_250, "price": 8_500.0}, 0, 42_500, NAN, "ok"),
        ({"ticker": "MBT", "kind": "future", "quantity": 5, "cost": 425_000, "price": 8_500.0}, 0, 42_500, NAN, "ok"),
        ({"ticker": "MBT", "kind": "future", "quantity": 5, "cost": 424_000, "price": 8_500.0}, 0, 42_500, -381_500, "ok"),
        ({"ticker": "MBT", "kind": "future", "quantity": 5, "cost": 4_300, "price": 8_500.0}, 0, 42_500, 38_200, "ok"),
        ({"ticker": "MBT", "kind": "future", "quantity": 5, "cost": 430_000, "price": 8_500.0}, 0, 42_500, NAN, "ok"),
        # The file's profit is the value; else what it opened at tells it.
        ({"ticker": "CFD", "kind": "cfd", "quantity": 100, "cost": 1_900, "price": 20.0, "value": 130.0,
          "underlying": "AAA"}, 130, 2_000, 130, "proxy"),
        # A profit of 130 CAD on 2,000 CAD, at 0.75.
        ({"ticker": "CFD", "kind": "cfd", "quantity": 100, "cost": 1_900, "price": 20.0, "value": 130.0, "currency": "CAD",
          "underlying": "AAA"}, 97.5, 1_500, 97.5, "proxy"),
        # Opened for nothing: no notional can be told from the cost.
        ({"ticker": "MBT", "kind": "future", "quantity": 5, "cost": 0, "price": 8_500.0}, 0, 42_500, NAN, "ok"),
        ({"ticker": "CFD", "kind": "cfd", "quantity": -100, "cost": -1_900, "price": 20.0, "underlying": "AAA"},
         -100, -2_000, -100, "proxy"),
        ({"ticker": "CFD", "kind": "cfd", "quantity": 100, "price": 20.0, "underlying": "AAA"}, NAN, 2_000, NAN, "missing"),
        ({"ticker": "ZZZ", "kind": "equity", "quantity": 10, "cost": 1}, NAN, NAN, NAN, "missing"),
        ({"ticker": "ZZZ", "kind": "equity", "quantity": 10, "cost": 1, "price": 0.0}, 0, 0, -1, "proxy"),
        # No cost, no profit: never value less nothing.
        ({"ticker": "AAA", "kind": "equity", "quantity": 10}, 200, 200, NAN, "ok"),
    ],
)  # fmt: skip
def test_value_exposure_and_profit_by_kind(given, worth, exposure, pnl, status):
    found = one(**given)
    assert [found["value_usd"], found["exposure_usd"], found["pnl_usd"]] == pytest.approx(
        [worth, exposure, pnl], nan_ok=True
    )
    assert found["status"] == status


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({"ticker": "AAA", "kind": "equity", "price": 19.0}, ""),
        ({"ticker": "ZZZ", "kind": "equity", "price": 19.0}, "no close known, valued at the price in the file"),
        ({"ticker": "ZZZ", "kind": "fund", "price": 19.0}, "no close known, valued at the price in the file"),
        ({"ticker": "BOND", "kind": "bond", "price": 0.9}, "valued at the price in the file"),
        ({"ticker": "O", "kind": "option", "price": 900.0, **CALL}, "valued at the price in the file"),
        ({"ticker": "CFD", "kind": "cfd", "price": 20.0, "value": 130.0}, "valued at the profit in the file"),
        ({"ticker": "CFD", "kind": "cfd", "price": 20.0}, "neither a profit nor price and cost in the file"),
        ({"ticker": "MBT", "kind": "future", "price": 8_500.0}, "profit is settled in cash each day"),
        ({"ticker": "ZZZ", "kind": "equity"}, "no close and no price in the file"),
        ({"ticker": "O", "kind": "option", **CALL}, "no close and no price in the file"),
    ],
)
def test_why_a_position_is_valued_as_it_is(given, cause):
    assert one(quantity=10, **given)["cause"] == cause


def test_a_position_has_the_name_of_its_quote_and_else_what_the_file_calls_it():
    frame = holdings(
        row("AAA", "equity", 1), row("AAA", "option", 1, NAN, 900.0, **CALL), row("ZZZ", "equity", 1, NAN, 1.0),
        row("BBB", "equity", 1),
    ).assign(description=["a", "b", "c", "d"])  # fmt: skip
    closes = CLOSES.astype({"name": object})
    closes.loc["AAA", "name"], closes.loc["BBB", "name"] = "Alpha Inc", NAN
    found = value(frame, closes, {}, DAY).positions.set_index(["ticker", "kind"])["name"]
    assert found.to_dict() == {
        ("AAA", "equity"): "Alpha Inc", ("AAA", "option"): "b", ("ZZZ", "equity"): "c", ("BBB", "equity"): "d",
    }  # fmt: skip


def test_options_alone_are_over_on_their_day():
    past = DAY - pd.Timedelta(days=1)
    bond = one(ticker="BOND", kind="bond", quantity=100, price=0.5, expiry=past)
    assert (bond["value_usd"], bond["status"]) == (50.0, "proxy")
    assert one(ticker="MBT", kind="future", quantity=2, price=100.0, expiry=past)["exposure_usd"] == 200.0


def test_positions_stand_on_rows_of_their_own():
    found = both(row("CASH", "cash", 5), row("BBB", "equity", 1), row("AAA", "equity", 1)).positions
    assert found["ticker"].to_dict() == {0: "AAA", 1: "BBB", 2: "CASH"}
    assert found.columns[:3].tolist() == ["account", "ticker", "company"]
    # Of one size, they stand as in the file.
    equal = both(
        row("BBB", "equity", 25), row("AAA", "equity", 10), row("ZZZ", "equity", 1), row("CASH", "cash", 5)
    ).positions
    assert equal["ticker"].tolist() == ["BBB", "AAA", "ZZZ", "CASH"]


def test_an_option_counts_at_its_delta_and_is_worth_its_price():
    """A one-year call at the money on a share of 20 at 80% volatility: 100 x 2 x 6.21686 (N(0.4) - N(-0.4) = 0.310843)."""
    premium = 20 * 0.3108434832206  # spot x (2 N(sigma / 2) - 1)
    found = one(ticker="O", kind="option", quantity=2, cost=1_000, price=100 * premium, **CALL)
    assert found["value_usd"] == pytest.approx(1_243.37393)
    assert found["implied_volatility"] == pytest.approx(0.8, rel=1e-6)
    assert found["delta"] == pytest.approx(0.6554217)  # N(0.4)
    assert found["exposure_usd"] == pytest.approx(2 * 100 * 0.6554217 * 20)
    assert found["pnl_usd"] == pytest.approx(243.37393)
    assert (found["exposure_to"], found["company"]) == ("AAA", "")


def test_an_option_in_another_currency_is_computed_in_dollars():
    cad = {**CALL, "strike": 20 / 0.75, "currency": "CAD"}
    premium = 20 * 0.3108434832206
    found = one(ticker="O", kind="option", quantity=1, price=100 * premium / 0.75, **cad)
    assert found["delta"] == pytest.approx(0.6554217)
    assert found["value_usd"] == pytest.approx(100 * premium)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"price": NAN}, "no price of its own"),
        ({"underlying": "NNN"}, "no close of the underlying"),
        ({"strike": 15.0}, "its price of $4.00 is below its exercise value of $5.00"),
        ({"right": ""}, "neither a call nor a put"),
        ({"expiry": pd.NaT}, "no expiry"),
        (
            {"underlying": "", "strike": NAN},
            "the file does not say which contract it is: underlying, right, strike, expiry",
        ),
        ({"expiry": DAY - pd.Timedelta(days=1)}, "expired"),
    ],
)
def test_an_option_without_a_delta_is_told_and_is_in_no_exposure(change, told):
    found = both(row("AAA", "equity", 10), row("O", "option", **{"quantity": 2, "price": 400.0, **CALL, **change}))
    held = found.positions.set_index("ticker").loc["O"]
    assert (held["exposure_cause"], list(found.unexposed["ticker"])) == (told, ["O"])
    assert found.gross_exposure == 200
    assert list(found.by_name().index) == ["AAA"]


def test_an_option_past_its_expiry_is_in_no_total():
    old = {**CALL, "expiry": DAY - pd.Timedelta(days=1)}
    found = both(row("AAA", "equity", 10), row("O", "option", 2, 100, 400.0, **old))
    assert found.net == 200
    held = found.positions.set_index("ticker").loc["O"]
    assert held["status"] == "missing"
    assert held["cause"].startswith("expired on 2026-07-23")
    # On its last day it still is.
    assert both(row("O", "option", 2, 100, 400.0, **{**CALL, "expiry": DAY})).net == 800


def test_after_a_split_of_the_underlying_an_option_has_no_exposure():
    split = pd.Series({"AAA": 2.0})
    found = both(row("AAA", "equity", 10), row("O", "option", 2, NAN, 600.0, **CALL), split_factors=split).positions
    rows = found.set_index("ticker")
    assert rows.at["AAA", "quantity"] == 20
    assert rows.at["O", "exposure_cause"] == "the underlying has split since the quantities were counted"


def test_exposures_to_one_name_are_added_over_kinds():
    premium = 100 * 20 * 0.3108434832206
    found = both(
        row("AAA", "equity", 100), row("O", "option", -1, NAN, premium, **CALL),
        row("CFD", "cfd", -50, -900, 20.0, underlying="AAA"), row("CASH", "cash", 10_000),
    )  # fmt: skip
    shares = 100 - 100 * delta(20, 20, 1, 0.8, "call") - 50
    assert found.by_name()["AAA"] == pytest.approx(20 * shares, rel=1e-6)
    assert found.by_company().at["AAA", "quantity"] == 100  # options and CFDs own nothing
    assert found.exposure_long == pytest.approx(2_000)
    assert found.exposure_short == pytest.approx(-(1_310.8434 + 1_000), rel=1e-6)
    assert found.net_exposure == pytest.approx(20 * shares, rel=1e-6)
    assert found.leverage == pytest.approx(found.gross_exposure / found.net)
    # Value: 2,000 - 621.69 - 100 of profit lost + cash.
    assert found.net == pytest.approx(2_000 - premium - 100 + 10_000)


def test_shares_owned_are_those_of_the_universe_s_companies_alone():
    found = both(
        row("AAA", "equity", 100), row("AAA", "equity", -30, account="IRA"), row("AAA", "fund", 7), row("FFF", "equity", 5),
        row("BBB", "equity", 2), row("BBB", "bond", 9, NAN, 1.0), row("CASH", "cash", 10),
    ).by_company()  # fmt: skip
    assert found["quantity"].to_dict() == {"AAA": 70, "BBB": 2}
    assert found["value_usd"].to_dict() == {"AAA": 1_400, "BBB": 16}


def test_a_portfolio_of_unknowns_has_no_value_and_no_profit():
    found = both(row("ZZZ", "equity", 10))
    assert np.isnan(found.net)
    assert np.isnan(found.pnl)
    assert np.isnan(found.leverage)
    assert found.pnl_known == (0, 1)


@pytest.mark.parametrize(("cash", "leverage"), [(-200.0, NAN), (-199.5, 400.0), (-300.0, NAN)])
def test_leverage_over_a_net_value_of_half_a_dollar_and_over_none(cash, leverage):
    found = both(row("AAA", "equity", 10), row("CASH", "cash", cash))
    assert found.net == 200 + cash
    assert found.leverage == pytest.approx(leverage, nan_ok=True)
    assert found.positions["weight"].isna().all() == np.isnan(leverage)


@pytest.mark.parametrize(("cost", "pnl", "part"), [(0.0, 200, NAN), (0.5, 199.5, 399.0), (-0.5, 200.5, 401.0)])
def test_profit_over_a_cost_of_nothing_is_no_fraction(cost, pnl, part):
    found = one(ticker="AAA", kind="equity", quantity=10, cost=cost)
    assert [found["pnl_usd"], found["pnl"]] == pytest.approx([pnl, part], nan_ok=True)


def test_profit_says_how_many_positions_it_covers():
    found = both(row("AAA", "equity", 10, 100), row("BBB", "equity", 10), row("CASH", "cash", 5))
    assert (found.pnl, found.pnl_known) == (100, (1, 2))


def test_two_contracts_under_one_symbol_stay_two_positions():
    found = both(
        row("AAA", "option", 1, NAN, 600.0, **CALL), row("AAA", "option", 1, NAN, 900.0, **{**CALL, "strike": 15.0}),
        row("AAA", "option", 2, NAN, 600.0, **CALL), row("AAA", "equity", 1),
    ).positions  # fmt: skip
    assert sorted(found["quantity"]) == [1, 1, 3]


def test_an_option_of_a_file_that_has_no_units_is_on_one_share():
    option = holdings(row("O", "option", 3, NAN, 5.0, **CALL | {"strike": 15.0})).drop(columns="unit")
    found = value(option, CLOSES, {}, DAY).positions.iloc[0]
    assert (found["value_usd"], found["delta"], found["exposure_usd"]) == (15, 1, 60)


def test_a_frame_without_the_later_columns_is_read_as_before():
    old = holdings(row("AAA", "equity", 10, 100)).drop(
        columns=["isin", "unit", "underlying", "right", "strike", "expiry", "notional"]
    )
    found = value(old, CLOSES, {}, DAY).positions.iloc[0]
    assert (found["value_usd"], found["exposure_usd"], found["pnl_usd"]) == (200, 200, 100)
