"""Every command for universes that are no miners: it works, or says in one line why it does not apply; no word of miners."""

from __future__ import annotations

import html
import json
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from screener.cli import cli
from screener.errors import NotKnown
from tests import landlords

pytestmark = pytest.mark.takes(40)

OF_MINERS = re.compile(r"(?i)miner(?!-screener)|mining|bitcoin|hashprice|hashrate|pivot|(?<![a-z])btc(?![a-z])|halving")
# What the miners call their groups; neoclouds hold coins, and mine.
OF_GROUPS = re.compile(
    r"AI.group|[Mm]ining (?:group|compan)|\bpivots?\b(?!-)|(?:other|listed) miners|\bn mining\b|\bn AI\b"
)
CLOUDS = ("--universe", "neoclouds", "--as-of", "2026-10-05", "--source", "bundled")


def texts(path: Path) -> str:
    """Every text of a file, names of sheets and charts included, without markup and addresses."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            parts = [book.read(name).decode() for name in book.namelist() if name.endswith((".xml", ".rels"))]
        text = "\n".join(parts)
        named = re.findall(r'(?:name|descr|sheet|location)="([^"]*)"', text)
        text = re.sub(r"<[^>]+>", "\n", text) + "\n".join(named)
    else:
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"(?s)<style>.*?</style>|<script>.*?</script>|<[^>]+>", "\n", text) if "<html" in text else text
    return re.sub(r"https?://\S+", "", html.unescape(text))


def found(pattern: re.Pattern[str], text: str) -> list[str]:
    return [text[max(0, one.start() - 60) : one.end() + 40] for one in pattern.finditer(text)]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("landlords")
    landlords.write(place / "halls")
    (place / "held.csv").write_text("ticker,quantity,cost_per_share,currency\nALAN,1000,15,USD\nFARM,2000,2.5,USD\n")
    return place


def screener(home: Path, *arguments: str, code: int = 0) -> str:
    """What a command prints on the landlords."""
    options = ("--universe", str(home / "halls"), "--source", "bundled", "--as-of", landlords.AS_OF)
    done = CliRunner().invoke(cli, [*arguments, *options])
    assert done.exit_code == code, (arguments, done.output, done.exception)
    return done.output


@pytest.fixture(scope="module")
def everything(home) -> dict[str, Path]:
    """The run with all its parts, by ending."""
    out = home / "out"
    printed = screener(
        home, "run", "--nav", "--studies", "--companies", "--format", "xlsx,json,html,csv", "--out", str(out)
    )
    (out / "printed.txt").write_text(printed)
    return {path.suffix: path for path in out.iterdir()}


@pytest.mark.parametrize("kind", [".txt", ".json", ".html", ".csv", ".xlsx"])
def test_the_run_has_no_word_of_miners(everything, kind):
    text = texts(everything[kind])
    assert "hyperscale" in text
    assert found(OF_MINERS, text) == []


def test_its_figures_are_there(everything):
    run = json.loads(everything[".json"].read_text())
    assert [row["group"] for row in run["table"]] == ["hyperscale"] * 3 + ["enterprise"] * 3
    assert (run["headline"]["n_hyperscale"], run["headline"]["n_enterprise"]) == (3, 3)
    assert run["headline"]["ratio"] > 1
    assert all(row["enterprise_value_usd"] for row in run["table"])


LESS_OFTEN = [
    ("nav", "ALAN"), ("signing",), ("events",), ("comparables",), ("claims",), ("portfolio", "value", "HELD"),
    ("explain", "ALAN", "enterprise_value_usd"), ("screen", "contracted-backlog"),
]  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ("gap",), ("contracts",), ("nav",), ("company", "ALAN"), ("indicators",), ("explain", "gap"),
        ("scenario", "run", "one-year-late"), ("portfolio", "risk", "HELD"),
        *(pytest.param(arguments, marks=pytest.mark.long) for arguments in LESS_OFTEN),
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_command_works_without_a_word_of_miners(home, arguments):
    printed = screener(home, *(str(home / "held.csv") if one == "HELD" else one for one in arguments))
    assert len(printed.splitlines()) > 3
    assert found(OF_MINERS, printed) == []


@pytest.mark.parametrize("command", ["mining", "mix"])
def test_what_does_not_apply_is_said_in_one_line(home, command):
    options = ("--universe", str(home / "halls"), "--source", "bundled", "--as-of", landlords.AS_OF)
    error = CliRunner().invoke(cli, [command, *options]).exception
    assert isinstance(error, NotKnown)
    assert error.exit_code == 2
    assert str(error).startswith(f"`screener {command}` does not apply to halls: none of its companies mines")
    assert "\n" not in str(error)


def test_weeks_history_comparisons_and_the_site(home, everything):
    store = ("--database", str(home / "history.sqlite"))
    own = ("--universe", str(home / "halls"))
    weekly = ("weekly", *own, "--source", "bundled", *store, "--out", str(home / "weekly"), "--log", str(home / "log"))
    printed = ""
    for day, more in (("2026-01-09", ()), (landlords.AS_OF, ("--site", str(home / "site")))):
        done = CliRunner().invoke(cli, [*weekly, "--as-of", day, *more])
        assert done.exit_code == 0, done.output
        printed += done.output
    for arguments in (
        ("history", "list"), ("history", "show"), ("diff",),
        ("compare", str(home / "weekly" / "halls_2026-01-09.xlsx"), str(everything[".json"])),
    ):  # fmt: skip
        done = CliRunner().invoke(cli, [*arguments, *own, *store])
        assert done.exit_code == 0, (arguments, done.output)
        printed += done.output
    assert "hyperscale" in printed
    assert found(OF_MINERS, printed) == []
    pages = [path for path in (home / "site").rglob("*") if path.is_file()]
    assert len(pages) > 12
    assert {path.name: hits for path in pages if (hits := found(OF_MINERS, texts(path)))} == {}


def test_neoclouds_speak_of_clouds_and_landlords(tmp_path):
    done = CliRunner().invoke(cli, ["run", *CLOUDS, "--format", "html,json", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "4 GPU cloud companies" in " ".join(done.output.split())
    for text in (done.output, *(texts(path) for path in tmp_path.iterdir())):
        assert found(OF_GROUPS, text) == []


@pytest.mark.long
def test_neoclouds_in_full(tmp_path):
    everything = ["--nav", "--studies", "--companies", "--format", "xlsx,html,json", "--out", str(tmp_path)]
    done = CliRunner().invoke(cli, ["run", *CLOUDS, *everything])
    assert done.exit_code == 0, done.output
    for path in tmp_path.iterdir():
        assert found(OF_GROUPS, texts(path)) == []
    for arguments in (
        ["gap", "--since", "2026-01-02"], ["contracts"], ["nav"], ["company", "IREN"], ["mix"], ["mining"], ["indicators"],
        ["screen", "cheap-power"], ["explain", "gap"], ["regress"], ["events"], ["signing"], ["comparables"],
    ):  # fmt: skip
        done = CliRunner().invoke(cli, [*arguments, *CLOUDS])
        assert (done.exit_code, found(OF_GROUPS, done.output)) == (0, []), (arguments, done.output)
