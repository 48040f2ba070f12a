"""The brief of a screen: the gap and its certainty, the week, who stands out, the limits, and the age of the facts.

Every sentence is a finding of the screen, or states figures of its tables; none is computed anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import pandas as pd

from valuation._words import SIGNIFICANT, count, day, listed, plural_verb
from valuation.brief.result import FRESHNESS, GAP_POINT, LIMITS, NOBODY, STANDING, WEEK, Brief, Point
from valuation.brief.standing import members, standing, stands_out
from valuation.brief.week import week
from valuation.comparison.changes import Changes
from valuation.findings import CAN, CANNOT, NOTE, Finding
from valuation.freshness import Basis, current_data
from valuation.gap.findings import attainable_p, estimate, is_significant, not_causal, significance, small_sample
from valuation.gap.lead import LINE
from valuation.nav.findings import NOT_UNDERVALUED
from valuation.regression.findings import not_causal as line_not_causal
from valuation.screen import Screen
from valuation.status import shown

if TYPE_CHECKING:
    from valuation.nav.analysis import NavAnalysis

STALE_NAMED = 6


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
        Point(WEEK, *week(changes)),
        Point(STANDING, *stands_out(screen, table, nav)),
        Point(LIMITS, "What cannot be said", tuple(_limits(screen, nav))),
        Point(FRESHNESS, *_freshness(screen)),
    )
    return Brief(f"{screen.title}, {day(screen.as_of)}", points, table)


def _gap(screen: Screen) -> tuple[str, tuple[Finding, ...]]:
    """The gap of the groups or that of the line, whichever leads, with interval and p."""
    head, lead, basis = screen.gap.headline, screen.lead, screen.gap.basis
    if not members(screen).size:
        n = len(screen.table)
        who = f"None of the {n} companies has an" if n != 1 else "The company has no"
        text = f"{who} EV per secured MW that enters the statistics."
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
    found = (*estimate(head, screen.gap.level, basis), *significance(head, basis))
    if math.isnan(head["ratio"]):
        return "The gap cannot be estimated", found
    if not is_significant(head):
        title = f"The gap per megawatt {basis.verb('is', 'was')} not statistically significant"
    else:
        side = "premium" if head["ratio"] > 1 else "discount"
        title = f"AI-group miners {basis.verb('trade', 'traded')} at a {side} per megawatt"
    return title, (*found, _medians(head, basis.sentence))


def _medians(head: pd.Series, sentence: Callable[[str], str]) -> Finding:
    text = (
        f"Group medians: ${head['pivot_value']:.1f}m per secured MW in the AI group (n = {head['n_pivot']}) and "
        f"${head['bitcoin_value']:.1f}m in the mining group (n = {head['n_bitcoin']})."
    )
    names = ("pivot_value", "bitcoin_value", "n_pivot", "n_bitcoin")
    return Finding(sentence(text), CAN, {name: head[name] for name in names})


def _limits(screen: Screen, nav: NavAnalysis | None) -> Iterable[Finding]:
    """Figures held back, causality, the size of the sample, stand-ins, and what a low price to NAV does not show."""
    head, inside = screen.gap.headline, members(screen)
    line = [] if screen.regression is None else [line_not_causal()]
    if screen.held_line:
        yield Finding(f"{screen.held_line}.", CANNOT)
    yield from (not_causal(head) or line)
    yield from (*small_sample(head), *attainable_p(head))
    review = [Finding(f"{screen.review_line}.", NOTE)] if screen.review_line else []
    out = len(screen.table) - len(inside)
    if not len(inside):
        yield Finding("Nothing can be said of the gap or of a company's distance to others.", CANNOT, {"outside": out})
        yield from review
        return
    proxies = int(shown(screen.status, screen.marks).loc[inside, "ev_per_mw_secured"].str.contains("proxy").sum())
    text = (
        f"{proxies} of {len(inside)} EV per secured MW in the statistics {plural_verb(proxies, 'rest')} on a "
        f"stand-in (proxy); {count(out, 'company is', 'companies are')} outside the statistics."
    )
    yield Finding(text, CANNOT, {"proxies": proxies, "n": len(inside), "outside": out})
    yield from review
    if nav is not None and NOT_UNDERVALUED in nav.findings:
        yield NOT_UNDERVALUED


def _freshness(screen: Screen) -> tuple[str, tuple[Finding, ...]]:
    """Source and age of the prices, and how many figures rest on stale data."""
    basis = screen.gap.basis
    old = basis.closes_old or screen.prices_are_old
    title = "Prices are out of date" if old else "Some facts are stale" if basis.n_stale else "The facts are current"
    source, age = screen.manifest["price_source"], screen.oldest_price_days
    days = "" if not age else f", up to {count(age, 'day')} before {day(screen.as_of)}"
    if not members(screen).size:
        title = "Prices are out of date" if old else "No fact enters the statistics"
    behind = "The closes behind the statistics are of" if members(screen).size else "The last closes are of"
    text = f"{behind} {basis.closes} (source: {source}{days})."
    found = [Finding(text, NOTE, {"closes_old": basis.closes_old, "age_days": age})]
    if screen.fallback_line:
        found.append(Finding(f"{screen.fallback_line.rstrip('.')}.", CANNOT))
    if basis.n_stale:
        found.append(Finding(_stale(basis), NOTE, {"n": basis.n, "n_stale": basis.n_stale}))
    elif basis.n:
        found.append(Finding(current_data(basis), CAN, {"n": basis.n, "n_stale": 0}))
    return title, tuple(found)


def _stale(basis: Basis) -> str:
    """How many figures rest on stale data, and whose; where every close is old, a list of all companies says no more."""
    if basis.n_old_closes == basis.n:
        return basis.stale_data
    more = len(basis.stale) - STALE_NAMED
    shown = [*basis.stale[:STALE_NAMED], count(more, "other", "others")] if more > 0 else list(basis.stale)
    if basis.n_old_closes:
        return f"{basis.stale_data} Stale: {listed(shown)}."
    begin = f"{basis.n_stale} of {basis.n} {basis.measure} {plural_verb(basis.n_stale, 'rest')} on stale facts"
    return f"{begin}: {listed(shown)}."
