"""Template of a universe folder: empty files with a comment for each column and setting."""

from __future__ import annotations

from pathlib import Path

from screener.errors import UniverseError
from screener.universes.items import ITEMS
from screener.universes.schema import CONFIRMED, DATE, FILES, NUMBER, Column, File
from valuation import groups
from valuation.assumptions import Assumptions

TOML = """\
# Title of this universe, and how it is screened.
title = "{name}"

# from = "miners"           # a view of another universe: its rows, of the tickers below alone
# tickers = ["IREN", "CORZ"]

[groups]
# The rule that divides the companies into the AI group ("pivot") and the mining group ("bitcoin"):
{rules}
rule = "{rule}"
# Or a rule of your own in its place: a metric with a threshold, or the tickers of both groups.
# metric = "leased_share"
# threshold = 0.5
# first = ["AAA", "BBB"]
# second = ["CCC", "DDD"]
# title = "the rule in words"

# [sector]
# first = "AI"              # the first group in a word: "AI group", "AI company"
# second = "mining"
# company = "miner"
# companies = "miners"
# coins = true              # false: no company holds coins, and no bitcoin price is needed
# mining = true             # false: no company mines

[benchmarks]
# Symbols that prices.csv may hold in addition to the companies.
# market = "SPY"

[alerts]
# What `screener weekly` raises an alert for; a user's own settings.toml is laid over it. Passwords come from the
# environment.
# gap_band = [2.0, 5.0]     # the gap leaves the band
# ev_per_mw_move = 0.15     # EV per secured MW moves by more than 15% in a week
# group_change = true       # a company changes group
# goes_stale = true         # a figure becomes stale
# run_fails = true          # a run fails
# exit_code = true          # end with exit code 5 where an alert was raised
# webhook = "always"        # or "alerts"; the address is SCREENER_WEBHOOK_URL
# [alerts.email]
# host = "smtp.example.com"
# sender = "screen@example.com"
# to = ["committee@example.com"]
# user = "screen"           # the password is SCREENER_SMTP_PASSWORD
# security = "starttls"     # or "tls", "none"
# send = "always"           # or "alerts"

[defaults]
# Assumptions of this universe, in place of the program's own: remove the "# " before the name.
{defaults}
"""


def create(path: Path) -> list[Path]:
    """Write the files of an empty universe into `path`, which must not exist or be empty.

    Raises
    ------
    UniverseError
        The folder is not empty.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UniverseError(f"{path}: exists and is not empty; choose a new or an empty folder")
    path.mkdir(parents=True, exist_ok=True)
    written = []
    for file in FILES.values():
        place = path / file.name
        place.write_text(template(file), encoding="utf-8")
        written.append(place)
    place = path / "universe.toml"
    place.write_text(_settings(path.resolve().name), encoding="utf-8")
    return [*written, place]


def _settings(name: str) -> str:
    """`universe.toml`, with every group rule and every assumption that there is."""
    from screener.config.assumptions_file import entries

    rules = "\n".join(f"#   {rule.name}: {rule.title}" for rule in groups.RULES.values())
    defaults = "\n".join(f"# {line}".rstrip() for line in entries(Assumptions()))
    return TOML.format(name=name, rules=rules, rule=groups.DEFAULT_RULE, defaults=defaults)


def template(file: File) -> str:
    """Comment lines that explain each column, then the header: all columns but `confirmed`, to be added where needed."""
    need = "this file is required" if file.required else "this file is optional"
    lines = [f"# {file.name}: one row is {file.about}; {need}. Lines that start with # above the header are comments."]
    lines += [f"# {name}: {_explain(column)}" for name, column in file.columns.items()]
    if file.name in ITEMS:
        lines.append("# items:")
        lines += [f"#   {name} ({' or '.join(item.units)}): {item.about}" for name, item in ITEMS[file.name].items()]
    return "\n".join([*lines, ",".join(name for name in file.columns if name != CONFIRMED)]) + "\n"


def _explain(column: Column) -> str:
    kind = {NUMBER: "number", DATE: "YYYY-MM-DD"}.get(column.kind, "text")
    words = f" ({', '.join(column.one_of)})" if column.one_of else ""
    return f"{column.about}{words} [{kind}{', required' if column.required else ''}]"
