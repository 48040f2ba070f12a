"""The pairs of companies that make the headline gap: the middle of all ratios of an AI-group to a mining company."""

from __future__ import annotations

import pandas as pd

from valuation.gap.estimate import HEADLINE
from valuation.groups import BITCOIN, PIVOT
from valuation.screen import Screen

PAIR_COLUMNS = ["pivot", "bitcoin", "ratio", "in_the_middle"]


def pairs(screen: Screen) -> pd.DataFrame:
    """Every ratio of an AI-group company's EV per secured MW to a mining company's, ascending.

    Returns
    -------
    DataFrame
        `PAIR_COLUMNS`: the two tickers, their ratio, and whether it is the middle one (of an even number one of the two
        middle ones, whose geometric mean is the typical ratio).
    """
    members = screen.table[screen.gap.members[HEADLINE[0]]]
    groups = {name: members.loc[members["group"] == name, HEADLINE[0]].astype(float) for name in (PIVOT, BITCOIN)}
    rows = [(a, b, x / y) for a, x in groups[PIVOT].items() for b, y in groups[BITCOIN].items()]
    out = pd.DataFrame(rows, columns=PAIR_COLUMNS[:3]).sort_values("ratio", kind="stable", ignore_index=True)
    n = len(out)
    return out.assign(in_the_middle=[k in ((n - 1) // 2, n // 2) for k in range(n)])
