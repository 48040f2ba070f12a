"""The user's own settings file: alerts laid over a universe's, and the contact address for the SEC."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from screener.config import sec, toml
from screener.config.alerts import SECTION, AlertSettings
from screener.config.model import Model, checked
from screener.config.sec import SecSettings
from screener.errors import InputError, Problem, UniverseError

CONTACT = "SCREENER_SEC_CONTACT"


class UserFile(Model):
    """The user's own settings file."""

    hides_unknown: ClassVar = True

    alerts: AlertSettings = Field(AlertSettings.model_construct(), description="a section, [alerts]")
    sec: SecSettings = Field(SecSettings.model_construct(), description="a section, [sec]")


def user_file() -> Path:
    """The user's own settings file."""
    import platformdirs

    return platformdirs.user_config_path("miner-screener") / "settings.toml"


def read(file: Path | None = None) -> UserFile:
    """The user's settings; the defaults where there is no file.

    Parameters
    ----------
    file : Path, optional
        In place of `user_file()`; must exist where it is named.

    Raises
    ------
    UniverseError
        The file cannot be read, or a setting in it is wrong: every problem at once.
    """
    path = file or user_file()
    if file is None and not path.exists():
        return UserFile.model_construct()
    document = toml.read(path, UniverseError, what="a TOML file with sections [alerts] and [sec]")
    return checked(UserFile, document, UniverseError, source=path)


def alerts(universe: dict[str, Any], file: Path | None = None) -> AlertSettings:
    """The alert settings of a universe with the user's laid over them.

    Parameters
    ----------
    universe : dict
        `Universe.settings`, checked when it was loaded.
    file : Path, optional
        As of `read`.

    Raises
    ------
    UniverseError
        As `read`.
    """
    chosen = AlertSettings.model_validate(universe.get(SECTION, {}))
    users = read(file).alerts
    return chosen.model_copy(update={name: getattr(users, name) for name in users.model_fields_set})


def contact(file: Path | None = None) -> str:
    """The contact address for the SEC: SCREENER_SEC_CONTACT, else of the file; empty where nobody gave one.

    Raises
    ------
    InputError
        What the variable holds is no address.
    UniverseError
        As `read`.
    """
    named = os.environ.get(CONTACT, "")
    if not named:
        return read(file).sec.contact
    try:
        return sec.with_address(named)
    except ValueError as error:
        expected = f"an e-mail address, e.g. {CONTACT}=name@example.com"
        raise InputError.of("", [Problem("environment", None, CONTACT, named[:60], expected)]) from error
