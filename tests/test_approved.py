"""The comparison with approved results notices what it should, in short and in long columns, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests import approved


def table(rows: int) -> pd.DataFrame:
    return pd.DataFrame({"ev": np.linspace(1e6, 9e9, rows), "status": ["ok", "stale"] * (rows // 2)})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approved, "FOLDER", tmp_path)


def changed(rows: int, column: str, value: Any) -> pd.DataFrame:
    out = table(rows)
    out.loc[rows // 2, column] = value
    return out


@pytest.mark.parametrize("rows", [4, 400])
@pytest.mark.parametrize(
    ("column", "change"),
    [("ev", lambda x: x * 1.0001), ("ev", lambda x: -x), ("ev", lambda x: np.nan), ("ev", lambda x: np.inf),
     ("status", lambda x: "missing"), ("status", lambda x: "")],
)  # fmt: skip
def test_one_changed_cell_is_noticed(rows: int, column: str, change: Any) -> None:
    approved.check("table", {"table": table(rows)}, approve=True)
    with pytest.raises(AssertionError, match=rf"table\[{column}\]"):
        approved.check(
            "table", {"table": changed(rows, column, change(table(rows).loc[rows // 2, column]))}, approve=False
        )


@pytest.mark.parametrize("rows", [4, 400])
def test_the_last_digits_are_those_of_the_machine(rows: int) -> None:
    approved.check("table", table(rows), approve=True)
    approved.check("table", table(rows).assign(ev=lambda frame: frame["ev"] * (1 + 1e-12)), approve=False)


@pytest.mark.parametrize(
    "other",
    [table(400).iloc[::-1].reset_index(drop=True), table(398), table(400).drop(columns="status"),
     table(400).assign(more=1), table(400).rename(columns={"ev": "value"}), table(400).set_index("status")],
)  # fmt: skip
def test_order_rows_and_columns_are_part_of_a_result(other: pd.DataFrame) -> None:
    approved.check("table", table(400), approve=True)
    with pytest.raises(AssertionError, match="places of table differ"):
        approved.check("table", other, approve=False)


def test_true_is_not_one_and_a_word_is_not_its_number() -> None:
    for before, after in ((True, 1), ("1", 2), (None, 0), (0.0, None), ((1, 2), (2, 1)), ({"a": 1}, {"b": 1})):
        approved.check("value", [before], approve=True)
        with pytest.raises(AssertionError):
            approved.check("value", [after], approve=False)
