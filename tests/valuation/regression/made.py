"""The study of made-up companies, and the sample behind its line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from tests.valuation.hand_made import SHARES, VALUES, table
from valuation.assumptions import Assumptions
from valuation.regression.study import RegressionStudy, run

FEW = replace(Assumptions(), bootstrap_draws=199)


def studied(value: dict[str, float] = VALUES, share: dict[str, float] = SHARES, **more: Any) -> RegressionStudy:
    """The study of these companies, with few draws."""
    return run(*table(value, share), FEW, **more)


def sample(value: dict[str, float] = VALUES, share: dict[str, float] = SHARES) -> pd.DataFrame:
    """What the line is fitted to."""
    return table(value, share)[0][["ev_per_mw_secured", "ai_share_contracted", "group"]]
