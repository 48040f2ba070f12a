"""Net asset values of every company, made once for all tests that only read them."""

from __future__ import annotations

import pytest

from tests.valuation import worlds
from valuation.nav.analysis import NavAnalysis


@pytest.fixture(scope="session")
def october() -> NavAnalysis:
    return worlds.october()
