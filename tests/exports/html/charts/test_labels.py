"""Labels of charts: no two overlap, none lies over a marker or outside its area, names at the ends keep their order."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.html.charts.labels import Box, beside, spread, width

AREA = Box(40, 20, 350, 330)
SIZE, RADIUS = 12.0, 5.5


def overlap(a: Box, b: Box) -> float:
    """Area that two boxes share, by hand."""
    return max(min(a.right, b.right) - max(a.left, b.left), 0.0) * max(min(a.bottom, b.bottom) - max(a.top, b.top), 0.0)


@given(
    st.lists(
        st.tuples(st.floats(46, 344), st.floats(26, 324)),
        min_size=1, max_size=22, unique_by=lambda p: (round(p[0]), round(p[1])),
    )
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_no_label_overlaps_another_a_marker_or_the_edge(points):
    names = [f"NAM{k % 10}" for k in range(len(points))]
    placed = beside(points, names, AREA, size=SIZE, radius=RADIUS)
    found = [label for label in placed if label is not None]
    for a, b in itertools.combinations(found, 2):
        assert overlap(a.box, b.box) == pytest.approx(0.0, abs=1e-9)
    for label in found:
        assert AREA.left <= label.box.left
        assert label.box.right <= AREA.right
        assert AREA.top <= label.box.top
        assert label.box.bottom <= AREA.bottom
        for x, y in points:
            marker = Box(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)
            assert overlap(label.box, marker) == pytest.approx(0.0, abs=1e-9)


def test_every_company_of_a_crowd_gets_its_label_on_a_phone():
    rng = np.random.default_rng(7)
    points = [(300 + 40 * rng.random(), 100 + 60 * rng.random()) for _ in range(22)]
    placed = beside(points, ["ABCD"] * 22, AREA, size=SIZE, radius=RADIUS)
    assert sum(label is not None for label in placed) == 22
    middles = [((one.box.left + one.box.right) / 2, (one.box.top + one.box.bottom) / 2) for one in placed]
    far = [label for label, at, point in zip(placed, middles, points, strict=True) if math.dist(at, point) > 45]
    assert far
    assert all(label.leader for label in far)  # it is still clear whose name it is


def test_the_same_points_get_the_same_places():
    points = [(100.0, 100.0), (104.0, 101.0), (99.0, 98.0)]
    once, again = (beside(points, ["A", "B", "C"], AREA, size=SIZE, radius=RADIUS) for _ in range(2))
    assert once == again


def test_a_name_alone_stands_to_the_right_of_its_point():
    (label,) = beside([(100.0, 100.0)], ["HUT"], AREA, size=SIZE, radius=RADIUS)
    assert label.box.left > 100 + RADIUS
    assert (label.box.top + label.box.bottom) / 2 == 100
    assert not label.leader


@given(st.lists(st.floats(0, 300), min_size=1, max_size=9))
@settings(max_examples=200, deadline=None)
def test_names_at_the_ends_of_lines_keep_apart_and_in_order(wanted):
    apart = 30.0
    places = spread(wanted, apart, 0.0, 300.0)
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    steps = [places[b] - places[a] for a, b in itertools.pairwise(order)]
    assert all(step >= apart - 1e-6 for step in steps)
    assert min(places) >= -1e-9
    assert max(places) <= 300 + 1e-6


def test_names_that_have_room_stay_where_they_are():
    assert spread([10.0, 80.0, 200.0], 30.0, 0.0, 300.0) == [10.0, 80.0, 200.0]
    # Two that want one place are moved by the same distance.
    assert spread([100.0, 100.0], 30.0, 0.0, 300.0) == [85.0, 115.0]


def test_the_width_of_a_text_is_no_less_than_in_dejavu_sans():
    # Advance widths of DejaVu Sans in thousandths of an em, from the font itself.
    real = {
        "A": 684,
        "W": 989,
        "M": 863,
        "T": 611,
        "R": 695,
        "e": 615,
        "m": 974,
        "0": 636,
        "$": 636,
        "%": 950,
        ".": 318,
    }
    assert {c: w for c, w in real.items() if width(c, 1000) < w} == {}
