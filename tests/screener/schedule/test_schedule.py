"""When the weekly run is due, against dates looked up by hand, and entries tried in real schedulers."""

from __future__ import annotations

import os
import plistlib
import re
import shlex
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from screener import universes
from screener.errors import UniverseError
from screener.schedule import When, cron, elsewhere, entry, sessions, systemd
from tests import commands

NEW_YORK = "America/New_York"
FRIDAY = When.of("fri 18:30", NEW_YORK)
NOW = datetime(2026, 10, 7, 12, 0, tzinfo=UTC)
# A crontab as people have them: comments, settings, a name like ours in a comment, bytes that are no UTF-8.
OTHERS = (
    b"# my jobs, see miner-screener:weekly: in the wiki\nMAILTO=me@example.com\nSHELL=/bin/bash\n\n"
    b"0 4 * * * /usr/bin/backup --to '100%' # nightly \xe9t\xe9\n*/5 * * * * true\n"
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-10-09T22:29:59", date(2026, 10, 2)),  # a second before 18:30 in New York, summer time
        ("2026-10-09T22:30:00", date(2026, 10, 9)),
        ("2026-11-27T23:29:59", date(2026, 11, 20)),  # winter time: an hour later in UTC
        ("2026-11-27T23:30:00", date(2026, 11, 27)),  # the day after Thanksgiving closes at 13:00, and is a session
        ("2026-04-03T23:00:00", date(2026, 4, 2)),  # Good Friday 2026: Thursday's close
        ("2024-03-29T23:00:00", date(2024, 3, 28)),  # Good Friday 2024
        ("2026-06-19T23:00:00", date(2026, 6, 18)),  # Juneteenth on a Friday
        ("2025-07-04T23:00:00", date(2025, 7, 3)),  # Independence Day on a Friday
        ("2021-12-24T23:59:00", date(2021, 12, 23)),  # Christmas observed
    ],
)
def test_the_run_is_of_the_last_close_of_its_week(now, expected):
    assert sessions.due(utc(now), FRIDAY, set(), catch_up=8) == [expected]


def test_a_time_before_the_close_takes_the_close_before():
    noon = When.of("fri 12:00", NEW_YORK)
    assert sessions.due(utc("2026-10-09T16:00:00"), noon, set(), catch_up=8) == [date(2026, 10, 8)]
    # At 18:30 in Tokyo New York has not opened yet.
    tokyo = When.of("fri 18:30", "Asia/Tokyo")
    assert sessions.due(utc("2026-10-09T09:30:00"), tokyo, set(), catch_up=8) == [date(2026, 10, 8)]


def test_a_run_at_the_very_close_is_of_that_close_and_a_minute_before_of_the_one_before():
    for at, day in (("fri 16:00", 9), ("fri 15:59", 8)):
        due = sessions.due(utc("2026-10-09T21:00:00"), When.of(at, NEW_YORK), set(), catch_up=8)
        assert due == [date(2026, 10, day)]


def test_missed_weeks_are_caught_up_earliest_first_and_nothing_twice():
    now = utc("2026-10-10T00:00:00")
    assert sessions.due(now, FRIDAY, {date(2026, 9, 18)}, catch_up=8) == [
        date(2026, 9, 25), date(2026, 10, 2), date(2026, 10, 9)]  # fmt: skip
    assert sessions.due(now, FRIDAY, {date(2026, 9, 18), date(2026, 10, 9)}, catch_up=8) == []
    assert sessions.due(now, FRIDAY, {date(2026, 1, 2)}, catch_up=2) == [date(2026, 10, 2), date(2026, 10, 9)]


def test_every_week_of_the_backfill_ends_with_its_last_session():
    dates = sessions.last_of_each("week", pd.Timestamp("2024-01-01"), pd.Timestamp("2026-10-05"))
    assert len(dates) == 145
    thursdays = [f"{day:%Y-%m-%d}" for day in dates[:-1] if day.day_name() != "Friday"]
    # From the exchange's published holiday calendars.
    assert thursdays == ["2024-03-28", "2025-04-17", "2025-07-03", "2026-04-02", "2026-06-18", "2026-07-02"]
    assert f"{dates[-1]:%Y-%m-%d}" == "2026-10-05"
    months = sessions.last_of_each("month", pd.Timestamp("2026-01-01"), pd.Timestamp("2026-03-31"))
    assert [f"{day:%m-%d}" for day in months] == ["01-30", "02-27", "03-31"]


