"""Values, weights, profit, look-through and revaluation of small portfolios worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation.portfolio.made import ONE_YEAR, row
from tests.valuation.portfolio.made import holdings as made
from valuation.fundamentals.revaluation import claims, reprice
from valuation.portfolio.look_through import attributable_bitcoin, is_guaranteed, look_through
from valuation.portfolio.positions import value

NAN = np.nan
DAY = pd.Timestamp("2026-07-24")


def holdings(*rows: tuple) -> pd.DataFrame:
    columns = ["account", "ticker", "kind", "quantity", "cost", "price", "value", "currency"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(description="", file="mine.csv", line=range(2, len(rows) + 2))


def quotes(**prices: tuple) -> pd.DataFrame:
    """ticker = (company, price, status)."""
    rows = {t: [company, f"{company} Inc", price, status, ""] for t, (company, price, status) in prices.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["company", "name", "price_usd", "status", "cause"])


MIXED = holdings(
    ("Main", "AAA", "equity", 600, 6000, NAN, NAN, "USD"),
    ("Main", "AAA", "equity", 400, 6500, NAN, NAN, "USD"),  # a second lot
    ("Main", "BBB", "equity", -500, -5500, NAN, NAN, "USD"),  # short
    ("Main", "CCC", "equity", 200, 11020, 60.0, 12000, "CAD"),  # held in CAD, closes in USD
    ("Main", "ZZZ", "equity", 50, 500, NAN, NAN, "USD"),  # no close and no price in the file
    ("Main", "YYY", "equity", 10, 900, 100.0, NAN, "CAD"),  # the file's own price
    ("IRA", "DDD", "equity", 3000, 4500, NAN, NAN, "USD"),  # counted before a 1 for 10
    ("IRA", "DDD 260116C20", "option", 2, 400, 35.0, 70, "USD"),
    ("Main", "CASH", "cash", 25000, NAN, NAN, NAN, "USD"),
    ("IRA", "CASH", "cash", 10000, NAN, NAN, NAN, "CAD"),
)
QUOTES = quotes(AAA=("AAA", 20.0, "ok"), BBB=("BBB", 8.0, "stale"), CCC=("CCC", 45.0, "ok"), DDD=("DDD", 14.0, "ok"))


@pytest.fixture(scope="module")
def mixed():
    return value(MIXED, QUOTES, {"CAD": 0.72}, DAY, split_factors=pd.Series({"DDD": 0.1}))


def test_the_sheet_worked_by_hand(mixed):
    """
              quantity  price USD     value      cost USD       P&L
    AAA          1,000      20.00    20,000        12,500     7,500
    BBB           -500       8.00    -4,000        -5,500     1,500
    CCC            200      45.00     9,000   11,020 x .72  1,065.6
    DDD            300      14.00     4,200         4,500      -300
    YYY             10  100 x .72       720      900 x .72       72
    option           2      35.00        70           400      -330
    cash USD    25,000                25,000
    cash CAD    10,000       .72      7,200
    ZZZ             50    unknown
    net                              62,190
    """
    rows = mixed.positions.set_index(["ticker", "currency"])
    expected = {
        ("AAA", "USD"): (1000, 20.0, 20000.0, 12500.0, 7500.0, "ok"),
        ("BBB", "USD"): (-500, 8.0, -4000.0, -5500.0, 1500.0, "stale"),
        ("CCC", "CAD"): (200, 45.0, 9000.0, 7934.4, 1065.6, "ok"),
        ("DDD", "USD"): (300, 14.0, 4200.0, 4500.0, -300.0, "ok"),
        ("YYY", "CAD"): (10, 72.0, 720.0, 648.0, 72.0, "proxy"),
        ("DDD 260116C20", "USD"): (2, 35.0, 70.0, 400.0, -330.0, "proxy"),
        ("ZZZ", "USD"): (50, NAN, NAN, 500.0, NAN, "missing"),
        ("CASH", "USD"): (25000, 1.0, 25000.0, NAN, NAN, "ok"),
        ("CASH", "CAD"): (10000, 0.72, 7200.0, NAN, NAN, "ok"),
    }
    assert set(rows.index) == set(expected)
    for key, (quantity, price, worth, cost, pnl, status) in expected.items():
        row = rows.loc[key]
        found = [row["quantity"], row["price_usd"], row["value_usd"], row["cost_usd"], row["pnl_usd"]]
        assert found == pytest.approx([quantity, price, worth, cost, pnl], nan_ok=True), key
        assert row["status"] == status, key
        assert row["weight"] == pytest.approx(worth / 62190, nan_ok=True), key
    assert (mixed.net, mixed.long, mixed.short, mixed.gross, mixed.cash) == pytest.approx(
        (62190, 33990, -4000, 37990, 32200)
    )
    assert mixed.pnl == pytest.approx(7500 + 1500 + 1065.6 - 300 + 72 - 330)
    assert list(mixed.unpriced["ticker"]) == ["ZZZ"]
    assert rows.loc[("AAA", "USD"), "lines"] == "2, 3"
    assert rows.loc[("BBB", "USD"), "pnl"] == pytest.approx(1500 / 5500)


def test_the_largest_comes_first_and_cash_last(mixed):
    order = list(mixed.positions["ticker"])
    assert order == ["AAA", "CCC", "DDD", "BBB", "YYY", "DDD 260116C20", "ZZZ", "CASH", "CASH"]


def test_a_portfolio_worth_nothing_has_no_weights():
    found = value(holdings(("M", "AAA", "equity", -10, -100, NAN, NAN, "USD")), QUOTES, {}, DAY)
    assert found.net == -200
    assert found.positions["weight"].isna().all()


def test_one_lot_without_a_cost_leaves_the_cost_unknown():
    rows = holdings(("M", "AAA", "equity", 1, 5, NAN, NAN, "USD"), ("M", "AAA", "equity", 1, NAN, NAN, NAN, "USD"))
    found = value(rows, QUOTES, {}, DAY).positions.iloc[0]
    assert found["value_usd"] == 40
    assert np.isnan(found["cost_usd"])
    assert np.isnan(found["pnl_usd"])


@given(st.lists(st.tuples(st.sampled_from(["AAA", "BBB", "CCC"]), st.integers(-1000, 1000)), min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_splitting_into_lots_and_accounts_changes_no_total(lots):
    rows = [("M", t, "equity", q, q * 5.0, NAN, NAN, "USD") for t, q in lots]
    apart = value(holdings(*[(f"A{i}", *row[1:]) for i, row in enumerate(rows)]), QUOTES, {}, DAY)
    together = value(holdings(*rows), QUOTES, {}, DAY)
    assert apart.net == pytest.approx(together.net)
    assert apart.pnl == pytest.approx(together.pnl)
    pd.testing.assert_series_equal(apart.by_name().sort_index(), together.by_name().sort_index())


# What the companies have: AAA owns 55% of the listed BBB.
TABLE = pd.DataFrame(
    {
        "diluted_shares": [1e6, 2e6, 4e6, NAN],
        "enterprise_value_usd": [400e6, 100e6, -20e6, NAN],
        "secured_mw": [100.0, 50.0, 400.0, 10.0],
        "operating_mw": [80.0, NAN, 200.0, 10.0],
        "ai_contracted_it_mw": [40.0, 0.0, 100.0, 0.0],
        "contracted_revenue_usd": [80e6, 0.0, 200e6, 0.0],
        "contracted_noi_usd": [70e6, 0.0, 160e6, 0.0],
        "backlog_usd": [900e6, 0.0, 1000e6, 0.0],
        "p_nav_dcf": [2.0, 1.0, NAN, NAN],
    },
    index=["AAA", "BBB", "CCC", "DDD"],
)
STATUS = pd.DataFrame("ok", index=TABLE.index, columns=TABLE.columns).where(TABLE.notna(), "missing")
STATUS.loc["CCC", "enterprise_value_usd"] = "not_meaningful"
ITEMS = pd.DataFrame(
    {"btc_held": [1000.0, 400.0, 0.0, NAN], "noncontrolling_interest_pct": [45.0, NAN, NAN, NAN]}, index=TABLE.index
)
COMPANIES = pd.DataFrame({"consolidated_by": [None, "AAA", None, None]}, index=TABLE.index)
CONTRACTS = pd.DataFrame(
    [
        ("AAA", "Tenant", True, 600e6, 50e6, 25.0),
        ("AAA", "Other", True, 300e6, 30e6, 15.0),
        ("CCC", "Tenant", True, 1000e6, 200e6, 100.0),
        ("BBB", "Hosted", False, 50e6, 5e6, 3.0),
    ],
    columns=["ticker", "counterparty", "is_ai", "owned_backlog_usd", "owned_annual_revenue_usd", "owned_it_mw"],
)


@pytest.fixture(scope="module")
def through(mixed):
    return look_through(mixed, TABLE, STATUS, ITEMS, CONTRACTS, COMPANIES)


def test_look_through_by_hand(through):
    rows = through.companies
    assert dict(rows["share"].round(9)) == {
        "AAA": 0.001,
        "CCC": 0.00005,
        "BBB": -0.00025,
        "DDD": pytest.approx(NAN, nan_ok=True),
    }
    assert rows.loc["AAA", "secured_mw"] == pytest.approx(0.1)
    assert rows.loc["BBB", "secured_mw"] == pytest.approx(-0.0125)
    assert rows.loc["CCC", "backlog_usd"] == pytest.approx(50_000)
    assert np.isnan(rows.loc["BBB", "operating_mw"])
    assert np.isnan(rows.loc["CCC", "enterprise_value_usd"])  # below zero, and so not meaningful
    assert np.isnan(rows.loc["DDD", "secured_mw"])  # its share count is unknown
    assert through.totals["secured_mw"] == pytest.approx(0.1 - 0.0125 + 0.02)
    assert through.totals["contracted_revenue_usd"] == pytest.approx(80_000 + 10_000)
    # AAA's own holders have 1,000 coins less 45% of BBB's 400
    assert rows.loc["AAA", "bitcoin"] == pytest.approx(0.001 * 820)
    assert through.totals["bitcoin"] == pytest.approx(0.82 - 0.1 + 0)
    # long positions with both: AAA alone, 400 m USD over 100 MW
    assert through.ev_per_mw == pytest.approx(4.0)
    assert through.ev_per_mw_weighted == pytest.approx(4.0)
    assert through.p_nav == pytest.approx(2.0)
    assert through.outside == ("YYY", "ZZZ")


def test_backlog_by_counterparty_by_hand(through):
    parties = through.counterparties
    assert list(parties.index) == ["Tenant", "Other"]
    assert list(parties["backlog_usd"]) == pytest.approx([600_000 + 50_000, 300_000])
    assert list(parties["revenue_usd"]) == pytest.approx([50_000 + 10_000, 30_000])
    assert list(parties["share"]) == pytest.approx([650 / 950, 300 / 950])
    assert list(parties["companies"]) == ["AAA, CCC", "AAA"]


def test_names_of_counterparties_that_were_put_in_order_are_preferred(mixed):
    named = CONTRACTS.assign(counterparty_name=["One", "One", "Two", "Two"])
    found = look_through(mixed, TABLE, STATUS, ITEMS, named, COMPANIES).counterparties
    assert list(found.index) == ["One", "Two"]


def test_without_a_net_asset_value_on_the_screen_there_is_no_p_nav(mixed):
    less = TABLE.drop(columns="p_nav_dcf")
    found = look_through(mixed, less, STATUS.drop(columns="p_nav_dcf"), ITEMS, CONTRACTS, COMPANIES)
    assert np.isnan(found.p_nav)
    assert set(found.status["p_nav"]) == {"missing"}


def test_a_subsidiary_whose_minority_is_unknown_takes_nothing_off():
    items = ITEMS.assign(noncontrolling_interest_pct=NAN)
    assert attributable_bitcoin(items, COMPANIES)["AAA"] == 1000


def test_a_subsidiary_or_a_parent_that_is_not_on_the_screen_takes_nothing_off():
    companies = COMPANIES.copy()
    companies.loc["NEW"], companies.loc["CCC"] = "AAA", "GONE"
    assert attributable_bitcoin(ITEMS, companies)[["AAA", "CCC"]].tolist() == [820.0, 0.0]


# Revaluation: 100 shares at 10, a note of 300 that converts at 12 into 25 shares, 10 warrants at 8.
NOTES = pd.DataFrame(
    {
        "ticker": ["AAA", "AAA"], "kind": ["convertible", "warrant"], "principal_usd": [300.0, NAN],
        "quantity": [NAN, 10.0], "price_usd": [12.0, 8.0],
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("price", "worth"),
    [(10, 1000 + 300 + 20), (12, 1200 + 300 + 40), (20, 2000 + 25 * 20 + 120), (5, 500 + 300), (0, 300)],
)
def test_claims_by_hand(price, worth):
    assert claims(np.array([price]), np.array([100.0]), NOTES, np.array([0, 0]))[0] == pytest.approx(worth)


@pytest.mark.parametrize(
    ("change", "price"),
    [
        (0, 10.0),
        (-110, 9.0),  # shares lose 100, warrants 10; the note is debt and loses nothing
        (-520, 5.0),
        (220, 12.0),  # up to the conversion price the note gains nothing
        (220 + 135 * 3, 15.0),  # above it it gains as 25 shares
        (-5000, 0.0),
    ],
)
def test_repricing_by_hand(change, price):
    one = pd.Series({"AAA": 10.0})
    found = reprice(one, pd.Series({"AAA": 100.0}), NOTES, pd.Series({"AAA": float(change)}))
    assert found["AAA"] == pytest.approx(price, abs=1e-9)


@given(st.floats(0.5, 60), st.floats(-3000, 3000))
@settings(max_examples=150, deadline=None)
def test_after_repricing_the_claims_are_worth_what_they_should(start, change):
    basic = pd.Series({"AAA": 100.0})
    found = reprice(pd.Series({"AAA": start}), basic, NOTES, pd.Series({"AAA": change}))
    owner = np.array([0, 0])
    before, after = (claims(np.array([p]), np.array([100.0]), NOTES, owner)[0] for p in (start, found["AAA"]))
    assert after == pytest.approx(max(before + change, 300.0), rel=1e-9, abs=1e-6)


def test_a_company_without_a_figure_has_no_price_after():
    prices, basic = pd.Series({"AAA": 10.0, "BBB": 5.0, "CCC": NAN}), pd.Series({"AAA": 100.0, "BBB": NAN, "CCC": 1.0})
    found = reprice(prices, basic, NOTES, pd.Series({"AAA": NAN, "BBB": 1.0, "CCC": 1.0}))
    assert found.isna().all()


def owned(*rows, table=TABLE, status=STATUS, contracts=CONTRACTS):
    """Look-through of (ticker, kind, quantity) at the closes above."""

    held = value(made(*(row(*one) for one in rows)), QUOTES, {}, DAY)
    return look_through(held, table, status, ITEMS, contracts, COMPANIES)


def test_both_means_and_what_they_cover_by_hand():
    """
    Long AAA 20,000 and CCC 45,000 (EV below zero, no P/NAV), short BBB. EV over MW of the longs: AAA alone, 400m over 100.
    NAV: AAA trades at 2.0 times 10,000; CCC owes more than it has, -30,000 for the part held.
    """
    table = TABLE.assign(nav_dcf_usd=[10e6, 16e6, -120e6, NAN])
    found = owned(("AAA", "equity", 1000), ("CCC", "equity", 1000), ("BBB", "equity", -500), table=table).means
    per_mw, p_nav = found.loc["ev_per_mw_secured"], found.loc["p_nav"]
    assert [per_mw["harmonic"], per_mw["arithmetic"], per_mw["covered"]] == pytest.approx([4.0, 4.0, 20 / 65])
    assert (per_mw["n"], per_mw["of"], per_mw["excluded"]) == (1, 2, "CCC")
    # 10,000 - 30,000 of net asset value: no multiple, where leaving CCC out would have given 2.0.
    assert np.isnan(p_nav["harmonic"])
    assert [p_nav["arithmetic"], p_nav["covered"]] == pytest.approx([2.0, 1.0])
    better = owned(("AAA", "equity", 1000), ("CCC", "equity", 100), table=table).means.loc["p_nav"]
    assert better["harmonic"] == pytest.approx((20_000 + 4_500) / (10_000 - 3_000))


def test_the_harmonic_and_the_arithmetic_mean_differ_as_they_should():
    """20,000 of AAA at 4.0 per MW and 8,000 of BBB at 2.0: 400,000 + 50,000 over 100 + 25 thousandths; and by value."""
    found = owned(("AAA", "equity", 1000), ("BBB", "equity", 1000)).means.loc["ev_per_mw_secured"]
    assert found["harmonic"] == pytest.approx(0.45 / 0.125)
    assert found["arithmetic"] == pytest.approx((20 * 4 + 8 * 2) / 28)


def test_what_one_company_alone_has_is_the_total():
    totals = owned(("AAA", "equity", 1000), ("DDD", "equity", 10)).totals
    assert (totals["secured_mw"], totals["backlog_usd"], totals["bitcoin"]) == pytest.approx((0.1, 900_000, 0.82))


def test_a_contract_is_guaranteed_where_somebody_else_covers_a_part_of_it():
    names = ["Google", "Google", "Google", "none", "tenant itself"]
    rows = pd.DataFrame({"guarantor": names, "supported_share": [0.0, 0.01, 1.0, 1.0, 1.0]})
    assert is_guaranteed(rows).tolist() == [False, True, True, False, False]
    for name in rows:
        assert not is_guaranteed(rows.drop(columns=name)).any()


def test_a_company_of_which_nothing_is_left_over_all_accounts_is_no_long():
    contracts = CONTRACTS[
        ["ticker", "counterparty", "is_ai", "owned_backlog_usd", "owned_annual_revenue_usd", "owned_it_mw"]
    ]
    found = owned(("AAA", "equity", 1000), ("BBB", "equity", 500), ("BBB", "equity", -500), contracts=contracts)
    assert found.companies.at["BBB", "quantity"] == 0
    assert found.means["of"].tolist() == [1, 1]


@pytest.mark.parametrize(("ev", "mean", "n"), [(200e6, (20 * 4.0 + 45 * 0.5) / 65, 2), (0.0, 4.0, 1), (-20e6, 4.0, 1)])
def test_a_company_whose_enterprise_value_is_not_positive_is_in_the_sum_and_in_no_mean_by_value(ev, mean, n):
    table, status = TABLE.copy(), STATUS.copy()
    table.loc["CCC", "enterprise_value_usd"], status.loc["CCC", "enterprise_value_usd"] = ev, "ok"
    found = owned(("AAA", "equity", 1000), ("CCC", "equity", 1000), table=table, status=status)
    row = found.means.loc["ev_per_mw_secured"]
    # A thousandth of 400m and 100 MW, and a quarter of a thousandth of the other's and of 400 MW.
    assert row["harmonic"] == pytest.approx((0.4 + ev * 0.00025 / 1e6) / 0.2)
    assert (row["arithmetic"], row["n"], row["n_arithmetic"]) == (pytest.approx(mean), 2, n)


def test_a_backlog_of_less_than_a_dollar_has_its_shares_and_a_short_has_none():
    # Half a dollar of AAA's is owned, a quarter of it guaranteed; BBB is sold short.
    contracts = CONTRACTS.assign(
        ticker=["AAA", "BBB", "CCC", "BBB"], owned_backlog_usd=[500.0, 1e6, NAN, 1e6],
        guarantor=["Google", "AMD", "none", "none"], supported_share=[0.25, 1.0, 0.0, 0.0],
    )  # fmt: skip
    found = owned(("AAA", "equity", 1000), ("BBB", "equity", -500), contracts=contracts)
    assert found.counterparties.loc["Tenant", ["backlog_usd", "share"]].tolist() == [0.5, 1.0]
    assert found.counterparties.loc["Other", ["backlog_usd", "share"]].tolist() == [-250.0, 0.0]
    assert found.guarantors.loc["Google", ["backlog_usd", "share"]].tolist() == [0.125, 0.25]
    assert found.guarantors.loc["AMD", ["backlog_usd", "share"]].tolist() == [-250.0, 0.0]
    assert [list(found.counterparties.index), list(found.guarantors.index)] == [["Tenant", "Other"], ["Google", "AMD"]]
    short = owned(("BBB", "equity", -500), contracts=contracts)
    assert short.counterparties["share"].isna().all()
    assert short.guarantors["share"].isna().all()


def test_a_guarantee_stands_beside_the_tenant_for_the_part_that_it_covers():
    contracts = CONTRACTS.assign(
        guarantor=["Google", "none", "tenant itself", "none"], supported_share=[0.25, 0.0, 1.0, 0.0]
    )
    found = owned(("AAA", "equity", 1000), ("CCC", "equity", 1000), contracts=contracts)
    tenant, other = found.counterparties.loc["Tenant"], found.counterparties.loc["Other"]
    assert [tenant["backlog_usd"], tenant["guaranteed_usd"]] == pytest.approx([600_000 + 250_000, 150_000])
    assert (tenant["guarantors"], other["guarantors"], other["guaranteed_usd"]) == ("Google", "", 0)
    assert list(found.guarantors.index) == ["Google"]
    assert found.guarantors.loc["Google", ["backlog_usd", "tenants", "companies"]].tolist() == [
        150_000,
        "Tenant",
        "AAA",
    ]
    assert found.guarantors.at["Google", "share"] == pytest.approx(150 / 1_150)


def test_a_tenant_whose_backlog_is_unknown_has_no_share():
    contracts = CONTRACTS.assign(owned_backlog_usd=[NAN, 300e6, NAN, 50e6])
    found = owned(("AAA", "equity", 1000), ("CCC", "equity", 1000), contracts=contracts).counterparties
    assert np.isnan(found.at["Tenant", "backlog_usd"])
    assert np.isnan(found.at["Tenant", "share"])
    assert found.at["Other", "share"] == 1


def test_options_own_nothing_and_are_told_apart():

    call = {"unit": 100.0, "right": "call", "strike": 1.0, "expiry": ONE_YEAR}
    held = value(
        made(
            row("AAA", "equity", 1000), row("O", "option", 2, NAN, 1_900.0, underlying="AAA", **call),
            row("P", "option", -3, NAN, 700.0, underlying="BBB", **call),
        ),
        QUOTES, {}, DAY,
    )  # fmt: skip
    found = look_through(held, TABLE, STATUS, ITEMS, CONTRACTS, COMPANIES)
    assert found.companies.at["AAA", "quantity"] == 1000
    assert found.companies.at["AAA", "option_shares"] == 200  # at its exercise value, delta 1
    assert found.companies.at["AAA", "secured_mw"] == pytest.approx(0.1)
    assert found.optional == {"BBB": -300}


def test_a_split_leaves_what_is_valued_at_the_file_s_price_as_it_was():
    rows = holdings(
        ("M", "QQQ", "equity", 1000, 5000, 7.0, NAN, "USD"), ("M", "QQQ 260116C20", "option", 3, 60, 2.0, NAN, "USD")
    )  # fmt: skip
    factors = pd.Series({"QQQ": 0.1, "QQQ 260116C20": 0.1})
    found = value(rows, QUOTES, {}, DAY, split_factors=factors).positions.set_index("kind")
    assert found.loc["equity", ["quantity", "price", "value_usd"]].tolist() == pytest.approx([100, 70.0, 7000])
    assert found.loc["option", ["quantity", "price", "value_usd"]].tolist() == [3, 2.0, 6.0]
    assert found["source"].tolist() == ["file", "file"]


@pytest.mark.parametrize(("quantity", "price"), [(0.0, NAN), (0.5, 100.0), (1.0, 50.0), (-1.0, -50.0), (2.0, 25.0)])
def test_without_a_price_the_file_s_value_over_the_quantity_is_one(quantity, price):
    found = value(holdings(("M", "QQQ", "equity", quantity, NAN, NAN, 50.0, "USD")), QUOTES, {}, DAY).positions.iloc[0]
    assert found["price"] == pytest.approx(price, nan_ok=True)


def test_a_close_of_which_nothing_more_is_told_is_as_it_is():
    closes = QUOTES.assign(status=NAN, cause=NAN).astype({"status": object, "cause": object})
    found = value(holdings(("M", "AAA", "equity", 1, 5, NAN, NAN, "USD")), closes, {}, DAY).positions.iloc[0]
    assert (found["value_usd"], found["status"], found["cause"]) == (20.0, "ok", "")


def test_cash_is_cash_even_where_a_ticker_of_that_name_is_quoted():
    rows = holdings(("M", "CASH", "cash", 100, NAN, NAN, NAN, "USD"), ("M", "CASH", "equity", 2, 10, NAN, NAN, "USD"))
    found = value(rows, quotes(CASH=("CASH", 50.0, "ok")), {}, DAY).positions.set_index("kind")
    assert found["value_usd"].to_dict() == {"equity": 100.0, "cash": 100.0}
    assert found["company"].to_dict() == {"equity": "CASH", "cash": ""}
    assert found["status"].tolist() == ["ok", "ok"]
    assert found["cause"].tolist() == ["", ""]


def test_a_price_of_the_file_stands_before_its_value_and_of_two_lots_the_first():
    rows = holdings(("M", "QQQ", "equity", 10, 1, 7.0, 500.0, "USD"), ("M", "QQQ", "equity", 10, 1, NAN, 80.0, "USD"))
    assert value(rows, QUOTES, {}, DAY).positions.iloc[0]["value_usd"] == 140.0
    assert value(rows.iloc[::-1], QUOTES, {}, DAY).positions.iloc[0]["value_usd"] == 160.0
