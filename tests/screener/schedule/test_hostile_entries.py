"""Hostile texts in schedule entries: refused where a file cannot hold them, else given back whole by real parsers."""

from __future__ import annotations

import plistlib
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screener.errors import UniverseError
from screener.schedule import When, cron, elsewhere, entry, systemd
from tests import commands

FRIDAY = When.of("fri 18:30", "America/New_York")
NOW = datetime(2026, 10, 7, 12, 0, tzinfo=UTC)
REFUSED, WHOLE = "refused: no entry is made", "every scheduler gives the argument back as it was"
END = "=end="
KINDS = ("cron", "systemd", "launchd", "schtasks", "github-actions")


@dataclass(frozen=True)
class Case:
    """A text in a path of an entry, and what becomes of it; `besides` names schedulers that cannot hold it and refuse."""

    id: str
    fault: str
    text: str
    outcome: str
    besides: tuple[str, ...] = ()


CASES = [
    Case("newline", "a newline, which begins a live line", "a\n* * * * * touch /tmp/x #", REFUSED),
    Case("return", "a carriage return", "a\rb", REFUSED),
    Case("crlf", "a line end of Windows", "a\r\nb", REFUSED),
    Case("nul", "NUL", "a\0b", REFUSED),
    Case("tab", "a tab", "a\tb", REFUSED),
    Case("vertical tab", "a vertical tab", "a\x0bb", REFUSED),
    Case("form feed", "a form feed", "a\x0cb", REFUSED),
    Case("escape", "an escape sequence", "a\x1b[31mb", REFUSED),
    Case("delete", "DEL", "a\x7fb", REFUSED),
    Case("next line", "U+0085, next line", "a\x85b", REFUSED),
    Case("line separator", "U+2028, line separator", "a\u2028b", REFUSED),
    Case("paragraph separator", "U+2029, paragraph separator", "a\u2029b", REFUSED),
    Case("override", "U+202E, which shows a text backwards", "a\u202eb", REFUSED),
    Case("zero width", "a space of no width", "a\u200bb", REFUSED),
    Case("no text", "a byte that is no UTF-8", "a\udce9b", REFUSED),
    Case("no character", "U+FFFE", "a\ufffeb", REFUSED),
    Case("password", "a password", "x?password=open", REFUSED),
    Case("percent", "% (cron's newline, systemd's specifier)", "100% %h %%", WHOLE, ("schtasks",)),
    Case("one percent", "one %", "100%", WHOLE),
    Case("windows variable", "%NAME%", "a %PATH% b", WHOLE, ("schtasks",)),
    Case("dollar", "$NAME and ${NAME}", "a $HOME ${HOME} $$ b", WHOLE),
    Case("command", "$(command) and `command`", "a $(id) `id` b", WHOLE, ("schtasks",)),
    Case("apostrophe", "an apostrophe", "it's", WHOLE),
    Case("quote", "a double quote", 'a "b" c', WHOLE),
    Case("blank", "blanks, also two", "a  b c", WHOLE),
    Case("shell", "; & | < > of a shell", "a; rm -rf b & c | d > e < f", WHOLE),
    Case("caret", "^ and ! of cmd and bash", "a^b !c ^", WHOLE),
    Case("hash", "a comment's #", "a #b", WHOLE),
    Case("glob", "* ? [ ] { } ~", "*a? [b] {c,d} ~e", WHOLE),
    Case("backslash", "a backslash", "a\\b \\n", WHOLE),
    Case("two backslashes", "two backslashes", "a\\\\b", WHOLE, ("cron",)),
    Case("backslash percent", "a backslash before %", "a\\%b", WHOLE, ("cron",)),
    Case("backslash quote", "a backslash before a quote, and at the end", 'a\\"b\\', WHOLE),
    Case("xml", "& < > and ]]> of XML", "a & <b> ]]> &amp;", WHOLE),
    Case("comment", "-- and --> of an XML comment", "a -- b --> c", WHOLE),
    Case("expression", "${{ }} of a workflow", "a ${{ secrets.X }} b", WHOLE),
    Case("yaml", ": and - and % of YAML", "- a: b, @c !d", WHOLE),
    Case("letters", "letters of other scripts", "Börse 矿工 😀", WHOLE),
]


