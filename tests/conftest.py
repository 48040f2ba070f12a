"""Fixtures that several test modules share, and how the suite is spread over the cores."""

from __future__ import annotations

import os

# One thread for linear algebra: the cores are busy with tests, and threads that wait for a core burn it meanwhile.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest

from tests.loopback.fixtures import here, live, miners

__all__ = ["here", "live", "miners"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay on one core, so that what they share is made once; the longest files begin first."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(f"{item.path.parent.name}/{item.path.stem}"))
    items.sort(key=lambda item: -_seconds(item))


def _seconds(item: pytest.Item) -> float:
    marker = item.get_closest_marker("takes")
    return marker.args[0] if marker else 0.0
