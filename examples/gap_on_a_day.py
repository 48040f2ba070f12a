"""The gap on one day, and what one switch of the bridge does to it.

python examples/gap_on_a_day.py
"""

import pandas as pd

import screener
from valuation.assumptions import Bridge

DAY = pd.Timestamp("2026-01-16")


def main() -> None:
    """Print the gap with bitcoin netted from enterprise value, and without."""
    netted = screener.run("miners", DAY, source="bundled")
    gross = screener.run("miners", DAY, source="bundled", switches=Bridge(net_bitcoin=False))
    print(netted.gap)
    print()
    print(f"Headline with bitcoin netted: {netted.gap.headline['ratio']:.2f} : 1")
    print(f"Headline without:             {gross.gap.headline['ratio']:.2f} : 1")


if __name__ == "__main__":
    main()