def made(folder: str, **other: object) -> entry.Entry:
    """An entry of which every path has such a folder."""
    odd = Path("/srv") / folder
    arguments = {
        "source": "bundled", "database": str(odd / "history.sqlite"), "out": odd / "out", "log": odd / "weekly.log",
        "config": odd / "settings.toml", "environment": odd / "environment", "keep": 9,
    }  # fmt: skip
    return entry.make("miners", FRIDAY, **(arguments | other))  # type: ignore[arg-type]


def printing(text: str, folder: Path) -> entry.Entry:
    """An entry that prints its arguments, each followed by END, and reads an environment file that exists."""
    file = folder / "environment"
    file.write_text("SHOWN='yes'\n")
    return entry.Entry("x -- y", FRIDAY, ("/usr/bin/printf", f"%s{END}", text, "--config", text), file)


def run_by_shell(command: str) -> list[str]:
    done = subprocess.run(["env", "-i", "/bin/sh", "-c", command], capture_output=True, check=True, cwd="/")
    assert done.stderr == b""
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix(END).split(END)


def by_cron(one: entry.Entry, folder: Path) -> list[str]:
    """Checked by the machine's cron, and run as it hands a command to /bin/sh (man 5 crontab)."""
    line = cron.line(one, NOW)
    assert "\n" not in line
    file = folder / "crontab"
    file.write_bytes(line.encode("utf-8", "surrogateescape") + b"\n")
    done = subprocess.run(["crontab", "-n", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    command = line.split(" ", 5)[5]
    assert "%" not in command.replace(r"\%", "")
    return run_by_shell(command.replace(r"\%", "%"))


def by_systemd(one: entry.Entry, folder: Path) -> list[str]:
    """By systemd's rules for a command line (man systemd.service, systemd.syntax): quotes, backslashes, %% and $$."""
    service = next(text for name, text in systemd.units(one).items() if name.endswith(".service"))
    line = next(line for line in service.split("\n") if line.startswith("ExecStart="))
    words: list[str] = []
    word, quoted, rest = "", "", line.partition("=")[2]
    open_word = False
    while rest:
        c, rest = rest[0], rest[1:]
        if c == "\\":
            word, rest, open_word = word + {"\\": "\\", '"': '"'}[rest[0]], rest[1:], True
        elif quoted:
            quoted, word = ("", word) if c == quoted else (quoted, word + c)
        elif c in "\"'" and not open_word:
            quoted, open_word = c, True
        elif c in " \t":
            words, word, open_word = ([*words, word] if open_word else words), "", False
        else:
            assert c not in "\"'"  # a quote amid a word is one, but not of ours
            word, open_word = word + c, True
    words = [*words, word] if open_word else words
    assert quoted == ""
    for each in words:
        assert "%" not in each.replace("%%", "")
        assert "$" not in each.replace("$$", "")
    return [each.replace("%%", "%").replace("$$", "$") for each in words][2:]


def by_launchd(one: entry.Entry, folder: Path) -> list[str]:
    program, flag, command = plistlib.loads(elsewhere.launchd(one, NOW).encode("ascii"))["ProgramArguments"]
    assert (program, flag) == ("/bin/sh", "-c")
    return run_by_shell(command)


def taken_apart(line: str) -> list[str]:
    """A command line by Microsoft's rules ("Parsing C command-line arguments"): backslashes count before a quote only."""
    words, word, quoted, open_word, at = [], "", False, False, 0
    while at < len(line):
        slashes = len(line[at:]) - len(line[at:].lstrip("\\"))
        at += slashes
        if at < len(line) and line[at] == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
            open_word, at = True, at + 1
            continue
        word += "\\" * slashes
        open_word = open_word or slashes > 0
        if at == len(line):
            break
        if line[at] in " \t" and not quoted:
            words, word, open_word = ([*words, word] if open_word else words), "", False
        else:
            word, open_word = word + line[at], True
        at += 1
    return [*words, word] if open_word else words


def by_schtasks(one: entry.Entry, folder: Path) -> list[str]:
    task = ElementTree.fromstring(elsewhere.schtasks(one, NOW).encode("ascii"))
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    assert task.findtext(f".//{space}Command") == one.command[0]
    return taken_apart(task.findtext(f".//{space}Arguments") or "")[1:]


def by_actions(one: entry.Entry, folder: Path) -> list[str]:
    """Expressions are evaluated as the runner does, then the line is bash's."""
    flow = yaml.safe_load(elsewhere.github_actions(one, NOW))
    (run,) = [step["run"] for step in flow["jobs"]["weekly"]["steps"] if "env" in step]
    evaluated = run.replace("${{ '${{' }}", "${{")
    assert run.count("${{") == evaluated.count("${{") * 2 or "${{" not in run
    words = run_by_shell(f"printf '%s{END}' " + evaluated)
    config = words[words.index("--config") + 1]
    return [config, "--config", config]


READERS: dict[str, Callable[[entry.Entry, Path], list[str]]] = dict(
    zip(KINDS, (by_cron, by_systemd, by_launchd, by_schtasks, by_actions), strict=True)
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_hostile_text_is_refused_or_comes_back_whole(case, tmp_path):
    if case.outcome == REFUSED:
        for name in ("out", "log", "config", "environment"):
            with pytest.raises(UniverseError, match=f"--{name}") as caught:
                made("fine", **{name: Path("/srv") / case.text})
            assert "\n" not in str(caught.value)
        with pytest.raises(UniverseError, match="--database"):
            made("fine", database=f"/srv/{case.text}")
        with pytest.raises(UniverseError):
            entry.Entry(case.text, FRIDAY, ("/usr/bin/true",), tmp_path)
        with pytest.raises(UniverseError):
            entry.Entry("miners", FRIDAY, ("/usr/bin/true", "--universe", case.text), tmp_path)
        return
    one = printing(case.text, tmp_path)
    for kind, read in READERS.items():
        if kind in case.besides:
            with pytest.raises(UniverseError):
                read(one, tmp_path)
        else:
            assert read(one, tmp_path) == [case.text, "--config", case.text], kind


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8", exclude_characters="="), min_size=1, max_size=20))
def test_any_text_is_refused_or_comes_back_whole_and_never_begins_a_line(tmp_path, text):
    try:
        one = printing(text, tmp_path)
    except UniverseError:
        return
    for kind, read in READERS.items():
        if kind in ("cron", "launchd", "github-actions"):
            continue  # a process each: their texts are those of the table
        try:
            assert read(one, tmp_path) == [text, "--config", text]
        except UniverseError:
            assert kind == "schtasks"
    try:
        line = cron.line(one, NOW)
    except UniverseError:
        assert "\\" in text
        return
    assert len(line.splitlines()) == 1
    assert shlex.split(line.split(" ", 5)[5].replace(r"\%", "%"), comments=True)[-3:] == [text, "--config", text]


def test_systemd_and_actionlint_pass_an_entry_of_every_odd_character(tmp_path):
    odd = "/".join(case.text.replace("/", "") for case in CASES if case.outcome == WHOLE)
    one = made(odd)
    for name, text in systemd.units(one).items():
        (tmp_path / name).write_text(text)
        program = shutil.which("systemd-analyze")
        assert program, "systemd is not installed (see .ci/run)"
        done = subprocess.run(
            [program, "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
    flow = tmp_path / "weekly.yml"
    flow.write_text(elsewhere.github_actions(one, NOW))
    lint = shutil.which("actionlint")
    assert lint, "actionlint is in the extra `dev`"
    done = subprocess.run(
        [lint, "-shellcheck=", "-pyflakes=", str(flow)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    flow.write_text(flow.read_text().replace("runs-on: ubuntu-latest", "runs-on: ubuntu-newest"))
    assert subprocess.run([lint, str(flow)], capture_output=True, check=False, cwd=tmp_path).returncode == 1


def test_a_file_of_the_environment_with_a_pattern_in_its_name_is_that_file(tmp_path):
    one = entry.Entry("miners", FRIDAY, ("/usr/bin/true",), Path("/srv/a*b?[c]\\d 100%/environment"))
    (line,) = [line for line in "".join(systemd.units(one).values()).split("\n") if line.startswith("EnvironmentFile")]
    assert line == "EnvironmentFile=-/srv/a\\*b\\?\\[c]\\\\d 100%%/environment"
    with pytest.raises(UniverseError, match="--environment"):
        systemd.units(entry.Entry("miners", FRIDAY, ("/usr/bin/true",), Path("/srv/environment ")))


def test_a_program_with_a_dollar_in_its_name_is_started_where_systemd_reads_two(tmp_path):
    service = "".join(systemd.units(entry.Entry("miners", FRIDAY, ("/opt/$py/python", "-m"), tmp_path)).values())
    assert "ExecStart=/usr/bin/env /opt/$$py/python -m\n" in service


def test_a_line_longer_than_cron_reads_is_refused_and_the_longest_is_not(tmp_path):
    file = tmp_path / "crontab"

    def line(size: int) -> str:
        return cron.line(entry.Entry("miners", FRIDAY, ("/usr/bin/true", "x" * size), Path("/srv/e")), NOW)

    most = cron.LONGEST - len(line(1).split(" ", 5)[5]) + 1
    longest = line(most)
    with pytest.raises(UniverseError, match="--as systemd"):
        line(most + 1)
    file.write_text(longest + "\n")
    assert subprocess.run(["crontab", "-n", str(file)], capture_output=True, check=False).returncode == 0
    command = longest.split(" ", 5)[5]
    file.write_text(longest.replace(command, "x" + command) + "\n")  # one more, by cron's own word
    assert subprocess.run(["crontab", "-n", str(file)], capture_output=True, check=False).returncode == 1


@pytest.fixture
def spool(tmp_path, monkeypatch) -> Path:
    """A crontab of bytes, in place of the machine's."""
    folder, file = tmp_path / "bin", tmp_path / "spool"
    folder.mkdir()
    program = folder / "crontab"
    program.write_text(
        f'#!/bin/sh\n[ "$1" = - ] && exec cat > {file}\n[ "$1" = -r ] && exec true > {file}\nexec cat {file}\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return file


def test_what_install_did_not_write_stays_byte_for_byte(spool):
    one = made("x")
    ours = cron.line(one, NOW)
    others = (
        b"# windows\r\n0 4 * * * a\x0cb \xc2\x85 \xe2\x80\xa8 \xff\r\n#" + ours.encode() + b"\n"  # switched off by hand
        b"# see # miner-screener:weekly:miners\n@daily true # miner-screener:weekly:miners\n\n\n 5 5 * * * x"
    )
    spool.write_bytes(others)
    assert cron.install(one, NOW) is True
    assert spool.read_bytes() == ours.encode() + b"\n" + others
    assert cron.install(one, NOW) is False
    assert cron.installed() == [ours]
    assert cron.remove() == 1
    assert spool.read_bytes() == others
    assert cron.remove() == 0
    assert spool.read_bytes() == others


def test_names_that_look_alike_are_entries_of_their_own(spool):
    spool.write_bytes(b"")
    names = ["a b", "a-b", "a", "a%b", "a # miner-screener:weekly:c", "矿", "a\\x20b"]
    for name in names:
        assert cron.install(entry.Entry(name, FRIDAY, ("/usr/bin/true",), Path("/srv/e")), NOW) is True
    assert len(cron.installed()) == len(names)
    assert len(
        {name for one in names for name in systemd.units(entry.Entry(one, FRIDAY, ("/x",), Path("/e")))}
    ) == 2 * len(names)
    for left, name in reversed(list(enumerate(names))):
        assert len(cron.installed(name)) == 1, name
        assert cron.remove(name) == 1
        assert len(cron.installed()) == left
    assert spool.read_bytes() == b""


def test_a_unit_that_another_wrote_under_a_like_name_stays(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    systemd.install(made("x"))
    links = systemd.folder() / "timers.target.wants"
    links.mkdir()
    (links / "miner-screener-weekly-miners.timer").symlink_to(systemd.folder() / "miner-screener-weekly-miners.timer")
    foreign = systemd.folder() / "miner-screener-weekly-mine.timer"
    foreign.write_text("[Timer]\n")
    assert [path.name for path in systemd.installed()] == ["miner-screener-weekly-miners.timer"]
    assert systemd.remove("mine") == 0
    assert systemd.remove() == 1
    assert sorted(path.name for path in systemd.folder().rglob("*")) == [foreign.name, links.name]


def test_a_scheduler_that_does_not_answer_is_told(spool, tmp_path, monkeypatch):
    (tmp_path / "bin" / "crontab").write_text("#!/bin/sh\nexec sleep 30\n")
    (tmp_path / "bin" / "systemctl").write_text("#!/bin/sh\nexec sleep 30\n")
    (tmp_path / "bin" / "systemctl").chmod(0o755)
    monkeypatch.setattr(cron, "SECONDS", 0.2)
    monkeypatch.setattr(systemd, "SECONDS", 0.2)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(cron.CrontabError, match=r"no answer in 0\.2 seconds"):
        cron.install(made("x"), NOW)
    assert "no answer in 0.2 seconds" in systemd.install(made("x"))[1]


def test_an_address_without_a_password_may_stand_in_an_entry():
    one = made("x", database="postgresql://screen@db.example/screens")
    assert one.command[one.command.index("--database") + 1] == "postgresql://screen@db.example/screens"
    assert "SCREENER_DATABASE_URL: ${{ secrets.SCREENER_DATABASE_URL }}" in elsewhere.github_actions(one, NOW)


def test_a_workflow_carries_what_was_asked_for_and_names_folders_of_the_repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my miners").mkdir()
    one = entry.make(
        "./my miners", FRIDAY, source="yahoo", database="", out=Path("o"), log=Path("l"), config=Path("s.toml"),
        environment=Path("e"), keep=3, parts=("studies", "nav"), paper="a4",
    )  # fmt: skip
    flow = yaml.safe_load(elsewhere.github_actions(one, NOW))
    (run,) = [step["run"] for step in flow["jobs"]["weekly"]["steps"] if "env" in step]
    assert shlex.split(run)[3:] == [
        "weekly", "--universe", "my miners", "--source", "yahoo", "--at", "fri 18:30", "--tz", "America/New_York",
        "--keep", "3", "--studies", "--nav", "--paper", "a4", "--config", "s.toml", "--out", "screens",
        "--log", "weekly.log",
    ]  # fmt: skip


def test_the_address_in_the_environment_file_is_the_history_of_the_entry(tmp_path):
    """A history named in the entry would win over it; on the command line none is named unless somebody does."""
    environment = {"HOME": str(tmp_path), "XDG_DATA_HOME": "", "SCREENER_DATABASE_URL": ""}
    for kind in KINDS:
        done = commands.screener("schedule", "print", "--as", kind, cwd=tmp_path, environment=environment)
        assert (done.returncode, "--database" in done.stdout) == (0, False), done.stderr
    moved = environment | {"XDG_DATA_HOME": str(tmp_path / "data")}
    done = commands.screener("schedule", "print", cwd=tmp_path, environment=moved)
    assert f"--database {tmp_path}/data/miner-screener/history.sqlite" in done.stdout
    one = made("x", database="")
    (tmp_path / "environment").write_text("SCREENER_DATABASE_URL=postgresql://me:0pen-s3same@127.0.0.1:1/x\n")
    (tmp_path / "environment").chmod(0o600)
    shown = entry.Entry("miners", FRIDAY, ("/usr/bin/printenv", "SCREENER_DATABASE_URL"), tmp_path / "environment")
    assert "--database" not in one.command
    assert "0pen-s3same" not in cron.line(shown, NOW)
    assert run_by_shell(shown.shell) == ["postgresql://me:0pen-s3same@127.0.0.1:1/x\n"]


def test_an_environment_file_that_others_can_read_is_told_at_once(spool, tmp_path):
    spool.write_bytes(b"")
    file = tmp_path / "my environment"
    file.write_text("SCREENER_SMTP_PASSWORD=x\n")
    for mode, told in ((0o600, False), (0o640, True), (0o604, True)):
        file.chmod(mode)
        done = commands.screener("schedule", "install", "--as", "cron", "--environment", str(file), cwd=tmp_path,
                                 environment={"HOME": str(tmp_path)})  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert (f"chmod 600 '{file}'" in done.stderr) is told
