"""A rule of one's own: who meets it today, and what it would have earned.

python examples/screen_and_backtest.py
"""

import pandas as pd

import screener
from screener import rules
from screener.studies import backtest

DAY = pd.Timestamp("2026-10-05")


def main() -> None:
    """Cheap on power and backlog, the best five; then the same rule held week by week since January 2024."""
    asked = rules.define(
        where="secured_mw >= 200 and not missing(backlog_usd)",
        weights="ev_per_mw_secured=2, backlog_usd / enterprise_value_usd=1",
        top=5,
    )
    print(rules.screen(screener.run("miners", DAY, source="bundled"), asked))
    print()
    config = screener.resolve_config("miners")
    data = screener.load_inputs(config.universe, DAY, source="bundled")
    print(backtest.run(config, data, asked, DAY, trials=6).result)


if __name__ == "__main__":
    main()
