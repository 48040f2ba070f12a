"""A made-up universe of six listed landlords of data centres: no coins, no mining, and groups of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

AS_OF = "2026-01-16"
NAMES = {"ALAN": "Alan Halls", "BRIX": "Brix Campus", "CELL": "Cellar Power", "DOCK": "Dock Estates", "EDGE": "Edge Rooms",
         "FARM": "Farm Shells"}  # fmt: skip
# Shares (m), cash and debt ($m), secured and operating MW, first close.
FIGURES = {
    "ALAN": (200, 300, 1500, 900, 400, 22.0),
    "BRIX": (150, 120, 800, 700, 250, 18.0),
    "CELL": (90, 60, 500, 450, 150, 14.0),
    "DOCK": (120, 80, 200, 800, 300, 11.0),
    "EDGE": (60, 40, 90, 350, 120, 9.0),
    "FARM": (75, 30, 60, 500, 80, 6.0),
}
# Contracts: id, ticker, announced, tenant, critical IT MW, value ($m), start.
LEASES = (
    ("ALAN-META-1", "ALAN", "2025-03-10", "Meta", 200, 5000, "2026-06-30"),
    ("ALAN-MSFT-1", "ALAN", "2025-09-02", "Microsoft", 100, 2600, "2027-01-01"),
    ("BRIX-AWS-1", "BRIX", "2025-05-20", "Amazon Web Services", 150, 3900, "2026-12-31"),
    ("CELL-GOOG-1", "CELL", "2025-07-15", "Google", 90, 2300, "2026-10-01"),
    ("DOCK-BANK-1", "DOCK", "2025-04-01", "First Bank", 10, 200, "2025-10-01"),
    ("EDGE-SHOP-1", "EDGE", "2025-06-01", "Shop Holdings", 6, 120, "2025-12-01"),
    ("FARM-TELE-1", "FARM", "2025-08-01", "Telecom One", 4, 70, "2026-01-01"),
)
TOML = """\
title = "Landlords of data centres"

[groups]
title = "a hyperscaler is the tenant of most leased MW"
first = ["ALAN", "BRIX", "CELL"]
second = ["DOCK", "EDGE", "FARM"]

[sector]
first = "hyperscale"
second = "enterprise"
company = "landlord"
companies = "landlords"
{stated}
[benchmarks]
market = "SPY"

[defaults]
bootstrap_draws = 499
"""
STATED = "coins = false\nmining = false\n"


def write(folder: Path, *, stated: str = STATED, settings: str = "") -> Path:
    """The universe as CSV files in a new folder; `settings` in place of its universe.toml."""
    folder.mkdir(parents=True)
    (folder / "universe.toml").write_text(settings or TOML.format(stated=stated))
    companies = [
        {"ticker": t, "name": name, "role": "company", "ev_meaningful": "yes", "contracts_reviewed_on": "2026-01-10",
         "description": "A landlord"}
        for t, name in NAMES.items()
    ]  # fmt: skip
    _put(folder, "companies", companies)
    _put(folder, "financials", list(_financials()))
    _put(folder, "capacity", list(_capacity()))
    contracts = [
        {"contract_id": i, "ticker": t, "announced_on": day, "counterparty": tenant, "kind": "colocation_lease",
         "critical_it_mw": mw, "gross_mw": mw * 1.3, "term_years": 15, "total_value_usd": value * 1e6,
         "noi_margin_pct": 85, "owner_share_pct": 100, "start_on": start, "capex_usd": mw * 9e6,
         "source_url": "https://example.com/lease", "evidence": "8-K"}
        for i, t, day, tenant, mw, value, start in LEASES
    ]  # fmt: skip
    _put(folder, "contracts", contracts)
    events = [
        {"ticker": t, "date": day, "kind": "contract", "headline": f"Leases {mw} MW to {tenant}", "source_url": ""}
        for _, t, day, tenant, mw, _, _ in LEASES
    ]
    _put(folder, "events", events)
    days = pd.date_range("2024-06-07", "2026-01-16", freq="W-FRI")
    rng = np.random.default_rng(7)
    prices = []
    for name, first in [*((t, f[-1]) for t, f in FIGURES.items()), ("SPY", 540.0)]:
        path = first * np.exp(np.cumsum(rng.normal(0.002, 0.03 if name != "SPY" else 0.012, len(days))))
        prices += [
            {"date": f"{d:%Y-%m-%d}", "ticker": name, "close_usd": f"{p:.2f}"} for d, p in zip(days, path, strict=True)
        ]
    _put(folder, "prices", prices)
    return folder


def _fact(ticker: str, item: str, value: float, unit: str, period: str, published: str) -> dict[str, object]:
    return {"ticker": ticker, "item": item, "period_end": period, "published_on": published, "value": value, "unit": unit,
            "source_url": "https://example.com/10q", "evidence": "10-Q", "confidence": "high"}  # fmt: skip


def _financials() -> list[dict[str, object]]:
    rows = []
    quarters = [("2024-09-30", "2024-11-08"), ("2024-12-31", "2025-02-28"), ("2025-03-31", "2025-05-09"),
                ("2025-06-30", "2025-08-08"), ("2025-09-30", "2025-11-07")]  # fmt: skip
    for ticker, (shares, cash, debt, _, operating, _) in FIGURES.items():
        for k, (period, published) in enumerate(quarters):
            rows.append(_fact(ticker, "shares_outstanding", shares * 1e6, "shares", period, published))
            rows.append(_fact(ticker, "cash", (cash - 4 * k) * 1e6, "usd", period, published))
            rows.append(_fact(ticker, "debt_total", (debt + 10 * k) * 1e6, "usd", period, published))
            rows.append(_fact(ticker, "revenue_total", operating * (0.30 + 0.01 * k) * 1e6, "usd", period, published))
            rows.append(_fact(ticker, "revenue_ai_hpc", operating * (0.12 + 0.02 * k) * 1e6, "usd", period, published))
            rows.append(_fact(ticker, "sga_cash", 8e6, "usd", period, published))
    return rows


def _capacity() -> list[dict[str, object]]:
    return [
        _fact(ticker, item, mw, "mw_gross", "2024-09-30", "2024-11-08")
        for ticker, (_, _, _, secured, operating, _) in FIGURES.items()
        for item, mw in (("mw_secured", secured), ("mw_operating", operating))
    ]


def _put(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False)
