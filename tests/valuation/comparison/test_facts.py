"""Changes of facts by hand: each kind, the factor that it is part of, and what is no change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.comparison.attribution import FACTORS
from valuation.comparison.facts import fact_changes

NAN = np.nan
JUNE, SEPT, DEC = "2025-06-30", "2025-09-30", "2025-12-31"
FIELDS = ["ticker", "item", "period_end", "value"]


def facts(source: str, *rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=FIELDS)
    return frame.assign(period_end=pd.to_datetime(frame["period_end"]), published_on=pd.Timestamp("2026-01-02"),
                        unit="usd", source=source, source_url=f"https://x/{source}")  # fmt: skip


SAME = [
    ("A", "debt_total", SEPT, 7.0), ("B", "debt_total", SEPT, NAN), ("A", "price_usd", DEC, 1.0),
    ("A", "contract: X", DEC, 1.0), ("A", "btc_usd", DEC, 3.0), ("A", "convertible: 2030", SEPT, 5.0),
]  # fmt: skip
OLD = facts("old.csv", *SAME, ("A", "convertible: 2030", SEPT, 6.0), ("A", "cash", SEPT, 10.0), ("A", "hashrate", SEPT, 2.0),
            ("A", "hashrate", JUNE, 1.0), ("B", "lease_liabilities_finance", SEPT, 4.0), ("A", "btc_held", SEPT, 100.0),
            ("B", "mw_secured", SEPT, NAN), ("B", "shares_outstanding", SEPT, 9.0))  # fmt: skip
NEW = facts(
    "new.csv", *[(t, i, p, v if i not in ("price_usd", "contract: X", "btc_usd") else v + 1) for t, i, p, v in SAME],
    ("A", "convertible: 2030", SEPT, 6.5), ("A", "cash", SEPT, 12.0), ("A", "hashrate", SEPT, 2.0),
    ("A", "hashrate", JUNE, 1.0), ("A", "hashrate", DEC, 3.0), ("A", "debt_total", JUNE, 6.0), ("A", "btc_held", DEC, 120.0),
    ("A", "convertible: 2030", SEPT, 4.0),
    ("B", "mw_secured", SEPT, 50.0), ("B", "preferred_equity", SEPT, 8.0), ("B", "shares_outstanding", SEPT, NAN),
)  # fmt: skip
PARTS = pd.DataFrame([[1.0, 2.0, -3.0, 4.0, 0.5, -5.0, 0.1, 0.2], [1.0, NAN, 0.3, 0.4, 0.6, 0.7, 2.0, -1.0]],
                     index=["A", "B"], columns=list(FACTORS))  # fmt: skip


def test_every_kind_of_change_the_largest_effect_first():
    found = fact_changes(OLD, NEW, PARTS)
    told = found[["change", "ticker", "item", "old", "new", "factor", "effect"]].to_numpy().tolist()
    expected = [
        ["newer period", "A", "btc_held", 100.0, 120.0, "bitcoin", -5.0],
        ["restated", "A", "convertible: 2030", 6.0, 6.5, "conversion", -3.0],
        ["new", "B", "preferred_equity", NAN, 8.0, "other_claims", 2.0],
        ["no longer used", "B", "lease_liabilities_finance", 4.0, NAN, "other_claims", 2.0],
        ["restated", "B", "mw_secured", NAN, 50.0, "mw", -1.0],
        ["restated", "A", "cash", 10.0, 12.0, "cash", 0.5],
        ["restated", "B", "shares_outstanding", 9.0, NAN, "shares", NAN],
        ["newer period", "A", "hashrate", 2.0, 3.0, "", NAN],
    ]
    assert len(told) == len(expected)
    for one, other in zip(told, expected, strict=True):
        assert one[:3] + one[5:6] == other[:3] + other[5:6]
        assert [one[3], one[4], one[6]] == pytest.approx([other[3], other[4], other[6]], nan_ok=True)


def test_each_change_has_its_periods_and_the_source_of_what_is_used_now():
    found = fact_changes(OLD, NEW, PARTS).set_index("item")
    days = {name: tuple("" if pd.isna(day) else f"{day:%Y-%m-%d}" for day in found.loc[name, ["old_period", "new_period"]])
            for name in ("btc_held", "cash", "preferred_equity", "lease_liabilities_finance", "hashrate")}  # fmt: skip
    assert days == {
        "btc_held": (SEPT, DEC), "cash": (SEPT, SEPT), "preferred_equity": ("", SEPT),
        "lease_liabilities_finance": (SEPT, ""), "hashrate": (SEPT, DEC),
    }  # fmt: skip
    sources = found["source"].to_dict()
    assert sources.pop("lease_liabilities_finance") == "old.csv"
    assert set(sources.values()) == {"new.csv"}
    assert found.loc["cash", ["unit", "source_url"]].tolist() == ["usd", "https://x/new.csv"]


def test_of_two_rows_without_a_date_the_one_that_differs_is_restated():
    old, new = (facts("f.csv", ("A", "rsu", None, 3.0), ("A", "rsu", None, last)) for last in (4.0, 5.0))
    found = fact_changes(old, new, PARTS)
    assert found.columns.tolist() == [
        "change", "ticker", "item", "old_period", "old", "new_period", "new", "unit", "source", "source_url", "published_on",
        "factor", "effect",
    ]  # fmt: skip
    assert found[["change", "old", "new", "effect"]].to_numpy().tolist() == [["restated", 4.0, 5.0, 2.0]]


def test_the_same_facts_are_no_change():
    assert fact_changes(OLD, OLD, PARTS).empty
    assert fact_changes(OLD, OLD.assign(source="another.csv"), PARTS).empty
