"""`screener history`, `screener diff` and `screener doctor` as a user types them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from screener.jobs import doctor
from screener.ledger import Ledger
from screener.schedule import When
from screener.sources.told import ITEM_COLUMNS, Outcome, Told
from screener.store import Store
from tests import commands
from tests.screener import january as by_hand

NOW = datetime(2026, 10, 7, 12, 0, tzinfo=UTC)


def screener(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = {"SCREENER_DATABASE_URL": str(cwd / "history.sqlite"), **environment}
    return commands.screener(*arguments, cwd=cwd, environment=environment)


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    arguments = ["backfill", "--since", "2025-12-31", "--until", "2026-01-17", "--workers", "1"]
    assert screener(*arguments, cwd=folder).returncode == 0
    return folder


def test_list_fits_80_columns_and_names_each_run(kept):
    result = screener("history", "list", cwd=kept)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80 or "history.sqlite" in max(lines, key=len)
    assert [line.split()[1] for line in lines[1:4]] == ["2026-01-02", "2026-01-09", "2026-01-16"]
    run = screener("run", "--source", "bundled", "--as-of", "2026-01-16", cwd=kept).stdout
    premium = next(line.split()[1] for line in run.splitlines() if line.startswith("Premium"))
    assert lines[3].split()[-3:] == [f"{by_hand.GAP:.1f}x", "7+6", premium]


def test_show_prints_what_the_run_printed(kept):
    shown = screener("history", "show", "2026-01-16", cwd=kept).stdout
    run = screener("run", "--source", "bundled", "--as-of", "2026-01-16", cwd=kept).stdout
    for ticker in ("RIOT", "IREN", "MARA", "CRWV*"):
        line = next(line for line in run.splitlines() if line.startswith(ticker))
        # A stored run keeps one status a figure, so its columns may be narrower than those of `run` (`sp`).
        assert line.split() in [other.split() for other in shown.splitlines()]
    assert f"Gap {by_hand.GAP:.1f}x per secured MW" in shown


def test_diff_of_two_runs_names_what_moved(kept, tmp_path):
    out = tmp_path / "diff.json"
    result = screener("diff", "2026-01-09", "2026-01-16", "--out", str(out), cwd=kept)
    assert (result.returncode, result.stderr) == (0, "")
    assert "signed: RIOT, Advanced Micro Devices" in result.stdout
    assert "RIOT btc_held of 2026-01-16: newer period, 18,005 to 16,925 btc" in " ".join(result.stdout.split())
    assert json.loads(out.read_text())["after"]["as_of"] == "2026-01-16"
    assert screener("diff", cwd=kept).stdout == screener("diff", "2026-01-09", "2026-01-16", cwd=kept).stdout


def test_the_history_is_read_without_what_only_a_screen_needs(kept):
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom screener.cli import cli\n"
        "for command in (['history', 'list'], ['history', 'show'], ['diff']):\n"
        f"    done = CliRunner().invoke(cli, [*command, '--database', {str(kept / 'history.sqlite')!r}])\n"
        "    assert done.exit_code == 0, done.output\n"
        "heavy = {'pydantic', 'exchange_calendars', 'scipy', 'statsmodels', 'sklearn', 'stamina', 'requests', 'openpyxl',\n"
        "         'screener.pipeline', 'screener.loading', 'valuation.nav.analysis', 'valuation.brief'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_export_one_metric_through_time_and_one_run(kept, tmp_path):
    assert screener("history", "export", "--out", str(tmp_path / "a.csv"), cwd=kept).returncode == 0
    frame = pd.read_csv(tmp_path / "a.csv", index_col="as_of")
    assert list(frame.index) == ["2026-01-02", "2026-01-09", "2026-01-16"]
    assert frame.at["2026-01-16", "RIOT"] == pytest.approx(by_hand.RIOT)
    out = str(tmp_path / "b.csv")
    assert screener("history", "export", "--run", "latest", "--out", out, cwd=kept).returncode == 0
    one = pd.read_csv(out, index_col="ticker")
    assert one.at["MARA", "ev_per_mw_secured_status"] == "stale"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["history", "show", "2019-01-04"], "a date with a run"),
        (["history", "export", "--metric", "ev_per_acre", "--out", "x.csv"], "ev_per_mw_secured"),
        (["diff", "--out", "x.pdf"], ".json, .csv or .html"),
        (["diff", "--universe", "mineers"], "miners"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(kept, arguments, told):
    result = screener(*arguments, cwd=kept)
    assert result.returncode == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_without_a_history_the_way_to_one_is_told_and_none_is_made(tmp_path):
    for arguments in (["history", "list"], ["history", "show"], ["diff"]):
        result = screener(*arguments, cwd=tmp_path)
        assert result.returncode == 2
        assert "screener weekly" in result.stderr
    assert list(tmp_path.iterdir()) == []


def examine(tmp_path: Path, **other) -> dict[str, doctor.Check]:
    arguments = {
        "universe": "miners", "database": str(tmp_path / "history.sqlite"), "out": tmp_path / "out",
        "log": tmp_path / "log" / "weekly.log", "config": None, "when": When.of("fri 18:30", "America/New_York"),
        "now": NOW, "reachable": lambda _: True,
    }  # fmt: skip
    return {check.name: check for check in doctor.examine(**(arguments | other))}


@pytest.fixture
def bare(tmp_path, monkeypatch) -> Path:
    """Nobody's home: no crontab, no settings, no secrets."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in doctor.secrets.NAMES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_a_new_installation_has_nothing_failed_and_is_told_what_to_do(bare):
    checks = examine(bare)
    assert [check.name for check in checks.values() if check.state == doctor.FAILED] == []
    warned = {name: check.remedy for name, check in checks.items() if check.state == doctor.WARNING}
    assert set(warned) == {"facts", "ledger", "history", "last weekly run", "schedule"}
    assert (warned["facts"], warned["ledger"]) == ("screener update, then screener facts propose", "screener update")
    assert checks["proposals"].found == "no filing was read yet"
    assert warned["schedule"] == "screener schedule install"
    assert all(check.remedy for check in checks.values() if check.state != doctor.OK)
    assert "2026-10-06" in checks["calendar"].found
    assert "Fri 2026-10-09 18:30 EDT" in checks["calendar"].found


