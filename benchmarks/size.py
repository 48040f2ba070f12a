"""How often each reported test rejects a true null at a nominal 5%, n = 15.

    python benchmarks/size.py [simulations]

Shares as in the field (half near zero, half spread up to one) and uniform ones; noise constant, and growing with the share.
"""

from __future__ import annotations

import sys

import numpy as np

from valuation import inference

N = 15
SHARES = {
    "field": np.r_[np.linspace(0, 0.06, 8), np.linspace(0.6, 1, 7)],
    "uniform": np.linspace(0, 1, N),
}
METHODS = {
    "wild bootstrap": lambda y, x: inference.wild_bootstrap(y, x, 1),
    "HC2 Bell-McCaffrey": lambda y, x: inference.hc2_bell_mccaffrey(y, x, 1),
    "HC3 t(n-2)": lambda y, x: inference.hc3_t(y, x, 1),
    "Freedman-Lane": lambda y, x: inference.permutation_freedman_lane(y, x[:, 1], x[:, :1], draws=999, seed=1),
}


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    print(f"{'shares':9} {'noise':9} " + " ".join(f"{name:>20}" for name in METHODS) + f"   ({runs} simulations)")
    for name, share in SHARES.items():
        x = np.column_stack([np.ones(N), share])
        for noise, spread in (("constant", np.ones(N)), ("growing", 0.3 + 0.9 * share)):
            samples = np.random.default_rng(20260116).normal(size=(runs, N)) * spread
            sizes = [np.mean([method(y, x).p_value <= 0.05 for y in samples]) for method in METHODS.values()]
            print(f"{name:9} {noise:9} " + " ".join(f"{size:20.3f}" for size in sizes))


if __name__ == "__main__":
    main()
