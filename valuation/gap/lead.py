"""What a page on the gap leads with: the two groups, or the line on contracted share where a group is small."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._words import SIGNIFICANT, count, interval, listed, multiple, p_value, percent
from valuation.findings import CAN, CANNOT, NOTE, Finding
from valuation.freshness import CURRENT, Basis
from valuation.gap.hodges_lehmann import LEAST_MEMBERS
from valuation.groups import PIVOT
from valuation.regression.ols import Regression

GAP, LINE = "gap", "line"
# With fewer companies in a group the interval is so wide that the line, which uses every company, says more.
LEADS_FROM = 5
RESPONSE, SHARE = "ev_per_mw_secured", "ai_share_contracted"
TERCILES = ("lowest", "middle", "highest")
TERCILE_COLUMNS = ["tercile", "n", "lowest_share", "highest_share", "median_ev_per_mw", "n_pivot"]


@dataclass(frozen=True)
class ImpliedGap:
    """The gap that the line implies between no contracted AI revenue and the AI group's mean share.

    Attributes
    ----------
    ratio, low, high : float
        exp(b x share) with b the slope of ln(EV per secured MW) and the ends of its wild-bootstrap interval.
    share : float
        Mean contracted share of the AI group's companies on the line.
    p : float
        Of the slope, restricted wild bootstrap.
    level : float
    n : int
        Companies on the line.
    method : str
    """

    ratio: float
    low: float
    high: float
    share: float
    p: float
    level: float
    n: int
    method: str


@dataclass(frozen=True)
class Lead:
    """What leads, why, and the figures that lead where the groups do not.

    Attributes
    ----------
    leads : {"gap", "line"}
    reason : str
        Why the line leads; empty where the groups do.
    line : ImpliedGap or None
        None where there is no regression or no AI group.
    note : str
        Why `line` is None.
    terciles : DataFrame
        Companies of the headline by contracted share, a row a tercile that is not empty: n, lowest_share,
        highest_share (fractions), median_ev_per_mw (m USD), n_pivot. Companies of one share are in one tercile.
    basis : Basis
        What the companies' EV per secured MW rest on.
    """

    leads: str
    reason: str
    line: ImpliedGap | None
    note: str
    terciles: pd.DataFrame
    basis: Basis = CURRENT

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Why the line leads, the gap that it implies and the terciles; nothing where the groups lead."""
        if self.leads == GAP:
            return ()
        if self.line is None:
            why = Finding(f"{self.reason}, and no gap implied by the regression: {self.note}.", CANNOT)
            return (why, *_terciles(self.terciles, self.basis))
        why = Finding(f"{self.reason}: the regression on contracted share leads.", NOTE)
        return (why, *_implied(self.line, self.note, self.basis), *_terciles(self.terciles, self.basis))


def leads(n_pivot: float, n_bitcoin: float) -> str:
    """`line` where a group has fewer than five companies, else `gap` (METHODS section 7)."""
    return LINE if min(n_pivot, n_bitcoin) < LEADS_FROM else GAP


def reason(n_pivot: float, n_bitcoin: float) -> str:
    """Why the line leads, without the full stop: `With 2 mining companies ...`; empty where the groups lead."""
    if leads(n_pivot, n_bitcoin) == GAP:
        return ""
    small = [
        count(n, f"{name} company", f"{name} companies") if n else f"no {name} company"
        for name, n in (("AI-group", n_pivot), ("mining", n_bitcoin))
        if n < LEADS_FROM
    ]
    if min(n_pivot, n_bitcoin) < LEAST_MEMBERS:
        inside = "" if min(n_pivot, n_bitcoin) else " in the statistics"
        return f"With {' and '.join(small)}{inside} there is no group comparison, which needs {LEAST_MEMBERS} in each group"
    return f"With {' and '.join(small)} the group comparison is rough"


