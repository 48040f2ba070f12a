"""Parts of made-up companies with their statuses and causes, and the values that add up from them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions
from valuation.nav.ledger import put_parts, put_values
from valuation.nav.names import ANOTHER_BUSINESS, CLAIMS, PARTS, REQUIRED
from valuation.status import Ledger

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan
TICKERS = ["A", "B", "C"]
INDEX = pd.MultiIndex.from_product([[DAY], TICKERS], names=["as_of", "ticker"])
OK = ("ok", "")


def statused(
    bridge: dict | None = None, table: dict | None = None, **columns: list[tuple[str, str]]
) -> SimpleNamespace:
    """A result whose columns have these statuses and causes."""
    return SimpleNamespace(
        status=pd.DataFrame({name: [state for state, _ in rows] for name, rows in columns.items()}, INDEX),
        causes=pd.DataFrame({name: [cause for _, cause in rows] for name, rows in columns.items()}, INDEX),
        bridge=pd.DataFrame(bridge or {}, INDEX), table=pd.DataFrame(table or {}, INDEX),
    )  # fmt: skip


def of(ledger: Ledger, name: str) -> list[tuple[float, str, str]]:
    rows = zip(ledger.table[name], ledger.status[name], ledger.causes[name], strict=True)
    return [(None if np.isnan(value) else value, status, cause) for value, status, cause in rows]


ZERO = dict.fromkeys(("leases_dcf_usd", "leases_cap_rate_usd", "leases_base_term_usd", "gpu_cloud_usd",
                      "gpu_cloud_base_term_usd", "contract_taxes_usd", "capex_to_spend_usd"), np.zeros(()))  # fmt: skip
REST = {name: np.array([1.0, 2.0, 3.0]) for name in ("approved_power_usd", "mining_power_usd", "pipeline_usd", "mining_usd",
                                                     "bitcoin_usd")}  # fmt: skip


def parts(
    made: dict | None = None, *, book: SimpleNamespace | None = None, valuation: SimpleNamespace | None = None,
    mining: SimpleNamespace | None = None, valued: tuple = (), left_out: tuple = (), quarters: tuple = (),
    items: dict | None = None, old: dict | None = None,
) -> Ledger:  # fmt: skip
    """A ledger with every part; what is not given is known and without marks."""
    names = ("lease_noi_usd", "cloud_ebitda_usd", "capex_to_spend_usd", "backlog_usd")
    book = book or statused(**dict.fromkeys(names, [OK] * 3))
    book.assumptions = replace(Assumptions(), overhead_multiple=5.0, max_age_balance_sheet_days=200)
    usual = statused({"cash_usd": 1.0, "restricted_cash_usd": NAN} | dict.fromkeys(CLAIMS, NAN), {"secured_mw": 100.0},
                     secured_mw=[OK] * 3, cash_usd=[OK] * 3, debt_after_conversion_usd=[OK] * 3)  # fmt: skip
    known = {"mw_pipeline": [1.0] * 3, "btc_held": [1.0] * 3, "eth_held": [NAN] * 3, "eth_fair_value": [NAN] * 3}
    frame = (
        pd.DataFrame(list(quarters), columns=["ticker", "period_end", "sga_cash_usd"])
        .assign(as_of=DAY)
        .astype({"sga_cash_usd": float})
    )
    inputs = SimpleNamespace(
        index=INDEX, items=pd.DataFrame(known | (items or {}), INDEX),
        stale=pd.DataFrame({name: [False] * 3 for name in known} | (old or {}), INDEX),
        quarters=frame.assign(as_of=DAY, period_end=pd.to_datetime(frame["period_end"])),
        company=lambda _: pd.Series("miner", INDEX), at_market=lambda _: pd.Series(4.0, INDEX),
    )  # fmt: skip
    here = pd.DataFrame(list(valued), columns=["ticker", "business"]).assign(as_of=DAY)
    gone = pd.DataFrame(list(left_out), columns=["ticker", "business", "contract_id", "left_out"]).assign(as_of=DAY)
    ledger = Ledger(INDEX)
    sound = mining or statused(margin_usd=[OK] * 3)
    put_parts(ledger, inputs, valuation or usual, book, here, gone, sound, ZERO | REST | (made or {}))
    return ledger


def test_parts_of_contracts_say_what_is_left_out_and_are_unknown_where_nothing_can_be_valued():
    book = statused(
        lease_noi_usd=[
            ("proxy", "noi unknown, excluded: A2"),
            ("proxy", "of no lease"),
            ("missing", "contracts not reviewed"),
        ],
        cloud_ebitda_usd=[("missing", "nobody looked"), ("stale", "old"), OK],
        capex_to_spend_usd=[OK, ("proxy", "capex assumed: B1"), OK],
        backlog_usd=[("proxy", "start unknown: A1"), ("proxy", "start unknown: B1"), OK],
    )
    found = parts(
        {"leases_dcf_usd": np.array([5.0, 0.0, 0.0]), "gpu_cloud_usd": np.array([0.0, 7.0, 0.0]),
         "contract_taxes_usd": np.array([-1.0, -2.0, 0.0])},
        book=book, valued=(("A", "lease"), ("B", "gpu_cloud")),
        left_out=(("A", "lease", "A2", "capex unknown"), ("C", "lease", "C1", "value unknown"),
                  ("C", "lease", "C2", "value unknown"), ("B", "gpu_cloud", "B2", "term unknown")),
    )  # fmt: skip
    assert of(found, "leases_dcf_usd") == [
        (5.0, "proxy", "capex unknown, excluded: A2; noi unknown, excluded: A2; start unknown: A1"),
        (0.0, "ok", ""), (None, "missing", "value unknown: C1, C2"),
    ]  # fmt: skip
    # Nothing leased by the cap rate: what is left out is said, stand-ins of an amount of zero are not.
    assert of(found, "leases_cap_rate_usd") == [
        (0.0, "proxy", "capex unknown, excluded: A2"), (0.0, "ok", ""), (None, "missing", "value unknown: C1, C2"),
    ]  # fmt: skip
    assert of(found, "gpu_cloud_usd") == [
        (0.0, "ok", ""), (7.0, "proxy", "term unknown, excluded: B2; start unknown: B1"), (0.0, "ok", ""),
    ]  # fmt: skip
    assert of(found, "contract_taxes_usd") == [
        (-1.0, "proxy", "capex unknown, excluded: A2; start unknown: A1"),
        (-2.0, "proxy", "term unknown, excluded: B2; capex assumed: B1; start unknown: B1"),
        (None, "missing", "value unknown: C1, C2"),
    ]  # fmt: skip
    unknown = parts(
        {"gpu_cloud_usd": np.array([3.0, 7.0, 0.0])}, book=book, valued=(("A", "gpu_cloud"), ("B", "gpu_cloud"))
    )
    assert of(unknown, "gpu_cloud_usd")[0] == (
        3.0, "proxy", "cloud ebitda excluded: nobody looked; start unknown: A1",
    )  # fmt: skip


def test_parts_of_power_mining_and_coins_with_their_marks():
    valuation = statused(
        {"cash_usd": [10.0, NAN, 30.0], "restricted_cash_usd": [1.0, NAN, NAN], "debt_after_conversion_usd": [4.0, 5.0, NAN],
         "finance_leases_usd": [6.0, NAN, NAN], "preferred_equity_usd": [NAN, 7.0, NAN],
         "noncontrolling_interest_usd": [NAN, NAN, 8.0]},
        {"secured_mw": 100.0}, secured_mw=[OK, ("stale", "mw_secured old"), ("missing", "mw_secured unknown")],
        cash_usd=[("stale", "cash old"), ("missing", "cash unknown"), OK],
        debt_after_conversion_usd=[OK, ("proxy", "debt rolled"), ("missing", "debt_total unknown")],
    )  # fmt: skip
    found = parts(
        {"pipeline_usd": np.array([0.0, 2.0, NAN])}, valuation=valuation,
        mining=statused(margin_usd=[("proxy", "uptime assumed"), OK, ("missing", "hashrate unknown")]),
        items={"mw_pipeline": [0.0, 9.0, NAN], "btc_held": [0.0, 9.0, NAN], "eth_held": [2.0, NAN, NAN],
               "eth_fair_value": [99.0, 11.0, NAN]},
        old={"mw_pipeline": [True, True, False], "btc_held": [True, True, False]},
    )  # fmt: skip
    for name in ("approved_power_usd", "mining_power_usd"):
        assert of(found, name) == [
            (1.0, *OK), (2.0, "stale", "mw_secured old"), (None, "missing", "mw_secured unknown")
        ]  # fmt: skip
    expected = {
        # An old figure of nothing is no old figure.
        "pipeline_usd": [(0.0, *OK), (2.0, "stale", "mw_pipeline old"), (None, "missing", "mw_pipeline not reported")],
        "bitcoin_usd": [(1.0, *OK), (2.0, "stale", "btc_held old"), (None, "missing", "btc_held unknown")],
        "mining_usd": [(1.0, "proxy", "uptime assumed"), (2.0, *OK), (None, "missing", "hashrate unknown")],
        "cash_usd": [(10.0, "stale", "cash old"), (None, "missing", "cash unknown"), (30.0, *OK)],
        "debt_after_conversion_usd": [
            (-4.0, *OK), (-5.0, "proxy", "debt rolled"), (None, "missing", "debt_total unknown")
        ],
        "restricted_cash_usd": [(1.0, *OK)] + [(None, "not_meaningful", "not reported")] * 2,
        "other_coins_usd": [(8.0, *OK), (11.0, *OK), (None, "not_meaningful", "not reported")],
        "finance_leases_usd": [(-6.0, *OK)] + [(None, "not_meaningful", "not reported")] * 2,
    }  # fmt: skip
    assert {name: of(found, name) for name in expected} == expected
    assert of(found, "preferred_equity_usd")[1] == (-7.0, *OK)
    assert of(found, "noncontrolling_interest_usd")[2] == (-8.0, *OK)


def test_overhead_is_capitalised_negative_with_its_age_and_stand_ins():
    # 200 days before 16 January 2026 is 30 June 2025.
    of_a = [("A", day, 3.0) for day in ("2024-09-30", "2024-12-31", "2025-03-31", "2025-06-30")]
    found = parts(quarters=(*of_a, ("B", "2025-06-29", 5.0)))
    assert of(found, "overhead_a_year_usd") == [(12.0, *OK), (20.0, *OK), (16.0, *OK)]
    assert of(found, "overhead_usd") == [
        (-60.0, *OK), (-100.0, "proxy", "sga_cash old; overhead of one quarter x 4"),
        (-80.0, "proxy", "overhead not reported, median per secured MW of those that report"),
    ]  # fmt: skip
    none = parts()
    assert of(none, "overhead_usd")[0][:2] == (None, "missing")
    assert "overhead and its stand-in unknown" in none.causes["overhead_usd"].iloc[0]


def values(
    marks: dict[str, dict] | None = None, excluded: tuple[str, str, str] = ("", "", ""), minority: float = 1.0,
    price: float = 6.0, **parts: list[float],
) -> Ledger:  # fmt: skip
    """Values of three companies; a part that is not given is zero. A consolidates KID, of which a share is others'."""
    ledger = Ledger(INDEX)
    for name in PARTS:
        ledger.put(name, np.array(parts.get(name, [0.0] * 3)), **(marks or {}).get(name, {}))
    company = {
        "price_usd": [price, 2.0, 3.0],
        "diluted_shares": [10.0, 20.0, NAN],
        "equity_value_usd": [60.0, 40.0, NAN],
    }
    states = {"price_usd": [OK] * 3, "diluted_shares": [OK, ("stale", "shares old"), ("missing", "shares unknown")],
              "equity_value_usd": [OK] * 3}  # fmt: skip
    valuation = statused({"noncontrolling_interest_usd": [minority, NAN, NAN]}, company, **states)
    inputs = SimpleNamespace(
        index=INDEX, items=pd.DataFrame({"noncontrolling_interest_pct": [5.0, 5.0, NAN]}, INDEX),
        companies=pd.DataFrame({"consolidated_by": [None, "A"]}, ["A", "KID"]),
    )  # fmt: skip
    put_values(ledger, inputs, valuation, SimpleNamespace(excluded=pd.Series(excluded, INDEX)))
    return ledger


