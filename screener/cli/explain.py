"""`screener explain`: one figure walked back to its facts."""

from __future__ import annotations

import click

from screener.cli.options import Asked, screening_options

GAP = "gap"


@click.command()
@click.argument("ticker", metavar="TICKER|gap")
@click.argument("metric", required=False)
@screening_options()
def explain(asked: Asked, ticker: str, metric: str | None) -> None:
    """Explain one figure: its formula in words and numbers, inputs, sources, and what 10% more of each would do.

    With `gap` the headline is explained: the two groups and the pairs of companies that make the median.

    \b
    screener explain HUT ev_per_mw_secured --as-of 2026-10-05 --source bundled
    screener explain gap
    """
    from exports.tables.explain import explain_gap_page, explain_page
    from screener.cli.context import Context
    from screener.cli.nav import known_in
    from screener.errors import NotKnown
    from screener.provenance import lists_used
    from screener.screen import screen_on, value_dates
    from valuation.errors import UnknownName
    from valuation.explanation.explain import explain as walk_back
    from valuation.explanation.pairs import pairs
    from valuation.freshness import max_age_days
    from valuation.metrics import metric as named

    if (metric is None) != (ticker.lower() == GAP):
        raise click.UsageError("give a ticker and a metric, or gap alone; `screener metrics` lists the metrics")
    if metric is not None:
        try:
            named(metric)
        except UnknownName as error:
            raise NotKnown(f"{error}; `screener metrics` lists the metrics") from error
    context = Context.of(asked)
    universe, assumptions = context.config.universe, context.config.assumptions
    name = GAP if metric is None else known_in(ticker, universe.companies["ticker"], universe.name, universe.renames)

    def oldest(item: str) -> float:
        return max_age_days(item, assumptions)

    with context.working() as data:
        valued = value_dates(context.config, data, context.as_of)
        screen = screen_on(context.config, data, valued, context.as_of)
        if metric is None:
            page = explain_gap_page(screen, pairs(screen))
        else:
            more = lists_used(data.known_on(context.as_of), valued.inputs)
            page = explain_page(walk_back(screen, valued.inputs, name, metric, oldest, more), screen.rule)
    context.answer(page, f"explain_{name}" + (f"_{metric}" if metric else ""), screen)
    context.finish(screen)
