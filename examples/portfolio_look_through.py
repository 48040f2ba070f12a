"""What a small portfolio owns inside its companies, and what it would lose if bitcoin fell by half.

python examples/portfolio_look_through.py
"""

import tempfile
from pathlib import Path

import pandas as pd

import screener
from screener import portfolio

HOLDINGS = """Symbol,Quantity,Average Cost,Currency
RIOT,1000,12.50,USD
IREN,400,38.00,USD
HUT,150,95.00,CAD
CLSK,-300,13.00,USD
CASH,5000,,USD
"""


def main() -> None:
    """Write holdings as a broker would, and report on them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "positions.csv"
        path.write_text(HOLDINGS)
        day, config = pd.Timestamp("2026-10-05"), screener.resolve_config("miners")
        data = screener.load_inputs(config.universe, day, source="bundled")
        settings = portfolio.Settings(fx={"CAD": 0.72}, shock=-0.5)
        report = portfolio.report(config, data, portfolio.read([path]), day, settings)
    print(report.portfolio)
    print()
    print(report.look_through.counterparties.head())
    print()
    for scenario in report.scenarios:
        print(f"{scenario.title}, by {scenario.method}: {scenario.pnl_usd:+,.0f} USD ({scenario.pnl:+.1%})")


if __name__ == "__main__":
    main()
