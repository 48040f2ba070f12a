"""How often the test of a mean information coefficient rejects a true null at a nominal 5%: a score that knows nothing.

    python benchmarks/information.py [simulations]

142 weeks and 17 names, as the bundled miners have; scores that change every week, and ones that last as valuations do. The
rival is the plain t of the mean, which takes overlapping returns for independent ones.
"""

from __future__ import annotations

import sys

import numpy as np

from valuation.screening.information_coefficient import forward_returns, information
from valuation.screening.newey_west import mean_test

WEEKS, NAMES, HORIZONS = 142, 17, (1, 4, 13)


def lasting(rng: np.random.Generator, rho: float) -> np.ndarray:
    """Scores with a first autocorrelation of rho."""
    score = rng.normal(size=(WEEKS, NAMES))
    for t in range(1, WEEKS):
        score[t] = rho * score[t - 1] + np.sqrt(1 - rho**2) * score[t]
    return score


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    trades = np.arange(WEEKS - 1)
    print(
        f"{'score lasts':12} "
        + " ".join(f"{f'{h} weeks':>9} {'plain t':>8}" for h in HORIZONS)
        + f"  ({runs} simulations)"
    )
    for rho in (0.0, 0.9, 0.98):
        rng = np.random.default_rng(20260116)
        ours, plain = (np.zeros(len(HORIZONS)) for _ in range(2))
        for _ in range(runs):
            prices = np.exp(np.cumsum(rng.normal(0, 0.1, (WEEKS, NAMES)), axis=0))
            score = lasting(rng, rho)[:-1]
            for i, horizon in enumerate(HORIZONS):
                ic = information(score, forward_returns(prices, trades, horizon))
                ours[i] += mean_test(ic, overlap=horizon).p_value < 0.05
                x = ic[~np.isnan(ic)]
                plain[i] += abs(x.mean() / x.std(ddof=1) * np.sqrt(len(x))) > 1.98
        cells = [f"{a:9.3f} {b:8.3f}" for a, b in zip(ours / runs, plain / runs, strict=True)]
        print(f"{rho:<12} " + " ".join(cells))


if __name__ == "__main__":
    main()
