"""The entry point: what is set before a command runs."""

from __future__ import annotations

import os

import pytest

from screener import cli


@pytest.mark.parametrize(("set_by_user", "during"), [(None, "1"), ("4", "4")])
def test_linear_algebra_runs_on_one_thread_unless_the_user_says_otherwise(monkeypatch, set_by_user, during):
    if set_by_user is None:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", "0")  # so that what stood before is put back
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    else:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", set_by_user)
    seen = []

    def run() -> int:
        seen.append(os.environ.get("OPENBLAS_NUM_THREADS"))
        return 0

    monkeypatch.setattr(cli, "_run", run)
    monkeypatch.setattr(cli.stream, "guard", lambda _: None)  # the tests' own output stays as it is
    monkeypatch.setattr(cli.stream, "finish", lambda: None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert (ended.value.code, seen) == (0, [during])