@given(
    st.sampled_from([NEW_YORK, "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
    st.integers(0, 6), st.times(), st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),
)  # fmt: skip
def test_before_and_next_are_the_nearest_instants_by_the_clock_of_the_zone(zone, weekday, at, moment):
    when = When(weekday, at.replace(second=0, microsecond=0), ZoneInfo(zone))
    now = moment.replace(tzinfo=UTC)
    last, following = when.before(now, 1)[0], when.next(now)
    assert last <= now < following
    assert (last.weekday(), last.time()) == (weekday, when.at)
    assert following.date() - last.date() == timedelta(weeks=1)


def test_the_clock_of_this_machine_has_one_time_or_two():
    assert FRIDAY.clock_times(NOW, ZoneInfo(NEW_YORK)) == [(18, 30)]
    assert FRIDAY.clock_times(NOW, UTC) == [(22, 30), (23, 30)]
    # Berlin and New York change to summer time two weeks apart, in autumn one: 23:30 for three weeks a year.
    assert FRIDAY.clock_times(NOW, ZoneInfo("Europe/Berlin")) == [(0, 30), (23, 30)]


@pytest.mark.parametrize("text", ["friday", "fri 24:00", "fri 18:60", "18:30", "xyz 18:30", "fri 18:30; rm"])
def test_a_time_that_is_none_is_told(text):
    with pytest.raises(UniverseError, match="fri 18:30"):
        When.of(text, NEW_YORK)


def test_a_zone_that_is_none_is_told():
    with pytest.raises(UniverseError, match="America/New_York"):
        When.of("fri 18:30", "America/Gotham")


def made(folder: Path, universe: str = "miners", **other) -> entry.Entry:
    """An entry whose paths hold what shells, cron and systemd trip over."""
    odd = folder / "it's 100% $HOME & more"
    odd.mkdir(exist_ok=True)
    arguments = {
        "source": "bundled", "database": str(odd / "history.sqlite"), "out": odd / "out", "log": odd / "weekly.log",
        "config": None, "environment": odd / "environment", "keep": 9,
    }  # fmt: skip
    return entry.make(universe, FRIDAY, **(arguments | other))


@pytest.fixture
def fake_crontab(tmp_path, monkeypatch) -> Path:
    """A crontab program that keeps one file, as cron's own does, and says what cron's own says."""
    spool, folder = tmp_path / "spool", tmp_path / "bin"
    folder.mkdir()
    program = folder / "crontab"
    program.write_text(
        f"""#!/bin/sh
case "$1" in
-l) [ -f {spool} ] && exec cat {spool}; echo "no crontab for $(id -un)" >&2; exit 1 ;;
-r) rm -f {spool} ;;
-) cat > {spool}.new && mv {spool}.new {spool} ;;
esac
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return spool


@pytest.fixture
def real_crontab() -> Path:
    """The machine's own crontab, given back as it was."""
    program = shutil.which("crontab")
    assert program, "cron is not installed (see .ci/run)"
    before = subprocess.run([program, "-l"], capture_output=True, check=False)
    yield
    if before.returncode == 0:
        subprocess.run([program, "-"], input=before.stdout, check=True)
    else:
        subprocess.run([program, "-r"], capture_output=True, check=False)


def told() -> bytes:
    return subprocess.run(["crontab", "-l"], capture_output=True, check=False).stdout


def install_twice_and_remove(tmp_path: Path) -> None:
    subprocess.run(["crontab", "-"], input=OTHERS, check=True)
    one = made(tmp_path)
    assert cron.install(one, NOW) is True
    once = told()
    assert cron.install(one, NOW) is False
    assert told() == once
    lines = once.splitlines(keepends=True)
    ours = [line for line in lines if line.rstrip().endswith(b"# miner-screener:weekly:miners")]
    assert len(ours) == 1
    assert b"".join(line for line in lines if line not in ours) == OTHERS
    # Another time is another line in its place; another universe stands beside it.
    later = entry.Entry(one.name, When.of("fri 20:00", NEW_YORK), one.command, one.environment)
    assert cron.install(later, NOW) is True
    other = entry.Entry("others", one.when, one.command, one.environment)
    assert cron.install(other, NOW) is True
    assert len(cron.installed()) == 2
    assert len(told().splitlines()) == len(OTHERS.splitlines()) + 2
    assert cron.remove("miners") == 1
    assert [line.rpartition(":")[2] for line in cron.installed()] == ["others"]
    assert cron.remove() == 1
    assert told() == OTHERS
    assert cron.remove() == 0


def test_cron_gets_one_entry_and_gives_back_every_byte(fake_crontab, tmp_path):
    install_twice_and_remove(tmp_path)


def test_the_machines_own_cron_does_too(real_crontab, tmp_path):
    install_twice_and_remove(tmp_path)


def test_without_a_crontab_one_is_made_and_goes_with_its_only_line(fake_crontab, tmp_path):
    assert cron.installed() == []
    cron.install(made(tmp_path), NOW)
    assert len(told().splitlines()) == 1
    assert cron.remove() == 1
    assert not fake_crontab.exists()


def test_a_crontab_that_refuses_is_told_and_stands(fake_crontab, tmp_path):
    subprocess.run(["crontab", "-"], input=OTHERS, check=True)
    program = Path(shutil.which("crontab"))
    program.write_text(program.read_text().replace("-) cat", "-) echo 'errors in crontab file' >&2; exit 1; cat"))
    with pytest.raises(cron.CrontabError, match="errors in crontab file"):
        cron.install(made(tmp_path), NOW)
    assert told() == OTHERS


def as_cron_would(line: str) -> str:
    """The command of a crontab line, as cron hands it to /bin/sh (man 5 crontab)."""
    command = line.split(" ", 5)[5]
    assert "%" not in command.replace(r"\%", "")
    return command.replace(r"\%", "%")


def with_closes_of_today(folder: Path) -> str:
    """A copy of the miners whose closes go on at their last level to today: a stored run needs fresh ones."""
    home = folder / "miners"
    shutil.copytree(universes.HOME / "miners", home)
    prices = pd.read_csv(home / "prices.csv")
    last = prices.sort_values("date").groupby("ticker").tail(1)
    days = pd.bdate_range(end=pd.Timestamp.now("UTC").tz_localize(None).normalize(), periods=8)
    more = pd.concat([last.assign(date=f"{day:%Y-%m-%d}") for day in days if f"{day:%Y-%m-%d}" > prices["date"].max()])
    pd.concat([prices, more]).to_csv(home / "prices.csv", index=False)
    return str(home)


def done_by_hand(argv: list[str], one: entry.Entry, folder: Path) -> None:
    """Run an entry in a bare environment; it does the week's run, and a second start does nothing."""
    history = Path(one.command[one.command.index("--database") + 1])
    out = Path(one.command[one.command.index("--out") + 1])
    for _ in range(2):
        result = subprocess.run(
            ["env", "-i", *argv], capture_output=True, text=True, cwd=folder, timeout=commands.PATIENCE, check=False
        )
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    with closing(sqlite3.connect(history)) as connection:
        ((as_of, kind),) = connection.execute("SELECT as_of, kind FROM runs").fetchall()
    assert kind == "weekly"
    assert [path.name for path in out.iterdir()] == [f"miners_{as_of}.xlsx"]
    log = Path(one.command[one.command.index("--log") + 1]).read_text()
    assert log.count("written") == 1


def test_the_cron_entry_as_installed_does_the_run_in_a_bare_environment(real_crontab, tmp_path):
    one = made(tmp_path, with_closes_of_today(tmp_path))
    cron.install(one, datetime.now(UTC))
    (line,) = cron.installed(one.name)
    done_by_hand(["/bin/sh", "-c", as_cron_would(line)], one, tmp_path)


def test_the_environment_file_is_read_and_may_be_absent(tmp_path):
    one = made(tmp_path)
    shown = entry.Entry(one.name, one.when, ("/usr/bin/printenv", "SCREENER_SMTP_PASSWORD"), one.environment)
    run = lambda: subprocess.run(  # noqa: E731
        ["env", "-i", "/bin/sh", "-c", shown.shell], capture_output=True, text=True, check=False
    )
    assert (run().returncode, run().stdout) == (1, "")
    one.environment.write_text("# secrets\nSCREENER_SMTP_PASSWORD='a b$c'\n")
    assert run().stdout == "a b$c\n"


def test_the_systemd_units_pass_its_own_verification(tmp_path):
    one = made(tmp_path)
    units = systemd.units(one)
    for name, text in units.items():
        (tmp_path / name).write_text(text)
    program = shutil.which("systemd-analyze")
    assert program, "systemd is not installed (see .ci/run)"
    for name in units:
        result = subprocess.run(
            [program, "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, check=False
        )
        assert (result.returncode, result.stderr) == (0, "")
    calendar = next(line.partition("=")[2] for line in units["miner-screener-weekly-miners.timer"].splitlines()
                    if line.startswith("OnCalendar"))  # fmt: skip
    moment = subprocess.run(
        [program, "calendar", "--base-time=2026-10-09 12:00:00 UTC", calendar],
        capture_output=True, text=True, check=True, env=os.environ | {"TZ": "UTC", "LC_ALL": "C"},
    ).stdout  # fmt: skip
    assert "2026-10-09 22:30:00 UTC" in moment


def test_the_command_of_the_systemd_unit_does_the_run_in_a_bare_environment(tmp_path):
    """By systemd's own rules for a command line: quotes and backslashes, %% and $$ (man systemd.service)."""
    one = made(tmp_path, with_closes_of_today(tmp_path))
    service = next(text for name, text in systemd.units(one).items() if name.endswith(".service"))
    command = next(line.partition("=")[2] for line in service.splitlines() if line.startswith("ExecStart"))
    argv = [part.replace("%%", "%").replace("$$", "$") for part in shlex.split(command)]
    assert tuple(argv) == one.command
    done_by_hand(argv, one, tmp_path)


def test_systemd_units_are_written_once_and_taken_away(tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "systemctl"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    stranger = systemd.folder() / "backup.timer"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("[Timer]\n")
    for _ in range(2):
        paths, why = systemd.install(made(tmp_path))
        assert why == ""
    assert [timer.name for timer in systemd.installed()] == ["miner-screener-weekly-miners.timer"]
    assert "--user enable --now miner-screener-weekly-miners.timer" in (tmp_path / "asked").read_text()
    assert systemd.remove() == 1
    assert [path.name for path in systemd.folder().iterdir()] == ["backup.timer"]
    assert not any(path.exists() for path in paths)


def test_launchd_and_the_windows_task_scheduler_can_read_their_entries(tmp_path):
    one = made(tmp_path)
    plist = plistlib.loads(elsewhere.launchd(one, NOW).encode())
    assert plist["ProgramArguments"] == ["/bin/sh", "-c", one.shell]
    assert plist["StartCalendarInterval"] == [{"Hour": h, "Minute": m} for h, m in one.when.clock_times(NOW)]
    task = ElementTree.fromstring(elsewhere.schtasks(one, NOW))
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    assert task.find(f".//{space}Command").text == one.command[0]
    assert one.command[-1] in task.find(f".//{space}Arguments").text
    assert len(task.findall(f".//{space}CalendarTrigger")) == len(one.when.clock_times(NOW))


def test_github_actions_starts_at_both_times_of_the_year_and_takes_secrets_from_its_own_store(tmp_path):
    text = elsewhere.github_actions(made(tmp_path), NOW)
    flow = yaml.safe_load(text)
    assert [one["cron"] for one in flow[True]["schedule"]] == ["30 22 * * *", "30 23 * * *"]
    steps = flow["jobs"]["weekly"]["steps"]
    run = next(step for step in steps if "env" in step)
    assert run["env"]["SCREENER_SMTP_PASSWORD"] == "${{ secrets.SCREENER_SMTP_PASSWORD }}"
    assert '--at "fri 18:30" --tz America/New_York' in run["run"]
    assert str(tmp_path) not in text


def test_a_password_does_not_get_into_an_entry(tmp_path):
    with pytest.raises(UniverseError, match="SCREENER_DATABASE_URL") as caught:
        made(tmp_path, database="postgresql://me:open-sesame@db/screens")
    assert "open-sesame" not in str(caught.value)


def screener(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return commands.screener(*arguments, cwd=cwd, environment={"HOME": str(cwd), **environment})


def test_install_show_remove_on_the_command_line(fake_crontab, tmp_path):
    assert screener("schedule", "show", cwd=tmp_path).returncode == 2
    arguments = ["schedule", "install", "--weekly", "fri 18:30", "--tz", NEW_YORK, "--as", "cron"]
    first, second = (screener(*arguments, cwd=tmp_path) for _ in range(2))
    assert first.returncode == second.returncode == 0, first.stderr
    assert first.stdout.startswith("Installed in cron: miners, fri 18:30 America/New_York")
    assert second.stdout.startswith("Already installed")
    shown = screener("schedule", "show", cwd=tmp_path).stdout
    assert shown.count("miner-screener:weekly:miners") == 1
    assert screener("schedule", "remove", cwd=tmp_path).stdout == "1 entry removed.\n"
    assert not fake_crontab.exists()


def test_the_paper_of_the_workbooks_is_part_of_every_entry(tmp_path):
    for kind in ("cron", "systemd", "launchd", "schtasks", "github-actions"):
        result = screener("schedule", "print", "--as", kind, "--paper", "a4", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        words = re.sub(r"</?\w+>", " ", result.stdout).replace('"', "").split()
        assert words[words.index("--paper") + 1] == "a4", kind


def test_print_needs_nothing_of_the_machine(tmp_path):
    for kind in ("cron", "systemd", "launchd", "schtasks", "github-actions"):
        result = screener("schedule", "print", "--as", kind, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert "miner-screener:weekly:miners" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_timer_that_cannot_be_started_is_told_with_the_command_to_start_it(tmp_path):
    result = screener("schedule", "install", "--as", "systemd", cwd=tmp_path, XDG_CONFIG_HOME=str(tmp_path / "config"),
                      XDG_RUNTIME_DIR=str(tmp_path / "none"), DBUS_SESSION_BUS_ADDRESS="")  # fmt: skip
    assert result.returncode == 1
    assert "systemctl --user enable --now miner-screener-weekly-miners.timer" in result.stderr
    assert (tmp_path / "config/systemd/user/miner-screener-weekly-miners.timer").exists()
