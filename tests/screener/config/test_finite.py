"""No number of a setting or an option is infinite, "not a number", or beyond what a float holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from screener.cli import cli
from screener.cli.options import Number
from screener.config import assumptions_file, limits, scenario_file, toml, user_file
from screener.config.model import examine
from screener.config.screen_file import ScreenFile
from screener.errors import InputError
from screener.overrides import file as overrides_file
from valuation.assumptions import Assumptions, InvalidInput, checked

WRONG = ("nan", "-nan", "inf", "-inf", "1e400", "1" + "0" * 400)
TITLE = 'title = "x"\n'


def screen_file(path: Path) -> None:
    """As `screener.rules` reads a screen's file."""
    document = toml.read(path, InputError)
    problems = examine(ScreenFile, document)[1]
    if problems:
        raise InputError.of(path, problems)


SETTINGS: list[tuple[str, Callable[[Path], object]]] = [
    ("[alerts]\ngap_band = [{}, 5.0]\n", lambda path: user_file.alerts({}, path)),
    ("[alerts]\ngap_band = [2.0, {}]\n", lambda path: user_file.alerts({}, path)),
    ("[alerts]\nev_per_mw_move = {}\n", lambda path: user_file.alerts({}, path)),
    ("[alerts]\nproposals_wait_days = {}\n", lambda path: user_file.alerts({}, path)),
    ('[alerts.email]\nhost = "h"\nto = ["a@b"]\nsender = "c@d"\nport = {}\n', lambda path: user_file.alerts({}, path)),
    ("[limits]\nlargest_long = {}\n", limits.load_limits),
    ("weight_operating = {}\n", lambda path: assumptions_file.read(path, Assumptions())),
    ("net_bitcoin = {}\n", lambda path: assumptions_file.read(path, Assumptions())),
    *((f"{TITLE}[{section}]\nweight_operating = {{}}\n", scenario_file.read) for section in ("set", "add", "multiply")),
    *((f"{TITLE}[market]\n{key} = {{}}\n", scenario_file.read) for key in ("bitcoin", "hashprice", "hashrate_leaving")),
    (TITLE + "[gap]\nratio = {}\n", scenario_file.read),
    (TITLE + '[[place]]\nstate = "Texas"\ndelay_years = {}\n', scenario_file.read),
    *((f"{key} = {{}}\n", screen_file) for key in ("winsorise", "least_coverage", "top")),
    ("[weights]\nprice = {}\n", screen_file),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda text: text[:6])
@pytest.mark.parametrize(
    ("text", "read"), SETTINGS, ids=[text.strip().replace("\n", " ")[-40:] for text, _ in SETTINGS]
)
def test_no_number_of_a_setting_is_infinite_or_none(text, read, wrong, tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text(text.format(wrong))
    with pytest.raises(InputError) as caught:
        read(path)
    (problem,) = caught.value.problems
    assert problem.line == text[: text.index("{}")].count("\n") + 1
    assert len(str(problem)) < 300  # a number of 400 digits is not repeated whole


def test_numbers_that_are_such_are_taken(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text("[alerts]\ngap_band = [2.0, 4.5]\nev_per_mw_move = 0.2\nproposals_wait_days = 36_500\n")
    made = user_file.alerts({}, path)
    assert (made.gap_band, made.ev_per_mw_move, made.proposals_wait_days) == ((2.0, 4.5), 0.2, 36_500)
    path.write_text("[limits]\nlargest_long = 1\n")
    assert limits.load_limits(path)["largest_long"].value == 1.0


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf"), 10**400, -(10**400)])
def test_no_assumption_takes_it(wrong):
    for name in Assumptions.__dataclass_fields__:
        with pytest.raises(InvalidInput):
            checked(Assumptions, name, wrong)


@pytest.mark.parametrize("wrong", ["nan", "NaN", "inf", "-inf", "Infinity", "1e400", "-1e999"])
@pytest.mark.parametrize("arguments", [
    ("weekly", "--wait"), ("portfolio", "scenario", "bitcoin", "--shock"), ("backtest", "--cost"), ("mining", "--site-mw"),
    ("mining", "--firm-mw"),
])  # fmt: skip
def test_no_option_takes_it(arguments, wrong):
    done = CliRunner().invoke(cli, [*arguments, wrong])
    assert done.exit_code == 2
    assert arguments[-1] in done.output


def test_every_option_of_a_number_refuses_what_is_not_finite():
    def options(command: click.Command):
        for parameter in command.params:
            yield command.name, parameter
        for inner in getattr(command, "commands", {}).values():
            yield from options(inner)

    found = [
        (name, one.name, one.type) for name, one in options(cli) if isinstance(one.type, click.types.FloatParamType)
    ]
    assert len(found) >= 5
    assert [(name, option) for name, option, kind in found if not isinstance(kind, Number)] == []


def test_an_override_takes_no_infinite_factor():
    for wrong in (float("nan"), float("inf"), 10**400):
        with pytest.raises(ValidationError) as caught:
            overrides_file.Entry.model_validate({"scale": wrong})
        assert ("scale",) in {fault["loc"] for fault in caught.value.errors()}
