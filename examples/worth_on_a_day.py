"""What one company is worth by its parts, what its price implies, and what a what-if does to it."""

import pandas as pd

from screener import scenarios, screen
from valuation import worth
from valuation.doubts import doubts

result = screen.run("miners", pd.Timestamp("2026-01-16"), source="bundled", worth=True)
cipher = result.worth.nav.table.xs("CIFR", level="ticker").iloc[0]
print(f"price {cipher['price_usd']:.2f}, net asset value {cipher['nav_cap_rate_per_share']:.2f} by cap rates, "
      f"{cipher['nav_dcf_per_share']:.2f} by DCF, floor {cipher['floor_per_share']:.2f}")  # fmt: skip
print("\n".join(doubts(result.worth, "CIFR")))

later = worth.compare(result.worth, scenarios.load("one-year-late"))
print(later.table.loc["CIFR", ["nav_before", "nav_after", "change"]])
