"""`screener run` as a user types it: whole processes, their output, their files and their exit codes."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from screener.cli import cli
from tests.commands import screener, started_anew
from tests.screener import january as by_hand


def january(*more: str) -> list[str]:
    return ["run", "--source", "bundled", "--as-of", "2026-01-16", *more]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return folder, started_anew(*january("--format", "xlsx,csv,json"), cwd=folder)


def test_prints_the_table_and_the_gap_within_80_columns(done):
    _, result = done
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    riot = next(line for line in lines if line.startswith("RIOT"))
    # EV 6.016bn over 1,800 and 1,160 MW. AMD's lease: 31.1m a year beside 160.8m x 4 of mining (4.6%), 311m of backlog,
    # 89.8m of capex of which 39.8m is not yet due: completed EV 6.056bn is 19.5 times the backlog.
    assert riot.split() == ["RIOT", "mining", "19.24", "7.92", "6.02", "3.3", "5.2", "5%", "0.3", "19.5x"]
    assert (
        f"Gap {by_hand.GAP:.1f}x per secured MW: typical ratio (Hodges-Lehmann), 95% confidence interval"
        in result.stdout
    )
    assert (
        f"median ${by_hand.CORZ:.1f}m in the AI group (n = 7) against ${by_hand.MINING:.1f}m in the mining group (n = 6)"
        in " ".join(result.stdout.split())
    )
    assert "Prices: bundled, last close 2026-01-16" in result.stdout


def test_writes_the_default_names_and_nothing_else(done):
    folder, _ = done
    names = sorted(path.name for path in (folder / "screens").iterdir())
    assert names == [f"miners_2026-01-16.{kind}" for kind in ("csv", "json", "xlsx")]


def test_json_is_one_object_keyed_by_metric_name(done):
    folder, _ = done
    out = json.loads((folder / "screens" / "miners_2026-01-16.json").read_text())
    assert {"manifest", "table", "status", "gap", "regression", "issues"} <= set(out)
    rows = {row["ticker"]: row for row in out["table"]}
    names = {
        "equity_value_usd", "diluted_shares", "enterprise_value_usd", "ev_per_mw_operating", "ev_per_mw_secured",
        "ev_per_mw_weighted", "contracted_revenue_usd", "backlog_usd", "ev_to_contracted_revenue", "ev_to_backlog",
        "ai_share_trailing", "ai_share_contracted", "group",
    }  # fmt: skip
    assert all(names <= set(row) for row in rows.values())
    assert rows["RIOT"]["diluted_shares"] == pytest.approx(by_hand.RIOT_SHARES)
    assert rows["CRWV"]["enterprise_value_usd"] is None
    assert out["manifest"]["as_of"] == "2026-01-16"
    assert out["manifest"]["assumptions"]["seed"] == 20260116


def test_csv_carries_a_status_beside_each_metric(done):
    folder, _ = done
    frame = pd.read_csv(folder / "screens" / "miners_2026-01-16.csv", index_col="ticker")
    assert frame.at["MARA", "ev_per_mw_secured_status"] == "stale"
    assert frame.at["RIOT", "ev_per_mw_secured"] == pytest.approx(by_hand.RIOT)


def test_same_inputs_same_bytes(done, tmp_path):
    folder, _ = done
    again = screener(*january("--format", "xlsx,csv,json", "--quiet"), cwd=tmp_path)
    assert again.returncode == 0
    for kind in ("csv", "json", "xlsx"):
        name = f"screens/miners_2026-01-16.{kind}"
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes(), kind


def test_the_day_of_the_amd_lease_moves_riot_under_the_signed_rule(tmp_path):
    rows = {}
    for day in ("2026-01-15", "2026-01-16"):
        arguments = ["run", "--source", "bundled", "--as-of", day, "--groups", "signed", "--out", f"{day}.json"]
        assert screener(*arguments, "--quiet", cwd=tmp_path).returncode == 0
        table = json.loads((tmp_path / f"{day}.json").read_text())["table"]
        rows[day] = next(row for row in table if row["ticker"] == "RIOT")
    assert rows["2026-01-15"]["ai_share_contracted"] == 0.0
    assert rows["2026-01-16"]["ai_share_contracted"] == pytest.approx(0.046, abs=0.001)
    assert (rows["2026-01-15"]["group"], rows["2026-01-16"]["group"]) == ("bitcoin", "pivot")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--as-of", "2999-01-01"], "in the future"),
        (["--as-of", "16.01.2026"], "does not match the format"),
        (["--universe", "mineers"], "miners"),
        (["--groups", "rich"], "share20"),
        (["--format", "pdf"], "xlsx, csv, json"),
        (["--as-of", "2019-01-04"], "no close"),
        (["--quiet", "--verbose"], "exclude each other"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_2(arguments, told, tmp_path):
    result = screener("run", "--source", "bundled", *arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_strict_says_what_is_stale_and_exits_4_after_writing(tmp_path):
    result = screener(*january("--strict", "--quiet"), cwd=tmp_path)
    assert result.returncode == 4
    assert "MARA" in result.stderr
    assert (tmp_path / "screens" / "miners_2026-01-16.xlsx").exists()


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "taken").write_text("a file where the folder should be")
    result = screener(*january("--out", "taken/here"), cwd=tmp_path)
    assert result.returncode == 1
    assert "taken" in result.stderr
    assert "Traceback" not in result.stderr


def test_old_prices_are_said_first(tmp_path):
    result = screener("run", "--source", "bundled", "--as-of", "2026-11-20", cwd=tmp_path)
    assert "last close 2026-10-05, 46 days before 2026-11-20" in result.stdout


def test_research_adds_the_sheets_of_the_studies(tmp_path):
    import openpyxl

    done = screener(*january("--research", "--quiet", "--out", "book.xlsx"), cwd=tmp_path)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "book.xlsx", "")
    sheets = openpyxl.load_workbook(tmp_path / "book.xlsx", read_only=True).sheetnames
    assert {"Specification curve", "Revenue mix", "Events"} <= set(sheets)


@pytest.mark.parametrize("command", ["gap", "nav", "run"])
@pytest.mark.parametrize("name", ["x.pdf", "x.tar.gz"])
def test_a_file_that_is_not_written_is_refused_and_no_folder_takes_its_name(command, name, tmp_path):
    done = CliRunner().invoke(
        cli, [command, "--source", "bundled", "--as-of", "2026-01-16", "--out", str(tmp_path / name)]
    )
    assert done.exit_code == 2
    assert f"{name}: give a folder, or a file ending in" in " ".join(done.output.split())
    assert list(tmp_path.iterdir()) == []
