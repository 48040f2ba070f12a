"""Power by use of made-up companies by hand: what is delivered, reported, unknown, or more than the power there is."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions
from valuation.contracts.in_service import UNCOUNTED
from valuation.indicators.power import USES, Power, power

NAN = np.nan
DAY = pd.Timestamp("2026-01-16")
# Secured and operating MW, contracts listed, their gross MW and delivered part, AI MW as reported, whether that is critical
# IT, whether it is old, and what the book says of a delivery.
FACTS = {
    "plain": (200, 90, 1, 100, 0.4, NAN, False, False, ""),
    "delivered": (200, 90, 1, 50, 1.0, NAN, False, False, ""),
    "small": (200, 20, 1, 40, 1.0, NAN, False, False, ""),
    "full": (30, 100, 1, 60, 2 / 3, NAN, False, False, ""),
    "mined": (150, 150, 1, 100, 0.3, NAN, False, False, ""),
    "reported": (100, NAN, 0, NAN, NAN, 25, True, True, UNCOUNTED),
    "equal": (100, 60, 1, 20, 0.5, 10, False, True, f"{UNCOUNTED}; x"),
    "unreviewed": (80, 40, NAN, NAN, NAN, 30, False, True, UNCOUNTED),
    "blind": (80, 40, 2, NAN, NAN, 30, False, True, ""),
    "unsecured": (NAN, 40, 1, 10, 0.5, NAN, False, False, ""),
    "nothing": (70, 40, 0, NAN, NAN, NAN, False, False, ""),
}  # fmt: skip
# AI in service, AI leased, mining, unused, use unknown; mined until conversion.
EXPECTED = {
    "plain": (40, 60, 50, 50, 0, 0),
    "delivered": (50, 0, 40, 110, 0, 0),
    "small": (40, 0, 0, 160, 0, 0),
    "full": (30, 0, 0, 0, 0, 0),
    "mined": (30, 0, 120, 0, 0, 70),
    "reported": (32.5, 0, NAN, NAN, 67.5, NAN),
    "equal": (10, 10, 50, 30, 0, 0),
    "unreviewed": (NAN, NAN, NAN, NAN, 80, NAN),
    "blind": (NAN, NAN, NAN, NAN, 80, NAN),
    "unsecured": (NAN, NAN, NAN, NAN, NAN, NAN),
    "nothing": (0, 0, 40, 30, 0, 0),
}


@pytest.fixture(scope="module")
def found() -> Power:
    index = pd.MultiIndex.from_product([[DAY], list(FACTS)], names=["as_of", "ticker"])
    names = ["secured_mw", "operating_mw", "signed_contracts", "gross", "part", "ai", "critical", "old", "told"]
    facts = pd.DataFrame(list(FACTS.values()), columns=names, index=index)
    blank = pd.DataFrame("", index=index, columns=names)
    inputs = SimpleNamespace(
        index=index,
        items=facts[["ai"]].rename(columns={"ai": "mw_operating_ai"}).assign(mw_pipeline=5.0),
        critical_it=facts[["critical"]].rename(columns={"critical": "mw_operating_ai"}).assign(mw_pipeline=False),
        stale=facts[["old"]].rename(columns={"old": "mw_operating_ai"}).assign(mw_pipeline=facts["told"] != ""),
    )
    state = blank.replace("", "ok").mask(facts.isna(), "missing")
    valuation = SimpleNamespace(table=facts, status=state, causes=blank.mask(facts.isna(), "not reported"))
    rows = facts[facts["signed_contracts"] > 0].reset_index()
    contracts = rows.rename(columns={"gross": "owned_gross_mw", "part": "in_service_share"})
    book = SimpleNamespace(
        contracts=contracts[["as_of", "ticker", "owned_gross_mw", "in_service_share"]], consolidated={},
        causes=facts[["told"]].rename(columns={"told": "in_service_mw"}), excluded=pd.Series("", index=index),
    )  # fmt: skip
    return power(inputs, valuation, book, Assumptions())


@pytest.mark.parametrize("ticker", FACTS)
def test_the_split(found, ticker):
    row = found.table.loc[(DAY, ticker)]
    assert row[[*USES, "mined_until_conversion_mw"]].tolist() == pytest.approx(EXPECTED[ticker], nan_ok=True)
    assert row["pipeline_mw"] == 5


def test_why_a_use_is_unknown_or_rests_on_something_old(found):
    cause = {name: found.causes[name].xs(DAY) for name in found.causes}
    service = cause["ai_in_service_mw"].to_dict()
    assert service == {
        "plain": "", "delivered": "", "small": "", "full": "", "mined": "", "nothing": "",
        "reported": "mw_operating_ai old", "equal": f"{UNCOUNTED}; taken as none", "unreviewed": "contracts not reviewed",
        "blind": "MW of signed contracts unknown", "unsecured": "not reported",
    }  # fmt: skip
    states = found.status.xs(DAY)
    assert states["ai_in_service_mw"].to_dict() == dict.fromkeys(FACTS, "ok") | {
        "reported": "stale", "equal": "proxy", "unreviewed": "missing", "blind": "missing", "unsecured": "missing",
    }  # fmt: skip
    assert cause["mining_mw"]["reported"] == "mw_operating_ai old; not reported; operating MW unknown"
    assert cause["mining_mw"]["plain"] == ""
    assert states["use_unknown_mw"].eq("missing").to_dict() == dict.fromkeys(FACTS, False) | {"unsecured": True}
    assert cause["pipeline_mw"].ne("").to_dict() == {name: facts[-1] != "" for name, facts in FACTS.items()}


def test_the_sector_by_hand(found):
    row = found.sector.loc[DAY]
    # Of the ten with secured power known the AI of two is unknown, and the mining of three.
    assert row[["secured_mw", "companies", "without_power", "without_use"]].tolist() == [1_210.0, 10, 1, 3]
    assert row[list(USES)].tolist() == pytest.approx([232.5, 70, 300, 380, 227.5])
    assert row[["mined_until_conversion_mw", "pipeline_mw"]].tolist() == [70, 50]
