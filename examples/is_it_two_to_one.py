"""Is it really 2:1? The headline gap on two days with its tests, and the regression.

python examples/is_it_two_to_one.py
"""

import pandas as pd

import screener


def main() -> None:
    """Print the gap, the joint test of all specifications and the regression of each day."""
    config = screener.resolve_config("miners")
    for day in pd.to_datetime(["2026-01-16", "2026-10-05"]):
        data = screener.load_inputs(config.universe, day, source="bundled")
        _, gap = screener.gap_study(config, data, day)
        row = gap.chosen
        print(f"{day:%Y-%m-%d}: {gap.definition}")
        print(f"  {row['ratio']:.2f}x ({row['low']:.2f} to {row['high']:.2f}), p {row['p_value']:.3f}, "
              f"n = {row['n_pivot']} and {row['n_bitcoin']}")  # fmt: skip
        print(
            f"  a ratio of 2.0x has p {gap.p_claimed:.3f}; not rejected: {gap.permuted_low:.2f} to {gap.permuted_high:.2f}"
        )
        print(f"  {gap.joint}")
        _, regression = screener.regression_study(config, data, day, panel=False)
        print(regression.primary.frame.to_string(float_format=lambda value: f"{value:.3f}"))


if __name__ == "__main__":
    main()
