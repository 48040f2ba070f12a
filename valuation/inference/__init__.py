"""Inference on one coefficient with about fifteen observations: every draw at once, nothing left to a package's default.

Sizes at a nominal 5%, n = 15, noise that grows with the regressor, shares as in the field (`benchmarks/size.py`): HC3
with t(n - k) about 8%, restricted wild bootstrap and HC2 with Bell-McCaffrey degrees of freedom 6-8%. Nothing is exact.
"""

from valuation.inference.design import Design, Test, hc2_bell_mccaffrey, hc3_t, prepare
from valuation.inference.permutation import permutation_freedman_lane
from valuation.inference.wild import wild_bootstrap, wild_bootstrap_interval

__all__ = [
    "Design",
    "Test",
    "hc2_bell_mccaffrey",
    "hc3_t",
    "permutation_freedman_lane",
    "prepare",
    "wild_bootstrap",
    "wild_bootstrap_interval",
]
