"""The brief of a screen: the gap and its certainty, the week, who stands out, the limits, and the age of the facts.

Every sentence is a finding of the screen, or states figures of its tables; none is computed anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from valuation._summary import ResultMixin, Summary
from valuation._words import SIGNIFICANT, count, day, interval, listed, multiple, percent, plural_verb
from valuation.comparison.attribution import TITLES
from valuation.findings import CAN, CANNOT, NOTE, Finding, texts
from valuation.gap.estimate import HEADLINE
from valuation.gap.findings import is_significant
from valuation.gap.lead import LINE
from valuation.groups import GROUP_NAMES
from valuation.nav.findings import not_comparable
from valuation.nav.names import HEADLINE as NAV
from valuation.nav.names import UNSIGNED
from valuation.status import USABLE, shown

if TYPE_CHECKING:
    from valuation.comparison.changes import Changes
    from valuation.nav.analysis import NavAnalysis
    from valuation.screen import Screen

GAP_POINT, WEEK, STANDING, LIMITS, FRESHNESS = "gap", "week", "standing", "limits", "freshness"
QUESTIONS = {
    GAP_POINT: "What is the gap, and how sure is it?",
    WEEK: "What changed, and why?",
    STANDING: "Who stands out?",
    LIMITS: "What cannot be said?",
    FRESHNESS: "How fresh are the facts?",
}
NOBODY = "No company can be compared yet"
NO_EARLIER_RUN = "No earlier run to compare with."
MOVERS, LEAST_MOVE = 3, 0.005
STANDING_COLUMNS = ["group", "ev_per_mw", "share", "to_line", "low", "high", "price_to_nav", "unleased_share", "doubt"]


@dataclass(frozen=True)
class Point:
    """One question of the brief and its answer.

    Attributes
    ----------
    name : str
        Key of `QUESTIONS`.
    title : str
        The answer in a few words.
    findings : tuple of Finding
        The sentences, with their figures.
    """

    name: str
    title: str
    findings: tuple[Finding, ...]

    @property
    def question(self) -> str:
        """The question that it answers."""
        return QUESTIONS[self.name]

    @property
    def text(self) -> str:
        """The sentences as one paragraph."""
        return " ".join(texts(self.findings))


@dataclass(frozen=True, repr=False)
class Brief(ResultMixin):
    """A screen in five points.

    Attributes
    ----------
    title : str
    points : tuple of Point
        In the order of `QUESTIONS`.
    standing : DataFrame
        Indexed by ticker, the dearest against the line first: group, ev_per_mw (m USD), share (contracted), to_line with
        the ends of its prediction interval low and high (fractions), price_to_nav, unleased_share (of the NAV; NaN where
        it is unknown), doubt in words.
    """

    title: str
    points: tuple[Point, ...]
    standing: pd.DataFrame

    def __getitem__(self, name: str) -> Point:
        return next(point for point in self.points if point.name == name)

    @property
    def frame(self) -> pd.DataFrame:
        """Who stands out."""
        return self.standing

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every sentence."""
        return tuple(finding for point in self.points for finding in point.findings)

    def _summary(self) -> Summary:
        return Summary(self.title, tuple(f"{point.title}. {point.text}" for point in self.points))


def brief(screen: Screen, changes: Changes | None = None) -> Brief:
    """The brief of a screen.

    Parameters
    ----------
    screen : Screen
        A report with net asset values adds price to NAV.
    changes : Changes, optional
        Since an earlier run.
    """
    nav: NavAnalysis | None = getattr(screen, "nav", None)
    table = standing(screen, nav)
    points = (
        Point(GAP_POINT, *_gap(screen)),
        Point(WEEK, *_week(changes)),
        Point(STANDING, *_standing(screen, table, nav)),
        Point(LIMITS, "What cannot be said", tuple(_limits(screen, nav))),
        Point(FRESHNESS, *_freshness(screen)),
    )
    return Brief(f"{screen.title}, {day(screen.as_of)}", points, table)


