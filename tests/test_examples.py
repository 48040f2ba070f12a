"""Every example runs as its first lines say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
SHORT = ("gap_on_a_day", "what_changed")  # the others are tried before a release


@pytest.mark.parametrize(
    "example",
    [path if path.stem in SHORT else pytest.param(path, marks=pytest.mark.long) for path in EXAMPLES],
    ids=lambda path: path.stem,
)
def test_example_runs(example, tmp_path):
    done = subprocess.run(
        [sys.executable, str(example)], capture_output=True, text=True, cwd=tmp_path, timeout=PATIENCE, check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) >= 2
    assert list(tmp_path.iterdir()) == []
