"""`[alerts]` of a universe's `universe.toml`, and of the user's own settings file laid over it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from screener.errors import Problem, UniverseError

SECTION = "alerts"
SECURITY = {"starttls": 587, "tls": 465, "none": 25}
SEND = ("always", "alerts")


@dataclass(frozen=True)
class Email:
    """`[alerts.email]`: where the workbook goes. The password is SCREENER_SMTP_PASSWORD, never a setting."""

    host: str = ""
    to: tuple[str, ...] = ()
    sender: str = ""
    user: str = ""
    security: str = "starttls"
    port: int = 0
    send: str = "always"


@dataclass(frozen=True)
class Settings:
    """`[alerts]`: which rules are watched.

    Attributes
    ----------
    gap_band : (low, high) or None
        Told when the headline gap leaves the band.
    ev_per_mw_move : float or None
        Told when a company's EV per secured MW moves by more than this fraction in a week.
    group_change, goes_stale, run_fails : bool
    exit_code : bool
        Whether the weekly command ends with 5 where a rule was met.
    webhook : "always" or "alerts"
        When SCREENER_WEBHOOK_URL is posted to.
    email : Email or None
    """

    gap_band: tuple[float, float] | None = None
    ev_per_mw_move: float | None = None
    group_change: bool = True
    goes_stale: bool = True
    run_fails: bool = True
    exit_code: bool = True
    webhook: str = "always"
    email: Email | None = None


def user_file() -> Path:
    """The user's own settings file."""
    import platformdirs

    return platformdirs.user_config_path("miner-screener") / "settings.toml"


def read(universe: dict[str, Any], file: Path | None = None) -> Settings:
    """The settings of a universe with the user's laid over them.

    Parameters
    ----------
    universe : dict
        `Universe.settings`, checked when it was loaded.
    file : Path, optional
        In place of `user_file()`; must be there where it is named.

    Raises
    ------
    UniverseError
        The file cannot be read, or a setting in it is wrong: every fault at once.
    """
    chosen = _made(Settings(), universe.get(SECTION, {}))
    path = file or user_file()
    if file is None and not path.exists():
        return chosen
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UniverseError(f"{path}: expected a TOML file with a section [alerts] ({error})") from error
    found = [Problem(path.name, None, name, "", f"[{SECTION}]") for name in settings if name != SECTION]
    found += problems(settings.get(SECTION, {}), path.name)
    if found:
        raise UniverseError(f"{path}: {len(found)} problem{'s' if len(found) > 1 else ''}", found)
    return _made(chosen, settings.get(SECTION, {}))


def problems(section: Any, file: str) -> list[Problem]:
    """Everything that is wrong with an [alerts] section; misspelt names would otherwise be passed over in silence."""
    found: list[Problem] = []

    def tell(name: str, value: Any, expected: str) -> None:
        shown = "" if "password" in name else str(value)
        found.append(Problem(file, None, name, shown, expected))

    if not isinstance(section, dict):
        return [Problem(file, None, SECTION, str(section), f"a section, [{SECTION}]")]
    known = {f.name for f in fields(Settings)}
    for name, value in section.items():
        if name not in known:
            tell(name, "", f"one of {', '.join(sorted(known))}")
        elif name == "gap_band":
            pair = isinstance(value, list) and len(value) == 2 and all(_is_number(v) for v in value)
            if not pair or not 0 < value[0] < value[1]:
                tell(name, value, "two ratios, the lower first, e.g. [2.0, 5.0]")
        elif name == "ev_per_mw_move":
            if not _is_number(value) or value <= 0:
                tell(name, value, "a fraction above zero, e.g. 0.15 for 15%")
        elif name == "webhook":
            if value not in SEND:
                tell(name, value, f"one of {', '.join(SEND)}; the address itself is SCREENER_WEBHOOK_URL")
        elif name != "email" and not isinstance(value, bool):
            tell(name, value, "true or false")
    if "email" in section:
        _email_problems(section["email"], tell)
    return found


def _email_problems(email: Any, tell: Any) -> None:
    if not isinstance(email, dict):
        tell("email", email, "a section, [alerts.email]")
        return
    checks: dict[str, tuple[Callable[[Any], bool], str]] = {
        "to": (_are_addresses, 'a list of addresses, e.g. ["committee@example.com"]'),
        "port": (lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 < v < 65536, "a port, e.g. 587"),
        "security": (lambda v: v in SECURITY, f"one of {', '.join(SECURITY)}"),
        "send": (lambda v: v in SEND, f"one of {', '.join(SEND)}"),
    }
    line = (lambda v: isinstance(v, str) and bool(v.strip()) and "\n" not in v, "a text of one line")
    known = [f.name for f in fields(Email)]
    for name, value in email.items():
        if name == "password":
            tell("email.password", value, "the password in the environment, SCREENER_SMTP_PASSWORD, and not in a file")
        elif name not in known:
            tell(f"email.{name}", "", f"one of {', '.join(known)}")
        else:
            good, expected = checks.get(name, line)
            if not good(value):
                tell(f"email.{name}", value, expected)
    for name in ("host", "to", "sender"):
        if name not in email:
            tell(f"email.{name}", "", "a value: an e-mail needs it")


def _made(base: Settings, section: dict[str, Any]) -> Settings:
    values = dict(section)
    if "gap_band" in values:
        values["gap_band"] = tuple(map(float, values["gap_band"]))
    if "email" in values:
        email = {**values["email"], "to": tuple(values["email"]["to"])}
        email.setdefault("port", SECURITY[email.get("security", Email.security)])
        values["email"] = Email(**email)
    return replace(base, **values)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _are_addresses(value: Any) -> bool:
    def one(text: Any) -> bool:
        return isinstance(text, str) and "@" in text and not any(c in text for c in "\r\n,")

    return isinstance(value, list) and bool(value) and all(map(one, value))
