"""What net asset values allow to say, and what they do not, in words."""

from __future__ import annotations

import pandas as pd

from valuation.nav.analysis import NavAnalysis
from valuation.nav.sum_of_parts import NOT_IN_IT, UNSIGNED


def nav_in_words(worth: NavAnalysis, rows: pd.DataFrame, status: pd.DataFrame) -> tuple[list[str], list[str]]:
    """What the table allows to say and what it does not."""
    inside = worth.book.excluded.droplevel("as_of").reindex(rows.index) == ""
    ratio = rows.loc[inside & status["p_nav_cap_rate"].ne("not_meaningful"), "p_nav_cap_rate"].dropna()
    if ratio.empty:
        return [], ["No company has a net asset value on this date."]
    dear, cheap = ratio.idxmax(), ratio.idxmin()
    over = rows.loc[inside, "price_over_floor_usd"] / rows.loc[inside, "price_usd"]
    can = [
        f"The middle company trades at {ratio.median():.2f} of its net asset value (n = {len(ratio)}); {cheap} at "
        f"{ratio[cheap]:.2f}, {dear} at {ratio[dear]:.2f}.",
        f"Of the middle price {over.median():.0%} is paid for what is not signed yet (price over floor).",
    ]
    apart = (rows["nav_cap_rate_usd"] / rows["nav_dcf_usd"] - 1).abs()
    widest = apart.idxmax()
    most = [
        t for t in rows.index[inside] if rows.loc[t, list(UNSIGNED)].sum() > 0.5 * rows.loc[t, "nav_cap_rate_usd"] > 0
    ]
    cannot = [
        f"That a company is cheap: {NOT_IN_IT}. The two methods are up to {apart[widest]:.0%} apart ({widest}).",
        "How likely a lease is: the chances are assumed. More than half of the value rests on them at "
        f"{', '.join(most) or 'no company'}.",
        "One company's doubts: `screener nav TICKER`.",
    ]
    return can, cannot
