"""The indicators together on made-up parts: the main figures by date, the last week of each quarter, who counts."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.indicators import result
from valuation.indicators.result import TITLES, Indicators, measure

WEEKS = pd.DatetimeIndex(["2025-12-19", "2025-12-26", "2026-01-02", "2026-03-27", "2026-04-03"], name="as_of")


def numbered(*columns: str, start: float = 0.0) -> pd.DataFrame:
    """Columns of figures that are all different: 0 to 4, 10 to 14, ..."""
    return pd.DataFrame({name: start + 10 * k + np.arange(5.0) for k, name in enumerate(columns)}, index=WEEKS)


@pytest.fixture
def made() -> Indicators:
    return Indicators(
        as_of=WEEKS[-1],
        since=WEEKS[0],
        revenue_mix=numbered("bitcoin_share", "ai_share"),
        contracts=SimpleNamespace(sector=numbered("contracts", "value_usd", start=100)),
        power=SimpleNamespace(sector=numbered("ai_in_service_mw", "secured_mw", start=200)),
        price_divergence=SimpleNamespace(frame=numbered("ratio_equal", start=300)),
        hashrate=numbered("share", start=400),
    )


def test_the_main_figures_of_a_date(made):
    assert made.frame.loc[WEEKS[1]].to_dict() == {
        "bitcoin_share": 1, "ai_share": 11, "contracts": 101, "value_usd": 111, "ai_in_service_mw": 201, "secured_mw": 211,
        "ratio_equal": 301, "hashrate_share": 401,
    }  # fmt: skip


def test_the_summary_shows_the_last_week_of_each_quarter(made, monkeypatch):
    monkeypatch.setattr(Indicators, "findings", ())
    (table,) = made.summary.tables
    assert table.frame.index.tolist() == ["2025-12-26", "2026-03-27", "2026-04-03"]
    assert table.frame["bitcoin_share"].tolist() == ["1.00", "3.00", "4.00"]
    years = pd.date_range("2020-03-31", periods=17, freq="QE", name="as_of")
    long = pd.DataFrame({"x": np.arange(17.0)}, index=years)
    monkeypatch.setattr(Indicators, "frame", long)
    (table,) = made.summary.tables
    assert (len(table.frame), table.left_out) == (16, 1)


def test_each_title_has_its_own_findings(made, monkeypatch):
    for name in ("of_revenue", "of_contracts", "of_power", "of_hashrate", "of_prices"):
        monkeypatch.setattr(f"valuation.indicators.findings.{name}", lambda part, name=name: (name,))
    assert {title: made.findings_of(title) for title in TITLES} == {
        "revenue-mix": ("of_revenue",), "contracts": ("of_contracts",), "power": ("of_power", "of_hashrate"),
        "price-divergence": ("of_prices",),
    }  # fmt: skip
    assert made.findings == ("of_revenue", "of_contracts", "of_power", "of_hashrate", "of_prices")


def test_a_company_counts_that_was_in_the_statistics_on_one_date(monkeypatch):
    for name in ("signed", "power", "divergence", "hashrate"):
        monkeypatch.setattr(result, name, lambda *_: None)
    monkeypatch.setattr(result, "revenue_shares", lambda quarters, dates, miners: list(miners))
    index = pd.MultiIndex.from_product([WEEKS[:3], ["A", "B", "C"]], names=["as_of", "ticker"])
    later = ["", "consolidated by A", "comparable"]
    excluded = pd.Series(["", "", "comparable", *later, *later], index)
    inputs = SimpleNamespace(market=pd.DataFrame(index=WEEKS[:3]), quarters=None)
    found = measure(inputs, None, SimpleNamespace(excluded=excluded), None, None, None)
    assert found.revenue_mix == ["A", "B"]
    assert (found.since, found.as_of) == (WEEKS[0], WEEKS[2])