def _gap(screen: Screen) -> tuple[str, tuple[Finding, ...]]:
    """The gap of the groups or that of the line, whichever leads, with interval and p."""
    head, lead, basis = screen.gap.headline, screen.lead, screen.gap.basis
    if not _members(screen).size:
        n = len(screen.table)
        text = f"None of the {count(n, 'company', 'companies')} has an EV per secured MW that enters the statistics."
        return NOBODY, (Finding(text, CANNOT, {"companies": n}),)
    if lead.leads == LINE:
        # Why the line leads, and the gap that it implies; the terciles are on the sheet Gap.
        found = lead.findings[: 1 if lead.line is None else 2]
        if lead.line is None:
            return "The gap cannot be estimated", found
        if lead.line.p > SIGNIFICANT:
            has = basis.verb("has", "had")
            title = f"Value per megawatt {has} no statistically significant link to contracted AI revenue"
        else:
            side = "higher" if lead.line.ratio > 1 else "lower"
            title = f"More contracted AI revenue {basis.verb('goes', 'went')} with a {side} value per megawatt"
        return title, found
    own = screen.gap.findings
    leading = {"ratio", "low", "high"}
    found = tuple(one for one in own if leading <= set(one.figures) and one.figures["ratio"] == head["ratio"])[:2]
    if math.isnan(head["ratio"]):
        return "The gap cannot be estimated", tuple(one for one in own if one.kind == CANNOT)[:1]
    if not is_significant(head):
        title = f"The gap per megawatt {basis.verb('is', 'was')} not statistically significant"
    else:
        side = "premium" if head["ratio"] > 1 else "discount"
        title = f"AI-group miners {basis.verb('trade', 'traded')} at a {side} per megawatt"
    return title, (*found, _medians(head, basis.sentence))


def _members(screen: Screen) -> pd.Index:
    """The companies whose EV per secured MW is in the statistics."""
    return screen.table.index[screen.gap.members[HEADLINE[0]].reindex(screen.table.index, fill_value=False)]


def _medians(head: pd.Series, sentence: Callable[[str], str]) -> Finding:
    text = (
        f"Group medians: ${head['pivot_value']:.1f}m per secured MW in the AI group (n = {head['n_pivot']}) and "
        f"${head['bitcoin_value']:.1f}m in the mining group (n = {head['n_bitcoin']})."
    )
    names = ("pivot_value", "bitcoin_value", "n_pivot", "n_bitcoin")
    return Finding(sentence(text), CAN, {name: head[name] for name in names})


def _week(changes: Changes | None) -> tuple[str, tuple[Finding, ...]]:
    """The gap before and now, the largest moves with their main factor, contracts and changes of group."""
    if changes is None:
        return "What changed", (Finding(NO_EARLIER_RUN, CANNOT),)
    return f"Since {day(changes.before.as_of)}", (
        *_settings(changes),
        *_gap_before_and_now(changes),
        *_movers(changes),
        *_contracts(changes),
        _groups(changes),
    )


def _settings(changes: Changes) -> list[Finding]:
    if not changes.settings:
        return []
    n = len(changes.settings)
    text = f"{count(n, 'setting')} of the two runs {plural_verb(n, 'differ')}, so not every change is the market's."
    return [Finding(text, CANNOT, {"settings": n})]


def _gap_before_and_now(changes: Changes) -> list[Finding]:
    old, new = changes.before.headline, changes.after.headline
    if old["statistic"] != new["statistic"] or old["ratio"] is None or new["ratio"] is None:
        return []
    was, now = multiple(old["ratio"]), multiple(new["ratio"])
    text = f"The typical gap per secured MW was {was} and is now {now}."
    if changes.after.basis.closes_old or changes.before.basis.closes_old:
        text = f"The typical gap per secured MW was {was} in that run and {now} in this."
    return [Finding(text, CAN, {"before": old["ratio"], "now": new["ratio"]})]


def _movers(changes: Changes) -> list[Finding]:
    moved = changes.movers
    moved = moved[moved["relative"].abs() >= LEAST_MOVE].head(MOVERS)
    if moved.empty:
        return [Finding("No company's EV per secured MW moved by 0.5% or more.", NOTE)]
    told = []
    for row in moved.itertuples():
        effect = getattr(row, str(row.main))
        sign = "-" if effect < 0 else "+"
        why = f"mainly {TITLES[row.main].lower()}, {sign}${abs(effect):.2f}m"
        told.append(f"{row.Index} {percent(row.relative, signed=True)} ({why})")
    figures = {str(ticker): float(change) for ticker, change in moved["relative"].items()}
    return [Finding(f"Largest moves in EV per secured MW: {listed(told)}.", CAN, figures)]


def _contracts(changes: Changes) -> list[Finding]:
    rows = changes.contracts
    told = [
        f"{count(len(part), 'contract')} {kind} ({listed(dict.fromkeys(part['ticker']))})"
        for kind, part in rows.groupby("change", sort=False)
    ]
    return [Finding(f"Contracts: {listed(told)}.", CAN, {"contracts": len(rows)})] if told else []


def _groups(changes: Changes) -> Finding:
    moves = changes.group_moves
    if moves.empty:
        return Finding("No company changed group.", NOTE, {"companies": 0})
    told = [f"{row.Index} to the {GROUP_NAMES[row.group_after]}" for row in moves.itertuples()]
    return Finding(f"Changed group: {listed(told)}.", CAN, {"companies": len(moves)})


