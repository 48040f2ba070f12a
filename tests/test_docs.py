"""The documentation: references resolve, generated pages are current, commands and links on the pages exist."""

from __future__ import annotations

import importlib.util
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from screener.cli import cli
from screener.cli.methods import document, sections
from tests.commands import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
REFERENCE = re.compile(r"METHODS(?: section)? (\d+)|methods\.md section (\d+)")
LINK = re.compile(r"\[[^\]]+\]\((?!https?:)([^)\s]+)\)")


def generate():
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_methods_have_twelve_numbered_sections_and_their_sources():
    assert list(sections(document())) == [*(str(n) for n in range(1, 13)), "sources"]


def test_every_reference_to_the_methods_names_a_section_that_exists():
    known = set(sections(document()))
    files = [
        path for top in ("screener", "valuation", "exports", "tests", "benchmarks", "examples", "docs")
        for path in (ROOT / top).rglob("*") if path.suffix in {".py", ".md", ".toml"}
    ]  # fmt: skip
    named = {
        f"{path.relative_to(ROOT)}: {match[0]}": match[1] or match[2]
        for path in files for match in REFERENCE.finditer(path.read_text(encoding="utf-8"))
    }  # fmt: skip
    assert len(named) > 20
    assert {where: number for where, number in named.items() if number not in known} == {}


def test_what_is_planned_says_what_the_program_does_today():
    blocks = re.findall(r"(?:^>.*\n?)+", document(), re.MULTILINE)
    assert blocks
    assert [block for block in blocks if not re.match(r"> \*\*Planned\.\*\*", block)] == []
    assert [block for block in blocks if not re.search(r"^> \*\*Today:\*\* \S", block, re.MULTILINE)] == []


def test_methods_prints_the_whole_one_section_or_says_which_there_are():
    run = CliRunner().invoke
    assert run(cli, ["methods"]).output == document()
    seven = run(cli, ["methods", "7", "--plain"]).output
    assert seven.startswith("## 7. The gap\n")
    assert "## 8." not in seven
    assert "Damodaran" in run(cli, ["methods", "Sources"]).output
    wrong = run(cli, ["methods", "13"])
    assert wrong.exit_code == 2
    assert "12, sources" in wrong.output


def test_methods_fit_a_terminal_of_80_columns(monkeypatch):
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(Markdown(document()))
    printed = console.export_text()
    assert max(len(line.rstrip()) for line in printed.splitlines()) <= 80
    assert "12. Portfolio" in printed


@pytest.mark.parametrize(
    "page", ["cli.md", "metrics.md", "assumptions.md", "api.md", "faults.md", "holdings.md", "methods.md"]
)
def test_generated_pages_are_current(page):
    path, text = next((path, text) for path, text in generate().PAGES.items() if path.name == page)
    assert path.read_text(encoding="utf-8") == text(), "run: python docs/generate.py"


@pytest.mark.long
@pytest.mark.parametrize("page", ["tutorial.md", "tutorial.ipynb"])
def test_the_tutorial_runs_and_prints_what_it_shows(page):
    command = [sys.executable, str(DOCS / "generate.py"), "--check", page]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    missing = []
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        there = page.parent / name if name else page
        headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE) if anchor else []
        if not there.exists() or (anchor and anchor not in map(generate().slug, headings)):
            missing.append(target)
    assert missing == []


def commands(text: str) -> list[str]:
    """Every command line of ours on a page: in code spans, in console blocks after the prompt, in plain blocks."""
    spans = re.findall(r"`(screener [^`\n]+)`", text)
    return spans + re.findall(r"^(?:\$ )?(screener .+)$", text, re.MULTILINE)


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "cli.md"], ids=lambda page: page.name)
def test_commands_on_the_pages_exist_with_their_options(page):
    unknown = []
    for line in commands(page.read_text(encoding="utf-8")):
        words = shlex.split(line.split("&&")[0].split(" > ")[0])[1:]
        command: click.Command = cli
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            below = command.get_command(click.Context(command), words[0])
            if below is None:
                break
            command, words = below, words[1:]
        if isinstance(command, click.Group) and words and not words[0].isupper() and not words[0].startswith("--"):
            unknown.append(line)
        options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)} | {"--help"}
        unknown += [f"{line}: {word}" for word in words if word.startswith("--") and word.split("=")[0] not in options]
    assert unknown == []


FOLDERS = ("screener/", "valuation/", "exports/", "tests/", "docs/", "benchmarks/", "examples/")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_named_on_the_pages_exist(page):
    named = re.findall(r"`([\w./-]+)`", page.read_text(encoding="utf-8"))
    paths = [name for name in named if name.startswith(FOLDERS) and "NAME" not in name]
    assert [name for name in paths if not (ROOT / name).exists()] == []
