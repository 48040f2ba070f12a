"""What is said of announcements without other news: each p its own, and significant where both are."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from valuation.events.findings import _clean
from valuation.findings import CAN, CANNOT


@pytest.mark.parametrize(
    ("kp", "rank", "kind", "p"),
    [(0.01, 0.02, CAN, 0.02), (0.05, 0.03, CAN, 0.05), (0.051, 0.01, CANNOT, 0.051), (0.01, 0.2, CANNOT, 0.2),
     (math.nan, 0.2, CANNOT, math.nan), (0.01, math.nan, CANNOT, math.nan)],
)  # fmt: skip
def test_events_without_other_news(kp, rank, kind, p):
    found = _clean(pd.Series({"n": 7.0, "mean": 0.11, "kp_p": kp, "rank_p": rank}))
    assert found.kind == kind
    assert found.p == pytest.approx(p, nan_ok=True)
    assert (found.figures["kp_p"], found.figures["rank_p"]) == (
        pytest.approx(kp, nan_ok=True),
        pytest.approx(rank, nan_ok=True),
    )
    assert (found.figures["n"], found.figures["mean"]) == (7.0, 0.11)
