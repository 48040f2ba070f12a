"""Files changed at random: no traceback, and no figure ten times or a tenth of the truth that is not told."""

from __future__ import annotations

import pytest

from tests.screener.holdings.mutations import CHANGES, mutated, outcome

pytestmark = pytest.mark.takes(15)
FEW, MANY = 100, 20_000


def tried(cases: range, folder) -> dict[int, str]:
    """What is wrong, by seed."""
    found = {seed: outcome(seed, folder)[0] for seed in cases}
    return {seed: what for seed, what in found.items() if what.startswith("WRONG")}


def test_a_hundred_changed_files(tmp_path):
    assert {mutated(seed)[2] for seed in range(FEW)} == set(CHANGES)
    assert tried(range(FEW), tmp_path) == {}


@pytest.mark.long
def test_twenty_thousand_changed_files(tmp_path):
    assert tried(range(FEW, MANY), tmp_path) == {}
