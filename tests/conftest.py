"""Fixtures that several test modules share, and how the suite is spread over the cores."""

from __future__ import annotations

import gc
import os
import uuid
from typing import Any

# One thread for linear algebra: the cores are busy with tests, and threads that wait for a core burn it meanwhile.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Nobody's own rows reach a test, except those that it lays over a universe itself.
os.environ["SCREENER_OVERLAYS"] = os.devnull

import pytest
from hypothesis import settings

from screener.sources import clocks
from tests import once
from tests.loopback.fixtures import at_sec, here, live, miners

once.begin()

# Looking for garbage at every 700 objects took a tenth of the suite's time.
gc.set_threshold(100_000, 50, 100)

__all__ = ["at_sec", "here", "live", "miners"]


@pytest.fixture(autouse=True)
def own_ledger(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins without a ledger, an overlay and the time of a source: neither the user's nor another test's."""
    clocks.forget()
    home = tmp_path_factory.getbasetemp() / "own"
    for name in ("SCREENER_LEDGER", "SCREENER_OVERLAYS"):
        monkeypatch.setenv(name, str(home / uuid.uuid4().hex))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--approve", action="store_true", help="write the approved results anew (tests/approved.py)")


def pytest_configure(config: pytest.Config) -> None:
    """Fewer examples of what a test does not count itself, where long tests do not run."""
    if "not long" in config.option.markexpr and not config.getoption("--hypothesis-profile", None):
        settings.register_profile("ci", max_examples=30)
        settings.load_profile("ci")


# These read the same workbooks, written and recalculated by LibreOffice once: one piece of work. So is every other file.
SHELF = (
    "test_conventions.py", "test_printed.py", "test_recalculation.py", "test_safety.py", "test_second_calculator.py",
    "test_studies.py",
)  # fmt: skip


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Files go to the cores whole, so that what their tests share is made once."""
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folder, _, name = super()._split_scope(nodeid).rpartition("/")
            return "shelf" if folder.endswith("exports/workbook") and name in SHELF else f"{folder}/{name}"

    return Files(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_make_parametrize_id(val: object) -> str | None:
    """A test's name is the same in every process: packed bytes hold the time at which they were packed."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin first, so that no core is left with one at the end; a case may say that it is long."""
    for item in items:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        if getattr(params.get("case"), "long", False) is True:
            item.add_marker(pytest.mark.long)
    items.sort(key=lambda item: -_seconds(item))


def _seconds(item: pytest.Item) -> float:
    marker = item.get_closest_marker("takes")
    return marker.args[0] if marker else 0.0
