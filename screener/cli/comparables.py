"""`screener comparables`: data-centre companies, markets and deals beside the miners' multiples."""

from __future__ import annotations

import click

from screener.cli.options import Asked, screening_options


@click.command()
@screening_options()
def comparables(asked: Asked) -> None:
    """Data-centre companies, market cap rates and private deals per MW beside the miners' medians.

    \b
    screener comparables --as-of 2026-10-05 --source bundled
    """
    from exports.tables.comparables import comparables_page
    from screener.cli.context import Context
    from screener.studies.comparables import comparables as study

    context = Context.of(asked)
    screen = context.screened()
    context.answer(comparables_page(study(context.data, screen, context.as_of)), "comparables", screen)
    context.finish(screen)
