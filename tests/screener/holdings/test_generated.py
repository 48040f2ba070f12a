"""Files made in every registered layout load to what they were made from; a contradiction is told with its line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.errors import HoldingsError
from screener.holdings import Choices, read
from tests.screener.holdings.made import CONTRADICTIONS, LAYOUTS, Made, contradict, make

# The day and the currency that some layouts leave open.
OPEN = Choices(currency="USD", day=True)
SEEDS = st.integers(0, 10**6)


def loaded(made: Made, folder) -> pd.DataFrame:
    path = folder / "made.csv"
    path.write_text(made.text(), encoding="utf-8")
    return read([path], OPEN).frame


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("made")


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_made_file_loads_to_what_it_was_made_from(name, folder):
    @given(SEEDS)
    @settings(max_examples=4, deadline=None)
    def loads(seed):
        made = make(seed, name)
        frame = loaded(made, folder)
        assert list(frame["ticker"]) == [position.ticker for position in made.positions], made.text()
        told = {"kind", "description"} & set(made.where)
        kinds = ["equity" if one.kind == "fund" and not told else one.kind for one in made.positions]
        assert list(frame["kind"]) == kinds, made.text()
        for row, position in zip(frame.itertuples(index=False), made.positions, strict=True):
            assert row.quantity == pytest.approx(position.quantity), made.text()
            assert row.currency == {"GBX": "GBP"}.get(position.currency, position.currency)
            if position.kind == "cash":
                continue
            if "price" in made.where:
                assert row.price == pytest.approx(position.quote * position.unit, rel=1e-6), made.text()
                assert row.unit == pytest.approx(position.unit)
            if "value" in made.where and position.kind != "cfd":
                assert row.value == pytest.approx(position.value, rel=1e-3, abs=0.01), made.text()
            if position.kind == "cfd":
                assert row.value == pytest.approx(position.profit)
                assert row.notional == pytest.approx(position.worth)
            if position.kind == "future":
                assert row.notional == pytest.approx(position.worth)
            wanted = {"cost", "unit_cost"} & set(made.where)
            if wanted and position.kind not in ("future", "cfd"):
                cost = np.nan if position.unit_cost is None else position.unit_cost * position.quantity * position.unit
                assert row.cost == pytest.approx(cost, rel=1e-3, abs=0.01, nan_ok=True), made.text()

    loads()


@pytest.mark.parametrize("how", CONTRADICTIONS)
def test_one_contradiction_is_told_with_its_line(how, folder):
    tried = set()

    @given(SEEDS, st.sampled_from(sorted(LAYOUTS)))
    @settings(max_examples=20, deadline=None)
    def told(seed, name):
        found = contradict(make(seed, name), seed, how)
        if found is None:
            return
        made, line = found
        tried.add(name)
        with pytest.raises(HoldingsError) as error:
            loaded(made, folder)
        assert line in {problem.line for problem in error.value.problems}, f"{made.text()}\n{error.value}"

    told()
    assert tried


def test_every_layout_of_positions_is_made():
    assert len(LAYOUTS) >= 15
