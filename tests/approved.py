"""Results as they were when a person last approved them: a change of any figure, status, cause or sentence is noticed.

An approved file was written by the program, so it proves no figure right: hand calculations, published tables and other
packages do that, beside it. It shows what a change of the code moves, in figures that nobody thought of. After a change that
is meant to move them, write the files anew and read the difference before it is committed:

    python -m pytest tests/valuation/test_approved.py --approve
    git diff tests/valuation/approved
"""

from __future__ import annotations

import enum
import hashlib
import math
from collections.abc import Iterator, Mapping, Set
from dataclasses import fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent / "valuation" / "approved"
# Figures of another machine may differ in the last digits: sums are added up in another order.
RELATIVE, ABSOLUTE = 1e-9, 1e-12
# Rows and characters of words up to which a column is written out; a longer one is a checksum.
WRITTEN_OUT, WORDS = 30, 300
# What the running code says of itself, the inputs and valuations that another file holds, and printed forms.
LEFT_OUT = {"manifest", "version", "packages", "basis", "frame", "summary"}


def check(name: str, result: Any, approve: bool) -> None:
    """Raise AssertionError where a result differs from the approved one, naming each place with both values.

    Parameters
    ----------
    name : str
        Name of the approved file.
    result : Any
        A result object, frame, series, array or a mapping of them.
    approve : bool
        Write the file instead.
    """
    found = dict(lines_of(result))
    place = FOLDER / f"{name}.txt"
    if approve:
        FOLDER.mkdir(exist_ok=True)
        place.write_text("".join(f"{path}\t{text}\n" for path, text in found.items()), encoding="utf-8")
        return
    kept = dict(line.split("\t", 1) for line in place.read_text(encoding="utf-8").splitlines())
    wrong = [f"{path}: approved {kept.get(path)}, now {found.get(path)}"
             for path in dict.fromkeys([*kept, *found]) if not _same(kept.get(path), found.get(path))]  # fmt: skip
    assert not wrong, f"{len(wrong)} of {len(kept)} places of {name} differ:\n" + "\n".join(wrong[:20])


def lines_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(place, text) of everything that a result holds: fields, properties, columns, in their order."""
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index | np.ndarray):
        yield from _table(value, path)
    elif isinstance(value, Mapping | list | tuple) or (is_dataclass(value) and not isinstance(value, type)):
        parts = _parts(value)
        yield f"{path}.holds", _text(" ".join(map(str, parts))) if isinstance(value, Mapping) else str(len(parts))
        for name, one in parts.items():
            yield from lines_of(one, f"{path}.{name}")
    else:
        yield path, _one(value)


def _table(value: pd.DataFrame | pd.Series | pd.Index | np.ndarray, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, pd.DataFrame | pd.Series):
        yield f"{path}.index", _column(pd.Series(value.index.to_flat_index().map(str)))
    if isinstance(value, pd.DataFrame):
        yield f"{path}.columns", _text(" ".join(map(str, value.columns)))
        for at, column in enumerate(value.columns):
            yield f"{path}[{column}]", _column(value.iloc[:, at])
    else:
        yield f"{path}.shape", str(np.shape(value))
        yield path, _column(pd.Series(np.ravel(value)))


def _parts(value: Any) -> dict[Any, Any]:
    """What a mapping, a sequence or a result object holds, by key, place or name."""
    if isinstance(value, list | tuple):
        return dict(enumerate(value))
    if isinstance(value, Mapping):
        return {name: one for name, one in value.items() if name not in LEFT_OUT}
    names = (*(field.name for field in fields(value)), *_properties(type(value)))
    return {name: getattr(value, name) for name in names if name not in LEFT_OUT}


def _properties(of: type) -> list[str]:
    """Names of the public properties that a class computes, without printed forms."""
    made = (property, cached_property)
    names = {name for base in of.__mro__ for name, one in vars(base).items() if isinstance(one, made)}
    return sorted(name for name in names if not name.startswith("_"))


def _column(column: pd.Series) -> str:
    """A column in one line: each value where they are few, otherwise checksums of its numbers and of its words."""
    numbers, words = _numbers_and_words(column)
    if len(column) <= WRITTEN_OUT and not words:
        return " | ".join(f"{number:.12g}" for number in numbers)
    if len(column) <= WRITTEN_OUT and sum(map(len, words)) <= WORDS:
        return " | ".join(_one(value) for value in column)
    known = np.isfinite(numbers)
    sizes, weights = numbers[known], np.cos(np.flatnonzero(known) + 1)
    digest = hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]
    return f"sum | {len(column)} {known.sum()} {digest} | {np.abs(sizes).sum():.15g} | {(sizes * weights).sum():.15g}"


def _numbers_and_words(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Its finite numbers with nan elsewhere, and its other values with their places, of a numeric column none."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        numbers = column.to_numpy(float, na_value=np.nan)
        return numbers, [f"{at} {numbers[at]}" for at in np.flatnonzero(np.isinf(numbers))]
    numbers, words = np.full(len(column), np.nan), []
    for at, value in enumerate(column):
        if isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value):
            numbers[at] = value
        else:
            words.append(f"{at} {_one(value)}")
    return numbers, words


def _one(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return f"{float(value):.15g}"
    if isinstance(value, bool | int | np.bool_ | np.integer | enum.Enum):
        return str(getattr(value, "name", value))
    if isinstance(value, list | tuple | dict | np.ndarray | pd.Series) or is_dataclass(value):
        return "; ".join(f"{path} {text}" for path, text in lines_of(value))
    if isinstance(value, Set):
        return _text(" ".join(sorted(map(str, value))))
    if callable(value):
        return str(getattr(value, "__qualname__", type(value).__name__))
    return _text(str(value))


def _text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("|", "\\p")


def _same(a: str | None, b: str | None) -> bool:
    if a is None or b is None or a == b:
        return a == b
    ours, theirs = a.split(" | "), b.split(" | ")
    if len(ours) != len(theirs):
        return False
    # A checksum is a sum of many figures with changing signs: its last digits are those of the sum of their sizes.
    scale = abs(_number(ours[2]) or 0.0) if ours[0] == "sum" else 0.0
    return all(one == other or _close(one, other, scale) for one, other in zip(ours, theirs, strict=True))


def _close(one: str, other: str, scale: float) -> bool:
    x, y = _number(one), _number(other)
    if x is None or y is None or not (math.isfinite(x) and math.isfinite(y)):
        return False
    return abs(x - y) <= max(ABSOLUTE, RELATIVE * max(abs(x), abs(y), scale))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
