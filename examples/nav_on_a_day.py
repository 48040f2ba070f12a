"""Net asset value of one company by two methods, what to be cautious about, and what a scenario does to it.

python examples/nav_on_a_day.py
"""

import pandas as pd

import screener
from screener import scenarios

DAY, TICKER = pd.Timestamp("2026-01-16"), "CIFR"


def main() -> None:
    """Print net asset value, execution floor and cautions of one company, and its value if every start slips by a year."""
    report = screener.run("miners", DAY, source="bundled", nav=True)
    row = report.nav.nav.table.xs(TICKER, level="ticker").iloc[0]
    print(f"{TICKER}: price ${row['price_usd']:.2f}; net asset value per share ${row['nav_dcf_per_share']:.2f} by DCF")
    print(f"(${row['nav_cap_rate_per_share']:.2f} by cap rate); execution floor ${row['floor_per_share']:.2f}.")
    print("\n".join(f"- {line}" for line in report.nav.caveats(TICKER)))
    late = scenarios.compare(report.nav, scenarios.load("one-year-late"))
    print(f"Every start a year later: ${late.table.loc[TICKER, 'nav_after']:.2f}")


if __name__ == "__main__":
    main()
