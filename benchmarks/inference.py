"""The wild bootstrap at n = 15 against wildboottest, pyfixest and a statsmodels loop, in one run.

    python -m pip install -e ".[parity]" && python benchmarks/inference.py

Ours takes all 2^15 sign vectors; the packages take 9,999 draws (wildboottest and pyfixest take all only for few
clusters), so the ratio per p-value flatters them. Their p must lie within four Monte Carlo standard errors of ours. Times
are processor time, which other work on the machine does not lengthen, medians after one warm call; linear algebra runs
on one thread. A rival that is not installed is said to be missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from valuation.inference import wild_bootstrap, wild_bootstrap_interval

N, DRAWS = 15, 9999
AT_LEAST = 30
LIMIT_MS = 30.0


def sample() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    x = rng.uniform(0, 1, N)
    return 0.6 * x + rng.normal(0, 0.4, N) * (0.3 + x), x


def timed(function: Callable[[], float], times: int = 7) -> tuple[float, float]:
    """Median seconds of processor time after one warm call, and the p-value.

    Quick calls are repeated until the clock can tell them.
    """
    start = time.process_time()
    p = function()
    calls = max(1, int(0.05 / max(time.process_time() - start, 1e-5)))
    seconds = []
    for _ in range(times):
        start = time.process_time()
        for _ in range(calls):
            p = function()
        seconds.append((time.process_time() - start) / calls)
    return float(np.median(seconds)), p


def by_wildboottest(y: np.ndarray, x: np.ndarray) -> Callable[[], float]:
    from wildboottest.wildboottest import WildboottestHC

    design = np.column_stack([np.ones(N), x])

    def run() -> float:
        boot = WildboottestHC(X=design, Y=y, R=np.array([0.0, 1.0]), r=0, B=DRAWS, seed=1)
        boot.get_adjustments(bootstrap_type="31")
        boot.get_uhat(impose_null=True)
        boot.get_tboot(weights_type="rademacher")
        boot.get_tstat()
        boot.get_pvalue(pval_type="two-tailed")
        return float(np.asarray(boot.pvalue).ravel()[0])

    return run


def by_pyfixest(y: np.ndarray, x: np.ndarray) -> Callable[[], float]:
    import pyfixest

    fit = pyfixest.feols("y ~ x", data=pd.DataFrame({"y": y, "x": x}), vcov="HC3")
    return lambda: float(fit.wildboottest(param="x", reps=DRAWS, seed=1)["Pr(>|t|)"])


def by_statsmodels(y: np.ndarray, x: np.ndarray, signs: int = 512) -> tuple[float, float]:
    """Seconds for all 2^15 signs, scaled from a few, and the largest difference in p on those few."""
    from statsmodels.regression.linear_model import OLS

    design = np.column_stack([np.ones(N), x])

    def t_of(outcome: np.ndarray) -> float:
        fit = OLS(outcome, design).fit(cov_type="HC3", use_t=True)
        return float(abs(fit.tvalues[1]))

    residual = y - y.mean()
    start = time.process_time()
    for i in range(signs):
        t_of(y.mean() + residual * (1.0 - 2.0 * ((i >> np.arange(N)) & 1)))
    seconds = (time.process_time() - start) / signs * 2**N
    few_y, few_x = y[:8], np.column_stack([np.ones(8), x[:8]])
    drawn = []
    for s in product([1, -1], repeat=8):
        fit = OLS(few_y.mean() + np.array(s) * (few_y - few_y.mean()), few_x).fit(cov_type="HC3", use_t=True)
        drawn.append(abs(fit.tvalues[1]))
    observed = abs(OLS(few_y, few_x).fit(cov_type="HC3", use_t=True).tvalues[1])
    expected = float(np.mean(np.array(drawn) >= observed * (1 - 1e-9)))
    return seconds, abs(expected - wild_bootstrap(few_y, few_x, 1).p_value)


def main() -> None:
    y, x = sample()
    design = np.column_stack([np.ones(N), x])
    mine, p = timed(lambda: wild_bootstrap(y, design, 1).p_value)
    print(f"ours, all {2**N:,} signs: {mine * 1e3:.2f} ms, p = {p:.4f} (limit {LIMIT_MS:.0f} ms)")
    both, _ = timed(lambda: wild_bootstrap_interval(y, design, 1).low)
    print(f"ours with the interval by inverting the test: {both * 1e3:.1f} ms")
    error = np.sqrt(p * (1 - p) / DRAWS)
    for name, make in (("wildboottest", by_wildboottest), ("pyfixest", by_pyfixest)):
        try:
            run = make(y, x)
        except ImportError:
            print(f"{name}: not installed")
            continue
        seconds, other = timed(run)
        per_draw = seconds / DRAWS / (mine / 2**N)
        print(
            f"{name}, B = {DRAWS:,}: {seconds * 1e3:.1f} ms, p = {other:.4f}, {abs(other - p) / error:.1f} Monte Carlo "
            f"errors away, agrees: {abs(other - p) <= 4 * error}; ours is {seconds / mine:.0f} times faster a p-value "
            f"(at least {AT_LEAST}), {per_draw:.0f} times a draw"
        )
    seconds, apart = by_statsmodels(y, x)
    print(
        f"statsmodels loop: {seconds:.1f} s, ours is {seconds / mine:,.0f} times faster; p differs by {apart:.1e} (n = 8)"
    )


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
