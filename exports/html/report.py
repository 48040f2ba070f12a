"""A screen with its studies, net asset values and scenarios as one HTML file."""

from __future__ import annotations

from pathlib import Path

from exports.html.render import write_html
from exports.tables.changes import changes_page
from exports.tables.contracts import contracts_page
from exports.tables.events import events_page
from exports.tables.gap import gap_page
from exports.tables.mining import mining_page
from exports.tables.mix import mix_page
from exports.tables.nav import nav_page
from exports.tables.regression import regression_page
from exports.tables.scenario import scenario_page
from exports.tables.screen import screen_page
from exports.tables.spec import Page
from valuation.comparison.changes import Changes
from valuation.screen import Screen


def pages(screen: Screen, changes: Changes | None = None) -> list[Page]:
    """The screen's page, then what changed, its studies, its net asset values and scenarios, where there are any."""
    out = [screen_page(screen, changes=changes)]
    if changes is not None:
        out.append(changes_page(changes))
    studies, nav = getattr(screen, "studies", None), getattr(screen, "nav", None)
    if studies is not None:
        out.append(gap_page(studies.gap))
        if studies.line is not None:
            out.append(regression_page(studies.line, float(screen.gap.headline["ratio"]), screen.as_of))
        out.append(mix_page(studies.mix, screen.as_of))
        if studies.events is not None:
            out.append(events_page(studies.events, screen.as_of))
    if nav is not None:
        out += [contracts_page(nav), mining_page(nav), nav_page(nav, nav.simulation)]
        out += [scenario_page(result, screen.as_of) for result in getattr(screen, "scenarios", ())]
    return out


def write_report(screen: Screen, path: Path, changes: Changes | None = None) -> None:
    """Write the screen with all its stages as HTML, whole or not at all."""
    write_html(pages(screen, changes), path)
