"""A mark on a run: who and why, each in one line of at most 500 characters."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from screener.errors import InputError, VoidRun
from screener.store import Store
from tests.screener.store.conftest import NOW


@pytest.mark.parametrize("option", ["person", "why"])
@pytest.mark.parametrize(
    ("text", "error"),
    [("x" * 500, VoidRun), ("x" * 501, InputError), ("", InputError), (" ", InputError), ("two\nlines", InputError)],
)
def test_who_and_why_are_one_line_each(tmp_path, option, text, error):
    """A run that is not void cannot be made so no longer: that is said where both texts are good."""
    words = {"person": "Ann", "why": "a wrong close"} | {option: text}
    with Store.open(tmp_path / "history.sqlite", NOW) as store, pytest.raises(error):
        store.mark(SimpleNamespace(run_id="abc"), NOW, void=False, **words)
