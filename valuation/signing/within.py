"""Change within companies between two dates, by what became of their group."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from valuation.groups import BITCOIN, PIVOT

CROSSED, LEFT = "crossed the threshold", "left the AI group"
MOVES = {
    (BITCOIN, PIVOT): CROSSED,
    (BITCOIN, BITCOIN): "stayed in the mining group",
    (PIVOT, PIVOT): "stayed in the AI group",
    (PIVOT, BITCOIN): LEFT,
}


def change_since(
    values: Mapping[str, pd.DataFrame], group: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp
) -> pd.DataFrame:
    """Change of each company's measures from one date to another: the ratio of the two values.

    Parameters
    ----------
    values : mapping of str to DataFrame (dates, companies)
        Positive; NaN where unknown.
    group : DataFrame (dates, companies)
        `pivot`, `bitcoin` or None.
    since, until : Timestamp
        Two of the dates.

    Returns
    -------
    DataFrame
        Indexed by ticker: from_group, to_group, move (of `MOVES`), and the ratio of each measure. Companies whose group is
        unknown on either date, or none of whose measures is known on both, are left out.
    """
    before, after = group.loc[since], group.loc[until]
    frame = pd.DataFrame({"from_group": before, "to_group": after}).rename_axis("ticker")
    frame["move"] = [MOVES.get((a, b)) for a, b in zip(before, after, strict=True)]
    for name, value in values.items():
        frame[name] = value.loc[until] / value.loc[since]
    known = frame["move"].notna() & frame[list(values)].notna().any(axis=1)
    order = {move: place for place, move in enumerate(MOVES.values())}
    frame = frame[known].sort_index()
    return frame.loc[frame["move"].map(order).sort_values(kind="stable").index]


def medians(change: pd.DataFrame) -> pd.DataFrame:
    """Median change of each measure by move, with the number of companies known: `<measure>`, `<measure>_n`."""
    measures = [name for name in change.columns if name not in ("from_group", "to_group", "move")]
    rows = {}
    for move in MOVES.values():
        members = change[change["move"] == move]
        if members.empty:
            continue
        rows[move] = {"companies": float(len(members))}
        for name in measures:
            known = members[name].dropna()
            rows[move] |= {name: float(known.median()) if len(known) else np.nan, f"{name}_n": float(len(known))}
    columns = ["companies", *(column for name in measures for column in (name, f"{name}_n"))]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("move")