def test_what_is_broken_is_named_each_with_its_remedy(bare, monkeypatch):
    (bare / "history.sqlite").write_bytes(b"no database" * 1000)
    (bare / "settings.toml").write_text("[alerts]\ngap_band = 3\n")
    (bare / "taken").write_text("a file where the folder should be")
    config = bare / "XDG_CONFIG_HOME" / "miner-screener"
    config.mkdir(parents=True)
    (config / "environment").write_text("SCREENER_SMTP_PASSWORD=x\n")
    (config / "environment").chmod(0o644)

    def broken(_: float) -> bool:
        raise RuntimeError("no such library")

    checks = examine(bare, config=bare / "settings.toml", out=bare / "taken" / "out", universe="mineers",
                     reachable=broken)  # fmt: skip
    failed = {name for name, check in checks.items() if check.state == doctor.FAILED}
    broken_universe = {"universe", "facts", "figures", "proposals"}
    assert failed == {"history", "last weekly run", "settings", "output folder", "Yahoo", *broken_universe}
    assert "not a database" in checks["history"].found
    assert "no such library" in checks["Yahoo"].found
    assert checks["secrets"].remedy == f"chmod 600 {config / 'environment'}"
    assert all(check.remedy for name, check in checks.items() if name in failed)


def test_yahoo_that_does_not_answer_is_a_warning_since_the_bundled_closes_stand_in(bare):
    assert examine(bare, reachable=lambda _: False)["Yahoo"].state == doctor.WARNING


def cash_of_riot(value: float) -> pd.DataFrame:
    """A figure of cash of a period that the universe does not have, as a filing gave it."""
    day = pd.Timestamp("2026-09-30")
    row = {
        "ticker": "RIOT", "item": "cash", "period_end": day, "published_on": day, "value": value, "unit": "usd",
        "source_url": "https://www.sec.gov/x", "evidence": "Cash", "confidence": "high", "kind": "filing",
        "form": "10-Q", "accession": f"0001-{value:.0f}", "filed": day, "accepted_at": pd.NaT, "checks": "", "needs": "",
    }  # fmt: skip
    return pd.DataFrame([row])[ITEM_COLUMNS]


def test_facts_ledger_and_proposals_are_told_with_their_age(bare, monkeypatch):
    with Ledger.open(bare / "ledger.sqlite") as ledger:
        ledger.add(Told("yahoo", outcomes=(Outcome("closes", "RIOT"),)), NOW - timedelta(days=9))
        assert examine(bare)["proposals"].found == "no filing was read yet"
        for days, value in ((14, 5e8), (3, 6e8)):
            ledger.add(Told("edgar", items=cash_of_riot(value)), NOW - timedelta(days=days))
    monkeypatch.setenv("SCREENER_LEDGER", str(bare / "ledger.sqlite"))
    found = examine(bare)
    assert found["ledger"] == doctor.Check("ledger", doctor.OK, "last answer: yahoo 2026-09-28, 9 days ago")
    late = examine(bare, now=NOW + timedelta(days=1))
    assert (late["ledger"].state, late["ledger"].remedy) == (doctor.WARNING, "screener update")
    assert found["proposals"].found == "2 proposed facts waiting for review, the oldest for 14 days"
    assert (found["proposals"].state, late["proposals"].state) == (doctor.OK, doctor.WARNING)
    # By hand from capacity.csv and prices.csv: DGXX reported its secured MW last as of 2025-04-30.
    assert found["facts"].found.endswith("the oldest: DGXX secured MW of 2025-04-30")
    stale, of = (int(found["facts"].found.split()[place]) for place in (0, 2))
    later = examine(bare, now=NOW + timedelta(days=60))["facts"].found.split()
    assert 0 < stale < int(later[0]) <= int(later[2]) == of


def test_a_weekly_run_that_is_late_is_told(bare, kept):
    with Store.open(kept / "history.sqlite", NOW) as store:
        store.mark_delivered(store.find("2026-01-16", "miners").run_id, "weekly", NOW)
    late = examine(bare, database=str(kept / "history.sqlite"))
    assert late["last weekly run"].state == doctor.FAILED
    assert "2026-01-16" in late["last weekly run"].found
    fresh = examine(bare, database=str(kept / "history.sqlite"), now=datetime(2026, 1, 20, tzinfo=UTC))
    assert fresh["last weekly run"].state == doctor.OK
    assert fresh["history"].found.endswith(": 3 runs")
