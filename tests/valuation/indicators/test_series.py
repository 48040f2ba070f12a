"""Revenue shares, signed contracts and hashrate by date, against sums made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.screen import value
from tests.valuation.indicators.world import miners
from valuation.contracts import book
from valuation.indicators.hashrate import hashrate
from valuation.indicators.revenue import company_shares, revenue_shares
from valuation.indicators.signed import signed

DAYS = pd.DatetimeIndex(["2026-03-06", "2026-06-05"], name="as_of")
COLUMNS = [
    "as_of",
    "ticker",
    "period_end",
    "total_usd",
    "mining_usd",
    "ai_hpc_usd",
    "ai_hpc_one_off_usd",
    "hosting_usd",
]


def quarters(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS).assign(other_usd=np.nan, sga_cash_usd=np.nan)
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]), period_end=pd.to_datetime(frame["period_end"]))


N = np.nan
MARCH, JUNE = "2026-03-06", "2026-06-05"
ROWS = quarters(
    (MARCH, "A", "2025-12-31", 100.0, 80.0, 20.0, N, N),
    (MARCH, "B", "2025-12-31", 200.0, 150.0, 10.0, N, 40.0),
    (JUNE, "A", "2025-12-31", 100.0, 80.0, 20.0, N, N),
    (JUNE, "A", "2026-03-31", 100.0, 40.0, 60.0, N, N),
    (JUNE, "B", "2025-12-31", 200.0, 150.0, 10.0, N, 40.0),
    (JUNE, "B", "2026-03-31", 210.0, N, N, N, N),  # neither part: the quarter before stands
    (JUNE, "C", "2026-03-31", 90.0, 0.0, 80.0, 30.0, N),  # 30 of the AI revenue is one-off
    (JUNE, "D", "2026-03-31", 50.0, N, 5.0, N, 15.0),  # mining is the rest: 30
    (JUNE, "E", "2026-03-31", 500.0, 500.0, N, N, N),  # AI unknown is not AI of zero
    (JUNE, "F", "2024-12-31", 999.0, 999.0, 0.0, N, N),  # has stopped reporting
)


def test_revenue_shares_by_hand():
    found = revenue_shares(ROWS, DAYS, pd.Index(list("ABCDEF")))
    assert np.isnan(found.loc[MARCH, "bitcoin_share"])  # two companies
    row = found.loc[JUNE]
    # A 40 of 100, B 150 of 200, C 0 of 60, D 30 of 50.
    assert row["bitcoin_share"] == pytest.approx(220 / 410)
    assert row["ai_share"] == pytest.approx((60 + 10 + 50 + 5) / 410)
    assert row["other_share"] == pytest.approx((40 + 10 + 15) / 410)
    assert (row["companies"], row["proxies"], row["reporting"]) == (4, 1, 5)
    # Of the latest totals A 100, B 210, C 60, D 50, E 500.
    assert row["coverage"] == pytest.approx(420 / 920)
    assert row["ai_above_mining"] == 2
    assert (str(row["quarter_from"]), str(row["quarter_to"])) == ("2025Q4", "2026Q1")
    # In 2026Q1 A, C and D report both parts: 115 of AI against 70 of mining.
    assert (str(row["crossover"]), row["crossover_companies"]) == ("2026Q1", 3)
    assert pd.isna(found.loc[MARCH, "crossover"])


def test_quarters_may_be_listed_in_any_order():
    shuffled = ROWS.iloc[np.random.default_rng(3).permutation(len(ROWS))[::-1]]
    names = pd.Index(list("ABCDEF"))
    for rows in (ROWS.iloc[::-1], shuffled):
        pd.testing.assert_frame_equal(revenue_shares(rows, DAYS, names), revenue_shares(ROWS, DAYS, names))
        pd.testing.assert_frame_equal(company_shares(rows), company_shares(ROWS))


@pytest.mark.parametrize(("ai", "first"), [(60.0, None), (60.001, "2026Q1")])
def test_as_much_ai_as_mining_revenue_does_not_exceed_it(ai, first):
    rows = quarters(*((JUNE, name, "2026-03-31", 60.0 + ai, 60.0, ai, N, N) for name in "ABC"))
    found = revenue_shares(rows, DAYS, pd.Index(list("ABC"))).loc[JUNE, "crossover"]
    assert pd.isna(found) if first is None else str(found) == first


@pytest.mark.parametrize(("end", "counted"), [("2025-06-05", True), ("2025-06-04", False)])
def test_a_quarter_counts_for_a_year(end, counted):
    rows = quarters(*((JUNE, name, end, 100.0, 60.0, 40.0, N, N) for name in "ABC"))
    found = revenue_shares(rows, DAYS, pd.Index(list("ABC"))).loc[JUNE]
    assert found["companies"] == (3 if counted else 0)
    assert found["reporting"] == (3 if counted else 0)
    assert (found["proxies"], found["ai_above_mining"]) == (0, 0)
    assert np.isnan(found[["bitcoin_share", "ai_share", "other_share", "coverage"]].astype(float)).all() != counted


def test_a_company_outside_the_statistics_does_not_count():
    found = revenue_shares(ROWS, DAYS, pd.Index(list("ABD")))
    assert found.loc[JUNE, "bitcoin_share"] == pytest.approx((40 + 150 + 30) / 350)


def test_company_shares_say_who_has_ever_mined():
    found = company_shares(ROWS).xs(pd.Timestamp(JUNE))
    assert found["ever_mined"].to_dict() == {"A": True, "B": True, "C": False, "D": True, "F": True}
    assert found.loc["C", "ai_share"] == pytest.approx(50 / 60)
    # Of two quarters with both parts the later one tells.
    assert (str(found.loc["A", "quarter"]), found.loc["A", "ai_share"]) == ("2026Q1", pytest.approx(0.6))
    assert (found.loc["A", "bitcoin_share"], found.loc["A", "period_end"]) == (
        pytest.approx(0.4),
        pd.Timestamp("2026-03-31"),
    )


def test_the_smallest_revenue_counts_and_a_quarter_without_any_does_not():
    small = [(JUNE, name, "2026-03-31", 0.8, 0.5, 0.3, N, N) for name in "ABC"]
    later = [(JUNE, name, "2026-05-31", 0.0, 0.0, 0.0, N, N) for name in "ABC"]
    rows = quarters(*later, *small)
    shares = revenue_shares(rows, DAYS, pd.Index(list("ABC"))).loc[JUNE]
    assert (shares["companies"], shares["reporting"], shares["bitcoin_share"]) == (3, 3, pytest.approx(5 / 8))
    each = company_shares(rows).xs(pd.Timestamp(JUNE))
    assert each["bitcoin_share"].tolist() == pytest.approx([5 / 8] * 3)
    assert each["ai_share"].tolist() == pytest.approx([3 / 8] * 3)
    assert each["period_end"].eq(pd.Timestamp("2026-03-31")).all()
    assert each["ever_mined"].all()
    assert each["quarter"].astype(str).tolist() == ["2026Q1"] * 3
    never = company_shares(quarters((JUNE, "A", "2026-03-31", 1.0, 0.0, 1.0, N, N)))
    assert never["ever_mined"].tolist() == [False]


@pytest.fixture(scope="module")
def contracts():
    data, config = InputData.of(miners()), resolve_config(miners())
    days = pd.DatetimeIndex(["2024-01-05", "2026-01-16", "2026-10-05"])
    valued = value(config, data, days)
    return signed(book.build(valued.inputs, valued.valuation, config.assumptions))


def test_signed_value_is_that_of_the_file_of_contracts(contracts):
    """The file's own rows: announced by then, not exited, no hosting, at the owner's share of that day."""
    rows = miners().contracts
    outside = {"GLXY", "CRWV", "NBIS"}
    day = pd.Timestamp("2026-01-16")
    rows = rows[(rows["announced_on"] <= day) & ~(rows["exited_on"] <= day) & (rows["kind"] != "hosting")]
    rows = rows[~rows["ticker"].isin(outside)]
    found = contracts.sector.loc[day]
    usd = rows["total_value_usd"] * rows["owner_share_pct"] / 100
    assert found["contracts"] == len(rows)
    assert found["value_usd"] == pytest.approx(usd.sum())
    assert found["value_usd"] == pytest.approx(66.05e9, rel=1e-3)  # the sum stated where the file was compiled: 66.1
    assert found["without_value"] == usd.isna().sum()


def test_kinds_tenants_and_companies_add_up_to_the_sector(contracts):
    for parts in (contracts.by_kind, contracts.by_tenant, contracts.by_company):
        sums = parts.groupby(level="as_of")[["contracts", "value_usd", "it_mw"]].sum()
        known = contracts.sector.loc[sums.index, ["contracts", "value_usd", "it_mw"]]
        pd.testing.assert_frame_equal(sums, known, check_dtype=False)


def test_before_the_first_contract_nothing_is_signed(contracts):
    row = contracts.sector.loc[pd.Timestamp("2024-01-05")]
    assert (row["contracts"], row["value_usd"], row["it_mw"]) == (0, 0.0, 0.0)
    assert np.isnan(row["delivered_share"])


def test_one_tenant_under_all_spellings(contracts):
    tenants = contracts.by_tenant.index.get_level_values("tenant")
    assert not any(name.lower().startswith("coreweave") and name != "CoreWeave" for name in tenants)
    mine = miners().contracts
    spelt = mine[
        mine["counterparty"].str.contains("CoreWeave", na=False) & ~mine["ticker"].isin(["GLXY", "CRWV", "NBIS"])
    ]
    last = pd.Timestamp("2026-10-05")
    in_force = spelt[(spelt["announced_on"] <= last) & ~(spelt["exited_on"] <= last)]
    assert contracts.by_tenant.loc[(last, "CoreWeave"), "contracts"] == len(in_force)


def test_hashrate_that_has_left_by_hand():
    days = pd.date_range("2026-01-02", periods=4, freq="W-FRI")
    index = pd.MultiIndex.from_product([days, ["A", "B", "C"]], names=["as_of", "ticker"])
    rate = pd.Series([10.0, 20.0, 99.0, 12.0, N, 99.0, 6.0, 19.0, 99.0, 11.5, 25.0, 99.0], index)
    status = pd.Series(np.where(rate.isna(), "missing", "ok"), index).to_frame("hashrate_eh")
    market = pd.DataFrame({"network_eh_per_s": [100.0, 100.0, 200.0, 100.0], "network_date": days}, index=days)
    excluded = pd.Series(["", "", "comparable, not a miner"] * 4, index)
    mining = SimpleNamespace(table=rate.to_frame("hashrate_eh"), status=status)
    found = hashrate(SimpleNamespace(market=market), mining, excluded)
    assert found["hashrate_eh"].tolist() == [30.0, 12.0, 25.0, 36.5]
    assert found["share"].tolist() == pytest.approx([0.30, 0.12, 0.125, 0.365])
    # A: 6 below its 12, then 0.5; B: 1 below its 20, then above it. An unknown figure is no fall.
    assert found["left_eh"].tolist() == [0.0, 0.0, 7.0, 0.5]
    assert found["left_share"].tolist() == pytest.approx([0, 0, 7 / 200, 0.5 / 100])
    assert found["reduced"].tolist() == [0, 0, 1, 0]
    assert found["unknown"].tolist() == [0, 1, 0, 0]
