"""A screen with its studies, net asset values and scenarios as one HTML file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from exports.commentary.glossary import glossary
from exports.html.render import Section, write_html
from exports.tables.changes import changes_page
from exports.tables.company import company_page
from exports.tables.contracts import contracts_page
from exports.tables.events import events_page
from exports.tables.evidence import data_as_of_page, sources_page
from exports.tables.formats import day
from exports.tables.gap import gap_page
from exports.tables.indicators import indicators_page
from exports.tables.mining import mining_page
from exports.tables.mix import mix_page
from exports.tables.nav import nav_page
from exports.tables.plots import scatter
from exports.tables.regression import regression_page
from exports.tables.scenario import scenario_page
from exports.tables.screen import screen_page
from exports.tables.signing import signing_page
from exports.tables.spec import Block, Page, TableSpec, Terms, Text, note
from valuation.company_profile import profiles
from valuation.comparison.changes import Changes
from valuation.report import Report
from valuation.screen import Screen

HOW = {
    "studies": "The gap's history and tests, the indicators, revenue mix, events and the signing study",
    "nav": "Contracts, the lease tape, net asset values, scenarios and a section for each company",
}


def sections(screen: Screen, changes: Changes | None = None) -> list[Section]:
    """The screen with its brief and chart, then every part that was computed, sources and glossary last."""
    report = screen if isinstance(screen, Report) else Report.of(screen)
    first = with_chart(screen_page(report, changes=changes), chart(report))
    absent = [name for name in HOW if getattr(report, name) is None]
    ways = [note(f"{HOW[name]} are on this page after `screener run --{name} --format html`.") for name in absent]
    first = Page(first.title, (*first.blocks, *ways), first.content, first.files)
    out = [Section(first, "screen", level=1)]
    if changes is not None:
        out.append(Section(changes_page(changes), "changes", "What changed"))
    out += [*_studies(report), *_nav(report, changes)]
    out.append(Section(data_as_of_page(report), "data", "Data as of"))
    out.append(Section(sources_page(report.facts, report.contracts, report.as_of), "sources", "Sources", folded=True))
    return [*out, glossary_section()]


def chart(report: Report) -> Block:
    """EV per secured MW against contracted AI share, with the line, its band and the companies' names."""
    line = report.regression
    sample, level, p = (None, 0.95, None) if line is None else (line.sample, line.level, line.wild.p_value)
    return scatter(report.table, sample, level, report.as_of, p)


def with_chart(page: Page, shown: Block) -> Page:
    """The page with a chart between its brief and its first table."""
    first = next(place for place, block in enumerate(page.blocks) if isinstance(block, TableSpec))
    return Page(page.title, (*page.blocks[:first], shown, *page.blocks[first:]), page.content, page.files)


def _studies(report: Report) -> Iterator[Section]:
    found, as_of = report.studies, report.as_of
    if found is None:
        return
    yield Section(gap_page(found.gap), "gap", "The gap")
    if found.line is not None:
        yield Section(
            regression_page(found.line, float(report.gap.headline["ratio"]), as_of), "regression", "Regression"
        )
    if report.indicators is not None:
        yield Section(indicators_page(report.indicators), "indicators", "Indicators")
    yield Section(mix_page(found.mix, as_of), "mix", "Revenue mix")
    if found.signing is not None:
        yield Section(signing_page(found.signing), "signing", "Signing study")
    if found.events is not None:
        yield Section(events_page(found.events, as_of), "events", "Events")


def _nav(report: Report, changes: Changes | None) -> Iterator[Section]:
    nav = report.nav
    if nav is None:
        return
    yield Section(contracts_page(nav), "contracts", "Contracts")
    yield Section(mining_page(nav), "mining", "Mining")
    yield Section(nav_page(nav, nav.simulation), "nav", "Net asset value")
    if report.scenarios:
        about = Text(f"Net asset values under each scenario, {day(report.as_of)}.")
        yield Section(Page("Scenarios", (about,)), "scenarios", "Scenarios")
    for result in report.scenarios:
        name = result.scenario.name
        yield Section(scenario_page(result, report.as_of), f"scenario-{name}", name, level=3, folded=True)
    about = Text(
        f"Price to EV, power, contracts and phases, net asset value, changes and sources, {day(report.as_of)}."
    )
    yield Section(Page("Companies", (about,)), "companies", "Companies")
    for ticker, found in profiles(report, changes).items():
        yield Section(company_page(found), f"company-{ticker}", ticker, level=3, folded=True)


def glossary_section() -> Section:
    """The terms by subject."""
    blocks: list[Block] = []
    for subject, rows in glossary().items():
        blocks += [Text(subject, "heading"), Terms(rows)]
    return Section(Page("Glossary", blocks), "glossary", "Glossary", folded=True)


def write_report(screen: Screen, path: Path, changes: Changes | None = None) -> None:
    """Write the screen with all its stages as HTML, whole or not at all."""
    write_html(sections(screen, changes), path)
