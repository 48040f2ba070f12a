"""The public names: every one resolves, costs nothing until it is used, and is listed the same way in three places."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAZY = [
    f"valuation.{path.parent.name}" if path.parent.name != "valuation" else "valuation"
    for path in sorted((ROOT / "valuation").rglob("__init__.py"))
    if "attach(" in path.read_text()
]
PACKAGES = [".".join(path.parent.relative_to(ROOT).parts) for path in sorted((ROOT / "valuation").rglob("__init__.py"))]


def under_type_checking(package: str) -> dict[str, str]:
    """Name -> module of the imports in the TYPE_CHECKING block of a package."""
    tree = ast.parse((ROOT / package.replace(".", "/") / "__init__.py").read_text())
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    return {
        alias.name: str(node.module)
        for block in blocks
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("package", LAZY)
def test_all_type_checking_and_homes_name_the_same_things(package):
    module = importlib.import_module(package)
    assert under_type_checking(package) == module._HOMES
    assert sorted(module.__all__) == sorted(module._HOMES)
    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_resolves_to_a_documented_thing(package):
    module = importlib.import_module(package)
    for name in module.__all__:
        value = getattr(module, name)
        assert value is not None
        if callable(value) and getattr(value, "__module__", "").startswith("valuation"):
            assert (value.__doc__ or "").strip(), f"{package}.{name} has no docstring"


def test_no_public_name_is_a_module_of_its_package():
    # Importing a module sets it as an attribute of its package, over a name that is spelt alike.
    for package in LAZY:
        folder = ROOT / package.replace(".", "/")
        own = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
        assert sorted(own & set(importlib.import_module(package).__all__)) == []


def test_an_unknown_name_is_an_attribute_error():
    import valuation

    with pytest.raises(AttributeError, match="'valuation' has no attribute 'gapp'"):
        valuation.gapp  # noqa: B018


def test_importing_valuation_loads_nothing_heavy_and_printing_a_class_works():
    code = (
        "import sys, valuation, valuation.gap, valuation.nav, valuation.fundamentals\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'statsmodels', 'sklearn'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "valuation.METRICS['ev_per_mw_secured']\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "print(valuation.Gap, valuation.NavAnalysis)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == [
        "<class", "'valuation.gap.estimate.Gap'>", "<class", "'valuation.nav.analysis.NavAnalysis'>",
    ]  # fmt: skip


def test_every_error_has_one_root_and_keeps_its_built_in_class():
    from valuation import InvalidInput, NotEstimable, ScenarioInvalid, UnknownName, ValuationError

    for kind, builtin in (
        (NotEstimable, ValueError), (InvalidInput, ValueError), (ScenarioInvalid, ValueError), (UnknownName, KeyError),
    ):  # fmt: skip
        assert issubclass(kind, ValuationError)
        assert issubclass(kind, builtin)
    assert str(UnknownName("no metric 'x'; nearest: none")) == "no metric 'x'; nearest: none"