def lead(
    row: pd.Series,
    inside: Iterable[str],
    table: pd.DataFrame,
    line: Regression | None,
    note: str = "",
    basis: Basis = CURRENT,
) -> Lead:
    """What leads on one date.

    Parameters
    ----------
    row : Series
        The row of `Gap.frame` whose groups are compared: n_pivot, n_bitcoin.
    inside : iterable of str
        Tickers of the companies in the gap per secured MW.
    table : DataFrame
        Indexed by ticker: group, EV per secured MW (m USD), contracted share.
    line : Regression or None
        ln(EV per secured MW) on contracted share; `note` says why there is none.
    basis : Basis
        What the EV per secured MW of these companies rest on.
    """
    implied, why = None, note
    if line is not None:
        of_pivots = line.sample["share"][(table["group"].reindex(line.sample.index) == PIVOT).to_numpy()]
        if of_pivots.empty:
            why = "no AI-group company on the line"
        else:
            implied = implied_gap(line, float(of_pivots.mean()))
    return Lead(
        leads=leads(row["n_pivot"], row["n_bitcoin"]),
        reason=reason(row["n_pivot"], row["n_bitcoin"]),
        line=implied,
        note="" if implied is not None else why or "no regression on this date",
        terciles=terciles(table.loc[list(inside)]),
        basis=basis,
    )


def implied_gap(line: Regression, share: float) -> ImpliedGap:
    """exp(b x share) with the wild-bootstrap interval of b."""
    ratio, low, high = (float(np.exp(b * share)) for b in (line.slope, line.wild.low, line.wild.high))
    return ImpliedGap(ratio, low, high, share, line.wild.p_value, line.level, line.n, line.wild.method)


def terciles(members: pd.DataFrame) -> pd.DataFrame:
    """Median EV per secured MW by tercile of contracted share.

    Parameters
    ----------
    members : DataFrame
        group, EV per secured MW, contracted share; a company without one of the two is in no tercile.

    Notes
    -----
    By midrank r of n: tercile floor(3 (r - 1/2) / n), so that companies of one share stay together; those of the lowest
    share are in the lowest tercile and those of the highest in the highest, however many they are.
    """
    place = tercile_of(members)
    known = members.loc[place.index]
    rows = [
        {
            "tercile": name, "n": len(part), "lowest_share": part[SHARE].min(), "highest_share": part[SHARE].max(),
            "median_ev_per_mw": float(part[RESPONSE].median()), "n_pivot": int((part["group"] == PIVOT).sum()),
        }
        for k, name in enumerate(TERCILES)
        if len(part := known[place == k])
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=TERCILE_COLUMNS)


def tercile_of(members: pd.DataFrame) -> pd.Series:
    """Tercile of contracted share by company, 0 the lowest; of those whose share and EV per secured MW are known."""
    known = members[members[SHARE].notna() & members[RESPONSE].notna()]
    midrank = known[SHARE].rank(method="average")
    place = np.floor(3 * (midrank - 0.5) / len(known))
    return place.mask(known[SHARE] == known[SHARE].max(), 2).mask(known[SHARE] == known[SHARE].min(), 0)


def _implied(line: ImpliedGap | None, note: str, basis: Basis) -> list[Finding]:
    if line is None:
        return [Finding(basis.sentence(f"Gap implied by the regression not available: {note}."), CANNOT)]
    implies = basis.verb("implies", "implied")
    text = (
        f"The regression {implies} a gap of {multiple(line.ratio)} in enterprise value per secured MW between no contracted "
        f"AI revenue and the AI group's mean share of {percent(line.share)} ({line.level:.0%} confidence interval "
        f"{interval(line.low, line.high)}, {p_value(line.p)}, n = {line.n})."
    )
    figures = {"ratio": line.ratio, "low": line.low, "high": line.high, "share": line.share, "n": line.n}
    return [Finding(basis.sentence(text), CAN, figures, line.p, SIGNIFICANT)]


def _terciles(rows: pd.DataFrame, basis: Basis) -> list[Finding]:
    if rows.empty:
        return []
    each: list[str] = []
    figures: dict[str, float] = {}
    for row in rows.itertuples(index=False):
        span = _span(row.lowest_share, row.highest_share)
        each.append(f"${row.median_ev_per_mw:.1f}m in the {row.tercile} (share {span}, n = {row.n})")
        figures |= {f"{row.tercile}_median": row.median_ev_per_mw, f"{row.tercile}_n": row.n}
    text = f"Median enterprise value per secured MW by tercile of contracted share: {listed(each)}."
    return [Finding(basis.sentence(text), CAN, figures)]


def _span(low: float, high: float) -> str:
    return percent(low) if low == high else f"{percent(low)} to {percent(high)}"
