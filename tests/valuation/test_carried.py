"""Marks carried to another ledger: each status with its causes, and a status without a cause by its column's name."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from valuation.status import carried


def test_each_mark_goes_along_with_its_cause():
    source = SimpleNamespace(
        status=pd.DataFrame({"x": ["ok", "stale", "proxy", "missing", "not_meaningful", "stale"]}),
        causes=pd.DataFrame({"x": ["", "x old", "", "cash unknown", "no MW", "x old"]}),
    )
    found = {
        kind: {cause: rows.tolist() for cause, rows in marks.items()} for kind, marks in carried(source, "x").items()
    }
    assert found == {
        "stale": {"x old": [False, True, False, False, False, True]},
        "proxy": {"x": [False, False, True, False, False, False]},
        "missing": {"cash unknown": [False, False, False, True, False, False]},
        "not_meaningful": {"no MW": [False, False, False, False, True, False]},
    }
