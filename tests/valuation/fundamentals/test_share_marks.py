"""Marks of the AI shares: what each rests on, put beside a company of which nothing is marked."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions
from valuation.fundamentals.ai_share import put
from valuation.status import Ledger

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan
INDEX = pd.MultiIndex.from_product([[DAY], ["A", "B"]], names=["as_of", "ticker"])
OLDEST = DAY - pd.Timedelta(days=Assumptions().max_age_balance_sheet_days)
BEFORE = OLDEST - pd.Timedelta(days=1)
MARKS = ("mining_is_proxy", "mining_is_mix", "mining_is_older", "ai_is_older", "none_found", "not_reviewed", "no_value")
BLANK = {
    "ai_share_trailing": 0.1, "ai_share_ttm": 0.2, "ai_share_run_rate": 0.3, "ai_share_contracted": 0.4, "quarter": DAY,
    "mining_quarter": DAY, "mining_run_rate_usd": 60.0, "ai_revenue_for_share_usd": 40.0, "contracted": 40.0,
    "signed": True, **dict.fromkeys(MARKS, False),
}  # fmt: skip
PLAIN = ("ok", "")


def told(column: str, **changes: object) -> tuple[str, str]:
    """Status and causes of a share of A; contracted revenue without a value is `proxy`."""
    rows = pd.DataFrame([BLANK | changes, BLANK], INDEX)
    ledger = Ledger(INDEX)
    ledger.put("contracted_revenue_usd", rows["contracted"], proxy={"a contract without a value": rows["no_value"]})
    put(ledger, SimpleNamespace(index=INDEX), rows, rows["signed"], Assumptions())
    assert (ledger.status[column].iloc[1], ledger.causes[column].iloc[1]) == PLAIN
    return ledger.status[column].iloc[0], ledger.causes[column].iloc[0]


NOTHING = {"contracted": 0.0, "ai_revenue_for_share_usd": 0.0, "signed": False, "ai_share_contracted": 0.0}
REST, MIX, OLDER = (
    "mining revenue unknown, total less other parts",
    "mining revenue unknown, the last reported mix on a newer total",
    "mining revenue of an earlier quarter than the latest total",
)
AI_OLDER = "AI revenue of an earlier quarter"


@pytest.mark.parametrize(
    ("column", "changes", "status", "causes"),
    [
        *((name, {"quarter": BEFORE}, "stale", "revenue_total old") for name in ("ai_share_trailing", "ai_share_ttm")),
        *((name, {"quarter": OLDEST}, *PLAIN) for name in ("ai_share_trailing", "ai_share_ttm")),
        ("ai_share_run_rate", {"quarter": BEFORE}, *PLAIN),
        ("ai_share_run_rate", {"mining_quarter": BEFORE}, "stale", "revenue old"),
        ("ai_share_run_rate", {"mining_quarter": OLDEST}, *PLAIN),
        *(("ai_share_run_rate", {name: True}, "proxy", cause) for name, cause in (
            ("mining_is_proxy", REST), ("mining_is_mix", MIX), ("mining_is_older", OLDER), ("ai_is_older", AI_OLDER))),
        ("ai_share_contracted", {"quarter": BEFORE}, *PLAIN),
        ("ai_share_contracted", {"mining_quarter": BEFORE}, "stale", "revenue of the mining quarter old"),
        ("ai_share_contracted", {"mining_quarter": OLDEST}, *PLAIN),
        *(("ai_share_contracted", {name: True}, "proxy", cause) for name, cause in (
            ("mining_is_proxy", REST), ("mining_is_mix", MIX), ("mining_is_older", OLDER), ("ai_is_older", AI_OLDER),
            ("none_found", "nothing signed and no AI revenue found"),
            ("not_reviewed", "contracts not reviewed, AI revenue alone"))),
        # Without AI revenue the share is zero, whatever mining earned and whenever.
        ("ai_share_contracted", NOTHING | {"mining_quarter": BEFORE}, *PLAIN),
        ("ai_share_contracted", NOTHING | {"mining_is_proxy": True, "mining_is_mix": True, "mining_is_older": True}, *PLAIN),
        ("ai_share_contracted", NOTHING | {"mining_run_rate_usd": NAN}, *PLAIN),
        # Either kind of AI revenue makes mining count.
        ("ai_share_contracted", NOTHING | {"contracted": 0.5, "mining_is_proxy": True}, "proxy", REST),
        ("ai_share_contracted", NOTHING | {"ai_revenue_for_share_usd": 0.5, "mining_is_proxy": True}, "proxy", REST),
        ("ai_share_contracted", {"mining_run_rate_usd": NAN, "ai_share_contracted": NAN}, "missing",
         "revenue_mining and revenue_total unknown"),
        ("ai_share_contracted", NOTHING | {"ai_revenue_for_share_usd": NAN, "ai_share_contracted": NAN}, "missing",
         "nothing signed and revenue_ai_hpc unknown"),
        # Of contracts without any value nothing is taken over: their own cause says what the share rests on.
        ("ai_share_contracted", {"no_value": True, "contracted": NAN}, "proxy",
         "no signed contract has an announced value, AI revenue alone"),
        ("ai_share_contracted", {"no_value": False, "contracted": NAN, "ai_share_contracted": NAN}, "missing",
         "contracted_revenue_usd unknown"),
        ("ai_share_contracted", {"no_value": False, "contracted": NAN, "signed": False}, *PLAIN),
    ],
)  # fmt: skip
def test_what_a_share_rests_on(column, changes, status, causes):
    assert told(column, **changes) == (status, causes)
