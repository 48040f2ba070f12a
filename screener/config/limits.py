"""A committee's limits, read from a file."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np

from screener.errors import HoldingsError, Problem
from valuation.portfolio.limits import DEFAULTS, Limit


def load_limits(path: Path) -> dict[str, Limit]:
    """Limits from a TOML file, `[limits]` of name = number, laid over the defaults; false drops one.

    Raises
    ------
    HoldingsError
        A name that is no limit, or a value that is no number.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise HoldingsError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HoldingsError(f"{path.name}: not valid TOML in UTF-8 ({error})") from None
    table = given.get("limits")
    if not isinstance(table, dict) or set(given) != {"limits"}:
        raise HoldingsError(f"{path.name}: expected one section, [limits], of name = number")
    out = dict(DEFAULTS)
    problems = []
    for name, number in table.items():
        if name not in DEFAULTS:
            problems.append(Problem(path.name, None, name, str(number), f"one of {', '.join(DEFAULTS)}"))
        elif number is False:
            del out[name]
        elif isinstance(number, bool) or not isinstance(number, (int, float)) or not np.isfinite(number):
            problems.append(Problem(path.name, None, name, str(number), "a number, or false to drop the limit"))
        else:
            out[name] = replace(DEFAULTS[name], value=float(number))
    if problems:
        raise HoldingsError(f"{path.name}: {len(problems)} fault(s)", problems)
    return out
