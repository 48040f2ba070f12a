"""A whole report of the bundled universe, made once for all tests that only read it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from screener import pipeline
from valuation.assumptions import Assumptions
from valuation.report import Report


@pytest.fixture(scope="session")
def report() -> Report:
    """16 January 2026 with studies and net asset values, few draws."""
    few = replace(Assumptions(), bootstrap_draws=99, simulation_draws=200)
    return pipeline.run("miners", pd.Timestamp("2026-01-16"), source="bundled", assumptions=few, studies=True, nav=True)
