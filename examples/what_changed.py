"""What changed in a week, and what moved each company's EV per MW: two screens compared, no network, no history."""

from __future__ import annotations

import pandas as pd

import screener
from valuation.comparison.attribution import FACTORS
from valuation.comparison.changes import Snapshot, compare


def main() -> None:
    """Print the week of 16 January 2026."""
    days = pd.to_datetime(["2026-01-09", "2026-01-16"])
    before, after = (Snapshot.of(screener.run("miners", day, source="bundled")) for day in days)
    changes = compare(before, after)
    print(changes.movers[["before", "after", "change", *FACTORS, "main"]].round(2).head().to_string())
    print(changes.attribution.method)
    for row in changes.contracts.itertuples():
        print(f"{row.change}: {row.ticker} with {row.counterparty}, {row.owned_value_usd / 1e9:.2f} bn USD")


if __name__ == "__main__":
    main()
