"""Every week since December 2023 x every specification with its exact or permutation p, on the bundled universe.

    python benchmarks/specifications.py

The limit is 15 s and 1 GB on two cores. The rival is the plain way, one week and one specification at a time, on a
sample of weeks, scaled up; both make the same p-values.
"""

from __future__ import annotations

import resource
import time
from dataclasses import replace

import numpy as np
import pandas as pd

from screener import point_in_time, universes
from screener.gathering import InputData
from valuation.assumptions import Assumptions
from valuation.gap import permutation, specification_curve
from valuation.gap.hodges_lehmann import TYPICAL, hodges_lehmann

DRAWS = 999


def main() -> None:
    universe = universes.load("miners")
    assumptions = replace(Assumptions(), bootstrap_draws=DRAWS)
    dates = pd.DatetimeIndex(np.sort(universe.prices["date"].unique()))
    start, cpu = time.perf_counter(), time.process_time()
    inputs, _ = point_in_time.as_of_view(InputData.of(universe), dates, assumptions)
    sampled = specification_curve.cross_sections(inputs, assumptions)
    curve = specification_curve.curve(sampled, assumptions)
    mine, busy = time.perf_counter() - start, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{len(dates)} weeks, {len(curve.frame):,} specifications with a p each: {mine:.1f} s (processor {busy:.1f} s), "
        f"{memory:.2f} GB (limits 15 s, 1 GB)"
    )

    rng = np.random.default_rng(0)
    rows = rng.choice(np.flatnonzero(curve.frame["p_value"].notna().to_numpy()), 200, replace=False)
    start = time.perf_counter()
    agree = True
    for row in rows:
        section, statistic = row % len(sampled.labels), curve.frame["statistic"].iloc[row]
        one = sampled.where(np.arange(len(sampled.labels)) == section)
        if statistic == TYPICAL:
            multiples, known = one.value[0] / one.mw[0], ~np.isnan(one.value[0])
            p = hodges_lehmann(multiples[known & one.is_pivot[0]], multiples[known & ~one.is_pivot[0]]).p
        else:
            tested = permutation.permutation_ratios(
                one.value, one.mw, one.is_pivot, statistic, draws=DRAWS, seed=assumptions.seed
            )
            p = tested.p_value[0]
        agree &= bool(np.isclose(p, curve.frame["p_value"].iloc[row], rtol=1e-9))
    plain = (time.perf_counter() - start) / len(rows) * len(curve.measured)
    print(f"one at a time: {plain:.0f} s (from {len(rows)}), {plain / mine:.0f} times ours, answers equal: {agree}")


if __name__ == "__main__":
    main()
