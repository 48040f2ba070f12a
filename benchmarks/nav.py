"""Monte Carlo of the net asset value: 20 companies x 100,000 draws, beside the plain way of a draw at a time.

    python benchmarks/nav.py [draws]

Both sides value the same shocks with the same formula; the plain way is measured on a sample of the draws. Prints
seconds, the ratio a draw, and the peak memory of the process; and checks that both ways agree.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd

from screener import pipeline
from valuation.nav import monte_carlo
from valuation.nav.names import HEADLINE, VALUES
from valuation.nav.parts import Shock, parts_under
from valuation.nav.sum_of_parts import Nav

COMPANIES, SAMPLE = 20, 200
LIMIT_SECONDS, LIMIT_GIGABYTES = 3.0, 1.5


def twenty(nav: Nav) -> Nav:
    """The companies that have a net asset value, repeated until there are twenty."""
    known = np.flatnonzero(nav.table[f"{HEADLINE}_usd"].notna().to_numpy())
    rows = np.resize(known, COMPANIES)
    as_of = nav.table.index.get_level_values("as_of")[0]
    index = pd.MultiIndex.from_product([[as_of], [f"C{k:02d}" for k in range(COMPANIES)]], names=["as_of", "ticker"])
    position = nav.position
    arrays = {
        name: getattr(position, name)[rows]
        for name in position.__dataclass_fields__
        if name not in ("hashprice_path", "mining_discount", "assumptions")
    }
    table, status = nav.table.iloc[rows].set_axis(index), nav.status.iloc[rows].set_axis(index)
    return replace(nav, table=table, status=status, position=replace(position, **arrays))


def one_at_a_time(nav: Nav, shocks: list[Shock]) -> np.ndarray:
    """Value of every company under every shock, each by its own call: (companies, shocks), USD."""
    out = np.empty((COMPANIES, len(shocks)))
    for i in range(COMPANIES):
        row = nav.position.row(i)
        for k, shock in enumerate(shocks):
            parts = parts_under(row, shock)
            out[i, k] = sum(np.nan_to_num(parts[name]) for name in VALUES[HEADLINE] if name in parts)
    return out


def all_at_once(nav: Nav, shock: Shock) -> np.ndarray:
    out = []
    for i in range(COMPANIES):
        parts = parts_under(nav.position.row(i), shock)
        out.append(sum(np.nan_to_num(parts[name]) for name in VALUES[HEADLINE] if name in parts))
    return np.array(out)


def main() -> None:
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    result = pipeline.run("miners", pd.Timestamp("2026-01-16"), source="bundled", nav=True)
    nav = twenty(result.nav.nav)
    monte_carlo.simulate(nav, draws=100)
    start = time.perf_counter()
    drawn = monte_carlo.simulate(nav, draws=draws)
    seconds = time.perf_counter() - start

    rng = np.random.default_rng(1)
    drivers = {
        name: np.exp(rng.normal(0, 0.3, SAMPLE))
        for name in ("bitcoin", "hashprice", "cap_rate", "capex", "delay_years")
    }
    start = time.perf_counter()
    plain = one_at_a_time(nav, [Shock(**{k: float(v[d]) for k, v in drivers.items()}) for d in range(SAMPLE)])
    plain_seconds = time.perf_counter() - start
    np.testing.assert_allclose(all_at_once(nav, Shock(**drivers)), plain, rtol=1e-9)

    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    a_draw, a_plain_draw = seconds / draws, plain_seconds / SAMPLE
    print(f"{len(drawn.table)} companies x {draws:,} draws: {seconds:.2f} s (limit {LIMIT_SECONDS})")
    print(f"peak memory of the process {gigabytes:.2f} GB (limit {LIMIT_GIGABYTES})")
    slower = f"{a_plain_draw / a_draw:,.0f} times slower a draw"
    print(f"a draw at a time, {SAMPLE} draws: {plain_seconds:.2f} s; {slower}, answers equal")


if __name__ == "__main__":
    main()
