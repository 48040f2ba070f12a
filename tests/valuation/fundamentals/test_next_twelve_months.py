"""Revenue and EBITDA of the next twelve months of made-up companies, with what each figure rests on."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions
from valuation.fundamentals.forward import hosting_quarter, put_completion, put_next_twelve_months
from valuation.status import Ledger

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan
INDEX = pd.MultiIndex.from_product([[DAY], ["A", "B"]], names=["as_of", "ticker"])
QUARTERS = ("2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31")
OLDEST = DAY - pd.Timedelta(days=Assumptions().max_age_balance_sheet_days)
# A: contracts earn 50 and keep 40, mining earns 30 and keeps 12, overhead is 1 + 2 + 3 + 4. B is never changed.
BLANK = {
    "ntm_contract_revenue_usd": 50.0, "ntm_contract_noi_usd": 40.0, "ntm_unknown": "", "margin_assumed": "",
    "ai_run_rate_usd": 20.0, "ai_quarter": DAY, "mined": 30.0, "kept": 12.0, "signed_contracts": 1.0,
    "sga": (1.0, 2.0, 3.0, 4.0), "ends": QUARTERS, "secured_mw": 100.0, "hosting": NAN,
}  # fmt: skip


def told(**changes: object) -> dict[str, tuple[float, str, str]]:
    """Revenue and EBITDA of A: value, status and causes."""
    rows = pd.DataFrame([BLANK | changes, BLANK], INDEX)
    quarters = pd.DataFrame([
        {"as_of": DAY, "ticker": ticker, "period_end": pd.Timestamp(end), "sga_cash_usd": usd,
         "hosting_usd": row["hosting"]}
        for (_, ticker), row in rows.iterrows() for end, usd in zip(row["ends"], row["sga"], strict=True)
    ])  # fmt: skip
    roles = pd.Series("miner", INDEX)
    inputs = SimpleNamespace(index=INDEX, quarters=quarters, company=lambda _: roles)
    mined = rows[["mined", "kept"]].set_axis(["revenue_usd", "margin_usd"], axis=1)
    blank = pd.DataFrame("", INDEX, mined.columns)
    mining = SimpleNamespace(table=mined, status=blank.replace("", "ok"), causes=blank)
    ledger = Ledger(INDEX)
    ledger.put("secured_mw", rows["secured_mw"])
    ledger.put("signed_contracts", rows["signed_contracts"])
    put_next_twelve_months(ledger, inputs, rows, rows, mining, Assumptions())
    tables = (ledger.table, ledger.status, ledger.causes)
    names = {"revenue": "ntm_revenue_usd", "ebitda": "ntm_ebitda_usd"}
    return {short: tuple(table[name].iloc[0] for table in tables) for short, name in names.items()}


BESIDE = "AI revenue outside the listed contracts adds no EBITDA"


@pytest.mark.parametrize(
    ("changes", "revenue", "ebitda"),
    [
        ({}, (80.0, "ok", ""), (42.0, "ok", "")),
        # AI revenue of 20 a year against contracts of 50, of as much, and of less.
        ({"ai_run_rate_usd": 50.0}, (80.0, "ok", ""), (42.0, "ok", "")),
        ({"ai_run_rate_usd": 51.0}, (81.0, "ok", ""), (42.0, "proxy", BESIDE)),
        ({"ai_run_rate_usd": NAN}, (80.0, "ok", ""), (42.0, "ok", "")),
        # What is not known of the contracts counts as nothing beside AI revenue that is reported.
        ({"ntm_contract_revenue_usd": NAN, "ntm_contract_noi_usd": NAN}, (50.0, "ok", ""), (2.0, "proxy", BESIDE)),
        ({"ntm_contract_revenue_usd": NAN, "ntm_contract_noi_usd": NAN, "ai_run_rate_usd": 0.5}, (30.5, "ok", ""),
         (2.0, "proxy", BESIDE)),
        ({"ntm_contract_revenue_usd": NAN, "ntm_contract_noi_usd": NAN, "ai_run_rate_usd": 0.0}, (30.0, "ok", ""),
         (2.0, "ok", "")),
        ({"ntm_contract_revenue_usd": NAN, "ai_run_rate_usd": NAN}, (NAN, "missing", "no contract's revenue known"),
         (NAN, "missing", "no contract's revenue known")),
        # Old AI revenue marks the figure only where it is the larger; on the oldest day allowed it is not old.
        ({"ai_quarter": OLDEST - pd.Timedelta(days=1)}, (80.0, "ok", ""), (42.0, "ok", "")),
        ({"ai_quarter": OLDEST - pd.Timedelta(days=1), "ai_run_rate_usd": 60.0}, (90.0, "stale", "AI revenue old"),
         (42.0, "proxy", BESIDE)),
        ({"ai_quarter": OLDEST, "ai_run_rate_usd": 60.0}, (90.0, "ok", ""), (42.0, "proxy", BESIDE)),
        ({"signed_contracts": NAN}, (80.0, "proxy", "contracts not reviewed"), (42.0, "proxy", "contracts not reviewed")),
        ({"ntm_unknown": "C1"}, (80.0, "proxy", "not in the next twelve months, value unknown: C1"),
         (42.0, "proxy", "not in the next twelve months, value unknown: C1")),
        ({"margin_assumed": "C1"}, (80.0, "ok", ""), (42.0, "proxy", "margin assumed: C1")),
        ({"hosting": 3.0}, (92.0, "ok", ""), (42.0, "ok", "")),
        # Overhead of the latest quarter times four, and of B's 10 on 100 MW where A reports none.
        ({"sga": (NAN, 2.0, 3.0, 4.0)}, (80.0, "ok", ""), (36.0, "proxy", "overhead of one quarter x 4")),
        ({"sga": (NAN,) * 4, "secured_mw": 50.0}, (80.0, "ok", ""),
         (47.0, "proxy", "overhead not reported, median per secured MW of those that report")),
        ({"sga": (NAN,) * 4, "secured_mw": NAN}, (80.0, "ok", ""),
         (NAN, "missing", "overhead not reported, median per secured MW of those that report; "
          "overhead and its stand-in unknown")),
    ],
)  # fmt: skip
def test_a_year_ahead_by_hand(changes, revenue, ebitda):
    found = told(**changes)
    for name, (value, *words) in (("revenue", revenue), ("ebitda", ebitda)):
        assert found[name][0] == pytest.approx(value, nan_ok=True), name
        assert list(found[name][1:]) == words, name


@pytest.mark.parametrize(("days", "status"), [(0, "ok"), (1, "stale")])
def test_overhead_is_old_when_its_last_quarter_is(days, status):
    last = OLDEST - pd.Timedelta(days=days)
    ends = [last - pd.Timedelta(days=91 * k) for k in (3, 2, 1, 0)]
    assert told(ends=ends)["ebitda"] == (42.0, status, "sga_cash old" if days else "")


@pytest.mark.parametrize(
    ("quarters", "usd"),
    [
        ({"2025-01-16": 3.0}, 3.0),  # 365 days ago
        ({"2025-01-15": 3.0}, NAN),
        ({"2025-09-30": 3.0, "2025-12-31": 0.5, "2025-06-30": 9.0}, 0.5),
        ({"2025-09-30": 3.0, "2025-12-31": NAN}, 3.0),
        ({}, NAN),
    ],
)
def test_hosting_is_that_of_the_latest_reported_quarter_within_a_year(quarters, usd):
    rows = pd.DataFrame({"as_of": DAY, "ticker": "A", "period_end": pd.to_datetime(list(quarters)),
                         "hosting_usd": np.array(list(quarters.values()), dtype=float)})  # fmt: skip
    found = hosting_quarter(SimpleNamespace(index=INDEX, quarters=rows))
    assert found.tolist() == pytest.approx([usd, NAN], nan_ok=True)


def test_completed_ev_is_ev_with_what_is_still_to_spend():
    signed = pd.DataFrame({"in_service_it_mw": 10.0, "ai_contracted_it_mw": 40.0, "signed_contracts": 1,
                           "capex_to_spend_usd": [70.0, NAN], "start_assumed": ["C1", ""], "capex_assumed": ["", "C2"],
                           "capex_unknown": ["C3", ""]}, INDEX)  # fmt: skip
    none = pd.DataFrame({"mw_operating_ai": [NAN, 30.0]}, INDEX)
    columns = ["as_of", "ticker", "period_end", "total_usd", "ai_hpc_usd", "ai_hpc_one_off_usd"]
    inputs = SimpleNamespace(
        index=INDEX, items=none, periods=pd.DataFrame({"mw_operating_ai": DAY}, INDEX),
        companies=pd.DataFrame({"consolidated_by": [None, None]}, ["A", "B"]), quarters=pd.DataFrame(columns=columns),
    )  # fmt: skip
    ledger = Ledger(INDEX)
    for name, values in (("signed_contracts", [1.0, 1.0]), ("ai_contracted_it_mw", [40.0, 40.0]),
                         ("enterprise_value_usd", [500.0, 500.0])):  # fmt: skip
        ledger.put(name, np.array(values))
    put_completion(ledger, inputs, signed)
    assert ledger["ai_in_service_mw"].tolist() == [10.0, 30.0]
    assert ledger.causes["ai_in_service_mw"].tolist() == [
        "start unknown, taken as not in service: C1", "AI MW in service as reported, more than the dated deliveries",
    ]  # fmt: skip
    assert ledger.causes["capex_to_spend_usd"].tolist() == [
        "capex unknown, left out: C3", "capex assumed: C2; capex_to_spend_usd unknown",
    ]  # fmt: skip
    assert ledger["completed_ev_usd"].tolist() == pytest.approx([570.0, NAN], nan_ok=True)
    assert ledger.status["completed_ev_usd"].tolist() == ["proxy", "missing"]