def test_values_add_up_their_parts_and_a_share_of_each():
    # 2^k of each part: every value has its own sum.
    at = {name: k for k, name in enumerate(PARTS)}
    found = values(**{name: [float(2**k)] * 3 for name, k in at.items()})
    shared = [name for name in PARTS if name not in ("leases_dcf_usd", "contract_taxes_usd", "leases_cap_rate_usd",
                                                     "lease_prepayments_usd", "leases_base_term_usd",
                                                     "gpu_cloud_base_term_usd")]  # fmt: skip
    unsigned = {"approved_power_usd", "mining_power_usd", "pipeline_usd"}
    sums = {
        "nav_dcf": {*shared, "leases_dcf_usd", "contract_taxes_usd"},
        "nav_cap_rate": {*shared, "leases_cap_rate_usd", "lease_prepayments_usd"},
        "floor": {*shared, "leases_base_term_usd", "gpu_cloud_base_term_usd", "contract_taxes_usd"}
        - unsigned
        - {"gpu_cloud_usd"},
    }
    for name, of_it in sums.items():
        total = float(sum(2 ** at[part] for part in of_it))
        assert of(found, f"{name}_usd") == [(total, *OK)] * 3
        assert of(found, f"{name}_per_share") == [
            (total / 10, *OK), (total / 20, "stale", "shares old"), (None, "missing", "shares unknown")
        ]  # fmt: skip


