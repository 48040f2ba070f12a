"""`screener run`: the main job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from screener.cli.options import AliasedOption, Asked, database_option, now, paper_option, screening_options
from screener.errors import ScreenerError
from screener.files import FORMATS

if TYPE_CHECKING:
    from screener.cli.context import Context
    from screener.gathering import InputData
    from screener.screen import Valued
    from valuation.company_profile import CompanyProfile
    from valuation.comparison.changes import Changes
    from valuation.nav.scenarios import Scenario
    from valuation.report import Report
    from valuation.screen import Screen


@click.command()
@screening_options(FORMATS, always="xlsx")
@click.option(
    "--studies",
    cls=AliasedOption,
    aliases=("--research",),
    is_flag=True,
    help="Add the studies: the gap's history and specification curve, regression checks, revenue mix, events. "
    "Takes about twice as long.",
)
@click.option(
    "--nav",
    cls=AliasedOption,
    aliases=("--worth",),
    is_flag=True,
    help="Add net asset values: the sheets Backlog, NAV, DCF, Funding, Mining, Scenarios, Football field and "
    "Sensitivity. Takes some seconds more.",
)
@click.option(
    "--companies", is_flag=True, help="Add a sheet for each company, printable on three pages; implies --nav."
)
@click.option("--store", is_flag=True, help="Store the run in the history; the workbook then says what changed.")
@paper_option
@database_option
def run(asked: Asked, studies: bool, nav: bool, companies: bool, store: bool, paper: str, database: str | None) -> None:
    """Screen a universe: value each company, measure the gap, write the workbook.

    \b
    screener run
    screener run --as-of 2026-01-16 --source bundled
    screener run --groups signed --format xlsx,json --out weekly/
    screener run --studies --nav --companies
    screener run --nav --assumptions last_week.xlsx
    screener run --overrides changed.toml
    screener run --store
    """
    from exports.tables.screen import screen_page
    from exports.tables.spec import warning
    from exports.terminal.render import print_page
    from screener import files, pipeline
    from screener.cli import output
    from screener.cli.context import Context, changed_lines
    from screener.screen import screen_on, value_dates

    context = Context.of(asked)
    config, day, nav = context.config, context.as_of, nav or companies
    changes, trouble = None, None
    with context.working() as data:
        context.progress("valuing")
        valued = value_dates(config, data, day, pipeline.stage_dates(data, day, studies=studies, companies=companies))
        screen = screen_on(config, data, valued, day)
        if store:
            context.progress("keeping it in the history")
            changes, trouble = _keep(context, screen, database)
        paths = output.paths(asked.out, files.stem(screen), context.kinds, FORMATS)
        result = pipeline.add_stages(
            config, data, screen, valued,
            studies=studies, nav=nav, scenarios=_scenarios(context) if nav else (),
            indicators="html" in paths, progress=context.progress,
        )  # fmt: skip
        profiles = _profiles(context, data, result, valued) if companies and "xlsx" in paths else ()
        for kind, path in paths.items():
            context.progress(f"writing {path}")
            files.write(result, kind, path, changes, profiles, paper=paper)
    told = [warning(text) for text in context.overrides.notes] if context.overrides else []
    page = screen_page(result, every_age=asked.verbose, changes=changes)
    print_page(page.after_title(*told, *changed_lines(context.assumed)), context.console)
    for path in paths.values():
        context.written(path)
    if trouble is not None:
        raise trouble
    context.finish(result)


def _scenarios(context: Context) -> list[Scenario]:
    from screener import scenarios

    return scenarios.every(context.config.universe.sector)


def _profiles(context: Context, data: InputData, result: Report, valued: Valued) -> tuple[CompanyProfile, ...]:
    from screener.company import profiles

    context.progress("a page for each company")
    return profiles(context.config, data, result, valued, [str(ticker) for ticker in result.table.index])


def _keep(context: Context, result: Screen, database: str | None) -> tuple[Changes | None, ScreenerError | None]:
    """What changed since the run before, and why it could not be kept: a screen is written whatever its history is."""
    from screener.renames import Renames, in_tickers_of
    from screener.store import Store, keep
    from valuation.comparison.changes import Snapshot, compare

    try:
        with Store.open(database, now()) as store:
            before = store.before(result.universe, result.as_of.date())
            now_known = Snapshot.of(result)
            named = Renames.of_universe(context.config.universe)
            changes = compare(in_tickers_of(store.snapshot(before), now_known, named), now_known) if before else None
            try:
                with store.exclusive() as writer:
                    keep(writer, context.config.universe, result, context.data, "run", now())
            except ScreenerError as error:
                return changes, error
            return changes, None
    except ScreenerError as error:
        return None, error
