"""`screener portfolio`: what is held, what it owns, what it can lose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from screener.cli import output
from screener.cli.options import MACHINE, Asked, Command, Number, paper_option, screening_options

if TYPE_CHECKING:
    from exports.tables.spec import Page
    from screener.cli.context import Context
    from valuation.portfolio.report import PortfolioReport
    from valuation.portfolio.stress import StressResult

FORMATS = ("xlsx", *MACHINE)
SCENARIO_NAMES = ("bitcoin", "gap-closes-down", "gap-closes-up", "tenant")


@click.group()
def portfolio() -> None:
    """Holdings from a broker's CSV or xlsx file: value, look-through, risk, scenarios, limits.

    \b
    screener portfolio value positions.csv --as-of 2026-10-05
    screener portfolio risk schwab.csv fidelity.csv --fx CAD=0.72
    screener portfolio scenario bitcoin positions.csv

    Exports of Fidelity, Charles Schwab, Vanguard, E*TRADE, Merrill, Interactive Brokers, Questrade, DEGIRO, flatex, Trading
    212, Revolut, Yahoo, Ghostfolio and Portfolio Performance load unchanged (docs/holdings.md); so does any table with a
    symbol and a quantity: columns such as cost basis, average cost, price, market value, currency, account are found by
    their names. A negative quantity is a short; CASH, money markets and sweeps are cash; lots of one account are added.
    Several files are several accounts.

    How each file was read stands in a line of the notes. Figures that contradict each other (quantity times price and the
    value, the lines and their total, the price and the close), a number or a day with two readings, and histories of trades
    refuse a file and name the option that decides. A line that cannot be read is left out and listed.
    """


# How a file is read where it leaves that open.
READING = (
    click.option("--decimal", type=click.Choice([".", ","]), help="Decimal mark, where the numbers do not show it."),
    click.option(
        "--date-order",
        type=click.Choice(["dmy", "mdy"]),
        help="Order of day and month in 7/1/2026, where the file does not show it.",
    ),
    click.option(
        "--currency", metavar="CODE", help="Currency of prices, where the file names none; GBX, ZAC and ILA are hundredths."
    ),
    click.option("--sheet", metavar="NAME", help="Sheet of a workbook to read.  [default: every visible one]"),
    click.option(
        "--kind", "kinds", multiple=True, metavar="TICKER=KIND",
        help="Kind of a holding: equity, fund, coin, cash, option, future, bond or cfd, as BTC=coin.",
    ),
    click.option(
        "--accept", multiple=True, metavar="LINE|TICKER",
        help="Lines (5, positions.csv:5) or tickers whose figures may disagree; quantities and closes are used.",
    ),
)  # fmt: skip


def holdings_options(command: Command) -> Command:
    """What every command on holdings takes."""
    for option in reversed(
        (
            click.argument("holdings", nargs=-1, required=True, metavar="HOLDINGS...", type=click.Path(path_type=Path)),
            click.option(
                "--fx",
                multiple=True,
                metavar="CODE=USD",
                help="Exchange rate in USD per unit, as CAD=0.72; else from the source.",
            ),
            click.option(
                "--holdings-date",
                type=click.DateTime(["%Y-%m-%d"]),
                metavar="DATE",
                help="Date of the quantities, for later splits.  [default: the file's own, else the as-of date]",
            ),
            *READING,
            click.option(
                "--allow-duplicates", is_flag=True, help="Add equal lines as separate lots instead of refusing them."
            ),
            click.option(
                "--limits", type=click.Path(path_type=Path), metavar="FILE", help="Limits from a TOML file, [limits]."
            ),
            click.option(
                "--weeks", type=click.IntRange(27, 1000), default=104, show_default=True, help="Weeks of returns."
            ),
            click.option(
                "--frequency",
                type=click.Choice(["weekly", "daily"]),
                default="weekly",
                show_default=True,
                help="Frequency of the returns: weekly closes, or daily ones from a live source.",
            ),
            screening_options(FORMATS),
            paper_option,
        )
    ):
        command = option(command)
    return command


@portfolio.command()
@holdings_options
def value(asked: Asked, **options: Any) -> None:
    """Value holdings: prices, exposure, weights, profit and loss, what moved, and what the shares own.

    \b
    screener portfolio value positions.csv --as-of 2026-10-05 --source bundled
    screener portfolio value positions.csv --fx CAD=0.72 --out portfolio.xlsx
    screener portfolio value positions.csv --format html,json --out weekly/
    """
    from exports.tables.portfolio import value_page

    context, report = _report(asked, options)
    _finish(context, report, options["paper"], value_page(report))


@portfolio.command()
@holdings_options
def risk(asked: Asked, **options: Any) -> None:
    """Risk of holdings: volatility, value at risk, expected shortfall, betas, days to liquidate, limits.

    \b
    screener portfolio risk positions.csv
    screener portfolio risk positions.csv --limits limits.toml --weeks 52
    """
    from exports.tables.portfolio import risk_page

    context, report = _report(asked, options)
    _finish(context, report, options["paper"], risk_page(report))


@portfolio.command()
@click.argument("name", metavar="NAME|FILE.toml")
@holdings_options
@click.option("--shock", type=Number(-1, 10), default=-0.3, show_default=True, help="Change of the bitcoin price.")
@click.option(
    "--tenant", metavar="NAME", help="Counterparty that defaults.  [default: the one with the largest backlog]"
)
def scenario(asked: Asked, name: str, **options: Any) -> None:
    """Stress holdings: bitcoin, gap-closes-down, gap-closes-up, tenant, or any scenario of `screener scenario`.

    \b
    screener portfolio scenario bitcoin positions.csv --shock -0.5
    screener portfolio scenario gap-closes-down positions.csv
    screener portfolio scenario tenant positions.csv --tenant CoreWeave
    screener portfolio scenario fluidstack-defaults positions.csv
    screener portfolio scenario my_scenario.toml positions.csv

    Prices follow the scenario's net asset values at constant price to net asset value, as in `screener scenario run`.
    """
    from exports.tables.portfolio import scenario_page
    from screener.errors import NotKnown

    if name not in SCENARIO_NAMES:
        from screener import scenarios

        options["scenarios"] = (scenarios.load(name),)
    context, report = _report(asked, options)
    wanted = options["scenarios"][0].name if "scenarios" in options else name
    # Asked for by file, a scenario may bear the name of one that every report has: it is the last.
    every = report.scenarios[-1:] if "scenarios" in options else report.scenarios
    chosen = tuple(s for s in every if s.name == wanted)
    if not chosen:
        raise NotKnown("no position is a company with a signed contract: there is no tenant to fail")
    _finish(context, report, options["paper"], scenario_page(report, chosen), chosen)


def _report(asked: Asked, options: dict[str, Any]) -> tuple[Context, PortfolioReport]:
    import pandas as pd

    from screener import portfolio as job
    from screener.cli.context import Context
    from screener.errors import StrictError

    context = Context.of(asked)
    day, limits = options["holdings_date"], options["limits"]
    more = {key: options[key] for key in ("shock", "tenant", "scenarios") if key in options}
    settings = job.Settings(
        fx=job.parse_fx(options["fx"]),
        holdings_date=None if day is None else pd.Timestamp(day),
        allow_duplicates=options["allow_duplicates"],
        weeks=options["weeks"],
        frequency=options["frequency"],
        limits=job.load_limits(limits) if limits else None,
        **more,
    )
    choices = job.Choices(
        decimal=options["decimal"] or "",
        date_order=options["date_order"] or "",
        currency=job.parse_currency(options["currency"] or ""),
        sheet=options["sheet"] or "",
        kinds=job.parse_kinds(options["kinds"]),
        accept=job.parse_accept(options["accept"]),
        day=day is not None,
        allow_duplicates=settings.allow_duplicates,
    )
    holdings = job.read(options["holdings"], choices)
    if asked.strict and holdings.left_out:
        raise StrictError(f"{holdings.rows_left_out} (--strict):\n" + "\n".join(map(str, holdings.left_out[:20])))
    with context.working() as data:
        return context, job.report(context.config, data, holdings, context.as_of, settings)


def _finish(
    context: Context, report: PortfolioReport, paper: str, page: Page, chosen: tuple[StressResult, ...] = ()
) -> None:
    from exports.tables.spec import bad
    from exports.terminal.render import print_page

    left_out = report.manifest["rows_left_out"]
    told = [bad(f"{left_out}: they could not be read and are in no total (see the notes).")] if left_out else []
    page = page.after_title(*told, *context.notes())
    print_page(page, context.console)
    out, stem = context.asked.out, f"portfolio_{report.as_of:%Y-%m-%d}"
    if "xlsx" in context.kinds:
        from exports.workbook.portfolio import write

        path = output.paths(out, stem, ["xlsx"], FORMATS)["xlsx"]
        write(report, path, paper=paper)
        context.written(path)
    if "html" in context.kinds:
        from exports.html.portfolio import write_portfolio

        path = output.paths(out, stem, ["html"], FORMATS)["html"]
        write_portfolio(report, path, chosen, context.notes())
        context.written(path)
    machine = [kind for kind in context.kinds if kind not in ("xlsx", "html")]
    if machine:
        beside = out.with_suffix(f".{machine[0]}") if out is not None and output.suffix(out, FORMATS) else out
        output.write(page, beside, stem, machine, quiet=context.asked.quiet)
    context.finish()
