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
        if gap.lead.reason:
            print(f"  {gap.lead.reason}: the regression leads, {gap.lead.line.ratio:.2f}x "
                  f"({gap.lead.line.low:.2f} to {gap.lead.line.high:.2f}), p {gap.lead.line.p:.3f}")  # fmt: skip
        print(f"  {row['ratio']:.2f}x ({row['low']:.2f} to {row['high']:.2f}), p {row['p_value']:.3f}, "
              f"n = {row['n_pivot']} and {row['n_bitcoin']}; a ratio of 2.0x has p {gap.p_claimed:.3f}")  # fmt: skip
        print(f"  {gap.joint}")
        _, regression = screener.regression_study(config, data, day, panel=False)
        print(regression.primary.frame.to_string(float_format=lambda value: f"{value:.3f}"))


if __name__ == "__main__":
    main()
