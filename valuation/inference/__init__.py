"""Inference on one coefficient with about fifteen observations: every draw at once, nothing left to a package's default.

Sizes at a nominal 5%, simulated at n = 15 with constant noise and with noise that grows, even steeply, with the
regressor (`benchmarks/size.py`): restricted wild bootstrap 5 to 7%, HC2 with Bell-McCaffrey degrees of freedom 5 to 9%,
HC3 with t(n - k) 4 to 7%, studentised Freedman-Lane 5 to 11%. Nothing is exact.
"""

from valuation.inference.design import CoefficientTest, Design, hc2_bell_mccaffrey, hc3_t, prepare
from valuation.inference.permutation import permutation_freedman_lane
from valuation.inference.wild import wild_bootstrap, wild_bootstrap_interval

__all__ = [
    "CoefficientTest",
    "Design",
    "hc2_bell_mccaffrey",
    "hc3_t",
    "permutation_freedman_lane",
    "prepare",
    "wild_bootstrap",
    "wild_bootstrap_interval",
]
