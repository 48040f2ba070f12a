"""Which one-token mutants of a module are made, and that each is the one that it says."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """benchmarks/mutants.py, which is in no package."""
    spec = importlib.util.spec_from_file_location("mutants", ROOT / "benchmarks/mutants.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = module
    spec.loader.exec_module(module)
    return module


def made(maker: ModuleType, tmp_path: Path, source: str) -> list[tuple[str, str]]:
    """(change, the module after it) of every mutant."""
    (tmp_path / "m.py").write_text(source)
    return [(one.change, ast.unparse(maker.mutated(source, one.number))) for one in maker.mutants(tmp_path, "m.py")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a + b", ["x = a - b"]),
        ("x = a / b", ["x = a * b"]),
        ("x = a < b", ["x = a <= b"]),
        ("x = a >= b", ["x = a > b"]),
        ("x = a == b", ["x = a != b"]),
        ("x = a in b", ["x = a not in b"]),
        ("x = a and b", ["x = a or b"]),
        ("x = not a", ["x = a"]),
        ("x = ~a", ["x = a"]),
        ("x = -1", ["x = 1"]),
        ("x = 0.5", ["x = 1.5"]),
        ("x = 2000000", ["x = 4000000"]),
        ("x = True", ["x = False"]),
        ("x = a[0]", ["x = a[-1]", "x = a[1]"]),
        ("x = a[-1]", ["x = a[0]", "x = a[1]"]),
        ("x = a.abs()", ["x = a"]),
        ("x = abs(a)", ["x = a"]),
        ("x = np.clip(a, b, c)", ["x = a"]),
        ("x = a.clip(lower=b)", ["x = a"]),
        ("x = a.fillna(b)", ["x = a"]),
        ("x = a.where(b, c)", ["x = a"]),
        ("x = np.where(a, b, c)", ["x = b", "x = c"]),
        ("x = a.sort_values(b)", ["x = a"]),
        ("x = sorted(a)", ["x = a"]),
        ("x = a.max()", ["x = a.min()"]),
        ("x = np.maximum(a, b)", ["x = np.minimum(a, b)"]),
        ("x = a.groupby(b).first()", ["x = a.groupby(b).last()"]),
        ("x = first(a)", []),
        ("x = f(a, keep='last')", ["x = f(a, keep='first')"]),
        ("x = a if b else c", ["x = a if not b else c"]),
        ("x += a", ["x -= a"]),
        ("if a:\n    x = b", ["if not a:\n    x = b"]),
        ("x = [a for a in b if a]", ["x = [a for a in b if not a]"]),
    ],
)
def test_a_line_has_these_mutants(maker, tmp_path, source, expected):
    assert [after for _, after in made(maker, tmp_path, source)] == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""A text of 5."""',
        "x: Literal[5] = a",
        "def f(a: Literal[5]) -> Literal[6]:\n    pass",
        "raise ValueError(a + b)",
        'x = f"{a + 1}"',
        'x = "a" + b',
        "x = zip(a, b, strict=True)",
        "SEED = 3",
        "if TYPE_CHECKING:\n    x = 1",
        "@dataclass(frozen=True)\nclass A:\n    pass",
        '__all__ = ["a"]',
    ],
)
def test_words_annotations_and_what_changes_nothing_have_none(maker, tmp_path, source):
    assert made(maker, tmp_path, source) == []


def test_where_a_mutant_stands_and_what_it_defines(maker, tmp_path):
    of_class = (
        "class A:\n    most: int = 6\n\n    def f(self, x=7):\n        return (\n            x +\n            8)\n"
    )
    source = f"LEAST = 5\n\n\n{of_class}"
    (tmp_path / "m.py").write_text(source)
    found = [(one.change, one.line, one.lines, one.within, one.name) for one in maker.mutants(tmp_path, "m.py")]
    assert found == [
        ("5 -> 6", 1, (1, 1), False, "LEAST"),
        ("6 -> 7", 5, (5, 5), False, "most"),
        ("7 -> 8", 7, (7, 10), False, "f"),
        ("+ -> -", 9, (8, 10), True, "f"),
        ("8 -> 9", 10, (8, 10), True, "f"),
    ]


def test_every_judgement_names_a_mutant_of_today_with_its_reason(maker):
    import tomllib

    judged = tomllib.loads((ROOT / "benchmarks/mutation_equivalent.toml").read_text()).get("mutant", [])
    known = {one.key for file in {m["file"] for m in judged} for one in maker.mutants(ROOT, file)}
    assert [m for m in judged if (m["file"], m["text"], m["change"]) not in known] == []
    assert [m for m in judged if len(m["reason"]) < 10] == []
