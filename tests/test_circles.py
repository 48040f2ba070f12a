"""No circle of files and none of packages, imports inside functions and under TYPE_CHECKING included."""

from __future__ import annotations

import ast
import functools
import graphlib
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOPS = ("screener", "valuation", "exports")


def modules() -> dict[str, Path]:
    """Dotted name of every module of ours; a package goes by the name of its folder."""
    found = {}
    for top in TOPS:
        for path in (ROOT / top).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, source: str, known: set[str]) -> set[str]:
    """The modules of ours that a module imports anywhere; `from package import module` counts as the module."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{name}: relative import"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & known
            if inner - known:
                found.add(node.module)
    return (found & known) - {name}


@functools.cache
def graph() -> dict[str, set[str]]:
    paths = modules()
    return {name: imports(name, path.read_text(), set(paths)) for name, path in paths.items()}


def circle(edges: dict[str, set[str]]) -> list[str]:
    """One circle of a graph, in order; empty where there is none."""
    try:
        tuple(graphlib.TopologicalSorter(edges).static_order())
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def siblings(files: dict[str, set[str]], package: str) -> dict[str, set[str]]:
    """What the children of a package import of each other, whole folders taken as one."""
    depth = package.count(".") + 1 if package else 0
    inside = {name for name in files if not package or name.startswith(f"{package}.")}
    edges = defaultdict(set)
    for name in inside:
        child = ".".join(name.split(".")[: depth + 1])
        edges[child] |= {
            ".".join(other.split(".")[: depth + 1]) for other in files[name] if other in inside
        } - {child}  # fmt: skip
    return edges


def test_no_circle_of_files():
    assert circle(graph()) == []


PACKAGES = ["", *sorted(name for name, path in modules().items() if path.name == "__init__.py")]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda name: name or "the whole house")
def test_no_circle_of_packages(package):
    assert circle(siblings(graph(), package)) == []


def test_a_circle_is_seen_through_functions_and_type_checking():
    known = {"a", "b", "p.c"}
    lazy = "def f():\n    from a import x\n"
    typed = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p import c\n"
    edges = {"a": imports("a", typed, known), "p.c": imports("p.c", "import b", known), "b": imports("b", lazy, known)}
    assert set(circle(edges)) == known
