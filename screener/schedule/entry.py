"""The scheduled command: one line with absolute paths that needs no environment."""

from __future__ import annotations

import os
import shlex
import stat
import string
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from screener import secrets
from screener.errors import UniverseError
from screener.files import LETTER
from screener.readers.content import is_folder
from screener.schedule.when import When

PLAIN = set(string.ascii_letters + string.digits + "_-.")
# Controls, separators of lines, marks of direction, halves of a character (bytes that are no UTF-8): a scheduler's file
# ends a line there, shows another one than it holds, or cannot hold them.
REFUSED = {"Cc", "Zl", "Zp", "Cf", "Cs"}


@dataclass(frozen=True)
class Entry:
    """One weekly job.

    Attributes
    ----------
    name : str
        The universe; one entry each.
    when : When
    command : tuple of str
        With absolute paths only: schedulers start it from another folder, without PATH, often without HOME.
    environment : Path
        File of KEY=value lines that is read into the environment of each run, for secrets; may not be there.

    Raises
    ------
    UniverseError
        A text of the command cannot stand on one line of a scheduler's file, or holds a secret.
    """

    name: str
    when: When
    command: tuple[str, ...]
    environment: Path

    def __post_init__(self) -> None:
        option = "command"
        for part in self.command:
            option = part if part.startswith("--") and part.isascii() else option
            _check(option, part, self.environment)
        _check("--universe", self.name, self.environment)
        _check("--environment", str(self.environment), self.environment)

    @property
    def marker(self) -> str:
        """The marker that identifies the entry."""
        return f"miner-screener:weekly:{slug(self.name)}"

    @property
    def shell(self) -> str:
        """The command for /bin/sh, which reads the environment file first."""
        file = shlex.quote(str(self.environment))
        return f"set -a; [ ! -r {file} ] || . {file}; exec {shlex.join(self.command)}"


def slug(name: str) -> str:
    """A universe's name as every scheduler takes it in a name or a comment, as systemd-escape writes it."""
    return "".join(chr(byte) if chr(byte) in PLAIN else f"\\x{byte:02x}" for byte in name.encode())


def _check(option: str, text: str, environment: Path) -> None:
    """Refuse a text that would begin another line in a scheduler's file, or a secret that others could read there."""
    wrong = next((one for one in text if unicodedata.category(one) in REFUSED or ord(one) & 0xFFFE == 0xFFFE), "")
    if wrong:
        what = unicodedata.name(wrong, "a control character").lower()
        raise UniverseError(
            f"{option} {text!r}: a schedule entry cannot hold {what} (U+{ord(wrong):04X}); use a path or name without it"
        )
    if secrets.holds_secret(text):
        raise UniverseError(
            f"{option}: a schedule entry can be read by other users, so it must not hold a password or token: "
            f"put SCREENER_DATABASE_URL=... into {environment} (mode 600) and omit {option}"
        )


def environment_file() -> Path:
    """The file of a user's secrets for unattended runs; readable by the user alone."""
    import platformdirs

    return platformdirs.user_config_path("miner-screener") / "environment"


def make(
    universe: str,
    when: When,
    *,
    source: str,
    database: str,
    out: Path,
    log: Path,
    config: Path | None,
    environment: Path,
    keep: int,
    parts: Sequence[str] = (),
    paper: str = LETTER,
) -> Entry:
    """The entry of a universe; `parts` of the workbook beside the screen: studies, nav; its `paper`.

    Raises
    ------
    UniverseError
        A path holds a control character, or an argument a password: other users can read an entry, so a password
        belongs in the environment file.
    """
    given = {"--universe": universe, "--database": database, "--out": out, "--log": log, "--config": config or ""}
    for option, text in {**given, "--environment": environment}.items():
        _check(option, str(text), environment)  # before a file's name is made of it
    folder = Path(universe)
    # A folder is named from wherever the scheduler starts; a bundled universe by its name.
    target = str(folder.resolve()) if name_of(universe) != universe else universe
    command = [sys.executable, "-m", "screener", "weekly", "--quiet", "--universe", target, "--source", source]
    command += ["--at", when.text, "--tz", when.zone.key, "--out", str(out.resolve()), "--log", str(log.resolve())]
    command += ["--keep", str(keep), *(f"--{part}" for part in parts)]
    command += ["--paper", paper] if paper != LETTER else []
    if database:
        command += ["--database", database if "://" in database else str(Path(database).resolve())]
    if config is not None:
        command += ["--config", str(config.resolve())]
    return Entry(name_of(universe), when, tuple(command), environment.resolve())


def name_of(universe: str) -> str:
    """The name of the entry of a universe: a bundled one's own, a folder's last part."""
    folder = Path(universe)
    return folder.resolve().name if is_folder(folder) and (os.sep in universe or folder.is_absolute()) else universe


def read_by_others(file: Path) -> bool:
    """Whether a file is there and other users can read or write it; false where the system knows no such modes."""
    return os.name == "posix" and file.exists() and bool(file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
