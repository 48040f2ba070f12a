"""A small panel whose every mask can be read off by eye."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.rules import Panel

NAMES = pd.Index(list("ABCDEF"))
NAN = np.nan
# E has an unknown EV per MW; F's is below zero and so means nothing; D's backlog and F's share are unknown.
NUMBERS = {
    "ev_per_mw_secured": [1.0, 2.0, 2.0, 8.0, NAN, -1.0],
    "ai_share_contracted": [0.0, 0.25, 0.5, 1.0, 0.3, NAN],
    "backlog_usd": [0.0, 1e9, 2e9, NAN, 5e8, 0.0],
    "secured_mw": [100.0, 200.0, 300.0, 400.0, 500.0, 0.0],
}
TEXTS = {"group": ["bitcoin", "pivot", "pivot", "pivot", "bitcoin", None]}
STATUS = {
    "ev_per_mw_secured": ["ok", "stale", "ok", "ok", "missing", "not_meaningful"],
    "ai_share_contracted": ["ok", "ok", "ok", "ok", "ok", "missing"],
    "backlog_usd": ["ok", "ok", "proxy", "missing", "ok", "ok"],
    "secured_mw": ["ok"] * 6,
    "group": ["ok"] * 5 + ["missing"],
}


def panel(eligible: str = "ABCDEF") -> Panel:
    """One date of six companies."""
    return Panel(
        pd.Index([pd.Timestamp("2026-01-16")]),
        NAMES,
        {name: np.array([values]) for name, values in NUMBERS.items()},
        {name: np.array([values], dtype=object) for name, values in TEXTS.items()},
        {name: np.array([values], dtype=object) for name, values in STATUS.items()},
        np.array([[name in eligible for name in NAMES]]),
    )
