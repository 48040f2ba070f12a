"""The scheduled command: one line with absolute paths that needs no environment."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from screener.errors import UniverseError
from screener.schedule.when import When


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
    """

    name: str
    when: When
    command: tuple[str, ...]
    environment: Path

    @property
    def marker(self) -> str:
        """The marker that identifies the entry."""
        return f"miner-screener:weekly:{self.name}"

    @property
    def shell(self) -> str:
        """The command for /bin/sh, which reads the environment file first."""
        file = shlex.quote(str(self.environment))
        return f"set -a; [ ! -r {file} ] || . {file}; exec {shlex.join(self.command)}"


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
) -> Entry:
    """The entry of a universe; `parts` of the workbook beside the screen: studies, nav.

    Raises
    ------
    UniverseError
        A database address with a password: other users can read an entry, so it belongs in the environment file.
    """
    folder = Path(universe)
    # A folder is named from wherever the scheduler starts; a bundled universe by its name.
    target = str(folder.resolve()) if folder.is_dir() and (os.sep in universe or folder.is_absolute()) else universe
    command = [sys.executable, "-m", "screener", "weekly", "--quiet", "--universe", target, "--source", source]
    command += ["--at", when.text, "--tz", when.zone.key, "--out", str(out.resolve()), "--log", str(log.resolve())]
    command += ["--keep", str(keep), *(f"--{part}" for part in parts)]
    if database:
        if "://" in database and "@" in database:
            raise UniverseError(
                f"a schedule entry can be read by other users, so it must not hold a database password: "
                f"put SCREENER_DATABASE_URL=... into {environment} (mode 600) and omit --database"
            )
        command += ["--database", database if "://" in database else str(Path(database).resolve())]
    if config is not None:
        command += ["--config", str(config.resolve())]
    return Entry(folder.resolve().name if target != universe else universe, when, tuple(command), environment.resolve())
