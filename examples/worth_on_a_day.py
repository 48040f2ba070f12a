"""What one company is worth by its parts, what to doubt about it, and what a what-if does to it.

python examples/worth_on_a_day.py
"""

import pandas as pd

from screener import pipeline, scenarios
from valuation.nav.caveats import caveats

DAY, TICKER = pd.Timestamp("2026-01-16"), "CIFR"


def main() -> None:
    """Print value, floor and doubts of one company, and its value if every start slips by a year."""
    result = pipeline.run("miners", DAY, source="bundled", nav=True)
    row = result.nav.nav.table.xs(TICKER, level="ticker").iloc[0]
    print(f"{TICKER}: price {row['price_usd']:.2f}, a share is worth {row['nav_cap_rate_per_share']:.2f} by cap rates,")
    print(f"{row['nav_dcf_per_share']:.2f} by DCF, and {row['floor_per_share']:.2f} if nothing more is ever signed.")
    print("\n".join(f"- {line}" for line in caveats(result.nav, TICKER)))
    late = scenarios.compare(result.nav, scenarios.load("one-year-late"))
    print(f"Every start a year later: {late.table.loc[TICKER, 'nav_after']:.2f}")


if __name__ == "__main__":
    main()
