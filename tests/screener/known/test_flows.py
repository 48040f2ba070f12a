"""Bitcoin, ether, the network and quarters as known on a date: the later price, the last week, ages at their limit."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from screener.known.flows import market_on, quarters_on
from valuation.assumptions import Assumptions

WEEK = {"date": "2026-01-02", "btc_usd": 90_000.0, "hashrate_eh_per_s": 1000.0, "reward_and_fees_btc_per_day": 450.0}


def network(*changes: dict) -> pd.DataFrame:
    out = pd.DataFrame([WEEK | change for change in changes])
    return out.assign(date=pd.to_datetime(out["date"])).astype({n: float for n in WEEK if n != "date"})


def closes(*told: tuple[str, str, float]) -> pd.DataFrame:
    out = pd.DataFrame(told, columns=["date", "ticker", "close_usd"])
    return out.assign(date=pd.to_datetime(out["date"])).astype({"close_usd": float})


def market(net: pd.DataFrame, quoted: pd.DataFrame, day: str, **assumed: float):
    a = replace(Assumptions(), **assumed)
    frame, coins, at = market_on(net, quoted, pd.DatetimeIndex([day]).as_unit("ns"), a)
    return frame.iloc[0], coins[0].tolist(), int(at[0])


@pytest.mark.parametrize(("day", "stale"), [("2026-01-02", False), ("2026-01-09", False), ("2026-01-10", True)])
def test_bitcoin_and_network_are_stale_after_seven_days_and_not_on_the_seventh(day, stale):
    row, _, _ = market(network({}), closes(), day)
    assert (bool(row["btc_stale"]), bool(row["network_stale"])) == (stale, stale)
    assert row["btc_date"] == row["network_date"] == pd.Timestamp("2026-01-02")


def test_what_is_unknown_is_neither_zero_nor_stale():
    row, coins, at = market(network({}), closes(), "2026-01-01")
    assert row[["btc_usd", "eth_usd", "network_eh_per_s", "reward_btc_per_day"]].isna().all()
    assert row[["btc_date", "network_date"]].isna().all()
    assert (bool(row["btc_stale"]), bool(row["network_stale"]), coins, at) == (False, False, [-1, -1], -1)


def test_the_later_of_the_network_s_and_the_source_s_price_stands_and_the_source_s_of_one_day():
    net = network({}, {"date": "2026-01-09", "btc_usd": 95_000.0})
    other = closes(("2026-01-08", "RIOT", 12.0))
    row, coins, at = market(net, pd.concat([other, closes(("2026-01-08", "BTC-USD", 91_000.0))]), "2026-01-09")
    assert (row["btc_usd"], coins, at) == (95_000.0, [-1, -1], 1)
    row, coins, at = market(net, pd.concat([other, closes(("2026-01-09", "BTC-USD", 96_000.0))]), "2026-01-09")
    assert (row["btc_usd"], coins, at) == (96_000.0, [1, -1], -1)
    row, coins, at = market(net, pd.concat([closes(("2026-01-09", "ETH-USD", 3_000.0)), other]), "2026-01-09")
    assert (row["eth_usd"], coins, at) == (3_000.0, [-1, 0], 1)


def test_a_week_without_hashrate_or_reward_is_not_the_last_known_and_one_without_bitcoin_has_no_price():
    nan = float("nan")
    net = network(
        {}, {"date": "2026-01-09", "btc_usd": nan, "hashrate_eh_per_s": 1100.0},
        {"date": "2026-01-16", "hashrate_eh_per_s": nan}, {"date": "2026-01-17", "reward_and_fees_btc_per_day": nan},
    )  # fmt: skip
    row, _, at = market(net, closes(), "2026-01-15")
    assert (row["btc_usd"], row["network_eh_per_s"], at) == (90_000.0, 1100.0, 0)
    row, _, at = market(net, closes(), "2026-01-17")
    assert (row["network_eh_per_s"], row["network_date"], at) == (1100.0, pd.Timestamp("2026-01-09"), 3)


def facts(*told: tuple[str, str, str, float]) -> pd.DataFrame:
    out = pd.DataFrame(told, columns=["item", "period_end", "published_on", "value"])
    out = out.assign(ticker="A", file="financials.csv", source_url="")
    return out.assign(**{name: pd.to_datetime(out[name]) for name in ("period_end", "published_on")})


def total(day: str, *told: tuple[str, str, str, float]) -> list[float]:
    wide, _, _ = quarters_on(facts(*told), pd.Index(["A"]), pd.DatetimeIndex([day]).as_unit("ns"))
    return wide["total_usd"].tolist()


FIRST = ("revenue_total", "2026-03-31", "2026-05-01", 100.0)
AGAIN = ("revenue_total", "2026-03-31", "2026-08-01", 130.0)


def test_a_total_stays_on_the_basis_of_its_parts():
    part = ("revenue_mining", "2026-03-31", "2026-05-01", 60.0)
    assert total("2026-08-01", FIRST, AGAIN, part) == [100.0]
    assert total("2026-08-01", FIRST, AGAIN) == [130.0]
    assert total("2026-08-01", FIRST, AGAIN, part, ("revenue_hosting", "2026-03-31", "2026-08-01", 5.0)) == [130.0]
    assert total("2026-07-31", FIRST, AGAIN, part, ("revenue_hosting", "2026-03-31", "2026-08-01", 5.0)) == [100.0]
    # Overhead is no part of revenue, and another quarter's part says nothing of this one's basis.
    assert total("2026-08-01", FIRST, AGAIN, ("sga_cash", "2026-03-31", "2026-05-01", 5.0)) == [130.0]
    later = ("revenue_mining", "2026-06-30", "2026-05-01", 60.0)
    assert total("2026-08-01", FIRST, AGAIN, later)[0] == 130.0


def test_the_basis_of_a_quarter_holds_in_whatever_order_its_rows_stand_and_for_parts_known_by_then():
    part = ("revenue_mining", "2026-03-31", "2026-05-01", 60.0)
    later = ("revenue_hosting", "2026-03-31", "2026-09-01", 5.0)
    for rows in (
        (part, AGAIN, FIRST),
        (AGAIN, FIRST, part, later),
        (later, AGAIN, part, FIRST),
        (FIRST, part, later, AGAIN),
    ):
        assert total("2026-08-01", *rows) == [100.0], rows
        assert total("2026-07-31", *rows) == [100.0], rows


def test_quarters_are_of_the_companies_and_the_lines_of_revenue_and_name_their_rows():
    told = facts(("cash", "2026-03-31", "2026-05-01", 7.0), FIRST, AGAIN, ("sga_cash", "2026-03-31", "2026-05-01", 9.0))
    told = pd.concat([told, told.assign(ticker="Z")], ignore_index=True)
    days = pd.DatetimeIndex(["2026-04-30", "2026-05-01", "2026-08-01"]).as_unit("ns")
    wide, at, lines = quarters_on(told, pd.Index(["A"]), days)
    assert wide[["as_of", "ticker", "total_usd", "sga_cash_usd"]].to_numpy().tolist() == [
        [days[1], "A", 100.0, 9.0], [days[2], "A", 130.0, 9.0],
    ]  # fmt: skip
    assert [lines.get_level_values(n).tolist() for n in (0, 1)] == [["A", "A"], ["revenue_total", "sga_cash"]]
    assert at.tolist() == [[-1, -1], [1, 3], [2, 3]]


def test_a_part_published_before_every_total_leaves_the_total_in_force():
    assert total("2026-08-01", FIRST, AGAIN, ("revenue_mining", "2026-03-31", "2026-04-01", 60.0)) == [130.0]
