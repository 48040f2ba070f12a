"""The pages of the three commands on a portfolio."""

from __future__ import annotations

from exports.tables.formats import day
from exports.tables.portfolio.brief import brief, caveats
from exports.tables.portfolio.content import content_of
from exports.tables.portfolio.limits import limits
from exports.tables.portfolio.liquidity import liquidity
from exports.tables.portfolio.look_through import look_through
from exports.tables.portfolio.positions import derivatives, moved, positions
from exports.tables.portfolio.risk import risk
from exports.tables.portfolio.scenarios import scenario
from exports.tables.screen import price_line
from exports.tables.spec import Block, Page, Points, Text, bad, note
from valuation.portfolio.report import PortfolioReport
from valuation.portfolio.stress import StressResult

MOVED_SHOWN = 5


def value_page(report: PortfolioReport) -> Page:
    """The brief, positions, what moved, and backlog by counterparty."""
    blocks: list[Block] = [price_line(report), *brief_blocks(report), positions(report), *derivatives(report)]
    blocks += [*moved(report, MOVED_SHOWN), *rates(report), *look_through(report)]
    return _page(report, "", blocks)


def risk_page(report: PortfolioReport) -> Page:
    """Volatility, tail losses, betas, contributions, concentration and every limit."""
    blocks = [*risk_blocks(report), *liquidity(report), *limits(report)]
    return _page(report, ": risk", [price_line(report), *blocks])


def scenario_page(report: PortfolioReport, scenarios: tuple[StressResult, ...]) -> Page:
    """Each position's change under a scenario, by each method there is for it."""
    blocks: list[Block] = [price_line(report)]
    for one in scenarios:
        blocks += scenario(one, report.portfolio.positions)
    return _page(report, ": scenario", blocks)


def brief_blocks(report: PortfolioReport) -> list[Block]:
    """The brief, a paragraph a point, the caveats, and what reading the files left to say."""
    lines = [Text(line.text, "bad" if line.warn else "", f"{line.title}.") for line in brief(report)]
    notes = [f"{note}." for note in report.notes]
    return [*lines, Points("Caveats", caveats(report), "warn"), Points("Notes on the files and prices", notes)]


def risk_blocks(report: PortfolioReport) -> list[Block]:
    """What the portfolio can lose, or why that is not known."""
    if report.risk is None:
        return [bad(f"Risk: estimate not available ({report.risk_note}).")]
    return risk(report.risk, report.portfolio.net)


def rates(report: PortfolioReport) -> list[Block]:
    """Exchange rates of the currencies held but US dollars."""
    others = report.fx.drop(index="USD")
    if others.empty:
        return []
    told = "; ".join(f"{code} {row.usd:.4f} USD ({row.source})" for code, row in others.iterrows())
    return [note(f"Exchange rates: {told}.")]


def _page(report: PortfolioReport, what: str, blocks: list[Block]) -> Page:
    content, files = content_of(report)
    return Page(f"Portfolio{what}, {day(report.as_of)}", blocks, content, files)
