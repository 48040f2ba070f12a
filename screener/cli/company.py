"""`screener company`: one company on one page."""

from __future__ import annotations

import click

from screener.cli.options import MACHINE, Asked, paper_option, screening_options

WORKBOOK = "xlsx"


@click.command()
@click.argument("ticker")
@screening_options((*MACHINE, WORKBOOK))
@paper_option
def company(asked: Asked, ticker: str, paper: str) -> None:
    """One company on one page: price to EV, power, contracts and phases, NAV, funding, history, credit, sources.

    \b
    screener company CIFR --as-of 2026-10-05 --source bundled
    screener company IREN --format html,json
    screener company IREN --format xlsx
    """
    from exports.tables.company import company_page
    from screener import files, scenarios
    from screener.cli import output
    from screener.cli.context import Context
    from screener.cli.nav import known_in
    from screener.company import company as study

    context = Context.of(asked)
    universe = context.config.universe
    name = known_in(ticker, universe.companies["ticker"], universe.name, universe.renames)
    workbook = WORKBOOK in context.kinds
    every = scenarios.every(universe.sector) if workbook else []
    with context.working() as data:
        report, found = study(context.config, data, context.as_of, name, context.progress, every)
    context.answer(company_page(found), f"company_{name}", report)
    if workbook:
        # The company's sheet with every sheet that it links to.
        path = output.paths(asked.out, context.stem(f"company_{name}"), [WORKBOOK], asked.formats)[WORKBOOK]
        files.write(report, WORKBOOK, path, profiles=[found], paper=paper)
        context.written(path)
    context.finish(report)
