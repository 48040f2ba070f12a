"""An empty, commented universe folder for a person to fill."""

from __future__ import annotations

from pathlib import Path

from screener.errors import UniverseError
from screener.universes.schema import DATE, FILES, ITEMS, NUMBER, Column, File

TOML = """\
# What this universe is called, and how it is screened.
title = "{name}"

[groups]
rule = "share20"   # who counts as a pivot; the rules are listed by `screener run --help`

[benchmarks]
# Symbols that prices.csv may hold beside the companies.
# market = "SPY"

[defaults]
# Numbers laid over the toolkit's own, by name, e.g. gross_mw_per_critical_it_mw = 1.30

[alerts]
# What `screener weekly` tells of; a user's own settings.toml is laid over it. Passwords come from the environment.
# gap_band = [2.0, 5.0]     # the gap leaves the band
# ev_per_mw_move = 0.15     # EV per secured MW moves by more than 15% in a week
# group_change = true       # a company changes group
# goes_stale = true         # a figure goes stale
# run_fails = true          # a run fails
# exit_code = true          # end with 5 where one of them was met
# webhook = "always"        # or "alerts"; the address is SCREENER_WEBHOOK_URL
# [alerts.email]
# host = "smtp.example.com"
# sender = "screen@example.com"
# to = ["committee@example.com"]
# user = "screen"           # the password is SCREENER_SMTP_PASSWORD
# security = "starttls"     # or "tls", "none"
# send = "always"           # or "alerts"
"""


def create(path: Path) -> list[Path]:
    """Write the files of an empty universe into `path`, which must not exist or be empty.

    Raises
    ------
    UniverseError
        There is something in the folder.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UniverseError(f"{path}: there is something there; name a new or an empty folder")
    path.mkdir(parents=True, exist_ok=True)
    written = []
    for file in FILES.values():
        place = path / file.name
        place.write_text(_template(file), encoding="utf-8")
        written.append(place)
    place = path / "universe.toml"
    place.write_text(TOML.format(name=path.resolve().name), encoding="utf-8")
    return [*written, place]


def _template(file: File) -> str:
    """Comment lines that explain each column, then the header."""
    need = "this file must be there" if file.required else "this file may be left out"
    lines = [f"# {file.name}: one row is {file.about}; {need}. Lines that start with # above the header are comments."]
    lines += [f"# {name}: {_explain(column)}" for name, column in file.columns.items()]
    if file.name in ITEMS:
        lines.append("# items:")
        lines += [f"#   {name} ({' or '.join(item.units)}): {item.about}" for name, item in ITEMS[file.name].items()]
    return "\n".join([*lines, ",".join(file.columns)]) + "\n"


def _explain(column: Column) -> str:
    kind = {NUMBER: "number", DATE: "YYYY-MM-DD"}.get(column.kind, "text")
    words = f" ({', '.join(column.one_of)})" if column.one_of else ""
    return f"{column.about}{words} [{kind}{', required' if column.required else ''}]"
