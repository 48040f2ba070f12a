"""Is it really 2:1? The headline gap on two days with all that stands beside it, and the regression.

python examples/is_it_two_to_one.py
"""

import pandas as pd

from screener import universes
from screener.run_config import assumptions_of
from screener.studies import research
from valuation.regression import study


def main() -> None:
    """Print what the gap, the whole specification curve and the regression say on each day."""
    miners = universes.load("miners")
    assumptions = assumptions_of(miners)
    for day in pd.to_datetime(["2026-01-16", "2026-10-05"]):
        screen, gap = research.gap(miners, day, assumptions)
        row = gap.chosen
        print(f"{day:%Y-%m-%d}: {gap.definition}")
        print(f"  {row['ratio']:.2f}:1 ({row['low']:.2f} to {row['high']:.2f}), p {row['p_value']:.3f}, "
              f"n = {row['n_pivot']} and {row['n_bitcoin']}")  # fmt: skip
        print(
            f"  a gap of 2:1 has p {gap.p_claimed:.3f}; not rejected {gap.permuted_low:.2f} to {gap.permuted_high:.2f}"
        )
        print(f"  {gap.joint}")
        line = study.run(screen.table, screen.status, screen.causes, assumptions).primary
        print(line.frame.to_string(float_format=lambda value: f"{value:.3f}"))


if __name__ == "__main__":
    main()
