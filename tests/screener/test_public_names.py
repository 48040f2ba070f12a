"""What a library user meets first: names that resolve, print, and cost nothing until they are asked for."""

from __future__ import annotations

import ast
import inspect
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import screener

ROOT = Path(__file__).resolve().parents[2]
HEAVY = "{'numpy', 'pandas', 'scipy', 'click', 'rich', 'yfinance', 'sqlalchemy', 'statsmodels'}"


@pytest.mark.parametrize("name", screener.__all__)
def test_every_public_name_resolves_and_is_documented(name):
    value = getattr(screener, name)
    assert repr(value)
    if not isinstance(value, str):
        assert inspect.getdoc(value)


def test_the_names_for_type_checkers_are_the_names_of_the_module():
    tree = ast.parse(Path(screener.__file__).read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    typed = {alias.asname or alias.name for line in block.body for alias in line.names}
    assert typed == set(screener.__all__) - {"__version__"} == set(screener._HOME)
    assert sorted(screener.__all__) == screener.__all__
    assert set(screener.__all__) <= set(dir(screener))
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        screener.runn  # noqa: B018


def test_importing_loads_nothing_heavy():
    code = f"import sys, screener, valuation\nprint(sorted({HEAVY} & set(sys.modules)))\nprint(screener.run)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded, shown = done.stdout.splitlines()
    assert loaded == "[]"
    assert shown.startswith("<function run at ")


def test_importing_costs_little_over_a_bare_start():
    def seconds(code: str) -> float:
        """Processor time of the fastest of some processes: other work on the machine only adds."""
        spent = []
        for _ in range(7):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return min(spent)

    assert seconds("import screener, valuation") - seconds("pass") <= 0.030