def test_a_required_part_that_is_unknown_gives_no_value_and_another_is_left_out_and_named():
    for name in REQUIRED:
        found = values({name: {"missing": {f"{name} gone": np.array([True, False, False])}}}, cash_usd=[50.0] * 3)
        assert of(found, "nav_dcf_usd")[0] == (None, "missing", f"{name} gone")
        assert of(found, "nav_dcf_usd")[1][1] == "ok"
    marks = {"missing": {"nobody knows": np.array([True, False, False])}, "stale": {"old": np.array([False, True, False])},
             "proxy": {"like others": np.array([False, False, True])}}  # fmt: skip
    found = values({"mining_usd": marks}, cash_usd=[50.0] * 3)
    assert of(found, "nav_dcf_usd") == of(found, "floor_usd") == [
        (50.0, "proxy", "mining excluded: nobody knows"), (50.0, "stale", "old"), (50.0, "proxy", "like others"),
    ]  # fmt: skip


def test_another_business_and_an_unknown_minority():
    found = values(excluded=("comparable", "enterprise value not meaningful", "two other words"), cash_usd=[50.0] * 3)
    assert [row[1:] for row in of(found, "nav_dcf_usd")] == [("not_meaningful", ANOTHER_BUSINESS)] * 2 + [OK]
    found = values(minority=NAN, cash_usd=[50.0] * 3)
    assert of(found, "nav_dcf_usd") == [
        (None, "missing", "minority of a listed subsidiary unknown"),
        (50.0, *OK),
        (50.0, *OK),
    ]


@pytest.mark.parametrize(
    ("cash", "debt", "by_cap_rate", "p", "p_cap", "apart"),
    [
        (50.0, 0.0, 30.0, 1.2, 0.75, 0.6),
        (50.0, -49.0, 0.0, 60.0, 60.0, 0.0),
        (50.0, -50.0, 30.0, None, 2.0, None),
        (50.0, -90.0, 30.0, None, None, None),
    ],
)
def test_price_over_value_and_how_far_the_methods_are_apart(cash, debt, by_cap_rate, p, p_cap, apart):
    found = values(cash_usd=[cash] * 3, debt_after_conversion_usd=[debt] * 3, leases_cap_rate_usd=[by_cap_rate] * 3)
    for name, expected in (("p_nav_dcf", p), ("p_nav_cap_rate", p_cap), ("cap_rate_over_dcf", apart)):
        value, status, cause = of(found, name)[0]
        assert value == (None if expected is None else pytest.approx(expected))
        told = ("not_meaningful", "net asset value is not positive") if expected is None else OK
        assert (status, cause) == told
    assert of(found, "price_over_floor_usd")[0][0] == pytest.approx(6 - (cash + debt) / 10)
