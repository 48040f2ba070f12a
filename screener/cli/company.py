"""`screener company`: one company on one page."""

from __future__ import annotations

import click

from screener.cli.options import Asked, screening_options


@click.command()
@click.argument("ticker")
@screening_options()
def company(asked: Asked, ticker: str) -> None:
    """One company on one page: price to EV, power, contracts and phases, NAV, funding, history, credit, sources.

    \b
    screener company CIFR --as-of 2026-10-05 --source bundled
    screener company IREN --format html,json
    """
    from exports.tables.company import company_page
    from screener.cli.context import Context
    from screener.cli.nav import known_in
    from screener.company import company as study

    context = Context.of(asked)
    universe = context.config.universe
    name = known_in(ticker, universe.companies["ticker"], universe.name, universe.renames)
    with context.working() as data:
        report, found = study(context.config, data, context.as_of, name, context.progress)
    context.answer(company_page(found), f"company_{name}", report)
    context.finish(report)
