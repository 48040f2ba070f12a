"""Who stands out: each company against the line of the others and against its net asset value, with what is doubtful."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from valuation._words import interval, listed, multiple, percent
from valuation.brief.result import NOBODY
from valuation.findings import CAN, CANNOT, NOTE, Finding
from valuation.gap.estimate import HEADLINE
from valuation.nav.findings import not_comparable
from valuation.nav.names import HEADLINE as NAV
from valuation.nav.names import UNSIGNED
from valuation.screen import Screen
from valuation.status import USABLE, shown

if TYPE_CHECKING:
    from valuation.nav.analysis import NavAnalysis

STANDING_COLUMNS = ["group", "ev_per_mw", "share", "to_line", "low", "high", "price_to_nav", "unleased_share", "doubt"]


def members(screen: Screen) -> pd.Index:
    """The companies whose EV per secured MW is in the statistics."""
    return screen.table.index[screen.gap.members[HEADLINE[0]].reindex(screen.table.index, fill_value=False)]


def standing(screen: Screen, nav: NavAnalysis | None = None) -> pd.DataFrame:
    """Each company of the statistics against the line and its net asset value; see `Brief.standing`."""
    status = shown(screen.status, screen.marks)
    inside = members(screen)
    known = screen.status.loc[inside, "premium_to_line"].isin(USABLE)
    table = screen.table.loc[inside]
    out = pd.DataFrame(
        {
            "group": table["group"],
            "ev_per_mw": table["ev_per_mw_secured"].astype(float),
            "share": table["ai_share_contracted"].astype(float),
            **{
                key: table[name].astype(float).where(known)
                for key, name in (("to_line", "premium_to_line"), ("low", "premium_to_line_low"),
                                  ("high", "premium_to_line_high"))
            },
        },
        index=inside,
    )  # fmt: skip
    out["price_to_nav"], out["unleased_share"] = math.nan, math.nan
    reasons = pd.Series("", index=inside)
    if nav is not None:
        rows, states = (
            nav.nav.table.droplevel("as_of").reindex(inside),
            nav.nav.status.droplevel("as_of").reindex(inside),
        )
        reasons = not_comparable(nav.nav).reindex(inside).fillna("")
        usable = states[f"p_{NAV}"].isin(USABLE) & (reasons == "")
        out["price_to_nav"] = rows[f"p_{NAV}"].astype(float).where(usable)
        positive = rows[f"{NAV}_usd"] > 0
        out["unleased_share"] = (rows[list(UNSIGNED)].sum(axis=1) / rows[f"{NAV}_usd"]).where(usable & positive)
    out["doubt"] = [
        _doubt(str(status.loc[ticker, "ev_per_mw_secured"]), row.unleased_share, reasons[ticker])
        for ticker, row in out.iterrows()
    ]
    return out.sort_values("to_line", ascending=False, kind="stable")[STANDING_COLUMNS]


def _doubt(status: str, unleased: float, reason: str) -> str:
    """What a company's distance to the line, and its price to NAV, rest on that is not certain; empty where nothing is."""
    told = []
    if status != "ok":
        told.append(f"EV per MW {status}")
    if reason:
        told.append(f"NAV not comparable ({reason})")
    elif unleased > 0.5:
        told.append(f"{percent(unleased)} of NAV is unleased power")
    return "; ".join(told)


def stands_out(screen: Screen, table: pd.DataFrame, nav: NavAnalysis | None) -> tuple[str, tuple[Finding, ...]]:
    """The dearest and the cheapest against the line and against NAV, each with its doubt."""
    if table.empty:
        return "Who stands out", (Finding(f"{NOBODY}.", CANNOT),)
    found: list[Finding] = []
    lined = table[table["to_line"].notna()]
    if lined.empty:
        note = screen.regression_note or "too few companies"
        found.append(Finding(f"Distance to the line not available: {note}.", CANNOT))
    else:
        places = {str(lined.index[0]): "dearest", str(lined.index[-1]): "cheapest"}
        for ticker, place in places.items():
            rank = f"the {place} of {len(lined)}" if len(places) > 1 else ""
            found.append(_against_the_line(screen, ticker, lined.loc[ticker], rank))
        found.append(_outside(lined, screen.assumptions.confidence_level))
    found += _against_nav(screen, table, nav)
    return _title(lined), tuple(found)


def _outside(lined: pd.DataFrame, level: float) -> Finding:
    """How many companies lie outside the prediction interval of the line, and which."""
    outside = lined.index[(lined["low"] > 0) | (lined["high"] < 0)]
    where = f"outside the {level:.0%} prediction interval of the line"
    if len(lined) == 1:
        text = f"{lined.index[0]} {'lies' if len(outside) else 'does not lie'} {where}."
    else:
        told = f": {listed(map(str, outside))}" if len(outside) else ""
        verb = "lie" if len(outside) > 1 else "lies"
        text = f"{len(outside) or 'None'} of {len(lined)} companies {verb} {where}{told}."
    return Finding(text, CAN if len(outside) else CANNOT, {"outside": len(outside), "n": len(lined)})


def _title(lined: pd.DataFrame) -> str:
    """Who is cheapest and dearest against the line, in a few words."""
    if len(lined) < 2:
        return "Who stands out"
    return f"Against the line {lined.index[-1]} is cheapest and {lined.index[0]} dearest"


def _against_the_line(screen: Screen, ticker: str, row: pd.Series, rank: str) -> Finding:
    basis = screen.gap.basis
    side = "above" if row["to_line"] >= 0 else "below"
    doubt = f"; {row['doubt']}" if row["doubt"] else ""
    place = f", {rank}" if rank else ""
    within = interval(row["low"], row["high"], percents=True)
    text = (
        f"{basis.dated}{ticker} {basis.verb('trades', 'traded')} {percent(abs(row['to_line']))} {side} the line of the "
        f"other companies{place} (prediction interval {within}{doubt})."
    )
    return Finding(text, CAN, {name: float(row[name]) for name in ("to_line", "low", "high")})


def _against_nav(screen: Screen, table: pd.DataFrame, nav: NavAnalysis | None) -> list[Finding]:
    if nav is None:
        return [Finding("Net asset values are not part of this run.", NOTE)]
    ratio = table["price_to_nav"].dropna()
    if ratio.empty:
        return [Finding("No company of the statistics has a comparable net asset value.", CANNOT)]
    high, low = str(ratio.idxmax()), str(ratio.idxmin())
    basis = screen.gap.basis
    text = (
        f"Against net asset value by DCF the dearest {basis.verb('is', 'was')} {high} at {multiple(ratio[high])} NAV and "
        f"the cheapest {low} at {multiple(ratio[low])}; the median company {basis.verb('trades', 'traded')} at "
        f"{multiple(ratio.median())} (n = {len(ratio)})"
    )
    unleased = table.loc[low, "unleased_share"]
    text += f". {percent(unleased)} of {low}'s NAV is power without a lease." if unleased > 0 else "."
    figures = {
        "highest": float(ratio[high]),
        "lowest": float(ratio[low]),
        "median": float(ratio.median()),
        "n": len(ratio),
    }
    return [Finding(basis.sentence(text), CAN, figures)]
