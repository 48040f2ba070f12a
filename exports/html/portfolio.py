"""A portfolio as one HTML file: the brief, positions, look-through, risk, liquidity, scenarios, limits and notes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from exports.html.render import Section, write_html
from exports.html.report import glossary_section
from exports.tables.formats import day, number
from exports.tables.portfolio.limits import limits
from exports.tables.portfolio.liquidity import liquidity
from exports.tables.portfolio.look_through import look_through
from exports.tables.portfolio.pages import brief_blocks, rates, risk_blocks
from exports.tables.portfolio.positions import derivatives, moved, positions
from exports.tables.portfolio.scenarios import scenario, summary
from exports.tables.screen import price_line
from exports.tables.spec import Block, Page, Points, Text
from valuation.portfolio.report import PortfolioReport
from valuation.portfolio.stress import StressResult

EVERY = 10_000  # rows: a page has room


def sections(
    report: PortfolioReport, first: tuple[StressResult, ...] = (), told: Sequence[Block] = ()
) -> list[Section]:
    """The brief as the document's own page, then a section for each of its subjects; scenarios asked for stand first.

    Parameters
    ----------
    told : sequence of Block
        What the run says of itself: a source that was not used, assumptions that were changed.
    """
    title = f"Portfolio, {day(report.as_of)}"
    held = report.portfolio.positions
    scenarios = [*first, *(one for one in report.scenarios if one not in first)]
    bodies: list[tuple[str, str, list[Block]]] = [
        ("positions", "Positions", [positions(report, EVERY), *derivatives(report), *rates(report)]),
        ("moves", "What moved", moved(report, EVERY) or [Text("No position has an earlier close.")]),
        ("look-through", "Look-through", look_through(report, EVERY, companies=True)),
        ("risk", "Risk", risk_blocks(report)),
        ("liquidity", "Days to liquidate", liquidity(report)),
        ("scenarios", "Scenarios", [summary(scenarios, held)]),
    ]
    out = [Section(Page(title, [*told, price_line(report), *brief_blocks(report)]), "portfolio", level=1)]
    out += [Section(Page(name, blocks), anchor, name) for anchor, name, blocks in bodies]
    for place, one in enumerate(scenarios):
        name = f"{one.title}, by {one.method}: {number(one.pnl, '{:+.1%}')} of net value"
        page = Page(name, scenario(one, held))
        out.append(Section(page, f"scenario-{place + 1}", name, level=3, folded=one not in first))
    out.append(Section(Page("Limits", limits(report)), "limits", "Limits"))
    out.append(Section(Page("Record", [Points("Run and files", _record(report))]), "record", "Record"))
    return [*out, glossary_section()]


def write_portfolio(
    report: PortfolioReport, path: Path, first: tuple[StressResult, ...] = (), told: Sequence[Block] = ()
) -> None:
    """Write the portfolio as HTML, whole or not at all."""
    write_html(sections(report, first, told), path)


def _record(report: PortfolioReport) -> list[str]:
    """Which run on which files."""
    manifest = report.manifest
    files = [f"{name}: SHA-256 {digest}." for name, digest in manifest["holdings_sha256"].items()]
    run = f"Run {manifest['run_id']}, version {manifest['version']}, universe {manifest['universe']}"
    return [f"{run}, screen {manifest['screen_run_id']}.", *files]