def standing(screen: Screen, nav: NavAnalysis | None = None) -> pd.DataFrame:
    """Each company of the statistics against the line and its net asset value; see `Brief.standing`."""
    status = shown(screen.status, screen.marks)
    inside = _members(screen)
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


def _standing(screen: Screen, table: pd.DataFrame, nav: NavAnalysis | None) -> tuple[str, tuple[Finding, ...]]:
    """The dearest and the cheapest against the line and against NAV, each with its doubt."""
    if table.empty:
        return "Who stands out", (Finding(f"{NOBODY}.", CANNOT),)
    found: list[Finding] = []
    lined = table[table["to_line"].notna()]
    if lined.empty:
        note = screen.regression_note or "too few companies"
        found.append(Finding(f"Distance to the line not available: {note}.", CANNOT))
    else:
        for ticker in dict.fromkeys((lined.index[0], lined.index[-1])):
            found.append(_against_the_line(screen, str(ticker), lined.loc[ticker]))
        outside = lined.index[(lined["low"] > 0) | (lined["high"] < 0)]
        level = screen.assumptions.confidence_level
        told = f": {listed(map(str, outside))}" if len(outside) else ""
        text = (
            f"{len(outside) or 'None'} of {len(lined)} companies {'lie' if len(outside) > 1 else 'lies'} outside the "
            f"{level:.0%} prediction interval of the line{told}."
        )
        found.append(Finding(text, CAN if len(outside) else CANNOT, {"outside": len(outside), "n": len(lined)}))
    found += _against_nav(screen, table, nav)
    return "Who stands out", tuple(found)


def _against_the_line(screen: Screen, ticker: str, row: pd.Series) -> Finding:
    basis = screen.gap.basis
    side = "above" if row["to_line"] >= 0 else "below"
    doubt = f"; {row['doubt']}" if row["doubt"] else ""
    text = (
        f"{basis.dated}{ticker} {basis.verb('trades', 'traded')} {percent(abs(row['to_line']))} {side} the line of the "
        f"other companies (prediction interval {interval(row['low'], row['high'], percents=True)}{doubt})."
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


def _limits(screen: Screen, nav: NavAnalysis | None) -> Iterable[Finding]:
    """Causality, the size of the sample, stand-ins, and what a low price to NAV does not show."""
    causal = [one for one in (*screen.gap.findings, *(() if screen.regression is None else screen.regression.findings))
              if one.kind == CANNOT and "not show that" in one.text]  # fmt: skip
    yield from causal[:1]
    yield from (one for one in screen.gap.findings if one.text.startswith("Small sample"))
    members = _members(screen)
    status = shown(screen.status, screen.marks).loc[members, "ev_per_mw_secured"]
    proxies = int(status.str.contains("proxy").sum())
    out = len(screen.table) - len(members)
    if not len(members):
        yield Finding("Nothing can be said of the gap or of a company's distance to others.", CANNOT, {"outside": out})
        if screen.review_line:
            yield Finding(f"{screen.review_line}.", NOTE)
        return
    text = (
        f"{proxies} of {len(members)} EV per secured MW in the statistics {plural_verb(proxies, 'rest')} on a "
        f"stand-in (proxy); {count(out, 'company is', 'companies are')} outside the statistics."
    )
    yield Finding(text, CANNOT, {"proxies": proxies, "n": len(members), "outside": out})
    if screen.review_line:
        yield Finding(f"{screen.review_line}.", NOTE)
    if nav is not None:
        yield from (one for one in nav.findings if one.text.startswith("A low price to net asset value"))


def _freshness(screen: Screen) -> tuple[str, tuple[Finding, ...]]:
    """Source and age of the prices, and how many figures rest on stale data."""
    basis = screen.gap.basis
    old = basis.closes_old or screen.prices_are_old
    title = "Prices are out of date" if old else "Some facts are stale" if basis.n_stale else "The facts are current"
    source, age = screen.manifest["price_source"], screen.oldest_price_days
    days = "" if not age else f", up to {count(age, 'day')} before {day(screen.as_of)}"
    if not _members(screen).size:
        title = "Prices are out of date" if old else "No fact enters the statistics"
    behind = "The closes behind the statistics are of" if _members(screen).size else "The last closes are of"
    text = f"{behind} {basis.closes} (source: {source}{days})."
    found = [Finding(text, NOTE, {"closes_old": basis.closes_old, "age_days": age})]
    if screen.fallback_line:
        found.append(Finding(f"{screen.fallback_line.rstrip('.')}.", CANNOT))
    if basis.n_stale:
        found.append(Finding(basis.stale_data, NOTE, {"n": basis.n, "n_stale": basis.n_stale}))
    elif basis.n:
        text = f"None of the {basis.n} EV per secured MW in the statistics rests on stale data."
        found.append(Finding(text, CAN, {"n": basis.n, "n_stale": 0}))
    return title, tuple(found)
