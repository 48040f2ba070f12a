"""Which fiscal year's consensus is taken, and when it is old, on made-up estimates."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.fundamentals.forward import consensus_years, put_consensus
from valuation.status import Ledger

DAY = pd.Timestamp("2026-01-16")
PUBLISHED = pd.Timestamp("2025-12-01")


def inputs(
    *rows: tuple[str, str, str, float], ends: dict[str, str] | None = None, published: pd.Timestamp = PUBLISHED
) -> SimpleNamespace:
    """Estimates as (ticker, metric, period, value); the fiscal year of A ends in June, that of B is not told."""
    estimates = pd.DataFrame(list(rows), columns=["ticker", "metric", "period", "value"])
    estimates = estimates.assign(as_of=DAY, unit="usd", published_on=published)
    companies = pd.DataFrame({"fiscal_year_end": pd.Series({"A": "06-30", "B": None} | (ends or {}))})
    index = pd.MultiIndex.from_product([[DAY], ["A", "B"]], names=["as_of", "ticker"])
    return SimpleNamespace(estimates=estimates, companies=companies, index=index)


def taken(made: SimpleNamespace, metric: str = "revenue") -> dict[str, tuple[float, str, str]]:
    ledger = Ledger(made.index)
    put_consensus(ledger, made)
    name = f"consensus_{metric}_usd"
    parts = (ledger[name], ledger.status[name], ledger.causes[name])
    return dict(zip("AB", zip(*parts, strict=True), strict=True))


def test_the_year_that_ends_nearest_to_a_year_ahead():
    # A year ahead is 16 January 2027: of A the year to June 2027 (165 days) and not to June 2026 (200); of B,
    # whose year ends in December where nothing is told, that of 2026 (16 days).
    made = inputs(
        ("A", "revenue", "FY2026", 1.0), ("A", "revenue", "FY2027", 2.0), ("A", "revenue", "FY2028", 3.0),
        ("B", "revenue", "FY2027", 8.0), ("B", "revenue", "FY2026", 7.0), ("A", "ebitda", "FY2027", 5.0),
        ("B", "revenue", "Q1 2027", 99.0), ("B", "revenue", "FY2026E", 98.0),
    )  # fmt: skip
    assert taken(made) == {"A": (2.0, "ok", ""), "B": (7.0, "ok", "")}
    ebitda = taken(made, "ebitda")
    assert ebitda["A"] == (5.0, "ok", "")
    assert (np.isnan(ebitda["B"][0]), *ebitda["B"][1:]) == (True, "missing", "no published consensus")
    assert consensus_years(made)["A"] == {"ev_to_consensus_revenue": "FY2027", "ev_to_consensus_ebitda": "FY2027"}
    assert consensus_years(made)["B"] == {"ev_to_consensus_revenue": "FY2026"}


def test_an_estimate_in_another_unit_is_none():
    made = inputs(("A", "revenue", "FY2027", 2.0))
    made.estimates["unit"] = "eur"
    assert taken(made)["A"][1] == "missing"


@pytest.mark.parametrize(
    ("end", "status"),
    [("2027-07-19", "ok"), ("2027-07-20", "missing"), ("2026-07-16", "ok"), ("2026-07-15", "missing")],
)
def test_a_year_that_ends_more_than_half_a_year_away_is_another_figure(end, status):
    # 184 and 185 days to either side of 16 January 2027: half of 366, and one more.
    made = inputs(("A", "revenue", f"FY{end[:4]}", 2.0), ends={"A": end[5:]})
    assert taken(made)["A"][1] == status


@pytest.mark.parametrize(("days", "status"), [(120, "ok"), (121, "stale")])
def test_an_estimate_is_old_after_120_days(days, status):
    made = inputs(("A", "revenue", "FY2027", 2.0), published=DAY - pd.Timedelta(days=days))
    assert taken(made)["A"][1:] == (status, "estimate old" if status == "stale" else "")
