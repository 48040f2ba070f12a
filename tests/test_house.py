"""The house of DESIGN: who may import whom, what the help loads, and that names are kept in one place."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
FORBIDDEN = {
    "valuation": {"screener", "exports", "click", "yfinance", "openpyxl", "xlsxwriter", "sqlalchemy", "requests",
                  "rich", "socket", "urllib", "pathlib", "os", "io", "time", "datetime"},
    "exports": {"screener", "click", "yfinance", "sqlalchemy", "requests"},
}  # fmt: skip


def imported(path: Path) -> set[str]:
    """Top-level names that a module imports anywhere, in functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_packages_import_only_downwards(package):
    wrong = {
        str(path.relative_to(ROOT)): sorted(imported(path) & FORBIDDEN[package])
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    assert {path: names for path, names in wrong.items() if names} == {}


def test_valuation_reads_no_files():
    calls = [
        f"{path.name}:{node.lineno}"
        for path in sorted((ROOT / "valuation").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"})
            or (isinstance(node.func, ast.Attribute) and node.func.attr.startswith(("read_", "to_csv", "now")))
        )
    ]
    assert calls == []


def test_help_loads_click_alone():
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom screener.cli import cli\n"
        "assert CliRunner().invoke(cli, ['--help']).exit_code == 0\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'statsmodels', 'yfinance', 'xlsxwriter', 'rich', 'sklearn', 'openpyxl',\n"
        "         'sqlalchemy', 'exchange_calendars', 'joblib', 'stamina', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_a_run_without_store_does_not_pay_for_the_history(tmp_path):
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom screener.cli import cli\n"
        f"run = ['run', '--source', 'bundled', '--as-of', '2026-01-16', '--out', {str(tmp_path)!r}]\n"
        "done = CliRunner().invoke(cli, run)\n"
        "assert done.exit_code == 0, done.output\n"
        "print(sorted({'sqlalchemy', 'exchange_calendars', 'joblib', 'stamina', 'distributed'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_run_help_names_every_group_rule():
    from screener.cli import cli
    from valuation.groups import RULES

    text = CliRunner().invoke(cli, ["run", "--help"]).output
    assert [name for name in RULES if name not in text] == []


def test_every_command_says_what_it_does_and_is_in_the_readme():
    import click

    from screener.cli import cli

    def walk(group: click.Group, path: str):
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                yield from walk(command, f"{path} {name}")
            else:
                yield f"{path} {name}", command

    readme = (ROOT / "README.md").read_text()
    undocumented = [path for path, command in walk(cli, "screener") if not command.help or path not in readme]
    assert undocumented == []


def test_every_metric_of_the_registry_is_computed_and_described():
    import pandas as pd

    from screener import point_in_time, universes
    from screener.gathering import InputData
    from valuation.assumptions import Assumptions, Bridge
    from valuation.fundamentals import company_metrics
    from valuation.groups import RULES
    from valuation.metrics import METRICS, UNITS

    inputs, _ = point_in_time.as_of_view(
        InputData.of(universes.load("miners")), [pd.Timestamp("2026-01-16")], Assumptions()
    )
    table = company_metrics.value(inputs, Assumptions(), Bridge(), RULES["share20"]).table
    assert set(METRICS) <= set(table.columns)
    assert set(table.columns) - set(METRICS) == {"excluded"}
    assert {metric.unit for metric in METRICS.values()} <= set(UNITS)
    assert [metric.name for metric in METRICS.values() if not metric.definition.endswith(".")] == []


def test_the_distribution_lists_every_package_and_every_data_file():
    import configparser

    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    listed = set(setup["options"]["packages"].split())
    tops = ("screener", "valuation", "exports")
    folders = {path.parent for top in tops for path in (ROOT / top).rglob("__init__.py")}
    assert listed == {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    data = setup["options.package_data"]
    shipped = {
        file for package in listed for pattern in data.get(package, "").replace(",", " ").split()
        for file in (ROOT / package.replace(".", "/")).glob(pattern)
    }  # fmt: skip
    others = {
        path for top in tops for path in (ROOT / top).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }  # fmt: skip
    assert sorted(others - shipped) == []


def test_the_readme_shows_what_the_program_prints(tmp_path):
    command = [sys.executable, "-m", "screener", "run", "--source", "bundled", "--as-of", "2026-01-16"]
    done = subprocess.run([*command, "--out", str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=True)
    printed = [line.rstrip() for line in done.stdout.splitlines() if not line.startswith("Written")]
    shown = (ROOT / "README.md").read_text().split("```\n")[1].splitlines()
    assert shown == printed
