"""What a small portfolio is worth and exposes to, what it owns inside its companies, and what half a bitcoin would cost it.

python examples/portfolio_look_through.py
"""

import tempfile
from pathlib import Path

import pandas as pd

import screener
from screener import portfolio

HOLDINGS = """Symbol,Quantity,Average Cost,Price,Currency
RIOT,1000,12.50,19.32,USD
IREN,400,38.00,40.48,USD
IREN270115C00045000,5,4.00,5.20,USD
HUT,150,65.00,89.27,USD
CLSK,-300,13.00,12.48,USD
CASH,5000,,,USD
"""
LIMITS = """[limits]
largest_long = 0.40
gross_exposure = 1.50
"""


def main() -> None:
    """Write holdings as a broker would, and report on them."""
    with tempfile.TemporaryDirectory() as folder:
        path, limits = Path(folder) / "positions.csv", Path(folder) / "limits.toml"
        path.write_text(HOLDINGS)
        limits.write_text(LIMITS)
        day, config = pd.Timestamp("2026-10-05"), screener.resolve_config("miners")
        data = screener.load_inputs(config.universe, day, source="bundled")
        settings = portfolio.Settings(shock=-0.5, limits=portfolio.load_limits(limits))
        report = portfolio.report(config, data, portfolio.read([path]), day, settings)
    print(report.portfolio)
    print()
    print(report.look_through.counterparties[["backlog_usd", "share", "guaranteed_usd", "companies"]].head().to_string())
    print(report.look_through.means[["harmonic", "arithmetic", "covered"]])
    print()
    for row in report.limits[report.limits["state"] != "not set"].itertuples():
        print(f"{row.title}: {row.used:.1%} of at most {row.limit:.0%}, {row.state}")
    for scenario in report.scenarios:
        print(f"{scenario.title}, by {scenario.method}: {scenario.pnl_usd:+,.0f} USD ({scenario.pnl:+.1%})")


if __name__ == "__main__":
    main()
